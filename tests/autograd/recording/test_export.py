"""Programs in other languages, run again: the numbers that they have here.

JAX and C run where they are installed, JavaScript in a browser. PyTorch is too large for CI:
pip install torch, then python -m pytest -m full tests/autograd/recording/test_export.py
"""

import ctypes
import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import (
    OPS,
    GraphError,
    atan2,
    batch_mean,
    bundle,
    logsumexp,
    operation,
    record,
    tanh,
    where,
)
from autograd.recording.program import Program
from nn import MLP
from tests.browser import chromium
from tests.random_graphs import RECORDERS

Run = Callable[[Program, list[Any]], tuple[Any, list[Any]]]
# Kinks, ties and corners of domains beside the points of a row's span.
EDGES: dict[str, list[Any]] = {
    "abs": [[0.0]],
    "relu": [[0.0]],
    "power": [[0.0], [-1.5]],
    "maximum": [[1.0, 1.0]],
    "largest": [[[2.0, 1.0, 2.0]]],
    "logsumexp": [[[800.0, 800.0, -1e30]]],
    "sigmoid": [[-800.0], [800.0]],
    "floor_divide": [[-7.5, 2.0], [7.5, -2.0]],
    "mod": [[-7.5, 2.0], [7.5, -2.0]],
    "xlogy": [[0.0, 0.0]],
    "atan2": [[0.0, -0.0], [-0.0, -0.0], [-0.0, -2.0]],
}


def every_row(count: int = 6) -> tuple[Callable[[Any], list[Any]], np.ndarray]:
    """A function of one array that gives the result of each row of the table, and points for it."""
    draw, places, columns = Random(7), dict[str, list[Any]](), list[list[float]]()
    for op in OPS.values():
        sizes = [3 if operand[0] == "*" else 0 for operand in op.operands]
        spans = op.span or ((0.1, 2.0),) * len(op.operands)
        first = places.setdefault(op.name, [])
        edges = EDGES.get(op.name, [])
        for k, (span, size) in enumerate(zip(spans, sizes, strict=True)):
            first.append((len(columns), size))
            for i in range(size or 1):
                given = [edge[k][i] if size else edge[k] for edge in edges]
                columns.append(given + [draw.uniform(*span) for _ in range(count - len(given))])

    def f(x: Any) -> list[Any]:
        return [
            RECORDERS[name](
                *[bundle(list(x[a : a + n])) if n else x[a] for a, n in places[name]],
                *(default for _, default in OPS[name].constants),
            )
            for name in places
        ]

    return f, np.array(columns).T


def network() -> tuple[Program, list[Any]]:
    model = MLP(2, [5, 5, 3], activation="silu", seed=3)

    def f(none: Any, x: Any, w: Any) -> Any:
        y = model([*none, *x])
        return logsumexp(y) - where(x[0] > x[1], y[0], y[2] * w) + tanh(x[0] * 2.5) ** 2

    draw = np.random.default_rng(1)
    columns = [np.zeros((6, 0)), draw.normal(size=(6, 2)), draw.normal(size=6)]
    return record(f, np.zeros(0), np.zeros(2), 1.0), columns


def same(program: Program, columns: list[Any], run: Run) -> None:
    """The values and gradients of a batch, by other means, are the program's."""
    values, grads = run(program, columns)
    ours, mine = program.value_and_grad(*columns)
    np.testing.assert_allclose(values, ours, rtol=1e-12, atol=1e-13)
    for grad, expected in zip(grads, mine, strict=True):
        np.testing.assert_allclose(np.reshape(grad, expected.shape), expected, 1e-12, 1e-13)


def in_module(target: str) -> Run:
    def run(program: Program, columns: list[Any]) -> tuple[Any, list[Any]]:
        module: dict[str, Any] = {}
        exec(program.export(target), module)
        values, grads = module["value_and_grad"](*columns)
        return np.asarray(values), [np.asarray(grad) for grad in grads]

    return run


