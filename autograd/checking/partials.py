"""Each operation of a graph against the slope of its own result: which partial is wrong, and which
has a kink there. The slope comes from the text of the result alone.

>>> x = Value(0.5, "x")
>>> [(p.word, p.ours, float(p.slope.value)) for p in examined(x.square(), {x})]
[('right', 1.0, 1.0)]
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from autograd.checking.digits import exact_slope, precise
from autograd.checking.graph import Graph, lacking, numbers_of
from autograd.checking.inputs import same
from autograd.checking.line import Line
from autograd.checking.report import Finding, apart, described_ratio, named, ratio, swapped
from autograd.checking.slopes import Slope, quick, slope
from autograd.engine.formula import EDGE, Arithmetic, formula, result_formula
from autograd.engine.functions import VALUES
from autograd.engine.notation import NAMELESS, short
from autograd.engine.table import Op
from autograd.engine.value import Value

# Of a starred operand, this many are examined; the row says the same of each.
FEW = 6


@dataclass(frozen=True, eq=False)
class Partial:
    """The partial of one operation at some numbers by one of its operands, which has this label."""

    op: Op
    operands: list[list[float]]
    constants: tuple[float, ...]
    place: tuple[int, int]  # which bundle, and which operand of it
    label: str = ""
    recorded: float | None = None  # if None, that of the row's own formula is examined

    @property
    def name(self) -> str:
        """What the row calls the operand: ``x``, or ``x[2]`` for one of many."""
        b, i = self.place
        name = self.op.operands[b]
        return f"{name[1:]}[{i}]" if name.startswith("*") else name

    @property
    def x(self) -> float:
        """The number of the operand."""
        b, i = self.place
        return self.operands[b][i]

    @property
    def at(self) -> str:
        """``tanh(n = 0)``: the operation, its operand and the number of that."""
        return f"{self.op.name}({f'{self.label} = ' if self.label else ''}{short(self.x)})"

    @property
    def where(self) -> tuple[str, str, str]:
        """Operation, operand and label, as a finding has them."""
        return self.op.name, self.name, self.label

    @cached_property
    def ours(self) -> float:
        """The partial."""
        return float(self._formula(EDGE)) if self.recorded is None else self.recorded

    @cached_property
    def slope(self) -> Slope:
        """The slope of the result by the operand, from its text alone."""
        if not math.isfinite(self.x):
            return Slope("edge")
        # A word that the user defined in Python knows no more digits than a float has.
        if not self.op.vocabulary and (found := exact_slope(self._result, self.x)):
            return found
        line = Line.of(lambda x: self._result(x, EDGE), self.x)
        return quick(line, self.ours, self.x) or slope(line)

    @cached_property
    def word(self) -> str:
        """right, wrong, inexact (floats lose digits), kink, jump, infinite, edge or unknown."""
        found = self.slope
        if found.kind in ("kink", "jump", "infinite", "edge"):
            return found.kind
        if found.kind in ("round-off", "truncation"):
            return "unknown"
        slack = 1e-6 if isinstance(found.error, float) else 1e-9
        if abs(self.ours - found.value) <= slack * abs(found.value) + 10 * found.error + 1e-300:
            return "right"
        return "inexact" if self._formula_is_right() else "wrong"

    @property
    def finding(self) -> Finding | None:
        """What is wrong with the row: here, or beside a kink that has an invalid subgradient."""
        if self.word == "wrong":
            return self._wrong()
        if self.word == "kink" and not self.slope.bounds(self.ours):
            step = 0.1 * (abs(self.x) or 1)
            beside = (self._moved(self.x - step), self._moved(self.x + step))
            return next((p._wrong() for p in beside if p.word == "wrong"), None)
        return None

    def _moved(self, x: float) -> "Partial":
        """The row's own partial at another number."""
        b, i = self.place
        operands = [list(many) for many in self.operands]
        operands[b][i] = x
        return replace(self, operands=operands, recorded=None)

    def _result(self, x: Any, arithmetic: Arithmetic) -> Any:
        """What the row's text gives with x for the operand."""
        (b, i), numbers = self.place, self._numbers(arithmetic)
        numbers[b][i] = x
        return result_formula(self.op, arithmetic)(*self.op.grouped(numbers), *self.constants)

    def _formula(self, arithmetic: Arithmetic) -> Any:
        """What the row's own formula says of the partial."""
        (b, i), op = self.place, self.op
        numbers, name = op.grouped(self._numbers(arithmetic)), op.operands[b]
        y = result_formula(op, arithmetic)(*numbers, *self.constants)
        answer = formula(op, op.partials[b], arithmetic, name)(*numbers, y, *self.constants)
        return answer[i] if name.startswith("*") else answer

    def _numbers(self, arithmetic: Arithmetic) -> list[list[Any]]:
        lift = getattr(arithmetic, "lift", float)
        return [list(map(lift, many)) for many in self.operands]

    def _formula_is_right(self) -> bool:
        """Whether the formula equals the slope, and ours is what floats make of that formula."""
        arithmetic, found = precise(60), self.slope
        if arithmetic is None or self.op.vocabulary:
            return False
        apart = abs(self._formula(arithmetic) - found.value)
        if not apart <= 1e-12 * abs(found.value) + 10 * found.error:
            return False
        again = float(self._formula(EDGE))
        return same([again], [self.ours]) or abs(again - self.ours) <= 1e-12 * abs(self.ours)

    def _wrong(self) -> Finding:
        """The finding on a partial that is not the slope: where, by how much, its name."""
        op, by, ours, true = self.op, self.name, self.ours, float(self.slope.value)
        q, hint = ratio(ours, true), named(ours, true)
        if hint.startswith("factor") or not hint:
            hint = self._lacking(q) or hint
        if op.operands == ("a", "b"):
            both = [replace(self, place=(b, 0), recorded=None) for b in (0, 1)]
            if swapped([p.ours for p in both], [float(p.slope.value) for p in both]):
                hint = "operands swapped"
        evidence = f"{op.name}: its partial by {by} ({self.label or short(self.x)}) is "
        evidence += ", the slope of its result ".join(apart(ours, true))
        formula = f"dy/d{by.partition('[')[0]} = {op.partials[self.place[0]]}"
        remedy = f"correct the row {op.name}, where {formula}"
        return Finding("BUG", evidence + described_ratio(q, hint), remedy, *self.where, q, hint)

    def _lacking(self, q: float) -> str:
        """The part of the result whose own derivative the partial lacks."""
        (b, _), aside = self.place, self._moved(1.1 * self.x + 0.1)
        here, there = (None, None) if self.op.nary else (self._graph(), aside._graph())
        if here is None or there is None:
            return ""
        beside = there, ratio(aside.ours, sum(there.paths()[0][there.inputs[b]]))
        return lacking(here, b, q, beside, varying=True)[0]

    def _graph(self) -> Graph | None:
        """The row's own text as a graph of other rows, if it is one."""
        pairs = zip(self.operands, self.op.operands, strict=True)
        inputs = [Value(x, name) for (x,), name in pairs]
        try:
            y = result_formula(self.op, VALUES)(*inputs, *self.constants)
        except Exception:  # a word of the user's own may not take Values
            return None
        return Graph(y, inputs) if isinstance(y, Value) and y.operands else None


def sample(results: list[Value], budget: int) -> list[Value]:
    """The operations to examine: all if there are few, else some of each row."""
    if sum(min(len(v.operands), FEW) for v in results) <= budget:
        return results
    rows: dict[Op | None, list[Value]] = {}
    for value in results:
        rows.setdefault(value.op, []).append(value)
    each = max(1, budget // (2 * len(rows)))
    chosen = {v for many in rows.values() for v in many[:: max(1, len(many) // each)]}
    return [v for v in results if v in chosen]


def examined(
    result: Value, depends: Collection[Value], names: Mapping[Value, str] = NAMELESS
) -> Iterator[Partial]:
    """The partials of one operation by the operands that depend on the inputs."""
    assert result.op is not None
    row = result.op, numbers_of(result), result.constants
    partials = iter(result.partials)
    for b, many in enumerate(result.bundles):
        step = max(1, len(many) // FEW)
        for i, (operand, ours) in enumerate(zip(many, partials, strict=False)):
            if operand in depends and i % step == 0:
                yield Partial(*row, (b, i), operand.label or names.get(operand, ""), ours)
