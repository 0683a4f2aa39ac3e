"""The functions: numbers, Values, sequences and arrays in; the same out; and refusals that name the
function.
"""

import inspect
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    OPS,
    Bundle,
    DomainWarning,
    Value,
    atan2,
    bundle,
    clip,
    divide,
    dot,
    elu,
    exp,
    leaky_relu,
    log,
    log_softmax,
    logsumexp,
    maximum,
    mean,
    minimum,
    power,
    record,
    softmax,
    sqrt,
    tanh,
    total,
    where,
)
from tests.cases import each

numbers = st.floats(-50, 50)


def test_every_row_is_a_public_function() -> None:
    without = {op.name for op in OPS.values()} - set(dir(autograd))
    assert without == {"pow"}  # power takes exponents of both kinds


@each("name", autograd.engine.functions.__all__)
def test_every_function_has_a_docstring_that_says_what_it_computes(name: str) -> None:
    text = inspect.getdoc(getattr(autograd, name))
    assert text is not None and text.splitlines()[0].endswith((".", ":"))


def test_a_star_import_brings_the_public_names_but_does_not_hide_pythons_own_abs() -> None:
    names: dict[str, Any] = {}
    exec("from autograd import *", names)
    assert {"abs", "os", "warnings", "value"}.isdisjoint(names)
    assert {"Value", "OPS", "tanh", "grad", "no_grad", "strict", "DomainWarning"} <= set(names)
    assert autograd.abs(-2.0) == 2.0


def test_numbers_give_numbers_and_values_give_values() -> None:
    assert (
        type(exp(1)) is float
        and type(exp(Fraction(1, 2))) is float
        and type(exp(np.float32(0.5))) is float
    )
    assert type(exp(Value(1.0))) is Value
    assert type(maximum(1, 2)) is float and type(maximum(1, Value(2.0))) is Value
    assert (
        type(maximum(Value(2.0), 1)) is Value and type(atan2(np.float64(1.0), Value(2.0))) is Value
    )


def test_sequences_are_mapped_and_keep_their_type() -> None:
    x = Value(0.0, "x")
    assert tanh([0.0, 0]) == [0.0, 0.0] and tanh((0.0,)) == (0.0,) and tanh([]) == []
    many = exp([[0.0, x], [x]])
    assert many[0][0] == 1.0 and many[0][1].operands == (x,) and many[1][0].operands == (x,)
    assert maximum([1.0, 5.0], 2) == [2.0, 5.0] and maximum(2, (1.0, 5.0)) == (2.0, 5.0)
    assert divide([1.0, 4.0], [2.0, 2.0]) == [0.5, 2.0]


def test_arrays_broadcast_and_are_floats_unless_a_value_takes_part() -> None:
    x = Value(0.0)
    floats = exp(np.zeros((2, 2)))
    assert floats.dtype == float and floats.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    mixed = exp(np.array([x, 1.0], dtype=object))
    assert mixed.dtype == object and type(mixed[0]) is Value and mixed[1] == math.e
    assert maximum(np.zeros((2, 1)), np.ones(3)).shape == (2, 3)
    assert all(type(y) is Value for y in maximum(np.zeros(3), x))
    assert exp(np.array(0.0)) == 1.0


def test_constants_may_be_given_by_name_or_place() -> None:
    assert leaky_relu(-2.0, slope=0.5) == leaky_relu(-2.0, 0.5) == -1.0
    assert elu([-math.inf, 1.0], alpha=2) == [-2.0, 1.0]
    assert (
        clip([-5.0, 0.5, 5.0], 0, 1) == [0.0, 0.5, 1.0]
        and clip(5.0, low=0.0) == 5.0
        and clip(-5.0) == -5.0
    )
    assert clip(np.array([-5.0, 5.0]), -1, 1).tolist() == [-1.0, 1.0]


def test_bounds_of_clip_that_are_values_get_gradients() -> None:
    x, high = Value(3.0), Value(2.0)
    y = clip(x, 0.0, high)
    y.backward()
    assert (y.data, x.grad, high.grad) == (2.0, 0.0, 1.0)
    assert clip([1.0, 5.0], [2.0, 2.0], [3.0, 3.0]) == [2.0, 3.0]
    with pytest.raises(TypeError, match="clip needs a number, got None"):
        clip([1.0, 5.0], [2.0, 2.0], None)


