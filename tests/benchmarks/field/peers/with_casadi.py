"""CasADi: scalar code in its symbols, mapped over samples; steps that repeat are accumulated."""

import casadi as ca
import numpy as np
import prepared
from worker import serve


def ready(name, inputs, output, *args):
    """A function of symbols, called on numbers that it holds in its own arrays."""
    f = ca.Function(name, inputs, [output])
    return called(f, *args)


def called(f, *args):
    args = [ca.DM(x) for x in args]
    return lambda: f(*args).full()


def flat(f):
    return lambda: f().ravel()


def hello(d):
    x = ca.SX.sym("x")
    return ready("hello", [x], ca.gradient(x * x, x), d["x"])


def ba(d):
    by, of = d["by"].astype(int), d["of"].astype(int)
    camera, point, w, feature = (
        ca.SX.sym(n, k) for n, k in zip("cpwf", (11, 3, 1, 2), strict=True)
    )
    r, X = camera[:3], point - camera[3:6]
    angle = ca.sqrt(ca.dot(r, r))
    axis, c, s = r / angle, ca.cos(angle), ca.sin(angle)
    turned = X * c + ca.cross(axis, X) * s + axis * (ca.dot(axis, X) * (1 - c))
    p = turned[:2] / turned[2]
    square = ca.dot(p, p)
    lens = 1 + camera[9] * square + camera[10] * square * square
    errors = w * (p * lens * camera[6] + camera[7:9] - feature)
    J = ca.densify(ca.jacobian(errors, ca.vertcat(camera, point, w)))
    both = ca.Function("ba", [camera, point, w, feature], [ca.vertcat(ca.vec(J.T), -2 * w)])
    mapped, features = both.map(len(by)), ca.DM(d["features"].T)

    def derivative():
        J = mapped(d["cameras"][by].T, d["points"][of].T, d["weights"][None], features).full()
        return J[:30].T.copy(), J[30]

    return derivative


def det(d):
    n = len(d["matrix"])
    matrix = ca.SX.sym("m", n, n)
    minors = [ca.SX(1)]
    for i, (columns, below, signs) in enumerate(prepared.det_table(n)):
        sets = zip(columns, below, strict=True)
        minors = [
            sum(matrix[n - 1 - i, c] * s * minors[b] for c, s, b in zip(cs, signs, bs, strict=True))
            for cs, bs in sets
        ]
    return ready("det", [matrix], ca.gradient(minors[0], matrix), d["matrix"])


def gmm(d):
    (n, dim), k = d["x"].shape, len(d["a"])
    sizes = k, k * dim, k * dim, k * dim * (dim - 1) // 2
    theta, x = ca.SX.sym("theta", sum(sizes)), ca.SX.sym("x", dim)
    a, mean, q, tri = ca.vertsplit(theta, [0, *np.cumsum(sizes).tolist()])
    betas, places = [], prepared.gmm_places(dim)
    for i in range(k):
        m, qi = mean[i * dim : (i + 1) * dim], q[i * dim : (i + 1) * dim]
        size = dim * (dim - 1) // 2
        numbers = ca.vertcat(ca.exp(qi), tri[i * size : (i + 1) * size], 0)
        L = ca.reshape(numbers[places.T.ravel().tolist()], dim, dim)
        y = L @ (x - m)
        betas.append(a[i] + ca.sum1(qi) - 0.5 * ca.dot(y, y))
    of_point = ca.logsumexp(ca.vertcat(*betas)) - ca.logsumexp(a)
    prior = -0.5 * (ca.sumsqr(ca.exp(q)) + ca.sumsqr(tri))
    first = ca.Function("p", [theta, x], [ca.gradient(of_point, theta)]).map(n)
    second = ca.Function("q", [theta], [ca.gradient(prior, theta)])
    at = ca.DM(np.concatenate([d[name].ravel() for name in ("a", "mean", "q", "tri")]))
    points = ca.DM(d["x"].T)
    return lambda: (ca.sum2(first(at, points)) + second(at)).full().ravel()


