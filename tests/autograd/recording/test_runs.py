"""Runs: what of one sample is computed as vectors gives the numbers that each instruction gives."""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    Value,
    cos,
    dot,
    exp,
    hypot,
    maximum,
    record,
    scan,
    sin,
    tanh,
    total,
    where,
    while_loop,
)
from autograd.recording.native.interpreter import NativeInterpreter
from autograd.recording.simplify import simplify
from tests.autograd.recording import NATIVE

pytestmark = NATIVE
ROWS: list[Callable[[Any, Any, Any], Any]] = [
    lambda a, b, w: a * b,
    lambda a, b, w: a - 0.5 * b,
    lambda a, b, w: w * a + b,
    lambda a, b, w: tanh(a * b + 0.25) - b,
    lambda a, b, w: cos(a) + exp(-b * b),
    lambda a, b, w: where(a > b, a * b, sin(b)),
    lambda a, b, w: maximum(a, b) / (1 + a * a),
    lambda a, b, w: hypot(a, b) * 0.5,
    lambda a, b, w: dot([a, b, w], [b, a, a], 0.25),
    lambda a, b, w: a**3 * 0.1,
]


def drawn(rng: Random, loop: str) -> Callable[[Any, Any], Any]:
    """A loop over a list, of a few rows for each number and others before and behind it."""
    steps = [(rng.choice(ROWS), rng.choice([0, 0, 1, 5]), rng.random()) for _ in range(4)]

    def body(x: list[Any], w: Any) -> list[Any]:
        known = [x]
        for row, shift, at in steps:
            other = known[int(at * len(known))]
            pairs = zip(known[-1], other[shift:] + other[:shift], strict=True)
            known.append([row(a, b, w) for a, b in pairs])
        return [sin(a) for a in known[-1]]

    def f(x: Any, w: Any) -> Any:
        if loop == "scan":
            return dot(*[scan(lambda s: body(s, w), list(x), 3)] * 2)
        after = while_loop(lambda s: s[0] < 3, lambda s: [s[0] + 1, *body(s[1:], w)], [w - w, *x])
        return total(after[1:])

    return f


@pytest.mark.parametrize("loop", ["scan", "while"])
def test_one_sample_has_the_bits_of_a_batch_whose_instructions_run_one_by_one(loop: str) -> None:
    for seed in range(12):
        rng = Random(seed)
        f, x = drawn(rng, loop), np.random.default_rng(seed).uniform(-1, 1, rng.choice([9, 24, 40]))
        w = Value(0.7)
        program = record(lambda x, f=f, w=w: f(x, w), x, engine="native")
        (value, (slopes,)), (_, by_w) = program.value_and_grad(x), program.parameter_grad(x)
        values, (each,) = program.value_and_grad(np.array([x, x]))
        assert [value, value] == values.tolist(), seed
        if loop == "scan":
            assert [slopes.tolist()] * 2 == each.tolist(), seed
        leaves = [Value(a) for a in x.tolist()]
        y = f(leaves, w)
        y.backward()
        assert np.allclose(slopes, [leaf.grad for leaf in leaves], rtol=1e-10, atol=1e-12), seed
        assert np.allclose(by_w, w.grad, rtol=1e-10, atol=1e-12), seed


def test_what_a_body_does_for_each_number_of_a_list_is_one_instruction_a_row() -> None:
    def step(s: list[Any], x: Any) -> list[Any]:
        return [sin(a * b) - a for a, b in zip(s, x, strict=True)]

    x = np.linspace(0.1, 1, 64)
    program = record(lambda x: scan(lambda s: step(s, x), list(x), 5)[-1], x)
    ((_, frame),) = NativeInterpreter(simplify(program.graph), []).bodies.values()
    assert len(frame.starts.at) == 3 * 64 and len(frame.starts.forward) == 3
