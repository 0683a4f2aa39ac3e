"""Value: operators in both directions, NumPy's ways, comparisons, names, copies and pickles."""

import copy
import math
import operator
import pickle
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import OPS, DomainWarning, GraphError, GraphWarning, Value, dot, total
from autograd.engine.table import CONSTANT
from tests.cases import each

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
small = st.floats(0.25, 4)


@pytest.mark.parametrize("sign", OPERATORS)
@given(a=small, b=small)
def test_operators_compute_what_floats_do_in_both_directions(sign: str, a: float, b: float) -> None:
    operate = OPERATORS[sign]
    x, y = Value(a), Value(b)
    for result, operands in ((operate(x, y), [x, y]), (operate(x, b), [x]), (operate(a, y), [y])):
        assert type(result) is Value
        assert result.data == operate(a, b)
        assert [v for v in result.operands if v.op is None] == operands


def test_reflected_operators_differentiate_by_the_right_operand() -> None:
    for compute, want in (
        (lambda v: 7 - v, -1.0),
        (lambda v: 1 / v, -0.25),
        (lambda v: 2**v, 4 * math.log(2)),
        (lambda v: 7 % v, -3.0),
        (lambda v: 7 // v, 0.0),
        (lambda v: divmod(7, v)[1], -3.0),
        (lambda v: divmod(v, 2)[1], 1.0),
    ):
        v = Value(2.0)
        compute(v).backward()
        assert v.grad == want


def test_unary_operators_record() -> None:
    for compute, data, grad in (
        (operator.neg, 1.5, -1.0),
        (operator.pos, -1.5, 1.0),
        (abs, 1.5, -1.0),
        (round, -2.0, 0.0),
        (math.floor, -2.0, 0.0),
        (math.ceil, -1.0, 0.0),
        (math.trunc, -1.0, 0.0),
    ):
        v = Value(-1.5)
        y = compute(v)  # type: ignore[operator]
        y.backward()
        assert (y.data, v.grad) == (data, grad)


def test_rounding_to_digits_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError) as refused:
        round(Value(1.234), 2)
    assert (
        str(refused.value)
        == "round to 2 digits has no useful derivative: write round(v.data, 2) for a number"
    )


def test_a_negative_base_takes_a_whole_exponent_that_is_a_number() -> None:
    x = Value(-2.0)
    y = x**3
    y.backward()
    assert (y.data, x.grad, y.op) == (-8.0, 12.0, OPS["power"])


def test_an_exponent_may_vary() -> None:
    x, n = Value(2.0), Value(3.0)
    (x**n).backward()
    assert (x.grad, n.grad) == (12.0, 8 * math.log(2))


TWO = [2, True + 1, Fraction(2), Decimal(2), np.float64(2), np.float32(2), np.int64(2)]


@each("two", [*TWO, np.array(2.0)], ids=repr)
def test_foreign_numbers_stand_on_either_side(two: Any) -> None:
    for operate in OPERATORS.values():
        v = Value(3.0)
        for result, want in (
            (operate(v, two), operate(3.0, 2.0)),
            (operate(two, v), operate(2.0, 3.0)),
        ):
            assert type(result) is Value and result.data == want
            result.backward()
    assert type(two < v) is bool or isinstance(two < v, np.bool_)
    assert two < v and v > two


def test_arithmetic_with_an_array_goes_element_by_element() -> None:
    v, w = Value(2.0), np.array([1.0, 3.0])
    for result in (v * w, w * v, w - v, v / w, w**v, v**w):
        assert result.dtype == object and result.shape == (2,)
        assert all(type(y) is Value for y in result)
    total(v * w).backward()
    assert v.grad == 4.0


def test_object_arrays_of_values_are_arrays() -> None:
    x = np.array([Value(1.0), Value(2.0)])
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    y = w @ x
    assert [v.data for v in y] == [5.0, 11.0]
    (x @ x + y.sum()).backward()
    assert [v.grad for v in x] == [6.0, 10.0]


ONE = ["exp", "log", "sqrt", "tanh", "sin", "arcsin", "arctan", "square", "cbrt", "log1p", "rint"]
ONE.append("absolute")
SYNONYMS = "arctan2", "float_power"


