"""The interpreter in Python: an instruction for each node of the normal form, on floats for one
sample and on arrays for several."""

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from autograd.engine.formula import EDGE, partial_formulas, result_formula
from autograd.recording.arrays import on_arrays
from autograd.recording.batch import Array
from autograd.recording.graph import grouped
from autograd.recording.simplify import DOT, NormalForm
from autograd.recording.wish import Wish

__all__ = ["PythonInterpreter"]


class PythonInterpreter:
    """An instruction for each node."""

    def __init__(self, form: NormalForm, leaves: Sequence[int]) -> None:
        self.form, self.leaves = form, leaves
        self.order = (*form.narrow, *form.wide)
        # By what is wanted: the nodes that are active, and the results among them, backwards.
        self.ways: dict[Wish, tuple[bytearray, list[int]]] = {}

    def way(self, wish: Wish) -> tuple[bytearray, list[int]]:
        """The way back."""
        if wish not in self.ways:
            active = wish.active(self.form)
            self.ways[wish] = active, [node for node in reversed(self.order) if active[node]]
        return self.ways[wish]

    def run(self, x: Array, p: Array, wish: Wish, seed: float) -> tuple[bool, Array, Array, Array]:
        """Whether all numbers are finite, the values of the outputs, and the grads: a row for each
        input that is wanted, a number for each narrow leaf."""
        form, samples = self.form, x.shape[1]
        one = samples == 1
        v: list[Any] = [0.0] * len(form.rows)
        v[: form.inputs] = x[:, 0].tolist() if one else list(x)
        for node, number in (*form.numbers.items(), *zip(self.leaves, p.tolist(), strict=True)):
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
        if not wish:
            return finite, values, x[:0], p[:0]
        active, back = self.way(wish)
        g: list[Any] = [0.0] * len(v)
        out = form.outputs[0]
        g[out] = seed if one else np.full(samples, seed) if form.varies[out] else seed * samples
        for node, row, operands, _ in form.results(back):
            grad, arrays = g[node], not one and form.varies[node]
            pairs: list[tuple[int, Any]] = []  # operands, and what is added to their grads
            if row is DOT:
                us, vs, c = operands
                for a, b in zip(us, vs, strict=True):
                    if active[a]:
                        pairs.append((a, grad * v[b]))
                    if active[b]:
                        pairs.append((b, grad * v[a]))
                pairs += [(o, grad) for o in c]
            else:
                given, numbers = used[node]
                on = partial(on_arrays, row)
                partials = map(on, row.partials) if arrays else partial_formulas(row, EDGE)
                for many, formula in zip(operands, partials, strict=True):
                    if not (row.nary or active[many]):
                        continue
                    slope = formula(*given, v[node], *numbers)
                    if not row.nary:
                        pairs.append((many, grad * slope))
                        continue
                    each = slope if isinstance(slope, (list, np.ndarray)) else repeat(slope)
                    pairs += [(o, grad * s) for o, s in zip(many, each, strict=False)]
            for o, contribution in pairs:
                spread = arrays and not form.varies[o]
                g[o] = g[o] + (float(np.sum(contribution)) if spread else contribution)
        dx = np.array([np.broadcast_to(g[node], samples) for node in wish.inputs], dtype=float)
        dp = np.array([g[node] for node in wish.narrow], dtype=float)
        return finite, values, dx.reshape(-1, samples), dp
