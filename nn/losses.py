"""Losses: how far predictions are from targets, as one number whose gradient says which way to go.

Each takes what the model returned for a batch, a list with one prediction a row, and the rows' targets, and returns the
mean over the batch. One prediction with one target will do as well. ``train`` takes a loss with options as a
``functools.partial``: ``train(model, data, partial(cross_entropy, label_smoothing=0.1))``.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from autograd import clip, dot, logsumexp, mean, relu, softplus, total

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "hinge",
    "huber",
    "mean_absolute_error",
    "mean_squared_error",
]


def mean_squared_error(predictions: Any, targets: Any) -> Any:
    """The mean of (prediction - target)²; rows may have several outputs each.

    >>> mean_squared_error([1.0, 3.0], [1.0, 1.0])
    2.0
    """
    return _of_errors("mean_squared_error", predictions, targets, lambda error: error**2)


def mean_absolute_error(predictions: Any, targets: Any) -> Any:
    """The mean of |prediction - target|; rows may have several outputs each.

    >>> mean_absolute_error([1.0, 4.0], [1.0, 1.0])
    1.5
    """
    return _of_errors("mean_absolute_error", predictions, targets, abs)


def huber(predictions: Any, targets: Any, *, delta: float = 1.0) -> Any:
    """The mean of error²/2 for errors up to delta, and of delta·(|error| - delta/2) beyond: outliers pull no harder.

    Source: Huber, Robust estimation of a location parameter (1964).

    >>> huber([0.5, 3.0], [0.0, 0.0])
    1.3125
    """
    if not 0 < delta < inf:
        raise ValueError(f"huber needs a delta above 0, and finite, got {delta!r}")

    def huber_error(error: Any) -> Any:
        near = clip(error, -delta, delta)
        return near * (error - 0.5 * near)  # error²/2 where near is the error, else ±delta·(error ∓ delta/2)

    return _of_errors("huber", predictions, targets, huber_error)


def cross_entropy(
    logits: Any, targets: Any, *, class_weights: Sequence[float] | None = None, label_smoothing: float = 0.0
) -> Any:
    """-log of the probability that softmax gives the true class: the mean of logsumexp(logits) - logits[target].

    A row of logits is one number a class, and its target the index of the class. A row that is a single logit means two
    classes, as in ``binary_cross_entropy``. class_weights: one a class; the mean is then weighted with that of each
    row's class, as in PyTorch. label_smoothing: the share of each target that is spread evenly over all classes
    (Szegedy et al., Rethinking the Inception Architecture, 2016).

    >>> cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [1, 1])
    0.34657359027997264
    """
    weights, share = _weights("cross_entropy", class_weights), _share("cross_entropy", label_smoothing)

    def loss(row: Any, target: Any) -> Any:
        if not isinstance(row, (list, tuple)):
            return _binary_cross_entropy(row, target, weights, share)
        if target not in range(len(row)):
            raise ValueError(f"cross_entropy needs targets that are class indices 0 to {len(row) - 1}, got {target!r}")
        if weights and len(weights) != len(row):
            raise ValueError(f"cross_entropy needs a class weight for each of {len(row)} classes, got {len(weights)}")
        if not share:
            surprise = logsumexp(row) - row[int(target)]
            return surprise * weights[int(target)] if weights else surprise
        parts = [share / len(row) + (1 - share) * (k == target) for k in range(len(row))]
        if weights:
            parts = [part * weight for part, weight in zip(parts, weights, strict=True)]
        return logsumexp(row) * sum(parts) - dot(parts, row)

    return _over("cross_entropy", logits, targets, loss, of_rows=True, weights=weights)


def binary_cross_entropy(
    logits: Any, targets: Any, *, class_weights: Sequence[float] | None = None, label_smoothing: float = 0.0
) -> Any:
    """-log of the probability that sigmoid(logit) gives the target, which is 0, 1, or a probability between.

    class_weights, of class 0 and of class 1, and label_smoothing are as in ``cross_entropy``.

    >>> binary_cross_entropy([0.0, 1000.0], [1, 1])
    0.34657359027997264
    """
    weights, share = _weights("binary_cross_entropy", class_weights), _share("binary_cross_entropy", label_smoothing)

    def loss(logit: Any, target: Any) -> Any:
        return _binary_cross_entropy(logit, target, weights, share)

    return _over("binary_cross_entropy", logits, targets, loss, weights=weights)


def hinge(scores: Any, targets: Any) -> Any:
    """The mean of max(0, 1 - t·score), where t is 1 for a target of 1, and -1 for a target of -1 or 0.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    return _over("hinge", scores, targets, _hinge)


