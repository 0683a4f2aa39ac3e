"""The paths between two values of a graph: how many, what they add up to, and the largest; each
from one sweep over the graph, for there may be 2**40 of them."""

from collections.abc import Callable, Iterator, Sequence
from math import inf, isfinite, isnan, log, prod
from operator import itemgetter
from typing import Any, NamedTuple

from autograd.engine.value import Value

# The size of a product, largest first: -(factors that are not finite), zeros, -log of the others.
Size = tuple[int, int, float]
EXACT_DEPTH = 200  # operations; products of more floats are summed in floats, not in fractions


class Edge(NamedTuple):
    """One use of an operand by a result, with its partial."""

    operand: Value
    result: Value
    place: int
    partial: float


class Sums(NamedTuple):
    """What all paths add up to, those above 0, those below 0, and those that are not shown."""

    total: float
    up: float
    down: float
    rest: float


class Path(tuple[Edge, ...]):
    """The edges from x up to y."""

    __slots__ = ()

    @property
    def values(self) -> tuple[Value, ...]:
        """The values on the way, x first."""
        return tuple(edge.operand for edge in self) + tuple(edge.result for edge in self[-1:])

    @property
    def product(self) -> float:
        """The product of the partials, multiplied as the reverse pass does, from y down."""
        return prod((edge.partial for edge in reversed(self)), start=1.0)


class Paths:
    """The paths from x to y, where order lists the values of y's graph, operands before results."""

    def __init__(self, x: Value, y: Value, order: Sequence[Value]) -> None:
        self.x, self.y = x, y
        self.edges: dict[Value, list[Edge]] = {x: []}
        depth = {x: 0}
        for v in order:
            uses = enumerate(zip(v.operands, v.partials, strict=True))
            edges = [Edge(o, v, place, p) for place, (o, p) in uses if o in self.edges]
            if edges and v is not x:
                self.edges[v] = edges
                depth[v] = 1 + max(depth[e.operand] for e in edges)
        self._finite = self._added_up(lambda e: isfinite(e.partial), 1)
        opens = self._added_up(lambda e: isfinite(e.partial) and e.partial != 0, 1)
        self.count = self._added_up(lambda e: 1, 1).get(y, 0)  # all of them
        # Those that a partial of 0 blocks: a 0 that meets inf or nan blocks nothing.
        self.closed = self._finite.get(y, 0) - opens.get(y, 0)
        self.open = self.count - self.closed
        self.exact = self._finite.get(y) == self.count and depth.get(y, 0) <= EXACT_DEPTH

    def _added_up(self, factor: Callable[[Edge], Any], one: Any) -> dict[Value, Any]:
        """For each value, the sum over the paths from x to it of the product of such factors."""
        sums = {self.x: one}
        for v, edges in self.edges.items():
            if edges:
                sums[v] = sum(factor(e) * sums[e.operand] for e in edges)
        return sums

    def sums(self, shown: Sequence[Path]) -> Sums:
        """What all paths add up to: exact until the last rounding if ``exact``, else in floats."""
        from fractions import Fraction

        kind: Callable[[float], Any] = Fraction if self.exact else float
        total = self._added_up(lambda e: kind(e.partial), kind(1.0))[self.y]
        size = self._added_up(lambda e: abs(kind(e.partial)), kind(1.0))[self.y]
        rest = total - sum(prod((kind(e.partial) for e in path), start=kind(1.0)) for path in shown)
        return Sums(*map(_float, (total, (total + size) / 2, (total - size) / 2, rest)))

    def largest(self, count: int) -> list[Path]:
        """The open paths whose products are largest in size, largest first."""
        count = min(count, self.open)  # those that are blocked would come last
        # Of the paths from x to each value, the largest few; paths are linked lists.
        best: dict[Value, list[tuple[Size, Any]]] = {self.x: [((0, 0, 0.0), ())]}
        for v, edges in self.edges.items():
            if edges:
                longer = []
                for e in edges:
                    i, z, s = _size(e.partial)
                    ways = best[e.operand]
                    longer += [((i + j, z + y, s + t), (e, way)) for (j, y, t), way in ways]
                best[v] = sorted(longer, key=itemgetter(0))[:count]
        found = [Path(reversed([*_linked(way)])) for _, way in best.get(self.y, ())[:count]]
        return sorted(found, key=lambda p: -inf if isnan(p.product) else -abs(p.product))

    def blocks(self) -> list[Edge]:
        """The edges with a partial of 0 that the gradient meets first, on its way from y."""
        met, blocks, ready = {self.y}, [], [self.y]
        for v in ready:
            for e in self.edges.get(v, ()):
                if not (isfinite(e.partial) and self._finite[e.operand]):
                    continue  # only paths that are not finite go on here
                if e.partial == 0:
                    blocks.append(e)
                elif e.operand not in met:
                    met.add(e.operand)
                    ready.append(e.operand)
        return blocks


def _size(factor: float) -> Size:
    if not isfinite(factor):
        return -1, 0, 0.0
    return (0, 0, -log(abs(factor))) if factor else (0, 1, 0.0)


def _linked(way: Any) -> Iterator[Edge]:
    while way:
        edge, way = way
        yield edge


def _float(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf
