"""The loss of a model over rows and its gradient, by replay where that can be, with the model left
as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import isfinite
from typing import Any

from autograd import Value, no_grad
from nn.data.dataset import Dataset
from nn.layers import Dropout
from nn.losses import Loss
from nn.module import Module, check_in_features
from nn.training.recording import CannotReplay, Replay

__all__ = ["Slope", "unchanged"]


class Slope:
    """The loss of a model on rows: its number, and its gradient by the model's parameters.

    With or without dropout, as the model is when this is made: in ``training_mode`` or not.

    >>> from nn import MLP, Dataset, mean_squared_error
    >>> model = MLP(1, [1], init="ones")
    >>> slope = Slope(model, mean_squared_error, Dataset([[1.0], [2.0]], [0.0, 0.0]))
    >>> slope.loss(slope.data), slope.gradient(slope.data), [p.grad for p in model.parameters()]
    (2.5, 2.5, [5.0, 3.0])
    """

    def __init__(self, model: Any, loss: Loss, data: Dataset) -> None:
        check_in_features(model, len(data.feature_names))
        self.model, self.function, self.data = model, loss, data
        self.parameters: list[Value] = model.parameters()
        self.replay: Replay | None = None
        with suppress(CannotReplay):  # else row by row: slower, and gives the same
            self.replay = Replay(model, loss, data[:16], data.targets, data.classification)

    def gradient(self, rows: Dataset) -> float:
        """The loss of rows; its gradient is then in the parameters' grads."""
        if self.replay:
            return self.replay.gradient(rows)[1]
        for p in self.parameters:
            p.grad = 0.0
        loss = self.function([self.model(row) for row in rows.features], rows.targets)
        if isinstance(loss, Value) and isfinite(loss.data):
            loss.backward()
        return float(loss)

    def loss(self, rows: Dataset) -> float:
        """The loss of rows."""
        if self.replay:
            return self.replay.evaluate(rows)[1]
        with no_grad():
            return float(self.function([self.model(row) for row in rows.features], rows.targets))


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Afterwards, parameters, grads and the generators of dropout are what they were, whatever
    happened inside.

    >>> from nn import MLP
    >>> model = MLP(2, [1], seed=0)
    >>> before = model([1.0, 2.0]).data
    >>> with unchanged(model):
    ...     for p in model.parameters():
    ...         p.data = 0.0
    >>> model([1.0, 2.0]).data == before
    True
    """
    parameters: list[Value] = model.parameters()
    before = [(p.data, p.grad if p.reached else None) for p in parameters]
    modules = model.modules() if isinstance(model, Module) else ()
    generators = [
        (module.rng, module.rng.getstate()) for module in modules if isinstance(module, Dropout)
    ]
    try:
        yield
    finally:
        for p, (data, grad) in zip(parameters, before, strict=True):
            p.data = data
            p.zero_grad()
            if grad is not None:
                p.grad = grad
        for rng, state in generators:
            rng.setstate(state)
