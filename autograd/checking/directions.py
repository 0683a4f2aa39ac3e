"""Many inputs at once: random directions first, then bisection to the inputs whose derivatives are
wrong.

A direction costs five values of the function, however many inputs and outputs there are; a wrong
input among n is found in about 2 log2(n) directions."""

import random
from collections.abc import Callable, Sequence

from autograd.checking.probe import Probe
from autograd.checking.report import Entry, Finding
from autograd.checking.slopes import Line, Slope, quick, slope

__all__ = ["SINGLY", "Directions"]

# Up to so many inputs are asked one by one; more of them in random directions.
SINGLY = 40
DIRECTIONS = 4
# So many wrong inputs are named; if more are wrong, these will do to find out why.
NAMED = 4

Judge = Callable[[float, Slope], Finding]


class Directions:
    """A Jacobian by many inputs, a row for each output, and the function that it belongs to."""

    def __init__(
        self, probe: Probe, rows: Sequence[Sequence[float]], judge: Judge, seed: int, whose: str
    ) -> None:
        self.probe, self.rows, self.judge, self.whose = probe, rows, judge, whose
        self.rng = random.Random(seed)
        self.reach = [abs(x) or 1.0 for x in probe.arguments.numbers]
        slopes = [
            max((abs(g) for g in gs if g - g == 0), default=0.0) for gs in zip(*rows, strict=True)
        ]
        sizes = [r * g for r, g in zip(self.reach, slopes, strict=True)]
        largest = max(sizes) or 1.0
        # Each input shall contribute about as much as any other, or a wrong small one would drown.
        self.weights = [r / max(s / largest, 1e-2) for r, s in zip(self.reach, sizes, strict=True)]

    def entries(self) -> list[Entry]:
        """An entry for each direction and output, and one for each input that was found wrong."""
        every = range(len(self.reach))
        found, wrong, outputs = list[Entry](), list[Entry](), set[int]()
        for k in range(DIRECTIONS):
            line, direction = self.line(every)
            for j in range(len(self.rows)):
                name = f"direction {k + 1} through all {len(every)} inputs"
                found.append(self.entry(self.name(j, name), line, direction, j))
                if not found[-1].ok and j not in outputs and len(wrong) < NAMED:
                    outputs.add(j)
                    wrong += self.bisected(every, j)
        return wrong + found

    def name(self, j: int, name: str) -> str:
        """A name for a derivative of output j, if there are several."""
        return name if len(self.rows) == 1 else f"f[{j}] by {name}"

    def line(self, some: Sequence[int]) -> tuple[Line, dict[int, float]]:
        """The line along a random direction through some inputs, and the direction."""
        if len(some) == 1:
            return self.probe.line(some[0]), {some[0]: 1.0}
        draw = self.rng
        weights = {i: self.weights[i] * draw.uniform(0.5, 1.0) * draw.choice((-1, 1)) for i in some}
        # No input shall move by more than its own size at t = 1.
        scale = max(abs(w) / self.reach[i] for i, w in weights.items())
        direction = {i: w / scale for i, w in weights.items()}
        return self.probe.along(direction), direction

    def entry(self, name: str, line: Line, direction: dict[int, float], j: int) -> Entry:
        """The derivative of output j along a line."""
        ours = sum(self.rows[j][i] * d for i, d in direction.items())
        x = self.probe.arguments.numbers[min(direction)] if len(direction) == 1 else 1.0
        found = quick(line, ours, x, j) or slope(line, j)
        known = found.value, found.error, self.judge(ours, found), found.left, found.right
        return Entry(name, ours, *known, whose=self.whose)

    def bisected(self, some: Sequence[int], j: int) -> list[Entry]:
        """The inputs whose derivatives of output j are wrong, by halves."""
        waiting, wrong = [some], list[Entry]()
        while waiting and len(wrong) < NAMED:
            part = waiting.pop()
            if len(part) == 1:
                name = self.name(j, self.probe.arguments.names[part[0]])
                entry = self.entry(name, *self.line(part), j)
                wrong += [] if entry.ok else [entry]
                continue
            middle = len(part) // 2
            for half in (part[middle:], part[:middle]):
                if not self.entry("", *self.line(half), j).ok:
                    waiting.append(half)
        return wrong
