"""The learning-rate range test: one sweep over the rates, from far too small to far too large."""

import warnings
from copy import deepcopy
from dataclasses import dataclass
from math import hypot, inf, isfinite, log, nan, sqrt
from random import Random
from statistics import linear_regression
from typing import Any

from autograd import DomainWarning
from nn.checks import fraction, type_name, whole
from nn.data.dataset import Dataset
from nn.layers import training_mode
from nn.losses import Loss
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer, RMSProp
from nn.training.backends import Eager, replay_or_eager
from nn.training.checks import check_evaluation
from nn.training.evaluation import default_loss, unchanged

__all__ = ["RateSearch", "find_rate"]

# Rows at most, always the same, on which the loss is taken, as that of batches hides the fall in
# noise: by replay, and row by row.
PROBE, SLOW_PROBE = 256, 64
# The sweep has diverged so many times the least loss (or the fall to it, if that is more) above it.
FAR = 3.0
LOST = 0.25  # of the whole fall: a rise by more ends the useful part of the sweep
ROUNDING = 1e-9  # of the loss: a fall by less is none
# Adam and RMSProp move each weight by about the rate: more than this share of the weights' size
# makes them anew, which may lower a high loss, but is no rate to train with.
SHARE = 0.05
WINDOW = 0.15  # of the sweep, on either side of a rate, over which its slope is taken


@dataclass(frozen=True, repr=False)
class RateSearch:
    """Losses after one step at each of the rising rates, their moving average, the rate that they
    suggest (nan if the loss never falls), and why the sweep ended early, if so."""

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    suggestion: float
    stopped: str = ""

    @property
    def shown(self) -> tuple[float, float]:
        """The range of losses to look at: what has diverged would flatten the fall."""
        start, least = self.smoothed[0], min(self.smoothed)
        room = start - least or abs(start) or 1.0
        return least - 0.1 * room, start + 0.6 * room

    def __repr__(self) -> str:
        known = isfinite(self.suggestion)
        found = f"suggestion {self.suggestion:.2g}" if known else "no rate lowered the loss"
        rates = f"{len(self.rates)} rates from {self.rates[0]:.4g} to {self.rates[-1]:.4g}"
        losses = f"loss {self.smoothed[0]:.4g}, at the least {min(self.smoothed):.4g}"
        return f"{rates}: {losses}; {found}{f'; {self.stopped}' if self.stopped else ''}"


def find_rate(
    model: Any,
    data: Dataset,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    *,
    low: float = 1e-5,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int = 16,
    smoothing: float = 0.5,
    seed: int = 0,
) -> RateSearch:
    """Take a step, a batch each, at many rates from low to high, and suggest one to train with.

    The suggestion is where the smoothed loss falls most steeply over the logarithm of the rate: a
    careful choice, which a few times more may beat. For Adam and RMSProp, which move each weight by
    about the rate, it is at most a twentieth of the weights' root mean square. The loss is that of
    up to 256 rows (64 where the model cannot be replayed), without dropout. Model and optimiser are
    left as they were.

    optimizer: the one to train with. smoothing: the share that each average keeps of the one
    before, corrected for its beginning as in Adam. Source: Smith, Cyclical learning rates for
    training neural networks (2015), section 3.3; the rule of the steepest fall is that of the
    library fastai (2018)."""
    check_evaluation("find_rate", model, data, loss)
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        need = "find_rate needs an optimiser made from nn.Optimizer, whose rate it can set"
        raise TypeError(f"{need}, got {type_name(optimizer)}")
    if not 0 < low < high < inf:
        came = f"low={low!r} and high={high!r}"
        raise ValueError(f"find_rate needs rates above 0, low before high, got {came}")
    whole("find_rate", "steps", steps, least=10)
    fraction("find_rate", "smoothing", smoothing)
    loss, rng = loss or default_loss(data), Random(seed)
    optimizer = deepcopy(optimizer or SGD(0.1), {id(p): p for p in model.parameters()})
    rates = [low * (high / low) ** (k / (steps - 1)) for k in range(steps)]
    batches = (batch for _ in rates for batch in data.batches(batch_size, rng))
    losses, smoothed = list[float](), list[float]()
    average, stopped = 0.0, ""
    with unchanged(model), warnings.catch_warnings():
        # the end of the sweep may overflow, which ``stopped`` says
        warnings.simplefilter("ignore", DomainWarning)
        evaluated = replay_or_eager(model, loss, data)
        with training_mode(model):
            stepped = replay_or_eager(model, loss, data)
        count = SLOW_PROBE if isinstance(evaluated, Eager) else PROBE
        probe = next(data.batches(count, Random(seed)))
        _, start = evaluated.evaluate(probe)
        found = start
        for rate, batch in zip(rates, batches, strict=False):
            optimizer.learning_rate = rate
            with training_mode(model):
                stepped.gradient(batch)
            try:
                optimizer.step(stepped.parameters)
                _, found = evaluated.evaluate(probe)
            except (ArithmeticError, ValueError):
                found = nan
            average = smoothing * average + (1 - smoothing) * found
            least = min([start, *losses])
            if not isfinite(found) or found - least > FAR * max(abs(least), start - least):
                stopped = f"stopped at {rate:.2g}, where the loss was {found:.4g}"
                break
            losses.append(found)
            smoothed.append(average / (1 - smoothing ** len(losses)))
    if not isfinite(start):
        came = f"{start:g}: give it other initial weights"
        raise ValueError(f"find_rate needs a model whose loss is finite, got {came}")
    if not losses:
        need = "find_rate needs a low at which the first step does not diverge"
        came = f"low={low:g}, which took the loss from {start:.4g} to {found:.4g}"
        raise ValueError(f"{need}, got {came}: standardize the data or lower it")
    rates = rates[: len(losses)]
    suggestion = _steepest(rates, smoothed)
    if isinstance(optimizer, (Adam, RMSProp)) and isinstance(model, Module):
        weights = [w.data for w in model.weights()]
        most = SHARE * hypot(*weights) / sqrt(len(weights) or 1) or inf  # if all weights are 0
        if suggestion > most:
            suggestion = max((rate for rate in rates if rate <= most), default=suggestion)
    return RateSearch(rates, losses, smoothed, suggestion, stopped)


def _steepest(rates: list[float], smoothed: list[float]) -> float:
    """The rate of the steepest fall before the loss rises for good, by lines through neighbours."""
    gain = smoothed[0] - min(smoothed)
    end, least = 0, smoothed[0]
    for k, loss in enumerate(smoothed):
        if loss < least:
            end, least = k, loss
        elif loss - least > LOST * gain:
            break  # what falls steeply after this falls from a height that it was thrown to
    if end < 2 or gain <= ROUNDING * abs(smoothed[0]):
        return nan
    logs, reach = [log(rate) for rate in rates], max(1, round(WINDOW * end / 2))
    near = [slice(max(k - reach, 0), k + reach + 1) for k in range(end + 1)]
    slopes = [linear_regression(logs[part], smoothed[part]).slope for part in near]
    steepest = min(slopes)
    return rates[slopes.index(steepest)] if steepest < 0 else nan
