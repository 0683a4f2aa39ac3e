"""The training loop: every epoch, every batch once: forward, loss, backward, step.

What else there is to do at the four moments of a run is done by callbacks."""

from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import replace
from math import ceil, isfinite, nan
from random import Random
from typing import Any

from autograd import Value, assign
from nn.checks import type_name, warn
from nn.data.dataset import Dataset
from nn.data.stream import Stream
from nn.data.table import DataError
from nn.layers import training_mode
from nn.losses import Loss
from nn.module import Module
from nn.optim import SGD
from nn.training.backends import choose_backend
from nn.training.callbacks import Callback, RecordingGuard, StopWhen
from nn.training.checks import Divergence, Mismatch, check, mismatch, used_schedule
from nn.training.config import TrainConfig
from nn.training.evaluation import default_loss
from nn.training.history import Epoch, History, Rule
from nn.training.scores import RunningScores, Scores, numbered_classes, scores
from nn.training.steps import steps_of

__all__ = ["Trainer", "Training"]

Penalty = Callable[[Sequence[Value]], Value]


class _Diverged(Exception):
    """What became nan or infinite."""


class Trainer:
    """A run of gradient descent: iterate over it for an Epoch at a time, or ``fit`` all of them.

    ``history`` holds the epochs so far; iterating again goes on. Options are those of ``train``."""

    def __init__(
        self,
        model: Any,
        data: Dataset | Stream,
        loss: Loss | None = None,
        optimizer: Any = None,
        *,
        callbacks: Sequence[Callback] = (),
        **options: Any,
    ) -> None:
        config = _resolved(TrainConfig(model, data, loss, optimizer, **options))
        self.callbacks = _in_order(callbacks, config.until)
        self.model, self.data, self.validation = model, config.data, config.validation
        self.loss, self.penalty, self.engine = config.loss, config.penalty, config.engine
        self.epochs, self.batch_size, self.seed = config.epochs, config.batch_size, config.seed
        self.optimizer, self.rng = config.optimizer, Random(config.seed)
        self.parameters = list(dict.fromkeys(model.parameters()))
        self.weights = list(model.weights()) if isinstance(model, Module) else []
        self.history = History()
        self.history.config = self.config = config.with_start()
        own = [type(c) for c in callbacks if type(c).__module__.partition(".")[0] != "nn"]
        self.history.callbacks = tuple(kind.__name__ for kind in own)
        self.backend: Any = None
        self.rows: Sequence[Any] = ()  # both parts, as the backend is given them
        self.steps: Any = None  # those on arrays
        self.numbered: int | None = None  # see ``_numbered``
        is_stream = isinstance(self.data, Stream)
        steps = self.data.steps if is_stream else ceil(len(self.data) / self.batch_size)
        self.steps_of_epoch: int = steps or 0  # of a stream without a number, those of the last one
        self.on_step: Callable[[int, int], None] | None = None  # steps done, and of an epoch
        self.watched = True  # whether somebody may change something between two epochs
        self.takes_best = False  # whether the end is the best epoch, and not the last
        # The parameters at the end of history.best, and those of the epoch before, with it.
        self.best: Sequence[float] | None = None
        self.last: tuple[Epoch, Sequence[float]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        # a compiled recording cannot be pickled; it is recorded again
        return vars(self) | {"backend": None, "rows": (), "steps": None, "on_step": None}

    def fit(self) -> History:
        """Run all the epochs that are left, and return the history."""
        for _ in self:
            pass
        return self.history

    def __iter__(self) -> Iterator[Epoch]:
        begun = False
        try:
            # A mode that Ctrl-C leaves open at an unlucky moment, as strict, ends with the copy.
            copy_context().run(self.prepare)
            begun = True
            self._notify("on_train_begin")
            while len(self.history) < self.epochs and not self.history.stopped:
                before = self.last[1] if self.last and not self.watched else self._numbers()
                self._notify("on_epoch_begin")
                try:
                    epoch, numbers = copy_context().run(self._train_epoch)
                except _Diverged as what:
                    self._return_to(before)
                    self._end_diverged(what)
                    break
                except BaseException:
                    self.backend.leave()
                    raise
                self.last = epoch, numbers  # before all else: Ctrl-C may come between
                self.history.append(epoch)
                self._keep_best()
                self._notify("on_epoch_end", epoch)
                yield epoch
            if self.takes_best or self.history.stopped:
                self.restore_best()
        except KeyboardInterrupt:
            self.stop(f"interrupted after {len(self.history)} of {self.epochs} epochs")
            self.restore_best()
        if begun:
            self._notify("on_train_end")

    def _train_epoch(self) -> tuple[Epoch, Sequence[float]]:
        """Every batch once: forward, loss, backward, step; and the parameters at the end."""
        rate = float(getattr(self.optimizer, "rate", nan))
        losses, norms = list[float](), list[float]()
        kind = RunningScores if isinstance(self.data, Stream) else Scores
        scored = kind(self.data.classification)
        if self.watched or not self.rows:
            self.rows = [self.backend.ready(part) for part in (self.data, self.validation)]
        with training_mode(self.model), steps_of(self) as steps:
            for batch in self._batches():
                outputs, loss = steps.gradient(batch)
                numbered = self._numbered()
                if not isfinite(loss):
                    raise _Diverged(f"the loss became {loss:g}")
                norm = steps.step()
                if not isfinite(norm):
                    raise _Diverged("a gradient became nan or infinite")
                losses.append(loss if self.backend.summed else loss * len(batch))
                norms.append(norm)
                scored.add(outputs, batch.y, numbered)
                if self.on_step:
                    self.on_step(len(norms), self.steps_of_epoch)
        self.steps_of_epoch = len(norms)
        total = self.backend.end(sum(losses), scored)
        if not steps.are_finite:
            raise _Diverged("a parameter became nan or infinite")
        accuracy, fit = scored.result(numbered)
        part_loss, part_accuracy, part_fit = self._validated(numbered)
        figures = (total / scored.rows, accuracy, part_loss, part_accuracy, fit, part_fit)
        weight_norm = steps.weight_norm if self.weights else nan
        more = rate, sum(norms) / len(norms), weight_norm
        return Epoch(len(self.history) + 1, *figures, *more), steps.numbers

    def _end_diverged(self, what: Exception) -> None:
        came = f"{what} in epoch {len(self.history) + 1}"
        cure = "the parameters went back to its beginning: try a smaller learning rate"
        self.history.diverged, self.history.stopped = True, f"{came}, so {cure}"
        warn(self.history.stopped, Divergence)

    def _batches(self) -> Iterator[Dataset]:
        """Those of the next epoch."""
        data = self.rows[0]
        if isinstance(data, Stream):
            return data.batches(len(self.history), self.backend.part)
        return data.batches(self.batch_size, self.rng)  # type: ignore[no-any-return]

    def _validated(self, numbered: int) -> tuple[float, float, float]:
        """The loss, the accuracy and the R² of the validation part; nan where there is none."""
        if not (part := self.rows[1]):
            return nan, nan, nan
        outputs, loss = self.backend.evaluate(part)
        loss /= len(part) if self.backend.summed else 1
        return loss, *scores(outputs, part.y, self.data.classification, numbered)

    def _numbered(self) -> int:
        """See ``numbered_classes``; warns, once, of outputs that the loss takes for others."""
        if self.numbered is None:
            outputs = self.backend.first
            if not self.history and (wrong := mismatch(outputs, self.loss, self.data)):
                warn(wrong, Mismatch)
            self.numbered = numbered_classes(outputs[0], self.loss, len(self.data.class_names))
        return self.numbered

    def prepare(self) -> None:
        """Warn of what cannot go well, and choose what computes the batches: once."""
        if self.backend is None:
            wrong = used_schedule(self.optimizer, self.parameters, self.steps_of_epoch or 1000)
            if wrong and not self.history:
                warn(wrong, Mismatch)
            self.backend = choose_backend(self)

    def stop(self, reason: str) -> None:
        """End the run after this epoch, with the parameters of the best one."""
        self._keep_best()
        best = self.history.best
        if best and self.best is not None and best is not self.history[-1]:
            reason += f"; the parameters are those of epoch {best.number}, which had the lowest "
            reason += "validation loss"
        self.history.stopped = reason

    def restore_best(self) -> None:
        """Give the model the parameters of the epoch with the lowest validation loss, if any."""
        if self.best is not None and not self.history.diverged:
            self._return_to(self.best)

    def _notify(self, moment: str, *epoch: Epoch) -> None:
        for callback in self.callbacks:
            getattr(callback, moment)(self, *epoch)

    def _keep_best(self) -> None:
        if self.last and self.history.best is self.last[0]:
            self.best = self.last[1]

    def _numbers(self) -> list[float]:
        return [p.data for p in self.parameters]

    def _return_to(self, numbers: Sequence[float]) -> None:
        try:
            assign(self.parameters, numbers)
        except KeyboardInterrupt:  # before it is done: finish, then stop
            self._return_to(numbers)
            raise


Training = Trainer  # its earlier name


def _in_order(callbacks: Sequence[Callback], until: Rule | None) -> list[Callback]:
    """All callbacks, those that decide when to stop last."""
    if not all(isinstance(callback, Callback) for callback in callbacks):
        came = ", ".join(map(type_name, callbacks))
        raise TypeError(f"callbacks needs a list of nn.Callback, got {came}: write on_epoch=f")
    rules = [until if isinstance(until, StopWhen) else StopWhen(until)] if until else []
    return [RecordingGuard(), *sorted([*callbacks, *rules], key=lambda c: isinstance(c, StopWhen))]


def _resolved(config: TrainConfig) -> TrainConfig:
    """The config with nothing left open: parts, loss and optimiser; what cannot be is refused."""
    check(config)
    whole: Any = {name: int(getattr(config, name)) for name in ("epochs", "batch_size", "seed")}
    data, part = config.data, config.validation
    if part is not None and not isinstance(part, Dataset):
        try:
            data, part = data.split(part, seed=whole["seed"])
        except DataError as error:
            raise DataError(f"{error}, or validation=None to hold none out") from None
    loss, optimizer = config.loss or default_loss(data), config.optimizer or SGD(0.1)
    return replace(config, data=data, validation=part, loss=loss, optimizer=optimizer, **whole)
