"""What computes a batch: the eager engine row by row, or a recording, on all rows at once.

Both have ``first``, outputs of two rows as the model gave them, and ``summed``, whether the loss of
a batch is the sum of those of its rows, and not their mean."""

from math import isfinite
from random import Random
from typing import Any

from autograd import Value, no_grad
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import training_mode
from nn.losses import Loss
from nn.metrics import numbers
from nn.module import check_in_features
from nn.training.checks import Fallback, warn
from nn.training.evaluation import is_sum, outputs_and_loss
from nn.training.recording import CannotReplay, Expected, Replay

__all__ = ["Eager", "choose_backend", "replay_or_eager", "value_of"]


class Eager:
    """The eager engine: a graph for each batch."""

    def __init__(self, model: Any, loss: Loss) -> None:
        self.model, self.loss = model, loss
        self.parameters: list[Value] = list(dict.fromkeys(model.parameters()))
        self.first: list[Any] = []
        self.summed = False

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient, if finite, is then in the grads."""
        outputs, found = outputs_and_loss(self.model, self.loss, batch)
        loss = value_of("a loss", found, "the predictions")
        self._look(outputs, batch)
        for p in self.parameters:
            p.zero_grad()
        if isfinite(loss.data):
            loss.backward()
        return list(map(numbers, outputs)), loss.data

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        """The outputs for rows and their loss."""
        with no_grad():
            outputs, loss = outputs_and_loss(self.model, self.loss, data)
            self._look(outputs, data)
            return list(map(numbers, outputs)), float(loss)

    def _look(self, outputs: list[Any], data: Dataset) -> None:
        if len(self.first) < min(2, len(outputs)):
            self.first = outputs[:2]
            if len(self.first) == 2:
                self.summed = is_sum(self.loss, self.first, data.targets)


def choose_backend(trainer: Any) -> Eager | Replay:
    """A recording if there can be one, in the engine that suits the run, else the eager engine."""
    data, validation = trainer.data, trainer.validation
    if trainer.engine != "eager":
        # of a batch of one row the mean is the sum
        first = next(data.batches(max(trainer.batch_size, 2), Random(trainer.seed)))
        targets = [*data.targets, *(validation.targets if validation else ())]
        try:
            with training_mode(trainer.model):
                replay = Replay(trainer.model, trainer.loss, first, targets)
            steps = trainer.epochs * -(-len(data) // trainer.batch_size)
            replay.program.settle(steps, min(trainer.batch_size, len(data)))
            trainer.history.engine = replay.program.engine
            return replay
        except CannotReplay as reason:
            return eager_because(reason, trainer)
    return Eager(trainer.model, trainer.loss)


def eager_because(reason: object, trainer: Any) -> Eager:
    """The eager engine for the rest of a run, with a warning, unless it was to be expected."""
    trainer.engine, trainer.history.engine = "eager", f"eager, because {reason}"
    if not isinstance(reason, Expected):
        warn(f"training runs {trainer.history.engine}", Fallback)
    return Eager(trainer.model, trainer.loss)


def replay_or_eager(model: Any, loss: Loss, data: Dataset) -> Replay | Eager:
    """The loss of a model and its gradient, outside of a run: by replay where that can be."""
    check_in_features(model, len(data.feature_names))
    try:
        return Replay(model, loss, data[:16], data.targets)
    except CannotReplay:
        return Eager(model, loss)


def value_of(what: str, x: Any, source: str) -> Value:
    """What a loss or a penalty returned, if it is a Value; else a TypeError."""
    if not isinstance(x, Value):
        raise TypeError(
            f"train needs {what} that returns a Value, got {type_name(x)}: "
            f"compute it from {source} themselves, not from their data"
        )
    return x
