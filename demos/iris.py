"""A network learns Iris: 150 flowers, three species, evaluated on a held-out test set."""

import time
from pathlib import Path

from demos.chapter import run
from demos.picture import say, show
from nn import MLP, SGD, Epoch, Standardizer, cross_entropy, evaluate, iris, train

__all__ = ["main"]


def main(folder: str = ".", seed: int = 1, engine: str = "auto") -> float:
    """Train an MLP on Iris, print its losses as it goes and its predictions on the held-out rows;
    return the accuracy."""
    rest, test = iris().split(0.2, seed=seed)
    scale = Standardizer.fit(rest)  # on the rows to learn from alone, or the test set would leak
    rest, test = scale.transform(rest), scale.transform(test)
    model = MLP(4, [8, 3], activation="tanh", seed=seed)
    print(f"{model}")
    print(f"{len(rest)} rows to learn from (a fifth of them to validate), {len(test)} held out")

    def show_epoch(epoch: Epoch) -> None:
        if epoch.number % 5 == 0 or epoch.number == 1:
            figures = f"train {epoch.loss:.3f}  validation {epoch.validation_loss:.3f}"
            right = f"{epoch.validation_accuracy:>4.0%} right"
            print(f"epoch {epoch.number:>3}  {figures}  {right}", flush=True)

    began = time.perf_counter()
    history = train(
        model, rest, cross_entropy, SGD(0.05, momentum=0.9),
        epochs=40, seed=seed, on_epoch=show_epoch, progress=False, engine=engine,
    )  # fmt: skip
    print(f"trained in {time.perf_counter() - began:.1f} s")

    found = evaluate(model, test)
    _, right = found
    print(f"on the {len(test)} held-out rows: {right:.1%} right")
    print("true \\ predicted" + "".join(f"{name:>12}" for name in test.class_names))
    for name, counts in zip(test.class_names, found.confusion, strict=True):
        print(f"{name:>16}" + "".join(f"{count:>12}" for count in counts))
    show("losses", history, file=Path(folder, "iris.png"))
    first, best = history[0].validation_loss, history.best.validation_loss
    say(
        f"The validation loss went from {first:.2f} to {best:.3f} at its best, and of the "
        f"{len(test)} flowers that took no part in it {right:.1%} were classified correctly."
    )
    return right


if __name__ == "__main__":
    run(main)
