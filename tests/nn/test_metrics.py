"""What nn.metrics promises: counts that one can check by hand, and that agree with one another."""

from collections.abc import Callable
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import accuracy, confusion_matrix, f1, precision, predicted_class, r_squared, recall

LOGITS = st.lists(st.floats(-10, 10), min_size=3, max_size=3)
ROWS = st.lists(st.tuples(LOGITS, st.integers(0, 2)), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        *(([0.1, 2.0, -1.0], 1), ((-3.0, -2.0), 1), ([5.0], 1), ([1.0, 1.0], 0)),
        *((0.5, 1), (-0.5, 0), (0.0, 0), (np.float64(2.0), 1)),
        *((Value(0.5), 1), ([Value(0.0), Value(1.0)], 1), (np.array([0.0, 1.0]), 1)),
    ],
    ids=str,
)
def test_the_class_of_an_output(output: Any, wanted: int) -> None:
    assert predicted_class(output) == wanted


def test_accuracy_by_hand() -> None:
    assert accuracy([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 0, 1]) == 0.5
    assert accuracy([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0]) == 0.75
    assert accuracy(np.array([0.3, -0.2]), np.array([1.0, 0.0])) == 1.0


def test_a_target_of_minus_one_is_class_zero() -> None:
    assert accuracy([0.3, -0.2, 1.5, 0.1], [1, -1, 1, -1]) == 0.75
    assert confusion_matrix([0.3, -0.2, 1.5, 0.1], [1, -1, 1, -1], classes=2) == [[1, 1], [0, 2]]


def test_true_classes_go_down_and_taken_ones_across() -> None:
    outputs = [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]
    assert confusion_matrix(outputs, [0, 0, 1, 1], classes=3) == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]


@given(ROWS)
def test_rows_of_the_confusion_matrix_count_targets_and_its_diagonal_the_right_ones(
    rows: list[tuple[list[float], int]],
) -> None:
    outputs, targets = map(list, zip(*rows, strict=True))
    matrix = confusion_matrix(outputs, targets, classes=3)
    assert [sum(row) for row in matrix] == [targets.count(k) for k in range(3)]
    assert [sum(column) for column in zip(*matrix, strict=True)] == [
        [predicted_class(o) for o in outputs].count(k) for k in range(3)
    ]
    assert sum(matrix[k][k] for k in range(3)) / len(rows) == accuracy(outputs, targets)


@given(ROWS)
def test_precision_recall_and_f1_are_columns_and_rows_of_the_confusion_matrix(
    rows: list[tuple[list[float], int]],
) -> None:
    outputs, targets = map(list, zip(*rows, strict=True))
    matrix = confusion_matrix(outputs, targets, classes=3)
    for k in range(3):
        taken, true = sum(row[k] for row in matrix), sum(matrix[k])
        found = [metric(outputs, targets, k) for metric in (precision, recall, f1)]
        assert found[0] == (
            pytest.approx(matrix[k][k] / taken) if taken else pytest.approx(nan, nan_ok=True)
        )
        assert found[1] == (
            pytest.approx(matrix[k][k] / true) if true else pytest.approx(nan, nan_ok=True)
        )
        if matrix[k][k]:
            assert found[2] == pytest.approx(2 / (1 / found[0] + 1 / found[1]))
        else:
            assert isnan(found[2]) if not taken + true else found[2] == 0


def test_r_squared_is_one_for_the_truth_zero_for_the_mean_and_below_for_worse() -> None:
    targets = [1.0, 2.0, 6.0]
    assert r_squared(targets, targets) == 1.0
    assert r_squared([3.0] * 3, targets) == 0.0
    assert r_squared([6.0, 2.0, 1.0], targets) < 0
    assert r_squared([Value(1.0), Value(2.0), Value(5.0)], targets) == pytest.approx(1 - 1 / 14)
    assert isnan(r_squared([1.0, 2.0], [3.0, 3.0]))


REFUSALS: dict[str, Callable[[], Any]] = {
    "a metric needs as many outputs as targets, and one at least, got 2 and 1": lambda: accuracy(
        [0.1, 0.2], [1]
    ),
    "a metric needs as many outputs as targets, and one at least, got 0 and 0": lambda: accuracy(
        [], []
    ),
    "a metric needs as many outputs as targets, and one at least, got 0 and 1": lambda: (
        confusion_matrix([], [1], 2)
    ),
    "a metric needs as many outputs as targets, and one at least, got 1 and 2": lambda: r_squared(
        [1.0], [1.0, 2.0]
    ),
    "a metric needs as many outputs as targets, and one at least, got 3 and 0": lambda: f1(
        [1.0] * 3, []
    ),
    "a single output stands for class 0 or 1, got the target 2: pass a row of logits, one a "
    "class, not its number": lambda: confusion_matrix([0.5], [2], 2),
    "confusion_matrix needs classes from 0 to 1, got class 2 predicted as class 1: pass the "
    "number of all classes": (lambda: confusion_matrix([[0.0, 1.0, 0.0]], [2], 2)),
    "confusion_matrix needs classes from 0 to 1, got class 0 predicted as class 2: pass the "
    "number of all classes": (lambda: confusion_matrix([[0.0, 0.0, 1.0]], [0], 2)),
    "confusion_matrix needs classes from 0 to 1, got class 0.5 predicted as class 1: pass the "
    "number of all classes": (lambda: confusion_matrix([0.5], [0.5], 2)),
}


@pytest.mark.parametrize("sentence", REFUSALS)
def test_a_refusal_says_what_was_needed_and_what_came(sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        REFUSALS[sentence]()
    assert str(caught.value) == sentence


def test_outputs_of_a_run_that_diverges_have_an_r_squared_too() -> None:
    assert r_squared([1e200, 0.0], [1.0, 0.0]) == -inf
