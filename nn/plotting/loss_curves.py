"""The losses of runs as curves: both parts, the best epoch, where a run diverged, and a scale that
shows them all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log10
from statistics import median
from typing import Any

from nn.checks import a_kind
from nn.training.history import Epoch, History

__all__ = ["Curves", "Point", "Run", "check_named", "check_points", "runs"]

Point = tuple[float, float]
WORSE = 3.0  # times its first loss: a run that ends above this has diverged, too, if slowly
FARTHER = 10.0  # times the median of the runs' largest losses: more is not shown,
FARTHEST = 1000.0  # or, on a logarithmic scale, which more does not flatten, more than this
BEYOND = 1e6  # times the largest first loss
DECADES = 1.5  # of losses, from which a logarithmic scale shows more
FEWER = 5.0  # times the smallest loss, from which it does if more than half of them lie in the bottom of the range:
BOTTOM = 0.1  # of it, where a linear scale draws them as one flat line


@dataclass(frozen=True)
class Run:
    """A run's losses as points (epoch, loss), its best epoch, and the epoch that it diverged in,
    ``end``.
    """

    name: str
    training: list[Point]
    validation: list[Point]
    best: Epoch | None
    end: float | None

    @property
    def points(self) -> list[Point]:
        """All points of both parts."""
        return self.training + self.validation

    @property
    def judged(self) -> list[Point]:
        """The part that a run is judged by: validation, or where there is none, training."""
        return self.validation or self.training


@dataclass(frozen=True)
class Curves:
    """Runs with the range of losses that shows them; ``log`` says whether a logarithmic scale shows
    them better.
    """

    runs: list[Run]
    low: float
    high: float
    log: bool

    def end_of(self, run: Run) -> Point:
        """Where a run that diverged is seen last: where it leaves the range, or at its last point."""
        for (x, y), (next_x, next_y) in pairwise(run.judged):
            if next_y > self.high:
                if y >= self.high:
                    return x, self.high
                way, whole = self.high - y, next_y - y
                if self.log and y > 0:
                    way, whole = log10(self.high / y), log10(next_y / y)
                return x + (next_x - x) * way / whole, self.high
        if run.judged and run.judged[-1][1] <= self.high:
            return run.judged[-1]
        return run.judged[-1][0] if run.judged else run.end or 1.0, self.high


def runs(histories: Any) -> Curves:
    """The curves of a history, or of several by name.

    >>> found = runs({"slow": History([Epoch(1, 0.9), Epoch(2, 0.8)]), "fast": History([Epoch(1, 1.0), Epoch(2, 7e9)])})
    >>> [run.end for run in found.runs], found.high
    ([None, 2], 1.0)
    """
    named = histories if isinstance(histories, Mapping) else {"": histories}
    found = [_run(str(name), history) for name, history in named.items()]
    if not any(run.points for run in found):
        raise ValueError(
            "losses needs a history with at least one epoch, got none: train for one first"
        )
    steady = [y for run in found if run.end is None for _, y in run.points]
    firsts = [run.points[0][1] for run in found if run.points]
    if steady:  # where the others begin is seen, if it does not flatten these
        shown = steady + [y for y in firsts if y <= WORSE * max(steady)]
    else:
        shown = [y for run in found for _, y in run.points]
    low = min(shown)
    # a run that begins far above the others is cut off, too, and so is the end of one that is alone
    middle = median(max(y for _, y in run.points) for run in found if run.points)
    most = min(max(shown), BEYOND * max(firsts))
    high = max(low, min(most, FARTHER * middle))
    if log := _logarithmic(shown, low, high):
        high = max(low, min(most, FARTHEST * middle))
    return Curves(found, low, high, log)


def _logarithmic(losses: Sequence[float], low: float, high: float) -> bool:
    """Whether a logarithmic scale shows more: of a wide range, or of one in whose bottom most of
    the losses lie.
    """
    if not 0 < low < high:
        return False
    bottom = sum(y <= low + BOTTOM * (high - low) for y in losses)
    return high / low > 10**DECADES or (high / low > FEWER and bottom > len(losses) / 2)


def check_named(what: str, things: Any, example: str) -> None:
    """Raise a TypeError if what a picture shows has no names.

    >>> check_named("bars", [1, 2], '{"he": 0.96}')
    Traceback (most recent call last):
    TypeError: bars needs numbers by name, such as {"he": 0.96}, got a list
    """
    if not isinstance(things, Mapping):
        kind = "numbers" if what == "bars" else "points (x, y)"
        raise TypeError(f"{what} needs {kind} by name, such as {example}, got {a_kind(things)}")


def check_points(series: Any) -> None:
    """Raise a TypeError or a ValueError if these are not curves by name, each of points (x, y).

    >>> check_points({"tanh": [1, 2, 3]})
    Traceback (most recent call last):
    TypeError: lines needs points (x, y), got 1 in 'tanh': write [(x, y), ...]
    """
    check_named("lines", series, '{"tanh": [(0.0, 0.0), (1.0, 0.76)]}')
    for name, points in series.items():
        for point in points if isinstance(points, Iterable) else [points]:
            if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 2:
                raise TypeError(
                    f"lines needs points (x, y), got {point!r} in {name!r}: write [(x, y), ...]"
                )


def _run(name: str, history: Any) -> Run:
    if not isinstance(history, Sequence) or not all(isinstance(epoch, Epoch) for epoch in history):
        raise TypeError(
            f"losses needs the History that train returns, or several by name, got {a_kind(history)}"
        )
    training = [(epoch.number, epoch.loss) for epoch in history if isfinite(epoch.loss)]
    validation = [
        (epoch.number, epoch.validation_loss)
        for epoch in history
        if isfinite(epoch.validation_loss)
    ]
    end: float | None = None
    if getattr(history, "diverged", False):
        end = len(history) + 1
    elif training and training[-1][1] > WORSE * training[0][1]:
        end = training[-1][0]
    return Run(name, training, validation, History(history).best, end)
