"""From the text of a row to Python: one formula, compiled for floats, for the edges (IEEE 754) and
for Values.

On floats a row becomes a function that records: straight-line code for the result, the partials and
the new value. Where Python's math raises, or the result is not finite, ``edge`` computes the same
text again in IEEE arithmetic and says what happened; on the way that stays inside, that costs one
comparison.

>>> formula(OPS["tanh"], "1 - y**2", FLOATS)(0.0, 0.5)
0.75
"""

import ast
import linecache
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import mul
from typing import Any

from autograd.engine.errors import DomainError, warn
from autograd.engine.floats import IEEE, MATH
from autograd.engine.modes import is_quiet, is_strict, watcher
from autograd.engine.notation import described, exact
from autograd.engine.table import OPS, Op

__all__ = [
    "EDGE",
    "FLOATS",
    "Arithmetic",
    "compiled",
    "complaint",
    "edge",
    "formula",
    "partial_formulas",
    "recorder",
    "result_formula",
    "say",
]

Formula = Callable[..., Any]

NUMBERS = {
    **{"LN2": math.log(2), "LN10": math.log(10), "inf": math.inf, "nan": math.nan},
    **{"SQRT_2": math.sqrt(2), "SQRT_PI": math.sqrt(math.pi), "SQRT_2PI": math.sqrt(2 * math.pi)},
}


def _peak(x: Sequence[float]) -> float:
    largest = max(x)
    return largest if math.isfinite(largest) else 0.0


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """What the words of a formula mean: its functions, the operators that are calls, how numbers
    are compared.

    ``where`` is lazy unless its condition may differ from sample to sample; then it is one of the
    words."""

    words: dict[str, Any]
    calls: dict[type[ast.operator], str] = field(default_factory=dict)
    compared: str = ""
    lazy: bool = True

    def __post_init__(self) -> None:
        self.words.update(NUMBERS, mul=mul, peak_of=_peak, __name__=__name__)


# Python's floats refuse some operators, or answer with a complex number; those become calls.
FLOATS = Arithmetic(dict(MATH), {ast.Pow: "pow"})
EDGE = Arithmetic(
    dict(IEEE), {ast.Pow: "pow", ast.Div: "divide", ast.FloorDiv: "floor_divide", ast.Mod: "mod"}
)


class _Python(ast.NodeTransformer):
    """Turn a formula into Python: ``where`` chooses lazily, operators may become calls, ``sum``
    runs over operands.
    """

    def __init__(self, op: Op, arithmetic: Arithmetic) -> None:
        self.many = {name[1:] for name in op.operands if name.startswith("*")}
        self.arithmetic = arithmetic

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value)) if type(node.value) is int else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if (
            isinstance(node.op, ast.Pow)
            and isinstance(node.left, ast.Name)
            and ast.unparse(node.right) == "2"
        ):
            return ast.BinOp(
                node.left, ast.Mult(), node.left
            )  # exactly rounded, and quicker than pow
        self.generic_visit(node)
        call = self.arithmetic.calls.get(type(node.op))
        return _call(call, node.left, node.right) if call else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if self.arithmetic.lazy:
            return node
        *others, condition = node.values
        for other in reversed(others):
            choices = (
                (_number(1), condition) if isinstance(node.op, ast.Or) else (condition, _number(0))
            )
            condition = _call("where", other, *choices)
        return condition

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if self.arithmetic.compared:
            node.left = _call(self.arithmetic.compared, node.left)
            node.comparators = [
                _call(self.arithmetic.compared, other) for other in node.comparators
            ]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match ast.unparse(node.func):
            case "where" if self.arithmetic.lazy:
                return ast.IfExp(*node.args)
            case "sum" if self.many:
                return ast.parse(f"sum({self.each(node.args[0])})", mode="eval").body
        return node

    def each(self, term: ast.expr) -> str:
        """The term for each operand of an n-ary row."""
        used = sorted(
            {node.id for node in ast.walk(term) if isinstance(node, ast.Name)} & self.many
        )
        match term:
            case ast.Name(name) if name in self.many:
                return name
            case ast.BinOp(ast.Name(a), ast.Mult(), ast.Name(b)) if {a, b} <= self.many:
                return f"map(mul, {a}, {b})"  # a loop in C: the inner product that networks live on
        if not used:
            return f"({ast.unparse(term)},) * count"
        pairs = used[0] if len(used) == 1 else f"zip({', '.join(used)})"
        return f"[{ast.unparse(term)} for {', '.join(used)} in {pairs}]"


