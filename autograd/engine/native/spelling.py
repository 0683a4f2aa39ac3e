"""From the rows of the table to C: the formulas, a line a row, and the tables of methods; and the
walk over a formula that other languages share."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from autograd.engine.floats import OF_MATH
from autograd.engine.formula import NUMBERS
from autograd.engine.table import OPS, TRUTHS, Op

TITLE = "/* {title}\n   Printed from the table: python -m autograd.engine.printer */\n\n"
OF_C = {*OF_MATH, "ceil", "floor", "rint", "trunc", "whole"}  # functions of C by the same names
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "-", ast.UAdd: "+"}
SIGNS |= {ast.Not: "!", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="}
SIGNS |= {ast.NotEq: "!=", ast.And: "&&", ast.Or: "||"}
CALLS = {ast.Pow: "pow", ast.FloorDiv: "floor_divide", ast.Mod: "mod"}
SLOTS = {"__add__": "add", "__sub__": "subtract", "__mul__": "multiply", "__neg__": "negative"}
SLOTS |= {"__truediv__": "true_divide", "__floordiv__": "floor_divide", "__mod__": "remainder"}
SLOTS |= {"__pos__": "positive", "__abs__": "absolute"}
KINDS = {
    (("x",), 0): ("UNARY", "METH_NOARGS"),
    (("x",), 1): ("UNARY_ONE", "METH_FASTCALL | METH_KEYWORDS"),
    (("x",), 2): ("UNARY_TWO", "METH_FASTCALL | METH_KEYWORDS"),
    (("a", "b"), 0): ("BINARY", "METH_O"),
    (("a", "b"), 1): ("BINARY_ONE", "METH_FASTCALL | METH_KEYWORDS"),
}


class Spelling(ast.NodeVisitor):
    """Writes a formula in a language of C's kin, and gathers the rows that it calls."""

    functions: Mapping[str, str] = {}  # of the language, by the names that formulas have for them
    words: Mapping[str, str] = {}  # and its numbers

    def __init__(self) -> None:
        self.called: dict[str, None] = {}

    def generic_visit(self, node: ast.AST) -> str:
        match node:
            case ast.Constant(int() | float() as value):
                return repr(float(value))
            case ast.Name(name):
                return self.words.get(name) or (repr(NUMBERS[name]) if name in NUMBERS else name)
            case ast.UnaryOp(sign, x) if type(sign) in SIGNS:
                return f"({SIGNS[type(sign)]}{self.visit(x)})"
            case ast.BinOp(ast.Name(), ast.Pow(), ast.Constant(2)):
                x = self.visit(node.left)
                return f"({x} * {x})"  # exactly rounded, as the engine in Python has it
            case ast.BinOp(a, sign, b) if type(sign) in CALLS:
                return f"{CALLS[type(sign)]}({self.visit(a)}, {self.visit(b)})"
            case ast.BinOp(a, sign, b) | ast.Compare(a, [sign], [b]) if type(sign) in SIGNS:
                return f"({self.visit(a)} {SIGNS[type(sign)]} {self.visit(b)})"
            case ast.BoolOp(sign, conditions):
                return f"({f' {SIGNS[type(sign)]} '.join(map(self.visit, conditions))})"
            case ast.Call(ast.Name("where"), [condition, a, b]):
                return f"({self.visit(condition)} ? {self.visit(a)} : {self.visit(b)})"
            case ast.Call(ast.Name("sum" | "max" | "min" as name), [term]):
                return self.over_all(name, term)
            case ast.Call(ast.Name(name), operands, []):
                if name not in self.functions:
                    self.called |= {name: None}
                given = ", ".join(map(self.visit, operands))
                return f"{self.functions.get(name, f'row_{name}')}({given})"
        raise NotImplementedError(ast.unparse(node))

    def over_all(self, name: str, term: ast.expr) -> str:
        """The sum of a term over the operands of an n-ary row, or the largest or smallest."""
        raise NotImplementedError(name)

    def of(self, text: str) -> str:
        """A formula in the language. Raises NotImplementedError with the part that it lacks."""
        spelled: str = self.visit(ast.parse(text.strip(), mode="eval").body)
        return spelled


class C(Spelling):
    """A formula in C."""

    functions: Mapping[str, str] = {name: name for name in OF_C} | {
        "abs": "fabs",
        "hypot": "hypot_",
    }
    words: Mapping[str, str] = {"inf": "INFINITY", "nan": "NAN"}

    def __init__(self) -> None:
        super().__init__()
        self.sums: list[str] = []
        self.folds: dict[str, str] = {}  # what of many operands is kept: the largest

    def visit_Name(self, node: ast.Name) -> str:
        if node.id != "peak":
            return self.generic_visit(node)
        self.folds["peak"] = "-INFINITY, x > ITS(peak) ? x : ITS(peak)"
        return "or_0(ITS(peak))"

    def over_all(self, name: str, term: ast.expr) -> str:
        if name == "sum":
            each = self.visit(term) + " ? 1.0 : 0.0" * isinstance(term, ast.Compare)
            self.sums.append(f"SUM({len(self.sums)}, {each})")
            return f"ITS(sum[{len(self.sums) - 1}])"
        self.called |= {f"{name}imum": None}
        most, first = {"max": ("most", "-"), "min": ("least", "")}[name]
        self.folds[most] = f"{first}INFINITY, row_{name}imum(ITS({most}), x)"
        return f"ITS({most})"


