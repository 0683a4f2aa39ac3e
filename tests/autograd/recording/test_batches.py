"""Batches: how rows of every kind are read, blocks of a long batch, and what is said of a bad
sample.
"""

import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import (
    DomainWarning,
    Value,
    atan2,
    dot,
    exp,
    grad,
    log,
    record,
    sin,
    sqrt,
    tanh,
    total,
    where,
)
from tests.autograd.recording import ENGINES
from tests.cases import each

LONG = 200_003  # samples, of several blocks, the last of which is no whole one


# Blocks


@pytest.mark.parametrize("engine", ENGINES)
def test_a_long_batch_has_the_values_and_gradients_of_its_samples_in_their_order(
    engine: str,
) -> None:
    w, b = Value(3.0, "w"), Value(0.5, "b")
    program = record(lambda x: w * x * x + b, 0.0, engine=engine)
    x = np.arange(LONG) / 1000.0
    values, (slopes,) = program.value_and_grad(x)
    assert (values == 3.0 * x * x + 0.5).all()
    assert np.allclose(slopes, 6.0 * x, rtol=1e-15, atol=0.0)
    summed, grads = program.parameter_grad(x, reduce="sum")
    assert summed == pytest.approx(values.sum(), rel=1e-12)
    by = dict(zip(program.parameters, grads.tolist(), strict=True))
    assert by == pytest.approx({w: (x * x).sum(), b: LONG}, rel=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "python"])
def test_no_more_than_two_blocks_gradients_are_kept_at_a_time(engine: str) -> None:
    w = Value(3.0, "w")
    engines = record(lambda x: w * x, 0.0, engine=engine)._engines
    alive: list[int] = []
    kept: list[weakref.ref[Any]] = []

    def run(x: Any, p: Any, wish: Any, seed: float) -> Any:
        alive.append(sum(gradient() is not None for gradient in kept))
        kept.append(weakref.ref(gradient := np.full(1, float(x.sum()))))
        return True, x[:1], x[:0], gradient

    x = np.ones((1, LONG))
    wish = engines.wanted((), parameters=True)
    _, values, _, total_grad = engines._in_blocks(run, x, np.ones(1), wish, 1.0)
    assert (len(alive) > 3, max(alive) <= 2) == (True, True)
    assert (total_grad[0], values.sum()) == (LONG, LONG)


# Sums, orders, several axes


