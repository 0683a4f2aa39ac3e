"""What a run promises beyond the loop: epochs one at a time, figures by their definitions, the best
model, resuming.
"""

import linecache
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial, reduce
from math import hypot, isnan, nan
from random import Random
from statistics import fmean
from typing import Any

import pytest

import nn.training.trainer
from autograd import maximum, mean, relu
from nn import L2, MLP, SGD, Dataset, Epoch, History, Module, moons, r_squared, train
from nn.losses import binary_cross_entropy, cross_entropy, hinge
from nn.training.checks import Divergence, Fallback
from nn.training.evaluation import evaluate, predict
from nn.training.trainer import Trainer, Training
from tests.cases import each
from tests.nn.training.examples import blurred, interrupted, line, numbers

# An epoch at a time


def test_a_training_yields_what_train_returns() -> None:
    models = [MLP(2, [4, 2], seed=0) for _ in range(2)]
    run = Training(models[0], moons(40), epochs=4)
    assert repr(list(run)) == repr(list(train(models[1], moons(40), epochs=4)))
    assert run.history[3].number == 4
    assert numbers(models[0]) == numbers(models[1])


def test_a_run_that_was_left_goes_on_where_it_was() -> None:
    broken, whole = MLP(2, [4, 2], seed=0), MLP(2, [4, 2], seed=0)
    run = Training(broken, moons(40), epochs=6)
    for epoch in run:
        if epoch.number == 2:
            break
    assert len(run.history) == 2
    assert [epoch.number for epoch in run] == [3, 4, 5, 6]
    assert list(run) == []
    assert repr(run.history) == repr(train(whole, moons(40), epochs=6))
    assert numbers(broken) == numbers(whole)


def test_a_divergence_while_iterating_is_warned_of_at_the_loop() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = Training(MLP(2, [1], seed=0), line(), optimizer=SGD(1e30), epochs=50, validation=None)
        for _ in run:
            pass
    sentences = [w for w in caught if w.category is Divergence]
    assert [(str(w.message), w.filename) for w in sentences] == [(run.history.stopped, __file__)]
    assert run.history.diverged
    assert list(run) == []


# The figures


def test_norms_rate_and_r_squared_are_what_they_are_called() -> None:
    data = line(30)
    model, still = (
        MLP(2, [3, 1], activation="tanh", seed=0),
        MLP(2, [3, 1], activation="tanh", seed=0),
    )
    penalty = L2(0.5)
    norms = []
    for batch in data.batches(10, Random(0)):
        still.zero_grad()
        outputs = [still(row) for row in batch.features]
        loss = sum((y - t) ** 2 for y, t in zip(outputs, batch.targets, strict=True)) / len(batch)
        (loss + penalty(still.weights())).backward()
        norms.append(hypot(*(p.grad for p in still.parameters())))
    options: dict[str, Any] = {"epochs": 1, "batch_size": 10, "penalty": penalty}
    (epoch,) = train(model, data, optimizer=SGD(1e-12), validation=data, **options)
    assert epoch.gradient_norm == pytest.approx(fmean(norms))
    assert epoch.weight_norm == pytest.approx(hypot(*(w.data for w in still.weights())))
    assert epoch.learning_rate == 1e-12
    assert epoch.validation_r_squared == pytest.approx(
        r_squared(predict(model, data), data.targets), abs=1e-12
    )
    assert epoch.r_squared == pytest.approx(epoch.validation_r_squared)
    assert isnan(epoch.accuracy)
    assert isnan(epoch.validation_accuracy)
    assert f"R² {epoch.r_squared:.4g}" in repr(epoch)


def test_r_squared_is_for_numbers_and_accuracy_for_classes() -> None:
    (epoch,) = train(MLP(2, [2], seed=0), moons(20), epochs=1)
    assert isnan(epoch.r_squared)
    assert isnan(epoch.validation_r_squared)
    assert epoch.accuracy <= 1

    def spread(
        outputs: Any, targets: Any
    ) -> Any:  # a loss of one's own, for two outputs and one target a row
        return sum((a - t) ** 2 + b**2 for (a, b), t in zip(outputs, targets, strict=True))

    (epoch,) = train(MLP(2, [2], seed=0), line(20), spread, SGD(1e-3), epochs=1)
    assert isnan(epoch.r_squared)


def test_predict_gives_plain_numbers_and_records_nothing() -> None:
    one, two = MLP(2, [1], seed=0), MLP(2, [2], seed=0)
    data = line(5)
    assert predict(one, data) == [one(row).data for row in data.features]
    assert predict(two, data) == [[y.data for y in two(row)] for row in data.features]
    assert type(predict(one, data)[0]) is type(predict(two, data)[0][0]) is float


