"""The rows of the user's own file: what the target is predicted as, the three parts, and notes."""

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from statistics import pstdev

from nn.cli.options import Refused
from nn.cli.report import QUOTED, listed
from nn.data.csv_reader import DataError, Table, closest, number, read_table
from nn.data.dataset import Dataset
from nn.data.scaling import Standardizer, moments
from nn.doctor.data_stats import determines_target

FEW = 5  # rows, of which numbers in sequence are no wonder
INDEX = ("id", "index", "no", "nr", "row", "column 1")  # of which the last has no name
MANY = 20  # classes; more of them, with less than two rows each, are names or numbers


@dataclass(frozen=True)
class Rows:
    """All rows of a file, the target's name, and a sentence on what it is predicted as."""

    data: Dataset
    target: str
    guess: str

    @classmethod
    def read(cls, options: argparse.Namespace) -> "Rows":
        """Read the file; whatever cannot be used raises Refused or DataError."""
        path, classification = options.csv, options.classification
        table = _table(path, options.target, options.header, options.delimiter)
        name = table.columns[table.target]
        targets, class_names = table.targets(classification)
        inputs = _inputs(table, options.ignore or ())
        features = _features(table, inputs)
        if len(class_names) > max(MANY, len(targets) / 2):
            words = all(number(each) is None for each in class_names)
            came = f"{len(class_names)} different values of {name!r} in {len(targets)} rows"
            do = "choose another --target" if words else "use --regression"
            raise Refused(f"{path}: needs classes with two rows each, on average, got {came}; {do}")
        if not class_names and len(set(targets)) < 2:
            came = f"{targets[0]:g} in all; choose another"
            raise Refused(f"{path}: needs a target that differs between rows, got {came}")
        data = Dataset(features, targets, [table.columns[i] for i in inputs], class_names)
        return cls(data, name, f"{name}{_guess(data, classification)}")


@dataclass(frozen=True)
class Parts:
    """The training, validation and test rows, and the scaling that the first of them gives."""

    training: Dataset
    validation: Dataset | None
    test: Dataset | None
    scaling: Standardizer
    target_mean: float = 0.0
    target_deviation: float = 1.0

    @classmethod
    def all(cls, data: Dataset, options: argparse.Namespace) -> "list[Parts]":
        """The parts of the run, and those of each fold; too few rows for them raise DataError."""
        seed, test, validation = options.seed, options.test, options.validation
        try:
            rest, held_out = data.split(test, seed) if test else (data, None)
            folds = data.folds(options.folds, seed) if options.folds else ()
            found = [cls.of(rest, held_out, validation / (1 - test), seed)]
            return found + [cls.of(*fold, validation, seed) for fold in folds]
        except DataError as error:
            problem = str(error)
            if problem.startswith("split"):
                wanted = f"--test {test:g}, --validation {validation:g}"
                wanted += f", --folds {options.folds}" if options.folds else ""
                problem = f"{len(data)} rows are too few for {wanted}; add rows, or ask for less"
            raise DataError(f"{options.csv}: {problem}") from None

    @classmethod
    def of(cls, rest: Dataset, test: Dataset | None, validation: float, seed: int) -> "Parts":
        """The parts where the test rows are given; validation is a fraction of the others."""
        training, checked = rest.split(validation, seed) if validation else (rest, None)
        scaling = Standardizer.fit(training)
        if training.classification:
            return cls(training, checked, test, scaling)
        middle, deviation = moments(training.targets, "the target")
        if deviation != 1.0:  # else it is constant, but for rounding
            deviation = pstdev(training.targets)
        return cls(training, checked, test, scaling, middle, deviation)

    def scaled(self, part: Dataset) -> Dataset:
        """A part as the model sees it: features, and numbers to predict, standardized."""
        part = self.scaling.transform(part)
        if part.classification:
            return part
        targets = [(t - self.target_mean) / self.target_deviation for t in part.targets]
        return replace(part, targets=targets)


def _column(table: Table, name: str, option: str) -> int:
    """The column of that name; without one, digits count columns from 1, or back from -1."""
    columns, place = table.columns, _counted(name)
    if name in columns:
        return columns.index(name)
    if place is not None and -len(columns) <= place < len(columns):
        return place % len(columns)
    its = f"{closest(name, columns)}its columns are {listed(columns, 10, QUOTED)}"
    raise Refused(f"{table.path} has no column {name!r} for {option}: {its}")


