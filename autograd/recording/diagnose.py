"""Domains: where a replay left one, which operation did, at which line of the user's, for which
sample.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.engine.formula import complaint, say
from autograd.engine.table import Op
from autograd.recording.arguments import Array, Batch
from autograd.recording.arrays import on_arrays
from autograd.recording.graph import Steps
from autograd.recording.simplify import flat, used_by
from autograd.recording.trace import Place, line_of

__all__ = ["examine", "first_nan"]

# Samples that are looked at together.
BLOCK = 256


def first_nan(x: Array, labels: Sequence[str], batch: Batch = ()) -> str:
    """``x[1] is nan in sample 3``, if an argument is; of a batch of several axes in sample (1, 0)."""
    bad = np.isnan(x)
    if not bad.any():
        return ""
    sample = int(bad.any(axis=0).argmax())
    return f"{labels[int(bad[:, sample].argmax())]} is nan in sample {_sample(sample, batch)}"


def _sample(at: int, batch: Batch) -> Any:
    return tuple(map(int, np.unravel_index(at, batch))) if len(batch) > 1 else at


def examine(
    steps: Steps,
    x: Array,
    parameters: dict[int, float],
    labels: Sequence[str],
    name: str,
    values: Array,
    batch: Batch,
) -> None:
    """Replay step by step and say (or under ``strict`` raise) what left its domain or overflowed,
    each place once.

    As in the eager engine it is news where nan or inf arises, not where it passes through. values:
    what the engine computed, in normal form; if that is not finite where the steps are, it is the
    folding that overflowed."""
    nan = first_nan(x, labels, batch)
    if nan:
        say(f"{nan}, so that {name} is nan there", f"{name} {labels}")
    said: set[Any] = set()
    with np.errstate(all="ignore"):
        used = used_by(steps)
        live = [node for node, row in enumerate(steps.rows) if row is not None and used[node]]
        for first in range(0, x.shape[1], BLOCK):
            part = slice(first, first + BLOCK)
            outputs = _examine_block(steps, live, x[:, part], parameters, first, batch, said)
            folded = ~np.isfinite(values[:, part]) & np.isfinite(outputs)
            if folded.any() and "folded" not in said:
                said.add("folded")
                at = first + int(folded.any(axis=0).argmax())
                which = f" in sample {_sample(at, batch)}" if x.shape[1] > 1 else ""
                say(
                    f"{name} overflows{which}, because a program adds and multiplies in another order than {name} "
                    "itself, whose result is finite: scale its numbers",
                    f"{name} folded",
                )


def _examine_block(
    steps: Steps,
    live: list[int],
    x: Array,
    parameters: dict[int, float],
    first: int,
    batch: Batch,
    said: set[Any],
) -> Array:
    """The outputs of a block, done step by step."""
    v: list[Any] = [None] * len(steps.rows)
    v[: steps.inputs] = list(x)
    for node, number in (*steps.numbers.items(), *parameters.items()):
        v[node] = np.full(x.shape[1], number)
    for node in live:
        row, operands = steps.rows[node], steps.operands[node]
        assert row is not None
        given = _given(row, operands, v)
        constants = [v[c] for c in steps.constants[node]]
        y = v[node] = np.asarray(on_arrays(row, row.result)(*given, *constants), dtype=float)
        place = steps.places[node]
        if (y - y == 0).all() or (row.name, place) in said:
            continue
        used = np.stack([v[o] for o in flat(operands)])
        news = (
            ~np.isfinite(y)
            & ~np.isnan(used).any(axis=0)
            & ~(np.isinf(y) & np.isinf(used).any(axis=0))
        )
        if news.any():
            at = int(news.argmax())
            here = _given(row, operands, [None if x is None else x[at] for x in v])
            sentence = complaint(
                row,
                tuple(x.tolist() for x in here),
                tuple(float(c[at]) for c in constants),
                float(y[at]),
            )
            if sentence:
                said.add((row.name, place))
                say(f"{sentence}{_where(place, first + at, batch)}", f"{row.name} {place}")
    return np.stack([v[o] for o in steps.outputs])


def _given(row: Op, operands: tuple[Any, ...], v: list[Any]) -> list[Any]:
    """The operands as the formulas of a row take them."""
    if not row.nary:
        return [v[o] for o in operands]
    return [
        np.stack([v[o] for o in many])
        if name.startswith("*")
        else v[many[0]]
        if many
        else np.float64(0.0)
        for name, many in zip(row.operands, operands, strict=True)
    ]


def _where(place: Place | None, sample: int, batch: Batch) -> str:
    which = f" in sample {_sample(sample, batch)}" if prod(batch) > 1 else ""
    return f"{which} ({line_of(place)})" if place else which
