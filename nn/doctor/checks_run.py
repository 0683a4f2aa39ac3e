"""Signs in the course of the run: its pace, and what it learned or did not."""

from math import ceil, isfinite
from statistics import fmean
from typing import Any

import nn.doctor.remedies as remedy
import nn.doctor.thresholds as thresholds
from nn.doctor.checks_start import silent_units
from nn.doctor.remedies import Remedy
from nn.doctor.run_facts import Chart, is_known, shown
from nn.doctor.sign import Sign
from nn.optim import SGD, Adam, RMSProp
from nn.training.callbacks import EarlyStopping

__all__ = ["overfitting", "too_fast", "too_slow", "underfitting"]

CORNERS = ("hinge", "mean_absolute_error")  # losses made of straight pieces


def too_fast(chart: Chart) -> Sign | None:
    """A run that diverged, or went badly as runs do that swing, with a rate that explains it."""
    evidence = []
    losses = chart.losses
    overflowed = bool(losses) and not losses[-1] < 1e3 * max(1.0, losses[0])
    ended = chart.history.diverged or overflowed
    grown = (
        len(losses) > 1 and losses[-1] > thresholds.GROWN * min(losses) and losses[-1] > losses[0]
    )
    risen = grown or _lost(losses)
    rough = chart.roughness > thresholds.ROUGH
    (above, after_a_jump), why = _too_fast_by(chart)
    jumped = chart.jump > thresholds.JUMP and after_a_jump > 1
    killed = above > 1 and _killed(chart)
    thrown = chart.jump > thresholds.JUMP_FAR
    # an overfit is none of these, nor is a run that swung and settled
    badly = rough or risen or thrown or killed or chart.behind > 1
    if not (ended or (badly and (above > 1 or jumped))):
        return None
    if chart.history.diverged:
        evidence.append(f"the run diverged in epoch {len(chart.history) + 1}")
    elif ended or risen:
        evidence.append(
            f"the training loss was {shown(min(losses))} at its lowest and is {shown(losses[-1])} at the end"
        )
    elif jumped:
        evidence.append(
            f"the loss jumped to {shown(chart.jump)} times what it was before the first step"
        )
    elif killed:
        evidence.append(
            f"{killed} hidden units that answered before the first step are silent now, and learn no more"
        )
    elif rough:
        evidence.append(
            f"from one epoch to the next the loss rises by {chart.roughness:.0%} of its mean"
        )
    else:
        evidence.append(f"{_scored(chart)}, where {_near(chart)}")
    return Sign((*evidence, *why), _rate(chart, fast=True))


def _killed(chart: Chart) -> int:
    """How many rectified units the run has silenced, if they are many."""
    share, silent, _ = silent_units(chart.after)
    killed = silent - silent_units(chart.before)[1]
    many = (
        chart.before
        and share >= thresholds.DEAD
        and killed >= thresholds.DEAD_LEAST
        and 2 * killed > silent
    )
    return killed if many else 0


