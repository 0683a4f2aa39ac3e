"""A picture of a graph: which values are boxes, and which stand behind that of their module, of
values that play the same part (the errors of a hundred rows), or of all beyond the budget."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import Any

from autograd.debugging.names import Variables
from autograd.drawing.boxes import Edge, Node, Term, size
from autograd.drawing.modules import OUTSIDE, Scope, Scopes, common
from autograd.drawing.palette import largest_of
from autograd.engine.changes import changed
from autograd.engine.notation import described, written
from autograd.engine.reverse import topological
from autograd.engine.table import CONSTANT, OPS
from autograd.engine.value import Value

SEARCHED = 100_000  # values, in which repeats are looked for unasked
ARROWS = 3  # for each box of the budget: more of them are a black cloud


@dataclass(eq=False)
class Picture:
    """The nodes and edges to draw for an output; see ``draw`` for what the other arguments mean."""

    output: Value
    model: Any = None
    depth: int | None = None
    expand: bool = False
    fold: bool | None = None
    budget: int = 400
    names: Variables | None = None  # the caller's, looked for if there are none
    legend: bool = True
    nodes: list[Node] = field(init=False, default_factory=list)
    edges: dict[Hashable, Edge] = field(init=False, default_factory=dict)
    edge_of: dict[tuple[Any, int], Edge] = field(init=False, default_factory=dict)
    node_of: dict[Any, Node] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.output, Value):
            got = described(self.output)
            raise TypeError(f"draw needs the Value at the end of a graph, got {got}: draw(loss)")
        for name, number, least in (("depth", self.depth or 0, 0), ("budget", self.budget, 2)):
            if not isinstance(number, int) or number < least:
                needed = f"draw needs {name} to be a whole number from {least} up"
                raise ValueError(f"{needed}, got {number!r}")
        if not (self.fold is None or isinstance(self.fold, bool)):
            raise ValueError(f"draw needs fold to be True, False or None, got {self.fold!r}")
        self.order: list[Any] = topological(self.output)
        self.found = Variables({*self.order}) if self.names is None else self.names
        self.label = self.found.label  # or the variable that held a value when this was made
        self.changed = changed(v for v in self.order if v.operands) is not None
        self.scopes = Scopes(self.order, self.model)
        self.sums: dict[Any, Any] = {}  # of the products of an inner product that is drawn expanded
        if self.expand:
            self._expand()
        self._build(self._chosen())

    @property
    def reached(self) -> bool:
        """Whether a reverse pass has come here."""
        return any(v.reached for v in self.order)

    @property
    def largest(self) -> float:
        """The largest finite grad or contribution, by size: what colours are measured by."""
        grads = [node.grad for node in self.nodes]
        return largest_of([*grads, *(edge.contribution for edge in self.edges.values())])

    def written(self, value: Any) -> str:
        """A value in one line."""
        return written(value, self.found)

    def recorded(self, value: Any) -> Any:
        """What has the operands and partials: the value, or its sum where it is expanded."""
        return self.sums.get(value, value)

    def uses(self, value: Any) -> Iterable[tuple[Any, float]]:
        """Each operand with the partial by it."""
        recorded = self.recorded(value)
        return zip(recorded.operands, recorded.partials, strict=True)

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
                self.sums[v] = Term(OPS["total"], v.data, *passed, operands, ones, self.label(v))
                order += terms
                if v in self.scopes:
                    self.scopes |= dict.fromkeys(terms, self.scopes[v])
            order.append(v)
        self.order = order

    def _chosen(self) -> dict[Any, Node]:
        """The most open drawing within the budget: modules collapse first, then repeats fold."""
        deepest = max(map(len, self.scopes.values())) + 1 if self.scopes else 0
        depths = range(deepest, -1, -1) if self.depth is None else [self.depth]
        levels = [2] if self.fold else [0]
        if self.fold is None and len(self.order) <= SEARCHED:
            levels = [0, 1, 2] if self.scopes else [0, 1]
        least, best = inf, dict[Any, Node]()
        for level, depth in product(levels, depths):
            node_of = self._grouped(depth, level)
            if (load := self._load(node_of)) < least:
                least, best, self.folded = load, node_of, level > 0
            if load <= 1:
                break
        return best

    def _load(self, node_of: dict[Any, Node]) -> float:
        """How full of boxes or arrows a drawing is: at most 1 is within the budget."""
        boxes = len({*node_of.values()}) / self.budget
        if boxes > 1:
            return boxes
        arrows = {(node_of[operand], node_of[v]) for v in self.order for operand, _ in self.uses(v)}
        return max(boxes, len(arrows) / (ARROWS * self.budget))

    def _grouped(self, depth: int, level: int) -> dict[Any, Node]:
        """The node of each value: its own, its module's, its repeats' (level 1) or sisters' (2)."""
        nodes: dict[Hashable, Node] = {}
        node_of: dict[Any, Node] = {}
        users: dict[Any, set[tuple[Node, int]]] = {v: set() for v in self.order} if level else {}
        parallel = self._parallel() if level > 1 else set()
        for v in reversed(self.order):
            scope, module = self.scopes.get(v), None
            if scope is not None and parallel:
                inner = [scope[: i + 1] for i in range(len(scope))]
                scope = tuple(_starred(s[-1]) if s in parallel else s[-1] for s in inner)
            signature: Hashable = id(v)
            if scope is not None and len(scope) >= depth:
                signature = module = scope[:depth]
                scope = scope[: max(depth - 1, 0)]
            elif level and v is not self.output:
                name = _starred(self.scopes.paths.get(v, ""))
                signature = (v.op, v.constants, name, scope, frozenset(users[v]))
            node = node_of[v] = nodes.setdefault(signature, Node(scope or OUTSIDE, module))
            node.values.append(v)
            for i, many in enumerate(self.recorded(v).bundles if level else ()):
                for operand in many:
                    users[operand].add((node, i))
        return node_of

    def _parallel(self) -> set[Scope]:
        """The modules whose sisters do not feed one another: neurons of a layer, not layers."""
        serial: set[Scope] = set()
        for v in self.order:
            scope = self.scopes.get(v, OUTSIDE)
            for operand, _ in self.uses(v):
                other = self.scopes.get(operand, OUTSIDE)
                shared = len(common([scope, other]))
                if shared < min(len(scope), len(other)):
                    serial.add(_sisters(scope[: shared + 1]))
        prefixes = {scope[: i + 1] for scope in self.scopes.values() for i in range(len(scope))}
        count = Counter(map(_sisters, prefixes))
        return {p for p in prefixes if count[_sisters(p)] > 1 and _sisters(p) not in serial}

    def _build(self, node_of: dict[Any, Node]) -> None:
        kept = list(dict.fromkeys(node_of[v] for v in reversed(self.order)))
        most = self.budget if len(kept) <= self.budget else self.budget - 1
        self.nodes = kept[:most][::-1]  # those nearest to the output
        for i, node in enumerate(self.nodes):
            node.values.reverse()
            node.key, node.kind = f"n{i}", self._kind(node)
            if len(node.values) == 1:
                node.scope = self.scopes.get(node.value, OUTSIDE)[: len(node.scope)]
            self.node_of |= dict.fromkeys(node.values, node)
        rest = [v for v in self.order if v not in self.node_of]
        self.hidden = len(rest)
        if rest:
            stub = Node(OUTSIDE, None, rest, "more", "more")
            self.nodes.insert(0, stub)
            self.node_of |= dict.fromkeys(rest, stub)
        for v in self.order:
            self._connect(v)

    def _connect(self, v: Any) -> None:
        """Add the edges from its operands: between single values, one for each use."""
        target = self.node_of[v]
        for place, (operand, partial) in enumerate(self.uses(v)):
            source = self.node_of[operand]
            if source is target:
                continue
            single = source.kind != "more" and len(source.values) == len(target.values) == 1
            key = (source.key, target.key, place if single else -1)
            contribution = partial * v.grad if v.reached and source.kind != "more" else None
            if edge := self.edges.get(key):
                edge.count += 1
                if contribution is not None:
                    edge.contribution = max(edge.contribution or 0.0, contribution, key=size)
            else:
                edge = Edge(f"e{len(self.edges)}", source, target, partial, contribution)
            self.edges[key] = self.edge_of[v, place] = edge

    def _kind(self, node: Node) -> str:
        v, leaf = node.value, "input" if self.scopes.paths else "leaf"
        kinds = {
            "module": node.module is not None,
            "output": v is self.output,
            "parameter": v in self.scopes.paths,
            "operation": bool(self.recorded(v).operands),
            "constant": v.op is CONSTANT,
        }
        return next((kind for kind, holds in kinds.items() if holds), leaf)


def _starred(path: str) -> str:
    """A name without its indices: the neurons of a layer, and the ``w`` of a neuron, share it."""
    return ".".join("*" if word.isdigit() else word for word in path.split("."))


def _sisters(module: Scope) -> Scope:
    """What a module and its sisters are called together."""
    return (*module[:-1], _starred(module[-1]))
