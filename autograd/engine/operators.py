"""Rows: Storage with a method for each row of the table.

Printed from the table: change table.py or printer.py, then run ``python -m
autograd.engine.printer``.
"""

from collections.abc import Callable
from math import (
    acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh, erf, erfc, exp, exp2,
    expm1, hypot, inf, log, log10, log1p, log2, nan, pow, sin, sinh, sqrt, tan, tanh,
)
from operator import mul
from typing import TYPE_CHECKING, Any

from autograd.engine.domain import edge
from autograd.engine.floats import RAISED, ceil, floor, largest_of, peak_of, rint, smallest_of, trunc
from autograd.engine.modes import compared, noticed, paused
from autograd.engine.number import number
from autograd.engine.storage import UNREACHED, Bundle, Number, Storage, new, operand, other_number
from autograd.engine.storage import second
from autograd.engine.table import OPS

if TYPE_CHECKING:
    from autograd.engine.value import Value as Value

__all__ = ["RECORD", "Rows", "adopt"]

LN2 = 0.6931471805599453
LN10 = 2.302585092994046
SQRT_2 = 1.4142135623730951
SQRT_PI = 1.7724538509055159
SQRT_2PI = 2.5066282746310002

ADD = OPS["add"]
SUBTRACT = OPS["subtract"]
MULTIPLY = OPS["multiply"]
DIVIDE = OPS["divide"]
NEGATIVE = OPS["negative"]
POSITIVE = OPS["positive"]
RECIPROCAL = OPS["reciprocal"]
SQUARE = OPS["square"]
POWER = OPS["power"]
POW = OPS["pow"]
SQRT = OPS["sqrt"]
CBRT = OPS["cbrt"]
HYPOT = OPS["hypot"]
EXP = OPS["exp"]
EXP2 = OPS["exp2"]
EXPM1 = OPS["expm1"]
LOG = OPS["log"]
LOG2 = OPS["log2"]
LOG10 = OPS["log10"]
LOG1P = OPS["log1p"]
SIN = OPS["sin"]
COS = OPS["cos"]
TAN = OPS["tan"]
ASIN = OPS["asin"]
ACOS = OPS["acos"]
ATAN = OPS["atan"]
ATAN2 = OPS["atan2"]
SINH = OPS["sinh"]
COSH = OPS["cosh"]
SECH = OPS["sech"]
TANH = OPS["tanh"]
ASINH = OPS["asinh"]
ACOSH = OPS["acosh"]
ATANH = OPS["atanh"]
SIGN = OPS["sign"]
FLOOR = OPS["floor"]
CEIL = OPS["ceil"]
TRUNC = OPS["trunc"]
RINT = OPS["rint"]
FLOOR_DIVIDE = OPS["floor_divide"]
MOD = OPS["mod"]
ABS = OPS["abs"]
MAXIMUM = OPS["maximum"]
MINIMUM = OPS["minimum"]
CLIP = OPS["clip"]
WHERE = OPS["where"]
RELU = OPS["relu"]
LEAKY_RELU = OPS["leaky_relu"]
ELU = OPS["elu"]
SIGMOID = OPS["sigmoid"]
SOFTPLUS = OPS["softplus"]
LOG_SIGMOID = OPS["log_sigmoid"]
SILU = OPS["silu"]
SOFTSIGN = OPS["softsign"]
ERF = OPS["erf"]
ERFC = OPS["erfc"]
GELU = OPS["gelu"]
LOGADDEXP = OPS["logaddexp"]
XLOGY = OPS["xlogy"]
TOTAL = OPS["total"]
MEAN = OPS["mean"]
DOT = OPS["dot"]
LOGSUMEXP = OPS["logsumexp"]
LARGEST = OPS["largest"]
SMALLEST = OPS["smallest"]


def sech(x: float) -> float:
    return 1.0 / cosh(x)


def sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + exp(-x)) if x >= 0.0 else exp(x) / (1.0 + exp(x))


def softplus(x: float) -> float:
    return x + log1p(exp(-x)) if x > 0.0 else log1p(exp(x))


