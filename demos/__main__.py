"""python -m demos: the tour. Every chapter is a file here with a ``main()``, and runs alone as python -m demos.NAME."""

import importlib
import importlib.util
import os
import sys

CHAPTERS = {
    "expression": "An expression and its gradients",
    "stepping": "The reverse pass of one neuron, step by step",
    "drawing": "The same as a picture, and as a page to play",
    "check": "Gradients checked, and a planted bug found",
    "iris": "A network learns a real data set: Iris",
}


def main() -> None:
    """Run every chapter, then say what an installation would add."""
    for number, (name, title) in enumerate(CHAPTERS.items(), 1):
        print(f"\n{number}. {title}   (python -m demos.{name})\n")
        importlib.import_module(f"demos.{name}").main()
    print()
    missing = [name for name in ("numpy", "graphviz") if importlib.util.find_spec(name) is None]
    if missing:
        print("This ran on Python's standard library alone. An installation (the first command of README.md) adds "
              "arrays of Values through NumPy, and pictures of graphs.")  # fmt: skip
    else:
        print("Next: README.md, or one chapter again: " + ", ".join(f"python -m demos.{name}" for name in CHAPTERS))


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # terminals that cannot show █
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as in python -m demos | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would flush once more at its end
