"""What a recording makes of the code that it runs: what it follows in each sample, and what it
refuses and why.
"""

import copy
import gc
import math
import pickle
import random
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import GraphError, Value, dot, exp, grad, maximum, record, tanh, total, where
from autograd.engine.native import ENGINE
from autograd.recording.trace import Tracer
from nn import MLP, Dataset, train
from tests.autograd.recording import ENGINES
from tests.cases import each

# Equality and joined comparisons, in each sample


@pytest.mark.skipif(ENGINE != "native", reason="what C takes down itself")
def test_c_takes_down_every_row_comparisons_and_wheres_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clip, elu, power = autograd.clip, autograd.elu, autograd.power

    def f(x: Any, y: Any) -> Any:
        y = where(x < y, clip(x, -1.0, 2.0), 0.5) + where(y != 1.0, y, x) + where(True, x, 2.0)
        y = y + maximum(x, y, 0.25) + elu(x) + elu(x, 2.0) + autograd.leaky_relu(y, 0.1)
        return y + power(x, 3.0) + power(x, y) + power(2.0, x)

    def refuse(*_: Any) -> None:
        raise AssertionError("it was left to Python")

    known = record(f, 0.5, 0.75)(np.array([0.5, 2.0]), 0.75)
    for name in ("take", "compare", "choose"):
        monkeypatch.setattr(Tracer, name, refuse)
    assert record(f, 0.5, 0.75)(np.array([0.5, 2.0]), 0.75).tolist() == known.tolist()
    assert known.tolist() == [f(0.5, 0.75), f(2.0, 0.75)]


