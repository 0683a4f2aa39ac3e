"""What those who come from micrograd and its lecture rely on: their code runs here after changing
only the import.
"""

import io
import math
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Layer, Neuron, hinge, moons
from tests.cases import each
from tests.published_micrograd import Tensor, published_tests, run

# The lecture's session on one expression


def expression() -> tuple[Value, ...]:
    a = Value(2.0, label="a")
    b = Value(-3.0, label="b")
    c = Value(10.0, label="c")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    f = Value(-2.0, label="f")
    L = d * f
    L.label = "L"
    return a, b, c, e, d, f, L


def test_an_expression_remembers_its_numbers_its_operands_and_its_operations() -> None:
    a, b, c, e, d, f, L = expression()
    assert [v.data for v in (e, d, L)] == [-6.0, 4.0, -8.0]
    assert [v._op for v in (a, b, c, e, d, f, L)] == ["", "", "", "*", "+", "", "*"]
    assert set(L._prev) == {d, f}
    assert set(e._prev) == {a, b}
    assert set(a._prev) == set()
    assert [v.label for v in (a, e, L)] == ["a", "e", "L"]
    assert a.grad == 0.0


def test_backward_gives_the_gradients_that_the_lecture_finds_by_hand() -> None:
    a, b, c, e, d, f, L = expression()
    L.backward()
    assert [v.grad for v in (L, f, d, c, e, a, b)] == [1.0, 4.0, -2.0, -2.0, -2.0, 6.0, -4.0]


def test_nudging_every_leaf_along_its_gradient_raises_the_result() -> None:
    a, b, c, e, d, f, L = expression()
    L.backward()
    a.data += 0.01 * a.grad
    b.data += 0.01 * b.grad
    c.data += 0.01 * c.grad
    f.data += 0.01 * f.grad
    e = a * b
    d = e + c
    L = d * f
    assert L.data == pytest.approx(-7.286496)


def test_a_derivative_by_a_small_step_agrees() -> None:
    h = 0.001

    def value(step: float) -> float:
        a = Value(2.0, label="a")
        b = Value(-3.0, label="b")
        c = Value(10.0, label="c")
        f = Value(-2.0, label="f")
        a.data += step
        return ((a * b + c) * f).data

    assert (value(h) - value(0.0)) / h == pytest.approx(6.0)


# Its neuron


def neuron(squash: Callable[[Value], Value] = Value.tanh) -> dict[str, Value]:
    x1 = Value(2.0, label="x1")
    x2 = Value(0.0, label="x2")
    w1 = Value(-3.0, label="w1")
    w2 = Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    x1w1x2w2 = x1w1 + x2w2
    x1w1x2w2.label = "x1*w1 + x2*w2"
    n = x1w1x2w2 + b
    n.label = "n"
    o = squash(n)
    o.label = "o"
    return {v.label: v for v in (x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o)}


# o = tanh(asinh(1)) = 1/√2, so do/dn = 1/2.
GRADS = {"o": 1.0, "n": 0.5, "b": 0.5, "x1*w1": 0.5, "x2*w2": 0.5, "x1*w1 + x2*w2": 0.5} | {
    "x1": -1.5,
    "w1": 1.0,
    "x2": 0.5,
    "w2": 0.0,
}


def tanh_by_exp(n: Value) -> Value:
    e = (2 * n).exp()
    return (e - 1) / (e + 1)


def tanh_by_powers(n: Value) -> Value:
    e = (2 * n).exp()
    return (e - 1) * (e + 1) ** -1


@pytest.mark.parametrize("squash", [Value.tanh, tanh_by_exp, tanh_by_powers])
def test_the_neuron_has_its_gradients_however_tanh_is_made(
    squash: Callable[[Value], Value],
) -> None:
    values = neuron(squash)
    assert values["o"].data == pytest.approx(1 / math.sqrt(2), rel=1e-14)
    values["o"].backward()
    assert {name: v.grad for name, v in values.items()} == pytest.approx(GRADS, rel=1e-14)


