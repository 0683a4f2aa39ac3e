"""Walks over graphs: every node once, operands before results, the same order every time."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, topological, total
from tests.random_graphs import drawn, replay


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_operands_come_before_results_and_each_value_once(seed: int, size: int) -> None:
    values, y = replay(drawn(Random(seed), size))
    order = topological(y)
    place = {v: i for i, v in enumerate(order)}
    assert len(place) == len(order) and order[-1] is y and set(order) == set(values)
    assert all(place[operand] < place[v] for v in order for operand in v.operands)


def test_a_leaf_is_its_own_graph() -> None:
    x = Value(1.0)
    assert topological(x) == [x]


def test_repeated_operands_are_listed_once() -> None:
    x = Value(1.0)
    y = dot([x, x], [x, x], x)
    assert topological(y) == [x, y]


def test_the_order_is_that_of_the_graph_and_not_of_addresses() -> None:
    def labels() -> list[str]:
        a, b, c = (Value(1.0, name) for name in "abc")
        y = total([a * b, b * c, a]) + c
        return [v.label or str(v.op and v.op.name) for v in topological(y)]

    assert all(labels() == labels() for _ in range(20))


def test_deep_graphs_need_no_recursion() -> None:
    y = Value(1.0)
    for _ in range(50_000):
        y = -y
    assert len(topological(y)) == 50_001


def test_anything_with_operands_can_be_walked() -> None:
    class Node:
        def __init__(self, *operands: "Node") -> None:
            self.operands = operands

    a = Node()
    b = Node(a)
    c = Node(b, a)
    assert topological(c) == [a, b, c]
