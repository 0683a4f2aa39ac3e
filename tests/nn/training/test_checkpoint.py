"""What a checkpoint knows: where the run began, what it was made of, and that no trouble of a file
costs a run.
"""

import json
import os
import warnings
from collections.abc import Callable
from functools import partial
from math import inf, isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd import Value
from autograd.recording import backends
from nn import L2, MLP, Cosine, Epoch, Module, StoreError, Trainer, moons, rerun, train
from nn.io.json_file import write_json
from nn.losses import cross_entropy
from nn.optim import SGD, Adam, Optimizer, RMSProp
from nn.training.callbacks import EarlyStopping
from nn.training.checkpoint import Checkpoint, Unsaved, fingerprint, identity
from tests.nn.training.examples import blurred, exact, interrupted, line, numbers

DATA = moons(40)


@pytest.mark.parametrize("other", [{"seed": 2}, {"seed": 1, "init": "zeros"}], ids=str)
def test_a_checkpoint_knows_where_its_model_began(other: dict[str, Any], tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=2, checkpoint=tmp_path / "run")
    model = MLP(2, [3, 2], **other)
    before = numbers(model)
    with pytest.raises(StoreError, match=r"whose first parameters are .*; give it another path"):
        train(model, DATA, epochs=3, checkpoint=tmp_path / "run")
    assert numbers(model) == before


def test_a_model_that_differs_in_its_last_parameter_alone_is_another(tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=1, checkpoint=tmp_path / "run")
    model = MLP(2, [3, 2], seed=1)
    model.parameters()[-1].data += 1.0
    with pytest.raises(StoreError, match="needs a checkpoint of this run, whose first parameters"):
        train(model, DATA, epochs=2, checkpoint=tmp_path / "run")


def test_a_run_that_was_refused_its_checkpoint_is_refused_again_and_never_overwrites_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run"
    train(MLP(2, [3, 2], seed=1), DATA, epochs=2, checkpoint=path)
    text, run = (
        path.read_text(),
        Trainer(MLP(2, [3, 2], seed=2), DATA, callbacks=[Checkpoint(path)]),
    )
    for _ in range(2):
        with pytest.raises(StoreError, match="needs a checkpoint of this run"):
            run.fit()
    assert path.read_text() == text


def test_a_model_goes_on_from_where_it_was_left_or_from_its_beginning(tmp_path: Path) -> None:
    model, path = MLP(2, [3, 2], seed=1), tmp_path / "run"
    train(model, DATA, epochs=2, checkpoint=path)
    assert len(train(model, DATA, epochs=3, checkpoint=path)) == 3
    assert len(train(MLP(2, [3, 2], seed=1), DATA, epochs=4, checkpoint=path)) == 4


def test_fewer_epochs_than_the_checkpoint_holds_are_refused(tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=5, checkpoint=tmp_path / "run")
    with pytest.raises(
        StoreError, match="needs a checkpoint of at most 3 epochs, as asked for, got one"
    ):
        train(MLP(2, [3, 2], seed=1), DATA, epochs=3, checkpoint=tmp_path / "run")


def halved(outputs: Any, targets: Any) -> Any:
    return cross_entropy(outputs, targets) / 2


def test_another_loss_makes_another_run(tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=1, checkpoint=tmp_path / "run")
    with pytest.raises(StoreError, match="needs a checkpoint of this run, whose loss is "):
        train(MLP(2, [3, 2], seed=1), DATA, halved, epochs=2, checkpoint=tmp_path / "run")