def test_numpy_functions_take_values_and_arrays_of_them() -> None:
    v = Value(0.5)
    for name in ONE:
        one, many = getattr(np, name)(v), getattr(np, name)(np.array([v, v]))
        assert type(one) is Value and one.data == getattr(v, name)().data
        assert [type(y) for y in many] == [Value, Value]
    for name in ("maximum", "minimum", "hypot", "logaddexp", "power", "remainder", *SYNONYMS):
        for a, b in ((v, 2.0), (np.array([1.0, 2.0]), v), (v, np.array([v, 2.0]))):
            results = np.atleast_1d(getattr(np, name)(a, b))
            assert all(type(y) is Value for y in results)


def test_numpy_functions_differentiate() -> None:
    v = Value(0.5)
    (np.maximum(v, 0.25) * np.exp(v)).backward()
    assert v.grad == pytest.approx(1.5 * math.exp(0.5), rel=1e-15)


def test_an_array_of_floats_refuses_values_in_place() -> None:
    array = np.ones(2)
    with pytest.raises(TypeError) as refused:
        array += Value(1.0)
    assert (
        str(refused.value)
        == "an array of floats cannot hold Values: write array = np.add(...), not in place"
    )
    assert array.tolist() == [1.0, 1.0]


def test_comparisons_look_at_the_numbers() -> None:
    a, b = Value(1.0), Value(2.0)
    assert a < b and a <= b and b > a and b >= a and a <= 1 and a >= 1 and 0.5 < a < 1.5
    assert not (b < a or a > 1 or b <= a or a >= b)
    assert sorted([b, a]) == [a, b] and max(a, b) is b
    assert not Value(math.nan) < a and not Value(math.nan) >= a


def test_equality_is_that_of_the_numbers_and_the_hash_that_of_the_object() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == b == 1.0 and a != Value(2.0) and a != 2
    assert Value(math.nan) != Value(math.nan)
    assert len({a, b, a}) == 2 and {a: "a", b: "b"}[b] == "b"
    assert a is not None and a != None and a != "1" and a != [1.0]  # noqa: E711


@pytest.mark.parametrize("x", [2.0, math.inf, -math.inf])
def test_a_whole_number_beyond_all_floats_equals_none(x: float) -> None:
    for huge in (10**400, -(10**400), Fraction(10**400)):
        assert not Value(x) == huge and Value(x) != huge  # noqa: SIM201
        assert not huge == Value(x) and huge != Value(x)  # noqa: SIM201
    assert 10**400 not in [Value(x)]


def test_equality_with_an_array_goes_element_by_element() -> None:
    assert (Value(1.0) == np.array([1.0, 2.0])).tolist() == [True, False]
    assert (np.array([Value(1.0), Value(2.0)]) != 1.0).tolist() == [False, True]
    assert np.float64(1.0) == Value(1.0) and Value(1.0) != np.float64(2.0)


def test_conversions_give_the_number() -> None:
    v = Value(2.75)
    with pytest.warns(GraphWarning):
        assert (float(v), int(v), math.exp(v)) == (2.75, 2, math.exp(2.75))
    assert bool(v) and not bool(Value(0.0))
    assert f"{v:.1f}" == "2.8"


def test_every_row_of_one_or_two_operands_is_a_method() -> None:
    for op in OPS.values():
        assert hasattr(Value, op.name) is not op.nary


def test_numpys_names_are_methods_too() -> None:
    v = Value(0.5)
    assert v.arctan().data == v.atan().data and v.arcsinh().data == v.asinh().data
    assert v.absolute().data == v.fabs().data == 0.5 and v.remainder(0.2).data == 0.5 % 0.2
    assert v.true_divide(2).data == 0.25 and v.power(2).data == v.float_power(2.0).data == 0.25


def test_a_subclass_mixes_with_values_and_results_are_plain_values() -> None:
    class Weight(Value):
        pass

    w, v = Weight(3.0, "w"), Value(2.0)
    results = [w * v, v * w, w + 1, 1 + w, w.tanh(), -w, w**2, 2**w, total([w, v]), np.exp(w)]
    for y in (*results, dot([w], [v], w)):
        assert type(y) is Value and w in y.operands
    (w * v + total([w, w])).backward()
    assert (w.grad, v.grad) == (4.0, 3.0)
    assert type(copy.copy(w)) is Weight and type(copy.deepcopy(w)) is Weight


