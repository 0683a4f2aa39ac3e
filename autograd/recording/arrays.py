"""The rows of the table in NumPy's words, for arrays.

A starred operand is an array whose first axis runs over the operands. Both sides of a ``where`` are
computed before one is chosen; where a formula divides or raises out of range on the side that is
not chosen, only NumPy's flags tell.

>>> written(OPS["sigmoid"], OPS["sigmoid"].partials[0], {"x": "v1", "y": "v2"})
'sech(v1 / 2.0) ** 2.0 / 4.0'
>>> written(OPS["relu"], OPS["relu"].partials[0], {"x": "v1", "y": "v2"})
'~(v1 <= 0.0)'
"""

import ast
import functools
import keyword
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd.engine.formula import NUMBERS, compiled
from autograd.engine.table import OPS, Op

# NumPy's names for the words of formulas.
SAME = """abs cbrt ceil cos cosh exp exp2 expm1 floor hypot log log10 log1p log2 rint sin sinh sqrt
    tan tanh trunc where sum"""
INVERSE = ("cos", "cosh", "sin", "sinh", "tan", "tanh", "tan2")
NUMPY = {name: name for name in SAME.split()} | {f"a{name}": f"arc{name}" for name in INVERSE}
NUMPY["pow"] = "power"
# NumPy's spelling of a whole formula, where it is the same function and quicker.
QUICKER = {"where(x <= 0, 0, x)": "np.maximum(x, 0)"}
# The rows over the samples, which are the last axis: their results, and where they differ from 1
# their partials.
OVER = {
    ("batch_total", "x"): "np.sum(x, axis=-1, keepdims=True)",
    ("batch_mean", "x"): "np.mean(x, axis=-1, keepdims=True)",
    ("batch_max", "x"): "np.max(x, axis=-1, keepdims=True)",
    ("batch_max", "1"): "np.where(x < y, 0.0, 1.0 / np.maximum(1.0, "
    "np.sum(x == y, axis=-1, keepdims=True)))",
}

CALLED = re.compile(r"(?<![\w.])(?<!def )(\w+)\(")

# What NumPy has no word for, as printed code defines it.
DEFINITIONS = {
    "erf": "def erf(x):\n    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), float)\n",
    "erfc": "def erfc(x):\n    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x), float)\n",
    # x ** 0.5, for which NumPy takes sqrt, and that differs from it at -inf and -0.0.
    "root": "def root(x):\n    y, low = np.sqrt(x) + 0.0, x == -np.inf\n"
    "    return np.where(low, np.inf, y) if np.any(low) else y\n",
    "raised": "def raised(x, n):\n    half = n == 0.5\n"
    "    return np.where(half, root(x), x**n) if np.any(half) else x**n\n",
    # The largest along the first axis, or 0 where that is infinite.
    "peak_of": "def peak_of(x):\n    largest = np.max(x, axis=0)\n"
    "    return np.where(np.isfinite(largest), largest, 0.0)\n",
}
WORDS: dict[str, Any] = {"np": np, "math": math}
for _name, _code in DEFINITIONS.items():
    WORDS[_name] = compiled(_name, _code, WORDS)


def is_word(name: str) -> bool:
    """Whether printed code has a meaning for a name."""
    return name in OPS or name in WORDS or keyword.iskeyword(name)


def literal(x: float) -> str:
    """A number as code."""
    return repr(x) if x - x == 0 else "np.nan" if x != x else "np.inf" if x > 0 else "-np.inf"


def literals(rows: Any) -> str:
    """Numbers in lists as code."""
    return f"[{', '.join(map(literals, rows))}]" if isinstance(rows, list) else literal(rows)