@pytest.mark.parametrize("engine", ENGINES)
def test_equality_is_decided_anew_in_each_sample(engine: str) -> None:
    def f(x: Any) -> Any:
        return where(x == 1.5, x * x, x) + where(x != 2.0, 0.0, 10.0 * x)

    values, (slopes,) = record(f, 1.0, engine=engine).value_and_grad(np.array([1.5, 2.0, 3.0]))
    assert values.tolist() == [2.25, 22.0, 3.0]
    assert slopes.tolist() == [3.0, 11.0, 1.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_no_grad_goes_through_a_comparison_not_even_an_infinite_one(engine: str) -> None:
    program = record(lambda x, y: (x > 0) * y, 1.0, 1.0, engine=engine)
    _, (by_x, by_y) = program.value_and_grad([1.0, -1.0], [math.inf, 2.0])
    assert by_x.tolist() == [0.0, 0.0] and by_y.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_comparisons_are_joined_as_truth_values_are(engine: str) -> None:
    x = np.array([-1.0, 0.5, 2.0, 6.0])
    for join in (
        lambda x: (x > 0) & (x < 1),
        lambda x: (x < 0) | (x > 5),
        lambda x: (x > 0) ^ (x > 5),
        lambda x: True & (x > 1),
    ):
        program = record(lambda x, join=join: where(join(x), 2.0 * x, -x), 1.0, engine=engine)
        assert program(x).tolist() == [where(join(v), 2.0 * v, -v) for v in x.tolist()]
    with pytest.raises(TypeError, match="unsupported operand"):
        record(lambda x: (x > 0) & x, 1.0)


def test_a_tie_of_maximum_inside_a_recorded_derivative_is_split_as_elsewhere() -> None:
    slope = grad(lambda x: maximum(x, 1.0))
    assert (
        record(slope, 3.0)(np.array([0.0, 1.0, 2.0])).tolist()
        == [slope(x) for x in (0.0, 1.0, 2.0)]
        == [0, 0.5, 1]
    )


def test_values_may_still_be_kept_in_sets_and_dictionaries() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        known = {x: 1.0, y: 2.0}
        return known[y] * y if x in {x, y} and y in [y] else x

    assert record(f, 1.0)(3.0) == 12.0


def test_a_model_that_asks_for_equality_is_trained_as_the_eager_engine_does() -> None:
    class Asking(MLP):
        def __call__(self, x: Any) -> Any:
            return super().__call__(x) if x[0] != 0.5 else x[0] * 0.0

    rows = Dataset([[0.5], [1.0], [2.0], [3.0]], [1.0, 2.0, 3.0, 4.0])
    figures = []
    for engine in ("auto", "eager"):
        model = Asking(1, [3, 1], seed=1)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            history = train(model, rows, epochs=3, seed=1, validation=None, engine=engine)
        assert ("bool() inside a recorded function" in str([w.message for w in said])) == (
            engine == "auto"
        )
        figures.append([*(w.data for w in model.parameters()), history[-1].loss])
    assert figures[0] == figures[1]


# What leaks a number


FREEZES = "inside a recorded function would freeze one sample's number for all"
CHOOSE = "write where(condition, a, b), maximum, minimum, abs, relu or clip, which choose anew"
FUNCTIONS = "by autograd's functions (autograd.sin for math.sin)"
WHOLE = "(floor, rint and trunc are operations)"
ITSELF = "keep computing with the Value itself"
SAYS: list[tuple[Callable[..., Any], str]] = [
    (lambda x: x if x > 0 else -x, f"bool() {FREEZES}: {CHOOSE}"),
    (lambda x: x * 2 if x == 1.5 else x, f"bool() {FREEZES}: write where("),
    (lambda x: x * 2 if x in [1.5] else x, f"bool() {FREEZES}"),
    (lambda x: np.array([x, 2 * x]).max(), f"bool() {FREEZES}"),
    (lambda x: x * float(x), f"float() {FREEZES}: {ITSELF}, {FUNCTIONS}"),
    (lambda x: math.sin(x), f"float() {FREEZES}: {ITSELF}, {FUNCTIONS}"),
    (lambda x: x * int(x), f"int() {FREEZES}: {ITSELF} {WHOLE}"),
    (lambda x: (x * x).partials[0] * x, f".partials {FREEZES}: write grad(g)"),
    (lambda x: x * x.grad, f".grad {FREEZES}: write grad(g)"),
    (lambda x: float(f"{x:.3f}") * x, f"a format {FREEZES}: leave the text out"),
    (lambda x: sum(x for _ in range(x)), f"an index {FREEZES}: pass what counts"),
    (lambda x: [1.0, 2.0][x] * x, f"an index {FREEZES}: pass what counts"),
    (lambda x: round(x, 1), f"round() to digits {FREEZES}: write rint"),
    (lambda x: np.isnan(x), f"np.isnan cannot be recorded: {ITSELF}"),
]


@each(("f", "said"), SAYS)
def test_whatever_gives_a_number_away_is_refused_at_the_users_own_line(
    f: Callable[..., Any], said: str
) -> None:
    with pytest.raises(GraphError) as caught:
        record(f, 1.5)
    line = f"test_recording.py, line {f.__code__.co_firstlineno}"
    assert str(caught.value).startswith(f"{line}: {said}")


def test_a_copy_inside_a_recording_is_the_same_number_of_each_sample() -> None:
    assert record(lambda x: copy.copy(x) * copy.deepcopy([x])[0], 1.0).value_and_grad(3.0) == (
        9.0,
        (6.0,),
    )


def test_a_value_may_be_printed_inside_a_recording() -> None:
    assert record(lambda x: x * len(f"{x}"), 2.0)(1.0) == len("x = 2")


# Recording itself


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_as_it_was_after_a_recording_and_a_refusal(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        record(lambda x: x * x, 1.0)
        assert gc.isenabled() == enabled
        with pytest.raises(GraphError):
            record(lambda x: x * x.grad, 1.0)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_random_numbers_that_another_thread_draws_are_not_held_against_f() -> None:
    runs, drawn = [], threading.Event()

    def f(x: Any) -> Any:
        runs.append(1)
        if len(runs) <= 2:  # while both runs that are compared take place
            thread = threading.Thread(target=lambda: (random.random(), drawn.set()))
            thread.start()
            thread.join()
        return x * 2

    assert record(f, 1.0)(3.0) == 6.0
    assert drawn.is_set()


def test_a_function_without_numbers_in_its_answer_is_refused() -> None:
    with pytest.raises(TypeError, match="record needs f to return numbers, got a list of 0"):
        record(lambda x: [], 1.0)


def test_record_is_found_by_dir_and_by_a_star_import() -> None:
    words: dict[str, Any] = {}
    exec("from autograd import *", words)
    assert {"record", "Program"} <= set(dir(autograd)) & set(words)
    assert "abs" not in words


def test_a_program_is_copied_with_the_model_that_holds_it_and_is_not_pickled() -> None:
    w = Value(2.0, "w")
    program = record(lambda x: w * x, 1.0)
    v, twin = copy.deepcopy([w, program])
    v.data = 5.0
    assert (twin(3.0), program(3.0), copy.copy(program)(3.0)) == (15.0, 6.0, 6.0)
    with pytest.raises(TypeError, match="pickle keeps no programs: record the function again"):
        pickle.dumps(program)


# As a decorator


class Scaled:
    """A model with a recorded method."""

    def __init__(self, w: float) -> None:
        self.w = Value(w, "w")

    @record
    def loss(self, x: Any, power: Any = 1.0) -> Any:
        return self.w * x * power

    @record(engine="numpy")
    def squared(self, x: Any) -> Any:
        return self.w * x * x


def test_static_and_class_methods_are_recorded_in_either_order() -> None:
    class Model:
        w = 2.0

        @record
        @staticmethod
        def outer(x: Any) -> Any:
            return x * 3.0

        @staticmethod
        @record
        def inner(x: Any) -> Any:
            return x * 3.0

        @record
        @classmethod
        def own(cls, x: Any) -> Any:
            return cls.w * x

        @classmethod
        @record
        def also(cls, x: Any) -> Any:
            return cls.w * x

    class Other(Model):
        w = 5.0

    for model, w in ((Model, 2.0), (Model(), 2.0), (Other, 5.0), (Other(), 5.0)):
        assert (model.outer(2.0), model.inner(2.0)) == (6.0, 6.0)
        assert (model.own(2.0), model.also(x=2.0)) == (2.0 * w, 2.0 * w)
        assert model.own.value_and_grad(2.0) == (2.0 * w, (w,))


def test_a_method_is_recorded_for_each_object_which_may_go() -> None:
    a, b = Scaled(2.0), Scaled(3.0)
    x = np.array([1.0, 2.0])
    assert (a.loss(x).tolist(), b.loss(x).tolist()) == ([2.0, 4.0], [3.0, 6.0])
    assert a.loss.parameters == (a.w,)
    a.w.data = 5.0
    assert a.loss(x).tolist() == [5.0, 10.0]
    assert len(a.loss.programs) == 1
    assert a.loss.backward(x) == 7.5
    assert a.w.grad == 1.5
    del b
    gc.collect()
    assert len(Scaled.loss.of_owners) == 1


def test_arguments_may_be_given_by_name() -> None:
    model = Scaled(2.0)
    assert model.loss(x=1.0) == 2.0
    assert model.loss(power=3.0, x=1.0) == 6.0
    assert model.squared.value_and_grad(x=3.0) == (18.0, (12.0,))
    assert model.squared.engine == "numpy"
    minus = record(lambda x, y: x - y, 0.0, 0.0)
    assert minus(y=1.0, x=3.0) == 2.0
    assert minus(3.0, y=1.0) == 2.0
    assert minus.value_and_grad(3.0, y=1.0) == (2.0, (1.0, -1.0))


def test_samples_of_a_decorated_function_may_have_labels_that_are_no_places() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]}, index=[7, 8])
    assert square(frame["a"]).tolist() == [1.0, 4.0]
    assert product(frame).tolist() == [3.0, 10.0]
    assert of_columns(dict(frame)).tolist() == [3.0, 10.0]
    with pytest.raises(TypeError, match="x needs numbers, got the str 'a'"):
        square(pandas.Series(["a"]))


