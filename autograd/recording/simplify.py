"""Simplification: the normal form of a recording, which every engine runs.

Sums, differences, products and inner products become one row, ``dot``: Σ uᵢvᵢ + c. A sum takes in
the products that only it uses, and one sum, as its beginning, so that it adds up in the order in
which f did, but for what no sample changes, which comes first; numbers are computed, equal
subexpressions shared, and what does not reach the output is dropped. What no sample changes
(parameters, numbers, and what is made of these alone) is narrow, everything else is wide: narrow
nodes are computed once for a batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import frexp, isfinite
from typing import Any

from autograd.engine.formula import EDGE, result_formula
from autograd.engine.table import OPS, Op
from autograd.recording.across import ACROSS, MEAN, TOTAL
from autograd.recording.graph import Graph, Loop, Part, flat, grouped

__all__ = ["DOT", "NormalForm", "graded", "simplify", "used_by"]

DOT = OPS["dot"]
Term = tuple[int, int]


@dataclass
class NormalForm(Graph):
    """A graph in normal form; the nodes of ``narrow`` come before those of ``wide``. Its inputs are
    those that samples change; shared ones are leaves, as parameters are.

    The operands of ``dot`` are ``(u, v, c)``: in a wide sum the first ``mixed`` products have a
    narrow u, the others none, and c is narrow and may be left out."""

    varies: list[bool] = field(default_factory=list)
    # One more than that of the deepest operand, narrow ones apart from wide ones.
    depth: list[int] = field(default_factory=list)
    mixed: dict[int, int] = field(default_factory=dict)
    given: list[int] = field(default_factory=list)  # the inputs of the recording, in its order
    narrow: list[int] = field(default_factory=list)
    wide: list[int] = field(default_factory=list)
    # Of a loop's body: the form around it, and which node there each node is that no step changes.
    around: "NormalForm | None" = None
    outer: dict[int, int] = field(default_factory=dict)
    # Whether some steps may be none, before which nothing of theirs may be computed.
    is_optional: bool = False
    bodies: dict[int, "NormalForm"] = field(default_factory=dict)  # of the loops, by node
    parts: dict[int, dict[int, int]] = field(default_factory=dict)  # their results, by index
    body_of: dict[Any, "NormalForm"] = field(default_factory=dict)  # which several loops may share
    # Sums whose first so many products have a number among their factors.
    with_numbers: dict[int, tuple[list[Term], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.varies, self.depth = [True] * self.inputs, [0] * self.inputs
        self.extend(self.inputs)
        self.one = self.number(1.0)

    @property
    def kinds(self) -> set[Op]:
        """The rows of the table that it has, in bodies too."""
        own = {row for row in {*self.rows} if row is not None}
        own = {row for row in own if not isinstance(row, (Loop, Part))}
        return own.union(*(body.kinds for body in self.bodies.values()))

    @property
    def goes_alone(self) -> bool:
        """Whether each sample has steps of its own, so that it has to be computed alone."""
        return any(body.is_optional or body.goes_alone for body in self.bodies.values())

    def number(self, x: float) -> int:
        node = super().number(x)
        if self.around is not None:
            self.outer.setdefault(node, self.around.number(x))
        return node

    def captured(self, node: int) -> int:
        """The node of a body for one of the form around it."""
        assert self.around is not None
        if node in self.around.numbers:
            return self.number(self.around.numbers[node])
        key = ("captured", node)
        if key not in self.node_of:
            self.node_of[key] = self.add(varies=self.is_optional or self.around.varies[node])
            self.outer[self.node_of[key]] = node
        return self.node_of[key]

    @property
    def used(self) -> list[int]:
        """The nodes that stand for others around a body, as far as its steps need them."""
        found = {*self.outputs}
        for _, _, operands, constants in self.results(self.wide):
            found.update(flat(operands), constants)
        return [node for node in self.outer if node in found]

    def is_fixed(self, nodes: Iterable[int]) -> bool:
        """Whether no step changes any of these, so that they may be used before the first one."""
        if self.around is None or self.is_optional:
            return False
        return all(map(self.outer.__contains__, nodes))

    def add(
        self,
        row: Op | None = None,
        operands: Any = (),
        constants: Any = (),
        place: Any = None,
        varies: bool = False,
        depth: int = 0,
    ) -> int:
        """A new node, which samples change or not."""
        self.varies.append(varies)
        self.depth.append(depth)
        self.rows.append(row)
        self.operands.append(operands)
        self.constants.append(constants)
        return len(self.rows) - 1

    def result(
        self, row: Op, operands: tuple[Any, ...], constants: tuple[int, ...], varies: bool
    ) -> int:
        """The node of a result: the one that is there, if it has the same row and operands."""
        key = operands if row is DOT else (row, operands, constants)
        node = self.node_of.get(key)
        if node is not None:
            return node
        everything = (*flat(operands), *constants)
        if self.around is not None:
            if self.is_fixed(everything):
                many = operands if not operands or type(operands[0]) is tuple else (operands,)
                moved = tuple([tuple(map(self.outer.__getitem__, o)) for o in many])
                bounds = tuple(map(self.outer.__getitem__, constants))
                operands = moved if many is operands else moved[0]
                return self.captured(self.around.result(row, operands, bounds, varies))
            varies = True
        deepest, of_any, depth = 0, self.varies, self.depth
        for o in everything:
            if depth[o] > deepest and of_any[o] == varies:
                deepest = depth[o]
        node = self.node_of[key] = self.add(row, operands, constants, None, varies, deepest + 1)
        (self.wide if varies else self.narrow).append(node)
        return node

    @property
    def crosses(self) -> bool:
        """Whether some numbers are of the whole batch, which is then computed at once."""
        return not ACROSS.isdisjoint(self.rows)

    def phases(self) -> list[tuple[list[int], list[int]]]:
        """The narrow and the wide nodes, by turns: a row over the batch is narrow, and comes after
        all samples of what is wide before it."""
        if not self.crosses:
            return [(self.narrow, self.wide)]
        phase = [0] * len(self.rows)
        for node, row, operands, constants in self.results():
            before = [phase[o] for o in (*flat(operands), *constants)]
            phase[node] = max(before, default=0) + (row in ACROSS)
        every = range(max(phase) + 1)
        return [
            ([n for n in self.narrow if phase[n] == k], [n for n in self.wide if phase[n] == k])
            for k in every
        ]

    @property
    def order(self) -> list[int]:
        """All results, operands before results."""
        return [node for narrow, wide in self.phases() for node in (*narrow, *wide)]

    def sum(self, terms: list[Term]) -> int:
        """The node of Σ uv: a number first, a narrow factor before a wide one, the narrow as c."""
        numbers, varies = self.numbers, self.varies
        if self.around is not None and self.is_fixed(o for term in terms for o in term):
            terms = [(self.outer[u], self.outer[v]) for u, v in terms]
            return self.captured(self.around.sum(terms))
        if len(terms) == 1 and terms[0][0] == self.one:
            return terms[0][1]
        fixed: list[Term] = []
        mixed: list[Term] = []
        both: list[Term] = []
        for term in terms:
            u, v = term
            if u not in numbers:
                first, second = varies[u], varies[v]
                if v in numbers or first > second or (first is second and u > v):
                    u, v = term = v, u
            (both if varies[u] else mixed if varies[v] else fixed).append(term)
        if not mixed and not both:
            return self.result(DOT, (*zip(*fixed, strict=True), ()), (), False)
        c: tuple[int, ...] = ()
        if len(fixed) == 1 and fixed[0][0] == self.one and numbers.get(fixed[0][1], 1.0):
            c = fixed[0][1:]
        elif fixed and all(u in numbers and v in numbers for u, v in fixed):
            c = (self.number(sum([numbers[u] * numbers[v] for u, v in fixed])),)
        elif fixed:
            c = (self.sum(fixed),)
        node = self.result(DOT, (*zip(*mixed, *both, strict=True), c), (), True)
        if mixed:
            self.mixed[node] = len(mixed)
        return node


def used_by(graph: Graph) -> bytearray:
    """How the outputs are made from each node: 0 not at all, 1 by one sum alone, 2 otherwise."""
    used, rows = bytearray(len(graph.rows)), graph.rows
    for o in graph.outputs:
        used[o] = 2
    for node in range(len(used) - 1, -1, -1):
        row = rows[node]
        if row is None or not used[node]:
            continue
        way = 1 if row in SUMS else 2
        operands = graph.operands[node]
        for o in flat(operands) if row.nary else operands:
            used[o] = 2 if used[o] else way
        for o in graph.constants[node]:
            used[o] = 2
    return used


def graded(form: NormalForm) -> bytearray:
    """Which nodes a grad reaches: what the first output (of a body, every one) is made from, but
    for conditions.

    The others must not be asked for partials: a grad of 0 times one of infinity would be nan."""
    reached = bytearray(len(form.rows))
    for o in form.outputs[:1] if form.around is None else form.outputs:
        reached[o] = 1
    for node, row, operands, _ in form.results(range(len(reached) - 1, -1, -1)):
        if reached[node]:
            for o in flat(operands) if row.nary else operands:
                reached[o] = 1
    return reached


def simplify(graph: Graph, form: NormalForm | None = None, given: Iterable[int] = ()) -> NormalForm:
    """Bring a recording to normal form; of a body given are the nodes that it closes over."""
    shared = {*graph.shared} if form is None else set()
    form, used = form or NormalForm(graph.inputs - len(shared)), used_by(graph)
    closed, inputs = dict(zip(graph.parameters, given, strict=False)), iter(range(form.inputs))
    form.given = [form.add() if i in shared else next(inputs) for i in range(graph.inputs)]
    form.shared = [form.given[i] for i in sorted(shared)]
    nodes = [*form.given, *[-1] * (len(used) - graph.inputs)]
    of, numbers, one = nodes.__getitem__, form.numbers, form.one
    is_number = numbers.__contains__
    waiting: dict[int, list[Term]] = {}  # the products of nodes that one sum will take in
    for node in range(graph.inputs, len(used)):
        if not used[node]:
            continue
        row, before = graph.rows[node], graph.operands[node]
        if row is None:
            if node in graph.numbers:
                nodes[node] = form.number(graph.numbers[node])
            elif form.around is not None:
                nodes[node] = form.captured(closed[node])
            else:
                nodes[node] = form.add()
                form.parameters[nodes[node]] = graph.parameters[node]
            continue
        operands: Any = [(*map(of, many),) for many in before] if row.nary else map(of, before)
        operands, constants = tuple(operands), graph.constants[node]
        everything: tuple[int, ...] = operands
        if row.nary or constants:
            constants = (*map(of, constants),)
            everything = (*flat(operands), *constants)
        if isinstance(row, Loop):
            nodes[node] = _loop(form, row, operands[0])
            continue
        if isinstance(row, Part):
            loop = operands[0][0]
            nodes[node] = form.parts[loop][row.index] = form.add(
                row, operands, (), varies=form.varies[loop]
            )
            (form.wide if form.varies[loop] else form.narrow).append(nodes[node])
            continue
        if all(map(is_number, everything)) and row not in ACROSS:
            known = [*grouped(row, operands, numbers), *map(numbers.get, constants)]
            nodes[node] = form.number(float(result_formula(row, EDGE)(*known)))
            continue
        terms: list[Term] | None = None
        if row in SUMS:
            # The products of the nodes that wait for this sum, else 1 * node.
            added = before[0] if row.nary else before
            parts = [waiting.pop(o, []) or [(one, nodes[o])] for o in added]
            terms = _added(form, SUMS[row], parts)
        elif row in PRODUCTS:
            terms = PRODUCTS[row](form, operands, constants)
        if terms is None:
            wide = row not in ACROSS and any(map(form.varies.__getitem__, everything))
            nodes[node] = form.result(row, operands, constants, wide)
        elif used[node] == 1:
            waiting[node] = terms
        else:
            nodes[node] = form.sum(terms)
    form.outputs = [nodes[o] for o in graph.outputs]
    form.with_numbers = {}
    if form.around is None:
        form.node_of = {}
    return form


def _loop(form: NormalForm, loop: Loop, operands: tuple[int, ...]) -> int:
    """The node of a loop. Its operands are now the state and entries, and of what its body uses
    the nodes that have a row in each step, and the narrow ones; a constant is whether there is a
    first step."""
    count = loop.states + loop.elements * (loop.steps or 0)
    own, given = operands[:count], operands[count : count + len(loop.body.parameters)]
    key = (id(loop.body), given)
    body = form.body_of.get(key)
    if body is None:
        size = loop.states + loop.elements
        body = NormalForm(size, around=form, is_optional=loop.steps is None)
        form.body_of[key] = simplify(loop.body, body, given)
    needed, fixed = (
        [body.outer[n] for n in body.used if body.varies[n] is v] for v in (True, False)
    )
    facts = (loop, (own, (*needed,), (*fixed,)), operands[count + len(given) :])
    varies = any(form.varies[o] for o in flat(facts[1])) or form.around is not None
    depth = max([form.depth[o] for o in flat(facts[1])], default=0) + 1
    node = form.add(*facts, varies=varies, depth=depth)
    (form.wide if varies else form.narrow).append(node)
    form.bodies[node], form.parts[node] = body, {}
    return node


PLUS = repeat(1)
# What a row adds up, with which signs, if it is a sum.
SUMS: dict[Op, Iterable[int]] = {
    OPS["add"]: PLUS,
    OPS["subtract"]: (1, -1),
    OPS["negative"]: (-1,),
    OPS["positive"]: PLUS,
    OPS["total"]: PLUS,
}


def _added(form: NormalForm, signs: Iterable[int], parts: list[list[Term]]) -> list[Term]:
    """The products of a sum, of parts that each have a sign."""
    if signs is PLUS and len(parts) == 2 and 1 in (len(parts[0]), len(parts[1])):
        begin, more = parts if len(parts[1]) == 1 else reversed(parts)
        begin += more
        return begin
    sums = [i for i, terms in enumerate(parts) if len(terms) > 1]
    if signs is PLUS and not sums:
        return [*chain(*parts)]
    signed = [*zip(signs, parts, strict=False)]
    # One sum may begin this one. Of several none that is a layer's inner product: apart they stay
    # matrix products.
    begins = sums and (sums[0] == 0 or len(parts) == 2)
    if begins and (len(sums) == 1 or _takes_signs(form, parts[sums[0]])):
        sign, begin = signed.pop(sums[0])
    else:
        sign, begin = 1, []
    terms = _signed(form, sign, begin)
    if terms is None:
        terms = [(form.number(-1.0), form.sum(begin))]
    for sign, more in signed:
        one = _signed(form, sign, more) if len(more) == 1 else None
        terms += one or [(form.one if sign > 0 else form.number(-1.0), form.sum(more))]
    return terms


def _signed(form: NormalForm, sign: int, terms: list[Term]) -> list[Term] | None:
    """The products with this sign, if they can take it: a number among the factors can."""
    if sign > 0:
        return terms
    if not _takes_signs(form, terms):
        return None
    return [(form.number(-form.numbers[u]), v) for u, v in terms]


def _takes_signs(form: NormalForm, terms: list[Term]) -> bool:
    """Whether each product has a number among its factors. A sum that grows by one at a time is
    asked each time, so that only what is new in it is looked at."""
    _, seen = form.with_numbers.get(id(terms), (terms, 0))
    if any(u not in form.numbers for u, _ in terms[seen:]):
        return False
    form.with_numbers[id(terms)] = terms, len(terms)  # which keeps its id from being another's
    return True


def _divided(form: NormalForm, operands: tuple[int, ...], _: tuple[int, ...]) -> list[Term] | None:
    """By a power of two: other divisors round differently from their reciprocals."""
    divisor = form.numbers.get(operands[1])
    if divisor is None or abs(frexp(divisor)[0]) != 0.5 or not isfinite(1 / divisor):
        return None
    return [(form.number(1 / divisor), operands[0])]


def _shared_out(form: NormalForm, operands: tuple[int, ...], _: tuple[int, ...]) -> list[Term]:
    """A mean over the batch: the sum, divided by how many samples there are."""
    sums = [form.result(TOTAL, (o,), (), False) for o in (operands[0], form.one)]
    return [(form.one, form.result(OPS["divide"], tuple(sums), (), False))]


# The products that other rows add up, of their operands o and constants c; None if they are none.
PRODUCTS: dict[Op, Callable[[NormalForm, Any, tuple[int, ...]], list[Term] | None]] = {
    OPS["multiply"]: lambda form, o, c: [o],
    OPS["square"]: lambda form, o, c: [(o[0], o[0])],
    OPS["power"]: lambda form, o, c: (
        [(form.one if n < 2 else o[0], o[0] if n else form.one)]
        if (n := form.numbers.get(c[0])) in (0, 1, 2)
        else None
    ),
    OPS["divide"]: _divided,
    MEAN: _shared_out,
    OPS["dot"]: lambda form, o, c: [*zip(o[0], o[1], strict=True), *((form.one, x) for x in o[2])],
    OPS["mean"]: lambda form, o, c: [
        (form.number(1 / len(o[0])), form.sum([(form.one, x) for x in o[0]]))
    ],
}
