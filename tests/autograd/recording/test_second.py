"""Second derivatives of programs: products with a direction, Hessians and their diagonals, in every
engine the numbers of the eager engine and of closed forms.
"""

import copy
import math
import warnings
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd import (
    OPS,
    DomainWarning,
    GraphError,
    Value,
    batch_total,
    dot,
    elu,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    logsumexp,
    maximum,
    minimum,
    no_grad,
    operation,
    record,
    relu,
    scan,
    sin,
    sqrt,
    tanh,
    total,
    where,
)
from autograd.recording import second
from autograd.recording.program import Program
from autograd.tree import numbers
from tests.autograd.recording import ENGINES
from tests.cases import each, some
from tests.random_graphs import drawn, replay

pytestmark = pytest.mark.parametrize("engine", ENGINES)

OF_THREE: list[Callable[[Any], Any]] = [
    lambda v: v[0] ** 3 * v[1] - v[1] * v[2] ** 2 / v[0],
    lambda v: tanh(v[0] * v[1]) + exp(v[2]) / (1 + v[0] ** 2),
    lambda v: dot(v, [v[1], 2.0, v[0]], v[2]) * total(v) / 3 + logsumexp(v) ** 2,
    lambda v: where(v[0] > v[1], v[2] ** 3 * v[0], sin(v[2] * v[1])),
    lambda v: maximum(v[0], v[1] * v[2]) ** 2 + relu(v[1]) * v[2] + abs(v[0]) * v[0],
    lambda v: v[0] ** v[1] * 2.0 ** v[2] + v[0] ** 0 + v[1] ** 1,
    lambda v: 2 * v[0] - v[2],
]
POINTS = np.array([[0.5, 1.25, -0.75], [2.0, 0.25, 1.5], [1.0, 3.0, 0.5], [0.75, -1.0, 2.0]])
WAYS = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -1.0], [2.0, 0.5, 1.0], [-1.0, 3.0, 0.25]])


def close(a: Any, b: Any) -> bool:
    return bool(
        np.allclose(np.array(a, float), np.array(b, float), rtol=1e-11, atol=1e-11, equal_nan=True)
    )


@each("f", OF_THREE)
def test_second_derivatives_are_those_of_the_eager_engine(f: Any, engine: str) -> None:
    program = record(f, np.zeros(3) + 0.5, engine=engine)
    matrices = np.array([hessian(f)(point) for point in POINTS])
    assert close(program.hessian(POINTS, argnums=0), matrices)
    assert close(program.hvp(POINTS, direction=WAYS)[0], np.einsum("sij,sj->si", matrices, WAYS))
    diagonals = np.einsum("sii->si", matrices)
    assert close(program.hessian_diagonal(POINTS)[0], diagonals)
    for point, way, matrix in zip(POINTS, WAYS, matrices, strict=True):
        assert close(program.hessian(point, argnums=0), matrix)
        assert close(program.hvp(point, direction=way, argnums=0), hvp(f, point, way))
        assert close(program.hessian_diagonal(point, argnums=0), np.diag(matrix))


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
def test_every_row_has_the_second_derivatives_of_the_eager_engine(engine: str) -> None:
    for op in OPS.values():
        constants = [2.5 if op.name == "power" else -0.25 for _ in op.constants]
        constants[1:] = [0.75] * len(constants[1:])
        points = np.array(
            [[low + s * (high - low) for low, high in op.span] for s in some([0.3, 0.7], 2)]
        )

        def f(v: Any, op: Any = op, constants: Any = constants) -> Any:
            if op.nary:
                given = [v[0] * v[0], v[0] * 2.0, 1.5]
                y = autograd_function(op.name, given)
            else:
                y = getattr(v[0] * 1.0, op.name)(*list(v)[1:], *constants)
            return y * y

        program = record(f, points[0], engine=engine)
        for point in points:
            assert close(program.hessian(point, argnums=0), hessian(f)(point)), (op.name, point)
            way = np.array([0.5, -1.5, 1.0][: len(point)])
            found = program.hvp(point, direction=way, argnums=0)
            assert close(found, hvp(f, point, way)), (op.name, point)


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 60), marks=pytest.mark.full)])
def test_random_graphs_have_the_second_derivatives_of_the_eager_engine(
    seeds: range, engine: str
) -> None:
    for seed in seeds:
        points = np.random.default_rng(seed).uniform(-3, 3, size=(3, 3))
        plan = drawn(Random(seed), 24, points.T.tolist())

        def f(v: Any, plan: Any = plan) -> Any:
            return replay(plan, list(v))[1]

        program = record(f, points[0].tolist(), engine=engine)
        found = program.hessian(points, argnums=0), program.jacobian(points, argnums=0)
        for i, point in enumerate(points.tolist()):
            for ours, eager in zip(found, (hessian(f)(point), grad(f)(point)), strict=True):
                expected = np.array(eager, dtype=float)
                size = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
                close_by = {"rtol": 1e-7, "atol": 1e-8 * size, "equal_nan": True}
                assert np.allclose(ours[i], expected, **close_by), seed


