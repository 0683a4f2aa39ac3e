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
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.checking.causes import described_ratio, lacking, named, ratio, swapped
from autograd.checking.digits import Precise, exact_slope, precise
from autograd.checking.graph import Graph, numbers_of
from autograd.checking.inputs import same
from autograd.checking.report import Finding
from autograd.checking.slopes import Line, Slope, quick, slope
from autograd.engine.formula import EDGE, Arithmetic, formula, result_formula
from autograd.engine.functions import VALUES
from autograd.engine.notation import short
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = ["Application", "Partial", "between", "examined", "sample"]

# Of a starred operand, this many are examined; the row says the same of each.
FEW = 6


@dataclass(frozen=True)
class Application:
    """A row at some operands: its partials by operand i of bundle b, the slopes of its result."""

    op: Op
    operands: list[list[float]]
    constants: tuple[float, ...]

    def name(self, b: int, i: int) -> str:
        """``x``, or ``x[2]`` for one of many."""
        name = self.op.operands[b]
        return f"{name[1:]}[{i}]" if name.startswith("*") else name

    def with_operand(self, b: int, i: int, x: float) -> "Application":
        """The same at another number."""
        operands = [list(many) for many in self.operands]
        operands[b][i] = x
        return Application(self.op, operands, self.constants)

    def partial(self, b: int, i: int, arithmetic: Arithmetic = EDGE) -> Any:
        """What the row's own formula says of the partial."""
        op, numbers = self.op, self.op.grouped(self._lifted(arithmetic))
        y = result_formula(op, arithmetic)(*numbers, *self.constants)
        by = formula(op, op.partials[b], arithmetic, op.operands[b])
        answer = by(*numbers, y, *self.constants)
        return answer[i] if op.operands[b].startswith("*") else answer

    def _lifted(self, arithmetic: Arithmetic) -> list[list[Any]]:
        lift = arithmetic.lift if isinstance(arithmetic, Precise) else float
        return [list(map(lift, many)) for many in self.operands]

    def result(self, b: int, i: int, x: Any, arithmetic: Arithmetic = EDGE) -> Any:
        """What the row's text gives with x for an operand."""
        numbers = self._lifted(arithmetic)
        numbers[b][i] = x
        return result_formula(self.op, arithmetic)(*self.op.grouped(numbers), *self.constants)

    def slope(self, b: int, i: int, ours: float) -> Slope:
        """The slope of the result, from its text alone."""
        x = self.operands[b][i]
        if not math.isfinite(x):
            return Slope("edge")
        # A word that the user defined in Python knows no more digits than a float has.
        if not self.op.vocabulary:
            found = exact_slope(lambda x, arithmetic: self.result(b, i, x, arithmetic), x)
            if found is not None:
                return found
        line = Line.of(lambda x: self.result(b, i, x), x)
        return quick(line, ours, x) or slope(line)

    def judged(self, b: int, i: int, ours: float | None = None) -> tuple[str, float, Slope]:
        """The word on a partial (the formula's own, if none is given), the partial, the slope."""
        ours = float(self.partial(b, i)) if ours is None else ours
        found = self.slope(b, i, ours)
        if found.kind in ("kink", "jump", "infinite", "edge"):
            return found.kind, ours, found
        if found.kind in ("round-off", "truncation"):
            return "unknown", ours, found
        slack = 1e-6 if isinstance(found.error, float) else 1e-9
        if abs(ours - found.value) <= slack * abs(found.value) + 10 * found.error + 1e-300:
            return "right", ours, found
        return "inexact" if self._formula_is_right(b, i, ours, found) else "wrong", ours, found

    def _formula_is_right(self, b: int, i: int, ours: float, found: Slope) -> bool:
        """Whether the formula equals the slope, and ours is what floats make of that formula."""
        arithmetic = precise(60)
        if arithmetic is None or self.op.vocabulary:
            return False
        wanted = self.partial(b, i, arithmetic)
        if not abs(wanted - found.value) <= 1e-12 * abs(found.value) + 10 * found.error:
            return False
        again = float(self.partial(b, i))
        return same([again], [ours]) or abs(again - ours) <= 1e-12 * abs(ours)

    def _graph(self) -> Graph | None:
        """The row's own text as a graph of other rows, if it is one."""
        inputs = [
            Value(x, name) for (x, *_), name in zip(self.operands, self.op.operands, strict=True)
        ]
        try:
            y = result_formula(self.op, VALUES)(*inputs, *self.constants)
        except Exception:  # a word of the user's own may not take Values
            return None
        return Graph(y, inputs) if isinstance(y, Value) and y.operands else None

    def _lacking(self, b: int, i: int, q: float) -> str:
        """The part of the result whose own derivative the partial lacks."""
        aside = self.with_operand(b, i, 1.1 * self.operands[b][i] + 0.1)
        here, there = (None, None) if self.op.nary else (self._graph(), aside._graph())
        if here is None or there is None:
            return ""
        true = sum(there.paths()[0][there.inputs[b]])
        beside = there, ratio(float(aside.partial(b, i)), true)
        cause = lacking(here, b, q, beside, varying=True)
        return cause[0] if cause else ""

    def wrong(self, b: int, i: int, ours: float, true: float, label: str = "") -> Finding:
        """The finding on a partial that is not the slope: where, by how much, its name."""
        op, by, q = self.op, self.name(b, i), ratio(ours, true)
        hint = named(ours, true)
        if hint.startswith("factor") or not hint:
            hint = self._lacking(b, i, q) or hint
        if op.operands == ("a", "b"):
            _, partials, slopes = zip(*(self.judged(k, 0) for k in (0, 1)), strict=True)
            if swapped(partials, [float(s.value) for s in slopes]):
                hint = "operands swapped"
        at = label or short(self.operands[b][i])
        evidence = f"{op.name}: its partial by {by} ({at}) is {short(ours)}, "
        evidence += f"the slope of its result {short(true)}{described_ratio(q, hint)}"
        remedy = f"mend the row {op.name}, where dy/d{by.partition('[')[0]} = {op.partials[b]}"
        return Finding("BUG", evidence, remedy, op.name, by, label, q, hint)