def test_calling_backward_of_each_value_by_hand_gives_the_same() -> None:
    values = neuron()
    values["o"].grad = 1.0
    for name in ("o", "n", "b", "x1*w1 + x2*w2", "x2*w2", "x1*w1"):
        values[name]._backward()
    assert {name: v.grad for name, v in values.items()} == pytest.approx(GRADS, rel=1e-14)


def test_the_lecture_s_own_topological_order_gives_the_same() -> None:
    values = neuron()
    o = values["o"]
    topo = []
    visited = set()

    def build_topo(v: Value) -> None:
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(o)
    assert topo[-1] is o
    assert set(topo) == set(values.values())
    o.grad = 1.0
    for node in reversed(topo):
        node._backward()
    assert {name: v.grad for name, v in values.items()} == pytest.approx(GRADS, rel=1e-14)


def test_by_hand_and_at_once_agree_to_the_last_bit() -> None:
    by_hand, at_once = neuron(), neuron()
    at_once["o"].backward()
    by_hand["o"].grad = 1.0
    for name in ("o", "n", "x1*w1 + x2*w2", "x2*w2", "x1*w1"):
        by_hand[name]._backward()
    assert [v.grad for v in by_hand.values()] == [v.grad for v in at_once.values()]


# Its bug


def test_a_value_used_twice_gets_both_contributions() -> None:
    a = Value(3.0)
    b = a + a
    b.backward()
    assert a.grad == 2.0


def test_values_used_in_two_places_get_the_contributions_of_both() -> None:
    a = Value(-2.0, label="a")
    b = Value(3.0, label="b")
    d = a * b
    e = a + b
    f = d * e
    f.backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


# Its drawing, without a program that draws


def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
    nodes, edges = set(), set()

    def build(v: Value) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def drawn(root: Value) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """What the lecture's draw_dot hands to graphviz: nodes with their text, and edges."""
    nodes, edges = trace(root)
    texts, lines = {}, set()
    for n in nodes:
        uid = str(id(n))
        texts[uid] = "{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad)  # noqa: UP031
        if n._op:
            texts[uid + n._op] = n._op
            lines.add((uid + n._op, uid))
    for n1, n2 in edges:
        lines.add((str(id(n1)), str(id(n2)) + n2._op))
    return texts, lines


def test_trace_finds_every_value_and_every_use() -> None:
    values = neuron()
    nodes, edges = trace(values["o"])
    assert nodes == set(values.values())
    assert {(a.label, b.label) for a, b in edges} == {
        *(("x1", "x1*w1"), ("w1", "x1*w1"), ("x2", "x2*w2"), ("w2", "x2*w2")),
        *(
            ("x1*w1", "x1*w1 + x2*w2"),
            ("x2*w2", "x1*w1 + x2*w2"),
            ("x1*w1 + x2*w2", "n"),
            ("b", "n"),
            ("n", "o"),
        ),
    }


def test_the_drawing_has_a_node_for_each_value_and_each_operation() -> None:
    values = neuron()
    values["o"].backward()
    texts, lines = drawn(values["o"])
    assert sorted(text for text in texts.values() if "{" not in text) == [
        "*",
        "*",
        "+",
        "+",
        "tanh",
    ]
    records = {text for text in texts.values() if "{" in text}
    assert len(records) == 10
    assert "{ o | data 0.7071 | grad 1.0000 }" in records
    assert "{ x1 | data 2.0000 | grad -1.5000 }" in records
    assert len(lines) == 9 + 5
    assert {end for line in lines for end in line} == set(texts)


def test_every_operation_of_the_lecture_names_itself() -> None:
    a, b = Value(2.0), Value(3.0)
    made = [a + b, a - b, a * b, a / b, a**3, a**-1, a**0.5, a.tanh(), a.exp(), a.relu()]
    assert [y._op for y in made] == [*"+-*/", "**3", "**-1", "**0.5", "tanh", "exp", "relu"]