class Rows(Storage):
    """A method for each row."""

    __slots__ = ()
    __hash__ = Storage.__hash__

    def __add__(self, other: Number) -> "Value":
        """add: y = a + b, dy/da = 1, dy/db = 1."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a + b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0
            db = 1.0
        except RAISED:
            y, da, db = edge(ADD, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ADD
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __radd__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__add__(left, self)

    def add(self, other: Number) -> "Value":
        """add: y = a + b, dy/da = 1, dy/db = 1."""
        return Rows.__add__(self, second("add", other))

    def __sub__(self, other: Number) -> "Value":
        """subtract: y = a - b, dy/da = 1, dy/db = -1."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a - b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0
            db = -1.0
        except RAISED:
            y, da, db = edge(SUBTRACT, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SUBTRACT
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __rsub__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__sub__(left, self)

    def subtract(self, other: Number) -> "Value":
        """subtract: y = a - b, dy/da = 1, dy/db = -1."""
        return Rows.__sub__(self, second("subtract", other))

    def __mul__(self, other: Number) -> "Value":
        """multiply: y = a * b, dy/da = b, dy/db = a."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a * b
            if y - y != 0.0:
                raise OverflowError
            da = b
            db = a
        except RAISED:
            y, da, db = edge(MULTIPLY, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = MULTIPLY
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __rmul__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__mul__(left, self)

    def multiply(self, other: Number) -> "Value":
        """multiply: y = a * b, dy/da = b, dy/db = a."""
        return Rows.__mul__(self, second("multiply", other))

    def __truediv__(self, other: Number) -> "Value":
        """divide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a / b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0 / b
            db = -y / b
        except RAISED:
            y, da, db = edge(DIVIDE, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = DIVIDE
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __rtruediv__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__truediv__(left, self)

    def divide(self, other: Number) -> "Value":
        """divide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0."""
        return Rows.__truediv__(self, second("divide", other))

    true_divide = divide

    def negative(self) -> "Value":
        """negative: y = -x, dy/dx = -1."""
        x = self._data
        try:
            y = -x
            if y - y != 0.0:
                raise OverflowError
            dx = -1.0
        except RAISED:
            y, dx = edge(NEGATIVE, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = NEGATIVE
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    __neg__ = negative

    def positive(self) -> "Value":
        """positive: y = +x, dy/dx = 1."""
        x = self._data
        try:
            y = +x
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0
        except RAISED:
            y, dx = edge(POSITIVE, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = POSITIVE
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    __pos__ = positive

    def reciprocal(self) -> "Value":
        """reciprocal: y = 1 / x, dy/dx = -y**2, needs x != 0."""
        x = self._data
        try:
            y = 1.0 / x
            if y - y != 0.0:
                raise OverflowError
            dx = -(y * y)
        except RAISED:
            y, dx = edge(RECIPROCAL, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = RECIPROCAL
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def square(self) -> "Value":
        """square: y = x**2, dy/dx = 2 * x."""
        x = self._data
        try:
            y = x * x
            if y - y != 0.0:
                raise OverflowError
            dx = 2.0 * x
        except RAISED:
            y, dx = edge(SQUARE, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SQUARE
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def power(self, n: float = 3.0) -> "Value":
        """power: y = x**n, dy/dx = where(n == 0, 0, n * x**(n - 1)), needs x >= 0 or whole(n),
        needs x != 0 or n >= 0.
        """
        x = self._data
        if type(n) is not float:
            n = number(n)
        try:
            y = pow(x, n)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0 if n == 0.0 else n * pow(x, n - 1.0)
        except RAISED:
            y, dx = edge(POWER, (x,), (n,), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = POWER
        result._note = ("", (n,))
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def pow(self, other: Number) -> "Value":
        """pow: y = a**b, dy/da = where(a > 0 or b != 0, b * a**(b - 1), 0), dy/db = where(a == 0,
        where(b >= 0, 0, where(b < 0, -inf, nan)), y * log(a)), needs a >= 0 or whole(b), needs a !=
        0 or b >= 0.
        """
        right: Any = other if type(other) is Value else second("pow", other)
        a = self._data
        b = right._data
        try:
            y = pow(a, b)
            if y - y != 0.0:
                raise OverflowError
            da = b * pow(a, b - 1.0) if a > 0.0 or b != 0.0 else 0.0
            db = (0.0 if b >= 0.0 else -inf if b < 0.0 else nan) if a == 0.0 else y * log(a)
        except RAISED:
            y, da, db = edge(POW, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = POW
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def sqrt(self) -> "Value":
        """sqrt: y = sqrt(x), dy/dx = 0.5 / y, needs x >= 0."""
        x = self._data
        try:
            y = sqrt(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.5 / y
        except RAISED:
            y, dx = edge(SQRT, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SQRT
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def cbrt(self) -> "Value":
        """cbrt: y = cbrt(x), dy/dx = 1 / (3 * y**2)."""
        x = self._data
        try:
            y = cbrt(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (3.0 * (y * y))
        except RAISED:
            y, dx = edge(CBRT, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = CBRT
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def hypot(self, other: Number) -> "Value":
        """hypot: y = hypot(a, b), dy/da = a / y, dy/db = b / y."""
        right: Any = other if type(other) is Value else second("hypot", other)
        a = self._data
        b = right._data
        try:
            y = hypot(a, b)
            if y - y != 0.0:
                raise OverflowError
            da = a / y
            db = b / y
        except RAISED:
            y, da, db = edge(HYPOT, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = HYPOT
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def exp(self) -> "Value":
        """exp: y = exp(x), dy/dx = y."""
        x = self._data
        try:
            y = exp(x)
            if y - y != 0.0:
                raise OverflowError
            dx = y
        except RAISED:
            y, dx = edge(EXP, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = EXP
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def exp2(self) -> "Value":
        """exp2: y = exp2(x), dy/dx = y * LN2."""
        x = self._data
        try:
            y = exp2(x)
            if y - y != 0.0:
                raise OverflowError
            dx = y * LN2
        except RAISED:
            y, dx = edge(EXP2, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = EXP2
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def expm1(self) -> "Value":
        """expm1: y = expm1(x), dy/dx = exp(x)."""
        x = self._data
        try:
            y = expm1(x)
            if y - y != 0.0:
                raise OverflowError
            dx = exp(x)
        except RAISED:
            y, dx = edge(EXPM1, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = EXPM1
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def log(self) -> "Value":
        """log: y = log(x), dy/dx = 1 / x, needs x > 0."""
        x = self._data
        try:
            y = log(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / x
        except RAISED:
            y, dx = edge(LOG, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOG
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def log2(self) -> "Value":
        """log2: y = log2(x), dy/dx = 1 / (x * LN2), needs x > 0."""
        x = self._data
        try:
            y = log2(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (x * LN2)
        except RAISED:
            y, dx = edge(LOG2, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOG2
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def log10(self) -> "Value":
        """log10: y = log10(x), dy/dx = 1 / (x * LN10), needs x > 0."""
        x = self._data
        try:
            y = log10(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (x * LN10)
        except RAISED:
            y, dx = edge(LOG10, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOG10
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def log1p(self) -> "Value":
        """log1p: y = log1p(x), dy/dx = 1 / (1 + x), needs x > -1."""
        x = self._data
        try:
            y = log1p(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (1.0 + x)
        except RAISED:
            y, dx = edge(LOG1P, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOG1P
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def sin(self) -> "Value":
        """sin: y = sin(x), dy/dx = cos(x), needs abs(x) < inf."""
        x = self._data
        try:
            y = sin(x)
            if y - y != 0.0:
                raise OverflowError
            dx = cos(x)
        except RAISED:
            y, dx = edge(SIN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SIN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def cos(self) -> "Value":
        """cos: y = cos(x), dy/dx = -sin(x), needs abs(x) < inf."""
        x = self._data
        try:
            y = cos(x)
            if y - y != 0.0:
                raise OverflowError
            dx = -sin(x)
        except RAISED:
            y, dx = edge(COS, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = COS
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def tan(self) -> "Value":
        """tan: y = tan(x), dy/dx = 1 + y**2, needs abs(x) < inf."""
        x = self._data
        try:
            y = tan(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 + y * y
        except RAISED:
            y, dx = edge(TAN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = TAN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def asin(self) -> "Value":
        """asin: y = asin(x), dy/dx = where(abs(x) < 0.5, 1 / sqrt(1 - x**2), 1 / (sqrt(1 - x) *
        sqrt(1 + x))), needs abs(x) <= 1.
        """
        x = self._data
        try:
            y = asin(x)
            if y - y != 0.0:
                raise OverflowError
            dx = (
                1.0 / sqrt(1.0 - x * x)
                if abs(x) < 0.5
                else 1.0 / (sqrt(1.0 - x) * sqrt(1.0 + x))
            )
        except RAISED:
            y, dx = edge(ASIN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ASIN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arcsin = asin

    def acos(self) -> "Value":
        """acos: y = acos(x), dy/dx = where(abs(x) < 0.5, -1 / sqrt(1 - x**2), -1 / (sqrt(1 - x) *
        sqrt(1 + x))), needs abs(x) <= 1.
        """
        x = self._data
        try:
            y = acos(x)
            if y - y != 0.0:
                raise OverflowError
            dx = (
                -1.0 / sqrt(1.0 - x * x)
                if abs(x) < 0.5
                else -1.0 / (sqrt(1.0 - x) * sqrt(1.0 + x))
            )
        except RAISED:
            y, dx = edge(ACOS, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ACOS
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arccos = acos

    def atan(self) -> "Value":
        """atan: y = atan(x), dy/dx = 1 / (1 + x**2)."""
        x = self._data
        try:
            y = atan(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (1.0 + x * x)
        except RAISED:
            y, dx = edge(ATAN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ATAN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arctan = atan

    def atan2(self, other: Number) -> "Value":
        """atan2: y = atan2(a, b), dy/da = where(hypot(a, b) == 0, 0, b / hypot(a, b) / hypot(a,
        b)), dy/db = where(hypot(a, b) == 0, -0.0, -a / hypot(a, b) / hypot(a, b)).
        """
        right: Any = other if type(other) is Value else second("atan2", other)
        a = self._data
        b = right._data
        try:
            y = atan2(a, b)
            if y - y != 0.0:
                raise OverflowError
            da = 0.0 if hypot(a, b) == 0.0 else b / hypot(a, b) / hypot(a, b)
            db = -0.0 if hypot(a, b) == 0.0 else -a / hypot(a, b) / hypot(a, b)
        except RAISED:
            y, da, db = edge(ATAN2, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ATAN2
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arctan2 = atan2

    def sinh(self) -> "Value":
        """sinh: y = sinh(x), dy/dx = cosh(x)."""
        x = self._data
        try:
            y = sinh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = cosh(x)
        except RAISED:
            y, dx = edge(SINH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SINH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def cosh(self) -> "Value":
        """cosh: y = cosh(x), dy/dx = sinh(x)."""
        x = self._data
        try:
            y = cosh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = sinh(x)
        except RAISED:
            y, dx = edge(COSH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = COSH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def sech(self) -> "Value":
        """sech: y = 1 / cosh(x), dy/dx = -y * tanh(x)."""
        x = self._data
        try:
            y = 1.0 / cosh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = -y * tanh(x)
        except RAISED:
            y, dx = edge(SECH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SECH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def tanh(self) -> "Value":
        """tanh: y = tanh(x), dy/dx = sech(x)**2."""
        x = self._data
        try:
            y = tanh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = pow(sech(x), 2.0)
        except RAISED:
            y, dx = edge(TANH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = TANH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def asinh(self) -> "Value":
        """asinh: y = asinh(x), dy/dx = 1 / hypot(1, x)."""
        x = self._data
        try:
            y = asinh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / hypot(1.0, x)
        except RAISED:
            y, dx = edge(ASINH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ASINH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arcsinh = asinh

    def acosh(self) -> "Value":
        """acosh: y = acosh(x), dy/dx = 1 / (sqrt(x - 1) * sqrt(x + 1)), needs x >= 1."""
        x = self._data
        try:
            y = acosh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))
        except RAISED:
            y, dx = edge(ACOSH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ACOSH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arccosh = acosh

    def atanh(self) -> "Value":
        """atanh: y = atanh(x), dy/dx = where(abs(x) < 0.5, 1 / (1 - x**2), 1 / ((1 - x) * (1 +
        x))), needs abs(x) < 1.
        """
        x = self._data
        try:
            y = atanh(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / (1.0 - x * x) if abs(x) < 0.5 else 1.0 / ((1.0 - x) * (1.0 + x))
        except RAISED:
            y, dx = edge(ATANH, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ATANH
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    arctanh = atanh

    def sign(self) -> "Value":
        """sign: y = where(x > 0, 1, where(x < 0, -1, x)), dy/dx = 0."""
        x = self._data
        try:
            y = 1.0 if x > 0.0 else -1.0 if x < 0.0 else x
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0
        except RAISED:
            y, dx = edge(SIGN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SIGN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def floor(self) -> "Value":
        """floor: y = floor(x), dy/dx = 0."""
        x = self._data
        try:
            y = floor(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0
        except RAISED:
            y, dx = edge(FLOOR, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = FLOOR
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    __floor__ = floor

    def ceil(self) -> "Value":
        """ceil: y = ceil(x), dy/dx = 0."""
        x = self._data
        try:
            y = ceil(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0
        except RAISED:
            y, dx = edge(CEIL, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = CEIL
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    __ceil__ = ceil

    def trunc(self) -> "Value":
        """trunc: y = trunc(x), dy/dx = 0."""
        x = self._data
        try:
            y = trunc(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0
        except RAISED:
            y, dx = edge(TRUNC, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = TRUNC
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    __trunc__ = trunc

    def rint(self) -> "Value":
        """rint: y = rint(x), dy/dx = 0."""
        x = self._data
        try:
            y = rint(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0
        except RAISED:
            y, dx = edge(RINT, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = RINT
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __floordiv__(self, other: Number) -> "Value":
        """floor_divide: y = a // b, dy/da = 0, dy/db = 0, needs b != 0."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a // b
            if y - y != 0.0:
                raise OverflowError
            da = 0.0
            db = 0.0
        except RAISED:
            y, da, db = edge(FLOOR_DIVIDE, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = FLOOR_DIVIDE
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __rfloordiv__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__floordiv__(left, self)

    def floor_divide(self, other: Number) -> "Value":
        """floor_divide: y = a // b, dy/da = 0, dy/db = 0, needs b != 0."""
        return Rows.__floordiv__(self, second("floor_divide", other))

    def __mod__(self, other: Number) -> "Value":
        """mod: y = a % b, dy/da = 1, dy/db = -(a // b), needs b != 0."""
        right: Any = other
        if type(right) is not Value:
            right = operand(right)
            if right is NotImplemented:
                return NotImplemented
        a = self._data
        b = right._data
        try:
            y = a % b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0
            db = -(a // b)
        except RAISED:
            y, da, db = edge(MOD, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = MOD
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __rmod__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.__mod__(left, self)

    def mod(self, other: Number) -> "Value":
        """mod: y = a % b, dy/da = 1, dy/db = -(a // b), needs b != 0."""
        return Rows.__mod__(self, second("mod", other))

    remainder = mod

    def abs(self) -> "Value":
        """abs: y = abs(x), dy/dx = sign(x)."""
        x = self._data
        try:
            y = abs(x)
            if y - y != 0.0:
                raise OverflowError
            dx = sign(x)
        except RAISED:
            y, dx = edge(ABS, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ABS
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    absolute = abs
    fabs = abs
    __abs__ = abs

    def maximum(self, other: Number) -> "Value":
        """maximum: y = where(a >= b, a, where(a < b, b, a + b)), dy/da = where(a > b, 1, where(a <
        b, 0, where(a == b, 0.5, 1))), dy/db = where(b > a, 1, where(b < a, 0, where(a == b, 0.5,
        1))).
        """
        right: Any = other if type(other) is Value else second("maximum", other)
        a = self._data
        b = right._data
        try:
            y = a if a >= b else b if a < b else a + b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0 if a > b else 0.0 if a < b else 0.5 if a == b else 1.0
            db = 1.0 if b > a else 0.0 if b < a else 0.5 if a == b else 1.0
        except RAISED:
            y, da, db = edge(MAXIMUM, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = MAXIMUM
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def minimum(self, other: Number) -> "Value":
        """minimum: y = where(a <= b, a, where(a > b, b, a + b)), dy/da = where(a < b, 1, where(a >
        b, 0, where(a == b, 0.5, 1))), dy/db = where(b < a, 1, where(b > a, 0, where(a == b, 0.5,
        1))).
        """
        right: Any = other if type(other) is Value else second("minimum", other)
        a = self._data
        b = right._data
        try:
            y = a if a <= b else b if a > b else a + b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0 if a < b else 0.0 if a > b else 0.5 if a == b else 1.0
            db = 1.0 if b < a else 0.0 if b > a else 0.5 if a == b else 1.0
        except RAISED:
            y, da, db = edge(MINIMUM, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = MINIMUM
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def clip(self, low: float = -1.0, high: float = 1.0) -> "Value":
        """clip: y = where(x < low, where(low > high, high, low), where(x > high, high, x)), dy/dx =
        where(x < low, 0, where(x > high, 0, 1)).
        """
        x = self._data
        if type(low) is not float:
            low = number(low)
        if type(high) is not float:
            high = number(high)
        try:
            y = (high if low > high else low) if x < low else high if x > high else x
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0 if x < low else 0.0 if x > high else 1.0
        except RAISED:
            y, dx = edge(CLIP, (x,), (low, high), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = CLIP
        result._note = ("", (low, high))
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def where(self, other: Number, condition: float = 1.0) -> "Value":
        """where: y = where(condition, a, b), dy/da = where(condition, 1, 0), dy/db =
        where(condition, 0, 1).
        """
        right: Any = other if type(other) is Value else second("where", other)
        a = self._data
        b = right._data
        if type(condition) is not float:
            condition = number(condition)
        try:
            y = a if condition else b
            if y - y != 0.0:
                raise OverflowError
            da = 1.0 if condition else 0.0
            db = 0.0 if condition else 1.0
        except RAISED:
            y, da, db = edge(WHERE, (a, b), (condition,), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = WHERE
        result._note = ("", (condition,))
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def relu(self) -> "Value":
        """relu: y = where(x <= 0, 0, x), dy/dx = where(x <= 0, 0, 1)."""
        x = self._data
        try:
            y = 0.0 if x <= 0.0 else x
            if y - y != 0.0:
                raise OverflowError
            dx = 0.0 if x <= 0.0 else 1.0
        except RAISED:
            y, dx = edge(RELU, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = RELU
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def leaky_relu(self, slope: float = 0.01) -> "Value":
        """leaky_relu: y = where(x > 0, x, slope * x), dy/dx = where(x > 0, 1, slope)."""
        x = self._data
        if type(slope) is not float:
            slope = number(slope)
        try:
            y = x if x > 0.0 else slope * x
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 if x > 0.0 else slope
        except RAISED:
            y, dx = edge(LEAKY_RELU, (x,), (slope,), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LEAKY_RELU
        result._note = ("", (slope,))
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def elu(self, alpha: float = 1.0) -> "Value":
        """elu: y = where(x <= 0, alpha * expm1(x), x), dy/dx = where(x <= 0, alpha * exp(x), 1)."""
        x = self._data
        if type(alpha) is not float:
            alpha = number(alpha)
        try:
            y = alpha * expm1(x) if x <= 0.0 else x
            if y - y != 0.0:
                raise OverflowError
            dx = alpha * exp(x) if x <= 0.0 else 1.0
        except RAISED:
            y, dx = edge(ELU, (x,), (alpha,), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ELU
        result._note = ("", (alpha,))
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def sigmoid(self) -> "Value":
        """sigmoid: y = where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x))), dy/dx = sech(x /
        2)**2 / 4.
        """
        x = self._data
        try:
            y = 1.0 / (1.0 + exp(-x)) if x >= 0.0 else exp(x) / (1.0 + exp(x))
            if y - y != 0.0:
                raise OverflowError
            dx = pow(sech(x / 2.0), 2.0) / 4.0
        except RAISED:
            y, dx = edge(SIGMOID, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SIGMOID
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def softplus(self) -> "Value":
        """softplus: y = where(x > 0, x + log1p(exp(-x)), log1p(exp(x))), dy/dx = sigmoid(x)."""
        x = self._data
        try:
            y = x + log1p(exp(-x)) if x > 0.0 else log1p(exp(x))
            if y - y != 0.0:
                raise OverflowError
            dx = sigmoid(x)
        except RAISED:
            y, dx = edge(SOFTPLUS, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SOFTPLUS
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def log_sigmoid(self) -> "Value":
        """log_sigmoid: y = -softplus(-x), dy/dx = sigmoid(-x)."""
        x = self._data
        try:
            y = -softplus(-x)
            if y - y != 0.0:
                raise OverflowError
            dx = sigmoid(-x)
        except RAISED:
            y, dx = edge(LOG_SIGMOID, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOG_SIGMOID
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def silu(self) -> "Value":
        """silu: y = x * sigmoid(x), dy/dx = sigmoid(x) * (1 + x * sigmoid(-x))."""
        x = self._data
        try:
            y = x * sigmoid(x)
            if y - y != 0.0:
                raise OverflowError
            dx = sigmoid(x) * (1.0 + x * sigmoid(-x))
        except RAISED:
            y, dx = edge(SILU, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SILU
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def softsign(self) -> "Value":
        """softsign: y = where(abs(x) < inf, x / (1 + abs(x)), sign(x)), dy/dx = 1 / (1 +
        abs(x))**2.
        """
        x = self._data
        try:
            y = x / (1.0 + abs(x)) if abs(x) < inf else sign(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 1.0 / pow(1.0 + abs(x), 2.0)
        except RAISED:
            y, dx = edge(SOFTSIGN, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = SOFTSIGN
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def erf(self) -> "Value":
        """erf: y = erf(x), dy/dx = 2 / SQRT_PI * exp(-x**2)."""
        x = self._data
        try:
            y = erf(x)
            if y - y != 0.0:
                raise OverflowError
            dx = 2.0 / SQRT_PI * exp(-(x * x))
        except RAISED:
            y, dx = edge(ERF, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ERF
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def erfc(self) -> "Value":
        """erfc: y = erfc(x), dy/dx = -2 / SQRT_PI * exp(-x**2)."""
        x = self._data
        try:
            y = erfc(x)
            if y - y != 0.0:
                raise OverflowError
            dx = -2.0 / SQRT_PI * exp(-(x * x))
        except RAISED:
            y, dx = edge(ERFC, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = ERFC
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def gelu(self) -> "Value":
        """gelu: y = 0.5 * x * erfc(-x / SQRT_2), dy/dx = 0.5 * erfc(-x / SQRT_2) + x * exp(-0.5 *
        x**2) / SQRT_2PI.
        """
        x = self._data
        try:
            y = 0.5 * x * erfc(-x / SQRT_2)
            if y - y != 0.0:
                raise OverflowError
            dx = 0.5 * erfc(-x / SQRT_2) + x * exp(-0.5 * (x * x)) / SQRT_2PI
        except RAISED:
            y, dx = edge(GELU, (x,), (), (self,))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = GELU
        result._a = self
        result._da = dx
        result._b = None
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def logaddexp(self, other: Number) -> "Value":
        """logaddexp: y = where(a == b, a + LN2, where(a > b, a + log1p(exp(b - a)), b + log1p(exp(a
        - b)))), dy/da = sigmoid(a - b), dy/db = sigmoid(b - a).
        """
        right: Any = other if type(other) is Value else second("logaddexp", other)
        a = self._data
        b = right._data
        try:
            y = a + LN2 if a == b else a + log1p(exp(b - a)) if a > b else b + log1p(exp(a - b))
            if y - y != 0.0:
                raise OverflowError
            da = sigmoid(a - b)
            db = sigmoid(b - a)
        except RAISED:
            y, da, db = edge(LOGADDEXP, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = LOGADDEXP
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def xlogy(self, other: Number) -> "Value":
        """xlogy: y = where(a == 0, where(b >= 0, 0, nan), a * log(b)), dy/da = where(a == 0 and b
        <= 0, 0, log(b)), dy/db = where(a == 0 and b == 0, 0, a / b), needs b > 0 or a == 0 and b ==
        0.
        """
        right: Any = other if type(other) is Value else second("xlogy", other)
        a = self._data
        b = right._data
        try:
            y = (0.0 if b >= 0.0 else nan) if a == 0.0 else a * log(b)
            if y - y != 0.0:
                raise OverflowError
            da = 0.0 if a == 0.0 and b <= 0.0 else log(b)
            db = 0.0 if a == 0.0 and b == 0.0 else a / b
        except RAISED:
            y, da, db = edge(XLOGY, (a, b), (), (self, right))
        result = new(Value)
        result._data = y
        result._grad = UNREACHED
        result.op = XLOGY
        result._a = self
        result._da = da
        result._b = right
        result._db = db
        result._uses = 0
        if paused:
            return noticed(result)
        return result

    def __lt__(self, other: object) -> bool:
        right: Any = operand(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared("<", self, right)  # type: ignore[no-any-return]
        return self._data < right._data  # type: ignore[no-any-return]

    def __le__(self, other: object) -> bool:
        right: Any = operand(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared("<=", self, right)  # type: ignore[no-any-return]
        return self._data <= right._data  # type: ignore[no-any-return]

    def __gt__(self, other: object) -> bool:
        right: Any = operand(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared(">", self, right)  # type: ignore[no-any-return]
        return self._data > right._data  # type: ignore[no-any-return]

    def __ge__(self, other: object) -> bool:
        right: Any = operand(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared(">=", self, right)  # type: ignore[no-any-return]
        return self._data >= right._data  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        right: Any = other_number(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared("==", self, right)  # type: ignore[no-any-return]
        return self._data == right._data  # type: ignore[no-any-return]

    def __ne__(self, other: object) -> bool:
        right: Any = other_number(other)
        if right is NotImplemented:
            return NotImplemented
        if paused:
            return compared("!=", self, right)  # type: ignore[no-any-return]
        return self._data != right._data  # type: ignore[no-any-return]

    def __pow__(self, exponent: Number) -> "Value":
        power: Any = exponent if isinstance(exponent, Storage) else operand(exponent)
        if power is NotImplemented:
            return NotImplemented
        return self.pow(power) if power is exponent else Rows.power(self, power._data)

    def __rpow__(self: Any, other: Number) -> "Value":
        left: Any = operand(other)
        if left is NotImplemented:
            return NotImplemented
        return Rows.pow(left, self)


def total(xs: Bundle) -> "Value":
    """The sum of the values, as one node. total: y = sum(x), dy/dx = 1."""
    x = [v._data for v in xs]
    try:
        count = len(x)
        y = sum(x)
        if y - y != 0.0:
            raise OverflowError
        dx = (1.0,) * count
    except RAISED:
        y, dx = edge(TOTAL, (x,), (), (xs,))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = TOTAL
    result._a = None
    result._da = (xs, dx)
    result._b = None
    result._uses = 0
    if paused:
        return noticed(result)
    return result


def mean(xs: Bundle) -> "Value":
    """The arithmetic mean, as one node. mean: y = sum(x) / count, dy/dx = 1 / count."""
    x = [v._data for v in xs]
    try:
        count = len(x)
        y = sum(x) / count
        if y - y != 0.0:
            raise OverflowError
        dx = (1.0 / count,) * count
    except RAISED:
        y, dx = edge(MEAN, (x,), (), (xs,))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = MEAN
    result._a = None
    result._da = (xs, dx)
    result._b = None
    result._uses = 0
    if paused:
        return noticed(result)
    return result


def dot(as_: Bundle, bs: Bundle, other: "Value | None") -> "Value":
    """dot: y = sum(a * b) + c, dy/da = b, dy/db = a, dy/dc = 1."""
    a = [v._data for v in as_]
    b = bs.numbers or [v._data for v in bs]
    c = 0.0 if other is None else other._data
    try:
        y = sum(map(mul, a, b)) + c
        if y - y != 0.0:
            raise OverflowError
        da = b
        db = a
        dc = 1.0
    except RAISED:
        y, da, db, dc = edge(DOT, (a, b, c), (), (as_, bs, other))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = DOT
    result._a = None
    result._da = (as_, da, bs, db)
    result._b = other
    result._db = dc
    result._uses = 0
    if paused:
        return noticed(result)
    return result


def logsumexp(xs: Bundle) -> "Value":
    """log(Σ exp(xᵢ)), without overflow. logsumexp: y = peak + log1p(sum(where(x == peak, 0,
    exp(x - peak))) + (sum(where(x == peak, 1, 0)) - 1)), dy/dx = exp(x - y) / sum(exp(x -
    y)).
    """
    x = [v._data for v in xs]
    try:
        peak = peak_of(x)
        y = peak + log1p(sum([0.0 if x == peak else exp(x - peak) for x in x]) + (sum([1.0 if x == peak else 0.0 for x in x]) - 1.0))
        if y - y != 0.0:
            raise OverflowError
        dx = (lambda all_: [exp(x - y) / all_ for x in x])(sum([exp(x - y) for x in x]))
    except RAISED:
        y, dx = edge(LOGSUMEXP, (x,), (), (xs,))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = LOGSUMEXP
    result._a = None
    result._da = (xs, dx)
    result._b = None
    result._uses = 0
    if paused:
        return noticed(result)
    return result


def largest(xs: Bundle) -> "Value":
    """The largest of the values, as one node; a tie shares the gradient. largest: y = max(x),
    dy/dx = where(x == y, 1 / sum(x == y), where(x < y, 0, 1)).
    """
    x = [v._data for v in xs]
    try:
        y = largest_of(x)
        if y - y != 0.0:
            raise OverflowError
        dx = (lambda all_: [1.0 / all_ if x == y else 0.0 if x < y else 1.0 for x in x])(sum([x == y for x in x]))
    except RAISED:
        y, dx = edge(LARGEST, (x,), (), (xs,))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = LARGEST
    result._a = None
    result._da = (xs, dx)
    result._b = None
    result._uses = 0
    if paused:
        return noticed(result)
    return result


def smallest(xs: Bundle) -> "Value":
    """The smallest of the values, as one node; a tie shares the gradient. smallest: y = min(x),
    dy/dx = where(x == y, 1 / sum(x == y), where(x > y, 0, 1)).
    """
    x = [v._data for v in xs]
    try:
        y = smallest_of(x)
        if y - y != 0.0:
            raise OverflowError
        dx = (lambda all_: [1.0 / all_ if x == y else 0.0 if x > y else 1.0 for x in x])(sum([x == y for x in x]))
    except RAISED:
        y, dx = edge(SMALLEST, (x,), (), (xs,))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = SMALLEST
    result._a = None
    result._da = (xs, dx)
    result._b = None
    result._uses = 0
    if paused:
        return noticed(result)
    return result


RECORD: dict[str, Callable[..., Any]] = {
    "add": Rows.__add__,
    "subtract": Rows.__sub__,
    "multiply": Rows.__mul__,
    "divide": Rows.__truediv__,
    "negative": Rows.negative,
    "positive": Rows.positive,
    "reciprocal": Rows.reciprocal,
    "square": Rows.square,
    "power": Rows.power,
    "pow": Rows.pow,
    "sqrt": Rows.sqrt,
    "cbrt": Rows.cbrt,
    "hypot": Rows.hypot,
    "exp": Rows.exp,
    "exp2": Rows.exp2,
    "expm1": Rows.expm1,
    "log": Rows.log,
    "log2": Rows.log2,
    "log10": Rows.log10,
    "log1p": Rows.log1p,
    "sin": Rows.sin,
    "cos": Rows.cos,
    "tan": Rows.tan,
    "asin": Rows.asin,
    "acos": Rows.acos,
    "atan": Rows.atan,
    "atan2": Rows.atan2,
    "sinh": Rows.sinh,
    "cosh": Rows.cosh,
    "sech": Rows.sech,
    "tanh": Rows.tanh,
    "asinh": Rows.asinh,
    "acosh": Rows.acosh,
    "atanh": Rows.atanh,
    "sign": Rows.sign,
    "floor": Rows.floor,
    "ceil": Rows.ceil,
    "trunc": Rows.trunc,
    "rint": Rows.rint,
    "floor_divide": Rows.__floordiv__,
    "mod": Rows.__mod__,
    "abs": Rows.abs,
    "maximum": Rows.maximum,
    "minimum": Rows.minimum,
    "clip": Rows.clip,
    "where": Rows.where,
    "relu": Rows.relu,
    "leaky_relu": Rows.leaky_relu,
    "elu": Rows.elu,
    "sigmoid": Rows.sigmoid,
    "softplus": Rows.softplus,
    "log_sigmoid": Rows.log_sigmoid,
    "silu": Rows.silu,
    "softsign": Rows.softsign,
    "erf": Rows.erf,
    "erfc": Rows.erfc,
    "gelu": Rows.gelu,
    "logaddexp": Rows.logaddexp,
    "xlogy": Rows.xlogy,
    "total": total,
    "mean": mean,
    "dot": dot,
    "logsumexp": logsumexp,
    "largest": largest,
    "smallest": smallest,
}


def adopt(value: type[Any]) -> None:
    """Make the results instances of this class."""
    globals()["Value"] = value
