"""Loops and calls in recordings: a body kept once, with the numbers and grads of its steps written
out.
"""

import math
import time
import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    DomainError,
    DomainWarning,
    GraphError,
    Value,
    cbrt,
    dot,
    erf,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    logsumexp,
    maximum,
    mean,
    operation,
    record,
    scan,
    sin,
    sqrt,
    strict,
    tanh,
    total,
    value_and_grad,
    where,
    while_loop,
)
from autograd.recording import arrays, diagnose
from autograd.recording.graph import Loop
from autograd.recording.simplify import simplify
from autograd.recording.states import pruned
from tests.autograd.recording import NATIVE
from tests.cases import each

ENGINES = ["python", pytest.param("native", marks=NATIVE)]
SIZES = (1, 7, 257)
F = Callable[..., Any]


# The same numbers


def drawn(rng: Random, depth: int, inside: int = 0) -> F:
    """A function from some numbers to two: operations, and loops in which there is another such."""
    steps: list[F] = []
    for _ in range(rng.randint(2, 4)):
        kind = rng.choice(["row"] * 3 + ["scan", "entries", "while", "call"] * (depth > 0))
        a, b, c = (rng.random() for _ in range(3))
        if kind == "row":
            steps.append(rng.choice(ROWS)(a, b, c))
            continue
        body, n = drawn(rng, depth - 1, inside + 1), rng.randint(1, 4)
        steps.append(LOOPS[kind](body, n, a, b))

    def f(*given: Any) -> list[Any]:
        known = list(given)
        for step in steps:
            known += step(known)
        return [tanh(known[-1]), sin(known[-2]) + 0.3 * known[0]]

    return f


def at(known: list[Any], where: float) -> Any:
    return known[int(where * len(known))]


ROWS: list[Any] = [
    lambda a, b, c: lambda k: [at(k, a) * at(k, b)],
    lambda a, b, c: lambda k: [at(k, a) - at(k, b) * (0.5 + c)],
    lambda a, b, c: lambda k: [exp(0.3 * tanh(at(k, a)))],
    lambda a, b, c: lambda k: [dot([at(k, a), at(k, b), 0.7], [at(k, c), c, at(k, b)], at(k, a))],
    lambda a, b, c: lambda k: [logsumexp([at(k, a), at(k, b), c])],
    lambda a, b, c: lambda k: [where(at(k, a) > at(k, b), at(k, c), sin(at(k, a)))],
    lambda a, b, c: lambda k: [sqrt(1 + at(k, a) ** 2) / (2 + sin(at(k, b)))],
    lambda a, b, c: lambda k: [maximum(at(k, a), c - at(k, b)), total([at(k, a), at(k, c)]) / 3],
]


def of_scan(body: F, n: int, a: float, b: float) -> F:
    return lambda k: scan(lambda s: body(*s, at(k, a)), [at(k, b), at(k, a) * b], n)


def of_entries(body: F, n: int, a: float, b: float) -> F:
    def step(k: list[Any]) -> Any:
        entries = [(at(k, a + (1 - a) * i / n), i + b) for i in range(n)]
        return scan(lambda s, x: tuple(body(s[0], *x, at(k, b))), (at(k, b), 0.5), entries)

    return step


def of_while(body: F, n: int, a: float, b: float) -> F:
    def step(k: list[Any]) -> Any:
        bound = n - 1 + 2 * tanh(at(k, a))  # by which each sample has steps of its own
        return while_loop(
            lambda s: (s[0] < bound) & (s[0] < 4),
            lambda s: [s[0] + 1, *body(*s[1:], at(k, b), s[0])],
            [0.0, at(k, a), at(k, b)],
        )[1:]

    return step


def of_call(body: F, n: int, a: float, b: float) -> F:
    kept = record(lambda x, y: body(x, y, x * y, *[x - y] * n), 0.5, 0.25)
    return lambda k: [*kept(at(k, a), at(k, b)), *kept(at(k, b), 0.5)]


LOOPS = {"scan": of_scan, "entries": of_entries, "while": of_while, "call": of_call}


