"""Derivatives of functions: shapes, nesting, closures, forward and reverse, every refusal."""

import copy
import dataclasses
import math
import pickle
from collections import namedtuple
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    DomainWarning,
    GraphWarning,
    Value,
    check,
    dot,
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    log,
    logsumexp,
    maximum,
    mean,
    no_grad,
    record,
    sin,
    softmax,
    sqrt,
    tanh,
    total,
    value_and_grad,
)
from tests.cases import each
from tests.random_graphs import Program, bits, built, programs, replay

Point = namedtuple("Point", "w b")

# Functions of a list of three numbers that return one.
SCALAR: dict[str, Callable[[Any], Any]] = {
    "polynomial": lambda v: v[0] ** 3 * v[1] - v[1] * v[2] ** 2,
    "smooth": lambda v: tanh(v[0] * v[1]) + exp(v[2]) / (1 + v[0] ** 2),
    "bundled": lambda v: dot(v, [v[1], 2.0, v[0]], v[2]) * mean(v) + logsumexp(v),
    "without bias": lambda v: dot(v, v) ** 2 - total(v),
    "power": lambda v: (1.5 + sin(v[0])) ** (v[1] * v[2]),
    "softmax": lambda v: log(softmax(v)[1]) + v[0],
    "loop": lambda v: sum((x - 0.3) ** 2 * y for x in v for y in v),
    "linear": lambda v: 2 * v[0] - v[2],
    "kinked": lambda v: maximum(v[0], v[1] * v[2]) ** 2,
}
# ... and that return several.
VECTOR: dict[str, Callable[[Any], Any]] = {
    "products": lambda v: [v[0] * v[1], v[1] * v[2], v[2] * v[0], v[0]],
    "softmax": softmax,
    "constant part": lambda v: [v[0], 2.0, exp(v[1])],
}
three = st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3)


def close(a: Any, b: Any) -> bool:
    return bool(
        np.allclose(np.array(a, dtype=float), np.array(b, dtype=float), rtol=1e-12, atol=1e-12)
    )


# Forward and reverse, first and second order


@pytest.mark.parametrize("name", SCALAR)
@given(at=three, along=three)
def test_forward_and_reverse_agree(name: str, at: list[float], along: list[float]) -> None:
    f = SCALAR[name]
    y, gradient = value_and_grad(f)(at)
    forward, slope = jvp(f, at, along)
    assert forward == y == f([Value(x) for x in at]).data
    assert close(slope, np.dot(gradient, along))
    assert gradient == grad(f)(at)


@pytest.mark.parametrize("name", SCALAR)
@given(at=three, along=three)
def test_hvp_is_the_hessian_times_the_vector(
    name: str, at: list[float], along: list[float]
) -> None:
    matrix = np.array(hessian(SCALAR[name])(at))
    assert close(matrix, matrix.T)
    assert close(hvp(SCALAR[name], at, along), matrix @ along)
    assert close(matrix, jacobian(grad(SCALAR[name]))(at))


@pytest.mark.parametrize("name", VECTOR)
@given(at=three, along=three)
def test_jvp_is_the_jacobian_times_the_vector(
    name: str, at: list[float], along: list[float]
) -> None:
    outputs, slopes = jvp(VECTOR[name], at, along)
    assert close(slopes, np.array(jacobian(VECTOR[name])(at)) @ along)
    assert outputs == [float(y) for y in VECTOR[name](at)]


@pytest.mark.parametrize("name", [*SCALAR, *VECTOR])
@given(at=three)
def test_the_jacobian_of_one_forward_pass_is_that_of_reverse_passes(
    name: str, at: list[float]
) -> None:
    f = (SCALAR | VECTOR)[name]
    assert close(jacfwd(f)(at), jacobian(f)(at))


