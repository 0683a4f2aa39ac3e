"""The gradient of half the sum of squares by which a polynomial misses the sign of t, at n places
from -1 to 1, by its m coefficients."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import dot, record

SIZES = [{"n": n, "m": m} for n, m in [(5, 4), (16, 128), (512, 128), (4096, 128), (16392, 128)]]


def half_square(coefficients: Any, t: Any, sign: Any) -> Any:
    powers = [1.0, t]
    while len(powers) < len(coefficients):
        powers.append(powers[-1] * t)
    return 0.5 * (sign - dot(coefficients, powers)) ** 2


def data(n: int, m: int) -> dict[str, Any]:
    t = np.linspace(-1, 1, n)
    return {"x": np.random.default_rng(0).random(m), "t": t, "sign": np.sign(t)}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    x, t, sign = data["x"], data["t"], data["sign"]
    program = record(half_square, x, 0.5, 1.0, shared="coefficients")
    return lambda: program.value_and_grad(x, t, sign, argnums=0)[1]


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    def derivative() -> Any:
        powers = np.empty((len(data["x"]), len(data["t"])))
        powers[0] = 1
        for lower, higher in pairwise(powers):
            np.multiply(lower, data["t"], out=higher)
        return powers @ (data["x"] @ powers - data["sign"])

    return derivative