def test_labels_are_text() -> None:
    v = Value(1.0)
    assert v.label == ""
    v.label = "weight"
    assert v.label == "weight" and Value(1.0, label="b").label == "b"
    with pytest.raises(TypeError) as refused:
        v.label = 3  # type: ignore[assignment]
    assert str(refused.value) == "a label needs text, got the int 3: write str(...)"


def test_unknown_attributes_are_refused_reading_and_writing() -> None:
    with pytest.raises(AttributeError):
        _ = Value(1.0).gard
    with pytest.raises(AttributeError):
        Value(1.0).gard = 1.0  # type: ignore[method-assign]


def test_the_lectures_names_are_there() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    assert e._prev == (a, b) and e._op == "*"
    assert a._prev == () and a._op == ""
    assert (
        (a + b)._op == "+"
        and (a**2)._op == "**2"
        and a.tanh()._op == "tanh"
        and a.exp()._op == "exp"
    )


def test_the_lectures_manual_backward_works() -> None:
    a, b = Value(2.0), Value(-3.0)
    e = a * b
    y = e.tanh()
    y.grad = 1.0
    y._backward()
    e._backward()
    by_hand = (a.grad, b.grad)
    a.zero_grad(), b.zero_grad()
    y.backward()
    assert (a.grad, b.grad) == by_hand


def test_numbers_in_expressions_are_constants_not_leaves_of_the_user() -> None:
    x = Value(2.0)
    two = next(v for v in (2 * x).operands if v is not x)
    assert two.op is CONSTANT and x.op is None


def test_operands_partials_constants_and_bundles_go_together() -> None:
    x, y, b = Value(2.0), Value(5.0), Value(7.0)
    p = x * y
    assert (p.operands, p.partials, p.bundles, p.constants) == (
        (x, y),
        (5.0, 2.0),
        ((x,), (y,)),
        (),
    )
    d = dot([x, y], [3.0, x], b)
    three = d.bundles[1][0]
    assert d.operands == (x, y, three, x, b) and d.partials == (3.0, 2.0, 2.0, 5.0, 1.0)
    assert d.bundles == ((x, y), (three, x), (b,))
    assert dot([x], [y]).bundles == ((x,), (y,), ())
    assert (x**3).constants == (3.0,) and x.clip(0, 1).constants == (0.0, 1.0)
    assert (x.operands, x.partials, x.bundles, x.constants) == ((), (), (), ())


def test_constants_of_rows_are_numbers_of_any_kind() -> None:
    x = Value(-2.0)
    assert x.leaky_relu(Fraction(1, 4)).data == -0.5
    assert type(x.leaky_relu(1).constants[0]) is float
    with pytest.raises(TypeError, match="needs a number, got the str 'a'"):
        x.leaky_relu("a")
    with pytest.raises(TypeError, match=r"got the Value .*: write v\.data"):
        x.leaky_relu(Value(0.1))


def test_detach_stops_derivatives() -> None:
    x = Value(3.0, "x")
    still = x.detach()
    (x * still).backward()
    assert x.grad == 3.0 and still.label == "x" and still.operands == ()


def test_the_methods_warn_at_the_edges_like_the_operators() -> None:
    with pytest.warns(DomainWarning, match="divide needs b != 0, got b = 0"):
        assert (1 / Value(0.0)).data == math.inf
    with pytest.warns(DomainWarning, match="mod needs b != 0, got b = 0"):
        assert math.isnan((1 % Value(0.0)).data)


# Copies and pickles


def test_a_copy_is_another_value_from_the_same_operands() -> None:
    x = Value(3.0, "x")
    y = x * x
    twin = copy.copy(y)
    assert twin is not y and twin.operands == (x, x) and twin.data == 9.0
    twin.backward()
    assert x.grad == 6.0
    leaf = copy.copy(x)
    assert leaf is not x and (leaf.data, leaf.label, leaf.grad) == (3.0, "x", 6.0)


