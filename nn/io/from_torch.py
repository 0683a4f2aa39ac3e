"""A model of PyTorch's as an MLP of ours, to step through, draw and check: read, never run."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from autograd import Value
from nn.checks import type_name
from nn.layers import ACTIVATIONS, MLP

__all__ = ["from_torch"]

SAME = {name: name.lower() for name in ("ReLU", "GELU", "SiLU", "Sigmoid", "Softplus", "Softsign")}
SAME |= {"Tanh": "tanh", "LogSigmoid": "log_sigmoid"}
# Activations with a constant: its names there and here, and what it usually is.
SCALED = {
    "LeakyReLU": ("leaky_relu", "negative_slope", "slope", 0.01),
    "ELU": ("elu", "alpha", "alpha", 1.0),
}
# What changes no number of a single row.
PASSED = ("Flatten", "Identity")


def from_torch(module: Any) -> MLP:
    """The MLP that computes what a ``torch.nn.Sequential`` of Linear layers, activations and
    Dropout computes, with copies of its weights.

    Activations follow a Linear layer: ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus, Softsign,
    Sigmoid, LogSigmoid and Tanh. Raises TypeError, with the layer's place, for another one.

    >>> from_torch("net")
    Traceback (most recent call last):
        ...
    TypeError: from_torch needs a torch.nn.Sequential or Linear, got str
    """
    if type(module).__name__ not in ("Sequential", "Linear"):
        needed = "from_torch needs a torch.nn.Sequential or Linear"
        raise TypeError(f"{needed}, got {type_name(module)}")
    linear: list[Any] = []
    activations, rates = dict[int, Any](), dict[int, float]()  # by how many Linear come before
    for place, layer in _layers(module):
        name = type(layer).__name__
        if name == "Linear":
            linear.append(layer)
        elif name == "Dropout" and linear:
            rates[len(linear)] = layer.p
        elif name not in PASSED:
            after = len(linear)
            if not after or after in activations or after in rates:
                needed = "from_torch needs each activation after a Linear layer"
                raise TypeError(f"{needed}, and before its Dropout, got {name} at {place}")
            activations[after] = _activation(layer, place)
    if not linear:
        raise TypeError("from_torch needs at least one Linear layer, got none")
    return _filled(linear, activations, _rate(rates, len(linear)))


def _layers(module: Any, place: str = "module") -> Iterator[tuple[str, Any]]:
    if type(module).__name__ != "Sequential":
        yield place, module
        return
    for i, layer in enumerate(module):
        yield from _layers(layer, f"{place}[{i}]")


def _activation(layer: Any, place: str) -> str | Callable[[Value], Value]:
    """The name of an activation, or a function with the constant that it has there."""
    name = type(layer).__name__
    if name in SCALED:
        method, theirs, ours, usual = SCALED[name]
        given = float(getattr(layer, theirs))
        if given == usual:
            return method
        scaled = partial(getattr(Value, method), **{ours: given})
        scaled.__name__ = f"{method}_{given:g}"  # type: ignore[attr-defined]
        return scaled
    if name not in SAME:
        known = ", ".join([*SAME, *SCALED])
        cure = ": leave it out, cross_entropy takes logits" * ("oftmax" in name)
        raise TypeError(f"from_torch needs Linear, Dropout, {known}, got {name} at {place}{cure}")
    for attribute, plain in (("approximate", "none"), ("beta", 1.0)):
        if (own := getattr(layer, attribute, plain)) != plain:
            needed = f"from_torch needs {name} with {attribute}={plain!r}"
            raise TypeError(f"{needed}, got {own!r} at {place}")
    return SAME[name] if SAME[name] in ACTIVATIONS else getattr(Value, SAME[name])


def _rate(rates: dict[int, float], layers: int) -> float:
    """The one rate of an MLP's hidden layers."""
    after, found = {*rates}, {*rates.values()}
    if found - {0.0} and (len(found) > 1 or after != {*range(1, layers)}):
        needed = "from_torch needs the same Dropout after each hidden layer, or none"
        raise TypeError(f"{needed}, got {rates}, by how many Linear layers come before")
    return found.pop() if found else 0.0


def _filled(linear: list[Any], activations: dict[int, Any], rate: float) -> MLP:
    sizes = [layer.out_features for layer in linear]
    for layer, following in pairwise(linear):
        if layer.out_features != following.in_features:
            needed = f"from_torch needs {layer.out_features} inputs after as many outputs"
            raise TypeError(f"{needed}, got a Linear of {following.in_features}")
    model = MLP(linear[0].in_features, sizes, init="zeros", dropout=rate)
    for count, (mine, layer) in enumerate(zip(model.layers, linear, strict=True), 1):
        biases = [None] * len(mine.neurons) if layer.bias is None else layer.bias.tolist()
        for neuron, weights, bias in zip(mine.neurons, layer.weight.tolist(), biases, strict=True):
            neuron.activation = activations.get(count, "linear")
            for w, x in zip(neuron.w, weights, strict=True):
                w.data = x
            if bias is None:
                neuron.b = 0.0  # type: ignore[assignment]  # no parameter, as there
            else:
                neuron.b.data = bias
    return model
