"""Rows of an array by index, as an argument: what a copy of them gives, without the copy."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from autograd import Gathered, dot, exp, record
from tests.autograd.recording import ENGINES, NATIVE
from tests.cases import each

rng = np.random.default_rng(0)
TABLES = {
    "rows": rng.normal(size=(50, 3)),
    "columns": np.asfortranarray(rng.normal(size=(50, 3))),
    "backwards": rng.normal(size=(100, 6))[::-2, ::-2],
    "whole numbers": rng.integers(-9, 9, (50, 3)),
    "narrow": rng.normal(size=(50, 3)).astype(np.float32),
    "deep": rng.normal(size=(50, 2, 3)),
    "numbers": rng.normal(size=50),
}


def mixed(rows: Any, x: Any) -> Any:
    every = np.ravel(rows).tolist()
    return np.array([dot(every, every[::-1]) * x, *[exp(row) * x for row in every]])


@pytest.mark.parametrize("engine", ENGINES)
def test_gathered_rows_give_what_a_copy_of_them_gives(engine: str) -> None:
    for name, table in TABLES.items():
        for own in ((), (1,), (3,), (2, 2)):
            program = record(mixed, np.zeros((*own, *table.shape[1:])), 0.0, engine=engine)
            for samples in (1, 7, 8, 130):
                at, x = rng.integers(0, 50, (samples, *own)), rng.normal(size=samples)
                copied, read = (program(rows, x) for rows in (table[at], Gathered(table, at)))
                assert np.array_equal(copied, read), (name, own, samples)


@pytest.mark.parametrize("engine", ENGINES)
def test_samples_may_have_several_axes(engine: str) -> None:
    program = record(lambda x: x[0] * x[1], np.zeros(2), engine=engine)
    table, at = np.arange(6.0).reshape(3, 2), [[0, 1], [2, 2]]
    assert program(Gathered(table, at)).tolist() == [[0.0, 6.0], [20.0, 20.0]]


@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_by_gathered_rows_are_those_of_each_sample(engine: str) -> None:
    program = record(
        lambda rows, x: dot(rows[0], rows[1]) * x, np.zeros((2, 3)), 0.0, engine=engine
    )
    table, at, x = TABLES["rows"], rng.integers(0, 50, (9, 2)), rng.normal(size=9)
    for argnums in ((0,), (1,), (0, 1)):
        _, copied = program.value_and_grad(table[at], x, argnums=argnums)
        _, read = program.value_and_grad(Gathered(table, at), x, argnums=argnums)
        assert all(map(np.array_equal, copied, read))


@NATIVE
def test_gathered_rows_are_not_copied() -> None:
    program = record(lambda rows: dot(rows, rows), np.zeros(50), engine="native")
    rows = Gathered(rng.normal(size=(20, 50)), rng.integers(0, 20, 10_000))
    program(rows)
    tracemalloc.start()
    program(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400_000  # the copy would take ten times that


@pytest.mark.parametrize("engine", ENGINES)
def test_the_rows_are_those_of_the_moment_of_the_call(engine: str) -> None:
    program = record(lambda x: x * 2.0, 0.0, engine=engine)
    table = np.arange(3.0)
    rows = Gathered(table, [2, -1, 0])
    assert program(rows).tolist() == [4.0, 4.0, 0.0]
    table[:] = 1.0
    assert program(rows).tolist() == [2.0, 2.0, 2.0]


def test_a_decorated_function_takes_gathered_rows() -> None:
    added = record(lambda x: x[0] + x[1])
    assert added(Gathered(np.arange(6.0).reshape(3, 2), [2, 0])).tolist() == [9.0, 1.0]


def test_rows_that_are_not_there_are_refused() -> None:
    program = record(lambda x: x[0] + x[1], np.zeros(2))
    for at in ([3], [0, -4], [1 << 40]):
        with pytest.raises(IndexError, match="Gathered needs indices of its 3 rows, got "):
            program(Gathered(np.zeros((3, 2)), at))
    with pytest.raises(ValueError, match=r"shape \(samples, 2\), got an array of shape \(1, 3\)"):
        program(Gathered(np.zeros((3, 3)), [1]))
    with pytest.raises(IndexError, match="Gathered needs indices of its 0 rows, got "):
        program(Gathered(np.zeros((0, 2)), [0]))
    with pytest.raises(ValueError, match="at least one sample"):
        program(Gathered(np.zeros((3, 2)), np.zeros(0, int)))


@each(
    "array at told",
    [
        (1.0, [0], "an array of rows, got the float 1.0"),
        (["a"], [0], "needs numbers"),
        ([1.0], 0, "whole numbers as indices, samples first, got the int 0"),
        ([1.0], [0.0], "whole numbers as indices"),
        ([1.0], [True], "whole numbers as indices"),
    ],
)
def test_what_is_no_array_or_no_index_is_refused(array: Any, at: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        Gathered(array, at)


@NATIVE
def test_what_is_shared_takes_gathered_rows_of_its_shape_alone() -> None:
    program = record(lambda v: v.sum(), np.zeros(2), shared="v")
    assert program(Gathered(np.array([1.0, 5.0]), [1, 1])) == 10.0
    for rows in [np.ones((3, 2)), np.ones((3, 4))]:
        with pytest.raises(ValueError, match=r"all samples: v.* got an array of shape"):
            program(Gathered(rows, [1, 0]))


def test_large_results_are_those_of_small_batches() -> None:
    """More than 8 MB are written past the cache, rows of any length."""
    for numbers in (33, 250, 300):
        program = record(lambda x: np.array([v * 3.0 for v in x]), np.zeros(numbers))
        x = rng.normal(size=((1 << 20) // numbers + 13, numbers))
        assert np.array_equal(program(x), x * 3.0)
    program = record(lambda x: dot(x, x), np.zeros(33))
    x = rng.normal(size=((1 << 20) // 33 + 13, 33))
    values, (by_x,) = program.value_and_grad(x)
    assert np.array_equal(by_x, x + x)
    assert np.array_equal(values[-99:], program(x[-99:]))
