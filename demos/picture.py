"""How a chapter ends: a picture in the terminal, the same as a file where matplotlib is, and one
sentence.
"""

import importlib.util
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn import plot

__all__ = ["say", "show", "wrapped"]

WIDEST = 100  # longer lines are hard to read, however wide a terminal is


def show(sketch: str, figure: Callable[[], Any], path: Path) -> None:
    """Print the sketch; where matplotlib is installed, make the figure and save it too, beside and
    then into place.
    """
    print(f"\n{sketch}")
    if importlib.util.find_spec("matplotlib"):
        plot.save(figure(), path)
        print(f"({path} has it as a picture)")


def say(sentence: str) -> None:
    """Print what the numbers show, in lines that the terminal has room for.

    >>> say("Two and two are four.")
    <BLANKLINE>
    Two and two are four.
    """
    print(f"\n{wrapped(sentence)}", flush=True)


def wrapped(text: str, indent: int = 0) -> str:
    """The text in lines as wide as the terminal, and at most 100 letters; all but the first begin
    with spaces.

    >>> wrapped("Two and two are four.")
    'Two and two are four.'
    """
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return textwrap.fill(
        text, max(width, 2 * indent, 1), subsequent_indent=" " * indent, break_on_hyphens=False
    )
