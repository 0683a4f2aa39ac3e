"""Graphs: numbered rows of the table, operands before results, as a run of f made them.

``simplify`` brings them to a normal form; both are walked by ``results``."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count, repeat
from typing import Any, TypeVar
from weakref import ref

from autograd.engine.errors import GraphError
from autograd.engine.guard import guard_of
from autograd.engine.native import library
from autograd.engine.notation import written
from autograd.engine.reverse import topological
from autograd.engine.table import CONSTANT, OPS, Op
from autograd.engine.value import Bundle, Value
from autograd.recording.trace import Place, Tracer, line_of

__all__ = ["Graph", "Loop", "Part", "agreed", "flat", "graph_of", "grouped"]


N = TypeVar("N")


class Graph:
    """Nodes 0, 1, 2 ...: the inputs, then parameters, numbers and results as they were met.

    A result has a row, and by each of its operands' names a node, or for n-ary rows a tuple of
    nodes; its constants are nodes too, because the condition of ``where`` may be computed. Some of
    the inputs are shared: they are the same for all samples."""

    def __init__(self, inputs: int, shared: Iterable[int] = ()) -> None:
        self.inputs, self.shared = inputs, [*shared]
        self.rows: list[Op | None] = [None] * inputs
        self.operands: list[tuple[Any, ...]] = [()] * inputs
        self.constants: list[tuple[int, ...]] = [()] * inputs
        self.places: list[Place | None] = [None] * inputs
        self.numbers: dict[int, float] = {}
        self.parameters: dict[int, Value] = {}
        self.outputs: list[int] = []
        self.node_of: dict[Any, int] = {}  # of numbers and shared results
        self.has_loops = False  # or functions that are called

    def add(
        self, row: Op | None = None, operands: Any = (), constants: Any = (), place: Any = None
    ) -> int:
        """A new node: a result, or without a row a leaf."""
        if isinstance(row, Loop):
            self.has_loops = True
        self.rows.append(row)
        self.operands.append(operands)
        self.constants.append(constants)
        self.places.append(place)
        return len(self.rows) - 1

    def again(self, row: Op, operands: Any, constants: Any, place: Any, nodes: Any) -> int:
        """A result of another graph, whose nodes are these in this one."""
        of = nodes.__getitem__
        own = [tuple(map(of, some)) for some in operands] if row.nary else map(of, operands)
        return self.add(row, tuple(own), constants and tuple(map(of, constants)), place)

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


@dataclass(frozen=True, eq=False)
class Loop(Op):
    """The row of a node that does a body of operations again and again.

    Its operands are the first state, the entries of each step, what the body closes over (in the
    order of the body's parameters), and for a loop of no fixed number of steps whether there is a
    first one. The body's inputs are a state and an entry, its outputs the next state, and then
    whether there is a next step; of a called function they are all that it returns."""

    body: Any = field(default=None, repr=False)
    states: int = 0
    elements: int = 0
    steps: int | None = 1
    twin: Any = field(default=lambda: None, repr=False)  # a body that is known to be the same
    moved: dict[Any, Any] = field(default_factory=dict, repr=False)  # see tangents.along
    # Of one that takes slopes along: the loop that has the same steps without, and where its
    # operands are among these.
    plain: Any = field(default=None, repr=False)
    places: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, name: str, body: Graph, states: int, elements: int, steps: int | None, **facts: Any
    ) -> "Loop":
        """The row for a body."""
        counts: Any = {"states": states, "elements": elements, "steps": steps}
        return cls(name, ("*x",), "x", ("0",), body=body, **counts, **facts)

    @property
    def results(self) -> int:
        """How many numbers a step gives."""
        return len(self.body.outputs) - (self.steps is None)

    def entries(self, operands: Sequence[N]) -> tuple[Iterator[Sequence[N]], dict[int, N]]:
        """Of its operands the entries of each step, of which there may be no end, and what its body
        closes over, by the body's parameters."""
        k, m = self.states, self.elements
        rest = operands[k + m * (self.steps or 0) :]
        steps = count() if self.steps is None else range(self.steps)
        entries = (operands[k + m * t : k + m * (t + 1)] for t in steps)
        return entries, dict(zip(self.body.parameters, rest, strict=False))

    @cached_property
    def parts(self) -> "list[Part]":
        """The rows of its results."""
        facts = self.name, ("*x",), "x", ("0",)
        return [Part(*facts, loop=self, index=i) for i in range(self.results)]

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Loop) or hash(self) != hash(other):
            return self is other
        if self.body is not other.body and self.twin() is not other.body:
            if facts(self.body) != facts(other.body):
                return False
            object.__setattr__(self, "twin", ref(other.body))  # a loop may be compared often
        return True

    def __hash__(self) -> int:
        return hash((self.name, self.states, self.elements, self.steps))


@dataclass(frozen=True, eq=False)
class Part(Op):
    """The row of a node that is one of the results of a loop."""

    loop: Any = field(default=None, repr=False)
    index: int = 0

    def __eq__(self, other: object) -> bool:  # of equal loops, which are their operands
        return isinstance(other, Part) and self.index == other.index

    def __hash__(self) -> int:
        return hash(("part", self.index))


