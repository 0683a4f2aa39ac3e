"""Floats: Python's math, which raises at the edges, and beside it the IEEE 754 answers (nan, inf)
where it raises.

Both are vocabularies for the formulas of the table: ``MATH`` is fast and raises, ``IEEE`` never
raises.

>>> IEEE["log"](0.0), IEEE["divide"](1.0, 0.0), IEEE["pow"](-2.0, 0.5)
(-inf, inf, nan)
"""

import math
from collections.abc import Callable
from math import inf, nan

__all__ = ["EDGES", "IEEE", "MATH", "whole"]

# What Python raises where IEEE 754 has an answer.
EDGES = (ValueError, OverflowError, ZeroDivisionError)

Function = Callable[..., float]


def whole(x: float) -> bool:
    """Whether x is a whole number.

    >>> whole(-2.0), whole(0.5)
    (True, False)
    """
    return x % 1 == 0


def _odd(x: float) -> bool:
    return x % 2 == 1


def _floor(x: float) -> float:
    return math.copysign(math.floor(x), x)  # an int has lost the sign of zero


def _ceil(x: float) -> float:
    return math.copysign(math.ceil(x), x)


def _trunc(x: float) -> float:
    return math.copysign(math.trunc(x), x)


def _rint(x: float) -> float:
    return math.copysign(round(x), x)


MATH: dict[str, Function] = {
    **{
        "abs": abs,
        "ceil": _ceil,
        "floor": _floor,
        "rint": _rint,
        "sum": sum,
        "trunc": _trunc,
        "whole": whole,
    },
    **{
        name: getattr(math, name)
        for name in ("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos")
    },
    **{
        name: getattr(math, name)
        for name in ("cosh", "erf", "erfc", "exp", "exp2", "expm1", "hypot", "log", "log10")
    },
    **{
        name: getattr(math, name)
        for name in ("log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh")
    },
}


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    return nan if a == 0 or a != a or b != b else math.copysign(inf, a) * math.copysign(1.0, b)


def _floor_divide(a: float, b: float) -> float:
    return a // b if b else _divide(a, b)


def _mod(a: float, b: float) -> float:
    return a % b if b else nan


def _pow_edge(a: float, b: float) -> float:
    if a == 0:  # and b < 0: a pole
        return math.copysign(inf, a) if _odd(b) else inf
    if a < 0 and not whole(b):
        return nan
    return -inf if a < 0 and _odd(b) else inf  # overflow


def _log_edge(x: float) -> float:
    return -inf if x == 0 else nan


# What a function of MATH is where it raises.
_AT_THE_EDGE: dict[str, Function] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "cosh"), lambda x: inf),
    **dict.fromkeys(("log", "log2", "log10"), _log_edge),
    **dict.fromkeys(("sqrt", "asin", "acos", "acosh", "sin", "cos", "tan"), lambda x: nan),
    **dict.fromkeys(("ceil", "floor", "rint", "trunc"), lambda x: x),
    "atanh": lambda x: math.copysign(inf, x) if abs(x) == 1 else nan,
    "log1p": lambda x: -inf if x == -1 else nan,
    "pow": _pow_edge,
    "sinh": lambda x: math.copysign(inf, x),
}


def _safe(function: Function, edge: Function) -> Function:
    def answer(*operands: float) -> float:
        try:
            return function(*operands)
        except EDGES:
            return edge(*operands)

    return answer


IEEE: dict[str, Function] = {
    **MATH,
    **{name: _safe(MATH[name], edge) for name, edge in _AT_THE_EDGE.items()},
    "divide": _divide,
    "floor_divide": _floor_divide,
    "mod": _mod,
}
