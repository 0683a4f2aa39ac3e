"""Random graphs over all rows of the table, as plans that Values, recordings, plain floats and
mpmath can follow alike.
"""

import operator
import struct
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from hashlib import sha1
from math import inf, nan
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autograd import OPS, Bundle, Op, Value, no_grad, topological, where
from autograd.engine.changes import passes
from autograd.engine.functions import FUNCTIONS
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


# Graphs that keep away from nothing, spoken as users speak: for the comparison of two engines.

NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5, 0.1, 30.0, -745.2, 710.0, 1e16, 1e200)
NUMBERS += (25368550.102573503, 1.604167022216706)  # whose quotient rounds below a whole number
NUMBERS += (1e-200, 2.2e-308, 5e-324, -5e-324, sys.float_info.max, -1e308, inf, -inf, nan)


class Tracked(Value):
    """The collector follows what is made from it."""


def wild(rng: Random, size: int) -> Plan:
    """Any row on any earlier nodes, at ties, edges, poles and beyond."""
    strange = rng.choice((0.0, 0.1, 0.5))
    plan: Plan = []
    bundles: list[tuple[int, ...]] = []

    def number() -> float:
        return rng.choice(NUMBERS) if rng.random() < strange else rng.gauss(0, 2)

    def group(name: str, length: int) -> tuple[int, ...]:
        if name[0] != "*":
            start = max(0, len(plan) - 8) if rng.random() < 0.5 else 0
            return (rng.randrange(start, len(plan)),) * (name != "c" or length % 2)
        known = [many for many in bundles if len(many) == length]
        if not known or rng.random() < 0.5:
            known = [tuple(rng.randrange(len(plan)) for _ in range(length))]
            bundles.append(known[0])
        return rng.choice(known)

    while len(plan) < size:
        if len(plan) < 2 or rng.random() < 0.15:
            plan.append(number())
            continue
        op, length = rng.choice([*OPS.values()]), rng.choice((1, 2, 3, 4, 5, 6, 12))
        constants = tuple(rng.choice((x, number(), rng.choice(EXPONENTS))) for _, x in op.constants)
        plan.append(Step(op, tuple(group(name, length) for name in op.operands), constants))
    return plan


def spoken(
    rng: Random, plan: Plan, values: list[Any], bundles: dict[tuple[int, ...], Bundle]
) -> Iterator[str]:
    """What of the plan is not among the values yet: each step by its recorder, an operator, a
    method or a function, with some operands as plain numbers. Yields what was raised.
    """

    def plain(x: float) -> Any:
        kinds = [float, *[int, Fraction] * (x == x and abs(x) < 1e20 and x == int(x))]
        return rng.choice(kinds)(x)

    def operand(i: int) -> Any:
        at = values[i]._data
        return plain(at) if isinstance(plan[i], float) and rng.random() < 0.3 else values[i]

    def result(step: Step) -> Any:
        op, way = step.op, rng.choice(("recorder", "operator", "method", "function"))
        if op.nary:
            given: list[Any] = []
            for name, many in zip(op.operands, step.groups, strict=True):
                known = bundles.setdefault(many, Bundle([values[i] for i in many]))
                if name[0] != "*":
                    given += [operand(i) if way == "function" else values[i] for i in many]
                elif way == "function" and rng.random() < 0.6:
                    given.append([operand(i) for i in many])
                else:
                    given.append(known)
            if way == "function":
                return FUNCTIONS[op.name](*given)
            return RECORD[op.name](*given, *[None] * (len(op.operands) - len(given)))
        first, *others = step.operands
        given = [values[first], *map(operand, others)]
        constants = [plain(c) for c in step.constants]
        if way == "operator" and len(given) == 2 and op.operator:
            given[0] = operand(first) if isinstance(given[1], Value) else given[0]
            return getattr(operator, op.operator)(*given)
        if op.name in ("power", "pow") and way == "operator":
            return values[first] ** (constants or given[1:])[0]
        if way == "function" and op.name == "where":
            return where(constants[0], *given)
        if way == "function":
            return FUNCTIONS[op.name](*given, *constants)
        if way == "method":
            return getattr(values[first], op.name)(*given[1:], *constants)
        if step.constants == defaults(op):
            constants = []
        return RECORD[op.name](*(values[i] for i in step.operands), *constants)

    for node in plan[len(values) :]:
        if not isinstance(node, Step):
            values.append((Tracked if rng.random() < 0.1 else Value)(node))
            continue
        with no_grad() if rng.random() < 0.03 else nullcontext():
            try:
                made = result(node)
            except Exception as error:
                yield f"{len(values)} {node.op.name} raised {error!r}"
                made = 1.0
        values.append(made if isinstance(made, Value) else Value(float(made)))


def spelled_out(values: Sequence[Any]) -> Iterator[str]:
    """All that graphs hold, to the bit: a line a node."""

    def text(x: float) -> str:
        return "nan" if x != x else x.hex()

    every, places = list(values), {v: i for i, v in enumerate(values)}
    for v in every:
        for operand in v.operands:
            if operand not in places:
                places[operand] = len(every)
                every.append(operand)
        yield (
            f"{type(v).__name__} {v.op.name if v.op else None} {text(v.data)} {text(v.grad)} "
            f"reached {v.reached} recorded {v.recorded} {v.label} by {[*map(text, v.constants)]} "
            f"of {[[places[o] for o in many] for many in v.bundles]} "
            f"{[places[o] for o in v.operands]} d {[*map(text, v.partials)]}"
        )


def history(seed: int) -> Iterator[str]:
    """What becomes of a graph, as text that every engine must give: it is made, differentiated,
    its data change, it grows, and is differentiated again.
    """
    rng, values, bundles = Random(seed), list[Any](), dict[tuple[int, ...], Bundle]()
    size = rng.choice((5, 15, 40, 120))
    plan = wild(rng, size)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for known in (size // 2, size):
            yield from spoken(rng, plan[:known], values, bundles)
            passes.clear()
            output = values[-1] if rng.random() < 0.7 else rng.choice(values)
            try:
                output.backward(rng.choice((1.0, 0.5, 2, -0.0, nan)))
            except Exception as error:
                yield f"backward raised {error!r}"
            if rng.random() < 0.1:
                rng.choice(values).zero_grad()
            yield from spelled_out(values)
            for v in rng.sample(values, rng.choice((0, 0, 1, 3)) if len(values) > 3 else 0):
                v.data = rng.choice((v.data, v.data + 1.0, rng.choice(NUMBERS)))
            if rng.random() < 0.3:
                rng.choice(values).label = "x"
    yield from (f"said {warning.message}" for warning in said)


if __name__ == "__main__":  # python -m tests.random_graphs 0 300: a line a graph
    for seed in range(*map(int, sys.argv[1:3])):
        print(seed, sha1("\n".join(history(seed)).encode()).hexdigest())
