"""The interpreter in C: the same bits on every CPU and in every thread, IEEE's answers at edges,
and nothing lost where it was not built.
"""

import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product
from pathlib import Path
from platform import machine
from typing import Any

import numpy as np
import pytest

from autograd import (
    OPS,
    DomainWarning,
    Value,
    dot,
    exp,
    log,
    minimum,
    operation,
    record,
    relu,
    scan,
    sigmoid,
    tanh,
    total,
    where,
)
from autograd.engine.value import RECORD
from autograd.recording import backends
from nn import MLP
from tests.autograd.recording import ENGINES, NATIVE
from tests.cases import each

HOUSE = Path(__file__).parents[3]
X86 = machine() in ("x86_64", "AMD64")
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-310, 1e308, -1e308, np.inf, -np.inf, np.nan]


def network(*sizes: int, seed: int = 0, engine: str = "native") -> tuple[Any, Any]:
    """A program of a hinge loss, and 257 samples."""
    model = MLP(sizes[0], list(sizes[1:]), seed=seed, activation=relu)
    program = record(lambda x, t: relu(1 - t * model(x)), [0.0] * sizes[0], 1.0, engine=engine)
    rng = np.random.default_rng(seed)
    return program, (rng.normal(size=(257, sizes[0])), rng.choice([-1.0, 1.0], size=257))


def triangular() -> tuple[Any, Any]:
    """A program of two triangles, one of which is solved for its numbers, and 257 samples."""
    weights = [Value(float(w)) for w in np.random.default_rng(0).normal(size=(400,)) / 4]

    def f(x: Any, t: Any) -> Any:
        given = iter(weights)
        rows = [dot([*islice(given, i)], x[:i], next(given)) for i in range(1, 14)]
        solved = rows[:4]
        for i in range(4, 13):
            solved.append(dot([*islice(given, i)], solved, next(given)))
        return t * total([tanh(y) for y in rows + solved])

    x = np.random.default_rng(1).normal(size=(257, 13))
    return record(f, x[0], 1.0, engine="native"), (x, x[:, 0])


BITS = """
from tests.autograd.recording.test_native import network, triangular
for program, (x, t) in (network(2, 16, 16, 1), network(3, 5, 1), triangular()):
    for n in (1, 2, 8, 100, 257):
        loss, grads = program.parameter_grad(x[:n], t[:n])
        values, (dx, dt) = program.value_and_grad(x[:n], t[:n])
        print(loss.hex(), grads.tobytes().hex(), values.tobytes().hex(), dx.tobytes().hex())
"""


@NATIVE
def test_the_bits_are_the_same_whatever_the_vectors_of_the_cpu() -> None:
    said = set()
    for vectors in ("any", "avx2", ""):
        done = subprocess.run(
            [sys.executable, "-c", BITS],
            env={**os.environ, "PYTHONPATH": str(HOUSE), "GLASSGRAD_VECTORS": vectors},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1 and len(said.pop()) > 1000


@NATIVE
def test_triangles_of_many_samples_have_the_bits_of_each_sample_alone() -> None:
    program, given = triangular()
    values, slopes = program.value_and_grad(*given)
    _, grads = program.parameter_grad(*given, reduce="sum")
    alone = [program.value_and_grad(x, t) for x, t in zip(*given, strict=True)]
    assert values.tolist() == [value for value, _ in alone]
    for both in zip(slopes, zip(*[one for _, one in alone], strict=True), strict=True):
        assert np.array_equal(*both)
    apart = [program.parameter_grad(x, t)[1] for x, t in zip(*given, strict=True)]
    np.testing.assert_allclose(grads, np.sum(apart, axis=0), rtol=1e-12, atol=1e-13)


@NATIVE
def test_back_through_sums_of_products_of_a_batch_only_what_is_too_small_counts_as_0() -> None:
    rng = np.random.default_rng(0)
    weights = 10.0 ** -rng.uniform(110, 170, size=(5, 14, 14))
    rows = [[Value(w) for w in row[: i + 1]] for part in weights for i, row in enumerate(part)]

    def f(x: Any, s: Any) -> Any:
        sums = [dot(row, x[: len(row)]) for row in rows]
        return dot(sums, [*x, *x, *x, *x, *x]) + s * s

    less, s = np.linspace(100, 190, 61)[:, None], np.ones(61)
    x = 10.0 ** -(less + rng.uniform(0, 20, size=(61, 14)))
    program = record(f, x[0], 1.0, engine="native")
    values, (dx, _) = program.value_and_grad(x, s)
    alone = [program.value_and_grad(*one) for one in zip(x, s, strict=True)]
    slopes = np.array([grads[0] for _, grads in alone])
    assert values.tolist() == [value for value, _ in alone]
    large = slopes > 1e-290
    assert 100 < large.sum() < large.size - 100
    assert np.array_equal(dx[large], slopes[large])
    np.testing.assert_allclose(dx, slopes, rtol=0.0, atol=1e-305)
    subnormal = (slopes > 0.0) & (slopes < sys.float_info.min)
    assert subnormal.any() and (not X86 or (dx[subnormal] == 0.0).all())
    grads = program.parameter_grad(x, s, reduce="sum")[1]
    apart = np.sum([program.parameter_grad(*one)[1] for one in zip(x, s, strict=True)], axis=0)
    np.testing.assert_allclose(grads, apart, rtol=1e-13, atol=1e-305)


@NATIVE
@each("samples", [1, 2, 61, 1000])
def test_values_and_other_operations_of_a_batch_keep_subnormal_numbers(samples: int) -> None:
    program = record(lambda x, y: log(x * y) + sigmoid(x - y), 1.0, 1.0, engine="native")
    x, y = np.full(samples, 1e-160), np.full(samples, 1e-155)
    assert program(x, y).tolist() == [program(1e-160, 1e-155)] * samples
    assert program(1e-160, 1e-155) > -800
    far = record(lambda x: sigmoid(x), 1.0, engine="native").value_and_grad(x - 720)
    assert far[0].tolist() == far[1][0].tolist() == [exp(Value(-720.0)).data] * samples
    program.value_and_grad(x, y)
    assert np.full(samples, 5e-324).sum() == samples * 5e-324 > 0  # NumPy has them afterwards


@NATIVE
def test_a_program_may_run_in_several_threads_at_once() -> None:
    program, (x, t) = network(4, 24, 24, 1)
    batches = [slice(k, 257 - k) for k in range(12)]
    expected = [program.parameter_grad(x[b], t[b])[1].tobytes() for b in batches]

    def run(k: int) -> bool:
        b = batches[k % 12]
        return bool(program.parameter_grad(x[b], t[b])[1].tobytes() == expected[k % 12])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(600)))


