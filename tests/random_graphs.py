"""Random graphs over all rows of the table, as plans that Values, recordings, plain floats and
mpmath can follow alike.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autograd import OPS, Bundle, Op, Value, topological, where
from autograd.engine.value import RECORD, constant
from tests.oracle import FLOAT, TEXTBOOK, defaults

CHOOSE = replace(OPS["minimum"], name="choose")  # as a comparison that each replay makes anew
FORMULAS = TEXTBOOK | {"choose": TEXTBOOK["minimum"]}
RECORDERS = RECORD | {"choose": lambda a, b: where(a < b, a, b)}
EXPONENTS = (3.0, 0.0, 1.0, 2.0, -1.0, 0.5, 2.5)


class Step(NamedTuple):
    """A row applied to earlier nodes: the place of each operand, in groups as the row has them."""

    op: Op
    groups: tuple[tuple[int, ...], ...]
    constants: tuple[float, ...]

    @property
    def operands(self) -> list[int]:
        return [i for group in self.groups for i in group]

    def given(self, numbers: Any) -> list[Any]:
        """The operands and constants, as the textbook formulas take them."""
        names = zip(self.op.operands, self.groups, strict=True)
        groups = [
            [numbers[i] for i in group] if name[0] == "*" else numbers[group[0]] if group else 0
            for name, group in names
        ]
        return [*groups, *self.constants]

    def result(self, m: Any, numbers: Any) -> Any:
        return FORMULAS[self.op.name].result(m, *self.given(numbers))

    def partials(self, m: Any, numbers: Any) -> list[Any]:
        partials = [partial(m, *self.given(numbers)) for partial in FORMULAS[self.op.name].partials]
        return [
            one
            for partial, group in zip(partials, self.groups, strict=True)
            for one in (partial if isinstance(partial, list) else [partial] * len(group))
        ]


Plan = list[float | Step]  # a number is a leaf


def drawn(rng: Random, size: int, inputs: Sequence[Sequence[float]] = ()) -> Plan:
    """A graph of size nodes, or a few more, in which every operand lies in the span of its row.

    Without inputs it keeps away from kinks and jumps, and all nodes reach the last. Inputs, each
    given by its numbers at some points, are the first leaves; all others are constants then. With
    inputs at no points, operands are anywhere.
    """
    plan: Plan = []
    # The numbers of all nodes, for each point.
    columns: list[list[float]] = [[] for _ in range(len(inputs[0]) if inputs else 1)]
    bundles: list[tuple[int, ...]] = []

    def add(node: float | Step, *numbers: float) -> int:
        plan.append(node)
        for column, x in zip(columns, numbers, strict=True):
            column.append(x)
        return len(plan) - 1

    def leaf(x: float) -> int:
        return add(x, *[x] * len(columns))

    def apply(name: str, *groups: tuple[int, ...], constants: tuple[float, ...] = ()) -> int:
        step = Step(OPS[name], groups, constants)
        return add(step, *(step.result(FLOAT, column) for column in columns))

    def inside(i: int, span: tuple[float, float]) -> bool:
        return all(span[0] <= column[i] <= span[1] for column in columns)

    def operand(span: tuple[float, float]) -> int:
        i = rng.randrange(len(plan)) if inputs else 0
        for _ in range(6 if rng.random() < 0.9 else 0):
            start = max(0, len(plan) - (4 if inputs else 40)) if rng.random() < 0.7 else 0
            if plan and inside(i := rng.randrange(start, len(plan)), span):
                return i
        if not inputs or not columns:
            return leaf(rng.uniform(*span))
        if rng.random() < 0.3:
            return apply("clip", (i,), constants=span)
        weights = (leaf(1.0), apply("sigmoid", (i,))), (leaf(span[0]), leaf(span[1] - span[0]))
        return apply("dot", *weights, ())

    def group(name: str, span: tuple[float, float], length: int) -> tuple[int, ...]:
        if name[0] != "*":
            return (operand(span),) * (length % 2 or not inputs or name != "c")
        known = [many for many in bundles if len(many) == length]
        if known and rng.random() < 0.5:
            return rng.choice(known)  # a bundle that several results share
        bundles.append(tuple(operand(span) for _ in range(length)))
        return bundles[-1]

    for numbers in inputs:
        add(0.0, *numbers)
    rows = [*OPS.values(), *[CHOOSE] * 4] if inputs else list(OPS.values())
    while len(plan) < size - 1:
        op = rng.choice(rows)
        length = rng.randint(1, 7)
        named = zip(op.operands, op.span, strict=True)
        groups = tuple(group(name, span, length) for name, span in named)
        if len(set(op.span)) < len(groups) == 2 and rng.random() < 0.15:
            groups = (groups[0],) * 2
        constants = (rng.choice(EXPONENTS),) if op.name == "power" else defaults(op)
        step = Step(op, groups, constants)
        if all(steady(step, column, 0.0 if inputs else 1e-7) for column in columns):
            add(step, *(float(step.result(FLOAT, column)) for column in columns))
    used = {i for node in plan if isinstance(node, Step) for i in node.operands}
    ends = [i for i in range(len(plan)) if i not in used]
    add(Step(OPS["total"], (tuple(ends[-3:] if inputs else ends),), ()), *[0.0] * len(columns))
    return plan


def steady(step: Step, numbers: list[float], h: float) -> bool:
    """Whether all is finite, and errors of h in the operands cannot carry the step over a kink or
    a jump.
    """
    slots = iter(range(len(step.operands)))
    alone = step._replace(groups=tuple(tuple(next(slots) for _ in group) for group in step.groups))
    here = [numbers[i] for i in step.operands]
    nudged = [
        [x + e * (i == j) for j, x in enumerate(here)] for i in range(len(here)) for e in (h, -h)
    ]
    try:
        right, *near = (
            [alone.result(FLOAT, x), *alone.partials(FLOAT, x)] for x in [here, *nudged]
        )
    except (ArithmeticError, ValueError):
        return False
    return all(
        abs(a - b) < 1e-3 * (1 + abs(a))
        for other in near
        for a, b in zip(right, other, strict=True)
    )


def replay(plan: Plan, inputs: Sequence[Any] = ()) -> tuple[list[Any], Any]:
    """The plan on Values: all its nodes, and the last; groups with the same operands share one
    bundle.
    """
    values = list(inputs)
    bundles: dict[tuple[int, ...], Bundle] = {}
    for node in plan[len(inputs) :]:
        if not isinstance(node, Step):
            values.append(constant(node) if inputs else Value(node))
            continue
        operands: list[Any] = [
            bundles.setdefault(group, Bundle(values[i] for i in group))
            if name[0] == "*"
            else next((values[i] for i in group), None)
            for name, group in zip(node.op.operands, node.groups, strict=True)
        ]
        values.append(RECORDERS[node.op.name](*operands, *node.constants))
    return values, values[-1]


Program = tuple[list[float], Plan]


def programs(size: int) -> st.SearchStrategy[Program]:
    """For hypothesis: the numbers of some inputs, and a small graph over them."""
    return st.builds(
        lambda rng, size, at: (at, drawn(rng, len(at) + size, [[x] for x in at])),
        st.randoms(use_true_random=False),
        st.integers(2, size),
        st.lists(st.floats(-2, 2), min_size=1, max_size=4),
    )


def built(program: Program) -> tuple[Value, list[Value]]:
    """The output of a program, and its inputs. Built twice, it gives two graphs of the same shape
    and numbers.
    """
    numbers, plan = program
    inputs = [Value(x, f"x{i}") for i, x in enumerate(numbers)]
    return replay(plan, inputs)[1], inputs


def bits(numbers: Sequence[float]) -> list[bytes]:
    """Floats to the bit: -0.0 is not 0.0, and nan is itself."""
    return [struct.pack("<d", x) for x in numbers]


def grads(output: Value) -> list[bytes]:
    """The grads of a whole graph, to the bit."""
    return bits([v.grad for v in topological(output)])


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
