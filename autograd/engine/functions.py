"""The operations as functions: of floats, Values, sequences and arrays of either, and combinations
that have no row.

Numbers in, numbers out; a Value anywhere makes a Value. Sequences are mapped element by element and
keep their type; ``total``, ``mean``, ``dot``, ``logsumexp``, ``softmax`` and ``log_softmax`` take a
sequence as a whole.

>>> from autograd import Value, exp, tanh
>>> exp(0.0), tanh([0.0, Value(0.0, "x")])
(1.0, [0.0, tanh(x) = 0])
"""

from collections.abc import Callable, Iterable
from functools import reduce
from math import inf
from typing import Any

from autograd.engine.floats import EDGES
from autograd.engine.formula import FLOATS, Arithmetic, edge, result_formula
from autograd.engine.modes import tracing
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.table import OPS, Op
from autograd.engine.value import RECORD, Bundle, Value, bundle, constant

# abs is here too, but a star import shall not hide Python's own.
__all__ = [
    "absolute",
    "acos",
    "acosh",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "divide",
    "dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "floor_divide",
    "gelu",
    "hypot",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "positive",
    "power",
    "reciprocal",
    "relu",
    "remainder",
    "rint",
    "sech",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "total",
    "true_divide",
    "trunc",
    "where",
    "xlogy",
]

Function = Callable[..., Any]


def _on_floats(op: Op) -> Function:
    """The row on floats: the number alone, with the same answers and sentences at the edges as on
    Values.
    """
    count = len(op.operands)

    def answer(*given: Any) -> float:
        try:
            y: float = result_formula(op, FLOATS)(*given)
            if y - y != 0:
                raise OverflowError
        except EDGES:
            y = edge(op, given[:count], given[count:])[0]
        return y

    return answer


def _elementwise(f: Function, name: str, *operands: Any) -> Any:
    """f of the operands, or of their elements: arrays broadcast, sequences of one length go side by
    side.
    """
    if any(getattr(x, "shape", ()) for x in operands):
        import numpy as np

        results = np.frompyfunc(f, len(operands), 1)(*(_cell(x) for x in operands))
        return results if any(isinstance(y, Value) for y in results.flat) else results.astype(float)
    many = [x for x in operands if isinstance(x, (list, tuple))]
    if not many:
        return f(*operands)
    length = len(many[0])
    if any(len(x) != length for x in many):
        raise ValueError(
            f"{name} needs sequences of one length, got {' and '.join(str(len(x)) for x in many)}"
        )
    columns = [x if isinstance(x, (list, tuple)) else [x] * length for x in operands]
    kind = type(many[0]) if type(many[0]) in (list, tuple) else list
    return kind([_elementwise(f, name, *row) for row in zip(*columns, strict=True)])


def _cell(x: Any) -> Any:
    """A Value as an array of one object, because NumPy asks a bare one to do the work."""
    import numpy as np

    return np.array(x, dtype=object) if isinstance(x, Value) else x


def _numbers_or_values(op: Op, record: Function | None = None) -> Function:
    """The row on one element each: recorded if any of them is a Value, else a float."""
    on_floats = _on_floats(op)

    def apply(*operands: Any, constants: tuple[float, ...] = ()) -> Any:
        if any(isinstance(x, Value) for x in operands):
            values = [
                x if isinstance(x, Value) else constant(number(x, f"{op.name} needs a number"))
                for x in operands
            ]
            return (record or RECORD[op.name])(*values, *constants)
        return on_floats(*(number(x, f"{op.name} needs a number") for x in operands), *constants)

    return apply


def function_of(op: Op, record: Function | None = None) -> Function:
    """The function of a row without constants; record is how it records, if the row is not in the
    table.
    """
    apply = _numbers_or_values(op, record)

    def unary(x: Any) -> Any:
        if type(x) is Value:
            return (record or RECORD[op.name])(x)
        return _elementwise(apply, op.name, x)

    def binary(a: Any, b: Any) -> Any:
        if type(a) is Value and type(b) is Value:
            return (record or RECORD[op.name])(a, b)
        return _elementwise(apply, op.name, a, b)

    function = unary if len(op.operands) == 1 else binary
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = f"{op!r}."
    return function


