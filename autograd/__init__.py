"""A scalar reverse-mode autodiff engine that you can see through."""

import os
import warnings

if os.path.exists(os.path.join(os.path.dirname(__file__), "tracer.py")):  # a file of HIPS autograd, never one of ours
    warnings.warn(
        f"the autograd of another distribution (HIPS) shares the folder {os.path.dirname(__file__)} with ours, and "
        "each overwrites the other: pip uninstall autograd glassgrad, then install glassgrad again",
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