def test_a_decorated_function_takes_the_options_of_programs() -> None:
    pytest.importorskip("scipy")
    for method in (product.jacobian, product.hessian):
        dense, sparse = (method([2.0, 3.0], argnums=0, sparse=wish) for wish in (False, True))
        assert np.array_equal(sparse.toarray(), np.atleast_2d(dense))


def test_a_decorated_function_shows_the_program_that_ran_last() -> None:
    @record
    def area(v: Any) -> Any:
        return dot(v, v)

    assert str(area) == repr(area) == "<record of area: 0 programs>"
    with pytest.raises(
        GraphError,
        match=r"area is recorded when it is first called: call it, or write record\(area",
    ):
        area.source  # noqa: B018
    area(np.ones((2, 2)))
    assert "v1 = dot([v[0], v[1]], [v[0], v[1]])" in str(area)
    assert "def area(v):" in area.source
    area(np.ones((2, 3)))
    assert "v[2]" in str(area) and "v_[2]" in area.export("c")
    assert area.jvp([3.0, 0.0, 1.0], direction=[1.0, 0.0, 0.0]) == (10.0, 6.0)
    area(np.ones((2, 2)))
    assert "v[2]" not in str(area)


@record
def square(x: Any) -> Any:
    return x * x


@record
def sum_of(v: Any) -> Any:
    return total(v)


