"""The operations as functions: of floats, Values, sequences and arrays of either, and combinations
that have no row.

Numbers in, numbers out; a Value anywhere makes a Value. Sequences are mapped element by element and
keep their type; ``total``, ``mean``, ``dot``, ``largest``, ``logsumexp``, ``softmax`` and the
like take a sequence as a whole. The functions of single rows are printed: ``elementwise.py``.

>>> from autograd import Value, exp, tanh
>>> exp(0.0), tanh([0.0, Value(0.0, "x")])
(1.0, [0.0, tanh(x) = 0])
"""

from collections.abc import Callable, Iterable
from math import inf
from typing import Any

from autograd.engine import elementwise as rows
from autograd.engine.broadcast import applied, element, elementwise, gathered, on_floats, over_all
from autograd.engine.elementwise import exp, largest, logsumexp, total
from autograd.engine.formula import Arithmetic
from autograd.engine.modes import tracing
from autograd.engine.number import number
from autograd.engine.storage import quick
from autograd.engine.table import OPS
from autograd.engine.value import RECORD, Bundle, Value, bundle

__all__ = ["clip", "dot", "log_softmax", "maximum", "minimum", "power", "softmax", "where"]


@quick
def clip(x: Any, low: Any = -inf, high: Any = inf) -> Any:
    """x, but not below low nor above high; bounds that are Values get their gradients too.

    >>> clip([-2.0, 0.5, 2.0], 0.0, 1.0)
    [0.0, 0.5, 1.0]
    """
    if type(x) is Value and type(low) is float is type(high):
        return x.clip(low, high)
    needed = "clip needs a number"
    if type(x) is float and type(low) is float is type(high):
        return on_floats(OPS["clip"], x, low, high)
    if {type(x), type(low), type(high)} <= {float, int}:
        return on_floats(OPS["clip"], *[number(v, needed) for v in (x, low, high)])

    def between(*given: Any) -> Any:
        x, low, high = (v if isinstance(v, Value) else number(v, needed) for v in given)
        return where(x < low, where(low > high, high, low), where(x > high, high, x))

    if any(isinstance(b, (Value, list, tuple)) or getattr(b, "shape", ()) for b in (low, high)):
        return elementwise(between, "clip", x, low, high)
    return applied("clip", (x,), low, high)


