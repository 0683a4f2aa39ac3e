"""What each column of a file is taken for, what was learned of it, and the features it becomes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import fsum, isfinite
from statistics import fmean
from typing import Any

from nn.data.cells import PAIRS, finite, floats, missing, moment, number, text_of, truth
from nn.data.dates import order_of
from nn.data.notation import as_python
from nn.data.table import DataError, Table, quoted

MOST, KEPT = 50, 500  # values of a text column that get a feature each; of one to be kept
OFTEN = 0.05  # of the cells: where more are missing, a feature says so
FEW = 5  # rows, of which numbers in sequence are no wonder
CALLED = "id|idx|index|identifier|no|nr|num|nummer|row|rownames|obs|uuid|lfd|nº|n°|№|#"
INDEX = re.compile(rf"(.*[\s_.-])?({CALLED})[.:]?|unnamed.*|column 1")  # the last has no name
PARTS = ("year", "month", "weekday", "hour")
KINDS = ("number", "yes/no", "category", "date", "left out")

SAME = "the same in all rows"

Row = list[float]
Holes = tuple[int, ...]  # the columns whose cells are missing in a row


@dataclass(frozen=True)
class Column:
    """A column of the file: its kind, and what is needed to make features of its cells.

    values: of a category, those that have a feature each. parts: of a date, what its features are.
    order: that of a date's numbers. decimal, unit: how numbers were written in the file, if known.
    marked: whether a feature says where cells are missing. fill: the features of a missing cell.
    low, high: of a number's rows to learn from. why: left out. note: on how cells are read."""

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

    def encode(self, cell: str) -> Row | None:
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
        if self.kind == "date":
            return replace(self, fill=fill)
        return replace(self, fill=fill, low=min(values[0]), high=max(values[0]))

    def strange(self, cell: str) -> bool:
        """Whether a cell is a value that was not learned, or a number far outside of those."""
        if missing(cell):
            return False
        if self.kind == "category":
            return cell not in self.values
        x = finite(cell) if self.kind == "number" else None
        if x is None or self.low is None or self.high is None:
            return False
        reach = (self.high - self.low) or abs(self.low) or 1.0
        return not self.low - reach <= x <= self.high + reach


def _part(moment: datetime, part: str) -> float:
    return float(moment.weekday() + 1 if part == "weekday" else getattr(moment, part))


def _mean(column: Sequence[float]) -> float:
    try:
        return fmean(column)
    except OverflowError:  # each divided first where they cannot be added up
        return fsum(x / len(column) for x in column)


def _there(cells: Sequence[str], column: Column) -> Sequence[str]:
    """The cells of a column but for those that are missing."""
    return [cell for cell in cells if not missing(cell)] if column.gaps else cells


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


@dataclass(frozen=True)
class Columns:
    """The columns of a file, in its order, those that are left out too, and what was learned."""

    found: list[Column]

    @classmethod
    def of(
        cls,
        table: Table,
        places: Iterable[int],
        keep: Sequence[str] = (),
        dates: str | None = None,
    ) -> "Columns":
        """What these columns of a table are taken for; those to keep are not left out as an id.

        dates: the order of day, month and year where cells have numbers for them."""
        most = dict.fromkeys(keep, KEPT)
        names = {i: table.columns[i] for i in places}
        found = list[Column]()
        for i, of in names.items():
            numbers = table.numbers(i) is not None
            column = Column.of(of, table.cells(i), most.get(of, MOST), numbers, dates)
            decimal, unit = table.marks.get(i, ("", "")) if column.kind == "number" else ("", "")
            found.append(replace(column, decimal=decimal, unit=unit))
        numbering = {
            column.name: replace(column, kind="left out", why="numbers of rows")
            for column in found
            if column.kind == "number" and column.name not in keep
            if numbers_rows(column.name, _there(table.cells(column.name), column))
        }
        if any(c.kind != "left out" and c.name not in numbering for c in found):
            found = [numbering.get(column.name, column) for column in found]
        elif not any(c.kind != "left out" for c in found):  # better the same numbers than none
            same = [c.why == SAME and number(table.cells(c.name)[0]) is not None for c in found]
            found = [
                Column(c.name) if is_same else c for c, is_same in zip(found, same, strict=True)
            ]
        return cls(found)

    @property
    def used(self) -> list[Column]:
        """The columns that become features."""
        return [column for column in self.found if column.kind != "left out"]

    @property
    def feature_names(self) -> list[str]:
        """The names of all features, in order."""
        return [name for column in self.used for name in column.features]

    @property
    def spans(self) -> dict[str, range]:
        """The places of each column's features."""
        spans, start = dict[str, range](), 0
        for column in self.used:
            spans[column.name] = range(start, start := start + len(column.features))
        return spans

    def encode(self, table: Table) -> "Encoded":
        """The features of a table's rows, whose columns may stand in any order."""
        columns, holes, bad = list[Sequence[float]](), dict[int, list[int]](), dict[int, int]()
        for k, column in enumerate(self.used):
            place = table.index(column.name)
            if column.kind == "number" and (plain := table.numbers(place)):
                columns += [plain] + [[0.0] * len(plain)] * column.marked
                continue
            cells = table.cells(place)
            known = {cell: (column.encode(cell), missing(cell)) for cell in {*cells}}
            rows = list[Row]()
            for i, cell in enumerate(cells):
                row, gone = known[cell]
                if gone:
                    holes.setdefault(i, []).append(k)
                if row is None:
                    bad.setdefault(i, place)
                    row = [0.0] * (len(column.features) - column.marked)
                rows.append([*row, float(gone)] if column.marked else row)
            columns += [[*values] for values in zip(*rows, strict=True)]
        features = [list(row) for row in zip(*columns, strict=True)]
        none: Holes = ()
        gone_in = [tuple(holes[i]) if i in holes else none for i in range(len(table.rows))]
        return Encoded(features, gone_in, bad)

    def encode_row(self, row: Mapping[str, Any]) -> Row:
        """The features of one row of cells by name, filled; what is not usable raises DataError."""
        names = [column.name for column in self.used]
        if gone := [name for name in names if name not in row]:
            need = f"cells for {', '.join(names)}"
            raise DataError.of("a row", need, f"none for {', '.join(gone)}")
        cells = [column.cell(row[column.name]) for column in self.used]
        table = Table("a row", names, [cells], [1])
        found = self.encode(table)
        for place in found.bad.values():
            cell = table.rows[0][place]
            need = f"{self.need(names[place], cell)} for {names[place]}"
            raise DataError.of("a row", need, quoted([cell]))
        return self.filled(found.features, found.holes)[0]

    def need(self, name: str, cell: str) -> str:
        """What a cell of a column would have to be, as this one is not usable."""
        kind = next(column.kind for column in self.used if column.name == name)
        if kind == "number":
            return "a number" if number(cell) is None else "a finite number"
        return "a date like the others" if kind == "date" else "yes or no"

    def fitted(self, features: Sequence[Row], holes: Sequence[Holes] = ()) -> "Columns":
        """The same with the fills that the rows to learn from give."""
        spans, learned = self.spans, dict[str, Column]()
        none = [()] * sum(map(len, spans.values()))  # where there are no rows
        across: Sequence[Sequence[float]] = list(zip(*features, strict=True)) or none
        holey = [(i, of) for i, of in enumerate(holes) if of]
        for k, column in enumerate(self.used):
            span = spans[column.name]
            values = across[span.start : span.stop - column.marked]
            if empty := {i for i, of in holey if k in of}:
                values = [[x for i, x in enumerate(of) if i not in empty] for of in values]
            learned[column.name] = column.fitted(values)
        return replace(self, found=[learned.get(column.name, column) for column in self.found])

    def filled(self, features: Sequence[Row], holes: Sequence[Holes]) -> list[Row]:
        """The rows with their missing cells filled."""
        spans = list(zip(self.used, self.spans.values(), strict=True))
        rows = list[Row]()
        for row, gone in zip(features, holes, strict=True):
            if gone:
                row = list(row)
                for k in gone:
                    column, span = spans[k]
                    row[span.start : span.start + len(column.fill)] = column.fill
            rows.append(row)
        return rows

    def described(self) -> list[str]:
        """What was done with the columns, in a few lines."""
        notes = [f"{quoted([column.name])}: {column.note}" for column in self.used if column.note]
        return [*_kinds(self.used), *notes, *_fills(self.used), *_left_out(self.found)]

    def content(self) -> list[dict[str, Any]]:
        """What model.json keeps of them: what differs from a column of numbers."""
        usual = asdict(Column(""))
        return [
            {key: x for key, x in asdict(column).items() if key == "name" or x != usual[key]}
            for column in self.found
        ]

    @classmethod
    def of_content(cls, content: Any) -> "Columns":
        """What ``content`` gave; a ValueError, TypeError or KeyError of anything else."""
        found = [Column(**{str(key): x for key, x in each.items()}) for each in content]
        for c in found:
            texts = [c.name, c.kind, c.order, c.why, c.unit, c.note, *c.values, *c.parts]
            numbers = [c.gaps, *c.fill, *(x for x in (c.low, c.high) if x is not None)]
            known = c.kind in KINDS and {*c.parts} <= {*PARTS} and c.decimal in ("", ".", ",")
            known = known and all(isinstance(x, str) for x in texts)
            if not known or not all(type(x) in (int, float) and isfinite(x) for x in numbers):
                raise ValueError(f"a column {c.name!r} of another kind")
            if c.kind != "left out" and len(c.fill) != len(c.features) - c.marked:
                raise ValueError(f"fills that are not those of the column {c.name!r}")
        return cls(found)

    def __repr__(self) -> str:
        return "\n".join(self.described()) or "no columns"


