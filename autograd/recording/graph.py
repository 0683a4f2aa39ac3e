"""Steps: a recording as numbered rows of the table, operands before results."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from autograd.engine.errors import GraphError
from autograd.engine.table import CONSTANT, Op
from autograd.engine.value import Value
from autograd.recording.trace import DATA, Place, Traced, Tracer, line_of, origin

__all__ = ["Steps", "agreed", "steps_of"]


@dataclass
class Steps:
    """Nodes 0, 1, 2 ...: the inputs, then parameters, numbers and results as they were met.

    A result has a row, and by each of its operands' names a number, or for n-ary rows a tuple of
    numbers; its constants are nodes too, because the condition of ``where`` may be computed."""

    inputs: int
    rows: list[Op | None] = field(default_factory=list)
    operands: list[tuple[Any, ...]] = field(default_factory=list)
    constants: list[tuple[int, ...]] = field(default_factory=list)
    places: list[Place | None] = field(default_factory=list)
    numbers: dict[int, float] = field(default_factory=dict)
    parameters: dict[int, Value] = field(default_factory=dict)
    outputs: list[int] = field(default_factory=list)

    def leaf(self) -> int:
        """A new node that no row makes."""
        self.rows.append(None)
        self.operands.append(())
        self.constants.append(())
        self.places.append(None)
        return len(self.rows) - 1


class _Numbering:
    """The nodes of values, given out as they are met."""

    def __init__(self, inputs: list[Value]) -> None:
        self.steps = Steps(len(inputs))
        self.nodes: dict[Value, int] = {value: self.steps.leaf() for value in inputs}
        self.of_number: dict[float | str, int] = {}
        self.bundles: dict[int, tuple[int, ...]] = {}

    def number(self, x: float) -> int:
        """The node of a number; 0.0 and -0.0 differ, nan does not."""
        key = x if x and x == x else repr(x)
        node = self.of_number.get(key)
        if node is None:
            node = self.of_number[key] = self.steps.leaf()
            self.steps.numbers[node] = x
        return node

    def node(self, value: Value) -> int:
        node = self.nodes.get(value)
        if node is not None:
            return node
        if value.op is CONSTANT:  # a number that an expression mentions
            return self.number(DATA.__get__(value))
        source = origin(value)
        if source is not value:
            node = self.node(source)
        elif isinstance(value, Traced) and value.op is None:
            node = self.number(DATA.__get__(value))
        elif isinstance(value, Traced):
            raise GraphError(
                "a recorded function needs its own results, got a Value that another recording (or a copy) made: "
                "pass numbers in as arguments"
            )
        else:
            node = self.steps.leaf()
            self.steps.parameters[node] = value
        self.nodes[value] = node
        return node

    def many(self, values: tuple[Value, ...]) -> tuple[int, ...]:
        nodes = self.bundles.get(id(values))
        if nodes is None:
            nodes = self.bundles[id(values)] = tuple(map(self.node, values))
        return nodes

    def take(self, result: Value, place: Place | None, live: dict[Value, Value]) -> None:
        row, a, b, nodes, steps = result.op, result._a, result._b, self.nodes, self.steps
        assert row is not None
        operands: tuple[Any, ...]
        if a is None:
            operands = tuple(map(self.many, result._da[::2]))
            if len(operands) < len(row.operands):  # the one that may be left out
                operands += ((self.node(b),) if b is not None else (),)
        else:
            first = nodes.get(a)
            if first is None:
                first = self.node(a)
            if b is None:
                operands = (first,)
            else:
                second = nodes.get(b)
                operands = (first, self.node(b) if second is None else second)
        constants: tuple[int, ...] = ()
        if row.constants:
            given = result.constants
            constants = (
                (self.node(live[result]),) if result in live else tuple(map(self.number, given))
            )
        nodes[result] = len(steps.rows)
        steps.rows.append(row)
        steps.operands.append(operands)
        steps.constants.append(constants)
        steps.places.append(place)


def steps_of(tracer: Tracer, inputs: list[Value], outputs: Iterable[Value | float]) -> Steps:
    """Number what a run did."""
    numbering = _Numbering(inputs)
    for result, place in zip(tracer.results, tracer.places or repeat(None), strict=False):
        numbering.take(result, place, tracer.live)
    steps = numbering.steps
    steps.outputs = [
        numbering.node(y) if isinstance(y, Value) else numbering.number(y) for y in outputs
    ]
    return steps


def agreed(first: Steps, second: Steps, name: str) -> Steps:
    """What two runs with the same numbers have in common, which must be all of it.

    A leaf that both met is a parameter, which replays read; one that each made for itself is a
    number."""
    for a, b in zip(first.parameters.items(), second.parameters.items(), strict=False):
        if a[0] == b[0] and a[1] is not b[1]:
            first.numbers[a[0]], second.numbers[b[0]] = a[1].data, b[1].data
    for node in first.numbers:
        first.parameters.pop(node, None)
    same = (
        first.rows == second.rows
        and first.operands == second.operands
        and first.constants == second.constants
        and repr(first.numbers) == repr(second.numbers)
    )
    if not same:
        raise GraphError(
            f"{_first_difference(first, second, name)} differs between two runs of {name} with the same numbers, "
            "so it would be frozen: draw random numbers (or read clocks) outside and pass them in as arguments"
        )
    return first


def _first_difference(first: Steps, second: Steps, name: str) -> str:
    """The line of the first step that is not the same in both runs."""
    for node, place in enumerate(first.places):
        if node >= len(second.rows):
            break
        used = [
            o
            for many in first.operands[node]
            for o in (many if isinstance(many, tuple) else (many,))
        ]
        numbers = [
            [repr(steps.numbers.get(o)) for o in (*used, *first.constants[node])]
            for steps in (first, second)
        ]
        if (
            first.rows[node] is not second.rows[node]
            or first.operands[node] != second.operands[node]
            or numbers[0] != numbers[1]
        ) and place:
            return f"{line_of(place)}: a number or an operation"
    return f"the result of {name}"
