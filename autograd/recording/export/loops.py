"""The levels of a program in C and in JavaScript: loops over their nodes, and the reverse pass.

All numbers of a sample lie in one array v, and their grads in g: first the arguments, then the
parameters, the numbers of the function, and the levels. Where operands lie is written as a formula
of the loops' counters, or as a table."""

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from autograd.recording.export.language import Language
from autograd.recording.export.repeats import Steps
from autograd.recording.graph import flat
from autograd.recording.reach import graded
from autograd.recording.schedule import WRITTEN_OUT, Dot, Group, Layout, Repeat, Row

Matrix = Sequence[Sequence[int]]  # of nodes, a row for each of a group's


class Loops:
    """The loops of one graph in one language, and the facts that its file needs."""

    def __init__(self, layout: Layout, language: Language, around: "Loops | None" = None) -> None:
        """around: those of the graph in which this is the body of a loop."""
        self.form, self.layout, self.language = layout.form, layout, language
        heights = self.layout.height
        self.bases = dict(zip(heights, accumulate(heights.values(), initial=0), strict=False))
        self.size = sum(heights.values())
        places = self.layout.place.items()
        self.slots = {node: self.bases[array] + row for node, (array, row) in places}
        self.outputs = [self.slots[o] for o in self.form.outputs]
        # What the file has beside the functions of the program: tables of places and of numbers,
        # the rows that are called, and the functions of bodies, inner ones first.
        self.table_of: dict[tuple[int, ...], str] = around.table_of if around else {}
        self.called: dict[str, None] = around.called if around else {}
        self.constants: dict[str, list[float]] = around.constants if around else {}
        self.functions: dict[str, str] = around.functions if around else {}
        self.bodies: dict[int, tuple[str, Loops]] = {}
        # Whether some lie among other operands, or are results.
        self.has_numbers = not self.form.numbers.keys().isdisjoint(self.form.outputs)
        reached, moves = graded(self.form), {*layout.parameters}
        moves.update(node for nodes in self.layout.arguments.values() for node in nodes)
        for node, row, operands, _ in self.form.results(self.form.order):
            if not moves.isdisjoint(flat(operands) if row.nary else operands):
                moves.add(node)
        self.moves = {node for node in moves if reached[node]}  # whose grads are needed
        self.forward = [line for group in layout.groups for line in self._forward(group)]

    def inside(self, layout: Layout) -> "Loops":
        """Those of the body of a loop in this graph."""
        return Loops(layout, self.language, self)

    @cached_property
    def reverse(self) -> list[str]:
        """What the grads of the outputs add to all others."""
        return [line for group in reversed(self.layout.groups) for line in self._reverse(group)]

    def at(self, matrix: Matrix, array: str = "v") -> str:
        """The entries of a matrix of nodes in v or g, by i along it and k across."""
        numbers = [self.form.numbers[o] for row in matrix for o in row if o in self.form.numbers]
        if (
            array == "v"
            and numbers
            and len(set(numbers)) == 1
            and len(numbers) == sum(map(len, matrix))
        ):
            number = self.language.number(numbers[0])
            return f"({number})" if number[0] == "-" else number  # --0.5 is no number
        self.has_numbers |= bool(numbers)
        return self.entry(array, [[self.slots[node] for node in row] for row in matrix])

    def entry(self, array: str, slots: Matrix) -> str:
        """The entries of an array at these places, by i along them and k across."""
        if not slots[0]:
            return ""
        first, height, width = slots[0][0], len(slots), len(slots[0])
        down = slots[1][0] - first if height > 1 else 0
        across = slots[0][1] - first if width > 1 else 0
        even = (
            slot == first + down * i + across * k
            for i, row in enumerate(slots)
            for k, slot in enumerate(row)
        )
        if all(even):
            return f"{array}[{_affine(first, down, across)}]"
        table = tuple(slot for row in slots for slot in row)
        name = self.table_of.setdefault(table, f"t{len(self.table_of)}")
        index = _affine(0, width if height > 1 else 0, 1 if width > 1 else 0)
        return f"{array}[{name}[{index}]]"

    def looped(self, count: int, body: list[str], counter: str = "i") -> list[str]:
        """A body for each of so many; for one alone it is itself, in braces if it names numbers."""
        if not count:
            return []
        names = tuple(f"{word} " for word in (self.language.variable, self.language.constant))
        if count == 1 and not any(line.startswith(names) for line in body):
            return body
        head = self.language.loop.format(i=counter, n=count) if count > 1 else "{"
        return [head, *(f"    {line}" for line in body), "}"]

    def _forward(self, group: Group) -> list[str]:
        """The values of a group."""
        if isinstance(group, Repeat):
            return Steps(self, group).forward()
        y, language = self.at([[node] for node in group.nodes]), self.language
        if isinstance(group, Row):
            text, lines = self.spelled(group, group.op.result, range(len(group.nodes)))
            return self.looped(
                len(group.nodes), [*lines, f"{y} = {language.value(text, group.op)};"]
            )
        assert isinstance(group, Dot)
        begin = [self.at([[node] for node in group.biases])] if group.biases else []
        if len(group.u) <= WRITTEN_OUT:
            pairs = zip(group.u, group.v, strict=True)
            terms = [self.product(*([[o] for o in column] for column in pair)) for pair in pairs]
            body = [f"{y} = {' + '.join([*begin, *terms])};"]
        else:
            add = [f"s += {self.product(_by_node(group.u), _by_node(group.v))};"]
            body = [f"{language.variable} s = {(begin or ['-0.0'])[0]};"]
            body += [*self.looped(len(group.u), add, "k"), f"{y} = s;"]
        return self.looped(len(group.nodes), body)

    def product(self, us: Matrix, vs: Matrix) -> str:
        u, v = self.at(us), self.at(vs)
        return v if all(node == self.form.one for row in us for node in row) else f"{u} * {v}"

    def _reverse(self, group: Group) -> list[str]:
        """What the grads of a group add to those of its operands."""
        kept = [i for i, node in enumerate(group.nodes) if node in self.moves]
        if not kept:
            return []
        if isinstance(group, Repeat):
            return Steps(self, group).reverse()
        if isinstance(group, Row):
            body = self._of_row(group, kept)
        else:
            assert isinstance(group, Dot)
            body = self._of_dot(group, kept)
        d = self.at([[group.nodes[i]] for i in kept], "g")
        return self.looped(len(kept), [f"{self.language.constant} d = {d};", *body]) if body else []

    def _of_dot(self, group: Dot, kept: Sequence[int]) -> list[str]:
        us, vs = ([_by_node(columns)[i] for i in kept] for columns in (group.u, group.v))
        if (count := len(group.u)) <= WRITTEN_OUT:
            body = list[str]()
            for k in range(count):
                body += self._both([[row[k]] for row in us], [[row[k]] for row in vs])
        else:
            add = self._both(us, vs)
            body = self.looped(count, add, "k") if add else []
        biases = [[group.biases[i]] for i in kept] if group.biases else []
        return [*body, *[f"{self.at(biases, 'g')} += d;"] * self.move(biases)] if biases else body

    def _both(self, us: Matrix, vs: Matrix) -> list[str]:
        """What products add to the grads of both factors."""
        lines, one = list[str](), self.form.one
        for own, other in ((us, vs), (vs, us)):
            if self.move(own):
                factor = "" if all(o == one for row in other for o in row) else self.at(other)
                lines.append(f"{self.at(own, 'g')} += d{f' * {factor}' * bool(factor)};")
        return lines

    def _of_row(self, group: Row, kept: Sequence[int]) -> list[str]:
        body, op = list[str](), group.op
        for name, text, used in zip(op.operands, op.partials, group.operands, strict=True):
            own = [[*used[i]] if name[0] == "*" else [used[i]] for i in kept]
            if text == "0" or not own[0] or not self.move(own):
                continue
            spelled, lines = self.spelled(group, text, kept)
            add = [f"{self.at(own, 'g')} += d{f' * {spelled}' * (spelled not in ('1', '1.0'))};"]
            if name[0] == "*":
                add = self.looped(len(own[0]), [*self.named(group, kept, spelled), *add], "k")
            body += self.looped(1, [*lines, *add])
        return body

    def move(self, matrix: Matrix) -> bool:
        return any(node in self.moves for row in matrix for node in row)

    def spelled(self, group: Row, text: str, kept: Sequence[int]) -> tuple[str, list[str]]:
        """A formula of a row at node i, and the lines that it needs before: sums over operands."""
        op, names = group.op, {"y": self.at([[group.nodes[i]] for i in kept])}
        for name, used in zip(op.names, [*group.operands, *group.constants], strict=True):
            if isinstance(used[0], tuple):
                names |= {"count": str(len(used[0]))}
            else:
                names[name] = self.at([[used[i]] for i in kept])
        many = [name[1:] for name in op.operands if name[0] == "*"]
        spelling = self.language.spelling(op, names)
        spelled = spelling.of(text)
        self.called |= spelling.called
        lines = list[str]()
        for i, (kind, term) in enumerate(spelling.hoisted):
            begin, each, after = self.language.fold(kind, f"s{i}", many[0], term)
            count = len(group.operands[0][0])
            inner = [*self.named(group, kept, each), each]
            lines += [begin, *self.looped(count, inner, "k"), *after]
            self.called |= dict.fromkeys(re.findall(r"row_(\w+)\(", each))
        return spelled, lines

    def named(self, group: Row, kept: Sequence[int], text: str) -> list[str]:
        """The names of the operands k that a text has."""
        words, constant = re.findall(r"\b\w+\b", text), self.language.constant
        pairs = zip(group.op.operands, group.operands, strict=True)
        many = {name[1:]: [[*used[i]] for i in kept] for name, used in pairs if name[0] == "*"}
        return [f"{constant} {n} = {self.at(m)};" for n, m in many.items() if n in words]


def _by_node(columns: Sequence[Sequence[int]]) -> Matrix:
    return [list(row) for row in zip(*columns, strict=True)]


def _affine(first: int, down: int, across: int) -> str:
    pairs = (down, "i"), (across, "k")
    terms = [c if n == 1 else f"-{c}" if n == -1 else f"{n} * {c}" for n, c in pairs if n]
    return " + ".join([str(first)] * bool(first or not terms) + terms).replace("+ -", "- ")
