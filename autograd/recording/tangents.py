"""Tangents: the derivatives of a recording as a graph, made from the rows' partials: along a
direction, or of every output by every input.

The reverse pass of a derivative along a direction gives the Hessian times the direction. Reverse
over forward costs what forward over reverse costs, and engines know how to pass grads back, but no
second order."""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import chain
from typing import Any, TypeVar

from autograd.engine.table import Op
from autograd.engine.value import Value
from autograd.recording.across import ACROSS
from autograd.recording.extended import ADD, WHERE, Extended, Terms
from autograd.recording.form import PLUS, SUMS
from autograd.recording.graph import Graph, Loop, Part, flat
from autograd.recording.reach import made_from, used_by
from autograd.recording.simplify import products_of

Slopes = dict[int, Any]  # by direction, each a node, or what the one sum that uses it will add up
NONE = Slopes()
N = TypeVar("N")


def tangent(graph: Graph, inputs: Sequence[int], ones: bool = False) -> Graph:
    """The derivatives of the outputs along a direction of some inputs, then the outputs. The
    direction's numbers are inputs too, the last, or all of them 1."""
    new, count = _Derivative(graph, graph.inputs + (0 if ones else len(inputs))), graph.inputs
    shared, slopes = {*graph.shared}, {o: count + i for i, o in enumerate(inputs)}
    new.graph.shared += [] if ones else [slopes[o] for o in inputs if o in shared]
    found = new.forward({o: {0: new.one if ones else slope} for o, slope in slopes.items()})
    return new.ended([found.get(o, {}).get(0) for o in graph.outputs])


def derivatives(graph: Graph, inputs: Sequence[int]) -> tuple[Graph, list[tuple[int, int]]]:
    """The derivatives of every output by each of these inputs, then the outputs, and of which
    output by which input those are: the others are zero whatever the numbers.

    By whichever is less, all directions in one forward sweep, or a reverse sweep for each output;
    always forward where there are loops, or numbers of the whole batch."""
    new = _Derivative(graph, graph.inputs)
    one_way = any(row in ACROSS or isinstance(row, Loop) for row in graph.rows)
    if one_way or len(inputs) <= len(graph.outputs):
        found = new.forward({o: {i: new.one} for i, o in enumerate(inputs)})
        rows = [found.get(o, {}) for o in graph.outputs]
    else:
        for node in range(graph.inputs, len(graph.rows)):
            new.copy(node)
        new.leads = made_from(graph, inputs)
        places = {o: i for i, o in enumerate(inputs)}
        rows = [{places[o]: g for o, g in new.reverse(o).items()} for o in graph.outputs]
    entries = {(k, i): row[i] for k, row in enumerate(rows) for i in sorted(row)}
    return new.ended([*entries.values()]), [*entries]


def along(
    loop: Loop, own: Sequence[N], slopes: Sequence[dict[int, N]], zero: N
) -> tuple[Loop, list[int], list[N]]:
    """A loop of the same steps that takes slopes of its operands along, for which directions, and
    its operands. The results of the loop are followed by their slopes, those of a direction
    together; so is its state, and its entries by those slopes that any of them has."""
    k, m, steps = loop.states, loop.elements, (loop.steps or 0) * bool(loop.elements)
    last = len(own) - (loop.steps is None)
    ways = sorted({way for some in slopes[:last] for way in some})
    place = {way: w for w, way in enumerate(ways)}
    entries = [range(k + m * t, k + m * (t + 1)) for t in range(steps)]
    moving = sorted({(j, place[w]) for some in entries for j in range(m) for w in slopes[some[j]]})
    closed = slopes[k + m * steps : last]
    moves = len(ways), tuple(moving), tuple([tuple([place[w] for w in some]) for some in closed])
    if moves not in loop.moved:  # calls of one function share it
        loop.moved[moves] = _moved(loop, *moves)
    each = [own[:k], [slopes[i].get(way, zero) for way in ways for i in range(k)]]
    for some in entries:
        along = [slopes[some[j]].get(ways[w], zero) for j, w in moving]
        each += own[some.start : some.stop], along
    each += own[k + m * steps : last], [x for one in closed for x in one.values()], own[last:]
    return loop.moved[moves], ways, [*chain(*each)]


def _moved(
    loop: Loop, ways: int, moving: Sequence[tuple[int, int]], closed: Sequence[Sequence[int]]
) -> Loop:
    """The loop that takes slopes along so many ways, of these entries and what is closed over."""
    k, m, body = loop.states, loop.elements, loop.body
    starts, count = k + k * ways, loop.results
    inner = _Derivative(body, starts + m + len(moving), [*range(k), *range(starts, starts + m)])
    inside = {i: {w: k + k * w + i for w in range(ways)} for i in range(k)}
    for at, (j, w) in enumerate(moving, starts + m):
        inside.setdefault(k + j, {})[w] = at
    leaves = list[int]()
    for parameter, some in zip(body.parameters, closed, strict=True):
        for w in some:
            leaves.append(inner.graph.add())
            inside.setdefault(parameter, {})[w] = leaves[-1]
    ends = inner.forward(inside)
    graph = inner.ended([ends.get(y, {}).get(w) for w in range(ways) for y in body.outputs[:count]])
    moved, outputs = graph.outputs[: ways * count], graph.outputs[ways * count :]
    graph.outputs = [*outputs[:count], *moved, *outputs[count:]]
    graph.parameters = {inner.nodes[p]: value for p, value in body.parameters.items()}
    graph.parameters |= {leaf: Value(0.0) for leaf in leaves}
    entries = [m, len(moving)] * ((loop.steps or 0) * bool(m))
    counts = [k, k * ways, *entries, len(closed), len(leaves), loop.steps is None]
    turns = (turn % 2 for turn, some in enumerate(counts) for _ in range(some))
    facts = {"plain": loop, "places": tuple([i for i, turn in enumerate(turns) if not turn])}
    return Loop.of(loop.name, graph, starts, m + len(moving), loop.steps, **facts)


