"""Tapes: the normal form as a list of instructions, run one after the other, for graphs that are
deep and narrow.

With numba a compiled interpreter goes through it in blocks of samples; without, Python does, on
floats for one sample and on arrays for several."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from autograd.engine.formula import EDGE, partial_formulas, result_formula
from autograd.engine.table import Op
from autograd.recording.arguments import Array
from autograd.recording.arrays import on_arrays
from autograd.recording.native_cache import kernel
from autograd.recording.simplify import DOT, Folded, flat, graded

__all__ = ["NativeTape", "PythonTape", "rows_of"]

# Samples that are computed together, at the most: what they need stays in the cache.
LANES = 128
# A block's numbers and grads stay below this many floats each.
BLOCK = 1 << 20
WANTED = {"": 0, "arguments": 1, "parameters": 2}


def rows_of(folded: Folded) -> frozenset[Op]:
    """The rows that a kernel for the tape needs, besides sums."""
    rows = {
        row for node in (*folded.narrow, *folded.wide) if (row := folded.rows[node]) is not None
    }
    return frozenset(rows - {DOT})


class NativeTape:
    """The instructions as one array of integers, for the interpreter that numba compiles.

    An instruction is its kind, its result and its operands: of a sum the number of products with a
    narrow factor, of others, 0 or c + 1, whether the former are products with inputs only, and the
    factors."""

    def __init__(self, folded: Folded, parameters: Sequence[int]) -> None:
        self.run_native = kernel(rows_of(folded))
        self.kinds = {row: kind for kind, row in enumerate(self.run_native.rows, 1)}
        self.folded, self.graded = folded, graded(folded)
        narrow = [*folded.numbers, *parameters, *folded.narrow]
        self.narrow = {node: i for i, node in enumerate(narrow)}
        self.slots = {node: i for i, node in enumerate((*range(folded.inputs), *folded.wide))}
        self.lifted: dict[int, int] = {}
        self.inner = self._code(folded.narrow, self.narrow, wide=False)
        self.outer = self._code(folded.wide, self.slots, wide=True)
        self.outputs = np.array([self._slot(o) for o in folded.outputs], dtype=np.uint64)
        pairs = [(slot, self.narrow[node]) for node, slot in self.lifted.items()]
        self.pairs = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
        self.first = len(folded.numbers)
        self.start = np.zeros(len(narrow))
        self.start[: self.first] = list(folded.numbers.values())
        self.height = len(self.slots) + len(self.lifted)
        self.memory: dict[int, tuple[Array, Array]] = {}

    def _slot(self, node: int) -> int:
        """The row of a node among the wide ones; a narrow node gets one too, if it must be spread
        over the samples.
        """
        slot = self.slots.get(node)
        if slot is None:
            slot = self.lifted.get(node)
            if slot is None:
                slot = self.lifted[node] = len(self.slots) + len(self.lifted)
        return slot

    def _code(self, nodes: list[int], slots: dict[int, int], *, wide: bool) -> tuple[Any, Any, Any]:
        """The instructions, where each begins, and where those begin that pass a grad on."""
        folded, code = self.folded, list[int]()
        starts, back = list[int](), list[int]()
        where = self._slot if wide else self.narrow.__getitem__
        for node in nodes:
            starts.append(len(code))
            if self.graded[node]:
                back.append(len(code))
            row, operands = folded.rows[node], folded.operands[node]
            if row is DOT:
                us, vs, c = operands
                mixed = folded.mixed[node] if wide else 0
                leaves = all(v < folded.inputs for v in vs[:mixed])
                code += [
                    0,
                    slots[node],
                    mixed,
                    len(us) - mixed,
                    self.narrow[c[0]] + 1 if c else 0,
                    int(leaves),
                ]
                for u, v in zip(us[:mixed], vs[:mixed], strict=True):
                    code += [self.narrow[u], slots[v]]
                for u, v in zip(us[mixed:], vs[mixed:], strict=True):
                    code += [where(u), where(v)]
            else:
                assert row is not None
                used = [where(o) for o in (*flat(operands), *folded.constants[node])]
                if row.nary:
                    used = [len(used), *used]
                code += [self.kinds[row], slots[node], *used, *[slots[node]] * (3 - len(used))]
        code_array, starts_array, back_array = (
            np.array(numbers, dtype=np.uint64) for numbers in (code, starts, back)
        )
        return code_array, starts_array, back_array

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Array | None]:
        """Whether all numbers are finite, the values of the outputs, and the grads of the arguments
        or of p.
        """
        samples = x.shape[1]
        most = max(1, min(LANES, BLOCK // self.height))
        stride = ceil(
            samples / ceil(samples / most)
        )  # blocks of one size: a small last one would cost as much
        if stride not in self.memory:
            self.memory = {stride: (np.empty(self.height * stride), np.empty(self.height * stride))}
        v, g = self.memory[stride]
        s, values, want = self.start.copy(), np.empty((len(self.outputs), samples)), WANTED[wrt]
        s[self.first : self.first + len(p)] = p
        gs = np.zeros(len(s) if want else 0)
        dx = np.empty(x.shape if want == 1 else (0, 0))
        finite = self.run_native.run(
            *self.inner,
            *self.outer,
            self.pairs,
            self.outputs,
            s,
            x,
            values,
            want,
            seed,
            gs,
            dx,
            v,
            g,
            stride,
        )
        return (
            finite,
            values,
            dx if want == 1 else gs[self.first : self.first + len(p)] if want else None,
        )


class PythonTape:
    """The same instructions for Python itself."""

    def __init__(self, folded: Folded, parameters: Sequence[int]) -> None:
        self.folded, self.graded = folded, graded(folded)
        self.parameters = parameters

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Array | None]:
        """Whether all numbers are finite, the values of the outputs, and the grads of the arguments
        or of p.
        """
        folded, samples = self.folded, x.shape[1]
        one = samples == 1
        v: list[Any] = [0.0] * len(folded.rows)
        for node, number in folded.numbers.items():
            v[node] = number
        for node, number in zip(self.parameters, p.tolist(), strict=True):
            v[node] = number
        v[: folded.inputs] = x[:, 0].tolist() if one else list(x)
        for node in (*folded.narrow, *folded.wide):
            v[node] = _result(folded, node, v, one or not folded.varies[node])
        values = np.stack([np.broadcast_to(v[o], samples) for o in folded.outputs]).astype(float)
        finite = all(y - y == 0 for y in v) if one else bool(np.isfinite(sum(map(np.sum, v))))
        if not wrt:
            return finite, values, None
        g: list[Any] = [0.0] * len(v)
        out = folded.outputs[0]
        g[out] = seed if one else np.full(samples, seed) if folded.varies[out] else seed * samples
        for node in filter(
            self.graded.__getitem__, (*reversed(folded.wide), *reversed(folded.narrow))
        ):
            _contribute(folded, node, v, g, one or not folded.varies[node])
        if wrt == "parameters":
            return finite, values, np.array([g[node] for node in self.parameters])
        return (
            finite,
            values,
            np.stack([np.broadcast_to(g[i], samples) for i in range(folded.inputs)] or [x[:0]]),
        )


def _given(folded: Folded, node: int, v: list[Any], on_floats: bool) -> list[Any]:
    """The operands of a row as its formulas take them."""
    row, operands = folded.rows[node], folded.operands[node]
    assert row is not None
    if not row.nary:
        # Python would raise for 1.0 / 0.0 where NumPy has an answer.
        return [v[o] if on_floats else np.asarray(v[o]) for o in operands]
    if on_floats:
        return [
            [v[o] for o in many] if name.startswith("*") else v[many[0]] if many else 0.0
            for name, many in zip(row.operands, operands, strict=True)
        ]
    return [np.stack(np.broadcast_arrays(*(v[o] for o in many))) for many in operands]


def _result(folded: Folded, node: int, v: list[Any], on_floats: bool) -> Any:
    row = folded.rows[node]
    assert row is not None
    if row is DOT:
        us, vs, c = folded.operands[node]
        total = (
            v[c[0]] if c else -0.0
        )  # to which nothing is added but its sign: -0.0 + -0.0 is -0.0
        for a, b in zip(us, vs, strict=True):
            total = total + v[a] * v[b]
        return total
    constants = [v[c] for c in folded.constants[node]]
    formula = result_formula(row, EDGE) if on_floats else on_arrays(row, row.result)
    return formula(*_given(folded, node, v, on_floats), *constants) * 1.0


def _contribute(folded: Folded, node: int, v: list[Any], g: list[Any], on_floats: bool) -> None:
    """Pass the grad of a node on to its operands."""
    row, operands, grad, varies = folded.rows[node], folded.operands[node], g[node], folded.varies
    assert row is not None

    def add(operand: int, contribution: Any) -> None:
        spread = not on_floats and not varies[operand]
        g[operand] = g[operand] + (float(np.sum(contribution)) if spread else contribution)

    if row is DOT:
        us, vs, c = operands
        for a, b in zip(us, vs, strict=True):
            add(a, grad * v[b])
            add(b, grad * v[a])
        for o in c:
            add(o, grad)
        return
    given, constants = _given(folded, node, v, on_floats), [v[c] for c in folded.constants[node]]
    for name, many, partial in zip(row.operands, operands, _partials(row, on_floats), strict=True):
        slope = partial(*given, v[node], *constants)
        if name.startswith("*"):
            for i, o in enumerate(many):
                add(o, grad * (slope[i] if isinstance(slope, (list, np.ndarray)) else slope))
        else:
            add(many if not row.nary else many[0], grad * slope)


def _partials(row: Op, on_floats: bool) -> Sequence[Any]:
    return (
        partial_formulas(row, EDGE)
        if on_floats
        else [on_arrays(row, text) for text in row.partials]
    )
