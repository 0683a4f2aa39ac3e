"""A CSV file as a table whose cells know their line; what is unclear in it is refused."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from math import isfinite
from typing import Any

from nn.checks import Unusable, file_name, printable
from nn.data.files import read_bytes

__all__ = ["DataError"]

LIMIT = 100_000_000  # bytes of a file that is read, unless the caller says more
MISSING = {"", "na", "n/a", "#n/a", "nan", "nat", "<na>", "null", "none", "?", "-", "--", "."}
MISSING |= {"#div/0!", "#num!", "#value!", "#ref!", "#name?", "#null!"}  # a spreadsheet's errors
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
# signs before a number, or a unit behind it
AMOUNT = re.compile(
    r"([^\w\s.+-]{0,2})\s*([-+]?[\d,]*\.?\d+)\s*([^\W\d_]+\S{0,3}|[^\w\s][^\W\d_]{0,2}|)"
)


class DataError(Unusable):
    """Data that cannot be used as given: what was needed, what came, and what to do."""


def number(cell: str) -> float | None:
    """The number that a cell spells, nan and inf included, or None."""
    try:  # Python reads 1_000 as a number; in a file it is a name
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def missing(cell: str) -> bool:
    """Whether a cell is empty, or says so, as NA, null, NaT, ?, - and #DIV/0! do."""
    return cell.lower() in MISSING


