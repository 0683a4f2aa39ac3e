"""Initial weights: small and random, so that neurons differ; smaller the more inputs add up.

An initialiser is a function of the number of a neuron's inputs, the number of neurons in its layer
and a generator, and returns the neuron's weights."""

from collections.abc import Callable, Sequence
from math import isfinite, sqrt
from random import Random
from typing import Any

from nn.activations import GAINS
from nn.checks import number

__all__ = ["INITIALIZERS", "constant"]

Initializer = Callable[[int, int, Random], Sequence[float]]


def constant(x: float) -> Initializer:
    """All weights the same, so that the neurons of a layer stay copies of one another: for the
    lesson on symmetry.

    >>> constant(0.5)(3, 2, Random(0))
    [0.5, 0.5, 0.5]
    """
    number("constant", "number", x, "that is finite", isfinite)
    return lambda nin, nout, rng: [float(x)] * nin


def _uniform(bound: Callable[[int, int], float]) -> Initializer:
    def draw(nin: int, nout: int, rng: Random) -> list[float]:
        most = bound(nin, nout)
        return [rng.uniform(-most, most) for _ in range(nin)]

    return draw


INITIALIZERS: dict[str, Initializer] = {
    # whatever the layer's size: what people did before it was known to fade in deep networks
    "small": _uniform(lambda nin, nout: 0.05),
    # a compromise between the sizes of activations forward and of grads backward: Glorot and
    # Bengio, Understanding the difficulty of training deep feedforward neural networks (2010)
    **dict.fromkeys(("xavier", "glorot"), _uniform(lambda nin, nout: sqrt(6 / (nin + nout)))),
    # twice the variance, since relu lets half of it through: He et al., Delving Deep into
    # Rectifiers (2015)
    "he": _uniform(lambda nin, nout: sqrt(2) * sqrt(3 / nin)),
    "zeros": constant(0.0),
    "ones": constant(1.0),
}


def initial_weights(
    init: str | Initializer | None, activation: Any, nin: int, nout: int, rng: Random
) -> Sequence[float]:
    """A neuron's weights; by None uniform in ±gain·√(3/nin), so that a sum over inputs of variance
    1 has variance gain². Source: LeCun et al., Efficient BackProp (1998); He et al. (2015)."""
    default = _uniform(lambda nin, nout: GAINS.get(str(activation), 1.0) * sqrt(3 / nin))
    function = INITIALIZERS.get(init) if isinstance(init, str) else init or default
    if not callable(function):
        need = f"one of {', '.join(INITIALIZERS)}, or a function (nin, nout, rng) of such weights"
        raise ValueError(f"init needs to be {need}, got {init!r}")
    weights = function(nin, nout, rng)
    if len(weights) != nin or not all(map(isfinite, weights)):
        need = f"{nin} finite weights for a neuron of {nin} inputs"
        raise ValueError(f"init needs to return {need}, got {weights!r}")
    return weights
