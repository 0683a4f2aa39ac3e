"""Reach: which nodes of a graph make up others, in one walk each, in C where that was built."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from autograd.engine.table import TRUTHS
from autograd.recording.form import SUMS, NormalForm
from autograd.recording.graph import Graph, Loop, flat
from autograd.recording.native import library

T = TypeVar("T")

__all__ = ["Back", "graded", "graded_parts", "made_from", "steps_back", "used_by"]

NO_WAY = frozenset(TRUTHS.values())  # for grads: comparisons, which have no slope
MOST_STEPS = 8  # of a loop, from the last one back, that are told apart


def used_by(graph: Graph) -> bytearray:
    """How the outputs are made from each node: 0 not at all, 1 by one sum alone, 2 otherwise."""
    marks = bytearray(len(graph.rows))
    for o in graph.outputs:
        marks[o] = 2
    _back(graph.rows, graph.operands, graph.constants, marks)
    return marks


def graded(form: NormalForm, outputs: Sequence[int] | None = None) -> bytearray:
    """Which nodes a grad reaches: what these outputs are made from (if not given the first, of a
    body every one), but for conditions and comparisons.

    The others must not be asked for partials: a grad of 0 times one of infinity would be nan."""
    marks = bytearray(len(form.rows))
    if outputs is None:
        outputs = form.outputs[:1] if form.around is None else form.outputs
    for o in outputs:
        marks[o] = 1
    operands = form.operands
    if form.bodies:
        operands = [() if node in form.bodies else own for node, own in enumerate(operands)]
    _back(form.rows, operands, None, marks)
    for node in reversed([*form.bodies]):
        if marks[node]:
            for o in _before(form, node, marks):
                marks[o] = 1
            _back(form.rows, operands, None, marks)
    return marks


def _before(form: NormalForm, node: int, marks: bytearray) -> Iterable[int]:
    """The operands of a loop that grads reach through it."""
    loop: Any = form.rows[node]
    own, body, k, m = form.operands[node][0], form.bodies[node], loop.states, loop.elements
    parts = graded_parts(form, node, marks)
    back = steps_back(body, loop, parts)
    for e in range(loop.steps or 0) if m else ():
        t = loop.steps - 1 - e
        yield from (own[k + m * t + j] for j in range(m) if back.at(e)[k + j])
    yield from (o for i, o in body.outer.items() if any(step[i] for step in back.steps))
    ends = back.steps if loop.steps is None else [back.at(loop.steps - 1)]
    yield from (own[i] for i in range(k) if any(step[i] for step in ends))
    if loop.steps is None:
        yield from (own[i] for i in parts if i < k)


def graded_parts(form: NormalForm, node: int, marks: bytearray) -> frozenset[int]:
    """The results of a loop that grads reach."""
    return frozenset([i for i, part in form.parts[node].items() if marks[part]])


class Back(NamedTuple, Generic[T]):
    """Something about the last step of a loop, about the one before, and so on: after the last of
    these it is as of an earlier one again."""

    steps: list[T]
    again: int

    def at(self, e: int) -> T:
        """That of the step that so many come after."""
        count = len(self.steps)
        return self.steps[e if e < count else self.again + (e - self.again) % (count - self.again)]


def steps_back(body: NormalForm, loop: Loop, parts: frozenset[int]) -> Back[bytearray]:
    """Which nodes of its body grads of these results of a loop reach, step by step; where too many
    steps differ, earlier ones have what any of them would reach."""
    found, known, wanted = list[bytearray](), dict[frozenset[int], int](), parts
    most = min(loop.steps or MOST_STEPS, MOST_STEPS)
    while wanted not in known and len(found) < most:
        known[wanted] = len(found)
        found.append(graded(body, [body.outputs[i] for i in wanted]))
        wanted = frozenset([i for i in range(loop.states) if found[-1][i]])
    if wanted not in known and most != loop.steps:
        found[-1] = graded(body, body.outputs[: loop.states])
    return Back(found, known.get(wanted, most - 1))


def made_from(form: Graph, nodes: Iterable[int]) -> bytearray:
    """Which nodes are made from these, but for conditions and comparisons, or are among them."""
    marks = bytearray(len(form.rows))
    for node in nodes:
        marks[node] = 1
    _forth(form.rows, form.operands, marks)
    return marks


def _back_in_python(
    rows: Sequence[Any], operands: Sequence[Any], constants: Sequence[Any] | None, marks: bytearray
) -> None:
    """Mark what marked nodes are made from: with 1, but by comparisons; or given constants, with 2
    if not by one sum alone."""
    counts = constants is not None
    for node in range(len(marks) - 1, -1, -1):
        row = rows[node]
        if row is None or not marks[node] or (not counts and row in NO_WAY):
            continue
        way = 2 if counts and row not in SUMS else 1
        for o in flat(operands[node]):
            marks[o] = 2 if counts and marks[o] else way
        for o in constants[node] if constants else ():
            marks[o] = 2


def _forth_in_python(rows: Sequence[Any], operands: Sequence[Any], marks: bytearray) -> None:
    """Mark what is made from marked nodes, but by comparisons."""
    for node, row in enumerate(rows):
        if row is not None and any(map(marks.__getitem__, flat(operands[node]))):
            marks[node] |= row not in NO_WAY


_back: Any = _back_in_python if library is None else library.back
_forth: Any = _forth_in_python if library is None else library.forth
