"""What computes a batch: the eager engine row by row, or a recording, on all rows at once."""

from math import isfinite
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import training_mode
from nn.losses import Loss
from nn.metrics import numbers, plain
from nn.module import check_in_features
from nn.training.checks import Fallback, Mismatch, mismatch, warn
from nn.training.evaluation import batch_loss, estimated, is_sum, outputs_and_loss
from nn.training.recording import CannotReplay, Expected, Replay

__all__ = ["Backend", "Eager", "Recorded", "choose_backend", "replay_or_eager", "value_of"]


class Backend(Protocol):
    """Outputs and losses of a model. ``gradient`` puts the gradient of a finite loss into the
    parameters' grads; ``summed`` is whether the loss of a batch is the sum over its rows, once that
    is known; for ``estimates`` see ``estimated``.
    """

    summed: bool | None
    estimates: int | None

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]: ...
    def evaluate(self, data: Dataset) -> tuple[list[Any], float]: ...


class Eager:
    """The eager engine: a graph for each batch."""

    def __init__(
        self,
        model: Any,
        loss: Loss,
        data: Dataset,
        *,
        begins: bool = False,
        summed: bool | None = None,
        estimates: int | None = None,
    ) -> None:
        """begins: whether outputs that do not suit the loss are to be warned of."""
        self.model, self.loss, self.data, self.begins = model, loss, data, begins
        self.parameters: list[Value] = list(dict.fromkeys(model.parameters()))
        self.summed, self.estimates = summed, estimates

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        outputs = [plain(self.model(row)) for row in batch.features]
        loss = value_of("a loss", batch_loss(self.loss, outputs, batch.targets), "the predictions")
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
    return Eager(trainer.model, trainer.loss, trainer.data, begins=not trainer.history)


def replay_or_eager(model: Any, loss: Loss, data: Dataset) -> Replay | Eager:
    """The loss of a model and its gradient, outside of a run: by replay where that can be."""
    check_in_features(model, len(data.feature_names))
    try:
        return Replay(model, loss, data[:16], data.targets, data.classification)
    except CannotReplay:
        return Eager(model, loss, data, summed=False, estimates=0)


def value_of(what: str, x: Any, source: str) -> Value:
    """What a loss or a penalty returned, if it is a Value; else a TypeError."""
    if not isinstance(x, Value):
        raise TypeError(
            f"train needs {what} that returns a Value, got {type_name(x)}: "
            f"compute it from {source} themselves, not from their data"
        )
    return x


def _estimates(outputs: list[Any], loss: Any, data: Dataset, begins: bool) -> int:
    """See ``estimated``; where a run begins, with a warning of outputs that do not suit it."""
    if begins and (wrong := mismatch(outputs, loss, data)):
        warn(wrong, Mismatch)
    return estimated(outputs[0], loss, len(data.class_names))
