"""What usually goes wrong with a contribution to a grad, partial * grad of the result: edits of the
two factors, and of the formula of the partial. Quizzes and pages read this one list."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from autograd.engine.formula import words_in
from autograd.engine.table import Op

VALUE = "{result} itself is used in place of its partial by {operand}"
# The kind; what stands for the partial p and the grad g of the result y; and a sentence.
EDITS = (
    ("outer factor", "p", "1", "the outer factor is missing: the partial is multiplied by {grad}"),
    ("partial left out", "1", "g", "the partial of {result} is left out"),
    ("sign", "-p", "g", "the sign of the partial of {result} is wrong"),
    ("value for partial", "y", "g", VALUE),
)
SHARE = 0.005  # three significant digits: what an answer may differ by, as a share of the number;
ROUNDING = 0.0005  # and as one of what is added up: each number is shown with four digits
SAID = {
    "few": "correct so far: give three digits, or an expression",
    "unknown": "not correct, and I do not recognise this one",
    "partial": "in the partial of {result} by {operand}, {why}",
    "alone": "you forgot to add: that is the contribution by way of {result} alone",
    "too": "{why}, and you forgot to add",
    "multiplied": "contributions add up: they do not multiply",
}

# The textbook's formula of a partial, where the row has one that keeps more digits; by the row,
# and which of its operands.
TEXTBOOK = {
    ("tanh", 0): "1 - y**2",
    ("sigmoid", 0): "y * (1 - y)",
    ("divide", 1): "-(a / b**2)",
    ("reciprocal", 0): "-(1 / x**2)",
    ("sqrt", 0): "1 / (2 * y)",
    ("power", 0): "n * x**(n - 1)",
}
# Rules of other functions that are confused with that of this one.
VARIES = "that is the rule for powers, and here the exponent varies"
CONFUSED = {
    ("tanh", 0): ("y * (1 - y)", "that is the rule for sigmoid"),
    ("sigmoid", 0): ("1 - y**2", "that is the rule for tanh"),
    ("exp", 0): ("x * exp(x - 1)", VARIES),
    ("pow", 1): ("b * a**(b - 1)", VARIES),
}
# What is confused: the result with the operand, one operand with the other.
SWAPS = [("y", "x"), ("x", "y"), ("a", "b"), ("b", "a"), ("y", "a"), ("y", "b")]


class Mistake(NamedTuple):
    """A wrong partial in the words of its row, nan where it cannot be made; and a sentence with {}
    for each of the pieces."""

    text: str
    why: str
    pieces: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What kind of slip it is."""
        return "constant factor" if self.why.startswith("the constant factor") else "wrong partial"


def textbook(op: Op, group: int) -> str:
    """The formula of a partial as textbooks have it."""
    return TEXTBOOK.get((op.name, group), op.partials[group])


@cache
def mistakes(op: Op, group: int) -> tuple[Mistake, ...]:
    """What comes out as the partial by one of a row's operands where its formula has lost a factor,
    a square, a sign or a term, or has the result in place of its operand.

    >>> from autograd import OPS
    >>> for mistake in mistakes(OPS["tanh"], 0)[:3]:
    ...     print(mistake.text, mistake.why.format(*mistake.pieces), sep=": ")
    1 + y ** 2: the sign before y ** 2 is wrong
    1: the term y ** 2 is missing
    y ** 2: the term 1 is missing
    """
    text = textbook(op, group)
    if "sum(" in text:  # over all operands: not a formula of this use alone
        return ()
    words = {"y", *(name.lstrip("*") for name in op.operands)}
    by_cases = op.operands[group].lstrip("*") if op.result.startswith("where") else ""
    found = [*_mutated(ast.parse(text, mode="eval").body, words, by_cases)]
    return (*found, *(Mistake(*CONFUSED[at]) for at in [(op.name, group)] if at in CONFUSED))


def _mutated(tree: ast.expr, words: set[str], by_cases: str) -> Iterator[Mistake]:
    """Of a definition by cases, each case where it holds; by_cases names what decides."""
    match tree:
        case ast.Call(ast.Name("where"), [condition, a, b]):
            holds = ast.unparse(condition)
            first, second = f"where({holds}, {{}}, nan)", f"where({holds}, nan, {{}})"
            for case, other, guard in (a, b, first), (b, a, second):
                if by_cases and not ast.unparse(other).startswith("where("):
                    text = guard.format(ast.unparse(other))
                    yield Mistake(text, "that is the other case: look at {}", (by_cases,))
                for mistake in _mutated(case, words, by_cases):
                    yield mistake._replace(text=guard.format(mistake.text))
            return
    for wrong, why, piece in _reduced(tree):
        yield Mistake(ast.unparse(wrong), why, (ast.unparse(piece),))
    whole, met = ast.unparse(tree), words_in(tree)
    calls = any(isinstance(node, ast.Call) for node in ast.walk(tree))
    for old, new in () if calls else SWAPS:
        if old in met and new in words and new not in met:
            text = re.sub(rf"\b{old}\b", new, whole)
            if whole in ("a", "b"):
                yield Mistake(text, "the partial is the other factor, {}", (old,))
            else:
                yield Mistake(text, "{} is used where the formula has {}", (new, old))


def _reduced(node: ast.expr) -> Iterator[tuple[ast.expr, str, ast.expr]]:
    """The formula with a part lost or a sign turned, in each place: a sentence, and the part."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            for lost, kept in ((left, right), (right, left)):
                yield kept, _factor(lost), lost
        case ast.BinOp(left, ast.Div(), right):
            yield left, "the division by {} is missing", right
            if ast.unparse(left) != "1":
                yield ast.BinOp(ast.Constant(1), ast.Div(), right), _factor(left), left
        case ast.BinOp(left, ast.Add() | ast.Sub() as sign, right):
            turned = ast.Add() if isinstance(sign, ast.Sub) else ast.Sub()
            yield ast.BinOp(left, turned, right), "the sign before {} is wrong", right
            yield left, "the term {} is missing", right
            yield right, "the term {} is missing", left
        case ast.BinOp(base, ast.Pow(), ast.Constant(2)):
            yield base, "the square of {} is missing", base
            yield ast.Call(ast.Name("abs"), [base], []), "the square of {} is missing", base
        case ast.BinOp(base, ast.Pow(), ast.BinOp(n, ast.Sub(), ast.Constant(1)) as exponent):
            yield ast.BinOp(base, ast.Pow(), n), "the exponent goes down by one", base
            yield base, "the exponent {} is missing", exponent
    # Nobody errs in the exponent or the argument of a function alone.
    power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    inside = {"left", "right", "operand"} - ({"right"} if power else set())
    for name, inner in ast.iter_fields(node):
        for wrong, why, piece in _reduced(inner) if name in inside else ():
            yield type(node)(**{**dict(ast.iter_fields(node)), name: wrong}), why, piece


def _factor(lost: ast.expr) -> str:
    constant = isinstance(lost, ast.Constant) or ast.unparse(lost) == "n"
    return f"the {'constant ' * constant}factor {{}} is missing"
