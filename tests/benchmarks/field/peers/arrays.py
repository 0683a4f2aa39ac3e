"""The problems in the words of arrays: for JAX, PyTorch and HIPS autograd, each of which passes
itself as ``t``, with its NumPy and its loops."""

from math import lgamma, log, pi
from typing import Any

GAMMA, M = 1.0, 0


def hello(t: Any, x: Any) -> Any:
    return x * x


def ba(t: Any, cameras: Any, points: Any, weights: Any, features: Any) -> Any:
    """All errors, 3 of each observation, from the numbers of each observation: 3 x p."""
    r, X = cameras[:, :3], points - cameras[:, 3:6]
    angle = t.np.sqrt((r * r).sum(1))[:, None]
    axis, c, s = r / angle, t.np.cos(angle), t.np.sin(angle)
    along = (axis * X).sum(1)[:, None] * (1 - c)
    turned = X * c + t.cross(axis, X) * s + axis * along
    p = turned[:, :2] / turned[:, 2:]
    square = (p * p).sum(1)[:, None]
    lens = 1 + cameras[:, 9:10] * square + cameras[:, 10:11] * square * square
    on_image = p * lens * cameras[:, 6:7] + cameras[:, 7:9]
    both = weights[:, None] * (on_image - features)
    return t.np.stack([both[:, 0], both[:, 1], 1 - weights * weights])


def det(t: Any, matrix: Any, table: Any) -> Any:
    """Level by level, the minors of the last rows; table: which of the level below take part."""
    minors = 0 * matrix[0, :1] + 1
    for row, (columns, below, signs) in zip(t.flip(matrix), table, strict=True):
        minors = (row[columns] * signs * minors[below]).sum(1)
    return minors[0]


def lower(t: Any, q: Any, tri: Any, places: Any) -> Any:
    """The triangles, k x d x d; places: for each of a triangle's numbers its own, else the last."""
    padded = t.np.concatenate([t.np.exp(q), tri, 0 * q[:, :1]], 1)
    return padded[:, places]


def gmm(t: Any, a: Any, mean: Any, q: Any, tri: Any, x: Any, places: Any) -> Any:
    (n, d), k = x.shape, len(a)
    L = lower(t, q, tri, places)
    centred = x[None] - mean[:, None]
    y = t.np.matmul(centred, t.np.swapaxes(L, 1, 2))
    betas = (a + q.sum(1))[:, None] - 0.5 * (y * y).sum(2)
    likelihood = t.logsumexp(betas, 0).sum() - n * t.logsumexp(a, 0) - n * d / 2 * log(2 * pi)
    free = d + M + 1
    multigamma = d * (d - 1) / 4 * log(pi) + sum(lgamma((free - j) / 2) for j in range(d))
    prior = M * q.sum() - GAMMA**2 / 2 * (L * L).sum()
    return likelihood + prior + k * (free * d * log(GAMMA / 2**0.5) - multigamma)


def ht(t: Any, theta: Any, u: Any, d: Any) -> Any:
    """The errors, p x 3; d: the hand, with its points."""
    r = theta[:3]
    angle = t.np.sqrt((r * r).sum())
    axis, c, s = r / angle, t.np.cos(angle), t.np.sin(angle)
    skew = t.np.stack([*(0 * c, -axis[2], axis[1]), *(axis[2], 0 * c, -axis[0])])
    skew = t.np.concatenate([skew, t.np.stack([-axis[1], axis[0], 0 * c])]).reshape(3, 3)
    whole = (1 - c) * axis[:, None] * axis[None] + s * skew + c * d["eye"]
    # All 15 joints at once: cos and sin of the two angles of each, of which most second ones are 0.
    angles = t.np.concatenate([theta[6:], 0 * theta[:1]])[d["joints"]]
    (cx, cz), (sx, sz) = t.np.cos(angles), t.np.sin(angles)
    o = 0 * cx
    rows = [cz, -sz * cx, sz * sx, sz, cz * cx, -cz * sx, o, sx, cx]
    bends = t.np.swapaxes(t.np.stack(rows), 0, 1).reshape(15, 3, 3)
    turns, shifts = [], []
    for bone, parent in enumerate(d["parents"]):
        base, shift = d["bases"][bone][:, :3], d["bases"][bone][:, 3]
        if d["bend"][bone] >= 0:
            base = t.np.matmul(base, bends[d["bend"][bone]])
        above, place = (whole, theta[3:6]) if parent < 0 else (turns[parent], shifts[parent])
        turns.append(t.np.matmul(above, base))
        shifts.append(t.np.matmul(above, shift) + place)
    turns, shifts = t.np.stack(turns), t.np.stack(shifts)
    maps = t.np.matmul(turns, d["inverses"][:, :, :3])
    places = t.np.matmul(turns, d["inverses"][:, :, 3:])[:, :, 0] + shifts
    full = t.np.concatenate([maps, places[:, :, None]], 2)
    skin = t.np.matmul(d["skin"], t.np.swapaxes(full, 0, 1).reshape(3, 88).T)
    a, b, c = (skin[d["corners"][:, i]] for i in range(3))
    return d["points"] - (u[:, :1] * a + u[:, 1:] * b + (1 - u[:, :1] - u[:, 1:]) * c)


def kmeans(t: Any, centroids: Any, points: Any) -> Any:
    squares = (points**2).sum(1)[:, None] + (centroids**2).sum(1)[None]
    return t.smallest(squares - 2 * t.np.matmul(points, centroids.T), 1).sum()


def llsq(t: Any, x: Any, places: Any, sign: Any) -> Any:
    powers = t.np.cumprod(t.np.concatenate([0 * places[None] + 1, t.repeat(places, len(x) - 1)]), 0)
    return 0.5 * ((sign - t.np.matmul(x, powers)) ** 2).sum()


def lse(t: Any, x: Any) -> Any:
    return t.logsumexp(x, 0)


def lstm(t: Any, main: Any, extra: Any, state: Any, text: Any) -> Any:
    def read(state: Any, pair: Any) -> Any:
        character, coming = pair
        signal, after = character * extra[0], []
        for w, (h, c) in zip(main, state, strict=True):
            forget, admit = t.sigmoid(signal * w[0] + w[4]), t.sigmoid(h * w[1] + w[5])
            put_out, change = t.sigmoid(signal * w[2] + w[6]), t.np.tanh(h * w[3] + w[7])
            c = c * forget + admit * change
            signal = put_out * t.np.tanh(c)
            after.append((signal, c))
        guess = signal * extra[1] + extra[2]
        logs = guess - t.np.log(t.np.exp(guess).sum() + 2)
        return after, (coming * logs).sum()

    logs = t.scan(read, [(h, c) for h, c in state], (text[:-1], text[1:]))
    return -logs.sum() / ((len(text) - 1) * len(text[0]))


def ode(t: Any, x: Any, s: int) -> Any:
    h, one = 2 / s, 0 * x[:1] + 1

    def rates(y: Any) -> Any:
        return x * t.np.concatenate([one, y[:-1]])

    def step(y: Any) -> Any:
        k1 = rates(y)
        k2 = rates(y + h / 2 * k1)
        k3 = rates(y + h / 2 * k2)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rates(y + h * k3))

    return t.repeated(step, 0 * x, s)[-1]


def potential(t: Any, place: Any, w: Any) -> Any:
    x, y = place
    first = t.np.sqrt((x - 10.0) ** 2 + (y - (10.0 - w)) ** 2)
    return 1 / first + 1 / t.np.sqrt((x - 10.0) ** 2 + y**2)