@dataclass(frozen=True)
class Table:
    """Rows of stripped cells, the line where each starts, the columns' names, and the target."""

    path: str
    columns: list[str]
    header: bool
    target: int
    rows: list[list[str]]
    lines: list[int]

    def number(self, row: int, column: int) -> float:
        """The finite number in a cell; anything else raises a DataError."""
        value = number(self.rows[row][column])
        if value is not None and isfinite(value):
            return value
        cells, remedy = [cells[column] for cells in self.rows], ""
        if all(map(missing, cells)):
            where, came = f"{self.path}, {self._place(column)}", f"none in {len(cells)} rows"
            raise DataError.at(where, "numbers", came, "remove the column")
        if len(cells) > 1 and all(number(cell) is None for cell in cells):
            remedy = "write numbers for the words of the column, or remove it"
        need = "a number" if value is None else "a finite number"
        raise self.refusal(row, column, need, remedy)

    def features(self, inputs: Sequence[int]) -> list[list[float]]:
        """The numbers in these columns, row by row; a cell that holds none raises a DataError."""
        with suppress(ValueError):  # all at once, if all is well
            found = [[float(cells[i]) for i in inputs] for cells in self.rows]
            odd = "_" in "".join(map("".join, self.rows))
            if not odd and all(map(isfinite, chain.from_iterable(found))):
                return found
        return [[self.number(row, i) for i in inputs] for row in range(len(self.rows))]

    def targets(
        self, classification: bool | None = None
    ) -> tuple[list[float] | list[int], list[str]]:
        """The targets, as ``load_csv`` says, and the class names: none if they are numbers."""
        labels = [cells[self.target] for cells in self.rows]
        words = {label for label in {*labels} if number(label) is None}
        if gone := [row for row, label in enumerate(labels) if missing(label)]:
            remedy = "fill the cell or drop the row"
            if len(gone) > 1:
                remedy += f", as of {len(gone) - 1} others"
            if labels[gone[0]] and words == {*labels}:
                remedy += ", or write another word if it is a class"
            raise self.refusal(gone[0], self.target, "a target", remedy)
        if words and not classification:
            self._need_classes(labels, words, classification)
        names = sorted(set(labels))
        if not words:
            numbers = [self.number(row, self.target) for row in range(len(labels))]
            if classification is None:
                whole = all(value.is_integer() for value in numbers)
                classification = whole and len(set(numbers)) <= min(20, len(numbers) // 2)
            if not classification:
                return numbers, []
            # 2 and 2.0 are one class, and so are 0 and -0, which + 0.0 makes 0
            labels = [repr(value + 0.0).removesuffix(".0") for value in numbers]
            names = sorted(set(labels), key=float)
        if len(names) < 2:
            where, came = f"{self.path}, {self._place(self.target)}", f"only {_quoted(names)}"
            remedy = "choose another target, or pass classification=False"
            raise DataError.at(where, "at least two classes", came, remedy)
        index = {name: i for i, name in enumerate(names)}
        return [index[label] for label in labels], names

    def _need_classes(self, labels: list[str], words: set[str], classification: Any) -> None:
        """Refuse words that may have been meant as numbers."""
        need, remedy = "a number", "correct the cell or pass classification=True"
        amounts = [AMOUNT.fullmatch(word) for word in words]
        if commas := {word for word in words if _comma(word)}:
            words = commas
        elif len({amount and amount.group(1, 3) for amount in amounts}) == 1 and amounts[0]:
            remedy = "write the number alone, or pass classification=True to take each as a class"
        elif classification is None and words != {*labels}:
            need = "labels that are all numbers or all text"
            remedy = "correct the cell, or pass classification=True to take every label as text"
        elif classification is None:
            return
        row = next(row for row, label in enumerate(labels) if label in words)
        raise self.refusal(row, self.target, need, remedy)

    def refusal(self, row: int, column: int, need: str, remedy: str = "") -> DataError:
        """The DataError for one cell, with its line and column."""
        cell = self.rows[row][column]
        where = f"{self.path} line {self.lines[row]}, {self._place(column)}"
        remedy = _comma(cell) or remedy or "correct the cell or drop the row"
        return DataError.at(where, need, _quoted([cell]) if cell else "an empty cell", remedy)

    def _place(self, column: int) -> str:
        name = self.columns[column]
        return f"column {_quoted([name])}" if self.header else name


def read_table(
    path: str | os.PathLike[str],
    target: str | int | None = -1,
    header: bool | None = None,
    delimiter: str | None = None,
    limit: int = LIMIT,
) -> Table:
    """Read a UTF-8 CSV file, skip its blank lines, and find its header and its target column.

    A `delimiter` of None is the first of tab, `;` and `,` outside quotes in the first row. A
    `header` of None: a first row of words is one, of numbers none, and a mixed one is refused; the
    target's cell has a say only above numbers, since labels may be words. A target given by name
    implies a header; None is for rows without one: the last column then is one like others. A
    column without a name is called `column 1` and so on."""
    file = file_name(path)
    name = printable(file)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        remedy = r"pass ',' or ';' or '\t'"
        raise DataError.at(name, "a delimiter of 1 character", repr(delimiter), remedy)
    text = _text(file, limit)
    found = list(_rows(name, text, delimiter or _delimiter(text)))
    if not found:
        raise DataError.at(name, "rows of cells", "an empty file", "check the path")
    (line, first), width = found[0], len(found[0][1])
    here = f"{name} line {line}"
    if width < 2 and target is not None:
        remedy = "add the missing column or pass the right delimiter"
        raise DataError.at(here, "at least two columns, features and a target", "one", remedy)
    if wrong := [(place, len(cells)) for place, cells in found if len(cells) != width]:
        where, need = f"{name} line {wrong[0][0]}", f"{width} cells like line {line}"
        remedy = "correct the row, or quote a cell that holds the delimiter"
        raise DataError.at(where, need, wrong[0][1], remedy)
    if header is None:
        place = width if target is None else target % width if isinstance(target, int) else None
        header = place is None or _starts_with_header(here, found, place)
    elif isinstance(target, str) and not header:
        need = f'a header to find the target "{target}" by name'
        raise DataError.at(name, need, "header=False", "pass its index")
    columns = [cell if header and cell else f"column {i}" for i, cell in enumerate(first, 1)]
    twice, times = Counter(columns).most_common(1)[0]
    if times > 1:
        remedy = "rename all but one, or pass header=False if this line is data"
        came = f"{_quoted([twice])} {times} times"
        raise DataError.at(here, "a different name for each column", came, remedy)
    places: dict[Any, int] = {i: i % width for i in range(-width, width)} | {None: width - 1}
    places |= {column: i for i, column in enumerate(columns)}
    if target not in places:
        need = f"a target among its {width} columns {_quoted(columns)}"
        remedy = f"{closest(target, columns)}name one of them, or count from 0"
        raise DataError.at(name, need, repr(target), remedy)
    data = found[header:]
    if not data:
        raise DataError.at(name, "rows of data", f"only a header on line {line}", "add rows to it")
    lines, rows = [line for line, _ in data], [cells for _, cells in data]
    return Table(name, columns, header, places[target], rows, lines)


def closest(name: object, columns: list[str]) -> str:
    """The question whether the column most like the name was meant; nothing if none is like it."""
    folded = {column.casefold(): column for column in reversed(columns)}
    like = get_close_matches(name.casefold(), folded, 1) if isinstance(name, str) else []
    return f"did you mean {_quoted([folded[like[0]]])}? " if like else ""


def _text(path: str, limit: int) -> str:
    try:
        return read_bytes(path, limit, DataError).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the dot stands for the byte, which may begin a line
        line = len((error.object[: error.start] + b".").splitlines())
        where, byte = f"{printable(path)} line {line}", error.object[error.start]
        came, remedy = f"the byte 0x{byte:02x}", "save the file as UTF-8"
        raise DataError.at(where, "UTF-8 text", came, remedy) from None


def _delimiter(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", text[:100_000]).lstrip("\r\n ").splitlines()[:1]
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
        where, need = f"{name} line {line}", "quotes in pairs around whole cells"
        remedy = 'close the quote, or write "" for one inside a cell'
        raise DataError.at(where, need, f"'{error}'", remedy) from None


def _starts_with_header(here: str, rows: list[tuple[int, list[str]]], target: int) -> bool:
    first, later = rows[0][1], [cells[target] for _, cells in rows[1:] if target < len(cells)]
    over_numbers = bool(later) and all(number(cell) is not None for cell in later)
    telling = [cell for i, cell in enumerate(first) if cell and (i != target or over_numbers)]
    words = [cell for cell in telling if number(cell) is None and not _comma(cell)]
    if 0 < len(words) < len(telling):
        remedy = "correct the cell, or pass header=True or header=False to say which it is"
        came = f"{_quoted(words[:1])} beside numbers"
        raise DataError.at(here, "a header of names or a row of numbers", came, remedy)
    return bool(words)


def _comma(cell: str) -> str:
    """What to do about a cell that spells a number with commas; "" of others."""
    if THOUSANDS.fullmatch(cell):
        decimal = f", or {cell.replace(',', '.')} if the comma is a decimal one"
        return f"write {cell.replace(',', '')}{decimal if cell.count(',') == 1 else ''}"
    if number(cell) is None and number(cell.replace(",", ".")) is not None:
        return "write decimals with a point"
    return ""


def _quoted(names: list[str]) -> str:
    # a sentence stays one line, and short, whatever the cells hold
    flat = [printable(name) for name in names[:10]]
    shown = [f'"{name}"' if len(name) <= 40 else f'"{name[:37]}..."' for name in flat]
    return ", ".join(shown + ["..."] * (len(names) > 10))
