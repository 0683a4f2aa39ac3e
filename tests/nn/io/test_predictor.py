"""A model with its names and scaling: predictions, and its file."""

from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, DataError, Standardizer, iris, load_csv, load_predictor, moons, predict, train
from nn.io.predictor import Predictor
from nn.training.evaluation import batch_outputs


@pytest.fixture(scope="module")
def flowers() -> Predictor:
    data = iris()
    scaling = Standardizer.fit(data)
    model = MLP(4, [8, 3], activation="tanh", seed=0)
    train(model, scaling.transform(data), epochs=30)
    return Predictor(model, scaling, data.feature_names, data.class_names, target="species")


def test_a_predictor_answers_to_names_to_lists_and_to_datasets(flowers: Predictor) -> None:
    predictor, data = flowers, iris()
    names = dict(zip(data.feature_names, data.features[0], strict=True))
    assert (
        predictor.predict(names | {"colour": 1}) == predictor.predict(data.features[0]) == "setosa"
    )
    assert predictor.predict(data)[:3] == ["setosa"] * 3
    assert predictor.probabilities(names) == predictor.probabilities(data.features[0])
    with pytest.raises(ValueError, match='a row lacks "petal_width", which the model learned from'):
        predictor.predict({name: x for name, x in names.items() if name != "petal_width"})
    with pytest.raises(ValueError, match="a row needs finite numbers"):
        predictor.predict([1.0, 2.0, 3.0, float("nan")])


def test_what_is_unlike_the_rows_learned_from_is_warned_of_as_in_the_command(
    tmp_path: Path,
) -> None:
    (tmp_path / "pond.csv").write_text("x,c,k\n" + "1,a,u\n2,b,v\n3,a,v\n4,b,u\n" * 5)
    data = load_csv(tmp_path / "pond.csv")
    names = data.feature_names, data.class_names
    model = MLP(3, [2], seed=0)
    predictor = Predictor(model, Standardizer.fit(data), *names, target="k", columns=data.columns)
    far = "x: {} is far outside the training range, 1 to 4"
    with pytest.warns(UserWarning) as said:
        predictor.predict({"x": 99, "c": "d", "more": 1})
    assert [str(each.message) for each in said] == [
        "more ignored, since the model was not trained on it",
        far.format('"99"'),
        'c: "d" did not occur in training: all its features are 0',
    ]
    assert said[0].filename == __file__
    with pytest.warns(UserWarning, match=far.format("-70")):
        predictor.probabilities([-70.0, 1.0, 0.0])
    assert predictor.predict({"x": 4, "c": "a", "k": "u"}) in ("u", "v"), "the target is no news"


def test_a_loaded_predictor_is_the_saved_one_bit_for_bit(tmp_path: Path) -> None:
    data = moons(30)
    first = Predictor(
        MLP(2, [5, 1], seed=3),
        Standardizer.fit(data),
        ["x", "y"],
        target_mean=1e9 + 0.1,
        target_deviation=1 / 3,
    )
    first.save(tmp_path / "p.json")
    assert load_predictor(tmp_path / "p.json").predict(data) == first.predict(data)


@pytest.mark.parametrize("classes", [["frog", "newt"], []])
def test_a_predictor_is_recorded_once_and_replayed_for_all_rows(
    classes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = moons(40)
    mlp = MLP(2, [6, 2 if classes else 1], seed=1)
    predictor = Predictor(
        mlp,
        Standardizer.fit(data),
        ["x", "y"],
        classes,
        target_mean=3.0,
        target_deviation=1.0 if classes else 7.0,
    )
    one_by_one = predict(predictor, data)
    asked = 0
    call = MLP.__call__

    def counted(self: MLP, row: Any, /) -> Any:
        nonlocal asked
        asked += 1
        return call(self, row)

    monkeypatch.setattr(MLP, "__call__", counted)
    found = batch_outputs(predictor, data.features)
    assert asked <= 2, (
        "a boundary over thousands of points must not go through the engine point by point"
    )
    for replayed, alone in zip(found, one_by_one, strict=True):
        assert replayed == pytest.approx(alone, rel=1e-12, abs=1e-12)


def test_a_predictor_is_differentiated_in_the_units_of_its_file() -> None:
    predictor = Predictor(
        MLP(1, [1], init="ones"),
        Standardizer([1.0], [2.0]),
        ["width"],
        target_mean=5.0,
        target_deviation=10.0,
    )
    width = Value(3.0)
    predictor([width]).backward()
    assert width.grad == 10.0 / 2.0


@pytest.mark.parametrize(
    ("sizes", "names", "threshold", "need"),
    [
        ([2], ["a", "b"], 1.5, "needs a threshold between 0 and 1, got 1.5"),
        ([3], ["a", "b", "c"], 0.2, "needs two classes and logits for a threshold, got 3 and a lo"),
        ([1], [], 0.2, "needs two classes and logits for a threshold, got 0 and a number"),
    ],
)
def test_a_threshold_is_a_probability_of_two_classes(
    sizes: list[int], names: list[str], threshold: float, need: str, tmp_path: Path
) -> None:
    scaling = Standardizer([0.0], [1.0])
    with pytest.raises(DataError, match=need):
        Predictor(MLP(1, sizes), scaling, ["x"], names, threshold=threshold)


def test_a_threshold_is_saved_and_decides(tmp_path: Path) -> None:
    predictor = Predictor(
        MLP(1, [1], init="ones"), Standardizer([0.0], [1.0]), ["x"], ["a", "b"], threshold=0.9
    )
    predictor.save(tmp_path / "p.json")
    again = load_predictor(tmp_path / "p.json")
    assert again.threshold == 0.9
    assert [again.predict([x]) for x in (1.0, 2.0, 2.5)] == ["a", "a", "b"]
