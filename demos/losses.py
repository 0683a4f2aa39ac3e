"""Losses: what one wild row does to squared, absolute and Huber's error, and why classes want
cross-entropy."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from autograd import sigmoid
from demos.chapter import run
from demos.picture import say, show
from nn import MLP, SGD, Cosine, Dataset, Standardizer, iris, train
from nn.losses import binary_cross_entropy, huber, mean_absolute_error, mean_squared_error

__all__ = ["main"]

SLOPE, OFFSET, OUTLIERS = 2.0, 1.0, 4
OF_NUMBERS = {"squared": mean_squared_error, "absolute": mean_absolute_error}
OF_NUMBERS["Huber"] = partial(huber, delta=0.3)


def squared_error(logits: Sequence[Any], targets: Sequence[float]) -> Any:
    """The squared error of the probabilities, for classes."""
    return mean_squared_error([sigmoid(logit) for logit in logits], targets)


OF_CLASSES = {"cross-entropy": binary_cross_entropy, "squared error": squared_error}


def sure(nin: int, nout: int, rng: Random) -> list[float]:
    """Weights that take the small petals of one species for the large ones of the other."""
    return [rng.uniform(-3, -2) for _ in range(nin)]


def line_with_outliers(seed: int) -> Dataset:
    """Points on y = 2x + 1 with a little noise; in four of them, on the right, somebody lost the
    sign."""
    rng = Random(seed)
    xs = [-1 + 2 * k / 39 for k in range(40)]
    ys = [SLOPE * x + OFFSET + rng.gauss(0, 0.1) for x in xs]
    for k in rng.sample(range(25, 40), OUTLIERS):
        ys[k] = -ys[k]
    return Dataset([[x] for x in xs], ys)


def two_species() -> Dataset:
    """Iris without its middle species: two classes that a single neuron tells apart."""
    features, targets = zip(*((x, target // 2) for x, target in iris() if target != 1), strict=True)
    data = Dataset(features, targets, iris().feature_names, ["setosa", "virginica"])
    return Standardizer.fit(data).transform(data)


Figures = dict[str, float]


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> tuple[Figures, Figures]:
    """How far each loss's line is off the true one, and how much each loss for classes got right in
    the end."""
    data, steps = line_with_outliers(seed), 200
    options: Any = {"validation": None, "seed": seed, "progress": False, "engine": engine}
    wrong = f"{OUTLIERS} of them wrong by a lost sign"
    print(f"A line through {len(data)} points of y = 2x + 1, {wrong}:\n")
    along = [k / 20 - 1 for k in range(41)]
    curves = {"the true line": [(x, SLOPE * x + OFFSET) for x in along]}
    off: dict[str, float] = {}
    for name, loss in OF_NUMBERS.items():
        model = MLP(1, [1], seed=seed)
        # The pull of a row is the slope of its loss: 2·error, ±1, or the error up to ±delta.
        # Squares let the wildest row pull hardest; where the pull is bounded, it counts as one row
        # among many.
        cosine = SGD(Cosine(0.3, steps=steps))
        train(model, data, loss, cosine, epochs=steps, batch_size=len(data), **options)
        left, right = (model([x]).data for x in (-1.0, 1.0))
        offset, slope = (right + left) / 2, (right - left) / 2
        curves[f"{name} error"] = [(x, offset + x * slope) for x in along]
        off[name] = max(abs(left - (OFFSET - SLOPE)), abs(right - (OFFSET + SLOPE)))
        line = f"y = {slope:.2f}x + {offset:.2f}"
        print(f"{name:>9} error: {line}, off by up to {off[name]:.2f}")
    dots, file = {"a row": [(x, y) for (x,), y in data]}, Path(folder, "losses_line.png")
    show("lines", curves, x="x", y="y", dots=dots, file=file)

    flowers = two_species()
    begins = "the neuron begins by being sure of the wrong one"
    print(f"\nTwo species of iris, {len(flowers)} rows; {begins}:\n")
    shares: dict[str, list[tuple[float, float]]] = {}
    for name, loss in OF_CLASSES.items():
        model = MLP(4, [1], init=sure, seed=seed)
        # A sigmoid that is sure is flat: squared error has next to no slope there, however wrong it
        # is. The slope of cross-entropy is the error itself, as its logarithm undoes the sigmoid.
        all_rows = {"batch_size": len(flowers)} | options
        history = train(model, flowers, loss, SGD(0.3), epochs=100, **all_rows)
        shares[name] = [(epoch.number, epoch.accuracy) for epoch in history]
        first, last = history[0], history[-1]
        right = f"{first.accuracy:.0%}, after {last.number} epochs {last.accuracy:.0%}"
        print(f"{name}: first gradient {first.gradient_norm:.2g}, right at first {right}")
    file = Path(folder, "losses_classes.png")
    show("lines", shares, x="epoch", y="share right", file=file)
    right = {name: points[-1][1] for name, points in shares.items()}
    say(
        f"{OUTLIERS} wild rows moved the line of squared error by {off['squared']:.2f}, of "
        f"absolute error by {off['absolute']:.2f} and of Huber's by {off['Huber']:.2f}; and from "
        f"its wrong certainty the neuron came to {right['cross-entropy']:.0%} right by "
        f"cross-entropy, {right['squared error']:.0%} by squared error."
    )
    return off, right


if __name__ == "__main__":
    run(main)
