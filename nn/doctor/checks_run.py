"""Checks of how the run went: the learning rate, and what was learned or not."""

from math import ceil, isfinite
from statistics import fmean
from typing import Any

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.doctor.checks_start import dead_units
from nn.doctor.findings import AT_THE_START, NOT_LEARNED, Finding, Remedy, problem, setting
from nn.doctor.run_facts import RunFacts, is_known, shown
from nn.optim import SGD, Optimizer
from nn.penalties import L2
from nn.training.callbacks import EarlyStopping

__all__ = ["overfitting", "too_fast", "too_slow", "underfitting"]

KINKED = ("hinge", "mean_absolute_error")  # losses made of straight pieces


@problem(
    "learning rate too large",
    "the steps overshoot the minimum, so the loss oscillates or grows.",
    AT_THE_START - {"symmetric initial weights"},
)
def too_fast(run: RunFacts) -> Finding | None:
    """A run that diverged, or went badly in a way that its rate explains."""
    losses, diverged, ratio = run.losses, run.history.diverged, run.rate / run.rate_unit
    low, last = (min(losses), losses[-1]) if losses else (0.0, 0.0)
    overflowed = bool(losses) and not last < 1e3 * max(1.0, losses[0])
    grew = len(losses) > 1 and (last > thresholds.GROWN * low and last > losses[0])
    risen = grew or (len(losses) > 1 and _stayed_up(losses))
    rough = run.roughness > thresholds.ROUGH
    above = ratio > run.lines.fast
    jumped = run.jump > thresholds.JUMP and ratio > run.lines.fast_jump
    killed = _killed(run) if above else 0
    # overfitting is none of these, nor is a run that oscillated and settled
    badly = rough or risen or killed or run.jump > thresholds.JUMP_FAR or run.behind > 1
    if not (diverged or overflowed or (badly and (above or jumped))):
        return None
    course = f"{shown(low)} at its lowest and is {shown(last)} at the end"
    shows = [
        (diverged, f"the run diverged in epoch {len(run.history) + 1}"),
        (overflowed or risen, f"the training loss was {course}"),
        (jumped, f"the loss jumped to {shown(run.jump)} times its value before the first step"),
        (killed, f"{killed} hidden units that were active before the first step are dead now"),
        (rough, f"between epochs the loss rises by {run.roughness:.0%} of its mean"),
        (True, f"{_scored(run)}, where {_reachable(run)}"),
    ]
    evidence = next(words for seen, words in shows if seen)
    return Finding((evidence, *_rate_in_words(run)), _other_rate(run, fast=True))


