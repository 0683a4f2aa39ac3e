"""A CSV file as a table whose cells know their line; what is unclear in it is refused in one
sentence.
"""

import csv
import io
import math
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


class DataError(ValueError):
    """Data that cannot be used as given: the sentence says what was needed, what came, and what to
    do.

    >>> raise DataError("rain.csv line 7: needs 5 cells, got 4; correct the row")
    Traceback (most recent call last):
    nn.data.csv_reader.DataError: rain.csv line 7: needs 5 cells, got 4; correct the row
    """


def number(cell: str) -> float | None:
    """The number that a cell spells, nan and inf included, or None.

    >>> number("1e3"), number("abc"), number("1_000")
    (1000.0, None, None)
    """
    try:
        return (
            None if "_" in cell else float(cell)
        )  # Python reads 1_000 as a number; in a file it is a name
    except ValueError:
        return None


@dataclass(frozen=True)
class Table:
    """Rows of stripped cells, the line where each row starts, the columns' names, and which is the
    target.

    >>> table = Table("rain.csv", ["width", "kind"], True, 1, [["3.5", "frog"]], [2])
    >>> table.number(0, 0), table.label(0)
    (3.5, 'frog')
    """

    path: str
    columns: list[str]
    header: bool
    target: int
    rows: list[list[str]]
    lines: list[int]

    def number(self, row: int, column: int) -> float:
        """The finite number in a cell; anything else raises a DataError.

        >>> Table("rain.csv", ["width", "kind"], True, 1, [["3.5", "frog"]], [2]).number(0, 0)
        3.5
        """
        value = number(self.rows[row][column])
        if value is None:
            raise self.refusal(row, column, "a number")
        if not math.isfinite(value):
            raise self.refusal(row, column, "a finite number")
        return value

    def label(self, row: int) -> str:
        """The text in the target's cell; an empty cell or nan, a missing label, raises a DataError.

        >>> Table("rain.csv", ["width", "kind"], True, 1, [["3.5", "frog"]], [2]).label(0)
        'frog'
        """
        cell = self.rows[row][self.target]
        if not cell or cell.lower() == "nan":
            raise self.refusal(row, self.target, "a label")
        return cell

    def targets(
        self, classification: bool | None = None
    ) -> tuple[list[float] | list[int], list[str]]:
        """The targets and the class names: indices into the sorted labels, or plain numbers and no
        names.

        If `classification` is None, text labels are classes, and numbers are classes if they are
        whole, at most 20 different ones, and two rows for each on average. Text sorts by code
        point, numbers by size.

        >>> Table("rain.csv", ["width", "kind"], True, 1, [["1", "newt"], ["2", "frog"]], [2, 3]).targets()
        ([1, 0], ['frog', 'newt'])
        """
        rows = range(len(self.rows))
        labels = [self.label(row) for row in rows]
        words = [row for row in rows if number(labels[row]) is None]
        if words and classification is False:
            raise self.refusal(
                words[0], self.target, "a number", "correct the cell or pass classification=True"
            )
        if classification is None and (commas := [row for row in words if _comma(labels[row])]):
            raise self.refusal(commas[0], self.target, "a number")
        if words and classification is None and len(words) < len(labels):
            raise self.refusal(
                words[0],
                self.target,
                "labels that are all numbers or all text",
                "correct the cell, or pass classification=True to take every label as text",
            )
        names = sorted(set(labels))
        if not words:
            numbers = [self.number(row, self.target) for row in rows]
            if classification is None:
                whole = all(value.is_integer() for value in numbers)
                classification = whole and len(set(numbers)) <= min(20, len(numbers) // 2)
            if not classification:
                return numbers, []
            # 2 and 2.0 are one class, and so are 0 and -0, which + 0.0 makes 0
            labels = [repr(value + 0.0).removesuffix(".0") for value in numbers]
            names = sorted(set(labels), key=float)
        if len(names) < 2:
            raise DataError(
                f"{self.path}, {self._place(self.target)}: needs at least two classes, "
                f"got only {_quoted(names)}; choose another target, or pass classification=False"
            )
        index = {name: i for i, name in enumerate(names)}
        return [index[label] for label in labels], names

    def refusal(self, row: int, column: int, need: str, remedy: str = "") -> DataError:
        """The DataError for one cell, with its line and column.

        >>> table = Table("rain.csv", ["width", "kind"], True, 1, [["", "frog"]], [2])
        >>> print(table.refusal(0, 0, "a number", "fill it"))
        rain.csv line 2, column "width": needs a number, got an empty cell; fill it
        """
        cell = self.rows[row][column]
        if _comma(cell):
            remedy = "write decimals with a point"
        return DataError(
            f"{self.path} line {self.lines[row]}, {self._place(column)}: needs {need}, "
            f"got {_quoted([cell]) if cell else 'an empty cell'}; "
            f"{remedy or 'correct the cell or drop the row'}"
        )

    def _place(self, column: int) -> str:
        name = self.columns[column]
        return f"column {_quoted([name])}" if self.header else name


def read_table(
    path: str | os.PathLike[str],
    target: str | int | None = -1,
    header: bool | None = None,
    delimiter: str | None = None,
) -> Table:
    r"""Read a UTF-8 CSV file, skip its blank lines, and find its header and its target column.

    If `delimiter` is None, it is the first of tab, `;` and `,` that stands outside quotes in the
    first row. If `header` is None, a first row of words is one and a first row of numbers is none,
    and a mixed one is refused, since neither reading is safe; the target's cell has a say only
    above numbers, since labels may be words. A target given by name implies a header. A column
    without a name is called `column 1` and so on. A target of None is for rows without one: then
    the table's is the last column, and is a column like others.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "rain.csv")
    ...     _ = path.write_text("width; kind\n\n3.5; frog\n")
    ...     table = read_table(path)
    >>> table.columns, table.rows, table.lines
    (['width', 'kind'], [['3.5', 'frog']], [3])
    """
    name = os.fspath(path)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise DataError(
            f"{name}: needs a delimiter of 1 character, got {delimiter!r}; pass ',' or ';' or '\\t'"
        )
    text = _text(name)
    found = list(_rows(name, text, delimiter or _delimiter(text)))
    if not found:
        raise DataError(f"{name}: needs rows of cells, got an empty file; check the path")
    (first_line, first), width = found[0], len(found[0][1])
    if width < 2 and target is not None:
        raise DataError(
            f"{name} line {first_line}: needs at least two columns, features and a target, got one; "
            "add the missing column or pass the right delimiter"
        )
    for line, cells in found:
        if len(cells) != width:
            raise DataError(
                f"{name} line {line}: needs {width} cells like line {first_line}, got {len(cells)}; "
                "correct the row, or quote a cell that holds the delimiter"
            )
    if header is None:
        header = isinstance(target, str) or _starts_with_header(
            name, found, width if target is None else target % width
        )
    elif isinstance(target, str) and not header:
        raise DataError(
            f'{name}: needs a header to find the target "{target}" by name, got header=False; pass its index'
        )
    target = -1 if target is None else target
    unnamed = [f"column {i + 1}" for i in range(width)]
    columns = (
        [cell or spare for cell, spare in zip(first, unnamed, strict=True)] if header else unnamed
    )
    for column, times in Counter(columns).items():
        if times > 1:
            raise DataError(
                f"{name} line {first_line}: needs a different name for each column, got {_quoted([column])} "
                f"{times} times; rename all but one, or pass header=False if this line is data"
            )
    places: dict[str | int, int] = {column: i for i, column in enumerate(columns)}
    places |= {i: i % width for i in range(-width, width)}
    if target not in places:
        raise DataError(
            f"{name}: needs a target among its {width} columns {_quoted(columns)}, got {target!r}; "
            f"{closest(target, columns)}name one of them, or count from 0"
        )
    data = found[1:] if header else found
    if not data:
        raise DataError(
            f"{name}: needs rows of data, got only a header on line {first_line}; add rows to it"
        )
    lines, rows = [line for line, _ in data], [cells for _, cells in data]
    return Table(name, columns, header, places[target], rows, lines)


def closest(name: object, columns: list[str]) -> str:
    """The question whether the column most like the name was meant; nothing if none is like it.

    >>> closest("Specis", ["width", "species"])
    'did you mean "species"? '
    """
    folded = {column.casefold(): column for column in reversed(columns)}
    like = get_close_matches(name.casefold(), folded, 1) if isinstance(name, str) else []
    return f"did you mean {_quoted([folded[like[0]]])}? " if like else ""


def _text(name: str) -> str:
    if Path(name).is_dir():
        raise DataError(f"{name}: needs a CSV file, got a folder; name a file in it")
    try:
        return Path(name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            f'{name}: needs an existing file, got none at "{Path(name).absolute()}"; check the path'
        ) from None
    except OSError as error:
        raise DataError(
            f"{name}: needs a file that can be read, got '{error.strerror}'; check its permissions"
        ) from None
    except UnicodeDecodeError as error:
        before, byte = error.object[: error.start], error.object[error.start]
        line = len(
            (before + b".").splitlines()
        )  # the dot stands for the byte, which may begin a line
        raise DataError(
            f"{name} line {line}: needs UTF-8 text, got the byte 0x{byte:02x}; save the file as UTF-8"
        ) from None


def _delimiter(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", text).lstrip("\r\n ").splitlines()[:1]
    # the comma comes last: beside one of the others it is a decimal comma
    return next((mark for mark in "\t;," if mark in "".join(first)), ",")


def _rows(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # strict, or a quote left open would swallow the rest of the file in silence
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=delimiter != " ", strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if cells not in ([], [""]):
                yield line, cells
            line = reader.line_num + 1  # a row with quoted line breaks takes several lines
    except csv.Error as error:
        raise DataError(
            f"{name} line {line}: needs quotes in pairs around whole cells, got '{error}'; "
            'close the quote, or write "" for one inside a cell'
        ) from None


def _starts_with_header(name: str, rows: list[tuple[int, list[str]]], target: int) -> bool:
    (line, first), later = rows[0], [cells[target] for _, cells in rows[1:] if target < len(cells)]
    over_numbers = bool(later) and all(number(cell) is not None for cell in later)
    telling = [cell for i, cell in enumerate(first) if cell and (i != target or over_numbers)]
    words = [cell for cell in telling if number(cell) is None and not _comma(cell)]
    if 0 < len(words) < len(telling):
        raise DataError(
            f"{name} line {line}: needs a header of names or a row of numbers, got {_quoted(words[:1])} "
            "beside numbers; correct the cell, or pass header=True or header=False to say which it is"
        )
    return bool(words)


def _comma(cell: str) -> bool:
    """Whether a cell spells a number with a decimal comma."""
    return number(cell) is None and number(cell.replace(",", ".")) is not None


def _quoted(names: list[str]) -> str:
    # a sentence stays one line, and short, whatever the cells hold
    flat = [" ".join(name.split()) for name in names[:10]]
    shown = [f'"{name}"' if len(name) <= 40 else f'"{name[:37]}..."' for name in flat]
    return ", ".join(shown + ["..."] * (len(names) > 10))
