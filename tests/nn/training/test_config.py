"""A run keeps how it was made, and can be made again, as it was or with one thing changed."""

import gc
import pickle
import weakref
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from autograd import Value
from nn import L2, MLP, Cosine, Dataset, Divergence, EarlyStopping, History, Training, cross_entropy
from nn.data.toy import iris, moons
from nn.optim import SGD, Adam
from nn.training.fit import rerun, train
from tests.nn.training.examples import numbers


def test_a_run_is_made_again_bit_for_bit() -> None:
    model = MLP(2, [6, 2], seed=3)
    history = train(
        model,
        moons(60, noise=0.3),
        partial(cross_entropy, label_smoothing=0.1),
        Adam(Cosine(0.05, steps=60), clip_norm=1.0),
        epochs=12,
        batch_size=7,
        validation=0.3,
        seed=5,
        penalty=L2(0.01),
        until=EarlyStopping(patience=3),
    )
    before = numbers(model)
    again, other = rerun(history.config)
    assert repr(other) == repr(history)
    assert numbers(again) == before == numbers(model)
    assert again is not model


def test_dropout_draws_the_same_again() -> None:
    model = MLP(2, [6, 2], dropout=0.3, seed=3)
    history = train(model, moons(30), epochs=3)
    again, other = rerun(history.config)
    assert repr(other) == repr(history)
    assert numbers(again) == numbers(model)


def test_an_optimizer_that_has_moved_the_model_before_goes_on_from_there_again() -> None:
    model, adam = MLP(2, [4, 2], seed=0), Adam(0.02)
    train(model, moons(40), optimizer=adam, epochs=3)
    history = train(model, moons(40), optimizer=adam, epochs=3)
    again, other = rerun(history.config)
    assert repr(other) == repr(history)
    assert numbers(again) == numbers(model)
    assert history.config.optimizer.steps == 3 * 2


def test_one_thing_changed_makes_another_run_and_leaves_the_first_as_it_was() -> None:
    model = MLP(2, [6, 2], seed=3)
    history = train(model, moons(60), optimizer=SGD(0.001), epochs=10)
    before = numbers(model), repr(history), history.config
    _, faster = rerun(replace(history.config, optimizer=SGD(0.5)))
    assert faster[-1].validation_loss < history[-1].validation_loss
    assert (numbers(model), repr(history), history.config) == before


def test_another_model_begins_with_its_own_parameters() -> None:
    history = train(MLP(2, [3, 2], seed=3), moons(60), optimizer=SGD(0.1, momentum=0.9), epochs=2)
    wide = MLP(2, [9, 2], seed=1)
    config = history.config.with_model(wide)
    assert config.initial == tuple(numbers(wide))
    model, other = rerun(config)
    assert len(other) == 2
    assert len(model.layers[0].neurons) == 9
    assert numbers(wide) == list(config.initial)


def test_a_model_of_another_size_without_its_numbers_is_refused() -> None:
    config = train(MLP(2, [3, 2], seed=3), moons(40), epochs=1).config
    with pytest.raises(
        ValueError, match=r"needs a number for each of 47 parameters, got 17: change its model by"
    ):
        rerun(replace(config, model=MLP(2, [9, 2], seed=1)))


def test_a_fresh_model_is_the_one_before_the_run() -> None:
    model = MLP(4, [5, 3], seed=2)
    history = train(model, iris(), epochs=2)
    assert numbers(history.config.fresh()) == numbers(MLP(4, [5, 3], seed=2)) != numbers(model)


def test_the_parts_are_those_that_were_used() -> None:
    rest, part = iris().split(0.2, seed=4)
    split, given = (
        Training(MLP(4, [3]), iris(), seed=4),
        Training(MLP(4, [3]), rest, validation=part, seed=4),
    )
    assert split.history.config.data.features == given.history.config.data.features
    assert split.history.config.validation.features == part.features
    assert Training(MLP(4, [3]), rest, validation=None).history.config.validation is None


def test_a_resumed_run_keeps_what_it_began_with(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    first = MLP(2, [4, 2], seed=1)
    begun = tuple(numbers(first))
    train(first, moons(40), epochs=3, checkpoint=path)
    resumed = train(MLP(2, [4, 2], seed=1), moons(40), epochs=6, checkpoint=path)
    assert resumed.config.initial == begun
    whole = train(MLP(2, [4, 2], seed=1), moons(40), epochs=6)
    assert repr(rerun(resumed.config)[1]) == repr(whole) == repr(resumed)


def test_a_model_and_an_optimizer_that_are_nobodys_of_ours_have_a_config_too() -> None:
    class Line:
        def __init__(self) -> None:
            self.slope = Value(0.0)

        def parameters(self) -> list[Value]:
            return [self.slope]

        def zero_grad(self) -> None:
            self.slope.zero_grad()

        def __call__(self, row: list[float]) -> Value:
            return self.slope * row[0]

    class Walk:
        def step(self, parameters: list[Value]) -> None:
            for p in parameters:
                p.data -= 0.1 * p.grad

    data = Dataset([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0])
    line = Line()
    history = train(line, data, optimizer=Walk(), epochs=5, validation=None)
    again, other = rerun(history.config)
    assert repr(other) == repr(history)
    assert again.slope.data == line.slope.data != 0.0


@pytest.mark.filterwarnings("ignore::autograd.DomainWarning")
def test_a_diverged_run_is_made_again_with_its_warning() -> None:
    data = Dataset([[1.0, 2.0], [2.0, 1.0]] * 8, [1.0, 0.0] * 8)
    with pytest.warns(Divergence):
        history = train(MLP(2, [1], seed=0), data, optimizer=SGD(1e10), epochs=99)
    with pytest.warns(Divergence):
        assert rerun(history.config)[1].diverged


def test_a_history_is_pickled_without_its_config() -> None:
    history = train(MLP(2, [2], seed=0), moons(20), loss=lambda p, t: cross_entropy(p, t), epochs=2)
    twin = pickle.loads(pickle.dumps(history))
    assert repr(twin) == repr(history)
    assert twin.config is None
    assert history.config is not None
    assert History().config is None


def test_a_run_is_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        model = MLP(2, [2], seed=0)
        gone = (
            weakref.ref(model),
            weakref.ref(train(model, moons(20), epochs=1, engine="eager").config.data),
        )
        del model
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()
