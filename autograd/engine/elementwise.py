"""The rows as functions of floats, Values, sequences and arrays.

Printed from the table: change table.py or printer.py, then run ``python -m
autograd.engine.printer``.
"""

from collections.abc import Iterable
from typing import Any

from autograd.engine.broadcast import RESULTS, applied, over_all
from autograd.engine.floats import EDGES
from autograd.engine.storage import quick
from autograd.engine.value import Value

__all__ = [
    "absolute", "acos", "acosh", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos",
    "cosh", "divide", "elu", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "floor",
    "floor_divide", "gelu", "hypot", "largest", "leaky_relu", "log", "log10", "log1p", "log2",
    "log_sigmoid", "logaddexp", "logsumexp", "mean", "mod", "multiply", "negative",
    "positive", "reciprocal", "relu", "remainder", "rint", "sech", "sigmoid", "sign", "silu",
    "sin", "sinh", "smallest", "softplus", "softsign", "sqrt", "square", "subtract", "tan",
    "tanh", "total", "true_divide", "trunc", "xlogy",
]


@quick
def add(a: Any, b: Any) -> Any:
    """add: y = a + b, dy/da = 1, dy/db = 1."""
    if type(a) is Value is type(b):
        return Value.__add__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["add"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("add", (a, b))


@quick
def subtract(a: Any, b: Any) -> Any:
    """subtract: y = a - b, dy/da = 1, dy/db = -1."""
    if type(a) is Value is type(b):
        return Value.__sub__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["subtract"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("subtract", (a, b))


@quick
def multiply(a: Any, b: Any) -> Any:
    """multiply: y = a * b, dy/da = b, dy/db = a."""
    if type(a) is Value is type(b):
        return Value.__mul__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["multiply"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("multiply", (a, b))


@quick
def divide(a: Any, b: Any) -> Any:
    """divide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0."""
    if type(a) is Value is type(b):
        return Value.__truediv__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["divide"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("divide", (a, b))


@quick
def negative(x: Any) -> Any:
    """negative: y = -x, dy/dx = -1."""
    if type(x) is Value:
        return x.negative()
    if type(x) is float:
        try:
            y: float = RESULTS["negative"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("negative", (x,))


@quick
def positive(x: Any) -> Any:
    """positive: y = +x, dy/dx = 1."""
    if type(x) is Value:
        return x.positive()
    if type(x) is float:
        try:
            y: float = RESULTS["positive"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("positive", (x,))


@quick
def reciprocal(x: Any) -> Any:
    """reciprocal: y = 1 / x, dy/dx = -y**2, needs x != 0."""
    if type(x) is Value:
        return x.reciprocal()
    if type(x) is float:
        try:
            y: float = RESULTS["reciprocal"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("reciprocal", (x,))


@quick
def square(x: Any) -> Any:
    """square: y = x**2, dy/dx = 2 * x."""
    if type(x) is Value:
        return x.square()
    if type(x) is float:
        try:
            y: float = RESULTS["square"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("square", (x,))


@quick
def sqrt(x: Any) -> Any:
    """sqrt: y = sqrt(x), dy/dx = 0.5 / y, needs x >= 0."""
    if type(x) is Value:
        return x.sqrt()
    if type(x) is float:
        try:
            y: float = RESULTS["sqrt"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sqrt", (x,))


@quick
def cbrt(x: Any) -> Any:
    """cbrt: y = cbrt(x), dy/dx = 1 / (3 * y**2)."""
    if type(x) is Value:
        return x.cbrt()
    if type(x) is float:
        try:
            y: float = RESULTS["cbrt"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("cbrt", (x,))


@quick
def hypot(a: Any, b: Any) -> Any:
    """hypot: y = hypot(a, b), dy/da = a / y, dy/db = b / y."""
    if type(a) is Value is type(b):
        return Value.hypot(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["hypot"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("hypot", (a, b))


@quick
def exp(x: Any) -> Any:
    """exp: y = exp(x), dy/dx = y."""
    if type(x) is Value:
        return x.exp()
    if type(x) is float:
        try:
            y: float = RESULTS["exp"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("exp", (x,))


@quick
def exp2(x: Any) -> Any:
    """exp2: y = exp2(x), dy/dx = y * LN2."""
    if type(x) is Value:
        return x.exp2()
    if type(x) is float:
        try:
            y: float = RESULTS["exp2"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("exp2", (x,))


@quick
def expm1(x: Any) -> Any:
    """expm1: y = expm1(x), dy/dx = exp(x)."""
    if type(x) is Value:
        return x.expm1()
    if type(x) is float:
        try:
            y: float = RESULTS["expm1"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("expm1", (x,))


@quick
def log(x: Any) -> Any:
    """log: y = log(x), dy/dx = 1 / x, needs x > 0."""
    if type(x) is Value:
        return x.log()
    if type(x) is float:
        try:
            y: float = RESULTS["log"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("log", (x,))


@quick
def log2(x: Any) -> Any:
    """log2: y = log2(x), dy/dx = 1 / (x * LN2), needs x > 0."""
    if type(x) is Value:
        return x.log2()
    if type(x) is float:
        try:
            y: float = RESULTS["log2"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("log2", (x,))


@quick
def log10(x: Any) -> Any:
    """log10: y = log10(x), dy/dx = 1 / (x * LN10), needs x > 0."""
    if type(x) is Value:
        return x.log10()
    if type(x) is float:
        try:
            y: float = RESULTS["log10"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("log10", (x,))


@quick
def log1p(x: Any) -> Any:
    """log1p: y = log1p(x), dy/dx = 1 / (1 + x), needs x > -1."""
    if type(x) is Value:
        return x.log1p()
    if type(x) is float:
        try:
            y: float = RESULTS["log1p"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("log1p", (x,))


@quick
def sin(x: Any) -> Any:
    """sin: y = sin(x), dy/dx = cos(x), needs abs(x) < inf."""
    if type(x) is Value:
        return x.sin()
    if type(x) is float:
        try:
            y: float = RESULTS["sin"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sin", (x,))


@quick
def cos(x: Any) -> Any:
    """cos: y = cos(x), dy/dx = -sin(x), needs abs(x) < inf."""
    if type(x) is Value:
        return x.cos()
    if type(x) is float:
        try:
            y: float = RESULTS["cos"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("cos", (x,))


@quick
def tan(x: Any) -> Any:
    """tan: y = tan(x), dy/dx = 1 + y**2, needs abs(x) < inf."""
    if type(x) is Value:
        return x.tan()
    if type(x) is float:
        try:
            y: float = RESULTS["tan"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("tan", (x,))


@quick
def asin(x: Any) -> Any:
    """asin: y = asin(x), dy/dx = where(abs(x) < 0.5, 1 / sqrt(1 - x**2), 1 / (sqrt(1 - x) *
    sqrt(1 + x))), needs abs(x) <= 1.
    """
    if type(x) is Value:
        return x.asin()
    if type(x) is float:
        try:
            y: float = RESULTS["asin"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("asin", (x,))


@quick
def acos(x: Any) -> Any:
    """acos: y = acos(x), dy/dx = where(abs(x) < 0.5, -1 / sqrt(1 - x**2), -1 / (sqrt(1 - x) *
    sqrt(1 + x))), needs abs(x) <= 1.
    """
    if type(x) is Value:
        return x.acos()
    if type(x) is float:
        try:
            y: float = RESULTS["acos"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("acos", (x,))


@quick
def atan(x: Any) -> Any:
    """atan: y = atan(x), dy/dx = 1 / (1 + x**2)."""
    if type(x) is Value:
        return x.atan()
    if type(x) is float:
        try:
            y: float = RESULTS["atan"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("atan", (x,))


@quick
def atan2(a: Any, b: Any) -> Any:
    """atan2: y = atan2(a, b), dy/da = where(hypot(a, b) == 0, 0, b / hypot(a, b) / hypot(a,
    b)), dy/db = where(hypot(a, b) == 0, -0.0, -a / hypot(a, b) / hypot(a, b)).
    """
    if type(a) is Value is type(b):
        return Value.atan2(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["atan2"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("atan2", (a, b))


@quick
def sinh(x: Any) -> Any:
    """sinh: y = sinh(x), dy/dx = cosh(x)."""
    if type(x) is Value:
        return x.sinh()
    if type(x) is float:
        try:
            y: float = RESULTS["sinh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sinh", (x,))


@quick
def cosh(x: Any) -> Any:
    """cosh: y = cosh(x), dy/dx = sinh(x)."""
    if type(x) is Value:
        return x.cosh()
    if type(x) is float:
        try:
            y: float = RESULTS["cosh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("cosh", (x,))


@quick
def sech(x: Any) -> Any:
    """sech: y = 1 / cosh(x), dy/dx = -y * tanh(x)."""
    if type(x) is Value:
        return x.sech()
    if type(x) is float:
        try:
            y: float = RESULTS["sech"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sech", (x,))


@quick
def tanh(x: Any) -> Any:
    """tanh: y = tanh(x), dy/dx = sech(x)**2."""
    if type(x) is Value:
        return x.tanh()
    if type(x) is float:
        try:
            y: float = RESULTS["tanh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("tanh", (x,))


@quick
def asinh(x: Any) -> Any:
    """asinh: y = asinh(x), dy/dx = 1 / hypot(1, x)."""
    if type(x) is Value:
        return x.asinh()
    if type(x) is float:
        try:
            y: float = RESULTS["asinh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("asinh", (x,))


@quick
def acosh(x: Any) -> Any:
    """acosh: y = acosh(x), dy/dx = 1 / (sqrt(x - 1) * sqrt(x + 1)), needs x >= 1."""
    if type(x) is Value:
        return x.acosh()
    if type(x) is float:
        try:
            y: float = RESULTS["acosh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("acosh", (x,))


@quick
def atanh(x: Any) -> Any:
    """atanh: y = atanh(x), dy/dx = where(abs(x) < 0.5, 1 / (1 - x**2), 1 / ((1 - x) * (1 +
    x))), needs abs(x) < 1.
    """
    if type(x) is Value:
        return x.atanh()
    if type(x) is float:
        try:
            y: float = RESULTS["atanh"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("atanh", (x,))


@quick
def sign(x: Any) -> Any:
    """sign: y = where(x > 0, 1, where(x < 0, -1, x)), dy/dx = 0."""
    if type(x) is Value:
        return x.sign()
    if type(x) is float:
        try:
            y: float = RESULTS["sign"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sign", (x,))


@quick
def floor(x: Any) -> Any:
    """floor: y = floor(x), dy/dx = 0."""
    if type(x) is Value:
        return x.floor()
    if type(x) is float:
        try:
            y: float = RESULTS["floor"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("floor", (x,))


@quick
def ceil(x: Any) -> Any:
    """ceil: y = ceil(x), dy/dx = 0."""
    if type(x) is Value:
        return x.ceil()
    if type(x) is float:
        try:
            y: float = RESULTS["ceil"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("ceil", (x,))


@quick
def trunc(x: Any) -> Any:
    """trunc: y = trunc(x), dy/dx = 0."""
    if type(x) is Value:
        return x.trunc()
    if type(x) is float:
        try:
            y: float = RESULTS["trunc"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("trunc", (x,))


@quick
def rint(x: Any) -> Any:
    """rint: y = rint(x), dy/dx = 0."""
    if type(x) is Value:
        return x.rint()
    if type(x) is float:
        try:
            y: float = RESULTS["rint"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("rint", (x,))


@quick
def floor_divide(a: Any, b: Any) -> Any:
    """floor_divide: y = a // b, dy/da = 0, dy/db = 0, needs b != 0."""
    if type(a) is Value is type(b):
        return Value.__floordiv__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["floor_divide"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("floor_divide", (a, b))


@quick
def mod(a: Any, b: Any) -> Any:
    """mod: y = a % b, dy/da = 1, dy/db = -(a // b), needs b != 0."""
    if type(a) is Value is type(b):
        return Value.__mod__(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["mod"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("mod", (a, b))


@quick
def abs(x: Any) -> Any:
    """abs: y = abs(x), dy/dx = sign(x)."""
    if type(x) is Value:
        return x.abs()
    if type(x) is float:
        try:
            y: float = RESULTS["abs"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("abs", (x,))


@quick
def relu(x: Any) -> Any:
    """relu: y = where(x <= 0, 0, x), dy/dx = where(x <= 0, 0, 1)."""
    if type(x) is Value:
        return x.relu()
    if type(x) is float:
        try:
            y: float = RESULTS["relu"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("relu", (x,))


@quick
def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """leaky_relu: y = where(x > 0, x, slope * x), dy/dx = where(x > 0, 1, slope)."""
    if type(x) is Value and type(slope) is float:
        return x.leaky_relu(slope)
    if type(x) is float and type(slope) is float:
        try:
            y: float = RESULTS["leaky_relu"](x, slope)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("leaky_relu", (x,), slope)


@quick
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """elu: y = where(x <= 0, alpha * expm1(x), x), dy/dx = where(x <= 0, alpha * exp(x), 1)."""
    if type(x) is Value and type(alpha) is float:
        return x.elu(alpha)
    if type(x) is float and type(alpha) is float:
        try:
            y: float = RESULTS["elu"](x, alpha)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("elu", (x,), alpha)


@quick
def sigmoid(x: Any) -> Any:
    """sigmoid: y = where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x))), dy/dx = sech(x /
    2)**2 / 4.
    """
    if type(x) is Value:
        return x.sigmoid()
    if type(x) is float:
        try:
            y: float = RESULTS["sigmoid"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("sigmoid", (x,))


@quick
def softplus(x: Any) -> Any:
    """softplus: y = where(x > 0, x + log1p(exp(-x)), log1p(exp(x))), dy/dx = sigmoid(x)."""
    if type(x) is Value:
        return x.softplus()
    if type(x) is float:
        try:
            y: float = RESULTS["softplus"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("softplus", (x,))


@quick
def log_sigmoid(x: Any) -> Any:
    """log_sigmoid: y = -softplus(-x), dy/dx = sigmoid(-x)."""
    if type(x) is Value:
        return x.log_sigmoid()
    if type(x) is float:
        try:
            y: float = RESULTS["log_sigmoid"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("log_sigmoid", (x,))


@quick
def silu(x: Any) -> Any:
    """silu: y = x * sigmoid(x), dy/dx = sigmoid(x) * (1 + x * sigmoid(-x))."""
    if type(x) is Value:
        return x.silu()
    if type(x) is float:
        try:
            y: float = RESULTS["silu"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("silu", (x,))


@quick
def softsign(x: Any) -> Any:
    """softsign: y = where(abs(x) < inf, x / (1 + abs(x)), sign(x)), dy/dx = 1 / (1 +
    abs(x))**2.
    """
    if type(x) is Value:
        return x.softsign()
    if type(x) is float:
        try:
            y: float = RESULTS["softsign"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("softsign", (x,))


@quick
def erf(x: Any) -> Any:
    """erf: y = erf(x), dy/dx = 2 / SQRT_PI * exp(-x**2)."""
    if type(x) is Value:
        return x.erf()
    if type(x) is float:
        try:
            y: float = RESULTS["erf"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("erf", (x,))


@quick
def erfc(x: Any) -> Any:
    """erfc: y = erfc(x), dy/dx = -2 / SQRT_PI * exp(-x**2)."""
    if type(x) is Value:
        return x.erfc()
    if type(x) is float:
        try:
            y: float = RESULTS["erfc"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("erfc", (x,))


@quick
def gelu(x: Any) -> Any:
    """gelu: y = 0.5 * x * erfc(-x / SQRT_2), dy/dx = 0.5 * erfc(-x / SQRT_2) + x * exp(-0.5 *
    x**2) / SQRT_2PI.
    """
    if type(x) is Value:
        return x.gelu()
    if type(x) is float:
        try:
            y: float = RESULTS["gelu"](x)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("gelu", (x,))


@quick
def logaddexp(a: Any, b: Any) -> Any:
    """logaddexp: y = where(a == b, a + LN2, where(a > b, a + log1p(exp(b - a)), b + log1p(exp(a
    - b)))), dy/da = sigmoid(a - b), dy/db = sigmoid(b - a).
    """
    if type(a) is Value is type(b):
        return Value.logaddexp(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["logaddexp"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("logaddexp", (a, b))


@quick
def xlogy(a: Any, b: Any) -> Any:
    """xlogy: y = where(a == 0, where(b >= 0, 0, nan), a * log(b)), dy/da = where(a == 0 and b
    <= 0, 0, log(b)), dy/db = where(a == 0 and b == 0, 0, a / b), needs b > 0 or a == 0 and b ==
    0.
    """
    if type(a) is Value is type(b):
        return Value.xlogy(a, b)
    if type(a) is float and type(b) is float:
        try:
            y: float = RESULTS["xlogy"](a, b)
            if y - y == 0.0:
                return y
        except EDGES:
            pass
    return applied("xlogy", (a, b))


@quick
def total(values: Iterable[Any]) -> Any:
    """The sum of the values, as one node. total: y = sum(x), dy/dx = 1."""
    return over_all("total", values)


@quick
def mean(values: Iterable[Any]) -> Any:
    """The arithmetic mean, as one node. mean: y = sum(x) / count, dy/dx = 1 / count."""
    return over_all("mean", values)


@quick
def logsumexp(values: Iterable[Any]) -> Any:
    """log(Σ exp(xᵢ)), without overflow. logsumexp: y = peak + log1p(sum(where(x == peak, 0,
    exp(x - peak))) + (sum(where(x == peak, 1, 0)) - 1)), dy/dx = exp(x - y) / sum(exp(x -
    y)).
    """
    return over_all("logsumexp", values)


@quick
def largest(values: Iterable[Any]) -> Any:
    """The largest of the values, as one node; a tie shares the gradient. largest: y = max(x),
    dy/dx = where(x == y, 1 / sum(x == y), where(x < y, 0, 1)).
    """
    return over_all("largest", values)


@quick
def smallest(values: Iterable[Any]) -> Any:
    """The smallest of the values, as one node; a tie shares the gradient. smallest: y = min(x),
    dy/dx = where(x == y, 1 / sum(x == y), where(x > y, 0, 1)).
    """
    return over_all("smallest", values)


true_divide = divide
arcsin = asin
arccos = acos
arctan = atan
arctan2 = atan2
arcsinh = asinh
arccosh = acosh
arctanh = atanh
remainder = mod
absolute = abs
fabs = abs
