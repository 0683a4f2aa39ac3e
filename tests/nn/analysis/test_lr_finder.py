"""The learning-rate range test: it sweeps as it says, suggests a rate that works, and leaves
everything as it was.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import exp, isfinite, isnan, nan
from random import Random
from typing import Any

import pytest

from autograd import Value
from nn import MLP, SGD, Adam, Cosine, Dataset, Module, Standardizer, iris, moons, spirals, train
from nn.analysis.lr_finder import SLOW_PROBE, RateSearch, find_rate
from nn.losses import cross_entropy, mean_squared_error
from nn.optim import Optimizer
from tests.cases import each

FLOWERS = Standardizer.fit(iris()).transform(iris())


def state(model: Module) -> list[tuple[float, float, bool]]:
    return [(p.data, p.grad, p.reached) for p in model.parameters()]


def test_the_rates_rise_by_the_same_factor_from_low_to_high() -> None:
    search = find_rate(MLP(2, [4, 2], seed=1), moons(60), low=1e-4, high=1e-2, steps=21)
    assert len(search.rates) == len(search.losses) == len(search.smoothed) == 21
    assert search.rates[0] == 1e-4
    assert search.rates[-1] == pytest.approx(1e-2)
    factors = [b / a for a, b in pairwise(search.rates)]
    assert factors == pytest.approx([100 ** (1 / 20)] * 20)
    assert search.stopped == ""


def test_each_loss_is_that_of_all_rows_after_one_step_more_at_its_rate() -> None:
    data = Dataset([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])
    search = find_rate(
        MLP(1, [1], init="zeros"), data, low=1e-3, high=1e-2, steps=12, batch_size=3, smoothing=0.0
    )
    w = b = 0.0
    for rate, loss in zip(search.rates, search.losses, strict=True):
        errors = [w * x + b - x for x in (1.0, 2.0, 3.0)]
        w, b = (
            w - rate * 2 * sum(e * x for e, x in zip(errors, (1.0, 2.0, 3.0), strict=True)) / 3,
            b - rate * 2 * sum(errors) / 3,
        )
        assert loss == pytest.approx(sum((w * x + b - x) ** 2 for x in (1.0, 2.0, 3.0)) / 3)
    assert search.smoothed == pytest.approx(search.losses)


def test_the_average_is_corrected_for_its_beginning() -> None:
    search = find_rate(MLP(2, [4, 2], seed=1), moons(60), steps=15, high=0.1, smoothing=0.8)
    weights = [0.2 * 0.8 ** (14 - k) for k in range(15)]
    wanted = sum(w * x for w, x in zip(weights, search.losses, strict=True)) / sum(weights)
    assert search.smoothed[-1] == pytest.approx(wanted)
    assert search.smoothed[0] == pytest.approx(search.losses[0])


def test_the_suggestion_is_where_the_smoothed_loss_falls_most_steeply() -> None:
    search = find_rate(MLP(4, [8, 3], seed=1), FLOWERS)
    at = search.rates.index(search.suggestion)
    assert search.smoothed[at + 3] < search.smoothed[at] < search.smoothed[at - 3]
    mine = search.smoothed[at - 3] - search.smoothed[at + 3]
    least = search.smoothed.index(min(search.smoothed))
    falls = [search.smoothed[k - 3] - search.smoothed[k + 3] for k in range(3, least - 3)]
    assert mine > 0.7 * max(falls), "the slope is taken over more than these seven points"


FULL = {"marks": pytest.mark.full}


@pytest.mark.parametrize("seed", [1, pytest.param(2, **FULL), pytest.param(3, **FULL)])
@pytest.mark.parametrize(
    ("data", "sizes", "optimizer"),
    [
        (moons(120, noise=0.15, seed=1), [16, 2], partial(SGD, momentum=0.9)),
        pytest.param(FLOWERS, [16, 3], SGD, **FULL),
        pytest.param(FLOWERS, [16, 3], Adam, **FULL),
        pytest.param(spirals(150, classes=3), [24, 3], Adam, **FULL),
    ],
    ids=["moons momentum", "iris sgd", "iris adam", "spirals adam"],
)
def test_training_with_the_suggestion_is_better_than_far_below_and_does_not_diverge(
    data: Dataset, sizes: list[int], optimizer: Callable[[float], Optimizer], seed: int
) -> None:
    def loss_after(rate: float) -> float:
        model = MLP(len(data.feature_names), sizes, activation="tanh", seed=seed)
        return train(model, data, optimizer=optimizer(rate), epochs=8, seed=seed)[-1].loss

    model = MLP(len(data.feature_names), sizes, activation="tanh", seed=seed)
    found = find_rate(model, data, optimizer=optimizer(0.1), seed=seed).suggestion
    assert loss_after(found) < loss_after(found / 30)
    assert loss_after(found) < find_rate(model, data, seed=seed).losses[0]


@pytest.mark.full
@pytest.mark.parametrize(
    "optimizer", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(0.1)], ids=["sgd", "momentum", "adam"]
)
def test_the_suggestion_hardly_depends_on_the_order_of_the_rows(optimizer: Optimizer) -> None:
    # with momentum and seed 0 the loss is thrown far up before it falls most steeply of all, which
    # is no good rate
    model = MLP(4, [16, 3], seed=2)
    found = [
        find_rate(model, FLOWERS, optimizer=optimizer, seed=seed).suggestion for seed in range(6)
    ]
    assert max(found) < 4 * min(found)


def test_the_sweep_ends_where_the_loss_diverges_and_says_so() -> None:
    data = Dataset([[k / 5] for k in range(30)], [k / 5 for k in range(30)])
    search = find_rate(MLP(1, [1], seed=1), data, high=1e3)
    assert search.rates[-1] < 10
    assert search.stopped.startswith("stopped at ")
    assert "where the loss was" in search.stopped
    assert all(map(isfinite, search.losses))
    assert repr(search).endswith(search.stopped)
    assert search.suggestion < search.rates[-1] / 2


def test_model_optimiser_and_generators_are_as_before() -> None:
    model = MLP(2, [8, 2], seed=1, dropout=0.5)
    data = moons(60)
    optimizer = Adam(Cosine(0.05, steps=100))
    train(model, data, optimizer=optimizer, epochs=2)
    assert model.dropout is not None
    before = (
        state(model),
        model.dropout.rng.getstate(),
        optimizer.steps,
        dict(optimizer.state),
        optimizer.settings(),
    )
    find_rate(model, data, optimizer=optimizer)
    assert model.dropout.training is False
    assert before == (
        state(model),
        model.dropout.rng.getstate(),
        optimizer.steps,
        dict(optimizer.state),
        optimizer.settings(),
    )


def test_they_are_as_before_after_an_interrupt_too() -> None:
    model = MLP(2, [4, 2], seed=1)
    calls = 0

    def interrupted(outputs: Any, targets: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 20:
            raise KeyboardInterrupt
        return (
            cross_entropy(outputs, targets) + 0.0 * outputs[0][0].data
        )  # a number of a Value is not recorded

    before = state(model)
    with pytest.raises(KeyboardInterrupt):
        find_rate(model, moons(60), interrupted)
    assert state(model) == before


def test_the_same_seed_gives_the_same_search_and_another_one_another() -> None:
    model = MLP(2, [4, 2], seed=1)
    first, again, other = (find_rate(model, moons(60), seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.losses != other.losses


def test_dropout_is_on_for_the_steps_and_off_for_the_losses() -> None:
    plain, dropped = (
        find_rate(MLP(2, [16, 2], seed=1, dropout=rate), moons(60), steps=40) for rate in (0.0, 0.5)
    )
    assert plain.losses[0] == pytest.approx(dropped.losses[0], rel=1e-3), (
        "a loss of the same weights, nearly"
    )
    assert plain.losses[25] != pytest.approx(dropped.losses[25], rel=1e-3)


class ByHand(Module):
    """A model that cannot be recorded, for it asks for numbers."""

    def __init__(self) -> None:
        self.inner = MLP(2, [4, 2], seed=1)

    def __call__(self, row: Any) -> Any:
        return self.inner(row) if float(row[0]) < 1e9 else []


def test_a_model_that_cannot_be_recorded_gives_the_same_search() -> None:
    replayed, eager = find_rate(MLP(2, [4, 2], seed=1), moons(60)), find_rate(ByHand(), moons(60))
    assert eager.losses == pytest.approx(replayed.losses, rel=1e-6)
    assert eager.suggestion == pytest.approx(replayed.suggestion)


def test_of_many_rows_the_loss_is_that_of_the_same_few() -> None:
    data = moons(300, seed=1)
    seen: list[int] = []

    def counted(outputs: Any, targets: Any) -> Any:
        seen.append(len(targets))
        return mean_squared_error([y - y.data + y for y in outputs], targets)

    find_rate(MLP(2, [1], seed=1), data, counted, steps=10)
    assert max(seen) == SLOW_PROBE


def test_a_loss_below_zero_is_no_divergence() -> None:
    class Width(Module):
        def __init__(self) -> None:
            self.log = Value(0.0)

        def __call__(self, row: Any) -> Any:
            return self.log * row[0]

    def likelihood(outputs: Any, targets: Any) -> Any:
        rows = zip(outputs, targets, strict=True)
        return sum((y + 0.01 * t * t * (-2 * y).exp() for y, t in rows), Value(0.0)) / len(targets)

    data = Dataset([[1.0]] * 20, [Random(k).gauss(0, 1) for k in range(20)])
    search = find_rate(Width(), data, likelihood, high=1.0)
    assert min(search.losses) < -0.5
    assert len(search.rates) > 90


def test_where_nothing_falls_there_is_no_suggestion_and_the_words_say_so() -> None:
    data = Dataset([[0.0], [0.0], [0.0]], [0.0, 1.0, -1.0])
    search = find_rate(MLP(1, [1], init="zeros"), data, batch_size=3)
    assert isnan(search.suggestion)
    assert "no rate lowered the loss" in repr(search)
    with pytest.raises(ValueError, match="SGD needs a learning_rate above 0, and finite, got nan"):
        SGD(search.suggestion)


def test_it_prints_as_one_would_say_it() -> None:
    search = RateSearch(
        [0.01, 0.1, 1.0],
        [0.7, 0.5, 0.6],
        [0.7, 0.5, 0.6],
        0.1,
        "stopped at 2, where the loss was 9",
    )
    assert repr(search) == (
        "3 rates from 0.01 to 1: loss 0.7, at the least 0.5; suggestion 0.1; "
        "stopped at 2, where the loss was 9"
    )


@each(
    ("options", "sentence"),
    [
        ({"low": 0.0}, "find_rate needs rates above 0, low before high, got low=0.0 and high=10.0"),
        (
            {"low": 1.0, "high": 0.1},
            "find_rate needs rates above 0, low before high, got low=1.0 and high=0.1",
        ),
        ({"high": float("inf")}, "low before high, got low=1e-05 and high=inf"),
        ({"low": nan}, "low before high, got low=nan"),
        ({"steps": 5}, "find_rate needs a whole number of at least 10 as steps, got 5"),
        ({"steps": 20.0}, "whole number of at least 10 as steps, got 20.0"),
        ({"smoothing": 1.0}, "find_rate needs a smoothing from 0 up to, but below, 1, got 1.0"),
        ({"batch_size": 0}, "needs a whole number of at least 1 as size, got 0"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(options: dict[str, Any], sentence: str) -> None:
    model = MLP(2, [2], seed=1)
    before = state(model)
    with pytest.raises(ValueError, match=sentence):
        find_rate(model, moons(20), **options)
    assert state(model) == before


def test_a_first_step_that_diverges_is_told_from_a_loss_that_is_not_finite() -> None:
    model, data = MLP(1, [1], seed=1), Dataset([[1e6 * k] for k in range(30)], [0.0] * 30)
    before = state(model)
    with pytest.raises(
        ValueError, match=r"got low=1e-05, which took the loss from 4\S+ to \S+: st"
    ):
        find_rate(model, data)
    assert state(model) == before
    assert isfinite(find_rate(model, data, low=1e-20).suggestion)


def test_what_is_no_dataset_or_no_optimiser_is_refused() -> None:
    model: Any = MLP(2, [2], seed=1)
    with pytest.raises(TypeError, match="find_rate needs a Dataset, got list: write Dataset"):
        find_rate(model, [[1.0, 2.0]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="find_rate needs at least one row, got an empty dataset"):
        find_rate(model, Dataset([], [], ["x", "y"]))
    with pytest.raises(
        TypeError,
        match=r"find_rate needs an optimiser made from nn\.Optimizer, whose rate it can set",
    ):
        find_rate(model, moons(20), optimizer=object())  # type: ignore[arg-type]
    lost = MLP(2, [2], seed=1)
    lost.parameters()[0].data = exp(700) * 1e300
    with pytest.raises(ValueError, match="find_rate needs a model whose loss is finite, got"):
        find_rate(lost, moons(20))
