"""The learning rate: five of them, from too slow to diverging, and the bound 2/curvature that tells
them apart."""

from itertools import pairwise
from pathlib import Path
from statistics import fmean

from demos.chapter import run
from demos.picture import say, show
from nn import MLP, SGD, Dataset, History, Standardizer, curvature, iris, mean_squared_error, train

__all__ = ["main"]

SHARES = [0.005, 0.2, 0.5, 0.97, 1.03]  # of the bound
EPOCHS = 60


def flowers(seed: int) -> Dataset:
    """A hundred of the irises; the width of the petal is to be predicted from the three other
    measurements."""
    rows, names = iris().features, iris().feature_names
    data = Dataset([row[:3] for row in rows], [row[3] for row in rows], names[:3])
    rest, _ = data.split(1 / 3, seed=seed)
    return Standardizer.fit(rest).transform(rest)


def verdict(losses: list[float], backwards: float, lowest: float) -> str:
    """What became of a run, from its losses, the fraction of its steps that went back, and the
    lowest loss of all runs."""
    if losses[-1] > losses[0]:
        return "diverges"
    if backwards > 0.5:
        return "overshoots"
    return "arrives" if losses[-1] - lowest < 0.02 * (losses[0] - lowest) else "is too slow"


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> dict[float, str]:
    """Train one neuron at five rates; what became of each, by its fraction of the bound."""
    data = flowers(seed)
    # How fast the slope of the loss changes where that is fastest: the largest eigenvalue of its
    # Hessian. A step of rate·slope goes past the lowest point of a valley if rate > 1/curvature,
    # and comes out higher than it went in if rate > 2/curvature. Of one linear neuron the loss has
    # the same curvature everywhere, so that this holds exactly.
    steepest = curvature(MLP(3, [1], seed=seed), data, mean_squared_error)
    bound = 2 / steepest
    print(f"One linear neuron predicts the width of a petal; {EPOCHS} epochs, each of one step.")
    print(f"The curvature is {steepest:.3f}, so the bound is {bound:.3f}.")
    print("A step goes back if it undoes part of the step before: it went past the valley.\n")
    histories: dict[str, History] = {}
    backwards: dict[str, float] = {}
    for share in SHARES:
        name = f"{share:g} of the bound"
        model = MLP(3, [1], seed=seed)
        weights = [[w.data for w in model.parameters()]]
        histories[name] = train(
            model, data, mean_squared_error, SGD(share * bound),
            epochs=EPOCHS, batch_size=len(data), validation=None,
            on_epoch=lambda _, at=weights, of=model: at.append([w.data for w in of.parameters()]),
            progress=False, engine=engine,
        )  # fmt: skip
        steps = [[b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(weights)]
        turns = (sum(a * b for a, b in zip(*pair, strict=True)) for pair in pairwise(steps))
        backwards[name] = fmean(turn < 0 for turn in turns)

    lowest = min(history[-1].loss for history in histories.values())
    verdicts: dict[float, str] = {}
    print(f"{'rate':>8}{'of the bound':>14}{'loss after ' + str(EPOCHS):>16}{'steps back':>12}")
    for share, (name, history) in zip(SHARES, histories.items(), strict=True):
        back, last = backwards[name], history[-1].loss
        verdicts[share] = verdict([epoch.loss for epoch in history], back, lowest)
        rate = f"{share * bound:>8.4f}{share:>14.3g}"
        print(f"{rate}{last:>16.4g}{back:>12.0%}  {verdicts[share]}")

    show("losses", histories, file=Path(folder, "learning_rate.png"))
    fates = [f"{share:g} of it {fate}" for share, fate in verdicts.items()]
    held = all((fate == "diverges") == (share > 1) for share, fate in verdicts.items())
    predicted = "predicted" if held else "did not predict"
    say(f"The bound 2/curvature = {bound:.3f} {predicted} which rates diverge: {', '.join(fates)}.")
    return verdicts


if __name__ == "__main__":
    run(main)
