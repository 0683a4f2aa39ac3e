"""The NumPy of a program, printed: one line for each level, with a matrix product where a level is
a layer.

Arrays have a row for each node and a column for each sample; what no sample changes has one column.
The reverse pass assigns the first contribution to a grad and adds the others."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.formula import compiled
from autograd.recording.arrays import WORDS, functions_in, vectorized, written
from autograd.recording.layout import Layout
from autograd.recording.rows import Rows
from autograd.recording.schedule import WRITTEN_OUT, Group, Layer, Row, Sum
from autograd.recording.simplify import flat

__all__ = ["Printed", "printed"]


class Printed(NamedTuple):
    """A function as text, what the text needs (definitions by name, and names of the user's), and
    the function.
    """

    text: str
    definitions: dict[str, str]
    foreign: list[str]
    function: Any


def printed(layout: Layout, name: str, wrt: str) -> Printed:
    """The code of a program: its values, and their grads by "arguments" or by "parameters" if
    wanted.

    It takes the arguments as arrays of shape (numbers, samples), and p of shape (parameters, 1) if
    there are any. With grads it takes the seed of the reverse pass too."""
    code = _Code(layout, wrt)
    text = code.function(name)
    words, foreign = {**WORDS, **code.tables}, list[str]()
    for group in layout.groups:
        if isinstance(group, Row) and group.op.vocabulary:
            words |= vectorized(group.op)
            foreign += group.op.vocabulary
    definitions = functions_in(text)
    for needed, definition in definitions.items():
        if needed not in WORDS:
            words[needed] = compiled(needed, definition, words)
    function = compiled(name, text, words)
    # Arrays of indices and numbers are called alike in other functions of the program.
    tables = "".join(
        f"    {table} = np.array({array.tolist()})\n" for table, array in code.tables.items()
    )
    head, end, body = text.partition("\n")
    return Printed(f"{head}{end}{tables}{body}", definitions, foreign, function)


class _Code(Rows):
    """One function: its lines forward, and in reverse."""

    def __init__(self, layout: Layout, wrt: str) -> None:
        super().__init__(layout)
        self.wrt = wrt
        self.wanted = self._wanted()
        self.covered: dict[str, Any] = {}  # rows of a grad that have their first contribution
        self.begun: dict[str, int] = {}  # the line that makes a grad
        self.whole: set[str] = set()  # grads that must start from zeros
        self.shared: set[str] = set()  # grads that are other names for a grad

    def _wanted(self) -> set[int]:
        """The nodes that the leaves to differentiate by reach."""
        folded = self.folded
        leaves = (
            range(folded.inputs)
            if self.wrt == "arguments"
            else folded.parameters
            if self.wrt
            else ()
        )
        wanted = set(leaves)
        if wanted:
            for node in (*folded.narrow, *folded.wide):
                if not wanted.isdisjoint(flat(folded.operands[node])):
                    wanted.add(node)
        return wanted

    def function(self, name: str) -> str:
        """The whole text."""
        layout, outputs = self.layout, self.folded.outputs
        signature = [
            *layout.arguments,
            *(["p"] if layout.parameters else []),
            *(["seed"] if self.wrt else []),
        ]
        sized = next((argument for argument, size in layout.arguments.items() if size), None)
        if "c" in layout.height:
            self.tables["c"] = np.array([[x] for x in self.folded.numbers.values()])
        for i, group in enumerate(layout.groups, 1):
            self._forward(f"v{i}", group)
        constant = set(outputs) <= set(self.folded.numbers)
        answer = (
            self.slice("c", [layout.place[o][1] for o in outputs])
            if constant
            else self.gathered(outputs)
        )
        if self.wrt:
            self._seed(outputs[0])
            for i, group in reversed(list(enumerate(layout.groups, 1))):
                if f"v{i}" in self.begun:
                    self._reverse(f"v{i}", group)
            leaves = (
                [a for a, size in layout.arguments.items() if size]
                if self.wrt == "arguments"
                else ["p"] * bool(layout.parameters)
            )
            answer = ", ".join([f"{answer}", *map(self._finished, leaves)]) + "," * (not leaves)
        lines = [line for line in self.lines if line]
        body = "\n".join([*lines, f"return {answer}"])
        if self.sized:
            lines.insert(0, f"n = {sized}.shape[1]" if sized else "n = 1")
        mentioned = set(re.findall(r"\w+", body))
        self.tables = {word: table for word, table in self.tables.items() if word in mentioned}
        text = "".join(f"    {line}\n" for line in [*lines, f"return {answer}"])
        return f"def {name}({', '.join(signature)}):\n{text}"

    # Forward

    def _forward(self, v: str, group: Group) -> None:
        match group:
            case Layer():
                self.lines.append(
                    f"{v} = {self.weights(group)} @ {self.bind(self.gathered(group.columns), 'x')}"
                )
                if group.biases:
                    self.lines.append(f"{v} += {self.rows(group.biases)}")
            case Sum():
                text = self._sum(group) if len(group.u) <= WRITTEN_OUT else self._long_sum(group)
                if group.biases:
                    text += f" + {self.rows(group.biases)}"
                self.lines.append(f"{v} = {text}")
            case Row():
                names = self.names(group)
                text = written(group.op, group.op.result, names)
                if (
                    text in names.values()
                ):  # where with a condition that is a number: no arithmetic spreads it
                    self.sized |= group.wide
                    text = (
                        f"np.broadcast_to({text}, ({len(group.nodes)}, {'n' if group.wide else 1}))"
                    )
                self.lines.append(f"{v} = {text}")
                if group.op.result.startswith("where(a") and group.op.partials == ("0", "0"):
                    self.lines[-1] += " * 1.0"

    def weights(self, layer: Layer) -> str:
        nodes = [node for row in layer.weights for node in row]
        if set(nodes) == set(nodes[:1]):
            return self.bind(
                f"np.full(({len(layer.nodes)}, {len(layer.columns)}), {self.rows(nodes[:1])})", "w"
            )
        return self.bind(
            f"{self.rows(nodes)}.reshape({len(layer.nodes)}, {len(layer.columns)})", "w"
        )

    def _sum(self, group: Sum) -> str:
        text = ""
        for u, v in zip(group.u, group.v, strict=True):
            factor, operand = self.bind(self.rows(u), "x"), self.bind(self.rows(v), "x")
            term = (
                operand
                if factor == "1.0"
                else f"-{operand}"
                if factor == "-1.0"
                else f"{factor} * {operand}"
            )
            text += (
                f" - {term[1:]}"
                if text and term.startswith("-")
                else f" + {term}"
                if text
                else term
            )
        return text

    def _places(self, group: Sum) -> list[tuple[list[int], list[int], int]]:
        """A long sum as at most two stretches of products, with narrow and with wide factors: u, v,
        and their count.
        """
        mixed = self.folded.mixed.get(group.nodes[0], 0)
        stretches = [(0, mixed), (mixed, len(group.u))]
        return [
            (
                [group.u[t][i] for i in range(len(group.nodes)) for t in range(start, stop)],
                [group.v[t][i] for i in range(len(group.nodes)) for t in range(start, stop)],
                stop - start,
            )
            for start, stop in stretches
            if stop > start
        ]

    def _long_sum(self, group: Sum) -> str:
        sums, k = [], len(group.nodes)
        for u, v, count in self._places(group):
            factor, operand = self.bind(self.gathered(u), "x"), self.bind(self.gathered(v), "x")
            products = operand if factor == "1.0" else f"({factor} * {operand})"
            sums.append(
                f"{products}.sum(axis=0, keepdims=True)"
                if k == 1
                else f"{products}.reshape({k}, {count}, -1).sum(axis=1)"
            )
        return " + ".join(sums)

    def names(self, group: Row) -> dict[str, str]:
        """What the row's formulas call its operands and constants."""
        names = {}
        for operand, nodes in zip(group.op.operands, group.operands, strict=True):
            if not group.op.nary:
                names[operand] = self.bind(self.rows(nodes), "x")
            elif operand.startswith("*"):
                every = self.gathered([many[t] for t in range(len(nodes[0])) for many in nodes])
                names[operand[1:]] = self.bind(
                    f"{every}.reshape({len(nodes[0])}, {len(nodes)}, -1)", "x"
                )
            else:
                names[operand] = (
                    self.bind(self.rows([many[0] for many in nodes]), "x") if nodes[0] else "0.0"
                )
        for (constant, _), nodes in zip(group.op.constants, group.constants, strict=True):
            names[constant] = self.rows(nodes)
        return names

    # Reverse

    def _seed(self, output: int) -> None:
        if output in self.wanted:
            wide, self.sized = self.folded.varies[output], True
            self.give(
                [output], "np.full((1, n), seed)" if wide else "np.full((1, 1), seed * n)", wide
            )

    def _reverse(self, v: str, group: Group) -> None:
        dv = self._finished(v)
        wide = group.wide
        match group:
            case Layer():
                w, x = self.weights(group), self.bind(self.gathered(group.columns), "x")
                self.give(
                    [node for row in group.weights for node in row],
                    f"({dv} @ {x}.T).reshape(-1, 1)",
                    False,
                )
                self.give(group.columns, f"{w}.T @ {dv}", wide)
                self.give(group.biases, dv, wide)
            case Sum() if len(group.u) <= WRITTEN_OUT:
                for u, nodes in zip(group.u, group.v, strict=True):
                    if u == nodes:
                        self.give(u, f"{dv} * (2.0 * {self.bind(self.rows(u), 'x')})", wide)
                        continue
                    self.give(u, f"{dv} * {self.bind(self.rows(nodes), 'x')}", wide)
                    self.give(nodes, _times(dv, self.bind(self.rows(u), "x")), wide)
                self.give(group.biases, dv, wide)
            case Sum():
                for u, nodes, count in self._places(group):
                    spread = f"np.repeat({dv}, {count}, axis=0)" if len(group.nodes) > 1 else dv
                    if u == nodes:
                        self.give(u, f"{spread} * (2.0 * {self.bind(self.gathered(u), 'x')})", wide)
                        continue
                    self.give(u, f"{spread} * {self.bind(self.gathered(nodes), 'x')}", wide)
                    factor = self.bind(self.gathered(u), "x")
                    if u[0] in self.folded.numbers and len(set(u)) == 1 and len(group.nodes) == 1:
                        spread = f"np.repeat({dv}, {count}, axis=0)"
                    self.give(nodes, _times(spread, factor), wide)
                self.give(group.biases, dv, wide)
            case Row():
                names = {**self.names(group), "y": v}
                for name, text, used in zip(
                    group.op.operands, group.op.partials, group.operands, strict=True
                ):
                    partial = _times(dv, written(group.op, text, names))
                    if name.startswith("*"):
                        every = [many[t] for t in range(len(used[0])) for many in used]
                        partial = (
                            partial
                            if partial != dv
                            else f"np.repeat({dv}[None], {len(used[0])}, axis=0)"
                        )
                        self.give(every, f"({partial}).reshape({len(every)}, -1)", wide)
                    else:
                        self.give(
                            [many[0] for many in used if many] if group.op.nary else used,
                            partial,
                            wide,
                        )

    def give(self, nodes: Sequence[int], expression: str, wide: bool) -> None:
        """Add contributions, a row for each of the nodes, to their grads."""
        if self.wanted.isdisjoint(nodes):
            return
        if len(nodes) > 1 and len(set(nodes)) == 1:
            nodes, expression = nodes[:1], f"({expression}).sum(axis=0, keepdims=True)"
        segments = self.segments(nodes)
        if len(segments) > 1:
            self.lines.append(f"t = {expression}")
        for array, rows, at in segments:
            if self.wanted.isdisjoint(nodes[at : at + len(rows)]):
                continue
            part = f"t[{at}:{at + len(rows)}]" if len(segments) > 1 else expression
            if wide and not self.layout.wide[array]:
                part = (
                    f"{part}.sum(axis=1, keepdims=True)"
                    if part.isidentifier()
                    else (f"({part}).sum(axis=1, keepdims=True)")
                )
            self._add(array, rows, part)

    def _add(self, array: str, rows: list[int], part: str) -> None:
        """Contributions to rows of one array: assigned if they are the first there."""
        covered = self.covered.setdefault(array, np.zeros(self.layout.height[array], dtype=bool))
        name, grad = f"d{array}", self.slice(array, rows)
        grad = f"d{grad}"
        if array not in self.begun:
            self.begun[array] = len(self.lines)
            if grad == name:
                self.lines.append(f"{name} = {part}")
                covered[:] = True
                if not _is_new(part):
                    self.shared.add(array)
                return
            self.lines.append("")  # how it begins is known when all contributions are
        if len(set(rows)) < len(rows):
            self.whole.add(array)
            if array in self.shared:
                self.lines.append(f"{name} = {name}.copy()")
                self.shared.discard(array)
            self.lines.append(f"np.add.at({name}, {self.table(rows)}, {part})")
        elif covered[rows].any():
            if not covered[rows].all():
                self.whole.add(array)
            shared = array in self.shared
            if shared and grad != name:
                self.lines.append(f"{name} = {name}.copy()")
            self.lines.append(
                f"{name} = {name} + {part}" if shared and grad == name else f"{grad} += {part}"
            )
            self.shared.discard(array)
        else:
            self.lines.append(f"{grad if grad != name else name + '[:]'} = {part}")
        covered[rows] = True

    def _finished(self, array: str) -> str:
        """The name of a grad that has all its contributions."""
        name = f"d{array}"
        if array not in self.begun:
            return f"np.zeros_like({array})"
        line = self.begun[array]
        if not self.lines[line]:
            zeros = array in self.whole or not self.covered[array].all()
            self.lines[line] = f"{name} = np.{'zeros' if zeros else 'empty'}_like({array})"
        return name


# Expressions that make an array of their own.
NEW = re.compile(r"^-| [*@] |np\.(repeat|full)\(")


def _is_new(part: str) -> bool:
    """Whether an expression makes an array of its own, and does not only name one, or a part or
    another shape of it.
    """
    return ".sum(" in part or (not part.startswith("t[") and bool(NEW.search(part)))


def _times(grad: str, partial: str) -> str:
    """A contribution, grad times partial."""
    if partial == "1.0":
        return grad
    if partial == "-1.0":
        return f"-{grad}"
    simple = partial.replace(".", "").replace("_", "").isalnum() or partial.startswith("~(")
    return f"{grad} * {partial}" if simple else f"{grad} * ({partial})"
