"""The formulas of a graph on the blackboard: names for its values, ``w`` or ``relu#12``; results
and partials as their rows have them, with names or numbers put in."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

from autograd.debugging.paths import Edge
from autograd.engine.formula import EDGE, formula, words_in
from autograd.engine.notation import expression, legible, short
from autograd.engine.table import CONSTANT, Op
from autograd.engine.value import Value

__all__ = ["Names", "as_written", "derivation", "partial_text", "result_text", "wrapped"]

WIDTH = 40  # characters of a name
TERMS = 3  # of a sum, before it is shortened


def as_written(output: Value) -> list[Value]:
    """The values of a graph, operands before results, in the order in which one reads it.

    >>> from autograd import Value
    >>> w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(1.0, "b")
    >>> as_written(w * x + b)
    [w = 2, x = 3, w * x = 6, b = 1, 6 + b = 7]
    """
    met, order, ahead = set[Value](), list[Value](), [(output, False)]
    while ahead:
        value, its_operands_are_in = ahead.pop()
        if its_operands_are_in:
            order.append(value)
        elif value not in met:
            met.add(value)
            ahead.append((value, True))
            ahead += [(v, False) for v in reversed(value.operands) if v not in met]
    return order


class Names(dict[Value, str]):
    """A name for each value: its label, or else the kind of operation that made it; numbers stand
    for themselves. Values that would share a name are numbered, in the order of ``as_written``.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> list(Names(x * x + x * 2).values())
    ['x', 'mul#1', '2', 'mul#2', 'add']
    """

    def __init__(self, *outputs: Value) -> None:
        super().__init__((v, _plain(v)) for output in outputs for v in as_written(output))
        self.called: dict[str, list[Value]] = defaultdict(list)
        shared = Counter(name for v, name in self.items() if v.op is not CONSTANT)
        met: Counter[str] = Counter()
        for v, name in self.items():
            self.called[name].append(v)
            if v.op is not CONSTANT and shared[name] > 1:
                met[name] += 1
                self[v] = f"{name}#{met[name]}"
                self.called[self[v]].append(v)

    def grad(self, v: Value) -> str:
        """The name of its grad: ``w.grad``, ``(2).grad``."""
        return f"({self[v]}).grad" if v.op is CONSTANT else f"{self[v]}.grad"

    def derivative(self, y: Value, x: Value) -> str:
        """``dtanh/dw``; a name of more than one word goes into parentheses."""
        names = (self[y], self[x])
        return "/".join(f"d{n}" if re.fullmatch(r"[\w#]+", n) else f"d({n})" for n in names)

    def find(self, name: str) -> list[Value]:
        """The values that go by this name or label. Raises ValueError, with names that are near."""
        found = self.called.get(name) or self.called.get(_fitted(name))
        if not found:
            from difflib import get_close_matches  # slow to import

            near = get_close_matches(name, self.called, n=3) or list(self.called)[:8]
            raise ValueError(f"no value here is called {name!r}: did you mean {' or '.join(near)}?")
        return found


def wrapped(text: str) -> str:
    """A name or a number as a part of a formula: a negative one is put into parentheses."""
    return f"({text})" if text.startswith("-") else text


def _plain(v: Value) -> str:
    if v.op is CONSTANT:
        return short(v.data)
    return _fitted(v.label) or ("leaf" if v.op is None else v.op.short)


def _fitted(label: str) -> str:
    name = legible(label)
    return name if len(name) <= WIDTH else name[: WIDTH - 3] + "..."


def partial_text(result: Value, place: int, names: Names) -> str:
    """The partial of a result by one of its operands as its row has it, with the names put in.

    Of a ``where`` only the branch is written that the numbers choose.

    >>> from autograd import relu
    >>> x = Value(2.0, "x")
    >>> y = x**3 / relu(x)
    >>> partial_text(y, 0, Names(y)), partial_text(y.operands[0], 0, Names(y))
    ('1 / relu', '3 * x**2')
    """
    assert result.op is not None
    text, words = _partial(result, place)
    tree = _Blackboard(result, words, names).visit(ast.parse(text, mode="eval")).body
    written = ast.unparse(tree).replace(" ** ", "**")
    sum_like = isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
    return f"({written})" if sum_like else written


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
    """A partial in full: ``drelu/dn = 0 at n = -0.31``, ``dmul/dw = x = 0 at w = 2``."""
    operand, result, place, partial = edge
    text, number = partial_text(result, place, names), short(partial)
    full = text if text == number else f"{text} = {number}"
    if not re.fullmatch(r"[\w#]+", text) or text == number:  # else another value is the partial
        full += f" at {names[operand]} = {short(operand.data)}"
    return f"{names.derivative(result, operand)} = {full}"


class _Blackboard(ast.NodeTransformer):
    """Put names and numbers into the text of a row, and choose the branches of ``where``."""

    def __init__(self, result: Value, words: dict[str, Any], names: Names) -> None:
        self.result, self.words, self.names = result, words, names
        self.constants = {name for name, _ in result.op.constants} if result.op else set()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if ast.unparse(node.func) == "where":
            chosen = _evaluated(self.result, ast.unparse(node.args[0]), self.words)
            return self.visit(node.args[1 if chosen else 2])  # type: ignore[no-any-return]
        node.args = [self.visit(argument) for argument in node.args]  # but not the function's name
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        mentioned = words_in(node)
        if mentioned and mentioned <= self.constants:
            return ast.Name(wrapped(short(_evaluated(self.result, ast.unparse(node), self.words))))
        self.generic_visit(node)
        power_1 = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "1"
        return node.left if power_1 else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if (word := self.words.get(node.id)) is None:
            return node
        return ast.Name(wrapped(self.names[word] if isinstance(word, Value) else short(word)))


def _partial(result: Value, place: int) -> tuple[str, dict[str, Any]]:
    """The row's text of a partial, and what its words stand for."""
    op, bundles = result.op, result.bundles
    assert op is not None
    which = 0
    while place >= len(bundles[which]):
        place -= len(bundles[which])
        which += 1
    words: dict[str, Any] = {"y": result}
    for name, many in zip(op.operands, bundles, strict=True):
        at = place if name.startswith("*") else 0
        words[name.lstrip("*")] = many[at] if at < len(many) else 0.0
    words |= zip((name for name, _ in op.constants), result.constants, strict=True)
    if op.nary:
        words["count"] = float(len(bundles[0]))
    return op.partials[which], words


def _evaluated(result: Value, text: str, words: dict[str, Any]) -> Any:
    """What a text comes to with the numbers of now."""
    assert result.op is not None
    y, *numbers = (w.data if isinstance(w, Value) else w for w in words.values())
    return _compiled(result.op, text, tuple(words))(*numbers, y)


@cache
def _compiled(op: Op, text: str, words: tuple[str, ...]) -> Callable[..., Any]:
    return formula(Op(op.name, words[1:], "", (), vocabulary=op.vocabulary), text, EDGE)
