"""A file of rows as a table whose cells know their line; what is unclear in it is refused."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

from nn.checks import counted, file_name, printable
from nn.data.cells import missing, moment, number
from nn.data.files import decoded, is_workbook, read_bytes, unpacked, workbook_rows
from nn.data.notation import Marks, numeral, rewritten
from nn.data.table import DataError, Table, quoted

LIMIT = 100_000_000  # bytes of a file that is read, unless the caller says more
TOTALS = {"total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt"}
TOTALS |= {"somme", "suma", "somma", "totale", "totaal", "average", "mean", "mittelwert"}
MARKS = "\t;|, "  # the comma comes late: beside others it is a decimal one
COMMENT = re.compile(r'[ \t]*(?:#[^\r\n]*|"?sep=(.)"?[ \t]*)(?:\r\n?|\n)')

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Reading:
    """How a file is written; what is None is found, see ``read_table``.

    known: names of which one makes the first row the header. learned: how the numbers of a column
    were written before, its decimal mark and unit. Of lines in the middle of a file, before: how
    many come before them; width: the cells of a row, and there may be none of it."""

    header: bool | None = None
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    skip_bad: bool = False
    known: Collection[str] = ()
    learned: Mapping[str, Marks] = field(default_factory=dict)
    before: int = 0
    width: int = 0

    def check(self, name: str) -> None:
        """Refuse marks that are none."""
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            need, remedy = "a delimiter of 1 character", r"pass ',' or ';' or '\t'"
            raise DataError.at(name, need, repr(self.delimiter), remedy)
        if self.decimal not in (None, ".", ","):
            raise DataError.at(name, "a decimal of '.' or ','", repr(self.decimal))


def read_table(path: Any, how: Reading | None = None, limit: int = LIMIT) -> Table:
    """The rows of a CSV file or an .xlsx workbook, packed or not, under the names of its columns.

    The delimiter is the one by which most rows are of one width; the header is a first row of words
    above numbers. Blank lines, comments, titles above the header and what is empty behind the last
    column are left out. A column without a name is called `column 1` and so on. Rows of another
    width raise a DataError, or with ``skip_bad`` are left out."""
    file, how = file_name(path), how or Reading()
    name = printable(file)
    how.check(name)
    return table_in(name, unpacked(name, read_bytes(file, limit, DataError), limit), how)


def table_in(name: str, content: bytes, how: Reading) -> Table:
    """What ``read_table`` says, of bytes."""
    header, delimiter, width = how.header, how.delimiter, how.width
    line, notes = "line", list[str]()
    if is_workbook(content):
        (found, note), line, delimiter = workbook_rows(name, content), "row", "\t"
    else:
        text, note = decoded(name, content, how.encoding)
        if text.lstrip().partition("\n")[0].strip('" \r') in how.known:
            delimiter = delimiter or "\t"  # one name, so one column
        delimiter, text, skipped = _dialect(text, delimiter)
        found = _rows(name, text, delimiter, skipped + how.before)
    notes += [note] if note else []
    if not found:
        raise DataError.at(name, "rows of cells", "an empty file", "check the path")
    found, classes = _without_sizes(found)
    top, (found, wrong, gone) = found[0], _body(found, name, line, how.skip_bad, width)
    if width and len(found) <= bool(header):
        return Table(name, [""] * width, [], [], left_out=len(wrong))
    here, first = f"{name} {line} {found[0][0]}", found[0][1]
    if classes:
        header = False
    elif header is None:
        header = bool({*how.known} & {*first}) or _starts_with_header(here, found)
    if gone:
        title = quoted([" ".join(filter(None, top[1]))])
        where = f"; the names are in {line} {found[0][0]}" if header else ""
        notes.append(f"{counted(gone, 'row')} above the header left out, such as {title}{where}")
    if wrong:
        count = counted(len(wrong), "row")
        notes.append(f"{count} of another width left out, as {line} {wrong[0][0]}")
    if header and not [cell for cell in first if not re.fullmatch("'.+'", cell) and cell]:
        first = [cell[1:-1] for cell in first]  # as R and SAS quote names
    columns = [cell if header and cell else f"column {i}" for i, cell in enumerate(first, 1)]
    twice, times = Counter(columns).most_common(1)[0]
    if times > 1:
        remedy = "rename all but one, or pass header=False if this line is data"
        came = f"{quoted([twice])} {times} times"
        raise DataError.at(here, "a different name for each column", came, remedy)
    again = found[0][1] if header and len(first) > 1 else None
    data = [row for row in found[header:] if row[1] != again]
    data = data or found[header:]
    if repeats := len(found) - header - len(data):  # of files that were put together
        notes.append(f"{counted(repeats, 'more row')} of the names of the columns left out")
    if not data:
        where = f"only a header on {line} {found[0][0]}"
        raise DataError.at(name, "rows of data", where, "add rows to it")
    if len(data) > 2 and _is_total(data[-1][1]):
        notes.append(f"1 row of totals left out, {line} {data[-1][0]}")
        del data[-1]
    rows = [cells for _, cells in data]
    found_in = rewritten(columns, rows, delimiter, how.decimal, how.learned)
    for row in rows if classes else ():
        row[-1] = classes.get(row[-1], row[-1])
    places = [place for place, _ in data]
    plain: dict[int, list[float] | None] = {} if classes else {**found_in.numbers}
    notes += found_in.notes
    marks, gone = found_in.marks, len(wrong) + repeats
    return Table(name, columns, rows, places, header, notes, line, marks, plain, gone)


def delimiter_in(text: str) -> str:
    """The mark between the cells of a text."""
    return _dialect(text, None)[0]


def _dialect(text: str, delimiter: str | None) -> tuple[str, str, int]:
    """The delimiter, the text without Excel's sep= line and comments above it, their number."""
    skipped = 0
    while found := COMMENT.match(text):
        below = re.split(r"\r\n?|\n", text[found.end() :], maxsplit=1)[0]
        widths = [_widths(line, delimiter) for line in (found.group().strip(" #\t\r\n"), below)]
        if found.group(1):
            delimiter = delimiter or found.group(1)
        elif widths[0] == widths[1] and max(widths[0]) > 1 and re.match(r"[-+.\d]", below):
            text = text.replace("#", "", 1)  # the comment is the header
            break
        text, skipped = text[found.end() :], skipped + 1
    return delimiter or _delimiter(text), text, skipped


