"""A second opinion on every row: textbook formulas, written without looking at the table, in any
arithmetic.

``TEXTBOOK`` holds for each row its result and its partials as a book would print them, in the words
of a module ``m``: ``mpmath.mp`` makes them an oracle of 50 digits, ``FLOAT`` the plain float64 that
our own errors are measured against. The oracle's derivatives are differences of the result at some
hundred digits, so they owe nothing to the partials."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations_with_replacement
from types import SimpleNamespace
from typing import Any, NamedTuple

from mpmath import mp, mpf

from autograd import OPS, Op, Value, bundle, grad, hessian
from autograd.engine.formula import EDGE, formula

DIGITS = 50
FLOAT = SimpleNamespace(**{**vars(math), "nint": round, "power": math.pow, "mpf": float})
EXACT = mp


class Row(NamedTuple):
    result: Callable[..., Any]
    partials: tuple[Callable[..., Any], ...]


def _sigmoid(m: Any, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _phi(m: Any, x: Any) -> Any:
    """The normal distribution function."""
    return (1 + m.erf(x / m.sqrt(2))) / 2


def _cbrt(m: Any, x: Any) -> Any:
    return -m.cbrt(-x) if x < 0 else m.cbrt(x)


def _sign(m: Any, x: Any) -> Any:
    return (x > 0) - (x < 0)


def _softmax(m: Any, x: Sequence[Any]) -> list[Any]:
    return [m.exp(one) / sum(map(m.exp, x)) for one in x]


def _row(result: Callable[..., Any], *partials: Callable[..., Any]) -> Row:
    return Row(result, partials)


def _nothing(m: Any, *_: Any) -> int:
    return 0


TEXTBOOK: dict[str, Row] = {
    "add": _row(lambda m, a, b: a + b, lambda m, a, b: 1, lambda m, a, b: 1),
    "subtract": _row(lambda m, a, b: a - b, lambda m, a, b: 1, lambda m, a, b: -1),
    "multiply": _row(lambda m, a, b: a * b, lambda m, a, b: b, lambda m, a, b: a),
    "divide": _row(lambda m, a, b: a / b, lambda m, a, b: 1 / b, lambda m, a, b: -a / (b * b)),
    "negative": _row(lambda m, x: -x, lambda m, x: -1),
    "positive": _row(lambda m, x: x, lambda m, x: 1),
    "reciprocal": _row(lambda m, x: 1 / x, lambda m, x: -1 / (x * x)),
    "square": _row(lambda m, x: x * x, lambda m, x: 2 * x),
    "power": _row(lambda m, x, n: m.power(x, n), lambda m, x, n: n * m.power(x, n - 1) if n else 0),
    "pow": _row(
        lambda m, a, b: m.power(a, b),
        lambda m, a, b: b * m.power(a, b - 1),
        lambda m, a, b: m.power(a, b) * m.log(a),
    ),
    "sqrt": _row(lambda m, x: m.sqrt(x), lambda m, x: 1 / (2 * m.sqrt(x))),
    "cbrt": _row(_cbrt, lambda m, x: 1 / (3 * _cbrt(m, x) ** 2)),
    "hypot": _row(
        lambda m, a, b: m.sqrt(a * a + b * b),
        lambda m, a, b: a / m.sqrt(a * a + b * b),
        lambda m, a, b: b / m.sqrt(a * a + b * b),
    ),
    "exp": _row(lambda m, x: m.exp(x), lambda m, x: m.exp(x)),
    "exp2": _row(lambda m, x: m.power(2, x), lambda m, x: m.power(2, x) * m.log(2)),
    "expm1": _row(lambda m, x: m.expm1(x), lambda m, x: m.exp(x)),
    "log": _row(lambda m, x: m.log(x), lambda m, x: 1 / x),
    "log2": _row(lambda m, x: m.log(x) / m.log(2), lambda m, x: 1 / (x * m.log(2))),
    "log10": _row(lambda m, x: m.log(x) / m.log(10), lambda m, x: 1 / (x * m.log(10))),
    "log1p": _row(lambda m, x: m.log1p(x), lambda m, x: 1 / (1 + x)),
    "sin": _row(lambda m, x: m.sin(x), lambda m, x: m.cos(x)),
    "cos": _row(lambda m, x: m.cos(x), lambda m, x: -m.sin(x)),
    "tan": _row(lambda m, x: m.tan(x), lambda m, x: 1 / m.cos(x) ** 2),
    "asin": _row(lambda m, x: m.asin(x), lambda m, x: 1 / m.sqrt(1 - x * x)),
    "acos": _row(lambda m, x: m.acos(x), lambda m, x: -1 / m.sqrt(1 - x * x)),
    "atan": _row(lambda m, x: m.atan(x), lambda m, x: 1 / (1 + x * x)),
    "atan2": _row(
        lambda m, a, b: m.atan2(a, b),
        lambda m, a, b: b / (a * a + b * b),
        lambda m, a, b: -a / (a * a + b * b),
    ),
    "sinh": _row(lambda m, x: m.sinh(x), lambda m, x: m.cosh(x)),
    "cosh": _row(lambda m, x: m.cosh(x), lambda m, x: m.sinh(x)),
    "sech": _row(lambda m, x: 1 / m.cosh(x), lambda m, x: -m.sinh(x) / m.cosh(x) ** 2),
    "tanh": _row(lambda m, x: m.tanh(x), lambda m, x: 1 - m.tanh(x) ** 2),
    "asinh": _row(lambda m, x: m.asinh(x), lambda m, x: 1 / m.sqrt(x * x + 1)),
    "acosh": _row(lambda m, x: m.acosh(x), lambda m, x: 1 / m.sqrt(x * x - 1)),
    "atanh": _row(lambda m, x: m.atanh(x), lambda m, x: 1 / (1 - x * x)),
    "sign": _row(_sign, _nothing),
    "floor": _row(lambda m, x: m.floor(x), _nothing),
    "ceil": _row(lambda m, x: m.ceil(x), _nothing),
    "trunc": _row(lambda m, x: m.ceil(x) if x < 0 else m.floor(x), _nothing),
    "rint": _row(lambda m, x: m.nint(x), _nothing),
    "floor_divide": _row(lambda m, a, b: m.floor(a / b), _nothing, _nothing),
    "mod": _row(
        lambda m, a, b: a - b * m.floor(a / b), lambda m, a, b: 1, lambda m, a, b: -m.floor(a / b)
    ),
    "abs": _row(lambda m, x: -x if x < 0 else x, _sign),
    "maximum": _row(
        lambda m, a, b: max(a, b), lambda m, a, b: int(a > b), lambda m, a, b: int(b > a)
    ),
    "minimum": _row(
        lambda m, a, b: min(a, b), lambda m, a, b: int(a < b), lambda m, a, b: int(b < a)
    ),
    "clip": _row(
        lambda m, x, low, high: min(max(x, low), high), lambda m, x, low, high: int(low < x < high)
    ),
    "where": _row(
        lambda m, a, b, condition: a if condition else b,
        lambda m, a, b, condition: int(condition != 0),
        lambda m, a, b, condition: int(condition == 0),
    ),
    "relu": _row(lambda m, x: max(x, 0), lambda m, x: int(x > 0)),
    "leaky_relu": _row(
        lambda m, x, slope: x if x > 0 else slope * x, lambda m, x, slope: 1 if x > 0 else slope
    ),
    "elu": _row(
        lambda m, x, alpha: x if x > 0 else alpha * m.expm1(x),
        lambda m, x, alpha: 1 if x > 0 else alpha * m.exp(x),
    ),
    "sigmoid": _row(_sigmoid, lambda m, x: _sigmoid(m, x) * (1 - _sigmoid(m, x))),
    "softplus": _row(lambda m, x: m.log(1 + m.exp(x)), _sigmoid),
    "log_sigmoid": _row(lambda m, x: -m.log(1 + m.exp(-x)), lambda m, x: 1 - _sigmoid(m, x)),
    "silu": _row(
        lambda m, x: x * _sigmoid(m, x),
        lambda m, x: _sigmoid(m, x) + x * _sigmoid(m, x) * (1 - _sigmoid(m, x)),
    ),
    "softsign": _row(lambda m, x: x / (1 + abs(x)), lambda m, x: 1 / (1 + abs(x)) ** 2),
    "erf": _row(lambda m, x: m.erf(x), lambda m, x: 2 / m.sqrt(m.pi) * m.exp(-x * x)),
    "erfc": _row(lambda m, x: m.erfc(x), lambda m, x: -2 / m.sqrt(m.pi) * m.exp(-x * x)),
    "gelu": _row(
        lambda m, x: x * _phi(m, x),
        lambda m, x: _phi(m, x) + x * m.exp(-x * x / 2) / m.sqrt(2 * m.pi),
    ),
    "logaddexp": _row(
        lambda m, a, b: m.log(m.exp(a) + m.exp(b)),
        lambda m, a, b: m.exp(a) / (m.exp(a) + m.exp(b)),
        lambda m, a, b: m.exp(b) / (m.exp(a) + m.exp(b)),
    ),
    "xlogy": _row(lambda m, a, b: a * m.log(b), lambda m, a, b: m.log(b), lambda m, a, b: a / b),
    "total": _row(lambda m, x: sum(x), lambda m, x: [1] * len(x)),
    "mean": _row(lambda m, x: sum(x) / len(x), lambda m, x: [1 / m.fsum([1] * len(x))] * len(x)),
    "dot": _row(
        lambda m, a, b, c: sum(p * q for p, q in zip(a, b, strict=True)) + c,
        lambda m, a, b, c: b,
        lambda m, a, b, c: a,
        lambda m, a, b, c: 1,
    ),
    "logsumexp": _row(lambda m, x: m.log(sum(map(m.exp, x))), _softmax),
    "largest": _row(lambda m, x: max(x), lambda m, x: [int(v == max(x)) for v in x]),
    "smallest": _row(lambda m, x: min(x), lambda m, x: [int(v == min(x)) for v in x]),
}


def arities(op: Op) -> list[int]:
    """How many numbers each operand of a row stands for in these tests: three if starred."""
    return [3 if name.startswith("*") else 1 for name in op.operands]


def grouped(op: Op, flat: Sequence[Any]) -> list[Any]:
    """The operands as a row names them: a list for a starred one."""
    rest = iter(flat)
    return [
        [next(rest) for _ in range(3)] if name.startswith("*") else next(rest)
        for name in op.operands
    ]


def defaults(op: Op) -> tuple[float, ...]:
    return tuple(default for _, default in op.constants)


def holds(op: Op, text: str, flat: Sequence[float], constants: Sequence[float]) -> bool:
    """Whether a condition of a row, its ``smooth`` or one of its ``needs``, is true at a point."""
    return bool(formula(op, text, EDGE)(*grouped(op, flat), math.nan, *constants)) if text else True


@cache
def exact(
    name: str, flat: tuple[float, ...], constants: tuple[float, ...], orders: tuple[int, ...]
) -> Any:
    """The result of a row (orders all 0) or its derivative of these orders, at 50 digits."""
    result = TEXTBOOK[name].result

    def at(*numbers: Any) -> Any:
        return mpf(result(EXACT, *grouped(OPS[name], numbers), *map(mpf, constants)))

    with mp.workdps(DIGITS):
        point = tuple(map(mpf, flat))
        if not any(orders):
            return +at(*point)
        slope = mp.diff(at, point, orders)
        return (
            slope if abs(slope) > 1e-40 else mpf(0)
        )  # a difference of equal numbers leaves their last digits


# By the order of the derivative: how many ulps of the exact number an answer may be off. And as
# much as this many ulps of rounding in each operand would cause: near a root, or in erfc's tail, no
# float64 formula does better.
ULPS = (5, 8, 16, 24)
OPERAND_ULPS = 2

# Where the exact number may be a small difference of larger ones, and those have the digits, by row
# and order: hypot's 1/y - a²/y³ is as good as its largest second derivative; logsumexp's log Σ and
# p - p² are as good as 1 is.
DIFFERENCES = {("hypot", 2), ("logsumexp", 0), ("logsumexp", 2)}


def disagreement(got: float, name: str, flat: Any, constants: Any, by: tuple[int, ...] = ()) -> str:
    """What is wrong with a number of ours, or nothing: the derivative of a row by some of its
    operands, in turn.
    """
    n = len(flat)

    def derivative(*by: int) -> Any:
        return exact(name, flat, constants, tuple(map(by.count, range(n))))

    ulps = ULPS[len(by)]
    want = derivative(*by)
    error = abs(got - want)
    if error <= ulps * math.ulp(float(want)):
        return ""
    if (name, len(by)) in DIFFERENCES:
        largest = max(
            abs(derivative(*other)) for other in combinations_with_replacement(range(n), len(by))
        )
        if error <= ulps * math.ulp(1.0 if name == "logsumexp" else float(largest)):
            return ""
    blurred = sum(abs(derivative(*by, i)) * math.ulp(x) for i, x in enumerate(flat))
    if error <= ulps * math.ulp(float(want)) + OPERAND_ULPS * blurred:
        return ""
    what = f"its derivative by {by}" if by else "the result"
    right, operands = float(want), float(error / (blurred or 1))
    off = f"{float(error) / math.ulp(right):.3g} ulps off, operands {operands:.3g}"
    return f"{name} at {flat}, constants {constants}: {what} is {got!r}, exactly {right!r}: {off}"


def recorded(
    op: Op, record: Callable[..., Value], constants: Sequence[float]
) -> Callable[[Sequence[Value]], Value]:
    """A recorder of Values as a function of a flat list of them."""

    def apply(flat: Sequence[Value]) -> Value:
        groups = grouped(op, flat)
        if not op.nary:
            return record(*groups, *constants)
        return record(*(bundle(g) if isinstance(g, list) else g for g in groups))

    return apply


def first_disagreement(
    name: str,
    op: Op,
    record: Callable[..., Value],
    flat: tuple[float, ...],
    constants: tuple[float, ...],
    order: int,
) -> str:
    """Compare the result of a row, and its derivatives up to an order of 2, with the oracle; "" if
    all agree.
    """
    f, n = recorded(op, record, constants), range(len(flat))
    values = list(map(Value, flat))
    y = f(values)
    answers: list[tuple[float, tuple[int, ...]]] = [(y.data, ())]
    if order and holds(op, op.smooth, flat, constants):
        answers += [(partial, (i,)) for i, partial in enumerate(y.partials)]
        if order > 1:
            answers += [(slope, (i,)) for i, slope in enumerate(grad(f)(list(flat)))]
            rows = hessian(f)(list(flat))
            answers += [(rows[i][j], (i, j)) for i in n for j in n]
    wrong = (disagreement(got, name, flat, constants, by) for got, by in answers)
    return next(filter(None, wrong), "")
