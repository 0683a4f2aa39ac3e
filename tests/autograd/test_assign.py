"""Numbers for many Values at once."""

import re
from array import array

import numpy as np
import pytest

from autograd import GraphError, GraphWarning, Value, assign, withholding

MASKED = np.ma.array([1.0, 2.0], mask=[0, 1])


class Series:
    """An array of another library, whose flags are none of NumPy's."""

    shape, dtype, ndim, flags = (2,), np.dtype(float), 1, ()

    def __array__(self, *how: object) -> np.ndarray:
        return np.array([1.0, 2.0])


class Weight(Value):
    """A Value of a class of its own, which the cyclic collector knows."""


def numbers_and_grads(values: list[Value]) -> list[tuple[float, float]]:
    return [(v.data, v.grad) for v in values]


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda xs: np.array([xs, xs]).T[:, 1]])
def test_values_take_numbers_and_grads_from_sequences_and_arrays(kind) -> None:
    values = [Value(0.0), Weight(1.0), Value(2.0) * 3]
    values[0].grad = 5.0
    assign(values, kind([1.5, -0.0, 2.5]))
    assert str(numbers_and_grads(values)) == "[(1.5, 5.0), (-0.0, 0.0), (2.5, 0.0)]"
    assign(values, kind([0.1, 0.2, 0.3]), kind([7.0, -0.0, 9.0]))
    assert str(numbers_and_grads(values)) == "[(0.1, 7.0), (0.2, -0.0), (0.3, 9.0)]"
    assert [v.reached for v in values] == [True] * 3


def test_numbers_come_from_arrays_of_any_byte_order_and_from_what_is_iterated_over() -> None:
    a, b = values = [Value(0.0), Value(0.0)]
    for numbers in [
        np.array([1.0, 2.0], dtype=">f8"),
        (x for x in [1, 2.0]),
        range(1, 3),
        array("f", [1.0, 2.0]),
        Series(),
    ]:
        values[0].data = values[1].data = 0.0
        assign(values, numbers)
        assert (a.data, b.data) == (1.0, 2.0)


def test_a_graph_notices_what_was_assigned_after_it_was_recorded() -> None:
    x = Value(2.0)
    y = x * x
    assign([x], [3.0])
    with pytest.warns(GraphWarning, match="data have changed"):
        y.backward()


@pytest.mark.parametrize(
    ("numbers", "grads", "error", "sentence"),
    [
        ([1.0], None, ValueError, "assign needs a number for each of 2 Values, got 1"),
        ([1.0, 2.0], [3.0], ValueError, "assign needs a grad for each of 2 Values, got 1"),
        ([1.0, "2"], None, TypeError, "assign needs numbers, got the str '2': write float('2')"),
        (3.0, None, ValueError, "assign needs a number for each of 2 Values, got 1"),
        (MASKED, None, TypeError, "numbers are needed, got a masked array: write x.filled(0.0)"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_nothing_has_changed(
    numbers, grads, error, sentence
) -> None:
    values = [Value(8.0), Value(9.0)]
    with pytest.raises(error, match=re.escape(sentence)):
        assign(values, numbers, grads)
    with pytest.raises(TypeError, match=r"assign needs a list of Values, got the Value"):
        assign(values[0], [1.0])
    with pytest.raises(TypeError, match=r"assign needs Values, got 1\.0"):
        assign([*values, 1.0], [5.0, 6.0, 7.0])
    assert [v.data for v in values] == [8.0, 9.0]


def test_values_that_are_withheld_are_not_assigned() -> None:
    a, b = Value(1.0), Value(2.0)
    with withholding([b], "waits"), pytest.raises(GraphError, match=r"assigning \.data waits"):
        assign([a, b], [3.0, 4.0])
    assert (a.data, b.data) == (1.0, 2.0)