def _row(name: str) -> Function:
    return function_of(OPS[name])


add = _row("add")
subtract = _row("subtract")
multiply = _row("multiply")
divide = _row("divide")
negative = _row("negative")
positive = _row("positive")
reciprocal = _row("reciprocal")
square = _row("square")
sqrt = _row("sqrt")
cbrt = _row("cbrt")
hypot = _row("hypot")
exp = _row("exp")
exp2 = _row("exp2")
expm1 = _row("expm1")
log = _row("log")
log2 = _row("log2")
log10 = _row("log10")
log1p = _row("log1p")
sin = _row("sin")
cos = _row("cos")
tan = _row("tan")
asin = _row("asin")
acos = _row("acos")
atan = _row("atan")
atan2 = _row("atan2")
sinh = _row("sinh")
cosh = _row("cosh")
sech = _row("sech")
tanh = _row("tanh")
asinh = _row("asinh")
acosh = _row("acosh")
atanh = _row("atanh")
sign = _row("sign")
floor = _row("floor")
ceil = _row("ceil")
trunc = _row("trunc")
rint = _row("rint")
floor_divide = _row("floor_divide")
mod = _row("mod")
abs = _row("abs")
maximum = _row("maximum")
minimum = _row("minimum")
relu = _row("relu")
sigmoid = _row("sigmoid")
softplus = _row("softplus")
log_sigmoid = _row("log_sigmoid")
silu = _row("silu")
softsign = _row("softsign")
erf = _row("erf")
erfc = _row("erfc")
gelu = _row("gelu")
logaddexp = _row("logaddexp")
xlogy = _row("xlogy")

# NumPy's names for them
arccos = acos
arccosh = acosh
arcsin = asin
arcsinh = asinh
arctan = atan
arctan2 = atan2
arctanh = atanh
absolute = abs
fabs = abs
remainder = mod
true_divide = divide


def _with_constants(name: str) -> Function:
    apply = _numbers_or_values(OPS[name])

    def function(*operands: Any, constants: tuple[float, ...]) -> Any:
        return _elementwise(lambda *xs: apply(*xs, constants=constants), name, *operands)

    return function


_leaky_relu, _elu, _clip, _where, _power = map(
    _with_constants, ("leaky_relu", "elu", "clip", "where", "power")
)
_pow = function_of(OPS["pow"])


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where it is above 0, else slope * x.

    >>> leaky_relu([-2.0, 2.0], slope=0.1)
    [-0.2, 2.0]
    """
    return _leaky_relu(x, constants=(number(slope, "leaky_relu needs a number for its slope"),))


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is above 0, else alpha * (exp(x) - 1).

    >>> elu([-1.0, 2.0])
    [-0.6321205588285577, 2.0]
    """
    return _elu(x, constants=(number(alpha, "elu needs a number for its alpha"),))


