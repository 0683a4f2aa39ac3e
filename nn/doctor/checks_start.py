"""Checks of the units: copies, flat spots, gradients that shrink or grow, dead units."""

from collections.abc import Sequence
from math import hypot, inf, isfinite
from typing import Any

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import BOUNDED
from nn.doctor.findings import AT_THE_START, Finding, Remedy, problem
from nn.doctor.run_facts import LayerFacts, RunFacts
from nn.training.backends import replay_or_eager
from nn.training.evaluation import unchanged


@problem("symmetric initial weights")
def symmetric(run: RunFacts) -> Finding | None:
    """Units that start with equal weights stay equal: the layer works like a single unit."""
    layers, when = run.first_layers
    for i, layer in enumerate(layers[:-1], 1):
        if layer.copies() > thresholds.COPIES:
            units = f"in layer {i} the {len(layer.layer.neurons)} units have the same weights"
            errors = f"receive the same error for each of {len(layer.errors)} rows, {when}"
            evidence = f"{units} and {errors}: they can only move together, as one unit"
            words = f'init="{remedies.usual_init(layer.layer)}": random weights, which differ'
            return Finding((evidence,), Remedy(words, remedies.with_initial))
    return None


@problem("saturated units", frozenset({"unscaled inputs"}))
def saturated(run: RunFacts) -> Finding | None:
    """Units start on the flat parts of their activation, where the gradient is almost 0."""
    layers, when = run.first_layers
    bounded = [layer.activity for layer in layers[:-1] if layer.activity.activation in BOUNDED]
    worst = max(bounded, key=lambda activity: activity.flat, default=None)
    if worst is None or worst.flat < thresholds.SATURATED:
        return None
    outputs = f"{worst.flat:.0%} of the outputs of a {worst.activation} layer"
    evidence = f"{outputs} are {when} where its slope is below 10% of the steepest"
    words = 'init="xavier", which keeps the inputs of units near 1'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


@problem("exploding gradients", frozenset({"unscaled inputs", "saturated units"}))
def exploding(run: RunFacts) -> Finding | None:
    """The initial weights are so large that gradients grow from layer to layer."""
    if not run.config or len(run.before) < 2:
        return None
    mine, usual = (_gradient(run, x) for x in (run.start, remedies.with_initial(run.config).model))
    if not mine > thresholds.EXPLODED * usual > 0:
        return None
    first, last = (f"{run.before[k].error():.3g}" for k in (0, -1))
    init = f'init="{remedies.usual_init(run.before[0].layer)}"'
    length = f"the gradient has the length {mine:.3g} before the first step"
    evidence = f"{length}; with {init} it would be {usual:.3g}"
    errors = f"the error is {last} at the last layer and {first} at the first"
    words = f"{init}, with which signals neither grow nor shrink"
    return Finding((evidence, errors), Remedy(words, remedies.with_initial))


def _gradient(run: RunFacts, model: Any) -> float:
    """The length of the gradient of the loss on some rows; inf if it overflows."""
    rows = run.sample[: thresholds.ROWS_BACK]
    with unchanged(model):
        try:
            _, loss = replay_or_eager(model, run.loss, rows).gradient(rows)
        except OverflowError:
            return inf
        length = hypot(*(p.grad for p in model.parameters()))
    return length if isfinite(loss) and isfinite(length) else inf


@problem("vanishing gradients", AT_THE_START - {"unscaled target"})
def vanishing(run: RunFacts) -> Finding | None:
    """The gradient shrinks on its way back, so the first layers hardly learn."""
    layers, when = run.first_layers
    # nothing comes back through dead units anyway
    if len(layers) < 3 or dead_units(layers)[0] > thresholds.DEAD:
        return None
    first, last = layers[0].error(), layers[-1].error()
    line = thresholds.VANISHED_BEHIND if run.behind > 1 else thresholds.VANISHED
    if not last > 0 or not isfinite(first) or first >= line * last:
        return None
    back = f"{last:.3g} at the last of {len(layers)} layers and {first:.3g} at the first"
    evidence = f"{when} the error is {back}: {first / last:.3g} of it arrives"
    if layers[0].activity.activation == "sigmoid":
        why = "the slope of sigmoid is at most 1/4, and each layer multiplies by it"
        words = 'activation="relu" with init="he"'
        return Finding((evidence, why), Remedy(words, lambda c: remedies.with_initial(c, "relu")))
    words = f'init="{remedies.usual_init(layers[0].layer)}", which keeps the error from shrinking'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


@problem("dead ReLUs", AT_THE_START | {"learning rate too large"})
def dead(run: RunFacts) -> Finding | None:
    """Units that output 0 for every row have no gradient and never learn again."""
    fraction, silent, units = dead_units(run.after)
    if fraction < thresholds.DEAD or silent < thresholds.DEAD_LEAST:
        return None
    many = f"{silent} of {units} hidden units output 0 for each of {len(run.sample)} rows"
    start = f"{dead_units(run.before)[1]} of them did so before the first step"
    evidence = (f"{many}, so they no longer learn", *([start] if run.before else []))
    words = 'activation="leaky_relu" with init="he" and biases at 0: its slope is never 0'
    return Finding(evidence, Remedy(words, lambda c: remedies.with_initial(c, "leaky_relu")))


def dead_units(layers: Sequence[LayerFacts]) -> tuple[float, int, int]:
    """Of the hidden units of relu, the fraction that is dead, their number, and that of all."""
    relu = [layer.activity for layer in layers[:-1] if layer.activity.activation == "relu"]
    dead = [not any(unit) for activity in relu for unit in zip(*activity.outputs, strict=True)]
    return sum(dead) / len(dead) if dead else 0.0, sum(dead), len(dead)
