"""The paths between two values of a graph: how many, what they add up to, and the largest, without
visiting them all.

The chain rule says that a gradient is the sum, over all paths from x to y, of the product of the
partials on the way. There may be 2**40 of them; counts and sums come from one sweep over the graph,
and the largest few from a search that follows the best way to the end and remembers the turnings
that it did not take."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from math import inf, isfinite, log, prod
from typing import Any, NamedTuple

from autograd.engine.value import Value

__all__ = ["Edge", "Path", "Paths"]

EXACT_DEPTH = (
    200  # products of so many floats are still summed as whole numbers, without any rounding
)


class Edge(NamedTuple):
    """One use of an operand by a result, with its partial."""

    operand: Value
    result: Value
    place: int
    partial: float


# A way down from y, its last edge first, then the way before that: a linked list, because ways
# share what they can.
_Way = tuple[Any, ...]

# The size of a product, largest first: minus its factors that are not finite, its zeros, minus the
# rest's logarithm.
_Size = tuple[int, int, float]
NOTHING: _Size = (0, 0, 0.0)


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


class _Dyadic:
    """A whole number times a power of two: sums and products of floats without rounding."""

    __slots__ = ("digits", "exponent")

    def __init__(self, digits: int, exponent: int) -> None:
        self.digits, self.exponent = digits, exponent

    @classmethod
    def of(cls, x: float) -> "_Dyadic":
        digits, power = x.as_integer_ratio()
        return cls(digits, 1 - power.bit_length())

    def __mul__(self, other: "_Dyadic") -> "_Dyadic":
        return _Dyadic(self.digits * other.digits, self.exponent + other.exponent)

    def __add__(self, other: "_Dyadic") -> "_Dyadic":
        low = min(self.exponent, other.exponent)
        return _Dyadic(
            (self.digits << self.exponent - low) + (other.digits << other.exponent - low), low
        )

    def __neg__(self) -> "_Dyadic":
        return _Dyadic(-self.digits, self.exponent)

    def __abs__(self) -> "_Dyadic":
        return _Dyadic(abs(self.digits), self.exponent)

    def __float__(self) -> float:
        try:
            return (
                self.digits / (1 << -self.exponent)
                if self.exponent < 0
                else float(self.digits << self.exponent)
            )
        except OverflowError:
            return inf if self.digits > 0 else -inf


class Paths:
    """The paths from x to y, where order lists the values of y's graph, operands before results,
    from x on.
    """

    def __init__(self, x: Value, y: Value, order: Sequence[Value]) -> None:
        self.x, self.y = x, y
        self.edges: dict[Value, list[Edge]] = {x: []}
        for v in order:
            if v is not x and any(operand in self.edges for operand in v.operands):
                self.edges[v] = [
                    Edge(operand, v, place, partial)
                    for place, (operand, partial) in enumerate(
                        zip(v.operands, v.partials, strict=True)
                    )
                    if operand in self.edges
                ]
        self.partials_are_finite = all(
            isfinite(e.partial) for edges in self.edges.values() for e in edges
        )
        depth = {x: 0}
        counts, finite, opens = {x: 1}, {x: 1}, {x: 1}
        for v, edges in self.edges.items():
            if edges:
                depth[v] = 1 + max(depth[e.operand] for e in edges)
                counts[v] = sum(counts[e.operand] for e in edges)
                finite[v] = sum(finite[e.operand] for e in edges if isfinite(e.partial))
                opens[v] = sum(
                    opens[e.operand] for e in edges if isfinite(e.partial) and e.partial != 0
                )
        self.count = counts.get(y, 0)  # all of them
        self.closed = finite.get(y, 0) - opens.get(
            y, 0
        )  # those that a partial of 0 blocks: 0 * inf would be nan
        self.open = self.count - self.closed
        self.exact = self.partials_are_finite and depth.get(y, 0) <= EXACT_DEPTH
        self._finite = finite

    def largest(self, count: int) -> list[Path]:
        """The open paths whose products are largest in size, largest first."""
        count = min(count, self.open)  # those that are blocked would come last
        reach: dict[Value, _Size] = {
            self.x: NOTHING
        }  # the size of the largest product from x up to each value
        best: dict[Value, Edge] = {}
        for v, edges in self.edges.items():
            for e in edges:
                size = _longer(reach[e.operand], e)
                if v not in best or size < reach[v]:
                    reach[v], best[v] = size, e
        found: list[Path] = []
        # Each entry stands for all paths that begin (at y) with this way.
        frontier: list[tuple[_Size, int, _Size, _Way, Value]] = []
        if self.y in reach:
            frontier.append((reach[self.y], 0, NOTHING, (), self.y))
        met = 0
        while frontier and len(found) < count:
            _, _, so_far, way, v = heappop(frontier)
            while v is not self.x:
                for e in self.edges[v]:
                    if e is not best[v]:
                        met += 1
                        size = _longer(so_far, e)
                        heappush(
                            frontier,
                            (_joined(size, reach[e.operand]), met, size, (e, way), e.operand),
                        )
                way = (best[v], way)
                so_far = _longer(so_far, best[v])
                v = best[v].operand
            found.append(Path(_unwound(way)))
        return sorted(
            found, key=lambda path: -abs(path.product) if path.product == path.product else -inf
        )

    def sums(self, without: Sequence[Path]) -> tuple[float, float, float, float]:
        """What all paths add up to, those above 0, those below 0, and all but the given ones.

        Exact until the last rounding if ``exact``, else in floats.
        """
        kind: Callable[[float], Any] = _Dyadic.of if self.exact else float
        signed, sizes = {self.x: kind(1.0)}, {self.x: kind(1.0)}
        for v, edges in self.edges.items():
            if edges:
                signed[v] = sum((kind(e.partial) * signed[e.operand] for e in edges), kind(0.0))
                sizes[v] = sum((abs(kind(e.partial)) * sizes[e.operand] for e in edges), kind(0.0))
        everything, size = signed[self.y], sizes[self.y]
        half = kind(0.5)
        rest = everything
        for path in without:
            rest = rest + -prod((kind(e.partial) for e in path), start=kind(1.0))
        up, down = (everything + size) * half, (everything + -size) * half
        return float(everything), float(up), float(down), float(rest)

    def blocks(self) -> list[Edge]:
        """The edges with a partial of 0 that the gradient meets first, coming from y on a path that
        is blocked.
        """
        met, blocks = {self.y}, []
        ready = [self.y]
        for v in ready:
            for e in self.edges.get(v, ()):
                if not (isfinite(e.partial) and self._finite[e.operand]):
                    continue  # only paths that are not finite go on here, and a 0 does not block those
                if e.partial == 0:
                    blocks.append(e)
                elif e.operand not in met:
                    met.add(e.operand)
                    ready.append(e.operand)
        return blocks


def _unwound(way: _Way) -> list[Edge]:
    edges = []
    while way:
        edge, way = way
        edges.append(edge)
    return edges


def _joined(one: _Size, other: _Size) -> _Size:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _longer(size: _Size, edge: Edge) -> _Size:
    partial = abs(edge.partial)
    if not isfinite(partial):
        return size[0] - 1, size[1], size[2]
    return (
        (size[0], size[1], size[2] - log(partial)) if partial else (size[0], size[1] + 1, size[2])
    )