@dataclass(frozen=True)
class Encoded:
    """Features of rows; which columns are missing in each; a column that is not usable, by row."""

    features: list[Row]
    holes: list[Holes]
    bad: dict[int, int]


def _kinds(columns: Sequence[Column]) -> Iterator[str]:
    of_kind = {kind: [c for c in columns if c.kind == kind] for kind in KINDS}
    said = list[str]()
    if numbers := of_kind["number"]:
        said.append(f"{len(numbers)} of numbers")
    if truths := of_kind["yes/no"]:
        said.append(f"{_listed([c.name for c in truths])} (0 and 1)")
    if categories := of_kind["category"]:
        names = [f"{c.name} ({len(c.values)})" for c in categories]
        said.append(f"{_listed(names)}, with a feature for each value")
    said += [f"{date.name} ({', '.join(date.parts)})" for date in of_kind["date"]]
    if len(said) > 1 or (said and not numbers):
        yield f"columns: {'; '.join(said)}"


def _fills(columns: Sequence[Column]) -> Iterator[str]:
    holes = [c for c in columns if c.gaps]
    if not holes:
        return
    names = _listed([f"{c.gaps} of {c.name}" for c in holes])
    marked = [c.name for c in holes if c.marked]
    more = f"; where {_listed(marked)} is missing is a feature of its own" if marked else ""
    usual = "mean" if any(c.kind in ("number", "date") for c in holes) else ""
    usual += " or the " if usual and any(c.kind in ("category", "yes/no") for c in holes) else ""
    usual += "commonest" if any(c.kind in ("category", "yes/no") for c in holes) else ""
    yield f"missing cells: {names}, filled with the {usual} of the training rows{more}"


def _left_out(columns: Sequence[Column]) -> Iterator[str]:
    left = dict[str, list[str]]()
    for column in columns:
        if column.kind == "left out":
            left.setdefault(column.why, []).append(column.name)
    if left:
        yield "left out: " + "; ".join(f"{_listed(of)} ({why})" for why, of in left.items())


def _listed(names: Sequence[str], most: int = 6) -> str:
    flat = [" ".join(name.split()) for name in names]
    return ", ".join(flat[:most]) + (f" and {len(flat) - most} more" if len(flat) > most else "")
