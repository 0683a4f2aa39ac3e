"""How a chapter ends: a picture in the terminal, the same as a file where matplotlib is, and one sentence."""

import importlib.util
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn import plot

__all__ = ["say", "show"]


def show(sketch: str, figure: Callable[[], Any], path: Path) -> None:
    """Print the sketch; where matplotlib is installed, make the figure and save it too, beside and then into place."""
    print(f"\n{sketch}")
    if importlib.util.find_spec("matplotlib"):
        plot.save(figure(), path)
        print(f"({path} has it as a picture)")


def say(sentence: str) -> None:
    """Print what the numbers show, in lines of 100 letters.

    >>> say("Two and two are four.")
    <BLANKLINE>
    Two and two are four.
    """
    print(f"\n{textwrap.fill(sentence, 100)}", flush=True)
