"""From rows to checked-in Python: ``operators.py``, the class Rows with a method for each row, and
``elementwise.py``, the functions. Run it after every change of the table:

    python -m autograd.engine.printer"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from textwrap import indent, wrap

from autograd.engine.floats import OF_MATH
from autograd.engine.formula import FLOATS, NUMBERS, WORDS_OF_MANY, functions_in, python, words_in
from autograd.engine.native.postfix import formulas_in_postfix
from autograd.engine.native.spelling import cases_in_c, names_in_c, rows_in_c
from autograd.engine.recorder import documented, filled, formulas, method
from autograd.engine.table import OPS, TRUTHS, Op

HERE = Path(__file__).parent
# As functions, in functions.py.
BY_HAND = ("clip", "dot", "maximum", "minimum", "pow", "power", "where")

TITLE = '''\
"""{title}

Printed from the table: change table.py or printer.py, then run ``python -m
autograd.engine.printer``.
"""

'''
IMPORTS = """\
from collections.abc import Callable
from math import (
{of_math},
)
from operator import mul
from typing import TYPE_CHECKING, Any

from autograd.engine.domain import edge
from autograd.engine.floats import {of_floats}
from autograd.engine.modes import compared, noticed, paused
from autograd.engine.number import number
from autograd.engine.storage import UNREACHED, Bundle, Number, Storage, new, operand, other_number
from autograd.engine.storage import second
from autograd.engine.table import OPS

if TYPE_CHECKING:
    from autograd.engine.value import Value as Value

__all__ = ["RECORD", "Rows", "adopt"]

"""
REFLECTED = """\
def __r{bare}(self: Any, other: Number) -> "Value":
    left: Any = operand(other)
    if left is NotImplemented:
        return NotImplemented
    return Rows.{name}(left, self)
"""
BY_NAME = """\
def {name}(self, other: Number) -> "Value":
    {doc}
    return Rows.{operator}(self, second("{name}", other))
"""
COMPARISON = """\
def __{name}__(self, other: object) -> bool:
    right: Any = {operand}(other)
    if right is NotImplemented:
        return NotImplemented
    if paused:
        return compared("{sign}", self, right)  # type: ignore[no-any-return]
    return self._data {sign} right._data  # type: ignore[no-any-return]
"""
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
ROWS = '''\
class Rows(Storage):
    """A method for each row."""

    __slots__ = ()
    __hash__ = Storage.__hash__

'''
# A constant exponent has a row of its own.
POWER = """\
def __pow__(self, exponent: Number) -> "Value":
    power: Any = exponent if isinstance(exponent, Storage) else operand(exponent)
    if power is NotImplemented:
        return NotImplemented
    return self.pow(power) if power is exponent else Rows.power(self, power._data)
"""
ADOPT = '''\
def adopt(value: type[Any]) -> None:
    """Make the results instances of this class."""
    globals()["Value"] = value
'''
FUNCTION = """\
@quick
def {name}({signature}) -> Any:
    {doc}
    {answer}
"""


def _methods(op: Op) -> Iterator[str]:
    name, same = op.method, list(op.aliases)
    yield method(op, name, *formulas(op))
    if name == op.operator:
        yield REFLECTED.format(bare=name[2:], name=name)
        yield filled(BY_NAME, name=op.name, operator=name, doc=documented(op))
        name = op.name
    elif op.operator:
        same.append(op.operator)
    if same:
        yield "".join(f"{alias} = {name}\n" for alias in same)


def _operators() -> str:
    rows = list(OPS.values())
    blocks = [block for op in rows if not op.nary for block in _methods(op)]
    for name, sign in COMPARISONS.items():
        read = "other_number" if sign in ("==", "!=") else "operand"
        blocks.append(COMPARISON.format(name=name, sign=sign, operand=read))
    blocks += [POWER, REFLECTED.format(bare="pow__", name="pow")]
    body = [
        f"def {op.name}({', '.join(f'{n}: float' for n in op.names)}) -> float:\n"
        f"    return {python(op, op.result, FLOATS)}\n"
        for op in functions_in(FLOATS, *(text for op in rows for text in (op.result, *op.partials)))
    ]
    body.append(ROWS + "\n".join(indent(block, "    ") for block in blocks))
    body += [method(op, op.name, *formulas(op)) for op in rows if op.nary]
    used = words_in("\n\n".join(body))
    floats = used & {"ceil", "floor", "rint", "trunc", "whole", *WORDS_OF_MANY} | {"RAISED"}
    of_math = "\n".join(wrap(", ".join(sorted(used & {*OF_MATH, "inf", "nan"})), 90))
    title = TITLE.format(title="Rows: Storage with a method for each row of the table.")
    imports = IMPORTS.format(of_math=indent(of_math, "    "), of_floats=", ".join(sorted(floats)))
    numbers = [f"{n} = {x!r}\n" for n, x in NUMBERS.items() if n in used and n.isupper()]
    constants = [f'{op.name.upper()} = OPS["{op.name}"]\n' for op in rows]
    records = [f'    "{op.name}": {"" if op.nary else "Rows."}{op.method},\n' for op in rows]
    record = f"RECORD: dict[str, Callable[..., Any]] = {{\n{''.join(records)}}}\n"
    parts = "\n\n".join([*body, record, ADOPT])
    return "".join([title, imports, *numbers, "\n", *constants, "\n\n", parts])


FLOAT = """\
if {floats}:
    try:
        y: float = RESULTS["{name}"]({names})
        if y - y == 0.0:
            return y
    except EDGES:
        pass
