"""Recording and replay: the same numbers as the eager engine, and one sentence for what cannot be
recorded.
"""

import inspect
import math
import random
import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    OPS,
    DomainError,
    DomainWarning,
    GraphError,
    Value,
    clip,
    dot,
    exp,
    grad,
    hvp,
    log,
    logsumexp,
    maximum,
    mean,
    no_grad,
    operation,
    power,
    record,
    relu,
    softmax,
    sqrt,
    strict,
    tanh,
    total,
    where,
)
from autograd.engine.reverse import topological
from nn import MLP
from tests.autograd.recording import ENGINES
from tests.cases import each
from tests.random_graphs import drawn, replay

POINTS = 5


# The same numbers


def eager(seed: int, tame: bool) -> tuple[Any, ...]:
    """The values and grads of a recipe at some points, and the sums of magnitudes that each was
    added up from.
    """
    rng = Random(seed)
    points = np.random.default_rng(seed).uniform(-3, 3, size=(POINTS, 3))
    weights = [Value(rng.uniform(-2, 2), f"w{i}") for i in range(4)]
    columns = [*points.T.tolist(), *([w.data] * POINTS for w in weights)]
    plan = drawn(rng, 32, columns if tame else [[]] * len(columns))

    def graph(inputs: list[Any], weights: list[Any]) -> Any:
        return replay(plan, [*inputs, *weights])[1]

    rows = []
    for point in points:
        inputs = [Value(x) for x in point]
        for w in weights:
            w.zero_grad()
        y = graph(inputs, weights)
        y.backward()
        order = topological(y)
        size: dict[Value, float] = {}
        for v in order:
            size[v] = abs(v.data) + sum(
                abs(p) * size[o] for p, o in zip(v.partials, v.operands, strict=True)
            )
        flow = {y: 1.0}
        for v in reversed(order):
            for p, o in zip(v.partials, v.operands, strict=True):
                flow[o] = flow.get(o, 0.0) + abs(p) * flow[v]
        leaves = [*inputs, *weights]
        rows.append(
            [y.data, *(v.grad for v in leaves), size[y], *(flow.get(v, 0.0) for v in leaves)]
        )
    numbers, magnitudes = np.split(np.array(rows), 2, axis=1)
    return graph, weights, points, numbers, np.nan_to_num(magnitudes)


def agree(ours: Any, eager: Any, magnitudes: Any, tolerance: float = 1e-12) -> bool:
    """Within the tolerance of the sum of magnitudes; nan and inf in the same places.

    An inf that is made from a zero may have another sign, because zeros lose theirs where sums are
    folded."""
    close = np.abs(ours - eager) <= tolerance * (magnitudes + np.abs(eager))
    return bool(
        np.where(
            np.isfinite(eager),
            close,
            (np.isinf(ours) & np.isinf(eager)) | (np.isnan(ours) & np.isnan(eager)),
        ).all()
    )


SEEDS = [
    range(12),
    *(pytest.param(range(n, n + 146), marks=pytest.mark.full) for n in range(12, 1500, 146)),
]


