"""What the rows themselves say, before any model: their scales, what they share, what neighbours
would answer.
"""

from collections import Counter
from collections.abc import Sequence
from math import dist, hypot, prod, sqrt
from statistics import fmean

from nn.data.dataset import Dataset, Standardizer

__all__ = [
    "answered",
    "contradicted",
    "majority",
    "neighbours",
    "repeated",
    "repeats_by_itself",
    "shared",
    "sizes",
]


def sizes(data: Dataset) -> list[float]:
    """The root mean square of each feature that varies.

    >>> [round(size, 9) for size in sizes(Dataset([[1.0, 7.0, 2.0], [-1.0, 7.0, -2.0]], [0.0, 1.0]))]
    [1.0, 2.0]
    """
    columns = zip(*data.features, strict=True)
    return [hypot(*column) / sqrt(len(column)) for column in columns if min(column) < max(column)]


def shared(part: Dataset, rest: Dataset) -> list[int]:
    """Which rows of a part stand in the rest too, features and target.

    >>> shared(Dataset([[1.0], [2.0]], [0.0, 1.0]), Dataset([[2.0], [1.0]], [1.0, 1.0]))
    [1]
    """
    known = {(tuple(row), target) for row, target in rest}
    return [i for i, (row, target) in enumerate(part) if (tuple(row), target) in known]


def repeated(data: Dataset) -> float:
    """The share of rows that stand there more than once, target and all.

    >>> repeated(Dataset([[1.0], [1.0], [2.0], [3.0]], [0.0] * 4))
    0.5
    """
    counts = Counter((tuple(row), target) for row, target in data)
    return sum(count for count in counts.values() if count > 1) / len(data)


def repeats_by_itself(data: Dataset, values: int) -> bool:
    """Whether equal rows are to be expected, as no feature takes more than so many values, or there
    are but few rows.

    >>> repeats_by_itself(Dataset([[0.0], [1.0], [1.0]], [0.0] * 3), 2)
    True
    >>> repeats_by_itself(Dataset([[0.1], [0.2], [0.3]], [0.0] * 3), 2)
    False
    """
    counts = [len(set(column)) for column in zip(*data.features, strict=True)]
    return max(counts, default=0) <= values or prod(counts) < len(data)


def contradicted(data: Dataset) -> list[int]:
    """Which rows stand with another target too.

    >>> contradicted(Dataset([[1.0], [1.0], [2.0]], [0.0, 1.0, 1.0]))
    [0, 1]
    """
    targets: dict[tuple[float, ...], set[float]] = {}
    for row, target in data:
        targets.setdefault(tuple(row), set()).add(target)
    return [i for i, row in enumerate(data.features) if len(targets[tuple(row)]) > 1]


def majority(data: Dataset) -> list[int]:
    """Which rows to keep so that none contradicts another: those with the most frequent target; of
    a tie none.

    >>> majority(Dataset([[1.0], [1.0], [1.0], [2.0], [2.0]], [0.0, 1.0, 1.0, 0.0, 1.0]))
    [1, 2]
    """
    counts: dict[tuple[float, ...], Counter[float]] = {}
    for row, target in data:
        counts.setdefault(tuple(row), Counter())[target] += 1
    kept = []
    for i, (row, target) in enumerate(data):
        (first, most), *others = counts[tuple(row)].most_common(2)
        if target == first and not (others and others[0][1] == most):
            kept.append(i)
    return kept


def neighbours(known: Dataset, asked: Dataset | None, count: int) -> list[list[float]]:
    """The targets of the nearest known rows, features standardized, for each row asked; None: for
    each among the rest.

    >>> neighbours(Dataset([[0.0], [1.0], [5.0]], [0.0, 1.0, 5.0]), None, 1)
    [[1.0], [0.0], [1.0]]
    """
    scale = Standardizer.fit(known)
    here = scale.transform(known).features
    there = here if asked is None else scale.transform(asked).features
    found = []
    for i, row in enumerate(there):
        far = sorted(
            (dist(row, other), k) for k, other in enumerate(here) if asked is not None or k != i
        )
        found.append([float(known.targets[k]) for _, k in far[:count]])
    return found


def answered(nearest: Sequence[float], classification: bool) -> float:
    """What neighbours say together: the most frequent class (of several the nearest's), or the
    mean.

    >>> answered([2.0, 1.0, 1.0], True), answered([2.0, 1.0, 1.5], False)
    (1.0, 1.5)
    """
    return Counter(nearest).most_common(1)[0][0] if classification else fmean(nearest)
