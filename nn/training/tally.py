"""Tally: what an epoch adds up while its batches go by, and the Epoch that comes of it."""

from collections.abc import Sequence
from math import hypot, nan
from typing import Any

from autograd import Value
from nn.data.dataset import Dataset
from nn.metrics import scores
from nn.training.history import Epoch

__all__ = ["NOTHING", "Tally"]

NOTHING = (nan, nan, nan)  # loss, accuracy and R² of a part that there is not


class Tally:
    """The figures of the batches of one epoch.

    summed: whether the loss of a batch is the sum over its rows; then it is given per row, so that
    parts of different sizes compare. estimates: how many classes there are, if a single output is
    an estimate of the class (``scores``).

    >>> tally = Tally(rate=0.1)
    >>> tally.add([1.0, 2.0], 0.5, Dataset([[0.0], [1.0]], [1.0, 3.0]), 2.0)
    >>> tally.epoch(1, NOTHING, [Value(3.0), Value(4.0)])
    epoch 1: loss 0.5, R² 0.5
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.losses: list[tuple[float, int]] = []
        self.norms: list[float] = []
        self.outputs: list[Any] = []
        self.targets: list[float] = []
        self.classification = False

    def add(self, outputs: list[Any], loss: float, batch: Dataset, norm: float) -> None:
        """Count a batch in: its outputs, its loss, and the length of the gradient."""
        self.losses.append((loss, len(batch)))
        self.norms.append(norm)
        self.outputs += outputs
        self.targets += batch.targets
        self.classification = batch.classification

    def epoch(
        self,
        number: int,
        validation: tuple[float, float, float],
        weights: Sequence[Value],  # none: nothing tells them from the biases
        *,
        summed: bool | None = False,
        estimates: int | None = 0,
    ) -> Epoch:
        """The epoch of that number: what was counted in, and the loss, accuracy and R² of the
        validation part.
        """
        loss = sum([loss if summed else loss * rows for loss, rows in self.losses]) / len(
            self.targets
        )
        share, fit = scores(self.outputs, self.targets, self.classification, estimates or 0)
        return Epoch(
            number,
            loss,
            share,
            *validation[:2],
            fit,
            validation[2],
            self.rate,
            sum(self.norms) / len(self.norms),
            hypot(*(w.data for w in weights)) if weights else nan,
        )
