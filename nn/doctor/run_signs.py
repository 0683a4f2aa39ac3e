"""Signs in the course of the run: its pace, and what it learned or did not."""

from math import isfinite
from typing import Any

import nn.doctor.remedy as remedy
import nn.doctor.thresholds as thresholds
from nn.doctor.chart import Chart, is_known, shown
from nn.doctor.remedy import Remedy
from nn.doctor.sign import Sign
from nn.optim import SGD, Adam, RMSProp

__all__ = ["overfitting", "too_fast", "too_slow", "underfitting"]

CORNERS = ("hinge", "mean_absolute_error")  # losses made of straight pieces


def too_fast(chart: Chart) -> Sign | None:
    """A run that diverged, or swings, with a rate that explains it."""
    evidence = []
    losses = chart.losses
    overflowed = bool(losses) and not losses[-1] < 1e3 * max(1.0, losses[0])
    grown = len(losses) > 1 and losses[-1] > 1.5 * min(losses) and losses[-1] > losses[0]
    ended = chart.history.diverged or overflowed
    rough = chart.roughness > thresholds.ROUGH
    (above, after_a_jump, anyway), why = _too_fast_by(chart)
    jumped = chart.jump > thresholds.JUMP and after_a_jump > 1
    badly = rough or grown or chart.behind > 1
    if not (ended or anyway > 1 or jumped or (badly and above > 1)):
        return None
    if chart.history.diverged:
        evidence.append(f"the run diverged in epoch {len(chart.history) + 1}")
    elif ended or grown:
        evidence.append(
            f"the training loss was {shown(min(losses))} at its lowest and is {shown(losses[-1])} at the end"
        )
    elif jumped:
        evidence.append(f"the loss jumped to {chart.jump:.2g} times what it was before the first step")
    elif rough:
        evidence.append(f"from one epoch to the next the loss rises by {chart.roughness:.0%} of its mean")
    else:
        evidence.append(f"{_scored(chart)}, where {_near(chart)}")
    return Sign((*evidence, *why), _rate(chart, fast=True))


def too_slow(chart: Chart) -> Sign | None:
    """A run that ended before it got anywhere."""
    losses = chart.losses
    if not losses or not is_known(chart.rate) or chart.history.diverged:
        return None
    evidence: tuple[str, ...]
    if isinstance(chart.optimizer, (Adam, RMSProp)):
        way = chart.rate * chart.steps
        least = thresholds.SLOW_ADAPTIVE_WAY_BEHIND if chart.behind > 1 else thresholds.SLOW_ADAPTIVE_WAY
        if not way < least * chart.first_weights:
            return None
        name, first = type(chart.optimizer).__name__, shown(chart.first_weights)
        evidence = (
            f"{name} moves each weight by at most about its rate: {shown(chart.rate)} in each of {chart.steps} steps, "
            f"{shown(way)} in all, where the weights began with {first} in size",
        )
    elif isinstance(chart.optimizer, SGD):
        rate = chart.rate / (1 - chart.momentum)
        way = rate * chart.steps * chart.curvature
        least = thresholds.SLOW_WAY_BEHIND if chart.behind > 1 else thresholds.SLOW_WAY
        if not (way < least and chart.rate < thresholds.SLOW_RATE * chart.bound):
            return None
        evidence = (
            f"the rate of {shown(chart.rate)} is {shown(chart.rate / chart.bound)} of the bound {_bound(chart)}",
            f"{chart.steps} steps of it are too few: rate x steps x curvature is {shown(way)}, and each e-fold of the "
            "sharpest direction takes 1",
        )
    else:
        return None
    fell = (losses[0] - losses[-1]) / losses[0] if losses[0] else 0.0
    return Sign(
        (
            *evidence,
            f"in {len(losses)} epochs the training loss fell by {fell:.0%}, from {shown(losses[0])} to "
            f"{shown(losses[-1])}",
        ),
        _rate(chart, fast=False),
    )


def _too_fast_by(chart: Chart) -> tuple[tuple[float, float, float], tuple[str, ...]]:
    """The rate over the lines above which it is too large: if the run went badly, after a jump, anyway; and why."""
    if isinstance(chart.optimizer, SGD) and is_known(chart.rate, chart.curvature):
        ratio = chart.rate / chart.bound
        words = f"the rate of {shown(chart.rate)} is {ratio:.2g} times the bound {_bound(chart)}"
        words += "; where batches differ it is lower still" if ratio < 2 else ""
        lines = thresholds.FAST_RATE, thresholds.FAST_JUMP, thresholds.FAST_ANYWAY
        return _over(ratio, lines), (words,)
    if isinstance(chart.optimizer, (Adam, RMSProp)) and chart.first_weights > 0:  # not of zeros, nor of nan
        share = chart.rate / chart.first_weights
        lines = thresholds.FAST_ADAPTIVE_RATE, thresholds.FAST_ADAPTIVE_JUMP, thresholds.FAST_ADAPTIVE_ANYWAY
        return _over(share, lines), (
            f"{type(chart.optimizer).__name__} moves each weight by about its rate at each step: {shown(chart.rate)}, "
            f"{share:.0%} of the weights' size at the start",
            "2/λ is no bound for it, as it divides the gradient by its own size",
        )
    return (0.0, 0.0, 0.0), ()


def _over(x: float, lines: tuple[float, float, float]) -> tuple[float, float, float]:
    return x / lines[0], x / lines[1], x / lines[2]