def autograd_function(name: str, given: list[Any]) -> Any:
    import autograd

    more = [[2.0, given[0], given[1]]] if name == "dot" else []
    return getattr(autograd, name)(given, *more)


def test_the_hessian_of_rosenbrock_is_its_closed_form(engine: str) -> None:
    def rosenbrock(v: Any) -> Any:
        return total([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(v)])

    n, x = 12, np.linspace(-1.5, 1.5, 12)
    expected = np.zeros((n, n))
    for i in range(n - 1):
        expected[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        expected[i + 1, i + 1] += 200
        expected[i, i + 1] = expected[i + 1, i] = -400 * x[i]
    program = record(rosenbrock, x, engine=engine)
    assert close(program.hessian(x, argnums=0), expected)
    assert close(program.hessian_diagonal(x, argnums=0), np.diag(expected))
    assert directions(program) == (2, 3)  # each number meets its neighbours alone


def test_the_second_derivative_has_all_the_digits(engine: str) -> None:
    program = record(lambda x: exp(sin(x) * x) / (1 + x**2), 0.0, engine=engine)
    for x in (0.25, -1.5, 3.0):
        f = lambda t: mpmath.exp(mpmath.sin(t) * t) / (1 + t**2)  # noqa: E731
        with mpmath.workdps(40):
            exact = float(mpmath.diff(f, mpmath.mpf(x), 2))
        assert program.hessian(x) == ((pytest.approx(exact, rel=1e-13),),)
        assert program.hvp(x, direction=2.0) == (pytest.approx(2 * exact, rel=1e-13),)
        assert program.hessian_diagonal(x) == (pytest.approx(exact, rel=1e-13),)


def directions(program: Program, *places: int) -> tuple[int, int]:
    """How many directions the diagonal and the Hessian take."""
    alone, whole = (
        program._second._colours(places or (0,), whole=whole) for whole in (False, True)
    )
    return max(alone) + 1, max(whole) + 1


def test_inputs_that_do_not_meet_share_a_direction(engine: str) -> None:
    x = np.linspace(0.5, 1.5, 6)

    def counted(f: Any) -> tuple[int, int]:
        program = record(f, x, engine=engine)
        assert close(program.hessian(x, argnums=0), hessian(f)(x))
        assert close(program.hessian_diagonal(x, argnums=0), np.diag(hessian(f)(x)))
        return directions(program)

    assert counted(lambda v: total([a**3 + sin(a) / a for a in v])) == (1, 1)
    assert counted(lambda v: total(list(v)) * 2 - v[0]) == (1, 1)
    assert counted(lambda v: maximum(v[0] ** 2, minimum(v[1] ** 2, abs(v[2])))) == (1, 1)
    assert counted(lambda v: v[0] * v[1] * v[2] + sqrt(v[3] * v[4] * v[5])) == (3, 3)
    assert counted(lambda v: dot(v[:3], v[3:])) == (2, 2)
    assert counted(lambda v: logsumexp(list(v))) == (6, 6)
    assert counted(lambda v: v[0] * total(list(v)[1:])) == (2, 6)


def kmeans(centroids: Any, x: Any) -> Any:
    distances = [total([(a - b) ** 2 for a, b in zip(c, x, strict=True)]) for c in centroids]
    nearest = distances[0]
    for distance in distances[1:]:
        nearest = minimum(nearest, distance)
    return nearest


def test_the_diagonal_by_a_shared_argument_is_that_of_the_sum_over_the_batch(engine: str) -> None:
    rng = np.random.default_rng(0)
    points, centroids = rng.normal(size=(40, 3)), rng.normal(size=(4, 3))
    program = record(kmeans, centroids, points[0], shared="centroids", engine=engine)
    nearest = np.square(points[:, None] - centroids).sum(axis=-1).argmin(axis=1)
    expected = 2.0 * np.bincount(nearest, minlength=4)[:, None] * np.ones(3)
    assert close(program.hessian_diagonal(centroids, points, argnums=0), expected)
    assert directions(program) == (1, 1)
    by_both = program.hessian_diagonal(centroids, points)
    assert close(by_both[0], expected) and close(by_both[1], np.full((40, 3), 2.0))
    matrix = program.hessian(centroids, points, argnums=0)
    assert matrix.shape == (4, 3, 4, 3)
    assert close(matrix.reshape(12, 12), np.diag(expected.ravel()))
    way = rng.normal(size=(4, 3))
    assert close(program.hvp(centroids, points, direction=way, argnums=0), expected * way)
    both = program.hvp(centroids, points, direction=(way, points))
    moved = -2 * np.array([points[nearest == k].sum(axis=0) for k in range(4)])
    assert close(both[0], expected * way + moved)
    assert close(both[1], 2 * points - 2 * way[nearest])
    with pytest.raises(ValueError, match="hessian needs arguments that are all shared, or none"):
        program.hessian(centroids, points)


def test_shared_arguments_that_meet_take_several_directions(engine: str) -> None:
    program = record(
        lambda w, x: tanh(w[0] * x + w[1]) ** 2, [0.5, 0.25], 1.0, shared="w", engine=engine
    )
    xs, w = np.array([0.5, -1.0, 2.0]), [0.5, -0.25]
    matrices = [hessian(lambda w, x: tanh(w[0] * x + w[1]) ** 2)(w, x) for x in xs.tolist()]
    expected = np.sum(matrices, axis=0)
    assert close(program.hessian(w, xs, argnums=0), expected)
    assert isinstance(program.hessian(w, xs, argnums=0), list)
    assert close(program.hessian(np.array(w), xs, argnums=0), expected)
    assert close(program.hessian_diagonal(w, xs, argnums=0), np.diag(expected))


def test_answers_have_the_shapes_of_the_arguments(engine: str) -> None:
    def f(d: Any, x: Any) -> Any:
        return d["w"][0] ** 2 * d["w"][1] * x + d["b"] ** 3

    program = record(f, {"w": [1.0, 2.0], "b": 0.5}, 1.0, engine=engine)
    d = {"w": [1.0, 2.0], "b": 0.5}
    assert program.hessian(d, 3.0, argnums=0) == {
        "w": [{"w": [12.0, 6.0], "b": 0.0}, {"w": [6.0, 0.0], "b": 0.0}],
        "b": {"w": [0.0, 0.0], "b": 3.0},
    }
    assert program.hessian(d, 3.0, argnums=(1, 0)) == (
        (0.0, {"w": [4.0, 1.0], "b": 0.0}),
        ({"w": [4.0, 1.0], "b": 0.0}, program.hessian(d, 3.0, argnums=0)),
    )
    assert program.hessian_diagonal(d, 3.0, argnums=(1, 0))[::-1] == program.hessian_diagonal(
        d, 3.0
    )
    apart = record(lambda x, y: x**2 + y**3, 1.0, 1.0, engine=engine)
    assert apart.hessian_diagonal(2.0, 3.0, argnums=(1, 0)) == (18.0, 2.0)
    assert program.hessian_diagonal(d, x=3.0) == ({"w": [12.0, 0.0], "b": 3.0}, 0.0)
    way = {"w": [1.0, 0.0], "b": 2.0}
    assert program.hvp(d, 3.0, direction=(way, 1.0)) == ({"w": [16.0, 7.0], "b": 6.0}, 4.0)
    assert program.hvp(d, 3.0, direction=way, argnums=0) == {"w": [12.0, 6.0], "b": 6.0}
    [(matrix,)] = record(lambda a: (a @ a.T).sum(), np.ones((2, 3)), engine=engine).hessian(
        np.ones((5, 2, 3))
    )
    assert matrix.shape == (5, 2, 3, 2, 3)
    assert close(matrix[3, 0, 1], [[0.0, 2.0, 0.0], [0.0, 2.0, 0.0]])


def test_over_what_samples_share_sums_are_taken_as_by_value_and_grad(engine: str) -> None:
    program = record(lambda x, y: x**2 * y**3, 1.0, 1.0, engine=engine)
    xs, y = np.array([1.0, 2.0, 3.0]), 2.0
    assert program.hessian_diagonal(xs, y)[1] == pytest.approx((xs**2 * 6 * y).sum())
    ((xx, xy), (yx, yy)) = program.hessian(xs, y)
    assert close(xx, np.full(3, 16.0)) and close(xy, 24 * xs) and close(yx, xy)
    assert yy == pytest.approx(12 * 14.0)
    by_x, by_y = program.hvp(xs, y, direction=(xs, 1.0))
    assert close(by_x, 16 * xs + 24 * xs) and by_y == pytest.approx((24 * xs**2 + 12 * xs**2).sum())


def test_several_directions_at_one_point_give_a_product_each(engine: str) -> None:
    f = OF_THREE[0]
    program, point = record(f, np.zeros(3) + 0.5, engine=engine), POINTS[0]
    found = program.hvp(point, direction=WAYS, argnums=0)
    assert close(found, WAYS @ np.array(hessian(f)(point)))
    assert close(program.hvp(POINTS, direction=WAYS[0], argnums=0)[1], hvp(f, POINTS[1], WAYS[0]))
    assert close(program.hvp(point, direction=np.stack([WAYS, WAYS]), argnums=0)[1], found)


def test_parameters_are_read_anew_and_copies_have_their_own(engine: str) -> None:
    w = Value(3.0, "w")
    program = record(lambda x: w * x**3, 1.0, engine=engine)
    assert program.hessian(2.0) == ((36.0,),)
    other = copy.deepcopy(program)
    w.data = 5.0
    assert program.hessian(2.0) == ((60.0,),) and other.hessian(2.0) == ((36.0,),)
    assert program.hvp(2.0, direction=1.0) == (60.0,) and program.hessian_diagonal(2.0) == (60.0,)
    assert not w.reached


def test_derivatives_under_no_grad_are_the_same(engine: str) -> None:
    program = record(lambda x: logsumexp([x**2.25, x, 1.0]), 0.5, engine=engine)
    with no_grad():
        f = grad(lambda x: logsumexp([x**2.25, x, 1.0]))
        assert program.hessian_diagonal(2.0)[0] == pytest.approx(grad(f)(2.0), rel=1e-13)


def test_many_directions_are_done_in_parts(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = record(lambda v: logsumexp(list(v)) ** 2, np.zeros(7), engine=engine)
    xs = np.random.default_rng(1).normal(size=(3, 7))
    matrix, diagonal = program.hessian(xs, argnums=0), program.hessian_diagonal(xs, argnums=0)
    monkeypatch.setattr(second, "MOST", 90)
    assert close(program.hessian(xs, argnums=0), matrix)
    assert close(program.hessian_diagonal(xs, argnums=0), diagonal)
    assert close(np.einsum("sii->si", matrix), diagonal)


def test_the_smallest_programs_have_them(engine: str) -> None:
    for f in (lambda x: 3.0, lambda x: x, lambda x: 2 * x + 1):
        program = record(f, 1.0, engine=engine)
        assert program.hessian(2.0) == ((0.0,),) and program.hessian_diagonal(2.0) == (0.0,)
        assert program.hvp(np.array([2.0, 3.0]), direction=1.0)[0].tolist() == [0.0, 0.0]
    named = record(lambda x, x_direction: x**2 * x_direction**3, 1.0, 1.0, engine=engine)
    assert named.hessian(2.0, 1.0) == ((2.0, 12.0), (12.0, 24.0))
    unused = record(lambda v, e: v[0] ** 2, [1.0, 2.0], [], engine=engine)
    assert unused.hessian([3.0, 1.0], []) == (([[2.0, 0.0], [0.0, 0.0]], [[], []]), ([], []))
    assert unused.hessian_diagonal([3.0, 1.0], []) == ([2.0, 0.0], [])


def test_an_operation_of_ones_own_has_second_derivatives(engine: str) -> None:
    if engine == "native":
        pytest.skip("operations of one's own are left to the other engines")
    cube = operation("cubed", "x**3 + where(x > 0, x, 0)", "3 * x**2 + where(x > 0, 1, 0)")
    program = record(lambda x: cube(x) * x, 1.0, engine=engine)
    assert program.hessian(np.array([2.0, -1.0]))[0][0].tolist() == [50.0, 12.0]


def test_a_recorded_function_has_them_too(engine: str) -> None:
    @record(engine=engine)
    def cost(x: Any, y: Any) -> Any:
        return x**2 * y

    assert cost.hvp(2.0, y=3.0, direction=(1.0, 0.0)) == (6.0, 4.0)
    assert cost.jacobian(2.0, 3.0) == (12.0, 4.0)
    assert cost.hessian(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))
    assert cost.hessian_diagonal(2.0, 3.0, argnums=0) == 6.0


def test_a_domain_is_left_with_the_sentence_of_the_function(engine: str) -> None:
    program = record(lambda x: sqrt(x), 1.0, engine=engine)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DomainWarning)
        assert program.hessian(0.0) == ((-math.inf,),)  # infinite, but sqrt is defined
    for compute in (
        program.hessian,
        program.hessian_diagonal,
        lambda x: program.hvp(x, direction=x),
    ):
        with pytest.warns(
            DomainWarning, match=r"sqrt needs x >= 0, got x = -1 in sample 1"
        ) as told:
            compute(np.array([4.0, -1.0]))
        assert len(told) == 1


