"""Module: anything that has parameters."""

import re
from collections.abc import Iterable, Iterator
from random import Random
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from autograd import Value
from nn.checks import no_attribute

__all__ = ["Module"]

# What has attributes, but no modules of a model in them.
CODE = (type, FunctionType, MethodType, ModuleType)

# What modules and models of other libraries have.
CURES = {
    "fit": "write train(model, data)",
    "train": "write train(model, data), or for dropout: with training_mode(model): ...",
    "eval": "dropout is on inside of training_mode(model) alone",
    "forward": "write model(row)",
    "predict": "write model(row), or predict(model, data)",
    "score": "write evaluate(model, data)",
    "evaluate": "write evaluate(model, data)",
    "compile": "give train the loss and the optimizer",
    "summary": "write print(model)",
    "state_dict": "write save(model, path)",
    "load_state_dict": "write load(path, model)",
}

_BIAS = re.compile(r"(^|\.)(b|bias)(\.\d+)*$")


class Module:
    """Something with parameters: the Values among its attributes, and those of the modules, dicts
    and sequences among them.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, parameter in Line().named_parameters()]
    ['slope', 'offset']
    """

    in_features: int | None = None  # how many features a row needs; None if that is not known

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with the path to it, such as ``layers.0.neurons.2.w.1``; one that is
        shared comes once.
        """
        yield from _leaves(self, "", set())

    def parameters(self) -> list[Value]:
        """All parameters, in the order of the attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def weights(self) -> list[Value]:
        """The parameters but for the biases, which are those named ``b`` or ``bias``: what
        penalties act on.

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

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, CURES)


def modules_in(model: Any) -> Iterator[Module]:
    """Every module in a model, which may be an object of a class of its own that holds some.

    >>> from nn import MLP
    >>> class Plain:
    ...     def __init__(self):
    ...         self.inner = MLP(3, [1])
    >>> [type(module).__name__ for module in modules_in(Plain())]
    ['MLP', 'Layer', 'Neuron']
    """
    yield from _modules(model, set(), deep=True)


def check_in_features(model: Any, features: int) -> None:
    """Raise a ValueError if the model takes rows of another number of features than the data have.

    >>> from nn import MLP
    >>> check_in_features(MLP(2, [8, 3]), 4)
    Traceback (most recent call last):
    ValueError: the model takes 2 features, the data have 4: write MLP(4, ...)
    """
    takes = model.in_features if isinstance(model, Module) else None
    if takes not in (None, features):
        raise ValueError(
            f"the model takes {takes} feature{'s' if takes != 1 else ''}, the data have "
            f"{features}: "
            f"write {type(model).__name__}({features}, ...)"
        )


def generators(model: Any) -> list[Random]:
    """The random generators among the attributes of the model and its modules (dropout has one).

    >>> from nn import MLP
    >>> len(generators(MLP(2, [4, 1], dropout=0.5))), len(generators(MLP(2, [4, 1])))
    (1, 0)
    """
    holders = [*([] if isinstance(model, Module) else [model]), *modules_in(model)]
    held = [x for holder in holders for x in getattr(holder, "__dict__", {}).values()]
    return list({id(rng): rng for rng in held if isinstance(rng, Random)}.values())


def _leaves(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """The Values in x that no operation made, each with its path; seen holds ids of the walked."""
    if isinstance(x, Value):
        if x.op is None and id(x) not in seen:
            seen.add(id(x))
            yield path, x
        return
    for name, item in _inside(x, seen):
        yield from _leaves(item, f"{path}.{name}" if path else str(name), seen)


def _modules(x: Any, seen: set[int], deep: bool = False) -> Iterator[Module]:
    """The modules in x; deep: also in objects of any other class."""
    if isinstance(x, Module) and id(x) not in seen:
        yield x
    for _, item in _inside(x, seen, deep):
        yield from _modules(item, seen, deep)


def _inside(x: Any, seen: set[int], deep: bool = False) -> Iterable[tuple[Any, Any]]:
    """The names and items of a module, a dict or a sequence; nothing twice, since a module may know
    the one that it belongs to.
    """
    items: Iterable[tuple[Any, Any]]
    if id(x) in seen:
        return ()
    if isinstance(x, Module):
        items = vars(x).items()
    elif isinstance(x, dict):
        items = x.items()
    elif isinstance(x, (list, tuple)):
        items = enumerate(x)
    elif getattr(x, "shape", ()) and x.dtype == object:  # NumPy's way to hold Values
        items = enumerate(x.tolist())
    elif deep and hasattr(x, "__dict__") and not isinstance(x, CODE):
        items = vars(x).items()
    else:
        return ()
    seen.add(id(x))
    return items