@pytest.mark.parametrize("engine", ENGINES)
def test_each_sum_keeps_its_own_bias_however_the_nodes_are_put_in_order(engine: str) -> None:
    biases = [Value(float(10**i), f"b{i}") for i in range(3)]

    def f(v: Any) -> Any:
        squares = [v[i] * v[i] + bias for i, bias in zip((2, 0, 1), biases, strict=True)]
        return [*map(tanh, squares), *squares]

    answer = record(f, [0.0] * 3, engine=engine)(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert [column.tolist() for column in answer[3:]] == [
        [10.0, 37.0],
        [11.0, 26.0],
        [104.0, 125.0],
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_of_a_batch_with_several_axes_the_mean_is_over_all_samples(engine: str) -> None:
    w = Value(2.0)
    program = record(lambda x, y: w * x * y, 0.0, 0.0, engine=engine)
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([10.0, 20.0])
    mean, (slope,) = program.parameter_grad(x, y)
    assert (mean, slope) == (pytest.approx(60.0), pytest.approx(30.0))
    assert program.backward(x, y, reduce="sum") == pytest.approx(360.0)
    assert w.grad == pytest.approx(180.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_given_for_several_parameters_are_used_in_their_order(engine: str) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    program = record(lambda x: a * x + b * b, 0.0, engine=engine)
    at = [{a: 10.0, b: 7.0}[p] for p in program.parameters]
    mean, grads = program.parameter_grad(np.array([1.0, 3.0]), at=at)
    assert mean == 69.0
    assert dict(zip(program.parameters, grads.tolist(), strict=True)) == {a: 2.0, b: 14.0}
    assert (a.data, b.data) == (2.0, 3.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_aux_has_every_sample_in_the_shape_of_the_batch(engine: str) -> None:
    w = Value(2.0)
    program = record(lambda x: (w * x, {"row": np.array([x, x * x]), "x": x}), 0.0, engine=engine)
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    _, _, aux = program.parameter_grad(x, aux=True)
    assert (aux["x"] == x).all()
    assert aux["row"].shape == (2, 3, 2)
    assert (aux["row"][..., 1] == x * x).all()
    assert (program.backward(x, aux=True)[1]["x"] == x).all()


def test_a_program_called_with_values_chooses_where_anew_in_each_sample() -> None:
    program = record(lambda x: where(x > 0, x**3, -x), 1.0)
    assert record(grad(program), 1.0)(np.array([2.0, -2.0])).tolist() == [12.0, -1.0]


# What samples may be


def test_a_list_of_rows_is_rows_whatever_their_number() -> None:
    program = record(lambda v: v[0] * v[1] + v[0], [0.0, 0.0])
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    for count in (1, 2, 3):
        values, (slopes,) = program.value_and_grad(rows[:count])
        assert values.tolist() == [a * b + a for a, b in rows[:count]]
        assert slopes.tolist() == [[b + 1, a] for a, b in rows[:count]]
    assert program([3.0, np.array([1.0, 2.0])]).tolist() == [6.0, 9.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_array_that_is_returned_is_an_array_of_floats_with_the_samples_in_front(
    engine: str,
) -> None:
    program = record(lambda a: np.array([a[0] + a[1], a[0] - a[1]]), np.zeros(2), engine=engine)
    answer = program(np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]))
    assert (answer.dtype, answer.tolist()) == (np.float64, [[3.0, -1.0], [8.0, -2.0], [1.0, -1.0]])
    assert program(np.array([1.0, 2.0])).tolist() == [3.0, -1.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_values_may_be_written_to(engine: str) -> None:
    for f in (lambda x: 3.0, lambda x: x, lambda x: x * 2):
        x = np.ones(3)
        values = record(f, 1.0, engine=engine)(x)
        values[0] = 7.0
        assert x.tolist() == [1.0, 1.0, 1.0]


def test_arrays_of_every_kind_of_real_number_are_read() -> None:
    program = record(lambda v: v[0] - v[1], [0.0, 0.0])
    for array in (
        np.array([[3.0, 1.0]], dtype=object),
        np.array([[3, 1]], dtype=np.int8),
        np.array([[3, 1]], dtype=np.float32),
        np.ma.array([[3.0, 1.0]]),
    ):
        assert program(array).tolist() == [2.0]
    assert program(np.array([[True, False]])).tolist() == [1.0]


two = record(lambda v: dot(v, v), [0.0, 0.0])
REAL = "v needs real numbers, got"
REFUSED: list[tuple[str, Any]] = [
    (
        "v[1] needs a number or an array of samples: write np.array(...) around it",
        [3.0, [1.0, 2.0]],
    ),
    ("v needs numbers, got the str '1': write float('1')", [["1", "2"]]),
    (f"{REAL} an array of shape (1, 2) of dtype complex128: convert them", np.array([[1j, 2]])),
    (
        f"{REAL} an array of shape (1, 2) of dtype timedelta64[s]: convert them",
        np.array([[1, 2]], dtype="timedelta64[s]"),
    ),
    (
        "v needs numbers, got a masked array: write x.filled(0.0)",
        np.ma.array([[1, 2]], mask=[[1, 0]]),
    ),
    ("v needs numbers, got None: is a return missing where it came from?", np.array([[1.0, None]])),
]


@each(("sentence", "samples"), REFUSED, ids=[s for s, _ in REFUSED])
def test_what_is_no_real_number_is_refused(sentence: str, samples: Any) -> None:
    with pytest.raises(TypeError) as caught:
        two(samples)
    assert str(caught.value) == sentence


def test_what_a_mask_hides_and_what_no_parameter_can_have_is_refused() -> None:
    hidden = np.ma.array([1.0, 2.0], mask=[0, 1])
    p = [Value(1.0), Value(2.0)]
    by_p = record(lambda x: p[0] * p[1] * x, 1.0)
    for f in [grad(total), lambda x: record(total, x), lambda x: by_p.parameter_grad(1.0, at=x)]:
        with pytest.raises(TypeError, match=r"numbers.*, got a masked array: write x\.filled"):
            f(hidden)
    for numbers in [[None, 1.0], ["1", "2"], [1j, 2.0], p]:
        with pytest.raises(TypeError, match=r"at needs (real )?numbers, got"):
            by_p.parameter_grad(1.0, at=numbers)


def test_lists_of_lists_are_called_as_they_were_recorded() -> None:
    rows = record(lambda m: m[0][1] * m[1][0], [[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(TypeError, match="m needs 2 entries, as in the example, got an array of"):
        rows(np.ones((2, 2)))


# What is said of a sample


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bad_sample_is_named_by_its_number_or_in_several_axes_by_its_place(engine: str) -> None:
    program = record(lambda x: log(x), 1.0, engine=engine)
    with pytest.warns(DomainWarning, match=r"got x = -1 in sample 700 "):
        program(np.r_[np.ones(700), -1.0, np.ones(299)])
    with pytest.warns(DomainWarning, match=r"got x = -1 in sample \(1, 0\) "):
        program(np.array([[1.0, 2.0], [-1.0, 2.0]]))
    with pytest.warns(DomainWarning, match=r"x is nan in sample \(1, 1\), so that f is nan there"):
        program(np.array([[1.0, 2.0], [1.0, np.nan]]))


def scaled_up(x: Any) -> Any:
    return (x * 1e200) * 1e200


def scaled_down(x: Any) -> Any:
    return (x * 1e-200) * 1e-200


def divided(x: Any) -> Any:
    return x / 2.0**-1074


def balanced(x: Any) -> Any:
    return x + (x - x * 1.0)


def averaged(x: Any) -> Any:
    return total([x, x]) / 2


EDGES = [
    (scaled_up, [0.0, 1e-300]),
    (scaled_down, [1e300]),
    (divided, [0.0]),
    (balanced, [1e308]),
    (averaged, [1e307]),
]


@pytest.mark.parametrize("engine", ENGINES)
@each(("f", "at"), EDGES, ids=lambda f: getattr(f, "__name__", ""))
def test_near_overflow_a_program_is_as_finite_as_its_function_or_says_so(
    f: Callable[..., Any], at: list[float], engine: str
) -> None:
    expected = [f(Value(x)).data for x in at]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        values = record(f, 1.0, engine=engine)(np.array(at)).tolist()
    assert values == pytest.approx(expected, rel=1e-12, abs=0.0) or "another order" in str(
        [w.message for w in said]
    )


def test_a_result_that_only_the_folding_makes_infinite_is_told() -> None:
    program = record(lambda x: x * 2.0, 1.0, engine="numpy")
    infinite = np.full((1, 2), np.inf)
    program._engines.run = lambda x, *_: (False, infinite, [], [])  # type: ignore[method-assign]
    with pytest.warns(
        DomainWarning,
        match="f overflows in sample 0, because a program adds and multiplies in another",
    ):
        program(np.array([1.0, 2.0]))


# Grads that lie in one another's arrays, and grads of conditions


SHARED: dict[str, Callable[[Any], Any]] = {
    "a sum and the same sum the other way round": lambda x: (x + sin(x)) * (sin(x) + x),
    "sums below two functions": lambda x: tanh(x + sin(x)) + exp(sin(x) + x),
    "sums of three": lambda x: exp(x + x * x + x) * tanh(x * x + x + x),
    "a sum of sums": lambda x: tanh((x + sin(x)) + (sin(x) + x)) + (x + sin(x)),
}


@pytest.mark.parametrize("engine", ENGINES)
@each("samples", [1, 1000])
@each("what", SHARED)
def test_a_grad_that_is_handed_on_is_not_written_into(what: str, samples: int, engine: str) -> None:
    f = SHARED[what]
    values, (slopes,) = record(f, 0.7, engine=engine).value_and_grad(np.full(samples, 0.7))
    assert values == pytest.approx(np.full(samples, f(0.7)), rel=1e-14)
    assert slopes == pytest.approx(np.full(samples, grad(f)(0.7)), rel=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
def test_grads_of_parameters_that_are_handed_on_are_not_written_into(engine: str) -> None:
    a, b, c = (Value(x, name) for x, name in ((0.7, "a"), (0.4, "b"), (1.3, "c")))

    def f(x: Any) -> Any:
        s, v = sin(a), a * a + b
        long = total([s, exp(b), (b + a * x) + c * s, (c + a * x) + c * s, (c + b * x) + a * s])
        return long + (b + v) * (v + b) * x

    program = record(f, 0.5, engine=engine)
    _, found = program.parameter_grad(np.full(7, 0.5))
    y = f(0.5)
    y.backward()
    assert dict(zip(program.parameters, found.tolist(), strict=True)) == {
        p: pytest.approx(p.grad) for p in (a, b, c)
    }


@pytest.mark.parametrize("engine", ENGINES)
@each("samples", [1, 300])
def test_what_only_a_condition_asks_gets_no_grad_even_where_its_slope_is_infinite(
    engine: str, samples: int
) -> None:
    w = Value(0.0, "w")
    cases: list[tuple[Callable[[Any], Any], float]] = [
        (lambda x: where(sqrt(x) > 1.0, x, 2 * x), 2.0),
        (lambda x: where(log(x + 1e-300) > -1.0, 3 * x, x), 1.0),
        (lambda x: where(sqrt(w) > 1.0, x, 5 * x), 5.0),
    ]
    for f, slope in cases:
        program = record(f, 1.0, engine=engine)
        _, (slopes,) = program.value_and_grad(np.zeros(samples))
        assert slopes.tolist() == [slope] * samples


@pytest.mark.parametrize("engine", ENGINES)
@each("samples", [1, 50])
def test_the_sign_of_zero_is_that_of_the_eager_engine(engine: str, samples: int) -> None:
    for f in (
        lambda x: atan2(-x, -1.0),
        lambda x: -x,
        lambda x: x * 0.5,
        lambda x: -x + -x,
        lambda x: x * x * -1.0,
    ):
        for x in (0.0, -0.0):
            found = record(f, 1.0, engine=engine)(np.full(samples, x))
            eager = f(Value(x)).data
            assert found.tolist() == [eager] * samples
            assert np.signbit(found).tolist() == [np.signbit(eager)] * samples


def test_a_sum_that_only_the_program_overflows_is_told_with_its_sample() -> None:
    """Parameters are added up before the samples, which overflows here, and f itself only for the
    first 300.
    """
    p, q = Value(1e308, "p"), Value(1e308, "q")
    program = record(lambda x: x + p + q, 0.0, engine="numpy")
    x = np.r_[np.zeros(300), -1e308]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program(x)
    said = [str(warning.message) for warning in caught]
    assert any(
        "overflows in sample 300, because a program adds and multiplies in another order" in s
        for s in said
    ), said


@pytest.mark.parametrize("engine", ENGINES)
def test_zero_and_minus_zero_are_two_numbers(engine: str) -> None:
    values = [float(y) for y in record(_zeros, 1.0, engine=engine)(-1.0)]
    assert values == [y.data for y in _zeros(Value(-1.0))]
    assert values[2] == -values[3] == pytest.approx(-np.pi)


def _zeros(x: Any) -> list[Any]:
    return [atan2(x * 0.0, -1.0), atan2(0.0 * x, x - 2.0), atan2(-0.0, x), atan2(0.0, x)]


@pytest.mark.parametrize("engine", ENGINES)
def test_arrays_within_a_result_are_parts_of_one_array(engine: str) -> None:
    def f(x: Any) -> Any:
        return {
            "pair": (x[0], np.array([[x[1], x[0] * 2.0]])),
            "none": np.zeros(0),
            "sum": [dot(x, x)],
        }

    x = np.sin(np.arange(18.0)).reshape(9, 2)
    found = record(f, x[0], engine=engine)(x)
    assert found["pair"][0].tolist() == x[:, 0].tolist()
    assert np.array_equal(found["pair"][1], np.stack([x[:, 1], x[:, 0] * 2.0], 1)[:, None])
    assert found["none"].shape == (9, 0)
    assert np.allclose(found["sum"][0], (x * x).sum(1), rtol=1e-15)
    one = record(f, x[0], engine=engine)(x[3])
    assert one["pair"][1].tolist() == found["pair"][1][3].tolist()
    if engine == "native":  # none of them is copied
        assert found["pair"][1].base is not None and found["pair"][0].flags.c_contiguous
