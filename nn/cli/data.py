"""The rows of the user's own file: what the target is predicted as, and notes."""

import argparse
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nn.cli.options import Refused
from nn.cli.report import QUOTED, listed
from nn.data.cells import number
from nn.data.columns import FEW
from nn.data.csv_reader import read_table
from nn.data.dataset import Dataset
from nn.data.notation import Marks
from nn.data.prepared import prepared
from nn.data.table import DataError, Table, closest
from nn.doctor.data_stats import gives_away

HUGE = 1e150  # a number whose square overflows
MANY = 20  # classes; more of them, with less than two rows each, are names or numbers


@dataclass(frozen=True)
class Rows:
    """All rows of a file, the target's name, and a sentence on what it is predicted as."""

    data: Dataset
    target: str
    guess: str
    table: Table  # the same rows, as they are in the file

    @classmethod
    def read(cls, options: argparse.Namespace) -> "Rows":
        """Read the file; whatever cannot be used raises Refused or DataError."""
        path, classification = options.csv, options.classification
        header = options.header
        if header is None and options.target and _counted(options.target) is None:
            header = True  # it has a name
        table = table_of(path, options, header)
        place = len(table.columns) - 1
        if options.target is not None:
            place = _column(table, options.target, "--target")
        name = table.columns[place]
        left, keep = (
            [_column(table, each, f"--{option}") for each in getattr(options, option)]
            for option in ("ignore", "keep")
        )
        for option in ("group", "time"):  # which say how to split, and are nothing to learn from
            if (named := getattr(options, option)) is not None:
                left.append(_column(table, named, f"--{option}"))
                if left[-1] == place:
                    raise Refused(f'"{name}" is the target: name another column for --{option}')
        if place in left:
            raise Refused(f'"{name}" is the target and cannot be ignored: name another --target')
        if len(table.columns) > 1 and {*left, place} == {*range(len(table.columns))}:
            need = "needs a column to learn from, got none but the target"
            raise Refused(f"{table.path}: {need}; ignore fewer")
        kept = [table.columns[i] for i in keep]
        how = (options.missing, options.skip_bad, options.dates)
        found = prepared(table, place, classification, left, kept, *how)
        targets, class_names = found.targets, found.class_names
        if len(class_names) > max(MANY, len(targets) / 2):
            words = all(number(each) is None for each in class_names)
            came = f"{len(class_names)} different values of {name!r} in {len(targets)} rows"
            do = "choose another --target" if words else "use --regression"
            raise Refused(f"{path}: needs classes with two rows each, on average, got {came}; {do}")
        if not class_names and len(set(targets)) < 2:
            came = f"{targets[0]:g} in all; choose another"
            raise Refused(f"{path}: needs a target that differs between rows, got {came}")
        data = Dataset(**found.fields)
        return cls(data, name, f"{name}{_guess(data, classification)}", found.table)

    def column(self, name: str, option: str) -> int:
        """The place of a column that an option names."""
        return _column(self.table, name, option)


def table_of(
    path: str,
    options: argparse.Namespace,
    header: bool | None = None,
    known: Collection[str] = (),
    learned: Mapping[str, Marks] | None = None,
) -> Table:
    """The rows of a file, read as the options say, its numbers as they were learned."""
    names = ("decimal", "encoding", "skip_bad")
    how = {name: getattr(options, name) for name in names}
    return read_table(path, header, options.delimiter, known=known, learned=learned, **how)


def _column(table: Table, name: str, option: str) -> int:
    """The column of that name; without one, digits count columns from 1, or back from -1."""
    columns, place = table.columns, _counted(name)
    if name in columns:
        return columns.index(name)
    if place is not None and -len(columns) <= place < len(columns):
        return place % len(columns)
    if not table.header:
        need = f"a header to find the column {name!r} for {option} by name"
        raise DataError.at(table.path, need, "header=False", "pass its number")
    its = f"{closest(name, columns)}its columns are {listed(columns, 10, QUOTED)}"
    raise Refused(f"{table.path} has no column {name!r} for {option}: {its}")


