"""Derivatives from numbers alone: finite differences that know how wrong they are.

``quick`` asks five values of a function; ``slope`` walks down a ladder of steps on both sides,
extrapolates (Richardson), and says what it saw: a slope with its error, a kink, a jump, an infinite
slope, the edge of a domain, or that no step can tell because of round-off or of truncation.

>>> line = Line.of(math.exp, 1.0)
>>> found = slope(line)
>>> found.kind, abs(found.value - math.e) < found.error < 1e-9
('smooth', True)
>>> slope(Line.of(abs, 0.0)).kind
'kink'
"""

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise

from autograd.checking.line import EPSILON, RATIO, Line, ladder

Side = list[tuple[float, float]]  # steps on one side, and how far the function rises over them

NUMBERS, EXACT = "finite differences", "sixty digits"  # where a slope comes from
# A slope is known if its error is below this part of it.
KNOWN = 1e-3


@dataclass(frozen=True)
class Slope:
    """What numbers say of a derivative: its value within an error, and the slopes on both sides.

    kind: smooth, flat, kink, jump (left and right are then values), infinite, edge (of the domain),
    round-off or truncation (no step can tell)."""

    kind: str
    value: float = math.nan
    error: float = math.inf
    left: float = math.nan
    right: float = math.nan
    coarse: tuple[float, float] | None = None  # slope, error without the small steps of rounding
    source: str = NUMBERS

    def agrees(self, ours: float, relative: float = 1e-6) -> bool:
        """Whether ours is the derivative, as far as this can tell."""
        return abs(ours - self.value) <= 10 * self.error + relative * abs(self.value)

    def bounds(self, ours: float) -> bool:
        """Whether ours is a subgradient: between the slopes on both sides, or equal to one."""
        low, high = sorted((self.left, self.right))
        slack = 1e-6 * max(abs(low), abs(high)) + 10 * float(self.error)
        return bool(low - slack <= ours <= high + slack)


def close(a: float, b: float, relative: float = 1e-5) -> bool:
    """Whether two numbers are the same for a diagnosis."""
    return abs(a - b) <= relative * max(abs(a), abs(b))


def quick(line: Line, ours: float | None, x: float, output: int = 0) -> Slope | None:
    """Five values: the slope if it is smooth and equals ours or is known to ten digits, or None."""
    h = 1e-3 * (abs(x) or 1.0) * max(1.0, (line.epsilon / EPSILON) ** 0.25)
    if h < 1e-300:
        return None  # half of it, or a product with it, would be 0
    points = [line.at(t, output) for t in (0.0, -h, h, -h / 2, h / 2)]
    (_, f0), (dl, fl), (dr, fr), (el, gl), (er, gr) = points
    numbers = [f for _, f in points]
    if not all(map(math.isfinite, (ours or 0.0, *numbers))):
        return None
    rise, noise = max(numbers) - min(numbers), 8 * line.epsilon * max(map(abs, numbers)) / h
    if not rise:
        near = [line.at(t, output)[1] for t in (-1e-6 * h, 1e-6 * h)]  # in a narrow bump
        return Slope("smooth", 0.0, noise) if not ours and near == [f0, f0] else None
    if 0 in (dl, dr, el, er):
        return None
    first, second = (fr - fl) / (dr - dl), (gr - gl) / (er - el)
    value = second + (second - first) / 3
    error = 0.01 * abs(value - second) + noise
    bend, half = (fr - f0) / dr - (fl - f0) / dl, (gr - f0) / er - (gl - f0) / el
    if abs(half) > 0.75 * abs(bend) and abs(half) > 4 * noise + 1e-7 * abs(value):
        return None
    # At the bottom of a valley the slope is 0, and yet known.
    if not error <= (1e-7 if ours is None else 1e-4) * max(abs(value), rise / h):
        return None
    if ours is not None and abs(ours - value) > error + 1e-7 * abs(value):
        return None
    return Slope("smooth", value, error, value, value)


