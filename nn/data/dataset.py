"""Rows of numbers with targets, to split, shuffle and batch."""

import random
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any, overload

from nn.checks import Cures, counted, listed, printable, type_name, whole
from nn.data.arrays import arrays_of, taken
from nn.data.columns import Columns, Holes
from nn.data.frames import frame_table, is_frame
from nn.data.numbers import rows_of_numbers
from nn.data.prepared import prepared
from nn.data.splits import Split, fold_rows, shuffled, split_rows
from nn.data.table import DataError

__all__ = ["Dataset"]


@dataclass(frozen=True, repr=False)
class Dataset(Cures):
    """Rows of features with a target each: a class index 0..k-1 if there are class names, otherwise
    a number.

    Features of shape (rows, features) and targets of shape (rows,) may be lists or NumPy arrays.
    Lists of floats are kept, of ints for class indices; of arrays copies, of which lists are made
    when ``features`` or ``targets`` are asked for. Without names the features are x1, x2, ...;
    what does not fit raises a DataError. A pandas or polars frame goes in with the name of its
    target, `Dataset(frame, "species")`, as a file does by `load_csv`. Of rows from a file or frame
    `columns` says what its columns became, `holes` which are missing in a row, `notes` the rest.

    >>> Dataset([[0, 1], [2, 3]], [0, 1], class_names=["frog", "newt"])
    Dataset(2 rows x 2 features, 2 classes: frog, newt)
    """

    features: list[list[float]]
    targets: list[float] | list[int]
    feature_names: list[str] = field(default_factory=list)
    class_names: list[str] = field(default_factory=list)
    columns: Columns | None = field(default=None, compare=False)
    holes: list[Holes] = field(default_factory=list, compare=False)
    notes: list[str] = field(default_factory=list, compare=False)
    # Features and targets as arrays, until somebody asks for lists.
    arrays: tuple[Any, ...] = field(default=(), init=False, compare=False)

    def __post_init__(self) -> None:
        for what in ("feature_names", "class_names"):
            if isinstance(names := getattr(self, what), str) or not isinstance(names, Iterable):
                need = f"{what} that are a list of texts"
                raise DataError.of("Dataset", need, repr(names), f"write [{str(names)!r}]")
        if is_frame(self.features) and isinstance(self.targets, (int, str)):
            table = frame_table(self.features, None, {})
            vars(self).update(prepared(table, table.index(self.targets)).fields)
        classes = list(self.class_names)
        if len({name for name in classes if isinstance(name, str)}) < len(classes):
            twice = [name for name, count in Counter(classes).items() if count > 1]
            need, came = "class_names that are different texts", f"{classes!r}"
            came = f"{twice[0]!r} twice" if twice else came
            raise DataError.of("Dataset", need, came, "pass one a class")
        names = list(self.feature_names)
        if arrays := arrays_of(self.features, self.targets, len(names), len(classes)):
            names = names or [f"x{i + 1}" for i in range(arrays[0].shape[1])]
            vars(self).update(feature_names=names, class_names=classes, arrays=arrays)
            del vars(self)["features"], vars(self)["targets"]
            return
        features, targets = rows_of_numbers(self.features, self.targets, names, classes)
        names = names or [f"x{i + 1}" for i in range(len(features[0]) if features else 0)]
        vars(self).update(features=features, feature_names=names, class_names=classes)
        vars(self).update(targets=list(map(int, targets)) if classes else targets)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name not in ("features", "targets") or not vars(self).get("arrays"):
                return super().__getattr__(name)
            x, y, *_ = self.arrays
            y = y.astype(int) if self.class_names else y
            vars(self).update(features=x.tolist(), targets=y.tolist(), arrays=())
            return vars(self)[name]

    @property
    def classification(self) -> bool:
        """Whether the targets are classes."""
        return bool(self.class_names)

    @property
    def y(self) -> Any:
        """The targets as they are kept, an array or a list."""
        return self.arrays[1] if self.arrays else self.targets

    def __len__(self) -> int:
        return len(self.y)

    def __iter__(self) -> Iterator[tuple[list[float], float]]:
        if not self.arrays:
            return zip(self.features, self.targets, strict=True)
        parts = (self[k : k + 1000] for k in range(0, len(self), 1000))
        return (row for part in parts for row in zip(part.features, part.targets, strict=True))

    @overload
    def __getitem__(self, index: int) -> tuple[list[float], float]: ...
    @overload
    def __getitem__(self, index: slice) -> "Dataset": ...
    def __getitem__(self, index: int | slice) -> "tuple[list[float], float] | Dataset":
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        if self.arrays:
            return next(iter(self.take([index])))
        return self.features[index], self.targets[index]

    def __repr__(self) -> str:
        names, kind = self.class_names, "regression"
        if names:
            shown = names if len(names) <= 8 else [*names[:6], "...", names[-1]]
            kind = f"{counted(len(names), 'class')}: {', '.join(map(printable, shown))}"
        features = counted(len(self.feature_names), "feature")
        done = "; see .notes" if self.notes else "; see .columns" if self.holes else ""
        return f"Dataset({counted(len(self), 'row')} x {features}, {kind}{done})"

    def shuffled(self, seed: int = 0) -> "Dataset":
        """The same rows in a random order."""
        return self.take(shuffled(len(self), random.Random(seed)))

    def split(
        self,
        fraction: float,
        seed: int = 0,
        stratify: bool = True,
        *,
        groups: Sequence[Hashable] | None = None,
        times: Sequence[Any] | None = None,
    ) -> "tuple[Dataset, Dataset]":
        """Two parts in random order, (rest, part), where `part` holds that fraction of the rows,
        rounded.

        With `stratify` it holds that fraction of each class, to within one row, and leaves the rest
        a row of each if it can. With `groups`, one a row, no group has rows in both; with `times`,
        one a row, it holds the latest rows. Both fractions are then as near as that allows.

        >>> from nn import iris
        >>> training, test = iris().split(0.2)
        >>> len(training), len(test), sorted(Counter(test.targets).items())
        (120, 30, [(0, 10), (1, 10), (2, 10)])
        """
        return self._parts(split_rows(self.labels(stratify), fraction, seed, groups, times))

    def folds(
        self,
        count: int,
        seed: int = 0,
        stratify: bool = True,
        *,
        groups: Sequence[Hashable] | None = None,
    ) -> "Iterator[tuple[Dataset, Dataset]]":
        """k-fold cross-validation: (rest, part) for each of `count` parts, which share no row and
        together hold all.

        Parts differ by one row at most, and with `stratify` by one row in each class; with
        `groups`, one a row, no group has rows in two parts."""
        return map(self._parts, fold_rows(self.labels(stratify), count, seed, groups))

    def labels(self, stratify: bool = True) -> list[float]:
        """For each row what is to be shared out evenly: its class, if that is asked for."""
        if hasattr(stratify, "__len__"):
            raise DataError.of("split", "a bool as stratify", type_name(stratify), "leave it out")
        return list(self.y) if stratify and self.classification else [0.0] * len(self)

    def class_weights(self) -> list[float]:
        """Weights for a loss, one a class, that make up for unequal numbers of rows: rows /
        (classes · rows of it). Over the rows their mean is 1.

        Source: King and Zeng, Logistic Regression in Rare Events Data (2001)."""
        counts = Counter(self.y)
        for k, name in enumerate(self.class_names):
            if not counts[k]:
                need, came = "a row of each class", f'none of "{name}"'
                raise DataError.of("class_weights", need, came, "drop that class")
        return [len(self) / (len(counts) * counts[k]) for k in range(len(self.class_names))]

    def batches(self, size: int, rng: random.Random) -> "Iterator[Dataset]":
        """Mini-batches of `size` rows in a random order; the last one may be short."""
        whole("batches", "size", size)
        if not hasattr(rng, "shuffle"):
            remedy = f"pass random.Random({rng!r})"
            raise DataError.of("batches", "a random generator", repr(rng), remedy)
        order = shuffled(len(self), rng)
        return (self.take(order[start : start + size]) for start in range(0, len(self), size))

    def take(self, rows: Sequence[int]) -> "Dataset":
        """The rows of these indices, in their order; a row may come more than once."""
        kinds = set[type]() if isinstance(rows, range) else {*map(type, rows)}
        if bool in kinds or not all(issubclass(kind, Integral) for kind in kinds):
            came = listed([kind.__name__ for kind in kinds])
            remedy = "for a mask pass [i for i, x in enumerate(mask) if x]"
            raise DataError.of("take", "the indices of rows, whole numbers", came, remedy)
        holes = [self.holes[i] for i in rows] if self.holes else []
        if self.arrays:
            return self.of_arrays(taken(self.arrays, rows), holes)
        part = object.__new__(type(self))  # no new Dataset made: these rows have been checked
        features, targets = [self.features[i] for i in rows], [self.targets[i] for i in rows]
        vars(part).update(vars(self), features=features, targets=targets, holes=holes)
        return part

    def of_arrays(self, arrays: Sequence[Any], holes: Sequence[Holes] = ()) -> "Dataset":
        """Others like these, as arrays of features and targets (and what else goes with them)."""
        part = object.__new__(type(self))
        vars(part).update(vars(self), arrays=arrays, holes=holes)
        vars(part).pop("features", None)
        vars(part).pop("targets", None)
        return part

    def filled(self, columns: Columns) -> "Dataset":
        """The same, its missing cells filled as was learned of the columns."""
        filled = copy(self)
        vars(filled).update(columns=columns)
        if self.holes:
            vars(filled).update(features=columns.filled(self.features, self.holes))
        return filled

    def _parts(self, rows: Split) -> "tuple[Dataset, Dataset]":
        parts = self.take(rows[0]), self.take(rows[1])
        if self.columns is None or not self.holes:
            return parts
        learned = self.columns.fitted(parts[0].features, parts[0].holes)
        return parts[0].filled(learned), parts[1].filled(learned)
