"""A recorded graph as a function: computed again at other numbers and in other arithmetics, the
paths through it, and which part of them a wrong derivative leaves out.

>>> x = Value(0.0, "x")
>>> graph = Graph(x.exp() + x, [x])
>>> graph.at({x: 1.0})
3.718281828459045
>>> graph.paths()[0][x]
[1.0, 1.0]
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from autograd.checking.digits import exact_slope
from autograd.checking.inputs import Arguments
from autograd.checking.line import Line
from autograd.checking.slopes import Slope, close
from autograd.engine.changes import recomputed
from autograd.engine.formula import EDGE, Arithmetic
from autograd.engine.notation import spelled
from autograd.engine.reverse import sweep, topological
from autograd.engine.value import Value
from autograd.tree import numbers

ADD = "operand.grad += partial * result.grad"  # what the reverse pass does

# Computed at sixty digits up to so many operations, counted once for each input.
COMPUTED = 2000


class Graph:
    """The operations beneath an output, in order, and the leaves to differentiate it by."""

    def __init__(self, output: Value, inputs: Sequence[Value], tolerance: float = 1e-15) -> None:
        self.output, self.inputs, self.tolerance = output, list(inputs), tolerance
        self.order = topological(output)
        self.depends = set(inputs)
        for value in self.order:
            if any(v in self.depends for v in value.operands):
                self.depends.add(value)

    @classmethod
    def of(
        cls, arguments: Arguments, centre: Sequence[float], at: Sequence[float]
    ) -> "Graph | None":
        """The graph of a Python function that gives this one number with Values too, or None."""
        if len(centre) != 1:
            return None
        try:
            result, inputs, _ = arguments.call(at, as_values=True)
            (y,) = numbers(result)
        except Exception:  # a function of floats may do with a Value what it likes
            return None
        if not isinstance(y, Value) or not y.operands or not close(y.data, centre[0], 1e-13):
            return None
        return cls(y, inputs, 1e-13)

    def at(self, leaves: Mapping[Value, Any], arithmetic: Arithmetic = EDGE) -> Any:
        """The output with these numbers in some leaves; the other leaves keep theirs."""
        return recomputed(self.order, leaves, arithmetic)[self.output]

    def slope(self, i: int) -> Slope | None:
        """The slope along one input at sixty digits; None if they cannot be had, or not soon."""
        # A word of the user's own knows no more digits than a float.
        foreign = any(v.op and v.op.vocabulary for v in self.depends)
        if foreign or len(self.inputs) * len(self.depends) > COMPUTED:
            return None
        leaf = self.inputs[i]
        return exact_slope(lambda x, arithmetic: self.at({leaf: x}, arithmetic), leaf.data)

    def is_the_function(self, line: Line, i: int) -> bool:
        """Whether the graph, computed again, is the function near the point, on both sides.

        ``x * x.detach()`` or a branch for this very point is not: its slope would be another's."""
        x, f0 = self.inputs[i].data, line.at(0.0)[1]
        for sign in (-1, 1):
            side = sorted((t for t in line.known if t * sign > 0), key=abs)
            moved = 0
            for t in side:
                y, again = line.at(t)[1], self.at({self.inputs[i]: x + t})
                if again == y or close(again, y, self.tolerance) or (again != again and y != y):
                    moved += not close(y, f0, 10 * self.tolerance)
                elif moved < min(4, len(side)):
                    return False
                else:
                    break
        return True

    def paths(self) -> tuple[dict[Value, list[float]], dict[Value, float]]:
        """The contributions to each input, and the sum of their sizes along all paths."""
        grads, sizes = {self.output: 1.0}, {self.output: 1.0}
        parts = {v: [1.0] if v is self.output else list[float]() for v in self.inputs}
        for result, _, operand, partial, _, contribution in sweep(self.order, grads):
            if operand in self.depends:
                sizes[operand] = sizes.get(operand, 0.0) + abs(partial) * sizes[result]
                if operand in parts:
                    parts[operand].append(contribution)
        return parts, {v: sizes.get(v, 0.0) for v in self.inputs}

    def slopes(self, i: int) -> dict[Value, float]:
        """The derivative of every intermediate value by one input."""
        slopes = {self.inputs[i]: 1.0}
        for result in self.order:
            pairs = zip(result.operands, result.partials, strict=True)
            if parts := [partial * slopes[v] for v, partial in pairs if v in slopes]:
                slopes[result] = math.fsum(parts)
        return slopes


def numbers_of(value: Value) -> list[list[float]]:
    """The numbers of a result's operands, grouped as its row names them."""
    return [[v.data for v in many] for many in value.bundles]


Beside = tuple[Graph | None, float]


def lost_paths(ours: float, contributions: Sequence[float]) -> str:
    """Which of several contributions ours is made of, when it is not the sum of all."""
    count = len(contributions)
    if not 2 <= count <= 6 or not ours or close(ours, sum(contributions), 1e-6):
        return ""
    for size in range(1, count):
        if any(close(ours, sum(some), 1e-6) for some in combinations(contributions, size)):
            return f"it is the sum of {size} of {count} contributions: = in place of +="
    return ""


def lacking(
    graph: Graph, i: int, q: float, beside: Beside = (None, math.nan), varying: bool = False
) -> tuple[str, str]:
    """What a derivative by input i lacks that is q times the true one: hint and sentence, or "".

    beside is the graph at another point, with the ratio there, which a cause has to explain too.
    varying: a factor that is the same at both points is no cause of its own.

    >>> x = Value(0.5, "x")
    >>> lacking(Graph((3 * x).tanh(), [x]), 0, 1 / 3)
    ('forgotten inner derivative, of 3 * x', 'the factor 3, the derivative of 3 * x')
    >>> lacking(Graph((2 * x) ** 2, [x]), 0, 1 / 2)  # the 2 inside, or the exponent?
    ('', '')
    """
    (aside, r), here = beside, _factors(graph, i)
    there = _factors(aside, i) if aside else {}
    found: dict[tuple[int, bool], str] = {}
    places = {value: n for n, value in enumerate(graph.order)}
    for (n, what), factor in here.items():
        if not math.isfinite(q) or not close(q * factor, 1):
            continue
        if (n, what) in there:
            other = there[n, what]
            if not close(r * other, 1) or (varying and close(factor, other)):
                continue
        inside = [v for v in graph.order[n].operands if (places[v], False) in found]
        # The slope of 3 * x + 1 is that of 3 * x again.
        if what != "inner" or not inside:
            found.setdefault((n, what == "exponent"), what)
    (n, _), what = next(iter(found.items()), ((0, False), "own"))
    if len(found) != 1 or what == "own":  # a factor on the way out, which has no better name
        return "", ""
    text = spelled(graph.order[n], name=False)
    called = "derivative" if what == "inner" else what
    hint = f"forgotten {'inner ' * (what == 'inner')}{called}, of {text}"
    return hint, f"the factor {here[n, what]:.4g}, the {called} of {text}"


def _factors(graph: Graph, i: int) -> dict[tuple[int, str], float]:
    """The factors of the derivative by input i: what each operation puts in, and all up to it."""
    slopes, factors = graph.slopes(i), dict[tuple[int, str], float]()
    for n, result in enumerate(graph.order):
        if result.operands and result.op and result in slopes:
            if result is not graph.output:
                factors[n, "inner"] = slopes[result]
            if result.op.name == "power":
                factors[n, "exponent"] = result.constants[0]
            own = [p for v, p in zip(result.operands, result.partials, strict=True) if v in slopes]
            if len(own) == 1:
                factors[n, "own"] = own[0]
    return factors