@each("bounds", [(-1.0, 2.0), (Value(-1.0), Value(2.0)), (-1.0, Value(2.0))])
@each("at", [-1.0, 2.0])
def test_at_a_bound_clip_has_slope_1_whatever_the_bound_is(bounds: Any, at: float) -> None:
    x = Value(at)
    clip(x, *bounds).backward()
    assert x.grad == 1.0 == record(lambda v: clip(v, *bounds), 0.0).value_and_grad(at)[1][0]


def test_a_truth_value_that_was_turned_over_by_a_tilde_is_no_condition() -> None:
    for x in (2.0, Value(2.0)):
        with pytest.raises(TypeError, match=r"got -2, .*: write a <= b for ~\(a > b\)"):
            where(-2 if x > 1 else -1, x, 0.0)  # what ~(x > 1) is in Python
    with pytest.raises(AttributeError, match=r"write a <= b for ~\(a > b\)"):
        ~Value(2.0)  # type: ignore[operator]


def test_where_chooses_and_differentiates_only_the_choice() -> None:
    a, b = Value(2.0), Value(3.0)
    for condition, want in (
        (True, (1.0, 0.0)),
        (False, (0.0, 1.0)),
        (a < b, (1.0, 0.0)),
        (Value(0.0), (0.0, 1.0)),
    ):
        a.grad = b.grad = 0.0
        where(condition, a, b).backward()
        assert (a.grad, b.grad) == want
    assert where([True, False], [1.0, 2.0], 0.0) == [1.0, 0.0]
    assert where(np.array([True, False]), 1.0, np.array([2.0, 3.0])).tolist() == [1.0, 3.0]


def test_power_takes_exponents_of_both_kinds() -> None:
    x, n = Value(-2.0), Value(3.0)
    assert (
        power(x, 3).op is OPS["power"]
        and power(x, n).op is OPS["pow"]
        and power(2.0, n).data == 8.0
    )
    assert power(-2.0, 3) == -8.0 and power([1.0, 2.0], 2) == [1.0, 4.0]
    for base in (2.0, x):  # the row has an exponent of its own, the function has none
        with pytest.raises(TypeError, match="exponent"):
            power(base)  # type: ignore[call-arg]


# Rows of many operands


@given(st.lists(numbers, min_size=1, max_size=8))
def test_sums_take_any_iterable_of_numbers_or_values(many: list[float]) -> None:
    values = list(map(Value, many))
    for function, want in ((total, sum(many)), (mean, sum(many) / len(many))):
        assert function(many) == want
        assert function(iter(many)) == function(tuple(many)) == function(np.array(many)) == want
        assert (
            function(values).data
            == function(v for v in values).data
            == function(np.array(values)).data
            == want
        )
    assert logsumexp(values).data == logsumexp(many)


@given(st.lists(st.tuples(numbers, numbers), max_size=8), st.one_of(st.none(), numbers))
def test_dot_is_the_sum_of_products_and_the_bias(
    pairs: list[tuple[float, float]], c: float | None
) -> None:
    a, b = [p for p, _ in pairs], [q for _, q in pairs]
    want = sum(p * q for p, q in pairs) + (c or 0.0)
    assert dot(a, b, c) == want
    values = list(map(Value, a))
    y = dot(values, b, c)
    if values:
        assert y.data == want
        y.backward()
        assert [v.grad for v in values] == b
    bias = Value(1.0)
    assert dot(a, b, bias).data == dot(a, b, 1.0)


def test_a_bundle_is_used_as_it_is() -> None:
    p = bundle([Value(1.0), 2.0])
    assert bundle(p) is p and type(p) is Bundle
    assert (
        total(p).bundles[0] is p
        and dot(p, p).bundles[:2] == (p, p)
        and logsumexp(p).bundles[0] is p
    )


def test_n_ary_functions_mix_values_and_numbers() -> None:
    x = Value(2.0)
    y = total([x, 1, Fraction(1, 2), np.float64(3.0)])
    y.backward()
    assert (y.data, x.grad) == (6.5, 1.0)


def test_the_sum_of_nothing_is_zero_and_the_mean_of_nothing_is_refused() -> None:
    assert total([]) == 0.0 and dot([], []) == 0.0
    for function in (mean, logsumexp):
        with pytest.raises(ValueError) as refused:
            function([])
        assert (
            str(refused.value)
            == f"{function.__name__} needs at least one value, got an empty sequence"
        )