def in_c(folder: Path) -> Run:
    def run(program: Program, columns: list[Any]) -> tuple[Any, list[Any]]:
        name = f"{len([*folder.iterdir()])}"
        (folder / f"{name}.c").write_text(program.export("c"))
        flags = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-lm", "-ffp-contract=off"]
        made = [*("-o", folder / f"{name}.so"), folder / f"{name}.c", *flags]
        subprocess.run(["cc", *map(str, made)], check=True)
        library = ctypes.CDLL(str(folder / f"{name}.so"))
        library.value_and_grad.restype = ctypes.c_double
        p = np.array([p.data for p in program.parameters])
        values, grads = [], [np.empty(column.shape) for column in columns]
        for i in range(len(columns[0])):
            given = [
                ctypes.c_double(c[i]) if c.ndim == 1 else pointer(c[i].copy()) for c in columns
            ]
            places = [grad[i : i + 1] for grad in grads]
            more = [None, *map(pointer, places), pointer(np.empty(len(p)))]
            arguments = [*given, *more] if len(p) else [*given, *map(pointer, places)]
            values.append(library.value_and_grad(*arguments))
        return np.array(values), grads

    return run


def pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def in_browser(browser: Any) -> Run:
    def run(program: Program, columns: list[Any]) -> tuple[Any, list[Any]]:
        source = program.export("javascript").replace("export function", "function")
        points = json.dumps([[c[i].tolist() for c in columns] for i in range(len(columns[0]))])
        call = "JSON.stringify(points.map(point => value_and_grad(...point)))"
        answers = browser.execute_script(f"{source}\nconst points = {points};\nreturn {call};")
        values, grads = zip(*json.loads(answers), strict=True)
        each = list(zip(*grads, strict=True))[: len(columns)]
        return np.array(values), [np.array(grad) for grad in each]

    return run


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Run]:
    target = request.param
    if target == "c":
        yield in_c(tmp_path_factory.mktemp("c"))
    elif target == "javascript":
        with chromium() as browser:
            yield in_browser(browser)
    else:
        pytest.importorskip(target)
        yield in_module(target)


TARGETS = ["jax", "torch", "c", "javascript"]
needs_c = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_every_row_has_our_values_and_gradients_elsewhere(run: Run) -> None:
    f, points = every_row()
    weights = np.ones((len(points), len(OPS)))  # by each of which the gradient is a row's value
    same(record(lambda x, w: w @ f(x), points[0], weights[0]), [points, weights], run)


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_a_network_has_our_values_and_gradients_elsewhere(run: Run) -> None:
    same(*network(), run)


def run_in_onnx(source: bytes, *columns: Any) -> list[Any]:
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    return session.run(None, dict(zip(names, columns, strict=True)))


@pytest.mark.full
def test_onnx_has_our_values_of_every_row_and_of_a_network_in_both_precisions() -> None:
    f, points = every_row()
    for program, columns in ((record(f, points[0]), [points]), network()):
        ours = np.stack(np.atleast_2d(program(*columns)))
        theirs = np.stack(run_in_onnx(program.export("onnx"), *columns))
        np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=1e-13)
        single = [column.astype(np.float32) for column in columns]
        theirs = np.stack(run_in_onnx(program.export("onnx", dtype="float32"), *single))
        inside = np.abs(ours) < 1e30  # in float32's range
        np.testing.assert_allclose(theirs[inside], ours[inside], rtol=1e-5, atol=1e-5)


@pytest.mark.full
@pytest.mark.filterwarnings("ignore:.*")
def test_onnx_has_our_values_at_zeros_and_infinities_and_where_squares_overflow() -> None:
    names = [n for n, op in OPS.items() if not (op.nary or op.constants) and len(op.operands) < 3]

    def f(*given: Any) -> list[Any]:
        return [RECORDERS[name](*given[: len(OPS[name].operands)]) for name in names]

    points = [0.0, -0.0, 0.3, -2.5, 40.0, -800.0, 1e200, -1e308, 5e-324, math.inf, -math.inf]
    columns = np.array([*product(points, repeat=2)]).T
    program = record(f, 1.0, 1.0)
    ours, theirs = program(*columns), run_in_onnx(program.export("onnx"), *columns)
    for name, value, other in zip(names, ours, theirs, strict=True):
        np.testing.assert_allclose(other, value, 1e-12, 1e-13, err_msg=name)


