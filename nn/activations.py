"""Activations by name, from the engine's table of operations, and what is known of them."""

from collections.abc import Callable
from math import inf, sqrt

from autograd import OPS, Value, no_grad

__all__ = ["ACTIVATIONS"]

Activation = Callable[[Value], Value]

ACTIVATIONS: dict[str, Activation] = {"linear": lambda x: x} | {
    name: getattr(Value, name) for name in sorted(OPS) if OPS[name].kind == "activation"
}

# What makes up for what an activation takes away: one that grows without bound on one side lets
# half of a signal through (He et al. 2015). Others have a gain of 1.
with no_grad():
    GAINS = {
        name: sqrt(2)
        for name, activation in ACTIVATIONS.items()
        if name != "linear" and activation(Value(40.0)).data - activation(Value(20.0)).data > 1
    }

# The least and the largest output, of those that have a bound.
RANGES = {
    **{"tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "sigmoid": (0.0, 1.0)},
    **{"relu": (0.0, inf), "softplus": (0.0, inf)},
}

# The slope over the steepest one, by the output, of those that level off at both ends.
SLOPES: dict[str, Callable[[float], float]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: 4 * y * (1 - y),
    "softsign": lambda y: (1 - abs(y)) ** 2,
}


def activation_function(activation: str | Activation) -> Activation:
    """The activation of that name, or the function itself.

    >>> activation_function("relu")(Value(-2.0)).data
    0.0
    """
    if callable(activation):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f"an activation needs to be a function or one of {', '.join(ACTIVATIONS)}, got "
            f"{activation!r}"
        )
    return ACTIVATIONS[activation]


def activation_name(activation: str | Activation) -> str:
    """An activation as it is written in a call: ``'relu'`` in quotes, a function by its name."""
    if isinstance(activation, str):
        return repr(activation)
    return getattr(activation, "__name__", repr(activation))
