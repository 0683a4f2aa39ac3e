"""A program inside an eager derivative: each of its results is one node, and its partials are those
of one more program, which is made once from the rows' partials.

>>> from autograd import grad, record, sin
>>> def waves(x):
...     for _ in range(20):
...         x = sin(x) * 1.1
...     return x
>>> program = record(waves, 1.0)
>>> slopes = [grad(grad(lambda x: f(x) ** 2))(0.5) for f in (program, waves)]
>>> abs(slopes[0] - slopes[1]) < 1e-12
True
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.engine.modes import is_differentiating, tracing
from autograd.engine.storage import record
from autograd.engine.table import Op
from autograd.engine.value import Value, bundle, lifted
from autograd.recording.bodies import called
from autograd.recording.graph import Graph, Loop

if TYPE_CHECKING:
    from autograd.recording.program import Program

# Fewer operations are done again on Values in less time. The partials of results by inputs take as
# many sweeps as there are of whichever are fewer; where these are many, only some may be needed.
FROM, MOST = 24, 3


@dataclass(frozen=True, eq=False)
class Node(Op):
    """The row of a result of a program."""

    program: Any = field(default=None, repr=False)
    index: int = 0

    def on_values(self, operands: list[Value], _: Value) -> list[Any]:
        """Its partials, to be differentiated themselves."""
        derived, entries = self.program.derived
        found = dict(zip(entries, results(derived, operands), strict=False))
        return [found.get((self.index, i), 0.0) for i in range(len(operands))]


def results(program: "Program", given: Sequence[Any]) -> list[Value]:
    """What a program gives on Values, its outputs one after the other."""
    graph, inside = program.graph, is_differentiating() is not None and tracing() is None
    if inside and not program.parameters and _is_large(graph):
        (derived, entries), given = program.derived, [lifted(x) for x in given]
        numbers: Any = derived([v._data for v in given])
        if not derived.spoiled:
            by, together = dict(zip(entries, numbers, strict=False)), bundle(given)
            facts, made = (program.name, ("*x",), "f(x)", ("df(x)",)), list[Value]()
            for k, y in enumerate(numbers[len(entries) :]):
                row = Node(*facts, program=program, index=k)
                partials = [by.get((k, i), 0.0) for i in range(len(given))]
                made.append(record(row, y, (together,), (partials,), ()))
            return made
        derived.spoiled = False  # of nan and inf the eager engine speaks
    return called(program.name, graph, given)


def _is_large(graph: Graph) -> bool:
    loops = any(isinstance(row, Loop) for row in graph.rows)
    fewer = graph.inputs if loops else min(graph.inputs, len(graph.outputs))
    return 0 < fewer <= MOST and (loops or sum(row is not None for row in graph.rows) >= FROM)
