"""How much worse a model is where a column is shuffled."""

from random import Random
from typing import Any

import pytest

from nn import MLP, Dataset, permutation_importance, r_squared


def first(row: Any) -> Any:
    return row[0] + 0.1 * row[1]


FEATURES = [[float(i), float(i * 7 % 20), 3.0] for i in range(20)]
ROWS = Dataset(FEATURES, list(map(first, FEATURES)))


def test_a_column_counts_by_what_the_score_loses_without_it() -> None:
    of = {one.column: one for one in permutation_importance(first, ROWS)}
    assert of["x1"].drop > 1.0 > of["x2"].drop > 0.0 == of["x3"].drop == of["x3"].deviation
    assert list(of) == ["x1", "x2", "x3"]
    assert repr(of["x3"]) == "x3 0.000 ± 0.000"


def test_features_of_one_column_are_shuffled_together() -> None:
    def same(row: Any) -> Any:  # of one-hot features that must be 1 in all
        return 100.0 * (row[0] + row[1] - 1)

    rows = Dataset([[i % 2, 1 - i % 2, float(i)] for i in range(20)], list(range(20)))
    apart = permutation_importance(same, rows)
    (whole, rest) = permutation_importance(same, rows, columns={"kind": [0, 1], "size": [2]})
    assert max(one.drop for one in apart) > 1.0
    assert whole.drop == rest.drop == 0.0


def test_the_metric_and_the_seed_can_be_chosen_and_the_rows_stay_as_they_are() -> None:
    before = [list(row) for row in ROWS.features]
    found = permutation_importance(first, ROWS, lambda outputs, _: sum(outputs), repeats=1)
    assert [one.drop for one in found] == pytest.approx([0.0] * 3) and ROWS.features == before
    once, again = (permutation_importance(first, ROWS, seed=3) for _ in range(2))
    assert once == again != permutation_importance(first, ROWS, seed=4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"columns": {"x": [3]}}, "needs columns of features from 0 to 2, got 3: number"),
        ({"repeats": 0}, "repeats"),
        ({"data": [[1.0]]}, "needs a Dataset"),
    ],
)
def test_what_cannot_be_shuffled_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        permutation_importance(first, **{"data": ROWS} | options)


@pytest.mark.full
def test_importances_are_near_those_of_scikit_learn() -> None:
    inspection = pytest.importorskip("sklearn.inspection")
    import numpy as np

    rng, model = Random(1), MLP(3, [4, 1], seed=1)
    features = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(300)]
    data = Dataset(features, [model(row).data + rng.gauss(0, 0.1) for row in features])

    class Fitted:
        def fit(self) -> None: ...

        def predict(self, rows: Any) -> Any:
            return np.array([model(row).data for row in rows.tolist()])

        def score(self, rows: Any, targets: Any) -> float:
            return r_squared(self.predict(rows), targets)

    theirs = inspection.permutation_importance(
        Fitted(), np.array(features), data.targets, n_repeats=20, random_state=0
    )
    for one in permutation_importance(model, data, repeats=20):
        k = data.feature_names.index(one.column)
        assert one.drop == pytest.approx(theirs.importances_mean[k], rel=0.15)