def _widths(line: str, delimiter: str | None) -> list[int]:
    """How many cells a line has by each mark."""
    bare = re.sub(r'"[^"]*"', "", line)
    return [len(bare.split(mark)) for mark in delimiter or MARKS[:-1]]


def _delimiter(text: str) -> str:
    """The mark by which the most of the first rows have one width."""
    sample, best, most = text[:100_000], ",", 0
    if len(sample) < len(text):
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    for mark in MARKS:
        source = io.StringIO(sample, newline="")
        widths = Counter[int]()
        try:
            for row in islice(csv.reader(source, delimiter=mark, skipinitialspace=True), 500):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            continue
        count = max(widths.values(), default=0)
        if count > most * (3 if mark == " " else 1):
            best, most = mark, count
    return best


def _rows(name: str, text: str, delimiter: str, skipped: int) -> Rows:
    # strict, or a quote left open would swallow the rest of the file in silence
    ways: list[tuple[str, str | None]] = [(text, None)]
    ways += [(text, "\\")] if '\\"' in text else []
    ways += [(re.sub(rf'" +(?={re.escape(delimiter)}|[\r\n]|$)', '"', text), None)]
    problems = list[DataError]()
    for source, escape in ways:
        line, rows = skipped + 1, list[tuple[int, list[str]]]()
        reader = csv.reader(
            io.StringIO(source, newline=""),
            delimiter=delimiter,
            escapechar=escape,
            skipinitialspace=True,
            strict=True,
        )
        try:
            for row in reader:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    rows.append((line, cells))
                line = skipped + reader.line_num + 1  # quoted line breaks take several lines
            return rows
        except csv.Error as error:
            where, need = f"{name} line {line}", "quotes in pairs around whole cells"
            remedy = 'close the quote, or write "" for one inside a cell'
            problems.append(DataError.at(where, need, f"'{error}'", remedy))
    raise problems[0]


def _without_sizes(found: Rows) -> tuple[Rows, dict[str, str]]:
    """The rows below scikit-learn's line of sizes, and its class names by their numbers."""
    first, below = found[0][1], found[1:]
    sizes = [str(len(below)), str(len(below[0][1]) - 1)] if below else []
    classes = {str(k): name for k, name in enumerate(cell for cell in first[2:] if cell)}
    numbered = len(classes) > 1 and {cells[-1] for _, cells in below} <= classes.keys()
    return (below, classes) if first[:2] == sizes and numbered else (found, {})


