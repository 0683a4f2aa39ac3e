"""tree: numbers in containers of every kind, out and back, and matched by key and by shape."""

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.tree import Tree, numbers
from tests.cases import each

Point = namedtuple("Point", "w b")
EXAMPLES: list[tuple[Any, list[Any], list[str]]] = [
    (2.0, [2.0], ["x"]),
    ([], [], []),
    ([2.0, (3.0, 4.0)], [2.0, 3.0, 4.0], ["x[0]", "x[1][0]", "x[1][1]"]),
    ({"w": [2.0], "b": 3.0}, [2.0, 3.0], ["x['w'][0]", "x['b']"]),
    (Point(2.0, [3.0]), [2.0, 3.0], ["x[0]", "x[1][0]"]),
    (np.array([[1.0, 2.0]]), [1.0, 2.0], ["x[0, 0]", "x[0, 1]"]),
    (np.zeros((0, 2)), [], []),
    (np.float64(2.0), [2.0], ["x"]),
    ([np.array(1.0), {"a": np.array([5.0])}], [1.0, 5.0], ["x[0]", "x[1]['a'][0]"]),
]


@each(("x", "flat", "labels"), EXAMPLES)
def test_numbers_go_out_and_back(x: Any, flat: list[Any], labels: list[str]) -> None:
    tree = Tree.of(x)
    assert (numbers(x), tree.labels("x"), tree.size) == (flat, labels, len(flat))
    again = tree.build(flat)
    assert type(again) is (float if isinstance(x, np.float64) else type(x))
    assert repr(again) == repr(float(x) if isinstance(x, np.float64) else x).replace(
        "array(1.)", "1.0"
    )
    assert tree == Tree.of(again) and hash(tree) == hash(Tree.of(again))
    assert tree.match(x, "f needs x") == flat


def test_arrays_of_other_things_are_arrays_of_objects() -> None:
    tree = Tree.of(np.zeros(2))
    assert tree.build([1, Value(2.0)]).dtype == object
    assert tree.build([1.0, 2.0]).dtype == float
    assert tree.build([1.0, 2.0], lambda items, leaf: leaf.like + items).tolist() == [1.0, 2.0]


def test_entries_are_matched_by_key_and_sequences_by_place() -> None:
    tree = Tree.of({"a": [1.0, 2.0], "b": np.zeros((1, 2))})
    given = {"b": [[3, 4]], "a": np.array([1, 2])}
    assert tree.match(given, "f needs p") == [1, 2, 3, 4]
    assert Tree.of(np.zeros(2)).match((5, 6), "f needs p") == [5, 6]


@each(
    ("x", "other", "sentence"),
    [
        ({"a": 1.0}, {"b": 1.0}, "f needs x with the keys 'a', got 'b'"),
        ({"a": 1.0}, {}, "f needs x with the keys 'a', got a dict of 0"),
        ({"a": 1.0}, [1.0], "f needs x with the keys 'a', got a list of 1"),
        ({"a": [1.0]}, {"a": 1.0}, "f needs x['a'] with 1 entries, got the float 1.0"),
        ([1.0, 2.0], [1.0], "f needs x with 2 entries, got a list of 1"),
        ([1.0], [[1.0]], "f needs x[0] as one number, got a list of 1"),
        (Point(1.0, 2.0), namedtuple("Other", "b w")(1.0, 2.0), "f needs x with 2 entries, got "),
        (np.zeros((2, 3)), np.zeros((3, 2)), "f needs x of shape (2, 3), got an array of shape (3"),
        (np.zeros(2), 1.0, "f needs x of shape (2,), got the float 1.0"),
    ],
)
def test_another_structure_is_refused(x: Any, other: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        Tree.of(x).match(other, "f needs x")
    assert str(refused.value).startswith(sentence)