def flat(operands: tuple[Any, ...]) -> tuple[int, ...]:
    """The nodes among operands, whether their names are starred or not."""
    return (*chain(*operands),) if operands and type(operands[0]) is tuple else operands


def grouped(row: Op, operands: tuple[Any, ...], of: Any) -> list[Any]:
    """``of[node]`` of the operands as a row's formulas take them: of a starred name a list."""
    if not row.nary:
        return [of[o] for o in operands]
    return row.grouped([[of[o] for o in many] for many in operands])


def graph_of(
    tracer: Tracer,
    inputs: list[Value],
    outputs: Iterable[Value | float],
    like: Graph | None = None,
) -> Graph:
    """Number what a run did; if that is what is in another graph, it is that one."""
    variables, run = tracer.variables, (inputs, tracer.results)
    if library is not None and like is not None:
        facts = like.rows, like.operands, like.constants, like.parameters, like.numbers
        if library.repeated(*run, tracer.live, variables, [*outputs], (*facts, like.outputs)):
            return like
    graph = Graph(len(inputs))

    def leaf(value: Value) -> int:
        if value.op is CONSTANT or (value.op is None and value in variables):
            return graph.number(value._data)
        made_of = topological(value) if value.recorded else [value]
        # What was made from an input of another recording holds one sample's number.
        if guard_of(value) is None and any(v._is_input for v in made_of):
            needed = "a recorded function needs its own results, got a Value of another recording"
            raise GraphError(f"{needed}: pass numbers in as arguments")
        graph.parameters[len(graph.rows)] = value
        return graph.add()

    loops: dict[int, int] = {}  # by their operands

    def add(row: Op, operands: Any, constants: Any, place: Place | None) -> int:
        if isinstance(row, Part):  # after its loop, which comes before the first of them
            key = id(operands[0])
            if key not in loops:
                loops[key] = graph.add(row.loop, operands, (), place)
            operands = ((loops[key],),)
        return graph.add(row, operands, constants, place)

    if library is not None:
        into = graph.rows, graph.operands, graph.constants, graph.places
        more = tracer.places, tracer.live, variables, leaf, add, [*outputs]
        leaves = graph.parameters, graph.node_of, graph.numbers
        graph.outputs = library.numbered(*run, *more, (*into, *leaves))
        return graph
    nodes = dict(zip(inputs, range(graph.inputs), strict=True))
    shared: dict[int, tuple[int, ...]] = {}  # of bundles, which several results may share

    def node(value: Value) -> int:
        known = nodes.get(value)
        if known is None:
            if value.op is OPS["positive"] and value in variables:  # it stands for another Value
                known = node(value.operands[0])
            else:
                known = leaf(value)
            nodes[value] = known
        return known

    def many(values: tuple[Value, ...]) -> tuple[int, ...]:
        if not isinstance(values, Bundle):
            return tuple(map(node, values))
        if id(values) not in shared:
            shared[id(values)] = tuple(map(node, values))
        return shared[id(values)]

    for result, place in zip(tracer.results, tracer.places or repeat(None), strict=False):
        row, bundles = result.op, result.bundles
        assert row is not None
        operands: tuple[Any, ...] = tuple([many(b) if row.nary else node(b[0]) for b in bundles])
        if result in tracer.live:
            constants: tuple[int, ...] = (node(tracer.live[result]),)
        else:
            constants = tuple(map(graph.number, result.constants))
        nodes[result] = add(row, operands, constants, place)
    graph.outputs = [node(y) if isinstance(y, Value) else graph.number(y) for y in outputs]
    return graph


def agreed(first: Graph, second: Graph, name: str) -> Graph:
    """What two runs with the same numbers have in common, which must be all of it.

    A leaf that both met is a parameter, which replays read; one that each made for itself is a
    number."""
    if first is second:
        return first
    for (node, a), (other, b) in zip(
        first.parameters.items(), second.parameters.items(), strict=False
    ):
        if node == other and a is not b:
            if a.op is not None:
                raise GraphError(
                    f"{name} uses {written(a)}, a result that another thread computes, which would "
                    "be frozen: compute it in the thread that records"
                )
            first.numbers[node], second.numbers[node] = a._data, b._data
    for node in first.numbers:
        first.parameters.pop(node, None)
    if facts(first) == facts(second):
        return first
    steps = zip(*map(_steps, (first, second)), strict=False)
    differing = next((node for node, (a, b) in enumerate(steps) if a != b), len(first.rows))
    # A number comes before the first result that uses it.
    place = next(filter(None, first.places[differing:]), None)
    where = f"{line_of(place)}: a number or an operation" if place else f"the result of {name}"
    raise GraphError(
        f"{where} differs between two runs of {name} with the same numbers, so it would be frozen: "
        "draw random numbers (or read clocks) outside and pass them in as arguments"
    )


def facts(graph: Graph) -> Any:
    """What two graphs have in common that do the same."""
    numbers = [*graph.numbers], array("d", graph.numbers.values()).tobytes()
    return graph.rows, graph.operands, graph.constants, graph.outputs, *numbers


def _steps(graph: Graph) -> Iterable[Any]:
    numbers = (repr(graph.numbers.get(node)) for node in range(len(graph.rows)))
    return zip(graph.rows, graph.operands, graph.constants, numbers, strict=True)
