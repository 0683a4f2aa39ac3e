"""Rows of numbers with targets, to split, standardize and batch."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from math import floor, isfinite
from numbers import Integral, Real
from typing import Any, overload

from autograd import Value
from nn.checks import type_name
from nn.data.csv_reader import DataError
from nn.data.scaling import moments

__all__ = ["Dataset", "Standardizer"]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Rows of features with a target each: a class index 0..k-1 if there are class names, otherwise
    a number.

    Features of shape (rows, features) and targets of shape (rows,) may be lists or numpy arrays;
    lists of floats are kept, of ints for class indices. Without names the features are x1, x2, ...;
    what does not fit raises a DataError.

    >>> Dataset([[0, 1], [2, 3]], [0, 1], class_names=["frog", "newt"])
    Dataset(2 rows x 2 features, 2 classes: frog, newt)
    """

    features: list[list[float]]
    targets: list[float] | list[int]
    feature_names: list[str] = field(default_factory=list)
    class_names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        _texts("feature_names", self.feature_names)
        _texts("class_names", self.class_names)
        try:
            features = [_row(row) for row in _rows(self.features)]
            targets = [_number(target) for target in _rows(self.targets)]
        except (TypeError, ValueError) as error:
            named = any(f"{name!r}" in str(error) for name in self.class_names)
            remedy = (
                "write the index of a class for its name"
                if named
                else "convert the data to numbers first"
            )
            raise DataError(
                f"Dataset needs a list of numbers and a number as target for each row, got '{error}'; {remedy}"
            ) from None
        if len(features) != len(targets):
            raise DataError(
                f"Dataset needs a target for each row, got {_count(len(features), 'row')} and "
                f"{_count(len(targets), 'target')}; add or drop some"
            )
        if (
            twice := [name for name, count in Counter(self.class_names).items() if count > 1]
        ) or any(not isinstance(name, str) for name in self.class_names):
            came = f"{twice[0]!r} twice" if twice else f"{list(self.class_names)!r}"
            raise DataError(
                f"Dataset needs class_names that are different texts, got {came}; pass one a class"
            )
        names = list(self.feature_names) or [
            f"x{i + 1}" for i in range(len(features[0]) if features else 0)
        ]
        classes = len(self.class_names)
        for i, (row, target) in enumerate(zip(features, targets, strict=True)):
            if len(row) != len(names):
                raise DataError(
                    f"Dataset needs {_count(len(names), 'feature')} in each row, got {len(row)} in row {i}; "
                    "correct the row or the feature names"
                )
            if not all(map(isfinite, [*row, target])):
                raise DataError(
                    f"Dataset needs finite numbers, got {row} with target {target} in row {i}; drop the row"
                )
            if classes and target not in range(classes):
                raise DataError(
                    f"Dataset needs a class index from 0 to {classes - 1} as target, got {target:g} "
                    f"in row {i}; number the classes from 0, or leave out class_names for regression"
                )
        object.__setattr__(self, "features", features)
        object.__setattr__(
            self, "targets", [int(target) for target in targets] if classes else targets
        )
        object.__setattr__(self, "feature_names", names)
        object.__setattr__(self, "class_names", list(self.class_names))

    @property
    def classification(self) -> bool:
        """Whether the targets are classes.

        >>> from nn import iris
        >>> iris().classification
        True
        """
        return bool(self.class_names)

    def __len__(self) -> int:
        return len(self.features)

    def __iter__(self) -> Iterator[tuple[list[float], float]]:
        return zip(self.features, self.targets, strict=True)

    @overload
    def __getitem__(self, index: int) -> tuple[list[float], float]: ...
    @overload
    def __getitem__(self, index: slice) -> "Dataset": ...
    def __getitem__(self, index: int | slice) -> "tuple[list[float], float] | Dataset":
        if isinstance(index, slice):
            return self._take(range(len(self))[index])
        return self.features[index], self.targets[index]

    def __repr__(self) -> str:
        names, kind = self.class_names, "regression"
        if names:
            shown = names if len(names) <= 8 else [*names[:6], "...", names[-1]]
            kind = f"{_count(len(names), 'class')}: {', '.join(shown)}"
        return f"Dataset({_count(len(self), 'row')} x {_count(len(self.feature_names), 'feature')}, {kind})"

    def shuffled(self, seed: int = 0) -> "Dataset":
        """The same rows in a random order.

        >>> from nn import xor
        >>> xor(4, noise=0).shuffled(seed=1).targets
        [0, 0, 1, 1]
        """
        return self._take(_order(len(self), random.Random(seed)))

    def split(
        self, fraction: float, seed: int = 0, stratify: bool = True
    ) -> "tuple[Dataset, Dataset]":
        """Two parts in random order, (rest, part), where `part` holds that fraction of the rows,
        rounded.

        With `stratify` it holds that fraction of each class, to within one row, and leaves the rest
        a row of each if it can. A fraction outside (0, 1), or one that leaves a side empty, raises
        a DataError.

        >>> from nn import iris
        >>> training, test = iris().split(0.2)
        >>> len(training), len(test), sorted(Counter(test.targets).items())
        (120, 30, [(0, 10), (1, 10), (2, 10)])
        """
        if not isinstance(fraction, Real) or not 0 < fraction < 1:
            raise DataError(
                f"split needs a fraction between 0 and 1, got {fraction!r}; for a fifth pass 0.2"
            )
        wanted = round(fraction * len(self))
        if wanted in (0, len(self)):
            raise DataError(
                f"split needs a row on either side, got {_count(len(self), 'row')} and fraction {fraction}; "
                "give more rows or a fraction nearer 0.5"
            )
        groups = self.targets if stratify and self.classification else [0] * len(self)
        counts = Counter(groups)
        wanted_of = {group: floor(fraction * count) for group, count in counts.items()}
        # rounding down leaves some over, for the groups that lost most by it
        losers = sorted(
            counts, key=lambda group: (wanted_of[group] - fraction * counts[group], group)
        )
        over = wanted - sum(wanted_of.values())
        # something of each class is left to learn from, as long as there is another that can give a
        # row
        losers.sort(key=lambda group: len(counts) > 1 and wanted_of[group] + 1 >= counts[group])
        for group in losers[:over]:
            wanted_of[group] += 1
        rest, part = list[int](), list[int]()
        for i in _order(len(self), random.Random(seed)):
            (part if wanted_of[groups[i]] > 0 else rest).append(i)
            wanted_of[groups[i]] -= 1
        return self._take(rest), self._take(part)

    def folds(
        self, count: int, seed: int = 0, stratify: bool = True
    ) -> "Iterator[tuple[Dataset, Dataset]]":
        """k-fold cross-validation: (rest, part) for each of `count` parts, which share no row and
        together hold all.

        Parts differ by one row at most, and with `stratify` by one row in each class. Fewer rows
        than parts raise a DataError.

        >>> from nn import iris
        >>> [(len(rest), len(part)) for rest, part in iris().folds(4)]
        [(112, 38), (112, 38), (113, 37), (113, 37)]
        """
        if not isinstance(count, int) or count < 2:
            raise DataError(
                f"folds needs a count of at least 2, and a whole number, got {count!r}; 5 or 10 are usual"
            )
        if count > len(self):
            rows = _count(len(self), "row")
            raise DataError(
                f"folds needs a row for each of {count} parts, got {rows}; ask for fewer parts"
            )
        order = _order(len(self), random.Random(seed))
        dealt = (
            sorted(order, key=self.targets.__getitem__)
            if stratify and self.classification
            else order
        )
        part_of = {
            row: i % count for i, row in enumerate(dealt)
        }  # as cards are dealt, class after class
        return (
            (
                self._take([row for row in order if part_of[row] != k]),
                self._take([r for r in order if part_of[r] == k]),
            )
            for k in range(count)
        )

    def class_weights(self) -> list[float]:
        """Weights for a loss, one a class, that make up for unequal numbers of rows: rows /
        (classes · rows of it).

        Source: King and Zeng, Logistic Regression in Rare Events Data (2001). A class without a row
        raises a DataError.

        >>> Dataset([[0], [1], [2]], [0, 1, 1], class_names=["frog", "newt"]).class_weights()
        [1.5, 0.75]
        """
        counts = Counter(self.targets)
        for k, name in enumerate(self.class_names):
            if not counts[k]:
                raise DataError(
                    f'class_weights needs a row of each class, got none of "{name}"; drop that class'
                )
        return [len(self) / (len(counts) * counts[k]) for k in range(len(self.class_names))]

    def batches(self, size: int, rng: random.Random) -> "Iterator[Dataset]":
        """Mini-batches of `size` rows in a random order, every row once; the last one may be short.

        >>> from nn import iris
        >>> [len(batch) for batch in iris().batches(64, random.Random(0))]
        [64, 64, 22]
        """
        if not isinstance(size, Integral) or size < 1:
            raise DataError(
                f"batches needs a whole size of at least 1, got {size!r}; pass the rows of a batch"
            )
        if not hasattr(rng, "shuffle"):
            raise DataError(
                f"batches needs a random generator, got {rng!r}; pass random.Random({rng!r})"
            )
        order = _order(len(self), rng)
        return (self._take(order[start : start + size]) for start in range(0, len(self), size))

    def _take(self, rows: Sequence[int]) -> "Dataset":
        taken = copy(self)  # not a new Dataset: these rows have been checked
        object.__setattr__(taken, "features", [self.features[i] for i in rows])
        object.__setattr__(taken, "targets", [self.targets[i] for i in rows])
        return taken


