"""The field's problems (tests/benchmarks/field), small: their definitions on plain numbers, moved a
little to both sides, say what the derivatives have to be."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import value_and_grad
from tests.benchmarks.field import (
    PROBLEMS,
    ba,
    det,
    gmm,
    hello,
    ht,
    kmeans,
    llsq,
    lse,
    lstm,
    ode,
    particle,
    problem,
    saddle,
)
from tests.benchmarks.field.__main__ import figure
from tests.benchmarks.field.peers.worker import load, save
from tests.cases import each

Arrays = dict[str, Any]


def bundle_adjustment(d: Arrays) -> Any:
    by, of = d["by"].astype(int), d["of"].astype(int)
    observed = zip(d["cameras"][by], d["points"][of], d["weights"], d["features"], strict=True)
    rows = np.array([ba.errors(*map(listed, one)) for one in observed])
    return np.concatenate([rows[:, :2].ravel(), rows[:, 2]])


def mixture(d: Arrays) -> Any:
    theta = [d[name].tolist() for name in ("a", "mean", "q", "tri")]
    return sum(gmm.log_likelihood(theta, x) for x in d["x"].tolist()) + gmm.log_prior(theta)


def hand(d: Arrays) -> Any:
    theta, bases, inverses = (d[name].tolist() for name in ("theta", "bases", "inverses"))
    corners = ht.skin_of(d)[d["corners"].astype(int)].tolist()
    seen = [[ht.vertex(theta, bases, inverses, skin) for skin in three] for three in corners]
    scan = zip(d["u"].tolist(), seen, d["points"].tolist(), strict=True)
    return np.array([ht.distance(*one) for one in scan])


def listed(x: Any) -> Any:
    return x.tolist()


# What a problem differentiates, and by which arrays.
DIFFERENTIATED: dict[str, tuple[list[str], Callable[[Arrays], Any]]] = {
    "ba": (["cameras", "points", "weights"], bundle_adjustment),
    "det": (["matrix"], lambda d: det.determinant(d["matrix"].tolist())),
    "gmm": (["a", "mean", "q", "tri"], mixture),
    "hello": (["x"], lambda d: hello.square(float(d["x"][0]))),
    "ht": (["u", "theta"], hand),
    "llsq": (
        ["x"],
        lambda d: sum(
            llsq.half_square(d["x"].tolist(), t, s)
            for t, s in zip(d["t"].tolist(), d["sign"].tolist(), strict=True)
        ),
    ),
    "lse": (["x"], lambda d: lse.logsumexp(d["x"].tolist())),
    "lstm": (
        ["main", "extra"],
        lambda d: lstm.loss(*(d[name].tolist() for name in ("main", "extra", "state", "text"))),
    ),
    "ode": (["x"], lambda d: ode.last(d["x"].tolist(), int(d["s"][0]))),
}


def along(name: str, data: Arrays, derivative: Any, way: Arrays) -> Any:
    """The derivative that a problem asks for, along a direction of its arrays."""
    if name == "ba":  # the numbers of a sparse Jacobian
        by, of = data["by"].astype(int), data["of"].astype(int)
        ways = way["cameras"][by], way["points"][of], way["weights"][:, None]
        rows = derivative[0] @ np.hstack(ways)[:, :, None]
        return np.concatenate([rows.ravel(), derivative[1] * way["weights"]])
    if name == "ht":
        by_theta = derivative[:, :, 2:] @ way["theta"]
        return by_theta + (derivative[:, :, :2] * way["u"][:, None]).sum(2)
    return np.ravel(derivative) @ np.concatenate(
        [way[key].ravel() for key in DIFFERENTIATED[name][0]]
    )


@each("name", DIFFERENTIATED)
def test_the_derivative_is_what_differences_of_the_definition_say(name: str) -> None:
    module, (keys, f) = problem(name), DIFFERENTIATED[name]
    data, rng = module.data(**module.SIZES[0]), np.random.default_rng(1)
    way = {key: rng.normal(size=data[key].shape) for key in keys}
    sides = [f(data | {key: data[key] + h * way[key] for key in keys}) for h in (1e-6, -1e-6)]
    derivative = module.ours(data)()
    expected = (sides[0] - sides[1]) / 2e-6
    got = along(name, data, derivative, way)
    np.testing.assert_allclose(got, expected, rtol=2e-5, atol=1e-7 * np.abs(expected).max())


@each("name", [name for name in PROBLEMS if hasattr(problem(name), "by_hand")])
def test_the_derivative_is_that_written_by_hand(name: str) -> None:
    module = problem(name)
    for size in module.SIZES[:2]:
        data = module.data(**size)
        if name != "lse" or size == module.SIZES[0]:
            got, expected = (np.ravel(how(data)()) for how in (module.ours, module.by_hand))
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


def test_kmeans_moves_each_centroid_to_the_middle_of_its_points() -> None:
    data = kmeans.data(**kmeans.SIZES[0])
    points, centroids = data["points"], data["centroids"]
    near = ((points[:, None] - centroids) ** 2).sum(2).argmin(1)
    middles = [points[near == i].mean(0) for i in range(len(centroids))]
    np.testing.assert_allclose(centroids - kmeans.ours(data)(), middles, rtol=1e-12)


def test_a_particle_lands_where_differences_say() -> None:
    value, slope = value_and_grad(particle.landing)(0.1)
    sides = [particle.landing(0.1 + h) for h in (1e-6, -1e-6)]
    assert particle.landing(0.1) == value
    assert slope == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-6)


def test_the_particle_comes_down_at_the_origin() -> None:
    assert particle.ours(particle.data())() == pytest.approx(particle.LOWEST, rel=1e-7)


def test_the_saddle_is_at_0() -> None:
    assert np.abs(saddle.ours(saddle.data(**saddle.SIZES[0]))()).max() < 1e-4


def test_arrays_go_through_files_to_the_contestants(tmp_path: Any) -> None:
    data = gmm.data(**gmm.SIZES[0])
    save(str(tmp_path / "data"), data)
    back = load(str(tmp_path / "data"))
    assert [*back] == [*data]
    assert all((back[key] == data[key]).all() for key in data)
    assert figure(0.0123) == "12.3"
