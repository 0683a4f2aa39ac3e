"""A run of gradient descent: forward, loss, backward, step; batch after batch, epoch after epoch."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import hypot, isfinite, nan
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.checks import type_name
from nn.data.csv_reader import DataError
from nn.data.dataset import Dataset
from nn.layers import training_mode
from nn.metrics import numbers, plain, scores
from nn.module import Module
from nn.optim import SGD
from nn.penalties import proximal
from nn.training.checks import Mismatch, check, mismatch, strange, worn
from nn.training.config import Recipe
from nn.training.evaluation import Loss, estimated, examined, summed, usual_loss
from nn.training.fingerprint import identity
from nn.training.history import Epoch, History, Rule
from nn.training.recording import CannotReplay, Expected, Replay
from nn.training.tally import NOTHING, Tally

__all__ = ["Divergence", "Fallback", "Model", "Mover", "Penalty", "Training"]

Penalty = Callable[[Sequence[Value]], Value]


class Divergence(RuntimeWarning):
    """The loss, a gradient or a parameter became nan or infinite, and training stopped."""


class Fallback(RuntimeWarning):
    """Model or loss cannot be recorded, or are no longer what was recorded, so that training goes
    row by row.
    """


class _Diverged(Exception):
    """What became nan or infinite."""


class Mover(Protocol):
    """What ``train`` needs of an optimiser."""

    def step(self, parameters: list[Value]) -> None:
        """Move the parameters against their grads."""


class Model(Protocol):
    """What ``train`` needs of a model: parameters, and an output for a row of features."""

    def parameters(self) -> Iterable[Value]: ...
    def __call__(self, row: Any, /) -> Any: ...


class Training:
    """A run of gradient descent, an Epoch at a time: iterate over it to watch, and break off when
    you have seen enough.

    ``history`` holds the epochs so far; iterating again goes on where it was left. The options are
    those of ``train``.

    >>> from nn import MLP, moons
    >>> training = Training(MLP(2, [8, 2], seed=0), moons(100), epochs=50)
    >>> for epoch in training:
    ...     if epoch.validation_loss < 0.3:
    ...         break
    >>> training.history[-1] is epoch, 1 < epoch.number < 50
    (True, True)
    """

    def __init__(
        self,
        model: Model,
        data: Dataset,
        loss: Loss | None = None,
        optimizer: Mover | None = None,
        *,
        epochs: int = 100,
        batch_size: int = 16,
        validation: float | Dataset | None = 0.2,
        seed: int = 0,
        penalty: Penalty | None = None,
        until: Rule | None = None,
        engine: str = "auto",
    ) -> None:
        options: dict[str, Any] = {
            "epochs": epochs,
            "batch_size": batch_size,
            "validation": validation,
            "seed": seed,
        }
        check(
            model,
            data,
            engine,
            loss=loss,
            optimizer=optimizer,
            **options,
            penalty=penalty,
            until=until,
        )
        epochs, batch_size, seed = (
            int(epochs),
            int(batch_size),
            int(seed),
        )  # NumPy's are whole numbers, too
        if isinstance(validation, (int, float)):
            try:
                data, validation = data.split(validation, seed=seed)
            except DataError as error:
                raise DataError(f"{error}, or validation=None to hold none out") from None
        self.engine = engine
        self.replay: Replay | None = None
        self.model, self.data, self.validation = model, data, validation
        self.loss = loss or usual_loss(data)
        self.optimizer = optimizer or SGD(0.1)
        self.epochs, self.batch_size, self.seed = epochs, batch_size, seed
        self.penalty, self.until = penalty, until
        self.parameters = list(
            dict.fromkeys(model.parameters())
        )  # a generator would be empty the second time
        self.weights = list(model.weights()) if isinstance(model, Module) else []
        self.history = History()
        self.rng = Random(seed)
        self.best: list[float] | None = None  # the parameters at the end of history.best
        self.last: tuple[Epoch, list[float]] | None = (
            None  # the epoch that ended last, and the parameters then
        )
        self.news: list[
            tuple[str, type[Warning]]
        ] = []  # what came to light on the way, to be warned of
        self.attended = True  # whether somebody may change something between two epochs
        self.unchecked = 0  # rows since the recording was compared with the model
        self.summed: bool | None = (
            None  # whether the loss of a batch is the sum over its rows, once that is known
        )
        self.estimates: int | None = (
            None  # the number of classes, if a single output estimates the class; else 0
        )
        self.history.recipe = Recipe.of(self)
        self.made = identity(self)  # before anything has changed

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {
            "replay": None
        }  # a compiled recording cannot be pickled; it is recorded again

    def __iter__(self) -> Iterator[Epoch]:
        for doubt, kind in self.doubts():
            warnings.warn(doubt, kind, stacklevel=2)
        for epoch in self.run():
            while self.news:
                warnings.warn(*self.news.pop(0), stacklevel=2)
            yield epoch
        if self.history.diverged:
            warnings.warn(self.history.stopped, Divergence, stacklevel=2)

    def doubts(self) -> Iterator[tuple[str, type[Warning]]]:
        """What a user should know before the first epoch, each with the kind of its warning."""
        steps = -(-len(self.data) // self.batch_size)
        if not self.history and (wrong := mismatch(self.model, self.loss)):
            yield wrong, Mismatch
        if not self.history and (wrong := worn(self.optimizer, self.parameters, steps)):
            yield wrong, Mismatch
        if instead := self.prepare():
            yield instead, Fallback
        while self.news:
            yield self.news.pop(0)

    def prepare(self) -> str:
        """Record the model and the loss, if that is wanted and not done yet; a warning's text if it
        cannot be.
        """
        if self.engine == "eager" or self.replay:
            return ""
        # of a batch of one row the mean is the sum
        first = next(self.data.batches(max(self.batch_size, 2), Random(self.seed)))
        targets = [*self.data.targets, *(self.validation.targets if self.validation else [])]
        try:
            with training_mode(self.model):
                self.replay = Replay(
                    self.model, self.loss, first, targets, self.data.classification
                )
            steps = self.epochs * -(-len(self.data) // self.batch_size)
            self.replay.program.settle(
                steps, min(self.batch_size, len(self.data))
            )  # one engine for all of the run
            self.history.engine = self.replay.program.engine
            self.summed = self.replay.reduce == "sum"
            self._look(self.replay.first, first)
        except CannotReplay as reason:
            self.engine = "eager"
            self.history.engine = f"eager, because {reason}"
            if not isinstance(reason, Expected):
                return f"training runs {self.history.engine}"
        return ""

    def run(self) -> Iterator[Epoch]:
        """The epochs that are left; why they end before their time is in ``history.stopped`` and
        not warned of.
        """
        try:
            self.prepare()
            while not self._ended():
                before = [p.data for p in self.parameters]
                self._compare()
                try:
                    epoch = self._epoch()
                except _Diverged as what:
                    self._return_to(before)
                    self.history.diverged = True
                    self.history.stopped = (
                        f"{what} in epoch {len(self.history) + 1}, so the parameters went back to its beginning: "
                        "try a smaller learning rate"
                    )
                    return
                self.last = (
                    epoch,
                    [p.data for p in self.parameters],
                )  # before all else: Ctrl-C may come between
                self.history.append(epoch)
                self._keep_best()
                yield epoch
        except KeyboardInterrupt:
            self.interrupt()

    def interrupt(self) -> None:
        """End the run, as Ctrl-C does, with the best model so far."""
        self._stop(f"interrupted after {len(self.history)} of {self.epochs} epochs")

    def identity(self) -> dict[str, str]:
        """What makes it this run and no other, so that a checkpoint is not taken for that of
        another.
        """
        return self.made | {"engine": self.history.engine.partition(", because")[0]}

    def follow(self, engine: str) -> None:
        """Go on with the engine that a run had, so that its numbers are the same to the last bit."""
        if self.replay:
            self.replay.program.settle(native="numba" in engine)
            self.history.engine = self.replay.program.engine

    def _compare(self) -> None:
        """Leave the recording if the model has come to give other numbers, before an epoch is run
        with it.

        Where somebody attends, each epoch is looked into; else only a program could change
        something, and a row in some hundreds is enough."""
        if not self.replay:
            return
        number = len(self.history)
        if self.attended or not self.unchecked or self.unchecked >= 256:
            self.unchecked = 0
            k = number % len(self.data)
            if self.replay.differs(self.data[k : k + 1]):
                reason = (
                    f"the model gives other numbers than its recording from epoch {number + 1} on"
                )
                self.replay, self.engine, self.history.engine = (
                    None,
                    "eager",
                    f"eager, because {reason}",
                )
                self.news.append((f"training runs {self.history.engine}", Fallback))
        self.unchecked += len(self.data)

    def _look(self, outputs: list[Any], rows: Dataset) -> None:
        """Find out, from the first outputs that there are, what they and their loss are."""
        if self.estimates is None:
            self.estimates = estimated(outputs[0], self.loss, len(self.data.class_names))
            if not self.history and (wrong := strange(self.model, outputs, self.loss, self.data)):
                self.news.append((wrong, Mismatch))
        if self.summed is None and len(rows) > 1:
            self.summed = summed(self.loss, outputs, rows.targets)

    def _keep_best(self) -> None:
        if self.last and self.history.best is self.last[0]:
            self.best = self.last[1]

    def _ended(self) -> bool:
        if self.history.stopped:
            return True
        if self.until and self.history and (reason := self.until(self.history)):
            self._stop(f"stopped after {len(self.history)} of {self.epochs} epochs: {reason}")
            return True
        if len(self.history) < self.epochs:
            return False
        if self.until and self.best:
            self._return_to(self.best)
        return True

    def _stop(self, why: str) -> None:
        self._keep_best()
        best = self.history.best
        if best and self.best:
            self._return_to(self.best)
            if best is not self.history[-1]:
                why += f"; the parameters are those of epoch {best.number}, which had the lowest validation loss"
        self.history.stopped = why

    def _return_to(self, data: list[float]) -> None:
        for p, x in zip(self.parameters, data, strict=True):
            p.data = x

    def _epoch(self) -> Epoch:
        """Every batch once: forward, loss, backward, step."""
        tally = Tally(float(getattr(self.optimizer, "rate", nan)))
        with training_mode(self.model):
            for batch in self.data.batches(self.batch_size, self.rng):
                answers, batch_loss = self._gradient(batch)
                if self.penalty:
                    # leaves accumulate: its gradient adds to that of the loss
                    _value("a penalty", self.penalty(self.weights), "the weights").backward()
                with proximal(self.penalty, self.weights):
                    norm = hypot(*(p.grad for p in self.parameters))
                    if not isfinite(norm):
                        raise _Diverged("a gradient became nan or infinite")
                    self.optimizer.step(self.parameters)
                tally.add(answers, batch_loss, batch, norm)
        if not all(isfinite(p.data) for p in self.parameters):
            raise _Diverged("a parameter became nan or infinite")
        validation = self._validation()  # which may find out that the losses are sums
        options: dict[str, Any] = {"summed": self.summed, "estimates": self.estimates}
        return tally.epoch(len(self.history) + 1, validation, self.weights, **options)

    def _gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads."""
        if self.replay:
            answers, number = self.replay.gradient(batch)
            if not isfinite(number):
                raise _Diverged(f"the loss became {number:g}")
            return answers, number
        outputs = [plain(self.model(row)) for row in batch.features]
        loss = _value("a loss", self.loss(outputs, batch.targets), "the predictions")
        self._look(outputs, batch)
        if not isfinite(loss.data):
            raise _Diverged(f"the loss became {loss.data:g}")
        for p in self.parameters:
            p.zero_grad()
        loss.backward()
        return list(map(numbers, outputs)), loss.data

    def _validation(self) -> tuple[float, float, float]:
        """Loss, accuracy and R² on the validation part; nan for what there is not."""
        data = self.validation
        if data is None:
            return NOTHING
        outputs, loss = (
            self.replay.examined(data) if self.replay else examined(self.model, data, self.loss)
        )
        self._look(outputs, data)
        loss = loss / len(data) if self.summed else loss
        return loss, *scores(outputs, data.targets, data.classification, self.estimates or 0)


def _value(what: str, x: Any, source: str) -> Value:
    if not isinstance(x, Value):
        raise TypeError(
            f"train needs {what} that returns a Value, got {type_name(x)}: "
            f"compute it from {source} themselves, not from their data"
        )
    return x