@dataclass(frozen=True)
class Standardizer:
    """Gives each feature mean 0 and standard deviation 1 over the rows it was fitted on.

    Fit it on the training part alone, so that nothing of the test part leaks into training.

    >>> from nn import iris
    >>> training, test = iris().split(0.2)
    >>> Standardizer.fit(training).transform(test)
    Dataset(30 rows x 4 features, 3 classes: setosa, versicolor, virginica)
    """

    means: list[float]
    deviations: list[float]
    feature_names: list[str] = field(
        default_factory=list, repr=False, compare=False
    )  # none: they are not compared

    @classmethod
    def fit(cls, dataset: Dataset) -> "Standardizer":
        """Take the mean and the population standard deviation of each feature; of a constant one,
        1.0.

        >>> Standardizer.fit(Dataset([[1, 5], [3, 5]], [0.0, 1.0]))
        Standardizer(means=[2.0, 5.0], deviations=[1.0, 1.0])
        """
        if not isinstance(dataset, Dataset):
            came = type_name(dataset)
            raise DataError(
                f"Standardizer needs a Dataset to fit, got {came}; write Dataset(features, targets)"
            )
        if not len(dataset):
            raise DataError(
                "Standardizer needs at least one row to fit, got none; pass the training part"
            )
        columns = zip(dataset.feature_names, zip(*dataset.features, strict=True), strict=True)
        found = [moments(column, name) for name, column in columns]
        return cls(
            [mean for mean, _ in found],
            [deviation for _, deviation in found],
            list(dataset.feature_names),
        )

    @overload
    def transform(self, data: Dataset) -> Dataset: ...
    @overload
    def transform(self, data: Sequence[float]) -> list[float]: ...
    def transform(self, data: Dataset | Sequence[float]) -> Dataset | list[float]:
        """The standardized dataset, or the standardized row, of Values too.

        >>> Standardizer([2.0, 5.0], [1.0, 10.0]).transform([3, 15])
        [1.0, 1.0]
        """
        if isinstance(data, Dataset):
            if self.feature_names and data.feature_names != self.feature_names:
                need, came = (
                    ", ".join(map(str, names)) for names in (self.feature_names, data.feature_names)
                )
                raise DataError(
                    f"Standardizer needs the features of its fit, {need}, got {came}; put them in order"
                )
            return replace(data, features=[self.transform(row) for row in data.features])
        try:
            row = _row(data, plain=False)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"Standardizer needs a Dataset or one row of numbers, got '{error}'; for several rows write a Dataset"
            ) from None
        if len(row) != len(self.means):
            raise DataError(
                f"Standardizer needs rows of {_count(len(self.means), 'feature')}, got {len(row)}; "
                "pass rows like those it was fitted on"
            )
        return [
            (x - mean) / deviation
            for x, mean, deviation in zip(row, self.means, self.deviations, strict=True)
        ]


