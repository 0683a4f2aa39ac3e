"""Many inputs at once: random directions first, then bisection to the inputs whose derivatives are
wrong.

A direction costs five values of the function, however many inputs there are; a wrong input among n
is found in about 2 log2(n) directions."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Protocol

from autograd.checking.inputs import Arguments
from autograd.checking.probe import shown
from autograd.checking.report import Entry, Finding
from autograd.checking.slopes import Line, Slope, quick, slope

__all__ = ["Projection", "Weighted"]

DIRECTIONS = 4
# So many wrong inputs are named; if more are wrong, these will do to find out why.
NAMED = 4

Judge = Callable[[float, Slope], Finding]


class Lines(Protocol):
    """What can be asked for numbers along lines through a point."""

    arguments: Arguments

    def line(self, i: int) -> Line:
        """The line along one input."""

    def along(self, direction: dict[int, float]) -> Line:
        """The line along a direction."""


class Projection:
    """A gradient by many inputs, and the function that it should belong to; output says which of
    its outputs.
    """

    def __init__(self, probe: Lines, ours: Sequence[float], seed: int, output: int = 0) -> None:
        self.probe, self.ours, self.output = probe, ours, output
        self.rng = random.Random(seed)
        self.names = probe.arguments.names
        numbers = probe.arguments.numbers
        self.reach = [abs(x) or 1.0 for x in numbers]
        largest = (
            max(
                (abs(g * r) for g, r in zip(ours, self.reach, strict=True) if g - g == 0),
                default=1.0,
            )
            or 1.0
        )
        # Each input shall contribute about as much as any other, or a wrong small one would drown.
        self.weights = [
            r / max(abs(g * r) / largest, 1e-2) if g - g == 0 else r
            for g, r in zip(ours, self.reach, strict=True)
        ]

    def entries(self, judge: Judge) -> list[Entry]:
        """An entry for each direction, and one for each input that was found wrong."""
        every = range(len(self.ours))
        found, wrong = list[Entry](), list[Entry]()
        for k in shown(range(DIRECTIONS), DIRECTIONS, "directions"):
            entry = self.entry(
                f"direction {k + 1} through all {len(self.ours)} inputs", every, judge
            )
            found.append(entry)
            if not entry.ok and not wrong:
                wrong = self.bisected(every, judge)
        return wrong + found

    def entry(self, name: str, some: Sequence[int], judge: Judge) -> Entry:
        """The derivative along a random direction through some inputs."""
        if len(some) == 1:
            (i,) = some
            line, ours, x = self.probe.line(i), self.ours[i], self.probe.arguments.numbers[i]
        else:
            weights = [
                self.weights[i] * self.rng.uniform(0.5, 1.0) * self.rng.choice((-1, 1))
                for i in some
            ]
            # No input shall move by more than its own size at t = 1.
            scale = max(abs(w) / self.reach[i] for i, w in zip(some, weights, strict=True))
            direction = {i: w / scale for i, w in zip(some, weights, strict=True)}
            line, x = self.probe.along(direction), 1.0
            ours = sum(self.ours[i] * d for i, d in direction.items())
        found = quick(line, ours, x, self.output) or slope(line, self.output)
        return Entry(
            name, ours, found.value, found.error, judge(ours, found), found.left, found.right
        )

    def bisected(self, some: Sequence[int], judge: Judge) -> list[Entry]:
        """The inputs whose derivatives are wrong, by halves."""
        waiting, wrong = [some], list[Entry]()
        while waiting and len(wrong) < NAMED:
            part = waiting.pop()
            if len(part) == 1:
                entry = self.entry(self.names[part[0]], part, judge)
                wrong += [] if entry.ok else [entry]
                continue
            middle = len(part) // 2
            for half in (part[middle:], part[:middle]):
                if not self.entry("", half, judge).ok:
                    waiting.append(half)
        return wrong


class Weighted:
    """Many outputs as one, their sum with weights; asked along lines as a Probe is."""

    def __init__(self, probe: Lines, weights: Sequence[float]) -> None:
        self.probe, self.weights, self.arguments = probe, weights, probe.arguments

    def line(self, i: int) -> Line:
        """The line along one input."""
        return self._summed(self.probe.line(i))

    def along(self, direction: dict[int, float]) -> Line:
        """The line along a direction."""
        return self._summed(self.probe.along(direction))

    def _summed(self, line: Line) -> Line:
        outputs = line.outputs

        def one(t: float) -> tuple[float, Sequence[float]]:
            step, numbers = outputs(t)
            return step, [math.fsum(w * y for w, y in zip(self.weights, numbers, strict=True))]

        return Line(one, line.reach, line.fine, line.epsilon)
