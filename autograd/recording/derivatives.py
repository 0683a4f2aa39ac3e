"""Derivatives inside a recording: the partials of a row, taken down so that each replay chooses
anew between the sides of a ``where``.

Both sides are computed in every sample. So that the one that is not chosen spoils no derivative of
the other (0 * inf is nan), it is computed at a point of the row's span, where it is smooth.

>>> from autograd.engine.table import OPS
>>> guarded(OPS["elu"], OPS["elu"].partials[0])
'choice(x <= 0, lambda x: alpha * exp(x), lambda *_: 1, (x,), (0.944,))'
"""

import ast
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from autograd.engine.formula import Arithmetic, formula
from autograd.engine.functions import TRACED, maximum, where
from autograd.engine.table import Op
from autograd.engine.value import Value
from autograd.recording.across import ACROSS, MAX, MEAN, batch_total

# Where in its span a side is computed that is not chosen: at none of the points that have a name.
WITHIN = 0.618
# Partials that take fewer rows for each of many operands, where none is nan.
CHOSEN = dict.fromkeys(("largest", "smallest"), ("(x == y) * (1 / sum(x == y))",))


@cache
def partials(op: Op) -> tuple[Callable[..., Any], ...]:
    """The partials of a row as functions of operands, y and constants, on traced Values."""
    if op in ACROSS:
        return (partial(Share, op),)
    texts = zip(op.operands, CHOSEN.get(op.name, op.partials), strict=True)
    return tuple(formula(op, guarded(op, text), GUARDED, operand) for operand, text in texts)


class Share:
    """The partial of a row over the batch. What each sample has of the result is the same, so that
    all their grads come to each operand; and all their operands' slopes make that of the result."""

    def __init__(self, op: Op, x: Value, y: Value) -> None:
        self.of_each: Any = 1.0
        if op is MEAN:
            self.of_each = 1.0 / batch_total(1.0)
        elif op is MAX:
            self.of_each = where(x < y, 0.0, 1.0 / maximum(1.0, batch_total(x == y)))

    def __mul__(self, grad: Any) -> Any:
        return self.of_each * batch_total(grad)

    def along(self, slope: Any) -> Any:
        """The slope of the result, of that of the operand."""
        return batch_total(self.of_each * slope)


def guarded(op: Op, text: str) -> str:
    """A formula in which each side of a ``where`` is a function of the operands."""
    return ast.unparse(_Guarded(op).visit(ast.parse(text, mode="eval")))


class _Guarded(ast.NodeTransformer):
    def __init__(self, op: Op) -> None:
        self.op, self.inside = op, False
        points = [round(low + WITHIN * (high - low), 6) for low, high in op.span]
        self.names = ", ".join(op.operands)
        self.operands = f"({self.names},), ({', '.join(map(repr, points))},)"

    def visit_Call(self, node: ast.Call) -> Any:
        # Of many operands both sides of a choice are finite wherever one of them is chosen.
        if ast.unparse(node.func) != "where" or self.op.nary:
            return self.generic_visit(node)
        condition, *sides = node.args
        texts = [ast.unparse(self.visit(condition)), *map(self.side, sides), self.operands]
        return ast.parse(f"choice({', '.join(texts)})", mode="eval").body

    def side(self, node: ast.expr) -> str:
        """A side as a function of the operands, of which y is made anew."""
        outside, self.inside = self.inside, True
        body = self.visit(node)
        self.inside = outside
        # Conditions spoil nothing: they see the operands as they are.
        given = self.names if _computed(body) & {*self.op.operands} else "*_"
        return f"lambda {given}: {ast.unparse(body)}"

    def visit_Name(self, node: ast.Name) -> Any:
        again = node.id == "y" and self.inside
        return self.visit(ast.parse(self.op.result, mode="eval").body) if again else node


def _computed(part: ast.AST) -> set[str]:
    """The names in a side, but for those in conditions."""
    if isinstance(part, ast.Name):
        return {part.id}
    if isinstance(part, ast.Call) and ast.unparse(part.func) == "choice":
        return set[str]().union(*map(_computed, part.args[1:3]))
    parts = ast.iter_child_nodes(part)
    return set[str]().union(*map(_computed, parts))


def choice(condition: Any, yes: Any, no: Any, operands: Any, points: tuple[float, ...]) -> Any:
    """``where``, with sides that are functions of the operands."""
    if not isinstance(condition, Value):
        return (yes if condition else no)(*operands)

    def computed(side: Any, chosen: Callable[[Any, float], Any]) -> Any:
        count = side.__code__.co_argcount
        return side(*map(chosen, operands[:count], points[:count]))

    a = computed(yes, lambda x, point: where(condition, x, point))
    return where(condition, a, computed(no, lambda x, point: where(condition, point, x)))


GUARDED = Arithmetic({**TRACED.words, "choice": choice}, lazy=False)
