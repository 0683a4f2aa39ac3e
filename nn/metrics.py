"""Metrics: how good predictions are, in numbers that people read."""

from collections.abc import Sequence
from math import nan
from statistics import fmean
from typing import Any

__all__ = ["accuracy", "confusion_matrix", "f1", "precision", "predicted_class", "r_squared", "recall"]


def predicted_class(output: Any) -> int:
    """The class that a model's output stands for: the largest logit, or for a single one whether it is above 0.

    >>> predicted_class([0.1, 2.0, -1.0]), predicted_class(-0.5)
    (1, 0)
    """
    if hasattr(output, "tolist"):  # an array, without importing numpy
        output = output.tolist()
    if isinstance(output, (list, tuple)):
        return max(range(len(output)), key=lambda k: float(output[k]))
    return int(float(output) > 0)


def accuracy(outputs: Sequence[Any], targets: Sequence[float]) -> float:
    """The share of rows whose predicted class is the target; a target of -1 is class 0, as it is for ``hinge``.

    >>> accuracy([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.75
    """
    _matched(outputs, targets)
    return sum(predicted_class(o) == _true_class(t) for o, t in zip(outputs, targets, strict=True)) / len(targets)


def confusion_matrix(outputs: Sequence[Any], targets: Sequence[float], classes: int) -> list[list[int]]:
    """How many rows of each true class (down) were taken for each class (across).

    >>> confusion_matrix([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], classes=2)
    [[1, 1], [0, 2]]
    """
    _matched(outputs, targets)
    matrix = [[0] * classes for _ in range(classes)]
    for output, target in zip(outputs, targets, strict=True):
        true, taken = _true_class(target), predicted_class(output)
        if true not in range(classes) or taken not in range(classes):
            raise ValueError(
                f"confusion_matrix needs classes from 0 to {classes - 1}, got class {true!r} taken for class {taken}: "
                "pass the number of all classes"
            )
        matrix[int(true)][taken] += 1
    return matrix


def precision(outputs: Sequence[Any], targets: Sequence[float], positive: int = 1) -> float:
    """Of the rows taken for the positive class, the share that is: nan if none is taken for it.

    >>> precision([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.6666666666666666
    """
    right, taken, _ = _counts(outputs, targets, positive)
    return right / taken if taken else nan


def recall(outputs: Sequence[Any], targets: Sequence[float], positive: int = 1) -> float:
    """Of the rows of the positive class, the share that is taken for it: nan if there is none.

    >>> recall([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    1.0
    """
    right, _, true = _counts(outputs, targets, positive)
    return right / true if true else nan


def f1(outputs: Sequence[Any], targets: Sequence[float], positive: int = 1) -> float:
    """The harmonic mean of precision and recall: nan if no row is of the positive class nor taken for it.

    >>> f1([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.8
    """
    right, taken, true = _counts(outputs, targets, positive)
    return 2 * right / (taken + true) if taken + true else nan


def r_squared(outputs: Sequence[Any], targets: Sequence[float]) -> float:
    """1 - Σ(target - output)² / Σ(target - mean)²: 1 if all is right, 0 for always saying the mean; nan if all
    targets are the same.

    >>> r_squared([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    _matched(outputs, targets)
    middle = fmean(targets)
    spread = sum((target - middle) ** 2 for target in targets)
    errors = [target - float(output) for output, target in zip(outputs, targets, strict=True)]
    missed = sum(error * error for error in errors)  # of a run that diverges inf, where ** would raise
    return float(1 - missed / spread) if spread else nan


def _counts(outputs: Sequence[Any], targets: Sequence[float], positive: int) -> tuple[int, int, int]:
    """How many rows are rightly taken for the positive class, how many are taken for it, and how many are of it."""
    _matched(outputs, targets)
    taken = [predicted_class(output) == positive for output in outputs]
    true = [_true_class(target) == positive for target in targets]
    return sum(a and b for a, b in zip(taken, true, strict=True)), sum(taken), sum(true)


def _true_class(target: float) -> float:
    return 0 if target == -1 else target


def _matched(outputs: Sequence[Any], targets: Sequence[float]) -> None:
    if not len(targets) or len(outputs) != len(targets):
        raise ValueError(
            f"a metric needs as many outputs as targets, and one at least, got {len(outputs)} and {len(targets)}"
        )
