"""Runs: instructions that are alike and follow one another, each with its result and its operands a
row behind those of the one before. Of one sample the interpreter in C computes them as vectors, by
the first of them: each number by the same operations, and each grad by the same sum."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from autograd.recording.batch import Array
from autograd.recording.form import DOT, NormalForm
from autograd.recording.graph import Loop, Part, flat
from autograd.recording.native import KINDS

Words: TypeAlias = "array[int]"

__all__ = ["KIND_RUN", "LANES", "NOTHING", "Run", "Starts", "Words", "ordered", "runs"]

KIND_RUN = len(KINDS) + 3
LANES, MOST = 8, 16  # a run has at least so many, each with at most so many operands
MOST_PLACES = 24  # of the pattern that repeats for each number of a list
NOTHING = 1 << 62  # the bits of an instruction that leads to nothing that is wanted
NO_PARAMETERS = 1 | 16  # the bits of a sum no weight or bias of which has a grad


@dataclass(frozen=True)
class Run:
    """Of the instructions of a frame the first, and how many; whether the reverse pass may be
    computed by vectors too, which must not add to a row in another order; and whether of sums."""

    first: int
    count: int
    is_reversible: bool
    is_sum: bool


class Starts:
    """Where instructions begin, and of which nodes each is; and the runs among them, by where each
    begins."""

    def __init__(self) -> None:
        self.where = bytearray()
        self.groups: list[Any] = []
        self.runs: dict[int, Run] = {}

    @property
    def at(self) -> Words:
        """Where each begins."""
        return array("I", self.where)

    @property
    def forward(self) -> Words:
        """Where each begins, those of a run as one."""
        found, end, at = array("I"), 0, self.at
        if not self.runs:
            return at
        for start, run in self.runs.items():
            found += at[end : run.first]
            found.append(start)
            end = run.first + run.count
        return found + at[end:]

    def reverse(self, skips: Words) -> Words:
        """Of each that leads to what is wanted where it begins, and bits for what does not, which
        are NOTHING for the others; those of a run as one where they are alike."""
        at, skips = self.at, skips[:]
        for start, run in self.runs.items():
            every = slice(run.first, run.first + run.count)
            own, skip = skips[every], skips[run.first]
            if not run.is_reversible or skip == NOTHING or own.count(skip) < run.count:
                continue
            if run.is_sum and ~skip & NO_PARAMETERS:  # whose grads are sums over the samples
                continue
            skips[every] = array("q", [skip]) + array("q", [NOTHING]) * (run.count - 1)
            at[run.first] = start
        pairs = zip(at, skips, strict=True)
        return array("i", [x for pair in pairs if pair[1] != NOTHING for x in pair])


@dataclass(frozen=True)
class Layout:
    """Of a kind of instruction: which of its places hold rows, that of the result first, and how
    many of these, the last ones, hold constants; whether its operands take turns in the reverse
    pass; whether it is a sum of products."""

    places: Sequence[int]
    constants: int = 0
    takes_turns: bool = False
    is_sum: bool = False


ROWS = [*KINDS]


@cache
def _layout(kind: int, mixed: int, pairs: int, size: int) -> Layout | None:
    """The layout of instructions of so many numbers; None of what is never in a run."""
    if kind == KINDS[DOT]:
        xs, first = range(5, 5 + mixed), 5 + 2 * mixed
        return Layout([3, *xs, *range(first, first + 2 * pairs)], 0, pairs > 0, True)
    if kind >= len(KINDS):
        return None
    if ROWS[kind].nary:
        return Layout([1, *range(4, size)], 0, True)
    return Layout(range(1, size), len(ROWS[kind].constants))


def runs(code: Array, at: Sequence[int], before: int = 0) -> Iterator[Run]:
    """The runs among the instructions that begin at these places, so many after others."""
    if len(at) < LANES:
        return
    starts = np.array([*at, len(code)])
    kinds, sizes = code[starts[:-1]], np.diff(starts)
    heads = [code[starts[:-1] + i] * (kinds == KINDS[DOT]) for i in (1, 2)]  # how many products
    facts = np.array([kinds, sizes, *heads])
    edges = [0, *(np.flatnonzero((np.diff(facts) != 0).any(0)) + 1).tolist(), len(at)]
    for first, end in [(a, b) for a, b in pairwise(edges) if b - a >= LANES]:
        kind, size, *head = facts[:, first].tolist()
        layout = _layout(kind, *head, size)
        if layout is not None and len(layout.places) <= MOST:
            table = code[at[first] : at[first] + size * (end - first)].reshape(-1, size)
            yield from _among(table, layout, before + first)


def _among(table: Array, layout: Layout, first: int) -> Iterator[Run]:
    """The runs among instructions of one layout, a row each."""
    places = [*layout.places]
    moving = np.zeros(table.shape[1], dtype=int)
    moving[places] = 1
    breaks = (np.flatnonzero((np.diff(table, axis=0) != moving).any(1)) + 1).tolist()
    for start, end in zip([0, *breaks], [*breaks, len(table)], strict=True):
        result, *rows = table[start, places].tolist()
        # No result may be an operand in the same run.
        count = min([end - start, *(abs(result - row) for row in rows)])
        if count < LANES:
            continue
        graded = rows[: len(rows) - layout.constants]
        pairs = [(a, b) for i, b in enumerate(graded) for a in graded[:i] if a != b]
        apart = (abs(a - b) >= count or (a < b and not layout.takes_turns) for a, b in pairs)
        is_reversible = all(apart)
        for at in range(first + start, first + end - count + 1, count):
            yield Run(at, count, is_reversible, layout.is_sum)


def ordered(form: NormalForm) -> list[int]:
    """The wide results in an order that makes runs: where the same few rows come again and again,
    as for each number of a list, all that have the same place among them follow one another."""
    nodes, kinds = [*form.wide], dict[Any, int]()
    alike = np.array([kinds.setdefault(_pattern(form, node), len(kinds)) for node in nodes])
    is_done = np.zeros(len(nodes), dtype=bool)
    for places in range(1, min(MOST_PLACES, len(nodes) // LANES) + 1):
        again = np.concatenate([[False], alike[places:] == alike[:-places], [False]])
        edges = np.flatnonzero(np.diff(again)).reshape(-1, 2)
        for start, end in edges[edges[:, 1] - edges[:, 0] >= (LANES - 1) * places].tolist():
            end += places
            if places == 1:  # in order already
                is_done[start:end] = True
                continue
            for first in range(start, start + places):
                one = slice(first, end - (end - first) % places)
                found = None if is_done[one].any() else _by_place(form, nodes[one], places)
                if found is not None:
                    nodes[one] = found
                    is_done[one] = True
                    break
    return nodes


def _pattern(form: NormalForm, node: int) -> Any:
    row = form.rows[node]
    if isinstance(row, (Loop, Part)):
        return node
    return row, form.mixed.get(node, 0), len(flat(form.operands[node]))


def _by_place(form: NormalForm, nodes: list[int], places: int) -> list[int] | None:
    """Results by their places in a pattern that repeats; None if a repetition needs another one, or
    a grad would be added up in another order."""
    turn = {node: i // places for i, node in enumerate(nodes)}
    latest = dict[int, int]()  # in the order of the reverse pass, by operand the place of its user
    for i in range(len(nodes) - 1, -1, -1):
        now, place = divmod(i, places)
        operands = flat(form.operands[nodes[i]])
        if any(turn.get(o, now) != now for o in (*operands, *form.constants[nodes[i]])):
            return None
        for o in operands:
            if latest.get(o, place) < place and o not in form.numbers:
                return None
            latest[o] = place
    return [nodes[i] for place in range(places) for i in range(place, len(nodes), places)]
