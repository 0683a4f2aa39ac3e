"""A Jacobian beside the numbers of its function: every derivative by itself; of many inputs, random
directions first, then bisection to the inputs whose derivatives are wrong.

A direction costs five values of the function, however many inputs and outputs there are; a wrong
input among n is found in about 2 log2(n) directions."""

import random
from collections.abc import Callable, Sequence

from autograd.checking.graph import Graph, measured
from autograd.checking.probe import Probe
from autograd.checking.report import Entry, Finding
from autograd.checking.slopes import Line, Slope
from autograd.checking.verdict import judged

__all__ = ["SINGLY", "Comparison", "Direction"]

# Up to so many inputs are asked one by one; more of them in random directions.
SINGLY = 40
DIRECTIONS = 4
# So many wrong inputs are named; if more are wrong, these will do to find out why.
NAMED = 4

Direction = dict[int, float]  # its components that are not 0
Draw = Callable[[Sequence[int]], Direction]


class Comparison:
    """The function of a probe, and what is said to be its Jacobian: a row for each output.

    graph is that of the function, if it has one; outputs are names for the derivatives of each
    output, without the input; whose says who made the Jacobian."""

    def __init__(self, probe: Probe, whose: str) -> None:
        self.probe, self.whose = probe, whose
        self.rows: list[list[float]] = []
        self.outputs: list[str] = []
        self.graph: Graph | None = None

    def judge(self, ours: float, found: Slope, faithful: bool | None) -> Finding:
        """The finding on a derivative; faithful says whether the graph is the function there, if
        that was asked.
        """
        return judged(ours, found, whose=self.whose)

    def entries(self, seed: int) -> list[Entry]:
        """An entry for each derivative; of many, for each direction and output, and for each input
        that was found wrong.
        """
        every, outputs = range(len(self.probe.arguments.names)), range(len(self.rows))
        if len(every) <= SINGLY:
            lines = [self.probe.along({i: 1.0}) for i in every]
            return [self.entry(lines[i], {i: 1.0}, j) for j in outputs for i in every]
        draw = _directions(self.probe.arguments.numbers, self.rows, seed)
        found, wrong, seen = list[Entry](), list[Entry](), set[int]()
        for k in range(DIRECTIONS):
            direction = draw(every)
            line = self.probe.along(direction)
            name = f"direction {k + 1} through all {len(every)} inputs"
            for j in outputs:
                found.append(self.entry(line, direction, j, name))
                if not found[-1].ok and j not in seen and len(wrong) < NAMED:
                    seen.add(j)
                    wrong += self._bisected(every, j, draw)
        return wrong + found

    def entry(self, line: Line, direction: Direction, j: int, name: str = "") -> Entry:
        """The derivative of output j along a line: by one input, or in a direction."""
        (i, *others), row, arguments = direction, self.rows[j], self.probe.arguments
        if others:
            ours = sum(row[i] * d for i, d in direction.items())
            found, faithful = measured(line, ours, 1.0, None, i, j)
        else:
            ours, name = row[i], arguments.names[i]
            found, faithful = measured(line, ours, arguments.numbers[i], self.graph, i, j)
        several = f"f[{j}] by {name}" if len(self.rows) > 1 else name
        name = f"{self.outputs[j]}{name}" if self.outputs and not others else several
        finding = self.judge(ours, found, faithful)
        known = found.value, found.error, finding, found.left, found.right
        return Entry(name, ours, *known, found.source, self.whose)

    def _bisected(self, some: Sequence[int], j: int, draw: Draw) -> list[Entry]:
        """The inputs whose derivatives of output j are wrong, by halves."""
        waiting, wrong = [some], list[Entry]()
        while waiting and len(wrong) < NAMED:
            part = waiting.pop()
            middle = len(part) // 2
            for half in (part[middle:], part[:middle]) if middle else (part,):
                direction = draw(half)
                entry = self.entry(self.probe.along(direction), direction, j)
                if not entry.ok and middle:
                    waiting.append(half)
                elif not entry.ok:
                    wrong.append(entry)
        return wrong


def _directions(point: Sequence[float], rows: Sequence[Sequence[float]], seed: int) -> Draw:
    """Draws a random direction through some inputs."""
    reach, rng = [abs(x) or 1.0 for x in point], random.Random(seed)
    columns = zip(*rows, strict=True)
    slopes = [max((abs(g) for g in column if g - g == 0), default=0.0) for column in columns]
    sizes = [r * g for r, g in zip(reach, slopes, strict=True)]
    largest = max(sizes) or 1.0
    # Each input shall contribute about as much as any other, or a wrong small one would drown.
    weights = [r / max(s / largest, 1e-2) for r, s in zip(reach, sizes, strict=True)]

    def draw(some: Sequence[int]) -> Direction:
        if len(some) == 1:
            return {some[0]: 1.0}
        drawn = {i: weights[i] * rng.uniform(0.5, 1.0) * rng.choice((-1, 1)) for i in some}
        # No input shall move by more than its own size at t = 1.
        scale = max(abs(w) / reach[i] for i, w in drawn.items())
        return {i: w / scale for i, w in drawn.items()}

    return draw