def test_a_model_with_a_generator_of_its_own_is_resumed_bit_for_bit(tmp_path: Path) -> None:
    class Noisy(Module):
        def __init__(self) -> None:
            self.rng, self.inner = Random(0), MLP(2, [3, 2], seed=1)

        def __call__(self, x: list[Any]) -> Any:
            return self.inner([v + self.rng.gauss(0, 0.1) for v in x])

    class Around:  # and no Module
        def __init__(self) -> None:
            self.rng, self.inner = Random(1), Noisy()

        def parameters(self) -> list[Value]:
            return self.inner.parameters()

        def __call__(self, x: list[Any]) -> Any:
            return self.inner([v * (1 + self.rng.random()) for v in x])

    for kind in (Noisy, Around):
        path, models = tmp_path / kind.__name__, [kind(), kind(), kind()]
        whole = train(models[0], DATA, epochs=4, engine="eager")
        train(models[1], DATA, epochs=2, engine="eager", checkpoint=path)
        assert exact(train(models[2], DATA, epochs=4, engine="eager", checkpoint=path)) == exact(
            whole
        )
        assert numbers(models[2]) == numbers(models[0])
        again, history = rerun(whole.config)
        assert exact(history) == exact(whole)
        assert numbers(again) == numbers(models[0])


@pytest.mark.parametrize("place", ["nowhere/run.json", "", "x\0y"])
def test_a_place_that_cannot_be_written_is_refused_before_the_first_epoch(
    place: str, tmp_path: Path
) -> None:
    model = MLP(2, [3, 2], seed=1)
    before = numbers(model)
    with pytest.raises(StoreError):
        train(model, DATA, epochs=2, checkpoint=os.path.join(tmp_path, place))
    assert numbers(model) == before


def test_an_optimiser_without_a_state_to_keep_is_refused_before_the_first_epoch(
    tmp_path: Path,
) -> None:
    class Plain:
        def step(self, parameters: list[Value]) -> None:
            for p in parameters:
                p.data -= 0.1 * p.grad

    model = MLP(2, [3, 2], seed=1)
    before = numbers(model)
    with pytest.raises(TypeError, match=r"a checkpoint needs an optimiser made from nn.Optimizer"):
        train(model, DATA, optimizer=Plain(), epochs=2, checkpoint=tmp_path / "run")
    assert numbers(model) == before


def test_a_disk_that_is_full_later_is_warned_of_and_the_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def lose(epoch: Epoch) -> None:
        if epoch.number == 2:
            (folder / "run").unlink()
            folder.rmdir()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = train(
            MLP(2, [3, 2], seed=1), DATA, epochs=4, checkpoint=folder / "run", on_epoch=lose
        )
    assert len(history) == 4
    assert [(w.category, w.filename) for w in caught] == [(Unsaved, __file__)] * 2
    assert "training continues without a checkpoint: " in str(caught[0].message)


class Kept(Optimizer):
    """Keeps whatever its function says."""

    kept: Any = staticmethod(lambda grad, state: ())

    def update(self, x: float, grad: float, rate: float, *state: Any) -> tuple[Any, ...]:
        return (x - rate * grad, *type(self).kept(grad, state))


class Sign(Kept):
    kept = staticmethod(lambda grad, state: (grad > 0,))


class Growing(Kept):
    kept = staticmethod(lambda grad, state: (*state[-2:], grad))


class Infinite(Kept):
    kept = staticmethod(lambda grad, state: (min(abs(grad), *state) if grad and state else inf,))


class Counting(Kept):
    kept = staticmethod(lambda grad, state: (state[0] + 1 if state else 1,))


@pytest.mark.parametrize("kind", [Sign, Growing, Infinite, Counting])
def test_whatever_an_optimiser_keeps_is_kept(kind: type[Kept], tmp_path: Path) -> None:
    models, optimizers = (
        [MLP(2, [2], init="zeros") for _ in range(3)],
        [kind(0.1) for _ in range(3)],
    )
    whole = train(models[0], DATA, optimizer=optimizers[0], epochs=4)
    for model, optimizer, epochs in zip(models[1:], optimizers[1:], (1, 4), strict=True):
        found = train(model, DATA, optimizer=optimizer, epochs=epochs, checkpoint=tmp_path / "run")
    assert exact(found) == exact(whole)
    states = [
        [list(o.state[p]) for p in m.parameters()] for m, o in zip(models, optimizers, strict=True)
    ]
    assert repr(states[2]) == repr(states[0])


