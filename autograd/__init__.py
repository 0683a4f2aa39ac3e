"""A scalar reverse-mode autodiff engine that you can see through."""

import os
import sys
import warnings

for _folder in sys.path:
    _folder = os.path.join(_folder or os.curdir, "autograd")
    if os.path.exists(os.path.join(_folder, "tracer.py")):  # a file of HIPS autograd, never one of ours
        warnings.warn(
            f"the autograd of glassgrad and that of another distribution (HIPS, in {_folder}) are both installed: "
            "pip uninstall autograd glassgrad, then install glassgrad again",
            stacklevel=2,
        )

from autograd.calculus import *
from autograd.debug import walk as walk
from autograd.errors import DomainError as DomainError
from autograd.errors import DomainWarning as DomainWarning
from autograd.errors import GraphError as GraphError
from autograd.explain import why as why
from autograd.functions import *
from autograd.functions import abs as abs
from autograd.graph import topological as topological
from autograd.modes import no_grad as no_grad
from autograd.modes import strict as strict
from autograd.operation import operation as operation
from autograd.ops import OPS as OPS
from autograd.ops import Op as Op
from autograd.value import Bundle as Bundle
from autograd.value import Value as Value
from autograd.value import bundle as bundle

# For a star import: all of it but abs, which would hide Python's own, and the modules.
__all__ = [n for n, x in list(globals().items()) if n != "abs" and not n.startswith("_") and type(x) is not type(os)]
