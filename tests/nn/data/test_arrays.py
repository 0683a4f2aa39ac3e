"""Datasets that came as arrays: the rows, parts and runs that lists give, and no lists before they
are asked for."""

import copy
import pickle
from typing import Any

import pytest

from nn import MLP, Adam, DataError, Dataset, Standardizer, Stream, moons, train
from tests.nn.training.examples import exact, line, numbers

np = pytest.importorskip("numpy")


def is_array(data: Dataset) -> bool:
    return "features" not in vars(data)


def both(classes: bool = True) -> tuple[Dataset, Dataset]:
    """Rows as lists, and as arrays."""
    data = moons(40) if classes else line(40)
    arrays = np.array(data.features), np.array(data.targets)
    return data, Dataset(*arrays, data.feature_names, data.class_names)


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("as_stream", [True, False])
def test_training_on_arrays_is_that_on_lists_and_makes_none(classes: bool, as_stream: bool) -> None:
    found = list[Any]()
    for data in both(classes):
        model = MLP(2, [4, 2 if classes else 1], seed=0)
        rows: Any = Stream([data[k : k + 9] for k in range(0, 40, 9)]) if as_stream else data
        run: Any = {"epochs": 3, "validation": data[:9]}
        history = train(model, rows, None, Adam(0.05), **run)
        found.append((numbers(model), exact(history)))
    assert found[0] == found[1] and is_array(data)
    assert rows.first is not data and is_array(rows.first) if as_stream else rows is data


def test_masks_and_fractions_are_no_indices() -> None:
    for data in both():
        for rows in ([True, False], np.array([True] * 40), [0.7], [[1, 2]]):
            with pytest.raises(DataError, match="take needs the indices of rows, whole numbers"):
                data.take(rows)
        assert data.take(np.array([3, -1], "int32")) == data.take([3, 39])
        with pytest.raises((DataError, TypeError)):
            data[np.array([True] * 40)]
        with pytest.raises((DataError, TypeError)):
            data[0.7]  # type: ignore[call-overload]


@pytest.mark.parametrize("classes", [True, False])
def test_parts_of_arrays_are_those_of_lists(classes: bool) -> None:
    lists, arrays = both(classes)
    scale = Standardizer.fit(lists)
    assert Standardizer.fit(arrays) == scale
    for part in (
        lambda data: data.split(0.3, seed=1)[0],
        lambda data: [*data.folds(3)][2][1],
        lambda data: data[-3::-2],
        lambda data: data.shuffled(2),
        lambda data: scale.transform(data),
        lambda data: pickle.loads(pickle.dumps(data)),
        copy.deepcopy,
    ):
        found, wanted = part(arrays), part(lists)
        assert is_array(found) and [*found] == [*wanted] and found[1] == wanted[1]
        assert is_array(found) and found == wanted and not is_array(found)
        assert {*map(type, found.targets)} == {*map(type, wanted.targets)}
    assert is_array(arrays) and list(arrays.y) == lists.targets
    assert not classes or arrays.class_weights() == lists.class_weights()


def test_an_array_that_is_used_again_changes_no_rows() -> None:
    x = np.ones((2, 2))
    data = Dataset(x, [0, 1])
    x[:] = 5.0
    data.features[0][0] = 7.0
    assert [*data] == [([7.0, 1.0], 0.0), ([1.0, 1.0], 1.0)]


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        (np.array([[1.0], [np.nan]]), [0, 1], r"finite numbers, got \[nan\] .* in row 1"),
        (np.ones((2, 1)), [0, 2], "class index from 0 to 1 as target, got 2 in row 1"),
        (np.ones((2, 1)), [0], "a target for each row, got 2 rows and 1 target"),
        (np.ones((2, 2)), np.zeros(2), "1 feature in each row, got 2 in row 0"),
        (np.ma.masked_equal(np.ones((2, 1)), 1.0), [0, 1], "needs a list of numbers"),
    ],
    ids=["nan", "class", "count", "width", "mask"],
)
def test_arrays_are_refused_as_lists_are(x: Any, y: Any, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        Dataset(x, y, ["only"], ["a", "b"])
