"""Diagnosis: where a replay left a domain, which operation did, at which line of the user's, for
which sample."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from math import isnan, nan
from typing import Any

import numpy as np

from autograd.engine.domain import complaint, say
from autograd.engine.value import Value
from autograd.recording.across import ACROSS
from autograd.recording.arrays import on_arrays
from autograd.recording.batch import Array, Samples
from autograd.recording.graph import Graph, Loop, Part, flat, grouped
from autograd.recording.reach import used_by
from autograd.recording.trace import line_of

# Samples that are looked at together; and how many are, where loops may take long.
BLOCK, MOST = 256, 64


def has_nan(grads: Any) -> bool:
    """Whether nan is among grads: an array, a number, None, or a container of such."""
    if isinstance(grads, (dict, list, tuple)):
        return any(map(has_nan, grads.values() if isinstance(grads, dict) else grads))
    return grads is not None and bool(np.isnan(grads).any())


def first_nan(samples: Samples, values: Array, grads: Any) -> str:
    """``x[1] is nan in sample 3`` (in (1, 0) of two axes), if that makes a value or grad nan."""
    spoiled = np.isnan(values).any(axis=0)
    spoiled |= ~spoiled.any() & has_nan(grads)
    bad, shared = np.isnan(samples.columns) & spoiled, np.isnan(samples.numbers) & spoiled.any()
    if shared.any():
        return f"{samples.labels[len(bad) + int(shared.argmax())]} is nan"
    if not bad.any():
        return ""
    at = int(bad.any(axis=0).argmax())
    return f"{samples.labels[int(bad[:, at].argmax())]} is nan in sample {_place(samples, at)}"


def _place(samples: Samples, at: int) -> Any:
    return tuple(map(int, np.unravel_index(at, samples.batch))) if len(samples.batch) > 1 else at


def examine(
    graph: Graph,
    name: str,
    samples: Samples,
    parameters: Mapping[Value, float],
    values: Array,
    grads: Any,
    alone: bool,
    is_finite: Callable[[Array], bool],
) -> None:
    """Replay step by step and say (or under ``strict`` raise) what left its domain or overflowed,
    each place once.

    As in the eager engine it is news where nan or inf arises, not where it passes through. values:
    what the engine computed, in normal form; if that is not finite where the steps are, it is the
    normal form that overflowed. alone: whether each sample has steps of its own. is_finite: whether
    the engine has nan or inf nowhere in some samples. Steps of loops take a thousand times as long
    here: of those without nan among the arguments only such are looked at in which it has."""
    unknown = (p.label or "a parameter" for p, number in parameters.items() if isnan(number))
    is_value, bad = np.isnan(values).any(), first_nan(samples, values, grads)
    if not bad and (is_value or has_nan(grads)):
        bad = next((f"{parameter} is nan" for parameter in unknown), "")
    if bad:
        what = name if is_value else f"the gradient of {name}"
        say(f"{bad}, so that {what} is nan there", f"{name} {samples.labels}")
    said, x, block = set[Any](), samples.columns, 1 if alone else BLOCK
    every = np.arange(x.shape[1])
    if not ACROSS.isdisjoint(graph.rows):
        block = x.shape[1]
    elif graph.has_loops and (bad or len(every) > 1):
        every = every[~np.isnan(x).any(axis=0)]
        every = np.array([*islice(suspects(every, is_finite), MOST)], int)
    # A parameter that is not live has no number.
    leaves = {o: parameters.get(p, nan) for o, p in graph.parameters.items()}
    leaves |= zip(graph.shared, samples.numbers.tolist(), strict=True)
    inputs = [node for node in range(graph.inputs) if node not in leaves]

    def where(at: int) -> str:
        return f" in sample {_place(samples, at)}" if x.shape[1] > 1 else ""

    def through(graph: Graph, v: dict[int, Any], own: Array) -> list[Array]:
        """The outputs of a graph, from its inputs and parameters, for some samples."""
        count = len(own)
        v |= {node: np.full(count, number) for node, number in graph.numbers.items()}
        used = used_by(graph)
        live = [node for node in range(len(used)) if used[node]]
        for node, row, operands, constants in graph.results(live):
            place = graph.places[node] if graph.places else None
            if isinstance(row, Loop):
                v[node] = steps(row, [v[o] for o in operands[0]], own)
                continue
            if isinstance(row, Part):
                v[node] = v[operands[0][0]][row.index]
                continue
            given = [*grouped(row, operands, v), *(v[c] for c in constants)]
            given = [np.stack(g) if isinstance(g, list) else g for g in given]
            found = np.asarray(on_arrays(row, row.result)(*given), dtype=float)
            v[node] = np.broadcast_to(found, count)
            passed = row in ACROSS and not np.isfinite(given).all()  # from another sample
            at = None if passed else _first_news(v[node], [v[o] for o in flat(operands)])
            if at is None or (row.name, place) in said:
                continue
            here = {o: float(v[o][at]) for o in (*flat(operands), *constants, node)}
            sample, bounds = grouped(row, operands, here), [here[c] for c in constants]
            if sentence := complaint(row, tuple(sample), tuple(bounds), here[node]):
                said.add((row.name, place))
                line = f" ({line_of(place)})" if place else ""
                say(f"{sentence}{where(int(own[at]))}{line}", f"{row.name} {place}")
        return [v[o] for o in graph.outputs]

    def steps(loop: Loop, operands: list[Array], own: Array) -> list[Array]:
        """The results of a loop; unknown ones after a step that left a domain, and of nan."""
        unknown = [np.full(len(own), nan)] * loop.results
        if said and operands and np.isnan(operands).any(axis=0).all():
            return unknown
        entries, closed = loop.entries(operands)
        results, goes_on, before = operands[: loop.states], operands[-1:], len(said)
        for entry in entries:
            if loop.steps is None and not goes_on[0].any():
                break
            if len(said) > before:
                return unknown
            v = dict(enumerate([*results[: loop.states], *entry])) | closed
            found = through(loop.body, v, own)
            results, goes_on = found[: loop.results], found[loop.results :]
        return results

    with np.errstate(all="ignore"):
        for first in range(0, len(every), block):
            own = every[first : first + block]
            v: dict[int, Any] = dict(zip(inputs, x[:, own], strict=True))
            v |= {node: np.full(len(own), number) for node, number in leaves.items()}
            outputs = np.stack(through(graph, v, own))
            overflown = ~np.isfinite(values[:, own]) & np.isfinite(outputs)
            if overflown.any() and "normal form" not in said:
                said.add("normal form")
                at = int(own[overflown.any(axis=0).argmax()])
                order = f"because a program adds and multiplies in another order than {name} itself"
                said_of = f"{name} overflows{where(at)}, {order}, whose result is finite"
                say(f"{said_of}: scale its numbers", f"{name} normal form")


def suspects(some: Array, is_right: Callable[[Array], bool]) -> Iterator[int]:
    """Those of some samples in which, taken together or alone, not everything is right."""
    if len(some) and not is_right(some):
        if len(some) == 1:
            yield int(some[0])
        else:
            for half in np.array_split(some, 2):
                yield from suspects(half, is_right)


def _first_news(y: Array, used: list[Array]) -> int | None:
    """The first sample in which a result is nan or infinite and its operands were not."""
    if (y - y == 0).all():
        return None
    operands = np.stack(used)
    passed = np.isnan(operands).any(axis=0) | (np.isinf(y) & np.isinf(operands).any(axis=0))
    news = ~np.isfinite(y) & ~passed
    return int(news.argmax()) if news.any() else None
