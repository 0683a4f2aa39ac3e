"""Shared arguments: given at each call, the same for all samples."""

from copy import copy
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import (
    DomainWarning,
    Value,
    dot,
    exp,
    grad,
    log,
    logsumexp,
    record,
    relu,
    tanh,
    value_and_grad,
)
from tests.autograd.recording import ENGINES
from tests.cases import each


def model(x: Any, theta: Any, scale: Any, t: Any) -> Any:
    """A small network of shared weights: rows that are layers, narrow results, sums of both."""
    hidden = [tanh(x @ w + b) for w, b in zip(theta["w"], theta["b"], strict=True)]
    out = logsumexp([*hidden, scale * scale]) * exp(theta["b"][0]) + theta["w"][0, 1] ** 2
    return relu(1.0 - t * out) + scale / (2.0 + t * t)


EXAMPLE = np.zeros(3), {"w": np.zeros((5, 3)), "b": [0.0] * 5}, 1.0, 1.0
SHARED = ("theta", "scale")


def drawn(samples: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(samples)
    theta = {"b": rng.normal(size=5).tolist(), "w": rng.normal(size=(5, 3))}
    return rng.normal(size=(samples, 3)), theta, 0.7, rng.normal(size=samples)


@each("samples", [1, 7, 257])
@pytest.mark.parametrize("engine", ENGINES)
def test_values_and_gradients_are_those_of_the_eager_engine(engine: str, samples: int) -> None:
    program = record(model, *EXAMPLE, engine=engine, shared=SHARED)
    x, theta, scale, t = drawn(samples)
    values, (dx, dtheta, dscale, dt) = program.value_and_grad(x, theta, scale, t)
    eager = value_and_grad(model, (0, 1, 2, 3))
    answers = [eager(x[i], theta, scale, float(t[i])) for i in range(samples)]
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(values, [value for value, _ in answers], **close)
    np.testing.assert_allclose(dx, [g[0] for _, g in answers], **close)
    np.testing.assert_allclose(dt, [g[3] for _, g in answers], **close)
    np.testing.assert_allclose(dscale, sum(g[2] for _, g in answers), **close)
    np.testing.assert_allclose(dtheta["w"], sum(g[1]["w"] for _, g in answers), **close)
    np.testing.assert_allclose(dtheta["b"], sum(np.array(g[1]["b"]) for _, g in answers), **close)
    assert (type(dtheta["b"]), type(dscale)) == (list, float)


@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_are_slopes(engine: str) -> None:
    program = record(model, *EXAMPLE, engine=engine, shared=SHARED)
    x, theta, scale, t = drawn(7)
    _, (dtheta, dscale) = program.value_and_grad(x, theta, scale, t, argnums=(1, 2))
    h = 1e-6
    up, down = (program(x, theta, scale + d, t).sum() for d in (h, -h))
    assert dscale == pytest.approx((up - down) / (2 * h), rel=1e-6)
    moved = [theta | {"w": theta["w"] + d * np.eye(5, 3)} for d in (h, -h)]
    up, down = (program(x, theta, scale, t).sum() for theta in moved)
    assert np.trace(dtheta["w"]) == pytest.approx((up - down) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_some_gradients_have_the_bits_of_all(engine: str) -> None:
    program = record(model, *EXAMPLE, engine=engine, shared=SHARED)
    batch = drawn(7)
    _, grads = program.value_and_grad(*batch)
    for wanted in [(0,), (1,), (2, 0), (3, 1)]:
        _, some = program.value_and_grad(*batch, argnums=wanted)
        assert repr(some) == repr(tuple(grads[i] for i in wanted))


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_stand_beside_them(engine: str) -> None:
    w, b = Value(2.0, "w"), Value(0.5, "b")
    program = record(lambda a, x: w * a * x + b * a, 0.0, 0.0, engine=engine, shared="a")
    x = np.array([1.0, 2.0, 4.0])
    assert program(3.0, x).tolist() == [7.5, 13.5, 25.5]
    assert program.value_and_grad(3.0, x)[1][0] == 15.5
    by = dict(zip(program.parameters, program.parameter_grad(3.0, x, reduce="sum")[1], strict=True))
    assert by == {w: 21.0, b: 9.0}
    assert program.parameter_grad(3.0, x, at=[0.0, 0.0])[0] == 0.0
    assert repr(copy(program).value_and_grad(3.0, x)) == repr(program.value_and_grad(3.0, x))


@pytest.mark.parametrize("engine", ENGINES)
def test_lists_of_arrays_come_back_as_lists_of_arrays(engine: str) -> None:
    class Line(NamedTuple):
        slopes: Any
        shift: Any

    def f(line: Any, x: Any, more: Any) -> Any:
        return dot(line.slopes, x) * line.shift + more[0][0] * more[0][1]

    line, more = Line(np.array([2.0, 3.0]), 0.5), [np.array([4.0, 5.0])]
    program = record(f, line, np.zeros(2), more, shared="line", engine=engine)
    x, own = np.array([[1.0, 0.0], [0.0, 2.0]]), [np.array([[1.0, 2.0], [3.0, 4.0]])]
    values, (by_line, by_own) = program.value_and_grad(line, x, own, argnums=(0, 2))
    assert type(by_line) is Line and by_line.slopes.tolist() == [0.5, 1.0] and by_line.shift == 8.0
    assert values.tolist() == [3.0, 15.0] and type(by_own) is list
    assert by_own[0].tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert program.value_and_grad(line, x, own, argnums=1)[1].tolist() == [[1.0, 1.5]] * 2
    with pytest.raises(TypeError, match="more needs 1 entries"):
        program(line, x, own * 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_program_of_shared_arguments_alone_has_one_sample(engine: str) -> None:
    program = record(lambda a: a @ a, np.zeros(3), engine=engine, shared=["a"])
    value, (slope,) = program.value_and_grad([1.0, 2.0, 3.0])
    assert (value, list(slope)) == (14.0, [2.0, 4.0, 6.0])


def test_as_a_decorator_arrays_of_shared_arguments_have_no_axis_of_samples() -> None:
    @record(shared="theta")
    def f(x: Any, theta: Any) -> Any:
        return theta @ x

    x, theta = np.ones((4, 2)), np.array([1.0, 2.0])
    assert f(x, theta).tolist() == [3.0] * 4
    assert f(theta=theta, x=x).tolist() == [3.0] * 4
    assert f.value_and_grad(x, theta, argnums=1)[1].tolist() == [4.0, 4.0]
    assert grad(f, argnums=1)([1.0, 2.0], theta).tolist() == [1.0, 2.0]
    f(np.ones((4, 3)), np.ones(3))
    assert len(f.programs) == 2

    class Line:
        def __init__(self, slope: float) -> None:
            self.slope = Value(slope)

        @record(shared="b")
        def at(self, x: Any, b: Any) -> Any:
            return self.slope * x + b[0]

    assert Line(2.0).at(np.array([1.0, 2.0]), [0.5]).tolist() == [2.5, 4.5]


def test_derivatives_of_programs_and_recordings_of_them_take_shared_arguments() -> None:
    program = record(lambda a, x: a**3 * x, 0.0, 0.0, shared="a")
    assert grad(program)(2.0, 5.0) == 60.0
    again = record(grad(program), 0.0, 0.0, shared="a")
    values, (da, dx) = again.value_and_grad(2.0, np.array([1.0, 5.0]))
    assert (values.tolist(), da, dx.tolist()) == ([12.0, 60.0], 72.0, [12.0, 12.0])


def test_the_code_says_what_all_samples_share() -> None:
    program = record(lambda a, x: a[0] * x + a[1], [0.0, 0.0], 0.0, shared="a", engine="numpy")
    assert "# a, one column: a[0], a[1]" in program.source
    words: dict[str, Any] = {}
    exec(program.source, words)
    _, da, dx = words["f_and_grad"](np.array([[2.0], [1.0]]), np.ones((1, 3)), 1.0)
    assert (da.tolist(), dx.tolist()) == ([[3.0], [3.0]], [[2.0] * 3])
    assert "da[1] = " in str(program)


def test_wrong_shared_arguments_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^shared needs names of arguments of f\(a, x\), got 'b'"):
        record(lambda a, x: a * x, 1.0, 1.0, shared=("a", "b"))
    program = record(lambda a, x: a[0] * x, [0.0, 0.0], 0.0, shared="a")
    once = "^a shared argument is given once, for all samples: a"
    for bad in [1.0, [1.0], np.ones((7, 2)), {"a": 1.0}]:
        with pytest.raises(ValueError, match=f"{once} with 2 entries, got "):
            program(bad, np.ones(7))
    with pytest.raises(ValueError, match=rf"{once}\[0\] as one number, got an array"):
        program([np.ones(7), 1.0], np.ones(7))
    with pytest.raises(TypeError, match=r"^a needs numbers, got the str"):
        program(["1", 2.0], np.ones(7))


@pytest.mark.parametrize("engine", ENGINES)
def test_nan_and_points_outside_a_domain_are_told(engine: str) -> None:
    program = record(lambda a, x: log(a[1]) * x, [1.0, 1.0], 1.0, shared="a", engine=engine)
    with pytest.warns(DomainWarning, match=r"^a\[1\] is nan, so that f is nan there"):
        program([1.0, np.nan], np.ones(3))
    with pytest.warns(DomainWarning, match=r"log needs x > 0.*got x = -1"):
        program([1.0, -1.0], np.ones(3))