class Formula(ast.NodeTransformer):
    """Turn a formula of a row into NumPy, with other names for its operands."""

    def __init__(self, names: Mapping[str, str], many: str) -> None:
        words = {"count": f"{many}.shape[0]", "peak": f"peak_of({many})"} if many else {}
        self.names = {name: _parsed(text) for name, text in (words | dict(names)).items()}
        self.terms: list[str] = []

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value)) if type(node.value) is int else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in NUMBERS and node.id not in self.names:
            return _parsed(literal(NUMBERS[node.id]))
        return self.names.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        simple = isinstance(node.left, ast.Name)
        self.generic_visit(node)
        a, b = _value_of(node.left), _value_of(node.right)
        if isinstance(node.op, ast.Pow) and simple and b == 2:
            return ast.BinOp(node.left, ast.Mult(), node.left)
        if isinstance(node.op, ast.Pow) and a is None and b in (None, 0.5):
            return self.raised(node)
        if a is None or b is None:
            return node
        sign = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))
        with np.errstate(all="ignore"):  # Python itself would raise, where NumPy has an answer
            answer = eval(sign, {"a": np.float64(a), "b": np.float64(b)})
        return _parsed(literal(float(answer)))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        sign = ast.BitOr() if isinstance(node.op, ast.Or) else ast.BitAnd()
        return functools.reduce(lambda a, b: ast.BinOp(a, sign, b), node.values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return ast.UnaryOp(ast.Invert(), node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = ast.unparse(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        match name, node.args:
            case "where", [ast.Compare(ast.Constant(), _, [ast.Constant()]) as test, p, q]:
                return p if eval(ast.unparse(test)) else q
            case "where", [ast.Constant(a), p, q]:
                return p if a else q
            case "sum", [term]:
                return self.summed(term)
            case "max" | "min", [term]:
                return self.summed(term, name)
            case "where", [test, p, q]:
                return self.chosen(test, p, q)
        node.func = _parsed(f"np.{NUMPY[name]}" if name in NUMPY else name)
        return node

    def raised(self, node: ast.BinOp) -> ast.expr:
        half = isinstance(node.right, ast.Constant)
        name, operands = ("root", [node.left]) if half else ("raised", [node.left, node.right])
        return ast.Call(_parsed(name), operands, [])

    def chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> ast.expr:
        return ast.Call(_parsed("np.where"), [test, a, b], [])

    def summed(self, term: ast.expr, name: str = "sum") -> ast.expr:
        return ast.Call(_parsed(f"np.{name}"), [term], [ast.keyword("axis", ast.Constant(0))])


def _value_of(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(float(x)):
            return x
        case ast.UnaryOp(ast.USub(), ast.Constant(float(x))):
            return -x
    return None


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def written(op: Op, text: str, names: Mapping[str, str]) -> str:
    """A formula of a row as NumPy, with names (or expressions) for operands, y and constants."""
    many = next((names[name[1:]] for name in op.operands if name.startswith("*")), "")
    quick = OVER.get((op.name, text)) or QUICKER.get(text, text)
    tree = Formula(names, many).visit(_parsed(quick))
    if text in op.partials:
        # Partials only multiply: there a truth value is as good as 0 and 1, and quicker.
        match tree:
            case ast.Call(_, [ast.Compare() as test, ast.Constant(0.0), ast.Constant(1.0)]):
                tree = ast.UnaryOp(ast.Invert(), test)
            case ast.Call(_, [ast.Compare() as test, ast.Constant(1.0), ast.Constant(0.0)]):
                tree = test
    return ast.unparse(tree)


def times(a: str, b: str) -> str:
    """A product as code, with parentheses where it needs them."""
    if b in ("1", "1.0", "-1", "-1.0"):
        return f"-{a}" if b[0] == "-" else a
    simple = re.fullmatch(r"-?[\w.]+(\[[\w':]+\])*", b) or b.startswith("~(")
    return f"{a} * {b}" if simple else f"{a} * ({b})"


def definitions_in(code: str) -> dict[str, str]:
    """What code calls that NumPy lacks, by name: other rows of the table, and the like."""
    found: dict[str, str] = {}
    for name in CALLED.findall(code):
        if name in DEFINITIONS:
            body = DEFINITIONS[name].partition(":")[2]
            found |= definitions_in(body) | {name: DEFINITIONS[name]}
        elif name in OPS and name not in found:
            row = OPS[name]
            body = written(row, row.result, {o: o for o in row.operands})
            found |= definitions_in(body)
            found[name] = f"def {name}({', '.join(row.operands)}):\n    return {body}\n"
    return found


def foreign(rows: Iterable[Op]) -> dict[str, Callable[..., Any]]:
    """The functions that users brought along with their rows, element by element."""
    return {word: _each(f) for row in rows for word, f in row.vocabulary.items()}


def _each(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: np.asarray(np.frompyfunc(f, len(xs), 1)(*xs), float)


def made(name: str, code: str, words: dict[str, Any]) -> Callable[..., Any]:
    """The function that code defines, after what it calls is defined too."""
    for word, text in definitions_in(code).items():
        if word not in words:
            words[word] = compiled(word, text, words)
    return compiled(name, code, words)


@functools.cache
def on_arrays(op: Op, text: str) -> Callable[..., Any]:
    """A formula of a row on arrays: operands (and y, unless it is the result), then constants."""
    names = op.words(text != op.result)
    body = written(op, text, {name: name for name in names})
    code = f"def {op.name}({', '.join(names)}):\n    return {body}\n"
    return made(op.name, code, WORDS | foreign([op]))