def compared(f: F, engine: str, seed: int, samples: int) -> None:
    """Hold values and grads of f(x, y, w), w a parameter, to the eager engine's."""
    points = np.random.default_rng(seed).uniform(-2, 2, size=(2, samples))
    w = Value(0.7, "w")
    program = record(lambda x, y: f(x, y, w)[0] + x, 0.5, 0.25, engine=engine)
    values, grads = program.value_and_grad(*points)
    mean, by_w = program.parameter_grad(*points, reduce="sum")
    eager = []
    for x, y in zip(*points.tolist(), strict=True):
        leaves = Value(x), Value(y)
        z = f(*leaves, w)[0] + leaves[0]
        z.backward()
        eager.append([z.data, *(leaf.grad for leaf in leaves)])
    ours, theirs = np.array([values, *grads]), np.array(eager).T
    assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-10), seed
    assert math.isclose(mean, theirs[0].sum(), rel_tol=1e-9, abs_tol=1e-9), seed
    if len(by_w):
        assert math.isclose(by_w[0], w.grad, rel_tol=1e-9, abs_tol=1e-9), seed


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "seeds",
    [range(20), *(pytest.param(range(n, n + 60), marks=pytest.mark.full) for n in (20, 80))],
)
def test_random_nests_of_loops_and_calls_give_the_numbers_of_the_eager_engine(
    engine: str, seeds: range
) -> None:
    for seed in seeds:
        compared(
            drawn(Random(seed), 2), engine, seed, SIZES[seed % 3 if seed % 9 == 2 else seed % 2]
        )


@pytest.mark.parametrize("engine", ENGINES)
@each("samples", SIZES)
def test_scan_and_while_loop_are_differentiated_for_batches(engine: str, samples: int) -> None:
    def f(x: Any, y: Any, w: Any) -> Any:
        a = scan(lambda s, e: (s[0] * w + e, s[1] + s[0] * exp(w)), (x, 0.0), [1.0, y, x])[1]
        return [while_loop(lambda s: s < 100, lambda s: s * 2 + w * y * y + 1, a * a), a]

    compared(f, engine, 3, samples)


@pytest.mark.full
@NATIVE
def test_long_loops_keep_states_alone_and_compute_each_step_again() -> None:
    w = Value(0.999, "w")
    x = np.linspace(0.1, 0.9, 120)

    def f(x: Any) -> Any:
        return scan(lambda s: (sin(s[0] * w) + 0.01, s[1] + s[0] * s[0]), (x, 0.0), 20_000)[1]

    native, python = (record(f, 0.5, engine=engine) for engine in ("native", "python"))
    values, (slopes,) = native.value_and_grad(x)
    for i in (0, 119):
        theirs, (slope,) = python.value_and_grad(x[i])
        assert math.isclose(values[i], theirs, rel_tol=1e-12)
        assert math.isclose(slopes[i], slope, rel_tol=1e-9)
    assert np.isclose(native.parameter_grad(x[:1])[1], python.parameter_grad(x[:1])[1], rtol=1e-9)


# Derivatives of programs with loops that are programs themselves


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 80), marks=pytest.mark.full)])
def test_second_derivatives_and_jacobians_go_through_loops(engine: str, seeds: range) -> None:
    for seed in seeds:
        f = drawn(Random(seed), 2)

        def several(v: Any, f: F = f) -> list[Any]:
            return [*f(v[0], v[1], 0.7), v[0] * v[1]]

        program = record(lambda v: several(v)[0], [0.5, 0.25], engine=engine)
        outputs = record(several, [0.5, 0.25], engine=engine)
        points = np.random.default_rng(seed).uniform(-2, 2, size=(2, 2))
        found, along = outputs.jacobian(points, argnums=0), points[::-1] * 0.5
        products = program.hvp(points, direction=along, argnums=0)
        matrices = program.hessian(points, argnums=0)
        for i, point in enumerate(points.tolist()):
            expected = [y for row in jacobian(several)(point) for y in row]
            ours = [y for row in found for y in row[i]]
            assert np.allclose(ours, expected, rtol=1e-9, atol=1e-9), seed
            matrix = hessian(lambda v: several(v)[0])(point)
            assert np.allclose(matrices[i], matrix, rtol=1e-8, atol=1e-8), seed
            assert np.allclose(products[i], matrix @ along[i], rtol=1e-8, atol=1e-8), seed


