"""Replay: the model and its loss, recorded on one row and run on whole batches as NumPy or native code."""

from collections.abc import Callable
from math import isclose, isfinite
from random import Random
from typing import Any

from autograd import GraphError, Value
from nn.dataset import Dataset
from nn.losses import binary_cross_entropy, cross_entropy, hinge
from nn.metrics import accuracy

__all__ = ["CannotReplay", "NotInstalled", "Replay", "checked"]

Loss = Callable[[Any, Any], Any]


class CannotReplay(Exception):
    """Why a model or a loss has to be run row by row."""


class NotInstalled(CannotReplay):
    """What is missing: nothing that the model or the loss could do better."""


def checked(loss: Any) -> Value:
    """The loss, which needs to be a Value."""
    if not isinstance(loss, Value):
        raise TypeError(
            f"train needs a loss that returns a Value, got a {type(loss).__name__}: "
            "compute it from the predictions themselves, not from their data"
        )
    return loss


class Replay:
    """A model with its loss, to be trained and examined as the eager engine would do it, up to rounding.

    Raises CannotReplay if the model or the loss cannot be recorded, or if the loss of a batch is not the mean of the
    losses of its rows: this is tried out on the first batch.
    """

    def __init__(self, model: Any, loss: Loss, data: Dataset, batch_size: int, parameters: list[Value]) -> None:
        try:
            from autograd import record  # here, because it needs NumPy
        except ModuleNotFoundError as missing:
            raise NotInstalled(f"{missing.name} is not installed") from None
        self.parameters = parameters
        before = [p.grad if p.reached else None for p in parameters]
        first = next(data.batches(batch_size, Random(0)))
        outputs = [model(row) for row in first.features]
        mean_loss = checked(loss(outputs, first.targets))
        self.width = len(outputs[0]) if isinstance(outputs[0], (list, tuple)) else 1
        self.one_hot = loss is cross_entropy and self.width > 1
        if loss in (binary_cross_entropy, cross_entropy, hinge):
            for target in set(data.targets):  # a recorded loss takes any; these say which they refuse
                loss([[0.0] * self.width if self.width > 1 else 0.0], [target])
        try:

            def step(row: list[Any], target: Any) -> tuple[Any, Any]:
                output = model(row)
                return loss([output], [target]), output

            self.program = record(step, first.features[0], self._targets(first)[0])
            self._compare(mean_loss, first)
        except CannotReplay:
            raise
        except (GraphError, TypeError, ValueError, AttributeError, IndexError, KeyError) as error:
            raise CannotReplay(str(error)) from error
        finally:
            for p, grad in zip(parameters, before, strict=True):
                p.zero_grad()
                if grad is not None:
                    p.grad = grad

    def _targets(self, data: Dataset) -> list[Any]:
        if self.one_hot:
            return [[float(i == target) for i in range(self.width)] for target in data.targets]
        return [float(target) for target in data.targets]

    def _columns(self, data: Dataset) -> tuple[Any, Any]:
        import numpy as np

        return np.array(data.features), np.array(self._targets(data))

    def _compare(self, mean_loss: Value, rows: Dataset) -> None:
        """See that loss and gradients are those of the eager engine."""
        for p in self.parameters:
            p.zero_grad()
        mean_loss.backward()
        eager = [p.grad for p in self.parameters]
        loss, _ = self.step(rows)
        if not isfinite(mean_loss.data) and not isfinite(loss):
            return  # the first step will say so
        size = max([1e-300, *map(abs, eager)])
        if not isclose(loss, mean_loss.data, rel_tol=1e-9, abs_tol=1e-12) or any(
            abs(p.grad - grad) > 1e-7 * size for p, grad in zip(self.parameters, eager, strict=True)
        ):
            raise CannotReplay("the loss of a batch is not the mean of the losses of its rows")

    def step(self, batch: Dataset) -> tuple[float, float]:
        """Set the grads of the parameters for a batch; return its loss, and for classes its accuracy (else 0)."""
        for p in self.parameters:
            p.grad = 0.0
        loss, outputs = self.program.backward(*self._columns(batch), aux=True)
        return loss, self._accuracy(outputs, batch)

    def evaluate(self, data: Dataset) -> tuple[float, float]:
        """The loss and the accuracy on rows, without learning from them."""
        losses, outputs = self.program(*self._columns(data))
        return float(losses.mean()), self._accuracy(outputs, data)

    def _accuracy(self, outputs: Any, data: Dataset) -> float:
        if not data.classification:
            return 0.0
        rows = outputs.tolist() if self.width == 1 else list(zip(*(column.tolist() for column in outputs), strict=True))
        return accuracy(rows, data.targets)
