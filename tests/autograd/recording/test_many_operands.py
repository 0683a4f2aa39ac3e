"""Rows over an argument's whole array: what lies side by side is read as one loop, which gives what
the eager engine gives, for one sample and for several.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value, dot, grad, logsumexp, maximum, mean, minimum, record, tanh, total
from tests.autograd.recording import ENGINES, NATIVE
from tests.cases import each

HOUSE = Path(__file__).parents[3]
MANY = 1003  # more than the engine in C adds up one by one, and no whole number of vectors
WEIGHTS = [Value(float(x), f"w{i}") for i, x in enumerate(np.linspace(-1, 2, MANY))]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "logsumexp": logsumexp,
    "largest": lambda x: maximum([*x, x[5], 1.5]) - minimum(x),
    "total": total,
    "mean": mean,
    "squares": lambda x: dot(x, x),
    "weighted": lambda x: dot(WEIGHTS, x, WEIGHTS[3]),
    "penalized": lambda x: x[0] * dot(WEIGHTS, WEIGHTS) + logsumexp(WEIGHTS),
    "half and half": lambda x: dot([*x[:-1], WEIGHTS[0]], [*x[1:], x[0]]),
    "two products": lambda x: tanh(dot(x[:300], x[300:600])) - tanh(dot(x[600:900], x[100:400])),
    "a hundred pairs": lambda x: (
        x[50] * dot(x[:100], x[100:200]) + dot(WEIGHTS[:300], WEIGHTS[:300])
    ),
    "pairs that overlap": lambda x: (
        x[9] * dot(x[:100], x[1:101]) + dot(WEIGHTS[:99], WEIGHTS[9:108])
    ),
    "every other": lambda x: logsumexp(x[::2]) * total(x[1::2]),
}


def numbers(samples: int) -> Any:
    return np.random.default_rng(0).normal(size=(samples, MANY))


@pytest.mark.parametrize("engine", ENGINES)
@each("name", FUNCTIONS)
def test_many_operands_give_what_the_eager_engine_gives(name: str, engine: str) -> None:
    f = FUNCTIONS[name]
    for samples in (1, 3):
        x = numbers(samples)
        program = record(f, x[0], engine=engine)
        values, (slopes,) = program.value_and_grad(x)
        total_grads = np.zeros(len(program.parameters))
        for row, value, slope in zip(x.tolist(), values, slopes, strict=True):
            given = [Value(v) for v in row]
            y = f(given)
            for parameter in program.parameters:
                parameter.grad = 0.0
            y.backward()
            np.testing.assert_allclose(value, y.data, rtol=1e-13, atol=1e-14)
            np.testing.assert_allclose(slope, [v.grad for v in given], rtol=1e-13, atol=1e-15)
            total_grads += [p.grad for p in program.parameters]
        _, grads = program.parameter_grad(x, reduce="sum")
        np.testing.assert_allclose(grads, total_grads, rtol=1e-13, atol=1e-14)


@pytest.mark.filterwarnings("ignore")  # that of a nan
@pytest.mark.parametrize("engine", ENGINES)
@each("x", [1e3, -1e3, 0.0, np.inf, -np.inf, np.nan])
def test_logsumexp_of_many_has_the_edges_of_that_of_few(x: float, engine: str) -> None:
    few, many = np.array([[x, 1.0]]), np.array([[x, 1.0] + [-np.inf] * MANY])
    value, (slopes,) = record(logsumexp, few[0], engine=engine).value_and_grad(few)
    of_many = record(logsumexp, many[0], engine=engine).value_and_grad(many)
    np.testing.assert_allclose(of_many[0], value, rtol=1e-15)
    np.testing.assert_allclose(of_many[1][0][:, :2], slopes, rtol=1e-15)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", ENGINES)
@each("count", [3, MANY])
def test_the_largest_of_many_shares_ties_and_keeps_nan(count: int, engine: str) -> None:
    x = np.zeros((1, count))
    program = record(maximum, x[0], engine=engine)
    x[0, ::2] = 7.0
    ties = (x[0] == 7) / sum(x[0] == 7)
    value, (slopes,) = program.value_and_grad(x)
    assert value == 7 and slopes.tolist() == [ties.tolist()]
    x[0, 1] = np.nan
    value, (slopes,) = program.value_and_grad(x)
    assert np.isnan(value) and slopes.tolist() == [[1.0] * count]
    x[0, 1] = np.inf
    value, (slopes,) = program.value_and_grad(x)
    assert value == np.inf and slopes.sum() == slopes[0, 1] == 1


def test_the_gradient_of_logsumexp_of_many_adds_up_to_one() -> None:
    x = 100 * numbers(1)[0]
    _, (slopes,) = record(logsumexp, x).value_and_grad(x)
    weights = np.exp(x - x.max())
    np.testing.assert_allclose(slopes, weights / weights.sum(), rtol=1e-15 * abs(x).max())
    assert abs(slopes.sum() - 1) < 1e-15


def test_a_derivative_that_is_recorded_reads_them_too() -> None:
    x = numbers(1)[0]
    slope = record(lambda x: grad(lambda t: logsumexp([t * v for v in x]))(1.0), x)
    weights = np.exp(x - x.max())
    assert slope(x) == pytest.approx(weights @ x / weights.sum(), rel=1e-12)


@NATIVE
def test_a_call_of_many_operands_is_run_in_c() -> None:
    assert record(logsumexp, numbers(1)[0]).engine.startswith("native")


BITS = """
from autograd import record
from tests.autograd.recording.test_many_operands import FUNCTIONS, numbers
x = numbers(1)
for f in FUNCTIONS.values():
    program = record(f, x[0], engine="native")
    values, (slopes,) = program.value_and_grad(x)
    _, grads = program.parameter_grad(x)
    print(*(array.tobytes().hex() for array in (values, slopes, grads)))
"""


@pytest.mark.full
@NATIVE
def test_the_bits_of_many_operands_are_the_same_whatever_the_vectors_of_the_cpu() -> None:
    said = set()
    for vectors in ("any", "avx2", ""):
        environment = {**os.environ, "PYTHONPATH": str(HOUSE), "GLASSGRAD_VECTORS": vectors}
        command = [sys.executable, "-c", BITS]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1 and len(said.pop()) > 1000


def test_an_array_is_read_where_it_lies_as_numbers_in_other_places_are() -> None:
    x = numbers(1)[0]
    for f in (logsumexp, maximum):
        program = record(f, x)
        for place, special in ((5, 0.25), (700, -np.inf), (0, np.inf)):
            x[place] = special
            beside, apart = [], []
            for given, found in ((x, beside), (np.repeat(x, 2)[::2], apart)):
                value, (slopes,) = program.value_and_grad(given)
                found += [value, program(given), *slopes]
            assert np.array_equal(beside, apart, equal_nan=True)
            x[place] = 0.5