def test_total_and_mean_in_a_loop_are_differentiated_inside_a_recording() -> None:
    def f(x: Any) -> Any:
        return while_loop(lambda s: s < 9, lambda s: total([s, x, s]) + mean([s * x, x]), x)

    program = record(grad(f), 1.0)
    assert program([1.5, 2.0]).tolist() == pytest.approx([grad(f)(1.5), grad(f)(2.0)], rel=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loop_takes_along_the_slopes_of_what_its_body_closes_over(engine: str) -> None:
    def decay(rate: Any, start: Any, x: Any) -> Any:
        after = while_loop(
            lambda s: s[1] < x, lambda s: (s[0] * (1 - 0.1 * rate), s[1] + 1), (start, 0.0)
        )
        return scan(lambda s, e: s + e * rate * after[0], 0.0, [1.0, start, x])

    program = record(decay, 1.0, 1.0, 1.0, shared="rate", engine=engine)
    rate, starts, xs = 0.5, np.array([1.0, -2.0, 0.5]), np.array([2.0, 0.0, 5.0])
    points = [*zip(starts.tolist(), xs.tolist(), strict=True)]
    matrix = np.sum([hessian(decay)(rate, *point) for point in points])
    assert np.allclose(program.hessian(rate, starts, xs, argnums=0), matrix, rtol=1e-12)
    diagonal = [hessian(decay, 1)(rate, *point) for point in points]
    assert np.allclose(program.hessian_diagonal(rate, starts, xs, argnums=1), diagonal, rtol=1e-12)
    slopes = [grad(decay, 2)(rate, *point) for point in points]
    assert np.allclose(program.jacobian(rate, starts, xs, argnums=2), slopes, rtol=1e-12)


def test_a_loop_and_the_one_that_takes_its_slopes_along_are_computed_as_one() -> None:
    def root(a: Any) -> Any:
        return while_loop(lambda x: abs(x * x - a) > 1e-9, lambda x: (x + a / x) / 2, a * 0.9)

    def loops(f: F) -> list[Loop]:
        graph = record(f, 2.0).graph
        return [row for row in simplify(graph).rows if isinstance(row, Loop)]

    def both(a: Any) -> Any:
        value, slope = value_and_grad(root)(a)
        return total([value, a * slope])

    (one,) = loops(both)
    assert one.results > loops(root)[0].results
    found, slopes = record(both, 2.0).value_and_grad([2.0, 9.0])
    for a, y, (slope,) in zip((2.0, 9.0), found, np.transpose(slopes), strict=True):
        assert math.isclose(y, both(a), rel_tol=1e-12)
        assert math.isclose(slope, grad(both)(a), rel_tol=1e-9)
    (one,) = loops(lambda a: value_and_grad(root)(a)[0])
    assert one.results == loops(root)[0].results


@pytest.mark.parametrize("engine", ENGINES)
def test_states_that_nobody_needs_go_and_slopes_that_rest_are_numbers(engine: str) -> None:
    def fallen(a: Any, b: Any) -> Any:
        def step(s: Any) -> Any:  # the first falls alone, the second is asked for, the others not
            return s[0] / 2, s[1] * b + a * s[0], s[2] + s[1], s[3] * s[2]

        y, moved, _, _ = while_loop(lambda s: s[0] > 0.1, step, (1.0, a, b, 0.0))
        return y * a + moved

    program = record(
        lambda a, b: value_and_grad(fallen, argnums=(0, 1))(a, b)[1], 2.0, 3.0, engine=engine
    )
    (loop,) = [row for row in pruned(program.graph).rows if isinstance(row, Loop)]
    assert loop.states == 4  # two numbers, and two slopes of one
    for a, b in ((2.0, 3.0), (0.5, -1.0)):
        assert np.allclose(program(a, b), grad(fallen, argnums=(0, 1))(a, b), rtol=1e-12)


# What it costs


def test_a_long_chain_of_states_is_soon_recorded() -> None:
    def moved(y: Any) -> Any:
        return [y[0] + 1.0, *(a * 0.5 + b for a, b in zip(y[1:], y, strict=False))]

    start = time.process_time()
    record(lambda x: scan(moved, [x] * 3000, 2)[-1], 1.0)(1.0)
    assert time.process_time() - start < 5  # tried one by one, whether it is needed: a minute


@NATIVE
def test_recording_a_loop_takes_as_long_as_its_body_however_many_steps() -> None:
    def took(n: int) -> float:
        start = time.process_time()
        program = record(lambda x: scan(lambda s: sin(s) * 0.5 + x, x, n), 1.0)
        program.value_and_grad(1.0)
        return time.process_time() - start

    took(10)
    assert took(100_000) < took(10) + 1.0  # written out it takes seconds
    record(lambda x: scan(sin, x, 10**9), 1.0)  # steps that nobody does cost nothing
    assert "100000" in str(record(lambda x: scan(lambda s: sin(s) + x, x, 100_000), 1.0))


def test_a_program_that_a_recording_calls_is_kept_once() -> None:
    def long(x: Any, y: Any) -> Any:
        for _ in range(30):
            x = sin(x) * y
        return x

    kept = record(long, 1.0, 2.0)
    program = record(lambda x: total([kept(x, i) for i in range(50)]), 1.0)
    assert sum(row is not None for row in program.graph.rows) < 200
    eager = total([long(0.7, i) for i in range(50)])
    assert math.isclose(program(0.7), eager, rel_tol=1e-12)
    assert str(program).count("def long(x1, x2):") == 1


def test_a_recorded_function_that_a_recording_calls_is_kept_once() -> None:
    runs = []

    class Cell:
        def __init__(self, w: float) -> None:
            self.w = Value(w)

        @record
        def __call__(self, state: Any, x: Any) -> Any:
            runs.append(1)
            for _ in range(15):
                state = [tanh(state[0] * self.w + x), state[1] + state[0]]
            return state

    cells = Cell(0.5), Cell(-0.7)

    def f(x: Any) -> Any:
        state = [x, 0.0]
        for i in range(40):
            state = cells[i % 2](state, x + i)
        return state[1]

    program = record(f, 1.0)
    assert len(runs) == 8  # twice of each cell, in each of two runs of f
    assert sum(row is not None for row in program.graph.rows) < 40 * 5
    x = Value(0.3)
    y = f(x)
    y.backward()
    value, (slope,) = program.value_and_grad(0.3)
    assert math.isclose(value, y.data, rel_tol=1e-12)
    assert math.isclose(slope, x.grad, rel_tol=1e-9)
    assert np.allclose(program.parameter_grad(0.3)[1], [cell.w.grad for cell in cells], rtol=1e-9)


# Derivatives


def test_derivatives_go_through_loops_in_every_order() -> None:
    def cube(x: Any) -> Any:
        return scan(lambda y: y * x, 1.0, 3)

    def doubled(x: Any) -> Any:  # 8 x, from 1 <= x < 2
        return while_loop(lambda y: y < 8, lambda y: y * 2, x) * x

    assert (
        grad(cube)(2.0) == 12 and grad(grad(cube))(2.0) == 12 and grad(grad(grad(cube)))(2.0) == 6
    )
    for f, first, second in ((cube, 12.0, 12.0), (doubled, 8.0 * 2, 8.0)):
        program = record(f, 1.0)
        assert program.value_and_grad(2.0)[1] == (first,)
        assert grad(program)(2.0) == first and hessian(program)(2.0) == second
        assert record(grad(program), 1.0)([2.0, 2.0]).tolist() == [first, first]
        assert record(grad(f), 1.0)(2.0) == first
        assert record(grad(grad(f)), 1.0)(2.0) == second
        assert record(lambda x, f=f: jvp(f, x, 1.0)[1], 1.0)(2.0) == first


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seeds", [(0, 1, 2, 48), pytest.param(range(100), marks=pytest.mark.full)])
def test_derivatives_of_random_nests_are_those_of_the_eager_engine(engine: str, seeds: Any) -> None:
    at, way = (0.3, -0.4), (1.0, 2.0)
    for seed in seeds:
        f = drawn(Random(seed), 2)

        def g(x: Any, y: Any, f: F = f) -> Any:
            return f(x, y, 0.7)[0] + x * y

        program = record(g, 0.5, 0.25, engine=engine)
        slopes = record(lambda x, y, g=g: total([*grad(g, (0, 1))(x, y)]), 0.5, 0.25, engine=engine)
        for ours, theirs in (
            (program.hvp(*at, direction=way), hvp(g, at, way)),
            (program.hessian(*at), hessian(g, (0, 1))(*at)),
            (slopes(*at), sum(grad(g, (0, 1))(*at))),
        ):
            assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-9), seed


