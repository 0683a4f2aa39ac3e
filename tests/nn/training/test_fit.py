"""What nn.train promises: gradient descent by the book, repeatable, honest about what it saw and
why it stopped.
"""

import math
import random
import sys
import warnings
from collections.abc import Callable
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest

from autograd import DomainWarning, Value
from nn import MLP, SGD, Dataset, Divergence, Epoch, History, Module, evaluate, moons, train, xor
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mean_squared_error
from nn.training.evaluation import batch_outputs
from tests.nn.training.examples import exact, line, numbers


class Recorder(Module):
    """A model that keeps every row that it is shown while learning and without."""

    def __init__(self, model: MLP) -> None:
        self.model = model
        self.learned: list[tuple[float, ...]] = []
        self.examined: list[tuple[float, ...]] = []

    def __call__(self, row: list[float]) -> Any:
        output = self.model(row)
        first = output[0] if isinstance(output, list) else output
        (self.learned if first.operands else self.examined).append(tuple(row))
        return output


class Still:
    """An optimiser that moves nothing and remembers the grads that it was given."""

    def __init__(self) -> None:
        self.grads: list[list[float]] = []

    def step(self, parameters: list[Value]) -> None:
        self.grads.append([p.grad for p in parameters])


# The numbers


def forward_and_backward(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, classes: np.ndarray
) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
    """Softmax cross-entropy of a tanh network and its gradient, by matrices: backpropagation as a
    textbook has it.
    """
    activities = [x]
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        activities.append(np.tanh(activities[-1] @ w.T + b))
    logits = activities[-1] @ weights[-1].T + biases[-1]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, classes]).mean()
    delta = p.copy()
    delta[rows, classes] -= 1
    delta /= len(x)
    dws, dbs = [], []
    for k in reversed(range(len(weights))):
        dws.insert(0, delta.T @ activities[k])
        dbs.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[k]) * (1 - activities[k] ** 2)
    return loss, dws, dbs


def arrays(model: MLP) -> tuple[list[np.ndarray], list[np.ndarray]]:
    weights = [np.array([[w.data for w in n.w] for n in layer.neurons]) for layer in model.layers]
    return weights, [np.array([n.b.data for n in layer.neurons]) for layer in model.layers]


def flat(weights: list[np.ndarray], biases: list[np.ndarray]) -> list[float]:
    """In the order of parameters(): a neuron's weights, then its bias."""
    return [
        float(x)
        for w, b in zip(weights, biases, strict=True)
        for x in np.column_stack([w, b]).ravel()
    ]


def test_the_first_gradient_is_that_of_a_matrix_backpropagation() -> None:
    data = moons(30, seed=2)
    model, still = MLP(2, [5, 4, 2], activation="tanh", seed=2), Still()
    history = train(model, data, optimizer=still, epochs=1, batch_size=30, validation=None)
    loss, dws, dbs = forward_and_backward(
        *arrays(model), np.array(data.features), np.array(data.targets)
    )
    assert history[0].loss == pytest.approx(loss, rel=1e-13)
    assert still.grads == [pytest.approx(flat(dws, dbs), rel=1e-11, abs=1e-15)]


def test_a_whole_run_of_full_batches_is_matrix_gradient_descent() -> None:
    data = moons(24, seed=5)
    model = MLP(2, [4, 2], activation="tanh", seed=5)
    weights, biases = arrays(model)
    history = train(
        model, data, optimizer=SGD(0.5, momentum=0.5), epochs=15, batch_size=24, validation=None
    )
    velocity_w, velocity_b = [0 * w for w in weights], [0 * b for b in biases]
    losses = []
    for _ in range(15):
        loss, dws, dbs = forward_and_backward(
            weights, biases, np.array(data.features), np.array(data.targets)
        )
        losses.append(loss)
        velocity_w = [0.5 * v + d for v, d in zip(velocity_w, dws, strict=True)]
        velocity_b = [0.5 * v + d for v, d in zip(velocity_b, dbs, strict=True)]
        weights = [w - 0.5 * v for w, v in zip(weights, velocity_w, strict=True)]
        biases = [b - 0.5 * v for b, v in zip(biases, velocity_b, strict=True)]
    assert [epoch.loss for epoch in history] == pytest.approx(losses, rel=1e-11)
    assert numbers(model) == pytest.approx(flat(weights, biases), rel=1e-10)


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows_also_when_the_last_batch_is_short() -> None:
    data = moons(23)
    model = MLP(2, [3, 2], seed=0)
    (epoch,) = train(model, data, optimizer=Still(), epochs=1, batch_size=10, validation=None)
    loss, right = evaluate(model, data)
    assert epoch.loss == pytest.approx(loss)
    assert epoch.accuracy == pytest.approx(right)


