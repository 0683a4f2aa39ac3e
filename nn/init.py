"""Initial weights: small and random, so that neurons differ; smaller the more inputs add up."""

from collections.abc import Callable, Sequence
from math import isfinite, sqrt
from numbers import Real
from random import Random

__all__ = [
    "GAINS",
    "INITIALIZERS",
    "Initializer",
    "constant",
    "he",
    "initializer",
    "small",
    "uniform",
    "xavier",
]

# The weights of one neuron, from its number of inputs, the number of neurons beside it, and a
# generator.
Initializer = Callable[[int, int, Random], Sequence[float]]

# How much an activation shrinks what passes through it: relu lets half of it through (He et al.
# 2015).
GAINS = {
    "relu": sqrt(2),
    "leaky_relu": sqrt(2),
    "elu": sqrt(2),
    "gelu": sqrt(2),
    "silu": sqrt(2),
    "softplus": sqrt(2),
}


def uniform(nin: int, gain: float, rng: Random) -> list[float]:
    """Weights for nin inputs, uniform in ±gain·√(3/nin), so that a sum over inputs of variance 1
    has variance gain².

    Source: LeCun et al., Efficient BackProp (1998); He et al., Delving Deep into Rectifiers (2015).

    >>> all(abs(w) <= 1 for w in uniform(3, 1.0, Random(0)))
    True
    """
    return _within(gain * sqrt(3 / nin), nin, rng)


def small(nin: int, nout: int, rng: Random) -> list[float]:
    """Uniform in ±0.05, whatever the layer's size: what people did before it was known to fade in
    deep networks.

    >>> all(abs(w) <= 0.05 for w in small(3, 2, Random(0)))
    True
    """
    return _within(0.05, nin, rng)


def xavier(nin: int, nout: int, rng: Random) -> list[float]:
    """Uniform in ±√(6/(nin + nout)): a compromise between the sizes of activations forward and of
    grads backward.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    >>> all(abs(w) <= 1 for w in xavier(4, 2, Random(0)))
    True
    """
    return _within(sqrt(6 / (nin + nout)), nin, rng)


def he(nin: int, nout: int, rng: Random) -> list[float]:
    """Uniform in ±√(6/nin): twice the variance, since relu lets half of it through.

    Source: He et al., Delving Deep into Rectifiers (2015).

    >>> all(abs(w) <= 1 for w in he(6, 2, Random(0)))
    True
    """
    return uniform(nin, sqrt(2), rng)


def constant(x: float) -> Initializer:
    """All weights the same, so that the neurons of a layer stay copies of one another: for the
    lesson on symmetry.

    >>> constant(0.5)(3, 2, Random(0))
    [0.5, 0.5, 0.5]
    """
    if not isinstance(x, Real) or not isfinite(x):
        raise ValueError(f"constant needs a finite number, got {x!r}")
    return lambda nin, nout, rng: [float(x)] * nin


INITIALIZERS: dict[str, Initializer] = {
    **{"small": small, "xavier": xavier, "glorot": xavier, "he": he},
    **{"zeros": constant(0.0), "ones": constant(1.0)},
}


def initializer(init: str | Initializer) -> Initializer:
    """The initialiser of that name, or the function itself, whose answers are then checked.

    >>> initializer("zeros")(2, 1, Random(0))
    [0.0, 0.0]
    """
    if isinstance(init, str) and init in INITIALIZERS:
        return INITIALIZERS[init]
    if not callable(init):
        raise ValueError(
            f"init needs to be one of {', '.join(INITIALIZERS)}, or a function (nin, nout, rng) that returns the "
            f"weights of a neuron, got {init!r}"
        )

    def checked(nin: int, nout: int, rng: Random) -> Sequence[float]:
        weights = init(nin, nout, rng)
        if len(weights) != nin or not all(map(isfinite, weights)):
            raise ValueError(
                f"init needs to return {nin} finite weights for a neuron of {nin} inputs, got {weights!r}"
            )
        return weights

    return checked


def _within(bound: float, nin: int, rng: Random) -> list[float]:
    return [rng.uniform(-bound, bound) for _ in range(nin)]
