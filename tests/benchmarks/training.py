"""Training beside scikit-learn's MLPClassifier and MLPRegressor, which have matrix code by hand.

    pip install -e ".[plots]" scikit-learn && python -m tests.benchmarks.training [wage digits ...]
    [--rounds 3] [--svg training.svg] [--commands]

Both learn the same rows with the same hidden layer of 32, Adam, batches and number of epochs, in
one process on one core, in turns; times are of the CPU, medians of the rounds. ``--svg`` also
measures how an epoch grows with rows, columns and width, and draws it. ``--commands`` writes the
same rows as CSV files, and runs ``python -m nn train`` on each with its defaults."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is imported

import numpy as np  # noqa: E402

from nn import L2, MLP, Adam, Dataset, Trainer  # noqa: E402

WIDTH, BATCH, PENALTY = 32, 32, 0.005
# Rows, columns, classes (0: a regression), epochs that are measured.
PROBLEMS = {
    "wage": (3_000, 22, 0, 10),
    "large": (100_000, 20, 2, 1),
    "digits": (1_797, 64, 10, 10),
    "genes": (83, 2_308, 4, 200),
}
WHAT = {
    "wage": "3,000 x 22, a regression",
    "large": "100,000 x 20, 2 classes",
    "digits": "1,797 x 64, 10 classes (handwritten digits)",
    "genes": "83 x 2,308, 4 classes: 74,020 parameters",
}


def rows(count: int, columns: int, classes: int) -> Dataset:
    """Rows like people's own: features at random, and a target that a small network can learn."""
    draws = np.random.default_rng(1)
    x = draws.standard_normal((count, columns))
    hidden = np.tanh(x @ draws.standard_normal((columns, max(classes, 4))) / columns**0.5)
    if classes:
        names = [f"class {k}" for k in range(classes)]
        return Dataset(x, hidden[:, :classes].argmax(axis=1), class_names=names)
    y = hidden.sum(axis=1) + 0.3 * draws.standard_normal(count)
    return Dataset(x, (y - y.mean()) / y.std())


def problem(name: str) -> Dataset:
    """The rows of a problem; of the digits those that scikit-learn brings along."""
    count, columns, classes, _ = PROBLEMS[name]
    if name != "digits":
        return rows(count, columns, classes)
    from sklearn.datasets import load_digits

    found = load_digits()
    return Dataset(found.data / 16, found.target, class_names=list("0123456789"))


def ours(data: Dataset, width: int, epochs: int) -> tuple[float, float, str]:
    """CPU seconds before the first epoch (model, split, recording) and in all, and the engine."""
    began = time.process_time()
    sizes = [width, len(data.class_names) or 1]
    model = MLP(len(data.feature_names), sizes, activation="tanh", seed=0)
    options: Any = {"epochs": epochs, "batch_size": BATCH, "penalty": L2(PENALTY)}
    trainer = Trainer(model, data, None, Adam(0.001), **options)
    trainer.watched = False
    trainer.prepare()
    ready = time.process_time()
    history = trainer.fit()
    return ready - began, time.process_time() - began, history.engine


def theirs(x: Any, y: Any, is_classes: bool, width: int, epochs: int) -> float:
    """CPU seconds of scikit-learn's for the same."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if is_classes else MLPRegressor
    options: Any = {"activation": "tanh", "batch_size": BATCH, "alpha": PENALTY * BATCH}
    options |= {"max_iter": epochs, "early_stopping": True, "validation_fraction": 0.2}
    network = kind(hidden_layer_sizes=(width,), n_iter_no_change=10**6, **options)
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        network.fit(x, y)
    return time.process_time() - began


def measured(data: Dataset, width: int, epochs: int, rounds: int) -> dict[str, Any]:
    """Medians of the rounds, in which the two take turns; the ratio is of each round's pair."""
    x, y = np.array(data.features), np.array(data.targets)
    found = []
    for _ in range(rounds):
        start, whole, engine = ours(data, width, epochs)
        found.append((start, whole, theirs(x, y, data.classification, width, epochs)))
    starts, wholes, others = map(statistics.median, zip(*found, strict=True))
    ratios = sorted(whole / other for _, whole, other in found)
    return {
        "engine": engine,
        "start": starts,
        "epoch": (wholes - starts) / epochs,
        "their epoch": others / epochs,
        "ratios": ratios,
    }


