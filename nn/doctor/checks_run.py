"""Checks of how the run went: the learning rate, and what was learned or not."""

from copy import deepcopy
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import ceil, inf, isfinite, isnan, nan
from statistics import fmean
from typing import Any

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from autograd import no_grad
from nn.analysis.hessian import at_most
from nn.doctor.checks_start import dead_units
from nn.doctor.findings import AT_THE_START, NOT_LEARNED, Finding, Remedy, problem
from nn.doctor.run_facts import RunFacts, loss_on
from nn.module import Module
from nn.optim import SGD, Optimizer
from nn.penalties import L2
from nn.training.callbacks import EarlyStopping
from nn.training.fit import rerun

UNRELATED = "features unrelated to the target"
KINKED = ("hinge", "mean_absolute_error")  # losses made of straight pieces


@problem("learning rate too large", AT_THE_START - {"symmetric initial weights"})
def too_fast(run: RunFacts) -> Finding | None:
    """The steps overshoot the minimum, so the loss oscillates or grows."""
    losses, diverged, ratio = run.losses or [0.0], run.history.diverged, run.rate / run.rate_unit
    low, last = min(losses), losses[-1]
    late = min(losses[-max(1, len(losses) // 10) :])  # which should come near the lowest again
    stayed_up = late > thresholds.GROWN * low and late - low > thresholds.GROWN_LEAST * losses[0]
    grew = last > thresholds.GROWN * low and last > losses[0]
    risen = len(losses) > 1 and (grew or stayed_up)
    overflowed = not last < 1e3 * max(1.0, losses[0])
    first = loss_on(run.start, run.sample, run.loss)
    jump = losses[0] / first if 0 < first < inf else nan
    half = losses[len(losses) // 2 :]  # in which it should not rise much between epochs
    rises = sum(max(b - a, 0.0) for a, b in pairwise(half)) / max(1, len(half) - 1)
    roughness = rises / fmean(half) if fmean(half) > 0 else 0.0
    rough, above = roughness > thresholds.ROUGH, ratio > run.lines.fast
    jumped = jump > thresholds.JUMP and ratio > run.lines.fast_jump
    killed = _killed(run) if above else 0
    # overfitting is none of these, nor is a run that oscillated and settled
    badly = rough or risen or killed or jump > thresholds.JUMP_FAR or run.behind > 1
    if not (diverged or overflowed or (badly and (above or jumped))):
        return None
    course = f"{low:.3g} at its lowest and is {last:.3g} at the end"
    shows = [
        (diverged, f"the run diverged in epoch {len(run.history) + 1}"),
        (overflowed or risen, f"the training loss was {course}"),
        (jumped, f"the loss jumped to {jump:.3g} times its value before the first step"),
        (killed, f"{killed} hidden units that were active before the first step are dead now"),
        (rough, f"between epochs the loss rises by {roughness:.0%} of its mean"),
        (True, _scored(run)),
    ]
    evidence = next(words for seen, words in shows if seen)
    return Finding((evidence, *_rate_in_words(run)), _other_rate(run, fast=True))


def _killed(run: RunFacts) -> int:
    """How many units of relu the run made dead, if they are many."""
    fraction, dead, _ = dead_units(run.after)
    killed = dead - dead_units(run.before)[1] if run.before else 0
    many = fraction >= thresholds.DEAD and killed >= thresholds.DEAD_LEAST and 2 * killed > dead
    return killed if many else 0


def _rate_in_words(run: RunFacts) -> tuple[str, ...]:
    """How large the rate is beside what it should be, if that is known."""
    ratio = run.rate / run.rate_unit
    if isnan(ratio):
        return ()
    if isinstance(run.optimizer, SGD):
        words = f"the rate of {run.rate:.3g} is {ratio:.2g} times the bound {_bound(run)}"
        return (words + ("; where batches differ the bound is lower still" if ratio < 2 else ""),)
    size = f"{ratio:.0%} of" if ratio < 10 else f"{ratio:.3g} times"
    moves = f"{type(run.optimizer).__name__} moves each weight by about its rate at each step"
    why = "2/λ is no bound for it, as it divides the gradient by its own size"
    return f"{moves}: {run.rate:.3g}, {size} the weights' size at the start", why


def _bound(run: RunFacts) -> str:
    """The bound of SGD in words."""
    formula, beta, kinks = "2/λ", "", ""
    if run.momentum:
        formula = "2(1 + β)/((1 + 2β)λ)" if run.optimizer.nesterov else "2(1 + β)/λ"
        beta = f", momentum β = {run.momentum:g}"
    if run.loss_name in KINKED:
        kinks = f"; {run.loss_name} also has kinks, which λ does not see"
    largest = f"largest curvature λ = {run.curvature:.3g}{beta}{kinks}"
    return f"{formula} = {run.rate_unit:.3g} ({largest})"


@problem("learning rate too small", AT_THE_START)
def too_slow(run: RunFacts) -> Finding | None:
    """The steps are so small that training ended before it converged."""
    losses, why = run.losses, _too_short(run)
    # else more epochs are the remedy, see underfitting
    if not why or _better_rate(run, fast=False)[0] < thresholds.RAISED * run.rate:
        return None
    first, last = losses[0], losses[-1]
    fell = f"{(first - last) / first if first else 0.0:.0%}, from {first:.3g} to {last:.3g}"
    course = f"in {len(losses)} epochs the training loss fell by {fell}"
    if len(losses) == 1:
        course = f"the training loss of its only epoch is {first:.3g}"
    return Finding((*why, course), _other_rate(run, fast=False))


def _too_short(run: RunFacts, whatever_was_learned: bool = False) -> tuple[str, ...]:
    """Why the steps cannot have led far, if so: by a stricter line if little was learned."""
    behind = run.behind > 1 and not whatever_was_learned
    line = run.lines.slow_way_behind if behind else run.lines.slow_way
    if not run.losses or run.history.diverged or not run.way < line:
        return ()
    rate, steps = f"{run.rate:.3g}", f"{run.steps} steps"
    if not isinstance(run.optimizer, SGD):
        moves = f"{type(run.optimizer).__name__} moves each weight by at most about its rate"
        far = f"{rate} in each of {steps}, {run.rate * run.steps:.3g} in all"
        weights = f"where the weights began with {run.first_weights:.3g} in size"
        return (f"{moves}: {far}, {weights}",)
    ratio = run.rate / run.rate_unit
    if not ratio < thresholds.SLOW_RATE:
        return ()
    way = f"rate x steps x curvature is {run.way:.3g}"
    few = f"{steps} of it are too few: {way}, and each e-fold of the sharpest direction takes 1"
    return f"the rate of {rate} is {ratio:.3g} of the bound {_bound(run)}", few


def _better_rate(run: RunFacts, fast: bool) -> tuple[float, str]:
    """For SGD half of the bound, for Adam what moves weights by a fiftieth; and why."""
    now, factor = run.rate, 1 - run.momentum
    tenth = (0.1 * now, "a tenth of what it was")
    if isnan(run.rate_unit):
        return tenth if fast else (10 * now, "ten times what it was")
    if isinstance(run.optimizer, SGD):
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
    factor = float(f"{rate:.2g}") / run.rate
    words = f"{type(optimizer).__name__}(learning_rate={factor * run.rate:.3g}, ...): {why}"
    if callable(optimizer.learning_rate):
        words = f"{factor:.2g} times the schedule of rates: {why}"
    return Remedy(words, partial(remedies.with_rate, factor=factor))


@problem("overfitting", AT_THE_START | {"learning rate too large", UNRELATED})
def overfitting(run: RunFacts) -> Finding | None:
    """The model memorises its training rows: better on them, worse on others."""
    history, best = run.history, run.history.best
    if best is None or history.diverged:
        return None
    now, low, first = run.validation_loss, best.validation_loss, history[0].validation_loss
    if run.validation and run.start:
        first = loss_on(run.start, run.validation, run.loss)
    memorised = now > thresholds.OVERFIT_GAP * history[-1].loss
    rise = thresholds.OVERFIT_RISE if memorised else thresholds.OVERFIT
    # the lowest, as the last may be that of an oscillation
    training = min(epoch.loss for epoch in history[best.number - 1 :])
    rose = isfinite(now) and now > rise * low and now - low > thresholds.OVERFIT_LEAST * first
    if not rose or training >= best.loss:
        return None
    patience = max(10, len(history) // 10)
    if isinstance(run.until, EarlyStopping):  # which was too patient
        patience = max(1, min(patience, run.until.patience // 2))
    back = f"which goes back to an epoch near {best.number}"
    words = f"until=EarlyStopping(patience={patience}), {back}, and penalty="
    words += "as it is" if run.penalty else "L2(0.001)"
    change = partial(replace, until=EarlyStopping(patience), penalty=run.penalty or L2(0.001))
    worse = f"the validation loss was {low:.3g} in epoch {best.number} and is {now:.3g} now"
    better = f"meanwhile the training loss fell from {best.loss:.3g} to {training:.3g}"
    return Finding((worse, better), Remedy(words, change))


@problem("underfitting", NOT_LEARNED | {UNRELATED})
def underfitting(run: RunFacts) -> Finding | None:
    """The model is too small, too strongly regularised, or stopped too early for these rows."""
    hardly_begun = _too_short(run, whatever_was_learned=True)
    if not (run.behind > 1 or hardly_begun):
        return _held_back(run)
    config, score = run.config, f"on the training part itself {_scored(run)}"
    unfinished = hardly_begun or _unfinished(run)
    if run.penalty and (run.steps >= thresholds.FEW_STEPS or not unfinished):
        length = run.history[-1].weight_norm if run.history else nan
        why = f"the penalty {run.penalty!r} keeps the weights small: their length is {length:.3g}"
        return Finding((score, why), Remedy("no penalty", partial(replace, penalty=None)))
    if config and unfinished:
        enough = ceil(thresholds.FEW_STEPS * len(run.losses) / run.steps)
        epochs = max(4 * config.epochs, enough)
        words = f"epochs={epochs}: it was still learning"
        change = partial(remedies.with_epochs, epochs=epochs)
        return Finding((score, *unfinished), Remedy(words, change))
    if not run.is_mlp:
        return Finding((score,), Remedy("a model with more units, or another hidden layer"))
    hidden, activation = remedies.hidden_layers(run.model)
    wider = [max(16, 2 * units) for units in hidden] or [16]
    activation = "tanh" if activation == "linear" else activation
    straight = "no hidden layer, so its boundaries are straight lines"
    what = f"it has {f'hidden layers of {hidden}' if hidden else straight}"
    words = f'more units: hidden layers of {wider}, activation="{activation}"'
    change = partial(remedies.with_hidden, hidden=wider, activation=activation)
    return Finding((score, what), Remedy(words, change))


def _held_back(run: RunFacts) -> Finding | None:
    """A penalty without which some more epochs lead further than with it."""
    config, history, model = run.config, run.history, run.model
    if not config or not run.penalty or not isinstance(run.optimizer, Optimizer):
        return None
    if not history or history.diverged or not run.validation or not isinstance(model, Module):
        return None
    with no_grad():
        penalty, rate = float(run.penalty(model.weights())), history[-1].learning_rate
    if not penalty > thresholds.PENALTY * history[-1].loss or not rate > 0:
        return None
    more: dict[str, Any] = {"optimizer": run.optimizer.fresh(learning_rate=rate), "until": None}
    more["epochs"] = max(thresholds.TRIAL_EPOCHS, len(history) // 10)
    rows = config.data, config.validation
    more["data"], more["validation"] = (at_most(thresholds.ROWS_TRIED, part) for part in rows)
    on = replace(config.with_model(deepcopy(model)), **more)
    kept, freed = (rerun(replace(on, penalty=x))[1] for x in (run.penalty, None))
    if not kept or not freed:
        return None
    name, word = ("accuracy", "accuracy") if run.classes else ("r_squared", "R²")
    scores = [getattr(trial[-1], f"validation_{name}") for trial in (kept, freed)]
    lower = freed[-1].validation_loss < thresholds.FREED_LOSS * kept[-1].validation_loss
    if not lower or not scores[1] > scores[0] + thresholds.FREED_SCORE:
        return None
    adds = f"adds {penalty:.3g} to a training loss of {run.losses[-1]:.3g}"
    trials = f"after {len(kept)} more epochs with it the validation {word} is {scores[0]:.3f}"
    trials += f", after as many without it {scores[1]:.3f}"
    evidence = f"the penalty {run.penalty!r} {adds}", trials
    return Finding(evidence, Remedy("no penalty", partial(replace, penalty=None)))


def _unfinished(run: RunFacts) -> tuple[str, ...]:
    """Why more epochs would help, if so: it was still learning, and no rule had stopped it."""
    config, losses, half = run.config, run.losses, len(run.losses) // 2
    if config and config.until and len(losses) < config.epochs:
        return ()
    if quarter := len(losses) // 4:
        third, last = fmean(losses[-2 * quarter : -quarter]), fmean(losses[-quarter:])
        if third > 0 and (third - last) / third > thresholds.FALLING:
            fell = f"{(third - last) / third:.0%} over the last quarter of the run"
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
    """The score on the training part, beside the reachable one if it falls short of that."""
    words, near = f"its R² is {run.score():.3g}", f"an R² of {run.reachable:.2f}"
    if run.classes:
        words, near = f"{run.score():.0%} of the rows are right", f"{run.reachable:.0%}"
    where = f"where the {thresholds.NEIGHBOURS} nearest neighbours of each row alone get {near}"
    return f"{words}, {where}" if run.behind > 1 else words
