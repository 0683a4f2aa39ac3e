"""States of loops: those that nobody needs go, and slopes that stay 0 are numbers.

A loop that takes slopes along has a state for each slope of each number of its state, whether that
moves or not, and whether anybody asks for it or not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograd.engine.table import OPS, Op
from autograd.recording.graph import Graph, Loop, Part, flat

NAMES = "add subtract multiply dot total where"
ADD, SUBTRACT, MULTIPLY, DOT, TOTAL, WHERE = map(OPS.__getitem__, NAMES.split())
# So often is tried which slopes rest, as one that moves may set others moving, and which states are
# needed, as each may need others; then all move, and all are needed.
MOST_TRIALS = 4
UNREAD = -1  # the place of a number that a state begins with, and no step reads


def pruned(graph: Graph) -> Graph:
    """The graph with loops that compute the same from fewer states."""
    if not graph.has_loops:
        return graph
    if _has_slopes(graph):
        graph = _Resting(graph, {}, {}).graph
    used, loops = _living(graph, graph.outputs, {})
    return _Living(graph, range(graph.inputs), graph.outputs, used, loops).graph


def _has_slopes(graph: Graph) -> bool:
    rows = [row for row in graph.rows if isinstance(row, Loop)]
    return any(row.plain is not None or _has_slopes(row.body) for row in rows)


class _Copy:
    """A graph that is copied node by node, with some of its inputs."""

    def __init__(self, given: Graph, inputs: Sequence[int]) -> None:
        self.given, self.graph = given, Graph(len(inputs), shared=given.shared)
        self.nodes = dict(zip(inputs, range(len(inputs)), strict=True))
        self.leaves = dict[int, int]()

    def leaf(self, node: int) -> int:
        if node in self.given.numbers:
            return self.graph.number(self.given.numbers[node])
        self.leaves[node] = self.graph.add()
        return self.leaves[node]

    def result(self, node: int, row: Op, operands: Any) -> int:
        facts = self.given.constants[node], self.given.places[node], self.nodes
        return self.graph.again(row, operands, *facts)

    def end(self, outputs: Iterable[int]) -> None:
        """Parameters stay in their order, which is that of the loop's operands."""
        kept = [(p, value) for p, value in self.given.parameters.items() if p in self.leaves]
        self.graph.parameters = {self.leaves[p]: value for p, value in kept}
        self.graph.outputs = [self.nodes[o] for o in outputs]


class _Resting(_Copy):
    """A graph of which some inputs and parameters are known to be 0: products with them are left
    out, and loops have 0 in the place of slopes that rest."""

    def __init__(self, given: Graph, zeros: Iterable[int], bodies: dict[Any, Graph]) -> None:
        super().__init__(given, range(given.inputs))
        self.zeros, self.bodies = {*zeros}, bodies
        self.resting = dict[int, set[int]]()  # of a loop the states that stay 0
        for node in self.zeros:
            if node < given.inputs:
                self.nodes[node] = self.graph.number(0.0)
        for node, row in enumerate(given.rows[given.inputs :], given.inputs):
            if isinstance(row, Loop):
                self.nodes[node] = self.loop(node, row)
            elif row is not None:
                self.nodes[node] = self.folded(node, row)
            else:
                self.nodes[node] = self.leaf(node)
                if node in self.zeros:
                    self.nodes[node] = self.graph.number(0.0)
        self.end(given.outputs)

    def is_zero(self, node: int) -> bool:
        return self.graph.numbers.get(self.nodes[node]) == 0.0

    def folded(self, node: int, row: Op) -> int:
        operands: Any = self.given.operands[node]
        if isinstance(row, Part):
            loop = operands[0][0]
            if row.index in self.resting[loop]:
                return self.graph.number(0.0)
            row = self.graph.rows[self.nodes[loop]].parts[row.index]  # type: ignore[union-attr]
        elif self.zeros and row is DOT:
            us, vs, c = operands
            pairs = [pair for pair in zip(us, vs, strict=True) if not any(map(self.is_zero, pair))]
            if not pairs:
                return self.nodes[c[0]] if c else self.graph.number(0.0)
            operands = *zip(*pairs, strict=True), c
        elif self.zeros and row is TOTAL:
            operands = ([o for o in operands[0] if not self.is_zero(o)],)
            if not operands[0]:
                return self.graph.number(0.0)
        elif self.zeros and not row.nary:
            rests = [*map(self.is_zero, operands)]
            if (all(rests) and row in (ADD, SUBTRACT, WHERE)) or (any(rests) and row is MULTIPLY):
                return self.graph.number(0.0)
            if rests == [False, True] and row in (ADD, SUBTRACT):
                return self.nodes[operands[0]]
            if rests == [True, False] and row is ADD:
                return self.nodes[operands[1]]
        return self.result(node, row, operands)

    def loop(self, node: int, row: Loop) -> int:
        own = self.given.operands[node][0]
        begin = {i for i, o in enumerate(own) if self.is_zero(o)}
        last = row.states + row.elements * (row.steps or 0)
        closed = {p for i, p in enumerate(row.body.parameters, last) if i in begin}
        slopes = range(row.plain.states if row.plain else row.states, row.states)
        self.resting[node], body = begin.intersection(slopes), row.body
        if not self.resting[node] and not _has_slopes(row.body):
            return self.result(node, row, (own,))
        for trial in range(MOST_TRIALS + 1):
            if trial == MOST_TRIALS:
                self.resting[node] = set()
            zeros = self.resting[node] | closed
            key = id(row.body), *sorted(zeros)
            if key not in self.bodies:
                self.bodies[key] = _Resting(row.body, zeros, self.bodies).graph
            body = self.bodies[key]
            rest = {i for i in self.resting[node] if body.numbers.get(body.outputs[i]) == 0.0}
            if rest == self.resting[node]:
                break
            self.resting[node] = rest
        facts = row.name, body, row.states, row.elements, row.steps
        return self.result(node, Loop.of(*facts), (own,))


