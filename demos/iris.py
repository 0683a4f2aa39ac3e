"""A network learns Iris: 150 flowers, three species, and an examination on rows that it never saw."""

import sys
import time

from nn import MLP, SGD, Epoch, Standardizer, confusion_matrix, cross_entropy, evaluate, iris, train

__all__ = ["main"]


def main(seed: int = 1) -> float:
    """Train an MLP on Iris, print its losses as it goes and its answers on the held-out rows; return the accuracy."""
    rest, test = iris().split(0.2, seed=seed)
    scale = Standardizer.fit(rest)  # on the rows to learn from alone, or the examination would leak
    rest, test = scale.transform(rest), scale.transform(test)
    model = MLP(4, [8, 3], activation="tanh", seed=seed)
    print(f"{model}")
    print(f"{len(rest)} rows to learn from (a fifth of them to validate), {len(test)} held out")

    def show(epoch: Epoch) -> None:
        if epoch.number % 5 == 0 or epoch.number == 1:
            bars = [f"{'█' * round(16 * x):<16.16}" for x in (epoch.loss, epoch.validation_loss)]
            figures = f"train {epoch.loss:.3f} {bars[0]} validation {epoch.validation_loss:.3f} {bars[1]}"
            print(f"epoch {epoch.number:>3}  {figures} {epoch.validation_accuracy:>4.0%} right", flush=True)

    began = time.perf_counter()
    train(model, rest, cross_entropy, SGD(0.05, momentum=0.9), epochs=40, seed=seed, on_epoch=show, progress=False)
    print(f"trained in {time.perf_counter() - began:.1f} s")

    _, right = evaluate(model, test)
    print(f"on the {len(test)} rows it never saw: {right:.1%} right")
    names = test.class_names
    matrix = confusion_matrix([model(row) for row in test.features], test.targets, len(names))
    print("true \\ taken for" + "".join(f"{name:>12}" for name in names))
    for name, counts in zip(names, matrix, strict=True):
        print(f"{name:>16}" + "".join(f"{count:>12}" for count in counts))
    return right


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    main()