def test_jacfwd_runs_the_function_once_and_goes_along_all_directions() -> None:
    calls = []

    def f(v: Any) -> Any:
        calls.append(v)
        return {"s": sum(v) ** 2, "p": [v[0] * v[1], 3.0]}

    expected = {"s": [6.0, 6.0, 6.0], "p": [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]]}
    assert jacfwd(f)([2.0, 1.0, 0.0]) == expected and len(calls) == 1
    assert jacfwd(lambda a, b: [a * b, a], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    matrix = jacfwd(lambda a: np.array([[1.0, 2.0], [3.0, 4.0]]) @ a)(np.array([1.0, 1.0]))
    assert matrix.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_jacfwd_nests_with_every_derivative_and_is_recorded() -> None:
    def f(v: Any) -> Any:
        return v[0] ** 2 * v[1] + sin(v[0] * v[1])

    at, matrix = [0.5, 2.0], hessian(f)([0.5, 2.0])
    for nested in (jacfwd(jacfwd(f)), jacfwd(grad(f)), jacobian(jacfwd(f))):
        assert close(nested(at), matrix)
        assert close(record(nested, at)(at), matrix)
    c = Value(3.0)
    [slope, zero] = jacfwd(lambda x: [c * x**2, 1.0])(2.0)
    slope.backward()
    assert (slope.data, c.grad, zero.data) == (12.0, 4.0, 0.0)
    assert grad(lambda x: jacfwd(lambda y: [x * y, y])(2.0)[0] * x)(3.0) == 6.0


def test_the_fourth_derivative_of_a_sine_is_the_sine() -> None:
    f: Any = sin
    for _ in range(4):
        f = grad(f)
    assert f(0.7) == pytest.approx(math.sin(0.7), rel=1e-14)


def test_the_jacobian_of_a_hessian_has_three_axes() -> None:
    cube = jacobian(hessian(lambda v: v[0] ** 2 * v[1]))([2.0, 3.0])
    assert cube == [[[0.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]]


# Nesting: every derivative belongs to its own variable


def test_perturbations_are_not_confused() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: (x * y) ** 2)(x))(3.0) == 6 * 9.0
    assert grad(lambda x: x * grad(lambda y: y**2)(5.0))(3.0) == 10.0
    assert grad(lambda x: x * jvp(lambda y: x * y, 2.0, 1.0)[1])(3.0) == 6.0
    assert jvp(lambda x: x * grad(lambda y: x + y)(1.0), 1.0, 1.0) == (1.0, 1.0)
    assert jvp(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1], 1.0, 1.0) == (1.0, 1.0)


def test_the_same_variable_inside_and_outside() -> None:
    assert grad(lambda x: grad(lambda y: y**3)(x) * x)(2.0) == pytest.approx(9 * 4.0)
    assert grad(lambda x: grad(lambda x: x**2)(x * x))(3.0) == 12.0


def test_a_function_may_use_a_gradient_as_a_step() -> None:
    def after_a_step(x: Any) -> Any:
        return (x - 0.1 * grad(lambda y: y**4)(x)) ** 2

    x = 1.5
    assert grad(after_a_step)(x) == pytest.approx(
        2 * (x - 0.4 * x**3) * (1 - 1.2 * x**2), rel=1e-14
    )


def test_inside_a_derivative_what_no_other_value_changes_is_a_float() -> None:
    seen: list[Any] = []

    def after_a_descent(a: Any) -> Any:
        y = [1.0, -1.0]
        for _ in range(50):  # the slopes by y do not know a
            slope = grad(lambda y: (y[0] - 3) ** 2 + y[1] ** 4 + a**2)(y)
            y = [u - 0.1 * s for u, s in zip(y, slope, strict=True)]
        seen.extend(y)
        seen.append(jacobian(lambda y: [a * y, y**2])(2.0))
        seen.append(jvp(lambda y: [a * y, y**2], 2.0, 1.0)[1])
        return a * y[0] + seen[-1][0] * seen[-2][1]

    expected = 3 - 2 * 0.8**50 + 4
    for derivative in (grad(after_a_descent), jacfwd(after_a_descent)):
        assert derivative(2.0) == pytest.approx(expected, rel=1e-14)
    assert grad(after_a_descent)(Value(2.0)).data == pytest.approx(expected, rel=1e-14)
    types = {float: 0, Value: 0}
    for x in seen:
        for y in x if isinstance(x, list) else [x]:
            types[type(y)] += 1
    assert types == {float: 12, Value: 6}


def test_a_closed_over_value_that_is_returned_as_it_is_is_followed() -> None:
    assert grad(lambda c: value_and_grad(lambda x: c)(2.0)[0])(3.0) == 1.0
    assert grad(lambda c: jvp(lambda x: [x, c], 2.0, 1.0)[0][1] * c)(3.0) == 6.0
    c = Value(3.0)
    y, slope = value_and_grad(lambda x: c)(2.0)
    y.backward()
    assert (y.data, slope.data, c.grad) == (3.0, 0.0, 1.0)


