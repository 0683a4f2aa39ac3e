"""Formulas of rows in postfix notation, a character a step, of which ``machine.c`` makes machine
code: ``b - y * a`` is ``bya*-``. Numbers are letters of a list, from A on."""

import ast
from collections.abc import Mapping

from autograd.engine.formula import NUMBERS
from autograd.engine.table import OPS, TRUTHS, Op

__all__ = ["formulas_in_postfix"]

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "_", ast.UAdd: ""}
SIGNS |= {ast.Lt: "<", ast.LtE: "{", ast.Gt: ">", ast.GtE: "}", ast.Eq: "=", ast.NotEq: "!"}
SIGNS |= {ast.And: "&", ast.Or: "|"}
CALLS = {"sqrt": "r", "abs": "m"}  # root, magnitude
COMPOSED = {n for n, op in OPS.items() if not op.nary and not op.result.startswith(f"{n}(")}
TITLE = """/* The result and the partials of each row in postfix notation, empty where they call
   functions. Printed from the table: python -m autograd.engine.printer */

"""
OPERANDS = "abcd"  # the operands and constants of a row, by their places


class Postfix:
    """Writes a formula in postfix. Raises NotImplementedError where it calls what no instruction
    of a CPU is."""

    def __init__(self, words: Mapping[str, str], numbers: dict[str, str]) -> None:
        self.words, self.numbers = words, numbers

    def visit(self, node: ast.AST) -> str:
        match node:
            case ast.Constant(int() | float() as value):
                return self.number(float(value))
            case ast.Name(name):
                return self.words[name] if name in self.words else self.number(NUMBERS[name])
            case ast.UnaryOp(ast.USub(), ast.Constant(value)):
                return self.number(-float(value))  # type: ignore[arg-type]
            case ast.UnaryOp(sign, x):
                return self.visit(x) + SIGNS[type(sign)]
            case ast.BinOp(ast.Name() as x, ast.Pow(), ast.Constant(2)):
                return f"{self.visit(x) * 2}*"
            case ast.BinOp(a, sign, b) | ast.Compare(a, [sign], [b]) if type(sign) in SIGNS:
                return self.visit(a) + self.visit(b) + SIGNS[type(sign)]
            case ast.BoolOp(sign, [first, *others]):
                rest = (self.condition(other) + SIGNS[type(sign)] for other in others)
                return self.condition(first) + "".join(rest)
            case ast.Call(ast.Name("where"), [condition, a, b]):
                return f"{self.condition(condition)}{self.visit(a)}{self.visit(b)}?"
            case ast.Call(ast.Name(name), [x]) if name in CALLS:
                return self.visit(x) + CALLS[name]
            case ast.Call(ast.Name(name), operands) if name in COMPOSED:
                given = dict(zip(OPS[name].names, map(self.visit, operands), strict=True))
                return Postfix(given, self.numbers).of(OPS[name].result)
        raise NotImplementedError(ast.unparse(node))

    def number(self, value: float) -> str:
        return self.numbers.setdefault(repr(value), chr(ord("A") + len(self.numbers)))

    def condition(self, node: ast.expr) -> str:
        """A comparison; of a number whether it is not 0."""
        is_number = not isinstance(node, (ast.Compare, ast.BoolOp))
        return self.visit(node) + (f"{self.number(0.0)}!" if is_number else "")

    def of(self, text: str) -> str:
        return self.visit(ast.parse(text.strip(), mode="eval").body)


def _formulas(op: Op, numbers: dict[str, str]) -> list[str]:
    words = dict(zip(op.names, OPERANDS, strict=False)) | {"y": "y"}
    found = []
    for text in (op.result, *op.partials):
        known = dict(numbers)
        try:
            found.append(Postfix(words, known).of(text))
        except NotImplementedError:
            found.append("")
        else:
            numbers |= known
    return found


def formulas_in_postfix() -> str:
    """The result and the partials of each row, empty where they call functions, and the numbers."""
    numbers: dict[str, str] = {}
    lines = []
    for op in (*OPS.values(), *TRUTHS.values()):
        if not op.nary:
            texts = ", ".join(f'"{text}"' for text in _formulas(op, numbers))
            lines.append(f"    [ROW_{op.name}] = {{{texts}}},\n")
    known = ", ".join(numbers).replace("inf", "INFINITY").replace("nan", "NAN")
    return (
        f"{TITLE}enum {{ ONE = {[*numbers].index('1.0')}, ZERO = {[*numbers].index('0.0')} }};\n"
        f"static const double NUMBERS[] = {{{known}}};\n"
        f"static const char *const FORMULAS[COUNT][3] = {{\n{''.join(lines)}}};\n"
    )
