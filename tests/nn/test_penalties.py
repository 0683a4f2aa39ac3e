"""What nn.penalties promises: forces by the formula, on weights alone; dropout while learning
alone.
"""

from collections.abc import Callable
from random import Random
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import L1, L2, SGD, Adam, Dataset, ElasticNet, Optimizer, evaluate, moons, train
from nn.layers import MLP, Dropout, training_mode
from nn.penalties import proximal

FLOATS = st.lists(st.floats(-5, 5), min_size=1, max_size=6)


def pulled(penalty: Callable[..., Value], weights: list[float]) -> tuple[float, list[float]]:
    """The penalty of the weights, and its grads."""
    values = [Value(w) for w in weights]
    y = penalty(values)
    y.backward()
    return y.data, [w.grad for w in values]


def sign(w: float) -> float:
    return (w > 0) - (w < 0)


def test_a_weight_that_would_cross_the_kink_stops_there() -> None:
    w = Value(0.02)
    with proximal(L1(0.1), [w]):
        w.data -= 0.05
    assert w.data == 0


@given(FLOATS, st.floats(0, 3))
def test_l1_pulls_with_the_same_force_and_l2_with_one_that_grows(
    weights: list[float], strength: float
) -> None:
    y, forces = pulled(L1(strength), weights)
    assert y == pytest.approx(strength * sum(map(abs, weights)))
    assert forces == pytest.approx([strength * sign(w) for w in weights])
    y, forces = pulled(L2(strength), weights)
    assert y == pytest.approx(strength * sum(w * w for w in weights) / 2)
    assert forces == pytest.approx([strength * w for w in weights])


@given(FLOATS, st.floats(0, 1))
def test_the_elastic_net_is_a_share_of_each(weights: list[float], ratio: float) -> None:
    y, forces = pulled(ElasticNet(0.3, ratio), weights)
    ones, squares = pulled(L1(0.3), weights), pulled(L2(0.3), weights)
    assert y == pytest.approx(ratio * ones[0] + (1 - ratio) * squares[0])
    parts = zip(ones[1], squares[1], strict=True)
    assert forces == pytest.approx([ratio * a + (1 - ratio) * b for a, b in parts])


def line(rows: int = 60) -> Dataset:
    """y = 3 + 2 x, with four features that mean nothing."""
    rng = Random(0)
    features = [[rng.gauss(0, 1) for _ in range(5)] for _ in range(rows)]
    return Dataset(features, [3 + 2 * row[0] + rng.gauss(0, 0.3) for row in features])


def fitted(penalty: Any) -> tuple[list[float], float]:
    """The weights and the bias of a straight line, fitted to the bottom."""
    model = MLP(5, [1], seed=0)
    train(
        model,
        line(),
        optimizer=SGD(0.02),
        epochs=150,
        batch_size=60,
        penalty=penalty,
        validation=None,
    )
    return [w.data for w in model.weights()], model.layers[0].neurons[0].b.data


def test_penalties_shrink_weights_and_leave_the_bias_alone() -> None:
    plain, l2 = fitted(None), fitted(L2(1.0))
    assert plain[0][0] == pytest.approx(2, abs=0.2)
    assert l2[0][0] < 0.8 * plain[0][0]
    assert l2[1] > 2.5  # a penalty on the bias would have brought it to about 2


def test_l1_brings_the_useless_weights_to_nothing_and_l2_only_makes_them_small() -> None:
    l1, l2 = fitted(L1(0.3))[0], fitted(L2(0.3))[0]
    assert l1[1:] == [0.0] * 4
    assert min(map(abs, l2)) > 1e-6
    assert max(map(abs, l2[1:])) > 0.02
    assert l1[0] > 1.5


def lasso(data: Dataset, strength: float, l2: float = 0.0) -> list[float]:
    """The weights with the least mean squared error + strength·Σ|w| + l2·Σw²/2, one after the other
    in closed form.
    """
    x, y = np.array(data.features), np.array(data.targets)
    x, y = x - x.mean(axis=0), y - y.mean()  # what a bias does
    weights = np.zeros(x.shape[1])
    for _ in range(300):
        for k in range(len(weights)):
            pull = 2 * float(np.mean(x[:, k] * (y - x @ weights + x[:, k] * weights[k])))
            short = max(abs(pull) - strength, 0.0) * (1 if pull > 0 else -1)
            weights[k] = short / (2 * float(np.mean(x[:, k] ** 2)) + l2)
    return weights.tolist()


