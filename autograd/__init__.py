"""A scalar reverse-mode autodiff engine that you can see through."""

from autograd.calculus import *
from autograd.debug import walk
from autograd.errors import DomainError, DomainWarning, GraphError
from autograd.explain import why
from autograd.functions import *
from autograd.functions import abs
from autograd.graph import topological
from autograd.modes import no_grad, strict
from autograd.ops import OPS, Op
from autograd.value import Bundle, Value, bundle
