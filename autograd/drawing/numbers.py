"""Where the numbers on arrows are."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from operator import mul

from autograd.drawing.blocks import Way

Point = tuple[float, float]

# Fortieths of an arrow after which its number may be, the best place first.
ALONG = sorted(range(6, 36), key=lambda i: abs(i - 21))


def placed(
    arrows: Mapping[str, list[Point]], ways: list[Way], texts: Mapping[str, str]
) -> dict[str, Point]:
    """The middle of each number on its arrow, a Bézier curve that the last four points end: where
    it hides no other and few arrows pass under it."""
    found = dict[str, Point]()
    gaps: dict[int, dict[str, list[Point]]] = defaultdict(dict)
    for edge, way in ways:
        if edge.key in texts:
            gaps[way[-1].start][edge.key] = _sampled(arrows[edge.key][-4:])
    for paths in gaps.values():
        places: dict[str, list[tuple[float, Point]]] = {}
        for key, path in paths.items():
            points = [path[i] for i in ALONG]
            under = [sum(abs(_at(other, x) - y) < 6 for other in paths.values()) for x, y in points]
            costs = [n + preference / 8 for preference, n in enumerate(under)]
            places[key] = list(zip(costs, points, strict=True))
        near: dict[str, Point] = {}
        # A second and a third look move those that had to be placed before their neighbours.
        for key in [*paths] * 3:
            near.pop(key, None)
            beside = [(*at, 2.5 * len(texts[key] + texts[k]) + 2) for k, at in near.items()]
            costs = [
                cost + 100 * sum(abs(x - u) < w and abs(y - v) < 10 for u, v, w in beside)
                for cost, (x, y) in places[key]
            ]
            near[key] = min(zip(costs, (at for _, at in places[key]), strict=True))[1]
        found |= near
    return found


def _at(path: list[Point], x: float) -> float:
    """How high a path from left to right is there."""
    i = bisect_left(path, (x, 0.0))
    return path[min(i, len(path) - 1)][1]


def _sampled(curve: list[Point]) -> list[Point]:
    """Points of a Bézier curve, after each fortieth of it."""
    shares = [(i / 40, 1 - i / 40) for i in range(41)]
    weights = [(s**3, 3 * s * s * t, 3 * s * t * t, t**3) for t, s in shares]
    ends = [*zip(*curve, strict=True)]
    return [(sum(map(mul, w, ends[0])), sum(map(mul, w, ends[1]))) for w in weights]
