"""Micrograd's demo: a network of 2-16-16-1 parts two moons by a margin, 100 points, 100 steps."""

import time
from pathlib import Path
from random import Random

from demos.chapter import run
from demos.picture import say, show
from nn import L2, MLP, SGD, Epoch, evaluate, hinge, moons, train

__all__ = ["main"]

STEPS = 100


def uniform(nin: int, nout: int, rng: Random) -> list[float]:
    """The lecture's initial weights: anything from -1 to 1."""
    return [rng.uniform(-1, 1) for _ in range(nin)]


def falling(step: int) -> float:
    """The lecture's learning rate: from 1 down to 0.1."""
    return 1.0 - 0.9 * step / STEPS


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> float:
    """Train as in the lecture, draw the boundary, and return the accuracy on the 100 points."""
    data = moons(100, noise=0.1, seed=seed)
    model = MLP(2, [16, 16, 1], activation="relu", init=uniform, seed=seed)
    print(f"{model}\n")

    def show_step(epoch: Epoch) -> None:
        if epoch.number % 10 == 0 or epoch.number == 1:
            figures = f"loss {epoch.loss:.4f}  right {epoch.accuracy:.0%}"
            print(f"step {epoch.number:>3}  {figures}", flush=True)

    # "svm max-margin": nothing to pay for a point that is right by a margin of 1, so that the
    # boundary is left to those near it. The penalty keeps the weights small, or they would buy that
    # margin by growing.
    began = time.perf_counter()
    history = train(
        model, data, hinge, SGD(falling),
        epochs=STEPS, batch_size=len(data), validation=None, penalty=L2(2e-4),
        on_epoch=show_step, progress=False, engine=engine,
    )  # fmt: skip
    print(f"{time.perf_counter() - began:.2f} s; engine: {history.engine}")

    loss, right = evaluate(model, data, hinge)
    show("boundary", model, data, file=Path(folder, "moons.png"))
    first = next((epoch.number for epoch in history if epoch.accuracy == 1), None)
    since = f", and had all of them right in step {first} for the first time" if first else ""
    points = f"{right:.0%} of the {len(data)} points right, with a loss of {loss:.2g}"
    say(f"After {STEPS} steps the network has {points}{since}.")
    return right


if __name__ == "__main__":
    run(main)
