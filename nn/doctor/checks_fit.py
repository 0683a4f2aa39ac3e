"""Checks of what was learned: the rows by heart, or too little."""

from copy import deepcopy
from dataclasses import replace
from functools import partial
from math import ceil, isfinite, nan
from statistics import fmean
from typing import Any

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from autograd import no_grad
from nn.analysis.hessian import at_most
from nn.doctor.checks_rate import too_short
from nn.doctor.findings import AT_THE_START, NOT_LEARNED, Finding, Remedy, problem
from nn.doctor.run_facts import RunFacts, loss_on
from nn.module import Module
from nn.optim import Optimizer
from nn.penalties import L2
from nn.training.callbacks import EarlyStopping
from nn.training.fit import rerun

UNRELATED = "features unrelated to the target"
NO_PENALTY = Remedy("no penalty", partial(replace, penalty=None))


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
    hardly_begun = too_short(run, whatever_was_learned=True)
    if not (run.behind > 1 or hardly_begun):
        return _held_back(run)
    config, score = run.config, f"on the training part itself {run.scored}"
    unfinished = hardly_begun or _unfinished(run)
    if run.penalty and (run.steps >= thresholds.FEW_STEPS or not unfinished):
        length = run.history[-1].weight_norm if run.history else nan
        why = f"the penalty {run.penalty!r} keeps the weights small: their length is {length:.3g}"
        return Finding((score, why), NO_PENALTY)
    if config and unfinished:
        epochs = max(4 * config.epochs, ceil(thresholds.FEW_STEPS * len(run.losses) / run.steps))
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
    return Finding((f"the penalty {run.penalty!r} {adds}", trials), NO_PENALTY)


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
