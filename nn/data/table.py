"""A table: rows of cells that know their lines, and the sentences about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from nn.checks import Unusable, printable
from nn.data.cells import floats

__all__ = ["DataError"]


class DataError(Unusable):
    """Data that cannot be used as given: what was needed, what came, and what to do."""


class NoRows(DataError):
    """Of some rows none can be used."""


@dataclass(frozen=True)
class Table:
    """Rows of stripped cells, the line where each starts, the columns' names, and what was done."""

    path: str
    columns: list[str]
    rows: list[list[str]]
    lines: list[int]
    header: bool = True
    notes: list[str] = field(default_factory=list)
    line: str = "line"  # what a row's number counts: lines of a text, or rows
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)  # decimal, unit of numbers
    known: dict[int, list[float] | None] = field(default_factory=dict, compare=False, repr=False)
    left_out: int = 0  # rows of another width

    def index(self, target: str | int) -> int:
        """The place of a column of that name, or index from 0, negative from the end."""
        width = len(self.columns)
        if isinstance(target, str) and target in self.columns:
            return self.columns.index(target)
        if isinstance(target, int) and -width <= target < width:
            return target % width
        need = f"a target among its {width} columns {quoted(self.columns)}"
        remedy = f"{closest(target, self.columns)}name one of them, or count from 0"
        raise DataError.at(self.path, need, repr(target), remedy)

    def cells(self, column: int | str) -> list[str]:
        """The cells of a column from top to bottom."""
        place = self.index(column)
        return [row[place] for row in self.rows]

    def numbers(self, column: int) -> list[float] | None:
        """The numbers of a column whose cells all are finite ones; they are made once."""
        if column not in self.known:
            self.known[column] = floats(self.cells(column))
        return self.known[column]

    def take(self, rows: Iterable[int]) -> "Table":
        """The same with these rows alone, in their order."""
        kept = list(rows)
        some = [self.rows[i] for i in kept], [self.lines[i] for i in kept]
        return replace(self, rows=some[0], lines=some[1], known={})

    def place(self, column: int) -> str:
        """What a sentence calls a column."""
        name = self.columns[column]
        return f"column {quoted([name])}" if self.header else name

    def at(self, row: int, between: str = " in ") -> str:
        """Where a row is, if it has a line."""
        return f"{between}{self.line} {self.lines[row]}" if self.line else ""

    def refusal(self, row: int, column: int, need: str, remedy: str = "") -> DataError:
        """The DataError for one cell, with its line and column."""
        cell = self.rows[row][column]
        where = f"{self.path}{self.at(row, ' ')}, {self.place(column)}"
        remedy = remedy or "correct the cell or drop the row"
        return DataError.at(where, need, quoted([cell]) if cell else "an empty cell", remedy)


def closest(name: object, columns: Sequence[str]) -> str:
    """The question whether the column most like the name was meant; nothing if none is like it."""
    folded = {column.casefold(): column for column in reversed(columns)}
    like = get_close_matches(name.casefold(), folded, 1) if isinstance(name, str) else []
    return f"did you mean {quoted([folded[like[0]]])}? " if like else ""


def quoted(names: Sequence[str], most: int = 10) -> str:
    """The first few names in quotes, in one short line, whatever they hold."""
    flat = [printable(name) for name in names[:most]]
    shown = [f'"{name}"' if len(name) <= 40 else f'"{name[:37]}..."' for name in flat]
    return ", ".join(shown + ["..."] * (len(names) > most))