def test_logsumexp_and_softmax_do_not_overflow() -> None:
    assert logsumexp([1000.0, 1000.0]) == 1000 + math.log(2)
    assert logsumexp([-1000.0, -1000.0]) == -1000 + math.log(2)
    assert softmax([1000.0, 0.0]) == [1.0, 0.0]
    assert log_softmax([0.0, -1000.0]) == [0.0, -1000.0]


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("one", [1.0, Value(1.0)])
def test_of_an_array_of_rows_softmax_says_that_it_takes_one(function: Any, one: Any) -> None:
    with pytest.raises(
        TypeError, match=r"softmax needs one row, got an array of shape \(2, 3\): w"
    ):
        function(np.full((2, 3), one))
    assert len(function(np.full(3, one))) == 3
    assert logsumexp([-math.inf, 0.0]) == 0.0


@given(st.lists(numbers, min_size=1, max_size=6))
def test_softmax_adds_up_to_one_and_its_gradients_to_zero(many: list[float]) -> None:
    values = list(map(Value, many))
    shares = softmax(values)
    assert sum(share.data for share in shares) == pytest.approx(1.0, rel=1e-14)
    shares[0].backward()
    assert sum(v.grad for v in values) == pytest.approx(0.0, abs=1e-14)
    assert [s.data for s in shares] == softmax(many)


def test_functions_of_floats_speak_at_the_edges_too() -> None:
    with pytest.warns(DomainWarning, match=r"^sqrt needs x >= 0, got x = -1$"):
        assert math.isnan(sqrt(-1.0))
    with pytest.warns(DomainWarning, match=r"^log needs x > 0, got x = 0$"):
        assert log([1.0, 0.0]) == [0.0, -math.inf]
    with pytest.warns(DomainWarning, match=r"^divide needs b != 0, got b = 0$"):
        assert divide(1.0, 0.0) == math.inf
    with pytest.warns(DomainWarning, match=r"^exp overflows to inf at x = 1000$"):
        assert exp(1000) == math.inf
    with pytest.warns(DomainWarning, match=r"^total overflows to inf at x = \[1e\+308, 1e\+308\]$"):
        assert total([1e308, 1e308]) == math.inf


# Refusals

WORD, SEQUENCE = "got the str 'a': write float('a')", "needs a sequence of numbers or Values"
APART = "differentiate its real and imaginary parts separately"
LARGE = "got the int 100000000000...: scale it down first"
MANY = "make one Value for each number, [Value(x) for x in data]"
MISSING = "got None: is a return missing where it came from?"
REFUSALS: list[tuple[Callable[[], Any], str]] = [
    (lambda: exp("1"), "exp needs a number, got the str '1': write float('1')"),
    (lambda: tanh(None), f"tanh needs a number, {MISSING}"),
    (lambda: tanh([1.0, "a"]), "tanh needs a number, got the str 'a': write float('a')"),
    (lambda: autograd.sin(1j), f"sin needs a number, got the complex 1j: {APART}"),
    (lambda: exp(10**400), f"exp needs a number within 1.8e308, {LARGE}"),
    (lambda: maximum(Value(1.0), None), f"maximum needs a number, {MISSING}"),
    (lambda: maximum([1, 2], [1, 2, 3]), "maximum needs sequences of one length, got 2 and 3"),
    (lambda: leaky_relu(1.0, "a"), f"leaky_relu needs a number for slope, {WORD}"),
    (lambda: elu(1.0, None), f"elu needs a number for alpha, {MISSING}"),
    (lambda: clip(1.0, None, 2.0), f"clip needs a number for low, {MISSING}"),
    (lambda: power(1.0, "2"), "power needs a number, got the str '2': write float('2')"),
    (lambda: total(3.0), f"total {SEQUENCE}, got the float 3.0: write total([...])"),
    (lambda: total("abc"), f"total {SEQUENCE}, got the str 'abc': write total([...])"),
    (lambda: mean(Value(1.0, "x")), f"mean {SEQUENCE}, got the Value x = 1: write mean([...])"),
    (lambda: total([[1.0], [2.0]]), f"total needs numbers, got a list of 1: {MANY}"),
    (lambda: total([Value(1.0), None]), f"arithmetic with a Value needs numbers, {MISSING}"),
    (lambda: logsumexp([1.0, "a"]), f"logsumexp needs numbers, {WORD}"),
    (lambda: dot([1.0], [1.0, 2.0]), "dot needs sequences of one length, got 1 and 2"),
    (lambda: dot(1.0, [1.0]), f"dot {SEQUENCE}, got the float 1.0: write dot([...])"),
    (lambda: dot([1.0], [1.0], "a"), f"dot needs a number for its bias, {WORD}"),
]


