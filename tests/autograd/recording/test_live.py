"""Programs called inside derivatives and other recordings on Values that these follow, and threads:
what is followed is right, and the rest is refused.
"""

import contextlib
import copy
import gc
import pickle
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    Value,
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    no_grad,
    record,
    tanh,
    total,
    value_and_grad,
    withholding,
)
from autograd.engine import guard, modes
from autograd.engine.guard import asking, differentiated, guarded
from autograd.engine.modes import (
    is_differentiating,
    is_quiet,
    not_recording,
    paused,
    taken_down_by,
    tracing,
)
from autograd.recording.backends import uncollected
from autograd.tree import Tree, numbers
from tests.autograd.recording import ENGINES
from tests.cases import each


def line_of(k: Any) -> Any:
    """A program of a Value that is followed, called on two numbers."""
    line = record(lambda y: k * y, 1.0)
    return line(4.0) + line(5.0)


class Model:
    """A recorded method that closes over what the object was given."""

    def __init__(self, k: Any) -> None:
        self.k = k

    @record
    def loss(self, x: Any) -> Any:
        return self.k * x


def method(k: Any) -> Any:
    return Model(k).loss(4.0) + Model(k).loss(5.0)


def of_a_result(k: Any) -> Any:
    return line_of(k * 1.0 + 0.0)


@pytest.mark.parametrize("f", [line_of, method, of_a_result], ids=lambda f: f.__name__)
def test_a_program_follows_by_whatever_follows_its_parameters(f: Callable[..., Any]) -> None:
    assert grad(f)(5.0) == 9.0
    assert value_and_grad(f)(5.0) == (45.0, 9.0)
    assert jacobian(lambda k: [f(k), k])(5.0) == [9.0, 1.0]
    assert jvp(f, 5.0, 2.0) == (45.0, 18.0)
    assert hessian(lambda k: f(k) ** 2)(5.0) == 162.0
    assert hvp(lambda k: f(k) ** 2, 5.0, 1.0) == 162.0
    program = record(f, 5.0)
    assert program([5, 6]).tolist() == [45.0, 54.0]
    assert program.value_and_grad([5, 6])[1][0].tolist() == [9.0, 9.0]
    assert record(grad(f), 5.0)([5, 6]).tolist() == [9.0, 9.0]


def test_a_method_that_is_first_called_inside_a_recording_is_recorded() -> None:
    model = Model(Value(3.0))
    assert record(lambda x: model.loss(x) * x, 1.0)([1.0, 2.0]).tolist() == [3.0, 12.0]
    assert model.loss(2.0) == 6.0


w = Value(2.0, "w")
squares = record(lambda y: w * y * y, 1.0)


def gradient(k: Any) -> Any:
    return record(lambda y: k * y * y, 1.0).value_and_grad(3.0)[1][0] * k


def parameter_gradient(k: Any) -> Any:
    return record(lambda y: k * y * y, 1.0).parameter_grad(3.0)[0] * k


def backward(k: Any) -> Any:
    return record(lambda y: k * y * y, 1.0).backward(3.0) * k


def batch(k: Any) -> Any:
    return total(list(record(lambda y: k * y, 1.0)(np.array([1.0, 2.0]))))


def numbers_of_parameters(k: Any) -> Any:
    return squares.parameter_grad(3.0, at=[k])[0] * k


def argument(k: Any) -> Any:
    return squares.value_and_grad(k)[0] * k


def threads(k: Any) -> Any:
    with ThreadPoolExecutor(2) as pool:
        return total(list(pool.map(lambda x: k * x, [1.0, 2.0])))


def program_in_threads(k: Any) -> Any:
    with ThreadPoolExecutor(2) as pool:
        return total(list(pool.map(record(lambda y: k * y, 1.0), [1.0, 2.0])))


def number_in_threads(k: Any) -> Any:
    with ThreadPoolExecutor(2) as pool:
        return k * sum(pool.map(lambda x: float(k) * x, [1.0, 2.0]))


def branch_in_threads(k: Any) -> Any:
    with ThreadPoolExecutor(2) as pool:
        return k * sum(pool.map(lambda x: 1.0 if k > x else 2.0, [1.0, 2.0]))


REFUSED = [gradient, parameter_gradient, backward, batch, numbers_of_parameters, argument]