def test_the_best_epoch_is_the_first_of_the_lowest_validation_losses() -> None:
    history = History(
        Epoch(k, 0.1, validation_loss=x) for k, x in enumerate([3.0, 1.0, 2.0, 1.0], 1)
    )
    assert history.best is history[1]
    assert History([Epoch(1, 0.5)]).best is None
    assert History().best is None


# Ctrl-C


def test_ctrl_c_ends_with_the_best_model_so_far() -> None:
    model = MLP(2, [16, 2], seed=0)
    history, kept = interrupted(60, model)
    best = min(history, key=lambda epoch: epoch.validation_loss)
    assert best.number < 60 == len(history)
    assert numbers(model) == kept[best.number] != kept[60]
    assert evaluate(model, blurred()[1])[0] == pytest.approx(best.validation_loss, rel=1e-12)
    assert history.stopped == (
        f"interrupted after 60 of 100 epochs; the parameters are those of epoch {best.number}, "
        "which had the lowest validation loss"
    )


def test_ctrl_c_in_the_middle_of_an_epoch_goes_back_to_the_best_end_of_one() -> None:
    calls, model, kept = 0, MLP(2, [4, 2], seed=0), []

    def press(outputs: Any, targets: Any) -> Any:
        nonlocal calls
        calls += 1
        if (
            calls == 17
        ):  # an epoch is 4 batches and its validation, and 3 calls find out whether it is a sum
            raise KeyboardInterrupt
        return cross_entropy(outputs, targets)

    rest, part = moons(80).split(0.25)
    options: dict[str, Any] = {"epochs": 9, "batch_size": 15, "validation": part}
    history = train(
        model,
        rest,
        press,
        on_epoch=lambda epoch: kept.append(numbers(model)),
        engine="eager",
        **options,
    )
    assert len(history) == 2
    assert history.best is history[-1]
    assert numbers(model) == kept[-1]
    assert history.stopped == "interrupted after 2 of 9 epochs"


