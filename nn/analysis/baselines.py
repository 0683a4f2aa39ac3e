"""Baselines: what simple models predict for the same rows, to see what a network adds to them.

They are a few lines of NumPy each; without it there is the first of them alone."""

from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from math import inf, log
from statistics import fmean
from typing import Any

from nn.checks import type_name, whole
from nn.data.dataset import Dataset

__all__ = ["baselines"]

STEPS = 300  # of the logistic regression
MOST = 5_000  # training rows that the last two learn from


def baselines(
    training: Dataset,
    held_out: Dataset,
    *,
    neighbours: int = 5,
    class_weights: Sequence[float] | None = None,
) -> dict[str, list[Any]]:
    """The outputs of baselines for the held-out rows, by name, as ``nn.metrics`` takes them.

    Always the commonest class, or the mean; a linear model (logistic or ridge regression, with the
    penalties that are the defaults of scikit-learn); and the nearest neighbours. They learn
    from the training rows, standardized; the last two from 5,000 of them at most. Outputs of
    classes are logits. class_weights: for the logistic regression, one a class.

    >>> from nn import accuracy, iris
    >>> training, held_out = iris().split(0.2)
    >>> for name, outputs in baselines(training, held_out).items():
    ...     print(f"{name}: {accuracy(outputs, held_out.targets):.2f}")
    always setosa: 0.33
    linear model: 0.97
    5 nearest neighbours: 0.93
    """
    whole("baselines", "neighbours", neighbours)
    for part in (training, held_out):
        if not isinstance(part, Dataset) or not len(part):
            came = "an empty one" if isinstance(part, Dataset) else type_name(part)
            raise ValueError(f"baselines needs two Datasets with rows, got {came}: split one")
    names, counts = training.class_names, Counter(training.targets)
    always: Any = fmean(training.targets)
    name = "always the mean"
    if names:
        name = f"always {names[max(range(len(names)), key=lambda k: counts[k])]}"
        always = [log(counts[k] / len(training)) if counts[k] else -inf for k in range(len(names))]
    found = {name: [always for _ in held_out.targets]}
    if find_spec("numpy") is None:
        return found
    import numpy as np

    if len(training) > MOST:
        pick = np.random.default_rng(0).choice(len(training), MOST, replace=False)
        training = training.take(pick.tolist())
    x, new = (np.array(part.features, dtype=float) for part in (training, held_out))
    middle, deviation = x.mean(0), x.std(0)
    deviation[deviation <= 1e-12 * abs(x).max(0)] = 1.0  # a constant, but for rounding
    x, new = (x - middle) / deviation, (new - middle) / deviation
    y = np.array(training.targets, dtype=float)
    if names:
        y = (y[:, None] == range(len(names))).astype(float)
    weights = np.ones(len(y)) if class_weights is None else y @ np.array(class_weights)
    found["linear model"] = (_logistic(x, y, weights, new) if names else _ridge(x, y, new)).tolist()
    count = min(neighbours, len(x))
    near = _nearest(x, y, new, count)
    if names:  # the frequencies of all rows count as one neighbour, so that none is impossible
        with np.errstate(divide="ignore"):
            near = np.log((near * count + y.mean(0)) / (count + 1))
    found[f"{count} nearest neighbour{'s' * (count > 1)}"] = near.tolist()
    return found


def _ridge(x: Any, y: Any, new: Any) -> Any:
    """Least squares with the penalty Σw²; through the smaller of the two matrices."""
    import numpy as np

    middle, centred = y.mean(), y - y.mean()
    if len(x) < x.shape[1]:
        w = x.T @ np.linalg.solve(x @ x.T + np.eye(len(x)), centred)
    else:
        w = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ centred)
    return new @ w + middle


def _logistic(x: Any, y: Any, weights: Any, new: Any) -> Any:
    """Logits of the softmax regression with the penalty Σw²/2 on the sum, by accelerated gradient
    descent.

    Source: Beck and Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm (2009)."""
    import numpy as np

    x, new = (np.hstack([each, np.ones((len(each), 1))]) for each in (x, new))
    # of two classes the weights are w/2 and -w/2, where scikit-learn has the one w
    penalty = np.full((x.shape[1], 1), 2.0 if y.shape[1] == 2 else 1.0)
    penalty[-1] = 0.0  # none on the bias
    v = np.ones(x.shape[1])
    for _ in range(20):  # towards the largest eigenvalue of the Hessian
        v = x.T @ (weights * (x @ (v / np.linalg.norm(v))))
    # half of it, as the softmax has no larger curvature, and a tenth for what the steps miss
    rate = 1 / (0.55 * np.linalg.norm(v) + 2)
    w = ahead = np.zeros((x.shape[1], y.shape[1]))
    t = 1.0
    for _ in range(STEPS):
        shares = x @ ahead
        shares = np.exp(shares - shares.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        slope = x.T @ (weights[:, None] * (shares - y)) + penalty * ahead
        before, w = w, ahead - rate * slope
        if abs(w - before).max() < 1e-6:
            break
        if ((w - before) * slope).sum() > 0:  # it went past the lowest point: from rest again
            t = 1.0
        t, last = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
        ahead = w + (last - 1) / t * (w - before)
    return new @ w


def _nearest(x: Any, y: Any, new: Any, count: int) -> Any:
    """The mean of y over the nearest rows of x, for each new one."""
    import numpy as np

    x, new = x.astype(np.float32), new.astype(np.float32)
    squares, found = (x * x).sum(1), []
    step = max(1, 4_000_000 // len(x))  # a table of distances has 32 MB at most
    for start in range(0, len(new), step):
        distances = squares - 2 * new[start : start + step] @ x.T
        found.append(y[np.argpartition(distances, count - 1, axis=1)[:, :count]].mean(1))
    return np.concatenate(found)