def _number(x: float) -> ast.expr:
    return ast.Constant(float(x))


def _call(name: str, *operands: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(operands), [])


def _python(op: Op, text: str, arithmetic: Arithmetic, operand: str = "") -> str:
    """The text as Python; by a starred operand, a list with one entry for each."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        # A formula may use other rows (sigmoid, sech ...): those that the arithmetic lacks are
        # compiled here.
        if (
            isinstance(node, ast.Name)
            and node.id in OPS
            and node.id != "where"
            and node.id not in arithmetic.words
        ):
            row = OPS[node.id]
            arithmetic.words[row.name] = formula(row, row.result, arithmetic, y=False)
    python = _Python(op, arithmetic)
    tree = python.visit(ast.parse(text, mode="eval")).body
    return python.each(tree) if operand.startswith("*") else ast.unparse(tree)


def _prelude(op: Op, *expressions: str) -> list[str]:
    """The lines that give the formulas of an n-ary row their words ``count`` and ``peak``."""
    many, text = op.operands[0][1:], " ".join(expressions)
    words = {"count": f"count = len({many})", "peak": f"peak = peak_of({many})"}
    return [line for word, line in words.items() if op.nary and word in text]


def compiled(name: str, code: str, words: dict[str, Any]) -> Formula:
    """Run the definition of a function, and keep its text for tracebacks, debuggers and
    ``inspect.getsource``.
    """
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
    then the constants.

    With a starred operand the function gives a list, the formula for each of them.
    """
    names = [o.lstrip("*") for o in op.operands] + ["y"] * y + [name for name, _ in op.constants]
    python = _python(op, text, arithmetic, operand)
    lines = [*_prelude(op, python), f"return {python}"]
    code = f"def {op.name}({', '.join(names)}):\n" + "".join(f"    {line}\n" for line in lines)
    return compiled(
        op.name, code, arithmetic.words | op.vocabulary if op.vocabulary else arithmetic.words
    )


@cache
def result_formula(op: Op, arithmetic: Arithmetic) -> Formula:
    """The result of a row in an arithmetic, as a function of operands and constants."""
    return formula(op, op.result, arithmetic, y=False)


@cache
def partial_formulas(op: Op, arithmetic: Arithmetic) -> tuple[Formula, ...]:
    """The partials of a row in an arithmetic, as functions of operands, y and constants."""
    return tuple(
        formula(op, text, arithmetic, o) for o, text in zip(op.operands, op.partials, strict=True)
    )


def edge(op: Op, operands: tuple[Any, ...], constants: tuple[float, ...]) -> tuple[Any, ...]:
    """The result and the partials where Python's math raises, in IEEE arithmetic; say so if that is
    news.

    It is news when the operation leaves its domain or overflows, and not when nan or inf only
    passes through."""
    for x in operands:
        _all_numbers(op, x)
    y = result_formula(op, EDGE)(*operands, *constants)
    partials = [partial(*operands, y, *constants) for partial in partial_formulas(op, EDGE)]
    if (listener := watcher()) is not None:
        listener.at_edge(op, operands, constants, y, partials)
    if y - y != 0 and not is_quiet() and (listener is None or is_strict()):
        _announce(op, operands, constants, y)
    return y, *partials


def _all_numbers(op: Op, x: Any) -> None:
    """Refuse what somebody assigned to a .data that is no number, rather than compute with it."""
    for item in x if isinstance(x, (list, tuple)) else (x,):
        if not isinstance(item, (float, int)) and not hasattr(type(item), "__array__"):
            raise TypeError(
                f"{op.name} needs numbers, but the .data of an operand is {described(item)}: "
                "assign a float, as in p.data = p.data - 0.1 * p.grad"
            )


def _announce(op: Op, operands: tuple[Any, ...], constants: tuple[float, ...], y: float) -> None:
    sentence = complaint(op, operands, constants, y)
    if sentence:
        say(sentence, op.name)


def say(sentence: str, subject: str) -> None:
    """Give a DomainWarning, or under ``strict`` raise a DomainError."""
    if is_strict():
        raise DomainError(sentence) from None  # what Python's math said of it is the same news
    warn(sentence, subject)


