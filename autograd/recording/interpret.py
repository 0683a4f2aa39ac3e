"""The interpreter in Python: an instruction for each node of the normal form, on floats for one
sample and on arrays for several."""

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from autograd.engine.formula import EDGE, partial_formulas, result_formula
from autograd.recording.across import ACROSS
from autograd.recording.arrays import on_arrays
from autograd.recording.batch import Array
from autograd.recording.form import DOT, NormalForm
from autograd.recording.graph import Loop, Part, grouped
from autograd.recording.reach import Back, graded, graded_parts, steps_back
from autograd.recording.wish import Wish, leading_in, led_into

# What a loop has done: for each step its numbers, and what it used.
Steps = list[tuple[list[Any], dict[int, Any]]]


class PythonInterpreter:
    """An instruction for each node."""

    def __init__(self, form: NormalForm, leaves: Sequence[int]) -> None:
        self.form, self.leaves = form, leaves
        self.order = form.order
        self.ways: dict[Wish, Way] = {}

    def run(self, x: Array, p: Array, wish: Wish, seed: float) -> tuple[bool, Array, Array, Array]:
        """Whether all numbers are finite, the values of the outputs, and the grads: a row for each
        input that is wanted, a number for each narrow leaf."""
        form, samples = self.form, x.shape[1]
        if form.goes_alone and samples > 1:
            each = [self.run(x[:, i : i + 1], p, wish, seed) for i in range(samples)]
            every = list(zip(*each, strict=True))
            values, dx = map(np.hstack, every[1:3])
            return all(every[0]), values, dx, np.sum(every[3], axis=0)
        one = samples == 1
        v: list[Any] = [0.0] * len(form.rows)
        v[: form.inputs] = x[:, 0].tolist() if one else list(x)
        for node, number in (*form.numbers.items(), *zip(self.leaves, p.tolist(), strict=True)):
            v[node] = number
        used: dict[int, Any] = {}
        finite = _forward(form, self.order, v, used, one)
        values = np.stack([np.broadcast_to(v[o], samples) for o in form.outputs]).astype(float)
        if not wish:
            return finite, values, x[:0], p[:0]
        if wish not in self.ways:
            self.ways[wish] = Way(form, wish.leading(form), graded(form), {})
        g: list[Any] = [0.0] * len(v)
        out = form.outputs[0]
        g[out] = seed if one else np.full(samples, seed) if form.varies[out] else seed * samples
        _reverse(form, self.ways[wish], v, g, used, one)
        grads = [g[node] if one else np.broadcast_to(g[node], samples) for node in wish.inputs]
        dx = np.array(grads, dtype=float).reshape(len(grads), samples)
        dp = np.array([g[node] for node in wish.narrow], dtype=float)
        return finite, values, dx, dp


class Way:
    """The way back: the nodes that are active, the results among them, backwards, and the ways
    through the bodies of loops."""

    def __init__(
        self, form: NormalForm, leads: bytearray, reached: bytearray, known: dict[Any, Any]
    ) -> None:
        self.active = bytearray(map(int.__and__, leads, reached))
        self.back = [node for node in reversed(form.order) if self.active[node]]
        self.through = dict[int, Back[Way]]()
        for node, row, operands, _ in form.results(self.back):
            if isinstance(row, Loop):
                body, parts = form.bodies[node], graded_parts(form, node, reached)
                key = id(body), led_into(body, row, operands, leads), parts
                if key not in known:
                    inside, (steps, again) = (
                        leading_in(body, row, key[1]),
                        steps_back(body, row, parts),
                    )
                    known[key] = Back([Way(body, inside, step, known) for step in steps], again)
                self.through[node] = known[key]


