"""What the rows say before any model: their scales, what they share, what neighbours predict."""

from collections import Counter, defaultdict
from math import dist, prod, sqrt
from statistics import correlation, pstdev

from nn.data.dataset import Dataset
from nn.data.scaling import Standardizer
from nn.doctor.thresholds import RELATED


def rows_of(data: Dataset | None) -> list[tuple[tuple[float, ...], float]]:
    """Each row with its target, to compare and to count; none if there is no dataset."""
    return [(tuple(row), target) for row, target in data or ()]


def shared(part: Dataset, rest: Dataset) -> list[int]:
    """Which rows of a part are in the rest too, features and target."""
    known = {*rows_of(rest)}
    return [i for i, row in enumerate(rows_of(part)) if row in known]


def repeated(data: Dataset) -> float:
    """The fraction of rows that are there more than once, target and all."""
    return sum(count for count in Counter(rows_of(data)).values() if count > 1) / len(data)


def repeats_expected(data: Dataset, values: int) -> bool:
    """Whether features have at most so many values each, or fewer combinations than rows."""
    counts = [len(set(column)) for column in zip(*data.features, strict=True)]
    return max(counts, default=0) <= values or prod(counts) < len(data)


def _targets_of_rows(data: Dataset) -> dict[tuple[float, ...], Counter[float]]:
    found = defaultdict[tuple[float, ...], Counter[float]](Counter)
    for row, target in rows_of(data):
        found[row][target] += 1
    return found


def contradicted(data: Dataset) -> list[int]:
    """Which rows are there with another target too."""
    counts = _targets_of_rows(data)
    return [i for i, row in enumerate(data.features) if len(counts[tuple(row)]) > 1]


def majority(data: Dataset) -> list[int]:
    """Which of equal rows have the most frequent target, of a tie none: none contradict."""
    counts, kept = _targets_of_rows(data), []
    for i, (row, target) in enumerate(rows_of(data)):
        (first, most), *others = counts[row].most_common(2)
        if target == first and not (others and others[0][1] == most):
            kept.append(i)
    return kept


def neighbours(data: Dataset, count: int) -> list[list[float]]:
    """For each row, the targets of the nearest other rows, features standardized."""
    rows, found = Standardizer.fit(data).transform(data).features, []
    for i, row in enumerate(rows):
        far = sorted((dist(row, other), k) for k, other in enumerate(rows) if k != i)
        found.append([float(data.targets[k]) for _, k in far[:count]])
    return found


def related(data: Dataset) -> bool:
    """Whether a single feature goes with the target, beyond chance: by itself, or one class's."""
    kinds = sorted(set(data.targets)) if data.classification else [None]
    for kind in kinds if len(kinds) > 2 else kinds[:1]:
        targets = [t if kind is None else float(t == kind) for t in data.targets]
        for column in zip(*data.features, strict=True):
            varied = pstdev(column) and pstdev(targets)
            if varied and abs(correlation(column, targets)) * sqrt(len(targets)) > RELATED:
                return True
    return False
