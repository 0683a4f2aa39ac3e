"""The reverse pass: what accumulates and what is fresh, any depth and width, interruptions,
threads, memory.
"""

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Bundle, GraphError, GraphWarning, Value, bundle, dot, logsumexp, total
from autograd.engine.native import ENGINE
from tests.cases import each

HOUSE = str(Path(__file__).parents[3])


def run(code: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": HOUSE},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_value_used_twice_gets_both_contributions() -> None:
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0


def test_a_diamond_waits_for_both_sides() -> None:
    a = Value(3.0)
    b = a * a
    (b * b + b).backward()
    assert (b.grad, a.grad) == (19.0, 114.0)


def test_second_backward_doubles_leaf_grads() -> None:
    x = Value(2.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 8.0


def test_second_backward_through_an_inner_node_adds_exactly_the_same_again() -> None:
    x = Value(2.0)
    inner = x * x
    y = inner * 2 * 3
    y.backward()
    assert (x.grad, inner.grad) == (24.0, 6.0)
    y.backward()
    assert (x.grad, inner.grad) == (48.0, 6.0)


def test_two_roots_over_a_shared_inner_node_do_not_count_it_twice() -> None:
    x = Value(2.0)
    inner = x * 1
    (inner * 2).backward()
    (inner * 10).backward()
    assert (x.grad, inner.grad) == (12.0, 10.0)


def test_the_seed_scales_every_grad() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * y
    z.backward(seed=-0.5)
    assert (z.grad, x.grad, y.grad) == (-0.5, -1.5, -1.0)


def test_partials_are_those_of_the_moment_of_recording() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 5.0
    with pytest.warns(GraphWarning, match="data have changed"):
        y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)


def test_micrograds_update_loop_trains_with_fresh_numbers() -> None:
    x = Value(4.0)
    for _ in range(60):
        loss = (x - 1.0) ** 2
        x.grad = 0.0
        loss.backward()
        x.data -= 0.2 * x.grad
    assert abs(x.data - 1.0) < 1e-12


def test_zero_grad_forgets_every_grad_below() -> None:
    x = Value(2.0)
    inner = x * x
    y = inner + 1
    y.backward()
    y.zero_grad()
    assert [v.grad for v in (x, inner, y)] == [0.0] * 3 and not any(
        v.reached for v in (x, inner, y)
    )
    y.backward()
    assert x.grad == 4.0


def test_only_reached_values_say_so() -> None:
    x, other = Value(2.0), Value(3.0)
    y = x.relu() * 0.0
    y.backward()
    assert x.reached and y.reached and not other.reached
    dot([x], [other]).backward(0.0)
    assert other.reached and other.grad == 0.0


def test_zeros_do_not_hide_an_infinite_partial() -> None:
    x = Value(0.0)
    (x.sqrt() * 0.0).backward()
    assert x.grad != x.grad


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_bundles_give_the_grads_of_binary_operations(picks: list[int]) -> None:
    def leaves() -> list[Value]:
        return [Value(float(i) - 1.5) for i in range(5)]

    a, b = leaves(), leaves()
    many = bundle(a[i] for i in picks)
    dot(many, many, total(many)).backward()
    plain = [b[i] for i in picks]
    (sum(v * v for v in plain) + sum(plain)).backward()
    assert [v.grad for v in a] == [v.grad for v in b]


# Depth and width


@each("row", ["add", "tanh", "total", "dot", "logsumexp"])
def test_a_chain_of_any_depth_goes_backward(row: str) -> None:
    x = Value(0.5)
    steps: dict[str, Any] = {
        "add": lambda y: y + x,
        "tanh": lambda y: y.tanh(),
        "total": lambda y: total([y, x]),
        "dot": lambda y: dot([y, x], [1.0, 1.0]),
        "logsumexp": lambda y: logsumexp([y, x]),
    }
    y = first = Value(0.25)
    for _ in range(20_000):
        y = steps[row](y)
    y.backward()
    assert first.reached and (row == "tanh" or x.grad > 0.99)
    assert row not in ("add", "total", "dot") or (first.grad, x.grad) == (1.0, 20_000.0)


MILLION = """
import gc, sys, weakref
from autograd import Value, total
gc.disable()
sys.setrecursionlimit(150)
x = Value(1.0, "x")
y = x
refs = []
for i in range(1_000_000):
    y = y * 1.0 if i % 2 else y + x
    if i % 100_000 == 0:
        refs.append(weakref.ref(y))
text = repr(y)
y.backward()
print(text, x.grad, y.data)
del y
print(sum(ref() is not None for ref in refs))
many = total([x] * 1_000_000)
x.grad = 0.0
many.backward()
print(x.grad, repr(many)[-45:])
del many
leaves = [Value(1.0) for _ in range(300_000)]
many = total(leaves)
many.backward()
print({v.grad for v in leaves})
last = weakref.ref(leaves[-1])
del many, leaves
print(last(), gc.isenabled())
"""


def test_a_million_nodes_build_go_backward_and_are_freed_without_recursion_or_collector() -> None:
    lines = run(MILLION).splitlines()
    assert lines[0] == "(5e+05) * 1 = 5e+05 500001.0 500001.0"
    assert lines[1] == "0"
    assert lines[2] == "1000000.0 total of 1000000 operands = 1e+06 | grad 1"
    assert lines[3] == "{1.0}"
    assert lines[4] == "None False"


def test_a_leaf_does_not_keep_the_graphs_that_used_it() -> None:
    x = Value(2.0)
    y = x * x + total([x, x * 3])
    y.backward()
    before, gone = sys.getrefcount(x), weakref.ref(y)
    gc.disable()
    try:
        del y
        assert gone() is None
    finally:
        gc.enable()
    assert sys.getrefcount(x) < before


def test_no_graph_needs_the_collector() -> None:
    def work() -> None:
        x = [Value(0.1 * i) for i in range(20)]
        p = Bundle(x)
        y = dot(p, p, total(p)) * logsumexp(p) + x[0].tanh() ** x[1].exp()
        y.backward()
        repr(y), y.zero_grad()

    work()
    gc.collect()
    gc.disable()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.enable()


# Interruptions


# The pass in C runs no Python in between: no interruption, and no other thread, reaches it.
in_python = pytest.mark.skipif(ENGINE == "native", reason="a pass in C is not interrupted")


class Bomb:
    """A grad that cannot be added to, as if Ctrl-C came at this moment."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __add__(self, other: object) -> float:
        raise self.error

    __radd__ = __add__


@in_python
@each("error", [KeyboardInterrupt, MemoryError, ZeroDivisionError])
@each("many", [False, True], ids=["binary", "bundled"])
def test_an_interrupted_pass_leaves_a_graph_that_runs_again(
    error: type[BaseException], many: bool
) -> None:
    x, w, last = Value(2.0), Value(3.0), Value(5.0)
    inner = x * w
    y = dot([inner, w], [inner, last]) if many else inner * inner + w * last
    y = y.tanh() + y + inner
    last._grad = Bomb(error)  # type: ignore[assignment]
    with pytest.raises(error):
        y.backward()
    for leaf in (x, w, last):
        leaf.grad = 0.0
    y.backward()
    first = [v.grad for v in (x, w, last)]
    y.backward()
    assert [v.grad for v in (x, w, last)] == [2 * g for g in first]
    fresh = [Value(v.data) for v in (x, w, last)]
    a = fresh[0] * fresh[1]
    z = dot([a, fresh[1]], [a, fresh[2]]) if many else a * a + fresh[1] * fresh[2]
    (z.tanh() + z + a).backward()
    assert [v.grad for v in fresh] == first


# Threads


def test_threads_with_graphs_of_their_own_do_not_disturb_one_another() -> None:
    answers: dict[int, float] = {}

    def work(n: int) -> None:
        for _ in range(20):
            x = Value(float(n))
            y = x
            for _ in range(200):
                y = y + x * x
            y.backward()
            answers[n] = x.grad

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: 1.0 + 400.0 * n for n in range(6)}


@in_python
def test_a_graph_that_another_thread_is_counting_is_refused_and_runs_again() -> None:
    x, leaf = Value(2.0), Value(1.0)
    inner = x * x
    y = leaf * 3.0 + inner * inner

    class OtherThread(float):
        """A grad that counts a use of inner in our pass, as a pass in another thread would."""

        def __add__(self, other: float) -> float:
            inner._uses = (inner._uses or 0) + 1
            return float(self) + other

    leaf._grad = OtherThread(0.0)
    with pytest.raises(GraphError) as refused:
        y.backward()
    assert str(refused.value) == (
        "another thread ran a pass over the same graph: give each thread a graph of its own"
    )
    x.grad = leaf.grad = 0.0
    y.backward()
    assert (x.grad, leaf.grad) == (32.0, 3.0)
