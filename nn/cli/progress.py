"""What a long run says while it lasts, on stderr: what it does, and how long it may take."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import Any

from nn.cli.report import shown
from nn.training.callbacks import ProgressBar
from nn.training.history import Epoch

SOON, LONG, MINUTE = 1.0, 10.0, 60.0  # seconds
FORWARD = 0.5  # of the time that a row takes to learn from, to predict it; at most
SPARE = 1.1  # times as long, for what a machine does beside


def say(sentence: str) -> None:
    """Print a sentence on stderr, which is not kept in the report."""
    print(shown(sentence), file=sys.stderr, flush=True)


@contextmanager
def notice(doing: str, quiet: bool = False) -> Iterator[None]:
    """Say what is being done if it takes more than a second."""
    timer = Timer(SOON, say, [f"{doing} ..."])
    timer.daemon = True
    if not quiet:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def duration(seconds: float) -> str:
    """A time in one or two units, as people say it.

    >>> [duration(seconds) for seconds in (0.04, 3.2, 90, 3700)]
    ['0.04 s', '3 s', '2 min', '1 h 2 min']
    """
    if seconds < 60:
        return f"{seconds:.1g} s" if seconds < 1 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Progress(ProgressBar):
    """The bar on a terminal, a line a minute elsewhere; and, before the first epoch is over, how
    long all may take, unless it is short. what: the run that it is about."""

    def __init__(self, what: str = "training", quiet: bool = False) -> None:
        super().__init__(False if quiet else None)
        self.what, self.quiet = what, quiet

    def on_train_begin(self, trainer: Any) -> None:
        super().on_train_begin(trainer)
        self.began = self.said = monotonic()
        self.before = len(trainer.history)
        self.first: tuple[float, float] | None = None  # when the first step was done, and its part
        if not self.quiet:
            trainer.on_step = lambda done, steps: self._estimate(trainer, done / steps)

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        super().on_epoch_end(trainer, epoch)
        if self.bar:  # which says it from now on
            trainer.on_step = None
        elif not self.quiet and monotonic() - self.said >= MINUTE:
            self.said = monotonic()
            done, left = len(trainer.history) - self.before, trainer.epochs - len(trainer.history)
            last = duration((self.said - self.began) / done * left)
            figures = repr(epoch).partition(": ")[2]
            where = f"epoch {epoch.number} of {trainer.epochs}"
            say(f"{self.what}: {where}, {figures}; at most {last} left")

    def _estimate(self, trainer: Any, part: float) -> None:
        """After a second, from the epochs so far and the part of this one, but for the first step,
        in which all is made ready."""
        now, done = monotonic(), len(trainer.history) - self.before + part
        begun, ready = self.first = self.first or (now, done)
        if done == ready or now - begun < SOON:
            return
        trainer.on_step = None
        each = (now - begun) / (done - ready)
        if len(trainer.history) == self.before and trainer.validation:  # which comes at the end
            each *= 1 + FORWARD * len(trainer.validation) / len(trainer.data)
        left = trainer.epochs - self.before
        if (seconds := SPARE * (begun - self.began + each * left)) >= LONG:
            most = f"at most {duration(seconds)} for {left} epochs of {duration(each)}"
            say(f"{self.what}: {most}; Ctrl-C ends it with the best model so far")
