"""Derivatives inside a recording: the partials of a row, taken down so that each replay chooses
anew between the sides of a ``where``.

Both sides are computed in every sample. So that the one that is not chosen spoils no derivative of
the other (0 * inf is nan), it is computed at a point of the row's span, where it is smooth.

>>> from autograd.engine.table import OPS
>>> guarded(OPS["elu"], OPS["elu"].partials[0])
'choice(x <= 0, lambda x: alpha * exp(x), lambda *_: 1, (x,), (0.944,))'
"""

import ast
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autograd.engine.formula import Arithmetic, formula
from autograd.engine.functions import TRACED, where
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = ["guarded", "partials"]

# Where in its span a side is computed that is not chosen: at none of the points that have a name.
WITHIN = 0.618


@cache
def partials(op: Op) -> tuple[Callable[..., Any], ...]:
    """The partials of a row as functions of operands, y and constants, on Values that are traced."""
    texts = zip(op.operands, op.partials, strict=True)
    return tuple(formula(op, guarded(op, text), GUARDED, operand) for operand, text in texts)


def guarded(op: Op, text: str) -> str:
    """A formula in which each side of a ``where`` is a function of the operands."""
    return ast.unparse(_Guarded(op).visit(ast.parse(text, mode="eval")))


class _Guarded(ast.NodeTransformer):
    def __init__(self, op: Op) -> None:
        self.op = op
        points = [round(low + WITHIN * (high - low), 6) for low, high in op.span]
        self.operands = f"({', '.join(op.operands)},), ({', '.join(map(repr, points))},)"
        self.inside = 0

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if ast.unparse(node.func) != "where":
            return self.generic_visit(node)  # type: ignore[return-value]
        condition, *sides = node.args
        texts = [ast.unparse(self.visit(condition)), *map(self.side, sides), self.operands]
        return ast.parse(f"choice({', '.join(texts)})", mode="eval").body

    def side(self, node: ast.expr) -> str:
        """A side as a function of the operands, of which y is made anew."""
        self.inside += 1
        body = self.visit(node)
        self.inside -= 1
        names = {name.id for name in ast.walk(body) if isinstance(name, ast.Name)}
        return f"lambda {', '.join(self.op.operands) if names & {*self.op.operands} else '*_'}: {ast.unparse(body)}"

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "y" and self.inside:
            return self.visit(ast.parse(self.op.result, mode="eval").body)  # type: ignore[no-any-return]
        return node


def choice(
    condition: Any,
    yes: Callable[..., Any],
    no: Callable[..., Any],
    operands: Sequence[Any],
    points: Sequence[float],
) -> Any:
    """``where``, with sides that are functions of the operands."""
    if not isinstance(condition, Value):
        return (yes if condition else no)(*operands)

    def computed(side: Callable[..., Any], chosen: Callable[[Any, float], Any]) -> Any:
        count = side.__code__.co_argcount
        return side(*map(chosen, operands[:count], points[:count]))

    a = computed(yes, lambda x, point: where(condition, x, point))
    return where(condition, a, computed(no, lambda x, point: where(condition, point, x)))


GUARDED = Arithmetic({**TRACED.words, "choice": choice}, lazy=False)
