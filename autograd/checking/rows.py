"""Each operation of a graph against the slope of its own result: which partial is wrong, and which
has a kink there.

The slope comes from the text of the result alone, at sixty digits where mpmath is installed and
from extrapolated differences where it is not; the partial is the one that was recorded. Neither
knows the other.

>>> x = Value(0.5, "x")
>>> [(p.word, p.ours, float(p.slope.value)) for p in examined(x.square(), {x})]
[('right', 1.0, 1.0)]
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.checking.digits import Precise, exact_slope, precise
from autograd.checking.replay import grouped, numbers_of
from autograd.checking.slopes import Line, Slope, quick, slope
from autograd.engine.formula import EDGE, Arithmetic, formula, result_formula
from autograd.engine.notation import exact
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = [
    "Partial",
    "between",
    "examined",
    "left_domain",
    "row_slope",
    "row_word",
    "sample",
    "suspects",
]

# Of a starred operand, this many are examined; the row says the same of each.
FEW = 6


@dataclass(frozen=True)
class Partial:
    """One partial of one recorded operation, beside the slope of the operation's result.

    word: right, wrong, inexact (the formula is right, floats lose its digits), kink, jump,
    infinite, edge or unknown."""

    result: Value
    position: int
    name: str
    ours: float
    slope: Slope
    word: str

    @property
    def op(self) -> Op:
        """Its row."""
        assert self.result.op is not None
        return self.result.op

    @property
    def operand(self) -> Value:
        """The operand that the partial is by."""
        return self.result.operands[self.position]

    @property
    def valid(self) -> bool:
        """Whether ours lies between the slopes on both sides of a kink."""
        return between(self.ours, self.slope)


def between(ours: float, found: Slope) -> bool:
    """Whether a number is a subgradient: between the slopes on both sides, or equal to one."""
    low, high = sorted((found.left, found.right))
    slack = 1e-6 * max(abs(low), abs(high)) + 10 * float(found.error)
    return bool(low - slack <= ours <= high + slack)


def sample(order: Iterable[Value], depends: Collection[Value], budget: int) -> list[Value]:
    """The operations to examine: all if there are few, else some of each row, spread over the
    graph.
    """
    results = [v for v in order if v.operands and v in depends]
    if sum(min(len(v.operands), FEW) for v in results) <= budget:
        return results
    rows: dict[Op | None, list[Value]] = {}
    for value in results:
        rows.setdefault(value.op, []).append(value)
    each = max(1, budget // (2 * len(rows)))
    chosen = {v for many in rows.values() for v in many[:: max(1, len(many) // each)]}
    return [v for v in results if v in chosen]


def suspects(results: Iterable[Value], depends: Collection[Value]) -> Iterator[Partial]:
    """Every partial that is not simply right, in the order of the forward pass."""
    for value in results:
        for partial in examined(value, depends):
            if partial.word != "right":
                yield partial


def examined(result: Value, depends: Collection[Value]) -> Iterator[Partial]:
    """The partials of one operation by the operands that depend on the inputs."""
    op = result.op
    assert op is not None
    partials, position, given = result.partials, 0, numbers_of(result)
    for b, (name, many) in enumerate(zip(op.operands, result.bundles, strict=True)):
        step = max(1, len(many) // FEW)
        for i, operand in enumerate(many):
            if operand in depends and i % step == 0:
                ours = partials[position + i]
                found = row_slope(op, given, result.constants, b, i, ours)
                word = _word(op, given, result.constants, b, i, ours, found)
                called = f"{name[1:]}[{i}]" if name.startswith("*") else name
                yield Partial(result, position + i, called, ours, found, word)
        position += len(many)


def row_partial(
    op: Op, given: list[list[float]], constants: tuple[float, ...], b: int, i: int
) -> float:
    """What the row's own formula says, in floats, of the partial by operand i of bundle b."""
    numbers = grouped(op, given)
    y = result_formula(op, EDGE)(*numbers, *constants)
    # In brackets, or a partial with the text of the result would be compiled as the result, without
    # y.
    answer = formula(op, op.partials[b], EDGE, op.operands[b])(*numbers, y, *constants)
    return float(answer[i] if op.operands[b].startswith("*") else answer)


