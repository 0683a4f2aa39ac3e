"""Floats: Python's math, which raises at the edges, and beside it the IEEE 754 answers (nan, inf).

Both are words for the formulas of the table: ``MATH`` is fast and raises, ``IEEE`` never raises.

>>> IEEE["log"](0.0), IEEE["divide"](1.0, 0.0), IEEE["pow"](-2.0, 0.5)
(-inf, inf, nan)
"""

import math
from collections.abc import Callable, Sequence
from math import copysign, inf, nan

EDGES = (ValueError, OverflowError, ZeroDivisionError)  # what Python raises instead
RAISED = (*EDGES, TypeError)  # or where somebody assigned to a .data what is no number

Function = Callable[..., float]


def whole(x: float) -> bool:
    """Whether x is a whole number."""
    return x % 1 == 0


# Python's own give an int, which has lost the sign of zero.


def floor(x: float) -> float:
    return copysign(math.floor(x), x)


def ceil(x: float) -> float:
    return copysign(math.ceil(x), x)


def trunc(x: float) -> float:
    return copysign(math.trunc(x), x)


def rint(x: float) -> float:
    return copysign(round(x), x)


def largest_of(x: Sequence[float]) -> float:
    """The largest number, or nan if one is."""
    return nan if math.isnan(sum(x)) and any(map(math.isnan, x)) else max(x)


def smallest_of(x: Sequence[float]) -> float:
    """The smallest number, or nan if one is."""
    return nan if math.isnan(sum(x)) and any(map(math.isnan, x)) else min(x)


def peak_of(x: Sequence[float]) -> float:
    """The largest number, or 0 where that is infinite."""
    largest = max(x)
    return largest if math.isfinite(largest) else 0.0


OF_MATH = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf"),
    *("erfc", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p", "log2", "pow", "sin"),
    *("sinh", "sqrt", "tan", "tanh"),
)
MATH: dict[str, Function] = {name: getattr(math, name) for name in OF_MATH}
MATH |= {f.__name__: f for f in (abs, ceil, floor, rint, sum, trunc, whole)}


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    return nan if a == 0 or a != a else copysign(inf, a) * copysign(1.0, b)


def _pow_edge(a: float, b: float) -> float:
    if a == 0:  # and b < 0: a pole
        return copysign(inf, a) if b % 2 == 1 else inf
    if a < 0 and not whole(b):
        return nan
    return -inf if a < 0 and b % 2 == 1 else inf  # overflow


# What a function of MATH is where it raises.
_AT_THE_EDGE: dict[str, Function] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "cosh"), lambda x: inf),
    **dict.fromkeys(("log", "log2", "log10"), lambda x: -inf if x == 0 else nan),
    **dict.fromkeys(("sqrt", "asin", "acos", "acosh", "sin", "cos", "tan"), lambda x: nan),
    **dict.fromkeys(("ceil", "floor", "rint", "trunc"), lambda x: x),
    "atanh": lambda x: copysign(inf, x) if abs(x) == 1 else nan,
    "log1p": lambda x: -inf if x == -1 else nan,
    "pow": _pow_edge,
    "sinh": lambda x: copysign(inf, x),
}


def _safe(function: Function, edge: Function) -> Function:
    def answer(*operands: float) -> float:
        try:
            return function(*operands)
        except EDGES:
            return edge(*operands)

    return answer


IEEE = MATH | {name: _safe(MATH[name], edge) for name, edge in _AT_THE_EDGE.items()}
IEEE |= {"divide": _divide, "floor_divide": lambda a, b: a // b if b else _divide(a, b)}
IEEE |= {"mod": lambda a, b: a % b if b else nan}
