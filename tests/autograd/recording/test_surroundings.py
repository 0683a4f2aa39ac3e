"""What a @record function reads besides its arguments, where that is replaced between its calls."""

import copy
import functools
import gc
import pickle
import sys
import types
import weakref
from array import array
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograd import GraphWarning, Value, record
from autograd.recording import surroundings
from autograd.recording.surroundings import Surroundings
from nn import MLP
from tests.cases import each

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


ARRAYS: dict[str, Callable[[], Any]] = {
    "of numbers": lambda: np.array([1.0, 2.0]),
    "of whole numbers": lambda: np.array([1, 2]),
    "of Values": lambda: np.array([Value(1.0), Value(2.0)]),
    "in strides": lambda: np.arange(1.0, 9.0)[::4],
    "of Python's": lambda: array("d", [1.0, 2.0]),
    "of bytes": lambda: bytearray([1, 2]),
    "with many numbers": lambda: np.ones(16_384),
}


@each("make", ARRAYS.values(), ids=list(ARRAYS))
@pytest.mark.usefixtures("by")
def test_numbers_in_arrays_are_read_anew_where_they_were_changed_in_place(
    make: Callable[[], Any],
) -> None:
    factors, tables = make(), {"of": (make(),)}

    @record
    def f(x: Any) -> Any:
        return x * factors[0] + tables["of"][0][1]

    first, program = f(10.0), f.latest
    assert (f(10.0), f.latest) == (first, program)
    factors[0] = factors[0] + 3
    assert f(10.0) == first + 30.0
    tables["of"][0][1] = tables["of"][0][1] + 2
    assert f(10.0) == first + 32.0


@pytest.mark.usefixtures("by")
def test_an_array_that_a_function_writes_to_itself_or_a_large_one_is_not_watched() -> None:
    room, runs, large = np.zeros(2), list[int](), np.ones(16_385)

    @record
    def f(x: Any) -> Any:
        runs.append(1)
        room[0] += 1.0
        return x * room[1] + large[0] if isinstance(x, Value) else x[0]

    for _ in range(2):  # of two structures, each of which writes
        assert (f(1.0), f([1.0])) == (1.0, 1.0)
        large[0] += 1.0
    assert len(runs) == 4


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


class Made:
    start = 0.5

    def __init__(self, x: Any) -> None:
        self.x = x * scale
        self.__post_init__()

    def __post_init__(self) -> None:
        self.x = self.x + Settings.bias


class Reads:
    """Attributes by ways of its own."""

    rate = 2.0

    def __init__(self) -> None:
        self.table = {"b": 1.0}

    def __get__(self, owner: Any, kind: Any = None) -> float:
        return self.rate * scale

    def __getattr__(self, name: str) -> Any:
        if name == "b":
            return self.table["b"]
        raise AttributeError(name)

    def times(self, factor: float, x: Any) -> Any:
        return factor * self.rate * x

    three_times = functools.partialmethod(times, 3.0)


class Child(Reads):
    read = Reads()


@dataclass(slots=True)
class Slots:
    rate: float = 2.0


class Factor(type):
    rate = 2.0


class Scaled:
    """A decorator that is an object."""

    def __init__(self, f: Any) -> None:
        functools.update_wrapper(self, f)
        self.f, self.factor = f, 2.0

    def __call__(self, x: Any) -> Any:
        return self.factor * self.f(x)


class Scaling(Value):
    def scaled(self, x: Any) -> Any:
        return self * x * scale


class Totals(list[float]):
    rate = 2.0


CONFIG = types.ModuleType("settings_of_tests")
exec("rate = 2.0\ndef f(x): return rate * x", CONFIG.__dict__)
child, parts, slots, totals, wrapped = Child(), deque([1.0]), Slots(), Totals(), Scaled(abs)
some, counts, scaling, plain = {1.0, 2.0}, Counter(a=2), Scaling(2.0), types.SimpleNamespace()
KIND, VIEW = Factor("Kind", (), {}), types.MappingProxyType(settings)


