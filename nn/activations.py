"""Activations by name, from the engine's table of operations, and what is known of them."""

from bisect import bisect
from collections.abc import Callable
from math import inf, sqrt

from autograd import OPS, Value, grad, no_grad

Activation = Callable[[Value], Value]

ACTIVATIONS: dict[str, Activation] = {"linear": lambda x: x} | {
    name: getattr(Value, name) for name in sorted(OPS) if OPS[name].kind == "activation"
}

# What makes up for what an activation takes away: one that grows without bound on one side lets
# half of a signal through (He et al. 2015). Others have a gain of 1.
GAINS: dict[str, float] = {}
# The least and the largest output, of those that have a bound, and come to it at the ends.
RANGES: dict[str, tuple[float, float]] = {}

with no_grad():
    for name, activation in ACTIVATIONS.items():
        low, inside, high = (activation(Value(x)).data for x in (-1e300, -1.0, 1e300))
        if high > 1e9 and name != "linear":
            GAINS[name], high = sqrt(2), inf
        if -1e9 < low <= inside:
            RANGES[name] = low, high

BOUNDED = {name: ends for name, ends in RANGES.items() if ends[1] < inf}


def steep_outputs(activation: Activation, least: float) -> tuple[float, float]:
    """The outputs of a bounded one where its slope is at least that fraction of the one at 0."""
    slope = grad(activation)

    def end(side: float) -> float:
        flat = bisect(range(10**17), -least * slope(0.0), key=lambda k: -slope(side * k / 10**15))
        return activation(Value(side * flat / 10**15)).data

    return end(-1.0), end(1.0)


def activation_function(activation: str | Activation) -> Activation:
    """The activation of that name, or the function itself."""
    if isinstance(activation, str) and activation in ACTIVATIONS:
        return ACTIVATIONS[activation]
    if isinstance(activation, str) or not callable(activation):
        need = f"to be a function or one of {', '.join(ACTIVATIONS)}"
        raise ValueError(f"an activation needs {need}, got {activation!r}")
    return activation


def activation_name(activation: str | Activation) -> str:
    """An activation as it is written in a call: ``'relu'`` in quotes, a function by its name."""
    if isinstance(activation, str):
        return repr(activation)
    return getattr(activation, "__name__", repr(activation))
