"""Levels: nodes of one kind that need nothing of one another, to be computed together.

A layer of a network, sums with the same wide factors and narrow weights, is one ``Layer``, a matrix
product."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from autograd.engine.table import Op
from autograd.recording.simplify import DOT, Folded, flat

__all__ = ["WRITTEN_OUT", "Group", "Layer", "Row", "Sum", "arrange", "depths", "levels"]

# More products than this in a sum are added up along an axis instead of one by one.
WRITTEN_OUT = 4


@dataclass
class Group:
    """Nodes that are computed together, and the place of their rows in memory: an array of its own."""

    nodes: list[int]
    wide: bool


@dataclass
class Row(Group):
    """A row of the table on each of the nodes."""

    op: Op
    operands: list[
        list[Any]
    ]  # by the row's names: a node for each of the group's, or for *x a tuple of nodes
    constants: list[list[int]]


@dataclass
class Layer(Group):
    """Weights @ columns + bias: a row of weights (narrow nodes) for each of the nodes, over the
    same wide columns.
    """

    weights: list[tuple[int, ...]]
    columns: tuple[int, ...]
    biases: list[int]


@dataclass
class Sum(Group):
    """Products that are added up, equally many for each node: those in place t are (u[t], v[t])."""

    u: list[list[int]]
    v: list[list[int]]
    biases: list[int]


def depths(folded: Folded) -> list[int]:
    """The level of each node: one more than those of its operands, narrow ones apart from wide
    ones.
    """
    depth, varies, operands, constants = (
        [0] * len(folded.rows),
        folded.varies,
        folded.operands,
        folded.constants,
    )
    for node in chain(folded.narrow, folded.wide):
        deepest, wide = 0, varies[node]
        for o in flat(operands[node]):
            if depth[o] > deepest and varies[o] == wide:
                deepest = depth[o]
        for o in constants[node]:
            if depth[o] > deepest and varies[o] == wide:
                deepest = depth[o]
        depth[node] = deepest + 1
    return depth


def levels(folded: Folded, depth: list[int]) -> list[Group]:
    """The groups, in an order in which they can be computed."""
    groups: list[Group] = []
    for nodes, wide in ((folded.narrow, False), (folded.wide, True)):
        by_level: dict[int, dict[Any, list[int]]] = {}
        for node in nodes:
            by_level.setdefault(depth[node], {}).setdefault(_kind(folded, node), []).append(node)
        for level in sorted(by_level):
            groups += [
                _group(folded, kind, members, wide) for kind, members in by_level[level].items()
            ]
    return groups


def _kind(folded: Folded, node: int) -> Any:
    """What nodes of one level need to have in common to be computed together."""
    row, operands, numbers, varies = (
        folded.rows[node],
        folded.operands[node],
        folded.numbers,
        folded.varies,
    )
    if row is not DOT:
        assert row is not None
        if row.nary:
            return (
                row,
                tuple(map(len, operands)),
                tuple(tuple(map(varies.__getitem__, many)) for many in operands),
            )
        # A number is written into the code, so that it must be the same for all.
        pattern = tuple(o if o in numbers else varies[o] for o in operands)
        return row, pattern, tuple(c if c in numbers else None for c in folded.constants[node])
    us, vs, c = operands
    mixed = folded.mixed.get(node, 0)
    if (
        varies[node]
        and mixed == len(us) > 1
        and (mixed > WRITTEN_OUT or not all(u in numbers for u in us))
    ):
        return Layer, vs, bool(c)
    if len(us) <= WRITTEN_OUT:
        pattern = tuple(
            (u if u in numbers else varies[u], v if v in numbers else varies[v])
            for u, v in zip(us, vs, strict=True)
        )
        return Sum, pattern, bool(c)
    ones = all(u == folded.one for u in us)
    return Sum, len(us), mixed, ones, bool(c)


def _group(folded: Folded, kind: Any, nodes: list[int], wide: bool) -> Group:
    operands = [folded.operands[node] for node in nodes]
    if kind[0] is Layer:
        return Layer(
            nodes,
            wide,
            [us for us, _, _ in operands],
            operands[0][1],
            [c[0] for _, _, c in operands if c],
        )
    if kind[0] is Sum:
        u, v = (
            [list(place) for place in zip(*(o[i] for o in operands), strict=True)] for i in (0, 1)
        )
        return Sum(nodes, wide, u, v, [c[0] for _, _, c in operands if c])
    constants = [
        list(place) for place in zip(*(folded.constants[node] for node in nodes), strict=True)
    ]
    return Row(
        nodes, wide, kind[0], [list(place) for place in zip(*operands, strict=True)], constants
    )


def arrange(group: Group, place: dict[int, tuple[str, int]], mixed: int) -> None:
    """Put the nodes of a group in the order in which their operands lie in memory: then they are
    whole arrays.
    """
    match group:
        case Row() if not group.op.nary:
            columns = group.operands + group.constants
        case Sum():
            columns = group.v + group.u
        case _:
            return
    if len(group.nodes) > 1:
        order = sorted(
            range(len(group.nodes)), key=lambda i: [place[column[i]] for column in columns]
        )
        for column in (
            group.nodes,
            *columns,
            *([group.biases] if isinstance(group, Sum) and group.biases else []),
        ):
            column[:] = [column[i] for i in order]
    elif isinstance(group, Sum) and len(group.v) > WRITTEN_OUT:
        for part in (slice(0, mixed), slice(mixed, len(group.v))):
            pairs = sorted(
                zip(group.v[part], group.u[part], strict=True), key=lambda pair: place[pair[0][0]]
            )
            group.v[part], group.u[part] = [v for v, _ in pairs], [u for _, u in pairs]