def test_a_deep_copy_is_a_graph_of_its_own_with_the_same_sharing() -> None:
    a, b = Value(2.0, "a"), Value(5.0, "b")
    shared = a * b
    y = dot([shared, a], [shared, b], shared) + autograd.logsumexp([a, shared])
    other = copy.deepcopy(y)
    old, new = autograd.topological(y), autograd.topological(other)
    assert len(old) == len(new) and not set(old) & set(new)
    assert [(v.op, v.data, v.label, v.partials) for v in old] == [
        (v.op, v.data, v.label, v.partials) for v in new
    ]
    assert [[old.index(o) for o in v.operands] for v in old] == [
        [new.index(o) for o in v.operands] for v in new
    ]
    y.backward()
    other.backward()
    assert [v.grad for v in old] == [v.grad for v in new]


def test_a_deep_copy_of_several_values_keeps_what_they_share() -> None:
    x = Value(2.0)
    first, second, leaf = copy.deepcopy([x * x, x + 1, x])
    assert first.operands == (leaf, leaf) and second.operands[0] is leaf and leaf is not x


def test_a_deep_copy_needs_no_recursion() -> None:
    y = x = Value(1.0)
    for _ in range(30_000):
        y = y + x
    other = copy.deepcopy(y)
    other.backward()
    leaf = autograd.topological(other)[0]
    assert (leaf.grad, x.grad, other.data) == (30_001.0, 0.0, 30_001.0)


@each("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_leaf_survives_a_pickle(protocol: int) -> None:
    v = Value(0.1, "w")
    v.grad = 2.5
    back = pickle.loads(pickle.dumps(v, protocol))
    assert (back.data, back.grad, back.label, back.op, back.operands) == (0.1, 2.5, "w", None, ())
    assert back.reached and not pickle.loads(pickle.dumps(Value(1.0), protocol)).reached
    (back * 2).backward()
    assert back.grad == 4.5


def test_a_graph_refuses_a_pickle_and_says_what_to_keep() -> None:
    y = Value(2.0, "a") * Value(3.0, "b")
    with pytest.raises(TypeError) as refused:
        pickle.dumps(y)
    assert str(refused.value) == (
        "pickle keeps leaves, not graphs, and this is a * b = 6: "
        "pickle the values that it was made from and "
        "compute it again, or keep its number, v.data"
    )


def test_a_value_is_small() -> None:
    assert sys.getsizeof(Value(1.0)) <= 128 and not hasattr(Value(1.0), "__dict__")


def test_become_passes_the_grad_on() -> None:
    origin, leaf = Value(3.0), Value(3.0)
    y = leaf * 2
    leaf._become(origin)
    y.backward()
    assert origin.grad == 2.0


def test_backward_of_a_leaf_adds_the_seed() -> None:
    x = Value(1.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3.0


def test_the_seed_is_a_number() -> None:
    for y in (Value(1.0), Value(1.0) * 2):
        with pytest.raises(TypeError) as refused:
            y.backward("a")  # type: ignore[arg-type]
        assert str(refused.value) == "a seed needs a number, got the str 'a': write float('a')"


def test_a_result_of_no_grad_says_why_it_cannot_go_backward() -> None:
    with autograd.no_grad():
        y = Value(2.0).tanh()
    with pytest.raises(GraphError) as refused:
        y.backward()
    assert (
        str(refused.value)
        == "tanh recorded nothing under no_grad: compute it outside to differentiate it"
    )


def test_numpy_takes_the_spread_of_an_array_of_values() -> None:
    numbers = [1.0, 2.0, 4.0]
    values = [Value(x) for x in numbers]
    assert values[0].conjugate() is values[0]
    spread = np.std(np.array(values))
    assert spread.data == pytest.approx(np.std(numbers))
    assert np.var(np.array(values)).data == pytest.approx(np.var(numbers))
    spread.backward()
    expected = (np.array(numbers) - np.mean(numbers)) / (3 * np.std(numbers))
    assert [v.grad for v in values] == pytest.approx(list(expected))


def test_a_method_by_name_does_not_leave_the_answer_to_the_other_side() -> None:
    for operate in (
        lambda v, x: v.maximum(x),
        lambda v, x: v.add(x),
        lambda v, x: v.arctan2(x),
        lambda v, x: v.power(x),
    ):
        for stranger in (np.array([1.0, 2.0]), object()):
            with pytest.raises(
                TypeError, match=r"needs a number or a Value, got .*: write autograd\."
            ):
                operate(Value(2.0), stranger)
