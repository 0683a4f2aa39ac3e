"""The gradient of log Σ exp xᵢ."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import logsumexp, record

SIZES = [{"n": n} for n in (50, 2500, 80_000, 1_280_000)]


def data(n: int) -> dict[str, Any]:
    return {"x": np.random.default_rng(0).random(n)}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    x = data["x"]
    program = record(logsumexp, x)
    return lambda: program.value_and_grad(x)[1][0]


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    def derivative() -> Any:
        shares = np.exp(data["x"] - data["x"].max())
        return shares / shares.sum()

    return derivative