def helpers_in_c(names: Iterator[str], done: dict[str, str]) -> dict[str, str]:
    """The results of rows that formulas call, as functions of C, each after those it calls."""
    for name in names:
        if name in done:
            continue
        spelling, op = C(), OPS[name]
        body = spelling.of(op.result)
        helpers_in_c(iter(spelling.called), done)
        given = ", ".join(f"double {n}" for n in op.names)
        done[name] = f"static inline double row_{name}({given}) {{ return {body}; }}\n"
    return done


def names_in_c(digest: str, rows: Iterable[str] = tuple(OPS)) -> str:
    """``rows.h``: how many rows there are, and their numbers."""
    rows = tuple(rows)
    numbers = ", ".join(f"ROW_{name}" for name in rows)
    names = ", ".join(f'"{name}"' for name in rows)
    title = TITLE.format(title="The rows by number.")
    return (
        f'{title}#define COUNT {len(rows)}\n#define DIGEST "{digest}"\nenum {{ {numbers} }};\n'
        f"static const char *const ROW_NAMES[] = {{ {names} }};\n"
    )


def rows_in_c() -> str:
    """``rows.c``: each row as a line that a macro of ``row_macros.h`` turns into a function."""
    spelling = C()
    lines: list[str] = []
    methods: list[str] = []
    slots: list[str] = []
    calls, results, counts, others = [], [], [], []
    for op in OPS.values():
        kind, flags = KINDS.get((op.operands, len(op.constants)), ("", ""))
        quick = not op.constants and not op.nary
        calls.append(f"op_{op.name}" if quick else "NULL")
        others.append(f"(Method)op_{op.name}" if op.constants else "NULL")
        results.append("NULL" if op.nary or op.name == "where" else f"result_{op.name}")
        counts.append(len(op.operands) if quick or op.nary else 0)
        if op.nary:
            continue
        if not kind:
            raise NotImplementedError(f"{op!r}: the native engine has no such row")
        constants = [x for name, default in op.constants for x in (name, repr(default))]
        texts = [spelling.of(text) for text in (op.result, *op.partials)]
        lines.append(f"{kind}({', '.join([op.name, *constants, *texts])})\n")
        methods += _methods(op, kind, flags)
        if op.operator in SLOTS:
            call = f"op_{op.name}" if kind == "BINARY" else f"slot_{op.name}"
            slots.append(f"{{Py_nb_{SLOTS[op.operator]}, {call}}},")
            if kind == "UNARY":
                lines.append(
                    f"static PyObject *slot_{op.name}(PyObject *self) "
                    f"{{ return op_{op.name}(self, NULL); }}\n"
                )
    helpers = helpers_in_c(iter(spelling.called), {})
    return "".join(
        [
            TITLE.format(title="A line a row: name, result, partials."),
            *helpers.values(),
            "\n",
            *lines,
            f"\nstatic const binaryfunc call_of[] = {{ {', '.join(calls)} }};\n",
            f"static const Method with_constants[] = {{ {', '.join(others)} }};\n",
            f"static Result *const result_of[] = {{ {', '.join(results)} }};\n",
            f"static const int operands_of[] = {{ {', '.join(map(str, counts))} }};\n",
            _macro("ROW_METHODS", methods),
            _macro("ROW_SLOTS", slots),
        ]
    )


def cases_in_c() -> tuple[str, str]:
    """The functions that formulas of ``recording/native/rows.c`` call, and its lines: each row as a
    line that a macro of ``block.h`` turns into a loop over samples."""
    lines, called = [TITLE.format(title="A line a row: name, constants, result, partials.")], []
    for op in (*OPS.values(), *TRUTHS.values()):
        if op.name == "dot":  # written by hand
            continue
        result, partials = C(), C()
        texts = [result.of(op.result), *map(partials.of, op.partials)]
        if op.nary:
            folds = " ".join(f"FOLD({fold}, {text})" for fold, text in result.folds.items())
            sums = " ".join(result.sums), " ".join(partials.sums)
            kind, given = "NARY", [folds, sums[0], texts[0], sums[1], texts[1]]
        else:
            kind = KINDS[op.operands, len(op.constants)][0]
            given = [*(name for name, _ in op.constants), *texts]
        line = f"{kind}({', '.join([op.name, *given])})\n"
        if op.nary:  # what is for all operands the same, or needed twice, is computed once
            line = re.sub(r"\bexp\(", "EXP(", line).replace("(1.0 / ITS(sum[0]))", "SHARE")
        lines.append(line)
        called += [*result.called, *partials.called]
    undone = "".join(f"#undef {kind}\n" for kind in ("NARY", *(kind for kind, _ in KINDS.values())))
    return "".join(helpers_in_c(iter(called), {}).values()), "".join(lines) + undone


def _methods(op: Op, kind: str, flags: str) -> Iterator[str]:
    call = f"named_{op.name}" if kind == "BINARY" else f"op_{op.name}"
    names = [op.name, *op.aliases]
    if op.operator and op.operator not in SLOTS:
        names.append(op.operator)
    given = [
        "$self",
        *(["other"] if kind[0] == "B" else []),
        *(f"{c}={x!r}" for c, x in op.constants),
    ]
    if not op.constants:
        given.append("/")
    for name in names:
        doc = f"{name}({', '.join(given)})\\n--\\n\\n{op!r}."
        yield f'{{"{name}", QUICKLY({call}), {flags}, "{doc}"}},'


def _macro(name: str, lines: list[str]) -> str:
    return f"\n#define {name} \\\n" + "".join(f"    {line} \\\n" for line in lines) + "\n"
