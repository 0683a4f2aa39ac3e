"""What simple models predict, beside scikit-learn's."""

import random
from math import inf, log
from typing import Any

import pytest

from nn import Dataset, accuracy, baselines, iris, log_loss, r_squared


def rows_of(count: int, width: int, *, classes: int = 0, seed: int = 0) -> Dataset:
    rng = random.Random(seed)
    features = [[rng.gauss(0, 1 + i) for i in range(width)] for _ in range(count)]
    sums = [row[0] - row[-1] / width + rng.gauss(0, 0.5) for row in features]
    if not classes:
        return Dataset(features, sums)
    names = [f"c{k}" for k in range(classes)]
    return Dataset(features, [int(abs(x)) % classes for x in sums], class_names=names)


def test_the_first_baseline_is_always_the_commonest_class_or_the_mean() -> None:
    data = Dataset([[0.0], [1.0], [2.0]], [1, 1, 0], class_names=["a", "b", "c"])
    found = baselines(data, data, neighbours=1)
    assert list(found) == ["always b", "linear model", "1 nearest neighbour"]
    assert found["always b"][0] == [log(1 / 3), log(2 / 3), -inf]
    assert accuracy(found["1 nearest neighbour"], data.targets) == 1.0
    numbers = Dataset([[0.0], [1.0], [2.0]], [1.0, 2.0, 6.0])
    assert baselines(numbers, numbers)["always the mean"] == [3.0, 3.0, 3.0]


def test_without_numpy_the_first_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.analysis.baselines.find_spec", lambda name: None)
    assert list(baselines(iris(), iris())) == ["always setosa"]


def test_columns_that_are_constant_and_fewer_rows_than_neighbours_are_no_trouble() -> None:
    data = Dataset([[5.0, 0.0], [5.0, 1.0]], [0, 1], class_names=["a", "b"])
    for name, outputs in baselines(data, data).items():
        assert len(outputs) == 2 and log_loss(outputs, data.targets) < 0.7, name


def test_class_weights_make_a_rare_class_weigh_as_much_as_a_frequent_one() -> None:
    data = Dataset([[0.0]] * 10, [0] * 9 + [1], class_names=["often", "rare"])
    weights = data.class_weights()
    even = baselines(data, data, class_weights=weights)["linear model"][0]
    assert even[0] == pytest.approx(even[1], abs=1e-3)


@pytest.mark.parametrize("wrong", [[], Dataset([], [])])
def test_two_parts_with_rows_are_needed(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"baselines needs two Datasets with rows, got .*: split"):
        baselines(iris(), wrong)


@pytest.mark.full
@pytest.mark.parametrize(("count", "width", "classes"), [(300, 4, 2), (300, 4, 3), (40, 90, 2)])
def test_baselines_of_classes_are_those_of_scikit_learn(
    count: int, width: int, classes: int
) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rest, test = rows_of(count, width, classes=classes).split(0.3)
    found = baselines(rest, test)
    model = make_pipeline(StandardScaler(), linear.LogisticRegression(tol=1e-10, max_iter=10_000))
    model.fit(rest.features, rest.targets)
    theirs = model.predict_log_proba(test.features).tolist()
    wanted = log_loss(theirs, test.targets)
    assert log_loss(found["linear model"], test.targets) == pytest.approx(wanted, abs=1e-3)
    near = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(rest.features, rest.targets)
    shares = near.predict_proba(test.features)
    clear = [k for k, row in enumerate(shares) if (row == row.max()).sum() == 1]
    ours = [row.index(max(row)) for row in found["5 nearest neighbours"]]
    assert [ours[k] for k in clear] == [int(shares[k].argmax()) for k in clear]


@pytest.mark.full
@pytest.mark.parametrize(("count", "width"), [(300, 4), (40, 90)])
def test_baselines_of_numbers_are_those_of_scikit_learn(count: int, width: int) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rest, test = rows_of(count, width).split(0.3)
    found = baselines(rest, test)
    for name, model in (
        ("linear model", linear.Ridge()),
        ("5 nearest neighbours", KNeighborsRegressor()),
    ):
        fitted = make_pipeline(StandardScaler(), model).fit(rest.features, rest.targets)
        assert found[name] == pytest.approx(fitted.predict(test.features).tolist(), abs=1e-9)
        assert r_squared(found[name], test.targets) < 1.0
