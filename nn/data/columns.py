"""The columns of a file, and the features that they become."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from nn.checks import listed
from nn.data.cells import is_code, missing, number
from nn.data.column import KEPT, KINDS, MOST, PARTS, SAME, Column, numbers_rows
from nn.data.notation import Marks
from nn.data.table import Table, quoted

Row = list[float]
Holes = tuple[int, ...]  # the columns whose cells are missing in a row


@dataclass(frozen=True)
class Columns:
    """The columns of a file, in its order, those that are left out too, and what was learned."""

    found: list[Column]

    @classmethod
    def of(
        cls, table: Table, places: Iterable[int], keep: Sequence[str] = (), dates: str | None = None
    ) -> "Columns":
        """What these columns of a table are taken for; those to keep are not left out as an id.

        dates: the order of day, month and year where cells have numbers for them."""
        most = dict.fromkeys(keep, KEPT)
        names = {i: table.columns[i] for i in places}
        found = list[Column]()
        for i, of in names.items():
            numbers = table.numbers(i) is not None
            cells = table.cells(i)
            column = Column.of(of, cells, most.get(of, MOST), numbers, dates)
            if column.kind == "number":
                code = next((x for x in cells if len(x) > 2 and is_code(x)), "")
                read = f"{float(code or 0):.17g}"
                said = f"{code} is read as {read} (ignore the column if it is a code)"
                decimal, unit = table.marks.get(i, ("", ""))
                column = replace(column, decimal=decimal, unit=unit, note=said if code else "")
            found.append(column)
        numbering = {
            column.name: replace(column, kind="left out", why="numbers of rows")
            for column in found
            if column.kind == "number" and column.name not in keep
            if numbers_rows(column.name, [x for x in table.cells(column.name) if not missing(x)])
        }
        if any(c.kind != "left out" and c.name not in numbering for c in found):
            found = [numbering.get(column.name, column) for column in found]
        elif not any(c.kind != "left out" for c in found):  # better the same numbers than none
            same = [c.why == SAME and number(table.cells(c.name)[0]) is not None for c in found]
            pairs = zip(found, same, strict=True)
            found = [Column(column.name) if is_same else column for column, is_same in pairs]
        return cls(found)

    @property
    def used(self) -> list[Column]:
        """The columns that become features."""
        return [column for column in self.found if column.kind != "left out"]

    @property
    def marks(self) -> dict[str, Marks]:
        """How the numbers of a column were written, if that is known."""
        return {c.name: (c.decimal, c.unit) for c in self.used if c.kind == "number"}

    @property
    def feature_names(self) -> list[str]:
        """The names of all features, in order; one that comes again is told apart."""
        names = dict[str, None]()
        for name in (name for column in self.used for name in column.features):
            while name in names:
                name += " (2)"
            names[name] = None
        return [*names]

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
        usual = asdict(Column("")) | {"name": None}
        every = [asdict(column).items() for column in self.found]
        return [{key: x for key, x in items if x != usual[key]} for items in every]

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
        said.append(f"{listed([c.name for c in truths])} (0 and 1)")
    if categories := of_kind["category"]:
        names = [f"{c.name} ({len(c.values)})" for c in categories]
        said.append(f"{listed(names)}, with a feature for each value")
    said += [f"{date.name} ({', '.join(date.parts)})" for date in of_kind["date"]]
    if len(said) > 1 or (said and not numbers):
        yield f"columns: {'; '.join(said)}"


def _fills(columns: Sequence[Column]) -> Iterator[str]:
    holes = [c for c in columns if c.gaps]
    if not holes:
        return
    names = listed([f"{c.gaps} of {c.name}" for c in holes])
    marked = [c.name for c in holes if c.marked]
    more = f"; where {listed(marked)} is missing is a feature of its own" if marked else ""
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
        yield "left out: " + "; ".join(f"{listed(of)} ({why})" for why, of in left.items())
