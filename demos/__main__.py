"""python -m demos: the tour, then a list of all chapters; python -m demos NAME runs one of them."""

import importlib
import importlib.util
import sys

from demos import CHAPTERS, TOUR
from demos.chapter import run
from demos.picture import say, wrapped

__all__ = ["main"]


def main(folder: str = ".") -> None:
    """Run the chapters of the tour, list all there are, and say what an installation would add."""
    for number, name in enumerate(TOUR, 1):
        print(f"\n{wrapped(f'{number}. {CHAPTERS[name]}   (python -m demos {name})', 3)}\n")
        importlib.import_module(f"demos.{name}").main(folder)
    print("\nAll chapters, in the order in which one would teach them:\n")
    for name, title in CHAPTERS.items():
        print(wrapped(f"python -m demos {name:<18} {title}", 34))
    if importlib.util.find_spec("numpy") is None:
        adds = "arrays of Values through NumPy, which trains faster, and pictures of graphs"
        how = f"An installation (the first command of README.md) adds {adds}."
        say(f"This ran on Python's standard library alone. {how}")
    if importlib.util.find_spec("matplotlib") is None:
        say("With matplotlib, pip install 'glassgrad[plots]', each picture is a PNG as well.")


if __name__ == "__main__":
    chosen = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1] in CHAPTERS else ""
    run(importlib.import_module(f"demos.{chosen}").main if chosen else main, tour=not chosen)