@contextmanager
def pressed(at: int, functions: set[str], frame: Any = None) -> Iterator[list[int]]:
    """Ctrl-C at the nth line that these functions of the loop run; how many they ran."""
    place, passed = nn.training.trainer.__file__, [0]

    def press(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != place or frame.f_code.co_name not in functions:
            return None
        if linecache.getline(place, frame.f_lineno).strip() in ("try:", "yield epoch"):
            return press  # where a generator goes on, a trace is outside of its handlers
        passed[0] += event == "line"
        if passed[0] == at and event == "line":
            raise KeyboardInterrupt
        return press

    before = sys.gettrace()
    if frame is not None:
        frame.f_trace = press
    sys.settrace(press)
    try:
        with suppress(KeyboardInterrupt):  # outside of the loop it goes through
            yield passed
    finally:
        sys.settrace(before)


def test_ctrl_c_while_parameters_are_put_back_leaves_none_of_the_diverged_ones() -> None:
    model = MLP(2, [2, 1], seed=0)
    before = numbers(model)
    options: dict[str, Any] = {"optimizer": SGD(1.7e308), "epochs": 2, "batch_size": 40}
    run = Trainer(model, line(), validation=None, engine="eager", **options)
    with warnings.catch_warnings(), pressed(1, {"_return_to"}):
        warnings.simplefilter("ignore")
        run.fit()
    assert numbers(model) == before
    assert run.history.stopped.startswith("interrupted after 0 of 2 epochs")


@each("at", range(1, 40))
def test_ctrl_c_at_any_line_of_the_loop_gives_the_epoch_that_it_says(at: int) -> None:
    """Pressed at one line after the other: the parameters are those of the best epoch where the run
    stopped, else of the last one.
    """
    rest, part = moons(60, noise=0.1, seed=1).split(0.5, seed=1)
    model = MLP(2, [3, 2], activation="tanh", seed=1)
    run = Trainer(model, rest, optimizer=SGD(0.5), epochs=3, validation=part, engine="eager")
    steps: Any = iter(run)
    next(steps)
    with pressed(at, {"__iter__", "_keep_best", "_notify"}, steps.gi_frame) as passed:
        list(steps)
    best = run.history.best if run.history.stopped else run.history[-1]
    assert best is not None
    assert passed[0] < at or run.history.stopped or len(run.history) == 3
    assert evaluate(model, part)[0] == pytest.approx(best.validation_loss, rel=1e-12)


# Epochs


def test_an_epoch_of_old_has_no_figures_of_new() -> None:
    epoch = Epoch(1, 2.0)
    assert all(
        isnan(x)
        for x in (epoch.r_squared, epoch.learning_rate, epoch.gradient_norm, epoch.weight_norm)
    )
    assert repr(Epoch(1, 2.0, r_squared=0.5, validation_r_squared=nan)) == "epoch 1: loss 2, R² 0.5"


# Replay


def test_training_replays_a_recording_and_gives_what_the_eager_engine_gives() -> None:
    for loss, targets in (
        (None, 2),
        (hinge, 1),
        (lambda o, t: sum((a - b) ** 2 for a, b in zip(o, t, strict=True)), 1),
    ):
        figures = []
        for engine in ("auto", "eager"):
            model = MLP(2, [6, targets], activation="tanh", seed=0)
            data = moons(40) if loss in (None, hinge) else line(40)
            history = train(model, data, loss, SGD(0.01), epochs=5, engine=engine)
            assert history.engine.startswith("eager") == (engine == "eager")
            figures.append([*numbers(model), *(epoch.validation_loss for epoch in history)])
        assert figures[0] == pytest.approx(figures[1], rel=1e-9)


def test_what_cannot_be_replayed_runs_row_by_row_and_says_why() -> None:
    def peeking(outputs: Any, targets: Any) -> Any:
        return mean(
            [
                relu(o - t) if o.data > t else relu(t - o)
                for o, t in zip(outputs, targets, strict=True)
            ]
        )

    with pytest.warns(Fallback) as caught:
        history = train(MLP(2, [1], seed=0), line(20), peeking, epochs=1)
    assert caught[0].filename == __file__
    reason = str(caught[0].message)
    assert reason.startswith("training runs eager, because test_trainer.py, line ")
    assert ": .data inside a recorded function would freeze one sample's number for all" in reason
    assert history.engine == reason.removeprefix("training runs ")


def test_a_loss_that_mixes_rows_is_not_replayed() -> None:
    def furthest(outputs: Any, targets: Any) -> Any:
        return reduce(maximum, [(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])

    with pytest.warns(
        Fallback,
        match="the loss of a batch is neither the mean nor the sum of the losses of its rows",
    ):
        train(MLP(2, [1], seed=0), line(20), furthest, epochs=1)
    with pytest.warns(Fallback) as caught:
        assert len(list(Training(MLP(2, [1], seed=0), line(20), furthest, epochs=1))) == 1
    assert caught[0].filename == __file__


def test_a_gradient_of_zero_is_replayed_though_each_engine_is_a_rounding_away_from_it() -> None:
    """Zero weights and as many rows of either class: the loss is ln 2, and no parameter has a
    slope.
    """
    data = moons(100)
    model = MLP(2, [8, 1], activation="tanh", init="zeros")
    options: dict[str, Any] = {"epochs": 1, "batch_size": 100, "validation": None}
    history = train(model, data, binary_cross_entropy, **options)
    assert not history.engine.startswith("eager")
    assert history[0].gradient_norm < 1e-12 and history[0].loss == pytest.approx(0.6931, abs=1e-4)


@each("loss", [cross_entropy, binary_cross_entropy], ids=lambda loss: loss.__name__)
@each("batch_size", [1, 7, 40])
def test_class_weights_are_replayed_as_the_eager_engine_has_them(
    loss: Any, batch_size: int
) -> None:
    data = Dataset(moons(40).features[:25], moons(40).targets[:25], class_names=["a", "b"])
    weighted, figures = partial(loss, class_weights=[0.5, 3.0], label_smoothing=0.1), []
    for engine in ("auto", "eager"):
        model = MLP(2, [4, 2 if loss is cross_entropy else 1], activation="tanh", seed=0)
        history = train(
            model, data, weighted, SGD(0.1), epochs=3, batch_size=batch_size, engine=engine
        )
        assert history.engine.startswith("eager") == (engine == "eager")
        figures.append(
            [
                *numbers(model),
                *(x for epoch in history for x in (epoch.loss, epoch.validation_loss)),
            ]
        )
    assert figures[0] == pytest.approx(figures[1], rel=1e-9)


def test_dropout_is_noted_and_not_warned_of() -> None:
    history = train(MLP(2, [4, 2], seed=0, dropout=0.1), moons(20), epochs=1)
    assert history.engine == "eager, because dropout draws anew for every row"


def test_a_large_batch_is_not_run_row_by_row_before_the_first_epoch() -> None:
    class Counting(Module):
        def __init__(self) -> None:
            self.inner, self.calls = MLP(2, [2], seed=0), 0

        def __call__(self, x: Any) -> Any:
            self.calls += 1
            return self.inner(x)

    model = Counting()
    history = train(model, moons(3000), epochs=1, batch_size=3000, validation=None)
    assert history.engine != "eager" and model.calls < 300
