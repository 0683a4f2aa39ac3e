"""Checks of the learning rate: too large, or too small."""

from functools import partial
from itertools import pairwise
from math import inf, isnan, nan
from statistics import fmean
from typing import Any

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.doctor.checks_start import dead_units
from nn.doctor.findings import AT_THE_START, Finding, Remedy, problem
from nn.doctor.run_facts import RunFacts, loss_on
from nn.optim import SGD, Optimizer

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
        (True, run.scored),
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
    losses, why = run.losses, too_short(run)
    # else more epochs are the remedy, see underfitting
    if not why or _better_rate(run, fast=False)[0] < thresholds.RAISED * run.rate:
        return None
    first, last = losses[0], losses[-1]
    fell = f"{(first - last) / first if first else 0.0:.0%}, from {first:.3g} to {last:.3g}"
    course = f"in {len(losses)} epochs the training loss fell by {fell}"
    if len(losses) == 1:
        course = f"the training loss of its only epoch is {first:.3g}"
    return Finding((*why, course), _other_rate(run, fast=False))


def too_short(run: RunFacts, whatever_was_learned: bool = False) -> tuple[str, ...]:
    """Why the steps cannot have led far, if so: by a stricter line if little was learned."""
    behind = run.behind > 1 and not whatever_was_learned
    line = run.lines.slow_way_behind if behind else run.lines.slow_way
    if not run.losses or run.history.diverged or not run.way < line:
        return ()
    rate, steps = f"{run.rate:.3g}", f"{run.steps} steps"
    if not isinstance(run.optimizer, SGD):
        moves = f"{type(run.optimizer).__name__} moves each weight by at most about its rate"
        far = f"{rate} in each of {steps}, {run.rate * run.steps:.3g} in all"
        return (f"{moves}: {far}, where the weights began with {run.first_weights:.3g} in size",)
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