def _body(found: Rows, name: str, line: str, skip_bad: bool, known: int) -> tuple[Rows, Rows, int]:
    """The rows of the known or usual width, the others, and how many titles stood above them."""
    widths = Counter(len(cells) for _, cells in found)
    width = known or widths.most_common(1)[0][0]
    if not known and not any(
        cells[-1] for _, cells in found if len(cells) == width
    ):  # what is empty on the right
        width = max((_end(cells) for _, cells in found if len(cells) <= width), default=width)
    begin = 0
    while begin < len(found) - 2 and _is_title(found[begin][1], width):
        begin += 1
    begin = _below_titles(found, begin, width)
    rows, wrong, first = found[begin:], list[tuple[int, list[str]]](), found[begin][1]
    narrow = len(first) == width - 1 and not any(map(numeral, first))
    if narrow and begin + 1 < len(found) and all(len(c) >= width for _, c in found[begin + 1 :]):
        first.insert(0, "")  # R leaves the name of the rows' names out
    if len(widths) > 1 or width not in widths:
        rows = [(at, cells[:width]) for at, cells in found[begin:] if _fits(cells, width)]
        wrong = [row for row in found[begin:] if not _fits(row[1], width) and row[1][0][:1] != "#"]
    if wrong and not skip_bad:
        like = rows[0][0] if rows else found[begin][0]
        where, need = f"{name} {line} {wrong[0][0]}", f"{width} cells like {line} {like}"
        remedy = "correct the row, quote a cell that holds the delimiter, or pass skip_bad=True"
        raise DataError.at(where, need, len(wrong[0][1]), remedy)
    return rows, wrong, begin


def _end(cells: list[str]) -> int:
    """The number of cells up to the last that is not empty."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return end


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) == width or (len(cells) > width and _end(cells) <= width)


def _is_title(cells: list[str], width: int) -> bool:
    """Whether a row above the others is a comment, or has at most half of their cells."""
    if len(cells) < width and _end(cells) <= max(1, width // 2):
        return True
    return cells[0].startswith("#") and not _fits(cells, width)


def _below_titles(found: Rows, begin: int, width: int) -> int:
    """The row below titles that a spreadsheet has padded to the width of all, if names are there.

    These are words above a number or date in most rows."""
    end = begin
    while end < len(found) - 2 and len(found[end][1]) == width >= 2 * _end(found[end][1]):
        end += 1
    names, below = found[end][1], [cells for _, cells in found[end + 1 : end + 101]]
    if end == begin or len(names) != width or any(map(numeral, filter(None, names))):
        return begin
    for column in zip(*(cells for cells in below if len(cells) >= width), strict=False):
        there = [cell for cell in column if not missing(cell)]
        like = sum(numeral(cell) or moment(cell) is not None for cell in there)
        if 2 * like > len(there):
            return end
    return begin


def _is_total(cells: list[str]) -> bool:
    """Whether a last row is a sum or mean of those above: called so, and half of it empty."""
    first = next(filter(None, cells), "").casefold().strip(" :.∑Σ")
    return first in TOTALS and 2 * cells.count("") >= len(cells) > 2


def _starts_with_header(here: str, rows: Rows) -> bool:
    """Whether the first row holds names: words above numbers, and no numbers above numbers."""
    first, below = rows[0][1], [cells for _, cells in rows[1:1001]]
    names, data, words = list[str](), list[str](), True
    for i, cell in enumerate(first):
        later = [cells[i] for cells in below if not missing(cells[i])]
        if missing(cell):
            continue
        if later and sum(map(numeral, later)) >= 0.7 * len(later):
            (data if numeral(cell) else names).append(cell)
        elif cell in later or numeral(cell):
            words = False
    if not data:
        return bool(names) or words
    if _counted_up(data) and (names or (words and len(data) < len(first))):
        return True  # years, or places, that are names of columns
    if names:
        remedy = "correct the cell, or pass header=True or header=False to say which it is"
        came = f"{quoted(names[:1])} beside numbers"
        raise DataError.at(here, "a header of names or a row of numbers", came, remedy)
    return False


def _counted_up(cells: list[str]) -> bool:
    """Whether the cells count from 0 or 1, or the years."""
    numbers = [number(cell) or 0.0 for cell in cells]
    counting = (numbers[0] in (0, 1) and len(numbers) > 2) or 1500 < numbers[0] < 2200
    return counting and len(numbers) > 1 and all(b - a == 1 for a, b in pairwise(numbers))
