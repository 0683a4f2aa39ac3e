"""The formulas of a graph in textbook notation: results and partials as their rows have them, with
names or numbers put in."""

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograd.debugging.names import Names, wrapped
from autograd.debugging.paths import Edge
from autograd.engine.formula import EDGE, formula, words_in
from autograd.engine.notation import expression, short
from autograd.engine.table import Op
from autograd.engine.value import Value

TERMS = 3  # of a sum, before it is shortened


def partial_text(result: Value, place: int, names: Names) -> str:
    """The partial of a result by one of its operands as its row has it, with the names put in.

    Of a ``where`` only the branch is written that the numbers choose.

    >>> from autograd import relu
    >>> x = Value(2.0, "x")
    >>> y = x**3 / relu(x)
    >>> partial_text(y, 0, Names(y)), partial_text(y.operands[0], 0, Names(y))
    ('1 / relu', '3 * x**2')
    """
    text, words = row_partial(result, place)
    return with_names(text, result, words, names)


def with_names(text: str, result: Value, words: dict[str, Any], names: Names) -> str:
    """A text in the words of a row, with the names put in; a sum is put into parentheses."""
    assert result.op is not None
    decision, texts = choices(text)
    chosen = int(evaluated(result.op, decision, words)) if len(texts) > 1 else 0
    spelled = {w: names[x] if isinstance(x, Value) else short(x) for w, x in words.items()}
    return put_in(result.op, texts[chosen], spelled, words)


def put_in(op: Op, text: str, spelled: Mapping[str, str], words: Mapping[str, Any]) -> str:
    """A formula of a row, its words spelled so; words holds their numbers, first that of y. Of a
    ``where`` that constants decide only that branch is written."""
    tree = _Blackboard(op, spelled, words).visit(ast.parse(text, mode="eval")).body
    written = re.sub(r"\((\([^()]*\))\)", r"\1", ast.unparse(tree).replace(" ** ", "**"))
    sum_like = isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
    return f"({written})" if sum_like else written


@cache
def choices(text: str, first: int = 0) -> tuple[str, tuple[str, ...]]:
    """What is left of a formula for each choice of its ``where``s, and the formula of the choice.

    >>> choices("where(x <= 0, 0, 2 * x)")
    ('where(x <= 0, 0, 1)', ('(0)', '(2 * x)'))
    """
    for node in ast.walk(ast.parse(text, mode="eval")):
        match node:
            case ast.Call(ast.Name("where"), parts):
                condition, a, b = map(ast.unparse, parts)
                whole, this = ast.unparse(ast.parse(text, mode="eval")), ast.unparse(node)
                p, of_a = choices(whole.replace(this, f"({a})"), first)
                q, of_b = choices(whole.replace(this, f"({b})"), first + len(of_a))
                return f"where({condition}, {p}, {q})", of_a + of_b
    return str(first), (text,)


def result_text(result: Value, spelled: Callable[[Value], str]) -> str:
    """The formula of a result, its operands spelled by a function; long sums are shortened.

    >>> from autograd import dot
    >>> y = dot([Value(1.0, "p"), Value(2.0, "q")], [3.0, -4.0], 0.5)
    >>> result_text(y, Names(y).__getitem__)
    'p * 3 + q * (-4) + 0.5'
    """
    op, bundles = result.op, result.bundles
    assert op is not None
    if op.name not in ("total", "mean", "dot"):
        return expression(op, [spelled(v) for v in result.operands], map(short, result.constants))
    factors = bundles[:2] if op.name == "dot" else bundles[:1]
    count = len(factors[0])
    shown = range(count) if count <= TERMS else (*range(TERMS - 1), count - 1)
    terms = [" * ".join(wrapped(spelled(many[i])) for many in factors) for i in shown]
    if count > TERMS:
        terms.insert(-1, "...")
    text = " + ".join(terms + [wrapped(spelled(v)) for many in bundles[2:] for v in many])
    return f"({text}) / {count}" if op.name == "mean" else text


def derivation(edge: Edge, names: Names) -> str:
    """A partial in full: ``d(relu)/dn = 0 at n = -0.31``, ``d(mul)/dw = x = 0 at w = 2``."""
    operand, result, place, partial = edge
    text, number = partial_text(result, place, names), short(partial)
    full = text if text == number else f"{text} = {number}"
    if not re.fullmatch(r"[\w#]+", text) or text == number:  # else another value is the partial
        full += f" at {names[operand]} = {short(operand.data)}"
    return f"{names.derivative(result, operand)} = {full}"


class _Blackboard(ast.NodeTransformer):
    """Put names and numbers into the text of a row."""

    def __init__(self, op: Op, spelled: Mapping[str, str], words: Mapping[str, Any]) -> None:
        self.op, self.spelled, self.words = op, spelled, words
        self.constants = {name for name, _ in op.constants}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(ast.Name("where"), [condition, a, b]) if self.fixed(condition):
                holds = evaluated(self.op, ast.unparse(condition), self.words)
                chosen: ast.expr = self.visit(a if holds else b)
                return chosen
        node.args = [self.visit(argument) for argument in node.args]  # but not the function's name
        return node

    def fixed(self, node: ast.expr) -> bool:
        """Whether a part of the text is made of constants."""
        return bool(mentioned := words_in(node)) and mentioned <= self.constants

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if self.fixed(node):
            return ast.Name(wrapped(short(evaluated(self.op, ast.unparse(node), self.words))))
        self.generic_visit(node)
        power_1 = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "1"
        return node.left if power_1 else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(wrapped(self.spelled[node.id])) if node.id in self.spelled else node


def grouped(result: Value, place: int) -> tuple[int, int]:
    """Which operand of its row one is, the first or the second, and its place among many."""
    which = 0
    while place >= len(result.bundles[which]):
        place -= len(result.bundles[which])
        which += 1
    return which, place


def row_partial(result: Value, place: int) -> tuple[str, dict[str, Any]]:
    """The row's text of a partial, and what its words stand for."""
    op, bundles, (which, place) = result.op, result.bundles, grouped(result, place)
    assert op is not None
    words: dict[str, Any] = {"y": result}
    for name, many in zip(op.operands, bundles, strict=True):
        at = place if name.startswith("*") else 0
        words[name.lstrip("*")] = many[at] if at < len(many) else 0.0
    words |= zip((name for name, _ in op.constants), result.constants, strict=True)
    if op.nary:
        words["count"] = float(len(bundles[0]))
    return op.partials[which], words


def evaluated(op: Op, text: str, words: Mapping[str, Any]) -> Any:
    """What a text of a row comes to with the numbers of now."""
    y, *numbers = (w.data if isinstance(w, Value) else w for w in words.values())
    return _compiled(op, text, tuple(words))(*numbers, y)


@cache
def _compiled(op: Op, text: str, words: tuple[str, ...]) -> Callable[..., Any]:
    return formula(Op(op.name, words[1:], "", (), vocabulary=op.vocabulary), text, EDGE)