def test_the_last_batch_may_be_short_and_every_row_comes_once_an_epoch() -> None:
    sizes: list[int] = []

    def loss(outputs: list[Value], targets: list[float]) -> Value:
        sizes.append(len(targets))
        return mean_squared_error(outputs, targets)

    model = Recorder(MLP(2, [1], seed=0))
    data = line(23)
    train(model, data, loss, epochs=2, batch_size=10, validation=None, engine="eager")
    assert [size for size in sizes if size > 2] == [
        10,
        10,
        3,
    ] * 2  # the others find out whether it is a sum
    rows = sorted(map(tuple, data.features))
    assert sorted(model.learned[:23]) == rows
    assert sorted(model.learned[23:]) == rows
    assert model.learned[:23] != model.learned[23:]  # a new order in each epoch


def test_a_batch_larger_than_the_data_is_all_of_them() -> None:
    still = Still()
    train(MLP(2, [1], seed=0), line(7), optimizer=still, epochs=3, batch_size=1000, validation=None)
    assert len(still.grads) == 3


def test_grads_of_an_earlier_pass_do_not_leak_into_the_first_step() -> None:
    clean, stained = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)
    stained([1.0, 2.0]).backward()
    runs = [train(model, line(), epochs=2) for model in (clean, stained)]
    assert exact(runs[0]) == exact(runs[1])
    assert numbers(clean) == numbers(stained)


# It learns


def test_a_straight_line_is_found_by_regression() -> None:
    model = MLP(2, [1], seed=0)
    history = train(model, line(), optimizer=SGD(0.2), epochs=60)
    assert history[-1].loss < 1e-9
    assert history[-1].validation_loss < 1e-9
    assert numbers(model) == pytest.approx([3.0, -2.0, 0.5], abs=1e-4)
    assert isnan(history[-1].accuracy)
    assert isnan(history[-1].validation_accuracy)


@pytest.mark.parametrize(
    ("nout", "loss"),
    [
        (2, None),
        pytest.param(1, None, marks=pytest.mark.full),
        pytest.param(1, binary_cross_entropy, marks=pytest.mark.full),
        pytest.param(1, hinge, marks=pytest.mark.full),
        pytest.param(1, mean_squared_error, marks=pytest.mark.full),
    ],
)
def test_a_tiny_set_is_learned_by_heart(nout: int, loss: Callable[..., Any] | None) -> None:
    model = MLP(2, [8, nout], activation="tanh", seed=1)
    data = xor(8, noise=0.05)
    history = train(
        model, data, loss, SGD(0.2, momentum=0.9), epochs=150, batch_size=4, validation=None
    )
    assert history[-1].loss < 0.01
    if loss is not mean_squared_error:  # whose outputs are the classes themselves, not logits
        assert evaluate(model, data)[1] == 1.0


def test_moons_are_told_apart_on_rows_never_seen() -> None:
    history = train(
        MLP(2, [8, 2], activation="tanh", seed=0), moons(150), optimizer=SGD(0.3, 0.9), epochs=30
    )
    assert history[-1].validation_accuracy == 1.0
    assert history[-1].validation_loss < 0.05


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_learning_rate_tells_its_story_on_moons(seed: int) -> None:
    def last(optimizer: Any, epochs: int) -> float:
        model = MLP(2, [8, 2], activation="tanh", seed=seed)
        return train(model, moons(60), optimizer=optimizer, epochs=epochs, validation=None)[-1].loss

    start = last(Still(), 1)
    slow, good, wild = (last(SGD(rate), 25) for rate in (1e-4, 1.0, 100.0))
    assert 0.95 * start < slow < start  # too small: hardly begun
    assert good < start / 4
    assert wild > 10 * start  # too large: far worse than having learned nothing


# The same run again


def run(seed: int = 0, model_seed: int = 0) -> tuple[list[str], list[float]]:
    model = MLP(2, [4, 2], seed=model_seed)
    return exact(train(model, moons(50), epochs=4, seed=seed)), numbers(model)


def test_the_same_seed_gives_the_same_run_bit_for_bit() -> None:
    random.seed(1)
    first = run()
    random.seed(2)
    assert run() == first


def test_another_seed_gives_another_run() -> None:
    assert run(seed=1) != run(seed=0)
    assert run(model_seed=1) != run(model_seed=0)


def test_the_global_generators_are_not_moved() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist()
    run()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


# Validation


