"""Metrics: how good predictions are, in numbers that people read.

threshold: from where on a single output is class 1: 0 for logits, 0.5 for probabilities.
"""

from collections.abc import Sequence
from math import isnan, nan
from numbers import Real
from statistics import fmean
from typing import Any

__all__ = [
    "accuracy",
    "confusion_matrix",
    "f1",
    "numbers",
    "plain",
    "precision",
    "predicted_class",
    "r_squared",
    "recall",
    "scores",
    "single",
]


def predicted_class(output: Any, threshold: float = 0.0) -> int:
    """The class that a model's output stands for: the largest logit, or for a single one whether it
    is above the threshold; -1, which is no class, if it is nan.

    >>> predicted_class([0.1, 2.0, -1.0]), predicted_class(-0.5), predicted_class(0.7, threshold=0.5)
    (1, 0, 1)
    """
    if hasattr(output, "tolist"):  # an array, without importing numpy
        output = output.tolist()
    row = [float(x) for x in output] if isinstance(output, (list, tuple)) else [float(output)]
    if any(map(isnan, row)):
        return -1
    return max(range(len(row)), key=row.__getitem__) if len(row) > 1 else int(row[0] > threshold)


def accuracy(outputs: Sequence[Any], targets: Sequence[float], threshold: float = 0.0) -> float:
    """The share of rows whose predicted class is the target; a target of -1 is class 0, as it is
    for ``hinge``.

    >>> accuracy([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.75
    """
    pairs = _classes(outputs, targets, threshold)
    return sum(taken == true for taken, true in pairs) / len(pairs)


def confusion_matrix(
    outputs: Sequence[Any], targets: Sequence[float], classes: int, threshold: float = 0.0
) -> list[list[int]]:
    """How many rows of each true class (down) were taken for each class (across).

    >>> confusion_matrix([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], classes=2)
    [[1, 1], [0, 2]]
    """
    _matched(outputs, targets)
    matrix = [[0] * classes for _ in range(classes)]
    for output, target in zip(outputs, targets, strict=True):
        true, taken = _true_class(target), predicted_class(output, threshold)
        if taken < 0:
            raise ValueError(
                "confusion_matrix needs outputs that stand for a class, got nan: drop those rows"
            )
        if true not in range(classes) or taken not in range(classes):
            raise ValueError(
                f"confusion_matrix needs classes from 0 to {classes - 1}, got class {true!r} taken for class {taken}: "
                "pass the number of all classes"
            )
        matrix[int(true)][taken] += 1
    _classes(outputs, targets, threshold)  # which refuses numbers of classes
    return matrix


def precision(
    outputs: Sequence[Any], targets: Sequence[float], positive: int = 1, threshold: float = 0.0
) -> float:
    """Of the rows taken for the positive class, the share that is: nan if none is taken for it.

    >>> precision([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.6666666666666666
    """
    right, taken, _ = _counts(outputs, targets, positive, threshold)
    return right / taken if taken else nan


def recall(
    outputs: Sequence[Any], targets: Sequence[float], positive: int = 1, threshold: float = 0.0
) -> float:
    """Of the rows of the positive class, the share that is taken for it: nan if there is none.

    >>> recall([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    1.0
    """
    right, _, true = _counts(outputs, targets, positive, threshold)
    return right / true if true else nan


def f1(
    outputs: Sequence[Any], targets: Sequence[float], positive: int = 1, threshold: float = 0.0
) -> float:
    """The harmonic mean of precision and recall: nan if no row is of the positive class nor taken
    for it.

    >>> f1([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.8
    """
    right, taken, true = _counts(outputs, targets, positive, threshold)
    return 2 * right / (taken + true) if taken + true else nan


def r_squared(outputs: Sequence[Any], targets: Sequence[float]) -> float:
    """1 - Σ(target - output)² / Σ(target - mean)²: 1 if all is right, 0 for always saying the mean;
    nan if all targets are the same.

    >>> r_squared([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    _matched(outputs, targets)
    if min(targets) == max(targets):  # whose mean may be off by a rounding
        return nan
    middle = fmean(targets)
    offsets = [target - middle for target in targets]
    errors = [target - float(output) for output, target in zip(outputs, targets, strict=True)]
    # products, since of huge numbers they are inf, where ** would raise
    missed, spread = (
        sum(error * error for error in errors),
        sum(offset * offset for offset in offsets),
    )
    return float(1 - missed / spread) if spread else nan


def scores(
    outputs: list[Any], targets: Sequence[float], classification: bool, estimates: int = 0
) -> tuple[float, float]:
    """Accuracy of classes, R² of numbers; the other one is nan. estimates: see ``estimated``.

    >>> scores([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], False)
    (nan, 0.5)
    """
    if estimates:  # then the class is the nearest number
        outputs = [[-abs(single(output) - k) for k in range(estimates)] for output in outputs]
    if classification:
        return accuracy(outputs, targets), nan
    return nan, nan if isinstance(outputs[0], list) else r_squared(outputs, targets)


def numbers(output: Any) -> Any:
    """An output as plain numbers: a float, or a list of them.

    >>> from autograd import Value
    >>> numbers([Value(1.0), Value(2.0)])
    [1.0, 2.0]
    """
    output = plain(output)
    return [float(x) for x in output] if isinstance(output, (list, tuple)) else float(output)


def plain(output: Any) -> Any:
    """An output without its array, if it is one: NumPy's arrays of Values become lists."""
    return output.tolist() if hasattr(output, "tolist") else output


def single(output: Any) -> Any:
    """What a row of one holds; others as they are."""
    return output[0] if isinstance(output, (list, tuple)) and len(output) == 1 else output


def _counts(
    outputs: Sequence[Any], targets: Sequence[float], positive: int, threshold: float
) -> tuple[int, int, int]:
    """How many rows are rightly taken for the positive class, how many are taken for it, and how
    many are of it.
    """
    pairs = [
        (taken == positive, true == positive)
        for taken, true in _classes(outputs, targets, threshold)
    ]
    return (
        sum(a and b for a, b in pairs),
        sum(taken for taken, _ in pairs),
        sum(true for _, true in pairs),
    )


def _classes(
    outputs: Sequence[Any], targets: Sequence[float], threshold: float
) -> list[tuple[int, float]]:
    """Of each row the class that it is taken for, and the true one."""
    _matched(outputs, targets)
    pairs = [
        (predicted_class(o, threshold), _true_class(t))
        for o, t in zip(outputs, targets, strict=True)
    ]
    for output, (_, true) in zip(outputs, pairs, strict=True):
        if true > 1 and not (hasattr(output, "__len__") and len(output) > 1):
            raise ValueError(
                f"a single output stands for class 0 or 1, got the target {true:g}: "
                "pass a row of logits, one a class, not the number of the class"
            )
    return pairs


def _true_class(target: float) -> float:
    return 0 if target == -1 else target


def _matched(outputs: Sequence[Any], targets: Sequence[float]) -> None:
    if not len(targets) or len(outputs) != len(targets):
        raise ValueError(
            f"a metric needs as many outputs as targets, and one at least, got {len(outputs)} and {len(targets)}"
        )
    if strange := [target for target in targets if not isinstance(target, Real)]:
        raise TypeError(
            f"a metric needs targets that are numbers, or the indices of classes, got {strange[0]!r}: "
            "number the classes from 0"
        )
