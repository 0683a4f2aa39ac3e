"""Newton's direction for the centroids of k-means: gradient / diagonal of the Hessian of
Σᵢ minⱼ |pᵢ - cⱼ|², which is zero beside its diagonal."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import dot, jvp, minimum, record

SIZES = [
    {"k": 3, "n": 20, "d": 2},
    {"k": 10, "n": 1000, "d": 8},
    {"k": 100, "n": 10_000, "d": 8},
    {"k": 1000, "n": 10_000, "d": 16},
]


def nearest(centroids: Any, point: Any) -> Any:
    """How far the nearest centroid is, squared."""
    back = [-2 * x for x in point]
    return dot(point, point) + minimum([dot(c, back, dot(c, c)) for c in centroids])


def data(k: int, n: int, d: int) -> dict[str, Any]:
    points = np.random.default_rng(0).random((n, d))
    # Points are centroids too, so that none is without a point; moved, so that none is at its goal.
    return {"points": points, "centroids": points[-k:] + 0.001}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    """The slope along ones, whose gradients by the centroids and by the ones are what is wanted."""
    points, centroids = data["points"], data["centroids"]
    ones = np.ones(centroids.shape)

    def slope(centroids: Any, along: Any, point: Any) -> Any:
        return jvp(lambda c: nearest(c, point), centroids, along)[1]

    program = record(slope, centroids, ones, points[0], shared=("centroids", "along"))

    def derivative() -> Any:
        _, (curvature, gradient) = program.value_and_grad(centroids, ones, points, argnums=(0, 1))
        return gradient / curvature

    return derivative


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    points, centroids = data["points"], data["centroids"]

    def derivative() -> Any:
        squares = (centroids**2).sum(1) - 2 * points @ centroids.T
        near = squares.argmin(1)
        sums = [np.bincount(near, column, len(centroids)) for column in points.T]
        return centroids - np.array(sums).T / np.bincount(near, minlength=len(centroids))[:, None]

    return derivative