def _of_errors(name: str, predictions: Any, targets: Any, of_error: Callable[[Any], Any]) -> Any:
    """The mean over rows of a function of prediction - target; of a row with several outputs, the mean over them."""

    def loss(prediction: Any, target: Any) -> Any:
        if not isinstance(prediction, (list, tuple)):
            return of_error(prediction - target)
        if not isinstance(target, (list, tuple)) or len(target) != len(prediction):
            raise ValueError(
                f"{name} needs {len(prediction)} targets for as many outputs, got {target!r}: "
                "for classes give class_names"
            )
        return mean([of_error(p - t) for p, t in zip(prediction, target, strict=True)])

    return _over(name, predictions, targets, loss, of_rows=True)


def _binary_cross_entropy(logit: Any, target: Any, weights: Sequence[float], share: float) -> Any:
    if target not in (0, 1) and not 0 < target < 1:
        raise ValueError(
            f"binary_cross_entropy needs targets from 0 to 1, got {target!r}: for more classes use cross_entropy, "
            "with a model that has an output for each"
        )
    if weights and len(weights) != 2:
        raise ValueError(f"binary_cross_entropy needs a class weight for each of 2 classes, got {len(weights)}")
    one = target * (1 - share) + share / 2
    zero = 1 - one
    if weights:
        zero, one = weights[0] * zero, weights[1] * one
    # softplus(-z) is -log(sigmoid(z)): right for any z, where the logarithm of a rounded sigmoid is not.
    terms = [part * softplus(z) if part != 1 else softplus(z) for part, z in ((one, -logit), (zero, logit)) if part]
    return terms[0] + terms[1] if len(terms) == 2 else terms[0]


def _hinge(score: Any, target: Any) -> Any:
    if target not in (-1, 0, 1):
        raise ValueError(f"hinge needs targets -1 or 1 (or 0 and 1), got {target!r}")
    return relu(1 - score if target == 1 else 1 + score)


def _over(
    name: str,
    predictions: Any,
    targets: Any,
    loss: Callable[[Any, Any], Any],
    *,
    of_rows: bool = False,
    weights: Sequence[float] = (),
) -> Any:
    """The mean loss over a batch, or the loss of a single prediction; with weights, divided by those of its rows."""
    predictions, targets = _plain(predictions), _plain(targets)
    if not _many(targets) and not (_many(predictions) and not of_rows):
        one = loss(predictions, targets)
        return one / _weight(weights, targets) if weights else one
    if not _many(predictions) or not _many(targets) or len(predictions) != len(targets):
        came = [str(len(x)) if _many(x) else "one number" for x in (predictions, targets)]
        raise ValueError(f"{name} needs a target for each prediction, got {came[0]} and {came[1]}")
    if not len(predictions):
        raise ValueError(f"{name} needs at least one prediction, got an empty batch")
    rows = [_plain(p) for p in predictions]
    # a row of one output for a single target is that output, as a Layer of one neuron gives it
    rows = [p[0] if _many(p) and len(p) == 1 and not _many(t) else p for p, t in zip(rows, targets, strict=True)]
    if not of_rows and any(map(_many, rows)):
        raise ValueError(f"{name} needs one output a row, got a row of {len(next(filter(_many, rows)))} outputs")
    losses = [loss(p, t) for p, t in zip(rows, targets, strict=True)]
    return total(losses) / sum(_weight(weights, t) for t in targets) if weights else mean(losses)


def _weight(weights: Sequence[float], target: Any) -> float:
    """The weight of a target: of its class, or, for a probability of class 1, of both in proportion."""
    if target in range(len(weights)):
        return weights[int(target)]
    return float(weights[0] * (1 - target) + weights[1] * target)


def _weights(name: str, class_weights: Sequence[float] | None) -> Sequence[float]:
    if class_weights is None:
        return ()
    weights = _plain(class_weights)
    if not _many(weights) or not weights or not all(0 < weight < inf for weight in weights):
        raise ValueError(f"{name} needs class_weights above 0, and finite, one a class, got {class_weights!r}")
    return list(map(float, weights))


def _share(name: str, label_smoothing: float) -> float:
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"{name} needs a label_smoothing from 0 up to, but below, 1, got {label_smoothing!r}")
    return label_smoothing


def _many(x: Any) -> bool:
    return isinstance(x, Sequence)


def _plain(x: Any) -> Any:
    return x.tolist() if hasattr(x, "tolist") else x  # arrays, without importing numpy
