"""The loop of gradient descent: forward, loss, backward, step; batch after batch, epoch after epoch."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan
from random import Random
from typing import Any, Protocol

from autograd import Value, no_grad
from nn.dataset import Dataset
from nn.losses import cross_entropy, mean_squared_error
from nn.metrics import accuracy
from nn.optim import SGD
from nn.progress import Progress

__all__ = ["Divergence", "Epoch", "History", "evaluate", "train"]

Loss = Callable[[Any, Any], Any]


class Divergence(RuntimeWarning):
    """The loss, a gradient or a parameter became nan or infinite, and training stopped."""


class _Diverged(Exception):
    """What became nan or infinite."""


class Optimizer(Protocol):
    """What ``train`` needs of an optimiser."""

    def step(self, parameters: list[Value]) -> None:
        """Move the parameters against their grads."""


class Model(Protocol):
    """What ``train`` needs of a model: parameters, and an output for a row of features."""

    def parameters(self) -> list[Value]: ...
    def zero_grad(self) -> None: ...
    def __call__(self, row: Any, /) -> Any: ...


@dataclass(frozen=True, repr=False)
class Epoch:
    """One pass over the training rows: the losses, and for classes the share predicted right (else nan).

    ``loss`` and ``accuracy`` are means over the batches as they were met, while the model was still learning; the
    validation figures are taken at the end of the epoch, and are nan where there is no validation part.
    """

    number: int
    loss: float
    accuracy: float = nan
    validation_loss: float = nan
    validation_accuracy: float = nan

    def __repr__(self) -> str:
        parts = {"loss": self.loss, "accuracy": self.accuracy}
        parts |= {"validation loss": self.validation_loss, "validation accuracy": self.validation_accuracy}
        return f"epoch {self.number}: " + ", ".join(f"{name} {x:.4g}" for name, x in parts.items() if x == x)


class History(list[Epoch]):
    """The epochs of a run, and why it stopped before its time, if it did."""

    stopped: str = ""

    def __repr__(self) -> str:
        lines = [*map(repr, self), *([self.stopped] if self.stopped else [])]
        if len(lines) > 8:
            lines = [*lines[:3], f"... {len(lines) - 6} more ...", *lines[-3:]]
        return "\n".join(lines) if lines else "no epochs"


def train(
    model: Model,
    data: Dataset,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    *,
    epochs: int = 100,
    batch_size: int = 16,
    validation: float | Dataset | None = 0.2,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] | None = None,
    progress: bool | None = None,
) -> History:
    """Train the model on the data by mini-batch gradient descent and return the history of its epochs.

    loss: a function of the batch's predictions and targets; cross_entropy for classes, else mean_squared_error.
    optimizer: something with ``step(parameters)``; SGD(0.1) if it is left out.
    validation: a part of the data to hold out (a fraction), a dataset of its own, or None.
    seed: decides which rows are held out, and the order of the batches; the same seed gives the same run.
    on_epoch: called with each Epoch as it ends. progress: show a bar; None means on a terminal.

    A loss, gradient or parameter that becomes nan or infinite ends the run with a warning, and the parameters go back
    to the epoch before; Ctrl-C ends it where it is. Either way the history so far is returned, and says so in
    ``stopped``.

    >>> from nn import MLP, moons
    >>> history = train(MLP(2, [8, 2], seed=0), moons(100), epochs=20)
    >>> history[-1].validation_accuracy > 0.8
    True
    """
    if not isinstance(data, Dataset):
        raise TypeError(f"train needs a Dataset, got a {type(data).__name__}: write Dataset(features, targets)")
    if not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"train needs at least 1 epoch, and a whole number of them, got {epochs!r}")
    if isinstance(validation, (int, float)):
        data, validation = data.split(validation, seed=seed)
    if not isinstance(validation, Dataset | None):
        raise TypeError(f"train needs a fraction, a Dataset or None as validation, got a {type(validation).__name__}")
    if not len(data):
        raise ValueError("train needs at least one row, got an empty dataset")
    loss = loss or (cross_entropy if data.classification else mean_squared_error)
    optimizer = optimizer or SGD(0.1)
    history, rng = History(), Random(seed)
    bar = Progress(range(1, epochs + 1), epochs, "epoch", show=progress)
    parameters = model.parameters()
    try:
        for number in bar:
            before = [p.data for p in parameters]
            try:
                epoch = _epoch(number, model, parameters, data, loss, optimizer, batch_size, rng, validation)
            except _Diverged as what:
                for p, x in zip(parameters, before, strict=True):
                    p.data = x
                history.stopped = (
                    f"{what} in epoch {number}, so the parameters went back to its beginning: "
                    "try a smaller learning rate"
                )
                warnings.warn(history.stopped, Divergence, stacklevel=2)
                break
            history.append(epoch)
            bar.note = repr(epoch)
            if on_epoch:
                on_epoch(epoch)
    except KeyboardInterrupt:
        history.stopped = f"interrupted after {len(history)} of {epochs} epochs"
    return history


def _epoch(
    number: int,
    model: Model,
    parameters: list[Value],
    data: Dataset,
    loss: Loss,
    optimizer: Optimizer,
    batch_size: int,
    rng: Random,
    validation: Dataset | None,
) -> Epoch:
    """Every batch once: forward, loss, backward, step."""
    losses: list[float] = []
    rights: list[float] = []
    for batch in data.batches(batch_size, rng):
        outputs = [model(row) for row in batch.features]
        batch_loss = loss(outputs, batch.targets)
        if not isinstance(batch_loss, Value):
            raise TypeError(
                f"train needs a loss that returns a Value, got a {type(batch_loss).__name__}: "
                "compute it from the predictions themselves, not from their data"
            )
        if not isfinite(batch_loss.data):
            raise _Diverged(f"the loss became {batch_loss.data:g}")
        model.zero_grad()
        batch_loss.backward()
        if not all(isfinite(p.grad) for p in parameters):
            raise _Diverged("a gradient became nan or infinite")
        optimizer.step(parameters)
        losses.append(batch_loss.data * len(batch))
        if data.classification:
            rights.append(accuracy(outputs, batch.targets) * len(batch))
    if not all(isfinite(p.data) for p in parameters):
        raise _Diverged("a parameter became nan or infinite")
    figures = [sum(losses) / len(data), sum(rights) / len(data) if rights else nan]
    if validation is not None:
        figures += evaluate(model, validation, loss)
    return Epoch(number, *figures)


def evaluate(model: Model, data: Dataset, loss: Loss | None = None) -> tuple[float, float]:
    """The loss and the accuracy (nan for a regression) of a model on rows, without learning from them.

    >>> from nn import MLP, moons
    >>> _, right = evaluate(MLP(2, [2], seed=0), moons(50))
    >>> 0 <= right <= 1
    True
    """
    loss = loss or (cross_entropy if data.classification else mean_squared_error)
    with no_grad():
        outputs = [model(row) for row in data.features]
        return float(loss(outputs, data.targets)), accuracy(outputs, data.targets) if data.classification else nan