@quick
def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; only the chosen one has a gradient.

    Both are computed before one is chosen, so that a derivative that is inf or nan on the other
    side still spoils the gradient (0 * inf is nan): keep the operand of the other side inside its
    domain too.

    >>> where([True, False], [1.0, 2.0], 0.0)
    [1.0, 0.0]
    """
    if type(condition) is bool and type(a) is float is type(b):
        return a if condition else b
    return elementwise(_choice, "where", condition, a, b)


def _choice(c: Any, p: Any, q: Any) -> Any:
    if isinstance(c, Value) and (tracer := tracing()) is not None:
        return tracer.choose(c, p, q)  # a comparison that each replay makes anew
    if type(c) is int and c in (-1, -2):
        wrong = f"where needs a condition, got {c}, as which ~ turns a truth value over"
        raise TypeError(f"{wrong}: write a <= b for ~(a > b)")
    return element(OPS["where"], RECORD["where"], [float(bool(c))], p, q)


@quick
def power(base: Any, exponent: Any) -> Any:
    """base ** exponent, in which an exponent that is a plain number is a constant.

    >>> power(Value(-2.0, "x"), 3)
    x**3 = -8
    """
    if type(base) is float is type(exponent):
        return on_floats(OPS["power"], base, exponent)
    return elementwise(_raised, "power", base, exponent)


def _raised(a: Any, b: Any) -> Any:
    if isinstance(b, Value):
        return element(OPS["pow"], RECORD["pow"], (), a, b)
    n = number(b, "power needs a number")
    return element(OPS["power"], RECORD["power"], [n], a)


@quick
def dot(a: Iterable[Any], b: Iterable[Any], c: Any = None) -> Any:
    """Σ aᵢbᵢ + c, the inner product with a bias, as one node.

    >>> dot([1.0, 2.0], [3.0, 4.0], 0.5)
    11.5
    >>> w = [Value(1.0), Value(2.0)]
    >>> y = dot(w, [3.0, 4.0])
    >>> y.backward()
    >>> [v.grad for v in w]
    [3.0, 4.0]
    """
    left = a if type(a) is Bundle else gathered("dot", a)
    right = b if type(b) is Bundle else gathered("dot", b)
    if len(left) != len(right):
        raise ValueError(f"dot needs sequences of one length, got {len(left)} and {len(right)}")
    if type(left) is Bundle or type(right) is Bundle or isinstance(c, Value):
        bias = c if c is None or type(c) is Value else bundle([c])[0]
        return RECORD["dot"](bundle(left), bundle(right), bias)
    c = 0.0 if c is None else number(c, "dot needs a number for its bias")
    return on_floats(OPS["dot"], left, right, c)


def _chosen(name: str, whole: str, given: tuple[Any, ...]) -> Any:
    """Of two numbers by the row of that name, else by the one for as many as there are."""
    if len(given) == 2 and type(given[0]) is float is type(given[1]):
        return on_floats(OPS[name], *given)
    if len(given) == 1:
        return over_all(whole, given[0], name)
    if len(given) == 2:
        return applied(name, given)
    return elementwise(lambda *xs: over_all(whole, xs, name), name, *given)


@quick
def maximum(a: Any, *others: Any) -> Any:
    """The largest of two numbers or more, or of those in one sequence; a tie shares the gradient.

    >>> maximum([1.0, 5.0], 2.0), maximum(1.0, 5.0, 2.0), maximum([1.0, 5.0, 2.0])
    ([2.0, 5.0], 5.0, 5.0)
    """
    return _chosen("maximum", "largest", (a, *others))


@quick
def minimum(a: Any, *others: Any) -> Any:
    """The smallest of two numbers or more, or of those in one sequence; a tie shares the gradient.

    >>> minimum([1.0, 5.0], 2.0), minimum(4.0, 5.0, 2.0), minimum([4.0, 5.0, 2.0])
    ([1.0, 2.0], 2.0, 2.0)
    """
    return _chosen("minimum", "smallest", (a, *others))


def _below_peak(name: str, values: Iterable[Any]) -> list[Any]:
    """The values less the largest number: softmax is the same, and no exponential overflows."""
    if len(shape := getattr(values, "shape", ())) > 1:  # of which row, nobody has said
        cure = f"write [{name}(row) for row in rows]"
        raise TypeError(f"{name} needs one row, got an array of shape {shape}: {cure}")
    items = gathered(name, values, empty=False)
    if tracing() is not None:  # anew for every sample; its own derivative cancels
        top = largest(items)
        return [x - top for x in items]
    peak = max(x._data if isinstance(x, Value) else x for x in items)
    return [x - peak for x in items]


def log_softmax(values: Iterable[Any]) -> list[Any]:
    """log(softmax(x)), without overflow or underflow.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    items = _below_peak("log_softmax", values)
    peak = logsumexp(items)
    return [x - peak for x in items]


def softmax(values: Iterable[Any]) -> list[Any]:
    """exp(xᵢ) / Σ exp(xⱼ): numbers between 0 and 1 that add up to 1.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    items = [exp(x) for x in _below_peak("softmax", values)]
    whole = total(items)
    return [x / whole for x in items]


# Every function by its name.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(rows, name) for name in [*rows.__all__, "abs"]
} | {name: globals()[name] for name in __all__}
_ROWS = {name: function for name, function in FUNCTIONS.items() if name in OPS}
# The words of formulas on Values: the derivative of a derivative is made of these.
VALUES = Arithmetic({"data_of": lambda x: getattr(x, "_data", x)} | _ROWS, compared="data_of")
# The same while a tracer takes them down: which branch is taken, each replay decides anew.
TRACED = Arithmetic(_ROWS, lazy=False)
