"""Lists among the results: sums of products that are computed where arguments lie."""

import warnings
from typing import Any

import numpy as np
import pytest

from autograd import Gathered, Program, dot, exp, record
from autograd.recording.lists import lists
from tests.autograd.recording import NATIVE

pytestmark = NATIVE
rng = np.random.default_rng(0)


def mixed(w: Any, rows: Any) -> list[Any]:
    """Two lists, of which the second needs a factor that is computed, and numbers between them."""
    first = [dot(w, [row[k] for row in rows]) for k in range(9)]
    factors = [exp(w[0]), w[1]]
    second = [dot(factors, [row[k] for row in rows[1:]]) for k in range(2, 21)]
    return [*first, w[2] - rows[0][3], rows[2][20], *second, second[0]]


def both(f: Any, *args: Any) -> tuple[Program, Program]:
    """A program whose results are an array, and the same one of a tuple of numbers."""
    return record(lambda *x: np.array(f(*x)), *args), record(lambda *x: tuple(f(*x)), *args)


def found_in(program: Program) -> list[tuple[int, int]]:
    return [(first, count) for first, count, _ in lists(program._engines.form)[0]]


def test_lists_are_found_among_the_results() -> None:
    w, rows = np.zeros(3), np.zeros((3, 21))
    program = record(lambda w, rows: np.array(mixed(w, rows)[:-1]), w, rows)
    assert found_in(program) == [(0, 9), (11, 19)]
    assert (
        found_in(record(lambda w, rows: np.array(mixed(w, rows)), w, rows)) == []
    )  # one is there twice
    assert found_in(record(lambda w, rows: w @ rows, w, rows)) == [(0, 21)]
    assert found_in(record(lambda w, rows: w @ rows, w, np.zeros((3, 7)))) == []


def test_what_else_is_read_of_a_list_stays_a_list() -> None:
    def f(x: Any) -> list[Any]:
        return [*[x[0] * x[k] for k in range(9)], exp(x[8])]

    array, numbers = both(f, np.zeros(9))
    assert found_in(array) == [(0, 9)]
    x = rng.normal(size=(70, 9))
    assert np.array_equal(array(x), np.stack(numbers(x), axis=-1))


def test_lists_of_arguments_that_lie_apart() -> None:
    array, numbers = both(lambda w, xs: [w * x for x in xs], 0.0, [0.0] * 9)
    assert found_in(array) == [(0, 9)]
    w, xs = rng.normal(size=70), [*rng.normal(size=(8, 70)), 0.5]
    assert np.array_equal(array(w, xs), np.stack(numbers(w, xs), axis=-1))


def test_results_past_the_cache() -> None:
    w, rows = rng.normal(size=(36_003, 1)), rng.normal(size=(36_003, 1, 30))
    assert np.array_equal(record(lambda w, rows: w @ rows, w[0], rows[0])(w, rows), w * rows[:, 0])


def test_nan_in_a_list_is_named_as_elsewhere() -> None:
    w, rows = rng.normal(size=(130, 3)), rng.normal(size=(130, 3, 21))
    programs = both(lambda w, rows: mixed(w, rows)[:-1], w[0], rows[0])
    for sample, row, k in (17, 1, 4), (129, 2, 19), (3, 0, 20):  # nothing reads the last
        bad = rows.copy()
        bad[sample, row, k] = np.nan
        told, values = [], []
        for program in programs:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found = program(w, bad)
            values.append(found if type(found) is np.ndarray else np.stack(found, axis=-1))
            told.append([str(warning.message) for warning in caught])
        assert np.array_equal(*values, equal_nan=True)
        is_read = np.isnan(values[0]).any()
        assert told[0] == told[1] and is_read == (k < 20) == bool(told[0])
        assert all(f"sample {sample}" in sentence for sentence in told[0])


def given(rows: Any) -> dict[str, Any]:
    """The same rows of 3 lists of 21 numbers, lying in many ways."""
    n = len(rows)
    wide = np.zeros((n, 3, 42))
    wide[..., ::2] = rows
    flat = rows.reshape(3 * n, 21)
    at = np.arange(3 * n).reshape(n, 3)
    one = np.arange(63 * n).reshape(n, 3, 21)
    return {
        "plain": rows,
        "samples last": np.asfortranarray(rows),
        "every other": wide[..., ::2],
        "backwards": rows[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
        "gathered": Gathered(flat, at),
        "gathered one by one": Gathered(rows.ravel(), one),
        "whole": Gathered(rows, np.arange(n)),
    }


@pytest.mark.parametrize("samples", [1, 7, 8, 130, 5000])
def test_lists_are_what_the_numbers_are_to_the_last_bit(samples: int) -> None:
    w, rows = rng.normal(size=(samples, 3)), rng.normal(size=(samples, 3, 21))
    for f in (mixed, lambda w, rows: mixed(w, rows)[:-1], lambda w, rows: list(w @ rows)):
        array, numbers = both(f, w[0], rows[0])
        expected = np.stack(numbers(w, rows), axis=-1)
        for name, some in given(rows).items():
            assert np.array_equal(array(w, some), expected), name
        assert np.array_equal(array(w[0], rows[0]), expected[0])
        assert np.array_equal(array(w, rows[0]), np.stack(numbers(w, rows[0]), axis=-1))
        assert np.array_equal(array(w[0], rows), np.stack(numbers(w[0], rows), axis=-1))
