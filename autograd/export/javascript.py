"""The rows of the table in JavaScript: results, partials, and where they are defined.

>>> from autograd import OPS
>>> javascript(OPS["tanh"], "sech(x)**2")
'pow(row_sech(x), 2)'
>>> print(row(OPS["log"]))
{ name: "log", names: ["x"], text: "log(x)",
  result: (x) => Math.log(x),
  partials: [(x, y) => (1 / x)],
  needs: [["x > 0", (x, y) => (x > 0)]] }
"""

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograd.engine.errors import GraphError
from autograd.engine.formula import words_in
from autograd.engine.native.spelling import Spelling
from autograd.engine.table import OPS, Op

# Functions of Math by their own names, and by others; the rest is in words.js.
SAME = "abs acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh exp expm1 floor hypot log"
SAME += " log10 log1p log2 sin sinh sqrt tan tanh trunc"
OURS = ("erf", "erfc", "exp2", "pow", "rint", "whole")
EXTREMES = {"max": "largest", "min": "smallest"}
WEB = Path(__file__).parent


class JavaScript(Spelling):
    """A formula in JavaScript."""

    functions = {name: f"Math.{name}" for name in SAME.split()} | {name: name for name in OURS}
    words: Mapping[str, str] = {"inf": "Infinity", "nan": "NaN"}

    def __init__(self, op: Op) -> None:
        super().__init__()
        self.many = [name[1:] for name in op.operands if name.startswith("*")]
        self.sums: list[str] = []  # over the operands of an n-ary row, each computed once

    def visit_Constant(self, node: ast.Constant) -> str:
        return self.generic_visit(node).removesuffix(".0")

    def visit_Name(self, node: ast.Name) -> str:
        if node.id in self.many:
            return f"{node.id}[i]"
        if self.many and node.id == "count":
            return f"{self.many[0]}.length"
        if self.many and node.id == "peak":
            return self.once(f"peak({self.many[0]})")
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> str:
        if len(node.ops) == 1:
            return self.generic_visit(node)
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        return self.visit(ast.BoolOp(ast.And(), [ast.Compare(a, [o], [b]) for a, o, b in pairs]))  # type: ignore[no-any-return]

    def visit_IfExp(self, node: ast.IfExp) -> str:
        negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        truth = negated or isinstance(node.test, (ast.Compare, ast.BoolOp))
        test = f"{self.visit(node.test)} {'' if truth else '!== 0 '}"
        return f"({test}? {self.visit(node.body)} : {self.visit(node.orelse)})"

    def visit_Call(self, node: ast.Call) -> str:
        match node:
            case ast.Call(ast.Name("where"), [test, a, b]):  # nan is true in Python
                return self.visit_IfExp(ast.IfExp(test, a, b))
        return self.generic_visit(node)

    def over_all(self, name: str, term: ast.expr) -> str:
        if not self.many:
            return super().over_all(name, term)
        if name in EXTREMES:
            return self.once(f"{EXTREMES[name]}({self.many[0]})")
        return self.once(f"sum({self.many[0]}, i => {self.visit(term)})")

    def once(self, text: str) -> str:
        if text not in self.sums:
            self.sums.append(text)
        return f"s{self.sums.index(text)}"


def javascript(op: Op, text: str) -> str:
    """A formula of a row as an expression of JavaScript. Raises GraphError where it is a function
    of Python, or of many operands."""
    spelling = JavaScript(op)
    expression = _spelled(spelling, op, text)
    if spelling.sums:
        raise GraphError(f"{op.name} takes many operands: row() writes it as a function")
    return expression


def _spelled(spelling: Spelling, op: Op, text: str) -> str:
    remedy = "state it as text, in the functions of the table"
    if theirs := words_in(text) & op.vocabulary.keys():
        came = f"{op.name} is computed by a function of Python, {min(theirs)}"
        raise GraphError(f"{came}, which a page cannot run: {remedy}")
    try:
        return spelling.of(text)
    except NotImplementedError as error:
        raise GraphError(f"{op.name} has no JavaScript for {error}: {remedy}") from None


def _function(op: Op, text: str, called: dict[str, None], *, y: bool = True, many: str = "") -> str:
    """A formula as a function of operands, y and constants; by a starred operand it gives many."""
    spelling = JavaScript(op)
    body = _spelled(spelling, op, text)
    called |= spelling.called
    if many:
        body = f"{many}.map((_, i) => {body})"
    if spelling.sums:
        constants = ", ".join(f"s{i} = {text}" for i, text in enumerate(spelling.sums))
        body = f"{{ const {constants}; return {body}; }}"
    return f"({', '.join(op.words(y))}) => {body}"


def row(op: Op, called: dict[str, None] | None = None) -> str:
    """A row as an object: name, names, the text of its result, and the functions result(operands,
    constants), partials and needs (operands, y, constants). Bundles of operands are arrays, and so
    are partials by them. Raises GraphError where a formula is a function of Python."""
    called = {} if called is None else called
    stars = [name[1:] if name.startswith("*") else "" for name in op.operands]
    pairs = zip(op.partials, stars, strict=True)
    partials = ", ".join(_function(op, text, called, many=many) for text, many in pairs)
    needs = ", ".join(f"[{json.dumps(need)}, {_function(op, need, called)}]" for need in op.needs)
    facts = f"name: {json.dumps(op.name)}, names: {json.dumps(op.names)}"
    return (
        f"{{ {facts}, text: {json.dumps(op.result)},\n"
        f"  result: {_function(op, op.result, called, y=False)},\n"
        f"  partials: [{partials}],\n  needs: [{needs}] }}"
    )


def rows(ops: Iterable[Op]) -> str:
    """A script that defines ``rows``, an array of these rows, after all that they call, and
    ``Tape``, which computes graphs by them.

    >>> from autograd import OPS
    >>> script = rows([OPS["tanh"], OPS["dot"]])
    >>> "const row_sech = (x) => (1 / Math.cosh(x));" in script
    True
    """
    called: dict[str, None] = {}
    texts = [row(op, called) for op in ops]
    defined: dict[str, str] = {}
    define(called, defined)
    defined["rows"] = "const rows = [\n{}\n];".format(",\n".join(texts))
    return "\n".join([words(), *defined.values(), WEB.joinpath("tape.js").read_text("utf-8")])


def define(names: Iterable[str], defined: dict[str, str]) -> None:
    """The results of rows that formulas call, each after those it calls."""
    for name in names:
        if name not in defined:
            called: dict[str, None] = {}
            function = _function(OPS[name], OPS[name].result, called, y=False)
            define(called, defined)
            defined[name] = f"const row_{name} = {function};"


def words() -> str:
    """What the rows call: ``words.js``, which also has ``short``, ``exact`` and ``complaint``."""
    return WEB.joinpath("words.js").read_text("utf-8")
