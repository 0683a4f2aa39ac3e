"""Bundle adjustment: the sparse Jacobian of how far from what cameras saw points are projected.

A camera is a rotation vector (the axis times the angle, which is not 0), a centre, a focal length,
the principal point, and two numbers of radial distortion. Each observation, of one point by one
camera, has a weight w and an error of two numbers, w (projection - feature), and each weight the
error 1 - w². The Jacobian of an observation has 2 rows of 11 + 3 + 1 numbers, and one number."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Gathered, cos, dot, jacfwd, record, sin, sqrt

SIZES = [
    {"cameras": 5, "points": 20, "observations": 60},
    {"cameras": 49, "points": 7776, "observations": 31843},
    {"cameras": 372, "points": 47423, "observations": 204472},
    {"cameras": 1197, "points": 126327, "observations": 563734},
]


def rotated(r: Any, x: Any) -> list[Any]:
    """x, turned about r by the length of r (Rodrigues)."""
    angle = sqrt(dot(r, r))
    c, s = cos(angle), sin(angle)
    a0, a1, a2 = (turn / angle for turn in r)
    x0, x1, x2 = x
    along = dot([a0, a1, a2], x) * (1 - c)
    cross = [a1 * x2 - a2 * x1, a2 * x0 - a0 * x2, a0 * x1 - a1 * x0]
    return [x * c + cr * s + a * along for x, cr, a in zip(x, cross, (a0, a1, a2), strict=True)]


def errors(camera: Any, point: Any, weight: Any, feature: Any) -> list[Any]:
    x, y, z = rotated(camera[:3], [p - c for p, c in zip(point, camera[3:6], strict=True)])
    x, y = x / z, y / z
    square = x * x + y * y
    scale = camera[6] * (1 + camera[9] * square + camera[10] * square * square)
    on_image = x * scale + camera[7], y * scale + camera[8]
    return [weight * (p - f) for p, f in zip(on_image, feature, strict=True)] + [1 - weight**2]


def data(cameras: int, points: int, observations: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    turns, centres = rng.normal(size=(cameras, 3)) * 0.2, rng.normal(size=(cameras, 3))
    lenses = rng.normal([500, 5, -5, 0.1, 0.01], [50, 1, 1, 0.02, 0.002], size=(cameras, 5))
    seen = np.arange(observations)
    return {
        "cameras": np.concatenate([turns, centres, lenses], axis=1),
        "points": rng.normal([0, 0, 20], 2, size=(points, 3)),
        "weights": rng.uniform(0.5, 1.5, size=observations),
        "features": rng.normal(size=(observations, 2)) * 100,
        "by": (seen % cameras).astype(float),
        "of": (seen % points).astype(float),
    }


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    by, of = data["by"].astype(int), data["of"].astype(int)

    def rows(*observation: Any) -> Any:
        first, second, last = jacfwd(errors, argnums=(0, 1, 2))(*observation)
        pair = [[*by_camera, *by_point, by_w] for by_camera, by_point, by_w in (first, second)]
        return np.array(pair), last[2]

    weights, features = data["weights"], data["features"]
    program = record(rows, [0.1] * 11, [1.0] * 3, 1.0, [0.0] * 2)
    cameras, points = Gathered(data["cameras"], by), Gathered(data["points"], of)
    return lambda: program(cameras, points, weights, features)
