"""The answers where Python's math raises, against NumPy, which follows IEEE 754."""

import math
from math import inf, nan

import numpy as np
import pytest

from autograd.engine.floats import IEEE, MATH, whole
from tests.cases import each

NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 5e-324, 1e308, -1e308, 750.0, -750.0]
NUMBERS += [inf, -inf, nan]
INVERSE = ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")
NUMPY = {f"a{name}": f"arc{name}" for name in INVERSE} | {"pow": "float_power", "abs": "absolute"}
ROUNDING = ["ceil", "floor", "rint", "trunc"]  # by way of Python's int, which has one zero
BINARY = ["atan2", "divide", "floor_divide", "hypot", "mod", "pow"]
UNARY = sorted(set(IEEE) - set(BINARY) - {"erf", "erfc", "sum", "whole"})


def same(a: float, b: float) -> bool:
    if a != a or b != b:
        return a != a and b != b
    signs = math.copysign(1, a) == math.copysign(1, b)
    return signs and (a == b or math.isclose(a, b, rel_tol=1e-14))


@each("name", UNARY)
def test_functions_of_one_number_answer_everywhere_like_numpy(name: str) -> None:
    with np.errstate(all="ignore"):
        for x in NUMBERS:
            want = float(getattr(np, NUMPY.get(name, name))(x))
            assert same(IEEE[name](x), want) or (name in ROUNDING and IEEE[name](x) == want), x
            assert type(IEEE[name](x)) is float


@each("name", BINARY)
def test_functions_of_two_numbers_answer_everywhere_like_numpy(name: str) -> None:
    with np.errstate(all="ignore"):
        for a in NUMBERS:
            for b in NUMBERS:
                assert same(IEEE[name](a, b), float(getattr(np, NUMPY.get(name, name))(a, b))), (
                    a,
                    b,
                )


def test_inside_the_domain_both_vocabularies_agree() -> None:
    assert set(MATH) <= set(IEEE)
    for name in UNARY:
        for x in (1.0, 1.5):
            try:
                assert MATH[name](x) == IEEE[name](x)
            except ValueError:
                assert name in ("acos", "asin", "atanh")


def test_whole_numbers() -> None:
    assert [whole(x) for x in (-2.0, 0.0, 1e300, 0.5, inf, nan)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "rint"])
def test_rounding_keeps_the_sign_of_zero(name: str) -> None:
    for x in (-0.0, 0.0, -0.4, 0.4, -2.5, 2.5, 1e300, -1e300):
        found, expected = MATH[name](x), float(getattr(np, name)(x))
        assert (found, math.copysign(1, found)) == (expected, math.copysign(1, expected))
