"""JAX."""

import arrays
import jax
import jax.numpy as jnp
import prepared
from jax import grad, jacfwd, jit, jvp, lax, vjp
from worker import serve

jax.config.update("jax_enable_x64", True)


class t:
    name, np, cross = "JAX", jnp, staticmethod(jnp.cross)
    sigmoid = staticmethod(jax.nn.sigmoid)
    flip = staticmethod(lambda x: x[::-1])
    repeat = staticmethod(lambda row, n: jnp.broadcast_to(row, (n, len(row))))
    smallest = staticmethod(lambda x, axis: x.min(axis))
    logsumexp = staticmethod(lambda x, axis: jax.scipy.special.logsumexp(x, axis))
    scan = staticmethod(lambda body, state, xs: lax.scan(body, state, xs)[1])
    repeated = staticmethod(
        lambda step, y, n: lax.scan(lambda y, _: (step(y), None), y, None, length=n)[0]
    )


def ready(f, *args):
    """A compiled function, which is waited for."""
    args = jax.tree.map(jnp.asarray, args)
    compiled = jit(f)
    return lambda: jax.block_until_ready(compiled(*args))


def flat(parts):
    return jnp.concatenate([part.ravel() for part in parts])


def ba(d):
    by, of = d["by"].astype(int), d["of"].astype(int)

    def derivative(*given):
        def errors(*observed):
            return arrays.ba(t, *observed, given[3]).sum(1)

        observed = given[0][by], given[1][of], given[2]
        _, back = vjp(errors, *observed)
        J = [jnp.concatenate([c, p, w[:, None]], 1) for c, p, w in map(back, jnp.eye(3))]
        return jnp.stack(J[:2], 1), J[2][:, 14]

    return ready(derivative, d["cameras"], d["points"], d["weights"], d["features"])


def det(d):
    table = prepared.det_table(len(d["matrix"]))
    return ready(grad(lambda m: arrays.det(t, m, table)), d["matrix"])


def gmm(d):
    places = prepared.gmm_places(d["x"].shape[1])
    theta = [d[name] for name in ("a", "mean", "q", "tri")]
    f = grad(lambda theta, x: arrays.gmm(t, *theta, x, places))
    return ready(lambda theta, x: flat(f(theta, x)), theta, d["x"])


def ht(d):
    hand = prepared.hand(d)
    held = {k: hand.pop(k) for k in ("parents", "bend", "joints")}

    def derivative(theta, u, hand):
        by_theta = jacfwd(lambda theta: arrays.ht(t, theta, u, hand | held))(theta)
        # Each point has u of its own: two directions for all.
        along = [jnp.zeros_like(u).at[:, i].set(1) for i in range(2)]
        by_u = [jvp(lambda u: arrays.ht(t, theta, u, hand | held), (u,), (v,))[1] for v in along]
        return jnp.concatenate([jnp.stack(by_u, 2), by_theta], 2)

    return ready(derivative, d["theta"], d["u"], hand)


def kmeans(d):
    def derivative(centroids, points):
        f = grad(lambda c: arrays.kmeans(t, c, points))
        gradient, diagonal = jvp(f, (centroids,), (jnp.ones_like(centroids),))
        return gradient / diagonal

    return ready(derivative, d["centroids"], d["points"])


def lowest(f, x, rate, slope_of=None):
    """The descent, in which a step that is not taken is computed all the same."""
    slope_of = slope_of or grad(f)

    def goes_on(state):
        return ~state[-1]

    def step(state):
        x, value, slope, rate, steps, _ = state
        is_flat = jnp.sqrt((slope * slope).sum()) <= 1e-5
        doubles = steps == 10
        moved = x - rate * slope
        is_short = jnp.sqrt(((x - moved) ** 2).sum()) <= 1e-5
        there = f(moved)
        lower = there < value
        slope_there = lax.cond(doubles | ~lower, lambda m: slope, slope_of, moved)
        taken = lower & ~doubles
        over = is_flat | (is_short & ~doubles)
        taken &= ~over
        rate_after = jnp.where(doubles, 2 * rate, jnp.where(lower, rate, rate / 2))
        return (
            jnp.where(taken, moved, x),
            jnp.where(taken, there, value),
            jnp.where(taken, slope_there, slope),
            jnp.where(over, rate, rate_after),
            jnp.where(taken, steps + 1, 0),
            over,
        )

    start = (x, f(x), slope_of(x), jnp.asarray(rate), jnp.asarray(0), jnp.asarray(False))
    return lax.while_loop(goes_on, step, start)[0]


def particle(d):
    def landing(w):
        def step(state):
            place, speed, _ = state
            slope = grad(lambda p: arrays.potential(t, p, w[0]))(place)
            return place + 0.1 * speed, speed - 0.1 * slope, speed

        start = jnp.array([0.0, 8.0]), jnp.array([0.75, 0.0])
        place, _, speed = lax.while_loop(lambda s: s[0][1] > 0, step, (*start, start[1]))
        return (place[0] - place[1] / speed[1] * speed[0]) ** 2

    return ready(lambda w: lowest(landing, w, 1e-5, jacfwd(landing)), d["w"])


def saddle(d):
    rate = float(d["rate"][0])

    def height(x, y):
        return (x * x).sum() - (y * y).sum()

    def highest(x, start):
        return lowest(lambda y: -height(x, y), start, rate)

    def derivative(start):
        def upper(x):
            return height(x, highest(x, start))

        x = lowest(upper, start, rate, jacfwd(upper))
        return jnp.concatenate([x, highest(x, start)])

    return ready(derivative, d["start"])


def lstm(d):
    f = grad(lambda theta, state, text: arrays.lstm(t, *theta, state, text))
    args = (d["main"], d["extra"]), d["state"], d["text"]
    return ready(lambda *args: flat(f(*args)), *args)


def ode(d):
    return ready(grad(lambda x: arrays.ode(t, x, int(d["s"][0]))), d["x"])


serve(
    {
        "ba": ba,
        "det": det,
        "gmm": gmm,
        "hello": lambda d: ready(grad(lambda x: arrays.hello(t, x)), d["x"][0]),
        "ht": ht,
        "kmeans": kmeans,
        "llsq": lambda d: ready(
            grad(lambda x, p, s: arrays.llsq(t, x, p, s)), d["x"], d["t"], d["sign"]
        ),
        "lse": lambda d: ready(grad(lambda x: arrays.lse(t, x)), d["x"]),
        "lstm": lstm,
        "ode": ode,
        "particle": particle,
        "saddle": saddle,
    }
)
