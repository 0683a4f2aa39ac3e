"""The NumPy of a program, printed: one line for each level, with a matrix product where a level is
a layer.

Arrays have a row for each node and a column for each sample; what no sample changes has one column.
The reverse pass collects the contributions to the grad of an array, and prints it when it has all
of them: as a sum, one concatenation, or zeros to which they are added."""

import re
from collections.abc import Sequence
from typing import Any

from autograd.recording.across import ACROSS
from autograd.recording.arrays import times, written
from autograd.recording.expressions import Expressions
from autograd.recording.schedule import WRITTEN_OUT, Dot, Group, Layout, Row, by_node
from autograd.recording.wish import Wish


class Code(Expressions):
    """One function: its lines forward, and in reverse if grads are wanted."""

    def __init__(self, layout: Layout, wish: Wish, tables: dict[str, list[Any]]) -> None:
        super().__init__(layout, tables)
        self.wish, self.contributions = wish, dict[str, list[tuple[list[int], str]]]()
        self.wanted = {node for node, leads in enumerate(wish.leading(self.form)) if leads}

    def function(self, name: str) -> str:
        """The whole text."""
        layout, outputs = self.layout, self.form.outputs
        parameters = ["p"] * bool(layout.parameters)
        groups = {f"v{i}": group for i, group in enumerate(layout.groups, 1)}
        for v, group in groups.items():
            self._forward(v, group)
        answers = [self.answer()]
        signature = [*layout.arguments, *parameters]
        if self.wish:
            signature.append("seed")
            wide = self.form.varies[outputs[0]]
            seed = "(1, n), seed" if wide else "(1, 1), seed * n"
            self.give(outputs[:1], f"np.full({seed})", wide)
            for v, group in reversed(groups.items()):
                if v in self.contributions:
                    self._reverse(v, group)
            answers += map(self._grad, layout.wanted(self.wish))
        lines = [*self.lines, f"return {', '.join(answers)}"]
        if re.search(r"\bn\b", "\n".join(lines)):  # the number of samples
            first = next((a for a in layout.arguments if layout.height[a] and layout.wide[a]), "")
            lines.insert(0, f"n = {first}.shape[1]" if first else "n = 1")
        return f"def {name}({', '.join(signature)}):\n" + "".join(f"    {line}\n" for line in lines)

    # Forward

    def _forward(self, v: str, group: Group) -> None:
        match group:
            case Dot(is_layer=True):
                w, x = self.layer(group)
                self.lines.append(f"{v} = {w} @ {x}")
                if group.biases:
                    self.lines.append(f"{v} += {self.rows(group.biases)}")
            case Dot():
                terms = [self._term(group, *product) for product in self.products(group)]
                if group.biases:
                    terms.append(self.rows(group.biases))
                self.lines.append(f"{v} = {_added(terms)}")
            case Row():
                names = self.names(group)
                text = written(group.op, group.op.result, names)
                if text in names.values():  # where with a number as its condition spreads nothing
                    count = len(group.nodes)
                    is_one = f"np.broadcast_to({text}, ({count}, 1))"
                    text = self.spread(text, count) if group.wide else is_one
                # Comparisons, whose truth values become numbers.
                if group.op.result.startswith("where(a") and group.op.partials == ("0", "0"):
                    text += " * 1.0"
                self.lines.append(f"{v} = {text}")

    def _term(self, group: Dot, u: list[int], v: list[int], count: int) -> str:
        factor, operand = self.factor(group, u), self.factor(group, v)
        if len(group.u) <= WRITTEN_OUT:
            return times(operand, factor)
        products = operand if factor == "1.0" else f"({factor} * {operand})"
        if len(group.nodes) == 1:
            return f"{products}.sum(axis=0, keepdims=True)"
        return f"{products}.reshape({len(group.nodes)}, {count}, -1).sum(axis=1)"

    # Reverse

    def _reverse(self, v: str, group: Group) -> None:
        dv, wide = self._grad(v), group.wide
        match group:
            case Dot(is_layer=True):
                w, x = self.layer(group)
                self.give(by_node(group.u), f"({dv} @ {x}.T).reshape(-1, 1)", False)
                self.give([v[0] for v in group.v], f"{w}.T @ {dv}", wide)
                self.give(group.biases, dv, wide)
            case Dot():
                alone = len(group.nodes) == 1
                for us, vs, count in self.products(group):
                    repeated = f"np.repeat({dv}, {count}, axis=0)"
                    spread = dv if alone or count == 1 else repeated
                    factor = self.factor(group, us)
                    if us == vs:
                        self.give(us, f"{spread} * (2.0 * {factor})", wide)
                        continue
                    self.give(us, f"{spread} * {self.factor(group, vs)}", wide)
                    if alone and count > 1 and len(set(us)) == 1 and us[0] in self.form.numbers:
                        spread = repeated
                    self.give(vs, times(spread, factor), wide)
                self.give(group.biases, dv, wide)
            case Row():
                names, across = {**self.names(group), "y": v}, group.op in ACROSS
                if across:
                    dv, wide = self.spread(dv, len(group.nodes)), True
                for name, text, used in zip(
                    group.op.operands, group.op.partials, group.operands, strict=True
                ):
                    part, nodes = times(dv, written(group.op, text, names)), used
                    if name.startswith("*"):
                        nodes, count = by_node(used), len(used[0])
                        part = f"np.repeat({dv}[None], {count}, axis=0)" if part == dv else part
                        part = f"({part}).reshape({len(nodes)}, -1)"
                    self.give(nodes, part, wide)

    def give(self, nodes: Sequence[int], expression: str, wide: bool) -> None:
        """Contributions, a row for each of the nodes, to their grads."""
        if self.wanted.isdisjoint(nodes):
            return
        if len(nodes) > 1 and len(set(nodes)) == 1:
            nodes, expression = nodes[:1], f"({expression}).sum(axis=0, keepdims=True)"
        segments, whole = self.layout.segments(nodes), f"t{len(self.lines)}"
        if len(segments) > 1:
            self.lines.append(f"{whole} = {expression}")
        for array, rows, at in segments:
            if self.wanted.isdisjoint(nodes[at : at + len(rows)]):
                continue
            part = f"{whole}[{at}:{at + len(rows)}]" if len(segments) > 1 else expression
            if wide and not self.layout.wide[array]:
                part = f"({part}).sum(axis=1, keepdims=True)"
            self.contributions.setdefault(array, []).append((rows, part))

    def _grad(self, array: str) -> str:
        """The name of the grad of an array, all contributions to which are known."""
        name, height = f"d{array}", self.layout.height[array]
        given = self.contributions.get(array)
        if given is None:
            return f"np.zeros_like({array})"
        every, ordered = list(range(height)), sorted(given)
        if all(rows == every for rows, _ in given):
            self.lines.append(f"{name} = {_added([part for _, part in given])}")
            return name
        if [row for rows, _ in ordered for row in rows] == every:
            parts = ", ".join(part for _, part in ordered)
            self.lines.append(f"{name} = np.concatenate([{parts}])")
            return name
        first, filled, zeros = len(self.lines), set[int](), False
        for rows, part in given:
            grad = f"d{self.slice(array, rows)}"
            if len(set(rows)) < len(rows):
                zeros = True
                self.lines.append(f"np.add.at({name}, {self.table(rows)}, {part})")
            elif filled.isdisjoint(rows):
                self.lines.append(f"{grad if grad != name else f'{name}[:]'} = {part}")
            else:
                zeros |= not filled.issuperset(rows)
                self.lines.append(f"{grad} += {part}")
            filled.update(rows)
        zeros |= len(filled) < height
        self.lines.insert(first, f"{name} = np.{'zeros' if zeros else 'empty'}_like({array})")
        return name


def _added(terms: list[str]) -> str:
    return " + ".join(terms).replace(" + -", " - ")
