"""The steepest descent of the problems particle and saddle."""

from collections.abc import Callable
from typing import Any

from autograd import dot, sqrt, value_and_grad, where, while_loop


def lowest(f: Callable[[Any], Any], x: list[Any], rate: float) -> list[Any]:
    """Where a function of a list is lowest, from x on: after ten steps down the rate is doubled,
    and halved where a step leads up; until the gradient or a step is not longer than 1e-5."""

    def goes_on(state: Any) -> Any:
        _, _, slope, rate, steps = state
        length = sqrt(dot(slope, slope))
        return (length > 1e-5) & ((steps > 9) | (rate * length > 1e-5))

    def step(state: Any) -> Any:
        x, value, slope, rate, steps = state
        moved = [a - rate * b for a, b in zip(x, slope, strict=True)]
        there, slope_there = value_and_grad(f)(moved)
        is_taken = (steps < 10) & (there < value)

        def chosen(new: list[Any], old: list[Any]) -> list[Any]:
            return [where(is_taken, a, b) for a, b in zip(new, old, strict=True)]

        return (
            chosen(moved, x),
            where(is_taken, there, value),
            chosen(slope_there, slope),
            where(is_taken, rate, where(steps < 10, rate / 2, 2 * rate)),
            where(is_taken, steps + 1, 0.0),
        )

    value, slope = value_and_grad(f)(x)
    return while_loop(goes_on, step, (x, value, slope, rate, 0.0))[0]
