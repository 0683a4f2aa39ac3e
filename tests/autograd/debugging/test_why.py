"""What why promises: the sum over paths is the gradient, found without visiting each, and a zero
has its reason.
"""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    blocked,
    dot,
    exp,
    log,
    maximum,
    no_grad,
    relu,
    sqrt,
    tanh,
    topological,
    total,
    where,
    why,
)
from autograd.engine.notation import short
from tests.cases import each
from tests.random_graphs import Program, bits, built, grads, programs


def every_path(y: Value, x: Value) -> Iterator[tuple[tuple[Value, ...], list[float]]]:
    """By brute force: the values from x up to y, and the partials on the way."""
    if y is x:
        yield (x,), []
        return
    for operand, partial in zip(y.operands, y.partials, strict=True):
        for values, partials in every_path(operand, x):
            yield (*values, y), [*partials, partial]


def product(partials: list[float]) -> Fraction:
    return math.prod(map(Fraction, partials), start=Fraction(1))


def ladder(rungs: int, left: float = 0.5, right: float = 0.75) -> tuple[Value, Value]:
    """A graph with two ways up each rung: 2**rungs paths."""
    x = Value(1.0, "x")
    y = x
    for _ in range(rungs):
        y = y * left + y * right
    return y, x


small = programs(6)


@given(programs(20), st.data())
def test_the_gradient_is_that_of_backward_to_the_bit(program: Program, data: st.DataObject) -> None:
    y, _ = built(program)
    place = data.draw(st.integers(0, len(topological(y)) - 1))
    explained = why(y, topological(y)[place])
    other, _ = built(program)
    other.backward()
    assert bits([explained.gradient]) == bits([topological(other)[place].grad])


@given(small)
def test_paths_counts_and_sums_are_those_of_brute_force(program: Program) -> None:
    y, inputs = built(program)
    for x in inputs:
        paths = list(every_path(y, x))
        products = sorted((product(partials) for _, partials in paths), key=abs, reverse=True)
        explained = why(y, x, top=3)
        assert explained.count == len(paths)
        shown = [product([edge.partial for edge in path]) for path in explained.paths]
        assert [abs(float(p)) for p in shown] == pytest.approx(
            [abs(float(p)) for p in products[:3] if p], rel=1e-12
        )
        sums = explained.sums
        assert sums.total == float(sum(products))
        assert sums.up == float(sum(p for p in products if p > 0))
        assert sums.down == float(sum(p for p in products if p < 0))
        assert sums.rest == float(sum(products) - sum(shown))


@given(small)
def test_shown_paths_are_paths_of_the_graph_and_none_comes_twice(program: Program) -> None:
    y, inputs = built(program)
    for x in inputs:
        explained = why(y, x, top=1000)
        assert len({tuple((e.result, e.place) for e in path) for path in explained.paths}) == len(
            explained.paths
        )
        for path in explained.paths:
            assert path.values[:1] == (() if y is x else (x,)) and (y is x or path.values[-1] is y)
            for edge in path:
                assert edge.result.operands[edge.place] is edge.operand
                assert bits([edge.result.partials[edge.place]]) == bits([edge.partial])


@given(programs(20))
def test_an_explanation_changes_no_grad(program: Program) -> None:
    y, inputs = built(program)
    y.backward()
    before = grads(y)
    repr(why(y, inputs[0]))
    assert grads(y) == before


@given(programs(20))
def test_every_gradient_of_every_graph_can_be_explained(program: Program) -> None:
    y, _ = built(program)
    for v in topological(y):
        said = repr(why(y, v))
        assert said.startswith("d") and "None" not in said and "changed" not in said


def test_a_ladder_of_two_to_the_forty_paths_is_summed_without_visiting_them() -> None:
    y, x = ladder(40)
    explained = why(y, x, top=2)
    assert explained.count == 2**40
    best = Fraction(3, 4) ** 40
    everything = Fraction(5, 4) ** 40
    assert explained.sums.rest == float(everything - best - best * Fraction(2, 3))
    assert repr(explained).splitlines()[3] == "  the other 1099511627774 paths add 7523 together"


