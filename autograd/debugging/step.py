"""One step of a walk, written out: a contribution of the reverse pass, or one result of the forward
pass.

>>> from autograd import Value, walk
>>> w, x = Value(-1.2, "w"), Value(0.5, "x")
>>> walk(w * x).step().where()
w.grad += x * mul.grad = 0.5 * 1 = 0.5, now 0.5
"""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from autograd.debugging.names import Names
from autograd.engine.errors import GraphError
from autograd.engine.floats import EDGES
from autograd.engine.formula import EDGE, formula, result_formula
from autograd.engine.notation import expression, short
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = [
    "Computation",
    "Contribution",
    "Ledger",
    "Start",
    "Step",
    "Taken",
    "changed",
    "derivation",
]

TERMS = 3  # of a sum, before it is shortened
# Formulas speak of now, the numbers of then.
STALE = " (recorded before the data changed)"


class Step:
    """A place in a walk: how many steps have been taken, and what the last of them did."""

    __slots__ = ()

    number: int
    names: Names

    def __str__(self) -> str:
        return repr(self)

    def take(self) -> None:
        """Do it."""

    def undo(self) -> None:
        """Put back what it has changed."""


class Start(Step):
    """The place before the first step."""

    __slots__ = ("names", "number", "text")

    def __init__(self, names: Names, text: str) -> None:
        self.number, self.names, self.text = 0, names, text

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Contribution(Step):
    """A step of the reverse pass: ``operand.grad += partial * result.grad``.

    ``place`` says which of the result's operands it is, ``before`` and ``grad`` are the operand's
    grad around the step."""

    facts: ClassVar = ("number", "partial", "result_grad", "contribution", "before", "grad")
    verb: ClassVar = "is complete"

    number: int
    names: Names
    result: Value
    operand: Value
    place: int
    partial: float
    result_grad: float
    contribution: float
    before: float
    grad: float

    @property
    def value(self) -> Value:
        """The value that the step changes."""
        return self.operand

    def take(self) -> None:
        """Add it to the operand's grad. Raises GraphError if something else has changed a grad."""
        self._expect(self.result, self.result_grad, self.number - 1)
        self._expect(self.operand, self.before, self.number - 1)
        self.operand.grad = self.grad

    def undo(self) -> None:
        """Put back the grad from before. Raises GraphError if something else has changed it."""
        self._expect(self.operand, self.grad, self.number)
        self.operand.grad = self.before

    def _expect(self, v: Value, grad: float, number: int) -> None:
        if v.grad is not grad:
            name, was, now = self.names.grad(v), short(grad), short(v.grad)
            raise GraphError(
                f"{name} was {was} at step {number} of this walk and was set to {now} since by "
                "something else: restart() begins again from the walk's own numbers"
            )

    def written(self, partial: str, grad: str) -> str:
        """The step with this text of the partial and of the grad of the result."""
        product = f"{partial} * {grad} = {short(self.partial)} * {_factor(self.result_grad)}"
        name, now = self.names.grad(self.operand), short(self.grad)
        return f"{name} += {product} = {short(self.contribution)}, now {now}"

    def __repr__(self) -> str:
        partial = partial_text(self.result, self.place, self.names)
        now = _evaluated(self.result, *_partial(self.result, self.place))
        stale = "" if _same(self.partial, now) else STALE
        return self.written(partial, self.names.grad(self.result)) + stale

    @staticmethod
    def watched(names: Names, v: Value, complete: bool) -> str:
        """A value in a few words."""
        return f"{names.grad(v)} = {short(v.grad)}{'' if complete else ' so far'}"


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Computation(Step):
    """A step of the forward pass: one result from its operands."""

    facts: ClassVar = ("number", "data")
    verb: ClassVar = "is computed"

    number: int
    names: Names
    result: Value

    @property
    def value(self) -> Value:
        """The value that the step computes."""
        return self.result

    @property
    def data(self) -> float:
        """Its number."""
        return self.result.data

    def __repr__(self) -> str:
        v = self.result
        with_names = result_text(v, self.names.__getitem__)
        with_numbers = result_text(v, lambda operand: short(operand.data))
        formulas = dict.fromkeys((with_names, with_numbers))
        stale = "" if _same(v.data, _computed(v)) else STALE
        return " = ".join([self.names[v], *formulas, short(v.data)]) + stale

    @staticmethod
    def watched(names: Names, v: Value, complete: bool) -> str:
        """A value in a few words."""
        return f"{names[v]} = {short(v.data) if complete else 'not computed yet'}"


Taken = Contribution | Computation