@each("f", [*REFUSED, number_in_threads], ids=lambda f: f.__name__)
def test_what_no_derivative_could_follow_is_refused(f: Callable[..., Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        grad(f)(5.0)


@each(
    "f",
    [*REFUSED, threads, program_in_threads, number_in_threads, branch_in_threads],
    ids=lambda f: f.__name__,
)
def test_what_would_freeze_a_number_in_a_recording_is_refused(f: Callable[..., Any]) -> None:
    with pytest.raises((GraphError, TypeError, ValueError)):
        record(f, 5.0)
    assert squares(3.0) == 18.0


@pytest.mark.parametrize("f", [threads, program_in_threads], ids=lambda f: f.__name__)
def test_a_derivative_follows_threads(f: Callable[..., Any]) -> None:
    assert grad(f)(5.0) == 3.0
    assert hessian(lambda k: f(k) ** 2)(5.0) == 18.0


def test_a_thread_in_a_recording_is_refused_in_one_sentence_that_names_the_line() -> None:
    with pytest.raises(GraphError) as caught:
        record(threads, 5.0)
    line = threads.__code__.co_firstlineno + 2
    assert str(caught.value).startswith(
        f"test_live.py, line {line}: a thread inside a recorded function would freeze"
    )


def swallowed(k: Any) -> Any:
    try:
        return k * k.data
    except Exception:
        return k


def swallowed_by_a_thread(k: Any) -> Any:
    done: list[Any] = [0.0]
    thread = threading.Thread(target=lambda: done.append(k * 3.0))
    thread.start()
    thread.join()
    return k * sum(done)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("f", [swallowed, swallowed_by_a_thread], ids=lambda f: f.__name__)
def test_a_refusal_that_is_swallowed_is_raised_by_record(f: Callable[..., Any]) -> None:
    with pytest.raises(GraphError, match=r"test_live\.py, line \d+: .* inside a recorded function"):
        record(f, 5.0)
    with pytest.raises(GraphError, match="inside a recorded function"):
        record(lambda x: swallowed(x) * record(lambda y: x * y, 1.0)(2.0), 5.0)


def without_gradients(k: Any) -> Any:
    with no_grad():
        return k * 1.0


def test_no_grad_in_a_thread_is_refused_where_a_recording_follows() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(GraphError, match="no_grad inside a rec"):
        record(lambda x: x * pool.submit(without_gradients, x).result(), 2.0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: copy.deepcopy([v])[0]])
def test_replays_read_the_parameter_behind_a_copy(copied: Callable[[Any], Any]) -> None:
    k = Value(2.0)
    program = record(lambda x: copied(k) * x, 1.0)
    k.data = 7.0
    assert program(1.0) == 7.0 and program.parameters == (k,)
    program.backward(3.0)
    assert k.grad == 3.0


def test_what_would_freeze_a_parameter_in_a_recording_is_refused() -> None:
    k = Value(2.0)
    with pytest.raises(GraphError, match="a pickle inside a recorded function"):
        record(lambda x: pickle.loads(pickle.dumps(k)) * x, 1.0)
    with ThreadPoolExecutor(1) as pool:
        for compute in (lambda: k * 3.0, lambda: without_gradients(k)):
            with pytest.raises(GraphError, match="a result that another thread computes"):
                record(lambda x, compute=compute: x * pool.submit(compute).result(), 1.0)


held: Any = Value(2.0)
model = Model(2.0)


@record
def line(y: Any) -> Any:
    return held * y


def of_a_global(k: Any) -> Any:
    global held
    held = k
    return line(4.0)


def of_an_attribute(k: Any) -> Any:
    model.k = k
    return model.loss(4.0)


@pytest.mark.parametrize("f", [of_a_global, of_an_attribute], ids=lambda f: f.__name__)
def test_what_outlives_the_derivative_it_was_recorded_in_is_recorded_anew(
    f: Callable[..., Any],
) -> None:
    assert [grad(f)(5.0), grad(f)(6.0)] == [4.0, 4.0]
    assert [jvp(f, 5.0, 1.0), jvp(f, 6.0, 1.0)] == [(20.0, 4.0), (24.0, 4.0)]
    assert record(f, 5.0)([5.0, 6.0]).tolist() == [20.0, 24.0]
    assert record(lambda x: grad(f)(x) + grad(f)(x * 2) * x, 5.0)([5.0, 6.0]).tolist() == [24, 28]
    assert grad(f)(5.0) == 4.0 and hessian(lambda k: f(k) ** 2)(5.0) == 32.0


@pytest.mark.parametrize("f", [of_a_global, of_an_attribute], ids=lambda f: f.__name__)
def test_a_number_of_an_earlier_recording_is_not_taken_for_what_is_followed_now(
    f: Callable[..., Any],
) -> None:
    global held
    held = model.k = 2.0
    assert line(4.0) == model.loss(4.0) == 8.0
    assert grad(f)(5.0) == 4.0
    held = model.k = 2.0
    assert line(4.0) == model.loss(4.0) == 8.0
    assert record(f, 5.0)([5.0, 6.0]).tolist() == [20.0, 24.0]


def test_a_program_that_a_recording_calls_on_numbers_keeps_its_parameters() -> None:
    k = Value(2.0)
    inner = record(lambda y: k * y, 1.0)
    outer = record(lambda x: x * inner(4.0), 1.0)
    assert outer.parameters == (k,)
    k.data = 3.0
    assert outer(1.0) == 12.0
    with pytest.raises(GraphError, match="the gradient of a program inside a recorded function"):
        record(lambda x: x * inner.value_and_grad(4.0)[1][0], 1.0)
    assert record(lambda x: x * inner.parameter_grad(4.0, at=[7.0])[0], 1.0)(1.0) == 28.0


@pytest.mark.parametrize("around", [lambda f: grad(f)(5.0), lambda f: record(f, 5.0)])
def test_a_program_that_outlives_what_follows_it_is_refused(around: Callable[..., Any]) -> None:
    programs: list[Any] = []

    def f(k: Any) -> Any:
        made = record(lambda y: (k * 2) * y, 1.0)
        programs.append(made)
        return made(4.0)

    around(f)
    for program in (programs[0], copy.copy(programs[0])):
        uses = [lambda x: program(x), lambda x: program.value_and_grad(x)]  # noqa: B023
        for use in (*uses, grad(program), lambda x: grad(lambda y: program(y * x))(1.0)):  # noqa: B023
            with pytest.raises(GraphError, match="over, and holds a number of it: record it again"):
                use(3.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_derivatives_of_a_program_at_plain_numbers_are_its_own(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(v: Any, x: Any) -> Any:
        return v[0] ** 2 * v[1] + exp(x * v[0]) / v[1]

    def g(v: Any) -> Any:
        return {"a": [v[0] * v[1], v[0] ** 3], "b": tanh(v[1])}

    at, way = ([0.5, 2.0], 1.5), ([1.0, -1.0], 0.25)
    program, several = record(f, *at, engine=engine), record(g, at[0], engine=engine)
    asked: list[Callable[[Any, Any], Any]] = [
        lambda f, g: grad(f)(*at),
        lambda f, g: grad(f, 1)(*at),
        lambda f, g: grad(f, (1, 0))(*at),
        lambda f, g: value_and_grad(f, -2)(*at),
        lambda f, g: hessian(f)(*at),
        lambda f, g: hessian(f, 1)(*at),
        lambda f, g: hvp(f, at, way),
        lambda f, g: jacobian(g)(at[0]),
        lambda f, g: jacfwd(g)(at[0]),
    ]
    expected = [ask(f, g) for ask in asked]

    def replayed(*args: Any) -> Any:
        raise AssertionError("replayed on Values")

    monkeypatch.setattr("autograd.recording.program.results", replayed)
    for ask, wanted in zip(asked, expected, strict=True):
        found = ask(program, several)
        assert Tree.of(found) == Tree.of(wanted)
        assert numbers(found) == pytest.approx(numbers(wanted), rel=1e-12)
        assert {type(x) for x in numbers(found)} == {float}
    # Inside other derivatives too, where they are constants.
    assert grad(lambda x: x * grad(program)([0.5, 2.0], 1.5)[0])(3.0) == pytest.approx(
        expected[0][0], rel=1e-12
    )
    array = record(lambda a: (a @ a) ** 2, np.ones(2), engine=engine)
    assert grad(array)(np.array([1.0, 2.0])).tolist() == [20.0, 40.0]
    assert hessian(array)(np.array([1.0, 2.0])).tolist() == [[28.0, 16.0], [16.0, 52.0]]


def test_where_values_take_part_or_something_is_wrong_they_speak_as_ever() -> None:
    w = Value(3.0)
    slope = grad(record(lambda x: w * x**2, 1.0))(2.0)
    assert type(slope) is Value and slope.data == 12.0
    program = record(lambda v: v[0] * v[1], [1.0, 2.0])
    assert type(grad(program)([Value(1.0), 2.0])[0]) is Value
    for compute, sentence in (
        (lambda: grad(program)([1.0, "a"]), "grad needs numbers in argument 0, got the str 'a'"),
        (lambda: grad(program, 1)([1.0, 2.0]), "grad has no argument 1"),
        (lambda: hvp(program, [1.0, 2.0], [1.0]), "hvp needs tangents with 2 entries"),
        (lambda: grad(record(lambda x: [x, x], 1.0))(1.0), "grad needs f to return one number"),
        (lambda: hessian(program)([1.0]), "beside Values v needs one sample with 2 entries"),
    ):
        with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
            compute()


@each("block", [asking, taken_down_by, uncollected, modes._held])
@each("edge", ["__enter__", "__exit__"])
def test_ctrl_c_at_the_edge_of_a_block_leaves_nothing_behind(
    block: Any, edge: str, monkeypatch: Any
) -> None:
    """Python forgets to leave what it had entered then, as what builds an engine at the first
    call of a program: after a Ctrl-C there, Python's collector was off for good."""
    whole, program = getattr(block, edge), record(tanh, 1.0)

    def interrupted(self: Any, *error: Any) -> None:
        if not error:
            whole(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, no_grad():
        patched.setattr(block, edge, interrupted)
        for work in (
            lambda: record(grad(tanh), 1.0),
            lambda: grad(tanh)(1.0),
            lambda: program(1.0),
        ):
            with suppress(KeyboardInterrupt):
                work()
    assert not (guarded or differentiated or paused or tracing())
    assert not (is_quiet() or is_differentiating() or not_recording())
    assert gc.isenabled() and guard._open == [0]


def test_a_number_is_refused_by_its_recording_whatever_else_is_held_back() -> None:
    kept = [Value(1.0) for _ in range(20)]
    with contextlib.ExitStack() as stack:
        for value in kept:
            stack.enter_context(withholding([value], "is held back"))
        with pytest.raises(GraphError, match="inside a recorded function"):
            record(lambda x: (x * 2).data, 1.0)