@pytest.mark.parametrize(
    "optimizer", [lambda: SGD(0.05), lambda: SGD(0.05, momentum=0.8), lambda: Adam(0.05)]
)
@pytest.mark.parametrize(
    "strength", [0.2, *(pytest.param(x, marks=pytest.mark.full) for x in (0.1, 0.7, 6.0))]
)
@pytest.mark.parametrize("ratio", [1.0, pytest.param(0.5, marks=pytest.mark.full)])
def test_under_l1_descent_ends_at_the_lasso_with_zeros_that_are_zeros(
    strength: float, ratio: float, optimizer: Callable[[], Optimizer]
) -> None:
    model, data = MLP(5, [1], seed=0), line()
    penalty = L1(strength) if ratio == 1 else ElasticNet(strength, ratio)
    train(
        model,
        data,
        optimizer=optimizer(),
        epochs=600,
        batch_size=60,
        penalty=penalty,
        validation=None,
    )
    found, least = (
        [w.data for w in model.weights()],
        lasso(data, strength * ratio, strength * (1 - ratio)),
    )
    assert found == pytest.approx(least, abs=1e-4)
    assert [w == 0 for w in found] == [w == 0 for w in least]


def test_losses_in_the_history_are_without_the_penalty_and_gradient_norms_are_with_it() -> None:
    runs = []
    for penalty in (None, L2(100.0)):
        model = MLP(2, [2], seed=0)
        runs.append(
            train(
                model, moons(20), optimizer=SGD(1e-9), epochs=1, penalty=penalty, validation=None
            )[0]
        )
    assert runs[0].loss == pytest.approx(runs[1].loss, abs=1e-6)
    assert runs[1].gradient_norm > 10 * runs[0].gradient_norm


# Dropout


def test_dropout_drops_the_share_and_keeps_the_mean() -> None:
    drop = Dropout(0.25, Random(0))
    with training_mode(drop):
        outputs = drop([1.0] * 20_000)
    assert set(outputs) == {0.0, 1 / 0.75}
    assert outputs.count(0.0) / 20_000 == pytest.approx(0.25, abs=0.015)  # 5 deviations
    assert fmean(outputs) == pytest.approx(1.0, abs=0.02)


def test_a_gradient_flows_through_what_is_kept_and_not_through_what_is_dropped() -> None:
    drop, x = Dropout(0.5, Random(1)), [Value(1.0) for _ in range(10)]
    with training_mode(drop):
        outputs = drop(x)
    sum(outputs).backward()
    assert [v.grad for v in x] == [y.data if isinstance(y, Value) else y for y in outputs]
    assert {v.grad for v in x} == {0.0, 2.0}


def test_dropout_is_on_in_training_and_off_in_validation_and_afterwards() -> None:
    model, data = MLP(2, [16, 2], seed=0, dropout=0.5), moons(40)
    seen: list[bool] = []
    assert model.dropout is not None

    def watched(outputs: Any, targets: Any) -> Any:
        assert model.dropout is not None
        seen.append(model.dropout.training)
        from nn import cross_entropy

        return cross_entropy(outputs, targets)

    history = train(model, data, watched, epochs=2, batch_size=16)
    assert (
        seen[:1] + seen[4:] == [True, True, False] * 2
    )  # 3 calls find out whether the loss is a sum
    assert not model.dropout.training
    assert evaluate(model, data) == evaluate(model, data)
    assert repr(model).startswith(
        "MLP(2, [16, 2], activation='relu', output='linear', dropout=0.5): 82 parameters"
    )
    assert history[-1].loss < 1


def test_learning_ends_even_if_something_goes_wrong() -> None:
    drop = Dropout(0.5)
    with pytest.raises(LookupError), training_mode(drop):
        raise LookupError
    assert not drop.training


def test_dropout_changes_neither_the_initial_weights_nor_the_parameters() -> None:
    plain, dropping = MLP(2, [4, 1], seed=3), MLP(2, [4, 1], seed=3, dropout=0.3)
    assert [p.data for p in plain.parameters()] == [p.data for p in dropping.parameters()]
    assert [name for name, _ in plain.named_parameters()] == [
        name for name, _ in dropping.named_parameters()
    ]


def test_the_same_seed_drops_the_same() -> None:
    runs = [train(MLP(2, [8, 2], seed=5, dropout=0.5), moons(30), epochs=3) for _ in range(2)]
    assert repr(runs[0]) == repr(runs[1])
    assert repr(runs[0]) != repr(train(MLP(2, [8, 2], seed=5), moons(30), epochs=3))


def test_a_penalty_asks_for_names_of_parameters() -> None:
    class Nameless:
        def __init__(self) -> None:
            self.model = MLP(2, [2])
            self.parameters, self.zero_grad = self.model.parameters, self.model.zero_grad

        def __call__(self, row: Any) -> Any:
            return self.model(row)

    with pytest.raises(TypeError) as caught:
        train(Nameless(), moons(20), penalty=L2(0.1))
    assert str(caught.value) == (
        "a penalty needs a Module, which tells weights from biases by their names, got Nameless: "
        "derive it from "
        "nn.Module"
    )
    assert len(train(Nameless(), moons(20), epochs=1)) == 1
