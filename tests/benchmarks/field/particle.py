"""The w for which a charged particle comes down at the origin: a descent along the derivative of
where it lands, squared, by w. Its path is integrated by Euler's steps of 0.1 from (0, 8) on, with
the speed (0.75, 0), in the field of charges at (10, 10 - w) and (10, 0), which is the gradient of
their potential: a derivative in what is differentiated."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import grad, record, sqrt, while_loop
from tests.benchmarks.field.descent import lowest

SIZES = [{}]
STEP, LOWEST = 0.1, 0.20719187464861194


def potential(x: Any, y: Any, w: Any) -> Any:
    def inverse(a: Any, b: Any) -> Any:
        return 1 / sqrt((x - a) ** 2 + (y - b) ** 2)

    return inverse(10.0, 10.0 - w) + inverse(10.0, 0.0)


def landing(w: Any) -> Any:
    """Where it comes down, squared."""

    def step(state: Any) -> Any:
        x, y, u, v, _, _ = state
        a, b = grad(potential, argnums=(0, 1))(x, y, w)
        return x + STEP * u, y + STEP * v, u - STEP * a, v - STEP * b, u, v

    start = 0.0, 8.0, 0.75, 0.0, 0.75, 0.0
    x, y, _, _, u, v = while_loop(lambda state: state[1] > 0, step, start)
    return (x - y / v * u) ** 2


def data() -> dict[str, Any]:
    return {"w": np.array([0.0])}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    def w_at_the_origin(w: Any) -> Any:
        return lowest(lambda w: landing(w[0]), [w], 1e-5)[0]

    w = float(data["w"][0])
    program = record(w_at_the_origin, w)
    return lambda: program(w)
