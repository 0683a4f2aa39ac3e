"""From the text of a row to Python, compiled for each arithmetic: floats, IEEE, Values, arrays.

>>> formula(OPS["tanh"], "1 - y**2", FLOATS)(0.0, 0.5)
0.75
"""

import ast
import linecache
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import mul
from types import MappingProxyType
from typing import Any

from autograd.engine.floats import IEEE, MATH, largest_of, peak_of, smallest_of
from autograd.engine.table import OPS, Op

Formula = Callable[..., Any]

NUMBERS = {
    **{"LN2": math.log(2), "LN10": math.log(10), "inf": math.inf, "nan": math.nan},
    **{"SQRT_2": math.sqrt(2), "SQRT_PI": math.sqrt(math.pi), "SQRT_2PI": math.sqrt(2 * math.pi)},
}


WORDS_OF_MANY = {f.__name__: f for f in (largest_of, peak_of, smallest_of)}
OF_MANY = {"max": "largest_of", "min": "smallest_of"}  # Python's own lose nan


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """What the words and operators of a formula mean."""

    words: Mapping[str, Any]
    calls: Mapping[type[ast.operator], str] = field(default_factory=dict)  # operators by words
    compared: str = ""  # the word that is put around what is compared
    lazy: bool = True  # whether where computes one branch; else it is a word

    def __post_init__(self) -> None:
        words = {**NUMBERS, "mul": mul, **WORDS_OF_MANY, **self.words}
        object.__setattr__(self, "words", MappingProxyType(words))


# Python's floats refuse some operators, or answer with a complex number; those become calls.
FLOATS = Arithmetic(MATH, {ast.Pow: "pow"})
EDGE = Arithmetic(
    IEEE, {ast.Pow: "pow", ast.Div: "divide", ast.FloorDiv: "floor_divide", ast.Mod: "mod"}
)


class _Python(ast.NodeTransformer):
    """Turns a formula into Python: ``where`` chooses, ``sum`` runs over operands."""

    def __init__(self, op: Op, arithmetic: Arithmetic) -> None:
        self.many = {name[1:] for name in op.operands if name.startswith("*")}
        self.arithmetic = arithmetic

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value)) if type(node.value) is int else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        squared = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2"
        if squared and isinstance(node.left, ast.Name):  # exactly rounded, and quicker than pow
            return ast.BinOp(node.left, ast.Mult(), node.left)
        self.generic_visit(node)
        call = self.arithmetic.calls.get(type(node.op))
        return _call(call, node.left, node.right) if call else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if self.arithmetic.lazy:
            return node
        *others, condition = node.values
        either = isinstance(node.op, ast.Or)
        for other in reversed(others):
            last = (ast.Constant(1.0), condition) if either else (condition, ast.Constant(0.0))
            condition = _call("where", other, *last)
        return condition

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if word := self.arithmetic.compared:
            node.left = _call(word, node.left)
            node.comparators = [_call(word, other) for other in node.comparators]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match ast.unparse(node.func):
            case "where" if self.arithmetic.lazy:
                return ast.IfExp(*node.args)
            case "sum" if self.many:
                return ast.parse(f"sum({self.each(node.args[0])})", mode="eval").body
            case "max" | "min" as name if self.many:
                return _call(OF_MANY[name], *node.args)
        return node

    def each(self, term: ast.expr) -> str:
        """The term for each operand of an n-ary row."""
        match term:
            case ast.Name(name) if name in self.many:
                return name
            case ast.BinOp(ast.Name(a), ast.Mult(), ast.Name(b)) if {a, b} <= self.many:
                return f"map(mul, {a}, {b})"  # a loop in C: the inner product that networks live on
        text = ast.unparse(term)
        for node in ast.walk(term):  # a sum in it is the same for each: computed once
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sum", *OF_MANY.values()):
                inner = ast.unparse(node)
                outer = self.each(ast.parse(text.replace(inner, "all_"), mode="eval").body)
                return f"(lambda all_: {outer})({inner})"
        used = sorted(words_in(term) & self.many)
        if not used:
            return f"({text},) * count"
        pairs = used[0] if len(used) == 1 else f"zip({', '.join(used)})"
        return f"[{text} for {', '.join(used)} in {pairs}]"


def _call(name: str, *operands: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(operands), [])


def python(op: Op, text: str, arithmetic: Arithmetic, operand: str = "") -> str:
    """The text as Python; by a starred operand, a list with one entry for each."""
    transformer = _Python(op, arithmetic)
    tree = transformer.visit(ast.parse(text, mode="eval")).body
    return transformer.each(tree) if operand.startswith("*") else ast.unparse(tree)


def prelude(op: Op, *expressions: str) -> list[str]:
    """The lines that give the formulas of an n-ary row their words ``count`` and ``peak``."""
    many, text = op.operands[0][1:], " ".join(expressions)
    words = {"count": f"count = len({many})", "peak": f"peak = peak_of({many})"}
    return [line for word, line in words.items() if op.nary and word in text]


def words_in(text: str | ast.AST) -> set[str]:
    """The names that a formula mentions."""
    tree = ast.parse(text) if isinstance(text, str) else text
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def functions_in(arithmetic: Arithmetic, *texts: str) -> list[Op]:
    """The rows that formulas call and the arithmetic has no word for: sigmoid, sech ..."""
    words = set[str]().union(*map(words_in, texts)) - arithmetic.words.keys() - {"where"}
    return [op for op in OPS.values() if op.name in words]


def compiled(name: str, code: str, words: dict[str, Any]) -> Formula:
    """Run the definition of a function, and keep its text for tracebacks and debuggers."""
    file = f"<autograd row {name}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    defined: dict[str, Any] = {}
    exec(compile(code, file, "exec"), words, defined)
    function: Formula = defined.popitem()[1]
    function.__doc__ = f"{OPS[name]!r}." if name in OPS else None
    return function


def formula(
    op: Op, text: str, arithmetic: Arithmetic, operand: str = "", *, y: bool = True
) -> Formula:
    """Compile one formula of a row to a function: of the operands, y (unless it is the result),
    then the constants. With a starred operand it gives a list, the formula for each of them."""
    code = python(op, text, arithmetic, operand)
    lines = "".join(f"    {line}\n" for line in [*prelude(op, code), f"return {code}"])
    words = {"__name__": __name__, **arithmetic.words}
    for row in functions_in(arithmetic, text):
        words[row.name] = result_formula(row, arithmetic)
    words |= op.vocabulary
    return compiled(op.name, f"def {op.name}({', '.join(op.words(y))}):\n{lines}", words)


@cache
def result_formula(op: Op, arithmetic: Arithmetic) -> Formula:
    """The result of a row in an arithmetic, as a function of operands and constants."""
    return formula(op, op.result, arithmetic, y=False)


@cache
def partial_formulas(op: Op, arithmetic: Arithmetic) -> tuple[Formula, ...]:
    """The partials of a row in an arithmetic, as functions of operands, y and constants."""
    pairs = zip(op.operands, op.partials, strict=True)
    return tuple(formula(op, text, arithmetic, name) for name, text in pairs)


@cache
def mentioned(op: Op) -> list[list[int] | None]:
    """The places of the operands that each partial of a row is made of; None if of the result."""
    names, words = [name.lstrip("*") for name in op.operands], map(words_in, op.partials)
    return [None if "y" in w else [i for i, n in enumerate(names) if n in w] for w in words]
