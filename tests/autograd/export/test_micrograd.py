"""Graphs of micrograd's and of learners' own engines, read as graphs of ours."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import GraphError, Value, check, draw, from_micrograd, grad, tanh, topological
from tests.cases import each


class Node:
    """A learner's engine, after the lecture; its ``add`` is right, or forgets the +=."""

    add: Callable[[float, float], float] = staticmethod(lambda grad, more: grad + more)

    def __init__(self, data: float, children: Any = (), op: str = "", label: str = "") -> None:
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = set(children), op
        self._backward: Callable[[], None] = lambda: None

    def _made(self, data: float, op: str, *pairs: tuple["Node", float]) -> "Node":
        out = type(self)(data, [operand for operand, _ in pairs], op)

        def backward() -> None:
            for operand, slope in pairs:
                operand.grad = type(self).add(operand.grad, slope * out.grad)

        out._backward = backward
        return out

    def __add__(self, other: "Node") -> "Node":
        return self._made(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __sub__(self, other: "Node") -> "Node":
        return self._made(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __mul__(self, other: "Node") -> "Node":
        return self._made(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __truediv__(self, other: "Node") -> "Node":
        slopes = 1 / other.data, -self.data / other.data**2
        return self._made(self.data / other.data, "/", *zip((self, other), slopes, strict=True))

    def __pow__(self, n: float) -> "Node":
        return self._made(self.data**n, f"**{n}", (self, n * self.data ** (n - 1)))

    def tanh(self) -> "Node":
        t = math.tanh(self.data)
        return self._made(t, "tanh", (self, 1 - t * t))

    def backward(self) -> None:
        order, seen = list[Node](), set[Node]()

        def visit(node: Node) -> None:
            if node not in seen:
                seen.add(node)
                for child in sorted(node._prev, key=lambda n: n.data):  # as in every run
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


class Forgetful(Node):
    add = staticmethod(lambda grad, more: more)


def example(kind: type[Node] = Node) -> tuple[Node, Node, Node]:
    a, b = kind(2.0, label="a"), kind(-3.0, label="b")
    d = a * b
    d.label = "d"
    return a, b, ((d - a) / (a + a) + d**2 * b).tanh() * (a * a) + d


def of_numbers(a: Any, b: Any) -> Any:
    return tanh((a * b - a) / (a + a) + (a * b) ** 2 * b) * (a * a) + a * b


def test_a_graph_of_a_learners_engine_becomes_one_of_ours() -> None:
    a, b, y = example()
    y.backward()
    ours = from_micrograd(y)
    assert ours.data == y.data
    ours.backward()
    leaves = {v.label: v for v in topological(ours) if v.label}
    assert [leaves[name].grad for name in "ab"] == pytest.approx([a.grad, b.grad], rel=1e-14)
    assert leaves["d"].data == -6.0
    assert [a.grad, b.grad] == pytest.approx(grad(of_numbers, argnums=(0, 1))(2.0, -3.0))


@pytest.mark.parametrize("kind", [list, tuple])
def test_operands_in_order_stay_in_it(kind: Any) -> None:
    x, y = Node(3.0), Node(2.0)
    out = x / y
    out._prev = kind([x, y])
    assert repr(from_micrograd(out)) == "3 / 2 = 1.5"


def test_check_says_what_is_wrong_with_the_grads_of_a_learners_engine() -> None:
    _, _, right = example()
    right.backward()
    assert check(right).ok and [entry.name for entry in check(right).entries] == ["a", "b"]
    _, _, wrong = example(Forgetful)
    wrong.backward()
    report = check(wrong)
    assert report.verdict == "ACCUMULATION" and "= in place of +=" in str(report), report


class HalfSquare(Node):
    def tanh(self) -> Node:
        t = math.tanh(self.data)
        return self._made(t, "tanh", (self, 1 - t))


class Swapped(Node):
    def __mul__(self, other: Node) -> Node:
        return self._made(self.data * other.data, "*", (self, self.data), (other, other.data))


class Exponent(Node):
    def __pow__(self, n: float) -> Node:
        return self._made(self.data**n, f"**{n}", (self, self.data ** (n - 1)))


class Sign(Node):
    def __sub__(self, other: Node) -> Node:
        return self._made(self.data - other.data, "-", (self, 1.0), (other, 1.0))


class Square(Node):
    def __truediv__(self, other: Node) -> Node:
        slopes = 1 / other.data, -self.data / other.data
        return self._made(self.data / other.data, "/", *zip((self, other), slopes, strict=True))


class Outer(Node):
    def tanh(self) -> Node:
        out = super().tanh()

        def backward() -> None:
            self.grad += 1 - out.data**2

        out._backward = backward
        return out


class Nothing(Node):
    def __truediv__(self, other: Node) -> Node:
        out = super().__truediv__(other)
        out._backward = lambda: None
        return out


class OneSided(Node):
    def __add__(self, other: Node) -> Node:
        return self._made(self.data + other.data, "+", (self, 1.0), (other, 0.0))


def quotient(kind: type[Node]) -> tuple[Node, Node, Node]:
    a, b = kind(0.6, label="a"), kind(-0.7, label="b")
    d = a * b
    t = (d + a).tanh()
    d.label, t.label = "d", "t"
    return a, b, t * (a - b) / (b**2 + a * a) + b**3


PLANTED = [
    (HalfSquare, "rule of tanh: (a + d).grad is 1.257, but tanh(a + d) gives it 0.9683 * 1.529"),
    (Swapped, "the rule of *: t.grad is 0.2095, but (a - b) * t gives it 1.3 * 1.176 = 1.529 (ope"),
    (Exponent, "the rule of **: b.grad is 1.393, 0.7143 of it from b**3 and b**2, which should be"),
    (Sign, "rule of -: b.grad is 3.017, 0.2095 of it from a - b, which should be (-1) * 0.2095"),
    (Square, "the rule of /: ((a * a) + (b**2)).grad is -0.2724, but"),
    (Outer, "1.529 = 1.481 (the grad of the result is missing)"),
    (Nothing, "the rule of /: ((a * a) + (b**2)).grad is 0, but"),
    (OneSided, "the rule of +: (a * a).grad is 0, but (a * a) + (b**2) gives it 1 *"),
    (Forgetful, "= in place of +=: a.grad is -1.037, but its 5 contributions are 0.2095 + (-1"),
]


@each(("kind", "sentence"), PLANTED)
def test_check_names_the_rule_of_a_learners_engine_that_is_wrong(
    kind: type[Node], sentence: str
) -> None:
    *_, y = quotient(kind)
    y.backward()
    report = check(y)
    assert sentence in repr(report).split("\n")[0]
    assert report.verdict == ("ACCUMULATION" if kind is Forgetful else "BUG")
    assert kind is Forgetful or report.culprit is report.finding


@pytest.mark.parametrize("passes", [2, 3])
def test_check_counts_the_passes_over_one_graph(passes: int) -> None:
    a, b, y = quotient(Node)
    for _ in range(passes):
        y.backward()
    assert f"backward() has run {passes} times on this graph" in repr(check(y))
    a.grad = b.grad = 0.0  # and not those between
    y.backward()
    assert f"backward() has run {passes + 1} times" in repr(check(y))


def test_check_tells_grads_of_an_earlier_graph_from_a_wrong_rule() -> None:
    w, b = Node(0.5, label="w"), Node(0.2, label="b")
    for x in (1.0, -2.0):
        y = (w * Node(x, label="x") + b).tanh()
        y.backward()
    said = "stale grads: w.grad is -0.4834, but this graph gives it -1.118, and the rules are right"
    assert said in repr(check(y))
    a, b, y = quotient(Node)
    a.grad, b.grad = 0.3, -0.2
    y.backward()
    assert "or grads of an earlier pass were not set to 0" in repr(check(y))


def test_deep_graphs_are_read() -> None:
    x = y = Node(1.0)
    for _ in range(3000):
        y = y + x
    assert from_micrograd(y).data == 3001.0


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (3.0, TypeError, "needs a Value of micrograd's, with data, grad, _prev and _op, got float"),
    (Value(3.0), TypeError, "got Value"),
    (Node(3.0, [Node(2.0)], "exp", "e"), GraphError, "makes 7.389 of 2, but the node has 3"),
    (
        Node(3.0, [Node(2.0)], "flip"),
        GraphError,
        "'flip' with 1 operands, which the table does not",
    ),
]


@pytest.mark.parametrize(("given", "kind", "sentence"), REFUSED)
def test_what_is_no_such_graph_is_refused(given: Any, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        from_micrograd(given)


def test_check_asks_for_a_reverse_pass() -> None:
    with pytest.raises(TypeError, match="whose grad is 0: call its backward"):
        check(Node(1.0) + Node(2.0))


@pytest.mark.full
def test_a_network_of_micrograds_own_is_checked_and_drawn() -> None:
    from micrograd.nn import MLP

    net = MLP(2, [4, 1])
    loss = (net([0.5, -1.0]) - 1.0) ** 2
    loss.backward()
    assert check(loss).ok
    ours = from_micrograd(loss)
    ours.backward()
    grads = sorted(v.grad for v in topological(ours) if v.op is None)
    assert grads == pytest.approx(sorted(v.grad for v in leaves(loss)))
    assert draw(ours)


def leaves(output: Any) -> list[Any]:
    seen, stack = dict[int, Any](), [output]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            stack += node._prev
    return [node for node in seen.values() if not node._prev]
