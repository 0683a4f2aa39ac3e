"""What a wrong derivative is called: a sign, a factor, swapped operands, a forgotten inner
derivative, a lost path.

>>> named(-0.5, 0.5)
'sign'
>>> named(2.0, 1.0), named(1.01, 1.0)
('factor 2', '')
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from autograd.checking.slopes import Line, slope
from autograd.engine.formula import EDGE, formula
from autograd.engine.table import Op

__all__ = ["close", "forgotten", "lost_paths", "named", "ratio", "swapped"]


def close(a: float, b: float, relative: float = 1e-5) -> bool:
    """Whether two numbers are the same for a diagnosis."""
    return abs(a - b) <= relative * max(abs(a), abs(b))


def ratio(ours: float, true: float) -> float:
    """ours/true, and inf or nan where true is 0."""
    return ours / true + 0.0 if true else (math.copysign(math.inf, ours) if ours else math.nan)


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
    if simple != 1 and few and simple.numerator <= 100 and close(float(simple), abs(q)):
        return f"factor {simple}" + (", and sign" if q < 0 else "")
    for name, constant in CONSTANTS.items():
        for power, text in ((constant, name), (1 / constant, f"1/{name}")):
            if close(abs(q), power):
                return f"factor {text}" + (", and sign" if q < 0 else "")
    return ""


CONSTANTS = {
    "ln 2": math.log(2),
    "ln 10": math.log(10),
    "pi": math.pi,
    "sqrt 2": math.sqrt(2),
    "180/pi": 180 / math.pi,
}


def swapped(ours: Sequence[float], true: Sequence[float]) -> tuple[int, int] | None:
    """The two places whose derivatives are exchanged, if that is what happened."""
    wrong = [i for i, (a, b) in enumerate(zip(ours, true, strict=True)) if not close(a, b)]
    if len(wrong) == 2:
        i, j = wrong
        if close(ours[i], true[j]) and close(ours[j], true[i]):
            return i, j
    return None


def forgotten(op: Op, numbers: Mapping[str, float], q: float) -> str:
    """The part of a row's result whose own derivative is missing from the partial: ratio * (its
    slope) is 1.
    """
    if op.nary or not math.isfinite(q) or q == 0:
        return ""
    whole = ast.parse(op.result, mode="eval").body
    parts = [node for node in ast.walk(whole) if isinstance(node, ast.expr) and node is not whole]
    for part in parts:
        if isinstance(part, (ast.Name, ast.Constant, ast.Compare)):
            continue
        text = ast.unparse(part)
        for name in op.operands:
            try:
                at = _part(formula(op, text, EDGE), op, numbers, name)
                found = slope(Line.of(at, numbers[name]))
                beside = slope(Line.of(at, 1.1 * numbers[name] + 0.1))
            except Exception:  # a part that is no number by itself
                continue
            # The slope of 0.5 * x is a factor, whoever forgot it.
            if (
                found.kind == "smooth"
                and close(q * found.value, 1)
                and not close(found.value, beside.value)
            ):
                return f"forgotten inner derivative, of {text}"
    return ""


def _part(
    f: Callable[..., float], op: Op, numbers: Mapping[str, float], by: str
) -> Callable[[float], float]:
    """A part of a result as a function of one operand."""

    def at(x: float) -> float:
        known = {**numbers, by: x}
        y = math.nan
        return f(
            *(known[name] for name in op.operands), y, *(known[name] for name, _ in op.constants)
        )

    return at


def lost_paths(ours: float, contributions: Sequence[float]) -> str:
    """Which of several contributions ours is made of, when it is not the sum of all."""
    if not 2 <= len(contributions) <= 6:
        return ""
    for size in (1, *range(2, len(contributions))):
        for some in combinations(contributions, size):
            if ours and close(ours, sum(some), 1e-6) and not close(ours, sum(contributions), 1e-6):
                return f"it is the sum of {size} of {len(contributions)} contributions: = in place of +="
    return ""
