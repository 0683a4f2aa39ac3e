"""What is printed from the table and checked in is what the table says now."""

import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd.engine import printer
from autograd.engine.recorder import recorder
from tests.cases import each

ENGINE = Path(printer.__file__).parent


@each("name", printer.FILES)
def test_the_printed_files_are_those_of_the_table(name: str) -> None:
    command = "python -m autograd.engine.printer"
    assert (ENGINE / name).read_text("utf-8") == printer.printed()[name], f"out of date: {command}"


def test_the_recorder_of_a_row_does_what_the_printed_method_does() -> None:
    x = autograd.Value(0.3, "x")
    for name in ("tanh", "gelu", "power"):
        ours, printed = recorder(autograd.OPS[name])(x), getattr(x, name, x.square)
        theirs = printed(3) if name == "power" else printed()
        assert (ours.data, ours.partials, ours.op) == (theirs.data, theirs.partials, theirs.op)


@pytest.mark.full  # needs mypy, and seconds
@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("from autograd import tahn", 'has no attribute "tahn"'),
        ("from autograd import Value\nValue(1.0).tahn()", 'has no attribute "tahn"'),
        ("from autograd import Value\nreveal_type(Value(1.0).tanh() + 2)", "value.Value"),
        ("from autograd import record, Program, Report, tanh, where", "Success"),
    ],
)
def test_a_type_checker_knows_every_operation(code: str, wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(code + "\n", "utf-8")
    root = ENGINE.parents[1]
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(root / ".mypy_cache"), str(file)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert wrong in done.stdout, done.stdout + done.stderr
