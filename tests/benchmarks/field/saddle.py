"""The saddle of x·x - y·y: where the highest of it by y is lowest by x, found by descents: each
step of the outer one differentiates a whole inner one, which differentiates."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import dot, value_and_grad
from tests.benchmarks.field.descent import lowest

SIZES = [{"rate": 0.1}, {"rate": 1e-5}]


def height(x: Any, y: Any) -> Any:
    return dot(x, x) - dot(y, y)


def highest(x: Any, start: Any, rate: float) -> Any:
    """The y for which the height is highest."""

    def down(y: Any) -> Any:
        return -height(x, y)

    return lowest(value_and_grad(down), start, rate)


def data(rate: float) -> dict[str, Any]:
    return {"start": np.array([1.0, 1.0]), "rate": np.array([rate])}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    start, rate = data["start"].tolist(), float(data["rate"][0])

    def upper(x: Any) -> Any:
        return height(x, highest(x, start, rate))

    def derivative() -> Any:
        x = lowest(value_and_grad(upper), start, rate)
        return x + highest(x, start, rate)

    return derivative
