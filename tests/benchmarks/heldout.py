"""Held-out scores on five real data sets, beside scikit-learn's MLPClassifier and MLPRegressor on
the same splits.

    pip install -e . "scikit-learn==1.9.1" && python -m tests.benchmarks.heldout [iris wine ...]
    [--seeds 10]

For each seed a quarter of the rows is held out (stratified), features (and the numbers of a
regression) are standardized on the rest, and both learn on the rest with the same hidden layer.
Ours: one recipe for all five, chosen on splits of other seeds. Theirs: the defaults, with
iterations enough to stop by itself. The table is Markdown for README.md."""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nn import L2, MLP, Adam, Cosine, Dataset, Standardizer, accuracy, predict, r_squared, train

HIDDEN = 32
STEPS, BATCH = 600, 32

LOADERS = {
    "Iris": "load_iris",
    "Wine": "load_wine",
    "Breast cancer": "load_breast_cancer",
    "Diabetes": "load_diabetes",
    "Digits": "load_digits",
}


def dataset(name: str) -> Dataset:
    """One of scikit-learn's bundled data sets; classes have names, numbers do not."""
    from sklearn import datasets

    bunch = getattr(datasets, LOADERS[name])()
    return Dataset(
        bunch.data, bunch.target, class_names=[str(c) for c in getattr(bunch, "target_names", [])]
    )


def parts(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """The rows to learn from and those held out, standardized by the former."""
    rest, test = data.split(0.25, seed=seed)
    scale = Standardizer.fit(rest)
    rest, test = scale.transform(rest), scale.transform(test)
    if data.classification:
        return rest, test
    middle, spread = statistics.fmean(rest.targets), statistics.pstdev(rest.targets)
    return (
        replace(rest, targets=[(t - middle) / spread for t in rest.targets]),
        replace(test, targets=[(t - middle) / spread for t in test.targets]),
    )


def ours(rest: Dataset, test: Dataset, seed: int) -> float:
    """The held-out score of nn."""
    model = MLP(
        len(rest.feature_names), [HIDDEN, len(rest.class_names) or 1], activation="tanh", seed=seed
    )
    batches = -(-len(rest) // BATCH)
    epochs = -(-STEPS // batches)
    options: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": BATCH,
        "validation": None,
        "progress": False,
    }
    train(
        model,
        rest,
        optimizer=Adam(Cosine(0.01, epochs * batches)),
        penalty=L2(0.005),
        seed=seed,
        **options,
    )
    return (accuracy if rest.classification else r_squared)(predict(model, test), test.targets)


def theirs(rest: Dataset, test: Dataset, seed: int) -> float:
    """The held-out score of scikit-learn."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if rest.classification else MLPRegressor
    model = kind(hidden_layer_sizes=(HIDDEN,), max_iter=2000, random_state=seed).fit(
        rest.features, rest.targets
    )
    return float(model.score(test.features, test.targets))


def measured(
    learn: Callable[[Dataset, Dataset, int], float], data: Dataset, seeds: list[int]
) -> tuple[list[float], float]:
    """A score for each seed, and the seconds of one."""
    began = time.perf_counter()
    scores = [learn(*parts(data, seed), seed) for seed in seeds]
    return scores, (time.perf_counter() - began) / len(seeds)


def written(scores: list[float], classification: bool) -> str:
    """Mean and standard deviation over the seeds, in points for accuracy."""
    mean, spread = statistics.fmean(scores), statistics.pstdev(scores)
    return (
        f"{100 * mean:.1f} ± {100 * spread:.1f} %"
        if classification
        else f"R² {mean:.3f} ± {spread:.3f}"
    )


def main() -> None:
    """Print the table, a row as it is ready; exit status 1 if ours is worse by more than 1 point,
    or 0.02 of R².
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"of {', '.join(LOADERS)}; all if left out"
    )
    parser.add_argument("--seeds", type=int, default=10, help="how many splits and initial weights")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    names = [
        name for name in LOADERS if not given.names or name.lower() in map(str.lower, given.names)
    ]
    seeds = list(range(given.first, given.first + given.seeds))
    print(
        f"| data ({len(seeds)} seeds) | rows x features | nn | scikit-learn | difference | "
        f"seconds a run, nn |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    worse = []
    for name in names:
        data = dataset(name)
        mine, seconds = measured(ours, data, seeds)
        other, _ = measured(theirs, data, seeds)
        unit, digits = (100, 1) if data.classification else (1, 3)
        ahead = unit * (statistics.fmean(mine) - statistics.fmean(other))
        if ahead < (-1 if data.classification else -0.02):
            worse.append(name)
        scores = f"{written(mine, data.classification)} | {written(other, data.classification)}"
        size = f"{len(data)} x {len(data.feature_names)}"
        print(f"| {name} | {size} | {scores} | {ahead:+.{digits}f} | {seconds:.1f} |", flush=True)
    if worse:
        raise SystemExit(
            f"worse than scikit-learn by more than 1 point, or 0.02 of R²: {', '.join(worse)}"
        )


if __name__ == "__main__":
    main()
