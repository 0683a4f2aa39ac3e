"""A scalar reverse-mode autodiff engine that you can see through."""

import os
import sys
import typing
import warnings

if sys.version_info < (
    3,
    11,
):  # in a bare clone, where no installer has looked; what follows is no syntax of theirs
    raise ImportError(
        f"glassgrad needs Python 3.11 or newer, and this is {sys.version.split()[0]}: try python3.13, say"
    )

for _folder in sys.path:
    _folder = os.path.join(_folder or os.curdir, "autograd")
    if os.path.exists(
        os.path.join(_folder, "tracer.py")
    ):  # a file of HIPS autograd, never one of ours
        warnings.warn(
            f"the autograd of glassgrad and that of another distribution (HIPS, in {_folder}) are both installed: "
            "pip uninstall autograd glassgrad, then install glassgrad again",
            stacklevel=2,
        )

from autograd.calculus import *
from autograd.checking import assert_gradients as assert_gradients
from autograd.checking import check as check
from autograd.debugging.nonfinite import trace_nonfinite as trace_nonfinite
from autograd.debugging.walk import walk as walk
from autograd.debugging.why import blocked as blocked
from autograd.debugging.why import why as why
from autograd.define import operation as operation
from autograd.drawing import Drawing as Drawing
from autograd.drawing import draw as draw
from autograd.engine.errors import DomainError as DomainError
from autograd.engine.errors import DomainWarning as DomainWarning
from autograd.engine.errors import GradientError as GradientError
from autograd.engine.errors import GraphError as GraphError
from autograd.engine.errors import LayoutError as LayoutError
from autograd.engine.functions import *
from autograd.engine.functions import abs as abs
from autograd.engine.modes import no_grad as no_grad
from autograd.engine.modes import strict as strict
from autograd.engine.reverse import topological as topological
from autograd.engine.table import OPS as OPS
from autograd.engine.table import Op as Op
from autograd.engine.value import Bundle as Bundle
from autograd.engine.value import Value as Value
from autograd.engine.value import bundle as bundle

if typing.TYPE_CHECKING:
    from autograd.recording import Program as Program
    from autograd.recording import record as record


PROGRAMS = ("Program", "record")


def __dir__() -> list[str]:
    return sorted({*globals(), *PROGRAMS, "Report"})


def __getattr__(name: str) -> typing.Any:
    """What few ask for is imported when somebody does: programs need NumPy, reports the rooms of
    the checker.
    """
    if name == "__all__":
        return _public()
    if name in PROGRAMS:
        try:
            from autograd import recording as program
        except ModuleNotFoundError as missing:
            if missing.name != "numpy":
                raise
            raise ModuleNotFoundError(
                f"{name} needs NumPy: pip install numpy", name="numpy"
            ) from None
        return getattr(program, name)
    if name == "Report":
        from autograd.checking.report import Report

        return Report
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def _public() -> list[str]:
    """For a star import: all but abs, which would hide Python's own, and the modules; programs if
    NumPy is there.
    """
    own = [
        n
        for n, x in globals().items()
        if n not in ("abs", "PROGRAMS") and n[0] != "_" and type(x) is not type(os)
    ]
    try:
        import numpy
    except ModuleNotFoundError:
        return own
    return [*own, *PROGRAMS]