# Its arithmetic with numbers on either side


def test_numbers_stand_on_either_side() -> None:
    a = Value(2.0)
    assert [(a + 1).data, (1 + a).data, (a - 1).data, (1 - a).data] == [3.0, 3.0, 1.0, -1.0]
    assert [(a * 3).data, (3 * a).data, (a / 4).data, (4 / a).data] == [6.0, 6.0, 0.5, 2.0]
    assert [(-a).data, (a**3).data, sum([a, a, a]).data] == [-2.0, 8.0, 6.0]


# Its network

XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights of a model made without a seed are those of seed 1, so that the typed code needs
    no change.
    """
    monkeypatch.setattr("nn.layers.Random", lambda seed=None: random.Random(1))


def test_a_network_of_the_lecture_has_its_shape() -> None:
    x = [2.0, 3.0, -1.0]
    n = MLP(3, [4, 4, 1])
    assert isinstance(n(x), Value)
    assert len(n.parameters()) == 41
    assert isinstance(Neuron(2)([2.0, 3.0]), Value)
    assert len(Layer(2, 3)([2.0, 3.0])) == 3


def loop(n: MLP) -> list[float]:
    """The lecture's training, as typed, and the losses that it prints."""
    xs, ys, losses = XS, YS, []
    for _ in range(20):
        # forward pass
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))  # noqa: B905
        # backward pass
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        # update
        for p in n.parameters():
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    return losses


@each("seed", range(5))
def test_the_loop_of_the_lecture_learns_with_its_tanh(seed: int) -> None:
    losses = loop(MLP(3, [4, 4, 1], activation="tanh", output="tanh", seed=seed))
    assert losses[-1] < 0.2
    assert losses[-1] < losses[0] / 10


def test_the_loop_of_the_lecture_runs_as_typed_and_its_loss_falls(seeded: None) -> None:
    """With relu, as in micrograd's own package: at this rate its neurons die there and here, so it
    only falls.
    """
    losses = loop(MLP(3, [4, 4, 1]))
    assert losses[-1] < losses[0] / 2


def test_forgetting_to_zero_the_gradients_adds_them_up() -> None:
    n = MLP(3, [4, 4, 1], seed=0)
    n(XS[0]).backward()
    once = [p.grad for p in n.parameters()]
    n(XS[0]).backward()
    assert [p.grad for p in n.parameters()] == [2 * g for g in once]


def test_a_max_margin_loss_written_out_is_hinge() -> None:
    """As micrograd's demonstration writes its loss, with the penalty on the size of the weights."""
    data = moons(20)
    ys = [2 * y - 1 for y in data.targets]
    written, ours = MLP(2, [8, 8, 1], seed=2), MLP(2, [8, 8, 1], seed=2)

    scores = list(map(written, data.features))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(ys, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    total_loss = data_loss + 1e-4 * sum(p * p for p in written.parameters())
    written.zero_grad()
    total_loss.backward()

    loss = hinge(list(map(ours, data.features)), ys)
    loss.backward()
    assert data_loss.data == pytest.approx(loss.data, rel=1e-14)
    pairs = zip(written.parameters(), ours.parameters(), strict=True)
    assert all(
        a.grad == pytest.approx(b.grad + 2e-4 * b.data, rel=1e-12, abs=1e-15) for a, b in pairs
    )


# Its kind of test: the same code on our values and on others' numbers, here exact ones

STEPS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "negate": lambda x, y: -x,
    "relu": lambda x, y: (x - y).relu(),
    "square": lambda x, y: x**2,
    "cube": lambda x, y: y**3,
    "divide": lambda x, y: x / (y**2 + 1),
    "reciprocal": lambda x, y: (x * x + 2) ** -1,
    "number on the left": lambda x, y: 2 - x + 3 * y + 1 / (x**2 + 1),
    "number on the right": lambda x, y: (x - 4) / 8 * 3 + 1,
}
PROGRAMS = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 50), st.integers(0, 50)), max_size=7
)


