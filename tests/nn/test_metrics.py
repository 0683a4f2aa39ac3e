"""What nn.metrics promises: counts that one can check by hand, and that agree with one another."""

from math import exp, fsum, inf, isnan, nan
from random import Random
from statistics import fmean
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    f1,
    log_loss,
    macro_f1,
    precision,
    predicted_class,
    r_squared,
    recall,
    roc_auc,
    root_mean_squared_error,
)
from tests.cases import each

LOGITS = st.lists(st.floats(-10, 10), min_size=3, max_size=3)
ROWS = st.lists(st.tuples(LOGITS, st.integers(0, 2)), min_size=1, max_size=30)


@each(
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


def test_outputs_of_a_run_that_diverges_have_an_r_squared_too() -> None:
    assert r_squared([1e200, 0.0], [1.0, 0.0]) == -inf


def shares(output: Any) -> list[float]:
    row = output if isinstance(output, list) else [0.0, output]
    top = max(row)
    whole = fsum(exp(x - top) for x in row)
    return [exp(x - top) / whole for x in row]


@pytest.mark.full
@pytest.mark.parametrize("classes", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["different", "tied", "constant", "a class missing"])
def test_metrics_of_classes_are_those_of_scikit_learn(classes: int, kind: str) -> None:
    theirs, rng = pytest.importorskip("sklearn.metrics"), Random(classes)
    all_classes = max(classes, 2)
    for _ in range(40):
        count = rng.randint(all_classes, 40)

        def logit() -> float:
            x = rng.gauss(0, 2)
            return 0.5 if kind == "constant" else round(x) if kind == "tied" else x

        outputs = [[logit() for _ in range(classes)] for _ in range(count)]
        outputs = outputs if classes > 1 else [row[0] for row in outputs]  # type: ignore[misc]
        known = all_classes - (kind == "a class missing")
        targets = [k % known for k in range(count)]
        taken, probabilities = list(map(predicted_class, outputs)), list(map(shares, outputs))
        with catch_warnings():
            simplefilter("ignore")  # of classes that were predicted and have no row
            wanted = theirs.balanced_accuracy_score(targets, taken)
        assert balanced_accuracy(outputs, targets) == pytest.approx(wanted, abs=1e-12)
        wanted = theirs.f1_score(targets, taken, average="macro", zero_division=0)
        assert macro_f1(outputs, targets) == pytest.approx(wanted, abs=1e-12)
        wanted = theirs.log_loss(targets, probabilities, labels=range(all_classes))
        assert log_loss(outputs, targets) == pytest.approx(wanted, abs=1e-9)
        if known < 2:
            assert isnan(roc_auc(outputs, targets))
            continue
        columns = [column for column, _ in zip(zip(*probabilities), range(known))]  # noqa: B905
        areas = [
            theirs.roc_auc_score([target == k for target in targets], column)
            for k, column in enumerate(columns)
        ]
        assert roc_auc(outputs, targets) == pytest.approx(fmean(areas), abs=1e-9)
        if known == classes > 2:
            wanted = theirs.roc_auc_score(targets, probabilities, multi_class="ovr")
            assert roc_auc(outputs, targets) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.full
def test_metrics_of_numbers_are_those_of_scikit_learn() -> None:
    theirs, rng = pytest.importorskip("sklearn.metrics"), Random(0)
    for spread in (0.0, 1.0, 1e-3):
        targets = [rng.gauss(5, 2) for _ in range(50)]
        outputs = [spread * rng.gauss(5, 2) for _ in targets]
        wanted = theirs.root_mean_squared_error(targets, outputs)
        assert root_mean_squared_error(outputs, targets) == pytest.approx(wanted, rel=1e-12)
        assert r_squared(outputs, targets) == pytest.approx(theirs.r2_score(targets, outputs))


def test_areas_and_losses_of_outputs_that_are_certain_or_none() -> None:
    assert roc_auc([1.0, 1.0, 2.0, 0.0], [0, 1, 1, 0]) == 0.875
    assert isnan(roc_auc([1.0, 2.0], [1, 1])) and isnan(roc_auc([nan, 2.0], [0, 1]))
    assert roc_auc([[0.0, 800.0], [0.0, 900.0]], [0, 1]) == 1.0, "both round to a probability of 1"
    assert roc_auc([0.5, -0.5], [1, -1]) == 1.0
    assert log_loss([[-inf, 0.0]], [1]) == 0.0 and log_loss([[-inf, 0.0]], [0]) == inf
    assert log_loss([[inf, 0.0], [0.0, -1e4]], [0, 1]) == 5000.0
    assert balanced_accuracy([1.0, 1.0, 1.0], [1, 1, 0]) == 0.5
    assert balanced_accuracy([1.0, 1.0], [1, 1]) == macro_f1([1.0, 1.0], [1, 1]) == 1.0


@pytest.mark.parametrize("metric", [accuracy, roc_auc, log_loss])
def test_targets_in_the_place_of_outputs_are_refused(metric: Any) -> None:
    with pytest.raises(ValueError, match=r"targets that are classes, .*, after the outputs"):
        metric([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.3])
