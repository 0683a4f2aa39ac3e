"""Layout: which array holds a node, and in which row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd.recording.arrays import is_word
from autograd.recording.schedule import Group, Layer, arrange, levels
from autograd.recording.simplify import Folded

__all__ = ["Layout", "layout_of"]


@dataclass
class Layout:
    """Where each node is: the array that holds it, and its row there."""

    folded: Folded
    arguments: dict[str, int]  # name: how many numbers
    groups: list[Group]
    parameters: list[int]  # in the order of p
    place: dict[int, tuple[str, int]] = field(default_factory=dict)
    height: dict[str, int] = field(default_factory=dict)
    wide: dict[str, bool] = field(default_factory=dict)

    def add(self, array: str, nodes: Iterable[int], wide: bool) -> None:
        """An array that holds these nodes."""
        for row, node in enumerate(nodes):
            self.place[node] = array, row
        self.height[array], self.wide[array] = row + 1, wide


def layout_of(
    folded: Folded, arguments: dict[str, int], depths: list[int], order: list[int] | None
) -> Layout:
    """Give every node a place.

    If their order is not given, parameters lie as the layers need them, weights row by row, so that
    they are views."""
    groups = levels(folded, depths)
    known, seen = set(folded.parameters), dict.fromkeys(order or ())
    for group in groups if order is None else ():
        if isinstance(group, Layer):
            for row in (*group.weights, group.biases):
                seen |= {node: None for node in row if node in known}
    layout = Layout(
        folded,
        dict(zip(_names(list(arguments)), arguments.values(), strict=True)),
        groups,
        [*seen, *(p for p in folded.parameters if p not in seen)],
    )
    first = 0
    for name, size in layout.arguments.items():
        if size:
            layout.add(name, range(first, first + size), True)
        first += size
    if layout.parameters:
        layout.add("p", layout.parameters, False)
    if folded.numbers:
        layout.add("c", folded.numbers, False)
    for i, group in enumerate(groups, 1):
        arrange(group, layout.place, folded.mixed.get(group.nodes[0], 0))
        layout.add(f"v{i}", group.nodes, group.wide)
    return layout


def _names(arguments: list[str]) -> list[str]:
    """The arguments' names, made unlike the code's own and one another.

    >>> _names(["n", "n_", "x", "dx"])
    ['n__', 'n_', 'x', 'dx_']
    """
    own = re.compile(r"np|math|seed|[cnpt]|[viwx]\d+")
    names = list(arguments)
    for i, name in enumerate(arguments):
        while (
            own.fullmatch(name)
            or _is_grad(name, names, own)
            or is_word(name)
            or name in names[:i] + names[i + 1 :]
        ):
            name = names[i] = f"{name}_"
    return names


def _is_grad(name: str, names: list[str], own: re.Pattern[str]) -> bool:
    return name[0] == "d" and bool(name[1:] in names or own.fullmatch(name[1:]))
