"""Callbacks: what is called around the loop of training, at four moments."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isnan
from typing import Any

from autograd import in_notebook
from nn.checks import counted, positive, whole
from nn.data.stream import Stream
from nn.training.backends import eager_because
from nn.training.curves import Curves
from nn.training.history import Epoch, History, Rule

__all__ = ["Callback", "EarlyStopping"]


class Callback:
    """Something to do around the loop: override what you need, and give it to ``train``.

    Each method gets the trainer, with its ``model``, ``optimizer``, ``parameters``, ``history`` and
    ``stop(reason)``. Callbacks are called in the order in which they are given, but those that
    decide when to stop after all others."""

    def on_train_begin(self, trainer: Any) -> None:
        """Called before the first epoch, or before the next where a run goes on."""

    def on_epoch_begin(self, trainer: Any) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Called after each epoch, which is the last of ``trainer.history``."""

    def on_train_end(self, trainer: Any) -> None:
        """Called when no epoch will follow, with the final parameters."""


class OnEpoch(Callback):
    """Calls a function with each epoch as it ends: ``train(..., on_epoch=function)``."""

    def __init__(self, function: Callable[[Epoch], Any]) -> None:
        self.function = function

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        self.function(epoch)


class StopWhen(Callback):
    """Stops when a rule, a function of the history, gives a reason: ``train(..., until=rule)``."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __call__(self, history: History) -> str:
        return self.rule(history)

    def on_train_begin(self, trainer: Any) -> None:
        trainer.takes_best = True
        if trainer.history:  # a run that is resumed may be over
            self.on_epoch_end(trainer, trainer.history[-1])

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        history = trainer.history
        if not history.stopped and (reason := self(history)):
            trainer.stop(f"stopped after {len(history)} of {trainer.epochs} epochs: {reason}")


@dataclass(frozen=True)
class EarlyStopping(StopWhen):
    """Stops when the validation loss has not fallen by more than ``min_delta`` for ``patience``
    epochs: ``train(..., until=EarlyStopping(10))``, or one of its callbacks.

    Source: Prechelt, Early Stopping — But When? (1998)."""

    patience: int = 10
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        whole("EarlyStopping", "patience", self.patience)
        positive("EarlyStopping", "min_delta", self.min_delta, zero=True)

    def on_train_begin(self, trainer: Any) -> None:
        if trainer.validation is None:
            need = "EarlyStopping needs a validation part, got none"
            raise ValueError(f"{need}: give train a validation of 0.2")
        super().on_train_begin(trainer)

    def __call__(self, history: History) -> str:
        if history and isnan(history[-1].validation_loss):
            return "the validation loss became nan"
        best, since = inf, 0
        for epoch in history:
            better = epoch.validation_loss < best - self.min_delta
            best, since = (epoch.validation_loss, 0) if better else (best, since + 1)
        reason = f"the validation loss has not become better for {counted(since, 'epoch')}"
        return reason if since >= self.patience else ""


class RecordingGuard(Callback):
    """Leaves the recording once the model, changed by something, gives other numbers than it."""

    def __init__(self) -> None:
        self.unchecked = 0  # rows since the last comparison

    def on_epoch_begin(self, trainer: Any) -> None:
        if trainer.engine == "eager":
            return
        data, number = trainer.data, len(trainer.history)
        data = data.first if isinstance(data, Stream) else data
        if trainer.watched or not self.unchecked or self.unchecked >= 256:
            self.unchecked, k = 0, number % len(data)
            if trainer.backend.differs(data[k : k + 1]):
                why = f"the model gives other numbers than its recording from epoch {number + 1} on"
                trainer.backend = eager_because(why, trainer)
        self.unchecked += len(data)


class ProgressBar(Callback):
    """tqdm's bar, if that is installed; in a notebook the losses as curves when training ends.

    show: None means in a notebook and on a terminal."""

    def __init__(self, show: bool | None = None) -> None:
        self.cell = in_notebook()
        self.show = (self.cell or sys.stderr.isatty()) if show is None else show
        self.bar: Any = None
        self.place: Any = None  # of the bar in the cell, where the curves replace it

    def on_train_begin(self, trainer: Any) -> None:
        if not self.show:
            return
        left = trainer.epochs - len(trainer.history)
        form = "epoch {n_fmt}/{total_fmt} {bar} {remaining} left{postfix}"
        with suppress(ModuleNotFoundError):
            if self.cell and self._in_cell(left, form):
                return
            from tqdm import tqdm

            form = form.replace("{bar}", "{bar:16}")  # narrow, since the note matters more
            options: Any = {"file": sys.stderr, "delay": 0.5, "dynamic_ncols": True}
            self.bar = tqdm(total=left, bar_format=form, **options)

    def _in_cell(self, left: int, form: str) -> bool:
        """Show the bar as a widget, where those are installed; whether they are."""
        from IPython.display import display
        from tqdm import notebook

        if notebook.IProgress is None:  # type: ignore[attr-defined]
            return False
        options: Any = {"dynamic_ncols": True, "display": False}
        self.bar = notebook.tqdm(total=left, bar_format=form, **options)
        self.place = display(self.bar.container, display_id=True)  # type: ignore[no-untyped-call]
        return True

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        if self.bar:
            self.bar.set_postfix_str(repr(epoch).partition(": ")[2], refresh=False)
            self.bar.update()

    def on_train_end(self, trainer: Any) -> None:
        if self.bar:
            self.bar.close()
        if self.show and self.cell:
            curves = Curves(trainer.history)
            self.place.update(curves) if self.place else curves.show()
