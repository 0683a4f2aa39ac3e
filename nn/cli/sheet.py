"""Sheet: rows of cells as the text of a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from math import isnan

from nn.training.history import Epoch, History

__all__ = ["of_history", "sheet"]


def sheet(rows: Iterable[Sequence[str]]) -> str:
    r"""The text, with quotes where a cell needs them, and lines that end alike on every system.

    >>> sheet([["width", "kind"], ["3", "frog, green"]])
    'width,kind\n3,"frog, green"\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def of_history(history: History) -> str:
    """A line for each epoch, with numbers to the last bit; a cell is empty where there is no such
    number.

    >>> print(of_history(History([Epoch(1, 0.5)])).splitlines()[1])
    1,0.5,,,,,,,,
    """
    names = ["epoch", *(field.name for field in fields(Epoch)[1:])]
    return sheet(
        [names, *(["" if isnan(x) else repr(x) for x in astuple(epoch)] for epoch in history)]
    )
