"""What a checkpoint knows: where the run began, what it was made of, and that no trouble of a file
costs a run.
"""

import os
import warnings
from functools import partial
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd import Value
from nn import (
    MLP,
    Adam,
    Epoch,
    Module,
    Optimizer,
    StoreError,
    Unsaved,
    cross_entropy,
    moons,
    rerun,
    train,
)
from nn.training.fingerprint import described
from tests.nn.training.examples import exact, numbers

DATA = moons(40)


@pytest.mark.parametrize("other", [{"seed": 2}, {"seed": 1, "init": "zeros"}], ids=str)
def test_a_checkpoint_knows_where_its_model_began(other: dict[str, Any], tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=2, checkpoint=tmp_path / "run")
    model = MLP(2, [3, 2], **other)
    before = numbers(model)
    with pytest.raises(
        StoreError, match=r"whose model begins with .*; give the model the same seed"
    ):
        train(model, DATA, epochs=3, checkpoint=tmp_path / "run")
    assert numbers(model) == before


def test_a_model_goes_on_from_where_it_was_left_or_from_its_beginning(tmp_path: Path) -> None:
    model, path = MLP(2, [3, 2], seed=1), tmp_path / "run"
    train(model, DATA, epochs=2, checkpoint=path)
    assert len(train(model, DATA, epochs=3, checkpoint=path)) == 3
    assert len(train(MLP(2, [3, 2], seed=1), DATA, epochs=4, checkpoint=path)) == 4


def test_fewer_epochs_than_the_checkpoint_holds_are_refused(tmp_path: Path) -> None:
    train(MLP(2, [3, 2], seed=1), DATA, epochs=5, checkpoint=tmp_path / "run")
    with pytest.raises(
        StoreError,
        match="needs a checkpoint of at most 3 epochs, as many as were asked for, got one",
    ):
        train(MLP(2, [3, 2], seed=1), DATA, epochs=3, checkpoint=tmp_path / "run")


class Scaled(Module):
    def __init__(self, k: float) -> None:
        self.k, self.inner = k, MLP(2, [3, 2], seed=1)

    def __call__(self, x: list[Any]) -> Any:
        return self.inner([self.k * v for v in x])


def halved(outputs: Any, targets: Any) -> Any:
    return cross_entropy(outputs, targets) / 2


@pytest.mark.parametrize(
    ("first", "other"),
    [((Scaled(1.0), None), (Scaled(5.0), None)), ((Scaled(1.0), None), (Scaled(1.0), halved))],
    ids=["a constant of the model", "the loss"],
)
def test_other_constants_and_functions_make_another_run(
    first: tuple[Any, ...], other: tuple[Any, ...], tmp_path: Path
) -> None:
    (model, loss), (other_model, other_loss) = first, other
    train(model, DATA, loss, epochs=1, checkpoint=tmp_path / "run")
    with pytest.raises(StoreError, match=r"needs a checkpoint of this run, whose (loss|model) is "):
        train(other_model, DATA, other_loss, epochs=2, checkpoint=tmp_path / "run")


def test_a_partial_of_the_same_function_is_the_same() -> None:
    assert described(partial(halved, 1)) == described(partial(halved, 1)) == "halved(1)"


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
    assert "training goes on without a checkpoint: " in str(caught[0].message)


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


def test_a_resumed_run_keeps_the_engine_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether numba pays is asked of the epochs that are planned, and more may be planned later."""
    data, seen = moons(60, seed=1), []
    for price in (-1.0, 1e9):  # of numba: the first run takes it, then the first does without
        path, other = tmp_path / f"{price}.json", 1e9 if price < 0 else -1.0
        straight, resumed = MLP(2, [4, 2], seed=3), MLP(2, [4, 2], seed=3)
        monkeypatch.setattr("autograd.recording.backends.A_KERNEL", price)
        whole = train(straight, data, epochs=6)
        train(resumed, data, epochs=3, checkpoint=path)
        monkeypatch.setattr("autograd.recording.backends.A_KERNEL", other)
        history = train(resumed, data, epochs=6, checkpoint=path)
        assert history.engine == whole.engine
        assert [p.data for p in resumed.parameters()] == [p.data for p in straight.parameters()]
        assert history == whole
        seen.append("numba" in whole.engine)
    assert seen == [True, False]
