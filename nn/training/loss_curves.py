"""Losses by epoch as curves: which are shown, on which scale, and where each run ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log10
from statistics import median
from typing import Any

from nn.checks import type_name
from nn.training.history import Epoch, History

Point = tuple[float, float]

# A run that ends above so many times its first loss has diverged too, if slowly.
DIVERGED = 3.0
# The range ends at so many times the median of the runs' largest losses; on a logarithmic scale,
# which is not flattened by more, at LOG_CUT; and at so many times the largest first loss anyway.
CUT, LOG_CUT, FIRST_CUT = 10.0, 1000.0, 1e6
# A logarithmic scale shows more of a range of so many decades; or of a range of so many times the
# smallest loss, if most losses lie in its lowest tenth, where a linear scale is one flat line.
DECADES, RATIO, LOWEST = 1.5, 5.0, 0.1


@dataclass(frozen=True)
class Run:
    """A run's losses as points (epoch, loss), its best epoch, and the one in which it diverged."""

    name: str
    training: list[Point]
    validation: list[Point]
    best: Epoch | None
    diverged: float | None

    @property
    def points(self) -> list[Point]:
        """All points of both parts."""
        return self.training + self.validation

    @property
    def judged(self) -> list[Point]:
        """The part that a run is judged by: validation, or without one, training."""
        return self.validation or self.training


@dataclass(frozen=True)
class LossCurves:
    """Runs with the range of losses to show, and whether a logarithmic scale shows them better."""

    runs: list[Run]
    low: float
    high: float
    log: bool

    @property
    def several(self) -> bool:
        """Whether each run is one curve, the part that it is judged by; else each part is one."""
        return len(self.runs) > 1

    @property
    def curves(self) -> list[tuple[str, list[Point]]]:
        """The curves by name; the k-th has the k-th colour and mark."""
        if self.several:
            return [(run.name, run.judged) for run in self.runs]
        (run,) = self.runs
        parts = [("training", run.training), ("validation", run.validation)]
        return [part for part in parts if part[1]]

    @property
    def ends(self) -> list[tuple[str, Point, int, str]]:
        """Where runs have diverged or were best: the kind, the point, the colour, and the name."""
        found = list[tuple[str, Point, int, str]]()
        for k, run in enumerate(self.runs):
            colour = k if self.several else len(self.curves) - 1
            if run.diverged is not None:
                name = f"diverged: {run.name}" if self.several else "diverged"
                found.append(("diverged", self._end_of(run), colour, name))
            elif run.best:
                name = "best epoch" if self.several else f"best epoch {run.best.number}"
                point = run.best.number, run.best.validation_loss
                found.append(("best epoch", point, colour, name))
        return sorted(found, key=lambda end: end[0] == "best epoch")

    def _end_of(self, run: Run) -> Point:
        """Where a run that diverged leaves the range, or else its last point."""
        for (x, y), (next_x, next_y) in pairwise(run.judged):
            if next_y > self.high:
                if y >= self.high:
                    return x, self.high
                part, whole = self.high - y, next_y - y
                if self.log and y > 0:
                    part, whole = log10(self.high / y), log10(next_y / y)
                return x + (next_x - x) * part / whole, self.high
        x, y = run.judged[-1] if run.judged else (run.diverged or 1.0, self.high)
        return x, min(y, self.high)


def loss_curves(histories: Any) -> LossCurves:
    """The curves of a history, or of several by name."""
    named = histories if isinstance(histories, Mapping) else {"": histories}
    runs = [_run(str(name), history) for name, history in named.items()]
    known = [run for run in runs if run.points]
    if not known:
        need = "losses needs a history with at least one epoch"
        raise ValueError(f"{need}, got none: train for one first")
    firsts = [run.points[0][1] for run in known]
    steady = [run for run in known if run.diverged is None]
    shown = [y for run in steady or known for _, y in run.points]
    if steady:  # and where the others begin, if that does not flatten these
        shown += [y for y in firsts if y <= DIVERGED * max(shown)]
    low, middle = min(shown), median(max(y for _, y in run.points) for run in known)
    most = min(max(shown), FIRST_CUT * max(firsts))
    high = max(low, min(most, CUT * middle))
    if log := _is_logarithmic(shown, low, high):
        high = max(low, min(most, LOG_CUT * middle))
    return LossCurves(runs, low, high, log)


def _is_logarithmic(losses: Sequence[float], low: float, high: float) -> bool:
    if not 0 < low < high:
        return False
    lowest = sum(y <= low + LOWEST * (high - low) for y in losses)
    return high / low > 10**DECADES or (high / low > RATIO and lowest > len(losses) / 2)


def _run(name: str, history: Any) -> Run:
    if not isinstance(history, Sequence) or not all(isinstance(epoch, Epoch) for epoch in history):
        need = "losses needs the History that train returns, or several by name"
        raise TypeError(f"{need}, got {type_name(history)}")
    training, validation = (
        [(epoch.number, y) for epoch in history if isfinite(y := getattr(epoch, part))]
        for part in ("loss", "validation_loss")
    )
    diverged: float | None = None
    if getattr(history, "diverged", False):
        diverged = len(history) + 1
    elif training and training[-1][1] > DIVERGED * training[0][1]:
        diverged = training[-1][0]
    return Run(name, training, validation, History(history).best, diverged)
