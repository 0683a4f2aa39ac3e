"""The contexts: no_grad and strict hold where they are opened, in every way out, and in no other
thread.
"""

import asyncio
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd import (
    DomainError,
    DomainWarning,
    GraphError,
    Value,
    dot,
    grad,
    hessian,
    log,
    no_grad,
    strict,
    total,
)
from autograd.engine.modes import paused


def test_no_grad_makes_leaves_of_results() -> None:
    x = Value(3.0)
    with no_grad():
        results = [
            x * x,
            x + 1,
            1 - x,
            x.tanh(),
            x**2,
            x**x,
            total([x, x]),
            dot([x], [x], x),
            x.clip(0, 1),
        ]
    assert all(y.operands == () and y.partials == () for y in results)
    assert results[0].data == 9.0 and (x * x).operands == (x, x)


def test_backward_of_what_no_grad_made_says_why_not() -> None:
    x = Value(3.0)
    with no_grad():
        y, z = x * x, total([x])
    for result, name in ((y, "multiply"), (z, "total")):
        with pytest.raises(GraphError) as refused:
            result.backward()
        assert (
            str(refused.value)
            == f"{name} recorded nothing under no_grad: compute it outside to differentiate it"
        )


def test_what_no_grad_made_is_a_constant_in_what_follows() -> None:
    x = Value(3.0)
    with no_grad():
        scale = x * 2
    (x * scale).backward()
    assert x.grad == 6.0


def test_no_grad_nests_and_decorates() -> None:
    x = Value(3.0)

    @no_grad()
    def square() -> Value:
        with no_grad():
            x * x
        return x * x

    assert square().operands == () and square().operands == ()
    assert (x * x).operands == (x, x)


def test_no_grad_ends_when_an_exception_leaves_it() -> None:
    x = Value(3.0)
    with pytest.raises(KeyboardInterrupt), no_grad():
        raise KeyboardInterrupt
    assert (x * x).operands == (x, x)
    assert not paused


def test_no_grad_holds_in_its_own_thread_alone() -> None:
    x = Value(3.0)
    inside, outside = threading.Event(), threading.Event()
    seen: list[bool] = []

    def other() -> None:
        with no_grad():
            inside.set()
            outside.wait(10)
            seen.append(bool((x * x).operands))

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    recorded_here = bool((x * x).operands)
    outside.set()
    thread.join()
    assert recorded_here and seen == [False]


def test_many_threads_may_pause_and_record_at_once() -> None:
    def work(n: int) -> bool:
        x = Value(float(n))
        for _ in range(100):
            with no_grad():
                if (x * x).operands:
                    return False
            if not (x * x).operands:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(12)))


def test_no_grad_holds_in_its_own_task_alone() -> None:
    x = Value(3.0)

    async def paused() -> bool:
        with no_grad():
            await asyncio.sleep(0.01)
            return bool((x * x).operands)

    async def recording() -> bool:
        await asyncio.sleep(0.005)
        return bool((x * x).operands)

    async def both() -> list[bool]:
        return list(await asyncio.gather(paused(), recording()))

    assert asyncio.run(both()) == [False, True]


def test_derivatives_are_computed_under_no_grad_too() -> None:
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert hessian(lambda v: v[0] * v[1])([2.0, 3.0]) == [[0.0, 1.0], [1.0, 0.0]]
        assert (Value(2.0) * 3).operands == ()


def test_strict_raises_the_sentence_that_others_warn_with() -> None:
    with pytest.raises(DomainError) as refused, strict():
        Value(-1.0).log()
    assert str(refused.value) == "log needs x > 0, got x = -1"
    with pytest.warns(DomainWarning) as caught:
        Value(-1.0).log()
    assert str(caught[0].message) == str(refused.value)


def test_strict_is_a_value_error_and_decorates() -> None:
    @strict()
    def root(x: float) -> Value:
        return Value(x).sqrt()

    assert root(4.0).data == 2.0
    with pytest.raises(ValueError, match="sqrt needs x >= 0, got x = -4"):
        root(-4.0)


def test_strict_says_nothing_of_infinite_partials_where_the_result_is_defined() -> None:
    with strict():
        x = Value(0.0)
        x.sqrt().backward()
        assert grad(grad(lambda t: (t + 1) ** 1.5))(0.0) == 0.75
    assert x.grad == float("inf")


def test_strict_holds_in_its_own_thread_alone() -> None:
    def elsewhere() -> float:
        with pytest.warns(DomainWarning):
            return Value(0.0).log().data

    with strict(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(elsewhere).result() == -float("inf")


def test_the_parentheses_of_a_mode_may_be_left_out() -> None:
    x = Value(3.0)
    with no_grad, no_grad:
        inside = x * x
    assert not inside.operands and (x * x).operands and not paused

    @no_grad
    def square() -> Value:
        return x * x

    assert not square().operands and not square().operands and (x * x).operands
    with pytest.raises(DomainError), no_grad, strict:
        Value(-1.0).log()
    with pytest.warns(DomainWarning):
        assert Value(-1.0).log().data != 0
    assert (x * x).operands and not paused


def test_a_mode_without_parentheses_holds_in_its_own_thread_alone() -> None:
    x = Value(3.0)
    with no_grad, ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: x * x).result().operands == (x, x)


def test_under_strict_python_says_nothing_of_its_own() -> None:
    for compute in (
        lambda: Value(-1.0).log(),
        lambda: 1 / Value(0.0),
        lambda: Value(1000.0).exp(),
        lambda: log(-1.0),
    ):
        with pytest.raises(DomainError) as refused, strict():
            compute()
        assert "During handling" not in "".join(traceback.format_exception(refused.value))
