"""Kernels: compiled for all rows that are asked for, and only where it pays; nothing is lost
without numba or its cache.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import OPS, record, tanh
from autograd.recording import native
from autograd.recording.native import is_installed, kernel

HOUSE = Path(__file__).parents[3]
pytestmark = pytest.mark.full
needs_numba = pytest.mark.skipif(not is_installed(), reason="needs numba")


@pytest.fixture
def new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No kernel loaded, none on disk."""
    monkeypatch.setattr(native, "_loaded", {})
    monkeypatch.setenv("GLASSGRAD_CACHE", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


@needs_numba
def test_a_kernel_serves_only_programs_all_of_whose_rows_it_has(new_cache: Path) -> None:
    few = kernel([OPS["exp"]])
    both = kernel([OPS["exp"], OPS["log"]])
    assert {row.name for row in few.rows} == {"exp"}
    assert {row.name for row in both.rows} == {"exp", "log"}
    assert kernel([OPS["log"]]) is both
    assert len(list(new_cache.glob("kernel_*.py"))) == 2


@needs_numba
def test_whether_numba_is_used_is_decided_once_from_the_graph_and_the_batch(
    new_cache: Path,
) -> None:
    program = record(lambda x: tanh(x) * x, 0.5)
    expected = program(0.5)  # too little to wait for numba, and so it stays
    assert program.engine == "python up to 8 samples, then numpy"
    for _ in range(1000):
        assert program(0.5) == expected
    assert not new_cache.exists()
    assert not program.settle(calls=10_000, samples=1)
    assert program.settle(calls=10_000_000, samples=1)
    assert program.engine.startswith("numba up to ")
    assert program(0.5) == pytest.approx(expected, rel=1e-15)
    assert not program.settle(native=False)


@needs_numba
def test_a_kernel_is_compiled_where_there_is_no_place_to_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "_loaded", {})
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("GLASSGRAD_CACHE", str(tmp_path / "a file"))
    assert record(tanh, 0.5)(0.5) == pytest.approx(np.tanh(0.5))
    assert (tmp_path / "a file").read_text() == ""


BROKEN = """
from autograd import record, tanh
program = record(lambda x: tanh(x) * x, 0.5)
program.settle(native=True)
print(round(program(0.5), 6), program(0.5) == program(0.5), program.engine)
try:
    record(tanh, 0.5, engine="numba")(0.5)
except ImportError as error:
    print(error)
"""


def test_a_numba_that_cannot_be_imported_is_done_without_and_the_engine_says_why(
    tmp_path: Path,
) -> None:
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text(
        "raise ImportError('Numba needs NumPy 2.3 or less')"
    )
    path = os.pathsep.join([str(tmp_path), str(HOUSE)])
    env = {**os.environ, "PYTHONPATH": path, "GLASSGRAD_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("0.231059 True python up to ")
    assert first.endswith("(numba cannot be imported: Numba needs NumPy 2.3 or less)")
    assert second == "numba cannot be imported: Numba needs NumPy 2.3 or less"
