"""Rescaled: a model that learns a standardized target, and answers in the target's own units."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean, pstdev
from typing import Any

from nn.module import Module
from nn.training.config import Recipe

__all__ = ["Rescaled", "in_units", "with_standardized_target"]


class Rescaled(Module):
    """A model whose answers are multiplied by a deviation, and then a mean is added.

    >>> from nn import MLP
    >>> Rescaled(MLP(1, [1], init="ones"), mean=500.0, deviation=100.0)([2.0]).data
    700.0
    """

    def __init__(self, inner: Any, mean: float, deviation: float) -> None:
        self.inner, self.mean, self.deviation = inner, mean, deviation

    def __call__(self, row: Any) -> Any:
        return _each(self.inner(row), lambda y: y * self.deviation + self.mean)

    def __repr__(self) -> str:
        return f"Rescaled({self.inner!r}, mean={self.mean:g}, deviation={self.deviation:g})"


def standardized_loss(
    outputs: Sequence[Any],
    targets: Sequence[Any],
    *,
    loss: Callable[[Any, Any], Any],
    mean: float,
    deviation: float,
) -> Any:
    """A loss of outputs and targets that are in units, in deviations.

    >>> from nn import mean_squared_error
    >>> standardized_loss([700.0], [600.0], loss=mean_squared_error, mean=500.0, deviation=100.0)
    1.0
    """
    known = [
        [_each(x, lambda y: (y - mean) / deviation) for x in part] for part in (outputs, targets)
    ]
    return loss(*known)


def _each(x: Any, function: Callable[[Any], Any]) -> Any:
    return list(map(function, x)) if isinstance(x, (list, tuple)) else function(x)


def with_standardized_target(recipe: Recipe) -> Recipe:
    """The model and the loss in deviations of the training part's target; the rows stay in units,
    as do the answers.
    """
    mean, deviation = fmean(recipe.data.targets), pstdev(recipe.data.targets)
    loss = partial(standardized_loss, loss=recipe.loss, mean=mean, deviation=deviation)
    return replace(recipe.with_model(Rescaled(recipe.fresh(), mean, deviation)), loss=loss)


def in_units(loss: Any) -> Any:
    """The loss that ``standardized_loss`` applies; any other is as it is."""
    of_deviations = isinstance(loss, partial) and loss.func is standardized_loss
    return loss.keywords["loss"] if of_deviations else loss
