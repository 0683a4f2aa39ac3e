"""Machine code: one sample by the interpreter and by machine code, to the last bit."""

import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import OPS, Value, dot, record, scan, sin, total, while_loop
from autograd.recording.native import library
from tests.autograd.recording import NATIVE
from tests.autograd.recording.test_runs import drawn as loop
from tests.cases import some
from tests.processes import together
from tests.random_graphs import drawn, replay

pytestmark = NATIVE
EDGES = [0.0, -0.0, 1.0, -1.0, 0.75, -2.5, 1e-310, 1e308, np.inf, -np.inf, np.nan]


@contextmanager
def machine_code(wanted: bool) -> Iterator[None]:
    before = library.compiles(wanted)
    try:
        yield
    finally:
        library.compiles(before)


def bits(results: Any) -> list[list[str]]:
    """Those of values and grads; a nan is a nan."""
    values, grads = results
    arrays = [np.atleast_1d(values), *map(np.atleast_1d, grads)]
    return [["nan" if np.isnan(x) else x.hex() for x in a.ravel().tolist()] for a in arrays]


def both(call: Callable[[], Any]) -> tuple[Any, Any]:
    """The bits of the interpreter, and those of machine code, which comes with the second call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with machine_code(False):
            interpreted = bits(call())
        with machine_code(True):
            call()
            return interpreted, bits(call())


def test_each_row_at_its_edges() -> None:
    for op in OPS.values():
        f = {"abs": abs, "pow": pow}.get(op.name) or getattr(autograd, op.name)
        # Which have no limits and no exponent by themselves.
        more = {"clip": {"low": -1.0, "high": 0.75}, "power": {"exponent": 3.0}}
        f = partial(f, **more.get(op.name, {}))
        count = 3 if op.nary else len(op.operands)
        given: Any = (lambda *x, f=f: f(x)) if op.nary else f
        given = (lambda *x, f=f: f(x[:2], x[1:])) if op.name == "dot" else given
        given = (lambda a, b, f=f: f(a > 0, a, b)) if op.name == "where" else given
        program = record(lambda *x, f=given: f(*x) * 1.5, *[0.5] * count, engine="native")
        for x in some(product(EDGES, repeat=count), [1, 7, 40][count - 1]):
            interpreted, compiled = both(lambda p=program, x=x: p.value_and_grad(*x))
            assert interpreted == compiled, (op.name, x)


def test_random_graphs() -> None:
    for seed in some(range(60), 6):
        rng = Random(seed)
        plan = drawn(rng, rng.choice([10, 60, 300]), [[0.3], [0.7], [1.1]])
        program = record(lambda *x, p=plan: replay(p, x)[1], 0.3, 0.7, 1.1, engine="native")
        interpreted, compiled = both(lambda p=program: p.value_and_grad(0.3, 0.7, 1.1))
        assert interpreted == compiled, seed


def test_random_loops_over_lists_and_their_parameters() -> None:
    for kind, seed in product(["scan", "while"], some(range(24), 4)):
        rng, w = Random(seed), Value(0.7)
        f, x = loop(rng, kind), np.random.default_rng(seed).uniform(-1, 1, rng.choice([9, 24, 43]))
        program = record(lambda x, f=f, w=w: f(x, w), x, engine="native")
        for call in (program.value_and_grad, program.parameter_grad):
            interpreted, compiled = both(lambda call=call, x=x: call(x))
            assert interpreted == compiled, (kind, seed)
        called = both(lambda p=program, x=x: (p(x), ()))
        assert called[0] == called[1], (kind, seed)


def test_numbers_of_a_list_with_neighbours_on_both_sides() -> None:
    def step(s: list[Any]) -> list[Any]:
        after = [a * b + 0.3 * a for a, b in zip(s, s[5:] + s[:5], strict=True)]
        before = [a * b + 0.3 * a for a, b in zip(after, s[-5:] + s[:-5], strict=True)]
        return [sin(a * b) for a, b in zip(before, after[3:] + after[:3], strict=True)]

    x = np.random.default_rng(0).uniform(-1, 1, 400)
    program = record(lambda x: total(scan(step, list(x), 3)), x, engine="native")
    interpreted, compiled = both(lambda: program.value_and_grad(x))
    assert interpreted == compiled


def test_long_lists_whose_numbers_take_turns_in_the_same_rows() -> None:
    for seed, count in product(some(range(12), 1), [300, 500]):
        rng, w, x = Random(seed), Value(0.7), np.random.default_rng(seed).uniform(-1, 1, count)
        places, weights = [rng.choice([0, 1, 2, 5, 70]) for _ in range(6)], rng.sample(range(9), 6)

        def step(s: list[Any], w: Any, places: Any = places, weights: Any = weights) -> list[Any]:
            known = [s]
            for place, weight in zip(places, weights, strict=True):
                other = known[weight % len(known)]
                near = other[place:] + other[:place] if weight % 2 else [w, *other[1:-1], s[0]]
                pairs = zip(known[-1], near, strict=True)
                known.append([a * b - 0.1 * weight * a for a, b in pairs])
            return known[-1][1:] + s[: 2 - weights[0] % 2][:1]

        def f(x: Any, step: Any = step, w: Any = w) -> Any:
            start = [w - w, *x]
            return total(
                while_loop(lambda s: s[0] < 3, lambda s: [s[0] + 1, *step(s[1:], w)], start)
            )

        program = record(f, x, engine="native")
        for call in (program.value_and_grad, program.parameter_grad):
            interpreted, compiled = both(lambda call=call, x=x: call(x))
            assert interpreted == compiled, (seed, count)


def test_a_state_that_changes_places_and_a_condition_on_the_state_before() -> None:
    def turned(a: Any, b: Any) -> Any:
        state = while_loop(lambda s: s[0] < 40, lambda s: (s[1], s[2], s[0] + s[1]), (a, b, a * b))
        return total(scan(lambda s, x: (s[1], s[2] + x, s[0]), state, [a, b, a]))

    def until_before(a: Any, b: Any) -> Any:  # the next state's first number is what was second
        return total(
            while_loop(lambda s: s[0] > 0, lambda s: (s[1], s[1] - 1, s[2] * b), (a, a, b))
        )

    def around(a: Any, b: Any) -> Any:  # more numbers than there are registers
        state = [a + i * b for i in range(20)]
        return dot(range(20), scan(lambda s: [*s[1:], s[0] + 1], state, 7))

    points = {turned: (1.0, 2.0), until_before: (5.0, 1.5), around: (1.0, 2.0)}
    for f, at in points.items():
        program = record(f, *at, engine="native")
        interpreted, compiled = both(lambda p=program, at=at: p.value_and_grad(*at))
        assert interpreted == compiled
        called = both(lambda p=program, at=at: (p(*at), ()))
        assert called[0] == called[1] == [interpreted[0]]
        assert program(*at) == f(*at)


def test_ctrl_c_ends_loops_in_loops_at_once() -> None:
    def endless(levels: int, x: Any) -> Any:
        def step(s: Any) -> Any:
            return s[0] + 1, endless(levels - 1, s[1])

        return while_loop(lambda s: s[0] < 1e15, step, (x - x, x))[1] if levels else x * 0.5

    program, main = record(lambda x: endless(4, x), 0.5, engine="native"), threading.main_thread()
    assert main.ident is not None
    threading.Timer(0.1, signal.pthread_kill, (main.ident, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        program(0.5)


FORBIDDEN = """
import ctypes
assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) in (0, -1)  # PR_SET_MDWE, which old kernels lack
"""
SHOWN = """
from autograd import record, scan
from autograd.recording.native import library
library.compiles(True)
program = record(lambda x: scan(lambda s: s * x + 1, x, 9), 0.5, engine="native")
print(*(program.value_and_grad(0.5) for _ in range(3)))
maps = [line.split() for line in open("/proc/self/maps")]
print(sum("x" in words[1] and len(words) == 5 for words in maps))
"""


@pytest.mark.full
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="a list of Linux")
def test_the_interpreter_runs_where_there_is_no_machine_code() -> None:
    narrow = {"GLASSGRAD_VECTORS": "any"}
    told = together([(("-c", SHOWN), {}), (("-c", SHOWN), narrow), (("-c", FORBIDDEN + SHOWN), {})])
    (usual, _), (interpreted, maps), (forbidden, _) = [out.splitlines() for out, _, _ in told]
    assert usual == interpreted == forbidden and maps == "0"
