"""Optimisers raced: the same network from the same start, each at the rate of seven that suits it
best."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from demos.chapter import run
from demos.picture import say, show
from nn import MLP, Divergence, History, binary_cross_entropy, circles, train
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp

__all__ = ["main"]

RACERS: dict[str, Callable[[float], Optimizer]] = {
    "SGD": SGD,
    "momentum": partial(SGD, momentum=0.9),
    "Nesterov": partial(SGD, momentum=0.9, nesterov=True),
    "RMSProp": RMSProp,
    "Adam": Adam,
    "AdamW": AdamW,
}
RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
EPOCHS, GOAL = 60, 0.1


Ends = dict[str, tuple[float, float, int | None]]


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> Ends:
    """Race them; of each the rate that suited it, its last loss, and the epoch in which its loss
    was below the goal."""
    data = circles(100, seed=seed)
    steps = f"{EPOCHS} epochs of one step over all {len(data)} rows"
    print(f"{steps}; nothing but the optimiser differs:\n")
    print(f"{'':<10}{'best rate':>10}{'last loss':>11}{f'loss < {GOAL:g} in epoch':>22}")
    warnings.simplefilter("ignore", Divergence)  # at the largest rates that is no news
    tracks: dict[str, History] = {}
    ends: Ends = {}
    for name, make in RACERS.items():
        # One rate for all would favour one of them: a step of SGD is as long as the gradient, one
        # of Adam as the rate.
        runs: dict[float, History] = {}
        for rate in RATES:
            model = MLP(2, [8, 1], activation="tanh", seed=seed)
            history = train(
                model, data, binary_cross_entropy, make(rate),
                epochs=EPOCHS, batch_size=len(data), validation=None, progress=False, engine=engine,
            )  # fmt: skip
            if not history.diverged:
                runs[rate] = history
        rate = min(runs, key=lambda rate: runs[rate][-1].loss)
        tracks[name] = runs[rate]
        there = next((epoch.number for epoch in runs[rate] if epoch.loss < GOAL), None)
        ends[name] = rate, runs[rate][-1].loss, there
        print(f"{name:<10}{rate:>10g}{ends[name][1]:>11.4f}{there or 'not':>22}", flush=True)

    show("losses", tracks, file=Path(folder, "optimizers.png"))
    arrived = sorted((there, name) for name, (_, _, there) in ends.items() if there)
    late = [name for name, (_, _, there) in ends.items() if not there]
    order = ", by ".join(f"{name} in epoch {there}" for there, name in arrived) or "none"
    rest = f"; {' and '.join(late)} did not get there in {EPOCHS}" if late else ""
    say(f"A loss below {GOAL:g} was reached by {order}{rest}.")
    return ends


if __name__ == "__main__":
    run(main)
