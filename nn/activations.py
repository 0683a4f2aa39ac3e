"""Activations by name, and what is known of them: the range of their answers, and where they level
off.
"""

from collections.abc import Callable
from math import inf

from autograd import Value

__all__ = [
    "ACTIVATIONS",
    "RANGES",
    "SLOPES",
    "Activation",
    "activation_function",
    "activation_name",
]

Activation = Callable[[Value], Value]


def _linear(x: Value) -> Value:
    return x


ACTIVATIONS: dict[str, Activation] = {"linear": _linear} | {
    name: getattr(Value, name)
    for name in (
        "elu",
        "gelu",
        "leaky_relu",
        "relu",
        "sigmoid",
        "silu",
        "softplus",
        "softsign",
        "tanh",
    )
}

# The least and the largest answer, of those that have a bound.
RANGES: dict[str, tuple[float, float]] = {
    **{"tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "sigmoid": (0.0, 1.0)},
    **{"relu": (0.0, inf), "softplus": (0.0, inf)},
}

# The slope over the steepest one, by the answer, of those that level off at both ends.
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
        names = ", ".join(ACTIVATIONS)
        raise ValueError(
            f"an activation needs to be a function or one of {names}, got {activation!r}"
        )
    return ACTIVATIONS[activation]


def activation_name(activation: str | Activation) -> str:
    """An activation as it is written in a call: ``'relu'`` in quotes, a function by its name."""
    if isinstance(activation, str):
        return repr(activation)
    return getattr(activation, "__name__", repr(activation))
