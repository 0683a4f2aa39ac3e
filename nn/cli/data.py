"""The rows of the user's own file: what the target is predicted as, the three parts, and notes."""

import argparse
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import pstdev
from typing import Any

from nn.cli.options import Refused
from nn.cli.report import QUOTED, listed
from nn.data.cells import number
from nn.data.csv_reader import read_table
from nn.data.dataset import Dataset
from nn.data.prepared import prepared
from nn.data.scaling import Standardizer, moments
from nn.data.table import DataError, Table, closest
from nn.doctor.data_stats import gives_away

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
        if place in left:
            raise Refused(f'"{name}" is the target and cannot be ignored: name another --target')
        if len(table.columns) > 1 and {*left, place} == {*range(len(table.columns))}:
            need = "needs a column to learn from, got none but the target"
            raise Refused(f"{table.path}: {need}; ignore fewer")
        kept = [table.columns[i] for i in keep]
        how = (options.missing, options.skip_bad)
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
        if training.columns is not None:  # fills, too, are learned from the training rows alone
            learned = training.columns.fitted(training.features, training.holes)
            training = training.filled(learned)
            checked, test = (part and part.filled(learned) for part in (checked, test))
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


def table_of(
    path: str,
    options: argparse.Namespace,
    header: bool | None = None,
    known: Collection[str] = (),
) -> Table:
    """The rows of a file, read as the options say."""
    names = ("decimal", "encoding", "skip_bad")
    how = {name: getattr(options, name) for name in names}
    return read_table(path, header, options.delimiter, known=known, **how)


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
    telling = [name for name, column in _by_column(data) if gives_away(column, data)]
    if telling and data.columns and len(telling) < len(data.columns.found):
        what, leaves = "gives the target away", "leaves it"
        if len(telling) > 1:
            what, leaves = "each give the target away", "leave them"
        ignore = listed(telling, form='--ignore "{}"', between=" ")
        found.append(f"{listed(telling, form=QUOTED)} {what}: {ignore} {leaves} out")
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