def slope(line: Line, output: int = 0) -> Slope:
    """The derivative along the line at 0, or why there is none; about 50 to 90 values."""
    f0 = line.at(0.0, output)[1]
    if not math.isfinite(f0):
        return Slope("edge")
    left, right = sides = [_rises(line, sign, f0, output) for sign in (-1.0, 1.0)]
    floor = line.epsilon * abs(f0)
    highest = max((abs(r) for side in sides for _, r in side), default=0.0)
    jumps = [_jump(side, 200 * max(floor, line.epsilon * highest)) for side in sides]
    if any(jumps):
        return Slope("jump", left=f0 + jumps[0], right=f0 + jumps[1])
    infinite = [_infinite(side, 200 * floor) for side in sides]
    if any(infinite):
        finite = [side[-1][1] / side[-1][0] if side else math.nan for side in sides]
        return Slope("infinite", left=infinite[0] or finite[0], right=infinite[1] or finite[1])
    noise = max(floor, _noise(left, right))
    one_sided = ([(d, r / d, abs(r)) for d, r in side] for side in sides)
    (a, ea, ra), (b, eb, rb) = (_limit(points, noise, line.epsilon, 1) for points in one_sided)
    if not left or not right:
        return Slope("edge", left=a, right=b)
    size = max(abs(r / d) for d, r in (left[0], right[0]))
    if abs(a - b) > 20 * (ea + eb) and abs(a - b) > 1e-5 * max(abs(a), abs(b)):
        return Slope("kink", (a + b) / 2, ea + eb, a, b)
    pairs = list(zip(left[::-1], right[::-1], strict=False))[::-1]
    central = [(d, (r - s) / (d - c), max(abs(s), abs(r))) for (c, s), (d, r) in pairs]
    value, error, rounded = _limit(central, noise, line.epsilon, 2)
    wild = max(ea, eb)
    if wild > 0.02 * max(abs(a), abs(b), size) and wild > 100 * noise / right[0][0]:
        # x * sin(1 / x) at 0: no side has a slope, though their difference may
        word = "round-off" if ra and rb and noise <= 4 * floor else "truncation"
        return Slope(word, value, wild, a, b)
    flat = not any(r for side in sides for _, r in side[-6:])
    height = _rounding_height(left, right)
    coarse = (value, error) if flat else None
    if 10 * noise < height < 1e-6 * abs(f0):
        coarse = _limit(central, height, line.epsilon, 2)[:2]
    # Where the slope is 0, the slopes over larger steps say what is small.
    small = math.sqrt(line.epsilon) if rounded else 1e-12
    word = "smooth"
    if error > KNOWN * abs(value) and error > small * size:
        word = "flat" if flat else "round-off" if rounded else "truncation"
    if word == "flat":
        coarse = coarse if value else _far(line, f0, output)
        value, error = 0.0, floor / max(d for d, r in right if not r)
    return Slope(word, value, error, a, b, coarse)


def _rises(line: Line, sign: float, f0: float, output: int) -> Side:
    """The rises on one side, below the last step where the function has no number."""
    rungs = [(d, f - f0) for d, f in (line.at(sign * h, output) for h in ladder(line)) if d]
    last = max((k for k, (_, r) in enumerate(rungs) if not math.isfinite(r)), default=-1)
    return rungs[last + 1 :]


def _jump(side: Side, floor: float) -> float:
    """What is left of the rise as the step goes to nothing."""
    rises = [r for _, r in side[-8:]]
    if len(rises) < 8 or min(map(abs, rises)) <= floor:
        return 0.0
    steady = max(rises) - min(rises) <= 0.01 * abs(rises[-1])
    return rises[-1] if steady else 0.0