def _forward(
    form: NormalForm, order: Sequence[int], v: list[Any], used: dict[int, Any], one: bool
) -> bool:
    """Compute every node, and note of each the operands and constants; whether all are finite."""
    finite = True
    for node, row, operands, constants in form.results(order):
        if isinstance(row, Loop):
            single = one or not form.varies[node]
            used[node], v[node], whole = _loop(
                form.bodies[node], row, (*operands, constants), v, single
            )
            finite &= whole
            continue
        if isinstance(row, Part):
            v[node] = v[operands[0][0]][row.index]
            continue
        if row is DOT:
            us, vs, c = operands
            # To -0.0 nothing is added but its sign: -0.0 + -0.0 is -0.0.
            total = v[c[0]] if c else -0.0
            for a, b in zip(us, vs, strict=True):
                total = total + v[a] * v[b]
            v[node] = total
            continue
        given, numbers = grouped(row, operands, v), [v[c] for c in constants]
        if row in ACROSS and not one:
            given = [np.broadcast_to(x, len(v[0])) for x in given]
            used[node], v[node] = (given, []), float(on_arrays(row, row.result)(*given)[0])
            continue
        if one or not form.varies[node]:
            result = result_formula(row, EDGE)
        else:  # on arrays: Python would raise for 1.0 / 0.0 where NumPy has an answer
            result = on_arrays(row, row.result)
            given = [
                np.stack(np.broadcast_arrays(*x)) if row.nary else np.asarray(x) for x in given
            ]
        used[node], v[node] = (given, numbers), result(*given, *numbers) * 1.0
    numbers = [y for y in v if not isinstance(y, list)]
    if one:
        return finite and all(y - y == 0 for y in numbers)
    return finite and bool(np.isfinite(sum(map(np.sum, numbers))))


def _loop(
    body: NormalForm, loop: Loop, operands: Any, around: list[Any], one: bool
) -> tuple[Steps, list[Any], bool]:
    """The steps of a loop, the results of the last one, and whether all is finite."""
    (own, *_, first), k, m = operands, loop.states, loop.elements
    results, goes_on = [around[o] for o in own[:k]], [around[o] for o in first]
    steps, finite = Steps(), True
    while goes_on[0] if loop.steps is None else len(steps) < loop.steps:
        v, used, at = [0.0] * len(body.rows), dict[int, Any](), k + m * len(steps)
        v[: body.inputs] = [*results[:k], *(around[o] for o in own[at : at + m])]
        for node, o in body.outer.items():
            v[node] = around[o]
        finite &= _forward(body, body.wide, v, used, one)
        steps.append((v, used))
        found = [v[o] for o in body.outputs]
        results, goes_on = found[: loop.results], found[loop.results :]
    return steps, results, finite


def _reverse(
    form: NormalForm, way: Way, v: list[Any], g: list[Any], used: dict[int, Any], one: bool
) -> None:
    """Add to the grads of all nodes on the way."""
    for node, row, operands, _ in form.results(way.back):
        grad, arrays = g[node], not one and (form.varies[node] or row in ACROSS)
        if row in ACROSS and arrays:
            grad = np.full(len(v[0]), grad)
        pairs: list[tuple[int, Any]] = []  # operands, and what is added to their grads
        if isinstance(row, Part):
            continue  # its grad is waiting for the loop
        if isinstance(row, Loop):
            grads = {i: g[part] for i, part in form.parts[node].items()}
            through, single = way.through[node], one or not form.varies[node]
            pairs = _loop_back(form.bodies[node], through, row, operands, used[node], grads, single)
        elif row is DOT:
            us, vs, c = operands
            for a, b in zip(us, vs, strict=True):
                if way.active[a]:
                    pairs.append((a, grad * v[b]))
                if way.active[b]:
                    pairs.append((b, grad * v[a]))
            pairs += [(o, grad) for o in c]
        else:
            given, numbers = used[node]
            on = partial(on_arrays, row)
            partials = map(on, row.partials) if arrays else partial_formulas(row, EDGE)
            for many, formula in zip(operands, partials, strict=True):
                if not (row.nary or way.active[many]):
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


def _loop_back(
    body: NormalForm,
    ways: Back[Way],
    loop: Loop,
    operands: Any,
    steps: Steps,
    grads: Any,
    one: bool,
) -> list[tuple[int, Any]]:
    """What a loop adds to the grads of nodes around it."""
    own, k, m = operands[0], loop.states, loop.elements
    seeds, pairs = [(i, grads.get(i, 0.0)) for i in range(loop.results)], list[tuple[int, Any]]()
    for t in range(len(steps) - 1, -1, -1):
        (v, used), way = steps[t], ways.at(len(steps) - 1 - t)
        g: list[Any] = [0.0] * len(v)
        for i, grad in seeds:
            g[body.outputs[i]] = g[body.outputs[i]] + grad
        _reverse(body, way, v, g, used, one)
        seeds = list(enumerate(g[:k]))
        pairs += zip(own[k + m * t : k + m * (t + 1)], g[k : k + m], strict=True)
        pairs += [(o, g[node]) for node, o in body.outer.items() if way.active[node]]
    return pairs + [(own[i], grad) for i, grad in seeds[:k]]
