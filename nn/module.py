"""Module: anything that has parameters."""

from collections.abc import Iterator
from typing import Any

from autograd import Value

__all__ = ["Module"]


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
    if id(x) in seen:  # a module may know the one that it belongs to
        return
    if isinstance(x, Module):
        items: Any = vars(x).items()
    elif isinstance(x, dict):
        items = x.items()
    elif isinstance(x, (list, tuple)):
        items = enumerate(x)
    else:
        return
    seen.add(id(x))
    for name, item in items:
        yield from _leaves(item, f"{path}.{name}" if path else str(name), seen)
