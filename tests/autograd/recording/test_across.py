"""Sums, means and maxima over the batch inside a program."""

from copy import deepcopy
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    DomainWarning,
    GraphError,
    Value,
    batch_max,
    batch_mean,
    batch_total,
    exp,
    grad,
    hvp,
    jvp,
    largest,
    log,
    record,
    scan,
    sqrt,
    tanh,
    total,
    where,
    while_loop,
)
from autograd.recording.native import library
from tests.autograd.recording import ENGINES
from tests.cases import each

CLOSE: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-10}


def normalised(x: Any, w: Any, t: Any) -> Any:
    """Phases narrow and wide by turns: a normalised layer, a softmax over the batch, and rows of
    what no sample changes."""
    h = tanh(w[0] * x[0] + x[1])
    z = (h - batch_mean(h)) / sqrt(batch_mean((h - batch_mean(h)) ** 2) + 0.1)
    p = exp(z - batch_max(z))
    mixed = w[1] * batch_total(w[0] * x[1]) / batch_total(1.0) + batch_total(w[1]) * 0.01
    return t * p / batch_total(p) + mixed + z


def by_numpy(x: Any, w: Any, t: Any) -> Any:
    h = np.tanh(w[0] * x[:, 0] + x[:, 1])
    z = (h - h.mean()) / np.sqrt(((h - h.mean()) ** 2).mean() + 0.1)
    p = np.exp(z - z.max())
    return t * p / p.sum() + w[1] * (w[0] * x[:, 1]).mean() + len(x) * w[1] * 0.01 + z


def program_of(engine: str = "auto") -> Any:
    return record(normalised, np.zeros(2), np.zeros(2), 0.0, shared="w", engine=engine)