class _Kept(NamedTuple):
    """Of a loop the row with what is needed, and where that was among its operands and results; or
    of its last step, whose first operands are results of the steps before."""

    row: Loop
    operands: Sequence[int]
    results: Sequence[int]
    before: "_Kept | None" = None


def _living(
    graph: Graph, outputs: Iterable[int], known: dict[Any, _Kept]
) -> tuple[bytearray, dict[int, _Kept]]:
    """Which nodes these outputs are made from, and what of each loop."""
    used, loops = bytearray(len(graph.rows)), dict[int, _Kept]()
    parts = defaultdict[int, set[int]](set)
    for o in outputs:
        used[o] = 1
    for node in range(len(used) - 1, graph.inputs - 1, -1):
        row = graph.rows[node]
        if row is None or not used[node]:
            continue
        operands = graph.operands[node]
        everything: Iterable[int] = (*flat(operands), *graph.constants[node])
        if isinstance(row, Part):
            parts[operands[0][0]].add(row.index)
        elif isinstance(row, Loop):
            loops[node] = _kept(row, parts[node], known)
            kept = loops[node]
            places = (*kept.operands, *(kept.before.operands if kept.before else ()))
            everything = [operands[0][i] for i in places if i >= 0]
        for o in everything:
            used[o] = 1
    return used, loops


def _kept(row: Loop, parts: set[int], known: dict[Any, _Kept], is_last: bool = True) -> _Kept:
    """What is needed of a loop for some of its results; is_last: whether no step comes after it."""
    body, k, m, steps = row.body, row.states, row.elements, row.steps
    end = k + m * (steps or 0)
    count = end + len(body.parameters) + (steps is None)
    key = id(body), steps, frozenset(parts), is_last
    if key not in known:
        keeps, trial = parts, 0
        while True:
            outputs = [*map(body.outputs.__getitem__, sorted(keeps)), *body.outputs[row.results :]]
            used, loops = _living(body, outputs, known)
            more = keeps | {i for i in range(k) if used[i]}
            if more == keeps:
                break
            trial += 1
            keeps = more if trial < MOST_TRIALS else {*range(row.results)}
        closed = [i for i, p in enumerate(body.parameters, end) if used[p]]
        states = [i for i in sorted(keeps) if i < k]
        read = [i for i in states if used[i]]
        own = [i for i in range(k, k + m) if used[i]]
        given = [i if used[i] or not steps else UNREAD for i in states]
        counts, first, before = (len(states), len(own), steps), 0, None
        if is_last and steps and steps > 1 and len(read) < len(states):
            # What no step reads is computed in the last one alone, or earlier ones would take part
            # in its grads with 0, which is nan at an infinite partial.
            first, states, given = steps - 1, read, []
            counts = 0, len(read) + len(own), 1
            if read:
                before = _kept(Loop.of(row.name, body, k, m, first), {*read}, known, False)
                given = [UNREAD - 1 - before.results.index(i) for i in read]
                moved = [i if i < end - m else i + m for i in before.operands]
                before = before._replace(operands=moved)
        later = range(first, steps if steps and own else 0)
        operands = [*given, *(i + m * t for t in later for i in own), *closed]
        operands += range(count - (steps is None), count)
        changed = any(one.row is not body.rows[node] for node, one in loops.items())
        if len(operands) < count or len(keeps) < row.results or changed:
            body = _Living(body, [*states, *own], outputs, used, loops).graph
            row = Loop.of(row.name, body, *counts)
        known[key] = _Kept(row, operands, sorted(keeps), before)
    return known[key]


class _Living(_Copy):
    """What is needed of a graph."""

    def __init__(
        self, given: Graph, inputs: Sequence[int], outputs: Any, used: bytearray, loops: Any
    ) -> None:
        super().__init__(given, inputs)
        for node, row in enumerate(given.rows[given.inputs :], given.inputs):
            if not used[node]:
                continue
            operands = given.operands[node]
            if row is None:
                self.nodes[node] = self.leaf(node)
                continue
            if node in loops:
                row, places, _, before = loops[node]
                self.nodes[UNREAD] = self.graph.number(0.0)
                if before:
                    own = ([operands[0][i] if i >= 0 else i for i in before.operands],)
                    loop = self.result(node, before.row, own)
                    for i, part in enumerate(before.row.parts):
                        self.nodes[UNREAD - 1 - i] = self.graph.add(part, ((loop,),))
                operands = ([operands[0][i] if i >= 0 else i for i in places],)
            elif isinstance(row, Part):
                kept = loops[operands[0][0]]
                row = kept.row.parts[kept.results.index(row.index)]
            self.nodes[node] = self.result(node, row, operands)
        self.end(outputs)
