"""Expressions in textbook notation: sums, products and powers that simplify themselves.

>>> x = Symbol("x")
>>> add(mul(x, x), power(x, TWO)) == mul(TWO, power(x, TWO))
True
"""

from dataclasses import dataclass


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
