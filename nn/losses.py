"""Losses: how far predictions are from targets, as one number whose gradient says which way to go.

Each takes what the model returned for a batch, a list with one prediction a row, and the rows' targets, and returns the
mean over the batch. One prediction with one target will do as well.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import logsumexp, mean, relu, softplus

__all__ = ["binary_cross_entropy", "cross_entropy", "hinge", "mean_squared_error"]


def mean_squared_error(predictions: Any, targets: Any) -> Any:
    """The mean of (prediction - target)²; rows may have several outputs each.

    >>> mean_squared_error([1.0, 3.0], [1.0, 1.0])
    2.0
    """
    return _over("mean_squared_error", predictions, targets, _squared_error, of_rows=True)


def cross_entropy(logits: Any, targets: Any) -> Any:
    """-log of the probability that softmax gives the true class: the mean of logsumexp(logits) - logits[target].

    A row of logits is one number a class, and its target the index of the class. A row that is a single logit means two
    classes, as in ``binary_cross_entropy``.

    >>> cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [1, 1])
    0.34657359027997264
    """
    return _over("cross_entropy", logits, targets, _cross_entropy, of_rows=True)


def binary_cross_entropy(logits: Any, targets: Any) -> Any:
    """-log of the probability that sigmoid(logit) gives the target, which is 0, 1, or a probability between.

    >>> binary_cross_entropy([0.0, 1000.0], [1, 1])
    0.34657359027997264
    """
    return _over("binary_cross_entropy", logits, targets, _binary_cross_entropy)


def hinge(scores: Any, targets: Any) -> Any:
    """The mean of max(0, 1 - t·score), where t is 1 for a target of 1, and -1 for a target of -1 or 0.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    return _over("hinge", scores, targets, _hinge)


def _squared_error(prediction: Any, target: Any) -> Any:
    if not isinstance(prediction, (list, tuple)):
        return (prediction - target) ** 2
    if not isinstance(target, (list, tuple)) or len(target) != len(prediction):
        raise ValueError(f"mean_squared_error needs {len(prediction)} targets for as many outputs, got {target!r}")
    return mean([(p - t) ** 2 for p, t in zip(prediction, target, strict=True)])


def _cross_entropy(logits: Any, target: Any) -> Any:
    if not isinstance(logits, (list, tuple)):
        return _binary_cross_entropy(logits, target)
    if target not in range(len(logits)):
        raise ValueError(f"cross_entropy needs targets that are class indices 0 to {len(logits) - 1}, got {target!r}")
    return logsumexp(logits) - logits[int(target)]


def _binary_cross_entropy(logit: Any, target: Any) -> Any:
    # softplus(-z) is -log(sigmoid(z)): right for any z, where the logarithm of a rounded sigmoid is not.
    if target == 1:
        return softplus(-logit)
    if target == 0:
        return softplus(logit)
    if not 0 < target < 1:
        raise ValueError(
            f"binary_cross_entropy needs targets from 0 to 1, got {target!r}: for more classes use cross_entropy, "
            "with a model that has an output for each"
        )
    return target * softplus(-logit) + (1 - target) * softplus(logit)


def _hinge(score: Any, target: Any) -> Any:
    if target not in (-1, 0, 1):
        raise ValueError(f"hinge needs targets -1 or 1 (or 0 and 1), got {target!r}")
    return relu(1 - score if target == 1 else 1 + score)


def _over(name: str, predictions: Any, targets: Any, loss: Callable[[Any, Any], Any], *, of_rows: bool = False) -> Any:
    """The mean loss over a batch, or the loss of a single prediction."""
    predictions, targets = _plain(predictions), _plain(targets)
    if not _many(targets) and not (_many(predictions) and not of_rows):
        return loss(predictions, targets)
    if not _many(predictions) or not _many(targets) or len(predictions) != len(targets):
        came = [str(len(x)) if _many(x) else "one number" for x in (predictions, targets)]
        raise ValueError(f"{name} needs a target for each prediction, got {came[0]} and {came[1]}")
    if not len(predictions):
        raise ValueError(f"{name} needs at least one prediction, got an empty batch")
    rows = [_plain(p) for p in predictions]
    if not of_rows and any(map(_many, rows)):
        raise ValueError(f"{name} needs one output a row, got a row of {len(next(filter(_many, rows)))} outputs")
    return mean([loss(p, t) for p, t in zip(rows, targets, strict=True)])


def _many(x: Any) -> bool:
    return isinstance(x, Sequence)


def _plain(x: Any) -> Any:
    return x.tolist() if hasattr(x, "tolist") else x  # arrays, without importing numpy
