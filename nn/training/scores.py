"""Scores: accuracy or R² of the outputs of an epoch, as lists, as arrays, or batch by batch."""

from collections.abc import Callable, Sequence
from math import fsum, nan
from statistics import fmean
from typing import Any

from autograd import Value
from nn.data.arrays import joined
from nn.losses import Loss, loss_kind
from nn.metrics import accuracy, r_squared
from nn.module import plain, single


def numbered_classes(output: Any, loss: Loss, classes: int) -> int:
    """How many classes, if a single output is the number of one, or near it; 0 of logits."""
    output = single(output)
    if isinstance(output, (list, tuple)) or not classes:
        return 0
    made = output.op.name if isinstance(output, Value) and output.op else ""
    return classes if classes > 2 or made == "sigmoid" or loss_kind(loss) == "value" else 0


def scores(
    outputs: Any, targets: Sequence[float], classification: bool, numbered: int = 0
) -> tuple[float, float]:
    """Accuracy or R², and nan for the other; numbered: see ``numbered_classes``."""
    if hasattr(outputs, "shape"):
        return _scores_of_arrays(outputs, targets, classification, numbered)
    if classification:
        return accuracy(logits(outputs, numbered), targets), nan
    return nan, nan if isinstance(outputs[0], list) else r_squared(outputs, targets)


def _scores_of_arrays(
    outputs: Any, targets: Sequence[float], classification: bool, numbered: int
) -> tuple[float, float]:
    """The same numbers of outputs that are an array, a row each or a number each."""
    import numpy as np

    true = np.array(targets, dtype=float)
    if not classification:
        if outputs.ndim > 1 or true.min() == true.max():
            return nan, nan
        with np.errstate(all="ignore"):  # of huge numbers the squares are inf
            parts = true - outputs, true - fmean(true.tolist())
            missed, spread = (sum((x * x).tolist()) for x in parts)
        return nan, float(1 - missed / spread) if spread else nan
    rows = outputs.reshape(len(outputs), -1)
    if numbered:
        rows = -abs(rows[:, :1] - np.arange(numbered))
    if rows.shape[1] == 1 and true.max() > 1:
        return accuracy(rows.tolist(), [int(true.max())]), nan  # which refuses it
    found = rows.argmax(axis=1) if rows.shape[1] > 1 else rows[:, 0] > 0
    right = (found == np.where(true == -1, 0, true)) & ~np.isnan(rows).any(axis=1)
    return int(right.sum()) / len(targets), nan


def logits(outputs: list[Any], numbered: int) -> list[Any]:
    """The outputs, or where each stands for the nearest class, how near each class is."""
    if not numbered:
        return outputs
    return [[-abs(single(output) - k) for k in range(numbered)] for output in outputs]


class Scores:
    """Accuracy and R² of the batches of an epoch."""

    def __init__(self, classes: bool) -> None:
        self.classes, self.outputs, self.targets, self.rows = classes, list[Any](), list[Any](), 0

    def add(self, outputs: Any, targets: Any, numbered: int) -> None:
        """Take a batch into account; numbered: see ``numbered_classes``."""
        self.outputs.append(outputs)
        self.targets.append(targets)
        self.rows += len(targets)

    def result(self, numbered: int) -> tuple[float, float]:
        """Accuracy or R², and nan for the other."""
        return scores(joined(self.outputs), joined(self.targets), self.classes, numbered)


class RunningScores(Scores):
    """The same of batches of which nothing is kept, up to rounding.

    Source: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance (1983)."""

    right = missed = mean = spread = 0.0

    def add(self, outputs: Any, targets: Any, numbered: int) -> None:
        before, new = self.rows, len(targets)
        if not new:
            return
        self.rows += new
        if self.classes:
            self.right += scores(outputs, targets, True, numbered)[0] * new
            return
        found, targets = plain(outputs), plain(targets)
        if isinstance(found[0], list):  # several numbers
            self.missed = nan
            return
        middle = fmean(targets)
        off = middle - self.mean
        self.missed += fsum((t - y) * (t - y) for t, y in zip(targets, found, strict=True))
        self.spread += fsum((t - middle) ** 2 for t in targets)
        self.spread += off * off * before * new / self.rows
        self.mean += off * new / self.rows

    def add_up(self, over: Callable[[list[float]], Any]) -> None:
        """Those of all processes, whose numbers are added up so."""
        mean, rows = self.mean, self.rows
        found = [rows, self.right, self.missed, rows * mean]
        self.rows, self.right, self.missed, total = over(found)
        self.mean = total / self.rows
        self.spread = over([self.spread + rows * (mean - self.mean) ** 2])[0]

    def result(self, numbered: int) -> tuple[float, float]:
        if self.classes:
            return self.right / self.rows, nan
        return nan, 1 - self.missed / self.spread if self.spread else nan
