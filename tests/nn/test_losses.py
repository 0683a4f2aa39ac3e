"""What nn.losses promises: the textbook's numbers at any logit, with their first and second
derivatives.
"""

import math
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, hessian, jacobian, no_grad
from nn import (
    MLP,
    SGD,
    Dataset,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
    predict,
    recall,
    train,
)
from tests.cases import each

Row = list[float]

ORDINARY = [0.0, 0.5, -1.25, 3.0]
EXTREME = [1000.0, -1000.0, 40.0, -40.0, 709.0, -745.0]
ROWS = [
    [0.0, 0.0, 0.0],
    [0.5, -1.25, 3.0],
    [1000.0, -1000.0, 0.0],
    [-1000.0, -1000.5, -999.0],
    [1000.0, 1000.0, 1000.0],
    [30.0, -10.0, -10.0],
    [1e300, 0.0, -1e300],
]


@pytest.fixture(autouse=True)
def fifty_digits() -> Any:
    with mpmath.workdps(500):  # 1 - p at a logit of 1000 needs 435 of them
        yield


def near(x: float, wanted: Any) -> bool:
    """Within 4 units in the last place, or of the smallest floats."""
    exact = float(wanted)
    return abs(x - exact) <= 4 * math.ulp(exact) or abs(x - exact) <= 1e-320


def sigmoid(z: float) -> Any:
    return 1 / (1 + mpmath.exp(-mpmath.mpf(z)))


def softmax(logits: Row) -> list[Any]:
    powers = [mpmath.exp(mpmath.mpf(z) - mpmath.mpf(max(logits))) for z in logits]
    return [p / mpmath.fsum(powers) for p in powers]


def minus_log(p: Any, logits: Row, target: int) -> Any:
    """-log p, where p is the softmax of the target; in the form that does not lose p = 1 - tiny."""
    others = [z for k, z in enumerate(logits) if k != target]
    return mpmath.log1p(
        mpmath.fsum(mpmath.exp(mpmath.mpf(z) - mpmath.mpf(logits[target])) for z in others)
    )


def backward(loss: Callable[..., Any], numbers: Any, targets: Any) -> tuple[float, Any]:
    """The loss, and its grads in the shape of the numbers."""
    if not isinstance(numbers, list):
        z = Value(numbers)
        y = loss(z, targets)
        y.backward()
        return y.data, z.grad
    values = [[Value(z) for z in row] if isinstance(row, list) else Value(row) for row in numbers]
    y = loss(values, targets)
    y.backward()
    return y.data, [[v.grad for v in row] if isinstance(row, list) else row.grad for row in values]


# Binary cross-entropy


@each("target", [0, 1, 0.25])
@each("z", ORDINARY + EXTREME)
def test_binary_cross_entropy_and_its_slope_are_exact_at_any_logit(z: float, target: float) -> None:
    y, slope = backward(binary_cross_entropy, z, target)
    p = sigmoid(z)
    assert near(y, -(target * mpmath.log(p) + (1 - target) * mpmath.log(1 - p)))
    wanted = p - target
    assert near(slope, wanted) or abs(slope - float(wanted)) < 4 * math.ulp(target)


@each("target", [0, 1, 0.25])
@each("z", ORDINARY + EXTREME)
def test_the_second_derivative_of_binary_cross_entropy_is_p_times_one_minus_p(
    z: float, target: float
) -> None:
    p = sigmoid(z)
    second = grad(grad(lambda z: binary_cross_entropy(z, target)))(z)
    assert second == pytest.approx(float(p * (1 - p)), rel=1e-14, abs=1e-320)


# Cross-entropy


@each("target", [0, 1, 2])
@each("logits", ROWS, ids=str)
def test_cross_entropy_and_its_gradient_are_right_at_any_logits(logits: Row, target: int) -> None:
    y, gradient = backward(cross_entropy, logits, target)
    p = softmax(logits)
    # logsumexp - logit is rounded to the size of the logits, no finer
    assert y == pytest.approx(
        float(minus_log(p, logits, target)), abs=4 * math.ulp(max(map(abs, logits))), rel=1e-15
    )
    size = 4 * math.ulp(max(1.0, *(abs(z) for z in logits if abs(z) < 1e6)))
    assert gradient == pytest.approx(
        [float(pk - (k == target)) for k, pk in enumerate(p)], abs=size, rel=1e-14
    )