def table(names: Sequence[str], rounds: int) -> None:
    """Print the problems as a table in Markdown."""
    print("| | epochs | before the first | an epoch | scikit-learn's | x in all | engine |")
    print("|---|---|---|---|---|---|---|")
    for name in names:
        epochs = PROBLEMS[name][-1]
        m = measured(problem(name), WIDTH, epochs, rounds)
        times = [f"{m['start']:.2g} s", f"{m['epoch']:.2g} s", f"{m['their epoch']:.2g} s"]
        low, middle, high = m["ratios"][0], statistics.median(m["ratios"]), m["ratios"][-1]
        ratio = f"{middle:.2g} ({low:.2g} to {high:.2g})"
        print(
            "|", " | ".join([WHAT[name], str(epochs), *times, ratio, m["engine"]]), "|", flush=True
        )


def written(data: Dataset, file: Path) -> None:
    """Write rows as a CSV file, classes by their names."""
    targets: list[Any] = data.targets
    if data.class_names:
        targets = [data.class_names[k] for k in data.targets]
    lines = [",".join([*data.feature_names, "target"])]
    for row, target in zip(data.features, targets, strict=True):
        lines.append(",".join([*(f"{x:.6g}" for x in row), f"{target}"]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands(names: Sequence[str]) -> None:
    """Print what the whole command takes on each problem's rows, with its defaults."""
    print("| `python -m nn train` | CPU | epochs | of it training, wall | memory |")
    print("|---|---|---|---|---|")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "rows.csv")
            written(problem(name), file)
            words = ["-m", "nn", "train", str(file), "--out", str(Path(folder, "run"))]
            pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            with subprocess.Popen([sys.executable, *words], **pipes) as process:
                assert process.stdout is not None
                said = process.stdout.read().decode().splitlines()
                _, process.returncode, used = os.wait4(process.pid, 0)
            _, epochs, _, _, seconds, *_ = next(x for x in said if x.startswith("trained")).split()
            cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
            cells = [WHAT[name], f"{cpu:.0f} s", epochs, f"{seconds} s", f"{memory:.0f} MB"]
            print("|", " | ".join(cells), "|", flush=True)


def grown(rounds: int) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """What is measured of growing numbers of rows, columns and hidden neurons."""
    return {
        "rows, of 20 columns": [
            (n, measured(rows(n, 20, 2), WIDTH, 2, rounds)) for n in (500, 2_000, 8_000, 32_000)
        ],
        "columns, of 1,000 rows": [
            (n, measured(rows(1_000, n, 2), WIDTH, 2, rounds)) for n in (5, 20, 80, 320, 1_280)
        ],
        "hidden neurons, of 1,000 x 20": [
            (n, measured(rows(1_000, 20, 2), n, 2, rounds)) for n in (8, 32, 128, 512)
        ],
    }


def drawing(found: dict[str, list[tuple[int, dict[str, Any]]]]) -> Any:
    """How an epoch and a recording grow, beside scikit-learn's epoch."""
    from nn.plotting.mpl.figure import MARKERS, colour, drawn, figure, logarithmic

    @drawn
    def growth() -> Any:
        made, axes = figure(1, 3, size=(11, 3.6))
        curves = {
            "epoch": "an epoch",
            "their epoch": "an epoch of scikit-learn's",
            "start": "before the first: model, split, recording",
        }
        for ax, (what, points) in zip(axes, found.items(), strict=True):
            for k, (key, label) in enumerate(curves.items()):
                line = [(n, m[key]) for n, m in points]
                ax.plot(*zip(*line, strict=True), MARKERS[k] + "-", color=colour(k), label=label)
            ax.set(xlabel=what)
            sizes, times = [n for n, _ in points], [m[key] for _, m in points for key in curves]
            logarithmic(ax, "x", (0.7 * min(sizes), 1.4 * max(sizes)))
            logarithmic(ax, "y", (0.7 * min(times), 1.4 * max(times)))
        axes[0].set(ylabel="seconds of the CPU")
        made.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return made

    return growth()


def main() -> None:
    """The tables of README, and the drawing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problems", nargs="*", choices=[[], *PROBLEMS], default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--svg", help="draw how times grow into this file, and nothing else")
    parser.add_argument("--commands", action="store_true", help="measure the commands instead")
    options = parser.parse_args()
    names = options.problems or [*PROBLEMS]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core
    if options.svg:
        from nn.plotting.mpl import save

        save(drawing(grown(options.rounds)), options.svg)
    elif options.commands:
        commands(names)
    else:
        table(names, options.rounds)


if __name__ == "__main__":
    main()
