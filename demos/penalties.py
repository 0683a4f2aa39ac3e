"""L1 against L2: one makes the weights that are of no use zero, the other all of them smaller."""

from pathlib import Path
from random import Random

from demos.chapter import run
from demos.picture import say, show
from nn import L1, L2, MLP, SGD, Dataset, evaluate, mean_squared_error, train

__all__ = ["main"]

TRUE = [2.0, -1.5, 1.0] + [0] * 7  # seven of ten features have nothing to do with the target
STRENGTHS = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
SHOWN, STEPS = 0.3, 200


def rows(count: int, rng: Random) -> Dataset:
    """Ten random features, and a target that three of them decide, but for some noise."""
    features = [[rng.gauss(0, 1) for _ in TRUE] for _ in range(count)]
    sums = (sum(w * x for w, x in zip(TRUE, row, strict=True)) for row in features)
    return Dataset(features, [x + rng.gauss(0, 0.5) for x in sums])


def zeros(weights: list[float], useful: bool) -> int:
    """How many of the weights that the target needs, or of the others, are exactly zero."""
    return sum(w == 0 for w, true in zip(weights, TRUE, strict=True) if bool(true) == useful)


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> dict[str, list[float]]:
    """Train one linear neuron with L1 and with L2 of growing strength; the weights of each at a
    strength of 0.3."""
    rng = Random(seed)
    data, others = rows(60, rng), rows(200, rng)
    new = f"the loss is that on {len(others)} new ones"
    print(f"One linear neuron learns {len(data)} rows; {new}.\n")
    print(f"{'':<11}{'loss':>5}  {' '.join(f'w{k}'.rjust(5) for k in range(1, len(TRUE) + 1))}")
    print(f"{'the truth':<16}  {' '.join(f'{w:>5g}' for w in TRUE)}")
    found: dict[str, list[float]] = {}
    counts: dict[str, list[tuple[float, float]]] = {"L1": [], "L2": []}
    for penalty in [None, *(kind(strength) for kind in (L1, L2) for strength in STRENGTHS)]:
        model = MLP(len(TRUE), [1], seed=seed)
        # L1 pulls each weight to 0 with the same force, however small it is, so that one the data
        # do not hold ends there: train lets no weight that L1 pulls step past 0. The pull of L2 is
        # in proportion to the weight, and fades before it is there.
        train(
            model, data, mean_squared_error, SGD(0.1), epochs=STEPS, batch_size=len(data),
            validation=None, penalty=penalty, seed=seed, progress=False, engine=engine,
        )  # fmt: skip
        name = type(penalty).__name__ if penalty else "none"
        weights = [w.data for w in model.weights()]
        if penalty:
            counts[name].append((penalty.strength, zeros(weights, True) + zeros(weights, False)))
        if not penalty or penalty.strength == SHOWN:
            found[name] = weights
            shown = " ".join(f"{w:>5.2f}" if w else "    0" for w in weights)
            title = f"{name}({SHOWN})" if penalty else "no penalty"
            print(f"{title:<11}{evaluate(model, others)[0]:>5.2f}  {shown}", flush=True)

    file = Path(folder, "penalties.png")
    show("lines", counts, x="strength", y="weights that are zero", log_x=True, file=file)
    useless = {name: zeros(weights, False) for name, weights in found.items()}
    lost, useful = zeros(found["L1"], True) or "none", len(TRUE) - TRUE.count(0)
    say(
        f"Of the {TRUE.count(0)} weights that are of no use L1({SHOWN}) made {useless['L1']} "
        f"zero, L2({SHOWN}) {useless['L2']} and no penalty {useless['none']}, and of the "
        f"{useful} useful ones L1 lost {lost}."
    )
    return found


if __name__ == "__main__":
    run(main)
