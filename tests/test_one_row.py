"""An operation is one row: what follows from it, tried in a copy of the house with a row more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import ENGINE

HOUSE = Path(__file__).parents[1]
MISH = '''\
    _activation("mish", "x * tanh(softplus(x))",
                "tanh(softplus(x)) + x * sech(softplus(x))**2 * sigmoid(x)"),
    _activation("softsign"'''
USES = """
import math
import autograd, nn
from autograd import Value, check, draw, grad, mish, record, why

def by_hand(x):
    return x * math.tanh(math.log1p(math.exp(x)))

x = Value(0.5, "x")
y = x.mish()
y.backward()
assert y.data == mish(0.5) == by_hand(0.5) and mish([0.5, 1.0]) == [by_hand(0.5), by_hand(1.0)]
slope = (by_hand(0.5 + 1e-6) - by_hand(0.5 - 1e-6)) / 2e-6
assert abs(x.grad - slope) < 1e-8 and grad(mish)(0.5) == x.grad
third = grad(grad(grad(mish)))
assert abs(third(0.5) - (grad(grad(mish))(0.5 + 1e-5) - grad(grad(mish))(0.5 - 1e-5)) / 2e-5) < 1e-6
for engine in ENGINES:
    value, (dx,) = record(mish, 1.0, engine=engine).value_and_grad(0.5)
    assert abs(value - y.data) < 1e-15 and abs(dx - x.grad) < 1e-14, engine
assert check(mish, 0.5).ok and "dy/dx" in repr(why(y, x)) and "mish" in draw(y).dot
layer = nn.MLP(2, [3, 1], activation="mish", init="he", seed=1)
relu = nn.MLP(2, [3, 1], activation="relu", init="he", seed=1)
assert [p.data for p in layer.parameters()] == [p.data for p in relu.parameters()]
assert layer([0.5, 1.0]).data != relu([0.5, 1.0]).data
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages whose table has the row mish, printed."""
    copy = tmp_path_factory.mktemp("house")
    for package in ("autograd", "nn"):
        shutil.copytree(
            HOUSE / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "*.so")
        )
    table = copy / "autograd" / "engine" / "table.py"
    text = table.read_text("utf-8")
    assert text.count('    _activation("softsign"') == 1
    table.write_text(text.replace('    _activation("softsign"', MISH), "utf-8")
    run(copy, "-m", "autograd.engine.printer")
    return copy


def run(house: Path, *command: str, engine: str = "python") -> str:
    mine = {"PYTHONPATH": str(house), "GLASSGRAD_ENGINE": engine}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=house,
        env={**os.environ, **mine},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_row_makes_method_function_derivatives_replays_checks_drawings_and_an_activation(
    house: Path,
) -> None:
    run(house, "-c", f"ENGINES = ('python', 'numpy')\n{USES}")


def test_a_row_is_known_on_the_command_line(house: Path) -> None:
    assert "0.37" in run(house, "-m", "autograd", "mish(x)", "x=0.5")


@pytest.mark.full
@pytest.mark.skipif(ENGINE == "python", reason="needs the engine in C")
def test_a_row_that_is_printed_and_built_runs_in_c(house: Path, tmp_path: Path) -> None:
    copy = tmp_path / "house"
    shutil.copytree(house, copy)
    build = run(copy, str(copy / "autograd" / "engine" / "native" / "build.py"))
    assert build.startswith("built ")
    in_c = "from autograd.engine.native import library\nassert 'mish' in library.ROWS\n"
    run(copy, "-c", f"{in_c}ENGINES = ('native', 'python', 'numpy')\n{USES}", engine="native")
    numbers = """
from autograd import Value
values = [Value(k / 7) for k in range(-70, 71)]
results = [x.mish() for x in values]
print([(y.data.hex(), *map(float.hex, y.partials)) for y in results])
"""
    both = [run(copy, "-c", numbers, engine=engine) for engine in ("native", "python")]
    assert both[0] == both[1] and both[0].count("0x") >= 280
