"""What a column of a file is taken for, what was learned of it, and the features it becomes."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import fsum
from statistics import fmean
from typing import Any

from nn.data.cells import PAIRS, finite, floats, missing, moment, number, text_of, truth
from nn.data.dates import order_of
from nn.data.notation import as_python

MOST, KEPT = 50, 500  # values of a text column that get a feature each; of one to be kept
OFTEN = 0.05  # of the cells: where more are missing, a feature says so
FEW = 5  # rows, of which numbers in sequence are no wonder
CALLED = "id|idx|index|identifier|no|nr|num|nummer|row|rownames|obs|uuid|lfd|nº|n°|№|#"
INDEX = re.compile(rf"(.*[\s_.-])?({CALLED})[.:]?|unnamed.*|column 1")  # the last has no name
PARTS = ("year", "month", "weekday", "hour")
KINDS = ("number", "yes/no", "category", "date", "left out")
SAME = "the same in all rows"


@dataclass(frozen=True)
class Column:
    """A column of the file: its kind, and what is needed to make features of its cells.

    values: of a category, those that have a feature each. parts: of a date, what its features are.
    order: that of a date's numbers. decimal, unit: how numbers were written in the file, if known.
    marked: whether a feature says where cells are missing. fill: the features of a missing cell.
    low, high: of numbers or years learned from. why: left out. note: on how cells are read."""

    name: str
    kind: str = "number"
    values: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    order: str = "ymd"
    marked: bool = False
    fill: list[float] = field(default_factory=list)
    low: float | None = None
    high: float | None = None
    gaps: int = 0
    why: str = ""
    decimal: str = ""
    unit: str = ""
    note: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        cells: Sequence[str],
        most: int = MOST,
        numbers: bool = False,
        dates: str | None = None,
    ) -> "Column":
        """What a column of these cells is taken for; text has a feature for each of most values.

        numbers: whether all cells are known to be some. dates: the order of a date's numbers."""
        if numbers and len({*cells[:1000]}) > MOST and moment(cells[0]) is None:
            return cls(name)
        counts = Counter(cells)
        counts = Counter({cell: n for cell, n in counts.items() if not missing(cell)})
        there = counts.total()
        gaps = len(cells) - there
        column = cls(name, gaps=gaps, marked=gaps > OFTEN * len(cells))
        if not there:
            return replace(column, kind="left out", why="empty")
        if len(counts) < 2 and not column.marked:
            return replace(column, kind="left out", why=SAME)
        words = {cell.lower() for cell in counts}
        if any(words == {*pair} for pair in PAIRS):
            return replace(column, kind="yes/no")
        if found := order_of(counts, dates):
            moments = [each for cell in counts if (each := moment(cell, found[0]))]
            parts = [part for part in PARTS if len({_part(each, part) for each in moments}) > 1]
            if not parts:
                return replace(column, kind="left out", why="of one date and hour")
            return replace(column, kind="date", order=found[0], parts=parts, note=found[1])
        spelt = [cell for cell in counts if number(cell) is not None]
        share = sum(map(counts.__getitem__, spelt)) / there
        if share == 1 or (share >= 0.9 and len(spelt) > 10):
            return column
        values = sorted(cell for cell, count in counts.most_common(most) if count > 1)
        if len(counts) < 2 or 2 * sum(map(counts.__getitem__, values)) >= there:
            return replace(column, kind="category", values=values if len(counts) > 1 else [])
        if share >= 0.5:
            return column  # and the others are refused
        return replace(column, kind="left out", why=f"text, {len(counts)} different values")

    @property
    def features(self) -> list[str]:
        """The names of its features."""
        names = [f"{self.name}={value}" for value in self.values]
        names += [f"{self.name} {part}" for part in self.parts]
        names += [self.name] if self.kind in ("number", "yes/no") else []
        return names + [f"{self.name} missing"] * self.marked if self.kind != "left out" else []

    def encode(self, cell: str) -> list[float] | None:
        """The features of a cell but for the mark of a missing one; None if it is not usable.

        A value that was not learned is all zeros, and so is, for now, a missing cell."""
        if self.kind == "category":
            return [float(cell == value) for value in self.values]
        if missing(cell):
            return [0.0] * (len(self.parts) or 1)
        if self.kind == "date":
            found = moment(cell, self.order)
            return [_part(found, part) for part in self.parts] if found else None
        x = finite(cell) if self.kind == "number" else truth(cell)
        return None if x is None else [x]

    def cell(self, x: Any) -> str:
        """What a cell that is given says to Python; text is read as numbers were in the file."""
        if self.kind != "number" or not isinstance(x, str):
            return text_of(x)
        return as_python(text_of(x), self.decimal, self.unit)

    def fitted(self, values: Sequence[Sequence[float]]) -> "Column":
        """The same with the fill of rows to learn from, feature by feature: mean, or commonest."""
        if self.kind in ("category", "yes/no"):
            counts = Counter(zip(*values, strict=True))
            none = (0.0,) * len(values)
            most = max(counts, key=lambda row: (counts[row], row), default=none)
            return replace(self, fill=list(most))
        if not values[0]:
            return replace(self, fill=[0.0] * len(values))
        fill = list(map(_mean, values))
        if self.kind == "date" and "year" not in self.parts:
            return replace(self, fill=fill)
        return replace(self, fill=fill, low=min(values[0]), high=max(values[0]))

    def is_far(self, x: float | str) -> bool:
        """Whether a number or year, or a cell of one, lies far outside of those learned."""
        if isinstance(x, str) and self.kind == "date":
            when = moment(x, self.order)
            x = when.year if when else ""
        found = finite(x) if isinstance(x, str) else x
        if found is None or self.low is None or self.high is None:
            return False
        reach = (self.high - self.low) or abs(self.low) or 1.0
        return not self.low - reach <= found <= self.high + reach


def _part(moment: datetime, part: str) -> float:
    return float(moment.weekday() + 1 if part == "weekday" else getattr(moment, part))


def _mean(column: Sequence[float]) -> float:
    try:
        return fmean(column)
    except OverflowError:  # each divided first where they cannot be added up
        return fsum(x / len(column) for x in column)


def numbers_rows(name: str, cells: Sequence[str]) -> bool:
    """Whether cells are different whole numbers that count rows, but for some, or an index."""
    sample = {*cells[:FEW]}
    whole = all(cell.removesuffix(".0").isdecimal() for cell in sample)
    if len(cells) <= FEW or len(sample) < FEW or not whole:
        return False
    if len({*cells}) < len(cells) or not (column := floats(cells)):
        return False
    if len({*column}) < len(column) or not all(x.is_integer() for x in column):
        return False
    ordered = sorted(column)
    steps = sum(b - a == 1 for a, b in pairwise(ordered))  # all but where rows are gone
    near = ordered[0] in (0.0, 1.0) or 0 < ordered[0] <= OFTEN * len(ordered)
    counted_up = near and steps >= (1 - 2 * OFTEN) * (len(ordered) - 1)
    called = re.sub(r"(?<=[a-z])(?=ID$|Id$|No$)", "_", name).casefold()
    return counted_up or bool(INDEX.fullmatch(called))
