"""The tour: what glassgrad does, chapter by chapter: ``python -m demos``, or one chapter, ``python -m demos.iris``."""