def lent(x: Any, factor: float = 2.0) -> Any:
    return x * factor


@functools.wraps(sys.exit)
def named_as_another(x: Any) -> Any:
    return x * scale


def imported(x: Any) -> Any:
    from settings_of_tests import rate  # type: ignore[import-not-found]

    return rate * x


# What a function reads, and what holds it there under which name: 4.0 is put in its place.
READ: dict[str, tuple[Any, Any, Any]] = {
    "what a class is made with": (lambda x: Made(x).x, globals(), "scale"),
    "what that calls": (lambda x: Made(x).x, Settings, "bias"),
    "an object's in the place of its class's": (lambda x: child.rate * x, vars(child), "rate"),
    "a class's in the place of its base's": (lambda x: child.rate * x, Child, "rate"),
    "a descriptor's": (lambda x: child.read * x, Reads, "rate"),
    "a computed attribute's": (lambda x: child.b * x, child.table, "b"),
    "a method that is partial": (lambda x: child.three_times(x), Reads, "rate"),
    "by getattr": (lambda x: getattr(child, "rate", 0.0) * x, child, "rate"),
    "an attribute that was missing": (lambda x: getattr(plain, "rate", 1.0) * x, plain, "rate"),
    "by globals()": (lambda x: globals()["scale"] * x, globals(), "scale"),
    "a metaclass's": (functools.partial(lambda kind, x: kind.rate * x, KIND), Factor, "rate"),
    "slots": (lambda x: slots.rate * x, slots, "rate"),
    "a counter": (lambda x: counts["a"] * x, counts, "a"),
    "a list's attribute": (lambda x: totals.rate * x, totals, "rate"),
    "a read-only view": (functools.partial(lambda v, x: v["shift"] * x, VIEW), settings, "shift"),
    "a decorator's": (lambda x: wrapped(x), wrapped, "factor"),
    "an object's that is called": (wrapped, wrapped, "factor"),
    "a function's that has another's name": (lambda x: named_as_another(x), globals(), "scale"),
    "a Value's method": (lambda x: scaling.scaled(x), globals(), "scale"),
    "a function's attribute": (lambda x: lent.rate * x, vars(lent), "rate"),  # type: ignore
    "a module": (lambda x: CONFIG.rate * x, CONFIG, "rate"),
    "a module's function": (lambda x: CONFIG.f(x), CONFIG, "rate"),
    "an import": (imported, CONFIG, "rate"),
}
CHANGES: dict[str, tuple[Any, Any]] = {
    "a builtin that is shadowed": (lambda x: abs(x), lambda p: p.setitem(globals(), "abs", lent)),
    "a deque": (lambda x: sum(parts) * x, lambda p: parts.append(4.0)),
    "a set": (lambda x: sum(some) * x, lambda p: some.add(sum(some))),
    "a default": (lambda x: lent(x), lambda p: p.setattr(lent, "__defaults__", (4.0,))),
    "code": (lambda x: lent(x), lambda p: p.setattr(lent, "__code__", (lambda x, f: x).__code__)),
}


@pytest.mark.usefixtures("by")
@each("read", [*READ, *CHANGES])
def test_wherever_code_reads_from_is_read_anew(read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f, *change = READ.get(read) or CHANGES[read]
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "settings_of_tests", CONFIG)
        patch.setitem(vars(lent), "rate", 2.0)
        program, before = record(f), f(Value(3.0)).data
        assert program(3.0) == program(3.0) == before
        if read in CHANGES:
            change[0](patch)
        elif isinstance(change[0], dict):
            patch.setitem(*change, 4.0)
        else:
            patch.setattr(*change, 4.0, raising=False)
        assert program(3.0) == f(Value(3.0)).data != before