def row_word(
    op: Op, given: list[list[float]], constants: tuple[float, ...], b: int, i: int
) -> tuple[str, float, Slope]:
    """The word on a row's own formula at some numbers, its partial, and the slope."""
    ours = row_partial(op, given, constants, b, i)
    found = row_slope(op, given, constants, b, i, ours)
    return _word(op, given, constants, b, i, ours, found), ours, found


def row_slope(
    op: Op,
    given: list[list[float]],
    constants: tuple[float, ...],
    b: int,
    i: int,
    ours: float = math.nan,
) -> Slope:
    """The slope of a row's result by operand i of its bundle b, from the text of the result alone."""
    if not math.isfinite(given[b][i]):
        return Slope("edge", math.nan, math.inf)
    # A word that the user defined in Python knows no more digits than a float has.
    if not op.vocabulary:
        found = exact_slope(
            lambda x, arithmetic: _result(op, given, constants, b, i, x, arithmetic), given[b][i]
        )
        if found is not None:
            return found
    x = given[b][i]
    line = Line.of(lambda x: _result(op, given, constants, b, i, x, EDGE), x)
    return quick(line, ours, x) or slope(line)


def _result(
    op: Op, given: list[list[float]], constants: Any, b: int, i: int, x: Any, arithmetic: Arithmetic
) -> Any:
    lift: Callable[[float], Any] = arithmetic.lift if isinstance(arithmetic, Precise) else float
    numbers = [list(map(lift, many)) for many in given]
    numbers[b][i] = x
    return result_formula(op, arithmetic)(*grouped(op, numbers), *constants)


def _word(
    op: Op,
    given: list[list[float]],
    constants: tuple[float, ...],
    b: int,
    i: int,
    ours: float,
    found: Slope,
) -> str:
    match found.kind:
        case "kink" | "jump" | "infinite" | "edge":
            return found.kind
        case "round-off" | "truncation":
            return "unknown"
    slack = 1e-6 if isinstance(found.error, float) else 1e-9
    if abs(ours - found.value) <= slack * abs(found.value) + 10 * found.error + 1e-300:
        return "right"
    return "inexact" if _formula_is_right(op, given, constants, b, i, ours, found) else "wrong"


def _formula_is_right(
    op: Op,
    given: list[list[float]],
    constants: tuple[float, ...],
    b: int,
    i: int,
    ours: float,
    found: Slope,
) -> bool:
    """Whether the formula of the partial equals the slope, and ours is what floats make of that
    formula.
    """
    arithmetic = precise(60)
    if arithmetic is None or op.vocabulary:
        return False
    numbers = grouped(op, [list(map(arithmetic.lift, many)) for many in given])
    y = result_formula(op, arithmetic)(*numbers, *constants)
    answer = formula(op, op.partials[b], arithmetic, op.operands[b])(*numbers, y, *constants)
    wanted = answer[i] if op.operands[b].startswith("*") else answer
    if not abs(wanted - found.value) <= 1e-12 * abs(found.value) + 10 * found.error:
        return False
    again = row_partial(op, given, constants, b, i)
    return (
        again == ours or abs(again - ours) <= 1e-12 * abs(ours) or (again != again and ours != ours)
    )


def left_domain(result: Value) -> str:
    """``log needs x > 0, got x = -1``: how an operation left its domain or overflowed; empty if its
    operands did.
    """
    op = result.op
    if op is None or not result.operands or math.isfinite(result.data):
        return ""
    given = grouped(op, numbers_of(result))
    flat = [v.data for v in result.operands]
    if not all(map(math.isfinite, flat)) and (any(x != x for x in flat) or math.isinf(result.data)):
        return ""
    names = [*op.operands, *(name for name, _ in op.constants)]
    got = ", ".join(
        f"{name} = {exact(x)}"
        for name, x in zip(names, (*given, *result.constants), strict=True)
        if isinstance(x, float)
    )
    for need in op.needs:
        if not formula(op, need, EDGE)(*given, result.data, *result.constants):
            return f"{op.name} needs {need}, got {got}"
    return (
        f"{op.name} {'overflows to' if math.isinf(result.data) else 'gives'} {exact(result.data)}"
        + (got and f" at {got}")
    )
