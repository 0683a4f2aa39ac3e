"""A picture of a graph: which values are boxes of their own, and which are gathered, folded or left
out.

Every value of the graph stands behind one node. A module may be collapsed to one node; values that
play the same part (the hundred errors of a hundred rows) may be folded into one; and what is beyond
the budget is counted, not hidden."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, NamedTuple

from autograd.drawing.modules import OUTSIDE, Scope, Scopes
from autograd.engine.changes import changed
from autograd.engine.notation import described
from autograd.engine.reverse import topological
from autograd.engine.table import CONSTANT, OPS, Op
from autograd.engine.value import Value

__all__ = ["Edge", "Node", "Picture", "Term", "size"]


class Group(NamedTuple):
    """Values that may become one node."""

    kind: str  # value, module or fold
    number: int
    scope: Scope
    module: Scope


Groups = dict[Any, Group]

SEARCHED = 100_000  # values, in which repeats are looked for unasked
ARROWS = 3  # for each box of the budget: more of them are a black cloud


@dataclass(eq=False, slots=True)
class Term:
    """A part of an inner product that is drawn expanded: a product, or the sum of them."""

    op: Op
    data: float
    grad: float
    reached: bool
    bundles: tuple[tuple[Any, ...], ...]
    partials: tuple[float, ...]
    label: str = ""
    constants: tuple[float, ...] = ()

    @property
    def operands(self) -> tuple[Any, ...]:
        """The values that it was made from."""
        return tuple(v for many in self.bundles for v in many)

    @property
    def _data(self) -> float:  # as the engine reads a Value's number
        return self.data


@dataclass(eq=False, slots=True)
class Node:
    """One box: a value, or all the values that it stands for."""

    key: str
    kind: str  # parameter, input, leaf, constant, operation, output, module or more
    scope: Scope
    values: list[Any]
    module: Scope = OUTSIDE  # the module that it is, if it is one

    @property
    def value(self) -> Any:
        """The value, or the first of several."""
        return self.values[0]

    @property
    def folded(self) -> bool:
        """Whether it stands for several values that play the same part."""
        return len(self.values) > 1 and self.kind not in ("module", "more")

    @property
    def grad(self) -> float | None:
        """The grad, or the largest of several; None before a pass has run, and for constants."""
        if self.kind in ("constant", "more"):
            return None
        return max((v.grad for v in self.values if v.reached), key=size, default=None)


@dataclass(eq=False, slots=True)
class Edge:
    """One arrow, from an operand to a result: one contribution, or the ``count`` of them that run
    between two boxes.
    """

    key: str
    source: Node
    target: Node
    partial: float
    contribution: float | None
    count: int = 1


@dataclass(eq=False)
class Picture:
    """The nodes and edges to draw for an output; see ``draw`` for what the other arguments mean."""

    output: Value
    model: Any = None
    depth: int | None = None
    expand: bool = False
    fold: bool | None = None
    budget: int = 400
    nodes: list[Node] = field(init=False, default_factory=list)
    edges: dict[Hashable, Edge] = field(init=False, default_factory=dict)
    node_of: dict[Any, Node] = field(init=False, default_factory=dict)
    hidden: int = field(init=False, default=0)
    folded: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if not isinstance(self.output, Value):
            got = described(self.output)
            raise TypeError(f"draw needs the Value at the end of a graph, got {got}: draw(loss)")
        for name, least in (("depth", 0), ("budget", 2)):
            number = getattr(self, name)
            if (number is not None or name == "budget") and not _whole(number, least):
                needed = f"{name} to be a whole number from {least} up"
                raise ValueError(f"draw needs {needed}, got {number!r}")
        if not (self.fold is None or isinstance(self.fold, bool)):
            raise ValueError(f"draw needs fold to be True, False or None, got {self.fold!r}")
        self.order: list[Any] = topological(self.output)
        self.changed = changed(v for v in self.order if v.operands) is not None
        self.scopes = Scopes(self.order, self.model)
        self.sums: dict[Any, Any] = {}  # of the products of an inner product that is drawn expanded
        if self.expand:
            self._expand()
        self._build(self._chosen())

    @property
    def reached(self) -> bool:
        """Whether any value has a grad to show."""
        return any(v.reached for v in self.order)

    @property
    def largest(self) -> float:
        """The largest finite grad or contribution in the picture, by size: what colours are
        measured by.
        """
        sizes = [node.grad for node in self.nodes]
        sizes += [edge.contribution for edge in self.edges.values()]
        return max((abs(x) for x in sizes if x is not None and isfinite(x)), default=0.0)

    def recorded(self, value: Any) -> Any:
        """What to ask for operands and partials: the value, or the sum that stands for it when it
        is expanded.
        """
        return self.sums.get(value, value)

    def uses(self, value: Any) -> Iterable[tuple[Any, float]]:
        """Each operand with the partial by it."""
        recorded = self.recorded(value)
        return zip(recorded.operands, recorded.partials, strict=True)

    # What stands for what

    def _expand(self) -> None:
        """Draw each inner product as its products and their sum."""
        order: list[Any] = []
        for v in self.order:
            if v.op is OPS["dot"] and v.operands:
                (left, right, bias), count = v.bundles, len(v.bundles[0])
                passed, times = (v.grad, v.reached), OPS["multiply"]
                rows = zip(left, right, v.partials, v.partials[count:], strict=False)
                terms = [Term(times, p * q, *passed, ((a,), (b,)), (p, q)) for a, b, p, q in rows]
                ones = (1.0,) * (count + len(bias))
                operands = ((*terms, *bias),)
                self.sums[v] = Term(OPS["total"], v.data, *passed, operands, ones, v.label)
                order += terms
                if v in self.scopes:
                    self.scopes |= dict.fromkeys(terms, self.scopes[v])
            order.append(v)
        self.order = order

    def _chosen(self) -> Groups:
        """The most open drawing within the budget: modules are collapsed from the inside, then
        repeats are folded.
        """
        depths = [0]
        if self.depth is not None:
            depths = [self.depth]
        elif self.scopes:
            depths = list(range(self.scopes.depth + 1, -1, -1))
        levels = {None: (0, 1, 2), True: (2,), False: (0,)}[self.fold]
        if self.fold is None and len(self.order) > SEARCHED:
            levels = (0,)
        elif self.fold is None and not self.scopes:
            levels = (0, 1)
        best: tuple[float, Groups] | None = None
        for level in levels:
            for depth in depths:
                groups = self._groups(depth, level)
                load = self._load(groups)
                if best is None or load < best[0]:
                    best, self.depth, self.folded = (load, groups), depth, level > 0
                if load <= 1:
                    return groups
        assert best is not None
        return best[1]

    def _load(self, groups: Groups) -> float:
        """How full of boxes or arrows a drawing is: at most 1 is within the budget."""
        boxes = len({group.number for group in groups.values()}) / self.budget
        if boxes > 1:
            return boxes
        ends = ((groups[o].number, groups[v].number) for v in self.order for o, _ in self.uses(v))
        return max(boxes, len(set(ends)) / (ARROWS * self.budget))

    def _groups(self, depth: int, level: int) -> Groups:
        """The group of each value: itself, its module, or at level 1 its fold; at level 2 sister
        modules are one.
        """
        groups: Groups = {}
        numbers: dict[Hashable, int] = {}
        users: dict[Any, set[tuple[int, int]]] = {v: set() for v in self.order} if level else {}
        parallel = self._parallel() if level > 1 else set()
        for v in reversed(self.order):
            scope = self.scopes.get(v)
            if scope is not None and parallel:
                inner = [scope[: i + 1] for i in range(len(scope))]
                scope = tuple(_starred(s[-1]) if s in parallel else s[-1] for s in inner)
            kind: str = "value"
            signature: tuple[Hashable, ...] = (id(v),)
            module = OUTSIDE
            if scope is not None and len(scope) >= depth:
                module = scope[:depth]
                kind, signature, scope = "module", module, scope[: max(depth - 1, 0)]
            elif level and v is not self.output:
                name = _without_index(self.scopes.paths[v]) if v in self.scopes.paths else ""
                kind, signature = "fold", (v.op, v.constants, name, scope, frozenset(users[v]))
            number = numbers.setdefault((kind, signature), len(numbers))
            groups[v] = Group(kind, number, scope or OUTSIDE, module)
            for i, many in enumerate(self.recorded(v).bundles if level else ()):
                for operand in many:
                    users[operand].add((number, i))
        return groups

    def _parallel(self) -> set[Scope]:
        """The scopes that have sisters which do not feed one another: the neurons of a layer, but
        not the layers.
        """
        serial: set[Scope] = set()
        for v in self.order:
            scope = self.scopes.get(v, OUTSIDE)
            for operand, _ in self.uses(v):
                pairs = enumerate(zip(scope, self.scopes.get(operand, OUTSIDE), strict=False))
                apart = next((i for i, (a, b) in pairs if a != b), None)
                if apart is not None:
                    serial.add((*scope[:apart], _starred(scope[apart])))
        sisters: dict[Scope, set[Scope]] = {}
        for prefix in {scope[: i + 1] for scope in self.scopes.values() for i in range(len(scope))}:
            sisters.setdefault((*prefix[:-1], _starred(prefix[-1])), set()).add(prefix)
        several = {many: each for many, each in sisters.items() if len(each) > 1}
        return {p for many, each in several.items() if many not in serial for p in each}

    # Nodes and edges

    def _build(self, groups: Groups) -> None:
        members: dict[Group, list[Any]] = {}
        for v in reversed(self.order):
            members.setdefault(groups[v], []).append(v)
        kept = list(members)
        if len(kept) > self.budget:
            kept = kept[: self.budget - 1]  # those nearest to the output
        for i, group in enumerate(reversed(kept)):
            values, scope = members[group][::-1], group.scope
            if len(values) == 1:
                scope = self.scopes.get(values[0], OUTSIDE)[: len(scope)]
            node = Node(f"n{i}", self._kind(group, values), scope, values, group.module)
            self.nodes.append(node)
            self.node_of |= dict.fromkeys(values, node)
        rest = [v for v in self.order if v not in self.node_of]
        if rest:
            self.hidden = len(rest)
            stub = Node("more", "more", (), rest)
            self.nodes.insert(0, stub)
            self.node_of |= dict.fromkeys(rest, stub)
        for v in self.order:
            self._connect(v)

    def _connect(self, v: Any) -> None:
        """Add the edges by which a value gets its operands."""
        target = self.node_of[v]
        for place, (operand, partial) in enumerate(self.uses(v)):
            source = self.node_of[operand]
            if source is target:
                continue
            key = self.edge_key(operand, v, place)
            contribution = partial * v.grad if v.reached and source.kind != "more" else None
            edge = self.edges.get(key)
            if edge is None:
                self.edges[key] = Edge(f"e{len(self.edges)}", source, target, partial, contribution)
            else:
                edge.count += 1
                if contribution is not None:
                    edge.contribution = max(edge.contribution or 0.0, contribution, key=size)

    def edge_key(self, operand: Any, result: Any, place: int) -> Hashable:
        """Where ``edges`` has the edge of a contribution: between single values, each use has its
        own.
        """
        source, target = self.node_of[operand], self.node_of[result]
        single = source.kind != "more" and len(source.values) == len(target.values) == 1
        return (source.key, target.key, place if single else -1)

    def _kind(self, group: Group, values: Sequence[Any]) -> str:
        if group.kind == "module":
            return "module"
        v = values[0]
        if v is self.output:
            return "output"
        if v in self.scopes.paths:
            return "parameter"
        if self.recorded(v).operands:
            return "operation"
        if v.op is CONSTANT:
            return "constant"
        return "input" if self.scopes.paths else "leaf"


def _whole(number: object, least: int) -> bool:
    return isinstance(number, int) and number >= least


def _starred(part: str) -> str:
    name, dot, _ = part.partition(".")
    return f"{name}.*" if dot else name


def _without_index(path: str) -> str:
    """A parameter's name without indices: all the ``w`` of a neuron play the same part."""
    return ".".join("*" if word.isdigit() else word for word in path.split("."))


def size(gradient: float) -> float:
    """How large it is; nan before all others, because it is what one must see."""
    return abs(gradient) if gradient == gradient else inf
