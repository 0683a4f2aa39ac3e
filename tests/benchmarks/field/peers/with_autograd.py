"""HIPS autograd, which has the name of this package: this process must not meet ours."""

import arrays
import autograd.numpy as np
import numpy
import prepared
from worker import serve

from autograd import grad, make_jvp, make_vjp, value_and_grad


class t:
    np, cross = np, staticmethod(np.cross)
    sigmoid = staticmethod(lambda x: 1 / (1 + np.exp(-x)))
    flip = staticmethod(lambda x: x[::-1])
    repeat = staticmethod(lambda row, n: np.stack([row] * n))
    smallest = staticmethod(np.min)

    @staticmethod
    def logsumexp(x, axis):
        highest = np.max(x, axis, keepdims=True)
        sums = np.log(np.sum(np.exp(x - highest), axis))
        return sums + np.reshape(highest, sums.shape)

    @staticmethod
    def scan(body, state, xs):
        outputs = []
        for pair in zip(*xs, strict=True):
            state, output = body(state, pair)
            outputs.append(output)
        return np.stack(outputs)

    @staticmethod
    def repeated(step, y, n):
        for _ in range(n):
            y = step(y)
        return y


def reverse(f, *args):
    """The gradients of f by args, in one array."""
    slopes = grad(lambda args: f(*args))
    return lambda: numpy.concatenate([numpy.ravel(g) for g in slopes(args)])


def ba(d):
    by, of = d["by"].astype(int), d["of"].astype(int)

    def derivative():
        observed = d["cameras"][by], d["points"][of], d["weights"]
        back, _ = make_vjp(lambda args: np.sum(arrays.ba(t, *args, d["features"]), 1))(observed)
        J = [numpy.concatenate([c, p, w[:, None]], 1) for c, p, w in map(back, numpy.eye(3))]
        return numpy.stack(J[:2], 1), J[2][:, 14]

    return derivative


def det(d):
    table = prepared.det_table(len(d["matrix"]))
    return reverse(lambda m: arrays.det(t, m, table), d["matrix"])


def gmm(d):
    places = prepared.gmm_places(d["x"].shape[1])
    theta = [d[name] for name in ("a", "mean", "q", "tri")]
    return reverse(lambda *theta: arrays.gmm(t, *theta, d["x"], places), *theta)


def ht(d):
    hand, theta, u = prepared.hand(d), d["theta"], d["u"]

    def derivative():
        by_theta = make_jvp(lambda theta: arrays.ht(t, theta, u, hand))(theta)
        by_u = make_jvp(lambda u: arrays.ht(t, theta, u, hand))(u)
        columns = [by_u(numpy.broadcast_to(v, u.shape))[1] for v in numpy.eye(2)]
        return numpy.stack([*columns, *(by_theta(v)[1] for v in numpy.eye(26))], 2)

    return derivative


def kmeans(d):
    slopes = grad(lambda c: arrays.kmeans(t, c, d["points"]))
    twice = make_vjp(slopes)

    def derivative():
        back, gradient = twice(d["centroids"])
        return gradient / back(numpy.ones_like(gradient))

    return derivative


def lowest(f, x, rate=1e-5):
    """The descent; f gives the value and the gradient."""
    (value, slope), steps = f(x), 0
    while np.sqrt(np.sum(slope * slope)) > 1e-5:
        if steps == 10:
            rate, steps = 2 * rate, 0
            continue
        moved = x - rate * slope
        if np.sqrt(np.sum((x - moved) ** 2)) <= 1e-5:
            break
        there, slope_there = f(moved)
        if there < value:
            x, value, slope, steps = moved, there, slope_there, steps + 1
        else:
            rate, steps = rate / 2, 0
    return x


def particle(d):
    def landing(w):
        place, speed = numpy.array([0.0, 8.0]), numpy.array([0.75, 0.0])
        slope_of = grad(lambda p: arrays.potential(t, p, w[0]))
        while True:
            slope = slope_of(place)
            place = place + 0.1 * speed
            if place[1] <= 0:
                return (place[0] - place[1] / speed[1] * speed[0]) ** 2
            speed = speed - 0.1 * slope

    return lambda: lowest(value_and_grad(landing), d["w"])


def saddle(d):
    rate, start = float(d["rate"][0]), d["start"]

    def height(x, y):
        return np.sum(x * x) - np.sum(y * y)

    def highest(x):
        return lowest(value_and_grad(lambda y: -height(x, y)), start, rate)

    def derivative():
        x = lowest(value_and_grad(lambda x: height(x, highest(x))), start, rate)
        return numpy.concatenate([x, highest(x)])

    return derivative


def lstm(d):
    return reverse(
        lambda *theta: arrays.lstm(t, *theta, d["state"], d["text"]), d["main"], d["extra"]
    )


serve(
    {
        "ba": ba,
        "det": det,
        "gmm": gmm,
        "hello": lambda d: reverse(lambda x: arrays.hello(t, x), float(d["x"][0])),
        "ht": ht,
        "kmeans": kmeans,
        "llsq": lambda d: reverse(lambda x: arrays.llsq(t, x, d["t"], d["sign"]), d["x"]),
        "lse": lambda d: reverse(lambda x: arrays.lse(t, x), d["x"]),
        "lstm": lstm,
        "ode": lambda d: reverse(lambda x: arrays.ode(t, x, int(d["s"][0])), d["x"]),
        "particle": particle,
        "saddle": saddle,
    }
)
