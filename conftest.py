"""What is collected: the tests of pictures need matplotlib, of the extra ``plots``."""

from importlib.util import find_spec

PICTURES = ["nn/plotting/mpl/*.py", "tests/nn/plotting/test_mpl.py"]
collect_ignore_glob = [] if find_spec("matplotlib") else PICTURES
