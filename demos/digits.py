"""Handwritten digits: 1,797 real ones of 8x8 pixels, the largest task that a scalar engine has any
right to.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository (1998), doi 10.24432/C50P49, CC BY 4.0; digits.csv.gz is its test part, which
scikit-learn has as load_digits."""

import csv
import gzip
import importlib.util
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from demos.chapter import run
from demos.picture import say, show_both
from nn import MLP, SGD, Dataset, Epoch, cross_entropy, predict, train
from nn.metrics import accuracy, confusion_matrix, predicted_class

__all__ = ["EPOCHS", "digits", "main"]

EPOCHS, BY_ROWS = 20, 8  # where it is replayed; and row by row, where an epoch takes 2 s
# from paper to ink; and where the terminal has no more than ASCII
SHADES, LETTERS = " ░▒▓█", " .:*#"


def digits() -> Dataset:
    """The images as rows of 64 shades from 0 to 1, with the digit that each shows.

    >>> digits()
    Dataset(1797 rows x 64 features, 10 classes: 0, 1, 2, 3, 4, 5, ..., 9)
    """
    with gzip.open(Path(__file__).with_name("digits.csv.gz"), "rt", encoding="ascii") as file:
        names, *rows = csv.reader(file)
    shades = [[int(shade) / 16 for shade in row[1:]] for row in rows]
    return Dataset(shades, [int(row[0]) for row in rows], names[1:], list("0123456789"))


def drawn(images: list[tuple[list[float], str]]) -> str:
    """Images side by side, four in a line, each with a word below it."""
    try:
        shades = SHADES if SHADES.encode(sys.stdout.encoding or "utf-8") else LETTERS
    except UnicodeEncodeError:
        shades = LETTERS
    lines = []
    for four in (images[k : k + 4] for k in range(0, len(images), 4)):
        for y in range(0, 64, 8):
            rows = (image[y : y + 8] for image, _ in four)
            inked = ("".join(shades[round(4 * x)] * 2 for x in row) for row in rows)
            lines.append("  ".join(inked).rstrip())
        lines += ["  ".join(f"{word:^16}" for _, word in four).rstrip(), ""]
    return "\n".join(lines).rstrip()


def figure(images: list[tuple[list[float], str]]) -> Any:
    """The same images by matplotlib."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(8, 4.4), layout="constrained")
    for ax, (image, word) in zip(made.subplots(2, 4).flat, images, strict=False):
        ax.imshow([image[8 * y : 8 * y + 8] for y in range(8)], cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(word, fontsize=10)
    for ax in made.axes:
        ax.axis("off")
    return made


def main(folder: str = ".", seed: int = 0, engine: str = "auto") -> float:
    """Train an MLP 64-32-10, evaluate it on a held-out fifth of the images, and return the
    accuracy."""
    epochs = EPOCHS if engine == "auto" and importlib.util.find_spec("numpy") else BY_ROWS
    rest, test = digits().split(0.2, seed=seed)
    model = MLP(64, [32, 10], seed=seed)
    print(f"{model}\n{len(rest)} images to learn from, {len(test)} held out")
    began = time.perf_counter()

    def show_epoch(epoch: Epoch) -> None:
        bar, seconds = f"{'█' * round(24 * epoch.accuracy):<24}", time.perf_counter() - began
        figures = f"loss {epoch.loss:.3f}  {bar} {epoch.accuracy:.1%}"
        print(f"epoch {epoch.number:>3}  {figures}  {seconds:.1f} s", flush=True)

    history = train(
        model, rest, cross_entropy, SGD(0.1, momentum=0.9),
        epochs=epochs, batch_size=32, validation=None, seed=seed,
        on_epoch=show_epoch, progress=False, engine=engine,
    )  # fmt: skip
    print(f"trained in {time.perf_counter() - began:.1f} s; engine: {history.engine}{_memory()}\n")

    outputs = predict(model, test)
    right = accuracy(outputs, test.targets)
    print("true \\ predicted" + "".join(f"{k:>4}" for k in range(10)))
    for k, counts in enumerate(confusion_matrix(outputs, test.targets, 10)):
        print(f"{k:>16}" + "".join(f"{count or '.':>4}" for count in counts))

    read = zip(test, map(predicted_class, outputs), strict=True)
    wrong = [(row, f"{true} read as {taken}") for (row, true), taken in read if true != taken]
    images = (wrong or [(row, f"{true}, correct") for row, true in test])[:8]
    show_both(drawn(images), lambda: figure(images), Path(folder, "digits.png"))
    word, count = Counter(word for _, word in wrong).most_common(1)[0] if wrong else ("", 0)
    slip = f"; of {len(wrong)} slips {count} were a {word}" if count > 1 else ""
    say(f"Of {len(test)} held-out digits the network classified {right:.1%} correctly{slip}.")
    return right


def _memory() -> str:
    """The most memory that this process had, where the system tells."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"; {peak / (1024**2 if sys.platform == 'darwin' else 1024):.0f} MB of memory at most"


if __name__ == "__main__":
    run(main)
