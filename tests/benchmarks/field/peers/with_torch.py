"""PyTorch, eager."""

import arrays
import numpy as np
import prepared
import torch
from torch.autograd import grad
from torch.func import jacfwd, jvp
from worker import serve

torch.set_num_threads(1)


class t:
    np, cross = torch, staticmethod(torch.linalg.cross)
    sigmoid = staticmethod(torch.sigmoid)
    flip = staticmethod(lambda x: x.flip(0))
    repeat = staticmethod(lambda row, n: row.expand(n, len(row)))
    smallest = staticmethod(torch.amin)
    logsumexp = staticmethod(torch.logsumexp)

    @staticmethod
    def scan(body, state, xs):
        outputs = []
        for pair in zip(*xs, strict=True):
            state, output = body(state, pair)
            outputs.append(output)
        return torch.stack(outputs)

    @staticmethod
    def repeated(step, y, n):
        for _ in range(n):
            y = step(y)
        return y


def tensor(x):
    return torch.tensor(x) if isinstance(x, np.ndarray) else x


def reverse(f, *args):
    """The gradients of f by args, in one tensor."""
    args = [tensor(x).requires_grad_() for x in args]
    return lambda: torch.cat([g.ravel() for g in grad(f(*args), args)])


def ba(d):
    by, of = (torch.tensor(d[key].astype(int)) for key in ("by", "of"))
    given = [tensor(d[key]) for key in ("cameras", "points", "weights", "features")]

    def derivative():
        observed = [x.detach().requires_grad_() for x in (given[0][by], given[1][of], given[2])]
        sums = arrays.ba(t, *observed, given[3]).sum(1)
        J = [grad(sums[i], observed, retain_graph=True) for i in range(2)]
        rows = [torch.cat([c, p, w[:, None]], 1) for c, p, w in J]
        (last,) = grad(sums[2], observed[2:])
        return torch.stack(rows, 1), last

    return derivative


def det(d):
    table = [tuple(map(torch.tensor, level)) for level in prepared.det_table(len(d["matrix"]))]
    return reverse(lambda m: arrays.det(t, m, table), d["matrix"])


def gmm(d):
    x, places = tensor(d["x"]), torch.tensor(prepared.gmm_places(d["x"].shape[1]))
    theta = [d[name] for name in ("a", "mean", "q", "tri")]
    return reverse(lambda *theta: arrays.gmm(t, *theta, x, places), *theta)


def ht(d):
    hand = {key: tensor(x) for key, x in prepared.hand(d).items()}
    theta, u = tensor(d["theta"]), tensor(d["u"])
    along = [
        torch.tensor([[1.0, 0.0], [0.0, 1.0]][i], dtype=u.dtype).expand(u.shape) for i in (0, 1)
    ]

    def derivative():
        by_theta = jacfwd(lambda theta: arrays.ht(t, theta, u, hand))(theta)
        by_u = [jvp(lambda u: arrays.ht(t, theta, u, hand), (u,), (v,))[1] for v in along]
        return torch.cat([torch.stack(by_u, 2), by_theta], 2)

    return derivative


def kmeans(d):
    centroids, points = tensor(d["centroids"]).requires_grad_(), tensor(d["points"])

    def derivative():
        (g,) = grad(arrays.kmeans(t, centroids, points), centroids, create_graph=True)
        (diagonal,) = grad(g.sum(), centroids)
        return g.detach() / diagonal

    return derivative


def lowest(value_and_grad, x, rate=1e-5):
    """The descent, on tensors that may be followed."""
    (value, slope), steps = value_and_grad(x), 0
    while (slope * slope).sum().sqrt() > 1e-5:
        if steps == 10:
            rate, steps = 2 * rate, 0
            continue
        moved = x - rate * slope
        if ((x - moved) ** 2).sum().sqrt() <= 1e-5:
            break
        there, slope_there = value_and_grad(moved)
        if there < value:
            x, value, slope, steps = moved, there, slope_there, steps + 1
        else:
            rate, steps = rate / 2, 0
    return x


def followed(f, is_inner=False):
    """f's value and gradient, which can be differentiated again where it is an inner one."""

    def value_and_grad(x):
        x = x if is_inner else x.detach().requires_grad_()
        if not x.requires_grad:
            x = x.detach().requires_grad_()
        value = f(x)
        (slope,) = grad(value, x, create_graph=is_inner)
        return (value, slope) if is_inner else (value.detach(), slope)

    return value_and_grad


def particle(d):
    def landing(w):
        place = torch.tensor([0.0, 8.0], dtype=torch.float64)
        speed = torch.tensor([0.75, 0.0], dtype=torch.float64)
        while True:
            at = place if place.requires_grad else place.requires_grad_()
            (slope,) = grad(arrays.potential(t, at, w[0]), at, create_graph=True)
            place = at + 0.1 * speed
            if place[1] <= 0:
                return (place[0] - place[1] / speed[1] * speed[0]) ** 2
            speed = speed - 0.1 * slope

    w = tensor(d["w"])
    return lambda: lowest(followed(landing), w)


def saddle(d):
    rate, start = float(d["rate"][0]), tensor(d["start"])

    def height(x, y):
        return (x * x).sum() - (y * y).sum()

    def highest(x):
        return lowest(followed(lambda y: -height(x, y), True), start, rate)

    def derivative():
        x = lowest(followed(lambda x: height(x, highest(x))), start, rate)
        return torch.cat([x, highest(x).detach()])

    return derivative


def lstm(d):
    state, text = tensor(d["state"]), tensor(d["text"])
    return reverse(lambda *theta: arrays.lstm(t, *theta, state, text), d["main"], d["extra"])


def llsq(d):
    places, sign = tensor(d["t"]), tensor(d["sign"])
    return reverse(lambda x: arrays.llsq(t, x, places, sign), d["x"])


serve(
    {
        "ba": ba,
        "det": det,
        "gmm": gmm,
        "hello": lambda d: reverse(lambda x: arrays.hello(t, x), np.array(d["x"][0])),
        "ht": ht,
        "kmeans": kmeans,
        "llsq": llsq,
        "lse": lambda d: reverse(lambda x: arrays.lse(t, x), d["x"]),
        "lstm": lstm,
        "ode": lambda d: reverse(lambda x: arrays.ode(t, x, int(d["s"][0])), d["x"]),
        "particle": particle,
        "saddle": saddle,
    }
)