def test_a_side_of_a_row_that_is_not_chosen_spoils_no_product(engine: str) -> None:
    program = record(lambda x: elu(x) * x, 1.0, engine=engine)
    assert program.hessian_diagonal(np.array([800.0, 2.0]))[0].tolist() == [2.0, 2.0]


OF_SEVERAL: list[Callable[[Any], Any]] = [
    lambda v: [v[0] * v[1] / v[2], sin(v[1]) * v[2], v[2] ** v[0], v[0], 3.0],
    lambda v: [dot(v, v) + logsumexp(v) * where(v[0] > v[1], v[2], v[1] ** 2)],
    lambda v: [maximum(v[0], v[1]), total(v) * 2, exp(v[2] - v[0]), relu(v[1]) * v[1]],
]


@each("f", OF_SEVERAL + [lambda v, f=f: [f(v)] for f in OF_THREE])
def test_jacobians_are_those_of_the_eager_engine(f: Any, engine: str) -> None:
    program, points = record(f, np.zeros(3) + 0.5, engine=engine), abs(POINTS)
    rows = np.array(program.jacobian(points, argnums=0)).swapaxes(0, 1)
    for point, found in zip(points, rows, strict=True):
        expected = [list(row) for row in jacobian(f)(point)]
        assert close(found, expected)
        assert close(program.jacobian(point)[0], expected)