@each(("compute", "sentence"), REFUSALS, ids=[case[1][:45] for case in REFUSALS])
def test_the_refusal_names_the_function_and_what_came(
    compute: Callable[[], Any], sentence: str
) -> None:
    beyond = "of one length" in sentence or "within" in sentence
    with pytest.raises(ValueError if beyond else TypeError) as refused:
        compute()
    assert str(refused.value) == sentence


def test_minimum_and_maximum_are_mirror_images() -> None:
    a, b = Value(-1.5), Value(2.5)
    maximum(a, b).backward()
    up = (a.grad, b.grad)
    a.grad = b.grad = 0.0
    minimum(-a, -b).backward()
    assert up == (0.0, 1.0) and (a.grad, b.grad) == (0.0, -1.0)


def test_maximum_and_minimum_take_two_numbers_or_more_or_one_sequence_of_them() -> None:
    a, b, c = Value(1.0, "a"), Value(4.0, "b"), Value(4.0, "c")
    for y in (
        maximum(a, b, c),
        maximum([a, b, c]),
        maximum((a, 4.0, c, -2)),
        autograd.largest([b]),
    ):
        assert y.data == 4 and y.op is OPS["largest"] and sum(y.partials) == 1
    assert maximum(a, b, c).partials == (0, 0.5, 0.5) and minimum(b, c).op is OPS["minimum"]
    assert minimum(a, b, c).data == 1 and minimum(a, b, c).partials == (1, 0, 0)
    assert maximum([1.0, 5.0], 2.0, [3.0, 0.0]) == [3.0, 5.0] and minimum(range(3)) == 0
    assert maximum(np.array([1.0, 5.0]), 2.0, 4).tolist() == [4.0, 5.0]


def test_the_largest_of_numbers_is_nan_if_one_is_and_passes_1_as_maximum_does() -> None:
    for numbers in ([math.nan, 1.0, 2.0], [1.0, math.nan, 2.0], [1.0, 2.0, math.nan]):
        for f in (maximum, minimum):
            assert math.isnan(f(numbers)) and math.isnan(f(*numbers))
            y = f([*map(Value, numbers)])
            assert math.isnan(y.data) and y.partials == (1, 1, 1)
    assert maximum(-math.inf, 1.0, math.inf) == math.inf and minimum([math.inf, -math.inf]) < 0
    assert maximum(Value(math.inf), math.inf, 1.0).partials == (0.5, 0.5, 0)


@each(
    ("call", "said"),
    [
        (lambda: maximum(1.0), "maximum needs a sequence of numbers or Values, got the float 1.0"),
        (lambda: minimum([]), "minimum needs at least one value, got an empty sequence"),
        (lambda: maximum(1.0, 2.0, "x"), "maximum needs numbers, got the str 'x'"),
        (lambda: maximum([[1.0]]), "maximum needs numbers, got a list of 1"),
        (lambda: minimum([1.0], [1.0, 2.0], 0.0), "minimum needs sequences of one length"),
    ],
)
def test_what_maximum_cannot_take_is_refused_by_its_name(call: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        call()
    assert str(refused.value).startswith(said)


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
@each("name", sorted({*OPS} - {"pow", "where"}))
def test_functions_of_numbers_give_the_bits_of_those_of_values(name: str) -> None:
    op, f = OPS[name], getattr(autograd, name)
    points = [-2.5, -1.0, -0.0, 0.0, 0.3, 1, 7.0, 1e-310, 800.0, math.inf, -math.inf, math.nan]
    for i, x in enumerate(points):
        count = len(op.operands) + len(op.constants)
        given: list[Any] = [x, points[i - 1], points[i - 2]][:count]
        values = [Value(x), *given[1:]]
        if op.nary:
            given = [[x, 0.5, points[i - 1], x]] * (1 + (name == "dot"))
            values = [list(map(Value, given[0]))] * len(given)
        got, expected = f(*given), f(*values).data
        assert type(got) is float and repr(got) == repr(expected)


@pytest.mark.parametrize("x", [-1.0, 0.0, 1.5, 3.0, math.nan])
def test_bounds_in_the_wrong_order_give_the_high_one_as_in_numpy(x: float) -> None:
    wanted = np.clip(x, 2.0, 1.0)
    v = Value(x)
    ours = clip(x, 2.0, 1.0), clip(v, 2.0, 1.0).data, clip(v, Value(2.0), Value(1.0)).data
    np.testing.assert_array_equal(ours, wanted)
    assert clip(v, 2.0, 1.0).partials == (0.0 if x == x else 1.0,)
