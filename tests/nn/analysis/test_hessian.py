"""The curvature of a loss is what the closed form and the eigenvalues of the full Hessian say."""

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import Value, hessian
from nn import L1, L2, MLP, SGD, Dataset, ElasticNet, Module, iris, moons, train
from nn.analysis.hessian import curvature
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mean_squared_error
from tests.cases import each


def cloud(rows: int = 60, features: int = 3) -> Dataset:
    rng = Random(1)
    return Dataset(
        [[rng.gauss(0, k + 1) for k in range(features)] for _ in range(rows)],
        [rng.gauss(0, 1) for _ in range(rows)],
    )


def spectrum(model: Any, data: Dataset, loss: Any) -> Any:
    """The eigenvalues of the whole Hessian, entry by entry from the eager engine."""
    parameters = model.parameters()

    def whole(moved: Sequence[Any]) -> Any:
        twin = deepcopy(model, {id(p): q for p, q in zip(parameters, moved, strict=True)})
        return loss([twin(row) for row in data.features], data.targets)

    return np.linalg.eigvalsh(np.array(hessian(whole)([p.data for p in parameters]), dtype=float))


def test_of_linear_regression_it_is_that_of_the_second_moments() -> None:
    data = cloud()
    x = np.c_[np.array(data.features), np.ones(len(data))]
    wanted = np.linalg.eigvalsh(2 / len(data) * x.T @ x)[-1]
    found = curvature(MLP(3, [1], seed=0), data, mean_squared_error)
    assert found == pytest.approx(wanted, rel=1e-4)


@each(
    ("model", "data", "loss"),
    [
        (MLP(2, [4, 1], activation="tanh", seed=1), moons(20), binary_cross_entropy),
        (MLP(2, [3, 3, 2], activation="sigmoid", seed=2), moons(20), cross_entropy),
        (
            MLP(2, [5, 2], activation="relu", seed=3),
            moons(20),
            partial(cross_entropy, class_weights=[0.2, 3.0]),
        ),
        (MLP(4, [3], seed=3), iris(), partial(cross_entropy, label_smoothing=0.2)),
        (MLP(3, [4, 1], activation="gelu", seed=4), cloud(20), mean_squared_error),
    ],
    ids=["one logit", "deep", "weighted", "iris", "numbers"],
)
def test_of_a_network_it_is_the_largest_eigenvalue_of_the_hessian(
    model: Any, data: Dataset, loss: Any
) -> None:
    rows = data if len(data) < 50 else data.shuffled(0)[:40]
    found = curvature(model, rows, loss, iterations=2000, tolerance=1e-7)
    assert found == pytest.approx(spectrum(model, rows, loss)[-1], rel=1e-4)


def test_it_is_the_largest_even_where_a_negative_one_is_larger() -> None:
    class Saddle(Module):
        def __init__(self) -> None:
            self.a, self.b = Value(0.0), Value(0.0)

        def __call__(self, row: Any) -> Any:
            return self.a**2 * row[0] - 5 * self.b**2 * row[0]

    data = Dataset([[1.0]], [0.0])
    assert curvature(Saddle(), data, lambda p, t: p[0] - t[0]) == pytest.approx(2.0, rel=1e-3)


def test_a_model_that_cannot_be_recorded_has_the_same_curvature() -> None:
    class Branching(Module):
        def __init__(self, inner: MLP) -> None:
            self.inner = inner

        def __call__(self, row: Any) -> Any:
            output = self.inner(row)
            return (
                output[:] if output[0].data > 0 else list(output)
            )  # a question that a recording cannot answer

    inner = MLP(2, [3, 2], activation="tanh", seed=5)
    assert curvature(Branching(inner), moons(20)) == pytest.approx(
        curvature(inner, moons(20)), rel=1e-3
    )


def test_dropout_is_off_and_the_model_stays_as_it_is() -> None:
    model = MLP(2, [4, 2], activation="tanh", seed=5, dropout=0.5)
    plain = MLP(2, [4, 2], activation="tanh", seed=5)
    before = [p.data for p in model.parameters()]
    assert curvature(model, moons(20)) == curvature(plain, moons(20))
    assert model.dropout is not None
    assert model.dropout.rate == 0.5
    assert [p.data for p in model.parameters()] == before
    assert not any(p.reached for p in model.parameters())


def test_many_rows_are_sampled_by_the_seed() -> None:
    data, model = moons(3000), MLP(2, [4, 2], seed=1)
    assert curvature(model, data, rows=500, seed=1) == curvature(model, data, rows=500, seed=1)
    assert curvature(model, data, rows=500) == pytest.approx(
        curvature(model, data, rows=3000), rel=0.1
    )


