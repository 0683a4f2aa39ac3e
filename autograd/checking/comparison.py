"""A Jacobian beside the numbers of its function: every derivative by itself, or of many inputs
random directions first, then bisection to those that are wrong (about 2 log2(n) directions)."""

import math
import random
from collections.abc import Callable, Sequence

from autograd.checking.digits import in_floats
from autograd.checking.graph import Graph
from autograd.checking.line import Line
from autograd.checking.partials import Partial
from autograd.checking.probe import Probe
from autograd.checking.report import Entry, Finding, apart, described_ratio, named, ratio
from autograd.checking.slopes import Slope, quick, slope
from autograd.engine.notation import short

# Up to so many inputs are asked one by one; more of them in random directions.
SINGLY = 40
DIRECTIONS = 4
# So many wrong inputs are named; if more are wrong, these will do to find out why.
NAMED = 4

Direction = dict[int, float]  # its components that are not 0
Draw = Callable[[Sequence[int]], Direction]

# What counts as the same derivative: six digits, or what the numbers can tell.
SAME = 1e-6
# Below this part of the slope an error still tells a blunder (a sign, a factor 2) from the truth.
ROUGH = 0.1
CLOSER = "write it with Values, which are computed at sixty digits, or check where fewer digits "
CLOSER += "cancel"
AWAY = "keep its operand away from there: where computes both sides, not only the chosen one"
SPOILERS = (
    ("infinite", "SINGULAR", "has an infinite slope"),
    ("edge", "DOMAIN", "leaves its domain"),
    ("inexact", "DOMAIN", "overflows"),
)


