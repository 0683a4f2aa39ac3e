"""Graphs of up to 2,000 nodes over all rows: gradients against mpmath, and bit for bit against a
plain sweep.
"""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mpmath import mp

from autograd import OPS, Bundle, Value, dot, logsumexp, topological, total
from tests.cases import each, some
from tests.oracle import DIGITS, EXACT, FLOAT
from tests.random_graphs import Step, drawn, replay, sweep

SIZES_AND_SEEDS = [
    (size, seed) for size, seeds in ((30, 20), (300, 10), (2000, 8)) for seed in range(seeds)
]


def test_the_graphs_contain_every_row() -> None:
    met = {
        node.op.name
        for seed in range(3)
        for node in drawn(Random(seed), 2000)
        if isinstance(node, Step)
    }
    assert met == set(OPS)


@each(("size", "seed"), some(SIZES_AND_SEEDS, 4))
def test_errors_are_within_ten_times_those_of_a_textbook_sweep(size: int, seed: int) -> None:
    plan = drawn(Random(seed), size)
    values, y = replay(plan)
    y.backward()
    plain, _ = sweep(FLOAT, plan)
    with mp.workdps(DIGITS):
        exact, magnitudes = sweep(EXACT, plan)

        def error(grads: list[Any]) -> float:
            """The largest, relative to the magnitudes of what was added up to the gradient."""
            rows = zip(grads, exact, magnitudes, strict=True)
            return float(max(abs(grad - right) / size for grad, right, size in rows if size))

        assert error([v.grad for v in values]) <= 10 * max(error(plain), sys.float_info.epsilon)


def plain_sweep(y: Value) -> dict[Value, float]:
    """The chain rule in its simplest form: a dictionary, and the order of ``topological``
    backwards.
    """
    grads = dict.fromkeys(topological(y), 0.0)
    grads[y] = 1.0
    for result in reversed(list(grads)):
        for operand, partial in zip(result.operands, result.partials, strict=True):
            grads[operand] += partial * grads[result]
    return grads


def bits(x: float) -> str:
    return (x + 0.0).hex()  # one zero, whatever its sign


def assert_backward_is_the_plain_sweep(y: Value) -> None:
    y.backward()
    for value, grad in plain_sweep(y).items():
        assert bits(value.grad) == bits(grad), value


@each(("size", "seed"), some(SIZES_AND_SEEDS, 2))
def test_backward_is_bit_for_bit_a_plain_sweep(size: int, seed: int) -> None:
    values, y = replay(drawn(Random(100 + seed), size))
    assert_backward_is_the_plain_sweep(y)
    assert all(v.reached for v in values)


def test_backward_is_bit_for_bit_a_plain_sweep_over_shared_bundles() -> None:
    leaves = [Value(0.1 * i - 0.37) for i in range(7)]
    p = Bundle([*leaves[:4], leaves[0].tanh(), leaves[1] * leaves[2]])
    q = Bundle([*reversed(leaves), leaves[3], leaves[3]][:6])
    shared = [
        dot(p, p),
        dot(p, q),
        dot(p, q, leaves[0]),
        dot(q, q, leaves[5] * 0.3),
        total(p),
        logsumexp(p),
    ]
    top = Bundle([*shared, total(q), shared[0]])
    assert_backward_is_the_plain_sweep(logsumexp(top) * total(top) + dot(top, top, shared[1]))


def test_backward_is_bit_for_bit_a_plain_sweep_where_grads_are_zero_or_infinite() -> None:
    a, b = Value(0.0), Value(2.0)
    y = total([a.sqrt() + b, dot([a, b], [b, a]) * 0.0, (a * b).relu()])
    assert_backward_is_the_plain_sweep(y)


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
def test_backward_is_bit_for_bit_a_plain_sweep_where_a_bundled_result_is_infinite() -> None:
    a, b = Value(float("inf")), Value(2.0)
    assert_backward_is_the_plain_sweep(dot([a], [b]) * 0.0)
    assert b.grad != b.grad  # inf * 0


REPEATED = """
from random import Random
from tests.random_graphs import drawn, replay
values, y = replay(drawn(Random(7), 800))
y.backward()
print(*(v.grad.hex() for v in values))
"""


def test_gradients_are_the_same_bits_in_every_process() -> None:
    house = str(Path(__file__).parents[3])
    answers = {
        subprocess.run(
            [sys.executable, "-c", REPEATED],
            cwd=house,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": house},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "77")
    }
    assert len(answers) == 1 and len(answers.pop().split()) == 800