class Ledger(list[Taken]):
    """Steps in the order in which they were taken; its repr writes each out, of many the first and
    the last.
    """

    SHOWN = 40

    def __repr__(self) -> str:
        if not self:
            return "no steps yet"
        width, half = len(str(self[-1].number)), self.SHOWN // 2
        lines = [f"{step.number:{width}}  {step!r}" for step in self[:half]]
        if len(self) > self.SHOWN:
            lines.append(f"{'':{width}}  ... {len(self) - self.SHOWN} more not shown ...")
        rest = self[max(half, len(self) - half) :]
        return "\n".join(lines + [f"{step.number:{width}}  {step!r}" for step in rest])


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
    sum_like = isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
    return f"({_unparsed(tree)})" if sum_like else _unparsed(tree)


def result_text(result: Value, spelled: Callable[[Value], str]) -> str:
    """The formula of a result, its operands spelled by a function; sums are written out, the long
    ones shortened.

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
    terms = [" * ".join(_wrapped(spelled(many[i])) for many in factors) for i in shown]
    if count > TERMS:
        terms.insert(-1, "...")
    text = " + ".join(terms + [_wrapped(spelled(v)) for many in bundles[2:] for v in many])
    return f"({text}) / {count}" if op.name == "mean" else text


def derivation(result: Value, place: int, names: Names) -> str:
    """A partial in full: ``drelu/dn = 0 at n = -0.31``, ``dmul/dw = x = 0 at w = 2``."""
    operand = result.operands[place]
    text, number = partial_text(result, place, names), short(result.partials[place])
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
            if chosen is not None:
                return self.visit(node.args[1 if chosen else 2])  # type: ignore[no-any-return]
        node.args = [self.visit(argument) for argument in node.args]  # but not the function's name
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        mentioned = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        if mentioned and mentioned <= self.constants:
            return ast.Name(_factor(_evaluated(self.result, ast.unparse(node), self.words) or 0.0))
        self.generic_visit(node)
        power_1 = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "1"
        return node.left if power_1 else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        word = self.words.get(node.id)
        if word is None:
            return node
        return ast.Name(self.names.factor(word) if isinstance(word, Value) else _factor(word))


def _unparsed(tree: ast.expr) -> str:
    return ast.unparse(tree).replace(" ** ", "**")


def _partial(result: Value, place: int) -> tuple[str, dict[str, Any]]:
    """The row's text of a partial, and what its words stand for: of a starred operand, the one at
    that place.
    """
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


def _evaluated(result: Value, text: str, words: dict[str, Any]) -> float | None:
    """What a text comes to with the numbers of now.

    None where it does not come to anything, and for one that speaks of all operands of an n-ary row
    at once."""
    assert result.op is not None
    compiled = _scalar(result.op, text, tuple(words))
    if compiled is None:
        return None
    y, *numbers = (w.data if isinstance(w, Value) else w for w in words.values())
    try:
        return compiled(*numbers, y)  # type: ignore[no-any-return]
    except EDGES:  # a formula of the user's own, whose operands have changed
        return None


@cache
def _scalar(op: Op, text: str, words: tuple[str, ...]) -> Callable[..., Any] | None:
    if op.nary and {"sum", "peak"} & set(re.findall(r"\w+", text)):
        return None
    return formula(Op(op.name, words[1:], "", (), vocabulary=op.vocabulary), text, EDGE)


def changed(results: Iterable[Value]) -> tuple[Value, float] | None:
    """The first result that its operands do not give any more, because data have changed since it
    was recorded, and what they give; None if there is none.

    >>> x = Value(2.0, "x")
    >>> y = x * 3
    >>> x.data = 5.0
    >>> changed([y])
    (x * 3 = 6, 15.0)
    """
    for v in results:
        now = _computed(v)
        if not _same(v.data, now):
            assert now is not None
            return v, now
    return None


def _computed(v: Value) -> float | None:
    """What a result comes to with the numbers of now; None if to nothing."""
    assert v.op is not None
    numbers = [[operand.data for operand in many] for many in v.bundles]
    pairs = zip(v.op.operands, numbers, strict=True)
    given = [many if name.startswith("*") else (many or [0.0])[0] for name, many in pairs]
    try:
        return result_formula(v.op, EDGE)(*given, *v.constants)  # type: ignore[no-any-return]
    except EDGES:
        return None


def _same(recorded: float, now: float | None) -> bool:
    return now is None or recorded == now or (recorded != recorded and now != now)


def _factor(x: float) -> str:
    """A number where it is a part of a formula."""
    return _wrapped(short(x))


def _wrapped(text: str) -> str:
    return f"({text})" if text.startswith("-") else text