def test_jacobians_have_the_outputs_outside_and_each_argument_inside(engine: str) -> None:
    def f(d: Any, x: Any) -> Any:
        return {"p": [d["a"] * x, d["b"][0]], "q": x**2}

    program = record(f, {"a": 2.0, "b": [1.0]}, 3.0, engine=engine)
    by_d, by_x = program.jacobian({"a": 2.0, "b": [1.0]}, 3.0)
    assert by_d == {
        "p": [{"a": 3.0, "b": [0.0]}, {"a": 0.0, "b": [1.0]}],
        "q": {"a": 0.0, "b": [0.0]},
    }
    assert by_x == {"p": [2.0, 0.0], "q": 6.0}
    assert program.jacobian({"a": 2.0, "b": [1.0]}, x=3.0, argnums=1) == by_x
    columns = program.jacobian({"a": 2.0, "b": [1.0]}, np.array([3.0, 4.0]), argnums=0)
    assert [x.tolist() for x in (columns["p"][0]["a"], columns["q"]["b"][0])] == [
        [3.0, 4.0],
        [0, 0],
    ]
    rows = record(lambda v: [v[0] * v[1]], [1.0, 2.0], engine=engine).jacobian(np.ones((3, 2)))
    assert rows[0][0].tolist() == [[1.0, 1.0]] * 3  # as the argument came
    single = record(lambda x, y: x * y**2, 1.0, 1.0, engine=engine)
    assert single.jacobian(2.0, 3.0) == (9.0, 12.0)
    whole = record(lambda a, b: a @ a.T * b, np.ones((2, 3)), 1.0, engine=engine)
    by_a, by_b = whole.jacobian(np.ones((5, 2, 3)), np.arange(5.0))
    assert by_a.shape == (5, 2, 2, 2, 3) and by_b.shape == (5, 2, 2)
    assert close(by_a[4, 0, 1], np.full((2, 3), 4.0)) and close(by_b, np.full((5, 2, 2), 3.0))


