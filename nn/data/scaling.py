"""Scaling: each column to mean 0 and standard deviation 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import dist, inf, isfinite, sqrt
from statistics import fmean
from typing import overload

from autograd import Value
from nn.checks import counted, type_name, warn
from nn.data.dataset import Dataset
from nn.data.numbers import ROUNDING, faint, row_of_numbers
from nn.data.table import DataError

__all__ = ["Standardizer"]


def moments(column: Sequence[float], name: str) -> tuple[float, float]:
    """The mean and the population standard deviation, 1.0 if it is constant but for rounding."""
    far = max(map(abs, column))
    try:
        # a constant's mean may be off by a rounding
        mean = fmean(column) if min(column) < max(column) else column[0]
    except OverflowError:
        mean = inf
    deviation = dist(column, [mean] * len(column)) / sqrt(len(column))  # where squares overflow
    if not isfinite(deviation):
        need, came = "numbers that can be added up", f"up to {far:g} in {name}"
        raise DataError.of("scaling", need, came, "divide the column")
    if said := faint(column):
        warn(f"{name} is {said}")
    return mean, deviation if max(column) - min(column) > ROUNDING * far else 1.0


@dataclass(frozen=True)
class Standardizer:
    """Gives each feature mean 0 and standard deviation 1 over the rows it was fitted on.

    Fit it on the training part alone, so that nothing of the test part leaks into training."""

    means: list[float]
    deviations: list[float]
    feature_names: list[str] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def fit(cls, dataset: Dataset) -> "Standardizer":
        """Take the mean and the population standard deviation of each feature, see ``moments``."""
        if not isinstance(dataset, Dataset) or not len(dataset):
            came = "an empty one" if isinstance(dataset, Dataset) else type_name(dataset)
            raise DataError.of("Standardizer", "a Dataset with rows to fit", came)
        x = dataset.arrays[0] if dataset.arrays else None
        columns = zip(*dataset.features, strict=True) if x is None else (c.tolist() for c in x.T)
        names = list(dataset.feature_names)
        found = [moments(*pair) for pair in zip(columns, names, strict=True)]
        return cls([mean for mean, _ in found], [deviation for _, deviation in found], names)

    @overload
    def transform(self, data: Dataset) -> Dataset: ...
    @overload
    def transform(self, data: Sequence[float]) -> list[float]: ...
    def transform(self, data: Dataset | Sequence[float]) -> Dataset | list[float]:
        """The standardized dataset, or the standardized row, of Values too."""
        if isinstance(data, Dataset):
            if self.feature_names and data.feature_names != self.feature_names:
                need, came = (", ".join(x.feature_names) for x in (self, data))
                need = f"the features of its fit, {need}"
                raise DataError.of("Standardizer", need, came, "put them in order")
            if data.arrays:
                import numpy as np

                self.transform(data[0][0])  # all are alike, and numbers
                x = (data.arrays[0] - np.array(self.means)) / np.array(self.deviations)
                return replace(data, features=x, targets=data.y, columns=None, holes=[])
            first, rest = data.features[:1], data.features[1:]
            rows = [*map(self.transform, first), *map(self._scaled, rest)]
            return replace(data, features=rows, columns=None, holes=[])
        try:
            # Values stay, so that what becomes of them can be recorded and differentiated
            row = row_of_numbers(data, keep=(Value,))
        except (TypeError, ValueError) as error:
            need, remedy = "a Dataset or one row of numbers", "for several rows write a Dataset"
            raise DataError.of("Standardizer", need, f"'{error}'", remedy) from None
        if len(row) != len(self.means):
            need = f"rows of {counted(len(self.means), 'feature')}"
            remedy = "pass rows like those it was fitted on"
            raise DataError.of("Standardizer", need, len(row), remedy)
        return self._scaled(row)

    def _scaled(self, row: Sequence[float]) -> list[float]:
        scaled = zip(row, self.means, self.deviations, strict=True)
        return [(x - mean) / deviation for x, mean, deviation in scaled]