def test_hvp_and_jvp_nest_in_grad() -> None:
    def curvature(v: Any) -> Any:
        return total(hvp(lambda w: w[0] ** 3 * w[1], v, [1.0, 0.0]))

    # 6 x y + 3 x²
    assert close(grad(curvature)([2.0, 5.0]), [6 * 5.0 + 6 * 2.0, 6 * 2.0])


# Closures and arguments that are Values


def test_values_that_take_part_give_a_value_that_differentiates() -> None:
    c, x = Value(3.0, "c"), Value(2.0, "x")
    for slope, taken, second in (
        (grad(lambda x: c * x**2)(2.0), c, 4.0),
        (grad(lambda t: t**3)(x), x, 12.0),
    ):
        assert type(slope) is Value and slope.data == 12.0
        assert taken.grad == 0.0 and not taken.reached
        slope.backward()
        assert taken.grad == second


def test_values_from_value_and_grad_jacobian_jvp_and_hvp_differentiate() -> None:
    c = Value(3.0)
    y, slope = value_and_grad(lambda x: c * x)(2.0)
    [[j]] = jacobian(lambda v: [c * c * v[0]])([1.0])
    along = jvp(lambda x: c * x, 2.0, 1.0)[1]
    twice = hvp(lambda v: c * v[0] ** 2, [2.0], [1.0])[0]
    (y + slope + j + along + twice).backward()
    assert c.grad == 2.0 + 1.0 + 6.0 + 1.0 + 2.0


def test_a_tangent_may_be_a_value() -> None:
    t = Value(3.0)
    _, slope = jvp(lambda x: x**2, 2.0, t)
    slope.backward()
    assert (slope.data, t.grad) == (12.0, 4.0)


def test_nothing_is_left_behind_on_anybodys_values() -> None:
    c, w = Value(3.0), [Value(1.0), Value(2.0)]
    inner = c * 2
    inner.backward()
    before = [(v.grad, v.reached, v.data, v.op, v.operands) for v in (c, inner, *w)]

    def f(v: Any) -> Any:
        return dot(v, w, inner) ** 2

    for derivative in (grad(f), value_and_grad(f), jacobian(f), hessian(f)):
        derivative([0.5, 0.25]), derivative(w)
    jvp(f, [0.5, 0.25], [1.0, 0.0]), hvp(f, w, [1.0, 0.0])
    assert [(v.grad, v.reached, v.data, v.op, v.operands) for v in (c, inner, *w)] == before


def test_floats_in_floats_out() -> None:
    assert type(grad(lambda x: x**2)(3)) is float
    y, slope = value_and_grad(lambda v: v[0] * v[1])([2, Fraction(1, 2)])
    assert type(y) is float and [type(s) for s in slope] == [float, float] and slope == [0.5, 2.0]


def test_derivatives_under_no_grad_are_the_same() -> None:
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert hessian(SCALAR["polynomial"])([1.0, 2.0, 3.0])[2] == [0.0, -6.0, -4.0]
        assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0


# Arguments and shapes


def test_argnums_choose_arguments() -> None:
    def f(a: Any, b: Any, *, scale: float = 1.0) -> Any:
        return scale * a / b

    assert grad(f)(1.0, 2.0) == 0.5
    assert grad(f, 1)(1.0, 2.0) == -0.25
    assert grad(f, -1)(1.0, 2.0) == -0.25
    assert grad(f, (1, 0))(1.0, 2.0) == (-0.25, 0.5)
    assert grad(f, (-2,))(1.0, 2.0) == (0.5,)
    assert grad(f)(1.0, 2.0, scale=4.0) == 2.0
    assert jacobian(f, (0, 1))(1.0, 2.0) == (0.5, -0.25)
    assert hessian(f, (0, 1))(1.0, 2.0) == ((0.0, -0.25), (-0.25, 0.25))


def test_gradients_have_the_shape_of_the_argument() -> None:
    assert grad(lambda v: v[0] * v[1][0] * v[1][1])([2.0, [3.0, 5.0]]) == [15.0, [10.0, 6.0]]
    assert grad(lambda v: v[0] * v[1])((2.0, 3.0)) == (3.0, 2.0)
    assert grad(lambda d: d["w"] * d["b"][0])({"w": 2.0, "b": [3.0]}) == {"w": 3.0, "b": [2.0]}
    answer = grad(lambda p: p.w * p.b)(Point(2.0, 3.0))
    assert type(answer) is Point and answer == Point(3.0, 2.0)
    assert grad(lambda v: 1.0)([]) == []


