"""A scalar reverse-mode autodiff engine that you can see through."""

import os
import sys
import typing
import warnings

if sys.version_info < (3, 11):  # in a bare clone, where no installer has looked; what follows is no syntax of theirs
    raise ImportError(
        f"glassgrad needs Python 3.11 or newer, and this is {sys.version.split()[0]}: try python3.13, say"
    )

for _folder in sys.path:
    _folder = os.path.join(_folder or os.curdir, "autograd")
    if os.path.exists(os.path.join(_folder, "tracer.py")):  # a file of HIPS autograd, never one of ours
        warnings.warn(
            f"the autograd of glassgrad and that of another distribution (HIPS, in {_folder}) are both installed: "
            "pip uninstall autograd glassgrad, then install glassgrad again",
            stacklevel=2,
        )

from autograd.calculus import *
from autograd.check import assert_gradients as assert_gradients
from autograd.check import check as check
from autograd.debug import walk as walk
from autograd.draw import Drawing as Drawing
from autograd.draw import draw as draw
from autograd.errors import DomainError as DomainError
from autograd.errors import DomainWarning as DomainWarning
from autograd.errors import GradientError as GradientError
from autograd.errors import GraphError as GraphError
from autograd.errors import LayoutError as LayoutError
from autograd.explain import why as why
from autograd.functions import *
from autograd.functions import abs as abs
from autograd.graph import topological as topological
from autograd.modes import no_grad as no_grad
from autograd.modes import strict as strict
from autograd.nonfinite import blocked as blocked
from autograd.nonfinite import trace_nonfinite as trace_nonfinite
from autograd.operation import operation as operation
from autograd.ops import OPS as OPS
from autograd.ops import Op as Op
from autograd.replay import Frame as Frame
from autograd.replay import play_training as play_training
from autograd.value import Bundle as Bundle
from autograd.value import Value as Value
from autograd.value import bundle as bundle

if typing.TYPE_CHECKING:
    from autograd.program import Program as Program
    from autograd.program import record as record


PROGRAMS = ("Program", "record")


def __dir__() -> list[str]:
    return sorted({*globals(), *PROGRAMS, "Report"})


def __getattr__(name: str) -> typing.Any:
    """What few ask for is imported when somebody does: programs need NumPy, reports the rooms of the checker."""
    if name == "__all__":
        return _public()
    if name in PROGRAMS:
        try:
            from autograd import program
        except ModuleNotFoundError as missing:
            if missing.name != "numpy":
                raise
            raise ModuleNotFoundError(f"{name} needs NumPy: pip install numpy", name="numpy") from None
        return getattr(program, name)
    if name == "Report":
        from autograd.check.verdict import Report

        return Report
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def _public() -> list[str]:
    """For a star import: all but abs, which would hide Python's own, and the modules; programs if NumPy is there."""
    own = [n for n, x in globals().items() if n not in ("abs", "PROGRAMS") and n[0] != "_" and type(x) is not type(os)]
    try:
        import numpy
    except ModuleNotFoundError:
        return own
    return [*own, *PROGRAMS]
