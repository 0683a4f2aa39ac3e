"""From a row to the method that records it: straight-line code for the result, the partials, and
the new Value. Where Python's math raises, or the result is not finite, ``domain.edge`` computes the
same text again."""

import ast
from collections.abc import Callable
from textwrap import indent, wrap
from typing import Any

from autograd.engine import formula, modes, storage
from autograd.engine.domain import edge
from autograd.engine.floats import RAISED
from autograd.engine.formula import FLOATS, functions_in, prelude, python
from autograd.engine.native import library
from autograd.engine.table import Op

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
    except RAISED:
        {answer} = edge({row}, ({given}), ({constants}), ({values}))
    {ending}
    if paused:
        return noticed(result)
    return result
"""
# How the result is made: by its slots, or, where the engine in C keeps them, by a call.
BY_SLOTS = """\
result = new(Value)
result._data = y
result._grad = UNREACHED
result.op = {row}
{note}
{slots}
result._uses = 0
"""
BY_CALL = "result = record({row}, y, ({values}), ({partials}), ({constants}), {tracked})\n"
OPERATOR = """\
right: Any = other
if type(right) is not Value:
    right = operand(right)
    if right is NotImplemented:
        return NotImplemented"""
NAMED = 'right: Any = other if type(other) is Value else second("{name}", other)'
# For each kind of operands: the signature, how their numbers are read, the Values, and the slots.
KINDS = {
    ("x",): ("self", "x = self._data", "self,", "_a = self; _da = dx; _b = None"),
    ("a", "b"): (
        "self, other: Number",
        "{other}\na = self._data\nb = right._data",
        "self, right",
        "_a = self; _da = da; _b = right; _db = db",
    ),
    ("*x",): (
        "xs: Bundle",
        "x = [v._data for v in xs]",
        "xs,",
        "_a = None; _da = (xs, dx); _b = None",
    ),
    ("*a", "*b", "c"): (
        'as_: Bundle, bs: Bundle, other: "Value | None"',
        "a = [v._data for v in as_]\nb = bs.numbers or [v._data for v in bs]\n"
        "c = 0.0 if other is None else other._data",
        "as_, bs, other",
        "_a = None; _da = (as_, da, bs, db); _b = other; _db = dc",
    ),
}


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


def assigned(name: str, text: str) -> str:
    """An assignment; a long choice takes several lines."""
    tree = ast.parse(text, mode="eval").body
    if len(name) + len(text) <= 81 or not isinstance(tree, ast.IfExp):
        return f"{name} = {text}"
    lines = ""
    while isinstance(tree, ast.IfExp):
        lines += f"{ast.unparse(tree.body)}\nif {ast.unparse(tree.test)}\nelse "
        tree = tree.orelse
    return f"{name} = (\n{indent(lines + ast.unparse(tree), '    ')}\n)"


def documented(op: Op) -> str:
    """The row as a docstring."""
    lines = wrap(f'"""{op.about}{" " * bool(op.about)}{op!r}."""', 92, break_long_words=False)
    return lines[0] if len(lines) == 1 else "\n".join([*lines[:-1], lines[-1][:-3], '"""'])


def formulas(op: Op) -> tuple[str, list[str]]:
    """The result and the partials as Python on floats."""
    pairs = zip(op.operands, op.partials, strict=True)
    return python(op, op.result, FLOATS), [python(op, text, FLOATS, name) for name, text in pairs]


def method(op: Op, name: str, result: str, partials: list[str], ending: str = BY_SLOTS) -> str:
    """A row as the function that records, from its formulas as Python; n-ary ones take bundles."""
    names, constants = [o.lstrip("*") for o in op.operands], [name for name, _ in op.constants]
    signature, numbers, values, slots = KINDS[op.operands]
    given = "".join(f"{n}, " for n in constants).rstrip(" " if len(constants) == 1 else ", ")
    derivatives = [f"d{n}" for n in names]
    blocks = {
        "row": op.name.upper(),
        "given": ", ".join(names) + "," * (len(names) == 1),
        "constants": given,
        "values": values,
        "partials": ", ".join(derivatives) + "," * (len(names) == 1),
        "note": f'result._note = ("", ({given}))' if constants else "",
        "slots": "\n".join(f"result.{slot}" for slot in slots.split("; ")),
        "tracked": str(bool(op.vocabulary)),  # its functions may hold Values
    }
    made = filled(ending, **blocks)
    blocks["partials"] = "\n".join(map(assigned, derivatives, partials))
    return filled(
        METHOD,
        name=name,
        signature=signature + "".join(f", {n}: float = {x!r}" for n, x in op.constants),
        doc=documented(op),
        numbers=numbers.format(other=OPERATOR if op.operator else NAMED.format(name=op.name)),
        floats="\n".join(f"if type({n}) is not float:\n    {n} = number({n})" for n in constants),
        result="\n".join([*prelude(op, result, *partials), assigned("y", result)]),
        answer=", ".join(["y", *derivatives]),
        ending=made,
        **blocks,
    )


def recorder(op: Op) -> Callable[..., Any]:
    """Compile a row to the function that records; one with words of its own calls its formulas."""
    words: dict[str, Any] = {**vars(modes), **vars(storage), **FLOATS.words}
    words |= {op.name.upper(): op, "RAISED": RAISED, "edge": edge, "__name__": __name__}
    result, partials = formulas(op)
    if op.vocabulary:
        names = [o.lstrip("*") for o in op.operands]
        given = ", ".join(op.words())
        derivatives = zip(names, formula.partial_formulas(op, FLOATS), strict=True)
        words |= {f"d{name}_of": partial for name, partial in derivatives}
        words["result_of"] = formula.result_formula(op, FLOATS)
        result = f"result_of({', '.join(op.names)})"
        partials = [f"d{n}_of({given})" for n in names]
    else:
        rows = functions_in(FLOATS, op.result, *op.partials)
        words |= {row.name: formula.result_formula(row, FLOATS) for row in rows}
    ending = BY_SLOTS if library is None else BY_CALL
    return formula.compiled(op.name, method(op, op.name, result, partials, ending), words)
