"""Folding: the normal form of a recording, which every engine runs.

Sums, differences, products and inner products become one row, ``dot``: Σ uᵢvᵢ + c. A sum takes in
the products that only it uses, and one sum, as its beginning, so that it adds up in the order in
which f did, but for what no sample changes, which comes first; numbers are computed, equal
subexpressions shared, and what does not reach the output is dropped. What no sample changes
(parameters, numbers, and what is made of these alone) is narrow, everything else is wide: narrow
nodes are computed once for a batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import repeat
from math import frexp, isfinite
from typing import Any

from autograd.engine.formula import EDGE, result_formula
from autograd.engine.table import OPS, Op
from autograd.recording.graph import Steps

__all__ = ["DOT", "Folded", "flat", "fold", "graded", "used_by"]

DOT = OPS["dot"]
Term = tuple[int, int]


@dataclass
class Folded:
    """The nodes in normal form; those of ``narrow`` come before those of ``wide``, each list
    operands before results.

    The operands of ``dot`` are ``(u, v, c)``: in a wide sum the first ``mixed`` products have a
    narrow u, the others none, and c is narrow and may be left out."""

    inputs: int
    outputs: list[int] = field(default_factory=list)
    rows: list[Op | None] = field(default_factory=list)
    operands: list[tuple[Any, ...]] = field(default_factory=list)
    constants: list[tuple[int, ...]] = field(default_factory=list)
    varies: list[bool] = field(default_factory=list)
    mixed: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, float] = field(default_factory=dict)
    parameters: dict[int, int] = field(default_factory=dict)  # the node of each in the recording
    narrow: list[int] = field(default_factory=list)
    wide: list[int] = field(default_factory=list)
    _node_of: dict[Any, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _ in range(self.inputs):
            self.leaf(True)
        self.one = self.number(1.0)

    def leaf(self, varies: bool) -> int:
        """A node that no row makes."""
        self.rows.append(None)
        self.operands.append(())
        self.constants.append(())
        self.varies.append(varies)
        return len(self.rows) - 1

    def number(self, x: float) -> int:
        """The node of a number; 0.0 and -0.0 differ, nan does not."""
        key = x if x and x == x else repr(x)
        node = self._node_of.get(key)
        if node is None:
            node = self._node_of[key] = self.leaf(False)
            self.numbers[node] = x
        return node

    def result(
        self, row: Op, operands: tuple[Any, ...], constants: tuple[int, ...], varies: bool
    ) -> int:
        """The node of a result: the one that is there already, if it has the same row and operands."""
        key = (row, operands, constants)
        node = self._node_of.get(key)
        if node is None:
            node = self._node_of[key] = len(self.rows)
            self.rows.append(row)
            self.operands.append(operands)
            self.constants.append(constants)
            self.varies.append(varies)
            (self.wide if varies else self.narrow).append(node)
        return node

    def sum(self, terms: list[Term]) -> int:
        """The node of Σ uv, written one way: a number first, a narrow factor before a wide one,
        what is narrow as c.
        """
        numbers, varies = self.numbers, self.varies
        if len(terms) == 1 and terms[0][0] == self.one:
            return terms[0][1]
        fixed, mixed, both = list[Term](), list[Term](), list[Term]()
        for term in terms:
            u, v = term
            if u not in numbers and (v in numbers or (varies[u], u) > (varies[v], v)):
                u, v = term = v, u
            (both if varies[u] else mixed if varies[v] else fixed).append(term)
        if not mixed and not both:
            return self.result(DOT, (*zip(*fixed, strict=True), ()), (), False)
        c: tuple[int, ...] = ()
        if fixed:
            known = all(u in numbers and v in numbers for u, v in fixed)
            c = (
                self.number(sum([numbers[u] * numbers[v] for u, v in fixed]))
                if known
                else self.sum(fixed),
            )
        node = self.result(DOT, (*zip(*mixed, *both, strict=True), c), (), True)
        self.mixed[node] = len(mixed)
        return node


def flat(operands: tuple[Any, ...]) -> tuple[int, ...]:
    """The nodes among operands, whether their names are starred or not."""
    if operands and type(operands[0]) is tuple:
        return tuple([o for many in operands for o in many])
    return operands


def used_by(steps: Steps) -> bytearray:
    """How the outputs are made from each node: 0 not at all, 1 by one sum and nothing else, 2 in
    any other way.
    """
    rows, operands, constants = steps.rows, steps.operands, steps.constants
    used = bytearray(len(rows))
    for o in steps.outputs:
        used[o] = 2
    for node in range(len(rows) - 1, -1, -1):
        row = rows[node]
        if row is None or not used[node]:
            continue
        way = 1 if row in SUMS else 2
        for o in flat(operands[node]) if row.nary else operands[node]:
            used[o] = 2 if used[o] else way
        for o in constants[node]:
            used[o] = 2
    return used


def graded(folded: Folded) -> bytearray:
    """Which nodes a grad reaches: those that the first output is made from, other than by a
    condition of ``where``.

    The others must not be asked for partials: a grad of 0 times one of infinity would be nan.
    """
    reached = bytearray(len(folded.rows))
    reached[folded.outputs[0]] = 1
    for node in (*reversed(folded.wide), *reversed(folded.narrow)):
        if reached[node]:
            for o in flat(folded.operands[node]):
                reached[o] = 1
    return reached


def fold(steps: Steps) -> Folded:
    """Bring a recording to normal form."""
    folded, used, rows = Folded(steps.inputs), used_by(steps), steps.rows
    nodes = [*range(steps.inputs), *[-1] * (len(rows) - steps.inputs)]
    waiting: dict[int, list[Term]] = {}  # the products of nodes that one sum will take in
    for node in range(steps.inputs, len(rows)):
        row = rows[node]
        if not used[node]:
            continue
        if row is None:
            if node in steps.numbers:
                nodes[node] = folded.number(steps.numbers[node])
            else:
                nodes[node] = folded.leaf(False)
                folded.parameters[nodes[node]] = node
            continue
        given, constants = steps.operands[node], steps.constants[node]
        if row.nary:
            operands: tuple[Any, ...] = tuple([tuple([nodes[o] for o in many]) for many in given])
        else:
            operands = tuple([nodes[o] for o in given])
        if constants:
            constants = tuple([nodes[c] for c in constants])
        known = _computed(folded, row, operands, constants)
        if known is not None:
            nodes[node] = folded.number(known)
            continue
        terms: list[Term] | None = None
        if row in SUMS:
            terms = _added(folded, SUMS[row], given[0] if row.nary else given, nodes, waiting)
        elif row in PRODUCTS:
            terms = PRODUCTS[row](folded, operands, constants)
        if terms is None:
            wide = any(folded.varies[o] for o in (*flat(operands), *constants))
            nodes[node] = folded.result(row, operands, constants, wide)
        elif used[node] == 1:
            waiting[node] = terms
        else:
            nodes[node] = folded.sum(terms)
    folded.outputs = [nodes[o] for o in steps.outputs]
    return folded


def _computed(
    folded: Folded, row: Op, operands: tuple[Any, ...], constants: tuple[int, ...]
) -> float | None:
    """The result of a row on numbers, if they all are."""
    numbers = folded.numbers
    for o in flat(operands) if row.nary else operands:
        if o not in numbers:
            return None
    if not all(map(numbers.__contains__, constants)):
        return None
    given: list[Any] = [
        [numbers[o] for o in x] if isinstance(x, tuple) else numbers[x] for x in operands
    ]
    for i, name in enumerate(row.operands if row.nary else ()):
        if not name.startswith("*"):
            given[i] = given[i][0] if given[i] else 0.0
    return float(result_formula(row, EDGE)(*given, *(numbers[c] for c in constants)))


# What a row adds up, with which signs, if it is a sum.
SUMS: dict[Op, Iterable[int]] = {
    OPS["add"]: (1, 1),
    OPS["subtract"]: (1, -1),
    OPS["negative"]: (-1,),
    OPS["positive"]: (1,),
    OPS["total"]: repeat(1),
}


def _added(
    folded: Folded,
    signs: Iterable[int],
    given: tuple[int, ...],
    nodes: list[int],
    waiting: dict[int, list[Term]],
) -> list[Term]:
    """The products of a sum of nodes of the recording: those that wait for it, and else 1 times the
    node.
    """
    parts = [
        (sign, waiting.pop(o, []) or [(folded.one, nodes[o])])
        for sign, o in zip(signs, given, strict=False)
    ]
    sums = [i for i, (_, terms) in enumerate(parts) if len(terms) > 1]
    # One sum may begin this one. Of several none that is a layer's inner product: apart they stay
    # matrix products.
    if (
        sums
        and (sums[0] == 0 or len(parts) == 2)
        and (len(sums) == 1 or _signed(folded, -1, parts[sums[0]][1]))
    ):
        parts.insert(0, parts.pop(sums[0]))
    else:
        parts.insert(0, (1, []))
    (sign, begin), *rest = parts
    terms = _signed(folded, sign, begin)
    if terms is None:
        terms = [(folded.number(-1.0), folded.sum(begin))]
    for sign, more in rest:
        one = _signed(folded, sign, more) if len(more) == 1 else None
        terms.append(
            one[0] if one else (folded.one if sign > 0 else folded.number(-1.0), folded.sum(more))
        )
    return terms


def _signed(folded: Folded, sign: int, terms: list[Term]) -> list[Term] | None:
    """The products with this sign, if they can take it: a number among the factors can."""
    if sign > 0:
        return terms
    numbers = folded.numbers
    if not all(u in numbers for u, _ in terms):
        return None
    return [(folded.number(-numbers[u]), v) for u, v in terms]


def _squared(
    folded: Folded, operands: tuple[int, ...], constants: tuple[int, ...]
) -> list[Term] | None:
    return [(operands[0], operands[0])] if folded.numbers.get(constants[0]) == 2 else None


def _divided(folded: Folded, operands: tuple[int, ...], _: tuple[int, ...]) -> list[Term] | None:
    """By a power of two, which is exact: any other divisor rounds differently from its reciprocal."""
    divisor = folded.numbers.get(operands[1])
    if divisor is None or abs(frexp(divisor)[0]) != 0.5 or not isfinite(1 / divisor):
        return None
    return [(folded.number(1 / divisor), operands[0])]


def _averaged(folded: Folded, operands: tuple[Any, ...], _: tuple[int, ...]) -> list[Term]:
    share = folded.number(1 / len(operands[0]))
    return [(share, folded.sum([(folded.one, x) for x in operands[0]]))]


# The products that other rows add up, of their operands and constants.
PRODUCTS: dict[Op, Callable[[Folded, Any, tuple[int, ...]], list[Term] | None]] = {
    OPS["multiply"]: lambda folded, o, _: [o],
    OPS["square"]: lambda folded, o, _: [(o[0], o[0])],
    OPS["power"]: _squared,
    OPS["divide"]: _divided,
    OPS["dot"]: lambda folded, o, _: [
        *zip(o[0], o[1], strict=True),
        *((folded.one, c) for c in o[2]),
    ],
    OPS["mean"]: _averaged,
}