@pytest.mark.full
def test_onnx_has_numbers_of_the_batch_shared_arguments_and_results_in_containers() -> None:
    program = record(
        lambda w, x: {"share": x[0] / batch_mean(x[0]), "all": np.array([w[0] * x[1], w[1]])},
        np.ones(2), np.ones(2), shared="w",
    )  # fmt: skip
    w, x = np.array([2.0, 3.0]), np.array([[1.0, 5.0], [3.0, 7.0]])
    share, *all_ = run_in_onnx(program.export("onnx"), w, x)
    assert share.tolist() == [0.5, 1.5]
    assert np.stack(all_, 1).tolist() == [[10.0, 3.0], [14.0, 3.0]]


@needs_c
def test_a_network_in_c_gives_the_same_numbers_and_takes_others(tmp_path: Path) -> None:
    program, columns = network()
    same(program, columns, in_c(tmp_path))
    source = program.export("c")
    assert "static const double parameters[]" in source
    assert max(map(len, source.splitlines())) < 3000


def constant(x: Any) -> Any:
    return x * 0 + 7.5


def one_number_for_a_layer(x: Any) -> Any:
    y = [sum([0.5 * v for v in x], 0.0) for _ in range(2)]
    return y[0] * y[1] + sum(tanh(v) for v in x)


@pytest.mark.full
@pytest.mark.parametrize("run", TARGETS, indirect=True)
def test_numbers_and_equal_weights_are_spelled_elsewhere(run: Run) -> None:
    same(record(constant, 1.0), [np.array([1.0, 2.0])], run)
    points = np.arange(18.0).reshape(3, 6) / 9
    same(record(one_number_for_a_layer, points[0]), [points], run)


@needs_c
def test_a_result_or_an_operand_that_is_a_number_is_there_in_c_too(tmp_path: Path) -> None:
    same(record(constant, 1.0), [np.array([1.0, 2.0])], in_c(tmp_path))
    program = record(lambda x: atan2(-0.5, x), 1.0)  # whose partial has -a
    same(program, [np.array([1.0, -2.0])], in_c(tmp_path))
    assert "--" not in program.export("javascript")


@pytest.mark.parametrize("target", ["jax", "torch"])
def test_sources_say_what_they_take(target: str) -> None:
    source = network()[0].export(target)
    assert "x: an array of shape (samples, 2): x[0], x[1]" in source
    assert "def f(none, x, w, p=parameters)" in source
    compile(source, "exported", "exec")


def test_results_in_containers_keep_their_structure_in_javascript_and_jax() -> None:
    program = record(lambda x: {"a": x * 2, "b": [x, np.array([x, x + 1])]}, 1.0)
    assert "{'a': v[" in program.export("javascript")
    assert "{'a': v1[0], 'b': [v1[1], v1[2:4].T.reshape(-1, 2)]}" in program.export("jax")


def half(x: float) -> float:
    return x / 2


REFUSED: list[tuple[Any, str, str]] = [
    (lambda x: x - batch_mean(x), "javascript", "goes by samples, and has no batch_total"),
    (lambda x: x - batch_mean(x), "latex", "goes by samples, and has no batch_mean"),
    (operation("half", half, "0.5"), "jax", "formulas are text in the functions of the table, got"),
]


@pytest.mark.parametrize(("f", "target", "sentence"), REFUSED)
def test_what_a_target_cannot_do_is_refused_by_name(f: Any, target: str, sentence: str) -> None:
    with pytest.raises(GraphError, match=sentence):
        record(f, 1.0).export(target)


def test_an_unknown_target_or_precision_is_refused() -> None:
    program = record(lambda x: x * 2, 1.0)
    with pytest.raises(ValueError, match="export to c needs dtype to be 'float64', got 'float32'"):
        program.export("c", dtype="float32")
    with pytest.raises(ValueError, match="export needs a target among 'jax', 'torch'"):
        program.export("fortran")
