"""Expressions and their derivatives in LaTeX, in textbook notation."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.debugging.names import Names, Variables, wrapped
from autograd.engine.errors import GraphError
from autograd.engine.notation import described
from autograd.engine.table import TRUTHS
from autograd.engine.value import Value
from autograd.export.algebra import (
    HALF,
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
)
from autograd.export.rows import applied, derivative

MOST = 1000  # terms at most in a formula

GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
GREEK += " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
# Functions that LaTeX knows, and those that have another name there.
KNOWN = "arccos arcsin arctan cos cosh exp log max min sin sinh tan tanh"
NAMES = {"acos": "arccos", "asin": "arcsin", "atan": "arctan", "maximum": "max", "minimum": "min"}
NAMES |= {"acosh": "arcosh", "asinh": "arsinh", "atanh": "artanh", "largest": "max"}
NAMES |= {"smallest": "min", "sign": "sgn", "logaddexp": "logaddexp", "pow": "pow"}
AROUND = {"abs": ("|", "|"), "floor": (r"\lfloor ", r"\rfloor"), "ceil": (r"\lceil ", r"\rceil")}
COMPARED = {"<": "<", ">": ">", "<=": r"\leq", ">=": r"\geq", "==": "=", "!=": r"\neq"}


class Latex(str):
    """A formula in LaTeX, which notebooks show as such."""

    __slots__ = ()

    def _repr_latex_(self) -> str:
        return f"$$\\displaystyle {self}$$"


def latex(y: Value, by: Value | str | None = None) -> Latex:
    """A recorded value in LaTeX, in the names of its leaves; or its derivative by a value that it
    is made of, which may be given by name. ``y.latex(x)`` is the same.

    Names are labels, else those of your variables. Raises GraphError for a formula of too many
    terms, and for a value that y is not made of.

    >>> from autograd import Value, tanh
    >>> w, x, b = Value(-1.2), Value(0.5), Value(0.3)
    >>> y = tanh(w * x + b)
    >>> print(latex(y))
    y = \\tanh(w x + b)
    >>> print(latex(y, w))
    \\frac{\\partial y}{\\partial w} = x \\, \\operatorname{sech}^{2}(w x + b)
    """
    if not isinstance(y, Value) or not (by is None or isinstance(by, (str, Value))):
        wrong = by if isinstance(y, Value) else y
        raise TypeError(f"latex needs a recorded Value, got {described(wrong)}")
    found = Variables()
    names = Names(y, found=found)
    if isinstance(by, str):
        by = names.find(by)[0]
    if by is not None and by not in names:
        raise GraphError(f"latex needs a value that y is made of to differentiate by, got {by!r}")
    known, terms = dict[Any, Any](), dict[Value, int]()
    for v in names:
        terms[v] = 1 + sum(map(terms.__getitem__, v.operands))
        need_few(terms[v])
        known[v] = Symbol(names[v]) if v is by or v.op is None else Number(v.data)
        if v.operands and v is not by:
            bundles = [[known[operand] for operand in many] for many in v.bundles]
            known[v] = combined(v.op, bundles, [Number(c) for c in v.constants])
    return equation(found.label(y) if y.operands else "", known[y], known.get(by))


def need_few(terms: int) -> None:
    """Refuse more than MOST terms, once all that is used twice is written twice."""
    if terms > MOST:
        needed = f"LaTeX needs a formula of at most {MOST:,} terms once it is written out"
        raise GraphError(f"{needed}, got {terms:,}: take a part of it")


def combined(
    op: Any, bundles: Sequence[Sequence[Expression]], constants: Sequence[Expression]
) -> Expression:
    """What a row makes of operands, a bundle for each of its names, and constants."""
    if op.name == "dot":
        a, b, *c = bundles
        return add(*map(mul, a, b), *(x for some in c for x in some))
    operands = [x for many in bundles for x in many]
    if op in TRUTHS.values():
        return Truth(op.symbol, *operands)
    if op.vocabulary:
        raise GraphError(f"latex has no word for {op.name}, which calls a function of Python")
    return applied(op.name, (*operands, *constants))


def equation(name: str, y: Expression, by: Symbol | None = None) -> Latex:
    """``name = y``, or its derivative."""
    try:
        text = written(y if by is None else derivative(y, by))
    except NotImplementedError as error:
        raise GraphError(f"latex has no words for {error} in this derivative") from None
    except RecursionError:
        deep = "LaTeX needs a formula of fewer operations in one another: take a part of it"
        raise GraphError(deep) from None
    if by is None:
        return Latex(f"{symbol(name)} = {text}" if name else text)
    of = written(Symbol(name)) if name else "f"
    return Latex(rf"\frac{{\partial {of}}}{{\partial {written(by)}}} = {text}")


def symbol(name: str) -> str:
    """A name: Greek letters, indices, and of several of one name the number above."""
    name, _, which = name.partition("#")
    parts = re.findall(r"[^\W\d_]+|\d+", name.replace("_", " "))
    if not parts or wrapped(name) != name:
        return rf"\mathrm{{{_escaped(name)}}}"
    head = f"\\{parts[0]}" if parts[0] in GREEK.split() else _upright(parts[0])
    index = ",".join(map(_upright, parts[1:]))
    return head + f"_{{{index}}}" * bool(index) + f"^{{({which})}}" * bool(which)


def _upright(word: str) -> str:
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"


def _escaped(text: str) -> str:
    return re.sub(r"([#$%&_{} ])", r"\\\1", re.sub(r"[\\~]", "", text)).replace("^", r"{\wedge}")


def written(e: Expression) -> str:
    """An expression in LaTeX."""
    match e:
        case Number(x):
            return _number(x)
        case Symbol(name):
            return symbol(name) if wrapped(name) == name else rf"\left({symbol(name)}\right)"
        case Sum(terms):
            texts = [*map(written, terms)]
            first = next((i for i, text in enumerate(texts) if text[0] != "-"), 0)
            texts.insert(0, texts.pop(first))  # b - a, not -a + b
            return " + ".join(texts).replace("+ -", "- ")
        case Product():
            return _product(e)
        case Power(base, exponent):
            return _power(base, exponent)
        case Truth(sign, a, b):
            return f"[{written(a)} {COMPARED[sign]} {written(b)}]"
        case Call("exp", (x,)):
            return f"e^{{{written(x)}}}"
        case Call("cbrt", (x,)):
            return rf"\sqrt[3]{{{written(x)}}}"
        case Call(name, (x,)) if name in AROUND:
            left, right = AROUND[name]
            return rf"\left{left}{written(x)}\right{right}"
        case Call("log2" | "log10" as name, (x,)):
            return rf"\log_{{{name[3:]}}}({written(x)})"
        case Call("sigmoid", (x,)):
            return rf"\sigma({written(x)})"
        case Call("floor_divide", (a, b)):
            return rf"\left\lfloor \frac{{{written(a)}}}{{{written(b)}}}\right\rfloor"
        case Call("mod", (a, b)):
            return rf"{_wrapped(a)}\ \mathrm{{mod}}\ {_wrapped(b)}"
        case Call(name, operands):
            name = NAMES.get(name, name).replace("_", " ")
            known = name in KNOWN.split()
            head = f"\\{name}" if known else rf"\operatorname{{{_escaped(name)}}}"
            return f"{head}({', '.join(map(written, operands))})"
    raise NotImplementedError(type(e).__name__)


def _number(x: float) -> str:
    if x - x:
        return r"\mathrm{nan}" if x != x else r"\infty" if x > 0 else r"-\infty"
    text = f"{x:.12g}"
    digits, _, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


def _wrapped(e: Expression) -> str:
    """A factor, in parentheses where it needs them."""
    text = written(e)
    needs = isinstance(e, Sum) or text.startswith("-") or (isinstance(e, Call) and e.name == "mod")
    return rf"\left({text}\right)" if needs else text


def _power(base: Expression, exponent: Expression) -> str:
    if isinstance(exponent, Number) and exponent.x < 0:
        return _product(Product(1.0, (Power(base, exponent),)))
    if exponent == HALF:
        return rf"\sqrt{{{written(base)}}}"
    if isinstance(base, Call) and base.name == "exp":
        return written(Call("exp", (mul(exponent, base.operands[0]),)))
    raised = f"^{{{written(exponent)}}}"
    if isinstance(base, Call) and len(base.operands) == 1 and base.name not in (*AROUND, "cbrt"):
        head, _, rest = written(base).partition("(")
        if "^" not in head and "_" not in head:
            return f"{head}{raised}({rest}"
    text = written(base)
    plain = isinstance(base, (Symbol, Number)) and "^" not in text and text[0] != "-"
    if plain or (isinstance(base, Call) and base.name in AROUND):
        return text + raised
    return rf"\left({text}\right)" + raised


def _product(e: Product) -> str:
    above, below = list[Expression](), list[Expression]()
    for factor in e.factors:
        match factor:
            case Power(base, Number(n)) if n < 0:
                below.append(base if n == -1 else Power(base, Number(-n)))
            case _:
                above.append(factor)
    number, sign = abs(e.number), "-" * (e.number < 0)
    under = 1 / number if 0 < number < 1 and (1 / number).is_integer() else 1.0
    over = number * under if under != 1 else number
    if not below and under == 1:
        return sign + _factors(over, above)
    return rf"{sign}\frac{{{_factors(over, above)}}}{{{_factors(under, below)}}}"


def _factors(number: float, factors: Sequence[Expression]) -> str:
    """Factors side by side: the number, names, sums, functions."""
    parts = [_number(number)] if number != 1 or not factors else []
    alone = not parts and len(factors) == 1
    for factor in sorted(factors, key=_rank):
        text = written(factor) if alone else _wrapped(factor)
        is_function = re.match(r"\\(?!left|frac|sqrt|sigma)[a-z]", text) and _rank(factor) == 1
        dot = r"\cdot " if text[:1].isdigit() else r"\, " if is_function else ""
        dot *= bool(parts)
        parts.append(dot + text)
    return " ".join(parts)


def _rank(e: Expression) -> int:
    inside = e.base if isinstance(e, Power) else e
    kinds: Mapping[type, int] = {Symbol: 0, Number: 0, Sum: 2, Truth: 3}
    return kinds.get(type(inside), 1)
