"""The rows of the user's own file, what the target is predicted as and why, and the three parts."""

import argparse
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isfinite, nan
from statistics import fmean, pstdev

from nn.cli.options import Refused
from nn.cli.report import QUOTED, listed
from nn.data.csv_reader import DataError, Table, closest, number, read_table
from nn.data.dataset import Dataset, Standardizer
from nn.data.scaling import moments

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
        if len(class_names) > MANY and len(class_names) > len(targets) / 2:
            words = all(number(each) is None for each in class_names)
            raise Refused(
                f"{path}: needs classes with two rows each, on average, got {len(class_names)} "
                f"different values of {name!r} in {len(targets)} rows; "
                + ("choose another --target" if words else "use --regression")
            )
        if not class_names and len(set(targets)) < 2:
            raise Refused(
                f"{path}: needs a target that differs between rows, got {targets[0]:g} in all; "
                "choose another"
            )
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
        moments(training.targets, "the target")  # which refuses what overflows
        middle, deviation = fmean(training.targets), pstdev(training.targets) or 1.0
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


def column(table: Table, name: str, option: str) -> int:
    """The column of that name; without one, a name of digits counts columns from 1, or from the
    last one, -1.

    >>> table = Table("rain.csv", ["width", "kind"], True, 1, [["3", "frog"]], [2])
    >>> column(table, "1", "--ignore")
    0
    """
    if name in table.columns:
        return table.columns.index(name)
    place = _counted(name)
    if place is not None and -len(table.columns) <= place < len(table.columns):
        return place % len(table.columns)
    meant = closest(name, table.columns)
    names = listed(table.columns, 10, QUOTED)
    raise Refused(
        f"{table.path} has no column {name!r} for {option}: {meant}its columns are {names}"
    )


def _table(path: str, target: str | None, header: bool | None, delimiter: str | None) -> Table:
    """The rows, read once if all is well, since a pipe cannot be read again."""
    if target is None:
        return read_table(path, -1, header, delimiter)
    place = _counted(target.removeprefix("column "))  # as those without a name are called
    if place is not None:
        # whether the first row is a header depends on the column that is the target
        with suppress(DataError):
            table = read_table(path, place, header, delimiter)
            return replace(table, target=column(table, target, "--target"))
        table = read_table(path, -1, header, delimiter)
        return read_table(path, column(table, target, "--target"), header, delimiter)
    if header is False:
        return read_table(path, target, header, delimiter)  # which says why not
    table = read_table(path, -1, True, delimiter)
    return replace(table, target=column(table, target, "--target"))


def _counted(name: str) -> int | None:
    """The index of a column that is counted from 1, or from -1 backwards; None of other names."""
    digits = name.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        return None
    return int(name) - (name == digits)


def _inputs(table: Table, ignore: Sequence[str]) -> list[int]:
    ignored = {column(table, name, "--ignore") for name in ignore}
    if table.target in ignored:
        name = table.columns[table.target]
        raise Refused(f'"{name}" is the target and cannot be ignored: name another --target')
    inputs = [i for i in range(len(table.columns)) if i != table.target and i not in ignored]
    if not inputs:
        raise Refused(
            f"{table.path}: needs a column to learn from, got none but the target; ignore fewer"
        )
    return inputs


def _features(table: Table, inputs: Sequence[int]) -> list[list[float]]:
    """The numbers in the cells; if some hold none, the refusal of the first counts the others too."""
    features, bad = [], Counter[int]()
    first: tuple[int, int] | None = None
    for row, cells in enumerate(table.rows):
        found = [number(cells[i]) for i in inputs]
        features.append([nan if x is None else x for x in found])
        for i, x in zip(inputs, features[-1], strict=True):
            if not isfinite(x):
                first = first or (row, i)
                bad[i] += 1
    if first is None:
        return features
    row, i = first
    text, count = table.rows[row][i], len(table.rows)
    # a column without any number is no column of numbers; a comma has a remedy of the reader's
    words = number(text) is None and number(text.replace(",", ".")) is None
    remedy = f'leave the column out with --ignore "{table.columns[i]}"' if words else ""
    if bad[i] < count:
        remedy = f"correct the cell, or {remedy}" if remedy and text else ""
    need = "a number" if number(text) is None else "a finite number"
    sentence = str(table.refusal(row, i, need, remedy))
    if bad.total() > 1:
        others = [f'{bad[k]} of "{table.columns[k]}"' for k in sorted(bad, key=lambda k: k != i)]
        sentence += f"; cells that cannot be used, in {count} rows: {listed(others)}"
    raise DataError(sentence)


def _guess(name: str, data: Dataset, told: bool | None) -> str:
    if told is not None:
        return f"{name}: as you said, {'classification' if told else 'regression'}"
    if not data.classification:
        count = len(set(data.targets))
        other = "(--classification predicts each as a class)"
        return f"{name} holds numbers, {count} different ones: regression {other}"
    if all(number(each) is not None for each in data.class_names):
        other = "(--regression predicts them as such)"
        return f"{name} holds a few whole numbers {other}: classification"
    return f"{name} holds text: classification"
