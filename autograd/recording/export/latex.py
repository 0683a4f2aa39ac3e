"""Programs in LaTeX: a line for each result, and of one number its derivative by each argument."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd.export.algebra import Expression, Number, Symbol
from autograd.export.latex import combined, equation, fits
from autograd.recording.graph import flat

if TYPE_CHECKING:
    from autograd.recording.program import Program

__all__ = ["printed"]


def printed(program: "Program") -> str:
    graph = program.graph
    used: dict[int, Sequence[int]] = dict.fromkeys(range(len(graph.rows)), ())
    used |= {n: flat(o) if row.nary else o for n, row, o, _ in graph.results()}
    fits(used)
    labels = [label for name, tree in program.arguments.items() for label in tree.labels(name)]
    inputs = [Symbol(label) for label in labels]
    known: dict[int, Expression] = dict(enumerate(inputs))
    known |= {node: Number(x) for node, x in graph.numbers.items()}
    for i, (node, p) in enumerate(graph.parameters.items()):
        twice = [q for q in graph.parameters.values() if q.label == p.label]
        known[node] = Symbol(p.label if len(twice) == 1 and p.label else f"p{i}")
    for node, row, operands, constants in graph.results():
        bundles = operands if row.nary else [(o,) for o in operands]
        of = [[known[o] for o in many] for many in bundles]
        known[node] = combined(row, of, [known[c] for c in constants])
    outputs, name = [known[o] for o in graph.outputs], program.name
    if len(outputs) == 1:
        lines = [equation(name, outputs[0]), *(equation(name, outputs[0], x) for x in inputs)]
    else:
        lines = [equation(f"{name}_{i}", y) for i, y in enumerate(outputs)]
    return "\\\\\n".join(lines)
