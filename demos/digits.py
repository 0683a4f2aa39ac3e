"""The largest network that a scalar engine has any right to train: 1,797 real handwritten digits of 8x8 pixels.

It needs scikit-learn, which has the images with it: ``pip install 'glassgrad[data]'``.
"""

import sys
import time

from nn import MLP, SGD, Dataset, Epoch, cross_entropy, evaluate, train

__all__ = ["digits", "main"]


def digits() -> Dataset:
    """The images as rows of 64 shades from 0 to 1, with the digit that each shows."""
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError:
        raise SystemExit(
            "demos.digits needs scikit-learn for its images: pip install 'glassgrad[data]', or see demos.iris"
        ) from None
    images = load_digits()
    rows = (images.data / 16.0).tolist()
    return Dataset(rows, images.target.tolist(), class_names=[str(digit) for digit in range(10)])


def main(epochs: int = 30, seed: int = 0) -> float:
    """Train an MLP 64-32-10, examine it on a fifth of the images that it never saw, and return the share it got."""
    rest, test = digits().split(0.2, seed=seed)
    model = MLP(64, [32, 10], seed=seed)
    print(f"{model}\n{len(rest)} images to learn from, {len(test)} held out")
    began = time.perf_counter()

    def show(epoch: Epoch) -> None:
        if epoch.number % 5 == 0 or epoch.number == 1:
            bar = f"{'█' * round(24 * epoch.accuracy):<24}"
            seconds = time.perf_counter() - began
            print(
                f"epoch {epoch.number:>3}  loss {epoch.loss:.3f}  {bar} {epoch.accuracy:.1%}  {seconds:.1f} s",
                flush=True,
            )

    optimizer = SGD(0.1, momentum=0.9)
    history = train(
        model, rest, cross_entropy, optimizer, epochs=epochs, batch_size=32, validation=None, seed=seed,
        on_epoch=show, progress=False,
    )  # fmt: skip
    print(f"trained in {time.perf_counter() - began:.1f} s; engine: {history.engine}")
    _, right = evaluate(model, test)
    print(f"on the {len(test)} images that it never saw: {right:.1%} right{_memory()}")
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
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    main()
