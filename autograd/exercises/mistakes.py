"""Wrong partials: what comes out where a formula has lost a factor, a square, a sign or a term, or
has the result in place of its operand. They are made from the rows of the table of operations."""

import ast
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, NamedTuple

from autograd.debugging.formulas import evaluated, with_names
from autograd.debugging.step import Contribution
from autograd.engine.formula import words_in
from autograd.engine.notation import short
from autograd.exercises.questions import blackboard, group_of

__all__ = ["Mistake", "wrong_partials"]

# Rules of other functions that are taken for that of this one.
CONFUSED = {
    ("tanh", 0): {"y * (1 - y)": "that is the rule for sigmoid"},
    ("sigmoid", 0): {"1 - y**2": "that is the rule for tanh"},
    ("exp", 0): {"x * exp(x - 1)": "that is the rule for powers, and here the exponent varies"},
    ("pow", 1): {"b * a**(b - 1)": "that is the rule for powers, and here the exponent varies"},
}
# What is taken for what: the result for the operand, one operand for the other.
SWAPS = [("y", "x"), ("x", "y"), ("a", "b"), ("b", "a"), ("y", "a"), ("y", "b")]


class Mistake(NamedTuple):
    """A wrong partial: its number, what kind of slip it is, and a sentence."""

    partial: float
    kind: str
    why: str


def wrong_partials(use: Contribution) -> list[Mistake]:
    """The wrong partials of one use of an operand.

    >>> from autograd import Value, tanh
    >>> from autograd.debugging.names import Names
    >>> from autograd.exercises.questions import steps_of
    >>> y = tanh(Value(0.5, "x"))
    >>> (use,) = steps_of(y, Names(y))
    >>> for mistake in wrong_partials(use)[:3]:
    ...     print(f"{mistake.partial:.4f} {mistake.why}")
    1.2136 the sign before y**2 is wrong
    1.0000 the term y**2 is missing
    0.2136 the term 1 is missing
    """
    result = use.result
    assert result.op is not None
    at = (result.op.name, group_of(use))
    text, words = blackboard(use)
    if "sum(" in text:  # over all operands: not a formula of this use alone
        return []
    found = [*_mutated(use, text, words), *CONFUSED.get(at, {}).items()]
    mistakes = []
    for wrong, why in found:
        kind = "constant factor" if why.startswith("the constant factor") else "wrong partial"
        partial = float(evaluated(result, wrong, words))
        if isfinite(partial) and partial != use.partial:
            mistakes.append(Mistake(partial, kind, why))
    return mistakes


def _mutated(use: Contribution, text: str, words: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each wrong text with its sentence; of a definition by cases, from the case that holds."""
    result, names = use.result, use.names
    tree = ast.parse(text, mode="eval").body
    by_cases = result.op is not None and _is_where(ast.parse(result.op.result, mode="eval").body)
    while _is_where(tree):
        condition, yes, no = tree.args  # type: ignore[attr-defined]
        holds = evaluated(result, ast.unparse(condition), words)
        tree, other = (yes, no) if holds else (no, yes)
        if by_cases and not _is_where(other):
            at = f"{names[use.operand]} = {short(use.operand.data)}"
            yield ast.unparse(other), f"that is the other case: look at {at}"

    def written(piece: ast.expr) -> str:
        return with_names(ast.unparse(piece), result, words, names)

    for wrong, sentence, piece in _reduced(tree):
        yield ast.unparse(wrong), sentence.format(written(piece))
    met = words_in(tree)
    for old, new in SWAPS if not any(isinstance(node, ast.Call) for node in ast.walk(tree)) else ():
        if old in met and new in words and new not in met:
            right, wrong_word = (written(ast.Name(word)) for word in (old, new))
            sentence = f"{wrong_word} is used where the formula has {right}"
            if text in ("a", "b"):
                sentence = f"the other factor, {right}, is due"
            yield re.sub(rf"\b{old}\b", new, ast.unparse(tree)), sentence


def _is_where(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "where"


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
    inside = {"left", "right", "operand"} - ({"right"} if _is_power(node) else set())
    for name, inner in ast.iter_fields(node):
        for wrong, sentence, piece in _reduced(inner) if name in inside else ():
            yield type(node)(**{**dict(ast.iter_fields(node)), name: wrong}), sentence, piece


def _is_power(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def _factor(lost: ast.expr) -> str:
    constant = isinstance(lost, ast.Constant) or ast.unparse(lost) == "n"
    return f"the {'constant ' * constant}factor {{}} is missing"
