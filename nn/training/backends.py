"""What computes a batch: the eager engine row by row, or a recording, on all rows at once."""

from collections.abc import Iterable
from importlib.util import find_spec
from itertools import chain
from math import isfinite
from random import Random
from typing import Any

from autograd import Value, no_grad
from nn.checks import type_name, warn
from nn.data.dataset import Dataset
from nn.data.stream import ALL, Stream
from nn.layers import training_mode
from nn.losses import Loss
from nn.module import check_in_features, numbers
from nn.training.checks import Fallback
from nn.training.evaluation import is_sum, outputs_and_loss

MOST_TRIED = 256  # rows that are run eagerly, each of a graph, to compare a recording with


class CannotReplay(Exception):
    """Why a model or a loss has to be run row by row."""


class Expected(CannotReplay):
    """Why, where the user chose it so or cannot help it: worth a note, but no warning."""


class Backend:
    """What computes batches: ``gradient`` gives the outputs for one and its loss, whose gradient,
    if finite, is then in the parameters' grads; ``evaluate`` the outputs for rows and their loss.

    first: outputs of two rows, as the model gave them. summed: whether the loss of a batch is the
    sum of those of its rows, and not their mean. part: which rows of a stream's batches it gets."""

    part = ALL

    def __init__(self, model: Any, loss: Loss) -> None:
        self.model, self.loss = model, loss
        self.parameters: list[Value] = list(dict.fromkeys(model.parameters()))
        self.first: list[Any] = []
        self.summed = False

    def ready(self, part: Any) -> Any:
        """A part of the data as batches of it are wanted."""
        return part

    def end(self, losses: float, scored: Any) -> float:
        """The sum of an epoch's losses; of several processes that of all, and their scores."""
        return losses

    def leave(self) -> None:
        """Called where an epoch ends early."""


class Eager(Backend):
    """The eager engine: a graph for each batch."""

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        outputs, found = outputs_and_loss(self.model, self.loss, batch)
        loss = value_of("a loss", found, "the predictions")
        self._look(outputs, batch)
        for p in self.parameters:
            p.zero_grad()
        if isfinite(loss.data):
            loss.backward()
        return list(map(numbers, outputs)), loss.data

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        with no_grad():
            outputs, loss = outputs_and_loss(self.model, self.loss, data)
            self._look(outputs, data)
            return list(map(numbers, outputs)), float(loss)

    def _look(self, outputs: list[Any], data: Dataset) -> None:
        if len(self.first) < min(2, len(outputs)):
            self.first = outputs[:2]
            if len(self.first) == 2:
                self.summed = is_sum(self.loss, self.first, data.targets)


def recorded(
    model: Any, loss: Loss, first: Dataset, targets: Iterable[float], shared: bool = False
) -> Any:
    """A recording of a model and its loss, which NumPy runs; CannotReplay if there can be none.

    first: rows to try it on. targets: all that there will be. shared: whether each process of JAX,
    if there are several, has its own rows."""
    if find_spec("numpy") is None:
        raise Expected("numpy is not installed")
    from nn.training.recording.replay import Replay

    if shared:
        from autograd import Processes
        from nn.training.recording.own_rows import OwnRows

        if Processes().count > 1:
            return OwnRows(model, loss, first, targets)
    return Replay(model, loss, first, targets)


def choose_backend(trainer: Any) -> Backend:
    """A recording if there can be one, in the engine that suits the run, else the eager engine."""
    model, loss, data, engine = trainer.model, trainer.loss, trainer.data, trainer.engine
    if engine == "eager":
        return Eager(model, loss)
    # of a batch of one row the mean is the sum
    two = max(trainer.batch_size, 2)
    is_stream = isinstance(data, Stream)
    first = data.first if is_stream else next(data.batches(two, Random(trainer.seed)))
    known = (range(len(data.class_names)) or first.y) if is_stream else data.y
    targets = chain(trainer.validation.y if trainer.validation else (), known)
    try:
        with training_mode(model):
            shared = is_stream and engine == "jax"
            replay = recorded(model, loss, first[:MOST_TRIED], targets, shared)
    except CannotReplay as reason:
        if engine != "auto":
            need = f"engine={engine!r} needs a model and a loss that can be recorded"
            raise ValueError(f"{need}, but {reason}: write engine='eager'") from reason
        return eager_because(reason, trainer)
    trainer.history.engine = replay.begin(engine, first)
    return replay  # type: ignore[no-any-return]


def eager_because(reason: object, trainer: Any) -> Eager:
    """The eager engine for the rest of a run, with a warning, unless it was to be expected."""
    trainer.engine, trainer.history.engine = "eager", f"eager, because {reason}"
    trainer.rows = ()
    if not isinstance(reason, Expected):
        warn(f"training runs {trainer.history.engine}", Fallback)
    return Eager(trainer.model, trainer.loss)


def replay_or_eager(model: Any, loss: Loss, data: Dataset) -> Any:
    """The loss of a model and its gradient, outside of a run: by replay where that can be."""
    check_in_features(model, len(data.feature_names))
    try:
        return recorded(model, loss, data[:16], data.y)
    except CannotReplay:
        return Eager(model, loss)


def value_of(what: str, x: Any, source: str) -> Value:
    """What a loss or a penalty returned, if it is a Value; else a TypeError."""
    if not isinstance(x, Value):
        cure = f"compute it from {source} themselves, not from their data"
        raise TypeError(f"train needs {what} that returns a Value, got {type_name(x)}: {cure}")
    return x