def _lost(losses: list[float]) -> bool:
    """Whether none of the last epochs, a tenth of all, came near the lowest loss again: a single
    one may be a swing.
    """
    if len(losses) < 2:
        return False
    low, last = min(losses), min(losses[-max(1, len(losses) // 10) :])
    return last > thresholds.GROWN * low and last - low > thresholds.GROWN_LEAST * losses[0]


def too_slow(chart: Chart) -> Sign | None:
    """A run that ended before it got anywhere, with a rate that can be much larger."""
    losses = chart.losses
    why = _too_short_by(chart)
    if not why or _better_rate(chart, fast=False)[0] < thresholds.RAISED * chart.rate:
        return None  # of the second more epochs are the cure, see underfitting
    first, last = losses[0], losses[-1]
    fell = (first - last) / first if first else 0.0
    course = f"in {len(losses)} epochs the training loss fell by {fell:.0%}, from {shown(first)} to {shown(last)}"
    if len(losses) == 1:
        course = f"the training loss of its only epoch is {shown(first)}"
    return Sign((*why, course), _rate(chart, fast=False))


def _too_short_by(chart: Chart, anyway: bool = False) -> tuple[str, ...]:
    """Why the steps cannot have led far, if so; anyway: by the line that holds even if enough was
    learned.
    """
    if not chart.losses or not is_known(chart.rate) or chart.history.diverged:
        return ()
    behind = chart.behind > 1 and not anyway
    if isinstance(chart.optimizer, (Adam, RMSProp)):
        way = chart.rate * chart.steps
        least = thresholds.SLOW_ADAPTIVE_WAY_BEHIND if behind else thresholds.SLOW_ADAPTIVE_WAY
        if not way < least * chart.first_weights:
            return ()
        name, first = type(chart.optimizer).__name__, shown(chart.first_weights)
        return (
            f"{name} moves each weight by at most about its rate: {shown(chart.rate)} in each of {chart.steps} steps, "
            f"{shown(way)} in all, where the weights began with {first} in size",
        )
    if not isinstance(chart.optimizer, SGD):
        return ()
    way = chart.rate / (1 - chart.momentum) * chart.steps * chart.curvature
    least = thresholds.SLOW_WAY_BEHIND if behind else thresholds.SLOW_WAY
    if not (way < least and chart.rate < thresholds.SLOW_RATE * chart.bound):
        return ()
    return (
        f"the rate of {shown(chart.rate)} is {shown(chart.rate / chart.bound)} of the bound {_bound(chart)}",
        f"{chart.steps} steps of it are too few: rate x steps x curvature is {shown(way)}, and each e-fold of the "
        "sharpest direction takes 1",
    )


def _too_fast_by(chart: Chart) -> tuple[tuple[float, float], tuple[str, ...]]:
    """The rate over the lines above which it is too large, if the run went badly, and if it jumped
    too; and why.
    """
    if isinstance(chart.optimizer, SGD) and is_known(chart.rate, chart.curvature):
        ratio = chart.rate / chart.bound
        words = f"the rate of {shown(chart.rate)} is {ratio:.2g} times the bound {_bound(chart)}"
        words += "; where batches differ it is lower still" if ratio < 2 else ""
        return (ratio / thresholds.FAST_RATE, ratio / thresholds.FAST_JUMP), (words,)
    if (
        isinstance(chart.optimizer, (Adam, RMSProp)) and chart.first_weights > 0
    ):  # not of zeros, nor of nan
        share = chart.rate / chart.first_weights
        size = f"{share:.0%} of" if share < 10 else f"{shown(share)} times"
        return (share / thresholds.FAST_ADAPTIVE_RATE, share / thresholds.FAST_ADAPTIVE_JUMP), (
            f"{type(chart.optimizer).__name__} moves each weight by about its rate at each step: {shown(chart.rate)}, "
            f"{size} the weights' size at the start",
            "2/λ is no bound for it, as it divides the gradient by its own size",
        )
    return (0.0, 0.0), ()


def _bound(chart: Chart) -> str:
    """The bound in words."""
    formula = "2/λ" if not chart.momentum else "2(1 + β)/λ"
    if chart.momentum and getattr(chart.optimizer, "nesterov", False):
        formula = "2(1 + β)/((1 + 2β)λ)"
    beta = f", momentum β = {chart.momentum:g}" if chart.momentum else ""
    corners = (
        f"; {chart.loss_name} has corners besides, which λ does not see"
        if chart.loss_name in CORNERS
        else ""
    )
    return f"{formula} = {shown(chart.bound)} (largest curvature λ = {shown(chart.curvature)}{beta}{corners})"


def _better_rate(chart: Chart, fast: bool) -> tuple[float, str]:
    """Half of the bound, shared among the steps that momentum adds up; for Adam what moves weights
    by a fiftieth.
    """
    optimizer: Any = chart.optimizer
    known = chart.rate if is_known(chart.rate) else optimizer.rate
    if isinstance(optimizer, SGD) and is_known(chart.curvature):
        rate, why = min(1 / chart.curvature, thresholds.LARGEST_RATE), "half of 2/λ"
        if rate == thresholds.LARGEST_RATE:
            why = f"{rate:g}, as half of 2/λ is more than is wise"
        rate *= 1 - chart.momentum
        why += (
            f", times 1 - β, as momentum adds up {1 / (1 - chart.momentum):.3g} steps"
            if chart.momentum
            else ""
        )
    elif isinstance(optimizer, (Adam, RMSProp)) and is_known(chart.first_weights):
        rate, why = (
            min(0.02 * chart.first_weights, 0.01),
            "a fiftieth of the weights' size, 0.01 at most",
        )
    else:
        rate, why = (
            known * (0.1 if fast else 10),
            f"{'a tenth' if fast else 'ten times'} of what it was",
        )
    if fast and rate > 0.5 * known:  # the bound at the start was no bound for what came later
        return 0.1 * known, "a tenth of what it was"
    return rate, why


def _rate(chart: Chart, fast: bool) -> Remedy:
    optimizer: Any = chart.optimizer
    if not remedy.has_rate(optimizer):
        return Remedy(f"a learning rate {'a tenth' if fast else 'ten times'} as large")
    rate, why = _better_rate(chart, fast)
    known = chart.rate if is_known(chart.rate) else optimizer.rate
    factor = float(f"{rate:.2g}") / known
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
    lowest = min(
        epoch.loss for epoch in chart.history[best.number - 1 :]
    )  # the last may be that of a swing
    if not (isfinite(now) and now > rise * low and now - low > least) or lowest >= best.loss:
        return None
    recipe = chart.recipe
    patience = max(10, len(chart.history) // 10)
    if recipe and isinstance(recipe.until, EarlyStopping):  # it has that, and was too patient
        patience = max(1, min(patience, recipe.until.patience // 2))
    return Sign(
        (
            f"the validation loss was {shown(low)} in epoch {best.number} and is {shown(now)} now",
            f"meanwhile the training loss went on from {shown(best.loss)} to {shown(lowest)}",
        ),
        Remedy(
            f"until=EarlyStopping(patience={patience}), which goes back to an epoch near {best.number}, and "
            f"penalty={'as it is' if recipe and recipe.penalty else 'L2(0.001)'}",
            lambda r: remedy.stopped_early(r, patience, 0.001),
        ),
    )


def underfitting(chart: Chart) -> Sign | None:
    """A training part that the model does not get right, although neighbours do, or hardly any
    steps.
    """
    hardly_begun = _too_short_by(chart, anyway=True)
    if not (chart.behind > 1 or hardly_begun):
        return None
    recipe = chart.recipe
    evidence = f"on the training part itself {_scored(chart)}"
    evidence += f", where {_near(chart)}" if chart.behind > 1 else ""
    unfinished = hardly_begun or _unfinished(chart)
    begun = chart.steps >= thresholds.FEW_STEPS or not unfinished
    if recipe and recipe.penalty is not None and begun:
        return Sign(
            (
                evidence,
                f"the penalty {recipe.penalty!r} pulls at the weights, which end with {_weights(chart)}",
            ),
            Remedy("no penalty", lambda r: remedy.replaced(r, penalty=None)),
        )
    if recipe and unfinished:
        enough = ceil(thresholds.FEW_STEPS * len(chart.losses) / chart.steps)
        epochs = max(4 * recipe.epochs, enough)
        return Sign(
            (evidence, *unfinished),
            Remedy(
                f"epochs={epochs}: it was not done yet", lambda r: remedy.with_epochs(r, epochs)
            ),
        )
    if not remedy.is_plain(chart.model):
        return Sign((evidence,), Remedy("a model with more units, or another hidden layer"))
    hidden = [len(layer.neurons) for layer in chart.model.layers[:-1]]
    activation = str(chart.model.layers[0].neurons[0].activation) if hidden else "linear"
    wider = [max(16, 2 * units) for units in hidden] or [16]
    activation = "tanh" if activation == "linear" else activation
    what = (
        f"hidden layers of {hidden}"
        if hidden
        else "no hidden layer, so that it can draw straight lines only"
    )
    return Sign(
        (evidence, f"it has {what}"),
        Remedy(
            f'more units: hidden layers of {wider}, activation="{activation}"',
            lambda r: remedy.with_hidden(r, wider, activation),
        ),
    )


def _unfinished(chart: Chart) -> tuple[str, ...]:
    """Why more epochs would help, if so: it still learned when it ended, and no rule had ended it."""
    recipe, losses = chart.recipe, chart.losses
    if recipe and recipe.until and len(losses) < recipe.epochs:
        return ()
    if chart.falling > thresholds.FALLING:
        return (
            f"its training loss still fell by {chart.falling:.0%} over the last quarter of the run",
        )
    if chart.steps >= thresholds.FEW_STEPS or not losses:
        return ()
    few = f"{chart.steps} steps are few for a net to learn by"
    if len(losses) < 4:
        return (few,)
    first, second = fmean(losses[: len(losses) // 2]), fmean(losses[len(losses) // 2 :])
    if not first - second > thresholds.FALLING * first:
        return ()
    return (
        f"{few}, and its training loss fell by {1 - second / first:.0%} from their first half to their second",
    )


def _scored(chart: Chart) -> str:
    score = chart.score()
    return (
        f"it gets {score:.0%} of the rows right" if chart.classes else f"its R² is {shown(score)}"
    )


def _near(chart: Chart) -> str:
    reach = f"{chart.reachable:.0%}" if chart.classes else f"an R² of {chart.reachable:.2f}"
    return f"the {thresholds.NEIGHBOURS} nearest neighbours of each row alone get {reach}"


def _weights(chart: Chart) -> str:
    last = chart.history[-1].weight_norm if chart.history else float("nan")
    return f"a length of {shown(last)}"
