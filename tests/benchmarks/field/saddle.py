"""The saddle of x·x - y·y: where the highest of it by y is lowest by x, found by descents: each
step of the outer one differentiates a whole inner one, which differentiates."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import dot, record
from tests.benchmarks.field.descent import lowest

SIZES = [{"rate": 0.1}, {"rate": 1e-5}]


def height(x: Any, y: Any) -> Any:
    return dot(x, x) - dot(y, y)


def highest(x: Any, start: Any, rate: float) -> Any:
    """The y for which the height is highest."""
    return lowest(lambda y: -height(x, y), start, rate)


def saddle(start: Any, rate: float) -> Any:
    x = lowest(lambda x: height(x, highest(x, start, rate)), start, rate)
    return x + highest(x, start, rate)


def data(rate: float) -> dict[str, Any]:
    return {"start": np.array([1.0, 1.0]), "rate": np.array([rate])}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    start, rate = data["start"].tolist(), float(data["rate"][0])
    program = record(lambda start: saddle(start, rate), start)
    return lambda: program(start)
