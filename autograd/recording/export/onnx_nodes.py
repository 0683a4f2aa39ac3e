"""Nodes of a graph of ONNX: what operations make of arrays by name, and formulas of rows, of whose
functions some are made of others."""

import ast
from collections import ChainMap
from collections.abc import Iterator, Sequence
from itertools import count
from math import pi
from typing import Any

import numpy as np

from autograd.engine.formula import NUMBERS
from autograd.engine.table import OPS

SAME = "abs acos acosh asin asinh atan atanh ceil cos cosh erf exp floor log sin sinh sqrt tan tanh"
SIGNS: dict[type[ast.AST], str] = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul", ast.Div: "Div"}
SIGNS |= {ast.Pow: "Pow", ast.Lt: "Less", ast.LtE: "LessOrEqual", ast.Gt: "Greater"}
SIGNS |= {ast.GtE: "GreaterOrEqual", ast.Eq: "Equal", ast.And: "And", ast.Or: "Or"}
OVER = {"sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
ACROSS_ALL = {"batch_total": "ReduceSum", "batch_mean": "ReduceMean", "batch_max": "ReduceMax"}
# What the standard lacks, of what it has; u is 1 + x, or exp(x), as it was rounded.
MADE = {
    "log1p": "where(1 + x == 1 or x == inf, x, log(1 + x) * x / (1 + x - 1))",
    "expm1": "where(exp(x) == 1, x, where(exp(x) == inf, exp(x), where(exp(x) - 1 == -1, -1,"
    " (exp(x) - 1) * x / log(exp(x)))))",
    "erfc": "1 - erf(x)",
    "exp2": "2**x",
    "log2": "log(x) / LN2",
    "log10": "log(x) / LN10",
    "trunc": "where(x < 0, ceil(x), floor(x))",
    "whole": "floor(x) == x",
    "side": "where(where(x == 0, 1 / x, x) < 0, -1, 1)",  # of a zero the one of its sign
    "below": "where(fmod(x, z) != 0 and (fmod(x, z) < 0) != (z < 0), 1, 0)",  # fmod is not mod
    "mod": "where(fmod(x, z) == 0, 0 * side(z), where(below(x, z), fmod(x, z) + z, fmod(x, z)))",
    "floor_divide": "where(z == 0, x / z, rint((x - fmod(x, z)) / z) - below(x, z))",
    "hypot": "scaled(larger(abs(x), abs(z)), where(abs(x) < abs(z), abs(x), abs(z)))",
    "scaled": "where(x == 0 or x == inf, x, x * sqrt(1 + (z / x)**2))",
    "cbrt": "refined(x, where(x < 0, -1, 1) * abs(x)**(1 / 3))",
    "refined": "where(z == 0 or abs(z) == inf, x, z - (z - x / (z * z)) / 3)",
    "ratio": "where(abs(x) == inf and abs(z) == inf, side(x) * side(z), x / z)",
    "atan2": "where(z > 0, atan(ratio(x, z)), where(z < 0, atan(ratio(x, z)) + side(x) * PI,"
    " where(z == 0, where(x == 0, where(side(z) < 0, side(x) * PI, x),"
    " where(x == x, side(x), x) * PI / 2), z)))",
}


def _nested(count: int, level: str) -> str:
    """A series or a continued fraction, written from the inside: n is the level, s the inner."""
    text = "1"
    for n in range(count, 0, -1):
        text = level.replace("n", str(n)).replace("s", f"({text})")
    return text


# What onnxruntime has for float32 alone. Sources: half angles and Taylor's series; Abramowitz and
# Stegun, 7.1.6 (whose terms do not cancel) and, from 2 on, 7.1.14.
IN_FLOAT64 = {
    "tan": "sin(x) / cos(x)",
    "cosh": "(exp(x) + exp(-x)) / 2",
    "sinh": "(expm1(x) - expm1(-x)) / 2",
    "asinh": "side(x) * where(abs(x) > 1e8, log(abs(x)) + LN2,"
    " log1p(abs(x) + x**2 / (1 + hypot(1, x))))",
    "acosh": "where(x > 1e8, log(x) + LN2, log1p(x - 1 + sqrt(x - 1) * sqrt(x + 1)))",
    "atanh": "log1p(2 * x / (1 - x)) / 2",
    "asin": "atan(x / sqrt((1 - x) * (1 + x)))",
    "acos": "2 * atan(sqrt((1 - x) / (1 + x)))",
    "atan": "where(abs(x) > 1, where(x < 0, -PI, PI) / 2 - near(1 / x), near(x))",
    "near": "4 * small(halved(halved(x)))",
    "halved": "x / (1 + sqrt(1 + x**2))",
    "small": f"x * {_nested(17, '(1 / (2 * n - 1) - x**2 * s)')}",
    "erf": "where(abs(x) < 2, inner(x), where(x < 0, tail(-x) - 1, 1 - tail(x)))",
    "erfc": "where(abs(x) < 2, 1 - inner(x), where(x < 0, 2 - tail(-x), tail(x)))",
    "inner": f"2 * x / SQRT_PI * exp(-x**2) * {_nested(50, '(1 + 2 * x**2 / (2 * n + 1) * s)')}",
    "tail": f"exp(-x**2) / SQRT_PI / {_nested(60, '(x + n / 2 / s)')}",
}
WORDS = NUMBERS | {"PI": pi}


class Nodes:
    """The nodes of one graph, each of which is made once; those of the graph around it are known.

    Numbers are initializers of the outermost graph."""

    def __init__(self, dtype: Any, around: "Nodes | None") -> None:
        self.dtype, self.nodes = dtype, list[Any]()
        self.made = MADE | (IN_FLOAT64 if dtype == np.float64 else {})
        self.known: ChainMap[Any, str] = ChainMap() if around is None else around.known.new_child()
        self.count: Iterator[int] = count() if around is None else around.count
        self.constants: list[Any] = [] if around is None else around.constants

    def node(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The name of what an operation makes of inputs, which is made once."""
        from onnx import helper

        key = kind, inputs, repr(attributes)
        if key not in self.known or name:
            self.known[key] = name or f"/n{next(self.count)}"
            made = helper.make_node(kind, [*inputs], [self.known[key]], **attributes)
            self.nodes.append(made)
        return self.known[key]

    def constant(self, numbers: Any, dtype: Any = None) -> str:
        from onnx import numpy_helper

        array = np.asarray(numbers, dtype or self.dtype)
        key = array.tobytes(), array.shape, array.dtype
        if key not in self.known:
            self.known[key] = f"/c{next(self.count)}"
            self.constants.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def index(self, numbers: Sequence[int]) -> str:
        return self.constant(numbers, np.int64)

    def shaped(self, x: str, shape: Sequence[int]) -> str:
        return self.node("Reshape", x, self.index(shape))

    def number(self, x: str) -> str:
        """A truth value as a number."""
        from onnx import helper

        return self.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(self.dtype))

    def truth(self, x: str) -> str:
        return self.node("Not", self.node("Equal", x, self.constant(0.0)))

    def over(self, kind: str, x: str, axis: int) -> str:
        return self.node(kind, x, self.index([axis]), keepdims=1)

    # Formulas

    def formula(self, text: str, words: dict[str, str]) -> str:
        """What a formula makes of arrays by name."""

        def number(node: ast.expr) -> str:
            made = of(node)
            return self.number(made) if is_truth(node) else made

        def test(node: ast.expr) -> str:
            return of(node) if is_truth(node) else self.truth(of(node))

        def of(node: ast.expr) -> str:
            match node:
                case ast.Constant(int() | float() as x):
                    return self.constant(float(x))
                case ast.Name(name):
                    return words[name] if name in words else self.constant(WORDS[name])
                case ast.UnaryOp(ast.USub(), x):
                    return self.node("Neg", number(x))
                case ast.UnaryOp(ast.Not(), x):
                    return self.node("Not", test(x))
                case ast.BinOp(x, ast.Pow(), ast.Constant(2)):
                    return self.node("Mul", number(x), number(x))
                case ast.BinOp(a, sign, b) if type(sign) in SIGNS:
                    return self.node(SIGNS[type(sign)], number(a), number(b))
                case ast.BinOp(a, sign, b):
                    name = "mod" if isinstance(sign, ast.Mod) else "floor_divide"
                    return self.formula(self.made[name], {"x": number(a), "z": number(b)})
                case ast.BoolOp(sign, [first, *rest]):
                    both = test(first)
                    for other in rest:
                        both = self.node(SIGNS[type(sign)], both, test(other))
                    return both
                case ast.Compare(a, [ast.NotEq()], [b]) if is_truth(a):
                    return self.node("Xor", of(a), of(b))
                case ast.Compare(a, [ast.NotEq()], [b]):
                    return self.node("Not", self.node("Equal", number(a), number(b)))
                case ast.Compare(a, [sign], [b]):
                    return self.node(SIGNS[type(sign)], number(a), number(b))
                case ast.Call(ast.Name("where"), [condition, a, b]):
                    return self.node("Where", test(condition), number(a), number(b))
                case ast.Call(ast.Name("sum" | "max" | "min" as name), [term]):
                    return self.over(OVER[name], number(term), 0)
                case ast.Call(ast.Name(name), operands):
                    return self.called(name, [number(x) for x in operands])
            raise NotImplementedError(ast.unparse(node))

        return of(ast.parse(text.strip(), mode="eval").body)

    def called(self, name: str, operands: list[str]) -> str:
        """A function of formulas."""
        if name in self.made:
            return self.formula(self.made[name], dict(zip("xz", operands, strict=False)))
        if name in SAME.split():
            return self.node(name.capitalize(), *operands)
        if name == "fmod":
            return self.node("Mod", *operands, fmod=1)
        if kind := {"rint": "Round", "larger": "Max", "pow": "Pow"}.get(name):
            return self.node(kind, *operands)
        op = OPS[name]
        return self.formula(op.result, dict(zip(op.names, operands, strict=True)))


def is_truth(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "whole":
        return True
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return negated or isinstance(node, (ast.Compare, ast.BoolOp))
