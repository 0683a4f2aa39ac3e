"""Which part of a function a wrong derivative leaves out: told from its graph, and only if no other
part explains the same number.

>>> x = Value(0.5, "x")
>>> lacking(Graph((3 * x).tanh(), [x]), 0, 1 / 3)
('forgotten inner derivative, of 3 * x', 'the factor 3, the derivative of 3 * x')
>>> lacking(Graph((2 * x) ** 2, [x]), 0, 1 / 2)  # the 2 inside, or the exponent?
"""

import math

from autograd.checking.graph import Graph
from autograd.checking.words import close
from autograd.engine.notation import expression, short
from autograd.engine.value import Value

__all__ = ["lacking"]

Factors = dict[tuple[int, str], float]


def lacking(
    graph: Graph,
    i: int,
    q: float,
    beside: tuple[Graph, float] | None = None,
    *,
    varying: bool = False,
) -> tuple[str, str] | None:
    """What a derivative by input i lacks that is q times the true one: the hint and the sentence.

    beside is the graph at another point, with the ratio there, which a cause has to explain too.
    varying: a factor that is the same at both points is no cause of its own."""
    here, there = _factors(graph, i), _factors(beside[0], i) if beside else {}
    found: dict[tuple[int, bool], str] = {}
    places = {value: n for n, value in enumerate(graph.order)}
    for (n, what), factor in here.items():
        if not math.isfinite(q) or not close(q * factor, 1):
            continue
        if beside and (n, what) in there:
            other = there[n, what]
            if not close(beside[1] * other, 1) or (varying and close(factor, other)):
                continue
        inside = [v for v in graph.order[n].operands if (places[v], False) in found]
        # The slope of 3 * x + 1 is that of 3 * x again.
        if what != "inner" or not inside:
            found.setdefault((n, what == "exponent"), what)
    if len(found) != 1:
        return None
    (((n, _), what),) = found.items()
    if what == "own":  # a factor on the way out, which has no better name
        return None
    text, called = _written(graph.order[n]), "derivative" if what == "inner" else what
    hint = f"forgotten {'inner ' * (what == 'inner')}{called}, of {text}"
    return hint, f"the factor {here[n, what]:.4g}, the {called} of {text}"


def _factors(graph: Graph, i: int) -> Factors:
    """The factors of the derivative by input i: what each operation puts in, and all up to it."""
    slopes, factors = graph.slopes(i), Factors()
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


def _written(result: Value, depth: int = 2) -> str:
    """``(3 * x + 1)**2``: an operation as the blackboard has it, on numbers further in."""
    assert result.op is not None
    inside = [
        v.label or (_written(v, depth - 1) if v.operands and depth else short(v.data))
        for v in result.operands
    ]
    return expression(result.op, inside, map(short, result.constants))