@each("logits", ROWS[:6], ids=str)
def test_the_hessian_of_cross_entropy_is_diag_p_minus_p_p(logits: Row) -> None:
    p = softmax(logits)
    wanted = [[float(p[i] * ((i == j) - p[j])) for j in range(3)] for i in range(3)]
    size = 4 * math.ulp(max(1.0, *map(abs, logits)))
    found = hessian(lambda z: cross_entropy(z, 1))(logits)
    assert np.array(found) == pytest.approx(np.array(wanted), abs=size)


def test_cross_entropy_of_a_batch_is_the_mean_over_rows() -> None:
    targets = [2, 0, 1]
    rows = ROWS[1:4]
    y, gradient = backward(cross_entropy, rows, targets)
    assert y == pytest.approx(
        sum(cross_entropy(row, t) for row, t in zip(rows, targets, strict=True)) / 3
    )
    for row, target, found in zip(rows, targets, gradient, strict=True):
        one = backward(cross_entropy, row, target)[1]
        assert found == pytest.approx([g / 3 for g in one])


def test_the_gradient_of_a_batch_adds_up_to_nothing_in_each_row() -> None:
    gradient = backward(cross_entropy, ROWS[:3], [0, 1, 2])[1]
    assert [sum(row) for row in gradient] == pytest.approx([0.0] * 3, abs=1e-15)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.data())
def test_cross_entropy_does_not_mind_a_shift_of_all_logits(
    logits: Row, data: st.DataObject
) -> None:
    target = data.draw(st.integers(0, len(logits) - 1))
    shifted = [z + 512.0 for z in logits]
    assert cross_entropy(shifted, target) == pytest.approx(cross_entropy(logits, target), abs=1e-12)


@given(st.floats(-700, 700), st.sampled_from([0, 1]))
def test_two_logits_are_a_single_one_that_is_their_difference(z: float, target: int) -> None:
    assert cross_entropy([0.0, z], target) == pytest.approx(
        binary_cross_entropy(z, target), abs=1e-12
    )


def test_a_single_logit_means_two_classes() -> None:
    assert cross_entropy([0.5, -2.0], [1, 0]) == binary_cross_entropy([0.5, -2.0], [1, 0])
    assert cross_entropy(0.5, 1) == binary_cross_entropy(0.5, 1)


# Mean squared error


def test_mean_squared_error_and_its_gradient_by_hand() -> None:
    y, gradient = backward(mean_squared_error, [1.0, 3.0, -2.0], [0.5, 4.0, -2.0])
    assert y == (0.25 + 1.0) / 3
    assert gradient == pytest.approx([1 / 3, -2 / 3, 0.0])


def test_mean_squared_error_of_rows_is_the_mean_over_all_their_numbers() -> None:
    predictions, targets = [[1.0, 2.0], [0.0, -1.0]], [[0.0, 2.0], [2.0, -4.0]]
    y, gradient = backward(mean_squared_error, predictions, targets)
    assert y == (1 + 0 + 4 + 9) / 4
    assert gradient == [[0.5, 0.0], [-1.0, 1.5]]


def test_the_hessian_of_mean_squared_error_is_two_over_the_rows() -> None:
    assert hessian(lambda p: mean_squared_error(p, [1.0, 2.0, 3.0]))([4.0, 5.0, 6.0]) == [
        pytest.approx([2 / 3 * (i == j) for j in range(3)]) for i in range(3)
    ]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_mean_squared_error_is_numpy_s(pairs: list[tuple[float, float]]) -> None:
    p, t = map(list, zip(*pairs, strict=True))
    assert mean_squared_error(p, t) == pytest.approx(
        np.mean((np.array(p) - np.array(t)) ** 2), rel=1e-12
    )


# Hinge


@each(
    ("score", "target", "loss", "slope"),
    [
        *((0.5, 1, 0.5, -1.0), (0.5, -1, 1.5, 1.0), (0.5, 0, 1.5, 1.0)),
        *((2.0, 1, 0.0, 0.0), (-2.0, -1, 0.0, 0.0), (-2.0, 1, 3.0, -1.0)),
        *((1.0, 1, 0.0, 0.0), (-1.0, -1, 0.0, 0.0)),  # at the kink: relu's 0
        *((1000.0, -1, 1001.0, 1.0), (-1000.0, 0, 0.0, 0.0)),
    ],
)
def test_hinge_and_its_slope_by_hand(score: float, target: int, loss: float, slope: float) -> None:
    assert backward(hinge, score, target) == (loss, slope)
    assert grad(grad(lambda z: hinge(z, target)))(score) == 0.0


