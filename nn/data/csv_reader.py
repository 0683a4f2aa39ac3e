"""A file of rows as a table whose cells know their line; what is unclear in it is refused."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from nn.checks import counted, file_name, printable
from nn.data.files import decoded, is_workbook, read_bytes, unpacked, workbook_rows
from nn.data.layout import Rows, body, is_total, starts_with_header, without_sizes
from nn.data.notation import Marks, rewritten
from nn.data.table import DataError, Table, quoted

LIMIT = 100_000_000  # bytes of a file that is read, unless the caller says more
MARKS = "\t;|, "  # the comma comes late: beside others it is a decimal one
COMMENT = re.compile(r'[ \t]*(?:#[^\r\n]*|"?sep=(.)"?[ \t]*)(?:\r\n?|\n)')


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
        delimiter, text, skipped = dialect(text, delimiter)
        found = _rows(name, text, delimiter, skipped + how.before)
    notes += [note] if note else []
    if not found:
        raise DataError.at(name, "rows of cells", "an empty file", "check the path")
    found, classes = without_sizes(found)
    top, (found, wrong, gone) = found[0], body(found, name, line, how.skip_bad, width)
    if width and len(found) <= bool(header):
        return Table(name, [""] * width, [], [], left_out=len(wrong))
    here, first = f"{name} {line} {found[0][0]}", found[0][1]
    if classes:
        header = False
    elif header is None:
        header = bool({*how.known} & {*first}) or starts_with_header(here, found)
    if gone:
        title = quoted([" ".join(filter(None, top[1]))])
        where = f"; the names are in {line} {found[0][0]}" if header else ""
        notes.append(f"{counted(gone, 'row')} above the header left out, such as {title}{where}")
    if wrong:
        count = counted(len(wrong), "row")
        notes.append(f"{count} with more or fewer cells left out, as {line} {wrong[0][0]}")
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
    if len(data) > 2 and is_total(data[-1][1]):
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


def dialect(text: str, delimiter: str | None) -> tuple[str, str, int]:
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
        lines = io.StringIO(source, newline="")
        marks: Any = {"delimiter": delimiter, "escapechar": escape, "skipinitialspace": True}
        reader = csv.reader(lines, strict=True, **marks)
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
