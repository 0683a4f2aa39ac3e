"""The gradient of half the sum of squares by which a polynomial misses the sign of t, at n places
from -1 to 1, by its m coefficients."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Value, dot, record

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
    x = [Value(v) for v in data["x"].tolist()]
    program = record(lambda t, sign: half_square(x, t, sign), 0.5, 1.0)
    places = {id(p): i for i, p in enumerate(x)}
    order = [places[id(p)] for p in program.parameters]

    def derivative() -> Any:
        at, gradient = data["x"][order], np.empty(len(x))
        gradient[order] = program.parameter_grad(data["t"], data["sign"], reduce="sum", at=at)[1]
        return gradient

    return derivative


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    def derivative() -> Any:
        powers = np.empty((len(data["x"]), len(data["t"])))
        powers[0] = 1
        for lower, higher in pairwise(powers):
            np.multiply(lower, data["t"], out=higher)
        return powers @ (data["x"] @ powers - data["sign"])

    return derivative