def _stayed_up(losses: list[float]) -> bool:
    """Whether none of the last epochs, a tenth of all, came near the lowest loss again."""
    low, last = min(losses), min(losses[-max(1, len(losses) // 10) :])
    return last > thresholds.GROWN * low and last - low > thresholds.GROWN_LEAST * losses[0]


def _killed(run: RunFacts) -> int:
    """How many units of relu the run made dead, if they are many."""
    fraction, dead, _ = dead_units(run.after)
    killed = dead - dead_units(run.before)[1] if run.before else 0
    many = fraction >= thresholds.DEAD and killed >= thresholds.DEAD_LEAST and 2 * killed > dead
    return killed if many else 0


def _rate_in_words(run: RunFacts) -> tuple[str, ...]:
    """How large the rate is beside what it should be, if that is known."""
    ratio = run.rate / run.rate_unit
    if not is_known(ratio):
        return ()
    if isinstance(run.optimizer, SGD):
        words = f"the rate of {shown(run.rate)} is {ratio:.2g} times the bound {_bound(run)}"
        return (words + ("; where batches differ the bound is lower still" if ratio < 2 else ""),)
    size = f"{ratio:.0%} of" if ratio < 10 else f"{shown(ratio)} times"
    return (
        f"{type(run.optimizer).__name__} moves each weight by about its rate at each step: "
        f"{shown(run.rate)}, {size} the weights' size at the start",
        "2/λ is no bound for it, as it divides the gradient by its own size",
    )


def _bound(run: RunFacts) -> str:
    """The bound of SGD in words."""
    formula = "2(1 + β)/λ" if run.momentum else "2/λ"
    if run.momentum and getattr(run.optimizer, "nesterov", False):
        formula = "2(1 + β)/((1 + 2β)λ)"
    beta = f", momentum β = {run.momentum:g}" if run.momentum else ""
    kinked = run.loss_name in KINKED
    kinks = f"; {run.loss_name} also has kinks, which λ does not see" if kinked else ""
    largest = f"largest curvature λ = {shown(run.curvature)}{beta}{kinks}"
    return f"{formula} = {shown(run.rate_unit)} ({largest})"


@problem(
    "learning rate too small",
    "the steps are so small that training ended before it converged.",
    AT_THE_START,
)
def too_slow(run: RunFacts) -> Finding | None:
    """A run that ended before it got anywhere, if its rate can be much larger."""
    losses, why = run.losses, _too_short(run)
    # else more epochs are the remedy, see underfitting
    if not why or _better_rate(run, fast=False)[0] < thresholds.RAISED * run.rate:
        return None
    first, last = losses[0], losses[-1]
    fell = f"{(first - last) / first if first else 0.0:.0%}, from {shown(first)} to {shown(last)}"
    course = f"in {len(losses)} epochs the training loss fell by {fell}"
    if len(losses) == 1:
        course = f"the training loss of its only epoch is {shown(first)}"
    return Finding((*why, course), _other_rate(run, fast=False))


def _too_short(run: RunFacts, whatever_was_learned: bool = False) -> tuple[str, ...]:
    """Why the steps cannot have led far, if so: by a stricter line if little was learned."""
    behind = run.behind > 1 and not whatever_was_learned
    if not run.losses or run.history.diverged:
        return ()
    if not run.way < (run.lines.slow_way_behind if behind else run.lines.slow_way):
        return ()
    if not isinstance(run.optimizer, SGD):
        return (
            f"{type(run.optimizer).__name__} moves each weight by at most about its rate: "
            f"{shown(run.rate)} in each of {run.steps} steps, {shown(run.rate * run.steps)} in "
            f"all, where the weights began with {shown(run.first_weights)} in size",
        )
    ratio = run.rate / run.rate_unit
    if not ratio < thresholds.SLOW_RATE:
        return ()
    return (
        f"the rate of {shown(run.rate)} is {shown(ratio)} of the bound {_bound(run)}",
        f"{run.steps} steps of it are too few: rate x steps x curvature is {shown(run.way)}, and "
        "each e-fold of the sharpest direction takes 1",
    )


def _better_rate(run: RunFacts, fast: bool) -> tuple[float, str]:
    """For SGD half of the bound, with momentum divided by the steps that it adds up; for Adam what
    moves weights by a fiftieth.
    """
    optimizer: Any = run.optimizer
    now = run.rate if is_known(run.rate) else optimizer.rate
    tenth, factor = (0.1 * now, "a tenth of what it was"), 1 - run.momentum
    if not is_known(run.rate_unit):
        return tenth if fast else (10 * now, "ten times what it was")
    if isinstance(optimizer, SGD):
        rate, why = 1 / run.curvature, "half of 2/λ"
        if rate > thresholds.LARGEST_RATE:
            rate = thresholds.LARGEST_RATE
            why = f"{rate:g}, as half of 2/λ is more than is wise"
        rate *= factor
        if run.momentum:
            why += f", times 1 - β, as momentum adds up {1 / factor:.3g} steps"
    else:
        rate = min(0.02 * run.first_weights, 0.01)
        why = "a fiftieth of the weights' size, at most 0.01"
    # else the bound at the start was no bound for what came later
    return tenth if fast and rate > 0.5 * now else (rate, why)


def _other_rate(run: RunFacts, fast: bool) -> Remedy:
    optimizer: Any = run.optimizer
    if not isinstance(optimizer, Optimizer):
        return Remedy(f"a learning rate {'a tenth' if fast else 'ten times'} as large")
    rate, why = _better_rate(run, fast)
    now = run.rate if is_known(run.rate) else optimizer.rate
    factor = float(f"{rate:.2g}") / now
    words = f"{type(optimizer).__name__}(learning_rate={shown(factor * now)}, ...): {why}"
    if callable(optimizer.learning_rate):
        words = f"{factor:.2g} times the schedule of rates: {why}"
    return Remedy(words, lambda c: remedies.with_rate(c, factor))


@problem(
    "overfitting",
    "the model memorises its training rows: better on them, worse on others.",
    AT_THE_START | {"learning rate too large", "features unrelated to the target"},
)
def overfitting(run: RunFacts) -> Finding | None:
    """A validation loss that rose from its lowest while the training loss fell."""
    history, best, config = run.history, run.history.best, run.config
    if best is None or history.diverged:
        return None
    now, low = run.validation_loss, best.validation_loss
    memorised = now > thresholds.OVERFIT_GAP * history[-1].loss
    rise = thresholds.OVERFIT_RISE if memorised else thresholds.OVERFIT
    least = thresholds.OVERFIT_LEAST * run.first_validation_loss
    # the lowest, as the last may be that of an oscillation
    training = min(epoch.loss for epoch in history[best.number - 1 :])
    rose = isfinite(now) and now > rise * low and now - low > least
    if not rose or training >= best.loss:
        return None
    until, penalty = (config.until, config.penalty) if config else (None, None)
    patience = max(10, len(history) // 10)
    if isinstance(until, EarlyStopping):  # which was too patient
        patience = max(1, min(patience, until.patience // 2))
    words = (
        f"until=EarlyStopping(patience={patience}), which goes back to an epoch near "
        f"{best.number}, and penalty={'as it is' if penalty else 'L2(0.001)'}"
    )
    return Finding(
        (
            f"the validation loss was {shown(low)} in epoch {best.number} and is {shown(now)} now",
            f"meanwhile the training loss fell from {shown(best.loss)} to {shown(training)}",
        ),
        Remedy(words, setting(until=EarlyStopping(patience), penalty=penalty or L2(0.001))),
    )


@problem(
    "underfitting",
    "the model is too small, too strongly regularised, or stopped too early for these rows.",
    NOT_LEARNED | {"features unrelated to the target"},
)
def underfitting(run: RunFacts) -> Finding | None:
    """A training part that the model does not fit, although neighbours do; hardly any steps; or a
    penalty without which more epochs lead further.
    """
    hardly_begun = _too_short(run, whatever_was_learned=True)
    if not (run.behind > 1 or hardly_begun):
        return _held_back(run)
    config, score = run.config, f"on the training part itself {_scored(run)}"
    if run.behind > 1:
        score += f", where {_reachable(run)}"
    unfinished = hardly_begun or _unfinished(run)
    if config and config.penalty and (run.steps >= thresholds.FEW_STEPS or not unfinished):
        length = shown(run.history[-1].weight_norm) if run.history else "unknown"
        why = f"the penalty {config.penalty!r} keeps the weights small: their length is {length}"
        return Finding((score, why), Remedy("no penalty", setting(penalty=None)))
    if config and unfinished:
        enough = ceil(thresholds.FEW_STEPS * len(run.losses) / run.steps)
        epochs = max(4 * config.epochs, enough)
        remedy = Remedy(
            f"epochs={epochs}: it was still learning", lambda c: remedies.with_epochs(c, epochs)
        )
        return Finding((score, *unfinished), remedy)
    if not run.is_mlp:
        return Finding((score,), Remedy("a model with more units, or another hidden layer"))
    hidden, activation = remedies.hidden_layers(run.model)
    wider = [max(16, 2 * units) for units in hidden] or [16]
    activation = "tanh" if activation == "linear" else activation
    what = f"hidden layers of {hidden}"
    what = what if hidden else "no hidden layer, so its boundaries are straight lines"
    words = f'more units: hidden layers of {wider}, activation="{activation}"'
    remedy = Remedy(words, lambda c: remedies.with_hidden(c, wider, activation))
    return Finding((score, f"it has {what}"), remedy)


def _held_back(run: RunFacts) -> Finding | None:
    """A penalty without which some more epochs would have led further."""
    trial, config = run.trial_without_penalty, run.config
    if not trial or not config:
        return None
    kept, freed = trial
    name, word = ("accuracy", "accuracy") if run.classes else ("r_squared", "R²")
    scores = [getattr(epoch, f"validation_{name}") for epoch in trial]
    lower = freed.validation_loss < thresholds.FREED_LOSS * kept.validation_loss
    if not lower or not scores[1] > scores[0] + thresholds.FREED_SCORE:
        return None
    evidence = (
        f"the penalty {config.penalty!r} adds {shown(run.penalty)} to a training loss of "
        f"{shown(run.losses[-1])}"
    )
    compared = (
        f"after {kept.number} more epochs with it the validation {word} is {scores[0]:.3f}, after "
        f"as many without it {scores[1]:.3f}"
    )
    return Finding((evidence, compared), Remedy("no penalty", setting(penalty=None)))


def _unfinished(run: RunFacts) -> tuple[str, ...]:
    """Why more epochs would help, if so: it was still learning, and no rule had stopped it."""
    config, losses, half = run.config, run.losses, len(run.losses) // 2
    if config and config.until and len(losses) < config.epochs:
        return ()
    if run.falling > thresholds.FALLING:
        fell = f"{run.falling:.0%} over the last quarter of the run"
        return (f"its training loss still fell by {fell}",)
    if run.steps >= thresholds.FEW_STEPS or not losses:
        return ()
    few = f"{run.steps} steps are few for a network to learn in"
    if len(losses) < 4:
        return (few,)
    first, second = fmean(losses[:half]), fmean(losses[half:])
    if not first - second > thresholds.FALLING * first:
        return ()
    fell = f"{1 - second / first:.0%} from their first half to their second"
    return (f"{few}, and its training loss fell by {fell}",)


def _scored(run: RunFacts) -> str:
    right = f"{run.score():.0%} of the rows are right"
    return right if run.classes else f"its R² is {shown(run.score())}"


def _reachable(run: RunFacts) -> str:
    reached = f"{run.reachable:.0%}" if run.classes else f"an R² of {run.reachable:.2f}"
    return f"the {thresholds.NEIGHBOURS} nearest neighbours of each row alone get {reached}"
