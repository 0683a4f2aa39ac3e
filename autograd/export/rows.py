"""Rows of the table in textbook notation, and derivatives by their partials.

>>> x = Symbol("x")
>>> derivative(mul(x, x, Call("exp", (x,))), x) == add(
...     mul(Number(2.0), x, Call("exp", (x,))), mul(power(x, Number(2.0)), Call("exp", (x,)))
... )
True
"""

import ast
from collections.abc import Callable, Mapping
from functools import cache

from autograd.debugging.grammar import OPERATORS
from autograd.engine.formula import NUMBERS
from autograd.engine.native.spelling import SIGNS
from autograd.engine.table import OPS
from autograd.export.algebra import (
    HALF,
    MINUS,
    ONE,
    TWO,
    ZERO,
    Call,
    Expression,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Truth,
    add,
    mul,
    power,
)

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
# Partials that textbooks write otherwise; the table's keep more digits, or say more of corners.
BOARD = {
    "sigmoid": ("y * (1 - y)",),
    "maximum": ("(a > b) + (a == b) / 2", "(b > a) + (a == b) / 2"),
    "minimum": ("(a < b) + (a == b) / 2", "(b < a) + (a == b) / 2"),
    "atan2": ("b / (a**2 + b**2)", "-a / (a**2 + b**2)"),
    "xlogy": ("log(b)", "a / b"),
}


def _where(test: Expression, a: Expression, b: Expression) -> Expression:
    return a if a == b else add(mul(test, a), mul(_opposite(test), b))


def _opposite(test: Expression) -> Expression:
    if isinstance(test, Truth):
        return Truth(OPPOSITE[test.sign], test.a, test.b)
    return add(ONE, mul(MINUS, test))


# Rows that are written with signs, or as others are.
SPELLED: dict[str, Callable[..., Expression]] = {
    "add": add,
    "subtract": lambda a, b: add(a, mul(MINUS, b)),
    "multiply": mul,
    "divide": lambda a, b: mul(a, power(b, MINUS)),
    "negative": lambda x: mul(MINUS, x),
    "positive": lambda x: x,
    "reciprocal": lambda x: power(x, MINUS),
    "square": lambda x: power(x, TWO),
    "power": power,
    "pow": power,
    "sqrt": lambda x: power(x, HALF),
    "where": lambda a, b, condition: _where(condition, a, b),
    "softplus": lambda x: Call("log", (add(ONE, Call("exp", (x,))),)),
    "log_sigmoid": lambda x: Call("log", (Call("sigmoid", (x,)),)),
    "silu": lambda x: mul(x, Call("sigmoid", (x,))),
    "relu": lambda x: Call("maximum", (ZERO, x)),
    "expm1": lambda x: add(Call("exp", (x,)), MINUS),
    "log1p": lambda x: Call("log", (add(ONE, x),)),
    "hypot": lambda a, b: power(add(power(a, TWO), power(b, TWO)), HALF),
    "exp2": lambda x: power(TWO, x),
    "total": lambda *x: add(*x),
    "mean": lambda *x: mul(Number(1 / len(x)), add(*x)),
    "logsumexp": lambda *x: Call("log", (add(*(Call("exp", (each,)) for each in x)),)),
}


CONSTANTS = {
    "LN2": Call("log", (TWO,)),
    "LN10": Call("log", (Number(10.0),)),
    "SQRT_2": power(TWO, HALF),
    "SQRT_PI": power(Symbol("pi"), HALF),
    "SQRT_2PI": power(mul(TWO, Symbol("pi")), HALF),
}


def applied(name: str, operands: tuple[Expression, ...]) -> Expression:
    """A row on operands and constants, written with signs where textbooks have them."""
    return SPELLED[name](*operands) if name in SPELLED else Call(name, operands)


def derivative(y: Expression, by: Symbol) -> Expression:
    """The derivative by a symbol, by the rows' partials."""

    @cache
    def of(e: Expression) -> Expression:
        match e:
            case Symbol():
                return ONE if e == by else ZERO
            case Sum(terms):
                return add(*map(of, terms))
            case Product(number, factors):
                moving = [(i, dx) for i, x in enumerate(factors) if (dx := of(x)) != ZERO]
                each = [(*factors[:i], dx, *factors[i + 1 :]) for i, dx in moving]
                return add(*(mul(Number(number), *changed) for changed in each))
            case Power(base, exponent):
                if of(exponent) == ZERO:
                    less = power(base, add(exponent, MINUS))
                    return mul(exponent, less, of(base))
                inside = mul(of(exponent), Call("log", (base,)))
                return mul(e, add(inside, mul(exponent, of(base), power(base, MINUS))))
            case Call("maximum", (Number(), _) as operands) if operands[0] == ZERO:  # relu
                return mul(Truth(">", operands[1], ZERO), of(operands[1]))
            case Call(name, operands):
                op = OPS[name]
                words = dict(zip(op.names, operands, strict=True)) | {"y": e}
                partials = zip(BOARD.get(name, op.partials), map(of, operands), strict=False)
                return add(*(mul(read(text, words), dx) for text, dx in partials if dx != ZERO))
        return ZERO

    return of(y)


def read(text: str, words: Mapping[str, Expression]) -> Expression:
    """A formula of a row as an expression."""

    def of(node: ast.expr) -> Expression:
        match node:
            case ast.Constant(int() | float() as x):
                return Number(float(x))
            case ast.Name(name):
                return words.get(name) or CONSTANTS.get(name) or Number(NUMBERS[name])
            case ast.UnaryOp(ast.Not(), x):
                return _opposite(of(x))
            case ast.UnaryOp(sign, x):
                return applied(OPERATORS[type(sign)], (of(x),))
            case ast.BinOp(a, sign, b):
                return applied(OPERATORS[type(sign)], (of(a), of(b)))
            case ast.Compare(a, [sign], [b]):
                return Truth(SIGNS[type(sign)], of(a), of(b))
            case ast.BoolOp(ast.And(), tests):
                return mul(*map(of, tests))
            case ast.BoolOp(ast.Or(), tests):
                return _opposite(mul(*(_opposite(of(test)) for test in tests)))
            case ast.Call(ast.Name("where"), [test, a, b]):
                return _where(of(test), of(a), of(b))
            case ast.Call(ast.Name(name), operands):
                return applied(name, tuple(map(of, operands)))
        raise NotImplementedError(ast.unparse(node))

    return of(ast.parse(text.strip(), mode="eval").body)