@pytest.mark.usefixtures("by")
def test_what_a_function_makes_when_it_first_runs_may_be_replaced() -> None:
    model = types.SimpleNamespace(weight=None)

    @record
    def f(x: Any) -> Any:
        if model.weight is None:
            model.weight = Value(2.0)
        return model.weight * x

    assert f(3.0) == 6.0
    model.weight = Value(4.0)
    assert f(3.0) == 12.0


@pytest.mark.usefixtures("by")
def test_objects_that_refuse_to_be_asked_are_passed_over() -> None:
    class Refuses:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

    for thing in Refuses(), [Refuses()], types.ModuleType("nameless"), type, iter([1.0]):
        f = record(functools.partial(lambda thing, x: (thing, 2.0 * x)[1], thing))
        assert f(3.0) == f(3.0) == 6.0


def test_copies_of_objects_and_of_their_recorded_methods_read_the_copies() -> None:
    class Holder(Model):
        def __init__(self) -> None:
            super().__init__()
            self.f = record(self.own)

        def own(self, x: Any) -> Any:
            return self.weights[0] * x * self.rate

    model = Holder()
    assert (model.f(2.0), model.loss(2.0)) == (1.0, 10.0)
    other = copy.deepcopy(model)
    assert (other.f(2.0), other.loss(2.0)) == (1.0, 10.0)
    other.weights[0], other.rate = Value(2.0), 1.0
    assert (other.f(2.0), other.loss(2.0)) == (4.0, 22.0)
    assert (model.f(2.0), model.loss(2.0)) == (1.0, 10.0)
    assert pickle.loads(pickle.dumps(cubed)) is copy.deepcopy(cubed) is cubed


@record
def cubed(x: Any) -> Any:
    return x**3


def test_an_object_with_attributes_as_a_recorded_function_has_is_recorded() -> None:
    assert record(Scaled(lambda x: x + 1.0))(3.0) == 8.0


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


@pytest.mark.usefixtures("by")
def test_a_field_of_a_data_class_that_is_not_named_leads_to_no_other_program() -> None:
    @dataclass(order=True)
    class Training:
        rate: float = 2.0
        epoch: int = 0

    training = Training()
    f = record(lambda x: x * training.rate)
    for training.epoch in range(300, 310):
        assert f(1.0) == 2.0
    ((_, known),) = f.programs.values()
    assert known is not None and known.again == 0


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

    told = "^f was recorded again 8 times, now because epoch was replaced: pass it as"
    with pytest.warns(GraphWarning, match=told) as caught:
        for epoch in range(20):
            assert f(1.0) == 0.5**epoch
    assert len(caught) == 1


def test_more_than_is_looked_at_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "MOST", 50)
    rates = [[0.5] for _ in range(60)]
    f = record(lambda x: x * rates[0][0])
    with pytest.warns(
        GraphWarning, match="^f reads more than .*: pass what changes as an argument"
    ):
        assert f(2.0) == 1.0


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


def test_objects_that_lead_back_to_themselves_do_not_stay_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["autograd.recording.record"], "MOST_OWNERS", 5)

    class Layer:
        def __init__(self) -> None:
            self.weight, self.activation = Value(2.0), self.doubled

        def doubled(self, x: Any) -> Any:
            return 2.0 * x * self.weight

        @record
        def output(self, x: Any) -> Any:
            return self.activation(x)

    held = []
    for _ in range(12):
        layer = Layer()
        assert layer.output(1.0) == layer.output(1.0) == 4.0
        held.append(weakref.ref(layer))
    gc.collect()
    assert sum(ref() is not None for ref in held) <= 5


def test_what_a_function_shows_of_a_program_that_is_out_of_date_is_a_warning() -> None:
    weights = [Value(0.5)]

    @record
    def f(x: Any) -> Any:
        return weights[0] * x

    f(1.0)
    assert "0.5" in f.export("c")
    weights[0] = Value(3.0)
    with pytest.warns(GraphWarning, match="an item of a container was replaced since f ran"):
        assert "0.5" in f.export("c")
    f(1.0)
    assert f.parameters == (weights[0],)
