"""Kernels: the native interpreter for a set of rows, compiled by numba when it pays, and kept on
disk.
"""

import atexit
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from autograd.engine.table import Op
from autograd.recording.native import source

__all__ = ["IMPORT", "LOAD", "is_installed", "is_loaded", "kernel", "wait"]

# Seconds until a kernel is there, as measured: numba's import, and what a kernel takes to load or
# to compile.
IMPORT, LOAD, COMPILE = 0.5, 0.1, 2.5

_loaded: dict[frozenset[Op], Any] = {}


@cache
def is_installed() -> bool:
    """Whether numba is there (the extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


def is_loaded(rows: Iterable[Op]) -> bool:
    """Whether there is a kernel for (at least) these rows in this process."""
    wanted = frozenset(rows)
    return any(wanted <= known for known in _loaded)


def wait(rows: Iterable[Op]) -> float:
    """The seconds until these rows have a kernel, which must be read or compiled."""
    wanted = frozenset(rows)
    path, _ = _place(wanted)
    is_compiled = any(path.parent.glob(f"__pycache__/{path.stem}.run-*.nbi"))
    return (LOAD if is_compiled else COMPILE) + (0.0 if "numba" in sys.modules else IMPORT)


def kernel(rows: Iterable[Op]) -> Any:
    """The module for (at least) these rows, which numba compiles at its first use ever on this
    machine, in seconds.

    Raises ImportError, in numba's words, if numba itself cannot be imported.
    """
    wanted = frozenset(rows)
    for known, module in _loaded.items():
        if wanted <= known:
            return module
    path, text = _place(wanted)
    path = _written(path, text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[path.stem]
        if not isinstance(error, Exception):
            raise
        raise ImportError(str(error)) from error  # numba refuses in several ways to be imported
    module.rows = _ordered(wanted)  # type: ignore[attr-defined]
    _loaded[wanted] = module
    return module


def _ordered(rows: frozenset[Op]) -> list[Op]:
    return sorted(rows, key=lambda op: op.name)


def _place(rows: frozenset[Op]) -> tuple[Path, str]:
    """Where the kernel of these rows is kept, and its text."""
    text = _text(rows)
    return _folder() / f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:16]}.py", text


@cache
def _text(rows: frozenset[Op]) -> str:
    return source(_ordered(rows))


def _written(path: Path, text: str) -> Path:
    """The path with the text in it: one of a folder for this process, if the cache cannot be
    written.
    """
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            part.write(text)
        os.replace(part.name, path)
    except OSError:
        path = _own_folder() / path.name
        path.write_text(text, encoding="utf-8")
    return path


@cache
def _own_folder() -> Path:
    """A folder that goes with the process."""
    folder = tempfile.mkdtemp(prefix="glassgrad-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _folder() -> Path:
    """Where compiled kernels are kept: GLASSGRAD_CACHE, or the user's cache folder."""
    chosen = os.environ.get("GLASSGRAD_CACHE")
    if chosen:
        return Path(chosen)
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache_home) / "glassgrad"
