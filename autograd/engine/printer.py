"""From rows to checked-in Python: ``operators.py``, the class Value with a method for each row, and
``elementwise.py``, the functions. Run it after every change of the table:

    python -m autograd.engine.printer

A method is straight-line code: the result, the partials, and the new Value that records them. Where
Python's math raises, or the result is not finite, ``domain.edge`` computes the same text again.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent, wrap
from typing import Any

from autograd.engine import value
from autograd.engine.domain import edge
from autograd.engine.floats import EDGES, OF_MATH
from autograd.engine.formula import (
    FLOATS,
    NUMBERS,
    compiled,
    functions_in,
    partial_formulas,
    prelude,
    python,
    result_formula,
    words_in,
)
from autograd.engine.modes import paused
from autograd.engine.number import number
from autograd.engine.table import OPS, Op

__all__ = ["FILES", "printed", "recorder"]

OWN_METHOD = ("clip", "power")  # methods by hand, in interop.py, call what is printed
OWN_FUNCTION = (*OWN_METHOD, "pow", "where")  # functions by hand: functions.py
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}

TITLE = '''\
"""{title}

Printed from the table: change table.py or printer.py, then run ``python -m
autograd.engine.printer``.
"""

'''
METHOD = """\
def {name}({signature}) -> "Value":
    {doc}
    {numbers}
    {floats}
    try:
        {result}
        if y - y != 0.0:
            raise OverflowError
        {partials}
    except EDGES:
        {answer} = edge({row}, ({given}), ({constants}), ({values}))
    result = new(Value)
    result._data = y
    result._grad = UNREACHED
    result.op = {row}
    {note}
    {operands}
    result._uses = 0
    if paused:
        return noticed(result)
    return result
"""
OPERATOR = """\
right: Any = other
if type(right) is not Value:
    right = operand(right)
    if right is NotImplemented:
        return NotImplemented"""
NAMED = 'right: Any = other if type(other) is Value else second("{name}", other)'
READ = "\na = self._data\nb = right._data"
REFLECTED = """\
def {reflected}(self, other: Number) -> "Value":
    left: Any = operand(other)
    if left is NotImplemented:
        return NotImplemented
    return Value.{operator}(left, self)
"""
BY_NAME = """\
def {name}(self, other: Number) -> "Value":
    {doc}
    return Value.{operator}(self, second("{name}", other))
"""
COMPARISON = """\
def __{name}__(self, other: {kind}) -> bool:
    right: Any = {operand}(other)
    if right is NotImplemented:
        return NotImplemented
    if paused:
        return compared("{sign}", self, right)  # type: ignore[no-any-return]
    return self._data {sign} right._data  # type: ignore[no-any-return]
"""
VALUE = '''\
@value_class
class Value(Interop):
    """A number in a graph: its data, its grad, and the operation and operands that made it.

    >>> x = Value(3.0, "x")
    >>> y = x**2 + 1
    >>> y.backward()
    >>> x.grad
    6.0
    """

    __slots__ = ()
    __hash__ = Node.__hash__

'''


def filled(template: str, **blocks: str) -> str:
    """The template with each word replaced by lines, indented as it is; empty lines go."""
    lines = []
    for line in template.splitlines():
        word = line.strip().strip("{}")
        if line.strip() == f"{{{word}}}":
            lines.append(indent(blocks[word], line[: len(line) - len(line.lstrip())]))
        else:
            lines.append(line.format(**blocks))
    return "".join(f"{line}\n" for line in "\n".join(lines).splitlines() if line.strip())


def assigned(name: str, text: str, room: int = 84) -> str:
    """An assignment; a long choice takes several lines."""
    tree = ast.parse(text, mode="eval").body
    if len(name) + len(text) + 3 <= room or not isinstance(tree, ast.IfExp):
        return f"{name} = {text}"
    lines = []
    while isinstance(tree, ast.IfExp):
        lines += [f"{ast.unparse(tree.body)}", f"if {ast.unparse(tree.test)}"]
        tree = tree.orelse
        lines.append("else " if isinstance(tree, ast.IfExp) else f"else {ast.unparse(tree)}")
    text = "\n".join(lines).replace("else \n", "else ")
    return f"{name} = (\n{indent(text, '    ')}\n)"


def documented(op: Op) -> str:
    """The row as a docstring."""
    lines = wrap(f'"""{op!r}."""', 92, break_long_words=False)
    return lines[0] if len(lines) == 1 else "\n".join([*lines[:-1], lines[-1][:-3], '"""'])


