"""Metrics: how good predictions are, in numbers that people read."""

from collections.abc import Sequence
from typing import Any

__all__ = ["accuracy", "confusion_matrix", "predicted_class"]


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


def _true_class(target: float) -> float:
    return 0 if target == -1 else target


def _matched(outputs: Sequence[Any], targets: Sequence[float]) -> None:
    if not len(targets) or len(outputs) != len(targets):
        raise ValueError(
            f"a metric needs as many outputs as targets, and one at least, got {len(outputs)} and {len(targets)}"
        )
