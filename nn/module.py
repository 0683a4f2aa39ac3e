"""Module: anything that has parameters."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from autograd import Value

__all__ = ["Module"]

_BIAS = re.compile(r"(^|\.)(b|bias)(\.\d+)*$")


class Module:
    """Something with parameters: the Values among its attributes, and those of the modules and sequences among them.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, parameter in Line().named_parameters()]
    ['slope', 'offset']
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with the path to it, such as ``layers.0.neurons.2.w.1``; one that is shared comes once."""
        yield from _leaves(self, "", set())

    def parameters(self) -> list[Value]:
        """All parameters, in the order of the attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def weights(self) -> list[Value]:
        """The parameters but for the biases, which are those named ``b`` or ``bias``: what penalties act on.

        >>> from nn import MLP
        >>> len(MLP(3, [4, 1]).parameters()), len(MLP(3, [4, 1]).weights())
        (21, 16)
        """
        return [parameter for name, parameter in self.named_parameters() if not _BIAS.search(name)]

    def modules(self) -> Iterator["Module"]:
        """This module and every module within it, each once.

        >>> from nn import MLP
        >>> [type(module).__name__ for module in MLP(3, [1]).modules()]
        ['MLP', 'Layer', 'Neuron']
        """
        yield from _modules(self, set())

    def zero_grad(self) -> None:
        """Forget the grads of all parameters, as before every step of gradient descent."""
        for parameter in self.parameters():
            parameter.zero_grad()


def _leaves(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """The Values in x that no operation made, each with its path; seen holds what has been walked, by id."""
    if isinstance(x, Value):
        if x.op is None and id(x) not in seen:
            seen.add(id(x))
            yield path, x
        return
    for name, item in _inside(x, seen):
        yield from _leaves(item, f"{path}.{name}" if path else str(name), seen)


def _modules(x: Any, seen: set[int]) -> Iterator[Module]:
    if isinstance(x, Module) and id(x) not in seen:
        yield x
    for _, item in _inside(x, seen):
        yield from _modules(item, seen)


def _inside(x: Any, seen: set[int]) -> Iterable[tuple[Any, Any]]:
    """The names and items of a module, a dict or a sequence; none of it twice."""
    if id(x) in seen:  # a module may know the one that it belongs to
        return ()
    if isinstance(x, Module):
        items: Iterable[tuple[Any, Any]] = vars(x).items()
    elif isinstance(x, dict):
        items = x.items()
    elif isinstance(x, (list, tuple)):
        items = enumerate(x)
    elif getattr(x, "shape", ()) and x.dtype == object:  # NumPy's way to hold Values
        items = enumerate(x.tolist())
    else:
        return ()
    seen.add(id(x))
    return items
