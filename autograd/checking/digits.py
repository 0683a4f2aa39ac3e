"""The words of the table at sixty digits and more (mpmath, an extra): slopes beyond any doubt."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from autograd.checking.slopes import EXACT, Slope
from autograd.engine.formula import EDGE, Arithmetic

Function = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Precise(Arithmetic):
    """mpmath at so many digits, in a context of its own: the caller's precision stays as it is."""

    digits: int = 50
    lift: Function = float


@cache
def precise(digits: int) -> Precise | None:
    """The table's words at that many digits; None where mpmath is not installed."""
    try:
        mp = import_module("mpmath").MPContext()
    except ImportError:
        return None
    mp.dps = digits
    return Precise(_words(mp), EDGE.calls, digits=digits, lift=mp.mpf)


ORDINARY = """acos acosh asin asinh atan atan2 atanh ceil cos cosh erf erfc exp expm1 floor hypot
    log log10 log1p sin sinh sqrt tan tanh"""


def _words(mp: Any) -> dict[str, Any]:
    def real(function: Function) -> Function:
        def answer(*operands: Any) -> Any:
            try:
                y = function(*operands)
            except (ValueError, ZeroDivisionError, OverflowError, mp.NoConvergence):
                return mp.nan
            return mp.nan if isinstance(y, mp.mpc) else mp.mpf(y)  # as the rows have it

        return answer

    def divide(a: Any, b: Any) -> Any:
        if b:
            return mp.mpf(a) / b
        return mp.nan if not a or a != a else mp.inf * mp.sign(a)

    return {
        **{name: real(getattr(mp, name)) for name in ORDINARY.split()},
        **{"abs": abs, "sum": sum, "peak_of": max, "divide": divide, "rint": real(mp.nint)},
        "pow": real(lambda a, b: mp.inf if not a and b < 0 else mp.power(a, b)),
        "trunc": real(lambda x: mp.floor(x) if x > 0 else mp.ceil(x)),
        "cbrt": real(lambda x: mp.sign(x) * mp.cbrt(abs(x))),
        "exp2": real(lambda x: mp.power(2, x)),
        "log2": real(lambda x: mp.log(x, 2)),
        "floor_divide": real(lambda a, b: mp.floor(divide(a, b))),
        "mod": real(lambda a, b: a - b * mp.floor(divide(a, b))),
        "whole": lambda x: bool(mp.isfinite(x) and mp.isint(x)),
        **{"LN2": mp.log(2), "LN10": mp.log(10), "inf": mp.inf, "nan": mp.nan},
        **{"SQRT_2": mp.sqrt(2), "SQRT_PI": mp.sqrt(mp.pi), "SQRT_2PI": mp.sqrt(2 * mp.pi)},
    }


def exact_slope(f: Callable[[Any, Precise], Any], x: float) -> Slope | None:
    """The derivative of f at x from differences at sixty digits or more, in numbers of that
    arithmetic, which f gets as well; None without mpmath.

    >>> found = exact_slope(lambda x, arithmetic: arithmetic.words["exp"](x), 1.0)
    >>> found.kind, str(found.value)[:24]
    ('smooth', '2.7182818284590452353602')
    """
    found = None
    # A kink, a jump or an infinite slope at sixty digits may be what rounding left there.
    for digits, step in ((60, 15), (400, 30)):
        arithmetic = precise(digits)
        if arithmetic is None:
            return None
        found = _slope_at(f, x, arithmetic, step)
        # 1e-300 is no zero, which sixty digits could take it for.
        zero = not found.value and found.error < 1e-40
        known = zero or found.error <= 1e-12 * abs(found.value)
        if found.kind == "smooth" and known:
            break
    return found


def in_floats(truth: Slope) -> Slope:
    """The same slope in floats, with the error of their rounding."""
    value = float(truth.value) if abs(truth.value) > 10 * truth.error else 0.0
    error = max(1e-16 * abs(value), float(truth.error))
    left, right = float(truth.left), float(truth.right)
    return Slope(truth.kind, value, error, left, right, source=EXACT)


def _slope_at(f: Callable[[Any, Precise], Any], x: float, arithmetic: Precise, step: int) -> Slope:
    lift = arithmetic.lift
    centre, h = lift(x), lift(10) ** -step * (min(abs(lift(x)), 1) or 1)
    f0 = f(centre, arithmetic)
    if not _finite(f0):
        return Slope("edge")

    def slopes(h: Any) -> tuple[Any, Any]:
        return (f0 - f(centre - h, arithmetic)) / h, (f(centre + h, arithmetic) - f0) / h

    a, b = slopes(h)
    # Numbers of the size of x may have cancelled on the way: in x - sin(x) they do.
    sizes = [abs(s) * h for s in (a, b) if _finite(s)]
    noise = lift(10) ** (2 - arithmetic.digits) * max(abs(f0), *sizes, abs(centre) + h) / h
    # Both sides of a jump may be alike.
    steep = not centre or not f0 or abs(a) * max(abs(centre), 1) > 1e6 * max(abs(f0), 1)
    known = _finite(a) and _finite(b)
    if known and not steep and abs(b - a) <= 1e-10 * max(abs(a), abs(b)) + noise:
        return Slope("smooth", (a + b) / 2, noise + 1e-28 * abs(a), a, b)
    # Closer, by a million: a kink stays, curvature shrinks, what is infinite grows.
    near, noise = h / 10**6, noise * 10**6
    c, d = slopes(near)
    both = [(r, s) if _finite(r) and _finite(s) else (0, 0) for r, s in ((a, c), (b, d))]
    if any(abs(s) > 10**5 * abs(r) + noise for r, s in both):
        return Slope("jump", left=float(f0 - c * near), right=float(f0 + d * near))
    grown = [abs(s) > 1.15 * abs(r) + noise for r, s in both]
    c, d = (math.copysign(math.inf, s) if g else s for g, s in zip(grown, (c, d), strict=True))
    if any(grown):
        return Slope("infinite", left=float(c), right=float(d))
    if not (_finite(c) and _finite(d)):
        return Slope("edge", left=float(c), right=float(d))
    if abs(d - c) > 0.1 * abs(b - a) + noise + 1e-15 * max(abs(c), abs(d)):
        return Slope("kink", (c + d) / 2, noise, float(c), float(d))
    far, value = (a + b) / 2, (c + d) / 2
    # A slope that vanishes with the step is all error: that of x * abs(x) at 0.
    vanishing = abs(value) if abs(value) < 0.1 * abs(far) else 0
    error = noise + 1e-5 * abs(d - c) + 1e-6 * abs(far - value) + vanishing
    return Slope("smooth", value, error, c, d)


def _finite(x: Any) -> bool:
    return bool(x - x == 0)