class _Derivative(Extended):
    """A graph with the slopes, or the grads, of another."""

    def __init__(self, given: Graph, inputs: int, places: Sequence[int] = ()) -> None:
        super().__init__(given, inputs, places)
        self.loops: dict[int, tuple[Loop, list[int]]] = {}  # with slopes, of the other's loops
        self.used = bytearray()  # see used_by
        self.leads = bytearray()  # what is made of those that are differentiated by

    def forward(self, slopes: dict[int, Slopes]) -> dict[int, Slopes]:
        """By node of the other graph and by direction the slopes, from those of some inputs."""
        self.used = used_by(self.given)
        for node in range(self.given.inputs, len(self.given.rows)):
            row, operands = self.given.rows[node], self.given.operands[node]
            if isinstance(row, Part) and operands[0][0] in self.loops:
                slopes[node] = self.taken(row, operands[0][0])
                continue
            each = [slopes.get(o, NONE) for o in flat(operands)] if self.used[node] else []
            if isinstance(row, Loop) and any(each):
                self.loop(node, row, each)
            else:
                self.copy(node)
                if row and any(each) and (moved := self.moved(node, row, each)):
                    slopes[node] = moved
        return slopes

    def loop(self, node: int, loop: Loop, slopes: list[Slopes]) -> None:
        """In place of a loop one that takes slopes along."""
        own = [self.nodes[o] for o in self.given.operands[node][0]]
        row, ways, operands = along(loop, own, slopes, self.graph.number(0.0))
        self.nodes.append(self.graph.add(row, (tuple(operands),), (), self.given.places[node]))
        self.loops[node] = row, ways

    def taken(self, part: Part, node: int) -> Slopes:
        """A result of such a loop, and its slopes."""
        (row, ways), count = self.loops[node], part.loop.results
        facts = ((self.nodes[node],),), (), self.given.places[node]
        each = [self.graph.add(own, *facts) for own in row.parts[part.index :: count]]
        self.nodes.append(each[0])
        return dict(zip(ways, each[1:], strict=True))

    def moved(self, node: int, row: Op, each: list[Slopes]) -> Slopes:
        """The slopes of a result, from those of its operands; of one that waits for a sum to take
        it in, the products that this will add up: as nodes they would be taken in one by one."""
        operands, waits = self.given.operands[node], self.used[node] == 1
        if row not in SUMS and row is not WHERE and row not in ACROSS:
            products, start = Slopes(), 0
            for i, many in enumerate(operands if row.nary else zip(operands)):
                start, own = start + len(many), each[start : start + len(many)]
                for p, some in zip(self.made(node, row, i), own, strict=False) if any(own) else ():
                    for way, slope in some.items() if some and self.numbers.get(p) != 0 else ():
                        products.setdefault(way, []).append((p, slope))
            return products if waits else {way: self.sum(s) for way, s in products.items()}
        ways = dict.fromkeys(chain(*each))
        if row is WHERE:  # the side that is chosen, whatever the other's slope is
            return {way: self.chosen(node, [some.get(way) for some in each]) for way in ways}
        if row in ACROSS:
            return {way: self.gathered(node, row, each[0][way]) for way in ways}
        if row is ADD and self.used[operands[0]] == 1:  # nobody else needs its slopes
            found, more = each[0] or Slopes(), each[1]
            for way, slope in more.items():
                found[way] = self.added(row, [found[way], slope]) if way in found else slope
        else:
            found = {way: self.added(row, [some.get(way) for some in each]) for way in ways}
        if not waits:
            found = {w: self.sum(s) if type(s) is list else s for w, s in found.items()}
        return {way: slope for way, slope in found.items() if slope not in (None, [])}

    def added(self, row: Op, own: list[Any]) -> Terms:
        """The products that the slope of a sum adds up."""
        pairs = [(sign, s) for sign, s in zip(SUMS[row], own, strict=False) if s is not None]
        parts = [[(self.one, s)] if type(s) is int else s for _, s in pairs]
        return products_of(self, PLUS if SUMS[row] is PLUS else [s for s, _ in pairs], parts)

    def reverse(self, output: int) -> dict[int, int]:
        """The grads of the leaves of the other graph that lead to an output, of those in leads."""
        leads, grads = self.leads, dict[int, int]()
        waiting, latest = dict[int, Terms](), list[int]()  # what is added up, and where, as a heap

        def send(node: int, partial: int, grad: int) -> None:
            if leads[node]:
                if node not in waiting:
                    heappush(latest, -node)
                waiting.setdefault(node, []).append((partial, grad))

        send(output, self.one, self.one)
        while latest:
            node = -heappop(latest)
            grad, row = self.sum(waiting[node]), self.given.rows[node]
            if grad is None:
                continue
            if row is None:
                grads[node] = grad
                continue
            operands = self.given.operands[node]
            if row is WHERE:
                for i, o in enumerate(operands):
                    side = self.chosen(node, [grad, None] if i == 0 else [None, grad])
                    send(o, self.one, side)
                continue
            for i, many in enumerate(operands if row.nary else [(o,) for o in operands]):
                if any(map(leads.__getitem__, many)):
                    by = self.partials(node, row, i)
                    for o, p in zip(many, by, strict=True):
                        send(o, p, grad)
        return grads
