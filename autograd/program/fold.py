"""Folding: the normal form of a recording, which every engine runs.

Sums, differences, products and inner products become one row, ``dot``: Σ uᵢvᵢ + c. What is used once by another sum is
folded into it; numbers are computed, equal subexpressions shared, and what does not reach the output is dropped. What
no sample changes (parameters, numbers, and what is made of these alone) is narrow, everything else is wide: narrow
nodes are computed once for a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import frexp
from typing import Any

from autograd.ops import OPS, Op
from autograd.program.steps import Steps
from autograd.program.trace import Place
from autograd.rules import EDGE, result_formula

__all__ = ["DOT", "Folded", "flat", "fold", "used_by"]

DOT = OPS["dot"]
Term = tuple[int, int]


@dataclass
class Folded:
    """The nodes in normal form; those of ``narrow`` come before those of ``wide``, each list operands before results.

    The operands of ``dot`` are ``(u, v, c)``: in a wide sum the first ``mixed`` products have a narrow u, the others
    none, and c is narrow and may be left out.
    """

    inputs: int
    outputs: list[int]
    rows: list[Op | None] = field(default_factory=list)
    operands: list[tuple[Any, ...]] = field(default_factory=list)
    constants: list[tuple[int, ...]] = field(default_factory=list)
    places: list[Place | None] = field(default_factory=list)
    varies: list[bool] = field(default_factory=list)
    active: list[bool] = field(default_factory=list)
    mixed: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, float] = field(default_factory=dict)
    parameters: dict[int, int] = field(default_factory=dict)  # the node of each in the recording
    narrow: list[int] = field(default_factory=list)
    wide: list[int] = field(default_factory=list)
    one: int = -1
    _node_of: dict[Any, int] = field(default_factory=dict)

    def leaf(self, varies: bool, active: bool) -> int:
        """A node that no row makes."""
        self.rows.append(None)
        self.operands.append(())
        self.constants.append(())
        self.places.append(None)
        self.varies.append(varies)
        self.active.append(active)
        return len(self.rows) - 1

    def number(self, x: float) -> int:
        """The node of a number."""
        node = self._node_of.get(repr(x))
        if node is None:
            node = self._node_of[repr(x)] = self.leaf(False, False)
            self.numbers[node] = x
        return node

    def result(self, row: Op, operands: tuple[Any, ...], constants: tuple[int, ...], place: Place | None) -> int:
        """The node of a result: the one that is there already, if it has the same row and operands."""
        key = (row, operands, constants)
        node = self._node_of.get(key)
        if node is None:
            varies, active = self.varies, self.active
            varying = acting = False
            for o in flat(operands):
                varying |= varies[o]
                acting |= active[o]
            for o in constants:
                varying |= varies[o]
            node = self._node_of[key] = len(self.rows)
            self.rows.append(row)
            self.operands.append(operands)
            self.constants.append(constants)
            self.places.append(place)
            varies.append(varying)
            active.append(acting)
        return node


def flat(operands: tuple[Any, ...]) -> tuple[int, ...]:
    """The nodes among operands, whether their names are starred or not."""
    if operands and type(operands[0]) is tuple:
        return tuple([o for many in operands for o in many])
    return operands


def fold(steps: Steps) -> Folded:
    """Bring a recording to normal form."""
    folded, place_of = Folded(steps.inputs, []), used_by(steps)
    nodes = [-1] * len(steps.rows)
    for node in range(steps.inputs):
        nodes[node] = folded.leaf(True, True)
    folded.one = folded.number(1.0)
    for node, row in enumerate(steps.rows):
        if row is None:
            if node >= steps.inputs and place_of[node]:
                if node in steps.numbers:
                    nodes[node] = folded.number(steps.numbers[node])
                else:
                    nodes[node] = folded.leaf(False, True)
                    folded.parameters[nodes[node]] = node
        elif place_of[node]:
            nodes[node] = _translated(steps, node, row, nodes, folded)
    folded.outputs = [nodes[o] for o in steps.outputs]
    _merge_sums(folded)
    _sort(folded)
    return folded


def used_by(steps: Steps | Folded) -> bytearray:
    """Which nodes the outputs are made from."""
    rows, operands, constants = steps.rows, steps.operands, steps.constants
    used = bytearray(len(rows))
    for o in steps.outputs:
        used[o] = 1
    for node in range(len(rows) - 1, -1, -1):
        if used[node] and rows[node] is not None:
            for o in flat(operands[node]):
                used[o] = 1
            for o in constants[node]:
                used[o] = 1
    return used


def _translated(steps: Steps, node: int, row: Op, nodes: list[int], folded: Folded) -> int:
    operands, numbers = steps.operands[node], folded.numbers
    if row.nary:
        operands = tuple([tuple([nodes[o] for o in many]) for many in operands])
    else:
        operands = tuple([nodes[o] for o in operands])
    constants = steps.constants[node]
    if constants:
        constants = tuple([nodes[c] for c in constants])
    for o in flat(operands):
        if o not in numbers:
            break
    else:
        if all(map(numbers.__contains__, constants)):
            return folded.number(_computed(row, operands, constants, numbers))
    products = PRODUCTS.get(row.name)
    terms = products(folded, operands, constants) if products else None
    if terms is None:
        return folded.result(row, operands, constants, steps.places[node])
    if len(terms) == 1 and terms[0][0] == folded.one:
        return terms[0][1]
    return _sum(folded, terms, steps.places[node])


def _computed(row: Op, operands: tuple[Any, ...], constants: tuple[int, ...], numbers: dict[int, float]) -> float:
    """The result of a row on numbers."""
    given: list[Any] = [[numbers[o] for o in x] if isinstance(x, tuple) else numbers[x] for x in operands]
    for i, name in enumerate(row.operands if row.nary else ()):
        if not name.startswith("*"):
            given[i] = given[i][0] if given[i] else 0.0
    return float(result_formula(row, EDGE)(*given, *(numbers[c] for c in constants)))


def _squared(folded: Folded, operands: tuple[int, ...], constants: tuple[int, ...]) -> list[Term] | None:
    return [(operands[0], operands[0])] if folded.numbers.get(constants[0]) == 2 else None


def _divided(folded: Folded, operands: tuple[int, ...], _: tuple[int, ...]) -> list[Term] | None:
    """By a power of two, which is exact: any other divisor rounds differently from its reciprocal."""
    divisor = folded.numbers.get(operands[1])
    if divisor is None or abs(frexp(divisor)[0]) != 0.5:
        return None
    return [(folded.number(1 / divisor), operands[0])]


# The products that a row adds up, if it is a sum of products: of the operands and constants.
PRODUCTS: dict[str, Callable[[Folded, Any, tuple[int, ...]], list[Term] | None]] = {
    "add": lambda folded, o, _: [(folded.one, o[0]), (folded.one, o[1])],
    "subtract": lambda folded, o, _: [(folded.one, o[0]), (folded.number(-1.0), o[1])],
    "negative": lambda folded, o, _: [(folded.number(-1.0), o[0])],
    "positive": lambda folded, o, _: [(folded.one, o[0])],
    "multiply": lambda folded, o, _: [o],
    "square": lambda folded, o, _: [(o[0], o[0])],
    "power": _squared,
    "divide": _divided,
    "dot": lambda folded, o, _: [*zip(o[0], o[1], strict=True), *((folded.one, c) for c in o[2])],
    "total": lambda folded, o, _: [(folded.one, x) for x in o[0]],
    "mean": lambda folded, o, _: [(folded.number(1 / len(o[0])), x) for x in o[0]],
}


def _sum(folded: Folded, terms: list[Term], place: Place | None) -> int:
    """A sum, its products written one way: a number first, a narrow factor before a wide one."""
    numbers, varies = folded.numbers, folded.varies
    us, vs = [], []
    for u, v in terms:
        if u not in numbers and (v in numbers or (varies[u], u) > (varies[v], v)):
            u, v = v, u
        us.append(u)
        vs.append(v)
    return folded.result(DOT, (tuple(us), tuple(vs), ()), (), place)


def _merge_sums(folded: Folded) -> None:
    """Fold each sum that is used once, by another sum, into that: results first, so that chains go in one sweep."""
    rows, operands, numbers, varies = folded.rows, folded.operands, folded.numbers, folded.varies
    uses = [0] * len(rows)
    for node, row in enumerate(rows):
        if row is not None:
            for o in flat(operands[node]):
                uses[o] += 1
            for o in folded.constants[node]:
                uses[o] += 1
    for o in folded.outputs:
        uses[o] += 1
    merged = bytearray(len(rows))
    for node in range(len(rows) - 1, -1, -1):
        if rows[node] is not DOT or merged[node]:
            continue
        us, vs, _ = operands[node]
        inner = [v for u, v in zip(us, vs, strict=True) if uses[v] == 1 and rows[v] is DOT and u in numbers]
        if not inner:
            continue
        # Two layers' worth of inner products, added up: apart they stay matrix products.
        layers = sum([_is_inner_product(folded, v) for v in inner]) if len(inner) > 1 else 0
        stack, terms, changed = list(zip(us, vs, strict=True))[::-1], [], False
        while stack:
            u, v = stack.pop()
            if uses[v] == 1 and rows[v] is DOT and u in numbers and varies[v] == varies[node]:
                inner_u, inner_v, _ = operands[v]
                if layers > 1 and _is_inner_product(folded, v):
                    terms.append((u, v))
                    continue
                scale = numbers[u]
                if scale != 1.0:
                    # Products cannot take a number in; neither can sums of products that will be folded in here.
                    if not all(map(numbers.__contains__, inner_u)) or any(rows[w] is DOT for w in inner_v):
                        terms.append((u, v))
                        continue
                    inner_u = [folded.number(scale * numbers[w]) for w in inner_u]
                merged[v] = changed = True
                stack.extend(reversed(list(zip(inner_u, inner_v, strict=True))))
            else:
                terms.append((u, v))
        if changed:
            operands[node] = (tuple([u for u, _ in terms]), tuple([v for _, v in terms]), ())


def _is_inner_product(folded: Folded, node: int) -> bool:
    """Whether it is a row ``dot`` of more than numbers."""
    us, _, _ = folded.operands[node]
    return len(us) > 1 and not all(map(folded.numbers.__contains__, us))


def _sort(folded: Folded) -> None:
    """List the nodes that are still used, and in wide sums the products with a narrow factor first."""
    rows, varies = folded.rows, folded.varies
    used = used_by(folded)
    for node in range(len(used)):
        if used[node] and rows[node] is not None and not varies[node]:
            folded.narrow.append(node)
    for node in range(len(used)):
        if used[node] and rows[node] is not None and varies[node]:
            if rows[node] is DOT:
                _split(folded, node)
            folded.wide.append(node)
    folded.parameters = {p: node for p, node in folded.parameters.items() if used[p]}


def _split(folded: Folded, node: int) -> None:
    """Take the narrow products of a wide sum out, as its c."""
    varies, (us, vs, _) = folded.varies, folded.operands[node]
    if len(us) == 1:  # its one product, or there would be nothing wide
        folded.mixed[node] = int(not varies[us[0]])
        return
    if len(us) == 2 and varies[vs[0]] and varies[vs[1]] and varies[us[0]] <= varies[us[1]]:  # in order already
        folded.mixed[node] = (not varies[us[0]]) + (not varies[us[1]])
        return
    fixed, mixed, both = list[Term](), list[Term](), list[Term]()
    for term in zip(us, vs, strict=True):
        (both if varies[term[0]] else mixed if varies[term[1]] else fixed).append(term)
    c: tuple[int, ...] = ()
    if fixed:
        c = (fixed[0][1],)
        if all(u in folded.numbers and v in folded.numbers for u, v in fixed):
            c = (folded.number(sum(folded.numbers[u] * folded.numbers[v] for u, v in fixed)),)
        elif len(fixed) > 1 or fixed[0][0] != folded.one:
            # A sum of its own, even if there is an equal one: that may have been folded away.
            c = (folded.leaf(False, any(folded.active[o] for term in fixed for o in term)),)
            folded.rows[c[0]], folded.places[c[0]] = DOT, folded.places[node]
            folded.operands[c[0]] = (tuple([u for u, _ in fixed]), tuple([v for _, v in fixed]), ())
            folded.narrow.append(c[0])
    folded.mixed[node] = len(mixed)
    terms = mixed + both
    folded.operands[node] = (tuple([u for u, _ in terms]), tuple([v for _, v in terms]), c)
