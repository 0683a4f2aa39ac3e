"""The table of operations: each primitive is one row, and everything else reads it.

A row states its result and the partial of the result by each operand, as text in the operands
(``x``, or ``a`` and ``b``), the result ``y`` and the constants of the call. ``formula.py`` compiles
the text for each arithmetic, ``printer.py`` prints the methods of Value and the functions from it.

How to read a row:

* ``where(condition, p, q)`` chooses. The last branch of a partial also serves nan (relu passes 1).
* ``needs`` is where the result is defined; leaving it is a DomainWarning. ``smooth`` is where every
  derivative exists.
* ``span`` holds an interval for each operand, inside ``needs``, from which tests and examples draw.
* ``*x`` is as many operands as the caller has: ``sum`` adds over them, ``count`` is how many there
  are, ``max`` and ``min`` are nan if one is, ``peak`` is the largest (0 where that is infinite).

Partials are written so that they keep their digits (``sech(x)**2`` where textbooks have ``1 -
y**2``, which has lost half of them at x = 9) and so that they may be differentiated again (smooth
functions only: no ``abs`` that the result does not have). At kinks and poles they give what PyTorch
gives, or the exact value where PyTorch's is wrong.

>>> OPS["tanh"]
tanh: y = tanh(x), dy/dx = sech(x)**2
>>> OPS["divide"]
divide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

Span = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Op:
    """One row of the table: what an operation computes, its partial by each operand, its names.

    >>> OPS["log"].needs
    ('x > 0',)
    """

    name: str
    operands: tuple[str, ...]
    result: str
    partials: tuple[str, ...]
    symbol: str = ""  # as the code has it: *
    needs: tuple[str, ...] = ()
    smooth: str = ""
    constants: tuple[tuple[str, float], ...] = ()
    span: tuple[Span, ...] = ()
    vocabulary: dict[str, Callable[..., Any]] = field(default_factory=dict)
    sign: str = ""  # as textbooks have it: ×
    short: str = ""  # its name in a sentence: mul
    operator: str = ""  # the operator of Python that it serves: __mul__
    aliases: tuple[str, ...] = ()  # NumPy's names for it
    kind: str = ""  # "activation" for what a neuron may put around its sum
    about: str = ""  # what its formulas do not say, as a sentence
    nary: bool = field(init=False)  # whether it takes as many operands as the caller has

    def __post_init__(self) -> None:
        object.__setattr__(self, "nary", any(name.startswith("*") for name in self.operands))
        for fact, default in (("symbol", "name"), ("short", "name"), ("sign", "symbol")):
            object.__setattr__(self, fact, getattr(self, fact) or getattr(self, default))

    @property
    def names(self) -> list[str]:
        """The operands and constants, as the formulas name them."""
        return [*(o.lstrip("*") for o in self.operands), *(name for name, _ in self.constants)]

    def words(self, y: bool = True) -> list[str]:
        """The same with y between them, as formulas of partials and conditions take them."""
        names, k = self.names, len(self.operands)
        return [*names[:k], "y", *names[k:]] if y else names

    @property
    def method(self) -> str:
        """The method of Value that records it."""
        return self.operator if self.operator and len(self.operands) == 2 else self.name

    def grouped(self, bundles: Sequence[Sequence[Any]]) -> list[Any]:
        """Operands as the formulas take them: a list for a starred one, else one, or 0 for none."""
        pairs = zip(self.operands, bundles, strict=True)
        return [list(x) if name[0] == "*" else x[0] if len(x) else 0.0 for name, x in pairs]

    def __repr__(self) -> str:
        pairs = zip(self.operands, self.partials, strict=True)
        facts = [f"y = {self.result}", *(f"dy/d{name.strip('*')} = {text}" for name, text in pairs)]
        return f"{self.name}: {', '.join([*facts, *(f'needs {need}' for need in self.needs)])}"


def _row(operands: str, name: str, result: str, *partials: str, **facts: Any) -> Op:
    names, span = tuple(operands.split()), facts.pop("span", (-4, 4))
    for fact in ("needs", "aliases"):
        facts[fact] = (found,) if isinstance(found := facts.get(fact, ()), str) else found
    facts["span"] = span if isinstance(span[0], tuple) else (span,) * len(names)
    constants = tuple(facts.pop("constants", {}).items())
    return Op(name, names, result, partials, constants=constants, **facts)


_unary, _binary = partial(_row, "x"), partial(_row, "a b")
_activation = partial(_unary, kind="activation")

# A table is read as one: a row a line, where there is room.
# fmt: off
TABLE = (
    # Arithmetic
    _binary("add", "a + b", "1", "1", symbol="+", operator="__add__"),
    _binary("subtract", "a - b", "1", "-1", symbol="-", sign="−", short="sub", operator="__sub__"),
    _binary("multiply", "a * b", "b", "a", symbol="*", sign="×", short="mul", operator="__mul__"),
    _binary("divide", "a / b", "1 / b", "-y / b", symbol="/", sign="÷", short="div", needs="b != 0",
            span=((-4, 4), (0.2, 4)), operator="__truediv__", aliases="true_divide"),
    _unary("negative", "-x", "-1", symbol="-", sign="−", short="neg", operator="__neg__"),
    _unary("positive", "+x", "1", symbol="+", short="pos", operator="__pos__"),
    _unary("reciprocal", "1 / x", "-y**2", needs="x != 0", span=(0.2, 4), symbol="1/"),
    _unary("square", "x**2", "2 * x", symbol="²"),
    # A constant exponent has a row of its own, so that x**2 at 0 or below meets no logarithm.
    _unary("power", "x**n", "where(n == 0, 0, n * x**(n - 1))", constants={"n": 3.0}, symbol="**",
           needs=("x >= 0 or whole(n)", "x != 0 or n >= 0"), smooth="x != 0 or whole(n)"),
    _binary("pow", "a**b", "where(a > 0 or b != 0, b * a**(b - 1), 0)",
            "where(a == 0, where(b >= 0, 0, where(b < 0, -inf, nan)), y * log(a))", symbol="**",
            needs=("a >= 0 or whole(b)", "a != 0 or b >= 0"), smooth="a > 0",
            span=((0.1, 4), (-3, 3))),
    _unary("sqrt", "sqrt(x)", "0.5 / y", needs="x >= 0", smooth="x > 0", span=(0.05, 9)),
    _unary("cbrt", "cbrt(x)", "1 / (3 * y**2)", smooth="x != 0", span=(0.05, 9)),
    _binary("hypot", "hypot(a, b)", "a / y", "b / y", smooth="a != 0 or b != 0",
            span=((0.2, 4), (-4, 4))),
    # Exponentials and logarithms
    _unary("exp", "exp(x)", "y"),
    _unary("exp2", "exp2(x)", "y * LN2"),
    _unary("expm1", "expm1(x)", "exp(x)"),
    _unary("log", "log(x)", "1 / x", needs="x > 0", span=(0.05, 9)),
    _unary("log2", "log2(x)", "1 / (x * LN2)", needs="x > 0", span=(0.05, 9)),
    _unary("log10", "log10(x)", "1 / (x * LN10)", needs="x > 0", span=(0.05, 9)),
    _unary("log1p", "log1p(x)", "1 / (1 + x)", needs="x > -1", span=(-0.9, 9)),
    # Trigonometric and hyperbolic
    _unary("sin", "sin(x)", "cos(x)", needs="abs(x) < inf"),
    _unary("cos", "cos(x)", "-sin(x)", needs="abs(x) < inf"),
    _unary("tan", "tan(x)", "1 + y**2", needs="abs(x) < inf", span=(-1.4, 1.4)),
    _unary("asin", "asin(x)",
           "where(abs(x) < 0.5, 1 / sqrt(1 - x**2), 1 / (sqrt(1 - x) * sqrt(1 + x)))",
           needs="abs(x) <= 1", smooth="abs(x) < 1", span=(-0.95, 0.95), aliases="arcsin"),
    _unary("acos", "acos(x)",
           "where(abs(x) < 0.5, -1 / sqrt(1 - x**2), -1 / (sqrt(1 - x) * sqrt(1 + x)))",
           needs="abs(x) <= 1", smooth="abs(x) < 1", span=(-0.95, 0.95), aliases="arccos"),
    _unary("atan", "atan(x)", "1 / (1 + x**2)", aliases="arctan"),
    # Divided by the hypotenuse twice: a**2 + b**2 would underflow at (1e-200, 1e-200).
    _binary("atan2", "atan2(a, b)", "where(hypot(a, b) == 0, 0, b / hypot(a, b) / hypot(a, b))",
            "where(hypot(a, b) == 0, -0.0, -a / hypot(a, b) / hypot(a, b))",
            smooth="a != 0 or b > 0", span=((0.2, 4), (-4, 4)), aliases="arctan2"),
    _unary("sinh", "sinh(x)", "cosh(x)"),
    _unary("cosh", "cosh(x)", "sinh(x)"),
    _unary("sech", "1 / cosh(x)", "-y * tanh(x)"),
    _activation("tanh", "tanh(x)", "sech(x)**2"),
    _unary("asinh", "asinh(x)", "1 / hypot(1, x)", aliases="arcsinh"),
    _unary("acosh", "acosh(x)", "1 / (sqrt(x - 1) * sqrt(x + 1))", needs="x >= 1", smooth="x > 1",
           span=(1.05, 9), aliases="arccosh"),
    _unary("atanh", "atanh(x)", "where(abs(x) < 0.5, 1 / (1 - x**2), 1 / ((1 - x) * (1 + x)))",
           needs="abs(x) < 1", span=(-0.95, 0.95), aliases="arctanh"),
    # Steps: flat wherever they have a derivative, and 0 is used at the jumps too
    _unary("sign", "where(x > 0, 1, where(x < 0, -1, x))", "0", smooth="x != 0"),
    _unary("floor", "floor(x)", "0", smooth="not whole(x)", operator="__floor__"),
    _unary("ceil", "ceil(x)", "0", smooth="not whole(x)", operator="__ceil__"),
    _unary("trunc", "trunc(x)", "0", smooth="not whole(x)", operator="__trunc__"),
    _unary("rint", "rint(x)", "0", smooth="not whole(x - 0.5)"),
    _binary("floor_divide", "a // b", "0", "0", symbol="//", short="floordiv", needs="b != 0",
            smooth="not whole(a / b)", span=((-4, 4), (0.2, 4)), operator="__floordiv__"),
    _binary("mod", "a % b", "1", "-(a // b)", symbol="%", needs="b != 0", aliases="remainder",
            smooth="not whole(a / b)", span=((-4, 4), (0.2, 4)), operator="__mod__"),
    # Kinks: 0 at the kink of abs and relu, half and half at a tie, 1 where nothing compares (nan)
    _unary("abs", "abs(x)", "sign(x)", smooth="x != 0", operator="__abs__",
           aliases=("absolute", "fabs")),
    _binary("maximum", "where(a >= b, a, where(a < b, b, a + b))",
            "where(a > b, 1, where(a < b, 0, where(a == b, 0.5, 1)))",
            "where(b > a, 1, where(b < a, 0, where(a == b, 0.5, 1)))", smooth="a != b"),
    _binary("minimum", "where(a <= b, a, where(a > b, b, a + b))",
            "where(a < b, 1, where(a > b, 0, where(a == b, 0.5, 1)))",
            "where(b < a, 1, where(b > a, 0, where(a == b, 0.5, 1)))", smooth="a != b"),
    # Bounds in the wrong order give the high one, as NumPy's and PyTorch's do.
    _unary("clip", "where(x < low, where(low > high, high, low), where(x > high, high, x))",
           "where(x < low, 0, where(x > high, 0, 1))", constants={"low": -1.0, "high": 1.0},
           smooth="x != low and x != high"),
    _binary("where", "where(condition, a, b)", "where(condition, 1, 0)", "where(condition, 0, 1)",
            constants={"condition": 1.0}),
    # Activations
    _activation("relu", "where(x <= 0, 0, x)", "where(x <= 0, 0, 1)", smooth="x != 0"),
    _activation("leaky_relu", "where(x > 0, x, slope * x)", "where(x > 0, 1, slope)",
                constants={"slope": 0.01}, smooth="x != 0"),
    _activation("elu", "where(x <= 0, alpha * expm1(x), x)", "where(x <= 0, alpha * exp(x), 1)",
                constants={"alpha": 1.0}, smooth="x != 0"),
    # Each branch raises e to a number below 0 only, so it cannot overflow; y * (1 - y) would cancel
    # for large x.
    _activation("sigmoid", "where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x)))",
                "sech(x / 2)**2 / 4"),
    _activation("softplus", "where(x > 0, x + log1p(exp(-x)), log1p(exp(x)))", "sigmoid(x)"),
    _unary("log_sigmoid", "-softplus(-x)", "sigmoid(-x)"),
    _activation("silu", "x * sigmoid(x)", "sigmoid(x) * (1 + x * sigmoid(-x))"),
    _activation("softsign", "where(abs(x) < inf, x / (1 + abs(x)), sign(x))",
                "1 / (1 + abs(x))**2"),
    _unary("erf", "erf(x)", "2 / SQRT_PI * exp(-x**2)", span=(-3, 3)),
    _unary("erfc", "erfc(x)", "-2 / SQRT_PI * exp(-x**2)", span=(-3, 3)),
    _activation("gelu", "0.5 * x * erfc(-x / SQRT_2)",
                "0.5 * erfc(-x / SQRT_2) + x * exp(-0.5 * x**2) / SQRT_2PI", span=(-3, 3)),
    # Two operands, kept right where their compositions fail
    _binary("logaddexp",
            "where(a == b, a + LN2, where(a > b, a + log1p(exp(b - a)), b + log1p(exp(a - b))))",
            "sigmoid(a - b)", "sigmoid(b - a)"),
    _binary("xlogy", "where(a == 0, where(b >= 0, 0, nan), a * log(b))",
            "where(a == 0 and b <= 0, 0, log(b))", "where(a == 0 and b == 0, 0, a / b)",
            needs="b > 0 or a == 0 and b == 0", smooth="b > 0", span=((-4, 4), (0.1, 4))),
    # As many operands as there are: one node, where binary ones would be a chain
    _row("*x", "total", "sum(x)", "1", symbol="Σ", about="The sum of the values, as one node."),
    _row("*x", "mean", "sum(x) / count", "1 / count", about="The arithmetic mean, as one node."),
    _row("*a *b c", "dot", "sum(a * b) + c", "b", "a", "1", symbol="·"),
    # The peak's own 1 is left out of the sum, or 1 + 4e-18 would be 1; and the weights are divided
    # by their sum, which is 1 but for the rounding of y.
    _row("*x", "logsumexp",
          "peak + log1p(sum(where(x == peak, 0, exp(x - peak)))"
          " + (sum(where(x == peak, 1, 0)) - 1))",
          "exp(x - y) / sum(exp(x - y))", about="log(Σ exp(xᵢ)), without overflow."),
    _row("*x", "largest", "max(x)",
         "where(x == y, 1 / sum(x == y), where(x < y, 0, 1))",
         smooth="sum(x == max(x)) == 1",
         about="The largest of the values, as one node; a tie shares the gradient."),
    _row("*x", "smallest", "min(x)",
         "where(x == y, 1 / sum(x == y), where(x > y, 0, 1))",
         smooth="sum(x == min(x)) == 1",
         about="The smallest of the values, as one node; a tie shares the gradient."),
)
# fmt: on

# Read only: the methods of Value are printed from it, so a change would reach half of the engine.
OPS = MappingProxyType({op.name: op for op in TABLE})

# Where a recording compares, and what joins the answers, by their signs: 1 where it holds, else 0,
# as rows so that replays of every kind can do it.
_COMPARED = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal"}
_COMPARED["!="] = "not_equal"
_TRUTHS = [(sign, name, f"where(a {sign} b, 1, 0)") for sign, name in _COMPARED.items()]
_TRUTHS += [("&", "logical_and", "a * b"), ("|", "logical_or", "where(a > b, a, b)")]
_TRUTHS += [("^", "logical_xor", "where(a == b, 0, 1)")]
TRUTHS = MappingProxyType(
    {sign: _binary(name, result, "0", "0", symbol=sign) for sign, name, result in _TRUTHS}
)

# Not an operation: it marks the numbers that an expression mentions (the 2 in 2 * x), which are
# nobody's inputs.
CONSTANT = Op("constant", (), "", ())
