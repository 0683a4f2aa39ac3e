"""A CSV file as a stream of batches, read in parts, so that it may be larger than memory."""

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from os.path import getsize
from random import Random
from typing import Any

from nn.checks import file_name, printable, whole
from nn.data.cells import missing
from nn.data.column import SAME
from nn.data.columns import Columns
from nn.data.csv_reader import Reading, dialect, table_in
from nn.data.dataset import Dataset
from nn.data.files import decoded, zeros
from nn.data.prepared import alike, prepared
from nn.data.stream import ALL, Stream, share
from nn.data.table import DataError, NoRows, Table, quoted

__all__ = ["batches_of"]


def batches_of(
    path: Any,
    target: str | int = -1,
    rows: int = 256,
    *,
    part: int = 20_000,
    seed: int | None = 0,
    header: bool | None = None,
    delimiter: str | None = None,
    classification: bool | None = None,
    ignore: Sequence[str] = (),
    keep: Sequence[str] = (),
    skip_bad: bool = False,
    decimal: str | None = None,
    dates: str | None = None,
    encoding: str | None = None,
) -> Stream:
    r"""A CSV file, or one packed as .gz, as a Stream of batches of so many rows.

    At most a `part` of its lines is in memory. What the columns are taken for, their fills and the
    classes are learned from the first part, see `load_csv`, and are kept in `.first.columns`. The
    rows of a part are shuffled in each epoch by the `seed`, or stay in order if it is None; a file
    that is sorted is to be shuffled as a whole before. Raises DataError for what cannot be used,
    with its line, and for a class that the first part lacks.

    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pond.csv")
    ...     _ = path.write_text("width,kind\n" + "3,newt\n1,frog\n" * 50)
    ...     pond = batches_of(path, "kind", rows=40)
    ...     pond, [len(batch) for batch in pond.batches()]
    (Stream(batches of 1 feature, 2 classes: "frog", "newt"), [40, 40, 20])
    """
    whole("batches_of", "rows", rows)
    whole("batches_of", "part", part)
    header = True if header is None and isinstance(target, str) else header
    how = Reading(header, delimiter, decimal, encoding, skip_bad)
    file = _Parts(file_name(path), -(-max(part, rows) // rows) * rows, how)
    table = file.first
    place = table.index(target)
    ignored = {table.index(name) for name in ignore}
    try:
        learned = prepared(table, place, classification, ignored, keep, "fill", skip_bad, dates)
    except DataError as error:
        if len(table.rows) < max(part, rows):
            raise
        how_to = "this is of the first part: shuffle a sorted file, or pass a larger part"
        raise type(error)(f"{error} ({how_to})") from None
    columns, class_names, notes = learned.columns, learned.class_names, list(learned.notes)
    names = [column.name for column in columns.found if column.why in (SAME, "empty")]
    same = {name: {*table.cells(name)} for name in names}
    del table, file.first, learned  # each epoch reads them anew

    def batches(epoch: int, part: tuple[int, int]) -> Iterator[Dataset]:
        draw, seen, used = Random(f"{seed} {epoch}"), 0, 0

        def dealt(lines: list[int]) -> list[list[int]]:
            """The lines that this process has of each batch."""
            order = lines if seed is None else draw.sample(lines, len(lines))
            return [share(order[k : k + rows], part) for k in range(0, len(order), rows)]

        def of_part(lines: list[bytes], first: int) -> Iterator[Dataset]:
            nonlocal seen, used
            ours, data, place_of = None, none, dict[int, int]()
            if part != ALL:  # before they are read
                ours = dealt([k for k, line in enumerate(lines, first) if line.strip()])
            table = file.table(lines, first, None if ours is None else {*chain(*ours)})
            seen += len(table.rows) + table.left_out
            try:
                found = alike(table, place, columns, class_names, skip_bad)
                if len(found.targets) < len(table.rows) and not skip_bad:
                    raise _unlike(table, found.notes[-1])
                data = Dataset(**found.fields)
                place_of = {line: i for i, line in enumerate(found.table.lines)}
                notes.extend(x for x in _unknown(table, columns, same) if x not in notes)
            except NoRows:
                if table.rows and not skip_bad:
                    raise _unlike(table, "none that can be used") from None
            used += len(data)
            for batch in dealt([*place_of]) if ours is None else ours:
                yield data.take([place_of[line] for line in batch if line in place_of])

        for lines, first in file:
            yield from of_part(lines, first)  # which keeps nothing of it
        note = f"{seen - used} of {seen} rows of the file left out"
        notes.extend([note] * (used < seen and note not in notes))

    none = Dataset([], [], columns.feature_names, class_names)
    stream = Stream(batches)
    stream.notes, stream.title = notes, f"{file.name}, {getsize(file.path)} bytes"
    return stream


class _Parts:
    """The parts of a file as tables, all read as the first one is."""

    def __init__(self, path: str, lines: int, how: Reading) -> None:
        self.path, self.name, self.lines = path, printable(path), lines
        how.check(self.name)
        with self._opened() as file:
            content = b"".join(self._read(file, how.header is not False))
        if content[:2] == b"PK" or max(zeros(content[:400])):
            need, remedy = "text in UTF-8, or in .gz", "unpack it, or save it as CSV in UTF-8"
            raise DataError.at(self.name, need, "a .zip, a workbook or UTF-16", remedy)
        if not content.strip():
            raise DataError.at(self.name, "rows of cells", "an empty file", "check the path")
        mark = how.delimiter or dialect(decoded(self.name, content, how.encoding)[0], None)[0]
        how = replace(how, delimiter=mark)
        self.first = table_in(self.name, content, how)
        self.how = replace(how, header=self.first.header, width=len(self.first.columns))
        for word, phrase in (("decimal", " are read as "), ("encoding", "is not UTF-8: read as")):
            notes = [note for note in self.first.notes if phrase in note]
            if notes and not getattr(how, word):
                need = f"{word}=... for a file that is read in parts"
                raise DataError.at(self.name, need, "none", notes[0])
        self.head = content.splitlines(keepends=True)[: self.first.lines[0] - 1]

    def __iter__(self) -> Iterator[tuple[list[bytes], int]]:
        """The lines of each part, and the number of the first."""
        with self._opened() as file:
            done = sum(1 for _ in islice(file, len(self.head)))
            while lines := self._read(file):
                if any(map(bytes.strip, lines)):
                    yield lines, done + 1
                done += len(lines)

    def table(self, lines: list[bytes], first: int, wanted: set[int] | None) -> Table:
        """The lines of a part as a table; or the rows that begin in the lines that are wanted."""
        if wanted is not None and all(line.count(b'"') % 2 == 0 for line in lines):
            # nothing goes on in the next line: so the others need not be read
            lines = [line if k in wanted else b"\n" for k, line in enumerate(lines, first)]
        how = replace(self.how, before=first - 1 - len(self.head))
        table = table_in(self.name, b"".join([*self.head, *lines]), how)
        if wanted is None:
            return table
        return table.take([i for i, line in enumerate(table.lines) if line in wanted])

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            with open(self.path, "rb") as file:
                if file.read(2) == b"\x1f\x8b":
                    with gzip.open(self.path) as unpacked:
                        yield unpacked
                else:
                    file.seek(0)
                    yield file
        except (OSError, EOFError, zlib.error) as error:
            came = f"'{getattr(error, 'strerror', None) or error}'"
            need = "a file that can be read"
            raise DataError.at(self.name, need, came, "check the path") from None

    def _read(self, file: Iterator[bytes], head: int = 0) -> list[bytes]:
        """The lines of the next part, to the end of a cell that is in quotes."""
        lines = list(islice(file, self.lines + head))
        quotes = sum(line.count(b'"') for line in lines)
        for line in islice(file, self.lines) if quotes % 2 else ():
            lines.append(line)
            quotes += line.count(b'"')
            if quotes % 2 == 0:
                break
        return lines


def _unlike(table: Table, came: str) -> DataError:
    """Why a part cannot be used some of whose rows would be left out."""
    where = f"{table.path}, {table.line}s {table.lines[0]} to {table.lines[-1]}"
    remedy = "pass a larger part to learn from, or skip_bad=True to leave such rows out"
    return DataError.at(where, "rows like those of the first part", came, remedy)


def _unknown(table: Table, columns: Columns, same: Mapping[str, set[str]]) -> Iterator[str]:
    """Notes on what the first part lacks: values of text columns, gaps, and any difference."""
    for column in columns.found:
        if column.name not in table.columns:
            continue
        cells = {*table.cells(column.name)}
        there = {cell for cell in cells if not missing(cell)}
        if column.kind == "category" and (new := there - {*column.values}):
            yield f"{column.name}: values that the first part lacks, as {quoted([min(new)])}"
        if column.kind != "left out" and there < cells and not column.gaps:
            gaps = "missing cells, of which the first part has none"
            yield f"{column.name}: {gaps}, are filled by its rows"
        if there - same.get(column.name, there):
            yield f"{column.name}: left out, since in the first part it is {column.why}"
