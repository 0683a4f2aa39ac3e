"""Reach: which nodes of a graph make up others, in one walk each, in C where that was built."""

from collections.abc import Iterable, Sequence
from typing import Any

from autograd.engine.table import TRUTHS
from autograd.recording.form import SUMS, NormalForm
from autograd.recording.graph import Graph, flat
from autograd.recording.native import library

__all__ = ["graded", "made_from", "used_by"]

NO_WAY = frozenset(TRUTHS.values())  # for grads: comparisons, which have no slope


def used_by(graph: Graph) -> bytearray:
    """How the outputs are made from each node: 0 not at all, 1 by one sum alone, 2 otherwise."""
    marks = bytearray(len(graph.rows))
    for o in graph.outputs:
        marks[o] = 2
    _back(graph.rows, graph.operands, graph.constants, marks)
    return marks


def graded(form: NormalForm) -> bytearray:
    """Which nodes a grad reaches: what the first output (of a body, every one) is made from, but
    for conditions and comparisons.

    The others must not be asked for partials: a grad of 0 times one of infinity would be nan."""
    marks = bytearray(len(form.rows))
    for o in form.outputs[:1] if form.around is None else form.outputs:
        marks[o] = 1
    _back(form.rows, form.operands, None, marks)
    return marks


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
