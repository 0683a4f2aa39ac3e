"""Grads where a loop does no step: what leads to it alone has none, as in the eager engine. Engines
pass a grad of 0 on, which is nan at an infinite partial; a forward pass goes through what was done.

>>> from autograd import record, sqrt, while_loop
>>> def f(x, n):
...     root = sqrt(x)
...     return while_loop(lambda s: s[1] > 0, lambda s: [s[0] * root, s[1] - 1], [2 * x, n])[0]
>>> record(f, 1.0, 1.0).value_and_grad(0.0, 0.0, argnums=0)
(0.0, 2.0)
"""

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.recording.backends import numbers_of
from autograd.recording.batch import Array, Samples
from autograd.recording.blocks import inputs
from autograd.recording.diagnose import has_nan, suspects
from autograd.recording.graph import Graph, Loop
from autograd.recording.tangents import derivatives
from autograd.recording.wish import Wish
from autograd.tree import Tree

if TYPE_CHECKING:
    from autograd.recording.replayable import Replayable

MOST = 1 << 17  # nodes of all directions together, beyond which nan stays


def regraded(
    program: "Replayable", samples: Samples, p: Any, wish: Wish, seed: float, dx: Any, dp: Array
) -> Any:
    """The grads of narrow leaves, and in dx those of inputs; what is nan, by a forward pass, unless
    that takes too many directions."""
    engines, count = program._engines, len(wish.inputs) + len(wish.narrow)
    if count * _size(program.graph) > MOST:
        return dp
    alike = tuple([i for i in wish.arguments if i in samples.shared])
    sums = engines.wanted(alike, wish.parameters)
    everything = p, *samples.alike

    def summed(some: Any) -> Any:
        return engines.run(samples.at(np.array(some)), everything, sums, seed)[3]

    odd = np.zeros(samples.count, bool)
    rows = [dx[k].reshape(samples.count, -1) for k in samples.places(wish.arguments)]
    for part in rows:
        odd |= np.isnan(part).any(axis=1)
    if has_nan(dp):
        every = np.arange(samples.count, dtype=float)
        found = suspects(every, lambda some: not has_nan(summed(some.astype(int))))
        odd[[*islice(found, MOST // count)]] = True
    some: Any = np.flatnonzero(odd)
    if not len(some):  # grads of inf and -inf, which come to nan
        return dp
    slopes, at = _slopes(program, samples.at(some), p, wish, alike) * seed, 0
    for part in rows:
        other = slopes[at : at + part.shape[1]].T
        part[some] = np.where(np.isnan(part[some]), other, part[some])
        at += part.shape[1]
    if not has_nan(dp):
        return dp
    each = [summed([k]) for k in some]
    others = np.flatnonzero(~odd)
    rest = summed(others) if len(others) else np.zeros(len(dp))
    pairs = zip(each, slopes[at:].T, strict=True)
    return sum((np.where(np.isnan(own), other, own) for own, other in pairs), rest)


def _size(graph: Graph) -> int:
    """How many nodes there are, in the bodies of loops too."""
    return len(graph.rows) + sum(_size(row.body) for row in graph.rows if isinstance(row, Loop))


def _slopes(
    program: "Replayable", samples: Samples, p: Any, wish: Wish, alike: tuple[int, ...]
) -> Any:
    """A row for each number that a wish is for: the slopes of the value, sample by sample."""
    if wish not in program._forward:
        places = [i for i in wish.arguments if i not in alike]
        nodes = inputs([*program.arguments.values()], (*places, *alike))
        by_value = {value: node for node, value in program.graph.parameters.items()}
        nodes += [by_value[value] for value in program.parameters] * wish.parameters
        graph, entries = derivatives(program.graph, nodes)
        found, zero = dict(zip(entries, graph.outputs, strict=False)), graph.number(0.0)
        graph.outputs = [found.get((0, i), zero) for i in range(len(nodes))]
        result = Tree.of([0.0] * len(nodes))
        program._forward[wish] = program._but(False, graph=graph, result=result)
    made = program._forward[wish]
    known = dict(zip(program.parameters, numbers_of((p,)).tolist(), strict=True))
    own = np.array([known[parameter] for parameter in made.parameters])
    given = own, *samples.alike
    return made._engines.run(samples, given, made._engines.wanted(), 1.0)[1]
