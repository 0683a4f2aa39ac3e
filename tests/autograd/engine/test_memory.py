"""No step leaves memory behind, and what is dropped is gone at once; each engine on each Python."""

import gc
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from autograd import ENGINE, Value, bundle, dot, logsumexp, mean, no_grad, strict, total, where
from autograd.engine.errors import DomainError
from autograd.engine.native import library


class Named(Value):
    """A subclass with attributes, through which a user can make a cycle."""


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def step() -> None:
    """Every kind of node, also those that are refused half way."""
    xs = [Value(0.1 * k - 0.4, label) for k, label in enumerate(("a", "", "c", "", "", "f"))]
    a, b, c, *_ = xs
    ws = bundle(xs)
    y = dot(ws, ws) + total([a, 2.0, b * c]) * mean(xs) - logsumexp([a, b * 3, -c])
    y = (y * 0.5 + 1 / (2 + b) ** 2).tanh() + where(a > b, a, b).clip(-1, 1) + 2**c
    y += Named(2, label="n") * a + Named(0.5).exp()
    y.backward()
    y.backward()
    y.operands, y.partials, repr(y), y.op
    y.zero_grad()
    a.data -= 0.1 * a.grad
    with no_grad():
        y * a
    for refused in (
        lambda: a + "1",
        lambda: Value("x"),
        lambda: dot([a], [b, c]),
        lambda: a.nothing,
    ):
        try:
            refused()
        except (TypeError, ValueError, AttributeError):
            continue
        raise AssertionError("not refused")


def blocks() -> int:
    """What is allocated, but for the dead nodes that wait for the next graph: one that leaks is
    missing among them."""
    return sys.getallocatedblocks() - (library.pooled() if library else 0)


def left_behind(work: Callable[[], object], times: int) -> int:
    """How many more blocks of memory there are after so much work: the least of three rounds, since
    caches fill in the first.
    """
    grown = []
    for _ in range(3):
        gc.collect()
        before = blocks()
        for _ in range(times):
            work()
        gc.collect()
        grown.append(blocks() - before)
    return min(grown)


def test_steps_leave_nothing_behind() -> None:
    assert left_behind(step, 300) < 150  # a leak would be one a step


@pytest.mark.full
def test_a_hundred_thousand_steps_leave_nothing_behind() -> None:
    assert left_behind(step, 33_000 if ENGINE == "native" else 2_000) < 200


def warned_and_refused() -> None:
    (Value(-1.0).log() + 1).backward()
    with strict(), suppress(DomainError):
        Value(-1.0).log()


def test_warnings_and_errors_half_way_leave_nothing_behind() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert left_behind(warned_and_refused, 300) < 150


@pytest.mark.usefixtures("_no_collector")
def test_a_dropped_value_is_gone_at_once_and_so_is_what_only_it_used() -> None:
    x = Value(0.5, "x")
    inner = x * 3
    results = [inner + 1, total([inner, x]), dot([inner], [x]), bundle([inner, x]), 2 * inner.exp()]
    kept = [weakref.ref(v) for v in [inner, *results] if isinstance(v, Value)]
    results[0].backward()
    del inner
    assert all(ref() is not None for ref in kept)
    results.clear()
    assert [ref() for ref in kept] == [None] * len(kept)
    gone = weakref.ref(x)
    del x
    assert gone() is None


def test_what_a_weak_reference_is_told_may_compute() -> None:
    said = []

    def last_words(_: object) -> None:
        y = Value(2.0) * 3
        y.backward()
        said.append(y.data)

    x = Value(1.0)
    y = x
    kept = []
    for _ in range(50):
        y = y * 1.5 + x
        kept.append(weakref.ref(y, last_words))
    y.backward()
    del y
    assert said == [6.0] * 50


@pytest.mark.parametrize("way", ["attribute", "operand", "bundle", "grandchild"])
def test_a_cycle_through_a_subclass_is_collected(way: str) -> None:
    v = Named(2.0)
    if way == "attribute":
        v.me = v  # type: ignore[attr-defined]
    elif way == "operand":
        v.mine = v * 2  # type: ignore[attr-defined]
    elif way == "bundle":
        v.mine = total([1.0, v]) + bundle([v])[0]  # type: ignore[attr-defined]
    else:
        v.mine = [(dot([v * 2], [v]) + 1).tanh()]  # type: ignore[attr-defined]
    gone = weakref.ref(v)
    del v
    gc.collect()
    assert gone() is None
