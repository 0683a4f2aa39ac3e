"""Simplification: a recording is brought to normal form, node by node.

A sum takes in the products that only it uses, and one sum, as its beginning, so that it adds up in
the order in which f did, but for what no sample changes, which comes first; numbers are computed,
equal subexpressions shared, and what does not reach the output is dropped."""

from collections.abc import Callable, Iterable
from itertools import chain
from math import frexp, isfinite
from typing import Any

from autograd.engine.formula import EDGE, result_formula
from autograd.engine.table import OPS, Op
from autograd.recording.across import ACROSS, MEAN, TOTAL
from autograd.recording.form import DOT, PLUS, SUMS, NormalForm, Term
from autograd.recording.graph import Graph, Loop, Part, flat, grouped
from autograd.recording.native import library
from autograd.recording.reach import used_by

__all__ = ["products_of", "simplify"]

FORMULAS: dict[Op, Any] = {}  # of rows of which numbers were computed


def simplify(graph: Graph, form: NormalForm | None = None, given: Iterable[int] = ()) -> NormalForm:
    """Bring a recording to normal form; of a body given are the nodes that it closes over."""
    shared = {*graph.shared} if form is None else set()
    form = form or NormalForm(graph.inputs - len(shared))
    form.given = [*range(form.inputs)]
    if shared:
        inputs = iter(form.given)
        form.given = [form.add() if i in shared else next(inputs) for i in range(graph.inputs)]
        form.shared = [form.given[i] for i in sorted(shared)]
    work = _Simplification(graph, form, given)
    if library is None:
        for node in range(graph.inputs, len(graph.rows)):
            work.step(node)
    else:
        of_graph = graph.rows, graph.operands, graph.constants, graph.numbers, graph.parameters
        lists = form.rows, form.operands, form.constants, form.varies, form.depth, form.narrow
        outer = None if form.around is None or form.is_optional else form.outer
        more = form.wide, form.nary, form.numbers, form.node_of, form.mixed, form.parameters, outer
        facts = work.step, FORMULAS, work.used, work.nodes, work.waiting, of_graph, form
        library.simplify(*facts, (*lists, *more), DOT, form.one, form.around is not None)
    form.outputs = [work.nodes[o] for o in graph.outputs]
    form.own = {*form.rows}
    form.own.discard(None)
    form.crosses = not ACROSS.isdisjoint(form.own)
    for body in form.bodies.values():
        form.goes_alone |= body.is_optional or body.goes_alone
    form.with_numbers = {}
    if form.around is None:
        form.node_of = {}
    return form


class _Simplification:
    """A recording on its way: of its nodes the nodes of the form, -1 of those that have none, and
    the products of those that one sum will take in."""

    def __init__(self, graph: Graph, form: NormalForm, given: Iterable[int]) -> None:
        self.graph, self.form, self.used = graph, form, used_by(graph)
        self.closed = dict(zip(graph.parameters, given, strict=False))
        self.nodes = form.given + [-1] * (len(graph.rows) - graph.inputs)
        self.waiting: dict[int, list[Term]] = {}

    def step(self, node: int) -> None:
        """Take in a node; in C the same is done with most rows of the table."""
        if not self.used[node]:
            return
        row, form = self.graph.rows[node], self.form
        if row is None:
            self.nodes[node] = self.leaf(node)
            return
        of, before = self.nodes.__getitem__, self.graph.operands[node]
        many = [(*map(of, some),) for some in before] if row.nary else map(of, before)
        operands: Any = tuple(many)
        constants: Any = (*map(of, self.graph.constants[node]),)
        everything = (*flat(operands), *constants)
        if isinstance(row, Loop):
            self.nodes[node] = _loop(form, row, operands[0])
            return
        if isinstance(row, Part):
            loop = operands[0][0]
            facts = form.varies[loop], form.depth[loop]
            self.nodes[node] = form.add(row, operands, (), None, *facts)
            form.parts[loop][row.index] = self.nodes[node]
            (form.wide if form.varies[loop] else form.narrow).append(self.nodes[node])
            return
        if all(map(form.numbers.__contains__, everything)) and row not in ACROSS:
            known = [*grouped(row, operands, form.numbers), *map(form.numbers.get, constants)]
            formula = FORMULAS[row] = result_formula(row, EDGE)
            self.nodes[node] = form.number(float(formula(*known)))
            return
        terms: list[Term] | None = None
        if row in SUMS:
            # The products of the nodes that wait for this sum, else 1 * node.
            added = before[0] if row.nary else before
            parts = [self.waiting.pop(o, []) or [(form.one, of(o))] for o in added]
            terms = products_of(form, SUMS[row], parts)
        elif row in PRODUCTS:
            terms = PRODUCTS[row](form, operands, constants)
        if terms is None:
            wide = row not in ACROSS and any(map(form.varies.__getitem__, everything))
            self.nodes[node] = form.result(row, operands, constants, wide)
        elif self.used[node] == 1:
            self.waiting[node] = terms
        else:
            self.nodes[node] = form.sum(terms)

    def leaf(self, node: int) -> int:
        """The node of the form for a number, a parameter, or what a body closes over."""
        graph, form = self.graph, self.form
        if node in graph.numbers:
            return form.number(graph.numbers[node])
        if form.around is not None:
            return form.captured(self.closed[node])
        own = form.add()
        form.parameters[own] = graph.parameters[node]
        return own


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
    everything = *flat(facts[1]), *facts[2]
    varies = any(form.varies[o] for o in everything) or form.around is not None
    depth = max([form.depth[o] for o in everything], default=0) + 1
    node = form.add(*facts, varies=varies, depth=depth)
    (form.wide if varies else form.narrow).append(node)
    form.bodies[node], form.parts[node] = body, {}
    return node


def products_of(form: Any, signs: Iterable[int], parts: list[list[Term]]) -> list[Term]:
    """The products of a sum in a form, or in what else has one, numbers and sums, of parts that
    each have a sign."""
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


def _signed(form: Any, sign: int, terms: list[Term]) -> list[Term] | None:
    """The products with this sign, if they can take it: a number among the factors can."""
    if sign > 0:
        return terms
    if not _takes_signs(form, terms):
        return None
    return [(form.number(-form.numbers[u]), v) for u, v in terms]


def _takes_signs(form: Any, terms: list[Term]) -> bool:
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
        [(o[0] if n == 2 else form.one, o[0])] if (n := form.numbers.get(c[0])) in (1, 2) else None
    ),
    OPS["divide"]: _divided,
    MEAN: _shared_out,
    OPS["dot"]: lambda form, o, c: [*zip(o[0], o[1], strict=True), *((form.one, x) for x in o[2])],
    OPS["mean"]: lambda form, o, c: [
        (form.number(1 / len(o[0])), form.sum([(form.one, x) for x in o[0]]))
    ],
}
