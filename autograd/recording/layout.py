"""Layout: which array holds a node, in which row; and how code gets at nodes, as slices of the
arrays wherever that will do."""

import re
from collections.abc import Iterable, Sequence

from autograd.recording.arrays import is_word
from autograd.recording.schedule import Group, Layer, arrange, levels
from autograd.recording.simplify import NormalForm

__all__ = ["Layout", "layout_of"]

# The names of printed code: arguments are called otherwise.
OWN = re.compile(r"np|math|seed|[cnp]|[tviwx]\d+")


class Layout:
    """Where each node is: the array that holds it, and its row there."""

    def __init__(
        self,
        form: NormalForm,
        arguments: dict[str, int],
        groups: list[Group],
        parameters: list[int],
    ) -> None:
        self.form, self.groups = form, groups
        self.arguments = arguments  # name: how many numbers
        self.parameters = parameters  # in the order of p
        self.place: dict[int, tuple[str, int]] = {}
        self.height: dict[str, int] = {}
        self.wide: dict[str, bool] = {}

    def add(self, array: str, nodes: Iterable[int], wide: bool) -> None:
        """An array that holds these nodes."""
        self.height[array], self.wide[array] = 0, wide
        for row, node in enumerate(nodes):
            self.place[node] = array, row
            self.height[array] += 1

    def segments(self, nodes: Sequence[int]) -> list[tuple[str, list[int], int]]:
        """The nodes as stretches of rows of one array: the array, the rows, and at which of the
        nodes they begin."""
        segments: list[tuple[str, list[int], int]] = []
        for at, node in enumerate(nodes):
            array, row = self.place[node]
            if not segments or segments[-1][0] != array:
                segments.append((array, [], at))
            segments[-1][1].append(row)
        return segments


def layout_of(
    form: NormalForm, arguments: dict[str, int], depths: list[int], order: list[int] | None
) -> Layout:
    """Give every node a place.

    If their order is not given, parameters lie as the layers need them, weights row by row, so that
    they are views."""
    groups, seen = levels(form, depths), dict.fromkeys(order or ())
    for group in groups if order is None else ():
        if isinstance(group, Layer):
            for row in (*group.weights, group.biases):
                seen |= {node: None for node in row if node in form.parameters}
    parameters = [*seen, *(p for p in form.parameters if p not in seen)]
    named = dict(zip(_names(list(arguments)), arguments.values(), strict=True))
    layout, first = Layout(form, named, groups, parameters), 0
    for name, size in named.items():
        if size:
            layout.add(name, range(first, first + size), True)
        first += size
    if parameters:
        layout.add("p", parameters, False)
    if form.numbers:
        layout.add("c", form.numbers, False)
    for i, group in enumerate(groups, 1):
        arrange(group, layout.place, form.mixed.get(group.nodes[0], 0))
        layout.add(f"v{i}", group.nodes, group.wide)
    return layout


def _names(arguments: list[str]) -> list[str]:
    """The arguments' names, made unlike the code's own and one another.

    >>> _names(["n", "n_", "x", "dx"])
    ['n__', 'n_', 'x', 'dx_']
    """
    names = list(arguments)
    for i, name in enumerate(arguments):
        others = names[:i] + names[i + 1 :]
        while (
            OWN.fullmatch(name)
            or (name[0] == "d" and (name[1:] in names or OWN.fullmatch(name[1:])))
            or is_word(name)
            or name in others
        ):
            name = names[i] = f"{name}_"
    return names
