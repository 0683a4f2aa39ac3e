"""Processes that run together, as those that train with JAX do."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HOUSE = Path(__file__).parents[1]


def together(
    commands: Sequence[tuple[Sequence[str], Mapping[str, str]]],
) -> list[tuple[str, str, int]]:
    """What each process printed, its errors, and its exit status: of the arguments of Python and
    the environment of each."""
    every = list[subprocess.Popen[str]]()
    pipe = subprocess.PIPE
    try:
        for words, settings in commands:
            options = {"cwd": HOUSE, "env": {**os.environ, **settings}}
            command = [sys.executable, *words]
            every.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options))
        told = [process.communicate(timeout=150) for process in every]
    finally:
        for process in every:
            process.kill()
    return [(*each, process.returncode) for each, process in zip(told, every, strict=True)]
