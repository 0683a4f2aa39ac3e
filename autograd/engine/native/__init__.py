"""The engine in C, where it was built; ``library`` is None where it was not.

``GLASSGRAD_ENGINE=python`` does without it, ``GLASSGRAD_ENGINE=native`` insists on it; build.py
builds it."""

import os
from importlib import import_module
from typing import Any
from warnings import warn

from autograd.engine.table import OPS

__all__ = ["ENGINE", "found", "library"]


def found(package: str, names: tuple[str, ...]) -> Any:
    """The compiled module of a package, if it is there and knows these rows."""
    wish = os.environ.get("GLASSGRAD_ENGINE", "")
    if wish not in ("", "native", "python"):
        raise ValueError(f"GLASSGRAD_ENGINE needs to be native or python, got {wish!r}")
    if wish == "python":
        return None
    try:
        library = import_module(f"{package}.library")
        rows, fresh = os.path.join(os.path.dirname(str(library.__file__)), "rows.h"), True
        if os.path.exists(rows):  # without pathlib, a tenth of importing autograd
            with open(rows, encoding="utf-8") as file:
                fresh = f'"{library.DIGEST}"' in file.read()
        if fresh and getattr(library, "ROWS", ()) == names:
            # Of several interpreters in a process, the first has it.
            return library if getattr(library, "is_at_home", lambda: True)() else None
        why, cure = "was built from other sources", "pip install -e . builds it anew"
    except ImportError as error:
        absent = error.name == f"{package}.library"
        why = "is not there" if absent else f"cannot be loaded ({error})"
        cure = "install a C compiler, then glassgrad once more (pip install -e . in a clone)"
        if absent and not wish:
            return None
    if wish:
        raise ImportError(f"the native engine {why}: {cure}")
    said = f"the native engine {why}, so the one in Python runs: {cure}"
    warn(said, RuntimeWarning, stacklevel=2)
    return None


library = found(__name__, tuple(OPS))
ENGINE = "python" if library is None else "native"
