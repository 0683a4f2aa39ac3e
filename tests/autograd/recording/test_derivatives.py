"""Derivatives inside recordings, and numbers at the edges: each engine gives what the eager engine
gives, where a side of a ``where`` is infinite and where an operand is.
"""

import math
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd import (
    OPS,
    DomainWarning,
    Op,
    Value,
    acos,
    asin,
    atan2,
    atanh,
    elu,
    grad,
    hessian,
    hvp,
    jvp,
    record,
    where,
    xlogy,
)
from nn import MLP, Dataset, curvature, mean_squared_error
from tests.autograd.recording import ENGINES
from tests.cases import each, some

pytestmark = pytest.mark.filterwarnings("ignore::autograd.DomainWarning")


def polynomial(x: Any) -> Any:
    return sum(c * x**k for k, c in enumerate([1.0, 2.0, 3.0, 4.0]))


OF_ONE: list[tuple[Callable[[Any], Any], list[float]]] = [
    (polynomial, [0.0, -1.0]),
    (lambda x: x**0 + x**1, [0.0, 2.0]),
    (lambda x: elu(x) * x, [800.0, -3.0, 0.0, -800.0]),
    (lambda x: asin(x) + acos(0.5 * x) + atanh(x), [0.2, 0.9, 0.5, -0.7]),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_side_that_a_row_does_not_choose_spoils_no_second_or_third_derivative(
    engine: str,
) -> None:
    for f, points in OF_ONE:
        second, third = grad(grad(f)), grad(grad(grad(f)))
        slope = record(grad(f), 0.3, engine=engine)
        curving = record(second, 0.3, engine=engine)
        for x in points:
            for batch in (np.array([x]), np.full(7, x)):
                expected = pytest.approx(np.full(len(batch), second(x)), rel=1e-12)
                assert slope.value_and_grad(batch)[1][0] == expected
                assert curving(batch) == expected
                assert curving.value_and_grad(batch)[1][0][0] == pytest.approx(third(x), rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@each("f", [Value.__pow__, xlogy, atan2], ids=lambda f: f.__name__)
def test_at_zero_and_zero_the_second_derivatives_are_those_of_the_eager_engine(
    f: Callable[..., Any], engine: str
) -> None:
    def applied(v: Any) -> Any:
        return f(v[0], v[1])

    program = record(hessian(record(applied, [1.0, 1.0])), [1.0, 1.0], engine=engine)
    for point in ([0.0, 0.0], [0.0, 2.0], [2.0, 0.5]):
        expected = [Value(x) for row in hessian(applied)(point) for x in row]
        found = [x for row in program(point) for x in row]
        assert found == pytest.approx([x.data for x in expected], rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_derivative_by_a_number_of_its_own_follows_the_condition_of_each_sample(
    engine: str,
) -> None:
    def chosen(x: Any) -> Any:
        return lambda q: where(x > 0, q * q, 5 * q)

    slope = record(lambda x: grad(chosen(x))(3.0), 1.0, engine=engine)
    assert slope([1.0, -1.0]).tolist() == [6.0, 5.0]
    curving = record(lambda x: hvp(chosen(x), 3.0, 1.0), 1.0, engine=engine)
    assert curving([1.0, -1.0]).tolist() == [2.0, 0.0]
    along = record(lambda x: jvp(chosen(x), 3.0, 1.0)[1], 1.0, engine=engine)
    assert along([1.0, -1.0]).tolist() == [6.0, 5.0]


def test_the_curvature_of_an_elu_network_with_large_sums_is_a_number() -> None:
    rows = Dataset([[1000.0, 500.0], [-900.0, 800.0], [300.0, -20.0]], [1.0, 2.0, 3.0])
    model = MLP(2, [3, 1], activation="elu", seed=1)
    assert math.isfinite(curvature(model, rows, mean_squared_error))


# Infinite operands

CONSTANTS = {
    "power": [(n,) for n in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 1.5, -0.5, 2.5)],
    "clip": [(-1.0, 1.0)],
    "leaky_relu": [(0.01,)],
    "elu": [(1.0,)],
    "where": [(1.0,), (0.0,)],
}
EDGES = [math.inf, -math.inf, 0.0, -0.0, 1.0, -2.5, 1e308, 5e-324, math.nan]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_has_the_eager_numbers_at_infinite_operands_alone_and_among_others(
    engine: str,
) -> None:
    for op in (op for op in OPS.values() if not op.nary):
        for constants in CONSTANTS.get(op.name, [()]):
            count = len(op.operands)

            def f(*x: Any, op: Op = op, constants: tuple[float, ...] = constants) -> Any:
                return getattr(x[0], op.name)(*x[1:], *constants)

            program = record(f, *[0.7] * count, engine=engine)
            points = some(product(EDGES, repeat=count), 1 if count == 1 else 4)
            together, slopes = program.value_and_grad(*map(np.array, zip(*points, strict=True)))
            for i, point in enumerate(points):
                values = [Value(x) for x in point]
                y = f(*values)
                y.backward()
                expected = pytest.approx(
                    [y.data, *(v.grad for v in values)], rel=1e-12, nan_ok=True
                )
                alone, (*own,) = program.value_and_grad(*point)
                assert [alone, *own] == expected, (op.name, constants, point)
                assert [together[i], *(slope[i] for slope in slopes)] == expected, (op.name, point)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_root_written_as_a_power_is_that_of_powers(engine: str) -> None:
    half = Value(0.5, "half")
    for f in (lambda x: x**0.5, lambda x: x.pow(half), lambda x: x.pow(0.5)):
        program = record(f, 1.0, engine=engine)
        for rows in (1, 3):
            roots = program(np.array([-math.inf, -0.0, 4.0])[-rows:])
            assert roots.tolist() == [math.inf, 0.0, 2.0][-rows:]
            assert not np.signbit(roots).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error", DomainWarning)
        assert record(lambda x: x**0.5, 1.0, engine=engine)(-math.inf) == math.inf