@record
def scaled(x: Any, *, by: Any) -> Any:
    return x * by


@record
def product(row: Any) -> Any:
    return row[0] * row[1]


@record
def added(row: Any) -> Any:
    return row.sum()


@record
def whole(X: Any, w: Any) -> Any:
    return (np.reshape(X, (3, 2)) @ w).sum()


@record(shared="w")
def distance(w: Any, x: Any, y: Any) -> Any:
    return abs(dot(w, x) - y)


@record(shared=("u",))
def lost(x: Any) -> Any:
    return x


@record
def of_columns(d: Any) -> Any:
    return d["a"] * d["b"]


program = record(lambda x: tanh(x) + exp(x), 1.0)
nested = record(lambda d: d["a"] * d["b"][0], {"a": 1.0, "b": [1.0]})
UNKNOWN = "engine needs to be one of auto, native, numpy, python, jax, jax-local, got 'c'"
BAD = {
    "v needs at least one sample, got an array of shape (0, 2)": lambda: sum_of(np.zeros((0, 2))),
    "v needs at least one sample, got an array of shape (0,)": lambda: sum_of.value_and_grad(
        np.zeros(0)
    ),
    "v[0] needs at least one sample, got an array of shape (0,)": lambda: sum_of(
        [np.zeros(0), 1.0]
    ),
    "square takes a list as one sample, and that gave: can't multiply sequence by non-int of type "
    "'list'; pass samples "
    "as an array, np.array(...)": lambda: square([1.0, 2.0, 3.0]),
    "of_columns takes a list as one sample, and that gave: can't multiply sequence by non-int of "
    "type 'list'; pass samples as an array, np.array(...)": lambda: of_columns(
        {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    ),
    "product takes an array of shape (2,) as samples of one number, and that gave: 'Value' object "
    "is not subscriptable; pass one sample as an array of shape (1, 2), or "
    "name it in shared=": lambda: product(np.ones(2)),
    "added takes an array of shape (3,) as samples of one number, and that gave: 'Value' object "
    "has no attribute 'sum'; pass one sample as an array of shape (1, 3), or "
    "name it in shared=": lambda: added(np.ones(3)),
    "d needs 2 entries with the keys 'a', 'b', each a number or an array of samples, got a dict "
    "with the keys 'a', 'c'": lambda: nested({"a": 1.0, "c": 2.0}),
    "whole takes an array of shape (2,) as samples of one number, and that gave: cannot reshape "
    "array of size 2 into shape (3,2); pass one sample as an array of shape (1, 2), or name it in "
    "shared=": lambda: whole(np.ones((3, 2)), np.ones(2)),
    "dot needs sequences of one length, got 2 and 3": lambda: distance(
        [1.0, 2.0], np.ones((5, 3)), np.ones(5)
    ),
    "x needs numbers, got the str 'a': write float('a')": lambda: distance([1.0], "a", np.ones(5)),
    "shared needs names of arguments of lost(x), got 'u'": lambda: lost(np.ones(2)),
    "square(x): missing a required argument: 'x'": lambda: square(y=1.0),
    "scaled needs arguments that have a place, got by by name": lambda: scaled(1.0, by=2.0),
    UNKNOWN: lambda: record(engine="c")(abs),
    "f(x): missing a required argument: 'x'": lambda: program(),
    "f(x): got an unexpected keyword argument 'y'": lambda: program(1.0, y=1.0),
    "f(x): multiple values for argument 'x'": lambda: program(1.0, x=2.0),
    "parameter_grad with aux needs f to return a pair, (number, more)": lambda: (
        program.parameter_grad(1.0, aux=True)
    ),
    "beside Values x needs one sample as one number, got an array of shape (2,)": lambda: grad(
        program
    )(np.ones(2)),
}


@each("sentence", BAD)
def test_a_bad_call_gets_one_sentence(sentence: str) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)) as caught:
        BAD[sentence]()
    assert str(caught.value) == sentence


def test_a_method_of_a_class_with_slots_is_recorded_for_each_object() -> None:
    class Line:
        __slots__ = ("slope",)

        def __init__(self, slope: float) -> None:
            self.slope = Value(slope)

        @record
        def at(self, x: Any) -> Any:
            return self.slope * x

    steep, flat = Line(3.0), Line(0.5)
    assert (steep.at(np.array([1.0, 2.0])).tolist(), flat.at(2.0)) == ([3.0, 6.0], 1.0)
