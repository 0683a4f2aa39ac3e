"""Losses: what one wild row does to squared, absolute and Huber's error, and why classes want
cross-entropy.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from autograd import sigmoid
from demos.chapter import run
from demos.picture import say, show
from nn import (
    MLP,
    SGD,
    Cosine,
    Dataset,
    Standardizer,
    binary_cross_entropy,
    huber,
    iris,
    mean_absolute_error,
    mean_squared_error,
    plot,
    sketch,
    train,
)

__all__ = ["main"]

SLOPE, OFFSET, OUTLIERS = 2.0, 1.0, 4
OF_NUMBERS = {
    "squared": mean_squared_error,
    "absolute": mean_absolute_error,
    "Huber": partial(huber, delta=0.3),
}


def squared_error(logits: Sequence[Any], targets: Sequence[float]) -> Any:
    """The squared error of the probabilities, for classes."""
    return mean_squared_error([sigmoid(logit) for logit in logits], targets)


OF_CLASSES = {"cross-entropy": binary_cross_entropy, "squared error": squared_error}


def sure(nin: int, nout: int, rng: Random) -> list[float]:
    """Weights that take the small petals of one species for the large ones of the other."""
    return [rng.uniform(-3, -2) for _ in range(nin)]


def line_with_outliers(seed: int) -> Dataset:
    """Points on y = 2x + 1 with a little noise; in four of them, on the right, somebody lost the
    sign.
    """
    rng = Random(seed)
    xs = [-1 + 2 * k / 39 for k in range(40)]
    ys = [SLOPE * x + OFFSET + rng.gauss(0, 0.1) for x in xs]
    for k in rng.sample(range(25, 40), OUTLIERS):
        ys[k] = -ys[k]
    return Dataset([[x] for x in xs], ys)


def two_species() -> Dataset:
    """Iris without its middle species: two classes that a single neuron tells apart."""
    rows = [(x, target // 2) for x, target in iris() if target != 1]
    data = Dataset(
        [x for x, _ in rows],
        [target for _, target in rows],
        iris().feature_names,
        ["setosa", "virginica"],
    )
    return Standardizer.fit(data).transform(data)


def main(
    folder: str = ".", seed: int = 0, engine: str = "auto"
) -> tuple[dict[str, float], dict[str, float]]:
    """How far each loss's line is off the true one, and how much each loss for classes got right in
    the end.
    """
    data, steps = line_with_outliers(seed), 200
    options: dict[str, Any] = {
        "validation": None,
        "seed": seed,
        "progress": False,
        "engine": engine,
    }
    print(
        f"A line through {len(data)} points of y = 2x + 1, {OUTLIERS} of them wrong by a lost "
        "sign:\n"
    )
    along = [k / 20 - 1 for k in range(41)]
    curves = {"the true line": [(x, SLOPE * x + OFFSET) for x in along]}
    off: dict[str, float] = {}
    for name, loss in OF_NUMBERS.items():
        model = MLP(1, [1], seed=seed)
        # The pull of a row is the slope of its loss: 2·error, ±1, or the error up to ±delta.
        # Squares let the wildest row pull hardest; where the pull is bounded, it counts as one row
        # among many.
        train(
            model,
            data,
            loss,
            SGD(Cosine(0.3, steps=steps)),
            epochs=steps,
            batch_size=len(data),
            **options,
        )
        left, right = (model([x]).data for x in (-1.0, 1.0))
        curves[f"{name} error"] = [(x, (left + right) / 2 + x * (right - left) / 2) for x in along]
        off[name] = max(abs(left - (OFFSET - SLOPE)), abs(right - (OFFSET + SLOPE)))
        print(
            f"{name:>9} error: y = {(right - left) / 2:.2f}x + {(right + left) / 2:.2f}, off by "
            f"up to {off[name]:.2f}"
        )
    axes: dict[str, Any] = {"x": "x", "y": "y", "dots": {"a row": [(x, y) for (x,), y in data]}}
    show(
        sketch.lines(curves, **axes),
        lambda: plot.lines(curves, **axes),
        Path(folder) / "losses_line.png",
    )

    flowers = two_species()
    print(
        f"\nTwo species of iris, {len(flowers)} rows; the neuron begins by being sure of the "
        "wrong one:\n"
    )
    shares: dict[str, list[tuple[float, float]]] = {}
    for name, loss in OF_CLASSES.items():
        model = MLP(4, [1], init=sure, seed=seed)
        # A sigmoid that is sure is flat: squared error has next to no slope there, however wrong it
        # is. The slope of cross-entropy is the error itself, as its logarithm undoes the sigmoid.
        history = train(
            model, flowers, loss, SGD(0.3), epochs=100, batch_size=len(flowers), **options
        )
        shares[name] = [(epoch.number, epoch.accuracy) for epoch in history]
        first, last = history[0], history[-1]
        print(
            f"{name}: first gradient {first.gradient_norm:.2g}, right at first "
            f"{first.accuracy:.0%}, after {last.number} epochs {last.accuracy:.0%}"
        )
    axes = {"x": "epoch", "y": "share right"}
    show(
        sketch.lines(shares, **axes),
        lambda: plot.lines(shares, **axes),
        Path(folder) / "losses_classes.png",
    )
    right = {name: points[-1][1] for name, points in shares.items()}
    say(
        f"{OUTLIERS} wild rows moved the line of squared error by {off['squared']:.2f}, of "
        "absolute error by "
        f"{off['absolute']:.2f} and of Huber's by {off['Huber']:.2f}; and from its wrong "
        "certainty the neuron came to "
        f"{right['cross-entropy']:.0%} right by cross-entropy, {right['squared error']:.0%} by "
        "squared error."
    )
    return off, right


if __name__ == "__main__":
    run(main)