def test_hinge_of_a_batch_is_the_mean() -> None:
    y, gradient = backward(hinge, [0.5, -2.0, 0.0], [1, -1, 0])
    assert (y, gradient) == (0.5, [-1 / 3, 0.0, 1 / 3])


# Mean absolute error and Huber's


def test_mean_absolute_error_and_its_gradient_by_hand() -> None:
    y, gradient = backward(mean_absolute_error, [1.0, 3.0, -2.0], [0.5, 4.0, -2.0])
    assert y == pytest.approx(0.5)
    assert gradient == pytest.approx([1 / 3, -1 / 3, 0.0])  # at the kink: abs's 0
    assert mean_absolute_error([[1.0, 2.0], [0.0, -1.0]], [[0.0, 2.0], [2.0, -4.0]]) == 1.5


@given(st.floats(-10, 10), st.floats(0.1, 5))
def test_huber_is_a_parabola_up_to_delta_and_a_line_beyond(error: float, delta: float) -> None:
    y, slope = backward(lambda p, t: huber(p, t, delta=delta), error, 0.0)
    near = abs(error) <= delta
    assert y == pytest.approx(error**2 / 2 if near else delta * (abs(error) - delta / 2), abs=1e-14)
    assert slope == pytest.approx(error if near else math.copysign(delta, error), abs=1e-14)
    second = grad(grad(lambda p: huber(p, 0.0, delta=delta)))(error)
    assert second == (1.0 if near else 0.0) or abs(error) == delta


# Class weights and label smoothing


@each("weights", [None, [0.5, 1.0, 2.5]])
@each("share", [0.0, 0.3])
@each("logits", ROWS[:6], ids=str)
def test_weights_and_smoothing_follow_the_formula(
    logits: Row, share: float, weights: Row | None
) -> None:
    """Σ wₖqₖ(-log pₖ), where q is the target spread by its share."""
    target, w = 1, weights or [1.0] * 3
    y, gradient = backward(
        lambda z, t: cross_entropy(z, t, class_weights=weights, label_smoothing=share),
        [logits],
        [target],
    )
    q = [share / 3 + (1 - share) * (k == target) for k in range(3)]
    wanted = sum(w[k] * q[k] * minus_log(None, logits, k) for k in range(3))
    size = 8 * math.ulp(max(1.0, *map(abs, logits)))
    assert y == pytest.approx(float(wanted), abs=size, rel=1e-14)
    p, whole = softmax(logits), sum(w[k] * q[k] for k in range(3))
    slopes = [float(p[k] * whole - w[k] * q[k]) for k in range(3)]
    assert gradient[0] == pytest.approx(slopes, abs=size, rel=1e-13)


def test_a_class_weight_multiplies_the_loss_of_each_row_of_its_class_whatever_the_batch() -> None:
    rows, targets, weights = ROWS[:3], [0, 2, 1], [0.5, 1.0, 2.5]
    weighted = partial(cross_entropy, class_weights=weights)
    alone = [cross_entropy(row, t) for row, t in zip(rows, targets, strict=True)]
    wanted = [0.5 * alone[0], 2.5 * alone[1], 1.0 * alone[2]]
    assert weighted(rows, targets) == pytest.approx(sum(wanted) / 3)
    ones = [weighted([row], [target]) for row, target in zip(rows, targets, strict=True)]
    assert ones == pytest.approx(wanted)
    assert weighted(rows[0], targets[0]) == ones[0]


def test_balanced_weights_of_a_dataset_have_mean_1_and_leave_the_size_of_the_loss() -> None:
    data = Dataset([[float(i)] for i in range(10)], [0] * 9 + [1], class_names=["a", "b"])
    weights = data.class_weights()
    assert sum(weights[int(t)] for t in data.targets) == pytest.approx(10)
    same = partial(binary_cross_entropy, class_weights=weights)
    assert same([0.0] * 10, data.targets) == pytest.approx(math.log(2))