def complaint(op: Op, operands: tuple[Any, ...], constants: tuple[float, ...], y: float) -> str:
    """What a row has to say of a result that is nan or infinite: nothing if an operand was so
    already.
    """
    numbers = [x for o in operands for x in (o if isinstance(o, (list, tuple)) else [o])]
    if any(x != x for x in numbers) or (math.isinf(y) and not all(map(math.isfinite, numbers))):
        return ""
    values = (*operands, *constants)
    for need in op.needs:
        if not formula(op, need, EDGE)(*operands, y, *constants):
            return f"{op.name} needs {need}, got {_got(op, values, need)}"
    return f"{op.name} {'overflows to' if math.isinf(y) else 'gives'} {exact(y)} at {_got(op, values, op.result)}"


def _got(op: Op, values: Sequence[Any], mentioned: str) -> str:
    """``x = -1``, ``a = 1, b = 0``: the operands and constants that a text mentions."""
    names = [o.lstrip("*") for o in op.operands] + [name for name, _ in op.constants]
    words = {
        node.id
        for node in ast.walk(ast.parse(mentioned, mode="eval"))
        if isinstance(node, ast.Name)
    }
    return ", ".join(
        f"{name} = {_shown(x)}" for name, x in zip(names, values, strict=True) if name in words
    )


def _shown(x: Any) -> str:
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(exact, x[:4]))}{', ...' if len(x) > 4 else ''}]"
    return exact(x)


RECORDER = """\
def {name}({signature}):
    {numbers}{floats}
    try:
        {result}
        if y - y != 0.0: raise OverflowError
        {partials}
    except EDGES:
        {answer} = edge({row}, {given})
    result = new(Value)
    result.data = y; result.grad = UNREACHED; result.op = {row}
    {constants}
    {operands}; result._uses = 0
    if paused:
        return noticed(result)
    return result
"""
OPERAND = """\
if type(other) is not Value:
        other = operand(other)
        if other is NotImplemented: return other
    a = self.data; b = other.data"""


def recorder(op: Op) -> Formula:
    """Compile a row to the function that computes on Values: result, partials, and the new Value
    that records them.

    Its words are those of floats, to which ``value.py`` adds its own (Value, new ...). An n-ary row
    takes bundles."""
    row, names = op.name.upper(), [o.lstrip("*") for o in op.operands]
    constants = "".join(f", {name}" for name, _ in op.constants)
    defaults = "".join(f", {name}={default!r}" for name, default in op.constants)
    result = _python(op, op.result, FLOATS)
    partials = [
        _python(op, text, FLOATS, o) for o, text in zip(op.operands, op.partials, strict=True)
    ]
    # A row that is not the table's has words of its own, or one of the same name would take the
    # place of the table's.
    words = FLOATS.words if OPS.get(op.name) is op else FLOATS.words | op.vocabulary
    words[row] = op
    match op.operands:
        case ("x",):
            signature, numbers, operands = (
                "self",
                "x = self.data",
                "result._a = self; result._da = dx; result._b = None",
            )
        case ("a", "b"):
            signature, numbers = "self, other", OPERAND
            operands = "result._a = self; result._da = da; result._b = other; result._db = db"
        case ("*x",):
            signature, numbers = "xs", "x = [v.data for v in xs]"
            operands = "result._a = None; result._da = (xs, dx); result._b = None"
        case _:
            signature = "as_, bs, other"
            numbers = "a = [v.data for v in as_]; b = bs.numbers or [v.data for v in bs]; "
            numbers += "c = 0.0 if other is None else other.data"
            operands = "result._a = None; result._da = (as_, da, bs, db); result._b = other; result._db = dc"
    code = RECORDER.format(
        name=op.name,
        signature=signature + defaults,
        numbers=numbers,
        floats="".join(
            f"\n    if type({name}) is not float: {name} = number({name})"
            for name, _ in op.constants
        ),
        result="; ".join([*_prelude(op, result, *partials), f"y = {result}"]),
        partials="; ".join(
            f"d{name} = {partial}" for name, partial in zip(names, partials, strict=True)
        ),
        answer=", ".join(["y", *(f"d{name}" for name in names)]),
        row=row,
        given=f"({', '.join(names)},), ({constants[2:]}{',' if constants else ''})",
        constants=f"result._note = ('', ({constants[2:]},))" if constants else "",
        operands=operands,
    )
    code = "".join(line + "\n" for line in code.splitlines() if line.strip())
    return compiled(op.name, code, words)