"""


def _function(op: Op) -> str:
    if op.nary:
        blocks = {"doc": documented(op), "answer": f'return over_all("{op.name}", values)'}
        return filled(FUNCTION, name=op.name, signature="values: Iterable[Any]", **blocks)
    given = ", ".join(op.operands) + "," * (len(op.operands) == 1)
    constants = "".join(f", {n}" for n, _ in op.constants)
    answer = f'applied("{op.name}", ({given}){constants})'
    are_values, quick = "type(a) is Value is type(b)", f"Value.{op.method}(a, b)"
    if len(op.operands) == 1:
        floats = "".join(f" and type({n}) is float" for n, _ in op.constants)
        are_values, quick = f"type(x) is Value{floats}", f"x.{op.method}({constants[2:]})"
    are_floats = " and ".join(f"type({n}) is float" for n in op.names)
    quickly = f"if {are_values}:\n    return {quick}\n"
    quickly += FLOAT.format(floats=are_floats, name=op.name, names=", ".join(op.names))
    signature = [f"{n}: Any" for n in op.operands] + [f"{n}: Any = {x!r}" for n, x in op.constants]
    blocks = {"doc": documented(op), "answer": f"{quickly}return {answer}"}
    return filled(FUNCTION, name=op.name, signature=", ".join(signature), **blocks)


def _elementwise() -> str:
    rows = [op for op in OPS.values() if op.name not in BY_HAND]
    aliases = [(alias, op.name) for op in rows for alias in op.aliases]
    names = sorted({*(op.name for op in rows), *(alias for alias, _ in aliases)} - {"abs"})
    public = indent("\n".join(wrap(", ".join(f'"{name}"' for name in names), 90)), "    ")
    return "".join(
        [
            TITLE.format(title="The rows as functions of floats, Values, sequences and arrays."),
            "from collections.abc import Iterable\nfrom typing import Any\n\n",
            "from autograd.engine.broadcast import RESULTS, applied, over_all\n",
            "from autograd.engine.floats import EDGES\n",
            "from autograd.engine.storage import quick\nfrom autograd.engine.value import Value\n",
            f"\n__all__ = [\n{public},\n]\n\n\n",
            "\n\n".join(map(_function, rows)) + "\n\n",
            *(f"{alias} = {name}\n" for alias, name in aliases),
        ]
    )


def _digest(room: str, *printed: str) -> str:
    """Of the sources of a library in C, by which it is known to be stale."""
    files = sorted(f for f in (HERE / room).glob("*.[ch]") if f.stem not in ("rows", "formulas"))
    sources = (file.read_text("utf-8") for file in files)
    return sha256("".join([*sources, *printed]).encode()).hexdigest()[:16]


def _names_of_cases() -> str:
    printed = *cases_in_c(), formulas_in_postfix()
    names = [*OPS, *(op.name for op in TRUTHS.values())]
    return f"{names_in_c(_digest('../recording/native', *printed), names)}\n{printed[0]}"


FILES = {
    "operators.py": _operators,
    "elementwise.py": _elementwise,
    "native/rows.c": rows_in_c,
    "native/rows.h": lambda: names_in_c(_digest("native", rows_in_c())),
    "../recording/native/rows.c": lambda: cases_in_c()[1],
    "../recording/native/rows.h": _names_of_cases,
    "../recording/native/formulas.h": formulas_in_postfix,
}


def printed() -> dict[str, str]:
    """The text of each printed file by its name."""
    return {name: text() for name, text in FILES.items()}


if __name__ == "__main__":
    for name, text in printed().items():
        (HERE / name).write_text(text, "utf-8")
        print(f"{name}: {text.count(chr(10))} lines")
