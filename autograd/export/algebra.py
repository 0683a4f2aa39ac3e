"""Expressions as a blackboard has them: sums, products and powers that simplify themselves, calls
of rows of the table, and derivatives by the rows' partials.

>>> x = Symbol("x")
>>> derivative(mul(x, x, Call("exp", (x,))), x) == add(
...     mul(Number(2.0), x, Call("exp", (x,))), mul(power(x, Number(2.0)), Call("exp", (x,)))
... )
True
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from autograd.debugging.grammar import OPERATORS
from autograd.engine.formula import NUMBERS
from autograd.engine.native.spelling import SIGNS
from autograd.engine.table import OPS


class Expression:
    """Any of those below; deep ones are looked up often, so that each keeps its hash."""

    def __post_init__(self) -> None:
        vars(self)["key"] = hash((type(self), *vars(self).values()))

    def __hash__(self) -> int:
        return vars(self)["key"]  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and vars(self) == vars(other))


@dataclass(frozen=True, eq=False)
class Number(Expression):
    x: float


@dataclass(frozen=True, eq=False)
class Symbol(Expression):
    name: str


@dataclass(frozen=True, eq=False)
class Sum(Expression):
    terms: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Product(Expression):
    """A number, and factors that are none."""

    number: float
    factors: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Power(Expression):
    base: Expression
    exponent: Expression


@dataclass(frozen=True, eq=False)
class Call(Expression):
    """A row of the table, by name."""

    name: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Truth(Expression):
    """1 where a comparison holds, else 0: Iverson's brackets."""

    sign: str
    a: Expression
    b: Expression


ZERO, ONE, TWO, MINUS, HALF = map(Number, (0.0, 1.0, 2.0, -1.0, 0.5))
OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
# Partials that a blackboard has otherwise; the table's keep more digits, or say more of corners.
BOARD = {
    "sigmoid": ("y * (1 - y)",),
    "maximum": ("(a > b) + (a == b) / 2", "(b > a) + (a == b) / 2"),
    "minimum": ("(a < b) + (a == b) / 2", "(b < a) + (a == b) / 2"),
    "atan2": ("b / (a**2 + b**2)", "-a / (a**2 + b**2)"),
    "xlogy": ("log(b)", "a / b"),
}


def add(*terms: Expression) -> Expression:
    """A sum: like terms are one, numbers come last."""
    found, number = dict[Expression, float](), 0.0
    for term in terms:
        for part in term.terms if isinstance(term, Sum) else (term,):
            if isinstance(part, Number):
                number += part.x
                continue
            times, rest = _split(part)
            found[rest] = found.get(rest, 0.0) + times
    kept = [mul(Number(times), rest) for rest, times in found.items() if times]
    if number or not kept:
        kept.append(Number(number))
    return kept[0] if len(kept) == 1 else Sum(tuple(kept))


def mul(*factors: Expression) -> Expression:
    """A product: powers of one base are one, and 0 is 0 whatever it multiplies."""
    number, found = 1.0, dict[Expression, Expression]()
    for factor in factors:
        times, rest = _split(factor)
        number *= times
        for part in rest.factors if isinstance(rest, Product) else (rest,):
            base, exponent = (part.base, part.exponent) if isinstance(part, Power) else (part, ONE)
            if base != ONE:
                found[base] = add(found[base], exponent) if base in found else exponent
    parts = [part for base, e in found.items() if (part := power(base, e)) != ONE]
    if not number:
        return ZERO
    if any(isinstance(part, (Number, Product)) for part in parts):  # powers that became numbers
        return mul(Number(number), *parts)
    if not parts:
        return Number(number)
    if number == 1 and len(parts) == 1:
        return parts[0]
    if len(parts) == 1 and isinstance(parts[0], Sum) and number == -1:
        return Sum(tuple(mul(MINUS, term) for term in parts[0].terms))
    return Product(number, tuple(parts))


def power(base: Expression, exponent: Expression) -> Expression:
    """A power, where it is none a number, or the base itself."""
    if exponent == ONE or base == ONE:
        return base
    if exponent == ZERO:
        return ONE
    match base, exponent:
        case Number(x), Number(n) if x and n.is_integer():
            return Number(x**n)
        case Power(inner, Number(m)), Number(n) if n.is_integer():
            return power(inner, Number(m * n))
        case Product(x, factors), Number(n) if n.is_integer():
            return mul(Number(x**n), *(power(factor, exponent) for factor in factors))
    return Power(base, exponent)


def _split(term: Expression) -> tuple[float, Expression]:
    """A term as a number times the rest."""
    if isinstance(term, Number):
        return term.x, ONE
    if isinstance(term, Product) and term.number != 1:
        rest = term.factors
        return term.number, rest[0] if len(rest) == 1 else Product(1.0, rest)
    return 1.0, term


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
    """A row on operands and constants, written with signs where a blackboard has them."""
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