def test_arrays_go_in_and_come_out() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    slope = grad(lambda a: (a**3).sum())(x)
    assert slope.dtype == float and np.array_equal(slope, 3 * x**2)
    w = np.arange(6.0).reshape(3, 2)
    matrix = jacobian(lambda a: w @ a)(np.array([1.0, 2.0]))
    assert matrix.dtype == float and np.array_equal(matrix, w)
    assert jacobian(lambda a: np.exp(a))(x).shape == (2, 2, 2, 2)
    assert hessian(lambda a: (a @ a) ** 2)(np.array([1.0, 2.0])).tolist() == [
        [28.0, 16.0],
        [16.0, 52.0],
    ]
    assert np.array_equal(
        hvp(lambda a: (a**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0])), [6.0, 12.0]
    )
    assert grad(lambda a: total(a) * 2)(np.arange(3)).tolist() == [2.0, 2.0, 2.0]


def test_jacobians_have_the_outputs_outside_and_the_argument_inside() -> None:
    assert jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([2.0, 3.0]) == [[3.0, 2.0], [1.0, 1.0]]
    assert jacobian(lambda x: (x, x * x, 1.0))(3.0) == (1.0, 6.0, 0.0)
    assert jacobian(lambda a, b: [a * b, a], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    assert jacobian(lambda d: {"s": d["a"] * 2})({"a": 1.0}) == {"s": {"a": 2.0}}
    assert jacobian(lambda x: [])(1.0) == []


@given(programs(30))
def test_the_pass_of_backward_and_a_walk_of_its_own_give_the_same(program: Program) -> None:
    at, plan = program

    def last(*xs: Any) -> Any:
        return replay(plan, xs)[1]

    wanted, w = tuple(range(len(at))), Value(1.0)
    quickly = grad(last, wanted)(*at)
    (walked,) = jacobian(lambda *xs: [last(*xs) + 0.0 * w], wanted)(*at)
    output, inputs = built(program)
    output.backward()
    for x, found, slope in zip(inputs, quickly, walked, strict=True):
        assert bits([found + 0.0]) == bits([slope.data + 0.0]) == bits([x.grad + 0.0])


def test_several_outputs_may_be_arguments_and_numbers() -> None:
    outputs = jacobian(lambda x, y: [x, y * x, 2.0, y, x], (0, 1))
    assert outputs(3.0, 5.0) == [(1.0, 0.0), (5.0, 3.0), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]


def test_an_output_may_be_an_input_itself() -> None:
    assert grad(lambda x: x)(3.0) == 1.0
    assert jacobian(lambda v: [v[1], v[0], v[1]])([1.0, 2.0]) == [
        [0.0, 1.0],
        [1.0, 0.0],
        [0.0, 1.0],
    ]
    assert jvp(lambda x: x, 3.0, 2.0) == (3.0, 2.0)


def test_a_function_that_returns_a_constant_has_the_derivative_zero() -> None:
    assert grad(lambda x: 5.0)(1.0) == 0.0
    assert value_and_grad(lambda v: 5)([1.0, 2.0]) == (5.0, [0.0, 0.0])
    assert hessian(lambda v: 1.0)([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: 5.0, 1.0, 1.0) == (5.0, 0.0)
    assert grad(lambda x: np.float64(2.0))(1.0) == 0.0


def test_derivatives_keep_the_name_and_words_of_the_function() -> None:
    def cost(x: float) -> float:
        """What it costs."""
        return x**2

    for derivative in (grad(cost), value_and_grad(cost), jacobian(cost)):
        assert derivative.__name__ == "cost" and derivative.__doc__ == "What it costs."


def test_warnings_of_the_domain_pass_through_once() -> None:
    with pytest.warns(DomainWarning) as caught:
        assert grad(lambda x: log(x))(-1.0) == -1.0
    assert [str(w.message) for w in caught] == ["log needs x > 0, got x = -1"]


def test_an_infinite_derivative_of_a_defined_function_is_no_news() -> None:
    assert grad(grad(lambda x: x**1.5))(0.0) == math.inf
    assert grad(sqrt)(0.0) == math.inf and grad(grad(sqrt))(0.0) == -math.inf
    slope = grad(sqrt)(Value(0.0))
    assert slope.data == math.inf


# Refusals

WORD = "got the str 'a': write float('a')"
MISSING = "got None: is a return missing where it came from?"
APART = "differentiate its real and imaginary parts separately"
FEW = "to differentiate by: f was called with 2 of them"
ONE = "needs f to return one number, got"
FIRST: Any = lambda a, b: a  # noqa: E731
ARRAY: Any = lambda x: np.array([x, x])  # noqa: E731
REFUSALS: list[tuple[Any, str]] = [
    (lambda: grad(lambda x: None)(1.0), f"grad needs f to return numbers, {MISSING}"),
    (lambda: grad(lambda x: [x])(1.0), f"grad {ONE} a list of 1: use jacobian"),
    (
        lambda: value_and_grad(ARRAY)(1.0),
        f"value_and_grad {ONE} an array of shape (2,): use jacobian",
    ),
    (lambda: grad(lambda x: "a")(1.0), f"grad needs f to return numbers, {WORD}"),
    (lambda: hvp(lambda x: [x, x], 1.0, 1.0), f"hvp {ONE} a list of 2: use jacobian"),
    (lambda: hessian(lambda v: v)([1.0]), f"hessian {ONE} a list of 1: use jacobian"),
    (lambda: hessian(lambda x: [x, x])(1.0), f"hessian {ONE} a list of 2: use jacobian"),
    (lambda: hessian(sin)("a"), f"hessian needs numbers in argument 0, {WORD}"),
    (lambda: grad(lambda x: x)(None), f"grad needs numbers in argument 0, {MISSING}"),
    (lambda: grad(lambda v: v[0])(["a"]), f"grad needs numbers in argument 0, {WORD}"),
    (
        lambda: grad(FIRST, 1)(1.0, 1j),
        f"grad needs numbers in argument 1, got the complex 1j: {APART}",
    ),
    (lambda: grad(FIRST, 2)(1.0, 2.0), f"grad has no argument 2 {FEW}"),
    (lambda: jacobian(FIRST, -3)(1.0, 2.0), f"jacobian has no argument -3 {FEW}"),
    (lambda: grad(FIRST, (1, -1))(1.0, 2.0), "grad needs each argument once, got argnums (1, -1)"),
    (
        lambda: grad(sin, 1.0),
        "grad needs argnums to be an int or a tuple of ints, got the float 1.0",
    ),
    (
        lambda: grad(Value(2.0), Value(2.0)),
        "grad needs a function, got the Value Value(2): write y.backward()",
    ),
    (
        lambda: value_and_grad(3.0),
        "value_and_grad needs a function, got the float 3.0: write value_and_grad(f)(x)",
    ),
    (lambda: hessian(3), "hessian needs a function, got the int 3: write hessian(f)(x)"),
    (lambda: jacfwd(3), "jacfwd needs a function, got the int 3: write jacfwd(f)(x)"),
    (lambda: jvp(3, 1.0, 1.0), "jvp needs a function, got the int 3: write jvp(f, x, v)"),
    (lambda: hvp(3, 1.0, 1.0), "hvp needs a function, got the int 3: write hvp(f, x, v)"),
    (lambda: jvp(sin), "jvp() missing 2 required positional arguments: 'primals' and 'tangents'"),
    (lambda: jvp(lambda v: v[0], [1.0], ["a"]), f"jvp needs numbers as tangents, {WORD}"),
]


@each(("compute", "sentence"), REFUSALS, ids=[case[1][:50] for case in REFUSALS])
def test_a_refusal_says_in_the_name_of_what_was_called_what_was_needed_and_what_came(
    compute: Callable[[], Any], sentence: str
) -> None:
    with pytest.raises(TypeError) as refused:
        compute()
    assert str(refused.value) == sentence


@each(
    ("primals", "tangents", "said"),
    [
        ([1.0, 2.0], [1.0], " with 2 entries, got a list of 1"),
        ({"a": 1.0}, {"b": 1.0}, " with the keys 'a', got 'b'"),
        ({"a": 1.0}, {"a": 1.0, "b": 1.0}, " with the keys 'a', got 'a', 'b'"),
        ({"a": [1.0]}, {"a": 1.0}, "['a'] with 1 entries, got the float 1.0"),
        ((1.0,), 1.0, " with 1 entries, got the float 1.0"),
        ((1.0,), (1.0, 2.0), " with 1 entries, got a tuple of 2"),
        ((1.0, [2.0]), (1.0, [[1.0]]), "[1][0] as one number, got a list of 1"),
        (np.zeros((2, 3)), np.zeros((3, 2)), " of shape (2, 3), got an array of "),
        (np.zeros((2, 3)), np.zeros(6), " of shape (2, 3), got an array of "),
    ],
)
def test_tangents_come_in_the_shape_of_the_inputs(primals: Any, tangents: Any, said: str) -> None:
    for push in (jvp, hvp):
        with pytest.raises(ValueError) as refused:
            push(lambda *x: 1.0, primals, tangents)
        assert str(refused.value).startswith(f"{push.__name__} needs tangents{said}")


def test_tangents_in_dicts_are_found_by_their_key() -> None:
    def f(d: Any) -> Any:
        return d["a"] ** 2 + 10 * d["b"]

    assert jvp(f, {"a": 3.0, "b": 2.0}, {"b": 1.0, "a": 0.0}) == (29.0, 10.0)
    assert hvp(f, {"a": 3.0, "b": 2.0}, {"b": 5.0, "a": 1.0}) == {"a": 2.0, "b": 0.0}
    assert jvp(
        lambda d, x: f(d["in"]) * x,
        ({"in": {"a": 3.0, "b": 2.0}}, 2.0),
        ({"in": {"b": 1.0, "a": 0.0}}, 0.0),
    ) == (58.0, 20.0)
    assert jvp(lambda p: p.w * p.b, Point(2.0, 3.0), Point(1.0, 0.0)) == (6.0, 3.0)
    assert hvp(lambda p: p.w**2 * p.b, Point(2.0, 3.0), Point(1.0, 0.0)) == Point(6.0, 4.0)


def _pops(p: Any) -> Any:
    return p.pop("a") * 5 + p["b"] * 7


def _deletes(p: Any) -> Any:
    y = p["a"] * 5 + p["b"] * 7
    del p["a"]
    return y


def _inserts_again(p: Any) -> Any:
    p["a"] = p.pop("a")
    return p["a"] * 5 + p["b"] * 7


def _adds(p: Any) -> Any:
    p["c"] = p["a"] * 5
    return p["c"] + p["b"] * 7


@pytest.mark.parametrize("f", [_pops, _deletes, _inserts_again, _adds])
def test_a_function_that_changes_its_argument_gets_the_gradient_of_what_it_was_given(
    f: Any,
) -> None:
    p = {"a": 2.0, "b": 3.0}
    assert grad(f)(p) == jacobian(f)(p) == {"a": 5.0, "b": 7.0}
    assert list(grad(f)(p)) == ["a", "b"]
    assert value_and_grad(f)(p) == (31.0, {"a": 5.0, "b": 7.0})
    assert jvp(f, p, {"b": 1.0, "a": 0.0}) == (31.0, 7.0)
    assert hessian(f)(p) == {"a": {"a": 0.0, "b": 0.0}, "b": {"a": 0.0, "b": 0.0}}
    assert hvp(f, p, p) == {"a": 0.0, "b": 0.0}
    assert p == {"a": 2.0, "b": 3.0}
    slopes = grad(lambda x: grad(f)({"a": x, "b": x})["a"])(2.0)
    assert slopes == 0.0
    v = [2.0, 3.0]
    assert grad(lambda w: w.pop() * w.pop(0))(v) == [3.0, 2.0]
    assert grad(lambda w: (w.sort(), w[0] * 2 + w[1])[1])([3.0, 2.0]) == [1.0, 2.0]
    assert grad(lambda w: (w.append(w[0]), w[0] * w[2])[1])([3.0, 2.0]) == [6.0, 0.0]


@dataclasses.dataclass
class Pair:
    a: Any
    b: Any


COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": lambda x: copy.deepcopy(x) * 3,
    "copy": lambda x: copy.copy(x) * 3,
    "deepcopy of a list": lambda x: copy.deepcopy([x, 2.0])[0] * 3,
    "two in a list": lambda x: (lambda v: v[0] + v[1] * 2)(copy.deepcopy([x, x])),
    "asdict": lambda x: dataclasses.asdict(Pair(x, [x, 1.0]))["b"][0] * 3,
    "astuple": lambda x: dataclasses.astuple(Pair(x, 1.0))[0] * 3,
    "a result": lambda x: copy.deepcopy(x * 3),
    "copies of copies": lambda x: copy.deepcopy(copy.copy(x)) * 2 + copy.copy(x),
}


@each("name", COPIES)
def test_derivatives_follow_copies(name: str) -> None:
    f = COPIES[name]
    assert grad(f)(2.0) == jacobian(f)(2.0) == value_and_grad(f)(2.0)[1] == 3.0
    assert jvp(f, 2.0, 1.0) == (6.0, 3.0)
    assert grad(lambda v: f(v[0]))([2.0]) == [3.0]
    assert hessian(lambda x: f(x) ** 2)(2.0) == grad(grad(lambda x: f(x) ** 2))(2.0) == 18.0
    assert hvp(lambda x: f(x) ** 2, 2.0, 1.0) == 18.0
    assert record(f, 1.0)([2.0, 3.0]).tolist() == [6.0, 9.0]
    assert record(grad(f), 1.0)(2.0) == 3.0
    assert check(f, 2.0).verdict == "OK" and check(f, 2.0, order=2).verdict == "OK"


def test_a_pickle_on_the_way_is_refused() -> None:
    with pytest.raises(TypeError, match="pickle keeps leaves, not graphs"):
        grad(lambda x: pickle.loads(pickle.dumps(x)) * 3)(2.0)


def test_mixed_derivatives_of_floats_are_floats() -> None:
    def f(x: Any, y: Any) -> Any:
        return x**2 * y**3

    mixed = [
        grad(grad(f, 0), 1)(2.0, 3.0),
        grad(grad(f, 1), 0)(2.0, 3.0),
        grad(lambda y: grad(lambda x: f(x, y))(2.0))(3.0),
        value_and_grad(grad(f, 0), 1)(2.0, 3.0)[1],
        jacobian(grad(f, 0), 1)(2.0, 3.0),
        jvp(lambda y: grad(f)(2.0, y), 3.0, 1.0)[1],
        grad(lambda y: jvp(lambda x: f(x, y), 2.0, 1.0)[1])(3.0),
        grad(lambda y: value_and_grad(f)(2.0, y)[1])(3.0),
    ]
    assert mixed == [108.0] * 8
    assert {type(x) for x in mixed} == {float}
    assert hessian(f, (0, 1))(2.0, 3.0) == ((54.0, 108.0), (108.0, 72.0))
    third = grad(lambda y: hessian(f)(2.0, y))(3.0)
    assert (third, type(third)) == (54.0, float)
    along = grad(lambda y: hvp(lambda x: f(x, y), 2.0, 1.0))(3.0)
    assert (along, type(along)) == (54.0, float)
    closed = grad(lambda y: grad(lambda x: f(x, y) * c)(2.0))(3.0) if (c := Value(2.0)) else 0.0
    assert type(closed) is Value and closed.data == 216.0


def test_an_exception_of_the_function_passes_and_leaves_nothing_behind() -> None:
    c = Value(3.0)

    def broken(x: Any) -> Any:
        y = c * x
        raise KeyError("mine") if y else y

    with pytest.raises(KeyError, match="mine"):
        grad(broken)(c)
    assert c.operands == () and c.grad == 0.0 and not autograd.engine.modes.is_quiet()
    (c * c).backward()
    assert c.grad == 6.0


def test_a_value_that_the_variable_has_no_part_in_is_a_float_as_ever() -> None:
    x = Value(2.0)
    assert grad(lambda a: a * x.item() + (x * x).item())(3.0) == 2.0
    with pytest.warns(GraphWarning, match="leaves the graph"):
        assert grad(lambda a: a * float(x))(3.0) == 2.0
    with pytest.raises(TypeError, match=r"a derivative cannot follow float\(x\)"):
        grad(lambda a: math.sin(a * x))(3.0)


def test_what_is_detached_inside_is_a_number_and_no_parameter() -> None:
    k = Value(2.0)
    assert str(grad(lambda x: x * x.detach())(3.0)) == "3.0"
    assert str(grad(lambda x: x * k.detach())(3.0)) == "2.0"
    assert str(grad(grad(lambda x: x * x * x.detach()))(3.0)) == "6.0"
    assert grad(lambda x: x * k)(3.0).operands[0] is k
