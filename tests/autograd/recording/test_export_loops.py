"""Loops and calls of recordings in other languages, run again: the numbers that they have here."""

import json
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphError,
    Value,
    batch_mean,
    exp,
    log,
    record,
    scan,
    sin,
    tanh,
    total,
    while_loop,
)
from autograd.recording import bodies
from autograd.recording.program import Program
from tests.autograd.recording.test_export import Run, in_c, in_module, needs_c, run_in_onnx, same
from tests.autograd.recording.test_loops import drawn

TARGETS = ["jax", "torch", "onnx", "c", "javascript"]
NODE = shutil.which("node")
draw = np.random.default_rng(2)
W = [
    [Value(x, f"w{i}{j}") for j, x in enumerate(row)]
    for i, row in enumerate(draw.normal(size=(3, 3)) / 2)
]


def decay(rate: Any, x: Any) -> Any:
    return scan(lambda x: x - 0.01 * rate * x, x, 50)


def root(a: Any) -> Any:
    return while_loop(lambda x: abs(x * x - a) > 1e-5 * a, lambda x: (x + a / x) / 2, a)


def network(x: Any) -> Any:
    """A recurrent one, whose weights are parameters."""
    w = np.array(W, dtype=object)
    return total(
        [*scan(lambda s, e: tanh(w @ s + e), np.zeros(3), [x, 2 * x, x * x, [1.0, 0.5, 2.0]])]
    )


def long(x: Any, y: Any) -> list[Any]:
    for _ in range(15):
        x, y = sin(x) * y + W[0][0], x - y * 0.5
    return [x, y]


kept = record(long, 1.0, 2.0)


def calls(x: Any, y: Any) -> Any:
    a, b = scan(lambda s: kept(s[0], y), [x, 1.0], 3)
    return kept(a, x)[1] + b * kept(2.0, 3.0)[0]


def nested(x: Any, y: Any) -> Any:
    """A while_loop in a scan in a while_loop in a scan, with entries that are numbers."""

    def inner(s: Any, e: Any) -> Any:
        return while_loop(lambda t: t < 3, lambda t: t * 1.5 + y * y + 0.1, s) * e - x

    def outer(s: Any) -> Any:
        return while_loop(
            lambda t: (t[0] < 2.5) & (t[1] < 3),
            lambda t: [scan(inner, t[0] * 0.5, [0.5, 0.25 + 0.1 * y]) + 1, t[1] + 1],
            [s, 0.0],
        )[0]

    return scan(lambda s: outer(s) * 0.25, x, 3)


def swapped(x: Any, y: Any) -> Any:
    """States that change places, one that is a number, one that nobody uses, and no steps."""
    a, b, *_ = scan(lambda s: [s[1], s[0] * x, 4.0, exp(s[0])], [x, y, 3.0, 0.0], 5)
    return (
        a
        - 2 * b
        + scan(lambda s: s / 0, a, 0)
        + scan(lambda s: [s[0] + 1, s[1]], [0.0, x], 3)[0] * a
    )


def fixed(x: Any) -> Any:
    """Loops that no sample changes."""
    w = W[1][1]
    y = while_loop(lambda s: s < 9, lambda s: s * 2 + w * w, abs(w))
    return (
        scan(lambda s: s * w, y, 4) * x
        + scan(lambda s, e: s + e * w, 0.0, [1.0, 2.0, 3.0])
        - kept(2.0, w)[0]
    )


def finished(x: Any) -> Any:
    """A step that is outside its domain once the sample has ended."""
    return while_loop(lambda s: s > 1, lambda s: log(s), x) + while_loop(
        lambda s: s < 0, lambda s: 1 / s, x * x
    )


ONE, TWO = ([0.5, 2.0, 1e6, 7.0],), ([0.5, 1.5, -0.7], [0.3, 1.0, 0.6])
PROGRAMS: list[tuple[Any, Any]] = [
    (decay, TWO), (root, ONE), (network, ([[0.5, 1.0, -1.0], [2.0, 0.1, 0.3]],)), (calls, TWO),
    (nested, TWO), (swapped, TWO), (fixed, ONE), (finished, ONE),
]  # fmt: skip


def in_node(folder: Path) -> Run:
    def run(program: Program, columns: list[Any]) -> tuple[Any, list[Any]]:
        (folder / "program.mjs").write_text(program.export("javascript"))
        points = json.dumps([[c[i].tolist() for c in columns] for i in range(len(columns[0]))])
        call = f"JSON.stringify({points}.map((x) => value_and_grad(...x)))"
        source = f'import {{ value_and_grad }} from "./program.mjs";\nconsole.log({call});\n'
        (folder / "run.mjs").write_text(source)
        done = subprocess.run([str(NODE), folder / "run.mjs"], capture_output=True, check=True)
        values, grads = zip(*json.loads(done.stdout), strict=True)
        each = list(zip(*grads, strict=True))[: len(columns)]
        return np.array(values), [np.array(grad) for grad in each]

    return run


