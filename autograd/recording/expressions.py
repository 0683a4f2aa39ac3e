"""Expressions of NumPy for what a program computes with: rows of the arrays of its levels."""

from collections.abc import Sequence
from typing import Any

from autograd.recording.across import ACROSS
from autograd.recording.arrays import literal
from autograd.recording.schedule import WRITTEN_OUT, Dot, Layout, Row, by_node


class Expressions:
    """Those of one function, with the lines that name what it uses more than once."""

    def __init__(self, layout: Layout, tables: dict[str, list[Any]]) -> None:
        """tables: numbers and indices that the code may use by name, and to which it adds."""
        self.layout, self.form, self.tables = layout, layout.form, tables
        self.table_of = {tuple(rows): name for name, rows in tables.items() if name[0] != "c"}
        self.lines: list[str] = []
        self.bound: dict[str, str] = {}

    def answer(self) -> str:
        """The outputs."""
        outputs = self.form.outputs
        if set(outputs) <= set(self.form.numbers):  # which are not written out one by one
            return self.slice("c", [self.layout.place[o][1] for o in outputs])
        return self.rows(outputs, each=True)

    def slice(self, array: str, rows: list[int]) -> str:
        """Rows of an array."""
        if rows == list(range(rows[0], rows[-1] + 1)):
            whole = len(rows) == self.layout.height[array]
            return array if whole else f"{array}[{rows[0]}:{rows[-1] + 1}]"
        return f"{array}[{self.table(rows)}]"

    def table(self, rows: list[int]) -> str:
        """The name of an array of indices."""
        if (name := self.table_of.get(tuple(rows))) is None:
            name = self.table_of[tuple(rows)] = f"i{len(self.tables)}"
            self.tables[name] = rows
        return name

    def rows(self, nodes: Sequence[int], *, each: bool = False) -> str:
        """An expression for the nodes, one below the other. A number is itself, and nodes that are
        all the same are one row, unless each needs its own."""
        if len(set(nodes)) == 1:
            if nodes[0] in self.form.numbers:
                return literal(self.form.numbers[nodes[0]])
            if each and len(nodes) > 1:
                return f"np.repeat({self.rows(nodes[:1])}, {len(nodes)}, axis=0)"
            nodes = nodes[:1]
        segments, wide = self.layout.segments(nodes), self.layout.wide
        mixed = len({wide[array] for array, _, _ in segments}) > 1
        parts = []
        for array, rows, _ in segments:
            part = self.slice(array, rows)
            spread = mixed and not wide[array]
            parts.append(self.spread(part, len(rows)) if spread else part)
        return parts[0] if len(parts) == 1 else f"np.concatenate([{', '.join(parts)}])"

    def bind(self, expression: str, prefix: str = "x") -> str:
        """A name for what takes time to gather, because the reverse pass needs it again."""
        if "[i" not in expression and "(" not in expression:
            return expression
        if expression not in self.bound:
            self.bound[expression] = f"{prefix}{len(self.bound) + 1}"
            self.lines.append(f"{self.bound[expression]} = {expression}")
        return self.bound[expression]

    def spread(self, rows: str, count: int) -> str:
        """Rows of one column, a column a sample."""
        return f"np.broadcast_to({rows}, ({count}, n))"

    def layer(self, group: Dot) -> tuple[str, str]:
        """The matrix of a layer, and its columns."""
        nodes, shape = by_node(group.u), f"{len(group.nodes)}, {len(group.u)}"
        matrix = f"{self.rows(nodes)}.reshape({shape})"
        if len(set(nodes)) == 1:
            matrix = f"np.full(({shape}), {self.rows(nodes[:1])})"
        w = self.bind(matrix, "w")
        return w, self.bind(self.rows([v[0] for v in group.v], each=True))

    def products(self, group: Dot) -> list[tuple[list[int], list[int], int]]:
        """The products of a sum, one by one, or if it is long as at most two stretches, with narrow
        and with wide factors: u, v, and how many for each node."""
        if len(group.u) <= WRITTEN_OUT:
            return [(u, v, 1) for u, v in zip(group.u, group.v, strict=True)]
        mixed = self.form.mixed.get(group.nodes[0], 0)
        halves = [(part[:mixed], part[mixed:]) for part in (group.u, group.v)]
        return [(by_node(u), by_node(v), len(u)) for u, v in zip(*halves, strict=True) if u]

    def factor(self, group: Dot, nodes: list[int]) -> str:
        """The factors of a sum's products."""
        return self.bind(self.rows(nodes, each=len(group.u) > WRITTEN_OUT))

    def names(self, group: Row) -> dict[str, str]:
        """What the row's formulas call its operands and constants."""
        names = {}
        for operand, nodes in zip(group.op.operands, group.operands, strict=True):
            if operand.startswith("*"):
                every = self.rows(by_node(nodes), each=True)
                shape = f"{len(nodes[0])}, {len(nodes)}, -1"
                names[operand[1:]] = self.bind(f"{every}.reshape({shape})")
            else:
                rows = self.rows(nodes)
                if group.op in ACROSS and not any(map(self.form.varies.__getitem__, nodes)):
                    rows = self.spread(rows, len(nodes))
                names[operand] = self.bind(rows)
        for (constant, _), nodes in zip(group.op.constants, group.constants, strict=True):
            names[constant] = self.rows(nodes)
        return names
