"""Commands run in the test's own process, and what they print and write."""

import contextlib
import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from nn.__main__ import main

HOUSE = Path(__file__).parents[3]
IRIS = HOUSE / "nn" / "data" / "iris.csv"
QUICK = ["--epochs", "3", "--hidden", "4"]
RESULTS = {"model.json", "history.csv", "report.txt", "report.html", "options.json"}
RESULTS |= {"checkpoint.json"}
PLOTS = {"losses.png", "weights.png", "activations.png", "confusion.png"}


def written(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(argv: list[str], status: int = 0, *, terminal: bool = False) -> tuple[str, str]:
    """What a command prints on stdout and on stderr, once its status is as it should be."""
    out, err = Terminal() if terminal else io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        found = main(argv)
    assert found == status, err.getvalue()
    return out.getvalue(), err.getvalue()


def unhurried(err: str) -> str:
    """What a command says on stderr but for what it is busy with, which a slow machine hears."""
    return re.sub(r"^.* \.\.\.\n", "", err, flags=re.MULTILINE)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def python_m_nn(*argv: str, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "nn", *argv]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", **options
    )