class Comparison:
    """The function of a probe, and what is said to be its Jacobian, and by whom."""

    def __init__(self, probe: Probe, whose: str) -> None:
        self.probe, self.arguments, self.whose = probe, probe.arguments, whose
        self.rows: list[list[float]] = []  # one for each output
        self.outputs: list[str] = []  # names for their derivatives, without the input
        self.graph: Graph | None = None
        self.troubles: list[Partial] = []  # in the graph: not right, or not smooth there

    def entries(self, seed: int) -> list[Entry]:
        """An entry for each derivative; of many, for each direction and each wrong input."""
        every, outputs = range(len(self.arguments.names)), range(len(self.rows))
        if len(every) <= SINGLY:
            lines = [self.probe.along({i: 1.0}) for i in every]
            return [self.entry(lines[i], {i: 1.0}, j) for j in outputs for i in every]
        draw = _directions(self.arguments.numbers, self.rows, seed)
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
        (i, *others), row, faithful = direction, self.rows[j], None
        if others:
            ours = sum(row[i] * d for i, d in direction.items())
            found = quick(line, ours, 1.0, j) or slope(line, j)
        else:
            ours, name = row[i], self.arguments.names[i]
            found, faithful = self._measured(line, ours, i, j)
        several = f"f[{j}] by {name}" if len(self.rows) > 1 else name
        name = f"{self.outputs[j]}{name}" if self.outputs and not others else several
        finding = self.judge(ours, found, faithful)
        known = found.value, found.error, finding, found.left, found.right
        return Entry(name, ours, *known, found.source, self.whose)

    def _measured(self, line: Line, ours: float, i: int, j: int) -> tuple[Slope, bool]:
        """The slope by one input, and whether the graph is the function there."""
        found, graph = quick(line, ours, self.arguments.numbers[i], j), self.graph
        if graph and graph.is_the_function(line, i) and (truth := graph.slope(i)):
            return in_floats(truth), True
        found = found or slope(line, j)
        smooth = found.kind == "smooth"
        return found, smooth and graph is not None and graph.is_the_function(line, i)

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

    def judge(self, ours: float, found: Slope, faithful: bool | None) -> Finding:
        """From numbers to a word; faithful: whether the graph is the function, if it was asked."""
        it_is = f"{self.whose} is {short(ours)}"
        left, right = (short(x + 0.0) for x in (found.left, found.right))
        infinite = found.kind == "edge" and any(p.word == "infinite" for p in self.troubles)
        if not math.isfinite(ours) and (infinite or found.kind not in ("jump", "infinite", "edge")):
            true = f"the slope {left} on the left, {right} on the right"
            true = true if found.kind in ("kink", "edge") else f"the derivative {_known(found)}"
            for word, verdict, does in SPOILERS:
                for p in self.troubles:
                    if p.word == word and (word != "inexact" or not math.isfinite(p.ours)):
                        evidence = f"{p.at} {does} and spoils the gradient: {it_is}, {true}"
                        return _at(p, verdict, evidence, AWAY)
            if found.kind != "kink":
                return Finding("BUG", f"{it_is}, {true}")
        here = next((p for p in self.troubles if p.word == found.kind), None)
        at = f"at {here.at} " if here else ""
        match found.kind:
            case "kink":
                valid = found.bounds(ours)
                is_what = "a valid subgradient" if valid else "not between them"
                evidence = f"{at}the slope is {left} on the left, {right} on the right; "
                evidence += f"{self.whose}, {short(ours)}, is {is_what}"
                remedy = "" if valid else "take a number between the two slopes"
                return _at(here, "KINK", evidence, remedy, valid)
            case "jump":
                evidence = f"the function jumps {at}from {left} to {right}, {it_is}"
                return _at(here, "DISCONTINUOUS", evidence, "there is no derivative here")
            case "infinite":
                remedy = "keep away from this point, or bound the slope"
                return _at(here, "SINGULAR", f"the slope {at}is infinite, {it_is}", remedy)
            case "edge":
                tail = f", {at.strip()}" if at else ""
                evidence = f"the function is not defined here{tail}"
                for side, x in (("right", found.right), ("left", found.left)):
                    if math.isfinite(x):
                        known = f"the slope on the {side} is {short(x)}, {it_is}"
                        evidence = f"the domain ends here{tail}: {known}"
                return _at(here, "DOMAIN", evidence, "stay inside the domain")
            case "round-off" | "truncation":
                return self._undecided(ours, found)
        if found.agrees(ours, SAME):
            # A function that is flat within its rounding agrees with all that rounding hides.
            hidden = found.kind == "flat" and ours
            return self._undecided(ours, found) if hidden else Finding("OK")
        if kinks := [p for p in self.troubles if p.word in ("kink", "jump")]:
            evidence = f"the kinks at {kinks[0].at} cancel: the slope is {short(found.value)}"
            return _at(kinks[0], "KINK", f"{evidence}, {it_is}", "write it without the kinks")
        return self._wrong(ours, found)

    def _wrong(self, ours: float, found: Slope) -> Finding:
        smoothed, error = found.coarse or (math.nan, 0.0)
        if abs(ours - smoothed) <= 10 * error + SAME * abs(ours):
            evidence = f"rounding gives the function small steps of slope {_known(found)}; without "
            evidence += f"them it is {short(smoothed)} ± {error:.1g}, with which {self.whose}, "
            return Finding("ROUND-OFF", f"{evidence}{short(ours)}, agrees", CLOSER)
        hint, q = named(ours, found.value), ratio(ours, found.value)
        evidence = f"{self.whose} is {apart(ours, found.value)[0]}, the derivative "
        evidence += _known(found, ours)
        return Finding("BUG", evidence + described_ratio(q, hint), ratio=q, hint=hint)

    def _undecided(self, ours: float, found: Slope) -> Finding:
        apart = abs(ours - found.value)
        blunder = apart > 10 * found.error and apart > 0.2 * abs(found.value)
        if found.error <= ROUGH * abs(found.value) and blunder:
            return self._wrong(ours, found)
        does = "does" if apart <= 10 * found.error else "does not"
        evidence = f"no step size decides: at best {_known(found)}, "
        evidence += f"with which {self.whose}, {short(ours)}, {does} agree"
        if found.kind == "truncation":
            return Finding("TRUNCATION", evidence, "check where the function varies more slowly")
        return Finding("ROUND-OFF", evidence, CLOSER)


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


def _known(found: Slope, ours: float | None = None) -> str:
    """``0.5 ± 1e-12``, and without an error where it is that of a float; told apart from ours."""
    exact = found.error <= 2e-16 * abs(found.value)
    text = short(found.value) if ours is None else apart(found.value, ours)[0]
    return text + ("" if exact else f" ± {found.error:.1g}")


def _at(p: Partial | None, word: str, evidence: str, remedy: str, valid: bool = False) -> Finding:
    """A finding that names an operation, if one is known."""
    where = p.where if p else ("", "", "")
    return Finding(word, evidence, remedy, *where, valid=valid)
