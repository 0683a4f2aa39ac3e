"""Scopes: which module of a model a value belongs to, by the parameters it was made with."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from autograd.engine.notation import described
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value

# The path to a module, outermost first: ("layers.0", "neurons.3"); () is outside of every module.
Scope = tuple[str, ...]

OUTSIDE: Scope = ()

# What else a neuron may put around its sum, besides activations.
AROUND = {"clip", "log_sigmoid", "sin"}


class Scopes(dict[Any, Scope]):
    """The scope of each value that belongs to a module; ``paths`` has the name of each parameter.

    A result belongs to the module whose parameters are among its operands. What goes on with such
    results alone belongs there too: a sum of products, and the activation after it.

    >>> from autograd import tanh
    >>> w, x, b = Value(2.0, "w"), Value(0.5, "x"), Value(1.0, "b")
    >>> n = w * x + b
    >>> scopes = Scopes([x, w, *n.operands, n], {"layers.0.w": w, "layers.0.b": b})
    >>> scopes[n], scopes.get(x)
    (('layers.0',), None)
    """

    def __init__(self, order: Iterable[Value], model: Any = None) -> None:
        super().__init__()
        self.name = "model" if isinstance(model, Mapping) else type(model).__name__
        self.paths = {} if model is None else _parameters(model)
        for parameter, path in self.paths.items():
            # layers.0.neurons.3.w.1 is in ("layers.0", "neurons.3")
            self[parameter] = tuple(re.findall(r"[^.]+(?:\.\d+(?![^.]))*", path)[:-1])
        if self.paths:
            self._assign(list(order))

    def titles(self, module: Scope) -> list[str]:
        """What a module and those around it are called, outermost first."""
        return [title(part) for part in module] or [self.name]

    def _assign(self, order: list[Value]) -> None:
        uses = Counter(operand for result in order for operand in result.operands)
        finished: set[Value] = set()  # activations: whatever uses them is outside again
        for result in order:
            operands = [v for v in result.operands if v.op is not CONSTANT]
            owners = [self[v] for v in operands if v in self.paths]
            spread = any(uses[v] > 1 or v in finished for v in operands)
            if owners:
                self[result] = common(owners)
            elif not spread and self._goes_on(result, operands):
                self[result] = self[operands[0]]
                if len(operands) == 1 and len(result.operands) == 1:
                    finished.add(result)
        for result in order:
            for v in result.operands if result in self else ():
                if v.op is CONSTANT and uses[v] == 1:
                    self[v] = self[result]

    def _goes_on(self, result: Value, operands: list[Value]) -> bool:
        """Whether a result of operands that are no parameters continues the work of one module."""
        if len({self.get(v, OUTSIDE) for v in operands}) != 1 or operands[0] not in self:
            return False
        if len(operands) > 1:
            return True
        # With one operand: an activation, or a step of Python's sum(), which begins with 0 + a.
        constants = [v.data for v in result.operands if v.op is CONSTANT]
        if constants:
            return not any(constants)
        op = result.op
        return op is not None and (op.kind == "activation" or op.name in AROUND)


def natural(scope: Scope) -> list[list[tuple[int, str]]]:
    """By what scopes are sorted, 2 before 10."""
    words = [part.split(".") for part in scope]
    return [[(int(w), "") if w.isdecimal() else (-1, w) for w in part] for part in words]


def title(part: str) -> str:
    """What a frame is called: ``layers.0`` is layer 0, and ``neurons.*`` is any neuron.

    >>> title("layers.0"), title("neurons.*"), title("head")
    ('layer 0', 'neuron', 'head')
    """
    name, dot, index = part.partition(".")
    if not dot:
        return name
    singular = name[:-1] if name.endswith("s") and not name.endswith("ss") else name
    return singular if "*" in index else f"{singular} {index.replace('.', ', ')}"


def _parameters(model: Any) -> dict[Value, str]:
    """The path of each parameter, from ``named_parameters()`` or a dict of names."""
    named = getattr(model, "named_parameters", None)
    listed = model.items() if isinstance(model, Mapping) else [("", model)]
    paths: dict[Value, str] = {}
    for pair in named() if callable(named) else listed:
        path, value = pair if isinstance(pair, tuple) and len(pair) == 2 else ("", pair)
        if not isinstance(path, str) or not isinstance(value, Value):
            wrong = model if value is model else value if isinstance(value, str) else path
            needed = "draw needs a model with named_parameters(), or a dict of names to Values"
            raise TypeError(f"{needed}, got {described(wrong)}")
        paths.setdefault(value, path)
    return paths


def common(scopes: list[Scope]) -> Scope:
    """The innermost scope that holds them all."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(min(scopes), max(scopes), strict=False))
    return tuple(part for part, _ in pairs)