def test_a_jacobian_by_what_samples_share_is_that_of_each_sample(engine: str) -> None:
    def f(w: Any, x: Any) -> Any:
        return np.array([w[0] * x, tanh(w[1] * x)])

    program, xs = record(f, [1.0, 0.5], 1.0, shared="w", engine=engine), np.array([0.5, 1.0, 2.0])
    with pytest.raises(TypeError, match="need arguments that are arrays or numbers"):
        program.jacobian([1.0, 0.5], xs)
    program = record(f, np.array([1.0, 0.5]), 1.0, shared="w", engine=engine)
    by_w, by_x = program.jacobian(np.array([1.0, 0.5]), xs)
    slopes = 1 / np.cosh(0.5 * xs) ** 2
    assert close(by_w, [[[x, 0.0], [0.0, s * x]] for x, s in zip(xs, slopes, strict=True)])
    assert close(by_x, np.column_stack([np.ones(3), slopes / 2]))


def test_jacobians_go_through_numbers_of_the_whole_batch(engine: str) -> None:
    def share(w: Any, x: Any) -> Any:
        return exp(w * x) / batch_total(exp(w * x))

    program = record(share, 1.0, 1.0, shared="w", engine=engine)
    w, xs = 0.5, np.array([1.0, -2.0, 0.5, 3.0])
    shares = np.exp(w * xs) / np.exp(w * xs).sum()
    assert close(program.jacobian(w, xs, argnums=0), shares * (xs - shares @ xs))
    with pytest.raises(ValueError, match="numbers of the whole batch, so that samples meet"):
        program.jacobian(w, xs)


