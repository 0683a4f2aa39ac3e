"""Rows: the user's own file, what its target is taken for and why, and the three parts that it is
split into.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isfinite, nan
from statistics import fmean, pstdev

from nn.cli.parser import Refused
from nn.data.csv_reader import DataError, Table, closest, number, read_table
from nn.data.dataset import Dataset, Standardizer
from nn.data.scaling import moments

__all__ = ["Parts", "Rows", "in_options"]

# What an error of the library calls an argument, and what the command line calls it.
OPTIONS = {
    "pass classification=True": "pass --classification",
    "pass classification=False": "pass --regression",
    "pass header=True or header=False": "pass --header or --no-header",
    "got header=False": "got --no-header",
    "pass header=False": "pass --no-header",
    "pass the right delimiter": "pass the right --delimiter",
    "choose another target": "choose another --target",
    "give it another path, or remove the file to begin anew": "resume with the file and the options that it was begun "
    "with, or begin anew with --overwrite or another --out",
    "give the model the same seed, or another path, or remove the file to begin anew": "resume it with the same --seed "
    "and --init, or begin anew with --overwrite or another --out",
    "remove the file to begin anew": "begin anew with --overwrite or another --out",
    "save it again": "begin anew with --overwrite or another --out",
    "ask for as many, or give it another path": "ask for more with --epochs, or begin anew with --overwrite or "
    "another --out",
}


MANY = 20  # classes, from which on they need two rows each: they are names, or numbers, and not classes


@dataclass(frozen=True)
class Rows:
    """All rows of a file as they are in it, the target's name, and a sentence on what it is taken
    for.

    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pond.csv")
    ...     _ = path.write_text("width,kind\\n3,newt\\n1,frog\\n")
    ...     rows = Rows.read(str(path), "kind")
    >>> rows.data, rows.guess
    (Dataset(2 rows x 1 feature, 2 classes: frog, newt), 'kind holds text: classification')
    """

    data: Dataset
    target: str
    guess: str

    @classmethod
    def read(
        cls,
        path: str,
        target: str | None = None,
        ignore: Sequence[str] = (),
        classification: bool | None = None,
        header: bool | None = None,
        delimiter: str | None = None,
    ) -> "Rows":
        """Read a file; whatever cannot be used raises Refused or DataError."""
        try:
            table = _table(path, target, header, delimiter)
            targets, class_names = table.targets(classification)
            inputs = _inputs(table, ignore)
            features = _features(table, inputs)
        except DataError as error:
            raise Refused(in_options(str(error))) from None
        if len(class_names) > MANY and len(class_names) > len(targets) / 2:
            what = f"{len(class_names)} different values of {table.columns[table.target]!r} in {len(targets)} rows"
            other = (
                "choose another --target"
                if all(number(each) is None for each in class_names)
                else "use --regression"
            )
            raise Refused(
                f"{path}: needs classes with two rows each, on average, got {what}; {other}"
            )
        data = Dataset(features, targets, [table.columns[i] for i in inputs], class_names)
        name = table.columns[table.target]
        if not class_names and len(set(targets)) < 2:
            raise Refused(
                f"{path}: needs a target that differs between rows, got {targets[0]:g} in all; choose another"
            )
        return cls(data, name, _guess(name, data, classification))


@dataclass(frozen=True)
class Parts:
    """The rows to learn from, to validate and held out, and the scaling that the first of them
    gives.

    >>> from nn import iris
    >>> parts = Parts.of(iris(), test=0.2, validation=0.2, seed=0)
    >>> len(parts.learn), len(parts.validation), len(parts.test)
    (90, 30, 30)
    """

    learn: Dataset
    validation: Dataset | None
    test: Dataset | None
    scaling: Standardizer
    target_mean: float = 0.0
    target_deviation: float = 1.0

    @classmethod
    def of(cls, data: Dataset, test: float, validation: float, seed: int) -> "Parts":
        """Split rows by fractions of all of them (0 for none), stratified by class."""
        try:
            rest, held_out = data.split(test, seed) if test else (data, None)
            return cls.given(rest, held_out, validation / (1 - test), seed)
        except DataError as error:
            if not str(error).startswith("split"):
                raise
            raise DataError(
                f"{len(data)} rows cannot be split by --test {test:g} and --validation {validation:g} so that each "
                "part has one; add rows, or give other fractions, or 0 for no such part"
            ) from None

    @classmethod
    def given(cls, rest: Dataset, test: Dataset | None, validation: float, seed: int) -> "Parts":
        """The parts where it is settled which rows are held out; validation is a fraction of the
        others.
        """
        learn, checked = rest.split(validation, seed) if validation else (rest, None)
        scaling = Standardizer.fit(learn)
        if learn.classification:
            return cls(learn, checked, test, scaling)
        moments(learn.targets, "the target")  # which refuses what overflows
        return cls(
            learn, checked, test, scaling, fmean(learn.targets), pstdev(learn.targets) or 1.0
        )

    def scaled(self, part: Dataset) -> Dataset:
        """A part as the model sees it: features, and the numbers of a regression, of mean 0 and
        deviation 1.
        """
        part = self.scaling.transform(part)
        if part.classification:
            return part
        return replace(
            part, targets=[(t - self.target_mean) / self.target_deviation for t in part.targets]
        )

    @property
    def unlearnt(self) -> list[str]:
        """The classes that no row to learn from has."""
        known = Counter(self.learn.targets)
        return [name for k, name in enumerate(self.learn.class_names) if not known[k]]


def in_options(sentence: str) -> str:
    """A sentence of the library's, in the words of the command line.

    >>> in_options("needs labels; pass classification=True")
    'needs labels; pass --classification'
    """
    for argument, option in OPTIONS.items():
        sentence = sentence.replace(argument, option)
    return sentence


def column(table: Table, name: str, option: str) -> int:
    """The column of that name; without one, a name of digits counts columns from 1, or from the
    last one, -1.

    >>> column(Table("rain.csv", ["width", "kind"], True, 1, [["3", "frog"]], [2]), "1", "--ignore")
    0
    """
    if name in table.columns:
        return table.columns.index(name)
    place = _counted(name)
    if place is not None and -len(table.columns) <= place < len(table.columns):
        return place % len(table.columns)
    shown = ", ".join(f'"{" ".join(each.split())}"' for each in table.columns[:10])
    more = ", ..." if len(table.columns) > 10 else ""
    raise Refused(
        f"{table.path} has no column {name!r} for {option}: {closest(name, table.columns)}its columns are {shown}{more}"
    )


def _table(path: str, target: str | None, header: bool | None, delimiter: str | None) -> Table:
    """The rows, read once if all is well, since a pipe cannot be read again."""
    if target is None:
        return read_table(path, -1, header, delimiter)
    place = _counted(target.removeprefix("column "))  # as those without a name are called
    if place is not None:
        # of the column that is the target it depends whether the first row is taken for a header
        with suppress(DataError):
            table = read_table(path, place, header, delimiter)
            return replace(table, target=column(table, target, "--target"))
        return read_table(
            path,
            column(read_table(path, -1, header, delimiter), target, "--target"),
            header,
            delimiter,
        )
    if header is False:
        return read_table(path, target, header, delimiter)  # which says why not
    table = read_table(path, -1, True, delimiter)
    return replace(table, target=column(table, target, "--target"))


def _counted(name: str) -> int | None:
    """The index, from 0 or negative, of a column that is counted from 1, or from -1 backwards; None
    of other names.
    """
    digits = name.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        return None
    return int(name) - (name == digits)


def _inputs(table: Table, ignore: Sequence[str]) -> list[int]:
    ignored = {column(table, name, "--ignore") for name in ignore}
    if table.target in ignored:
        raise Refused(
            f'"{table.columns[table.target]}" is the target and cannot be ignored: name another --target'
        )
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
    text, name, count = table.rows[row][i], table.columns[i], len(table.rows)
    need = "a number" if number(text) is None else "a finite number"
    words = text and number(text) is None and number(text.replace(",", ".")) is None
    remedy = f'correct the cell, or leave the column out with --ignore "{name}"' if words else ""
    if bad[i] == count and words:
        remedy = f'leave the column out with --ignore "{name}"'
    others = [f'{bad[k]} of "{table.columns[k]}"' for k in sorted(bad, key=lambda k: k != i)]
    more = ", ..." if len(others) > 5 else ""
    sentence = str(table.refusal(row, i, need, remedy))
    if bad.total() > 1:
        sentence += f"; cells that cannot be used, in {count} rows: {', '.join(others[:5])}{more}"
    raise DataError(sentence)


def _guess(name: str, data: Dataset, told: bool | None) -> str:
    if told is not None:
        return f"{name}: as you said, {'classification' if told else 'regression'}"
    if not data.classification:
        count = len(set(data.targets))
        return f"{name} holds numbers, {count} different ones: regression (--classification takes each for a class)"
    if all(number(each) is not None for each in data.class_names):
        return f"{name} holds a few whole numbers (--regression takes them as such): classification"
    return f"{name} holds text: classification"