def _bound(chart: Chart) -> str:
    """The bound in words."""
    formula = "2/λ" if not chart.momentum else "2(1 + β)/λ"
    if chart.momentum and getattr(chart.optimizer, "nesterov", False):
        formula = "2(1 + β)/((1 + 2β)λ)"
    beta = f", momentum β = {chart.momentum:g}" if chart.momentum else ""
    corners = f"; {chart.loss_name} has corners besides, which λ does not see" if chart.loss_name in CORNERS else ""
    return f"{formula} = {shown(chart.bound)} (largest curvature λ = {shown(chart.curvature)}{beta}{corners})"


def _rate(chart: Chart, fast: bool) -> Remedy:
    """Half of the bound, shared among the steps that momentum adds up; for Adam what moves weights by a fiftieth."""
    optimizer: Any = chart.optimizer
    if not remedy.has_rate(optimizer):
        return Remedy(f"a learning rate {'a tenth' if fast else 'ten times'} as large")
    if isinstance(optimizer, SGD) and is_known(chart.curvature):
        rate, why = min(1 / chart.curvature, thresholds.LARGEST_RATE), "half of 2/λ"
        if rate == thresholds.LARGEST_RATE:
            why = f"{rate:g}, as half of 2/λ is more than is wise"
        rate *= 1 - chart.momentum
        why += f", times 1 - β, as momentum adds up {1 / (1 - chart.momentum):.3g} steps" if chart.momentum else ""
    elif isinstance(optimizer, (Adam, RMSProp)) and is_known(chart.first_weights):
        rate, why = min(0.02 * chart.first_weights, 0.01), "a fiftieth of the weights' size, 0.01 at most"
    else:
        rate, why = chart.rate * (0.1 if fast else 10), f"{'a tenth' if fast else 'ten times'} of what it was"
    known = chart.rate if is_known(chart.rate) else optimizer.rate
    factor = rate / known
    if fast and factor > 0.5:  # the bound at the start was no bound for what came later
        factor, why = 0.1, "a tenth of what it was"
    factor = float(f"{factor * known:.2g}") / known
    if callable(optimizer.learning_rate):
        words = f"{factor:.2g} times the schedule of rates: {why}"
    else:
        words = f"{type(optimizer).__name__}(learning_rate={shown(factor * known)}, ...): {why}"
    return Remedy(words, lambda r: remedy.with_rate(r, factor))


def overfitting(chart: Chart) -> Sign | None:
    """A validation loss that rose from its best while the training loss fell."""
    best = chart.history.best
    if best is None or chart.history.diverged:
        return None
    now, low = chart.validation_loss, best.validation_loss
    last = chart.history[-1]
    by_heart = now > thresholds.OVERFIT_GAP * last.loss
    rise = thresholds.OVERFIT_RISE if by_heart else thresholds.OVERFIT
    least = thresholds.OVERFIT_LEAST * chart.first_validation_loss
    if not (isfinite(now) and now > rise * low and now - low > least) or last.loss >= best.loss:
        return None
    patience = max(10, len(chart.history) // 10)
    return Sign(
        (
            f"the validation loss was {shown(low)} in epoch {best.number} and is {shown(now)} now",
            f"meanwhile the training loss went on from {shown(best.loss)} to {shown(last.loss)}",
        ),
        Remedy(
            f"until=EarlyStopping(patience={patience}), which goes back to an epoch near {best.number}, and "
            f"penalty={'as it is' if chart.recipe and chart.recipe.penalty else 'L2(0.001)'}",
            lambda r: remedy.stopped_early(r, patience, 0.001),
        ),
    )


def underfitting(chart: Chart) -> Sign | None:
    """A training part that the model does not get right, although neighbours do."""
    if not chart.behind > 1:
        return None
    evidence = f"on the training part itself {_scored(chart)}, where {_near(chart)}"
    recipe = chart.recipe
    if recipe and recipe.penalty is not None:
        return Sign(
            (evidence, f"the penalty {recipe.penalty!r} pulls at the weights, which end with {_weights(chart)}"),
            Remedy("no penalty", lambda r: remedy.replaced(r, penalty=None)),
        )
    if recipe and chart.falling > thresholds.FALLING:
        epochs = 4 * recipe.epochs
        return Sign(
            (evidence, f"its training loss still fell by {chart.falling:.0%} over the last quarter of the run"),
            Remedy(f"epochs={epochs}: it was not done yet", lambda r: remedy.replaced(r, epochs=epochs)),
        )
    if not remedy.is_plain(chart.model):
        return Sign((evidence,), Remedy("a model with more units, or another hidden layer"))
    hidden = [len(layer.neurons) for layer in chart.model.layers[:-1]]
    activation = str(chart.model.layers[0].neurons[0].activation) if hidden else "linear"
    wider = [max(16, 2 * units) for units in hidden] or [16]
    activation = "tanh" if activation == "linear" else activation
    what = f"hidden layers of {hidden}" if hidden else "no hidden layer, so that it can draw straight lines only"
    return Sign(
        (evidence, f"it has {what}"),
        Remedy(
            f'more units: hidden layers of {wider}, activation="{activation}"',
            lambda r: remedy.with_hidden(r, wider, activation),
        ),
    )


def _scored(chart: Chart) -> str:
    score = chart.score()
    return f"it gets {score:.0%} of the rows right" if chart.classes else f"its R² is {shown(score)}"


def _near(chart: Chart) -> str:
    reach = f"{chart.reachable:.0%}" if chart.classes else f"an R² of {chart.reachable:.2f}"
    return f"the {thresholds.NEIGHBOURS} nearest neighbours of each row alone get {reach}"


def _weights(chart: Chart) -> str:
    last = chart.history[-1].weight_norm if chart.history else float("nan")
    return f"a length of {shown(last)}"
