"""Kernels: the interpreter of tapes as numba compiles it, once for a set of rows, and keeps it on disk."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from autograd.ops import Op
from autograd.program.interpreter import source

__all__ = ["LANES", "is_installed", "kernel"]

# Samples that are computed together, at the most: what they need stays in the cache.
LANES = 128


@cache
def is_installed() -> bool:
    """Whether numba is there (the extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


_loaded: dict[frozenset[Op], Any] = {}


def kernel(rows: Iterable[Op]) -> Any:
    """The compiled module for (at least) these rows; its first use ever on this machine takes seconds to compile."""
    wanted = frozenset(rows)
    for known, module in _loaded.items():
        if wanted <= known:
            return module
    order = sorted(wanted, key=lambda op: op.name)
    text = source(order)
    name = f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    path = _folder() / f"{name}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
            part.write(text)
        os.replace(part.name, path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.rows = order  # type: ignore[attr-defined]
    _loaded[wanted] = module
    return module


def _folder() -> Path:
    """Where compiled kernels are kept: GLASSGRAD_CACHE, or the user's cache folder."""
    chosen = os.environ.get("GLASSGRAD_CACHE")
    if chosen:
        return Path(chosen)
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache_home) / "glassgrad"
