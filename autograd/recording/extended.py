"""A graph that does what another does, and then more: sums of products, choices, rows' partials."""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from autograd.engine.modes import recording
from autograd.engine.table import OPS, TRUTHS, Op
from autograd.engine.value import Value
from autograd.recording.across import MAX, MEAN
from autograd.recording.across import TOTAL as BATCH_TOTAL
from autograd.recording.derivatives import WITHIN, partials
from autograd.recording.graph import Graph, flat, graph_of
from autograd.recording.trace import Tracer

NAMES = "add divide dot maximum multiply total where"
ADD, DIVIDE, DOT, MAXIMUM, MULTIPLY, TOTAL, WHERE = map(OPS.__getitem__, NAMES.split())
Terms = list[tuple[int, int]]


class Extended:
    """A graph that does what another does, and then more."""

    def __init__(self, given: Graph, inputs: int, places: Sequence[int] = ()) -> None:
        """places: where the inputs of the other graph are among those of this one, if not first."""
        self.given, self.graph = given, Graph(inputs, given.shared)
        self.number, self.numbers = self.graph.number, self.graph.numbers
        self.one, self.with_numbers = self.number(1.0), dict[int, Any]()  # see products_of
        self.nodes: list[int] = [*(places or range(given.inputs))]  # of each node of the other
        self.by: dict[tuple[int, int], list[int]] = {}  # partials, by operands of one name

    def copy(self, node: int) -> None:
        """Do what the other graph does at a node, the next."""
        graph, given = self.graph, self.given
        if (row := given.rows[node]) is not None:
            facts = given.operands[node], given.constants[node], given.places[node]
            self.nodes.append(graph.again(row, *facts, self.nodes))
        elif node in given.numbers:
            self.nodes.append(graph.number(given.numbers[node]))
        else:
            self.nodes.append(graph.add())
            graph.parameters[self.nodes[node]] = given.parameters[node]

    def ended(self, found: Sequence[int | None]) -> Graph:
        """The graph with these outputs, and then those of the other."""
        zero, graph = self.graph.number(0.0), self.graph
        graph.outputs = [zero if node is None else node for node in found]
        graph.outputs += [self.nodes[o] for o in self.given.outputs]
        return graph

    def chosen(self, node: int, sides: Sequence[int | None]) -> int:
        """What the condition of a where chooses of others."""
        zero, constants = self.graph.number(0.0), self.graph.constants[self.nodes[node]]
        own = tuple([zero if side is None else side for side in sides])
        return self.graph.add(WHERE, own, constants)

    def gathered(self, node: int, row: Op, slope: int | None) -> int:
        """The slope of a number of the whole batch."""
        graph, y = self.graph, self.nodes[node]
        if row is MAX:  # those that are the largest have equal shares; if one is nan, all have it
            less, equal = (graph.add(TRUTHS[sign], (*graph.operands[y], y)) for sign in ("<", "=="))
            count = graph.add(MAXIMUM, (self.one, graph.add(BATCH_TOTAL, (equal,))))
            share = graph.add(DIVIDE, (self.one, count))
            each = graph.add(WHERE, (self.number(0.0), share), (less,))
            slope = graph.add(MULTIPLY, (each, slope))
        return graph.add(MEAN if row is MEAN else BATCH_TOTAL, (slope,))

    def sum(self, terms: Terms) -> int | None:
        """The node of a sum of products; None if there are none but with 0."""
        graph, numbers = self.graph, self.graph.numbers
        terms = [(p, s) for p, s in terms if numbers.get(p) != 0]
        alone = [s for p, s in terms if p == self.one]
        if len(terms) > 2 and len(alone) < len(terms):
            return graph.add(DOT, (*zip(*terms, strict=True), ()))
        if len(alone) < len(terms):
            alone = [s if p == self.one else graph.add(MULTIPLY, (p, s)) for p, s in terms]
        if len(alone) < 3:
            return graph.add(ADD, tuple(alone)) if len(alone) == 2 else alone[0] if alone else None
        return graph.add(TOTAL, (tuple(alone),))

    def partials(self, node: int, row: Op, i: int) -> list[int]:
        """The nodes of a row's partial by its operands of one name."""
        if (node, i) not in self.by:
            self.by[node, i] = self.made(node, row, i)
        return self.by[node, i]

    def made(self, node: int, row: Op, i: int) -> list[int]:
        graph, own = self.graph, self.nodes[node]
        shape = tuple(map(len, graph.operands[own])) if row.nary else (1,) * len(row.operands)
        if row is MULTIPLY or (row is DOT and i < 2):
            factors = graph.operands[own][1 - i]
            return [factors] if row is MULTIPLY else [*factors]
        if row.partials[i] in ("0", "1", "-1"):
            return [graph.number(float(row.partials[i]))] * shape[i]
        numbers = tuple([graph.numbers[c] for c in graph.constants[own]])
        part, nodes = _partial(row, i, shape, numbers), [*flat(graph.operands[own]), own]
        for k in range(part.inputs, len(part.rows)):
            op, facts = part.rows[k], (part.operands[k], part.constants[k], graph.places[own])
            nodes.append(graph.again(op, *facts, nodes) if op else graph.number(part.numbers[k]))
        return [nodes[o] for o in part.outputs]


@cache
def _partial(row: Op, i: int, shape: tuple[int, ...], numbers: tuple[float, ...]) -> Graph:
    """A row's partial by its operands of one name, recorded: of the operands and of y."""
    tracer, formula = Tracer(False), partials(row)[i]
    starts = [low + WITHIN * (high - low) for low, high in row.span]
    inputs = [Value(x) for x, count in zip(starts, shape, strict=True) for _ in range(count)]
    inputs.append(Value(1.0))
    for value in inputs:
        tracer.adopt(value)

    def on(*given: Value) -> Any:
        bundles = [given[a:b] for a, b in pairwise(accumulate(shape, initial=0))]
        return formula(*row.grouped(bundles), given[-1], *numbers)

    with recording():
        answer = tracer.run(on, inputs)
    return graph_of(tracer, inputs, list(answer) if row.operands[i][0] == "*" else [answer])