def computed(program: list[tuple[str, int, int]], leaves: list[Any]) -> Any:
    """The sum of all that the program makes; each step takes two of the results so far."""
    results = list(leaves)
    for name, i, j in program:
        results.append(STEPS[name](results[i % len(results)], results[j % len(results)]))
    return sum(results[1:], results[0])


@given(PROGRAMS, st.lists(st.integers(-8, 8), min_size=2, max_size=3))
def test_any_program_has_the_value_and_the_gradient_of_exact_arithmetic(
    program: list[tuple[str, int, int]], numbers: list[int]
) -> None:
    values = [Value(x / 4) for x in numbers]
    y = computed(program, values)
    y.backward()
    exact = [Tensor([x / 4]) for x in numbers]
    for t in exact:
        t.requires_grad = True
    wanted = computed(program, exact)
    wanted.backward()
    # Sums of terms that cancel are as exact as their largest term, which a power of a power may
    # make large.
    size = max(1.0, abs(wanted.item()), *(abs(t.grad.item()) for t in exact if t.grad))
    assert y.data == pytest.approx(wanted.item(), rel=1e-9, abs=1e-12 * size)
    assert [v.grad for v in values] == pytest.approx(
        [t.grad.item() for t in exact if t.grad], rel=1e-9, abs=1e-9 * size
    )


# The runner of its published tests


@pytest.fixture
def sdist(tmp_path: Path) -> Callable[[str], str]:
    """A source distribution with these tests in it."""

    def packed(text: str) -> str:
        path = tmp_path / "micrograd-0.1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            member = tarfile.TarInfo("micrograd-0.1.0/test/test_engine.py")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
        return str(path)

    return packed


PUBLISHED = """
import torch
from micrograd.engine import Value

def program(x, y):
    z = 3 * x - y / 2.0 + 1
    z += (x * y).relu() + z * z
    return z**2 - 1 / x

def compared(a, b, wrong=0.0):
    x, y = Value(a), Value(b)
    z = program(x, y)
    z.backward()
    s, t = torch.Tensor([a]).double(), torch.Tensor([b]).double()
    s.requires_grad = t.requires_grad = True
    u = program(s, t)
    u.backward()
    assert abs(z.data - u.data.item()) < 1e-9
    assert abs(x.grad - s.grad.item()) + wrong < 1e-9
    assert abs(y.grad - t.grad.item()) < 1e-9

def test_right():
    compared(-4.0, 2.0)
    compared(0.5, 3.0)

def test_wrong():
    compared(0.5, 3.0, wrong=1e-6)
"""


def test_the_runner_swaps_both_engines_and_tells_right_from_wrong(
    sdist: Callable[[str], str],
) -> None:
    outcomes = run(published_tests(sdist(PUBLISHED)))
    assert list(outcomes) == ["test_right", "test_wrong"]
    assert outcomes["test_right"] is None
    assert isinstance(outcomes["test_wrong"], AssertionError)


def test_the_runner_notices_a_planted_error_of_our_engine(
    sdist: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    relu = Value.relu
    monkeypatch.setattr(Value, "relu", lambda self: relu(self) + 1e-6 * self)
    assert isinstance(run(published_tests(sdist(PUBLISHED)))["test_right"], AssertionError)


def test_the_runner_refuses_a_file_without_tests(tmp_path: Path) -> None:
    path = tmp_path / "empty.tar.gz"
    with tarfile.open(path, "w:gz"):
        pass
    with pytest.raises(SystemExit) as caught:
        published_tests(str(path))
    assert str(caught.value) == (
        f"published_micrograd needs a source distribution with test/test_engine.py, got {path}"
    )
