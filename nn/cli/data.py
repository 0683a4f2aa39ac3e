"""The rows of the user's own file, what the target is predicted as and why, and the three parts."""

import argparse
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isfinite
from statistics import pstdev

from nn.cli.options import Refused
from nn.cli.report import QUOTED, listed
from nn.data.csv_reader import DataError, Table, closest, number, read_table
from nn.data.dataset import Dataset
from nn.data.scaling import Standardizer, moments

__all__ = ["Parts", "Rows"]

MANY = 20  # classes; more of them, with less than two rows each, are names or numbers


@dataclass(frozen=True)
class Rows:
    """All rows of a file, the target's name, and a sentence on what it is predicted as.

    >>> from nn.cli.options import train_parser
    >>> Rows.read(train_parser().parse_args(["nn/data/iris.csv"])).guess
    'species holds text: classification'
    """

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
        return cls(data, name, _guess(name, data, classification))


@dataclass(frozen=True)
class Parts:
    """The training, validation and test rows, and the scaling that the first of them gives.

    >>> from nn import iris
    >>> parts = Parts.of(*iris().split(0.2), validation=0.25, seed=0)
    >>> len(parts.training), len(parts.validation), len(parts.test)
    (90, 30, 30)
    """

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
                names = ["test", "validation", *(["folds"] if options.folds else [])]
                wanted = ", ".join(f"--{name} {getattr(options, name):g}" for name in names)
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
        """A part as the model sees it: features, and the numbers of a regression, of mean 0 and
        standard deviation 1.
        """
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
    if place is not None:
        # whether the first row is a header depends on the column that is the target
        with suppress(DataError):
            table = read_table(path, place, header, delimiter)
            return replace(table, target=_column(table, target, "--target"))
        table = read_table(path, -1, header, delimiter)
        return read_table(path, _column(table, target, "--target"), header, delimiter)
    if header is False:
        return read_table(path, target, header, delimiter)  # which says why not
    table = read_table(path, -1, True, delimiter)
    return replace(table, target=_column(table, target, "--target"))


def _counted(name: str) -> int | None:
    """The index of a column that is counted from 1, or from -1 backwards; None of other names."""
    digits = name.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        return None
    return int(name) - (name == digits)


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
        bad = Counter(i for cells in table.rows for i in inputs if not _usable(cells[i]))
        names = [f'{count} of "{table.columns[i]}"' for i, count in bad.items()]
        ignore = f'leave it out with --ignore "{table.columns[next(iter(bad))]}"'
        sentence = str(error).replace("remove the column", ignore).replace("remove it", ignore)
        if bad.total() > 1:
            rows = f"in {len(table.rows)} rows"
            sentence += f"; cells that cannot be used, {rows}: {listed(names)}"
        raise DataError(sentence) from None


def _usable(cell: str) -> bool:
    x = number(cell)
    return x is not None and isfinite(x)


def _guess(name: str, data: Dataset, told: bool | None) -> str:
    if told is not None:
        return f"{name}: as you said, {'classification' if told else 'regression'}"
    if not data.classification:
        numbers = f"numbers, {len(set(data.targets))} different ones"
        return f"{name} holds {numbers}: regression (--classification predicts each as a class)"
    if any(number(each) is None for each in data.class_names):
        return f"{name} holds text: classification"
    numbers = "a few whole numbers (--regression predicts them as such)"
    return f"{name} holds {numbers}: classification"
