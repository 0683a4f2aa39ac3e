"""Tangents: the graph of the derivative of a recording along a direction, made from the rows'
partials.

The reverse pass of that graph gives the Hessian times the direction. Reverse over forward costs
what forward over reverse costs, and engines know how to pass grads back, but no second order."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from autograd.engine.table import OPS, TRUTHS, Op
from autograd.engine.value import Value
from autograd.recording.across import ACROSS, MAX, MEAN
from autograd.recording.across import TOTAL as BATCH_TOTAL
from autograd.recording.derivatives import WITHIN, partials
from autograd.recording.graph import Graph, flat, graph_of
from autograd.recording.simplify import SUMS
from autograd.recording.trace import Tracer

__all__ = ["tangent"]

ADD, DIVIDE, DOT, MULTIPLY, NEGATIVE, TOTAL, WHERE = (
    OPS[name] for name in ("add", "divide", "dot", "multiply", "negative", "total", "where")
)


def tangent(graph: Graph, inputs: Sequence[int], ones: bool = False) -> Graph:
    """The derivatives of the outputs along a direction of some inputs, then the outputs. The
    direction's numbers are inputs too, the last, or all of them 1."""
    return _Tangent(graph, inputs, ones).graph


class _Tangent:
    def __init__(self, given: Graph, inputs: Sequence[int], ones: bool) -> None:
        count = given.inputs
        self.graph = graph = Graph(count + len(inputs) * (not ones))
        for _ in range(graph.inputs):
            graph.add()
        # Of each node of the recording: itself in the new graph, and its tangent if it has one.
        self.nodes = {node: node for node in range(count)}
        self.tangents = {o: graph.number(1.0) if ones else count + i for i, o in enumerate(inputs)}
        shared = {*given.shared}
        graph.shared = [*given.shared, *(self.tangents[o] for o in inputs if o in shared)]
        graph.shared = [node for node in graph.shared if node < graph.inputs]
        nodes = self.nodes
        for node in range(count, len(given.rows)):
            row, place = given.rows[node], given.places[node]
            if row is not None:
                o = given.operands[node]
                operands = (
                    tuple([tuple([nodes[i] for i in many]) for many in o])
                    if row.nary
                    else tuple([nodes[i] for i in o])
                )
                constants = tuple([nodes[c] for c in given.constants[node]])
                nodes[node] = graph.add(row, operands, constants, place)
                moved = self.moved(row, o, operands, constants, nodes[node])
                if moved is not None:
                    self.tangents[node] = moved
            elif node in given.numbers:
                nodes[node] = graph.number(given.numbers[node])
            else:
                nodes[node] = graph.add()
                graph.parameters[nodes[node]] = given.parameters[node]
        graph.outputs = [self.tangents.get(o, -1) for o in given.outputs]
        graph.outputs = [graph.number(0.0) if o < 0 else o for o in graph.outputs]
        graph.outputs += [nodes[o] for o in given.outputs]

    def moved(self, row: Op, given: Any, operands: Any, constants: Any, y: int) -> int | None:
        """The tangent of a result; None if it has none."""
        slopes = [self.tangents.get(o) for o in flat(given)]
        if not any(s is not None for s in slopes):
            return None
        graph = self.graph
        if row in SUMS and row is not TOTAL and None not in slopes:
            return graph.add(row, tuple(slopes))
        if row is WHERE:
            sides = [graph.number(0.0) if s is None else s for s in slopes]
            return graph.add(row, tuple(sides), constants)
        if row in ACROSS:
            share = slopes[0]
            if row is MAX:  # those that are the largest have equal shares
                largest = graph.add(TRUTHS["=="], (operands[0], y))
                each = graph.add(DIVIDE, (largest, graph.add(BATCH_TOTAL, (largest,))))
                share = graph.add(MULTIPLY, (each, share))
            return graph.add(MEAN if row is MEAN else BATCH_TOTAL, (share,))
        numbers = tuple([graph.numbers[c] for c in constants])
        shape = tuple(map(len, operands)) if row.nary else (1,) * len(operands)
        terms, at = [], 0
        for i, count in enumerate(shape):
            here = slopes[at : at + count]
            at += count
            if any(s is not None for s in here):
                by = self.partial(row, i, shape, numbers, (*flat(operands), y))
                terms += [(p, s) for p, s in zip(by, here, strict=True) if s is not None]
        terms = [(p, s) for p, s in terms if graph.numbers.get(p) != 0]
        if len(terms) > 2:
            ones = all(graph.numbers.get(p) == 1 for p, _ in terms)
            many = tuple(zip(*terms, strict=True))
            return graph.add(TOTAL, many[1:]) if ones else graph.add(DOT, (*many, ()))
        products = [
            s if graph.numbers.get(p) == 1 else graph.add(MULTIPLY, (p, s)) for p, s in terms
        ]
        return (
            graph.add(ADD, tuple(products))
            if len(products) == 2
            else products[0]
            if products
            else None
        )

    def partial(
        self,
        row: Op,
        i: int,
        shape: tuple[int, ...],
        numbers: tuple[float, ...],
        given: Sequence[int],
    ) -> list[int]:
        """The nodes of a row's partial by its operands of one name."""
        if row is DOT and i < 2:
            return list(given[(1 - i) * shape[0] :][: shape[0]])
        if row.partials[i] in ("0", "1", "-1"):
            return [self.graph.number(float(row.partials[i]))] * shape[i]
        part = _partial(row, i, shape, numbers)
        graph, nodes = self.graph, list(given)
        for node in range(part.inputs, len(part.rows)):
            own = part.rows[node]
            if own is None:
                nodes.append(graph.number(part.numbers[node]))
                continue
            o = part.operands[node]
            operands = (
                tuple([tuple([nodes[k] for k in many]) for many in o])
                if own.nary
                else tuple([nodes[k] for k in o])
            )
            nodes.append(graph.add(own, operands, tuple([nodes[c] for c in part.constants[node]])))
        return [nodes[o] for o in part.outputs]


@cache
def _partial(row: Op, i: int, shape: tuple[int, ...], numbers: tuple[float, ...]) -> Graph:
    """A row's partial by its operands of one name, recorded: of the operands and of y."""
    tracer, formula = Tracer(False), partials(row)[i]
    spans = [low + WITHIN * (high - low) for low, high in row.span]
    inputs = [Value(x) for x, count in zip(spans, shape, strict=True) for _ in range(count)]
    inputs.append(Value(1.0))
    for value in inputs:
        tracer.adopt(value)

    def on(*given: Value) -> Any:
        rest = iter(given)
        named = zip(row.operands, shape, strict=True)
        grouped = [
            [next(rest) for _ in range(n)] if name[0] == "*" else next(rest) if n else 0.0
            for name, n in named
        ]
        return formula(*grouped, next(rest), *numbers)

    answer = tracer.run(on, inputs)
    each = list(answer) if row.operands[i][0] == "*" else [answer]
    return graph_of(tracer, inputs, each)