def test_loops_are_listed_as_functions() -> None:
    w = Value(0.5, "w")
    program = record(lambda x: scan(lambda s, e: s * w + e, x, [1.0, x]), 1.0)
    assert str(program).splitlines() == [
        "def f(x):",
        "    def step1(s1, x1):",
        "        u1 = s1 * w",
        "        u2 = u1 + x1",
        "        return u2",
        "    v1 = scan(step1, x, [1, x])",
        "    return v1",
        "# the reverse pass",
        "    # through each loop from its last step to the first",
    ]


# At the edges


@each("f", [erf, operation("doubled_here", lambda x: 2 * x, lambda x: 2.0)])
def test_a_state_that_all_samples_share_is_one_number(f: F) -> None:
    def both(x: Any) -> Any:
        return total(scan(lambda s: [s[0] * x, f(s[1])], [x, 0.25], 2))

    at = [0.5, 2.0]
    assert record(both, 1.0, engine="python")(at) == pytest.approx([*map(both, at)], rel=1e-14)


def test_steps_of_samples_that_are_finite_are_not_looked_at(monkeypatch: Any) -> None:
    def f(x: Any) -> Any:
        return scan(lambda s: sin(s) + 0.1, where(x > 0, x / x, x), 1000)

    program, seen = record(f, 1.0), list[Any]()
    monkeypatch.setattr(
        diagnose, "on_arrays", lambda row, text: seen.append(row) or arrays.on_arrays(row, text)
    )
    with pytest.warns(DomainWarning, match="x is nan in sample 1,"):
        program([1.0, math.nan, 2.0])
    with pytest.warns(DomainWarning, match="divide needs b != 0, got b = 0 in sample 2"):
        program([1.0, 2.0, 0.0])
    assert len(seen) < 2500


