"""What ONNX calls the functions of formulas, and of what it makes those that it lacks."""

import ast
from math import pi

from autograd.engine.formula import NUMBERS

SAME = "abs acos acosh asin asinh atan atanh ceil cos cosh erf exp floor log sin sinh sqrt tan tanh"
SIGNS: dict[type[ast.AST], str] = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul", ast.Div: "Div"}
SIGNS |= {ast.Pow: "Pow", ast.Lt: "Less", ast.LtE: "LessOrEqual", ast.Gt: "Greater"}
SIGNS |= {ast.GtE: "GreaterOrEqual", ast.Eq: "Equal", ast.And: "And", ast.Or: "Or"}
OVER = {"sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
ACROSS_ALL = {"batch_total": "ReduceSum", "batch_mean": "ReduceMean", "batch_max": "ReduceMax"}
# What the standard lacks, of what it has; u is 1 + x, or exp(x), as it was rounded.
MADE = {
    "log1p": "where(1 + x == 1, x, log(1 + x) * x / (1 + x - 1))",
    "expm1": "where(exp(x) == 1, x, where(exp(x) - 1 == -1, -1, (exp(x) - 1) * x / log(exp(x))))",
    "erfc": "1 - erf(x)",
    "exp2": "2**x",
    "log2": "log(x) / LN2",
    "log10": "log(x) / LN10",
    "trunc": "where(x < 0, ceil(x), floor(x))",
    "whole": "floor(x) == x",
    "mod": "where(fmod(x, z) == 0, 0 * z, where((fmod(x, z) < 0) != (z < 0),"
    " fmod(x, z) + z, fmod(x, z)))",
    "floor_divide": "rint((x - mod(x, z)) / z)",
    "hypot": "where(larger(abs(x), abs(z)) == 0, 0, larger(abs(x), abs(z)) * sqrt("
    "(x / larger(abs(x), abs(z)))**2 + (z / larger(abs(x), abs(z)))**2))",
    "cbrt": "refined(x, where(x < 0, -1, 1) * abs(x)**(1 / 3))",
    "refined": "where(z == 0, x, z - (z - x / (z * z)) / 3)",
    "atan2": "where(z > 0, atan(x / z), where(z < 0, atan(x / z) + where(x < 0, -PI, PI),"
    " where(x > 0, PI / 2, where(x < 0, -PI / 2, x))))",
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
    "asinh": "where(x < 0, -1, 1) * log1p(abs(x) + x**2 / (1 + hypot(1, x)))",
    "acosh": "log1p(x - 1 + sqrt((x - 1) * (x + 1)))",
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