def test_jacobians_go_the_shorter_way(engine: str) -> None:
    wide = record(lambda v: [logsumexp(list(v)) ** 2], np.zeros(40), engine=engine)
    tall = record(lambda x: [sin(x * k) for k in range(1, 41)], 0.5, engine=engine)
    xs = np.linspace(-1, 1, 40)
    weights = np.exp(xs) / np.exp(xs).sum()
    assert close(wide.jacobian(xs, argnums=0), [2 * np.log(np.exp(xs).sum()) * weights])
    assert close(tall.jacobian(0.5, argnums=0), [k * math.cos(0.5 * k) for k in range(1, 41)])
    for program in (wide, tall):
        [(derived, _)] = program._jacobian.derived.values()
        assert sum(row is not None for row in derived.graph.rows) < 400


REFUSALS: list[tuple[Callable[[Program], Any], str]] = [
    (
        lambda p: p.hvp([1.0, 2.0], 1.0, direction=[1.0, 0.0]),
        "hvp needs a direction with 2 entries",
    ),
    (lambda p: p.hvp([1.0, 2.0], 1.0, direction=([1.0], 0.0)), "v_direction needs 2 entries"),
    (lambda p: p.hvp([1.0, 2.0], 1.0, direction=([1.0, "a"], 0.0)), "got the str 'a'"),
    (lambda p: p.hvp([1.0, 2.0], direction=1.0), "missing a required argument: 'x'"),
    (lambda p: p.hvp([1.0, 2.0], 1.0), "missing 1 required keyword-only argument: 'direction'"),
    (lambda p: p.hessian([1.0, 2.0], 1.0, argnums=2), "hessian has no argument 2"),
    (lambda p: p.hessian_diagonal([1.0, 2.0], 1.0, argnums="v"), "needs argnums to be an int"),
    (
        lambda p: p.hvp(np.ones((3, 2)), 1.0, direction=(np.ones((2, 2)), 1.0)),
        "needs samples that go together",
    ),
]