def test_no_steps_leave_the_state_as_it_is() -> None:
    for loop in (
        lambda x: scan(lambda s: s * 2, x, 0),
        lambda x: scan(lambda s, e: s * e, x, []),
        lambda x: while_loop(lambda s: s < 0, lambda s: 1 / (s - 1), x),
    ):
        assert loop(1.0) == 1.0
        program = record(loop, 3.0)
        assert program.value_and_grad([1.0, 4.0])[1][0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_leaves_its_domain_in_a_step_is_named_with_its_line_and_sample(engine: str) -> None:
    program = record(lambda x: scan(lambda s: log(s), x, 3), 100.0, engine=engine)
    assert math.isfinite(program(100.0))
    with pytest.warns(
        DomainWarning, match=r"log needs x > 0, got x = -.* in sample 1 \(test_loops"
    ):
        program([100.0, 1.5])
    with strict(), pytest.raises(DomainError):
        program(1.5)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_leads_to_a_loop_without_steps_alone_has_no_grad(engine: str) -> None:
    w, on = [Value(0.0), Value(3.0)], lambda s: s[1] > 0.5

    def f(theta: Any, v: Any, n: Any) -> Any:
        root, more = sqrt(v[0]) * w[1], sqrt(w[0]) * sqrt(theta[1])
        start = v[0] * 2 + w[1] * theta[0] + w[0] + theta[1]

        def step(s: Any) -> Any:
            inner = while_loop(on, lambda t: [t[0] * root, t[1] - 1], [s[0] * more, n])
            return [inner[0] + v[1], s[1] - 1]

        return while_loop(on, step, [start, n])[0]

    program = record(f, [1.0, 1.0], [1.0, 1.0], 1.0, shared="theta", engine=engine)
    theta, v, n = [1.5, 0.0], np.array([[0.0, 2.0], [4.0, 1.0], [0.0, 5.0]]), np.zeros(3)
    each = [grad(f, argnums=(0, 1))(theta, [*row], 0.0) for row in v]
    _, (by_theta, by_v) = program.value_and_grad(theta, v, n, argnums=(0, 1))
    assert by_theta == [sum(a[i] for a, _ in each) for i in (0, 1)] == [9.0, 3.0]
    assert by_v.tolist() == [b for _, b in each] == [[2.0, 0.0]] * 3
    for at in (None, [p.data for p in program.parameters]):
        sums = program.parameter_grad(theta, v, n, reduce="sum", at=at)[1].tolist()
        assert dict(zip(program.parameters, sums, strict=True)) == {w[0]: 3.0, w[1]: 4.5}
    root = record(lambda x, n: f([1.0, 1.0], [x, x], n), 1.0, 1.0, engine=engine)
    assert grad(root)(0.0, 0.0) == 2 and root.hessian(0.0, 0.0)[0][0] == 0
    side = record(
        lambda x, y, n: f([1.0, 1.0], [x, 1.0], n) * 2 + sqrt(y), 1.0, 1.0, 1.0, engine=engine
    )
    assert side.value_and_grad(0.0, 0.0, 0.0)[1][:2] == (4.0, math.inf)  # each by itself
    many = program.value_and_grad(theta, np.zeros((500, 2)), np.zeros(500), argnums=1)[1]
    assert many.tolist() == [[2.0, 0.0]] * 500


@pytest.mark.parametrize("engine", ENGINES)
def test_what_no_step_reads_and_no_call_uses_has_no_grad(engine: str) -> None:
    def long(x: Any, y: Any) -> Any:
        for _ in range(30):
            x = tanh(x)
        return x, y

    kept = record(long, 1.0, 1.0)
    for f in (
        lambda x, y: scan(lambda s: (tanh(s[1]) * y, s[1] * y), (sqrt(x), y), 3)[0],
        lambda x, y: scan(lambda s, e: (s[0] * y, e), (y, y), [sqrt(x), x, y])[0],
        lambda x, y: kept(y, sqrt(x))[0] + kept(sqrt(x), y * y)[1],
        lambda x, y: scan(lambda s, e: (s[0] * y, e * s[0]), (y, y), [sqrt(x), x, y])[1],
        lambda x, y: scan(lambda s, e: (e * y, e), (y, y), [sqrt(x), x, y])[0],
    ):
        _, grads = record(f, 1.0, 1.0, engine=engine).value_and_grad([1.0, 0.0], 1.5)
        assert grads[0].tolist() == [0.0, 0.0]  # not 0 * inf
        assert math.isclose(grads[1], 2 * grad(f, argnums=1)(1.0, 1.5), rel_tol=1e-12)


def chased(x: Any, y: Any) -> Any:
    """What is computed in the last step leads nowhere."""
    return scan(lambda s: [s[0] + 0.1 * s[1], sqrt(s[1] - 1.0) + 0.0 * s[0]], [x, y], 2)[0]


def shifted(x: Any, y: Any) -> Any:
    """What was computed three steps ago is overwritten."""
    return scan(lambda s: [sqrt(s[3] - x), s[0], s[1], s[3] + y], [x, x, x, x], 5)[2]


def turned(x: Any, y: Any) -> Any:
    """Every third number leads on."""
    state = [y, y, y, x + y + y + y]
    return scan(lambda s: [s[1] * y, s[2], sqrt(s[3]), s[3] - y], state, 5)[0]


def inside(x: Any, y: Any) -> Any:
    """Loops in a step, and what keeps something for the way back."""

    def body(s: list[Any], e: Any) -> list[Any]:
        a, b = scan(lambda t: [logsumexp([t[0], *[t[1] / e] * 20]), e], [s[1], s[0]], 2)
        return [1.0 * y, a, s[1], b]

    return scan(body, [x, y, x, y], [y, x, 0.0 * y])[2]


def ended(x: Any, y: Any) -> Any:
    """A loop of no fixed number of steps."""
    state = [x, x, y, y - y + 3.0]
    return while_loop(
        lambda s: s[3] > 0.5, lambda s: [s[1] * y, s[2] + x, sqrt(s[3] - 1.0), s[3] - 1.0], state
    )[0]


def beside(x: Any, y: Any) -> Any:
    """The second result of a loop has no grad."""
    s = scan(lambda s: [s[0] * y, sqrt(s[1] - x)], [y, sqrt(x - 1.0) + x], 3)
    return s[0], s[1]


def cycled(x: Any, y: Any) -> Any:
    """Which numbers lead on is the same again every third step."""
    state = [y, y, y, x + y]
    return scan(lambda s: [s[1] * y, s[2], s[0] + sqrt(s[3] * s[3]), s[3] - y], state, 10)[0]


def begun(x: Any, y: Any) -> Any:
    """Of the first state, what later steps read and the first does not."""
    return scan(lambda s: [s[3], s[0], s[1], s[3] + y], [sqrt(x - 1.0) + x, y, x, x], 5)[2]


def passed(x: Any, y: Any) -> Any:
    """More numbers pass through the state than steps are told apart."""
    return scan(lambda s: [s[-1] * y, *s[:-1]], [x * float(k) for k in range(12)], 15)[9]


def fed(x: Any, y: Any) -> Any:
    """The last element leads nowhere, the others do."""
    elements = [x + y, y, sqrt(x - 1.0)]
    return scan(lambda s, e: [s[0] * y + s[1], s[1] * e], [x, y], elements)[0]


def unentered(x: Any, y: Any) -> Any:
    """A loop without a step gives its first state, also what no step reads."""
    return while_loop(lambda s: s[1] > 5.0, lambda s: [s[1] * y, s[1] - 1.0], [x * y, y])[0]


LEADING = [chased, shifted, turned, inside, ended, beside, cycled, begun, passed, fed, unentered]


@each("f", LEADING)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
def test_what_leads_nowhere_in_a_step_has_no_grad_of_0_times_infinity(engine: str, f: F) -> None:
    def first(x: Any, y: Any) -> Any:
        result = f(x, y)
        return result[0] if isinstance(result, tuple) else result

    values = [Value(1.0, "x"), Value(1.0, "y")]
    program = record(lambda _: f(*values), 0.0, engine=engine)
    expected = np.array(grad(first, (0, 1))(1.0, 1.0))
    assert not np.isnan(expected).any()
    grads = program.parameter_grad(0.0, aux=f is beside)[1]
    found = dict(zip(program.parameters, grads, strict=True))
    np.testing.assert_allclose([found.get(v, 0.0) for v in values], expected, atol=1e-15)
    if f is not beside:
        program = record(f, 0.7, 0.6, engine=engine)
        for _ in range(2):  # by machine code, the second time
            np.testing.assert_allclose(program.value_and_grad(1.0, 1.0)[1], expected, atol=1e-15)
        batch = np.array([0.5, 1.0, 2.0] * 5)
        _, slopes = program.value_and_grad(batch, 1.0 * batch)
        np.testing.assert_allclose([dx[1] for dx in slopes], expected, atol=1e-15)


BEFORE_ANOTHER: list[Any] = [
    lambda a, b, e: scan(lambda t: [sin(t[0] * t[1]) + e, t[0]], [a, b], 3),
    lambda a, b, e: scan(lambda t: [logsumexp([t[0], *[t[1] * e] * 20]), t[0] * e], [a, b], 3),
    lambda a, b, e: while_loop(
        lambda t: t[2] > 0.0, lambda t: [sin(t[0] * t[1]) + e, t[0], t[2] - 1.0], [a, b, e - e + 3]
    )[:2],
]


@each("loop", BEFORE_ANOTHER)
@each("result", [0, 1, 2, 3])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_loop_in_a_step_goes_back_through_its_own_steps(
    engine: str, result: int, loop: Any
) -> None:
    """Not through those that it made in a later step, where it led nowhere."""

    def f(x: Any, y: Any) -> Any:
        def body(s: list[Any], e: Any) -> list[Any]:
            a, b = loop(s[1], s[0], e)
            return [y * s[2], a * 1.0, s[1] * 0.9 + 0.1 * s[0], b]

        return scan(body, [x, y, x * y, y], [y * 0.1 * k + x for k in range(5)])[result]

    expected, program = grad(f, (0, 1))(0.7, 0.4), record(f, 0.7, 0.4, engine=engine)
    for _ in range(2):  # by machine code, the second time
        np.testing.assert_allclose(program.value_and_grad(0.7, 0.4)[1], expected)
    _, slopes = program.value_and_grad(np.full(9, 0.7), np.full(9, 0.4))
    np.testing.assert_allclose([dx[4] for dx in slopes], expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_grads_of_inf_and_minus_inf_in_a_batch_come_to_nan(engine: str) -> None:
    w = Value(0.0)

    def f(x: Any) -> Any:
        return while_loop(lambda s: s[1] > 0, lambda s: [s[0] * 2, s[1] - 1], [cbrt(w * x), 1.0])[0]

    total, (by_w,) = record(f, 1.0, engine=engine).parameter_grad([1.0, -1.0])
    assert total == 0.0 and math.isnan(by_w)


@pytest.mark.parametrize("engine", ENGINES)
def test_whether_there_is_a_first_step_may_depend_on_the_sample_alone(engine: str) -> None:
    def f(x: Any, w: Any) -> Any:
        on = lambda s: (s[0] < 1) & (s[1] < 0.5)  # noqa: E731
        return while_loop(on, lambda s: (s[0] + 1, 3 * w), (0.0, x))[0] * w

    program = record(f, 1.0, 1.0, shared="w", engine=engine)
    assert program([0.1, 0.7, 0.2], 2.0).tolist() == [2.0, 0.0, 2.0]
    assert program.value_and_grad([0.7, 0.1], 2.0)[1][1] == 1.0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_finished_sample_of_a_while_loop_spoils_nothing(engine: str) -> None:
    def f(x: Any) -> Any:
        return while_loop(lambda s: s > 1, lambda s: log(s), x)

    program = record(f, 3.0, engine=engine)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, (slopes,) = program.value_and_grad([0.5, 2.0, 1e6, 1e300])
    assert values.tolist() == [f(x) for x in (0.5, 2.0, 1e6, 1e300)]
    assert np.allclose(slopes, [grad(f)(x) for x in (0.5, 2.0, 1e6, 1e300)], rtol=1e-12)


@each(
    ("loop", "sentence"),
    [
        (lambda: scan(1.0, 2.0, 3), "scan needs a function as its body, got the float 1.0"),
        (lambda: scan(lambda s: s, 1.0, -1), "scan needs a number of steps that is not negative"),
        (lambda: scan(lambda s: s, 1.0, 2.5), "scan needs a number of steps, or a sequence"),
        (lambda: scan(lambda s, x: s, 1.0, 3), "scan calls body.state., got a body of other"),
        (lambda: scan(lambda s: s, 1.0, [2.0]), "scan calls body.state, x., for each x"),
        (lambda: scan(lambda s: (lambda x: x)(), 1.0, 3), "missing 1 required positional argument"),
        (lambda: scan(lambda s: [s], 1.0, 1), "returns a state of the structure that it was given"),
        (lambda: scan(lambda s: s, "a", 1), "scan needs numbers as its state, got the str 'a'"),
        (
            lambda: while_loop(True, lambda s: s, 1.0),
            "while_loop needs a function as its condition",
        ),
        (
            lambda: record(lambda x: while_loop(lambda s: True, lambda s: s + x, x), 1.0),
            "got True whatever they are, which never ends",
        ),
        (
            lambda: scan(lambda s, e: s, 1.0, {"a": 1}),
            "scan needs a number of steps, or a sequence",
        ),
    ],
)
def test_what_is_no_loop_is_refused(loop: F, sentence: str) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        loop()


def test_a_body_may_not_freeze_the_number_of_one_sample() -> None:
    with pytest.raises(GraphError, match=r"test_loops.py, line \d+: bool\(\) inside"):
        record(lambda x: scan(lambda s: s if s > 0 else -s, x, 3), 1.0)


def test_a_body_that_counts_its_steps_is_refused_with_its_line() -> None:
    def counted(x: Any) -> Any:
        steps = [0]

        def body(s: Any) -> Any:
            steps[0] += 1
            return s + steps[0] * x

        return scan(body, x, 3)

    assert counted(2.0) == 14
    with pytest.raises(GraphError, match=r"line \d+: a number .* two runs of the body of scan"):
        record(counted, 1.0)
    with pytest.raises(GraphError, match="two runs of the body of while_loop"):
        turns = iter(range(100))
        record(lambda x: while_loop(lambda s: s < 9, lambda s: s + next(turns), x), 1.0)


def test_a_body_that_writes_to_its_state_writes_to_a_copy() -> None:
    def f(x: Any) -> Any:
        def body(state: Any, factors: Any) -> Any:
            state[0] = state[0] * factors[0]
            factors[0] = 7.0
            return state

        start, over = [x, 1.0], [[x], [x]]
        return scan(body, start, over)[0] + start[0] + over[0][0]

    assert f(2.0) == 12 and record(f, 1.0)(2.0) == 12


def test_numpy_has_no_loops() -> None:
    def f(x: Any) -> Any:
        return scan(lambda s: sin(s), x, 3)

    with pytest.raises(ValueError, match="NumPy's code needs f without loops"):
        record(f, 1.0, engine="numpy")
    with pytest.raises(ValueError, match=r"and print\(program\) to read it"):
        record(f, 1.0).source  # noqa: B018


@NATIVE
def test_a_loop_without_end_is_ended_by_ctrl_c() -> None:
    import _thread
    import threading

    program = record(
        lambda x: while_loop(lambda s: s > 0, lambda s: s + 1, x), 1.0, engine="native"
    )
    threading.Timer(0.3, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        program(1.0)
