"""How a chapter ends: a picture in the terminal, the same as a file where matplotlib is, and one
sentence."""

import importlib.util
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nn import plot, sketch

__all__ = ["say", "show", "show_both", "wrapped"]

WIDEST = 100  # longer lines are hard to read, however wide a terminal is


def show(drawing: str, *what: Any, file: Path, **options: Any) -> None:
    """Show ``losses``, ``lines``, ``bars`` or a ``boundary``: see ``show_both``."""
    figure = getattr(plot, drawing)
    show_both(getattr(sketch, drawing)(*what, **options), lambda: figure(*what, **options), file)


def show_both(sketched: str, figure: Callable[[], Any], file: Path) -> None:
    """Print the sketch; where matplotlib is installed, make the figure and save it too."""
    print(f"\n{sketched}")
    if importlib.util.find_spec("matplotlib"):
        plot.save(figure(), file)
        print(f"({file} has it as a picture)")


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
    width = max(min(shutil.get_terminal_size().columns, WIDEST), 2 * indent, 1)
    return textwrap.fill(text, width, subsequent_indent=" " * indent, break_on_hyphens=False)