@each(("compute", "sentence"), REFUSALS)
def test_bad_input_is_refused_in_one_sentence(compute: Any, sentence: str, engine: str) -> None:
    program = record(lambda v, x: v[0] * v[1] * x, [1.0, 2.0], 3.0, engine=engine)
    with pytest.raises((TypeError, ValueError)) as refused:
        compute(program)
    assert sentence in str(refused.value)


def of_several(v: Any, s: Any) -> Any:
    return {"a": v[0] ** 2 * v[1] * s, "b": [sin(v[1] * s), v[0] + s]}


def test_several_outputs_have_second_derivatives_each_in_their_structure(engine: str) -> None:
    program = record(of_several, np.zeros(2), 1.0, engine=engine)
    points, way = POINTS[:, :2], (WAYS[:, :2], 0.5)
    whole = program.hessian(points, 2.0)
    products, diagonals = (
        program.hvp(points, 2.0, direction=way),
        program.hessian_diagonal(points, 2.0),
    )
    take = {"a": lambda y: y["a"], "b0": lambda y: y["b"][0], "b1": lambda y: y["b"][1]}
    for name, pick in take.items():
        own = record(
            lambda v, s, pick=pick: pick(of_several(v, s)), np.zeros(2), 1.0, engine=engine
        )
        assert close(pick(whole[0][0]), own.hessian(points, 2.0)[0][0]), name
        assert close(pick(whole[1][0]), own.hessian(points, 2.0)[1][0]), name
        assert close(pick(products[0]), own.hvp(points, 2.0, direction=way)[0]), name
        assert close(pick(diagonals[1]), own.hessian_diagonal(points, 2.0)[1]), name


def test_hessians_of_an_array_of_outputs_are_one_array(engine: str) -> None:
    program = record(lambda v: np.array([v[0] * v[1], v[1] ** 3]), np.zeros(2), engine=engine)
    whole = program.hessian(np.array([[1.0, 2.0], [3.0, 4.0]]), argnums=0)
    assert whole.shape == (2, 2, 2, 2)
    assert whole[1].tolist() == [[[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 24.0]]]


@each("f", [*OF_THREE, lambda v: [v[0] * v[1], {"b": exp(v[2] * v[0])}]])
def test_values_and_slopes_along_a_direction_are_those_of_the_eager_engine(
    f: Any, engine: str
) -> None:
    program = record(f, np.zeros(3) + 0.5, engine=engine)
    values, slopes = program.jvp(POINTS, direction=WAYS)
    assert str(values) == str(program(POINTS))
    for k, (point, way) in enumerate(zip(POINTS, WAYS, strict=True)):
        one = program.jvp(point, direction=way)
        assert close(numbers(one), numbers(jvp(f, (point,), (way,))))
        assert close(numbers(one[1]), [column[k] for column in numbers_or_arrays(slopes)])


def numbers_or_arrays(x: Any) -> list[Any]:
    return [x] if isinstance(x, np.ndarray) else [*x[:1], x[1]["b"]]


def test_along_a_direction_goes_through_loops_and_numbers_of_the_batch(engine: str) -> None:
    kind = "auto" if engine == "numpy" else engine  # which has no loops
    decay = record(lambda k, x: scan(lambda x: x - 0.1 * k * x, x, 10), 1.0, 1.0, engine=kind)
    values, slopes = decay.jvp(np.array([0.5, 1.0]), 2.0, direction=np.ones(2), argnums=0)
    assert close(values, 2 * np.array([0.95, 0.9]) ** 10)
    assert close(slopes, -2 * np.array([0.95, 0.9]) ** 9)
    shares = record(lambda x: x / batch_total(x), 1.0, engine=engine)
    x, way = np.array([1.0, 3.0]), np.array([1.0, 0.0])
    assert close(shares.jvp(x, direction=way), [[0.25, 0.75], [0.1875, -0.1875]])