def _infinite(side: Side, floor: float) -> float:
    """inf or -inf, if the slope grows without end as the step goes to nothing."""
    slopes = [r / d for d, r in side if abs(r) > floor]
    steps = [b - a for a, b in pairwise(slopes)][-8:]
    if len(steps) < 8 or min(map(abs, steps)) == 0 or len({s > 0 for s in steps}) != 1:
        return 0.0
    growth = [b / a for a, b in pairwise(steps)]
    # The steps of a slope that converges shrink with the ladder; those of x**p: RATIO**(1 - p).
    if not all(0.97 < g < 0.97 * RATIO for g in growth) or abs(slopes[-1]) < 1.2 * abs(slopes[-8]):
        return 0.0
    return math.copysign(math.inf, steps[-1])


def _far(line: Line, f0: float, output: int) -> tuple[float, float] | None:
    """The slope over very large steps, with its error; None if it differs between them or sides."""
    slopes = []
    for step in (10.0**k * line.reach for k in range(2, 9)):
        a, b = ((f - f0) / d for d, f in (line.at(t, output) for t in (-step, step)))
        if math.isfinite(a + b) and close(a, b, 0.2) and a:
            slopes.append((a + b) / 2)
    known = len(slopes) >= 3 and close(slopes[-1], slopes[-2], 0.1)
    return (slopes[-1], 0.03 * abs(slopes[-1])) if known else None


def _noise(left: Side, right: Side) -> float:
    """The size of rounding: what second differences and changes of slope leave at small steps."""
    near = list(zip(left[::-1], right[::-1], strict=False))
    bends = [abs(p[1] + q[1]) / 2 for p, q in near[:4]]
    if bends and not any(p[1] or q[1] for p, q in near[:6]):  # a staircase (float32 inside)?
        return min((abs(r) for pair in near for _, r in pair if r), default=0.0)
    slopes = [((q[1] - p[1]) / (q[0] - p[0]), q[0]) for p, q in near[:5]]
    changes = [abs(a - b) * h for (a, h), (b, _) in pairwise(slopes)]
    return max((*bends, *changes), default=0.0)


def _rounding_height(left: Side, right: Side) -> float:
    """The height of the steps of rounding: second differences equal over hundredfold steps."""
    near = zip(left[::-1], right[::-1], strict=False)
    heights = list(accumulate((abs(p[1] + q[1]) / 2 for p, q in near), max))
    pairs = zip(heights, heights[4:], strict=False)
    return max((high for low, high in pairs if low and high < 3 * low), default=0.0)


def _limit(
    points: list[tuple[float, float, float]], noise: float, epsilon: float, order: int
) -> tuple[float, float, bool]:
    """Slopes extrapolated to step 0: the value, its error, and whether rounding limits it.

    A point is a step, the slope over it and the rise; order is the power of the step in the leading
    error: 1 for one-sided slopes, 2 for central ones."""
    best = (points[-1][1] if points else math.nan, math.inf, False)
    steps = [abs(d) for d, _, _ in points]
    raw = table = [s for _, s, _ in points]
    rounding = [max(noise, epsilon * rise) / abs(d) for d, _, rise in points]
    for column in range(3):
        first = len(raw) - len(table)
        for k in range(2, len(table)):
            apart = max(abs(table[k] - table[k - 1]), 0.1 * abs(table[k - 1] - table[k - 2]))
            rounded = 2.0 * 1.6**column * rounding[first + k]
            if apart + rounded >= best[1]:
                continue
            # A limit has to agree with every smaller step: at large ones a wave looks flat.
            own = abs(raw[first + k] - table[k])
            for j in range(first + k + 1, len(raw)):
                apart = max(apart, abs(raw[j] - table[k]) - 6 * rounding[j] - own)
            if apart + rounded < best[1]:
                best = (table[k], apart + rounded, rounded > apart / 3)
        # The ladder may have a gap, so each extrapolation takes the ratio of its own steps.
        spans = zip(steps, steps[column + 1 :], strict=False)
        ratios = [min(a / b, 1e99) ** order for a, b in spans]
        table = [b + (b - a) / (q - 1) for (a, b), q in zip(pairwise(table), ratios, strict=True)]
    return best
