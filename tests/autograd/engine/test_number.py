"""Numbers of every kind become floats; everything else is refused in one sentence that says what to
write.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.engine.number import number
from tests.cases import each

ACCEPTED: list[tuple[Any, float]] = [(3, 3.0), (True, 1.0), (-0.5, -0.5), (2**53 + 1, 2.0**53)]
ACCEPTED += [(-(10**300), -1e300), (Fraction(1, 4), 0.25), (Decimal("0.1"), 0.1)]
ACCEPTED += [(np.float64(0.1), 0.1), (np.float32(0.5), 0.5), (np.float16(2.0), 2.0)]
ACCEPTED += [(np.int64(-7), -7.0), (np.uint8(255), 255.0), (np.bool_(True), 1.0)]
ACCEPTED += [(np.array(2.5), 2.5), (np.array(3), 3.0), (math.inf, math.inf), (-math.inf, -math.inf)]

LONG = "a word that is far too long to be repeated"
WRITE = "write v.data for its number, or v + 0 for a new value made from it"
MANY = "make one Value for each number, [Value(x) for x in data]"
REFUSED: list[tuple[Any, str]] = [  # after "Value needs a number"
    ("1.5", ", got the str '1.5': write float('1.5')"),
    (b"1.5", ", got the bytes b'1.5': write float(b'1.5')"),
    (LONG, ", got the str 'a word that is far too long to be re...: convert it with float(...)"),
    (None, ", got None: is a return missing where it came from?"),
    (1j, ", got the complex 1j: differentiate its real and imaginary parts separately"),
    ([1.0, 2.0], f", got a list of 2: {MANY}"),
    ((), f", got a tuple of 0: {MANY}"),
    (np.ones((2, 3)), f", got an array of shape (2, 3): {MANY}"),
    (np.ones(1), f", got an array of shape (1,): {MANY}"),
    (Value(2.0, "v"), f", got the Value v = 2: {WRITE}"),
    (10**400, " within 1.8e308, got the int 100000000000...: scale it down first"),
    (float, ", got the type <class 'float'>"),
]


@each(("given_", "want"), ACCEPTED, ids=lambda x: f"{type(x).__name__} {x}"[:30])
def test_every_kind_of_real_number_becomes_a_float(given_: Any, want: float) -> None:
    data = Value(given_).data
    assert type(data) is float and data == want


def test_nan_is_a_float_like_others() -> None:
    assert math.isnan(Value(math.nan).data)


@given(
    st.one_of(
        st.integers(-(10**30), 10**30), st.fractions(), st.floats(allow_nan=False), st.booleans()
    )
)
def test_conversion_is_that_of_float(x: Any) -> None:
    try:
        want = float(x)
    except OverflowError:
        with pytest.raises(ValueError, match="scale it down first"):
            number(x)
    else:
        assert number(x) == want


@each(("given_", "said"), REFUSED, ids=[case[1][2:36] for case in REFUSED])
def test_the_refusal_says_what_was_needed_what_came_and_what_to_write(
    given_: Any, said: str
) -> None:
    with pytest.raises(ValueError if "within" in said else TypeError) as refused:
        Value(given_)
    assert str(refused.value) == f"Value needs a number{said}"


def test_complex_numpy_scalars_are_refused_too() -> None:
    with pytest.raises(TypeError, match="differentiate its real and imaginary parts separately"):
        Value(np.complex128(1.0))  # type: ignore[arg-type]


def test_a_number_whose_conversion_fails_is_refused_with_its_reason() -> None:
    class Odd:
        def __float__(self) -> float:
            raise ValueError("not today")

    with pytest.raises(TypeError, match=r"Value needs a number, got the Odd .*: not today"):
        Value(Odd())


@pytest.mark.parametrize(
    "operate", [lambda v, x: v + x, lambda v, x: x * v, lambda v, x: v**x, lambda v, x: v < x]
)
def test_operators_refuse_what_is_no_number_with_the_same_care(operate: Any) -> None:
    for stranger, came in (
        ("2", r"the str '2': write float\('2'\)"),
        (None, "None: is a return missing where it came from?"),
        (1j, "the complex 1j: differentiate its real"),
        ([1.0], "a list of 1: make one Value for each number"),
        ({}, "a dict of 0: make one Value for each number"),
    ):
        with pytest.raises(TypeError, match=f"arithmetic with a Value needs numbers?, got {came}"):
            operate(Value(2.0), stranger)
    with pytest.raises(
        ValueError, match=r"within 1\.8e308, got the int 1000.*: scale it down first"
    ):
        operate(Value(2.0), 10**400)


def test_operators_leave_types_of_others_to_them() -> None:
    class Mine:
        def __radd__(self, other: Any) -> str:
            return "mine"

    assert Value(1.0) + Mine() == "mine"
    with pytest.raises(TypeError, match="unsupported operand"):
        Value(1.0) + object()  # type: ignore[operator]
