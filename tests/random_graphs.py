"""Random graphs over all rows of the table, as plans that Values, plain floats and mpmath can
replay alike.
"""

from random import Random
from typing import Any, NamedTuple

from autograd import OPS, Bundle, Op, Value
from autograd.engine.operators import RECORD
from tests.oracle import FLOAT, TEXTBOOK, defaults


class Step(NamedTuple):
    """A row applied to earlier nodes: the number of each operand, in groups as the row names them."""

    op: Op
    groups: tuple[tuple[int, ...], ...]

    @property
    def operands(self) -> list[int]:
        return [i for group in self.groups for i in group]

    def given(self, numbers: Any) -> list[Any]:
        """The operands and constants, as the textbook formulas take them."""
        names = zip(self.op.operands, self.groups, strict=True)
        groups = [
            [numbers[i] for i in group] if name[0] == "*" else numbers[group[0]]
            for name, group in names
        ]
        return [*groups, *defaults(self.op)]

    def result(self, m: Any, numbers: Any) -> Any:
        return TEXTBOOK[self.op.name].result(m, *self.given(numbers))

    def partials(self, m: Any, numbers: Any) -> list[Any]:
        partials = [partial(m, *self.given(numbers)) for partial in TEXTBOOK[self.op.name].partials]
        return [
            one
            for partial in partials
            for one in (partial if isinstance(partial, list) else [partial])
        ]


Plan = list[float | Step]  # a number is a leaf


def drawn(seed: int, size: int) -> Plan:
    """A graph of size nodes in which every operand lies in the span of its row, away from kinks and
    jumps.
    """
    rng = Random(seed)
    plan: Plan = []
    numbers: list[float] = []
    bundles: list[tuple[int, ...]] = []

    def add(node: float | Step, number: float) -> int:
        plan.append(node)
        numbers.append(number)
        return len(plan) - 1

    def operand(span: tuple[float, float]) -> int:
        for _ in range(6 if rng.random() < 0.9 else 0):
            start = max(0, len(plan) - 40) if rng.random() < 0.7 else 0
            if plan and span[0] <= numbers[i := rng.randrange(start, len(plan))] <= span[1]:
                return i
        leaf = rng.uniform(*span)
        return add(leaf, leaf)

    def group(name: str, span: tuple[float, float], length: int) -> tuple[int, ...]:
        if name[0] != "*":
            return (operand(span),)
        known = [many for many in bundles if len(many) == length]
        if known and rng.random() < 0.5:
            return rng.choice(known)  # a bundle that several results share
        bundles.append(tuple(operand(span) for _ in range(length)))
        return bundles[-1]

    rows = list(OPS.values())
    while len(plan) < size - 1:
        op = rng.choice(rows)
        length = rng.randint(1, 6)
        step = Step(
            op,
            tuple(
                group(name, span, length) for name, span in zip(op.operands, op.span, strict=True)
            ),
        )
        if steady(step, numbers):
            add(step, float(step.result(FLOAT, numbers)))
    used = {i for node in plan if isinstance(node, Step) for i in node.operands}
    ends = tuple(i for i in range(len(plan)) if i not in used)
    add(Step(OPS["total"], (ends,)), 0.0)
    return plan


def steady(step: Step, numbers: list[float]) -> bool:
    """Whether rounding errors in the operands cannot carry the step over a kink or a jump."""
    slots = iter(range(len(step.operands)))
    alone = Step(step.op, tuple(tuple(next(slots) for _ in group) for group in step.groups))
    here = [numbers[i] for i in step.operands]
    nudged = [
        [x + h * (i == j) for j, x in enumerate(here)]
        for i in range(len(here))
        for h in (1e-7, -1e-7)
    ]
    right, *near = ([alone.result(FLOAT, x), *alone.partials(FLOAT, x)] for x in [here, *nudged])
    return all(
        abs(a - b) < 1e-3 * (1 + abs(a))
        for other in near
        for a, b in zip(right, other, strict=True)
    )


def replay(plan: Plan) -> tuple[list[Value], Value]:
    """The plan on Values: all its nodes, and the last; groups with the same operands share one
    bundle.
    """
    values: list[Value] = []
    bundles: dict[tuple[int, ...], Bundle] = {}
    for node in plan:
        if not isinstance(node, Step):
            values.append(Value(node))
            continue
        operands: list[Any] = [
            bundles.setdefault(group, Bundle(values[i] for i in group))
            if name[0] == "*"
            else values[group[0]]
            for name, group in zip(node.op.operands, node.groups, strict=True)
        ]
        values.append(RECORD[node.op.name](*operands, *defaults(node.op)))
    return values, values[-1]


def sweep(m: Any, plan: Plan) -> tuple[list[Any], list[Any]]:
    """The textbook's reverse pass in any arithmetic: each node's gradient, and its sum of
    magnitudes.
    """
    numbers: list[Any] = []
    for node in plan:
        numbers.append(node.result(m, numbers) if isinstance(node, Step) else m.mpf(node))
    grads, magnitudes = [m.mpf(0)] * len(plan), [m.mpf(0)] * len(plan)
    grads[-1] = magnitudes[-1] = m.mpf(1)
    for i in range(len(plan) - 1, -1, -1):
        node = plan[i]
        if isinstance(node, Step):
            for operand, partial in zip(node.operands, node.partials(m, numbers), strict=True):
                grads[operand] += partial * grads[i]
                magnitudes[operand] += abs(partial) * magnitudes[i]
    return grads, magnitudes
