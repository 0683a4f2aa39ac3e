"""New rows as a model takes them: their columns by name, what is missing filled, and notes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nn.checks import amount, counted, listed
from nn.data.cells import missing
from nn.data.column import Column
from nn.data.columns import Columns, Holes
from nn.data.frames import frame_table
from nn.data.table import DataError, Table, closest, quoted


@dataclass(frozen=True)
class NewRows:
    """Rows of a table, their features, which of them cannot be used, and what is odd in them."""

    table: Table
    features: list[list[float]]
    unusable: dict[int, int]  # by row, a column that is not usable
    notes: list[str]

    @classmethod
    def of(cls, table: Table, columns: Columns, target: str, skip_bad: bool = False) -> "NewRows":
        """Rows that cannot be used stay, unless they are to be skipped; DataError if all are so."""
        check_columns(table, columns)
        encoded, count, bad = columns.encode(table), len(table.rows), list[str]()
        if encoded.bad:
            row, place = min(encoded.bad.items())
            if len(encoded.bad) == count:
                raise refusal(table, columns, encoded.bad)
            it = "it" if len(encoded.bad) == 1 else "them"
            done = f"no prediction for {it} (skip_bad=True leaves {it} out)"
            done = "left out" if skip_bad else done
            where = f"{table.columns[place]}{table.at(row)} is {quoted([table.rows[row][place]])}"
            bad = [f"{len(encoded.bad)} of {counted(count, 'row')} cannot be used: {where}; {done}"]
        if bad and skip_bad:
            table = table.take(i for i in range(count) if i not in encoded.bad)
            encoded = columns.encode(table)
        features = columns.filled(encoded.features, encoded.holes)
        notes = [*table.notes, *_unknown(table, columns, target), *bad]
        notes += [*_unusual(table, columns), *_filled(columns, encoded.holes)]
        return cls(table, features, encoded.bad, notes)


def table_of(data: Any, columns: Columns) -> Table:
    """The cells of a frame, or of one row of cells by name, as they would be in the file."""
    if isinstance(data, Mapping):
        by_name = {column.name: column for column in columns.used}
        names = list(map(str, data))
        rows = [[by_name.get(name, OTHER).cell(x) for name, x in data.items()]]
        return Table("a row", names, rows, [0], line="")
    return frame_table(data, None, columns.marks)


OTHER = Column("")


def check_columns(table: Table, columns: Columns) -> None:
    """Refuse a table that lacks a column that a model learned from."""
    names = [column.name for column in columns.used]
    if missing := [name for name in names if name not in table.columns]:
        meant = closest(missing[0], [name for name in table.columns if name not in names])
        lacks = f"lacks {quoted(missing, 5)}, which the model learned from"
        raise DataError(f"{table.path} {lacks}: {meant}its columns are {quoted(table.columns)}")


def refusal(table: Table, columns: Columns, unusable: Mapping[int, int]) -> DataError:
    """The error for the first cell that cannot be used."""
    row, place = min(unusable.items())
    return table.refusal(row, place, columns.need(table.columns[place], table.rows[row][place]))


def far(columns: Columns, features: Sequence[float]) -> Iterator[str]:
    """Notes on numbers of a row that lie far outside of those that were learned."""
    for column, span in zip(columns.used, columns.spans.values(), strict=True):
        if column.is_far(x := features[span.start]):
            yield f"{column.name}: {x:g} {_is_far(column)}"


def _is_far(column: Column) -> str:
    learned = f"{amount(column.low or 0.0)} to {amount(column.high or 0.0)}"
    return f"is far outside the training range, {learned}"


def _unknown(table: Table, columns: Columns, target: str) -> Iterator[str]:
    known = {*(column.name for column in columns.found), target}
    if extra := [name for name in table.columns if name not in known]:
        them = "them" if len(extra) > 1 else "it"
        yield f"{listed(extra)} ignored, since the model was not trained on {them}"


def _unusual(table: Table, columns: Columns) -> Iterator[str]:
    """Cells that are unlike those of training, column by column."""
    for column in columns.used:
        cells, is_text = table.cells(column.name), column.kind == "category"
        there = {cell for cell in cells if not missing(cell)}
        odd = there - {*column.values} if is_text else {*filter(column.is_far, there)}
        if rows := [i for i, cell in enumerate(cells) if cell in odd]:
            first = f"{quoted([cells[rows[0]]])}{table.at(rows[0])}"
            first += f" and {counted(len(rows) - 1, 'more row')}" if len(rows) > 1 else ""
            is_new = "did not occur in training: all its features are 0"
            yield f"{column.name}: {first} {is_new if is_text else _is_far(column)}"


def _filled(columns: Columns, holes: Sequence[Holes]) -> Iterator[str]:
    counts = Counter(k for gone in holes for k in gone)
    if them := [f"{counts[k]} of {c.name}" for k, c in enumerate(columns.used) if counts[k]]:
        yield f"missing cells: {listed(them)}, filled by the training rows"
