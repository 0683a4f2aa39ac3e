"""Programs as functions of a framework's arrays: the levels of the NumPy engine, and each row of
the table a function that has the table's partials."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd.engine.table import OPS, TRUTHS, Op
from autograd.recording.across import ACROSS
from autograd.recording.arrays import Formula, literal
from autograd.recording.codegen import Code
from autograd.recording.schedule import Group, Layout, Row
from autograd.recording.wish import Wish
from autograd.tree import NUMBER, Tree

if TYPE_CHECKING:
    from autograd.recording.program import Program

__all__ = ["Framework", "levels", "module"]

WHERE = OPS["where"]
GIVEN = ("erf", "erfc")  # which both frameworks have under these names
CALLED = re.compile(r"(?<![\w.])(\w+)\(")


@dataclass(frozen=True)
class Framework:
    """How a framework spells what the printed NumPy says."""

    title: str
    head: str
    prefix: str  # of its functions
    as_array: str
    as_indices: str
    renamed: Mapping[str, str] = field(default_factory=dict)  # functions of NumPy's
    definitions: Mapping[str, str] = field(default_factory=dict)  # of words, where it lacks them
    compiled: str = ""  # what is written before a function that is to be compiled
    gradient: str = ""

    def spelled(self, code: str) -> str:
        """Printed NumPy in the framework's words."""

        def word(match: re.Match[str]) -> str:
            return self.renamed.get(match[1], f"{self.prefix}.{match[1]}")

        return re.sub(r"\bnp\.(\w+)", word, code)


class _Calls(Code):
    """The levels of the NumPy engine, with rows of the table as calls."""

    ops: dict[Op, None]

    def _forward(self, v: str, group: Group) -> None:
        if not isinstance(group, Row) or group.op in ACROSS:
            super()._forward(v, group)
            return
        self.ops[group.op] = None
        names = self.names(group)
        given = ", ".join(names[name] for name in group.op.names)
        call = f"{group.op.name}_({given})"
        if group.op is WHERE:  # which may choose among what has one column
            call = self.spread(call, len(group.nodes)) if group.wide else call
        self.lines.append(f"{v} = {call}")


def module(program: "Program", framework: Framework) -> str:
    """A module with ``f`` and, where it gives one number, ``value_and_grad``."""
    title = f'"""{program.name}, for {framework.title}, as glassgrad wrote it."""\n\n'
    blocks = [*levels(program._engines.layout, framework), *_public(program, framework)]
    return title + "\n\n".join(blocks)


def levels(layout: Layout, framework: Framework) -> list[str]:
    """The function ``levels`` of arguments and parameters as columns, and what it calls."""
    tables = {"c": [[x] for x in layout.form.numbers.values()]}
    code = _Calls(layout, Wish(), tables)
    code.ops = {}
    body = framework.spelled(code.function("levels"))
    blocks = [framework.head, *_definitions(framework, code.ops, body)]
    blocks += [
        f"{name} = {framework.as_array.format(rows)}\n"
        for name, rows in tables.items()
        if re.search(rf"\b{name}\b", body) and not name.startswith("i")
    ]
    blocks += [
        f"{name} = {framework.as_indices.format(rows)}\n"
        for name, rows in tables.items()
        if name.startswith("i")
    ]
    return [*blocks, framework.compiled + body]


def _definitions(framework: Framework, ops: dict[Op, None], body: str) -> list[str]:
    """The rows and words that are called, each after those that it calls."""
    done = dict[str, str]()

    def define(code: str) -> None:
        for name in CALLED.findall(code):
            if name in done:
                continue
            if name in framework.definitions:
                done[name] = ""
                define(framework.definitions[name].partition(":")[2])
                done[name] = framework.definitions[name]
            elif name.removesuffix("_") in OPS and name.endswith("_"):
                add(OPS[name.removesuffix("_")])

    def add(op: Op) -> None:
        done[f"{op.name}_"] = ""
        text = framework.spelled(_row(op))
        define(text.partition("return")[2] + text.partition("@row")[2].partition("\ndef")[0])
        done[f"{op.name}_"] = text

    for op in ops:
        if f"{op.name}_" not in done:
            add(op)
    define(body)
    return [*done.values()]


