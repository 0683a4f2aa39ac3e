"""The interpreter in C: the normal form as an array of integers, which it runs through in blocks
of samples."""

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import chain
from typing import Any

import numpy as np

from autograd.recording.batch import Array, Samples
from autograd.recording.graph import flat
from autograd.recording.native import KINDS, library
from autograd.recording.simplify import DOT, NormalForm, graded
from autograd.recording.wish import Wish

__all__ = ["NativeInterpreter"]

# Sums with the same factors are computed together, so many: then what is read serves them all.
TOGETHER, KIND_TOGETHER = 4, len(KINDS)


class NativeInterpreter:
    """The instructions, as ``block.h`` reads them.

    That of a row is its kind, its result and its operands (of an n-ary row, their number first);
    that of sums is described at ``DOTS``."""

    def __init__(self, form: NormalForm, leaves: Sequence[int]) -> None:
        self.form, self.graded = form, graded(form)
        narrow = [*form.numbers, *leaves, *form.narrow]
        self.narrow = {node: i for i, node in enumerate(narrow)}
        self.wide = {node: i for i, node in enumerate((*range(form.inputs), *form.wide))}
        self.lifted: dict[int, int] = {}  # rows of narrow nodes that are spread over the samples
        self.code: list[int] = []
        self.inner = self._starts([[node] for node in form.narrow], wide=False)
        self.outer = self._starts(self._grouped(form.wide), wide=True)
        outputs = [self._row(o) for o in form.outputs]
        lifted = [o for node, row in self.lifted.items() for o in (row, self.narrow[node])]
        parts: tuple[Sized, ...] = self.inner, self.outer, self.lifted, outputs
        plan = [*map(len, parts), *self.inner, *self.outer, *lifted, *outputs, *self.code]
        self.plan = np.array(plan, dtype=np.uint32)
        self.backs: dict[Wish, Array] = {}
        start = np.zeros(len(narrow))
        start[: len(form.numbers)] = list(form.numbers.values())
        height = len(self.wide) + len(self.lifted)
        self.runner = library.Runner(self.plan, start, form.inputs, height, len(form.numbers))

    def _row(self, node: int) -> int:
        """The row of samples of a node, which a narrow one may get too."""
        if node in self.wide:
            return self.wide[node]
        return self.lifted.setdefault(node, len(self.wide) + len(self.lifted))

    def _starts(self, groups: Iterable[list[int]], *, wide: bool) -> dict[int, list[int]]:
        """Where each instruction begins, and of which nodes it is."""
        starts = {}
        for group in groups:
            starts[len(self.code)] = group
            self.code += self._instruction(group, wide)
        return starts

    def back(self, wish: Wish) -> Array:
        """The instructions that lead to what is wanted, each with what it leaves out."""
        if wish not in self.backs:
            active, narrow = wish.active(self.form), self.narrow
            inner, outer = self._active(self.inner, active), self._active(self.outer, active)
            lifted = [(row, narrow[node]) for node, row in self.lifted.items() if active[node]]
            pairs = [*inner, *outer, *lifted]
            sizes = len(inner), len(outer), len(lifted), len(wish.inputs), len(wish.narrow)
            back = [*sizes, *chain.from_iterable(pairs), *map(narrow.__getitem__, wish.narrow)]
            self.backs[wish] = np.array(back, dtype=np.uint32)
        return self.backs[wish]

    def _active(self, starts: dict[int, list[int]], active: bytearray) -> list[tuple[int, int]]:
        """Where each instruction begins that leads to what is wanted, and a bit for each of its
        operands that does not."""
        form, pairs = self.form, list[tuple[int, int]]()
        for start, group in starts.items():
            if not any(map(active.__getitem__, group)):
                continue
            row, operands = form.rows[group[0]], form.operands[group[0]]
            assert row is not None
            parts: list[Any] = []
            if row is DOT:
                mixed, (us, vs, _) = form.mixed.get(group[0], 0), operands
                narrow = [u for node in group for u in form.operands[node][0][:mixed]]
                biases = [c for node in group for c in form.operands[node][2]]
                parts = [narrow, vs[:mixed], us[mixed:], vs[mixed:], biases]
            elif not row.nary:
                parts = [(o,) for o in operands]
            skip = 0
            for place, nodes in enumerate(parts):
                skip |= (not any(map(active.__getitem__, nodes))) << place
            pairs.append((start, skip))
        return pairs

    def _grouped(self, nodes: list[int]) -> Iterator[list[int]]:
        """Each node alone, but sums of the same wide factors together, where the first one is."""
        mixed, alike = self.form.mixed, dict[Any, list[int]]()
        for node in nodes:
            key: Any = node
            if mixed.get(node, 0) > 1 and mixed[node] == len(self.form.operands[node][1]):
                key = self.form.operands[node][1], self.graded[node]
            alike.setdefault(key, []).append(node)
        for many in alike.values():
            whole = len(many) // TOGETHER * TOGETHER
            yield from (many[i : i + TOGETHER] for i in range(0, whole, TOGETHER))
            yield from ([node] for node in many[whole:])

    def _instruction(self, group: list[int], wide: bool) -> list[int]:
        form, narrow = self.form, self.narrow
        slots, row_of = (self.wide, self._row) if wide else (narrow, narrow.__getitem__)
        node = group[0]
        row, operands, constants = form.rows[node], form.operands[node], form.constants[node]
        assert row is not None
        if row is not DOT:
            used = [row_of(o) for o in (*flat(operands), *constants)]
            return [KINDS[row], slots[node], *([len(used)] * row.nary), *used]
        vs, mixed = operands[1], form.mixed.get(node, 0)
        sums = [form.operands[o] for o in group]
        code = [KINDS[DOT] if len(group) == 1 else KIND_TOGETHER, mixed, len(vs) - mixed]
        code += [slots[o] for o in group]
        code += [narrow[c[0]] + 1 if c else 0 for _, _, c in sums]
        code += [slots[v] for v in vs[:mixed]]
        code += [narrow[us[k]] for k in range(mixed) for us, _, _ in sums]
        for pair in zip(operands[0][mixed:], vs[mixed:], strict=True):
            code += map(row_of, pair)
        return code

    def run(
        self, samples: Samples, p: Any, wish: Wish, seed: float
    ) -> tuple[bool, Array, list[Any], Array]:
        """Whether all numbers are finite, the values of the outputs, and the grads: of each piece
        that is wanted, and a number for each narrow leaf."""
        values = np.empty((len(self.form.outputs), samples.count))
        dx, dp = samples.empty_parts(wish.arguments), np.empty(len(wish.narrow))
        numbers = samples.count, seed
        finite = self.runner.run(samples.spread(), p, self.back(wish), values, dx, dp, *numbers)
        return finite, values, dx, dp