def kmeans(d):
    (n, dim), k = d["points"].shape, len(d["centroids"])
    c, p = ca.SX.sym("c", dim, k), ca.SX.sym("p", dim)
    nearest = ca.mmin(ca.vertcat(*(ca.sumsqr(c[:, i] - p) for i in range(k))))
    slope = ca.gradient(nearest, c)
    diagonal = ca.jtimes(slope, c, ca.SX.ones(dim, k))
    both = ca.Function("k", [c, p], [ca.vertcat(ca.vec(slope), ca.vec(diagonal))]).map(n)
    at, points = ca.DM(d["centroids"].T), ca.DM(d["points"].T)

    def derivative():
        sums = ca.sum2(both(at, points)).full().reshape(2, k, dim)
        return sums[0] / sums[1]

    return derivative


def llsq(d):
    m, n = len(d["x"]), len(d["t"])
    x, t, sign = ca.SX.sym("x", m), ca.SX.sym("t"), ca.SX.sym("s")
    rest, power = sign, 1
    for j in range(m):
        rest, power = rest - x[j] * power, power * t
    f = ca.Function("llsq", [x, t, sign], [ca.gradient(0.5 * rest**2, x)]).map(n)
    args = ca.DM(d["x"]), ca.DM(d["t"]).T, ca.DM(d["sign"]).T
    return lambda: ca.sum2(f(*args)).full().ravel()


def lse(d):
    x = ca.MX.sym("x", len(d["x"]))
    return flat(ready("lse", [x], ca.gradient(ca.logsumexp(x), x), d["x"]))


def lstm(d):
    main, extra, b = d["main"], d["extra"], d["text"].shape[1]
    count = main.size + extra.size
    theta, state = ca.SX.sym("theta", count), ca.SX.sym("s", d["state"].size)
    now, then = ca.SX.sym("now", b), ca.SX.sym("then", b)
    w = [theta[i * b : (i + 1) * b] for i in range(count // b)]
    held = [state[i * b : (i + 1) * b] for i in range(2 * len(main))]
    e, after = w[8 * len(main) :], []
    signal = now * e[0]

    def sigmoid(x):
        return 1 / (1 + ca.exp(-x))

    for i in range(len(main)):
        v, h, c = w[8 * i : 8 * i + 8], held[2 * i], held[2 * i + 1]
        c = c * sigmoid(signal * v[0] + v[4]) + sigmoid(h * v[1] + v[5]) * ca.tanh(h * v[3] + v[7])
        signal = sigmoid(signal * v[2] + v[6]) * ca.tanh(c)
        after += [signal, c]
    guess = signal * e[1] + e[2]
    loss = ca.dot(then, guess - ca.log(ca.sum1(ca.exp(guess)) + 2))
    step = ca.Function("step", [state, theta, now, then], [ca.vertcat(*after), loss])
    n = len(d["text"]) - 1
    whole, at = step.mapaccum(n), ca.MX.sym("theta", count)
    nows, thens = ca.DM(d["text"][:-1].T), ca.DM(d["text"][1:].T)
    _, losses = whole(ca.DM(d["state"].ravel()), ca.repmat(at, 1, n), nows, thens)
    numbers = np.concatenate([main.ravel(), extra.ravel()])
    return flat(ready("lstm", [at], ca.gradient(-ca.sum2(losses) / (n * b), at), numbers))


def ode(d):
    n, s = len(d["x"]), int(d["s"][0])
    x, y, h = ca.SX.sym("x", n), ca.SX.sym("y", n), 2 / s

    def rates(y):
        return x * ca.vertcat(1, y[:-1])

    k1 = rates(y)
    k2 = rates(y + h / 2 * k1)
    k3 = rates(y + h / 2 * k2)
    k4 = rates(y + h * k3)
    step = ca.Function("step", [y, x], [y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)]).mapaccum(s)
    at = ca.MX.sym("x", n)
    last = step(ca.DM.zeros(n), ca.repmat(at, 1, s))[-1, -1]
    return flat(ready("ode", [at], ca.gradient(last, at), d["x"]))


serve(
    {
        "ba": ba,
        "det": det,
        "gmm": gmm,
        "hello": hello,
        "kmeans": kmeans,
        "llsq": llsq,
        "lse": lse,
        "lstm": lstm,
        "ode": ode,
    }
)