def _table(path: str, target: str | None, header: bool | None, delimiter: str | None) -> Table:
    """The rows, read once if all is well, since a pipe cannot be read again."""
    if target is None:
        return read_table(path, -1, header, delimiter)
    place = _counted(target.removeprefix("column "))  # as those without a name are called
    if place is None and header is False:
        return read_table(path, target, header, delimiter)  # which says why not
    if place is None:
        table = read_table(path, -1, True, delimiter)
        return replace(table, target=_column(table, target, "--target"))
    # whether the first row is a header depends on the column that is the target
    with suppress(DataError):
        table = read_table(path, place, header, delimiter)
        return replace(table, target=_column(table, target, "--target"))
    table = read_table(path, -1, header, delimiter)
    return read_table(path, _column(table, target, "--target"), header, delimiter)


def _counted(name: str) -> int | None:
    """The index of a column that is counted from 1, or from -1 backwards; None of other names."""
    if not re.fullmatch("-?[1-9][0-9]{0,8}", name):
        return None
    return int(name) if name[0] == "-" else int(name) - 1


def _inputs(table: Table, ignore: Sequence[str]) -> list[int]:
    ignored = {_column(table, name, "--ignore") for name in ignore}
    if table.target in ignored:
        name = table.columns[table.target]
        raise Refused(f'"{name}" is the target and cannot be ignored: name another --target')
    inputs = [i for i in range(len(table.columns)) if i != table.target and i not in ignored]
    if not inputs:
        need = "needs a column to learn from, got none but the target"
        raise Refused(f"{table.path}: {need}; ignore fewer")
    return inputs


def _features(table: Table, inputs: Sequence[int]) -> list[list[float]]:
    """The numbers in the cells; the refusal of the first that holds none counts the others too."""
    try:
        return table.features(inputs)
    except DataError as error:
        cells = ((table.columns[i], number(row[i])) for row in table.rows for i in inputs)
        bad = Counter(name for name, x in cells if x is None or not isfinite(x))
        ignore = f'leave it out with --ignore "{next(iter(bad))}"'
        sentence = str(error).replace("remove the column", ignore).replace("remove it", ignore)
        if bad.total() > 1:
            counts = listed([f'{count} of "{name}"' for name, count in bad.items()])
            sentence += f"; cells that cannot be used, in {len(table.rows)} rows: {counts}"
        raise DataError(sentence) from None


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
    columns = [*zip(data.feature_names, zip(*data.features, strict=True), strict=True)]
    same = [name for name, column in columns if len({*column}) == 1]
    numbering = [name for name, column in columns if _numbers_rows(name, column)]
    telling = [name for name, column in columns if determines_target(column, data)]
    for names, one, several in (
        (same, "is the same in all rows", "are the same in all rows"),
        (numbering, "looks like a row number", "look like row numbers"),
        (telling, "is the target in other numbers", "are the target in other numbers"),
    ):
        if 0 < len(names) < len(columns):
            what, leaves = (one, "leaves it") if len(names) == 1 else (several, "leave them")
            ignore = listed(names, form='--ignore "{}"', between=" ")
            found.append(f"{listed(names, form=QUOTED)} {what}: {ignore} {leaves} out")
    known = set(training.targets)
    if missing := [name for k, name in enumerate(data.class_names) if k not in known]:
        gone = f"no row of {listed(missing)} is among the training rows"
        found.append(f"{gone}, so that it cannot be learned: add rows of it")
    return found


def _numbers_rows(name: str, column: tuple[float, ...]) -> bool:
    """Whether they are different whole numbers, in sequence, in order, or called an index."""
    if len(column) <= FEW or not all(x.is_integer() for x in column):
        return False
    ordered = (*sorted(column),)
    in_sequence = all(b - a == 1 for a, b in pairwise(ordered))
    named = name.casefold() in INDEX or name.startswith("Unnamed")
    return in_sequence or (len({*column}) == len(column) and (named or column == ordered))
