"""No number leaves a graph in silence: what is refused, what is followed, what gets a warning."""

import copy
import math
import pickle
import statistics
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    GraphWarning,
    Value,
    grad,
    hessian,
    jacobian,
    jvp,
    no_grad,
    record,
    tanh,
    value_and_grad,
    withholding,
)
from tests.cases import each


def inner_program(k: Any) -> Any:
    line = record(lambda y: k * y, 1.0)
    return line(4.0) + line(5.0)


def test_a_program_inside_a_derivative_or_a_recording_follows_its_parameters() -> None:
    assert grad(inner_program)(5.0) == jacobian(inner_program)(5.0) == 9.0
    assert value_and_grad(inner_program)(5.0) == jvp(inner_program, 5.0, 1.0) == (45.0, 9.0)
    assert hessian(lambda k: inner_program(k * k))(5.0) == 18.0
    assert record(inner_program, 5.0)([5.0, 6.0]).tolist() == [45.0, 54.0]


@pytest.mark.parametrize("method", ["value_and_grad", "parameter_grad", "backward"])
def test_what_a_program_cannot_follow_it_refuses(method: str) -> None:
    def f(k: Any) -> Any:
        return getattr(record(lambda y: k * y, 1.0), method)(4.0)

    for g in (grad(f), lambda k: record(f, k)):
        with pytest.raises((TypeError, GraphError), match=r"gradient of a program|the gradient"):
            g(5.0)


@each(
    "cut",
    [
        math.tanh,
        int,
        lambda v: statistics.fmean([v, v]),
        lambda v: np.array([v, v], dtype=float),
        lambda v: np.zeros(1).__setitem__(0, v),
    ],
)
def test_a_conversion_warns_once_a_place_and_names_the_ways_out(cut: Callable[[Any], Any]) -> None:
    x = Value(0.5, "x")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            cut(x * 2)
    assert [w.category for w in said] == [GraphWarning] and said[0].filename == __file__
    assert all(word in str(said[0].message) for word in ("(x * 2)", "autograd.tanh", "v.item()"))


def test_the_number_is_given_in_silence_where_no_derivative_is_lost() -> None:
    x = Value(0.5, "x")
    assert x.item() == x.data == (x * 1).item() == 0.5
    with no_grad():
        y = x * 2
        assert float(y) == float(x) * 2
    assert math.sin(y) == math.sin(1.0)


@pytest.mark.parametrize("convert", [float, int, math.sin])
def test_inside_a_derivative_or_a_recording_a_conversion_is_refused(convert: Any) -> None:
    def in_a_thread(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(convert, x * 1).result() * x

    for f in (lambda x: convert(x) * x, in_a_thread):
        with pytest.raises(TypeError, match=r"a derivative cannot follow"):
            grad(f)(0.5)
        with pytest.raises(GraphError, match="inside a recorded function"):
            record(f, 0.5)


def test_a_thread_beside_a_recording_is_refused_and_beside_a_derivative_followed() -> None:
    def f(x: Any) -> Any:
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda k: x * x * k, [1.0, 2.0]))

    assert grad(f)(3.0) == 18.0
    with pytest.raises(GraphError, match="a thread inside a recorded function"):
        record(f, 3.0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: copy.deepcopy([x])[0]])
def test_copies_are_followed(copied: Callable[[Any], Any]) -> None:
    def f(x: Any) -> Any:
        return copied(x) * 3 + copied(x * 1) ** 2

    assert grad(f)(2.0) == 7.0 and jvp(f, 2.0, 1.0) == (10.0, 7.0) and hessian(f)(2.0) == 2.0
    assert record(f, 1.0).value_and_grad(2.0) == (10.0, (7.0,))


def test_a_pickle_inside_a_derivative_is_refused() -> None:
    with pytest.raises(TypeError, match="pickle"):
        grad(lambda x: pickle.loads(pickle.dumps(x)) * 3)(2.0)


def test_withheld_values_give_nothing_away_and_compute() -> None:
    w = Value(2.0, "w")
    leaks = {
        ".data": lambda: w.data,
        "assigning .data": lambda: setattr(w, "data", 1.0),
        ".grad": lambda: w.grad,
        "detach()": w.detach,
        "float()": lambda: float(w),
        "backward()": w.backward,
    }
    with withholding([w], "is not for now"):
        y = tanh(w * 0.0)
        assert "w = 2" in repr(w)
        for what, leak in leaks.items():
            if what != "float()":
                with pytest.raises(GraphError) as refused:
                    leak()
                assert str(refused.value).endswith(f": {what} is not for now")
                assert str(refused.value).startswith("test_guard.py, line")
    assert (w.data, y.data) == (2.0, 0.0)


def test_assigning_what_is_no_number_is_refused_at_once_or_where_it_is_used() -> None:
    w, y = Value(2.0), Value(1.0)
    with pytest.raises(TypeError, match=r"data .*the str '3'"):
        w.data = "3"  # type: ignore[assignment]
        w * 2
    w = Value(2.0)
    with pytest.raises(TypeError, match="a grad needs a number, got None"):
        w.grad = None  # type: ignore[assignment]
        (w * y).backward()


def test_backward_says_once_a_place_that_data_have_changed() -> None:
    x = Value(2.0, "x")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            y = x * x
            x.data += 1.0
            y.backward()
    assert len(said) == 1 and said[0].category is GraphWarning
    assert "x * x holds 4, its operands give 9" in str(said[0].message)
    z = x * x
    z.backward()  # changed before it was recorded: nothing to say


def test_data_of_another_thread_are_its_own() -> None:
    seen: list[float] = []
    x = Value(1.0)

    def f(y: Any) -> Any:
        thread = threading.Thread(target=lambda: seen.append(x.data + (x * 2).data))
        thread.start()
        thread.join()
        return y * y

    assert record(f, 1.0)(3.0) == 9.0 and seen == [3.0, 3.0]
