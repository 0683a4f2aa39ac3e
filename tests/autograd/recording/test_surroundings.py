"""What a @record function reads besides its arguments, where that is replaced between its calls."""

import functools
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from autograd import GraphWarning, Value, record
from autograd.recording import surroundings
from autograd.recording.surroundings import Surroundings
from nn import MLP

weight, scale, mode, settings = Value(2.0), 3.0, "plain", {"shift": 1.0}


class Settings:
    bias = 0.5


def helper(x: Any) -> Any:
    return weight * x * scale + (settings["shift"] if mode == "plain" else 0.0) + Settings.bias


class Model:
    def __init__(self) -> None:
        self.weights, self.rate, self.steps = [Value(1.0), Value(2.0)], 0.5, 0
        self.parts, self.by_name = (self.weights, [Value(3.0)]), {"b": Value(4.0)}
        self.log: list[int] = []

    @property
    def sum(self) -> Any:
        return self.weights[0] + self.weights[1] + self.parts[1][0] + self.by_name["b"]

    @record
    def loss(self, x: Any) -> Any:
        return self.sum * x * self.rate

    def train(self) -> None:
        self.steps += 1
        self.log.append(self.steps)


@pytest.fixture(params=["C", "Python"])
def by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(surroundings, "library", None)


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setitem(globals(), "weight", Value(2.5)),
        lambda patch: patch.setitem(globals(), "weight", Value(2.0)),
        lambda patch: patch.setitem(globals(), "scale", 4.0),
        lambda patch: patch.setitem(globals(), "mode", "other"),
        lambda patch: patch.setitem(settings, "shift", 2.0),
        lambda patch: patch.setattr(Settings, "bias", 1.5),
        lambda patch: patch.setitem(globals(), "helper", lambda x: x + weight),
    ],
)
def test_globals_that_are_named_on_the_way_are_read_anew(
    change: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    @record
    def f(x: Any) -> Any:
        return helper(x) ** 2

    before = f(2.0)
    assert before == helper(Value(2.0)).data ** 2
    assert f(2.0) == before
    change(monkeypatch)
    f.backward(2.0)
    assert f(2.0) == helper(Value(2.0)).data ** 2
    assert f.parameters == (weight,)
    assert weight.grad != 0.0


@pytest.mark.usefixtures("by")
def test_what_is_closed_over_is_read_anew() -> None:
    w, many = Value(2.0), [Value(1.0)]

    @record
    def f(x: Any, _: Any = 1) -> Any:
        return sum(many, w * x)

    assert f(3.0) == 7.0
    w = Value(4.0)
    assert f(3.0) == 13.0
    many.append(Value(5.0))
    assert f(3.0) == 18.0
    many[0] = Value(0.0)
    assert f.value_and_grad(3.0, 0.0)[0] == 17.0
    many.clear()
    assert f(3.0) == 12.0
    wrapped = record(functools.partial(lambda all, x: sum(all) * x, many))
    many[:] = [Value(2.0)]
    assert wrapped(3.0) == 6.0
    many[:] = [Value(3.0)]
    assert wrapped(3.0) == 9.0


@pytest.mark.usefixtures("by")
def test_attributes_of_the_object_and_what_is_in_them_are_read_anew() -> None:
    model = Model()
    assert model.loss(2.0) == 10.0
    model.weights[0] = Value(2.0)
    assert model.loss(2.0) == 11.0
    model.parts[1][0] = Value(4.0)
    assert model.loss(2.0) == 12.0
    model.by_name["b"] = Value(5.0)
    assert model.loss(2.0) == 13.0
    model.rate = 1.0
    assert model.loss(2.0) == 26.0
    model.weights = [Value(0.0), Value(0.0)]
    assert model.loss(2.0) == 18.0


@pytest.mark.usefixtures("by")
def test_what_is_not_read_leads_to_no_other_program() -> None:
    model = Model()
    model.loss(2.0)
    (program,) = model.loss.programs.values()
    for _ in range(20):
        model.train()
        model.rate = float("0.5")  # an equal number
        model.loss(2.0)
    assert [*model.loss.programs.values()] == [program]


@pytest.mark.usefixtures("by")
def test_a_parameter_of_a_network_that_is_replaced_is_seen() -> None:
    model = MLP(2, [3, 1])
    f = record(lambda x, y: model([x, y]))
    f(1.0, 2.0)
    neuron = model.layers[0].neurons[1]
    neuron.b = Value(0.75)
    assert f(1.0, 2.0) == pytest.approx(model([1.0, 2.0]).data, rel=1e-14)
    assert neuron.b in f.parameters


def test_what_a_function_changes_itself_is_not_watched() -> None:
    calls, memo, w = list[Any](), dict[str, float](), Value(1.0)

    class Counter:
        runs = 0

    @record
    def f(x: Any) -> Any:
        calls.append(x)
        Counter.runs += 1
        memo.setdefault(f"rate {len(calls) % 2}", 0.5)
        return w * x * 0.5

    for _ in range(3):
        assert f(2.0) == 1.0
        assert len(calls) == Counter.runs == 2  # the two runs of one recording
    w = Value(3.0)
    for _ in range(3):
        assert f(2.0) == 3.0
        assert len(calls) == 4


def test_a_function_that_does_as_before_keeps_its_program() -> None:
    switch = False

    @record
    def f(x: Any) -> Any:
        return x + 1.0 if switch else 1.0 + x

    f(1.0)
    program = f.latest
    switch = 0  # type: ignore[assignment]
    assert f(1.0) == 2.0
    assert f.latest is program


def test_recording_at_each_call_is_a_warning_that_names_the_cause() -> None:
    epoch = 0

    @record
    def f(x: Any) -> Any:
        return x * 0.5**epoch

    told = "^f was recorded again 8 times, at last since epoch is another: pass it as an argument"
    with pytest.warns(GraphWarning, match=told) as caught:
        for epoch in range(20):
            assert f(1.0) == 0.5**epoch
    assert len(caught) == 1


def test_functions_that_others_call_are_looked_through() -> None:
    w = Value(2.0)

    @record
    def inner(x: Any) -> Any:
        return w * x

    @record
    def outer(x: Any) -> Any:
        return inner(x) + 1.0

    assert outer(3.0) == 7.0
    w = Value(3.0)
    assert outer(3.0) == 10.0
    assert Surroundings(outer.f).changed() is None


def test_an_object_may_go_with_what_was_watched() -> None:
    model = Model()
    model.loss(2.0)
    held = weakref.ref(model)
    del model
    gc.collect()
    assert held() is None
