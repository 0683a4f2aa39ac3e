"""Programs as functions of a framework's arrays: the levels of the NumPy engine, and each row of
the table a function that has the table's partials."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from math import prod

from autograd.engine.table import OPS, TRUTHS, Op
from autograd.recording.arrays import Formula, literal, literals
from autograd.recording.export.language import arranged, labels
from autograd.recording.export.steps import Calls
from autograd.recording.program import Program
from autograd.recording.schedule import Layout
from autograd.tree import NUMBER, Tree

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


def module(program: Program, framework: Framework) -> str:
    """A module with ``f`` and, where it gives one number, ``value_and_grad``."""
    title = f'"""{program.name}, for {framework.title}, as glassgrad wrote it."""\n\n'
    blocks = [*levels(program._engines.layout, framework), *_public(program, framework)]
    return title + "\n\n".join(blocks)


def levels(layout: Layout, framework: Framework) -> list[str]:
    """The function ``levels`` of arguments and parameters as columns, and what it calls."""
    code = Calls(layout, {"c": [[x] for x in layout.form.numbers.values()]})
    body = framework.spelled(code.function("levels"))
    steps = [*map(framework.spelled, code.steps)]
    whole = "\n".join([*steps, body])
    blocks = [framework.head, *_definitions(framework, whole)]
    for name, rows in code.tables.items():
        form = framework.as_indices if name[0] == "i" else framework.as_array
        if re.search(rf"\b{name}\b", whole):
            blocks.append(f"{name} = {form.format(framework.spelled(literals(rows)))}\n")
    return [*blocks, *steps, framework.compiled + body]


def _definitions(framework: Framework, code: str) -> list[str]:
    """The rows and words that code calls, each after those that it calls itself."""
    every = (*OPS.values(), *TRUTHS.values())
    known = {f"{op.name}_": framework.spelled(_row(op)) for op in every}
    known |= framework.definitions
    done = list[str]()

    def define(code: str) -> None:
        for name in CALLED.findall(code):
            if text := known.pop(name, ""):
                define(text)
                done.append(text)

    define(code)
    return done


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
    names, with_y = op.names, op.words()

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


def _public(program: Program, framework: Framework) -> list[str]:
    """``f`` over batches in the shapes of the arguments, and ``value_and_grad``."""
    blocks, shared = list[str](), program._signature.shared
    names, given = [*program._engines.layout.arguments], list[str]()
    shapes = list[str]()
    for name, (argument, tree) in zip(names, program.arguments.items(), strict=True):
        array = framework.as_array.format(name)
        if argument in shared:
            given.append(f"    {name} = {array}.reshape(-1, 1)\n")
        else:
            count = "-1" if tree.size else f"len({name})"  # an empty array says no other number
            given.append(f"    {name} = {array}.reshape({count}, {tree.size}).T\n")
        axes = "" if argument in shared else "samples"
        shape = f"({axes}{', ' * bool(axes)}{tree.size})" if tree != NUMBER else f"({axes},)"
        shapes.append(f"    {name}: an array of shape {shape}: {labels(name, tree)}")
    call = ", ".join(names)
    signature = call
    if parameters := [p.data for p in program.parameters]:
        numbers = ", ".join(map(literal, parameters)).replace("np.", f"{framework.prefix}.")
        blocks.append(f"parameters = {framework.as_array.format(f'[{numbers}]')}\n")
        signature += ", p=parameters"
    inner = ", ".join([*names, *["p.reshape(-1, 1)"] * bool(parameters)])
    own = [pair for pair in zip(names, program.arguments, strict=True) if pair[1] not in shared]
    first, _ = max(own, key=lambda pair: program.arguments[pair[1]].size > 0, default=("", ""))
    samples = f"{first}.shape[1]" if first else "1"
    outputs = program.result.size
    spread = f"{framework.prefix}.broadcast_to(v0, ({outputs}, {samples}))"
    about = "\n".join([f"The values of {program.name} for a batch.", "", *shapes])
    blocks.append(
        f'def f({signature}):\n    """{about}\n    """\n{"".join(given)}'
        f"    v0 = levels({inner})\n    v1 = {spread}\n    return {_answer(program.result)}\n"
    )
    if program.result == NUMBER and names:
        arguments = ", ".join([call, *["p"] * bool(parameters)])
        comma = "," * (len(names) == 1)
        gradient = framework.gradient.format(names=call, call=arguments, comma=comma)
        blocks.append(
            f"def value_and_grad({signature}):\n"
            f'    """The values, and the gradient of each by the arguments."""\n{gradient}'
        )
    return blocks


def _answer(tree: Tree) -> str:
    """The rows of v1 in the structure of a result."""
    rows = count()

    def columns(shape: tuple[int, ...]) -> str:
        places = [next(rows) for _ in range(prod(shape))]
        if not shape:
            return f"v1[{places[0]}]"
        end = ", ".join(map(str, shape))
        if not places:
            return f"v1[:0].T.reshape(v1.shape[1], {end})"
        return f"v1[{places[0]}:{places[-1] + 1}].T.reshape(-1, {end})"

    return arranged(tree, columns)
