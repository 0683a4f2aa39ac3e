"""What a wrong derivative is called, and which part of a function it leaves out: told only if no
other part explains the same number.

>>> named(-0.5, 0.5), named(2.0, 1.0), named(1.01, 1.0)
('sign', 'factor 2', '')
>>> from autograd import Value
>>> x = Value(0.5, "x")
>>> lacking(Graph((3 * x).tanh(), [x]), 0, 1 / 3)
('forgotten inner derivative, of 3 * x', 'the factor 3, the derivative of 3 * x')
>>> lacking(Graph((2 * x) ** 2, [x]), 0, 1 / 2)  # the 2 inside, or the exponent?
('', '')
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from autograd.checking.graph import Graph
from autograd.checking.slopes import close
from autograd.engine.notation import spelled

__all__ = ["ADD", "Beside", "described_ratio", "lacking", "lost_paths", "named", "ratio", "swapped"]

# What the reverse pass does.
ADD = "operand.grad += partial * result.grad"
CONSTANTS = {"ln 2": math.log(2), "ln 10": math.log(10), "pi": math.pi, "sqrt 2": math.sqrt(2)}
CONSTANTS |= {f"1/{name}": 1 / x for name, x in CONSTANTS.items()}
CONSTANTS |= {"180/pi": 180 / math.pi, "pi/180": math.pi / 180}


def ratio(ours: float, true: float) -> float:
    """ours/true, and inf or nan where true is 0."""
    return ours / true + 0.0 if true else (math.copysign(math.inf, ours) if ours else math.nan)


def described_ratio(q: float, hint: str) -> str:
    """``, ratio 2 (factor 2)``."""
    return (f", ratio {q:.6g}" if math.isfinite(q) else "") + (f" ({hint})" if hint else "")


def named(ours: float, true: float) -> str:
    """The name of the ratio, if it has one: sign, zero, factor n or 1/n."""
    if ours == 0 and true:
        return "zero: a term is missing, or the graph ends before it"
    q = ratio(ours, true)
    if not math.isfinite(q) or q == 0:
        return ""
    if close(q, -1):
        return "sign"
    simple = Fraction(abs(q)).limit_denominator(12)
    few = simple.denominator <= 4 or simple.numerator == 1
    factors = {f"{simple}": float(simple)} if simple != 1 and few and simple <= 100 else {}
    names = [name for name, x in (factors | CONSTANTS).items() if close(x, abs(q))]
    return f"factor {names[0]}{', and sign' * (q < 0)}" if names else ""


def swapped(ours: Sequence[float], true: Sequence[float]) -> tuple[int, int] | None:
    """The two places whose derivatives are exchanged, if that is what happened."""
    wrong = [i for i, (a, b) in enumerate(zip(ours, true, strict=True)) if not close(a, b)]
    if len(wrong) == 2:
        i, j = wrong
        if close(ours[i], true[j]) and close(ours[j], true[i]):
            return i, j
    return None


def lost_paths(ours: float, contributions: Sequence[float]) -> str:
    """Which of several contributions ours is made of, when it is not the sum of all."""
    count = len(contributions)
    if not 2 <= count <= 6 or not ours or close(ours, sum(contributions), 1e-6):
        return ""
    for size in range(1, count):
        if any(close(ours, sum(some), 1e-6) for some in combinations(contributions, size)):
            return f"it is the sum of {size} of {count} contributions: = in place of +="
    return ""


Factors = dict[tuple[int, str], float]
Beside = tuple[Graph | None, float]


def lacking(
    graph: Graph, i: int, q: float, beside: Beside = (None, math.nan), varying: bool = False
) -> tuple[str, str]:
    """What a derivative by input i lacks that is q times the true one: hint and sentence, or "".

    beside is the graph at another point, with the ratio there, which a cause has to explain too.
    varying: a factor that is the same at both points is no cause of its own."""
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