def method(op: Op, name: str, result: str, partials: list[str]) -> str:
    """A row as the function that records, its formulas given as Python; of bundles if it is n-ary."""
    names = [o.lstrip("*") for o in op.operands]
    constants = [name for name, _ in op.constants]
    match op.operands:
        case ("x",):
            signature, numbers, values = "self", "x = self._data", "self"
            operands = "_a = self _da = dx _b = None"
        case ("a", "b"):
            signature, values = "self, other: Number", "self, right"
            numbers = (OPERATOR if op.operator else NAMED.format(name=op.name)) + READ
            operands = "_a = self _da = da _b = right _db = db"
        case ("*x",):
            signature, numbers, values = "xs: Bundle", "x = [v._data for v in xs]", "xs"
            operands = "_a = None _da = (xs,dx) _b = None"
        case _:
            signature, values = 'as_: Bundle, bs: Bundle, other: "Value | None"', "as_, bs, other"
            numbers = "a = [v._data for v in as_]\nb = bs.numbers or [v._data for v in bs]\n"
            numbers += "c = 0.0 if other is None else other._data"
            operands = "_a = None _da = (as_,da,bs,db) _b = other _db = dc"
    words = operands.split(" ")
    slots = zip(words[::3], words[2::3], strict=True)
    doubts = [f"if type({n}) is not float:\n    {n} = number({n})" for n in constants]
    pairs = zip(names, partials, strict=True)
    return filled(
        METHOD,
        name=name,
        signature=signature + "".join(f", {n}: float = {x!r}" for n, x in op.constants),
        doc=documented(op),
        numbers=numbers,
        floats="\n".join(doubts),
        result="\n".join([*prelude(op, result, *partials), assigned("y", result)]),
        partials="\n".join(assigned(f"d{n}", text) for n, text in pairs),
        answer=", ".join(["y", *(f"d{n}" for n in names)]),
        row=op.name.upper(),
        given=", ".join(names) + "," * (len(names) == 1),
        constants=", ".join(constants) + "," * (len(constants) == 1),
        values=values + "," * ("," not in values),
        note=f'result._note = ("", ({", ".join(constants)}{"," * (len(constants) == 1)}))'
        if constants
        else "",
        operands="\n".join(f"result.{s} = {v.replace(',', ', ')}" for s, v in slots),
    )


def recorder(op: Op) -> Callable[..., Any]:
    """Compile a row to the function that records; that of an operation of the user's calls its
    formulas, whose words are its own.
    """
    words: dict[str, Any] = {**vars(value), **FLOATS.words, op.name.upper(): op}
    words |= {"EDGES": EDGES, "edge": edge, "number": number, "paused": paused}
    words |= {"__name__": __name__, "Any": Any}
    result, partials = formulas(op)
    if op.vocabulary:
        names = [o.lstrip("*") for o in op.operands]
        result = f"result_of({', '.join(op.names)})"
        given = ", ".join([*names, "y", *op.names[len(names) :]])
        words |= {"result_of": result_formula(op, FLOATS)}
        words |= {f"d{n}_of": f for n, f in zip(names, partial_formulas(op, FLOATS), strict=True)}
        partials = [f"d{n}_of({given})" for n in names]
    else:
        rows = functions_in(FLOATS, op.result, *op.partials)
        words |= {row.name: result_formula(row, FLOATS) for row in rows}
    return compiled(op.name, method(op, op.name, result, partials), words)


def formulas(op: Op) -> tuple[str, list[str]]:
    """The result and the partials as Python on floats."""
    pairs = zip(op.operands, op.partials, strict=True)
    return python(op, op.result, FLOATS), [python(op, text, FLOATS, name) for name, text in pairs]


# operators.py


def _methods(op: Op) -> Iterator[str]:
    name = f"_{op.name}" if op.name in OWN_METHOD else op.name
    binary = len(op.operands) == 2
    if op.operator and binary:
        yield method(op, op.operator, *formulas(op))
        reflected = f"__r{op.operator[2:]}"
        yield REFLECTED.format(reflected=reflected, operator=op.operator)
        yield filled(BY_NAME, name=op.name, operator=op.operator, doc=documented(op))
    else:
        yield method(op, name, *formulas(op))
    same = [*op.aliases, *([op.operator] if op.operator and not binary else [])]
    if same:
        yield "".join(f"{alias} = {name}\n" for alias in same)


