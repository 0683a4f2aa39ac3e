"""Underfitting and overfitting: the more neurons, the lower the loss on the rows learned from, but
on others a U."""

from pathlib import Path

from demos.chapter import run
from demos.picture import say, show, show_both
from nn import MLP, Adam, binary_cross_entropy, circles, evaluate, plot, sketch, train

__all__ = ["main"]

NEURONS = [1, 2, 3, 4, 8, 16, 32]


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> dict[int, tuple[float, float]]:
    """Train networks of one hidden layer, from narrow to wide; the training and validation loss of
    each width."""
    # The noise blurs the two circles into one another: no network can be right on all new rows,
    # however wide it is.
    data, others = circles(60, noise=0.2, seed=seed), circles(300, noise=0.2, seed=1000 + seed)
    parts = f"{len(data)} rows to learn from, {len(others)} to validate"
    print(f"{parts}, one hidden layer of tanh neurons:\n")
    print("neurons  parameters  training loss  validation loss  validation right")
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
        size = f"{neurons:>7}{len(model.parameters()):>12}"
        print(f"{size}{training:>15.3f}{validation:>17.3f}{right:>18.0%}", flush=True)

    parts = enumerate(("training", "validation"))
    curves = {part: [(float(n), pair[k]) for n, pair in losses.items()] for k, part in parts}
    file = Path(folder, "capacity.png")
    show("lines", curves, x="neurons", y="loss", log_x=True, file=file)
    best = min(losses, key=lambda n: losses[n][1])
    few, many = NEURONS[0], NEURONS[-1]
    maps = {f"{n} neuron{'s' * (n > 1)}": models[n] for n in sorted({few, best, many})}
    file = Path(folder, "capacity_boundaries.png")
    show_both(sketch.boundary(models[many], data), lambda: plot.boundary(maps, data), file)
    (simple, at_first), (fitted, at_last), (_, lowest) = (losses[n] for n in (few, many, best))
    shape = "a U" if best not in (few, many) else "and no U this time"
    say(
        f"From {few} neuron to {many} the training loss went from {simple:.2f} to {fitted:.3f}, "
        f"but the validation loss, {at_first:.2f} at first and {at_last:.2f} in the end, "
        f"was lowest with {best}, {lowest:.2f}: {shape}."
    )
    return losses


if __name__ == "__main__":
    run(main)
