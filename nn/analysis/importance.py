"""Permutation importance: how much worse a model is where the cells of a column are shuffled."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from random import Random
from statistics import fmean, stdev
from typing import Any, NamedTuple

from nn.checks import whole
from nn.data.dataset import Dataset
from nn.metrics import balanced_accuracy, r_squared
from nn.training.checks import check_rows
from nn.training.evaluation import batch_model

__all__ = ["permutation_importance"]

Metric = Callable[[list[Any], Sequence[float]], float]


class Importance(NamedTuple):
    """What the score loses without a column: the mean over shuffles, and their deviation."""

    column: str
    drop: float
    deviation: float

    def __repr__(self) -> str:
        return f"{self.column} {self.drop:z.3f} ± {self.deviation:.3f}"


def permutation_importance(
    model: Callable[[Any], Any],
    data: Dataset,
    metric: Metric | None = None,
    *,
    columns: Mapping[str, Sequence[int]] | None = None,
    repeats: int = 5,
    seed: int = 0,
) -> list[Importance]:
    """How much the score of a model on rows falls if a column is shuffled, the largest drop first.

    Take rows that it did not learn from. Of two redundant columns, each looks unimportant.
    metric: a function of outputs and targets that grows as they fit better; balanced_accuracy, or
    r_squared of a regression. columns: the features of each column by its name, such as {"colour":
    [2, 3, 4]}, which are shuffled together; each one by itself if left out.

    Source: Breiman, Random Forests (2001).

    >>> from nn import MLP, Dataset, train
    >>> data = Dataset([[x / 50, x * 37 % 50 / 50] for x in range(50)], [x > 24 for x in range(50)])
    >>> data = Dataset(data.features, data.targets, ["size", "noise"], ["small", "large"])
    >>> model = MLP(2, [2], seed=0)
    >>> history = train(model, data, epochs=50, validation=None)
    >>> [one.column for one in permutation_importance(model, data)]
    ['size', 'noise']
    """
    check_rows("permutation_importance", data)
    whole("permutation_importance", "repeats", repeats)
    places = columns or {name: [i] for i, name in enumerate(data.feature_names)}
    count = len(data.feature_names)
    if wrong := [i for of in places.values() for i in of if i not in range(count)]:
        need = f"permutation_importance needs columns of features from 0 to {count - 1}"
        raise ValueError(f"{need}, got {wrong[0]}: number the features from 0")
    score = metric or (balanced_accuracy if data.classification else r_squared)
    outputs_of, rng, found = batch_model(model, data.features[0]), Random(seed), []
    best = score(outputs_of(data.features), data.targets)
    for name, indices in places.items():
        drops = []
        for _ in range(repeats):
            order = rng.sample(range(len(data)), len(data))
            rows = [list(row) for row in data.features]
            for row, other in zip(rows, order, strict=True):
                for i in indices:
                    row[i] = data.features[other][i]
            drops.append(best - score(outputs_of(rows), data.targets))
        deviation = stdev(drops) if repeats > 1 and all(map(isfinite, drops)) else 0.0
        found.append(Importance(name, fmean(drops), deviation))
    return sorted(found, key=lambda one: -one.drop)
