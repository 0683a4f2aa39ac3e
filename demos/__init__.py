"""The tour: what glassgrad does, chapter by chapter: ``python -m demos``, or one chapter, ``python -m demos.iris``."""

import sys

if sys.version_info < (3, 11):  # in a bare clone, where no installer has looked
    sys.exit(
        f"glassgrad needs Python 3.11 or newer, and this is {sys.version.split()[0]}: try python3.13 -m demos, say"
    )
