"""Initial weights: from zeros the neurons stay copies of one another, from small random ones each
goes its own way.
"""

from pathlib import Path
from random import Random

from demos.chapter import run
from demos.picture import say, show
from nn import (
    MLP,
    SGD,
    History,
    binary_cross_entropy,
    constant,
    evaluate,
    moons,
    plot,
    sketch,
    train,
)

__all__ = ["main"]

NEURONS, EPOCHS = 8, 150


def large(nin: int, nout: int, rng: Random) -> list[float]:
    """Random, but so large that tanh is flat nearly everywhere."""
    return [rng.uniform(-100, 100) for _ in range(nin)]


STARTS = {"zeros": "zeros", "equal": constant(0.5), "small random": "xavier", "large random": large}


def different(model: MLP) -> int:
    """How many hidden neurons are no copies of one another: other weights in, or another weight
    out.
    """
    hidden, output = model.layers[0].neurons, model.layers[1].neurons[0]
    rows = [
        [*(w.data for w in cell.w), cell.b.data, out.data]
        for cell, out in zip(hidden, output.w, strict=True)
    ]
    return len({tuple(round(x, 6) for x in row) for row in rows})


def main(
    folder: str = ".", seed: int = 0, engine: str = "auto"
) -> dict[str, tuple[float, float, int]]:
    """Train the same network from four starts; the loss, the accuracy and the different neurons
    that each ends with.
    """
    data = moons(100, noise=0.1, seed=seed)
    print(
        f"{NEURONS} hidden tanh neurons learn two moons, {EPOCHS} epochs of one step over "
        f"{len(data)} rows:\n"
    )
    histories: dict[str, History] = {}
    ends: dict[str, tuple[float, float, int]] = {}
    print(f"{'initial weights':<16}{'loss':>8}{'right':>8}   different neurons at the end")
    for name, init in STARTS.items():
        model = MLP(2, [NEURONS, 1], activation="tanh", init=init, seed=seed)
        # Neurons with the same weights get the same gradient, and take the same step: nothing ever
        # parts them. With all zeros there is not even that, as no gradient passes a weight of zero:
        # only the last bias moves.
        histories[name] = train(
            model, data, binary_cross_entropy, SGD(1.0, momentum=0.9),
            epochs=EPOCHS, batch_size=len(data),
            validation=None, seed=seed, progress=False, engine=engine,
        )  # fmt: skip
        ends[name] = *evaluate(model, data, binary_cross_entropy), different(model)
        print(
            f"{name:<16}{ends[name][0]:>8.3f}{ends[name][1]:>8.0%}   {ends[name][2]} of {NEURONS}",
            flush=True,
        )

    show(
        sketch.losses(histories),
        lambda: plot.losses(histories),
        Path(folder) / "initial_weights.png",
    )
    parts = [f"{count} from {name} (loss {loss:.2g})" for name, (loss, _, count) in ends.items()]
    best = min(ends, key=lambda name: ends[name][0])
    say(
        f"Of {NEURONS} neurons, {', '.join(parts)} are no copies of one another, and the lowest "
        "loss was reached from "
        f"{best} weights."
    )
    return ends


if __name__ == "__main__":
    run(main)