def test_equal_paths_by_the_billion_do_not_tie_the_search_up() -> None:
    y, x = ladder(40, 0.1, 0.1)
    assert [path.product for path in why(y, x, top=20).paths] == pytest.approx([1e-40] * 20)


def test_a_deep_graph_is_summed_in_floats_and_says_about() -> None:
    y, x = ladder(300, 0.5, 0.5)
    explained = why(y, x)
    assert explained.count == 2**300
    assert explained.sums.rest == pytest.approx(1.0)
    assert "paths add about 1 together" in repr(explained)


def test_a_chain_of_many_operations_is_explained() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(3_000):
        y = y + 0.5
    assert (
        repr(why(y, x))
        .splitlines()[1]
        .startswith("  x -> add#1 -> add#2 -> add#3 -> ... -> add#2998 -> ")
    )


def test_cancellation_is_pointed_out() -> None:
    x = Value(3.0, "x")
    assert repr(why(x * 1000.5 - x * 1000, x)).splitlines() == [
        "d(sub)/dx = 0.5, the sum over 2 paths from x to sub:",
        "  x -> mul#1 -> sub: 1000 * 1 = 1000",
        "  x -> mul#2 -> sub: 1000 * (-1) = -1000",
        "cancellation: 1000 from paths above 0 and -1000 from those below leave 0.5, "
        "0.00025 of their size",
    ]
    assert repr(why(x - x, x)).endswith(
        "1 from paths above 0 and -1 from those below leave exactly 0"
    )
    assert "cancellation" not in repr(why(x * 3 - x, x))


def test_a_zero_is_explained_by_what_blocks_it() -> None:
    n = Value(-0.31, "n")
    assert repr(why(relu(n) * 2, n)).splitlines() == [
        "d(mul)/dn = 0: the one path from n to mul is blocked:",
        "  d(relu)/dn = 0 at n = -0.31",
    ]
    x, zero = Value(2.0, "x"), Value(0.0, "zero")
    assert repr(why(x * zero, x)).splitlines()[1] == "  d(mul)/dx = zero = 0"
    assert (
        repr(why(tanh(x * 1000), x)).splitlines()[1]
        == "  d(tanh)/d(mul) = sech(mul)**2 = 0 at mul = 2000, saturated"
    )
    several = why(total([relu(-x) for _ in range(5)]), x)
    assert repr(several).splitlines() == [
        "d(total)/dx = 0: all 5 paths from x to total are blocked:",
        *(f"  d(relu#{i})/d(neg#{i}) = 0 at neg#{i} = -2" for i in (1, 2, 3)),
        "  and at 2 others",
    ]
    assert [edge.result.op.name for edge in several.blocked if edge.result.op] == ["relu"] * 5


def test_paths_that_are_blocked_beside_open_ones_are_counted() -> None:
    x = Value(2.0, "x")
    assert repr(why(maximum(x * 3, x) + x, x)).splitlines() == [
        "d(add)/dx = 4, the sum over 3 paths from x to add:",
        "  x -> mul -> maximum -> add: 3 * 1 * 1 = 3",
        "  x -> add: 1",
        "  1 more is blocked by a partial of 0:",
        "    d(maximum)/dx = 0 at x = 2",
    ]


def test_a_zero_by_underflow_is_no_block() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(5):
        y = y * 1e-100
    assert repr(why(y, x)).splitlines()[-1] == "a product on the way is too small for a float"


def test_what_is_not_connected_is_explained() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    product = x * y
    product.label = "p"
    assert repr(why(product, Value(1.0, "z"))) == "dp/dz = 0: p was not made from z"
    assert repr(why(x, product)) == "dx/dp = 0: p was made from x, not x from p: ask why(p, x)"
    assert repr(why(x, x)) == "dx/dx = 1: they are the same value"
    assert repr(why(x.detach() * y, x)).endswith(
        "mul was not made from x#2; it was made from another leaf with the same label and number, "
        "perhaps by detach() or a copy"
    )
    with no_grad():
        square = x * x
    assert repr(why(square + y, x)).endswith(
        "add was not made from x; "
        "square was computed under no_grad, which forgets what it was made from"
    )


