"""The normal form of a recording, which every engine runs.

Sums, differences, products and inner products become one row, ``dot``: Σ uᵢvᵢ + c. What no sample
changes (parameters, numbers, and what is made of these alone) is narrow, everything else is wide:
narrow nodes are computed once for a batch."""

from collections.abc import Iterable
from functools import cached_property
from itertools import repeat
from typing import Any

from autograd.engine.table import OPS, Op
from autograd.recording.across import ACROSS
from autograd.recording.graph import Graph, Loop, Part, flat

__all__ = ["DOT", "PLUS", "SUMS", "NormalForm", "Term"]

DOT = OPS["dot"]
Term = tuple[int, int]
# More products than this in a sum are added up by NumPy along an axis instead of one by one.
WRITTEN_OUT = 4

PLUS = repeat(1)
# What a row adds up, with which signs, if it is a sum.
SUMS: dict[Op, Iterable[int]] = {
    OPS["add"]: PLUS,
    OPS["subtract"]: (1, -1),
    OPS["negative"]: (-1,),
    OPS["positive"]: PLUS,
    OPS["total"]: PLUS,
}


class NormalForm(Graph):
    """A graph in normal form; the nodes of ``narrow`` come before those of ``wide``. Its inputs are
    those that samples change; shared ones are leaves, as parameters are.

    The operands of ``dot`` are ``(u, v, c)``: in a wide sum the first ``mixed`` products have a
    narrow u, the others none, and c is narrow and may be left out."""

    def __init__(
        self, inputs: int, around: "NormalForm | None" = None, is_optional: bool = False
    ) -> None:
        """is_optional: whether some steps may be none, before which nothing of theirs may be
        computed."""
        super().__init__(inputs)
        # The depth is one more than that of the deepest operand, narrow ones apart from wide ones.
        self.varies, self.depth = [True] * inputs, [0] * inputs
        self.mixed: dict[int, int] = {}
        self.given: list[int] = []  # the inputs of the recording, in its order
        self.narrow: list[int] = []
        self.wide: list[int] = []
        self.nary: list[int] = []  # of both, results of n-ary rows
        # Of a loop's body: the form around it, and which node there each is that no step changes.
        self.around, self.is_optional = around, is_optional
        self.outer: dict[int, int] = {}
        self.bodies: dict[int, NormalForm] = {}  # of the loops, by node
        self.parts: dict[int, dict[int, int]] = {}  # their results, by index
        self.body_of: dict[Any, NormalForm] = {}  # which several loops may share
        # Once it is complete: its rows; whether some numbers are of the whole batch, which is then
        # computed at once; whether each sample has steps of its own, so that it goes alone.
        self.own: set[Any] = set()
        self.crosses = self.goes_alone = False
        # Sums whose first so many products have a number among their factors.
        self.with_numbers: dict[int, tuple[list[Term], int]] = {}
        self.one = self.number(1.0)

    @property
    def kinds(self) -> set[Op]:
        """The rows of the table that it has, in bodies too."""
        if not self.bodies:
            return self.own
        own = {row for row in self.own if not isinstance(row, (Loop, Part))}
        return own.union(*(body.kinds for body in self.bodies.values()))

    @cached_property
    def layers(self) -> dict[int, int]:
        """The wide sums of products that all have a narrow factor, and not all of these numbers;
        and of how many."""
        numbers, operands = self.numbers.keys(), self.operands
        return {
            node: mixed
            for node, mixed in self.mixed.items()
            if mixed > 1
            and mixed == len(narrow := operands[node][0])
            and (mixed > WRITTEN_OUT or not numbers >= {*narrow})
        }

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

    @cached_property  # each call of a body asks, once that is complete
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
        if row.nary:
            self.nary.append(node)
        return node

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
