"""A scalar reverse-mode autodiff engine that you can see through."""

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

# In a bare clone, where no installer has looked; what follows is no syntax of older ones.
if sys.version_info < (3, 11):
    _version = sys.version.split()[0]
    raise ImportError(f"glassgrad needs Python 3.11 or newer, this is {_version}: try python3.13")

for _folder in sys.path:
    _folder = os.path.join(_folder or os.curdir, "autograd")
    if os.path.exists(os.path.join(_folder, "tracer.py")):  # a file of HIPS autograd's, never ours
        _both = f"the autograd of glassgrad and that of another distribution (HIPS, in {_folder})"
        _remedy = "pip uninstall autograd glassgrad, then install glassgrad again"
        warnings.warn(f"{_both} are both installed: {_remedy}", stacklevel=2)

from autograd.calculus import *
from autograd.debugging.nonfinite import trace_nonfinite as trace_nonfinite
from autograd.engine.elementwise import *
from autograd.engine.elementwise import abs as abs
from autograd.engine.errors import *
from autograd.engine.functions import *
from autograd.engine.guard import withholding as withholding
from autograd.engine.modes import no_grad as no_grad
from autograd.engine.modes import strict as strict
from autograd.engine.native import ENGINE as ENGINE
from autograd.engine.reverse import topological as topological
from autograd.engine.table import OPS as OPS
from autograd.engine.table import Op as Op
from autograd.engine.value import Bundle as Bundle
from autograd.engine.value import Value as Value
from autograd.engine.value import bundle as bundle
from autograd.tree import assign as assign


def _latex(y: Value, by: Any = None) -> str:
    """The formula in LaTeX, or its derivative: see ``latex``."""
    from autograd.export.latex import latex

    return latex(y, by)


Value.latex = _latex  # type: ignore[attr-defined]  # the engine knows nothing of the rooms above it

# What few ask for is imported when somebody does, or importing autograd would take long.
LATER = {
    "checking.checks": ["assert_gradients", "check"],
    "checking.report": ["Report"],
    "cli.terminal": ["Terminal"],
    "debugging.display": ["Code", "Table", "Viewable", "in_notebook", "show_page"],
    "debugging.walk": ["walk"],
    "debugging.why": ["blocked", "why"],
    "define": ["operation"],
    "drawing": ["Drawing", "draw"],
    "drawing.page": ["web_page"],
    "exercises.session": ["Quiz", "quiz"],
    "export.computable": ["recompute"],
    "export.latex": ["latex"],
    "export.micrograd": ["from_micrograd"],
    "loops": ["scan", "while_loop"],
    "recording": ["Gathered", "Program", "batch_max", "batch_mean", "batch_total", "record"],
    "recording.processes": ["Processes"],
}


def __dir__() -> list[str]:
    now = {name for name, x in globals().items() if name[0] != "_" and type(x) is not type(os)}
    unlisted = {"LATER", "Any", "TYPE_CHECKING", "Terminal"}  # the last needs an extra
    return sorted(now.union(*LATER.values()) - unlisted)


if TYPE_CHECKING:
    from autograd.checking.checks import assert_gradients as assert_gradients
    from autograd.checking.checks import check as check
    from autograd.checking.report import Report as Report
    from autograd.cli.terminal import Terminal as Terminal
    from autograd.debugging.display import *
    from autograd.debugging.walk import walk as walk
    from autograd.debugging.why import blocked as blocked
    from autograd.debugging.why import why as why
    from autograd.define import operation as operation
    from autograd.drawing import *
    from autograd.drawing.page import web_page as web_page
    from autograd.exercises.session import *
    from autograd.export.computable import recompute as recompute
    from autograd.export.latex import latex as latex
    from autograd.export.micrograd import from_micrograd as from_micrograd
    from autograd.loops import *
    from autograd.recording import *
    from autograd.recording.processes import Processes as Processes
else:  # unseen by type checkers, which would take any name for one of ours

    def __getattr__(name: str) -> Any:
        from importlib import import_module, util

        if name == "__all__":  # of a star import: abs would hide Python's own
            hidden = ["abs", *LATER["debugging.display"]]
            hidden += [] if util.find_spec("numpy") else LATER["recording"]
            return [name for name in __dir__() if name not in hidden]
        for place, names in LATER.items():
            if name in names:
                try:
                    return getattr(import_module(f"autograd.{place}"), name)
                except ModuleNotFoundError as missing:
                    if missing.name != "numpy":
                        raise
                    needed = f"{name} needs NumPy: pip install numpy"
                    raise ModuleNotFoundError(needed, name="numpy") from None
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