def clip(x: Any, low: Any = -inf, high: Any = inf) -> Any:
    """x, but not below low nor above high; bounds that are Values get their gradients too.

    >>> clip([-2.0, 0.5, 2.0], 0.0, 1.0)
    [0.0, 0.5, 1.0]
    """
    if any(
        isinstance(bound, (Value, list, tuple)) or getattr(bound, "shape", ())
        for bound in (low, high)
    ):
        return minimum(maximum(x, low), high)
    return _clip(
        x,
        constants=(
            number(low, "clip needs a number for low"),
            number(high, "clip needs a number for high"),
        ),
    )


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; only the chosen one has a gradient.

    Both are computed before one is chosen, so that a derivative that is inf or nan on the other
    side still spoils the gradient (0 * inf is nan): keep the operand of the other side inside its
    domain too.

    >>> where([True, False], [1.0, 2.0], 0.0)
    [1.0, 0.0]
    """
    apply = _numbers_or_values(OPS["where"])

    def element(c: Any, p: Any, q: Any) -> Any:
        if isinstance(c, Value) and (tracer := tracing()) is not None:
            return tracer.choose(c, p, q)  # a comparison that each replay makes anew
        return apply(p, q, constants=(float(bool(c)),))

    return _elementwise(element, "where", condition, a, b)


def power(base: Any, exponent: Any) -> Any:
    """base ** exponent; a plain number as exponent is a constant, and then the base may be negative.

    >>> power(Value(-2.0, "x"), 3)
    x**3 = -8
    """

    def element(a: Any, b: Any) -> Any:
        return (
            _pow(a, b)
            if isinstance(b, Value)
            else _power(a, constants=(number(b, "power needs a number"),))
        )

    return _elementwise(element, "power", base, exponent)


def _gathered(name: str, values: Iterable[Any]) -> Any:
    """The operands of an n-ary row: a bundle if a Value is among them, else a list of floats."""
    if type(values) is Bundle:
        return values
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TypeError(
            f"{name} needs a sequence of numbers or Values, got {described(values)}: write {name}([...])"
        )
    items = list(values.ravel() if hasattr(values, "ravel") else values)
    if any(isinstance(v, Value) for v in items):
        return bundle(items)
    return [number(v, f"{name} needs numbers") for v in items]


def _over_all(name: str, values: Iterable[Any], *, empty: float | None = None) -> Any:
    items = _gathered(name, values)
    if not items:
        if empty is None:
            raise ValueError(f"{name} needs at least one value, got an empty sequence")
        return empty
    return RECORD[name](items) if type(items) is Bundle else _on_floats(OPS[name])(items)


def total(values: Iterable[Any]) -> Any:
    """The sum of the values, as one node.

    >>> total([Value(1.0, "a"), 2.0, 3.0])
    total(a, 2, 3) = 6
    """
    return _over_all("total", values, empty=0.0)


def mean(values: Iterable[Any]) -> Any:
    """The arithmetic mean, as one node.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    return _over_all("mean", values)


def logsumexp(values: Iterable[Any]) -> Any:
    """log(Σ exp(xᵢ)), without overflow.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    return _over_all("logsumexp", values)


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
    left = a if type(a) is Bundle else _gathered("dot", a)
    right = b if type(b) is Bundle else _gathered("dot", b)
    if len(left) != len(right):
        raise ValueError(f"dot needs sequences of one length, got {len(left)} and {len(right)}")
    if type(left) is Bundle or type(right) is Bundle or isinstance(c, Value):
        bias = c if c is None or type(c) is Value else bundle([c])[0]
        return RECORD["dot"](bundle(left), bundle(right), bias)
    return _on_floats(OPS["dot"])(
        left, right, 0.0 if c is None else number(c, "dot needs a number for its bias")
    )


def _below_peak(name: str, values: Iterable[Any]) -> list[Any]:
    """The values less the largest number among them: softmax does not change, and no exponential
    overflows.
    """
    items = _gathered(name, values)
    if not items:
        raise ValueError(f"{name} needs at least one value, got an empty sequence")
    if (
        tracing() is not None
    ):  # a recording finds the peak anew for every sample; its own derivative cancels
        return [x - reduce(maximum, items) for x in items]
    peak = max(x.data if isinstance(x, Value) else x for x in items)
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


# The words of formulas on Values: the derivative of a derivative is made of these.
VALUES = Arithmetic(
    {"data_of": lambda x: getattr(x, "data", x)}
    | {name: globals()[name] for name in OPS if name in globals()},
    compared="data_of",
)
# The same while a tracer takes them down: which branch is taken, each replay decides anew.
TRACED = Arithmetic({name: globals()[name] for name in OPS if name in globals()}, lazy=False)