@dataclass(frozen=True)
class Partial:
    """One partial of one recorded operation, beside the slope of the operation's result.

    word: right, wrong, inexact (the formula is right, floats lose its digits), kink, jump,
    infinite, edge or unknown."""

    row: Application
    operand: Value
    place: tuple[int, int]
    ours: float
    slope: Slope
    word: str

    @property
    def op(self) -> Op:
        """Its row."""
        return self.row.op

    @property
    def name(self) -> str:
        """What the row calls the operand."""
        return self.row.name(*self.place)

    @property
    def at(self) -> str:
        """``tanh(n = 0)``: the operation, its operand and the number of that."""
        label = f"{self.operand.label} = " if self.operand.label else ""
        return f"{self.op.name}({label}{short(self.operand.data)})"

    @property
    def valid(self) -> bool:
        """Whether ours lies between the slopes on both sides of a kink."""
        return between(self.ours, self.slope)

    @property
    def finding(self) -> Finding | None:
        """What is wrong with the row: here, or beside a kink that has an invalid subgradient."""
        if self.word == "wrong":
            true = float(self.slope.value)
            return self.row.wrong(*self.place, self.ours, true, self.operand.label)
        if self.word == "kink" and not self.valid:
            b, i = self.place
            x = self.row.operands[b][i]
            for there in (x - 0.1 * (abs(x) or 1), x + 0.1 * (abs(x) or 1)):
                row = self.row.with_operand(b, i, there)
                word, ours, found = row.judged(b, i)
                if word == "wrong":
                    return row.wrong(b, i, ours, float(found.value), self.operand.label)
        return None


def between(ours: float, found: Slope) -> bool:
    """Whether a number is a subgradient: between the slopes on both sides, or equal to one."""
    low, high = sorted((found.left, found.right))
    slack = 1e-6 * max(abs(low), abs(high)) + 10 * float(found.error)
    return bool(low - slack <= ours <= high + slack)


def sample(order: Iterable[Value], depends: Collection[Value], budget: int) -> list[Value]:
    """The operations to examine: all if there are few, else some of each row."""
    results = [v for v in order if v.operands and v in depends]
    if sum(min(len(v.operands), FEW) for v in results) <= budget:
        return results
    rows: dict[Op | None, list[Value]] = {}
    for value in results:
        rows.setdefault(value.op, []).append(value)
    each = max(1, budget // (2 * len(rows)))
    chosen = {v for many in rows.values() for v in many[:: max(1, len(many) // each)]}
    return [v for v in results if v in chosen]


def examined(result: Value, depends: Collection[Value]) -> Iterator[Partial]:
    """The partials of one operation by the operands that depend on the inputs."""
    assert result.op is not None
    row = Application(result.op, numbers_of(result), result.constants)
    partials = iter(result.partials)
    for b, many in enumerate(result.bundles):
        step = max(1, len(many) // FEW)
        for i, (operand, ours) in enumerate(zip(many, partials, strict=False)):
            if operand in depends and i % step == 0:
                word, ours, found = row.judged(b, i, ours)
                yield Partial(row, operand, (b, i), ours, found, word)