@pytest.mark.parametrize("seeds", SEEDS, ids=str)
@pytest.mark.parametrize("engine", ENGINES)
def test_random_graphs_over_all_rows_give_the_numbers_of_the_eager_engine(
    engine: str, seeds: range
) -> None:
    # NumPy rounds cosh and others otherwise by an ulp or more, as the CPU has it, of which
    # log(cosh(x)) of a small x makes 1e-10 of a gradient.
    tolerance = 1e-9 if engine == "numpy" else 1e-12
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", DomainWarning)
        for seed in seeds:
            graph, weights, points, numbers, magnitudes = eager(seed, tame=seed % 4 != 0)
            program = record(
                lambda x, graph=graph, weights=weights: graph(x, weights),
                [0.1, 0.2, 0.3],
                engine=engine,
            )
            place = [
                3 + next(i for i, w in enumerate(weights) if w is p) for p in program.parameters
            ]
            for batch in (1, 7, 257):
                rows = np.arange(batch) % POINTS
                values, (slopes,) = program.value_and_grad(points[rows])
                _, grads = program.parameter_grad(points[rows], reduce="sum")
                where = f"graph {seed}, {batch}"
                assert agree(values, numbers[rows, 0], magnitudes[rows, 0]), where
                assert agree(slopes, numbers[rows, 1:4], magnitudes[rows, 1:4], tolerance), where
                of_all, sizes = numbers[rows, 1:].sum(axis=0), magnitudes[rows, 1:].sum(axis=0)
                assert agree(grads, of_all[place], sizes[place], tolerance), where


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_with_its_l2_term_has_the_gradient_of_the_mean_loss(engine: str) -> None:
    model = MLP(2, [5, 4, 1], seed=3)
    weights = model.parameters()

    def loss(x: Any, t: Any) -> Any:
        return relu(1 - t * model(x)) + 1e-2 * total([w * w for w in weights])

    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(1000, 2)), np.sign(rng.normal(size=1000))
    program = record(loss, [0.0, 0.0], 1.0, engine=engine)
    mean = program.backward(x, t)
    ours = [w.grad for w in weights]
    for w in weights:
        w.zero_grad()
    rows = [loss(row, label) for row, label in zip(x.tolist(), t.tolist(), strict=True)]
    expected = total(rows) / len(rows)
    expected.backward()
    assert mean == pytest.approx(expected.data, rel=1e-13)
    assert ours == pytest.approx([w.grad for w in weights], rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deep_chain_has_the_derivative_of_the_eager_engine(engine: str) -> None:
    def chain(x: Any) -> Any:
        for _ in range(500 if engine == "numpy" else 3_000):
            x = x * 0.9999 + 1e-5
        return x

    program = record(chain, 0.5, engine=engine)
    x = Value(0.5)
    y = chain(x)
    y.backward()
    value, (slope,) = program.value_and_grad(0.5)
    assert (value, slope) == pytest.approx((y.data, x.grad), rel=1e-9)


# Parameters are live, arguments broadcast


def test_parameters_are_read_at_each_call() -> None:
    w = Value(2.0, "w")
    program = record(lambda x: w * x, 0.0)
    assert program(3.0) == 6.0
    w.data = 5.0
    assert program(3.0) == 15.0
    assert program.parameters == (w,)
    assert program.parameter_grad(np.array([1.0, 3.0]), at=[7.0])[0] == 14.0
    assert w.data == 5.0


def test_a_value_made_before_the_recording_is_a_parameter_that_passes_its_gradient_on() -> None:
    w = Value(3.0, "w")
    square = w * w
    program = record(lambda x: square * x, 0.0)
    program.backward(np.array([1.0, 2.0]), reduce="sum")
    assert w.grad == 18.0


def test_a_value_made_inside_is_a_number() -> None:
    assert record(lambda x: Value(2.0) * x, 0.0).parameters == ()


def test_gradients_have_the_shapes_of_the_arguments_summed_where_they_were_shared() -> None:
    program = record(lambda x, y: x * y, 0.0, 0.0)
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([10.0, 20.0])
    values, (dx, dy) = program.value_and_grad(x, y)
    assert values.shape == (3, 2)
    assert (dx == [[30.0], [30.0], [30.0]]).all()
    assert (dy == [6.0, 6.0]).all()
    _, (_, shared) = program.value_and_grad(np.array([1.0, 2.0]), 5.0)
    assert shared == 3.0
    assert isinstance(shared, float)


def test_a_sample_may_be_a_list_an_array_or_a_dictionary() -> None:
    def area(shape: Any) -> Any:
        return shape["width"] * total(shape["heights"])

    program = record(area, {"width": 1.0, "heights": [1.0, 2.0]})
    values, (slope,) = program.value_and_grad(
        {"width": np.array([1.0, 2.0]), "heights": [3.0, np.array([4.0, 5.0])]}
    )
    assert (values == [7.0, 16.0]).all()
    assert (slope["width"] == [7.0, 8.0]).all()
    assert slope["heights"][0] == 3.0
    matrix = record(lambda m: dot(m[0], m[1]), np.zeros((2, 3)))
    samples = np.arange(12.0).reshape(2, 2, 3)
    values, (slope,) = matrix.value_and_grad(samples)
    assert (values == (samples[:, 0] * samples[:, 1]).sum(axis=1)).all()
    assert (slope == samples[:, ::-1]).all()


def test_a_list_of_one_number_takes_arrays_with_one_column() -> None:
    program = record(lambda row: row[0] * 2, [0.0])
    assert program(np.array([[1.0], [2.0], [3.0]])).tolist() == [2.0, 4.0, 6.0]
    (grads,) = program.value_and_grad(np.array([[1.0], [2.0]]))[1]
    assert grads.tolist() == [[2.0], [2.0]]


def test_several_outputs_keep_their_structure() -> None:
    program = record(lambda x: {"p": softmax([x, 0.0]), "x": x}, 0.0)
    answer = program(np.array([0.0, 0.0, 0.0]))
    assert (answer["p"][1] == 0.5).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_several_outputs_may_be_the_same(engine: str) -> None:
    x = np.array([[1.0], [2.0]])
    for f in (
        lambda r: [r[0], r[0]],
        lambda r: [tanh(r[0]), tanh(r[0])],
        lambda r: [tanh(r[0]), r[0], tanh(r[0])],
    ):
        columns = record(f, [0.0], engine=engine)(x)
        assert [column.tolist() for column in columns] == [
            pytest.approx([float(f([z])[k]) for z in (1.0, 2.0)]) for k in range(len(columns))
        ]
    for f in (lambda r: [0.5, 2.0, 0.5, r[0] * 0 + 1], lambda r: [0.5, 2.0, 0.5]):
        columns = record(f, [0.0], engine=engine)(x)
        assert [column.tolist() for column in columns[:3]] == [[0.5, 0.5], [2.0, 2.0], [0.5, 0.5]]


@pytest.mark.parametrize("engine", ENGINES)
def test_results_may_be_numbers_of_numpy_and_arrays_without_axes(engine: str) -> None:
    def f(x: Any) -> Any:
        return {"a": np.float64(2.0), "b": (np.array(x * x, dtype=object), x)}

    program = record(f, 1.0, engine=engine)
    assert repr(program(3.0)) == "{'a': 2.0, 'b': (9.0, 3.0)}"
    assert program([3.0, 4.0])["b"][0].tolist() == [9.0, 16.0]
    assert repr(program.jacobian(3.0)) == "({'a': 0.0, 'b': (6.0, 1.0)},)"
    assert repr(program.jvp(3.0, direction=1.0)[1]) == "{'a': 0.0, 'b': (6.0, 1.0)}"
    one = record(lambda x: f(x)["b"][0], 1.0, engine=engine)
    assert (one(3.0), one.value_and_grad(3.0)) == (9.0, (9.0, (6.0,)))


def test_arguments_may_be_called_like_the_words_of_the_printed_code() -> None:
    program = record(
        lambda p, c, n, v1, dx, x, np, t, sigmoid: (
            p + 2 * c + 3 * n * v1 + dx * x + np * t * sigmoid
        ),
        *[1.0] * 9,
    )
    assert program.value_and_grad(*range(1, 10))[1] == (
        1.0,
        2.0,
        12.0,
        9.0,
        6.0,
        5.0,
        72.0,
        63.0,
        56.0,
    )


def test_as_a_decorator_it_records_anew_for_a_new_structure() -> None:
    runs = []

    @record
    def norm(v: Any) -> Any:
        runs.append(len(v))
        return sqrt(dot(v, v))

    assert norm(np.array([[3.0, 4.0], [6.0, 8.0]])).tolist() == [5.0, 10.0]
    assert norm(np.array([[0.0, 1.0]])).tolist() == [1.0]
    assert norm([1.0, 2.0, 2.0]) == 3.0
    assert set(runs) == {2, 3}
    assert len(norm.programs) == 2
    assert norm.value_and_grad(np.array([[3.0, 4.0]]))[1][0] == pytest.approx(
        np.array([[0.6, 0.8]])
    )


# Derivatives of programs


def test_a_program_is_differentiated_again_over_a_batch() -> None:
    program = record(lambda x: tanh(x) * exp(x), 0.0)
    slope = record(grad(program), 0.0)
    curvature = record(grad(grad(program)), 0.0)
    x = np.linspace(-1, 1, 5)
    f = lambda v: tanh(v) * exp(v)  # noqa: E731
    assert slope(x) == pytest.approx([grad(f)(v) for v in x.tolist()], rel=1e-12)
    assert curvature(x) == pytest.approx([grad(grad(f))(v) for v in x.tolist()], rel=1e-12)
    assert slope.value_and_grad(x)[1][0] == pytest.approx(curvature(x), rel=1e-12)


def test_hessian_vector_products_over_a_batch() -> None:
    f = record(lambda v: v[0] ** 2 * v[1] + logsumexp(v), [0.0, 0.0])
    product_of = record(lambda v, u: hvp(f, v, u), [0.0, 0.0], [1.0, 0.0])
    points = np.array([[1.0, 2.0], [-1.0, 0.5]])
    ours = product_of(points, [1.0, 0.0])
    for i, point in enumerate(points.tolist()):
        expected = hvp(lambda v: v[0] ** 2 * v[1] + logsumexp(v), point, [1.0, 0.0])
        assert [column[i] for column in ours] == pytest.approx(expected, rel=1e-12)


def test_branches_of_derivatives_are_chosen_for_each_sample() -> None:
    slope = record(grad(lambda x: where(x > 0, x * x, relu(-x) ** 3)), 1.0)
    assert slope(np.array([2.0, -2.0])).tolist() == [4.0, -12.0]
    assert record(grad(lambda x: maximum(x, 1.0) ** 2), 3.0)(np.array([0.0, 3.0])).tolist() == [
        0.0,
        6.0,
    ]


# What cannot be recorded


def frozen_by(f: Callable[..., Any]) -> str:
    with pytest.raises(GraphError) as caught:
        record(f, 1.0)
    return str(caught.value)


def reading(x: Any) -> Any:
    y = x * x
    return y.data * x


def passing_back(x: Any) -> Any:
    y = x * x
    y.backward()
    return y


def quietly(x: Any) -> Any:
    with no_grad():
        return x * x


FREEZES = "inside a recorded function would freeze one sample's number for all"
FROZEN = {
    reading: f".data {FREEZES}: keep computing with the Value itself",
    passing_back: f"backward() {FREEZES}: write grad(g), whose result is recorded with the rest",
    quietly: f"no_grad {FREEZES}: leave the block out, a program records nothing when it is "
    "replayed",
}


@each("f", FROZEN, ids=lambda f: f.__name__)
def test_what_would_freeze_a_number_is_refused_with_its_line_and_the_way_out(
    f: Callable[..., Any],
) -> None:
    first = f.__code__.co_firstlineno
    place, _, sentence = frozen_by(f).partition(": ")
    assert sentence == FROZEN[f]
    file, _, line = place.partition(", line ")
    assert file == "test_program.py"
    assert first < int(line) <= first + 4


def test_a_comparison_of_a_parameter_is_not_frozen_either() -> None:
    w = Value(-1.0, "w")
    with pytest.raises(GraphError, match=r"bool\(\) inside a recorded function"):
        record(lambda x: x if w > 0 else -x, 1.0)
    program = record(lambda x: where(w > 0, x, -x), 1.0)
    assert program(2.0) == -2.0
    w.data = 1.0
    assert program(2.0) == 2.0


@pytest.mark.parametrize(
    "rng", [random, random.Random(1), np.random.default_rng(1)], ids=["random", "Random", "numpy"]
)
def test_a_random_number_drawn_inside_is_refused_with_its_line(rng: Any) -> None:
    def noisy(x: Any) -> Any:
        return x + rng.random()

    line = noisy.__code__.co_firstlineno + 1
    assert frozen_by(noisy) == (
        f"test_program.py, line {line}: a number or an operation differs between two runs of "
        "noisy with the same "
        "numbers, so it would be frozen: draw random numbers (or read clocks) outside and pass "
        "them in as arguments"
    )


# Functions of x, y and a number that is another in the second run, whatever it is used for.
CHANGES: list[Callable[..., Any]] = [
    lambda x, y, k: x * (2.0 + k),
    lambda x, y, k: x + (-0.0 if k else 0.0),
    lambda x, y, k: 2.0 - y if k else y - 2.0,
    lambda x, y, k: x - y if k else y - x,
    lambda x, y, k: x + y if k else x * y,
    lambda x, y, k: [x, x * y][::-1] if k else [x, x * y],
    lambda x, y, k: [x, 1.0 + k],
    lambda x, y, k: power(x, 2.5 + k),
    lambda x, y, k: clip(x, -1.0, 1.0 + k),
    lambda x, y, k: where(x < k, x, y),
    lambda x, y, k: where(x < y if k else y < x, x, y),
    lambda x, y, k: total([x, y, x] if k else [x, y]),
    lambda x, y, k: dot([x, y], [y, 2.0 + k]),
    lambda x, y, k: dot([x, y], [y, x], *[x] * int(k)),
    lambda x, y, k: dot([x, y], [y, x], y if k else x),
    lambda x, y, k: (x + 1.0, x * y if k else x)[0],
]


@each("f", CHANGES)
def test_two_runs_are_compared_in_all_that_they_do(f: Callable[..., Any]) -> None:
    runs = iter((0.0, 1.0, 0.0, 0.0))
    again = lambda x, y: f(x, y, next(runs))  # noqa: E731
    with pytest.raises(GraphError, match="differs between two runs"):
        record(again, 0.25, 0.75)
    record(again, 0.25, 0.75)


def test_a_random_way_is_refused_even_if_both_runs_chance_to_take_the_same() -> None:
    for draw in (random.random, lambda: random.gauss(0, 0.1), np.random.random):
        assert frozen_by(lambda x, draw=draw: x if draw() < 1.5 else -x) == (
            "f draws random numbers, which would be frozen: draw random numbers outside and pass "
            "them in as arguments"
        )


def test_a_program_shows_the_signature_of_its_function_and_its_class_its_own() -> None:
    program = record(lambda x, y: x * y, 1.0, 2.0)
    assert str(inspect.signature(program)) == "(x, y)"
    assert [*inspect.signature(type(program)).parameters][:2] == ["name", "arguments"]


def test_a_value_of_another_recording_is_refused() -> None:
    kept: list[Any] = []
    record(lambda x: kept.append(x * 2) or x, 1.0)  # type: ignore[func-returns-value]
    assert frozen_by(lambda x: x + kept[0]).startswith("a recorded function needs its own results")


def test_after_a_refusal_values_are_as_they_were() -> None:
    frozen_by(reading)
    x = Value(2.0)
    assert (x * x).data == 4.0
    assert bool(x)
    assert type(x * x) is Value


# Bad input


two = record(lambda x, y: x[0] * x[1] + y, [0.0, 0.0], 0.0)
UNKNOWN = "engine needs to be one of auto, native, numpy, python, jax, jax-local, got 'c'"
BAD = {
    "f(x, y): missing a required argument: 'y'": lambda: two([1.0, 2.0]),
    "f(x, y): too many positional arguments": lambda: two([1.0, 2.0], 1.0, 2.0),
    "f needs samples that go together, got batches of shape x (3,) and y (4,)": lambda: two(
        np.ones((3, 2)), np.ones(4)
    ),
    "f needs at least one sample, got an empty batch": lambda: two(np.ones((0, 2)), 1.0),
    "x needs samples as an array of shape (samples, 2), got an array of shape (4, 3)": lambda: two(
        np.ones((4, 3)), 1.0
    ),
    "x needs 2 entries, each a number or an array of samples, got a list of 3: pass samples as an "
    "array of shape "
    "(samples, 2)": lambda: two([1.0, 2.0, 3.0], 1.0),
    "y needs numbers, got the str '1': write float('1')": lambda: two([1.0, 2.0], "1"),
    "y needs numbers, got None: is a return missing where it came from?": lambda: two(
        [1.0, 2.0], None
    ),
    "reduce needs to be 'mean' or 'sum', got 'max'": lambda: two.parameter_grad(
        [1.0, 2.0], 1.0, reduce="max"
    ),
    "at needs 0 numbers, one a parameter, got a list of 1": lambda: two.parameter_grad(
        [1.0, 2.0], 1.0, at=[1.0]
    ),
    "x[1] is nan in sample 2, and would make every gradient nan: leave it out": lambda: (
        two.backward(np.array([[1.0, 1.0], [1.0, 1.0], [1.0, np.nan]]), 1.0)
    ),
    UNKNOWN: lambda: record(lambda x: x, 1.0, engine="c"),
    "record needs a function, got the float 3.0: write record(f, *example)": lambda: record(3.0),
    "quietly(x): too many positional arguments": lambda: record(quietly, 1.0, 2.0),
    "backward needs f to return one number, it returns 2": lambda: record(
        lambda x: [x * Value(2.0), x], 1.0
    ).backward(1.0),
    "value_and_grad needs f to return one number, it returns 2": lambda: record(
        lambda x: [x, x], 1.0
    ).value_and_grad(1.0),
}


@each("sentence", BAD)
def test_bad_input_gets_one_sentence(sentence: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        BAD[sentence]()
    assert str(caught.value) == sentence


@pytest.mark.parametrize("engine", ENGINES)
def test_leaving_a_domain_names_the_operation_its_line_and_the_first_sample(engine: str) -> None:
    def f(x: Any) -> Any:
        return log(x) + 1

    program = record(f, 1.0, engine=engine)
    line = f.__code__.co_firstlineno + 1
    sentence = f"log needs x > 0, got x = -1 in sample 2 (test_program.py, line {line})"
    with pytest.warns(DomainWarning) as caught:
        assert np.isnan(program(np.array([1.0, 2.0, -1.0, -2.0]))).tolist() == [
            False,
            False,
            True,
            True,
        ]
    assert [str(warning.message) for warning in caught] == [sentence]
    with strict(), pytest.raises(DomainError) as error:
        program(np.array([1.0, 2.0, -1.0, -2.0]))
    assert str(error.value) == sentence
    with pytest.warns(DomainWarning, match="exp overflows to inf at x = 1000 "):
        record(lambda x: exp(x), 1.0, engine=engine)(1000.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sample_of_nan_is_named_and_the_others_are_computed(engine: str) -> None:
    program = record(lambda x: x * x, 1.0, engine=engine)
    with pytest.warns(DomainWarning, match="x is nan in sample 1, so that f is nan there"):
        values = program(np.array([2.0, np.nan]))
    assert values[0] == 4.0
    assert np.isnan(values[1])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_nan_that_reaches_nothing_is_no_news(engine: str) -> None:
    """A mean over what is there, of data in which some numbers are missing, warned of values that
    were no nan, and had no gradient by parameters."""
    w = Value(3.0, "w")
    program = record(lambda x, y: where(y > 0.0, x * w, w), 1.0, 1.0, engine=engine)
    x, y = np.array([2.0, 2.0, 2.0]), np.array([1.0, np.nan, 1.0])
    with strict():
        assert program(x, y).tolist() == [6.0, 3.0, 6.0]
        assert program.value_and_grad(x, y)[1][0].tolist() == [3.0, 0.0, 3.0]
        assert program.parameter_grad(x, y, reduce="sum") == (15.0, [5.0])
        w.data = np.nan
        assert record(lambda x: where(x > 0.0, x, w), 1.0, engine=engine)(2.0) == 2.0
    product = record(lambda x, y: where(x > 0.0, x, y * x), 1.0, 1.0, engine=engine)
    with pytest.warns(DomainWarning, match="^y is nan in sample 1, so that the gradient of f is"):
        assert np.isnan(product.value_and_grad(x, y)[1][0][1])
    w.data, x[2] = 3.0, np.nan
    with pytest.warns(DomainWarning, match="^x is nan in sample 2, so that f is nan there"):
        program(x, y)
    with pytest.raises(ValueError, match=r"^x is nan in sample 2, and would make every "):
        program.parameter_grad(x, y)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_parameter_of_nan_is_named(engine: str) -> None:
    w, b = Value(2.0, "w"), Value(1.0)
    program = record(lambda x: x * w + b, 1.0, engine=engine)
    w.data, b.data = np.nan, np.nan
    for call in (program, program.value_and_grad, program.parameter_grad, program.backward):
        with pytest.warns(DomainWarning, match="^w is nan, so that f is nan there"):
            call(1.0)
    w.data = 2.0
    with pytest.warns(DomainWarning, match="^a parameter is nan, so that f is nan there"):
        program(np.array([1.0, 2.0]))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_side_that_where_does_not_take_says_nothing(engine: str) -> None:
    sigmoid = record(lambda x: OPS and x.sigmoid(), 0.0, engine=engine)
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]


# Engines, printing


def test_the_shape_of_the_graph_chooses_the_engine() -> None:
    def chain(x: Any) -> Any:
        for _ in range(5_000):
            x = x * 0.5 + 0.1
        return x

    assert record(chain, 0.5).engine in ("native", "python")
    model = MLP(64, [256, 256, 1], seed=0)
    assert record(lambda x: model(x), [0.0] * 64).engine.endswith("numpy")


@pytest.mark.parametrize("engine", ["auto", "numpy", "python"])
def test_an_operation_of_ones_own_is_replayed(engine: str) -> None:
    swish = operation(
        "swish_here", "x * sigmoid(2 * x)", "sigmoid(2 * x) * (1 + 2 * x * sigmoid(-2 * x))"
    )
    x = np.array([-1.0, 0.5])
    expected = [grad(swish)(v) for v in x.tolist()]
    _, (slopes,) = record(swish, 1.0, engine=engine).value_and_grad(x)
    assert slopes == pytest.approx(expected, rel=1e-14)
    cube = operation("cube_here", lambda x: x**3, lambda x: 3 * x**2)
    assert record(cube, 1.0).value_and_grad(x)[1][0] == pytest.approx(3 * x**2, rel=1e-14)
    assert record(grad(cube), 1.0)(x) == pytest.approx(3 * x**2, rel=1e-14)


@pytest.mark.parametrize("engine", ["auto", "numpy", "python"])
def test_an_operation_whose_formulas_are_functions_written_in_c_is_replayed(engine: str) -> None:
    growth = operation("growth_here", math.expm1, math.exp)
    program = record(growth, 0.5, engine=engine)
    for x in (np.array([1.5]), np.array([1.5, -2.0, 0.25])):
        values, (slopes,) = program.value_and_grad(x)
        assert values.tolist() == [math.expm1(v) for v in x.tolist()]
        assert slopes.tolist() == [math.exp(v) for v in x.tolist()]


def test_a_program_prints_as_scalar_code_and_as_numpy() -> None:
    w, b = Value(2.0, "w"), Value(1.0, "b")
    program = record(lambda x: (w * x + b).tanh(), 0.5, engine="numpy")
    assert repr(program) == "<Program f(x): 3 operations, 2 parameters, engine numpy>"
    assert (
        str(program)
        == """\
def f(x):
    v1 = w * x
    v2 = v1 + b
    v3 = tanh(v2)
    return v3
# the reverse pass
    dv3 = 1
    dv2 = dv3 * (sech(v2)**2)
    dv1 = dv2
    dx = dv1 * w
    dw = dv1 * x
    db = dv2"""
    )


def test_a_layer_is_printed_as_a_matrix_product_and_the_source_runs_as_it_is() -> None:
    model = MLP(3, [4, 2], seed=1)
    program = record(lambda x: total(model(x)), [0.0] * 3, engine="numpy")
    source = program.source
    assert "\nimport numpy as np\n" in source
    assert (
        "w1 = p[0:12].reshape(4, 3)\n    v1 = w1 @ x\n    v1 += p[12:16]\n    v2 = np.maximum(v1, "
        "0.0)\n" in source
    )
    words: dict[str, Any] = {}
    exec(source, words)
    x = np.random.default_rng(0).normal(size=(5, 3))
    p = np.array([[v.data] for v in program.parameters])
    assert words["f"](x.T, p)[0] == pytest.approx(program(x), rel=1e-15)
    _, dp = words["f_and_parameter_grad"](x.T, p, 1 / 5)
    assert dp[:, 0] == pytest.approx(program.parameter_grad(x)[1], rel=1e-13)


def test_equal_subexpressions_are_shared_and_dead_ones_dropped() -> None:
    def f(x: Any) -> Any:
        exp(x * 3)
        return exp(x) * exp(x) + Value(2.0) * Value(3.0) * x

    source = record(f, 1.0, engine="numpy").source
    assert source.partition("def f_and_grad")[0].count("np.exp") == 1
    assert "x * 6.0" in source


# A sum adds up in the order in which f did, and numbers are not gathered where that could overflow


ORDERS: dict[str, tuple[Callable[..., Any], list[tuple[float, ...]]]] = {
    "a factor after a factor": (lambda x: (x * 1e200) * 1e200, [(0.0,), (1e-300,)]),
    "a small factor after a small one": (lambda x: (x * 1e-200) * 1e-200, [(1e300,)]),
    "a divisor whose reciprocal is infinite": (lambda x: x / 2.0**-1074, [(0.0,), (2.0**-1074,)]),
    "a sum within a sum": (
        lambda x, y, z: x + (y + z),
        [(1e308, 1e308, -1e308), (0.1, 0.7, -1e10 / 3)],
    ),
    "a sum taken off": (lambda x, y, z: x - (y - z) - (x * y + z), [(0.1, 0.7, 1e10 / 3)]),
    "sums of sums": (
        lambda x, y, z: (x + y) + (y + z) - ((z - x) + (y - x)),
        [(0.1, 0.7, 1e10 / 3)],
    ),
    "a mean": (
        lambda x, y, z: mean([x, y, z, x + y]),
        [(1e308, 1e308, -1e308), (0.1, 0.7, 1e10 / 3)],
    ),
    "a total of sums": (
        lambda x, y, z: total([x + y, z - x, y * z, 2 * (x + z)]),
        [(0.1, 0.7, 1e10 / 3)],
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@each("what", ORDERS)
def test_sums_and_factors_overflow_and_vanish_only_where_they_do_in_f(
    what: str, engine: str
) -> None:
    f, samples = ORDERS[what]
    program = record(f, *samples[0], engine=engine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DomainWarning)
        for sample in samples:
            expected = f(*map(Value, sample)).data  # whose total and mean round once, at the end
            assert float(program(*sample)) == pytest.approx(expected, rel=1e-15, abs=0)


@pytest.mark.parametrize("engine", ENGINES)
@each("count", [3, 4, 6, 11])
def test_a_sum_may_have_the_same_weight_and_the_same_number_several_times(
    engine: str, count: int
) -> None:
    w = [Value(0.5), Value(-1.5), Value(2.0)]

    def f(x: Any) -> Any:
        h = [
            dot([w[i % 2] for i in range(count)], [tanh(x[i // 3 % 2]) for i in range(count)])
            for _ in range(2)
        ]
        return h[0] * h[1] + w[2] * w[2] * w[0]

    x = np.random.default_rng(0).normal(size=(257, 2))
    program = record(f, [0.0, 0.0], engine=engine)
    values, (dx,) = program.value_and_grad(x)
    _, dw = program.parameter_grad(x, reduce="sum")
    expected = np.zeros(3)
    for row, value, slope in zip(x.tolist(), values, dx, strict=True):
        leaves = [Value(v) for v in row]
        for v in w:
            v.grad = 0.0
        y = f(leaves)
        y.backward()
        assert value == pytest.approx(y.data, rel=1e-13)
        assert slope == pytest.approx([v.grad for v in leaves], rel=1e-12)
        expected += [v.grad for v in w]
    assert dw == pytest.approx([expected[w.index(p)] for p in program.parameters], rel=1e-11)


# What is asked for


@each("samples", [1, 7, 257])
@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_by_some_arguments_have_the_bits_of_those_by_all(
    engine: str, samples: int
) -> None:
    w, b = Value(0.7, "w"), Value(-0.3, "b")

    def f(x: Any, y: Any, z: Any) -> Any:
        h = tanh(w * x[0] + y * x[1] + b) * 2.0
        return where(h > z, h / exp(x[0]), maximum(z, y) * h) + logsumexp([x[0], y, z, w])

    program = record(f, [0.1, 0.2], 0.3, 0.4, engine=engine)
    rng = np.random.default_rng(samples)
    batch = rng.normal(size=(samples, 2)), rng.normal(size=samples), rng.normal(size=samples)
    values, grads = program.value_and_grad(*batch)
    for wanted in [(0,), (1,), (2,), (2, 0), (1, 2), (-1, 1, 0), ()]:
        same, some = program.value_and_grad(*batch, argnums=wanted)
        assert same.tobytes() == values.tobytes()
        assert [g.tobytes() for g in some] == [grads[i].tobytes() for i in wanted]
    assert program.value_and_grad(*batch, argnums=-1)[1].tobytes() == grads[2].tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_leads_to_no_wanted_gradient_is_not_asked_for_its_partial(engine: str) -> None:
    w = Value(2.0, "w")
    program = record(lambda x, y: w * x + sqrt(y), 1.0, 1.0, engine=engine)
    batch = np.array([1.0, 2.0]), np.array([0.0, 4.0])  # sqrt has no slope at 0
    assert program.value_and_grad(*batch, argnums=0)[1].tolist() == [2.0, 2.0]
    assert program.parameter_grad(*batch)[1].tolist() == [1.5]
    assert program.value_and_grad(*batch, argnums=1)[1].tolist() == [np.inf, 0.25]


def test_argnums_are_places_of_arguments() -> None:
    program = record(lambda x, y: x * y, 1.0, 1.0)
    assert record(lambda x, y: x * y).value_and_grad(2.0, 3.0, argnums=1) == (6.0, 2.0)
    for argnums, words in [
        (2, "value_and_grad has no argument 2 to differentiate by"),
        ((0, 0), "value_and_grad needs each argument once"),
        ("x", "value_and_grad needs argnums to be an int or a tuple of ints, got the str 'x'"),
    ]:
        with pytest.raises(TypeError, match=words):
            program.value_and_grad(1.0, 2.0, argnums=argnums)