@NATIVE
def test_other_threads_run_meanwhile_and_an_interrupt_ends_a_long_replay() -> None:
    def f(x: Any) -> Any:
        for _ in range(200):
            x = tanh(x) * 0.9 + 0.1
        return x

    program = record(f, 0.5, engine="native")
    expected = program(0.5)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(100):
            program(np.full(2_000_000, 0.5))
    timer.join()
    assert program(0.5) == expected


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "numpy"])
@each("name", [name for name in OPS if not OPS[name].nary])
def test_rows_at_their_edges_give_what_numpy_gives(name: str, engine: str) -> None:
    points = np.array(list(product(EDGES, repeat=len(OPS[name].operands)))).T
    answers = []
    for which in ("numpy", engine):
        program = record(lambda *x: RECORD[name](*x), *[0.5] * len(points), engine=which)
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            values, slopes = program.value_and_grad(*points)
        answers.append(np.array([values, *slopes]))
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-13, atol=1e-300)


@NATIVE
def test_where_nothing_was_built_numpy_and_python_run(monkeypatch: pytest.MonkeyPatch) -> None:
    program, samples = network(2, 8, 1, engine="auto")
    assert program.engine.startswith("native")
    expected = program.parameter_grad(*samples)[1]
    monkeypatch.setattr(backends, "library", None)
    other, _ = network(2, 8, 1, engine="auto")
    assert "native" not in other.engine
    assert other.parameter_grad(*samples)[1] == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ImportError, match=r"engine 'native' needs the engine in C, which is not"):
        record(tanh, 0.5, engine="native")
    program.follow(other.engine)
    assert program.engine == other.engine


@NATIVE
def test_an_operation_that_is_not_compiled_is_refused_by_name_and_left_to_others() -> None:
    op = operation("loud_here", "3 * x", "3")
    with pytest.raises(ValueError, match=r"operations of autograd's own, got loud_here"):
        record(op, 1.0, engine="native")
    assert record(op, 1.0)(2.0) == 6.0
    assert "native" not in record(op, 1.0).engine


def test_the_name_of_the_former_engine_says_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"^engine 'numba' is .*: write engine='native'$"):
        record(total, [1.0, 2.0], engine="numba")


def test_what_a_row_hides_is_found_where_it_arises() -> None:
    def within(f: Any) -> Any:
        return lambda x: scan(lambda y: y + f(x), x, 2)

    hiding = [
        lambda x: minimum(1 / x, 1.0),
        lambda x: 1 / (1 + 1 / x),
        lambda x: where(x > 1, 1 / x, 2.0),
        lambda x: tanh(2 / x) + x,
    ]
    for f in (*hiding, *map(within, hiding)):
        for x in (0.0, np.zeros(3), np.zeros(200)):
            with pytest.warns(DomainWarning, match="divide needs"):
                record(f, 1.0)(x)
