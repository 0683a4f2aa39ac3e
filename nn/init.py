"""Initial weights: small and random, so that neurons differ; smaller the more inputs add up."""

from math import sqrt
from random import Random

__all__ = ["GAINS", "uniform"]

# How much an activation shrinks what passes through it: relu lets half of it through (He et al. 2015).
GAINS = {"relu": sqrt(2), "leaky_relu": sqrt(2), "elu": sqrt(2), "gelu": sqrt(2), "silu": sqrt(2), "softplus": sqrt(2)}


def uniform(nin: int, gain: float, rng: Random) -> list[float]:
    """Weights for nin inputs, uniform in ±gain·√(3/nin), so that a sum over inputs of variance 1 has variance gain².

    Source: LeCun et al., Efficient BackProp (1998); He et al., Delving Deep into Rectifiers (2015).

    >>> all(abs(w) <= 1 for w in uniform(3, 1.0, Random(0)))
    True
    """
    bound = gain * sqrt(3 / nin)
    return [rng.uniform(-bound, bound) for _ in range(nin)]
