"""The steepest descent of the problems particle and saddle."""

from collections.abc import Callable
from typing import Any

from autograd import dot, sqrt


def lowest(value_and_grad: Callable[[Any], Any], x: Any, rate: float = 1e-5) -> Any:
    """Where a function of a list is lowest, from x on: after ten steps down the rate is doubled,
    and halved where a step leads up; until the gradient or a step is not longer than 1e-5."""
    value, slope = value_and_grad(x)
    steps = 0
    while sqrt(dot(slope, slope)) > 1e-5:
        if steps == 10:
            rate, steps = 2 * rate, 0
            continue
        moved = [a - rate * b for a, b in zip(x, slope, strict=True)]
        way = [a - b for a, b in zip(x, moved, strict=True)]
        if sqrt(dot(way, way)) <= 1e-5:
            break
        there, slope_there = value_and_grad(moved)
        if there < value:
            x, value, slope, steps = moved, there, slope_there, steps + 1
        else:
            rate, steps = rate / 2, 0
    return x
