"""Underfitting and overfitting: the more neurons, the lower the loss on the rows learned from, but
on others a U.
"""

from pathlib import Path

from demos.chapter import run
from demos.picture import say, show
from nn import MLP, Adam, binary_cross_entropy, circles, evaluate, plot, sketch, train

__all__ = ["main"]

NEURONS = [1, 2, 3, 4, 8, 16, 32]


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> dict[int, tuple[float, float]]:
    """Train networks of one hidden layer, from narrow to wide; the training and validation loss of
    each width.
    """
    # The noise blurs the two circles into one another: no network can be right on all new rows,
    # however wide it is.
    data, others = circles(60, noise=0.2, seed=seed), circles(300, noise=0.2, seed=1000 + seed)
    print(
        f"{len(data)} rows to learn from, {len(others)} to validate, one hidden layer of tanh "
        "neurons:\n"
    )
    print(
        f"{'neurons':>7}{'parameters':>12}{'training loss':>15}{'validation loss':>17}"
        f"{'validation right':>18}"
    )
    models, losses = {}, {}
    for neurons in NEURONS:
        model = models[neurons] = MLP(2, [neurons, 1], activation="tanh", seed=seed)
        train(
            model, data, binary_cross_entropy, Adam(0.05), epochs=400, batch_size=len(data),
            validation=None, seed=seed, progress=False, engine=engine,
        )  # fmt: skip
        training, _ = evaluate(model, data, binary_cross_entropy)
        validation, right = evaluate(model, others, binary_cross_entropy)
        losses[neurons] = training, validation
        count = len(model.parameters())
        print(
            f"{neurons:>7}{count:>12}{training:>15.3f}{validation:>17.3f}{right:>18.0%}", flush=True
        )

    parts = enumerate(("training", "validation"))
    curves = {part: [(float(n), pair[k]) for n, pair in losses.items()] for k, part in parts}
    options = {"x": "neurons", "y": "loss", "log_x": True}
    show(
        sketch.lines(curves, **options),
        lambda: plot.lines(curves, **options),
        Path(folder) / "capacity.png",
    )
    best = min(losses, key=lambda n: losses[n][1])
    few, many = NEURONS[0], NEURONS[-1]
    maps = {f"{n} neuron{'s' * (n > 1)}": models[n] for n in sorted({few, best, many})}
    path = Path(folder) / "capacity_boundaries.png"
    show(sketch.boundary(models[many], data), lambda: plot.boundary(maps, data), path)
    (simple, at_first), (fitted, at_last), (_, lowest) = (losses[n] for n in (few, many, best))
    shape = "a U" if best not in (few, many) else "and no U this time"
    say(
        f"From {few} neuron to {many} the training loss went from {simple:.2f} to {fitted:.3f}, "
        "but the "
        f"validation loss, {at_first:.2f} at first and {at_last:.2f} in the end, was lowest with "
        f"{best}, "
        f"{lowest:.2f}: {shape}."
    )
    return losses


if __name__ == "__main__":
    run(main)
