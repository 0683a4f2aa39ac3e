"""The rows of the user's own file: what the target is predicted as, and notes."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.checks import listed
from nn.cli.options import Refused
from nn.data.cells import number
from nn.data.columns import Columns
from nn.data.csv_reader import Reading, read_table
from nn.data.dataset import Dataset
from nn.data.new_rows import check_columns
from nn.data.prepared import prepared
from nn.data.table import DataError, Table, closest, quoted


@dataclass(frozen=True)
class Rows:
    """All rows of a file, the target's name, and a sentence on what it is predicted as."""

    data: Dataset
    target: str
    guess: str
    table: Table  # the same rows, as they are in the file
    doubts: Sequence[str] = ()  # of the data's notes

    @classmethod
    def read(cls, options: argparse.Namespace) -> "Rows":
        """Read the file; whatever cannot be used raises Refused or DataError."""
        path, classification = options.csv, options.classification
        header = options.header
        if header is None and options.target and _counted(options.target) is None:
            header = True  # it has a name
        table = read_table(path, reading(options, header=header))
        place = len(table.columns) - 1
        if options.target is not None:
            place = column_of(table, options.target, "--target")
        name = table.columns[place]
        left = [column_of(table, each, "--ignore") for each in options.ignore]
        keep = [column_of(table, each, "--keep") for each in options.keep]
        for option in ("group", "time"):  # which say how to split, and are nothing to learn from
            if (named := getattr(options, option)) is not None:
                left.append(column_of(table, named, f"--{option}"))
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
        if not found.class_names and len({*found.targets}) < 2:
            need, came = "a target that differs between rows", f"{found.targets[0]:g} in all"
            raise DataError.at(path, need, came, "choose another --target")
        data = Dataset(**found.fields)
        return cls(data, name, f"{name}{_guess(data, classification)}", found.table, found.doubts)


def reading(options: argparse.Namespace, **more: Any) -> Reading:
    """How a file is read, as the options say."""
    names = ("delimiter", "decimal", "encoding", "skip_bad")
    return Reading(**{name: getattr(options, name) for name in names}, **more)


def table_like(path: str, options: argparse.Namespace, columns: Columns, target: str) -> Table:
    """The rows of a file, under a header if the first row holds a name that the model knows."""
    names = [column.name for column in columns.used]
    known = {*names, target}
    bare = known <= {f"column {i}" for i in range(1, 10_000)}  # it learned without a header
    header = False if bare else None
    table = read_table(path, reading(options, header=header, known=known, learned=columns.marks))
    if not table.header and not bare and all(number(x) is not None for x in table.rows[0]):
        need = f"the names of the columns, such as {listed(names)}"
        here = f"{path} {table.line} {table.lines[0]}"
        raise Refused(f"{here}: needs {need}, got only numbers; write them above")
    check_columns(table, columns)
    return table


def column_of(table: Table, name: str, option: str) -> int:
    """The column of that name; without one, digits count columns from 1, or back from -1."""
    columns, place = table.columns, _counted(name)
    if name in columns:
        return columns.index(name)
    if place is not None and -len(columns) <= place < len(columns):
        return place % len(columns)
    if not table.header:
        need = f"a header to find the column {name!r} for {option} by name"
        raise DataError.at(table.path, need, "header=False", "pass its number")
    its = f"{closest(name, columns)}its columns are {quoted(columns)}"
    raise Refused(f"{table.path} has no column {name!r} for {option}: {its}")


def _counted(name: str) -> int | None:
    """The index of a column that is counted from 1, or from -1 backwards; None of other names."""
    if not (found := re.fullmatch("(?:column )?(-?[1-9][0-9]{0,8})", name)):
        return None
    return int(found[1]) if found[1][0] == "-" else int(found[1]) - 1


def _guess(data: Dataset, given: bool | None) -> str:
    """What the target holds, and what it is predicted as."""
    kind = "classification" if data.classification else "regression"
    if given is not None:
        return f": as you said, {kind}"
    if not data.classification:
        numbers = f"numbers, {len(set(data.targets))} different ones"
        return f" holds {numbers}: {kind} (--classification predicts each as a class)"
    if any(number(each) is None for each in data.class_names):
        return f" holds text: {kind}"
    return f" holds a few whole numbers (--regression predicts them as such): {kind}"
