"""Operations of your own: one call states a row, checks its partials, and gives the function."""

import ast
import keyword
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import GraphError
from autograd.functions import function_of
from autograd.ieee import EDGES
from autograd.notation import exact
from autograd.ops import OPS, Op, Span
from autograd.rules import FLOATS, partial_formulas, recorder, result_formula

__all__ = ["operation"]

Formula = str | Callable[..., Any]

POINTS = 7  # of the span, at which a new row is checked


def operation(
    name: str,
    result: Formula,
    *partials: Formula,
    needs: str | Sequence[str] = (),
    smooth: str = "",
    span: Sequence[Any] = (-4.0, 4.0),
    vocabulary: dict[str, Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """Define an operation of one operand (x) or two (a, b) by its result and its partial by each, and return it.

    A formula is text in the operands, the result y (in partials) and the functions of the table, as rows are, or a
    function of the operands; a partial that is a function must itself be made of operations, if derivatives of it are
    wanted. span is the interval (for two operands, a pair of intervals) from which checks draw; vocabulary adds
    functions of your own to the text.

    Raises GraphError if a formula cannot be read, or a partial is not the derivative of the result.

    >>> swish = operation("swish", "x * sigmoid(2 * x)", "sigmoid(2 * x) * (1 + 2 * x * sigmoid(-2 * x))")
    >>> swish(1.0)
    0.8807970779778823
    >>> operation("cube", "x**3", "2 * x**2")
    Traceback (most recent call last):
        ...
    autograd.errors.GraphError: cube: dy/dx = 2 * x**2 is 32 at x = -4, but the result has the slope 48 there
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name in OPS:
        reason = "which is in the table already" if name in OPS else "which is no name"
        raise GraphError(f"an operation needs a name of its own, got {name!r}, {reason}")
    if len(partials) not in (1, 2):
        raise GraphError(f"{name} needs one partial for each of its operands, x or a and b, got {len(partials)}")
    operands = ("x",) if len(partials) == 1 else ("a", "b")
    words = dict(vocabulary or {})
    texts = [_text(result, name, operands, words)]
    texts += [_text(p, f"d{name}_d{o}", operands, words) for p, o in zip(partials, operands, strict=True)]
    conditions = (needs,) if isinstance(needs, str) else tuple(needs)
    for text, known in [(texts[0], operands), *((t, (*operands, "y")) for t in (*texts[1:], *conditions, smooth) if t)]:
        _readable(name, text, {*known, *words})
    spans: tuple[Span, ...] = (tuple(span),) if len(partials) == 1 else tuple(map(tuple, _pair(span)))
    op = Op(name, operands, texts[0], tuple(texts[1:]), name, conditions, smooth, (), spans, words)
    _check(op)
    return function_of(op, recorder(op))


def _pair(span: Sequence[Any]) -> tuple[Any, Any]:
    """Two intervals; a single one serves both operands."""
    return (span, span) if isinstance(span[0], (int, float)) else (span[0], span[1])


def _text(formula: Formula, name: str, operands: tuple[str, ...], words: dict[str, Any]) -> str:
    """A formula as text; a function gets a name, and the text calls it."""
    if isinstance(formula, str):
        return formula
    words[name] = formula
    return f"{name}({', '.join(operands)})"


def _readable(name: str, text: str, known: set[str]) -> None:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise GraphError(f"{name} needs a formula that Python can read, got {text!r}: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not (node.id in known or node.id in OPS or node.id in FLOATS.words):
            raise GraphError(
                f"{name} needs a formula in {', '.join(sorted(known))} and the functions of the table, got "
                f"{text!r} with the name {node.id!r}: define it in vocabulary"
            )


def _check(op: Op) -> None:
    """Compare each partial with the slope of the result, at points of the span."""
    result, partials = result_formula(op, FLOATS), partial_formulas(op, FLOATS)
    checked = [0] * len(partials)
    for i in range(POINTS):
        # Irrational steps through the intervals, so that the operands do not move together.
        shares = [i / (POINTS - 1) if k == 0 else (i * 0.618 + 0.3) % 1 for k in range(len(op.operands))]
        point = [low + (high - low) * share for (low, high), share in zip(op.span, shares, strict=True)]
        for k, partial in enumerate(partials):
            try:
                slope, error = _slope(result, point, k)
                ours = partial(*point, result(*point))
            except EDGES:
                continue  # outside the domain there is nothing to compare
            if not math.isfinite(slope) or not error < 1e-3 * max(1.0, abs(slope)):
                continue  # a kink or a pole: no difference can tell
            checked[k] += 1
            if not abs(ours - slope) <= 1e-6 * max(abs(slope), 1.0) + 10 * error:
                where = ", ".join(f"{o} = {x:.6g}" for o, x in zip(op.operands, point, strict=True))
                raise GraphError(
                    f"{op.name}: dy/d{op.operands[k]} = {op.partials[k]} is {ours:.6g} at {where}, "
                    f"but the result has the slope {slope:.6g} there"
                )
    if not all(checked):
        spans = ", ".join(f"[{exact(low)}, {exact(high)}]" for low, high in op.span)
        raise GraphError(
            f"{op.name} needs a span in which its result is defined and smooth, got {spans}: pass span=(low, high)"
        )


def _slope(result: Callable[..., float], point: list[float], k: int) -> tuple[float, float]:
    """The derivative by operand k, by central differences of two widths extrapolated to none, and an error estimate."""
    width = 1e-3 * max(1.0, abs(point[k]))

    def difference(h: float) -> float:
        above, below = ([*point[:k], point[k] + s * h, *point[k + 1 :]] for s in (1, -1))
        return float(result(*above) - result(*below)) / (2 * h)

    wide, narrow, narrower = difference(width), difference(width / 2), difference(width / 4)
    first, second = (4 * narrow - wide) / 3, (4 * narrower - narrow) / 3
    return (16 * second - first) / 15, abs(second - first)
