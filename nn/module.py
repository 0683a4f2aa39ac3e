"""Module: anything that has parameters; and what one returns, as plain numbers."""

import re
from collections.abc import Iterator
from itertools import chain
from random import Random
from types import FunctionType, MethodType, ModuleType
from typing import Any

from autograd import Bundle, Value
from nn.checks import Cures, counted

__all__ = ["Module"]

# What has attributes, but no modules of a model in them.
CODE = (type, FunctionType, MethodType, ModuleType)


_BIAS = re.compile(r"(^|\.)(b|bias)(\.\d+)*$")


class Module(Cures):
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
        """Each parameter, once, with the path to it, such as ``layers.0.neurons.2.w.1``."""
        seen = set[Value]()
        for path, found in _leaves(self):
            for i, x in enumerate(found):
                if x.op is None and x not in seen:
                    seen.add(x)
                    yield f"{path}.{i}" if type(found) is Bundle else path, x

    def parameters(self) -> list[Value]:
        """All parameters, in the order of the attributes."""
        found = chain(*(values for _, values in _leaves(self)))
        return [x for x in dict.fromkeys(found) if x.op is None]

    def weights(self) -> list[Value]:
        """The parameters but for the biases, which are those named ``b`` or ``bias``: what
        penalties act on."""
        is_bias = dict[Value, Any]()
        for path, found in _leaves(self):
            named = _BIAS.search(path)
            for x in found:
                is_bias.setdefault(x, named)
        return [x for x, named in is_bias.items() if not named and x.op is None]

    def modules(self) -> Iterator["Module"]:
        """This module and every module within it, each once."""
        return (x for _, _, x in _walk(self, False) if isinstance(x, Module))

    def zero_grad(self) -> None:
        """Forget the grads of all parameters, as before every step of gradient descent."""
        for parameter in self.parameters():
            parameter.zero_grad()


def modules_in(model: Any) -> Iterator[Module]:
    """Every module in a model, which may be an object of a class of its own that holds some."""
    return (x for _, _, x in _walk(model, True) if isinstance(x, Module))


def check_in_features(model: Any, features: int) -> None:
    """Refuse a model that takes another number of features than the data have."""
    takes = model.in_features if isinstance(model, Module) else None
    if takes not in (None, features):
        write = f"{features}: write {type(model).__name__}({features}, ...)"
        raise ValueError(f"the model takes {counted(takes, 'feature')}, the data have {write}")


def plain(output: Any) -> Any:
    """An output without its array, if it is one: NumPy's arrays of Values become lists."""
    own = isinstance(output, (Value, float, int, list))
    return output if own or not hasattr(output, "tolist") else output.tolist()


def single(output: Any) -> Any:
    """What a row of one holds; others as they are."""
    return output[0] if isinstance(output, (list, tuple)) and len(output) == 1 else output


def numbers(output: Any) -> Any:
    """An output as plain numbers: a float, or a list of them."""
    if type(output) is float:
        return output
    output = plain(output)
    if isinstance(output, (list, tuple)):
        return [x.data if isinstance(x, Value) else float(x) for x in output]
    return output.data if isinstance(output, Value) else float(output)


def generators(model: Any) -> list[Random]:
    """The random generators in a model: dropout has one."""
    return [x for _, _, x in _walk(model, True) if isinstance(x, Random)]


def _leaves(model: Any) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """The Values in a model, one by one or a bundle, each with the path to it."""
    for path, name, x in _walk(model, False):
        if isinstance(x, Value):
            yield f"{path}{name}", (x,)
        elif type(x) is Bundle:
            yield f"{path}{name}", x


def _walk(model: Any, deep: bool) -> Iterator[tuple[str, Any, Any]]:
    """All that a model is made of, each once with its path, bundles of Values as wholes; deep: in
    objects of any class."""
    seen = {id(model)}  # a module may know the one that it belongs to
    yield "", "", model
    entered = [("", iter(_items(model, deep) or ()))]
    while entered:
        path, items = entered[-1]
        for name, x in items:
            if id(x) in seen:
                continue
            if isinstance(x, Value):
                if x.op is None:
                    seen.add(id(x))
                    yield path, name, x
            elif (inside := _items(x, deep)) is not None:
                seen.add(id(x))
                yield path, name, x
                if type(x) is not Bundle:
                    entered.append((f"{path}{name}.", iter(inside)))
                    break
        else:
            entered.pop()


def _items(x: Any, deep: bool) -> Any:
    """What is in something, by name or number; None if it is nothing that a model is made of."""
    if isinstance(x, Module):
        return vars(x).items()
    if isinstance(x, dict):
        return x.items()
    if isinstance(x, (list, tuple)):
        return enumerate(x)
    if getattr(x, "shape", ()) and x.dtype == object:  # NumPy's way to hold Values
        return enumerate(x.tolist())
    if deep and hasattr(x, "__dict__") and not isinstance(x, CODE):
        return vars(x).items()
    return () if isinstance(x, Random) else None
