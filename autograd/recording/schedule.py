"""Schedule: nodes of one kind that need nothing of one another, to be computed together, and the
place of each node: which array holds it, in which row.

A layer of a network, sums with the same wide factors and narrow weights, is one matrix product."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from autograd.engine.table import Op
from autograd.recording.arrays import is_word
from autograd.recording.form import DOT, WRITTEN_OUT, NormalForm
from autograd.recording.graph import Loop, Part
from autograd.recording.wish import Wish

__all__ = ["WRITTEN_OUT", "Dot", "Group", "Layout", "Repeat", "Row", "by_node", "groups_in"]
__all__ += ["distinct", "parameters_in_order"]

# The names of printed code: arguments are called otherwise.
OWN = re.compile(
    r"np|math|seed|[cnp]|[tviwx]\d+"
    r"|f|given|jax|jnp|levels|row|scan|step\d+|torch|while_along|while_loop"  # elsewhere:
    r"|arctan2|broadcast_to|full|repeat|KIND|Row"  # in JAX's code, and in PyTorch's
)
LAYER, SUM = "layer", "sum"


@dataclass
class Group:
    """Nodes that are computed together; their rows in memory are an array of its own."""

    nodes: list[int]
    wide: bool


@dataclass
class Row(Group):
    """A row of the table on each of the nodes.

    operands: by the row's names a node for each of the group's, or for *x a tuple of nodes."""

    op: Op
    operands: list[list[Any]]
    constants: list[list[int]]


@dataclass
class Dot(Group):
    """Products that are added up, equally many for each node: those in place t are u[t] v[t].

    In a layer, weights @ columns + biases, u are narrow and each v[t] is one and the same node."""

    is_layer: bool
    u: list[list[int]]
    v: list[list[int]]
    biases: list[int]


@dataclass
class Repeat(Group):
    """A loop or a call, all its steps; the nodes are those of its results that somebody uses.

    which: the places of these among its results. own: its first state, and the entries of each
    step. first: the condition before the first step."""

    loop: Loop
    body: NormalForm
    which: list[int]
    own: tuple[int, ...]
    first: tuple[int, ...]

    def layout(self) -> "Layout":
        """Where its body has each node: its state s and entry x, and what it closes over, k of each
        sample and p of all."""
        body, k, m = self.body, self.loop.states, self.loop.elements
        closed = [node for node in body.used if node not in body.numbers]
        given = [*range(k)], [*range(k, k + m)], [node for node in closed if body.varies[node]]
        named = {name: nodes for name, nodes in zip("sxk", given, strict=True) if nodes}
        return Layout(body, named, [node for node in closed if not body.varies[node]])

    def closed(self, layout: "Layout") -> dict[str, list[int]]:
        """What it closes over, by the array that its body has it in."""
        given = {"k": layout.arguments.get("k", []), "p": layout.parameters}
        return {n: [self.body.outer[o] for o in nodes] for n, nodes in given.items() if nodes}

    def entries(self) -> list[list[int]]:
        """What each step is given, but for its state."""
        k, m = self.loop.states, self.loop.elements
        return [[*self.own[k + m * t : k + m * (t + 1)]] for t in range(self.loop.steps or 0) if m]


def _levels(form: NormalForm) -> list[Group]:
    """The groups, in an order in which they can be computed."""
    groups: list[Group] = []
    phases = ((nodes, bool(w)) for phase in form.phases() for w, nodes in enumerate(phase))
    for nodes, wide in phases:
        alike: dict[Any, list[int]] = {}
        for node in nodes:
            if not isinstance(form.rows[node], Part):
                alike.setdefault((form.depth[node], *_kind(form, node)), []).append(node)
        for (_, kind, *_), members in sorted(alike.items(), key=lambda item: item[0][0]):
            operands = [form.operands[node] for node in members]
            if isinstance(kind, Loop):
                (node,), which = members, sorted(form.parts[members[0]])
                parts = [form.parts[node][i] for i in which]
                facts = form.bodies[node], which, operands[0][0], form.constants[node]
                groups.append(Repeat(parts, wide, kind, *facts))
            elif isinstance(kind, Op):
                constants = _columns([form.constants[node] for node in members])
                groups.append(Row(members, wide, kind, _columns(operands), constants))
            else:
                us, vs, biases = zip(*operands, strict=True)
                factors = _columns(us), _columns(vs)
                groups.append(Dot(members, wide, kind == LAYER, *factors, [*chain(*biases)]))
    return groups


def _kind(form: NormalForm, node: int) -> tuple[Any, ...]:
    """What nodes of one level need to have in common to be computed together."""
    row, operands, numbers, varies = form.rows[node], form.operands[node], form.numbers, form.varies
    if node in form.layers:
        return LAYER, operands[1], bool(operands[2])

    def pattern(nodes: tuple[int, ...]) -> tuple[Any, ...]:
        """A number is written into the code, so that it must be the same for all."""
        return tuple([o if o in numbers else varies[o] for o in nodes])

    if row is DOT:
        us, vs, c = operands
        if len(us) <= WRITTEN_OUT:
            return SUM, pattern(us), pattern(vs), bool(c)
        return SUM, len(us), form.mixed.get(node, 0), all(u == form.one for u in us), bool(c)
    assert row is not None
    if isinstance(row, Loop):
        return row, node
    if row.nary:
        return row, tuple([tuple(map(varies.__getitem__, many)) for many in operands])
    return row, pattern(operands), pattern(form.constants[node])


def groups_in(form: NormalForm) -> int:
    """How many groups there are."""
    every = (*form.narrow, *form.wide)
    return len({(form.varies[node], form.depth[node], *_kind(form, node)) for node in every})


def parameters_in_order(form: NormalForm) -> list[int]:
    """The parameters as the layers need them, weights row by row, so that these are views."""
    if not (form.parameters and form.layers):
        return [*form.parameters]
    layers: dict[Any, list[int]] = {}
    for node in form.layers:
        _, vs, biases = form.operands[node]
        layers.setdefault((form.depth[node], vs, bool(biases)), []).append(node)
    first: list[int] = []
    for _, nodes in sorted(layers.items(), key=lambda item: item[0][0]):
        us, _, biases = zip(*map(form.operands.__getitem__, nodes), strict=True)
        first += chain(*us, *biases)
    weights = filter(form.parameters.__contains__, first)
    return list(dict.fromkeys([*weights, *form.parameters]))


def by_node(columns: Sequence[Sequence[int]]) -> list[int]:
    """The entries of columns, row by row."""
    return [o for row in zip(*columns, strict=True) for o in row]


def _columns(rows: Any) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _arrange(group: Group, place: dict[int, tuple[str, int]], mixed: int) -> None:
    """Put the nodes of a group in the order in which their operands lie in memory: then they are
    whole arrays."""
    columns: list[list[int]] = []
    if isinstance(group, Dot):
        columns = [] if group.is_layer else group.v + group.u
    elif isinstance(group, Row) and not group.op.nary:
        columns = group.operands + group.constants
    if columns and len(group.nodes) > 1:
        keys = [[place[node] for node in nodes] for nodes in zip(*columns, strict=True)]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        biases = [group.biases] if isinstance(group, Dot) and group.biases else []
        for column in (group.nodes, *columns, *biases):
            column[:] = [column[i] for i in order]
    elif isinstance(group, Dot) and not group.is_layer and len(group.v) > WRITTEN_OUT:
        for part in (slice(0, mixed), slice(mixed, len(group.v))):
            pairs = zip(group.v[part], group.u[part], strict=True)
            ordered = sorted(pairs, key=lambda pair: place[pair[0][0]])
            group.v[part], group.u[part] = [v for v, _ in ordered], [u for _, u in ordered]


class Layout:
    """Where each node is: the array that holds it, and its row there."""

    def __init__(
        self, form: NormalForm, arguments: dict[str, list[int]], parameters: list[int]
    ) -> None:
        """arguments: the nodes of each; parameters: in the order of p."""
        self.form, self.groups = form, _levels(form)
        self.place: dict[int, tuple[str, int]] = {}
        self.height: dict[str, int] = {}
        self.wide: dict[str, bool] = {}
        self.parameters = parameters
        self.arguments = dict(zip(distinct(list(arguments)), arguments.values(), strict=True))
        for name, nodes in self.arguments.items():
            self._add(name, nodes, all(map(form.varies.__getitem__, nodes)))
        self._add("p", self.parameters, False)
        self._add("c", list(form.numbers), False)
        for i, group in enumerate(self.groups, 1):
            _arrange(group, self.place, form.mixed.get(group.nodes[0], 0))
            self._add(f"v{i}", group.nodes, group.wide)

    def wanted(self, wish: Wish) -> list[str]:
        """The arrays whose grads are wanted."""
        arrays = [[*self.arguments][i] for i in wish.arguments] + ["p"] * wish.parameters
        return [array for array in arrays if self.height[array]]

    def _add(self, array: str, nodes: list[int], wide: bool) -> None:
        """An array that holds these nodes."""
        self.height[array], self.wide[array] = len(nodes), wide
        self.place |= {node: (array, row) for row, node in enumerate(nodes)}

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


def distinct(arguments: list[str], taken: re.Pattern[str] = OWN) -> list[str]:
    """The arguments' names, made unlike those that are taken and one another.

    >>> distinct(["n", "n_", "x", "dx"])
    ['n__', 'n_', 'x', 'dx_']
    """
    names = list(arguments)
    for i, name in enumerate(arguments):
        others = names[:i] + names[i + 1 :]
        while (
            taken.fullmatch(name)
            or (name[0] == "d" and (name[1:] in names or taken.fullmatch(name[1:])))
            or is_word(name)
            or name in others
        ):
            name = names[i] = f"{name}_"
    return names
