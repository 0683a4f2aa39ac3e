"""What the rows say before any model: their scales, what they share, what neighbours predict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import dist, hypot, prod, sqrt

from nn.data.dataset import Dataset
from nn.data.scaling import Standardizer

__all__ = ["contradicted", "determines_target", "majority", "neighbours", "picked", "repeated"]
__all__ += ["repeats_expected", "scales", "shared", "without"]

FEW = 6  # numbers of a target below which it is no wonder that they lie on a line


def scales(data: Dataset) -> list[float]:
    """The root mean square of each feature that varies."""
    columns = zip(*data.features, strict=True)
    return [hypot(*column) / sqrt(len(column)) for column in columns if min(column) < max(column)]


def picked(data: Dataset, rows: Sequence[int]) -> Dataset:
    """Some rows of a dataset, by index."""
    features, targets = [data.features[i] for i in rows], [data.targets[i] for i in rows]
    return replace(data, features=features, targets=targets)


def without(data: Dataset, rows: Sequence[int]) -> Dataset:
    """The dataset without some rows."""
    gone = set(rows)
    return picked(data, [i for i in range(len(data)) if i not in gone])


def shared(part: Dataset, rest: Dataset) -> list[int]:
    """Which rows of a part are in the rest too, features and target."""
    known = {(tuple(row), target) for row, target in rest}
    return [i for i, (row, target) in enumerate(part) if (tuple(row), target) in known]


def repeated(data: Dataset) -> float:
    """The fraction of rows that are there more than once, target and all."""
    counts = Counter((tuple(row), target) for row, target in data)
    return sum(count for count in counts.values() if count > 1) / len(data)


def repeats_expected(data: Dataset, values: int) -> bool:
    """Whether equal rows are to be expected: no feature has more than so many values, or there are
    fewer combinations of values than rows.
    """
    counts = [len(set(column)) for column in zip(*data.features, strict=True)]
    return max(counts, default=0) <= values or prod(counts) < len(data)


def _targets_of_rows(data: Dataset) -> dict[tuple[float, ...], Counter[float]]:
    found: dict[tuple[float, ...], Counter[float]] = {}
    for row, target in data:
        found.setdefault(tuple(row), Counter())[target] += 1
    return found


def contradicted(data: Dataset) -> list[int]:
    """Which rows are there with another target too."""
    counts = _targets_of_rows(data)
    return [i for i, row in enumerate(data.features) if len(counts[tuple(row)]) > 1]


def majority(data: Dataset) -> list[int]:
    """Which rows to keep so that none contradicts another: those with the most frequent target; of
    a tie none.
    """
    counts, kept = _targets_of_rows(data), []
    for i, (row, target) in enumerate(data):
        (first, most), *others = counts[tuple(row)].most_common(2)
        if target == first and not (others and others[0][1] == most):
            kept.append(i)
    return kept


def determines_target(column: Sequence[float], data: Dataset) -> bool:
    """Whether a column is the target in other numbers, as no real feature would be."""
    targets = data.targets
    if data.classification:
        return len({*column}) == len({*targets}) == len({*zip(column, targets, strict=True)})
    low, high = column.index(min(column)), column.index(max(column))
    if len(column) < FEW or column[low] == column[high]:
        return False
    slope = (targets[high] - targets[low]) / (column[high] - column[low])
    line = (targets[low] + slope * (x - column[low]) for x in column)
    size = max(map(abs, targets))
    return all(abs(t - x) <= 1e-9 * size for t, x in zip(targets, line, strict=True))


def neighbours(data: Dataset, count: int) -> list[list[float]]:
    """For each row, the targets of the nearest other rows, features standardized."""
    rows, found = Standardizer.fit(data).transform(data).features, []
    for i, row in enumerate(rows):
        far = sorted((dist(row, other), k) for k, other in enumerate(rows) if k != i)
        found.append([float(data.targets[k]) for _, k in far[:count]])
    return found