def test_rows_held_out_are_never_learned_from() -> None:
    data = moons(50)
    model = Recorder(MLP(2, [3, 2], seed=0))
    train(model, data, epochs=3, validation=0.3, engine="eager")
    learned, examined = set(model.learned), set(model.examined)
    assert (len(learned), len(examined)) == (35, 15)
    assert not learned & examined
    assert learned | examined == set(map(tuple, data.features))
    assert len(model.learned) == 3 * 35
    assert len(model.examined) == 3 * 15


def test_the_rows_held_out_do_not_change_what_is_learned() -> None:
    rest, part = moons(50).split(0.2, seed=0)
    other = Dataset([[9.0, 9.0]], [0], part.feature_names, part.class_names)
    models = [MLP(2, [3, 2], seed=0) for _ in range(3)]
    for model, validation in zip(models, (part, other, None), strict=True):
        train(model, rest, epochs=3, validation=validation)
    assert numbers(models[0]) == numbers(models[1]) == numbers(models[2])


def test_a_fraction_holds_out_what_split_holds_out() -> None:
    data = moons(50)
    rest, part = data.split(0.2, seed=7)
    models = [MLP(2, [3, 2], seed=0) for _ in range(2)]
    runs = [
        train(models[0], data, epochs=3, seed=7),
        train(models[1], rest, epochs=3, seed=7, validation=part),
    ]
    assert exact(runs[0]) == exact(runs[1])
    assert numbers(models[0]) == numbers(models[1])


def test_validation_figures_are_those_of_the_model_at_the_end_of_the_epoch() -> None:
    rest, part = moons(50).split(0.2)
    model = MLP(2, [3, 2], seed=0)
    seen = []

    def look(epoch: Epoch) -> None:
        seen.append(
            (epoch.validation_loss, epoch.validation_accuracy)
            == pytest.approx(evaluate(model, part), rel=1e-12)
        )

    train(model, rest, epochs=4, validation=part, on_epoch=look)
    assert seen == [True] * 4


def test_without_validation_its_figures_are_nan_and_not_written() -> None:
    (epoch,) = train(MLP(2, [2], seed=0), moons(20), epochs=1, validation=None)
    assert isnan(epoch.validation_loss)
    assert isnan(epoch.validation_accuracy)
    assert "validation" not in repr(epoch)


def test_evaluate_learns_nothing_and_leaves_no_grads() -> None:
    model = MLP(2, [3, 2], seed=0)
    before = numbers(model)
    data = moons(20)
    loss, right = evaluate(model, data)
    assert loss == pytest.approx(
        cross_entropy([model(row) for row in data.features], data.targets).data
    )
    assert right * 20 == sum((model(row)[1] > model(row)[0]) == bool(t) for row, t in data)
    assert numbers(model) == before
    assert not any(p.reached for p in model.parameters())
    loss, right = evaluate(MLP(2, [1], seed=0), line())
    assert loss > 0
    assert isnan(right)


# on_epoch, Ctrl-C


def test_on_epoch_gets_each_epoch_as_it_ends() -> None:
    seen: list[Epoch] = []
    history = train(MLP(2, [2], seed=0), moons(20), epochs=5, on_epoch=seen.append)
    assert seen == history
    assert [epoch.number for epoch in seen] == [1, 2, 3, 4, 5]
    assert history.stopped == ""


