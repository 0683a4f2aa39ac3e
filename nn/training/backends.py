"""What computes a batch: the eager engine, row by row, or a recording, replayed on all rows at once."""

from math import isfinite
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import training_mode
from nn.metrics import numbers, plain
from nn.training.checks import Fallback, Mismatch, mismatch, warn
from nn.training.evaluation import estimated, is_sum, outputs_and_loss
from nn.training.recording import CannotReplay, Expected, Replay

__all__ = ["Backend", "Eager", "Recorded", "choose_backend", "value_of"]


class Backend(Protocol):
    """Gradients and figures of a model with its loss.

    summed: whether the loss of a batch is the sum over its rows, once that is known. estimates: see
    ``estimated``."""

    summed: bool | None
    estimates: int | None

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads if
        the loss is finite.
        """

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        """The outputs for rows and their loss."""


class Eager:
    """The eager engine: a graph for each batch."""

    def __init__(
        self, trainer: Any, summed: bool | None = None, estimates: int | None = None
    ) -> None:
        # not the trainer itself, which would be freed by the garbage collector alone
        self.model, self.loss, self.parameters = trainer.model, trainer.loss, trainer.parameters
        self.data, self.begins = trainer.data, not trainer.history
        self.summed, self.estimates = summed, estimates

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        outputs = [plain(self.model(row)) for row in batch.features]
        loss = value_of("a loss", self.loss(outputs, batch.targets), "the predictions")
        self._look(outputs, batch)
        for p in self.parameters:
            p.zero_grad()
        if isfinite(loss.data):
            loss.backward()
        return list(map(numbers, outputs)), loss.data

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        outputs, loss = outputs_and_loss(self.model, data, self.loss)
        self._look(outputs, data)
        return outputs, loss

    def _look(self, outputs: list[Any], rows: Dataset) -> None:
        """Find out what outputs and loss are, from the first that there are."""
        if self.estimates is None:
            self.estimates = _estimates(outputs, self.loss, self.data, self.begins)
        if self.summed is None and len(rows) > 1:
            self.summed = is_sum(self.loss, outputs, rows.targets)


class Recorded(Replay):
    """A recording of the model and the loss, in the engine of the program that suits the run."""

    def __init__(self, trainer: Any) -> None:
        data, validation = trainer.data, trainer.validation
        # of a batch of one row the mean is the sum
        first = next(data.batches(max(trainer.batch_size, 2), Random(trainer.seed)))
        targets = [*data.targets, *(validation.targets if validation else ())]
        with training_mode(trainer.model):
            super().__init__(trainer.model, trainer.loss, first, targets, data.classification)
        steps = trainer.epochs * -(-len(data) // trainer.batch_size)
        self.program.settle(steps, min(trainer.batch_size, len(data)))
        self.summed: bool | None = self.reduce == "sum"
        self.estimates: int | None = _estimates(self.first, self.loss, data, not trainer.history)


def choose_backend(trainer: Any) -> Backend:
    """The recording if there can be one, else the eager engine; ``history.engine`` then says why,
    and so does a warning, unless it was to be expected.
    """
    if trainer.engine != "eager":
        try:
            backend = Recorded(trainer)
            trainer.history.engine = backend.program.engine
            return backend
        except CannotReplay as reason:
            trainer.engine, trainer.history.engine = "eager", f"eager, because {reason}"
            if not isinstance(reason, Expected):
                warn(f"training runs {trainer.history.engine}", Fallback)
    return Eager(trainer)


def value_of(what: str, x: Any, source: str) -> Value:
    """What a loss or a penalty returned, if it is a Value; else a TypeError.

    >>> value_of("a loss", 0.5, "the predictions")
    Traceback (most recent call last):
    TypeError: train needs a loss that returns a Value, got float: compute it from the predictions themselves, not
    from their data
    """
    if not isinstance(x, Value):
        raise TypeError(
            f"train needs {what} that returns a Value, got {type_name(x)}: "
            f"compute it from {source} themselves, not from their data"
        )
    return x


def _estimates(outputs: list[Any], loss: Any, data: Dataset, begins: bool) -> int:
    """See ``estimated``; where a run begins, with a warning of outputs that do not suit the loss."""
    if begins and (wrong := mismatch(outputs, loss, data)):
        warn(wrong, Mismatch)
    return estimated(outputs[0], loss, len(data.class_names))
