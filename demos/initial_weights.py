"""Initial weights: from zeros the neurons stay copies of one another, from small random ones each
goes its own way."""

from pathlib import Path
from random import Random

from demos.chapter import run
from demos.picture import say, show
from nn import MLP, SGD, History, binary_cross_entropy, constant, evaluate, moons, train

__all__ = ["main"]

NEURONS, EPOCHS = 8, 150


def large(nin: int, nout: int, rng: Random) -> list[float]:
    """Random, but so large that tanh is flat nearly everywhere."""
    return [rng.uniform(-100, 100) for _ in range(nin)]


STARTS = {"zeros": "zeros", "equal": constant(0.5), "small random": "xavier", "large random": large}


def different(model: MLP) -> int:
    """How many hidden neurons are no copies of one another: other weights in, or another weight
    out."""
    hidden, output = model.layers[0].neurons, model.layers[1].neurons[0]
    parts = ((*cell.w, cell.b, out) for cell, out in zip(hidden, output.w, strict=True))
    return len({tuple(round(p.data, 6) for p in part) for part in parts})


Ends = dict[str, tuple[float, float, int]]


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> Ends:
    """Train the same network from four starts; the loss, the accuracy and the different neurons
    that each ends with."""
    data = moons(100, noise=0.1, seed=seed)
    steps = f"{EPOCHS} epochs of one step over {len(data)} rows"
    print(f"{NEURONS} hidden tanh neurons learn two moons, {steps}:\n")
    histories: dict[str, History] = {}
    ends: Ends = {}
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
        loss, right = evaluate(model, data, binary_cross_entropy)
        ends[name] = loss, right, different(model)
        print(f"{name:<16}{loss:>8.3f}{right:>8.0%}   {ends[name][2]} of {NEURONS}", flush=True)

    show("losses", histories, file=Path(folder, "initial_weights.png"))
    parts = [f"{count} from {name} (loss {loss:.2g})" for name, (loss, _, count) in ends.items()]
    best = min(ends, key=lambda name: ends[name][0])
    say(
        f"Of {NEURONS} neurons, {', '.join(parts)} are no copies of one another, and the lowest "
        f"loss was reached from {best} weights."
    )
    return ends


if __name__ == "__main__":
    run(main)
