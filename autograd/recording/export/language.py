"""Language: what the printers of C and of JavaScript have in common, and how sums over operands
become loops."""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autograd.engine.native.spelling import Spelling
from autograd.engine.table import TRUTHS, Op
from autograd.tree import Tree

# Of sums and the like over operands: how they begin, and what each operand does; x is its name.
FOLDS = {
    "sum": ("0", "{s} += {term};"),
    "max": ("-{inf}", "{s} = row_maximum({s}, {x});"),
    "min": ("{inf}", "{s} = row_minimum({s}, {x});"),
    "peak": ("-{inf}", "{s} = {x} > {s} ? {x} : {s};"),
}


# Of more numbers a stack may not hold.
MOST = 16_000


class Hoisting(Spelling):
    """A formula with names for what it mentions, whose sums over operands are computed before it,
    as s0, s1 and so on."""

    names: Mapping[str, str]
    hoisted: list[tuple[str, str]]  # "sum" and the term, "max", "min" or "peak"

    def hoist(self, kind: str, term: str = "") -> str:
        if (kind, term) not in self.hoisted:
            self.hoisted.append((kind, term))
        return f"s{self.hoisted.index((kind, term))}"

    def visit_Name(self, node: ast.Name) -> str:
        if node.id == "peak":
            return self.hoist("peak")
        return self.names.get(node.id) or self.generic_visit(node)

    def over_all(self, name: str, term: ast.expr) -> str:
        return self.hoist(name, self.visit(term) if name == "sum" else "")


@dataclass(frozen=True)
class Language:
    """How a language has what both write."""

    name: str
    loop: str
    variable: str
    constant: str
    infinity: str
    nan: str
    finite: str  # what says whether a number is
    truth: str  # a comparison as a number
    counter: str  # of steps
    # The states of a loop that are kept, room for one more of k numbers, and when they are done.
    kept: tuple[list[str], list[str], list[str]]
    spelling: Callable[[Op, Mapping[str, str]], Hoisting]

    def fold(self, kind: str, s: str, x: str, term: str) -> tuple[str, str, list[str]]:
        """Of a sum over operands the line before, that for each, and those after."""
        begin, each = FOLDS[kind]
        first = f"{self.variable} {s} = {begin.format(inf=self.infinity)};"
        after = [f"if (!{self.finite}({s})) {s} = 0;"] * (kind == "peak")
        return first, each.format(s=s, x=x, term=term), after

    def value(self, text: str, op: Op) -> str:
        """A result as a number."""
        return self.truth.format(text) if op in TRUTHS.values() else text

    def number(self, x: float) -> str:
        """A number as a constant."""
        if x - x == 0:
            return repr(x)
        return self.nan if x != x else f"{'-' * (x < 0)}{self.infinity}"

    def array(self, name: str, size: int) -> str:
        """An array of so many numbers."""
        if self.name != "C":
            return f"const {name} = new Float64Array({size});"
        return f"{'static _Thread_local ' * (size > MOST)}double {name}[{size}];"

    def function(self, name: str, arrays: str, lines: Iterable[str], about: str = "") -> str:
        """A function of arrays, to some of which it writes."""
        head, kind = ("static void", "double *") if self.name == "C" else ("function", "")
        given = ", ".join(f"{kind}{array}" for array in arrays)
        text = f"/* {about} */\n" * bool(about)
        return f"{text}{head} {name}({given}) {{\n{indented(lines)}}}\n"

    def table(self, name: str, numbers: Iterable[float]) -> str:
        """Numbers as a constant array."""
        kind = "static const double {}[] = {{{}}};" if self.name == "C" else "const {} = [{}];"
        return kind.format(name, ", ".join(map(self.number, numbers))) + "\n"


def indented(lines: Iterable[str]) -> str:
    return "".join(f"    {line}\n" for line in lines)


def arranged(tree: Tree, leaf: Callable[[tuple[int, ...]], str], python: bool = True) -> str:
    """A result in its structure: leaf gives the text of a number, or of an array of a shape."""
    if tree.kind is None:
        return leaf(tree.shape)
    items = [arranged(each, leaf, python) for each in tree.entries]
    if tree.kind is dict:
        keys = [repr(key if python else str(key)) for key in tree.keys]
        return f"{{{', '.join(f'{key}: {x}' for key, x in zip(keys, items, strict=True))}}}"
    return f"({', '.join(items)},)" if python and tree.kind is not list else f"[{', '.join(items)}]"


def labels(name: str, tree: Tree) -> str:
    """The numbers of an argument, of many the first."""
    return ", ".join(tree.labels(name)[:8]) + ", ..." * (tree.size > 8)
