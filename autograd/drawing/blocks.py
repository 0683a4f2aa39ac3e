"""The boxes of a picture in columns, each right of what it is made from: a module is a block of
columns, and so are the modules in it; an arrow has a lane of its own in each column that it passes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from autograd.drawing.boxes import Edge, Node
from autograd.drawing.modules import Scope
from autograd.drawing.scene import Picture

LANE = 4.0  # points: the height of a lane


@dataclass(eq=False, slots=True)
class Block:
    """A box, a frame or a lane: its columns, its place among those in its frame, and its size."""

    outer: "Block | None"
    node: Node | None = None
    scope: Scope | None = None  # of a frame
    start: int = 0  # its first column, and its last
    end: int = 0
    turn: float = 0.0  # among the blocks of a column
    height: float = LANE
    y: float = 0.0  # its middle, from that of the frame around it
    inside: list["Block"] = field(default_factory=list)

    def chain(self) -> list["Block"]:
        """The blocks around it, outermost first, and itself."""
        around = [] if self.outer is None else self.outer.chain()
        return [*around, self]

    def middle(self) -> float:
        """Its middle on the paper."""
        return self.y + (0.0 if self.outer is None else self.outer.middle())

    @property
    def module(self) -> Scope | None:
        """The module that it is, in full or collapsed."""
        return self.scope if self.node is None else self.node.module


Way = tuple[Edge, list[Block]]  # an arrow, and its box, lanes and box


def in_columns(picture: Picture) -> tuple[Block, list[Way]] | None:
    """The whole as a frame, and the way of each arrow; None where modules feed one another in a
    circle, so that there is no order from left to right."""
    root = Block(None, scope=())
    frames: dict[Scope, Block] = {(): root}
    blocks: dict[Node, Block] = {}
    for node in picture.nodes:
        for depth in range(1, len(node.scope) + 1):
            scope = node.scope[:depth]
            if scope not in frames:
                outer = frames[scope[:-1]]
                frames[scope] = Block(outer, scope=scope)
                outer.inside.append(frames[scope])
        outer = frames[node.scope]
        blocks[node] = Block(outer, node)
        outer.inside.append(blocks[node])
    ends = {e: (blocks[e.source], blocks[e.target]) for e in picture.edges.values()}
    after: dict[Block, list[Block]] = defaultdict(list)
    for source, target in ends.values():
        a, b = parted(source, target)
        after[a].append(b)
    if not _columns(root, after):
        return None
    _settle(root)
    turns = _turns(picture, blocks)
    return root, [(e, [a, *_lanes(a, b, turns[e]), b]) for e, (a, b) in ends.items()]


def parted(a: Block, b: Block) -> tuple[Block, Block]:
    """The blocks of one frame that two blocks are in."""
    return next((x, y) for x, y in zip(a.chain(), b.chain(), strict=False) if x is not y)


def _columns(frame: Block, after: Mapping[Block, list[Block]]) -> bool:
    """Give each block in a frame its columns, counted from the frame's first; False in a circle."""
    if not all(_columns(block, after) for block in frame.inside if block.node is None):
        return False
    waiting = dict.fromkeys(frame.inside, 0)
    for block in frame.inside:
        for b in after.get(block, ()):
            waiting[b] += 1
    first = [block for block in frame.inside if not waiting[block]]
    order = list(first)
    for block in order:
        for b in after.get(block, ()):
            _shift(b, max(0, block.end + 1 - b.start))
            waiting[b] -= 1
            if not waiting[b]:
                order.append(b)
    for block in first:  # as near to its use as can be
        if nearest := min((b.start for b in after.get(block, ())), default=0):
            _shift(block, nearest - 1 - block.end)
    frame.end = frame.start + max((block.end for block in frame.inside), default=0)
    return len(order) == len(frame.inside)


def _shift(block: Block, columns: int) -> None:
    block.start += columns
    block.end += columns


def _settle(frame: Block) -> None:
    """Count the columns of all blocks from that of the picture, no more from those of frames."""
    for block in frame.inside:
        _shift(block, frame.start)
        _settle(block)


def _turns(picture: Picture, blocks: Mapping[Node, Block]) -> dict[Edge, float]:
    """The order in which one reads a formula: of the boxes, of the arrows, and so of all blocks."""
    into: dict[Node, list[tuple[int, Edge]]] = defaultdict(list)
    for edge in picture.edges.values():
        recorded, turn = picture.recorded(edge.target.value), len(into[edge.target])
        if edge.target.module is None and recorded.op is not None and recorded.op.name == "dot":
            count = len(recorded.bundles[0])  # w1, x1, w2, x2 ..., as they are multiplied
            turn = turn % count if turn < 2 * count else turn
        into[edge.target].append((turn, edge))
    turns, met = dict[Edge, float](), set[Node]()
    ahead: list[tuple[Node, Edge | None, bool]] = [(picture.node_of[picture.output], None, False)]
    while ahead:
        node, through, done = ahead.pop()
        if not done and node not in met:
            met.add(node)
            ahead.append((node, through, True))
            several = sorted(into[node], key=itemgetter(0))
            ahead += [(edge.source, edge, False) for _, edge in reversed(several)]
            continue
        if done:
            blocks[node].turn = float(len(turns))
        if through is not None:
            turns[through] = float(len(turns)) + 0.5
    return turns


def _lanes(a: Block, b: Block, turn: float) -> Iterator[Block]:
    """The lanes of an arrow in the columns that it passes, each in the frame that is there."""
    left, right = a.chain(), b.chain()
    one, other = parted(a, b)
    at = left.index(one)
    passed = [(f, range(x.end + 1, f.end + 1)) for f, x in reversed([*pairwise(left)][at:])]
    passed.append((left[at - 1], range(one.end + 1, other.start)))
    passed += [(f, range(f.start, x.start)) for f, x in [*pairwise(right)][at:]]
    for around, columns in passed:
        for column in columns:
            lane = Block(around, start=column, end=column, turn=turn)
            around.inside.append(lane)
            yield lane
