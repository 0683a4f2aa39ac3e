"""Grads where a loop does no step: what leads to it alone has none, as in the eager engine. Engines
pass a grad of 0 on, which is nan at an infinite partial; a forward pass goes through what was done.

>>> from autograd import record, sqrt, while_loop
>>> def f(x, n):
...     root = sqrt(x)
...     return while_loop(lambda s: s[1] > 0, lambda s: [s[0] * root, s[1] - 1], [2 * x, n])[0]
>>> record(f, 1.0, 1.0).value_and_grad(0.0, 0.0, argnums=0)
(0.0, 2.0)
"""

from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.recording.backends import numbers_of
from autograd.recording.batch import Array, Samples
from autograd.recording.diagnose import suspects
from autograd.recording.tangents import tangent
from autograd.recording.wish import Wish
from autograd.tree import Tree

if TYPE_CHECKING:
    from autograd.recording.replayable import Replayable

ENTRIES = 1 << 20  # of all directions together, beyond which nan stays


def has_nan(grads: Any) -> bool:
    """Whether nan is among grads: an array, or several arrays or numbers, some of them None."""
    several = [grads] if isinstance(grads, np.ndarray) else grads
    return any(g is not None and np.isnan(g).any() for g in several)


def regraded(
    program: "Replayable", samples: Samples, p: Any, wish: Wish, seed: float, dx: Any, dp: Array
) -> Any:
    """The grads of narrow leaves, and in dx those of inputs, by a forward pass where there is nan;
    of a few samples, since that takes a direction for each number."""
    engines, every = program._engines, [*range(samples.count)]
    alike = tuple([i for i in wish.arguments if i in samples.shared])
    sums = engines.wanted(alike, wish.parameters)
    everything = p, *(array for _, array in samples.shared.values())

    def summed(some: Any) -> Any:
        return engines.run(samples.at(some), everything, sums, seed)[3]

    odd = np.zeros(samples.count, bool)
    rows = [dx[k].reshape(samples.count, -1) for k in samples.places(wish.arguments)]
    for part in rows:
        odd |= np.isnan(part).any(axis=1)
    most = ENTRIES // (len(wish.inputs) + len(wish.narrow)) ** 2
    if has_nan(dp):
        found = suspects(np.array(every), lambda some: not has_nan(summed(some)))
        odd[[*islice(found, most)]] = True
    some: Any = np.flatnonzero(odd)[:most]
    slopes, at = _slopes(program, samples.at(some), p, wish, alike) * seed, 0
    for part in rows:
        part[some] = slopes[at : at + part.shape[1]].T
        at += part.shape[1]
    if not has_nan(dp):
        return dp
    others = np.delete(every, some)
    return slopes[at:].sum(axis=1) + (summed(others) if len(others) else 0.0)


def _slopes(
    program: "Replayable", samples: Samples, p: Any, wish: Wish, alike: tuple[int, ...]
) -> Any:
    """A row for each number that a wish is for: the slopes of the value, sample by sample."""
    if wish not in program._forward:
        ends = [0, *accumulate(tree.size for tree in program.arguments.values())]
        places = [i for i in wish.arguments if i not in alike]
        nodes = [k for i in (*places, *alike) for k in range(ends[i], ends[i + 1])]
        by_value = {value: node for node, value in program.graph.parameters.items()}
        nodes += [by_value[value] for value in program.parameters] * wish.parameters
        graph = tangent(program.graph, nodes)
        graph.shared = program.graph.shared  # directions differ from sample to sample
        x, y = (Tree.of([0.0] * n) for n in (graph.inputs, len(graph.outputs)))
        made = program._but(False, graph=graph, shared=(), arguments={"x": x}, result=y)
        program._forward[wish] = made
    made = program._forward[wish]
    known = dict(zip(program.parameters, numbers_of((p,)).tolist(), strict=True))
    own = np.array([known[parameter] for parameter in made.parameters])
    ways = np.eye(len(wish.inputs) + len(wish.narrow))
    columns = np.tile(samples.columns, len(ways)), np.repeat(ways, samples.count, axis=1)
    given = own, *(array for _, array in samples.shared.values())
    together = samples.like(np.concatenate(columns))
    _, values, *_ = made._engines.run(together, given, made._engines.wanted(), 1.0)
    return values[0].reshape(len(ways), samples.count)