class _Words(Formula):
    """A formula in which other rows are calls of their functions."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        found = super().visit_Call(node)
        match found:
            case ast.Call(ast.Name(name) as function) if name in OPS and name not in GIVEN:
                function.id += "_"
        return found


def _row(op: Op) -> str:
    """A row as a function, with its partials."""
    many = next((name[1:] for name in op.operands if name.startswith("*")), "")
    names = op.names
    count = len(op.operands)
    with_y = [*names[:count], "y", *names[count:]]

    def written(text: str, given: list[str]) -> str:
        tree = ast.parse(text.strip(), mode="eval").body
        return ast.unparse(_Words({name: name for name in given}, many).visit(tree))

    partials = [
        "None" if text == "0" else f"lambda {', '.join(with_y)}: {written(text, with_y)}"
        for text in op.partials
    ]
    result = written(op.result, names)
    if op in TRUTHS.values():
        result = f"({result}) * 1.0"
    head = f"@row({', '.join(partials)})\ndef {op.name}_({', '.join(names)}):\n"
    return f"{head}    return {result}\n"


def _public(program: "Program", framework: Framework) -> list[str]:
    """``f`` over batches in the shapes of the arguments, and ``value_and_grad``."""
    blocks, shared = list[str](), program._signature.shared
    names, given = [*program._engines.layout.arguments], list[str]()
    shapes = list[str]()
    for name, (argument, tree) in zip(names, program.arguments.items(), strict=True):
        array = framework.as_array.format(name)
        if argument in shared:
            given.append(f"    {name} = {array}.reshape(-1, 1)\n")
        else:
            given.append(f"    {name} = {array}.reshape(-1, {tree.size}).T\n")
        labels = ", ".join(tree.labels(name)[:8]) + ", ..." * (tree.size > 8)
        axes = "" if argument in shared else "samples"
        shape = f"({axes}{', ' * bool(axes)}{tree.size})" if tree != NUMBER else f"({axes},)"
        shapes.append(f"    {name}: an array of shape {shape}: {labels}")
    call = ", ".join(names)
    signature = call
    if parameters := [p.data for p in program.parameters]:
        numbers = ", ".join(map(literal, parameters)).replace("np.", f"{framework.prefix}.")
        blocks.append(f"parameters = {framework.as_array.format(f'[{numbers}]')}\n")
        signature += ", p=parameters"
    inner = ", ".join([*names, *["p.reshape(-1, 1)"] * bool(parameters)])
    count = next((n for n, a in zip(names, program.arguments, strict=True) if a not in shared), "")
    samples = f"{count}.shape[1]" if count else "1"
    outputs = program.result.size
    spread = f"{framework.prefix}.broadcast_to(y, ({outputs}, {samples}))"
    about = "\n".join([f"The values of {program.name} for a batch.", "", *shapes])
    blocks.append(
        f'def f({signature}):\n    """{about}\n    """\n{"".join(given)}'
        f"    y = levels({inner})\n    y = {spread}\n    return {_answer(program.result)}\n"
    )
    if program.result == NUMBER and names:
        arguments = ", ".join([call, *["p"] * bool(parameters)])
        gradient = framework.gradient.format(
            names=call, call=arguments, comma="," * (len(names) == 1)
        )
        blocks.append(
            f"def value_and_grad({signature}):\n"
            f'    """The values, and the gradient of each by the arguments."""\n{gradient}'
        )
    return blocks


def _answer(tree: Tree) -> str:
    """The rows of y in the structure of a result."""
    rows = iter(range(tree.size))

    def built(tree: Tree) -> str:
        if tree.kind is None and not tree.shape:
            return f"y[{next(rows)}]"
        if tree.kind is None:
            first = next(rows)
            for _ in range(tree.size - 1):
                next(rows)
            return (
                f"y[{first}:{first + tree.size}].T.reshape(-1, {', '.join(map(str, tree.shape))})"
            )
        items = [built(entry) for entry in tree.entries]
        if tree.kind is dict:
            pairs = zip(tree.keys, items, strict=True)
            return "{" + ", ".join(f"{key!r}: {item}" for key, item in pairs) + "}"
        inside = ", ".join(items)
        return f"[{inside}]" if tree.kind is list else f"({inside},)"

    return built(tree)
