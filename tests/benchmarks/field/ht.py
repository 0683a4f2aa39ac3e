"""Hand tracking: the Jacobian of how far points of a scan are from a skinned hand.

22 bones: the wrist; five fingers of four bones, the first of which keeps still, the second of which
turns about two axes, the others about one; and the forearm. The hand is turned, moved and bent by
26 numbers, theta, and each scanned point lies on a triangle of the skin, at u: 28 columns."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Gathered, cos, dot, jacfwd, jvp, record, sin, sqrt

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


def vertex(theta: Any, bases: Any, inverses: Any, skin: Any) -> list[Any]:
    """A vertex of the skin; skin: each bone's weight times (where it is at rest, 1)."""
    maps = placed(theta, bases, inverses)
    return [dot([x for one in maps for x in one[i]], skin) for i in range(3)]


def distance(u: Any, corners: Any, point: Any) -> list[Any]:
    """How far a point is from its triangle, by the three corners of that."""
    less = -u[0], -u[1], u[0] + u[1] - 1
    return [dot(less, xs, p) for p, xs in zip(point, zip(*corners, strict=True), strict=True)]


def skin_of(data: dict[str, Any]) -> Any:
    return (data["weights"][:, :, None] * data["skin"][:, None]).reshape(VERTICES, 88)


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
    """Each vertex with its slopes by theta once, and then the slopes of each point along those."""
    bases, inverses = data["bases"].tolist(), data["inverses"].tolist()
    theta, skin, corners = data["theta"], skin_of(data), data["corners"].astype(int)

    def followed(theta: Any, skin: Any) -> Any:
        def f(theta: Any) -> Any:
            return vertex(theta, bases, inverses, skin)

        return np.array([[x, *row] for x, row in zip(f(theta), jacfwd(f)(theta), strict=True)])

    def columns(u: Any, corners: Any, point: Any) -> Any:
        at = corners[:, :, 0]
        by_u = jacfwd(distance)(u, at, point)
        by_theta = [
            jvp(lambda c: distance(u, c, point), at, corners[:, :, j])[1] for j in range(1, 27)
        ]
        return np.hstack([np.array(by_u), np.array(by_theta).T])

    vertices = record(followed, theta, skin[0], shared="theta")
    program = record(columns, data["u"][0], np.zeros((3, 3, 27)), data["points"][0])

    def derivative() -> Any:
        return program(data["u"], Gathered(vertices(theta, skin), corners), data["points"])

    return derivative