def test_a_checkpoint_that_was_changed_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "run"
    train(MLP(2, [2], seed=0), DATA, optimizer=Adam(), epochs=1, checkpoint=path)
    text = path.read_text()
    start = text.index('"state": [[') + len('"state": [[1, ')
    for changed in (
        text[:start] + "0.25" + text[start + 4 :],
        text.replace('"steps": 2', '"steps": 3'),
    ):
        assert changed != text
        path.write_text(changed)
        with pytest.raises(
            StoreError, match="needs a whole file as it was written, got a damaged one"
        ):
            train(MLP(2, [2], seed=0), DATA, optimizer=Adam(), epochs=2, checkpoint=path)


def test_a_move_that_returns_no_tuple_gets_a_sentence() -> None:
    class Bare(Optimizer):
        def update(self, x: float, grad: float, rate: float) -> Any:
            return x - rate * grad

    model = MLP(2, [2], seed=0)
    before = numbers(model)
    with pytest.raises(
        TypeError, match=r"^Bare needs an update that returns a tuple, .* got float: write \(x,\)$"
    ):
        train(model, DATA, optimizer=Bare(0.1), epochs=1)
    assert numbers(model) == before


# One engine from the first epoch to the last


@pytest.mark.skipif(backends.library is None, reason="needs the engine in C")
def test_a_resumed_run_keeps_the_engine_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, path = moons(60, seed=1), tmp_path / "run.json"
    straight, resumed = MLP(2, [4, 2], seed=3), MLP(2, [4, 2], seed=3)
    with monkeypatch.context() as absent:
        absent.setattr(backends, "library", None)
        whole = train(straight, data, epochs=6)
        train(resumed, data, epochs=3, checkpoint=path)
    history = train(resumed, data, epochs=6, checkpoint=path)
    assert history == whole and history.engine == whole.engine
    assert "native" not in whole.engine
    assert [p.data for p in resumed.parameters()] == [p.data for p in straight.parameters()]


ROUNDING = "began, .* resumes: the numbers agree up to rounding"


@pytest.mark.parametrize("engines", [("eager", "auto"), ("auto", "eager")])
def test_a_run_is_resumed_by_another_engine_which_is_said(
    engines: tuple[str, str], tmp_path: Path
) -> None:
    models = [MLP(2, [4, 2], seed=3) for _ in engines]
    run: Any = {"data": moons(40, seed=1), "optimizer": Adam(0.02)}
    whole = train(models[0], epochs=4, **run)
    run |= {"optimizer": Adam(0.02), "checkpoint": tmp_path / "run"}
    train(models[1], epochs=2, engine=engines[0], **run)
    run["optimizer"] = Adam(0.02)
    with pytest.warns(UserWarning, match=ROUNDING) as warned:
        history = train(models[1], epochs=4, engine=engines[1], **run)
    assert warned[0].filename == __file__ and history.engine.startswith("eager") == (
        engines[1] == "eager"
    )
    assert [epoch.loss for epoch in history] == pytest.approx([epoch.loss for epoch in whole])
    numbers = [[p.data for p in model.parameters()] for model in models]
    assert numbers[1] == pytest.approx(numbers[0], abs=1e-12)


@pytest.mark.skipif(backends.library is None, reason="needs the engine in C")
def test_a_run_in_c_is_resumed_where_no_c_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, path = moons(60, seed=1), tmp_path / "run.json"
    model = MLP(2, [4, 2], seed=3)
    assert "native" in train(model, data, epochs=2, checkpoint=path).engine
    monkeypatch.setattr(backends, "library", None)
    with pytest.warns(UserWarning, match=f"run.json: what native {ROUNDING}"):
        assert "native" not in train(model, data, epochs=4, checkpoint=path).engine


# Resuming


