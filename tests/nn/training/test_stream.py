"""Training on a stream of batches: what training on the same rows as a Dataset gives."""

import tracemalloc
from collections.abc import Iterator
from itertools import repeat
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nn import MLP, Adam, Dataset, Stream, Trainer, diagnose, mean_squared_error, moons
from nn.training.fit import rerun, train
from tests.nn.training.examples import exact, line, numbers


class Ordered(Dataset):
    """Rows whose batches come in their order."""

    def batches(self, size: int, rng: Any) -> Iterator[Dataset]:
        return (self[k : k + size] for k in range(0, len(self), size))


@pytest.mark.parametrize("engine", ["auto", "eager", pytest.param("jax", marks=pytest.mark.full)])
@pytest.mark.parametrize("data", [moons(24), line(24)], ids=["classes", "numbers"])
def test_a_stream_trains_as_the_same_batches_of_a_dataset(data: Dataset, engine: str) -> None:
    outputs, found = 2 if data.classification else 1, list[Any]()
    whole = Ordered(data.features, data.targets, data.feature_names, data.class_names)
    batches = [data[k : k + 10] for k in range(0, 24, 10)]
    for rows in (whole, Stream(batches), lambda: iter(batches)):
        model = MLP(2, [4, outputs], seed=0)
        run: Any = {"epochs": 3, "batch_size": 10, "validation": data[:5], "engine": engine}
        history = train(model, rows, optimizer=Adam(0.05), **run)
        assert history.engine.startswith(engine) or engine == "auto"
        found.append((history, numbers(model)))
    for history, last in found[1:]:
        assert last == found[0][1]
        for mine, theirs in zip(history, found[0][0], strict=True):
            pair = ("accuracy", "r_squared", "loss", "validation_loss", "validation_r_squared")
            for name in pair:
                a, b = getattr(mine, name), getattr(theirs, name)
                assert a == pytest.approx(b, rel=1e-12, nan_ok=True)
    assert isnan(found[1][0][0].accuracy) != data.classification


def test_a_stream_is_resumed_at_its_epoch_to_the_last_bit(tmp_path: Path) -> None:
    def batches(epoch: int) -> Iterator[Dataset]:
        return moons(30).shuffled(seed=epoch).batches(7, Random(epoch))

    whole, model = MLP(2, [4, 2], seed=0), MLP(2, [4, 2], seed=0)
    history = train(whole, Stream(batches), epochs=4, validation=None)
    train(model, Stream(batches), epochs=2, validation=None, checkpoint=tmp_path / "run")
    resumed = train(model, Stream(batches), epochs=4, validation=None, checkpoint=tmp_path / "run")
    assert exact(resumed) == exact(history) and numbers(model) == numbers(whole)
    copy, again = rerun(history.config)
    assert exact(again) == exact(history) and numbers(copy) == numbers(whole)
    assert "a stream, cross_entropy" in repr(history.config)


def test_what_a_stream_cannot_do_is_said_in_one_sentence(tmp_path: Path) -> None:
    model, batches = MLP(2, [2], seed=0), [moons(8)] * 3
    with pytest.raises(
        ValueError, match=r"validate on beside a stream .*, got 0.2: write rest, pa"
    ):
        train(model, Stream(batches), epochs=1)
    with pytest.raises(ValueError, match="for each of 2 epochs, got an iterator, which gives them"):
        train(model, iter(batches), epochs=2, validation=None)
    with pytest.raises(TypeError, match="a checkpoint needs batches that can be repeated"):
        train(model, iter(batches), epochs=1, validation=None, checkpoint=tmp_path / "run")
    history = train(model, iter(batches), epochs=1, validation=None)
    assert len(history) == 1
    with pytest.raises(ValueError, match="diagnose needs a run whose rows can be counted"):
        diagnose(history, model, batches[0])
    with pytest.raises(ValueError, match="a live page needs a Dataset, got a stream"):
        history.page(tmp_path / "run.html")


def test_an_endless_stream_trains_by_steps() -> None:
    stream = Stream(repeat(moons(8)), steps=5)
    steps = list[tuple[int, int]]()
    trainer = Trainer(MLP(2, [2], seed=0), stream, epochs=2, validation=None)
    trainer.on_step = lambda done, count: steps.append((done, count))
    assert len(trainer.fit()) == 2 and steps == [(k, 5) for k in range(1, 6)] * 2


def test_memory_does_not_grow_with_the_rows_of_a_stream() -> None:
    draw = line(64)

    def peak(count: int) -> int:
        rows = [list(row) for row in draw.features]

        def batches() -> Iterator[Any]:
            return ((list(map(list, rows)), list(draw.targets)) for _ in range(count))

        tracemalloc.start()
        train(MLP(2, [3, 1], seed=0), batches, mean_squared_error, epochs=1, validation=None)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(3)
    assert peak(60) < peak(6) + 40_000  # the rows of 54 batches take 700,000 bytes
