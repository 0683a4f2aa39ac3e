"""Programs in LaTeX: a line for each result, and of one number its derivative by each argument."""

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.engine.errors import GraphError
from autograd.export.algebra import Expression, Number, Symbol
from autograd.export.latex import combined, equation, need_few
from autograd.recording.across import ACROSS
from autograd.recording.graph import Graph, Loop, Part
from autograd.recording.program import Program

Known = tuple[Expression, int]  # and of how many terms it is


def printed(program: Program) -> str:
    parameters = program.graph.parameters
    labels = [label for name, tree in program.arguments.items() for label in tree.labels(name)]
    inputs, known = [*map(Symbol, labels)], dict[int, Known]()
    for i, (node, p) in enumerate(parameters.items()):
        twice = [q for q in parameters.values() if q.label == p.label]
        known[node] = Symbol(p.label if len(twice) == 1 and p.label else f"p{i}"), 1
    found = _outputs(program.graph, [(x, 1) for x in inputs], known)
    outputs, name = [y for y, _ in found], program.name
    if len(outputs) == 1:
        lines = [equation(name, outputs[0]), *(equation(name, outputs[0], x) for x in inputs)]
    else:
        lines = [equation(f"{name}_{i}", y) for i, y in enumerate(outputs)]
    return "\\\\\n".join(lines)


def _outputs(graph: Graph, given: Sequence[Known], closed: Mapping[int, Known]) -> list[Known]:
    """Those of a graph; what it calls is written out."""
    numbers = {node: (Number(x), 1) for node, x in graph.numbers.items()}
    known: dict[int, Any] = {**dict(enumerate(given)), **closed, **numbers}
    for node, row, operands, constants in graph.results():
        if isinstance(row, Part):
            known[node] = known[operands[0][0]][row.index]
        elif isinstance(row, Loop):
            if row.states:
                needed = f"export to latex needs formulas, got {row.name}, which repeats one"
                raise GraphError(f"{needed}: write a few steps out, as for i in range(3): ...")
            entries, captured = row.entries([known[o] for o in operands[0]])
            known[node] = _outputs(row.body, next(entries), captured)
        elif row in ACROSS:
            raise GraphError(f"export to latex goes by samples, and has no {row.name}")
        else:
            bundles = operands if row.nary else [(o,) for o in operands]
            need_few(terms := 1 + sum(known[o][1] for many in bundles for o in many))
            of = [[known[o][0] for o in many] for many in bundles]
            known[node] = combined(row, of, [known[c][0] for c in constants]), terms
    return [known[o] for o in graph.outputs]