def in_onnx(program: Program, columns: list[Any]) -> tuple[Any, list[Any]]:
    """The values; ONNX has no gradients, for which ours stand here."""
    single = [column.astype(np.float32) for column in columns]
    (rough,) = run_in_onnx(program.export("onnx", dtype="float32"), *single)
    values, grads = program.value_and_grad(*columns)
    np.testing.assert_allclose(rough, values, rtol=1e-4, atol=1e-5)
    return run_in_onnx(program.export("onnx"), *columns)[0], list(grads)


@pytest.fixture
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    target = request.param
    if target == "c":
        return in_c(tmp_path)
    if target == "javascript":
        if not NODE:
            pytest.skip("needs node")
        return in_node(tmp_path)
    if target == "onnx":
        return in_onnx
    pytest.importorskip(target)
    return in_module(target)


def recorded(f: Any, columns: Any) -> tuple[Program, list[Any]]:
    arrays = [np.array(column) for column in columns]
    return record(f, *(array[0] if array.ndim > 1 else 1.0 for array in arrays)), arrays


# What takes long to compile is left out of JAX's, and of the first 60 random ones all but two.
IN_JAX, SEEDS = (root, network, nested), {"jax": (1, 12), "torch": range(30)}


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_loops_and_calls_have_our_values_and_gradients_elsewhere(
    run: Run, request: pytest.FixtureRequest
) -> None:
    target = request.node.callspec.params["run"]
    for f, columns in PROGRAMS:
        if target != "jax" or f in IN_JAX:
            same(*recorded(f, columns), run)


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_random_loops_have_our_values_and_gradients_elsewhere(
    run: Run, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = Value(0.7, "w")
    for seed in SEEDS.get(request.node.callspec.params["run"], range(60)):
        monkeypatch.setattr(bodies, "COPIED", 3 if seed % 2 else 24)  # small ones are called too
        f, points = drawn(Random(seed), 2), np.random.default_rng(seed).uniform(-2, 2, size=(2, 5))
        program = record(lambda x, y, f=f: f(x, y, w)[0] + x, 0.5, 0.25)
        same(program, [*points], run)


def test_arguments_with_names_that_c_and_javascript_have_themselves_are_called_otherwise() -> None:
    program = record(lambda step1, row_exp: step1 * row_exp, 1.0, 1.0)
    assert "double f(double step1_, double row_exp_)" in program.export("c")
    for name in ("free", "size_t", "M_E", "inline", "bool", "Math", "arguments", "null", "export"):
        program = record(eval(f"lambda {name}: {name} * 2"), 1.0)
        assert f"double f(double {name}_)" in program.export("c")
        assert f"function f({name}_)" in program.export("javascript")


@needs_c
def test_a_loop_in_c_gives_the_same_numbers(tmp_path: Path) -> None:
    program = record(lambda x, y: root(x) * decay(y, x), 1.0, 1.0)
    same(program, [np.array([2.0, 9.0]), np.array([0.5, 1.0])], in_c(tmp_path))


def test_a_program_that_is_called_is_one_function() -> None:
    program = record(lambda x: total([kept(x, i)[0] for i in range(20)]), 1.0)
    assert program.export("c").count("static void step") == 2  # it, and the way back through it
    assert program.export("javascript").count("function step") == 2
    assert program.export("jax").count("def step") == 1


@pytest.mark.full
@pytest.mark.parametrize("run", ["jax", "torch", "onnx"], indirect=True)
def test_loops_with_shared_arguments_several_results_and_numbers_of_the_batch(run: Run) -> None:
    program = record(
        lambda w, x: scan(lambda s, e: tanh(w @ s) * e, x, [1.0, batch_mean(x[0])])[0],
        np.zeros((2, 2)), np.zeros(2), shared="w",
    )  # fmt: skip
    w, x = draw.normal(size=(2, 2)), draw.normal(size=(4, 2))
    if run is in_onnx:
        (values,) = run_in_onnx(program.export("onnx"), w.ravel(), x)
        np.testing.assert_allclose(values, program(w, x), rtol=1e-12)
    else:
        same(program, [w, x], run)


def test_latex_writes_calls_out_and_refuses_loops_by_name() -> None:
    def chain(x: Any) -> Any:
        for _ in range(25):
            x = sin(x)
        return x

    part = record(chain, 1.0)
    called = record(lambda x: part(x) * 2, 1.0).export("latex")
    assert called == record(lambda x: chain(x) * 2, 1.0).export("latex")
    with pytest.raises(GraphError, match="latex needs formulas, got while_loop, which repeats one"):
        record(root, 2.0).export("latex")


NAMES = "y, v", "given, f", "int, n0", "step1, levels", "dx, x", "jnp, torch", "full, KIND"
NAMES += "free, size_t", "NULL, inline", "Math, Number", "arguments, null", "export, Float64Array"


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_arguments_may_have_names_that_exports_use_themselves(run: Run) -> None:
    for names in NAMES:
        a, _, b = names.partition(", ")
        f = eval(f"lambda {names}: {a}**3 * {b}")
        same(record(f, 1.0, 1.0), [np.array([2.0, 3.0]), np.array([0.5, 4.0])], run)
