"""Metrics: how good predictions are, in numbers that people read.

threshold: from where on a single output is class 1: 0 for logits, 0.5 for probabilities. A target
of -1 is class 0, as it is for ``hinge``."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from math import dist, exp, fsum, inf, isnan, log, nan, sqrt
from numbers import Real
from statistics import fmean
from typing import Any

from autograd import Table, Viewable
from nn.module import numbers, single

__all__ = ["accuracy", "balanced_accuracy", "confusion_matrix", "f1", "log_loss", "macro_f1"]
__all__ += ["precision", "predicted_class", "r_squared", "recall", "roc_auc"]
__all__ += ["root_mean_squared_error"]

Rows = Sequence[Any]
Targets = Sequence[float]


def predicted_class(output: Any, threshold: float = 0.0) -> int:
    """The class of an output: the largest logit, or of a single one whether it is above the
    threshold; -1, which is no class, of nan.

    >>> predicted_class([0.1, 2.0, -1.0]), predicted_class(-0.5), predicted_class(0.7, 0.5)
    (1, 0, 1)
    """
    found = numbers(output)
    row: list[float] = found if isinstance(found, list) else [found]
    if any(map(isnan, row)):
        return -1
    return row.index(max(row)) if len(row) > 1 else int(row[0] > threshold)


def accuracy(outputs: Rows, targets: Targets, threshold: float = 0.0) -> float:
    """The fraction of rows whose predicted class is the target.

    >>> accuracy([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.75
    """
    found, true = _classes(outputs, targets, threshold)
    return sum(a == b for a, b in zip(found, true, strict=True)) / len(true)


class ConfusionMatrix(list[list[int]], Viewable):
    """How many rows of each true class (down) were predicted as each class (across)."""

    names: Sequence[str] = ()  # of the classes; else they are shown by number

    def _parts(self) -> list[Any]:
        names = list(self.names) or [str(k) for k in range(len(self))]
        rows = [[name, *counts, sum(counts)] for name, counts in zip(names, self, strict=True)]
        shades = {
            (i, j + 1): (0.6 if i == j else -0.9) * count / (sum(counts) or 1)
            for i, counts in enumerate(self)
            for j, count in enumerate(counts)
        }
        head = "true class down, predicted class across"
        return [head, Table(("", *names, "rows"), rows, shades)]


def confusion_matrix(
    outputs: Rows, targets: Targets, classes: int, threshold: float = 0.0
) -> ConfusionMatrix:
    """How many rows of each true class (down) were predicted as each class (across).

    >>> confusion_matrix([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], classes=2)
    [[1, 1], [0, 2]]
    """
    matrix = ConfusionMatrix([0] * classes for _ in range(classes))
    for predicted, true in zip(*_classes(outputs, targets, threshold), strict=True):
        if true not in range(classes) or predicted not in range(classes):
            came = f"class {true!r} predicted as class {predicted}: pass the number of all classes"
            came = "an output of nan: drop those rows" if predicted < 0 else came
            raise ValueError(f"confusion_matrix needs classes from 0 to {classes - 1}, got {came}")
        matrix[int(true)][predicted] += 1
    return matrix


def precision(outputs: Rows, targets: Targets, positive: int = 1, threshold: float = 0.0) -> float:
    """Of the rows predicted as the positive class, the fraction that is: nan if there is none.

    >>> precision([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.6666666666666666
    """
    right, predicted, _ = _counts(outputs, targets, threshold)
    return right[positive] / predicted[positive] if predicted[positive] else nan


def recall(outputs: Rows, targets: Targets, positive: int = 1, threshold: float = 0.0) -> float:
    """Of the rows of the positive class, the fraction predicted as it: nan if there is none.

    >>> recall([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    1.0
    """
    right, _, true = _counts(outputs, targets, threshold)
    return right[positive] / true[positive] if true[positive] else nan


def f1(outputs: Rows, targets: Targets, positive: int = 1, threshold: float = 0.0) -> float:
    """The harmonic mean of precision and recall: nan if there is no such row, nor predicted.

    >>> f1([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.8
    """
    right, predicted, true = _counts(outputs, targets, threshold)
    either = predicted[positive] + true[positive]
    return 2 * right[positive] / either if either else nan


def balanced_accuracy(outputs: Rows, targets: Targets, threshold: float = 0.0) -> float:
    """The mean of the recalls of all classes that have rows: guessing gives 1 / classes.

    >>> balanced_accuracy([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.75
    """
    right, _, true = _counts(outputs, targets, threshold)
    return fmean(right[k] / count for k, count in true.items())


def macro_f1(outputs: Rows, targets: Targets, threshold: float = 0.0) -> float:
    """The mean of the F1 of all classes that have rows or were predicted.

    >>> macro_f1([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0])
    0.7333333333333334
    """
    right, predicted, true = _counts(outputs, targets, threshold)
    return fmean(2 * right[k] / count for k, count in (predicted + true).items() if k >= 0)


def roc_auc(outputs: Rows, targets: Targets) -> float:
    """The area under the ROC curve: how often a row of the class has the larger output than one of
    another, where a tie counts half. 0.5 is guessing; nan if all rows are of one class.

    Of several classes it is the mean over each against all others.

    >>> roc_auc([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0]), roc_auc([0.0, 0.0], [1, 0])
    (1.0, 0.5)
    """
    (_, true), rows = _classes(outputs, targets, 0.0), list(map(numbers, outputs))
    if not isinstance(rows[0], list) or len(rows[0]) < 3:
        # the difference of two, which orders rows where both probabilities round to 1
        rows = [
            row[1] - row[0] if isinstance(row, list) and row[1:] else single(row) for row in rows
        ]
        return _area([(x, k == 1) for x, k in zip(rows, true, strict=True)])
    pairs = list(zip(map(_log_shares, rows), true, strict=True))
    return fmean(_area([(row[k], t == k) for row, t in pairs]) for k in {*map(int, true)})


def log_loss(outputs: Rows, targets: Targets) -> float:
    """The mean of -log of the probability of the true class, from logits: what ``cross_entropy``
    minimises. 0 is certainty, ln of the number of classes is guessing.

    >>> log_loss([[0.0, 0.0], [0.0, 0.0]], [0, 1])
    0.6931471805599453
    """
    _, true = _classes(outputs, targets, 0.0)
    return fmean(-_log_shares(output)[k] for output, k in zip(outputs, map(int, true), strict=True))


def root_mean_squared_error(outputs: Rows, targets: Targets) -> float:
    """The square root of the mean squared error: the usual size of an error, in the target's unit.

    >>> root_mean_squared_error([1.0, 2.0, 5.0, 4.0], [1.0, 2.0, 3.0, 4.0])
    1.0
    """
    _matched(outputs, targets)
    return dist([numbers(output) for output in outputs], targets) / sqrt(len(targets))


def r_squared(outputs: Rows, targets: Targets) -> float:
    """1 - Σ(target - output)² / Σ(target - mean)²: 0 for always the mean; nan of equal targets.

    >>> r_squared([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    _matched(outputs, targets)
    if min(targets) == max(targets):  # whose mean may be off by a rounding
        return nan
    middle = fmean(targets)
    offsets = [target - middle for target in targets]
    errors = [target - numbers(output) for output, target in zip(outputs, targets, strict=True)]
    # products, since of huge numbers they are inf, where ** would raise
    missed, spread = (sum(x * x for x in of) for of in (errors, offsets))
    return float(1 - missed / spread) if spread else nan


def _classes(outputs: Rows, targets: Targets, threshold: float) -> tuple[list[int], list[float]]:
    """The predicted class and the true one of each row."""
    _matched(outputs, targets)
    first = outputs[0]
    above = len(first) if _are_several(first) else inf
    if odd := [target for target in targets if target % 1 or not -1 <= target < above]:
        need = "targets that are classes, 0, 1, ..., after the outputs"
        raise ValueError(f"metrics of classes need {need}, got {odd[0]:g}")
    true = [0 if target == -1 else target for target in targets]
    if above < inf and {*map(type, outputs)} == {list} and type(first[0]) is float:
        # a sum of plain numbers is nan if one of them is; of infinite ones too
        sums = zip(outputs, map(sum, outputs), strict=True)
        found = [row.index(max(row)) if x == x else predicted_class(row) for row, x in sums]
        return found, true
    for output, target in zip(outputs, targets, strict=True):
        if target > 1 and not _are_several(output):
            came = f"the target {target:g}: pass a row of logits, one a class, not its number"
            raise ValueError(f"a single output stands for class 0 or 1, got {came}")
    return [predicted_class(output, threshold) for output in outputs], true


def _are_several(output: Any) -> bool:
    return hasattr(output, "__len__") and len(output) > 1


def _counts(outputs: Rows, targets: Targets, threshold: float) -> tuple[Counter[float], ...]:
    """By class, how many rows are rightly predicted as it, predicted as it at all, and of it."""
    found, true = _classes(outputs, targets, threshold)
    right = [a for a, b in zip(found, true, strict=True) if a == b]
    return Counter(right), Counter(found), Counter(true)


def _log_shares(output: Any) -> list[float]:
    """The logarithm of each class's probability, where a single logit is that of class 1."""
    found = numbers(output)
    row = found if isinstance(found, list) and len(found) > 1 else [0.0, single(found)]
    top = max(row)
    if top in (inf, -inf):  # certain, or no class at all: no difference of them is a number
        return [x - top if x != top else 0.0 for x in row]
    rest = fsum(exp(x - top) for x in row)  # exact, so that equal outputs in any order tie
    return [x - top - log(rest) for x in row]


def _area(scored: list[tuple[float, bool]]) -> float:
    """The share of pairs in the right order, ties half: each score, and whether its row counts."""
    positive = sum(of for _, of in scored)
    if positive in (0, len(scored)) or any(isnan(x) for x, _ in scored):
        return nan
    below, found = 0, 0.0  # negative rows below, and pairs in the right order so far
    for _, tied in groupby(sorted(scored), key=lambda pair: pair[0]):
        of = [which for _, which in tied]
        found += sum(of) * (below + (len(of) - sum(of)) / 2)
        below += len(of) - sum(of)
    return found / (positive * (len(scored) - positive))


def _matched(outputs: Rows, targets: Targets) -> None:
    if not len(targets) or len(outputs) != len(targets):
        need, came = "as many outputs as targets, and one at least", f"{len(outputs)}"
        raise ValueError(f"a metric needs {need}, got {came} and {len(targets)}")
    if unnumbered := [target for target in targets if not isinstance(target, Real)]:
        need = "targets that are numbers, or the indices of classes"
        raise TypeError(f"a metric needs {need}, got {unnumbered[0]!r}: number the classes from 0")