def settings(name: str) -> dict[str, Any]:
    """A run with everything that has a state."""
    optimizers: dict[str, Callable[[], Any]] = {
        "momentum": lambda: SGD(0.1, momentum=0.9),
        "RMSProp": lambda: RMSProp(0.01),
        "Adam": lambda: Adam(Cosine(0.05, steps=40), clip_norm=1.0),
    }
    return {"optimizer": optimizers[name](), "penalty": L2(0.01), "batch_size": 12}


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("name", ["momentum", "RMSProp", "Adam"])
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(
    name: str, dropout: float, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    whole = MLP(2, [6, 2], seed=0, dropout=dropout)
    wanted = train(whole, moons(50), epochs=7, **settings(name))
    for epochs in (2, 3, 7):
        model = MLP(2, [6, 2], seed=0, dropout=dropout)
        found = train(model, moons(50), epochs=epochs, checkpoint=path, **settings(name))
        assert len(found) == epochs
    assert exact(found) == exact(wanted)
    assert numbers(model) == numbers(whole)
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_a_run_that_was_interrupted_goes_on_from_its_last_epoch_not_from_its_best(
    tmp_path: Path,
) -> None:
    path, model, whole = tmp_path / "run.json", MLP(2, [16, 2], seed=0), MLP(2, [16, 2], seed=0)
    history, kept = interrupted(40, model, checkpoint=path)
    assert numbers(model) != kept[40]
    rest, part = blurred()
    options: dict[str, Any] = {"epochs": 45, "validation": part}
    found = train(model, rest, optimizer=SGD(0.5, 0.9), checkpoint=path, **options)
    wanted = train(whole, rest, optimizer=SGD(0.5, 0.9), **options)
    assert exact(found) == exact(wanted)
    assert numbers(model) == numbers(whole)
    assert found.stopped == ""
    assert repr(history.best) == repr(found.best)


def test_early_stopping_decides_the_same_after_resuming(tmp_path: Path) -> None:
    rest, part = blurred()
    runs, models = [], [MLP(2, [16, 2], seed=0) for _ in range(3)]
    for model, epochs, path in zip(
        models, (100, 20, 100), (None, tmp_path / "run", tmp_path / "run"), strict=True
    ):
        options: dict[str, Any] = {
            "until": EarlyStopping(8),
            "validation": part,
            "checkpoint": path,
        }
        runs.append(train(model, rest, optimizer=SGD(0.5, 0.9), epochs=epochs, **options))
    assert exact(runs[0]) == exact(runs[2])
    assert runs[0].stopped == runs[2].stopped != ""
    assert numbers(models[0]) == numbers(models[2])
    again = MLP(2, [16, 2], seed=0)
    assert exact(train(again, rest, optimizer=SGD(0.5, 0.9), epochs=100, **options)) == exact(
        runs[0]
    )
    assert numbers(again) == numbers(models[0])


def test_a_finished_run_is_read_and_not_run_again(tmp_path: Path) -> None:
    path, seen = tmp_path / "run", []
    options: dict[str, Any] = {"epochs": 3, "checkpoint": path, "on_epoch": seen.append}
    first = train(MLP(2, [2], seed=0), moons(20), **options)
    assert exact(train(MLP(2, [2], seed=0), moons(20), **options)) == exact(first)
    assert len(seen) == 3


def test_validation_figures_that_are_not_numbers_survive(tmp_path: Path) -> None:
    path = tmp_path / "run"
    for epochs in (1, 2):
        history = train(
            MLP(2, [2], seed=0), moons(20), epochs=epochs, checkpoint=path, validation=None
        )
    assert isnan(history[0].validation_loss)
    json.loads(path.read_text(), parse_constant=lambda constant: pytest.fail(constant))


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "model": lambda given: given.update(model=MLP(2, [3, 2], seed=0)),
    "training part": lambda given: given.update(data=moons(40, seed=1)),
    "validation part": lambda given: given.update(
        data=DATA.split(0.2)[0], validation=moons(8, seed=5)
    ),
    "batch size": lambda given: given.update(batch_size=7),
    "loss": lambda given: given.update(loss=partial(cross_entropy, label_smoothing=0.1)),
    "optimizer": lambda given: given.update(optimizer=SGD(0.1000001)),
    "penalty": lambda given: given.update(penalty=L2(0.1)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_checkpoint_of_another_run_is_refused_and_nothing_changes(
    what: str, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    train(MLP(2, [2], seed=0), DATA, epochs=1, checkpoint=path)
    text, given = path.read_text(), {"model": MLP(2, [2], seed=0), "data": DATA}
    CHANGES[what](given)
    before = numbers(given["model"])
    with pytest.raises(StoreError) as caught:
        train(**given, epochs=2, checkpoint=path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: needs a checkpoint of this run, whose {what} is ")
    assert sentence.endswith("; give it another path, or remove the file to start again")
    assert numbers(given["model"]) == before
    assert path.read_text() == text


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no parameters": lambda content: content.pop("parameters"),
    "a parameter too few": lambda content: content["parameters"].pop(),
    "a word for a number": lambda content: content["parameters"].__setitem__(0, "1.0"),
    "a state too few": lambda content: content["state"].pop(),
    "a best of another length": lambda content: content["best"].pop(),
    "half a generator": lambda content: content["generators"][0][1].pop(),
    "no generator": lambda content: content.update(generators=[]),
    "an epoch of one figure too many": lambda content: content["history"][0].append(1.0),
    "steps that are none": lambda content: content.update(steps="many"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_gets_one_sentence_and_nothing_changes(
    damage: str, tmp_path: Path
) -> None:
    """As it lies there, and with a digest that was made for it."""
    path = tmp_path / "run"
    train(MLP(2, [2], seed=0), DATA, optimizer=Adam(), epochs=1, checkpoint=path)
    content = json.loads(path.read_text())
    DAMAGES[damage](content)
    path.write_text(json.dumps(content))
    for sentence in ("needs a whole file as it was written", "needs a whole checkpoint, got a dam"):
        model, optimizer = MLP(2, [2], seed=0), Adam()
        before = numbers(model)
        with pytest.raises(StoreError, match=sentence):
            train(model, DATA, optimizer=optimizer, epochs=2, checkpoint=path)
        assert (numbers(model), optimizer.steps, dict(optimizer.state)) == (before, 0, {})
        write_json(path, "checkpoint", {name: content[name] for name in [*content][3:]})


def test_a_checkpoint_needs_an_optimizer_whose_state_it_can_keep(tmp_path: Path) -> None:
    class Still:
        def step(self, parameters: list[Value]) -> None:
            pass

    with pytest.raises(TypeError) as caught:
        train(MLP(2, [2]), moons(20), optimizer=Still(), checkpoint=tmp_path / "run")
    assert str(caught.value) == (
        "a checkpoint needs an optimiser made from nn.Optimizer, which keeps its state, got Still"
    )
    assert isnan(train(MLP(2, [2]), moons(20), optimizer=Still(), epochs=1)[0].learning_rate)


def test_an_identity_is_in_words_that_hold_in_every_process() -> None:
    def made(rate: float) -> dict[str, str]:
        schedule = SGD(Cosine(rate, 5))
        loss = partial(lambda o, t: cross_entropy(o, t), label_smoothing=0.1)
        return identity(Trainer(MLP(2, [2]), DATA, loss, schedule, penalty=L2(0.5)))

    assert "0x" not in str(made(0.1))
    assert made(0.1) == made(0.1) != made(0.1000001)
    assert fingerprint(None) == "none"
    assert fingerprint(DATA) == fingerprint(moons(40)) != fingerprint(moons(40, seed=1))


def test_a_model_of_your_own_is_resumed_too(tmp_path: Path) -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope, self.offset = [Value(1.0), Value(1.0)], Value(0.0)

        def __call__(self, row: list[float]) -> Value:
            return self.slope[0] * row[0] + self.slope[1] * row[1] + self.offset

    models, path = [Line() for _ in range(3)], tmp_path / "run"
    train(models[0], line(), epochs=4)
    train(models[1], line(), epochs=2, checkpoint=path)
    train(models[2], line(), epochs=4, checkpoint=path)
    assert numbers(models[2]) == numbers(models[0]) != [1.0, 1.0, 0.0]
