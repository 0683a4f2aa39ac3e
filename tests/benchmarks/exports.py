"""Exports, run again: the worst difference of each row of the table in each language.

``python -m tests.benchmarks.exports`` exports one program of all rows, runs it at points in the
rows' spans and at kinks, ties and corners, and prints for each row and target the largest of
|theirs - ours| / max(1, |ours|), of the value and of the partials. ONNX has no reverse pass: values
alone. A target that is not installed here is left out.
"""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autograd import OPS, record
from autograd.recording.program import Program
from tests.autograd.recording.test_export import (
    Run,
    every_row,
    in_browser,
    in_c,
    in_module,
    run_in_onnx,
)
from tests.browser import chromium

FLOAT32 = 1e30  # larger numbers are left out of its column


@contextmanager
def runners() -> Iterator[dict[str, Run]]:
    """What runs a program elsewhere, by target, as far as it is installed."""
    with TemporaryDirectory() as folder:
        found = {target: in_module(target) for target in ("jax", "torch") if find_spec(target)}
        if shutil.which("cc"):
            found["c"] = in_c(Path(folder))
        if shutil.which("chromium") and shutil.which("chromedriver"):
            with chromium() as browser:
                yield found | {"javascript": in_browser(browser)}
        else:
            yield found


def apart(theirs: Any, ours: Any) -> np.ndarray:
    """How far each column of numbers is from ours at its worst point; nan and inf must be equal."""
    theirs, ours = np.asarray(theirs, float), np.asarray(ours, float)
    with np.errstate(invalid="ignore"):
        far = np.abs(theirs - ours) / np.maximum(1.0, np.abs(ours))
    equal = (theirs == ours) | (np.isnan(theirs) & np.isnan(ours))
    return np.where(equal, 0.0, np.where(np.isnan(far), np.inf, far)).max(axis=0)


def table(count: int) -> dict[str, np.ndarray]:
    """The worst difference of each row, by target."""
    f, points = every_row(count)
    weights = np.ones((count, len(OPS)))  # by each of which the gradient is a row's value
    program = record(lambda x, w: w @ f(x), points[0], weights[0])
    owners = [k for k, op in enumerate(OPS.values()) for o in op.operands for _ in _numbers(o)]
    _, (partials, values) = program.value_and_grad(points, weights)
    found: dict[str, np.ndarray] = {}

    def differences(run: Run) -> np.ndarray:
        _, (theirs, results) = run(program, [points, weights])
        worst = apart(results, values)
        np.maximum.at(worst, owners, apart(np.reshape(theirs, partials.shape), partials))
        return worst

    with runners() as targets:
        for target, run in targets.items():
            found[target] = differences(run)
    if find_spec("onnxruntime"):
        rows: Program = record(f, points[0])
        for dtype in ("float64", "float32"):
            given = points.astype(dtype)
            theirs = np.stack(run_in_onnx(rows.export("onnx", dtype=dtype), given), axis=1)
            inside = np.abs(values) < (FLOAT32 if dtype == "float32" else np.inf)
            found[f"onnx, {dtype}"] = apart(np.where(inside, theirs, values), values)
    return found


def _numbers(operand: str) -> range:
    return range(3 if operand[0] == "*" else 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--points", type=int, default=200, help="of each row (200)")
    found = table(parser.parse_args().points)
    print(f"| row | {' | '.join(found)} |\n|{'---|' * (len(found) + 1)}")
    for name, differences in zip(
        ["the worst", *OPS], np.column_stack([[max(x), *x] for x in found.values()]), strict=True
    ):
        print(f"| {name} | {' | '.join(f'{x:.0e}' if x else '0' for x in differences)} |")