def _counted(name: str) -> int | None:
    """The index of a column that is counted from 1, or from -1 backwards; None of other names."""
    if not (found := re.fullmatch("(?:column )?(-?[1-9][0-9]{0,8})", name)):
        return None
    return int(found[1]) if found[1][0] == "-" else int(found[1]) - 1


def _guess(data: Dataset, told: bool | None) -> str:
    """What the target holds, and what it is predicted as."""
    kind = "classification" if data.classification else "regression"
    if told is not None:
        return f": as you said, {kind}"
    if not data.classification:
        numbers = f"numbers, {len(set(data.targets))} different ones"
        return f" holds {numbers}: {kind} (--classification predicts each as a class)"
    if any(number(each) is None for each in data.class_names):
        return f" holds text: {kind}"
    return f" holds a few whole numbers (--regression predicts them as such): {kind}"


def data_warnings(data: Dataset, training: Dataset) -> list[str]:
    """A sentence on each kind of rows that can be used, but may not be what was meant."""
    found, alike = [], defaultdict(list)
    for name in data.class_names:
        alike["".join(name.split()).casefold()].append(f'"{name}"')
    for names in alike.values():
        if len(names) > 1:
            classes = f"{' and '.join(names)} are {len(names)} classes"
            found.append(f"{classes}: write them alike if they are one")
    columns = list(_by_column(data))
    telling = [name for name, column in columns if gives_away(column, data)]
    telling += [name for name, mark in _marks(data) if gives_away(mark, data)]
    telling = list(dict.fromkeys(telling))
    numbering = [name for name, x in columns if name not in telling and _in_order(x)]
    for those, one, several in (
        (numbering, "looks like a row number", "look like row numbers"),
        (telling, "gives the target away", "each give the target away"),
    ):
        if those and data.columns and len(those) < len(data.columns.found):
            what, leaves = (one, "leaves it") if len(those) == 1 else (several, "leave them")
            ignore = listed(those, form='--ignore "{}"', between=" ")
            found.append(f"{listed(those, form=QUOTED)} {what}: {ignore} {leaves} out")
    for name, column in columns:
        if not isinstance(column[0], tuple) and (far := max(map(abs, column))) > HUGE:
            came = f"holds numbers of up to {far:.0e}, whose squares overflow"
            found.append(f'"{name}" {came}: divide them, or scores beside it may be off')
    known = set(training.targets)
    if missing := [name for k, name in enumerate(data.class_names) if k not in known]:
        gone = f"no row of {listed(missing)} is among the training rows"
        found.append(f"{gone}, so that it cannot be learned: add rows of it")
    return found


def _by_column(data: Dataset) -> Iterator[tuple[str, Sequence[Any]]]:
    """Each column of the file with what the rows hold of it: numbers, or features together."""
    spans = data.columns.spans if data.columns else {}
    across = list(zip(*data.features, strict=True))
    for name, span in spans.items():
        features = across[span.start : span.stop]
        yield name, features[0] if len(span) == 1 else list(zip(*features, strict=True))


def _marks(data: Dataset) -> Iterator[tuple[str, Sequence[Any]]]:
    """What says where cells of a column are missing, of each that has such a feature."""
    for column in data.columns.used if data.columns else ():
        if column.marked and column.kind != "category":
            place = data.columns.spans[column.name][-1] if data.columns else 0
            yield column.name, [row[place] for row in data.features]


def repeated(test: Dataset, others: Sequence[Dataset | None]) -> int:
    """How many rows are, features and target, among those of others."""
    seen = {
        (*row, target)
        for part in others
        if part
        for row, target in zip(part.features, part.targets, strict=True)
    }
    return sum((*row, t) in seen for row, t in zip(test.features, test.targets, strict=True))


def _in_order(column: Sequence[Any]) -> bool:
    """Whether a column holds whole numbers that rise from row to row, and are no years."""
    if len(column) <= FEW or isinstance(column[0], tuple) or 1500 <= column[0] <= 2200:
        return False
    return all(x.is_integer() for x in column) and all(a < b for a, b in pairwise(column))
