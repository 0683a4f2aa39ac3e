"""A run of gradient descent: forward, loss, backward, step; batch after batch, epoch after epoch."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from math import hypot, isfinite, nan
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.checkpoint import described, fingerprint
from nn.dataset import Dataset
from nn.demands import Mismatch, check, mismatch
from nn.evaluate import Loss, examined, numbers, scores, usual_loss
from nn.history import Epoch, History, Rule
from nn.module import Module
from nn.optim import SGD
from nn.recipe import Recipe
from nn.regularize import learning, settling
from nn.replay import CannotReplay, Expected, Replay

__all__ = ["Divergence", "Fallback", "Model", "Mover", "Penalty", "Training"]

Penalty = Callable[[Sequence[Value]], Value]


class Divergence(RuntimeWarning):
    """The loss, a gradient or a parameter became nan or infinite, and training stopped."""


class Fallback(RuntimeWarning):
    """The model or the loss cannot be recorded, so that training goes row by row."""


class _Diverged(Exception):
    """What became nan or infinite."""


class Mover(Protocol):
    """What ``train`` needs of an optimiser."""

    def step(self, parameters: list[Value]) -> None:
        """Move the parameters against their grads."""


class Model(Protocol):
    """What ``train`` needs of a model: parameters, and an output for a row of features."""

    def parameters(self) -> list[Value]: ...
    def zero_grad(self) -> None: ...
    def __call__(self, row: Any, /) -> Any: ...


class Training:
    """A run of gradient descent, an Epoch at a time: iterate over it to watch, and break off when you have seen enough.

    ``history`` holds the epochs so far; iterating again goes on where it was left. The options are those of ``train``.

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
        options: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "validation": validation, "seed": seed}
        check(model, data, engine, loss=loss, optimizer=optimizer, **options, penalty=penalty, until=until)
        epochs, batch_size, seed = int(epochs), int(batch_size), int(seed)  # NumPy's are whole numbers, too
        if isinstance(validation, (int, float)):
            data, validation = data.split(validation, seed=seed)
        if not len(data):
            raise ValueError("train needs at least one row, got an empty dataset")
        self.engine = engine
        self.replay: Replay | None = None
        self.model, self.data, self.validation = model, data, validation
        self.loss = loss or usual_loss(data)
        self.optimizer = optimizer or SGD(0.1)
        self.epochs, self.batch_size, self.seed = epochs, batch_size, seed
        self.penalty, self.until = penalty, until
        self.parameters = model.parameters()
        self.weights = model.weights() if isinstance(model, Module) else self.parameters
        self.history = History()
        self.rng = Random(seed)
        self.best: list[float] | None = None  # the parameters at the end of history.best
        self.history.recipe = Recipe.of(self)

    def __iter__(self) -> Iterator[Epoch]:
        for doubt, kind in self.doubts():
            warnings.warn(doubt, kind, stacklevel=2)
        yield from self.run()
        if self.history.diverged:
            warnings.warn(self.history.stopped, Divergence, stacklevel=2)

    def doubts(self) -> Iterator[tuple[str, type[Warning]]]:
        """What a user should know before the first epoch, each with the kind of its warning."""
        if not self.history and (wrong := mismatch(self.model, self.loss)):
            yield wrong, Mismatch
        if instead := self.prepare():
            yield instead, Fallback

    def prepare(self) -> str:
        """Record the model and the loss, if that is wanted and not done yet; a warning's text if it cannot be."""
        if self.engine == "eager" or self.replay:
            return ""
        first = next(self.data.batches(self.batch_size, Random(self.seed)))
        targets = [*self.data.targets, *(self.validation.targets if self.validation else [])]
        try:
            with learning(self.model):
                self.replay = Replay(self.model, self.loss, first, targets, self.data.classification)
            self.history.engine = self.replay.program.engine
        except CannotReplay as reason:
            self.engine = "eager"
            self.history.engine = f"eager, because {reason}"
            if not isinstance(reason, Expected):
                return f"training runs {self.history.engine}"
        return ""

    def run(self) -> Iterator[Epoch]:
        """The epochs that are left; why they end before their time is in ``history.stopped`` and not warned of."""
        try:
            self.prepare()
            while not self._ended():
                before = [p.data for p in self.parameters]
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
                self.history.append(epoch)
                if self.history.best is epoch:
                    self.best = [p.data for p in self.parameters]
                yield epoch
        except KeyboardInterrupt:
            self.interrupt()

    def interrupt(self) -> None:
        """End the run, as Ctrl-C does, with the best model so far."""
        self._stop(f"interrupted after {len(self.history)} of {self.epochs} epochs")

    def identity(self) -> dict[str, str]:
        """What makes it this run and no other, so that a checkpoint is not taken for that of another."""
        return {
            "model": described(self.model),
            "training part": fingerprint(self.data),
            "validation part": fingerprint(self.validation),
            "batch size": str(self.batch_size),
            "seed": str(self.seed),
            **{name: described(getattr(self, name)) for name in ("loss", "optimizer", "penalty")},
            "engine": self.history.engine.partition(", because")[0],
        }

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
        losses: list[float] = []
        norms: list[float] = []
        outputs: list[Any] = []
        targets: list[float] = []
        rate = float(getattr(self.optimizer, "rate", nan))
        with learning(self.model):
            for batch in self.data.batches(self.batch_size, self.rng):
                answers, batch_loss = self._gradient(batch)
                if self.penalty:
                    self.penalty(self.weights).backward()  # leaves accumulate: its gradient adds to that of the loss
                with settling(self.penalty, self.weights):
                    norms.append(hypot(*(p.grad for p in self.parameters)))
                    if not isfinite(norms[-1]):
                        raise _Diverged("a gradient became nan or infinite")
                    self.optimizer.step(self.parameters)
                losses.append(batch_loss * len(batch))
                outputs += answers
                targets += batch.targets
        if not all(isfinite(p.data) for p in self.parameters):
            raise _Diverged("a parameter became nan or infinite")
        share, fit = scores(outputs, targets, self.data.classification)
        validation = self._validation()
        return Epoch(
            len(self.history) + 1,
            sum(losses) / len(self.data),
            share,
            *validation[:2],
            fit,
            validation[2],
            rate,
            sum(norms) / len(norms),
            hypot(*(w.data for w in self.weights)),
        )

    def _gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads."""
        if self.replay:
            answers, number = self.replay.gradient(batch)
            if not isfinite(number):
                raise _Diverged(f"the loss became {number:g}")
            return answers, number
        outputs = [self.model(row) for row in batch.features]
        loss = self.loss(outputs, batch.targets)
        if not isinstance(loss, Value):
            raise TypeError(
                f"train needs a loss that returns a Value, got a {type(loss).__name__}: "
                "compute it from the predictions themselves, not from their data"
            )
        if not isfinite(loss.data):
            raise _Diverged(f"the loss became {loss.data:g}")
        self.model.zero_grad()
        loss.backward()
        return list(map(numbers, outputs)), loss.data

    def _validation(self) -> tuple[float, float, float]:
        """Loss, accuracy and R² on the validation part; nan for what there is not."""
        data = self.validation
        if data is None:
            return nan, nan, nan
        outputs, loss = self.replay.examined(data) if self.replay else examined(self.model, data, self.loss)
        return loss, *scores(outputs, data.targets, data.classification)
