"""Activations by name, and what is known of them: the range of their answers, and where they level
off.
"""

from collections.abc import Callable
from math import inf

from autograd import Value

__all__ = ["ACTIVATIONS", "RANGES", "SLOPES", "Activation"]

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
