"""Where the boxes of a network are, as people draw one: columns from left to right, inputs and
neurons in their order from top to bottom, every arrow from a right side to a left side."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter, sub

from autograd.drawing.blocks import Block, Way, in_columns, parted
from autograd.drawing.boxes import Node
from autograd.drawing.modules import Scope, natural
from autograd.drawing.numbers import Point, placed
from autograd.drawing.scene import Picture

MARGIN = 10.0  # points between a frame and what is in it,
TITLE = 16.0  # for the title of a frame,
GAPS = {0: 4.0, 1: 8.0, 2: 14.0}  # and below a block, by how many of it and the next are boxes
APART = 36.0  # between columns, at least
STEEP = 0.35  # that distance, at least, over the height of the steepest arrow
WIDEST = 340.0
HEAD = 7.0  # the length of an arrowhead
ROUNDS = 40_000  # blocks that are moved towards what they are connected with
STILL = 0.02  # points
MANY = 100  # lanes, and two for each arrow: those who pass so much cross less in Graphviz's order
MOST = 20_000  # lanes and arrows

Pull = list[tuple[Block, float]]  # other blocks, and distances from their middles
Near = defaultdict[Block, Pull]


@dataclass(eq=False)
class Layout:
    """What is where, in points from the upper left corner."""

    boxes: dict[str, tuple[Point, Point]] = field(default_factory=dict)  # key: middle and size
    frames: dict[Scope, tuple[Point, Point]] = field(default_factory=dict)  # two corners
    arrows: dict[str, list[Point]] = field(default_factory=dict)  # key: of a Bézier curve
    numbers: dict[str, Point] = field(default_factory=dict)  # key: the middle of the number
    size: Point = (0.0, 0.0)


def arranged(
    picture: Picture, measured: Callable[[], Mapping[str, Point]], texts: Mapping[str, str]
) -> Layout | None:
    """The layout of boxes with their measures and arrows with their numbers; None where modules
    feed one another in a circle, so that there is no order from left to right, and for what is too
    large or entangled."""
    if (found := in_columns(picture)) is None:
        return None
    root, ways = found
    lanes = sum(len(way) - 2 for _, way in ways)
    if lanes > MANY + 2 * len(ways) or lanes + len(ways) > MOST:
        return None
    sizes = measured()
    for block in _all(root):
        if block.node is not None:
            block.height = sizes[block.node.key][1]
    links: dict[Block, list[tuple[Block, Block]]] = defaultdict(list)
    for _, way in ways:
        for a, b in pairwise(way):
            links[parted(a, b)[0].outer or root].append((a, b))
    _stack(root, links)
    return _drawn(root, sizes, ways, texts)


def _stack(frame: Block, links: Mapping[Block, list[tuple[Block, Block]]]) -> None:
    """Place what is in a frame one below the other, near to what it is connected with."""
    modules = defaultdict(list)
    for block in frame.inside:
        if block.scope is not None:
            _stack(block, links)
            block.turn = min(b.turn for b in block.inside)
        if block.module is not None:
            modules[block.start].append((natural(block.module), block))
    for sisters in modules.values():  # in the order of their names
        turns = sorted(block.turn for _, block in sisters)
        for (_, block), turn in zip(sorted(sisters, key=itemgetter(0)), turns, strict=True):
            block.turn = turn
    order = sorted(frame.inside, key=lambda block: block.turn)
    columns: dict[int, list[Block]] = defaultdict(list)
    for block in order:
        for column in range(block.start, block.end + 1):
            columns[column].append(block)
    above, below, pulls = Near(list), Near(list), Near(list)
    for stacked in columns.values():
        for a, b in pairwise(stacked):
            boxes = (a.node or a.scope) is not None, (b.node or b.scope) is not None
            apart = (a.height + b.height) / 2 + GAPS[sum(boxes)]
            above[b].append((a, apart))
            below[a].append((b, apart))
    for a, b in links.get(frame, ()):
        one, other = parted(a, b)
        apart = _within(b, other) - _within(a, one)
        pulls[one].append((other, apart))
        pulls[other].append((one, -apart))
    halves = {b: [*pulls[b], *[(b, 0.0)] * len(pulls[b])] for b in order}
    _settled(order, halves, above, below, min(200, ROUNDS // (len(order) + 1)))
    # Then each goes where its arrows come from, as far as it may, so that most are straight.
    left = {b: [(o, d) for o, d in pulls[b] if o.end < b.start] for b in order}
    before = {b: left[b] or [*pulls[b], (b, 0.0)] for b in order}
    _settled(order, before, above, below, min(len(columns) + 40, 5 * ROUNDS // (len(order) + 1)))
    for block in sorted(order, key=lambda block: block.start) * 2:
        wanted = sum(o.y + d for o, d in before[block]) / len(before[block])
        middle = max([wanted, *(a.y + d for a, d in above[block])])
        block.y = min([middle, *(b.y - d for b, d in below[block])])
    top = min((b.y - b.height / 2 for b in order), default=0.0)
    bottom = max((b.y + b.height / 2 for b in order), default=0.0)
    title = TITLE if frame.scope else 0.0
    frame.height = bottom - top + 2 * MARGIN + title
    for block in order:
        block.y += (title - top - bottom) / 2


def _settled(
    order: list[Block], pulls: Mapping[Block, Pull], above: Near, below: Near, rounds: int
) -> None:
    """Move blocks towards the mean of what pulls them, as far as others leave them room."""
    place = {block: i for i, block in enumerate(order)}
    near = [[[(place[o], d) for o, d in {*side[b]}] for b in order] for side in (above, below)]
    by = [[place[o] for o, _ in pulls[b] or [(b, 0.0)]] for b in order]
    apart = [sum(d for _, d in pulls[b]) / (len(pulls[b]) or 1) for b in order]
    ys, (over, under) = [block.y for block in order], near
    for _ in range(rounds):
        down = [d + sum(map(ys.__getitem__, o)) / len(o) for d, o in zip(apart, by, strict=True)]
        up = [*down]
        for i, some in enumerate(over):
            for o, d in some:
                down[i] = y if (y := down[o] + d) > down[i] else down[i]
        for i in range(len(ys) - 1, -1, -1):
            for o, d in under[i]:
                up[i] = y if (y := up[o] - d) < up[i] else up[i]
        before, ys = ys, [(a + b) / 2 for a, b in zip(down, up, strict=True)]  # keeps distances
        if max(map(abs, map(sub, ys, before)), default=0.0) < STILL:
            break
    for block, y in zip(order, ys, strict=True):
        block.y = y


def _within(block: Block, outer: Block) -> float:
    """The middle of a block from that of one around it."""
    return 0.0 if block is outer else block.middle() - outer.middle()


def _drawn(
    root: Block, sizes: Mapping[str, Point], ways: list[Way], texts: Mapping[str, str]
) -> Layout:
    """Give the columns their place and width, and draw."""
    layout, every = Layout(), [*_all(root)]
    root.y = root.height / 2
    widths, left, right = ([0.0] * (root.end + 1) for _ in range(3))
    for block in every:
        if block.node is not None:
            widths[block.start] = max(widths[block.start], sizes[block.node.key][0])
        elif block.scope:
            left[block.start] = max(left[block.start], _nested(block, "start") * MARGIN)
            right[block.end] = max(right[block.end], _nested(block, "end") * MARGIN)
    gaps, many = [APART] * (root.end + 1), Counter(b.end for _, way in ways for b in way[:-1])
    for edge, way in ways:
        for a, b in pairwise(way):
            height = abs(a.middle() - b.middle())
            number = 5.0 * len(texts.get(edge.key, "")) + 26 + min(40, 4 * many[a.end])
            gaps[a.end] = max(gaps[a.end], number, min(WIDEST, STEEP * height))
    xs, x = list[float](), MARGIN
    for column, width in enumerate(widths):
        xs.append(x + left[column])
        x = xs[-1] + width + right[column] + gaps[column]
    layout.size = xs[-1] + widths[-1] + right[-1] + MARGIN, root.height
    for block in every:
        first, last = xs[block.start], xs[block.end] + widths[block.end]
        if block.node is not None:
            width, height = sizes[block.node.key]
            small = block.node.kind in ("constant", "more")
            width = width if small else widths[block.start]
            middle = (last - width / 2, block.middle())
            layout.boxes[block.node.key] = middle, (width, height)
        elif block.scope:
            top, around = block.middle() - block.height / 2, MARGIN * _nested(block, "start")
            corner = last + MARGIN * _nested(block, "end"), top + block.height
            layout.frames[block.scope] = (first - around, top), corner
    _arrows(layout, ways, xs, widths)
    layout.numbers = placed(layout.arrows, ways, texts)
    return layout


def _all(frame: Block) -> Iterator[Block]:
    for block in frame.inside:
        yield block
        yield from _all(block)


def _nested(frame: Block, side: str) -> int:
    """How many frames, one in the other, have this side in one column."""
    inner = (b for b in frame.inside if b.scope and getattr(b, side) == getattr(frame, side))
    return 1 + max((_nested(b, side) for b in inner), default=0)


def _arrows(layout: Layout, ways: list[Way], xs: list[float], widths: list[float]) -> None:
    """Each arrow from a right side, along its lanes, to a left side."""
    into: dict[Node, list[tuple[float, int]]] = defaultdict(list)
    beside = Counter((edge.source, edge.target) for edge, _ in ways)
    for i, (edge, way) in enumerate(ways):
        into[edge.target].append((way[-2].middle(), i))
    for i, (edge, way) in enumerate(ways):
        (x, y), (width, height) = layout.boxes[edge.target.key]
        others = sorted(into[edge.target])
        step = min(12.0, (height - 12) / len(others))
        apart = step * ([j for _, j in others].index(i) - (len(others) - 1) / 2)
        head = 0.0 if edge.source.kind == "more" else HEAD
        tip = x - width / 2 - head, y + apart
        (x, y), (width, _) = layout.boxes[edge.source.key]
        several = beside[edge.source, edge.target] > 1  # x * x: side by side all the way
        points = [(x + width / 2, y + apart * several)]
        for lane in way[1:-1]:
            x, y = xs[lane.start], lane.middle()
            points += [*_curve(points[-1], (x, y)), *_curve((x, y), (x + widths[lane.start], y))]
        layout.arrows[edge.key] = points + _curve(points[-1], tip)


def _curve(a: Point, b: Point) -> list[Point]:
    """The rest of a Bézier curve from a to b, which leaves and arrives level."""
    bend = 0.3 * (b[0] - a[0])
    return [(a[0] + bend, a[1]), (b[0] - bend, b[1]), b]