def banded(v: Any) -> list[Any]:
    return [v[i] * sin(v[i + 1]) for i in range(len(v) - 1)]


@pytest.mark.full
def test_sparse_derivatives_hold_what_can_differ_from_zero(engine: str) -> None:
    x = np.linspace(0.5, 2.0, 12)
    residuals = record(banded, x, engine=engine)
    sparse = residuals.jacobian(x, argnums=0, sparse=True)
    assert sparse.format == "csr" and sparse.nnz == 22
    assert close(sparse.toarray(), np.stack(residuals.jacobian(x, argnums=0)))
    energy = record(lambda v: total(banded(v)), x, engine=engine)
    sparse = energy.hessian(x, argnums=0, sparse=True)
    assert sparse.nnz == 34 and close(sparse.toarray(), energy.hessian(x, argnums=0))
    each = residuals.hessian(x, argnums=0, sparse=True)
    assert close(sum(each).toarray(), sparse.toarray())
    two = record(lambda a, b: a[0] * b**2 + a[1], [1.0, 2.0], 3.0, engine=engine)
    blocks = two.hessian([1.0, 2.0], 3.0, sparse=True)
    assert [[block.toarray().tolist() for block in row] for row in blocks] == [
        [[[0, 0], [0, 0]], [[6], [0]]],
        [[[6, 0]], [[2]]],
    ]
    shared = record(lambda t, x: tanh(t[0] * x[0]), [0.5], [1.0], shared="t", engine=engine)
    assert shared.hessian([0.5], [1.0], argnums=0, sparse=True).toarray() == pytest.approx(
        np.array(shared.hessian([0.5], [1.0], argnums=0))
    )
    with pytest.raises(ValueError, match="all shared, or none of them"):
        shared.hessian([0.5], [1.0], sparse=True)
    with pytest.raises(ValueError, match="needs one sample, got a batch of shape"):
        energy.hessian(np.ones((2, 12)), sparse=True)


@pytest.mark.full
def test_thousands_of_residuals_have_a_sparse_jacobian(engine: str) -> None:
    x = np.ones(2000)
    sparse = record(banded, x, engine=engine).jacobian(x, argnums=0, sparse=True)
    assert sparse.shape == (1999, 2000) and sparse.nnz == 3998


def test_a_recording_asks_for_grad_instead(engine: str) -> None:
    w = Value(2.0)
    program = record(lambda x: w * x**2, 1.0, engine=engine)
    assert grad(lambda x: program.hessian(1.0)[0][0] * x)(3.0) == 4.0
    for asked in (lambda: program.hessian(1.0)[0][0], lambda: program.jacobian(1.0)[0]):
        with pytest.raises(GraphError, match="write grad"):
            record(lambda x, asked=asked: asked() * x, 1.0)


def test_of_no_arguments_and_empty_ones_there_are_empty_derivatives(engine: str) -> None:
    program = record(lambda x, y: sum(x, y * y), [], 1.0, engine=engine)
    assert program.jacobian([], 2.0) == ([], 4.0)
    assert program.jacobian([], 2.0, argnums=()) == ()
    assert program.hessian([], [2.0, 3.0], argnums=0) == []
    assert record(lambda x: 3.0, []).hessian([]) == (([],),)
    assert record(lambda x: [x, np.empty((2, 0))], 1.0)([1.0, 2.0])[1].shape == (2, 2, 0)


def test_a_direction_of_nan_is_named(engine: str) -> None:
    program = record(lambda v: v[0] ** 2 * v[1], np.ones(2), engine=engine)
    whole, part = np.array([1.0, 2.0]), np.array([1.0, np.nan])
    for along in (program.jvp, program.hvp):
        with pytest.warns(DomainWarning, match="^a direction is nan, and so is what f has along"):
            along(whole, direction=part)
        with pytest.warns(DomainWarning, match="^v.1. is nan in sample 0, so that f is nan there"):
            along(part, direction=whole)
