"""Derivatives from numbers: the error covers the truth, and what is no slope is called so."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import check
from autograd.checking.digits import exact_slope
from autograd.checking.line import Line
from autograd.checking.slopes import quick, slope
from tests.cases import each

SMOOTH: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x * x),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "atan": (math.atan, lambda x: 1 / (1 + x * x)),
    "offset": (lambda x: 1e6 + math.sin(x), math.cos),
    "float32": (lambda x: round(math.sin(x) * 2**24) / 2**24, math.cos),
    "wave": (lambda x: math.sin(300 * x), lambda x: 300 * math.cos(300 * x)),
    "rounded corner": (lambda x: math.hypot(x, 1e-6), lambda x: x / math.hypot(x, 1e-6)),
}


@pytest.mark.parametrize("name", SMOOTH)
@given(x=st.floats(-8, 8))
def test_the_error_covers_the_truth(name: str, x: float) -> None:
    f, derivative = SMOOTH[name]
    found = slope(Line.of(f, x))
    assert found.kind in ("smooth", "flat", "round-off")
    assert abs(found.value - derivative(x)) <= 10 * found.error + 1e-6 * abs(derivative(x)) + 1e-300


@pytest.mark.parametrize("name", SMOOTH)
@given(x=st.floats(-8, 8), factor=st.sampled_from([-1.0, 0.5, 0.999, 1.001, 2.0]))
def test_five_values_never_confirm_what_is_wrong(name: str, x: float, factor: float) -> None:
    f, derivative = SMOOTH[name]
    if abs(derivative(x)) > 1e-6:
        assert quick(Line.of(f, x), factor * derivative(x), x) is None


@given(x=st.floats(-8, 8))
def test_five_values_confirm_what_is_right_and_well_scaled(x: float) -> None:
    if abs(x) > 0.01:
        found = quick(Line.of(math.exp, x), math.exp(x), x)
        assert found is not None
        assert abs(found.value - math.exp(x)) <= found.error


@each("size", [1e-300, 1e-30, 1e-7, 1.0, 1e10, 1e200])
def test_steps_are_relative_to_the_point(size: float) -> None:
    found = slope(Line.of(lambda x: math.fabs(x) * 3, size))
    assert found.kind == "smooth"
    assert found.agrees(3.0)


@each(
    ("kind", "f"),
    [
        ("kink", abs),
        ("kink", lambda x: max(x, 0.0)),
        ("kink", lambda x: math.sin(x) + 0.01 * abs(x)),
        ("jump", lambda x: float(x > 0)),
        ("jump", lambda x: math.floor(x) + math.sin(x)),
        ("jump", lambda x: float(x == 0)),
        ("infinite", lambda x: math.copysign(abs(x) ** 0.5, x)),
        ("infinite", math.cbrt),
        ("infinite", lambda x: x * math.log(abs(x)) if x else 0.0),
        ("infinite", lambda x: math.sqrt(x)),
        ("edge", lambda x: math.sqrt(x) ** 3),
        ("edge", lambda x: math.log(x)),
        ("truncation", lambda x: x * math.sin(1 / x) if x else 0.0),
        ("flat", lambda x: 5.0),
    ],
)
def test_what_is_no_slope_has_a_word(kind: str, f: Callable[[float], float]) -> None:
    assert slope(Line.of(f, 0.0)).kind == kind


def test_the_slopes_on_both_sides_of_a_kink() -> None:
    found = slope(Line.of(lambda x: abs(x - 0.3) + x * x, 0.3))
    assert found.kind == "kink"
    assert (round(found.left, 6), round(found.right, 6)) == (-0.4, 1.6)


def test_the_values_on_both_sides_of_a_jump() -> None:
    found = slope(Line.of(lambda x: 2.0 if x < 1 else 5.0, 1.0))
    assert (found.left, found.right) == (2.0, 5.0)


def test_a_function_with_teeth_has_two_slopes() -> None:
    found = slope(Line.of(lambda x: (1 - math.cos(x)) / x**2, 1e-4))
    assert found.coarse is not None
    value, error = found.coarse
    assert abs(value + 1e-4 / 12) < 10 * error


@pytest.mark.parametrize(
    ("f", "x", "derivative"),
    [
        (lambda x: (math.exp(x) - 1) / x, 1e-5, 0.5 + 1e-5 / 3),
        (lambda x: math.log(1 + x) / x, 1e-7, -0.5 + 2e-7 / 3),
        (lambda x: math.log(math.exp(x) + 1), -30.0, math.exp(-30.0)),
    ],
)
def test_a_right_derivative_beneath_digits_that_cancel_is_no_bug(
    f: Callable[[float], float], x: float, derivative: float
) -> None:
    assert check(f, x, gradient=derivative).verdict == "ROUND-OFF"
    assert check(f, x, gradient=2 * derivative).verdict == "BUG"


def test_each_value_is_asked_once() -> None:
    asked = []
    line = Line.of(lambda x: asked.append(x) or x * x, 2.0)  # type: ignore[func-returns-value]
    quick(line, 4.0, 2.0)
    slope(line)
    slope(line)
    assert len(asked) == len(line.known)


@given(x=st.floats(-20, 20))
def test_sixty_digits_know_the_slope_of_tanh(x: float) -> None:
    found = exact_slope(lambda t, arithmetic: arithmetic.words["tanh"](t), x)
    assert found is not None
    assert found.kind == "smooth"
    assert float(found.value) == pytest.approx(1 / math.cosh(x) ** 2, rel=1e-14)


@each(
    ("word", "kind"),
    zip(
        ("abs", "floor", "sqrt", "cbrt", "log", "sin"),
        ("kink", "jump", "infinite", "infinite", "edge", "smooth"),
        strict=True,
    ),
)
def test_sixty_digits_tell_the_same_kinds(word: str, kind: str) -> None:
    found = exact_slope(lambda t, arithmetic: arithmetic.words[word](t), 0.0)
    assert found is not None
    assert found.kind == kind