@pytest.mark.parametrize("batch_size", [pytest.param(1, marks=pytest.mark.full), 8])
def test_a_rare_class_is_found_with_balanced_weights_at_any_batch_size(batch_size: int) -> None:
    rng = Random(0)
    targets = [int(i % 20 == 0) for i in range(200)]
    data = Dataset([[rng.gauss(1.5 * t, 1)] for t in targets], targets, class_names=["a", "b"])
    found = {}
    for weights in (None, data.class_weights()):
        model = MLP(1, [1], seed=0)
        loss = partial(binary_cross_entropy, class_weights=weights)
        options: dict[str, Any] = {"epochs": 10, "batch_size": batch_size, "validation": None}
        train(model, data, loss, SGD(0.02 * batch_size), **options)
        found[weights is None] = recall(predict(model, data), data.targets)
    assert found[False] >= 0.6
    assert found[True] <= 0.2


@given(st.floats(-30, 30), st.sampled_from([0, 1]), st.floats(0, 0.9), st.floats(0.1, 5))
def test_one_logit_with_options_is_two_logits_with_options(
    z: float, target: int, share: float, weight: float
) -> None:
    options: dict[str, Any] = {"class_weights": [1.0, weight], "label_smoothing": share}
    one = binary_cross_entropy([z, 1.0], [target, 1], **options)
    assert one == pytest.approx(
        cross_entropy([[0.0, z], [0.0, 1.0]], [target, 1], **options), rel=1e-12, abs=1e-13
    )
    assert one == pytest.approx(cross_entropy([z, 1.0], [target, 1], **options))
    assert binary_cross_entropy(z, target, **options) == pytest.approx(
        cross_entropy([0.0, z], target, **options), abs=1e-12
    )


def test_equal_weights_and_no_smoothing_change_nothing() -> None:
    rows, targets = ROWS[:3], [0, 2, 1]
    plain = cross_entropy(rows, targets)
    assert cross_entropy(
        rows, targets, class_weights=[1, 1, 1], label_smoothing=0
    ) == pytest.approx(plain)
    assert cross_entropy(rows, targets, class_weights=np.array([3.0] * 3)) == pytest.approx(
        3 * plain
    )


# What they take


LOSSES = [
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
    partial(cross_entropy, class_weights=[1.0, 2.0], label_smoothing=0.1),
    partial(binary_cross_entropy, class_weights=[1.0, 2.0], label_smoothing=0.1),
]


@each("loss", LOSSES, ids=lambda loss: getattr(loss, "__name__", "with options"))
def test_floats_give_a_float_and_values_a_value(loss: Callable[..., Any]) -> None:
    assert type(loss([0.5, -2.0], [1, 0])) is float
    y = loss([Value(0.5), Value(-2.0)], [1, 0])
    assert isinstance(y, Value)
    assert y.data == loss([0.5, -2.0], [1, 0])
    with no_grad():
        assert loss([Value(0.5), Value(-2.0)], [1, 0]).operands == ()


@each("loss", LOSSES, ids=lambda loss: getattr(loss, "__name__", "with options"))
def test_arrays_are_as_good_as_lists(loss: Callable[..., Any]) -> None:
    wanted = loss([0.5, -2.0, 1.0], [1, 0, 1])
    assert loss(np.array([0.5, -2.0, 1.0]), np.array([1, 0, 1])) == wanted
    assert loss([np.float64(0.5), np.float64(-2.0), np.float64(1.0)], (1, 0, 1)) == wanted
    assert (
        loss(np.array([Value(0.5), Value(-2.0), Value(1.0)]), np.array([1.0, 0.0, 1.0])).data
        == wanted
    )


def test_rows_of_logits_may_be_arrays() -> None:
    rows, targets = ROWS[:3], [2, 0, 1]
    wanted = cross_entropy(rows, targets)
    assert cross_entropy(np.array(rows), targets) == wanted
    assert cross_entropy([np.array(row) for row in rows], np.array(targets)) == wanted
    assert mean_squared_error(np.eye(2), np.zeros((2, 2))) == 0.5


def test_the_jacobian_of_all_rows_losses_is_softmax_minus_one_hot() -> None:
    found = jacobian(lambda z: [cross_entropy(z, k) for k in range(3)])([0.5, -1.25, 3.0])
    p = [float(x) for x in softmax([0.5, -1.25, 3.0])]
    assert found == [pytest.approx([p[j] - (j == k) for j in range(3)]) for k in range(3)]
