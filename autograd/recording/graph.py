"""Graphs: numbered rows of the table, operands before results, as a run of f made them.

``simplify`` brings them to a normal form; both are walked by ``results``."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from autograd.engine.errors import GraphError
from autograd.engine.guard import guarded
from autograd.engine.notation import written
from autograd.engine.reverse import topological
from autograd.engine.table import CONSTANT, Op
from autograd.engine.value import Value
from autograd.recording.trace import INPUTS, Place, Tracer, line_of, origin

__all__ = ["Graph", "agreed", "flat", "graph_of", "grouped"]


@dataclass
class Graph:
    """Nodes 0, 1, 2 ...: the inputs, then parameters, numbers and results as they were met.

    A result has a row, and by each of its operands' names a node, or for n-ary rows a tuple of
    nodes; its constants are nodes too, because the condition of ``where`` may be computed."""

    inputs: int
    rows: list[Op | None] = field(default_factory=list)
    operands: list[tuple[Any, ...]] = field(default_factory=list)
    constants: list[tuple[int, ...]] = field(default_factory=list)
    places: list[Place | None] = field(default_factory=list)
    numbers: dict[int, float] = field(default_factory=dict)
    parameters: dict[int, Value] = field(default_factory=dict)
    outputs: list[int] = field(default_factory=list)
    node_of: dict[Any, int] = field(default_factory=dict)  # of numbers and shared results

    def add(
        self,
        row: Op | None = None,
        operands: tuple[Any, ...] = (),
        constants: tuple[int, ...] = (),
        place: Place | None = None,
    ) -> int:
        """A new node: a result, or without a row a leaf."""
        self.rows.append(row)
        self.operands.append(operands)
        self.constants.append(constants)
        self.places.append(place)
        return len(self.rows) - 1

    def number(self, x: float) -> int:
        """The node of a number; 0.0 and -0.0 differ, nan does not."""
        key = x if x and x == x else repr(x)
        node = self.node_of.get(key)
        if node is None:
            node = self.node_of[key] = self.add()
            self.numbers[node] = x
        return node

    def results(self, nodes: Iterable[int] | None = None) -> Iterator[tuple[int, Op, Any, Any]]:
        """Each result (of all nodes, or of these): its node, row, operands and constants."""
        for node in range(len(self.rows)) if nodes is None else nodes:
            row = self.rows[node]
            if row is not None:
                yield node, row, self.operands[node], self.constants[node]


def flat(operands: tuple[Any, ...]) -> tuple[int, ...]:
    """The nodes among operands, whether their names are starred or not."""
    if operands and type(operands[0]) is tuple:
        return tuple([o for many in operands for o in many])
    return operands


def grouped(row: Op, operands: tuple[Any, ...], of: Any) -> list[Any]:
    """``of[node]`` of the operands as a row's formulas take them: of a starred name a list."""
    if not row.nary:
        return [of[o] for o in operands]
    return row.grouped([[of[o] for o in many] for many in operands])


def _is_left_over(value: Value) -> bool:
    """Whether a value was made by a recording that is done."""
    made = topological(value) if value.operands else (value,)
    return any(INPUTS.get(id(v)) is v for v in made)


class _Numbering:
    """The nodes of values, given out as they are met."""

    def __init__(self, inputs: list[Value], variables: Container[Value]) -> None:
        self.variables = variables
        self.graph = Graph(len(inputs))
        self.nodes: dict[Value, int] = {value: self.graph.add() for value in inputs}
        self.bundles: dict[int, tuple[int, ...]] = {}

    def node(self, value: Value) -> int:
        node = self.nodes.get(value)
        if node is not None:
            return node
        if value.op is CONSTANT:  # a number that an expression mentions
            return self.graph.number(value._data)
        source = origin(value, self.variables)
        if source is not value:
            node = self.node(source)
        elif value in self.variables and value.op is None:
            node = self.graph.number(value._data)
        elif value not in guarded and _is_left_over(value):
            needed = "a recorded function needs its own results, got a Value of another recording"
            raise GraphError(f"{needed}: pass numbers in as arguments")
        else:
            node = self.graph.add()
            self.graph.parameters[node] = value
        self.nodes[value] = node
        return node

    def many(self, values: tuple[Value, ...]) -> tuple[int, ...]:
        nodes = self.bundles.get(id(values))
        if nodes is None:
            nodes = self.bundles[id(values)] = tuple(map(self.node, values))
        return nodes

    def take(self, result: Value, place: Place | None, live: dict[Value, Value]) -> None:
        row, bundles = result.op, result.bundles
        assert row is not None
        operands: tuple[Any, ...]
        if row.nary:  # bundles that several results share are numbered once
            operands = tuple(
                self.many(many) if name[0] == "*" else tuple(map(self.node, many))
                for name, many in zip(row.operands, bundles, strict=True)
            )
        else:
            operands = tuple([self.node(v) for (v,) in bundles])
        constants = tuple(map(self.graph.number, result.constants))
        if result in live:
            constants = (self.node(live[result]),)
        self.nodes[result] = self.graph.add(row, operands, constants, place)


def graph_of(tracer: Tracer, inputs: list[Value], outputs: Iterable[Value | float]) -> Graph:
    """Number what a run did."""
    numbering = _Numbering(inputs, tracer.variables)
    for result, place in zip(tracer.results, tracer.places or repeat(None), strict=False):
        numbering.take(result, place, tracer.live)
    graph = numbering.graph
    graph.outputs = [
        numbering.node(y) if isinstance(y, Value) else graph.number(y) for y in outputs
    ]
    return graph


def agreed(first: Graph, second: Graph, name: str) -> Graph:
    """What two runs with the same numbers have in common, which must be all of it.

    A leaf that both met is a parameter, which replays read; one that each made for itself is a
    number."""
    for a, b in zip(first.parameters.items(), second.parameters.items(), strict=False):
        if a[0] == b[0] and a[1] is not b[1]:
            if a[1].op is not None:
                raise GraphError(
                    f"{name} uses {written(a[1])}, a result that another thread computes, "
                    "which would be frozen: compute it in the thread that records"
                )
            first.numbers[a[0]], second.numbers[b[0]] = a[1].data, b[1].data
    for node in first.numbers:
        first.parameters.pop(node, None)
    if _all(first) == _all(second):
        return first
    where = f"the result of {name}"
    for node, place in enumerate(first.places[: len(second.rows)]):
        if place and _facts(first, node) != _facts(second, node):
            where = f"{line_of(place)}: a number or an operation"
            break
    raise GraphError(
        f"{where} differs between two runs of {name} with the same numbers, so it would be frozen: "
        "draw random numbers (or read clocks) outside and pass them in as arguments"
    )


def _all(graph: Graph) -> Any:
    return graph.rows, graph.operands, graph.constants, repr(graph.numbers)


def _facts(graph: Graph, node: int) -> Any:
    """What must be the same about a node: its row, its operands, and the numbers among these."""
    used = (*flat(graph.operands[node]), *graph.constants[node])
    numbers = [repr(graph.numbers[o]) for o in (node, *used) if o in graph.numbers]
    return graph.rows[node], graph.operands[node], graph.constants[node], numbers
