"""The interpreter in C: the normal form as an array of integers, which it runs through in blocks
of samples."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np

from autograd.recording.batch import Array
from autograd.recording.graph import flat
from autograd.recording.native import KINDS, library
from autograd.recording.simplify import DOT, NormalForm, graded

__all__ = ["NativeInterpreter"]

# Sums with the same factors are computed together, so many: then what is read serves them all.
TOGETHER, KIND_TOGETHER = 4, len(KINDS)
# Samples that are computed together: whole vectors, and no more than stay in the cache with what
# they need; a block's numbers and grads stay below so many floats each.
LANES, SAMPLES, BLOCK = 8, 120, 1 << 20
WANTED = {"": 0, "arguments": 1, "parameters": 2}


class NativeInterpreter:
    """The instructions, as ``block.h`` reads them.

    That of a row is its kind, its result and its operands (of an n-ary row, their number first);
    that of sums is described at ``DOTS``."""

    def __init__(self, form: NormalForm, parameters: Sequence[int]) -> None:
        self.form, self.graded = form, graded(form)
        narrow = [*form.numbers, *parameters, *form.narrow]
        self.narrow = {node: i for i, node in enumerate(narrow)}
        self.wide = {node: i for i, node in enumerate((*range(form.inputs), *form.wide))}
        self.lifted: dict[int, int] = {}  # rows of narrow nodes that are spread over the samples
        self.code: list[int] = []
        inner, outer = self._starts(form.narrow, wide=False), self._starts(form.wide, wide=True)
        outputs = [self._row(o) for o in form.outputs]
        lifted = [o for node, row in self.lifted.items() for o in (row, self.narrow[node])]
        sizes = [*map(len, (*inner, *outer, self.lifted, outputs)), 0, 0]
        plan = [*sizes, *inner[0], *inner[1], *outer[0], *outer[1], *lifted, *outputs, *self.code]
        self.plan = np.array(plan, dtype=np.uint32)
        self.start = np.zeros(len(narrow))
        self.start[: len(form.numbers)] = list(form.numbers.values())
        self.parameters = slice(len(form.numbers), len(form.numbers) + len(parameters))
        self.height = len(self.wide) + len(self.lifted)
        self.memory: dict[int, Array] = {}  # by size, of a call that is over

    def _row(self, node: int) -> int:
        """The row of samples of a node, which a narrow one may get too."""
        if node in self.wide:
            return self.wide[node]
        return self.lifted.setdefault(node, len(self.wide) + len(self.lifted))

    def _starts(self, nodes: list[int], *, wide: bool) -> tuple[list[int], list[int]]:
        """Where each instruction begins, and where those do that pass a grad on."""
        starts, back = list[int](), list[int]()
        for group in self._grouped(nodes) if wide else ([node] for node in nodes):
            starts.append(len(self.code))
            if self.graded[group[0]]:
                back.append(len(self.code))
            self.code += self._instruction(group, wide)
        return starts, back

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
        leaves = max(vs[:mixed], default=0) < form.inputs
        sums = [form.operands[o] for o in group]
        code = [KINDS[DOT] if len(group) == 1 else KIND_TOGETHER, mixed, len(vs) - mixed, leaves]
        code += [slots[o] for o in group]
        code += [narrow[c[0]] + 1 if c else 0 for _, _, c in sums]
        code += [slots[v] for v in vs[:mixed]]
        code += [narrow[us[k]] for k in range(mixed) for us, _, _ in sums]
        for pair in zip(operands[0][mixed:], vs[mixed:], strict=True):
            code += map(row_of, pair)
        return code

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Array | None]:
        """Whether all numbers are finite, the values of the outputs, and the grads of the arguments
        or of p."""
        samples, want = x.shape[1], WANTED[wrt]
        most = max(LANES, min(SAMPLES, BLOCK // self.height))
        # Blocks of one size: a small last one would cost as much.
        width = ceil(samples / ceil(samples / most))
        if samples > 1:  # an odd number of cache lines, so that rows do not push one another out
            width = ceil((width - LANES) / (2 * LANES)) * 2 * LANES + LANES
        size = (2 * self.height + 1) * width + LANES
        memory = self.memory.pop(size, None)  # no other thread gets it
        if memory is None:
            memory = np.empty(size)
        s, values = self.start.copy(), np.empty((len(self.form.outputs), samples))
        s[self.parameters] = p
        gs, dx = np.zeros(len(s) if want == 2 else 0), np.empty(x.shape if want == 1 else (0, 0))
        arrays = self.plan, np.ascontiguousarray(x), values, s, gs, dx, memory
        finite = library.run(*arrays, width, want, seed)
        self.memory = {size: memory}
        return finite, values, dx if want == 1 else gs[self.parameters] if want else None