def _operators() -> str:
    rows = list(OPS.values())
    flat = [op for op in rows if not op.nary]
    blocks = [block for op in flat for block in _methods(op)]
    blocks += [
        COMPARISON.format(
            name=name,
            sign=sign,
            kind="object" if name in ("eq", "ne") else "Any",
            operand="other_number" if name in ("eq", "ne") else "operand",
        )
        for name, sign in COMPARISONS.items()
    ]
    many = [method(op, op.name, *formulas(op)) for op in rows if op.nary]
    inner = functions_in(FLOATS, *(text for op in rows for text in (op.result, *op.partials)))
    helpers = [
        f"def {op.name}({', '.join(f'{n}: float' for n in op.names)}) -> float:\n"
        f"    return {python(op, op.result, FLOATS)}\n"
        for op in inner
    ]
    body = "\n\n".join([*helpers, VALUE + "\n".join(indent(b, "    ") for b in blocks), *many])
    used = words_in(body)
    of_math = sorted(used & {*OF_MATH, "inf", "nan"})
    of_floats = sorted((used & {"ceil", "floor", "rint", "trunc", "whole", "peak_of"}) | {"EDGES"})
    numbers = [f"{n} = {x!r}\n" for n, x in NUMBERS.items() if n in used and n.isupper()]
    consts = [f'{op.name.upper()} = OPS["{op.name}"]\n' for op in rows]
    imports = [
        "from collections.abc import Callable\n",
        "from math import (\n" + indent("\n".join(wrap(", ".join(of_math), 90)), "    ") + ",\n)\n",
        "from operator import mul\nfrom typing import Any\n\n",
        "from autograd.engine.domain import edge\n",
        f"from autograd.engine.floats import {', '.join(of_floats)}\n",
        "from autograd.engine.interop import Interop, compared\n",
        "from autograd.engine.modes import paused\n",
        "from autograd.engine.number import number\n",
        "from autograd.engine.table import OPS\n",
        "from autograd.engine.value import UNREACHED, Bundle, Node, Number, new, noticed, operand\n",
        "from autograd.engine.value import other_number, second, value_class\n\n",
        '__all__ = ["RECORD", "Value"]\n\n',
    ]
    records = [
        f'    "{op.name}": {op.name if op.nary else f"Value.{_recording(op)}"},\n' for op in rows
    ]
    record = f"RECORD: dict[str, Callable[..., Any]] = {{\n{''.join(records)}}}\n"
    title = TITLE.format(title="Value: Node with a method for each row of the table.")
    return "".join([title, *imports, *numbers, "\n", *consts, "\n\n", body, "\n\n", record])


def _recording(op: Op) -> str:
    if op.operator and len(op.operands) == 2:
        return op.operator
    return f"_{op.name}" if op.name in OWN_METHOD else op.name


# elementwise.py

FUNCTION = """\
def {name}({signature}) -> Any:
    {doc}
    {answer}
"""


def _function(op: Op) -> str:
    given = ", ".join(op.operands)
    every = f"({given}{',' if len(op.operands) == 1 else ''})"
    answer = f'applied("{op.name}", {every})'
    if op.constants:
        answer = f'return applied("{op.name}", {every}, {", ".join(n for n, _ in op.constants)})'
    elif len(op.operands) == 1:
        answer = f"return x.{_recording(op)}() if type(x) is Value else {answer}"
    else:
        method = f"Value.{_recording(op)}(a, b)"
        answer = f"return {method} if type(a) is Value is type(b) else {answer}"
    signature = [f"{n}: Any" for n in op.operands] + [f"{n}: Any = {x!r}" for n, x in op.constants]
    return filled(
        FUNCTION, name=op.name, signature=", ".join(signature), doc=documented(op), answer=answer
    )


def _elementwise() -> str:
    rows = [op for op in OPS.values() if not op.nary and op.name not in OWN_FUNCTION]
    aliases = [(alias, op.name) for op in rows for alias in op.aliases]
    names = sorted({*(op.name for op in rows), *(alias for alias, _ in aliases)} - {"abs"})
    title = TITLE.format(
        title="The rows as functions of floats, Values, sequences and arrays of either."
    )
    imports = (
        "from typing import Any\n\nfrom autograd.engine.broadcast import applied\n"
        "from autograd.engine.operators import Value\n\n"
    )
    public = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n\n\n"
    same = "".join(f"{alias} = {name}\n" for alias, name in aliases)
    return title + imports + public + "\n\n".join(map(_function, rows)) + "\n\n" + same


FILES = {"operators.py": _operators, "elementwise.py": _elementwise}


def printed() -> dict[str, str]:
    """The text of each printed file by its name."""
    return {name: text() for name, text in FILES.items()}


if __name__ == "__main__":
    for name, text in printed().items():
        (Path(__file__).parent / name).write_text(text, "utf-8")
        print(f"{name}: {text.count(chr(10))} lines")
