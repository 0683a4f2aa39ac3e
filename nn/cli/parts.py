"""The rows that a run learns from, those that choose its epoch, and those held out."""

import argparse
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import pstdev
from typing import Any

from nn.cli.data import Rows, column_of, table_like
from nn.cli.options import Refused
from nn.data.dataset import Dataset
from nn.data.prepared import alike
from nn.data.scaling import Standardizer, moments
from nn.data.splits import Split, fold_rows, split_rows, times_of
from nn.data.table import DataError


@dataclass(frozen=True)
class Marked:
    """Rows with the "groups" or the "times" that they are to be split by, if any."""

    data: Dataset
    by: Mapping[str, Any]

    @classmethod
    def of(cls, rows: Rows, options: argparse.Namespace) -> "Marked":
        """The rows of the file with what the options name."""
        if options.group is not None:
            groups = rows.table.cells(column_of(rows.table, options.group, "--group"))
            return cls(rows.data, {"groups": groups})
        if options.time is None:
            return cls(rows.data, {})
        place = column_of(rows.table, options.time, "--time")
        cells = rows.table.cells(place)
        if not (times := times_of(cells)):
            wrong = next((i for i, cell in enumerate(cells) if not times_of([cell])), 0)
            raise rows.table.refusal(wrong, place, "numbers or dates, all written alike")
        return cls(rows.data, {"times": times})

    def split(self, fraction: float, seed: int) -> "tuple[Marked, Marked]":
        """Two parts, (rest, part), where part holds about that fraction of the rows."""
        return self._parts(split_rows(self.data.labels(), fraction, seed, **self.by))

    def folds(self, count: int, seed: int) -> "list[tuple[Marked, Marked]]":
        """(rest, part) for each fold of a cross-validation."""
        return list(map(self._parts, fold_rows(self.data.labels(), count, seed, **self.by)))

    def _parts(self, split: Split) -> "tuple[Marked, Marked]":
        rest, part = (
            Marked(self.data.take(rows), {x: [of[i] for i in rows] for x, of in self.by.items()})
            for rows in split
        )
        return rest, part


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
    def all(cls, rows: Rows, options: argparse.Namespace) -> "list[Parts]":
        """The parts of the run, and those of each fold; too few rows for them raise DataError."""
        seed, validation = options.seed, options.validation
        test = 0.0 if options.test_file else options.test
        if options.folds and options.time is not None:
            raise Refused("--folds would learn from rows later than those held out: no --time then")
        marked = rest = Marked.of(rows, options)
        held_out = _test_rows(rows, options) if options.test_file else None
        try:
            if test:
                rest, part = marked.split(test, seed)
                held_out = part.data
            folds = marked.folds(options.folds, seed) if options.folds else []
            parts = [(rest, held_out, validation / (1 - test))]
            parts += [(fold, part.data, validation) for fold, part in folds]
            found = list[Parts]()
            for learned, held, share in parts:
                rest, checked = learned.split(share, seed) if share else (learned, None)
                found.append(cls.of(rest.data, checked.data if checked else None, held))
            return found
        except DataError as error:
            raise DataError(f"{options.csv}: {_in_options(str(error), rows, options)}") from None

    @classmethod
    def of(cls, training: Dataset, validation: Dataset | None, test: Dataset | None) -> "Parts":
        """These parts, their fills and scaling learned from the training rows alone."""
        if training.columns is not None:
            learned = training.columns.fitted(training.features, training.holes)
            training = training.filled(learned)
            validation, test = (part and part.filled(learned) for part in (validation, test))
        with warnings.catch_warnings(action="ignore"):  # a note on the rows says it
            scaling = Standardizer.fit(training)
            if training.classification:
                return cls(training, validation, test, scaling)
            middle, deviation = moments(training.targets, "the target")
        if deviation != 1.0:  # else it is constant, but for rounding
            deviation = pstdev(training.targets)
        return cls(training, validation, test, scaling, middle, deviation)

    def scaled(self, part: Dataset) -> Dataset:
        """A part as the model sees it: features, and numbers to predict, standardized."""
        part = self.scaling.transform(part)
        if part.classification:
            return part
        targets = [(t - self.target_mean) / self.target_deviation for t in part.targets]
        return replace(part, targets=targets)


def _test_rows(rows: Rows, options: argparse.Namespace) -> Dataset:
    """The rows of --test-file, with what was learned of the columns of the others."""
    columns = rows.data.columns
    if columns is None:
        raise Refused("--test-file needs rows that come from a file")
    table = table_like(options.test_file, options, columns, rows.target)
    return Dataset(**alike(table, table.index(rows.target), columns, rows.data.class_names).fields)


def _in_options(problem: str, rows: Rows, options: argparse.Namespace) -> str:
    """What is wrong with a split, in the options that asked for it."""
    option = "--group" if options.group is not None else "--time"
    if problem.startswith(("split needs two ", "folds needs a group")):
        return problem.replace(problem.split()[0], f"{option}", 1)
    if not problem.startswith("split"):
        return problem
    wanted = f"--test {options.test:g}, --validation {options.validation:g}"
    wanted += f", --folds {options.folds}" if options.folds else ""
    return f"{len(rows.data)} rows are too few for {wanted}; add rows, or ask for less"
