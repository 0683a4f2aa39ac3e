"""The engine in C, where it was built; ``library`` is None where it was not.

``GLASSGRAD_ENGINE=python`` does without it, ``GLASSGRAD_ENGINE=native`` insists on it.
"""

import os
from pathlib import Path
from typing import Any
from warnings import warn

from autograd.engine.table import OPS

__all__ = ["ENGINE", "library"]


def _found() -> Any:
    wish = os.environ.get("GLASSGRAD_ENGINE", "")
    if wish not in ("", "native", "python"):
        raise ValueError(f"GLASSGRAD_ENGINE needs to be native or python, got {wish!r}")
    if wish == "python":
        return None
    try:
        from autograd.engine.native import library
    except ImportError as error:
        if wish == "native":
            why = f"the native engine is not there ({error})"
            raise ImportError(f"{why}: install a C compiler, then pip install glassgrad") from None
        return None
    rows = Path(__file__).with_name("rows.h")
    fresh = not rows.exists() or f'"{library.DIGEST}"' in rows.read_text("utf-8")
    if not fresh or getattr(library, "ROWS", ()) != tuple(OPS):
        warn(
            "the native engine was built from other sources, so the one in Python runs: "
            "pip install -e . builds it anew",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return library


library = _found()
ENGINE = "python" if library is None else "native"