def test_a_gradient_that_is_not_finite_names_the_partial() -> None:
    x = Value(0.0, "x")
    assert repr(why(sqrt(x), x)).splitlines() == [
        "d(sqrt)/dx = inf, along the one path from x to sqrt:",
        "  x -> sqrt: inf",
        "it cannot be added up, because of",
        "  d(sqrt)/dx = 0.5 / sqrt = inf at x = 0",
    ]


EDGE_NUMBERS = [0.0, -0.0, 1.0, -1.0, 800.0, -800.0, 1e200, 1e-200, math.inf, -math.inf, math.nan]
EDGE_MAKERS: list[Callable[[Value, Value], Value]] = [lambda a, b: sqrt(a), lambda a, b: exp(a)]
EDGE_MAKERS += [lambda a, b: log(a), lambda a, b: relu(a), lambda a, b: 1 / a, lambda a, b: a * b]
EDGE_MAKERS += [lambda a, b: a * 0, lambda a, b: a * 1e200, lambda a, b: a - b, lambda a, b: a / b]
EDGE_MAKERS += [lambda a, b: where(b > 0, a, b), lambda a, b: maximum(a, b)]
EDGE_MAKERS += [lambda a, b: total([a, b, a]), lambda a, b: a**b]


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
@given(
    st.lists(st.sampled_from(EDGE_NUMBERS), min_size=1, max_size=2),
    st.lists(
        st.tuples(st.integers(0, len(EDGE_MAKERS) - 1), st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
        max_size=6,
    ),
)
def test_at_the_edges_too_the_answer_is_the_grad_of_backward(
    numbers: list[float], lines: list[tuple[int, int, int]]
) -> None:
    inputs = [Value(x, f"x{i}") for i, x in enumerate(numbers)]
    values = list(inputs)
    for maker, *places in lines:
        values.append(
            EDGE_MAKERS[maker](*(values[-1 - place % min(len(values), 3)] for place in places))
        )
    y = values[-1]
    y.backward()
    for x in topological(y):
        explained = why(y, x, top=2)
        assert bits([abs(explained.gradient)]) == bits([abs(x.grad)])
        head, *rest = repr(explained).splitlines()
        assert head.startswith(f"{explained.names.derivative(y, x)} = {short(x.grad)}")
        overflow = rest[-1:] == ["a product on the way is too large for a float"]
        named = overflow or "it cannot be added up, because of" in rest
        assert math.isfinite(x.grad) or named
        assert ("blocked:" in head) <= (x.grad == 0)


ROOT = "sqrt.grad = 0 meets d(sqrt)/dx = 0.5 / sqrt ="
MEETINGS: list[tuple[Callable[[Value], Value], float, str]] = [
    (lambda x: sqrt(x * x), 0.0, "inf: mul.grad = inf meets d(mul)/dx = x = 0"),
    (lambda x: sqrt(x) * 0, 0.0, f"inf: {ROOT} inf at x = 0"),
    (lambda x: sqrt(x) * 0 + x, 0.0, f"inf: {ROOT} inf at x = 0"),
    (lambda x: exp(x) * 0, 800.0, "inf: exp.grad = 0 meets d(exp)/dx = exp = inf"),
    (lambda x: where(x > 0, x.sqrt(), 0 * x), -1.0, f"nan: {ROOT} nan at x = -1"),
]
said = "inf: relu.grad = inf meets d(relu)/d(neg) = 0 at neg = -1"
MEETINGS.append((lambda x: relu(-x) * 1e200 * 1e200, 1.0, said))


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
@each(("f", "at", "culprit"), MEETINGS)
def test_a_zero_that_meets_infinity_blocks_nothing(
    f: Callable[[Value], Value], at: float, culprit: str
) -> None:
    x = Value(at, "x")
    said = repr(why(f(x), x)).splitlines()
    assert said[0].partition(" = ")[2].startswith("nan, ")
    assert f"  0 * {culprit}" in said


def under_no_grad(x: Value) -> Value:
    with no_grad():
        return x * 5


@each(
    ("f", "at", "reason", "where"),
    [
        (lambda x: relu(x) * 3, -0.31, "blocked", ["relu(-0.31) = 0"]),
        (lambda x: tanh(2 * x), 400.0, "blocked", ["tanh(800) = 1"]),
        (lambda x: where(False, x, 1.0), 2.0, "blocked", ["where(0, 2, 1) = 1"]),
        (lambda x: dot([x], [0.0]) + 1, 2.0, "blocked", ["dot(2, 0) = 0"]),
        (lambda x: relu(x) + relu(x - 1), -1.0, "blocked", ["relu(-1) = 0", "relu(-2) = 0"]),
        (lambda x: Value(3.0) * 2, 2.0, "not connected", ["2"]),
        (lambda x: Value(3.0) * 5, 2.0, "not connected", []),
        (lambda x: x.detach() * 5, 2.0, "detached", ["Value(2)"]),
        (under_no_grad, 2.0, "no_grad", ["10"]),
        (lambda x: under_no_grad(x) + 1, 2.0, "no_grad", ["10"]),
        (lambda x: x - x, 2.0, "cancelled", []),
        (lambda x: (x * 1e-200) * Value(1e-200), 2.0, "underflow", []),
        (lambda x: x * x, 2.0, "", []),
        (lambda x: x, 2.0, "", []),
    ],
)
def test_a_zero_has_its_reason_in_a_word_and_in_the_words_of_why(
    f: Callable[[Value], Value], at: float, reason: str, where: list[str]
) -> None:
    x = Value(at)
    y = f(x)
    found = blocked(y, x)
    assert (found.reason, bool(found), repr(found)) == (reason, reason != "", repr(why(y, x)))
    assert list(map(repr, found.at)) == where
    assert not any(v.reached for v in topological(y))


def test_data_that_have_changed_since_the_recording_are_pointed_out() -> None:
    x, b = Value(2.0, "x"), Value(1.0, "b")
    y = x * x + b
    assert "changed" not in repr(why(y, x))
    x.data = 5.0
    said = (
        "the data have changed: mul holds 4, its operands give 25; "
        "this is the gradient at the recorded data"
    )
    assert repr(why(y, x)).splitlines()[-1] == said
    assert "changed" not in repr(why(y, b))  # whose path they are not on
    blocking = relu(-x)
    x.data = -5.0
    assert (
        repr(blocked(blocking, x)).splitlines()[-1].startswith("the data have changed: neg holds")
    )


def test_values_of_one_number_are_told_apart() -> None:
    x, other = Value(2.0, "x"), Value(2.0, "other")
    assert blocked(other * 3, x).reason == "not connected"
    assert why(other * x, x).gradient == 2.0
    assert why(x * 1, x * 1).gradient == 0.0


@pytest.mark.parametrize("top", [0, 1, 2, 7])
def test_as_many_paths_are_shown_as_asked_for(top: int) -> None:
    y, x = ladder(3)
    explained = why(y, x, top)
    assert len(explained.paths) == top
    others = 8 - top
    assert f"the other {f'{others} paths add' if others > 1 else 'path adds'} " in repr(explained)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((3.0, Value(1.0)), "why needs two Values, why(y, x) for dy/dx, got the float 3.0 as y"),
        (("y", Value(1.0)), "why needs two Values, why(y, x) for dy/dx, got the str 'y' as y"),
        ((Value(1.0, "m"), "x"), "no value here is called 'x': did you mean m?"),
        ((Value(1.0), Value(1.0), -1), "why can show 0 or more paths, got -1"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        why(*arguments)  # type: ignore[arg-type]
    assert str(refused.value) == said


def test_x_may_be_given_by_its_name() -> None:
    x, a = Value(3.0, "x"), Value(2.0)
    y = x * a + x
    assert why(y, "x").gradient == why(y, x).gradient == 3.0
    assert why(y, "a").x is a
    assert blocked(y, "x").reason == ""
    with pytest.raises(ValueError, match=r"^2 values here are called 'mul': pass one$"):
        why(x * a + a * a, "mul")
