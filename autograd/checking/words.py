"""What a wrong derivative is called: a sign, a factor, swapped operands, a lost path.

>>> named(-0.5, 0.5)
'sign'
>>> named(2.0, 1.0), named(1.01, 1.0)
('factor 2', '')
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

__all__ = ["ADD", "close", "described_ratio", "lost_paths", "named", "ratio", "swapped"]

# What the reverse pass does.
ADD = "operand.grad += partial * result.grad"
CONSTANTS = {
    **{"ln 2": math.log(2), "ln 10": math.log(10), "pi": math.pi, "sqrt 2": math.sqrt(2)},
    **{"1/ln 2": 1 / math.log(2), "1/ln 10": 1 / math.log(10), "1/pi": 1 / math.pi},
    **{"1/sqrt 2": math.sqrt(0.5), "180/pi": 180 / math.pi, "pi/180": math.pi / 180},
}


def close(a: float, b: float, relative: float = 1e-5) -> bool:
    """Whether two numbers are the same for a diagnosis."""
    return abs(a - b) <= relative * max(abs(a), abs(b))


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
