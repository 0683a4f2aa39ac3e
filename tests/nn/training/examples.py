"""Rows and figures that the tests of training share."""

from collections.abc import Sequence
from random import Random
from typing import Any

from nn import MLP, SGD, Dataset, Epoch, History, moons, train


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def exact(history: Sequence[Epoch]) -> list[str]:
    """Every figure of every epoch to the last bit; as text, since nan != nan."""
    return [
        repr([getattr(epoch, name) for name in Epoch.__dataclass_fields__]) for epoch in history
    ]


def line(rows: int = 40) -> Dataset:
    """A regression that a straight line solves: y = 3x - 2z + 0.5."""
    rng = Random(0)
    features = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return Dataset(features, [3 * x - 2 * z + 0.5 for x, z in features])


def blurred() -> tuple[Dataset, Dataset]:
    """Rows that a network of sixteen soon learns by heart, and others that show it."""
    return moons(60, noise=0.4, seed=1).split(0.5, seed=1)


def interrupted(at: int, model: MLP, **options: Any) -> tuple[History, dict[int, list[float]]]:
    """A run in whose epoch of that number somebody presses Ctrl-C, and the parameters after each
    epoch before.
    """
    kept = {}

    def press(epoch: Epoch) -> None:
        kept[epoch.number] = numbers(model)
        if epoch.number == at:
            raise KeyboardInterrupt

    rest, part = blurred()
    history = train(
        model, rest, optimizer=SGD(0.5, 0.9), epochs=100, validation=part, on_epoch=press, **options
    )
    return history, kept