def test_beyond_two_over_it_gradient_descent_swings_ever_wider_and_below_it_rests() -> None:
    data = cloud()
    bound = 2 / curvature(MLP(3, [1], seed=0), data, mean_squared_error)
    options: dict[str, Any] = {"epochs": 60, "batch_size": len(data), "validation": None}
    below = train(MLP(3, [1], seed=0), data, optimizer=SGD(0.98 * bound), **options)
    above = train(MLP(3, [1], seed=0), data, optimizer=SGD(1.05 * bound), **options)
    assert below[-1].loss < below[0].loss
    assert above[-1].loss > above[0].loss


def test_where_no_parameter_bends_the_loss_it_is_nought() -> None:
    assert (
        curvature(
            MLP(1, [1], seed=0), Dataset([[2.0]] * 3, [1.0] * 3), lambda p, t: sum(p) / len(p)
        )
        == 0.0
    )
    assert curvature(MLP(2, [1], init="ones"), Dataset([[5.0, 5.0]] * 4, [1.0] * 4), hinge) == 0.0


@pytest.mark.parametrize("penalty", [L2(0.5), L1(0.5), ElasticNet(0.8)], ids=repr)
def test_a_penalty_adds_its_curvature(penalty: Any) -> None:
    """Of the squares, to all weights alike, and not to the biases; absolute values have none."""
    data, model = cloud(), MLP(3, [1], seed=0)
    x = np.c_[np.array(data.features), np.ones(len(data))]
    added = {"L2": 0.5, "L1": 0.0, "ElasticNet": 0.4}[type(penalty).__name__]
    wanted = np.linalg.eigvalsh(2 / len(data) * x.T @ x + np.diag([added] * 3 + [0.0]))[-1]
    assert curvature(model, data, mean_squared_error, penalty) == pytest.approx(wanted, rel=1e-4)
    with pytest.raises(TypeError, match="a penalty needs a Module"):
        curvature(Plain(model), data, mean_squared_error, penalty)


class Plain:
    """A model that is no Module."""

    def __init__(self, inner: MLP) -> None:
        self.inner, self.parameters = inner, inner.parameters

    def __call__(self, row: Any) -> Any:
        return self.inner(row)


def test_beyond_two_over_it_with_the_penalty_gradient_descent_swings_ever_wider() -> None:
    data, penalty = cloud(), L2(20.0)
    bound = 2 / curvature(MLP(3, [1], seed=0), data, mean_squared_error, penalty)
    assert bound < 0.8 * 2 / curvature(MLP(3, [1], seed=0), data, mean_squared_error)
    options: dict[str, Any] = {"epochs": 60, "batch_size": len(data), "validation": None}
    sizes = []
    for rate in (0.98 * bound, 1.05 * bound):
        history = train(MLP(3, [1], seed=0), data, optimizer=SGD(rate), penalty=penalty, **options)
        sizes.append(history[-1].weight_norm)
    assert sizes[0] < 1 < sizes[1]


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(TypeError, match="curvature needs a Dataset, got list: write Dataset"):
        curvature(MLP(1, [1]), [[1.0]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one row, got an empty dataset"):
        curvature(MLP(1, [1]), Dataset([], []))
    with pytest.raises(ValueError, match="curvature needs a model with parameters"):
        curvature(Module(), moons(4))


def test_rows_beyond_the_most_are_drawn_from_all_of_them() -> None:
    """Rows in order, the steep ones last: the first rows alone would tell another curvature."""
    data = Dataset([[0.1]] * 300 + [[3.0]] * 300, [0.0] * 600)
    model = MLP(1, [1], init="ones")
    found = curvature(model, data, mean_squared_error, rows=200)
    first = curvature(model, data[:200], mean_squared_error)
    assert found == pytest.approx(curvature(model, data, mean_squared_error), rel=0.2)
    assert found > 3 * first


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 20), marks=pytest.mark.full)])
def test_at_a_saddle_as_steep_up_as_down_it_is_the_way_up(seeds: range) -> None:
    """u·v has the curvatures 1 and -1, between which power iteration goes to and fro, always with
    the same estimate.
    """

    class Product(Module):
        def __init__(self, u: float, v: float) -> None:
            self.u, self.v = Value(u), Value(v)

        def __call__(self, row: Any) -> Any:
            return self.u * self.v * row[0]

    data = Dataset([[1.0], [1.0]], [0.0, 0.0])
    for seed in seeds:
        found = curvature(
            Product(0.3, -0.2),
            data,
            lambda outputs, targets: sum(outputs) / len(outputs),
            seed=seed,
        )
        assert found == pytest.approx(1.0, rel=1e-3)