def drawn(samples: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(samples)
    return rng.normal(size=(samples, 2)), np.array([0.7, -0.3]), rng.normal(size=samples)


def slopes(f: Any, x: Any, h: float = 1e-5) -> Any:
    """By central differences."""
    each = np.eye(x.size).reshape(x.size, *x.shape) * h
    return np.array([(f(x + d) - f(x - d)) / (2 * h) for d in each]).reshape(x.shape)


@each("samples", [1, 7, 257])
@pytest.mark.parametrize("engine", ENGINES)
def test_values_are_those_of_numpy_and_gradients_are_slopes_of_the_sum(
    engine: str, samples: int
) -> None:
    program, (x, w, t) = program_of(engine), drawn(samples)
    values, (dx, dw, dt) = program.value_and_grad(x, w, t)
    np.testing.assert_allclose(values, by_numpy(x, w, t), **CLOSE)
    near = {"rtol": 1e-5, "atol": 1e-5 * samples}
    np.testing.assert_allclose(dw, slopes(lambda w: by_numpy(x, w, t).sum(), w), **near)
    few = x[:5]
    moved = slopes(lambda few: by_numpy(np.concatenate([few, x[5:]]), w, t).sum(), few)
    np.testing.assert_allclose(dx[:5], moved, **near)
    np.testing.assert_allclose(dt[:5], slopes(lambda t: by_numpy(x, w, t).sum(), t)[:5], **near)


@pytest.mark.parametrize("engine", ENGINES)
def test_batches_of_many_blocks_are_one(engine: str) -> None:
    program, x = record(lambda x: x / batch_total(x), 1.0, engine=engine), np.ones(300_000)
    values, (dx,) = program.value_and_grad(x)
    np.testing.assert_allclose(values, 1 / 300_000, rtol=1e-12)
    np.testing.assert_allclose(dx, 0.0, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_some_gradients_have_the_bits_of_all(engine: str) -> None:
    program, batch = program_of(engine), drawn(7)
    _, grads = program.value_and_grad(*batch)
    for wanted in [(0,), (1,), (2,), (2, 1)]:
        _, some = program.value_and_grad(*batch, argnums=wanted)
        assert repr(some) == repr(tuple(grads[i] for i in wanted))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_largest_share_the_gradient_of_a_maximum(engine: str) -> None:
    program = record(lambda x: batch_max(x), 0.0, engine=engine)
    values, (dx,) = program.value_and_grad([1.0, 3.0, 3.0, -np.inf])
    assert (values.tolist(), dx.tolist()) == ([3.0] * 4, [0.0, 2.0, 2.0, 0.0])
    assert program([np.inf, 1.0]).tolist() == [np.inf, np.inf]
    assert program([-np.inf, -np.inf]).tolist() == [-np.inf, -np.inf]


@each(
    "batch",
    [[1.0, 3.0, 3.0], [1.0, np.nan, 3.0], [1.0, np.inf], [-np.inf] * 2, [np.inf, np.nan, np.inf]],
)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
def test_maxima_and_their_derivatives_are_those_of_the_row_largest(
    engine: str, batch: list[float]
) -> None:
    def eager(xs: Any) -> Any:
        return total([largest(xs) * tanh(x) for x in xs])

    program = record(lambda x: batch_max(x) * tanh(x), 0.0, engine=engine)
    _, (dx,) = program.value_and_grad(batch)
    np.testing.assert_allclose(dx, grad(eager)(batch), **CLOSE)
    v = [0.5, -2.0, 1.5][: len(batch)]
    np.testing.assert_allclose(program.jvp(batch, direction=v)[1].sum(), jvp(eager, batch, v)[1])
    found = program.hvp(batch, direction=v, argnums=0)
    np.testing.assert_allclose(found, hvp(eager, batch, v), **CLOSE)
    inside = record(grad(program), 0.0, engine=engine)
    np.testing.assert_allclose(inside(batch), dx, **CLOSE)

    def scaled(xs: Any, factors: Any) -> Any:  # whose grads are not nan where a sample is
        return total([c * largest(xs) for c in factors])

    program = record(lambda x, c: c * batch_max(x), 0.0, 0.0, engine=engine)
    inside = record(grad(program), 0.0, 0.0, engine=engine)
    for c in ([0.5] * len(batch), [np.inf] * len(batch)):
        dx = grad(scaled)(batch, c)
        np.testing.assert_allclose(program.value_and_grad(batch, c)[1][0], dx, **CLOSE)
        np.testing.assert_allclose(inside(batch, c), dx, **CLOSE)
        v = [1.0] * len(batch)
        found = program.hvp(batch, c, direction=(v, v))
        np.testing.assert_allclose(found, hvp(scaled, (batch, c), (v, v)), **CLOSE)


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_get_the_gradient_of_the_mean_loss(engine: str) -> None:
    w, b = Value(0.5, "w"), Value(-0.2, "b")
    loss = record(lambda x: (x * w + b - batch_mean(x * w)) ** 2, 0.0, engine=engine)
    x = np.array([1.0, 2.0, 6.0])
    mean, grads = loss.parameter_grad(x)
    rest = 0.5 * (x - 3.0) - 0.2
    assert mean == pytest.approx((rest**2).mean())
    by = dict(zip(loss.parameters, grads, strict=True))
    assert by == pytest.approx({w: (2 * rest * (x - 3)).mean(), b: (2 * rest).mean()})
    assert loss.backward(x) == mean
    assert w.grad == by[w]
    copied = deepcopy(loss)
    assert repr(copied.parameter_grad(x)) == repr(loss.parameter_grad(x))


def test_of_one_sample_and_eagerly_each_is_its_operand() -> None:
    x = Value(3.0, "x")
    for f in (batch_total, batch_mean, batch_max):
        assert f(x) is x
        assert (f(2.0), f([1.0, x])) == (2.0, [1.0, x])
        assert grad(lambda x, f=f: f(x) ** 2)(3.0) == 6.0
        with pytest.raises(TypeError, match=rf"^{f.__name__} needs a number, got the str"):
            f("a")
    program = program_of()
    once = program([0.3, 0.4], [0.7, -0.3], 0.5)
    assert grad(program, 2)([0.3, 0.4], [0.7, -0.3], 0.5) == pytest.approx(1.0)
    assert float(program([Value(0.3), 0.4], [0.7, -0.3], 0.5).data) == pytest.approx(once)


@pytest.mark.parametrize("engine", ENGINES)
def test_derivatives_inside_a_recording_are_those_of_the_sum_over_the_batch(engine: str) -> None:
    program, (x, w, t) = program_of(), drawn(7)
    again = record(grad(program, 1), *(x[0], w, 0.0), shared="w", engine=engine)
    per_sample = again(x, w, t)
    np.testing.assert_allclose(
        per_sample.sum(axis=0), program.value_and_grad(x, w, t)[1][1], **CLOSE
    )
    by_x = record(grad(program), *(x[0], w, 0.0), shared="w", engine=engine)
    np.testing.assert_allclose(by_x(x, w, t), program.value_and_grad(x, w, t)[1][0], **CLOSE)

    def f(x: Any) -> Any:
        return tanh(x * batch_total(x**2)) + batch_max(x) * x + batch_mean(x) ** 3

    v, x = np.random.default_rng(1).normal(size=7), x[:, 0]
    first = record(f, 0.0).value_and_grad
    by_hand = (first(x + 1e-5 * v)[1][0] - first(x - 1e-5 * v)[1][0]) / 2e-5
    second = record(lambda x, v: hvp(f, x, v), 0.0, 0.0, engine=engine)
    np.testing.assert_allclose(second(x, v), by_hand, rtol=1e-6, atol=1e-6)
    along = record(lambda x, v: jvp(f, x, v)[1], 0.0, 0.0, engine=engine)
    by_hand = (record(f, 0.0)(x + 1e-5 * v) - record(f, 0.0)(x - 1e-5 * v)) / 2e-5
    np.testing.assert_allclose(along(x, v), by_hand, rtol=1e-6, atol=1e-6)
    counted = record(lambda x: grad(lambda a: batch_total(a) * 2.0)(1.0) * x, 1.0, engine=engine)
    assert counted(np.ones(5)).tolist() == [10.0] * 5


def test_the_code_shows_where_the_batch_is_gathered() -> None:
    program = record(lambda x: x * batch_mean(x), 1.0, engine="numpy")
    assert "v1 = batch_mean(x)" in str(program)
    assert "dx = dv2 * v1 + batch_total(dv1) * (1 / batch_total(1))" in str(program)
    words: dict[str, Any] = {}
    exec(program.source, words)
    values, dx = words["f_and_grad"](np.array([[1.0, 3.0]]), 1.0)
    assert (values.tolist(), dx.tolist()) == ([[2.0, 6.0]], [[4.0, 4.0]])


def test_recorded_functions_and_methods_have_them_and_called_programs_too() -> None:
    @record
    def centred(x: Any) -> Any:
        return x - batch_mean(x)

    x = np.array([1.0, 2.0, 6.0])
    assert centred(x).tolist() == [-2.0, -1.0, 3.0]
    squared = record(lambda x: centred(x) ** 2, 0.0)
    assert squared(x).tolist() == [4.0, 1.0, 9.0]

    def long(x: Any) -> Any:
        for _ in range(30):
            x = tanh(x) * 1.1
        return x - batch_mean(x)

    inner = record(long, 0.0)
    outer = record(lambda x: inner(x) + inner(2.0 * x), 0.0)
    np.testing.assert_allclose(outer(x), inner(x) + inner(2 * x), **CLOSE)


def test_loops_go_before_and_after_but_not_around_them() -> None:
    before = record(lambda x: batch_total(scan(lambda s: s * x, 1.0, 3)), 1.0)
    assert before([1.0, 2.0]).tolist() == [9.0, 9.0]
    after = record(lambda x: (lambda t: scan(lambda s: s * t, x, 2))(batch_total(x)), 1.0)
    values, (dx,) = after.value_and_grad([1.0, 2.0])
    assert values.tolist() == [9.0, 18.0]
    assert dx.tolist() == [27.0, 27.0]
    with pytest.raises(GraphError, match=r"test_across.py, line \d+: a number of the whole batch"):
        record(lambda x: scan(lambda s: s * batch_total(s), x, 2), 1.0)
    with pytest.raises(GraphError, match="needs scan, a loop of so many steps, beside numbers of"):
        record(lambda x: while_loop(lambda s: s < 9, lambda s: s * 2, x) * batch_total(x), 1.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sample_that_leaves_a_domain_is_named_though_it_spoils_all(engine: str) -> None:
    program = record(lambda x: batch_total(log(x)) + x, 1.0, engine=engine)
    with pytest.warns(DomainWarning, match=r"log needs x > 0, got x = -1 in sample 1") as told:
        assert np.isnan(program([1.0, -1.0, 2.0])).all()
    assert len(told) == 1
    with pytest.warns(DomainWarning, match=r"batch_total overflows to inf at x = 1e\+308"):
        record(lambda x: batch_total(x), 1.0, engine=engine)([1e308, 1e308])


@pytest.mark.parametrize("engine", ENGINES)
def test_second_derivatives_are_those_of_the_sum_over_the_batch(engine: str) -> None:
    program, (x, w, t) = program_of(engine), drawn(7)
    v, h = np.random.default_rng(2).normal(size=(7, 2)), 1e-5
    by_x = [program.value_and_grad(x + s * h * v, w, t)[1][0] for s in (1, -1)]
    found = program.hvp(x, w, t, direction=v, argnums=0)
    np.testing.assert_allclose(found, (by_x[0] - by_x[1]) / (2 * h), rtol=1e-5, atol=1e-5)
    by_w = [program.value_and_grad(x, w + d, t)[1][1] for d in (*h * np.eye(2), *-h * np.eye(2))]
    matrix = np.subtract(by_w[:2], by_w[2:]) / (2 * h)
    np.testing.assert_allclose(program.hessian(x, w, t, argnums=1), matrix, rtol=1e-5, atol=1e-4)
    diagonal = program.hessian_diagonal(x, w, t, argnums=1)
    np.testing.assert_allclose(diagonal, np.diag(matrix), rtol=1e-5, atol=1e-4)
    with pytest.raises(ValueError, match="has numbers of the whole batch, so that samples meet"):
        program.hessian(x, w, t, argnums=0)


KINDS = {
    "plus": lambda a, b, c: a + b,
    "times": lambda a, b, c: a * b,
    "tanh": lambda a, b, c: tanh(a - b),
    "chosen": lambda a, b, c: where(a > b, b, c),
    "several": lambda a, b, c: tanh(total([a, b, c, a])),
    "total": lambda a, b, c: batch_total(tanh(a)),
    "mean": lambda a, b, c: batch_mean(a * b),
    "largest": lambda a, b, c: batch_max(a),
    "count": lambda a, b, c: c / batch_total(1.0),
    "loop": lambda a, b, c: scan(lambda s: tanh(s * a + b), c, 3),
}


@each("seed", range(12))
def test_random_programs_give_the_same_in_every_engine(seed: int) -> None:
    rng, w = Random(seed), Value(0.3, "w")
    kinds = [kind for kind in KINDS if kind != "loop" or seed % 2]
    plan = [(rng.choice(kinds), [rng.random() for _ in range(3)]) for _ in range(25)]

    def f(x: Any, y: Any, theta: Any) -> Any:
        v = [*x, y, *theta, w]
        for kind, places in plan:
            v.append(KINDS[kind](*(v[int(place * len(v))] for place in places)))
        return tanh(0.1 * total(v[-5:]))

    names = [name for name in ("python", "numpy", "native") if name != "numpy" or not seed % 2]
    names = [name for name in names if name != "native" or library is not None]
    example = [0.1, 0.2], 0.3, [0.4, 0.5]
    programs = [record(f, *example, shared="theta", engine=name) for name in names]
    for samples in (1, 7, 257):
        draw = np.random.default_rng(samples).normal
        batch = draw(size=(samples, 2)), draw(size=samples), draw(size=2)
        answers = [
            (*p.value_and_grad(*batch)[1], *p.parameter_grad(*batch, reduce="sum"))
            for p in programs
        ]
        for answer in answers[1:]:
            for found, expected in zip(answer, answers[0], strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