def test_ctrl_c_between_epochs_keeps_what_was_learned() -> None:
    def press(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    model, whole = MLP(2, [4, 2], seed=0), MLP(2, [4, 2], seed=0)
    history = train(model, moons(50), epochs=10, on_epoch=press)
    assert history.stopped == "interrupted after 3 of 10 epochs"
    assert exact(history) == exact(train(whole, moons(50), epochs=3))
    assert numbers(model) == numbers(whole)


@pytest.mark.parametrize("call", [1, 7, 12])
def test_ctrl_c_in_the_middle_of_an_epoch_leaves_a_model_that_works(call: int) -> None:
    calls = 0

    def press(outputs: Any, targets: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return cross_entropy(outputs, targets)

    data = moons(48)
    model = MLP(2, [4, 2], seed=0)
    history = train(model, data, press, epochs=10, batch_size=12, validation=None, engine="eager")
    done = max(call - 4, 0) // 4  # beside 4 an epoch, 3 calls find out whether the loss is a sum
    assert len(history) == done
    assert history.stopped == f"interrupted after {done} of 10 epochs"
    assert all(map(math.isfinite, numbers(model)))
    loss, _ = evaluate(model, data)
    again = train(model, data, epochs=10, validation=None)
    assert again[-1].loss < loss
    assert again.stopped == ""


def test_an_error_of_the_user_s_own_comes_through() -> None:
    def broken(epoch: Epoch) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        train(MLP(2, [2], seed=0), moons(20), epochs=5, on_epoch=broken)


# Divergence


def diverged(model: Any, data: Dataset, **options: Any) -> tuple[History, str]:
    """The history of a run that diverges, and the sentence of its warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = train(model, data, validation=None, **options)
    sentences = [str(w.message) for w in caught if w.category is Divergence]
    assert len(sentences) == 1
    assert {w.category for w in caught} <= {Divergence, DomainWarning}
    assert [w.filename for w in caught if w.category is Divergence] == [__file__]
    return history, sentences[0]


def test_a_rate_too_large_ends_the_run_with_a_warning_and_goes_back() -> None:
    model = MLP(2, [1], seed=0)
    states = [numbers(model)]

    def keep(epoch: Epoch) -> None:
        states.append(numbers(model))

    history, sentence = diverged(
        model, line(), optimizer=SGD(1e30), epochs=50, batch_size=20, on_epoch=keep
    )
    assert 1 <= len(history) < 50
    assert sentence == history.stopped
    assert sentence == (
        f"the loss became inf in epoch {len(history) + 1}, "
        "so the parameters went back to its beginning: try a smaller learning rate"
    )
    assert numbers(model) == states[-1]


def test_a_loss_of_nan_is_named() -> None:
    model = MLP(2, [1], seed=0)
    before = numbers(model)
    history, sentence = diverged(
        model, line(), loss=lambda outputs, targets: outputs[0] * nan, epochs=3
    )
    assert history == []
    assert sentence.startswith(
        "the loss became nan in epoch 1, so the parameters went back to its beginning"
    )
    assert numbers(model) == before


def test_a_gradient_that_is_infinite_ends_the_run_too() -> None:
    model = MLP(2, [1], seed=0)
    before = numbers(model)

    def kink(outputs: list[Value], targets: list[float]) -> Value:
        return (
            (outputs[0] - outputs[0].data).abs().sqrt()
            if len(targets) < 20
            else mean_squared_error(outputs, targets)
        )

    history, sentence = diverged(
        model, line(30), loss=kink, epochs=3, batch_size=20, engine="eager"
    )
    assert history == []
    assert sentence.startswith(
        "a gradient became nan or infinite in epoch 1, so the parameters went back"
    )
    assert numbers(model) == before  # the first batch had moved them


def test_a_parameter_that_overflows_in_the_last_step_ends_the_run_too() -> None:
    model = MLP(2, [1], seed=0)
    before = numbers(model)
    history, sentence = diverged(model, line(), optimizer=SGD(1.7e308), epochs=1, batch_size=40)
    assert history == []
    assert sentence.startswith(
        "a parameter became nan or infinite in epoch 1, so the parameters went back"
    )
    assert numbers(model) == before


def test_the_model_can_learn_on_after_a_divergence() -> None:
    model = MLP(2, [1], seed=0)
    diverged(model, line(), optimizer=SGD(1e30), epochs=50)
    for p, x in zip(model.parameters(), numbers(MLP(2, [1], seed=0)), strict=True):
        p.data = x
    assert train(model, line(), optimizer=SGD(0.2), epochs=60)[-1].loss < 1e-9


# Words


def test_an_epoch_and_a_history_write_themselves() -> None:
    epoch = Epoch(3, 0.123456, 0.5, 0.25, 1.0)
    assert (
        repr(epoch)
        == "epoch 3: loss 0.1235, accuracy 0.5, validation loss 0.25, validation accuracy 1"
    )
    assert repr(Epoch(1, 2.0)) == "epoch 1: loss 2"
    assert repr(History()) == "no epochs"
    history = History(Epoch(k, float(k)) for k in range(1, 10))
    assert repr(history).splitlines() == [
        *("epoch 1: loss 1", "epoch 2: loss 2", "epoch 3: loss 3", "... 3 more ..."),
        *("epoch 7: loss 7", "epoch 8: loss 8", "epoch 9: loss 9"),
    ]
    history = History([Epoch(1, inf)])
    history.stopped = "interrupted after 1 of 5 epochs"
    assert repr(history).splitlines() == ["epoch 1: loss inf", "interrupted after 1 of 5 epochs"]


def test_outputs_of_many_rows_come_row_by_row_where_there_is_no_numpy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, rows = MLP(2, [3, 2], seed=0), [[0.5, -1.0], [2.0, 0.25]]
    known = batch_outputs(model, rows)
    monkeypatch.setitem(sys.modules, "numpy", None)  # as if it were not installed
    assert batch_outputs(model, rows) == [pytest.approx(row, abs=1e-15) for row in known]
