"""Interpreters: the normal form as a list of instructions, run one after the other, for graphs that
are deep and narrow.

With numba a compiled interpreter goes through it in blocks of samples; without, Python does, on
floats for one sample and on arrays for several."""

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from math import ceil
from typing import Any

import numpy as np

from autograd.engine.formula import EDGE, partial_formulas, result_formula
from autograd.recording.arrays import on_arrays
from autograd.recording.batch import Array
from autograd.recording.graph import flat, grouped
from autograd.recording.native import kernel
from autograd.recording.simplify import DOT, NormalForm, graded

__all__ = ["NativeInterpreter", "PythonInterpreter"]

# Samples that are computed together, at the most: what they need stays in the cache.
LANES = 128
# A block's numbers and grads stay below this many floats each.
BLOCK = 1 << 20
WANTED = {"": 0, "arguments": 1, "parameters": 2}


class NativeInterpreter:
    """The instructions as one array of integers, for the interpreter that numba compiles.

    An instruction is its kind, its result and its operands: of a sum the number of products with a
    narrow factor, of others, 0 or c + 1, whether the former are products with inputs only, and the
    factors."""

    def __init__(self, form: NormalForm, parameters: Sequence[int]) -> None:
        self.kernel = kernel({row for _, row, *_ in form.results()} - {DOT})
        self.kinds = {row: kind for kind, row in enumerate(self.kernel.rows, 1)}
        self.form, self.graded = form, graded(form)
        narrow = [*form.numbers, *parameters, *form.narrow]
        self.narrow = {node: i for i, node in enumerate(narrow)}
        self.slots = {node: i for i, node in enumerate((*range(form.inputs), *form.wide))}
        self.lifted: dict[int, int] = {}  # slots of narrow nodes that are spread over the samples
        self.inner = self._code(form.narrow, self.narrow, wide=False)
        self.outer = self._code(form.wide, self.slots, wide=True)
        self.outputs = np.array([self._slot(o) for o in form.outputs], dtype=np.uint64)
        pairs = [(slot, self.narrow[node]) for node, slot in self.lifted.items()]
        self.pairs = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
        self.first = len(form.numbers)
        self.start = np.zeros(len(narrow))
        self.start[: self.first] = list(form.numbers.values())
        self.height = len(self.slots) + len(self.lifted)
        self.memory: dict[int, tuple[Array, Array]] = {}

    def _slot(self, node: int) -> int:
        """The row of a node among the wide ones, where a narrow one may get one too."""
        if node in self.slots:
            return self.slots[node]
        return self.lifted.setdefault(node, len(self.slots) + len(self.lifted))

    def _code(self, nodes: list[int], slots: dict[int, int], *, wide: bool) -> tuple[Any, ...]:
        """The instructions, where each begins, and where those begin that pass a grad on."""
        form, code, starts, back = self.form, list[int](), list[int](), list[int]()
        where = self._slot if wide else self.narrow.__getitem__
        for node, row, operands, constants in form.results(nodes):
            starts.append(len(code))
            if self.graded[node]:
                back.append(len(code))
            if row is DOT:
                us, vs, c = operands
                mixed = form.mixed[node] if wide else 0
                leaves = all(v < form.inputs for v in vs[:mixed])
                bias = self.narrow[c[0]] + 1 if c else 0
                code += [0, slots[node], mixed, len(us) - mixed, bias, int(leaves)]
                for u, v in zip(us[:mixed], vs[:mixed], strict=True):
                    code += [self.narrow[u], slots[v]]
                for u, v in zip(us[mixed:], vs[mixed:], strict=True):
                    code += [where(u), where(v)]
            else:
                used = [where(o) for o in (*flat(operands), *constants)]
                if row.nary:
                    used = [len(used), *used]
                code += [self.kinds[row], slots[node], *used, *[slots[node]] * (3 - len(used))]
        return tuple([np.array(numbers, dtype=np.uint64) for numbers in (code, starts, back)])

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Array | None]:
        """Whether all numbers are finite, the values of the outputs, and the grads of the arguments
        or of p."""
        samples, want = x.shape[1], WANTED[wrt]
        most = max(1, min(LANES, BLOCK // self.height))
        # Blocks of one size: a small last one would cost as much.
        stride = ceil(samples / ceil(samples / most))
        if stride not in self.memory:
            self.memory = {stride: (np.empty(self.height * stride), np.empty(self.height * stride))}
        s, values = self.start.copy(), np.empty((len(self.outputs), samples))
        mine = slice(self.first, self.first + len(p))
        s[mine] = p
        gs, dx = np.zeros(len(s) if want else 0), np.empty(x.shape if want == 1 else (0, 0))
        code = *self.inner, *self.outer, self.pairs, self.outputs
        finite = self.kernel.run(
            *code, s, x, values, want, seed, gs, dx, *self.memory[stride], stride
        )
        return finite, values, dx if want == 1 else gs[mine] if want else None


class PythonInterpreter:
    """The same instructions for Python itself."""

    def __init__(self, form: NormalForm, parameters: Sequence[int]) -> None:
        self.form, self.parameters = form, parameters
        self.order, reached = (*form.narrow, *form.wide), graded(form)
        self.back = [node for node in reversed(self.order) if reached[node]]

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Array | None]:
        """As that of the other."""
        form, samples = self.form, x.shape[1]
        one = samples == 1
        v: list[Any] = [0.0] * len(form.rows)
        v[: form.inputs] = x[:, 0].tolist() if one else list(x)
        for node, number in (*form.numbers.items(), *zip(self.parameters, p.tolist(), strict=True)):
            v[node] = number
        used: dict[int, tuple[list[Any], list[Any]]] = {}  # the operands and constants of each node
        for node, row, operands, constants in form.results(self.order):
            if row is DOT:
                us, vs, c = operands
                # To -0.0 nothing is added but its sign: -0.0 + -0.0 is -0.0.
                total = v[c[0]] if c else -0.0
                for a, b in zip(us, vs, strict=True):
                    total = total + v[a] * v[b]
                v[node] = total
                continue
            given, numbers = grouped(row, operands, v), [v[c] for c in constants]
            if one or not form.varies[node]:
                result = result_formula(row, EDGE)
            else:  # on arrays: Python would raise for 1.0 / 0.0 where NumPy has an answer
                result = on_arrays(row, row.result)
                given = [
                    np.stack(np.broadcast_arrays(*x)) if row.nary else np.asarray(x) for x in given
                ]
            used[node], v[node] = (given, numbers), result(*given, *numbers) * 1.0
        values = np.stack([np.broadcast_to(v[o], samples) for o in form.outputs]).astype(float)
        finite = all(y - y == 0 for y in v) if one else bool(np.isfinite(sum(map(np.sum, v))))
        if not wrt:
            return finite, values, None
        g: list[Any] = [0.0] * len(v)
        out = form.outputs[0]
        g[out] = seed if one else np.full(samples, seed) if form.varies[out] else seed * samples
        for node, row, operands, _ in form.results(self.back):
            grad, arrays = g[node], not one and form.varies[node]
            pairs: list[tuple[int, Any]] = []  # operands, and what is added to their grads
            if row is DOT:
                us, vs, c = operands
                for a, b in zip(us, vs, strict=True):
                    pairs += (a, grad * v[b]), (b, grad * v[a])
                pairs += [(o, grad) for o in c]
            else:
                given, numbers = used[node]
                on = partial(on_arrays, row)
                partials = map(on, row.partials) if arrays else partial_formulas(row, EDGE)
                for many, formula in zip(operands, partials, strict=True):
                    slope = formula(*given, v[node], *numbers)
                    if not row.nary:
                        pairs.append((many, grad * slope))
                        continue
                    each = slope if isinstance(slope, (list, np.ndarray)) else repeat(slope)
                    pairs += [(o, grad * s) for o, s in zip(many, each, strict=False)]
            for o, contribution in pairs:
                spread = arrays and not form.varies[o]
                g[o] = g[o] + (float(np.sum(contribution)) if spread else contribution)
        if wrt == "parameters":
            return finite, values, np.array([g[node] for node in self.parameters])
        slopes = [np.broadcast_to(g[i], samples) for i in range(form.inputs)] or [x[:0]]
        return finite, values, np.stack(slopes)