def _order(count: int, rng: random.Random) -> list[int]:
    order = list(range(count))
    rng.shuffle(order)
    return order


def _as_list(data: Any) -> Any:
    """A list of it, if it is an array or a data frame, without importing numpy or pandas."""
    data = data.to_numpy() if hasattr(data, "to_numpy") else data
    return data.tolist() if hasattr(data, "tolist") else data


def _rows(data: Any) -> Any:
    """What has an order and is no text; a dict, or what is like a frame of columns, gives its names
    for its rows.
    """
    data = _as_list(data)
    if isinstance(data, (str, bytes, dict, set, frozenset)) or hasattr(data, "columns"):
        raise TypeError(type_name(data))
    return data


def _row(data: Any, plain: bool = True) -> list[Any]:
    row = _rows(data)
    if not hasattr(row, "__iter__"):
        raise TypeError(f"the number {row!r} for a row of them: write [{row!r}]")
    # where they need not be plain, Values stay, so that what becomes of them can be recorded and
    # differentiated
    return [x if isinstance(x, Value) and not plain else _number(x) for x in row]


def _number(x: Any) -> float:
    number = float(x)
    if isinstance(x, (str, bytes)):
        raise TypeError(f"the text {x!r}")
    return number


def _texts(what: str, names: Any) -> None:
    if isinstance(names, str):
        raise DataError(
            f"Dataset needs {what} that are a list of texts, got {names!r}; write [{names!r}]"
        )


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"
