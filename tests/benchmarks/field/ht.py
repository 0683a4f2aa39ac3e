"""Hand tracking: the Jacobian of how far points of a scan are from a skinned hand.

22 bones: the wrist; five fingers of four bones, the first of which keeps still, the second of which
turns about two axes, the others about one; and the forearm. The hand is turned, moved and bent by
26 numbers, theta, and each scanned point lies on a triangle of the skin, at u: 28 columns."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import cos, dot, jacfwd, record, sin, sqrt

SIZES = [{"points": n} for n in (4, 100, 800, 12_800)]
PARENTS = [-1, *(0 if bone % 4 == 1 else bone - 1 for bone in range(1, 21)), 0]
VERTICES = 544
Matrix = list[list[Any]]


def product(A: Matrix, B: Matrix) -> Matrix:
    """Of two affine maps: three rows each, of a matrix and a shift."""
    columns = [[row[j] for row in B] for j in range(4)]
    return [[dot(a[:3], c) + (a[3] if j == 3 else 0) for j, c in enumerate(columns)] for a in A]


def bent(x: Any, z: Any) -> Matrix:
    """A turn about the first axis, then one about the third."""
    cx, sx, cz, sz = cos(x), sin(x), cos(z), sin(z)
    return [[cz, -sz * cx, sz * sx, 0.0], [sz, cz * cx, -cz * sx, 0.0], [0.0, sx, cx, 0.0]]


def turned(r: Any) -> Matrix:
    """A turn about r by the length of r."""
    angle = sqrt(dot(r, r))
    c, s = cos(angle), sin(angle)
    x, y, z = (v / angle for v in r)
    skew = [[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]
    outer = [[a * b for b in (x, y, z)] for a in (x, y, z)]
    return [
        [(1 - c) * outer[i][j] + s * skew[i][j] + (c if i == j else 0.0) for j in range(3)]
        for i in range(3)
    ]


def placed(theta: Any, bases: Any, inverses: Any) -> list[Matrix]:
    """The affine map of each bone's skin."""
    angles = iter(theta[6:])
    whole = [[*row, shift] for row, shift in zip(turned(theta[:3]), theta[3:6], strict=True)]
    absolutes: list[Matrix] = []
    for bone, (base, parent) in enumerate(zip(bases, PARENTS, strict=True)):
        joint = (bone - 1) % 4 if 0 < bone < 21 else 0
        if joint:
            base = product(base, bent(next(angles), next(angles) if joint == 1 else 0.0))
        absolutes.append(product(whole if parent < 0 else absolutes[parent], base))
    return [product(a, i) for a, i in zip(absolutes, inverses, strict=True)]


def distances(maps: list[Matrix], u: Any, corners: Any, point: Any) -> list[Any]:
    """corners: of each corner of the triangle, each bone's weight times (position, 1)."""
    shares = u[0], u[1], 1 - u[0] - u[1]
    mixed = [dot(shares, numbers) for numbers in zip(*corners, strict=True)]
    return [point[i] - dot([x for one in maps for x in one[i]], mixed) for i in range(3)]


def data(points: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)

    def some_turn() -> Any:
        Q, R = np.linalg.qr(rng.normal(size=(3, 3)))
        Q *= np.sign(R.diagonal())
        return Q * np.linalg.det(Q)

    bases, absolutes = np.zeros((22, 3, 4)), np.zeros((22, 4, 4))
    for bone, parent in enumerate(PARENTS):
        bases[bone] = np.column_stack([some_turn(), rng.normal(size=3)])
        full = np.vstack([bases[bone], [0, 0, 0, 1]])
        absolutes[bone] = full if parent < 0 else absolutes[parent] @ full
    weights = np.zeros((VERTICES, 22))
    for row in weights:
        row[rng.choice(22, 4, replace=False)] = rng.dirichlet(np.ones(4))
    skin = np.column_stack([rng.normal(size=(VERTICES, 3)), np.ones(VERTICES)])
    return {
        "theta": rng.normal(size=26),
        "u": rng.random((points, 2)) / 2,
        "points": rng.normal(size=(points, 3)),
        "corners": rng.integers(0, VERTICES, (points, 3)).astype(float),
        "weights": weights,
        "skin": skin,
        "bases": bases,
        "inverses": np.linalg.inv(absolutes)[:, :3],
    }


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    bases, inverses = data["bases"].tolist(), data["inverses"].tolist()
    of_bones = (data["weights"][:, :, None] * data["skin"][:, None]).reshape(VERTICES, 88)
    corners, points = of_bones[data["corners"].astype(int)], data["points"]

    def errors(theta: Any, u: Any, corners: Any, point: Any) -> list[Any]:
        return distances(placed(theta, bases, inverses), u, corners, point)

    def columns(theta: Any, u: Any, corners: Any, point: Any) -> Any:
        rows = jacfwd(errors, argnums=(1, 0))(theta, u, corners, point)
        return np.array([[*by_u, *by_theta] for by_u, by_theta in rows])

    theta, u = data["theta"], data["u"]
    program = record(columns, theta, u[0], corners[0], points[0], shared="theta")
    return lambda: program(theta, u, corners, points)
