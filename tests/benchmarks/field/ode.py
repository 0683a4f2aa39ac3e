"""The gradient of the last number of y after s steps of Runge and Kutta from t = 0 to 2, by x:
y' = (x₀, x₁ y₀, x₂ y₁, ...) and y(0) = 0."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import record, scan

SIZES = [{"n": n, "s": s} for n, s in [(5, 3), (1000, 1), (100, 100), (1000, 100), (10_000, 10)]]


def rates(x: Any, y: Any) -> list[Any]:
    return [x[0], *(a * b for a, b in zip(x[1:], y, strict=False))]


def step(x: Any, y: Any, h: float) -> list[Any]:
    def moved(slopes: Any, by: float) -> list[Any]:
        return [a + by * b for a, b in zip(y, slopes, strict=True)]

    k1 = rates(x, y)
    k2 = rates(x, moved(k1, h / 2))
    k3 = rates(x, moved(k2, h / 2))
    k4 = rates(x, moved(k3, h))
    return [
        v + h / 6 * (a + 2 * b + 2 * c + d) for v, a, b, c, d in zip(y, k1, k2, k3, k4, strict=True)
    ]


def last(x: Any, s: int) -> Any:
    return scan(lambda y: step(x, y, 2 / s), [0.0] * len(x), s)[-1]


def data(n: int, s: int) -> dict[str, Any]:
    return {"x": np.random.default_rng(0).random(n), "s": np.array([float(s)])}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    x, s = data["x"], int(data["s"][0])
    program = record(lambda x: last(x, s), x)
    return lambda: program.value_and_grad(x)[1][0]


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    x, s = data["x"], int(data["s"][0])
    h = 2 / s

    def rates(y: Any) -> Any:
        return x * np.concatenate([[1.0], y[:-1]])

    def back(dk: Any, y: Any, dx: Any) -> Any:
        """Of the rates at y: adds to the gradient by x, gives that by y."""
        dx += dk * np.concatenate([[1.0], y[:-1]])
        return np.concatenate([(dk * x)[1:], [0.0]])

    def derivative() -> Any:
        y, kept = np.zeros(len(x)), []
        for _ in range(s):
            y2 = y + h / 2 * (k1 := rates(y))
            y3 = y + h / 2 * (k2 := rates(y2))
            y4 = y + h * (k3 := rates(y3))
            kept.append((y, y2, y3, y4))
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rates(y4))
        dy, dx = np.zeros(len(x)), np.zeros(len(x))
        dy[-1] = 1
        for y1, y2, y3, y4 in reversed(kept):
            d4 = back(h / 6 * dy, y4, dx)
            d3 = back(h / 3 * dy + h * d4, y3, dx)
            d2 = back(h / 3 * dy + h / 2 * d3, y2, dx)
            dy = dy + d4 + d3 + d2 + back(h / 6 * dy + h / 2 * d2, y1, dx)
        return dx

    return derivative
