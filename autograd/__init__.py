"""A scalar reverse-mode autodiff engine that you can see through."""

from autograd.calculus import *
from autograd.debug import walk as walk
from autograd.draw import Drawing as Drawing
from autograd.draw import draw as draw
from autograd.errors import DomainError as DomainError
from autograd.errors import DomainWarning as DomainWarning
from autograd.errors import GraphError as GraphError
from autograd.explain import why as why
from autograd.functions import *
from autograd.functions import abs as abs
from autograd.graph import topological as topological
from autograd.modes import no_grad as no_grad
from autograd.modes import strict as strict
from autograd.ops import OPS as OPS
from autograd.ops import Op as Op
from autograd.value import Bundle as Bundle
from autograd.value import Value as Value
from autograd.value import bundle as bundle
