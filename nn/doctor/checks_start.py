"""Checks of the units: copies, flat spots, gradients that shrink or grow, dead units."""

from collections.abc import Sequence
from math import isfinite

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import BOUNDED
from nn.doctor.findings import AT_THE_START, Finding, Remedy, problem
from nn.doctor.run_facts import LayerFacts, RunFacts, shown

__all__ = ["dead", "dead_units", "exploding", "saturated", "symmetric", "vanishing"]


@problem(
    "symmetric initial weights",
    "units that start with equal weights stay equal: the layer works like a single unit.",
)
def symmetric(run: RunFacts) -> Finding | None:
    """Units of a hidden layer with the same weights, which receive the same errors."""
    layers, when = run.first_layers
    for i, layer in enumerate(layers[:-1], 1):
        if layer.copies() > thresholds.COPIES:
            evidence = (
                f"in layer {i} the {len(layer.layer.neurons)} units have the same weights and "
                f"receive the same error for each of {len(layer.errors)} rows, {when}: they can "
                "only move together, as one unit"
            )
            words = f'init="{remedies.usual_init(layer.layer)}": random weights, which differ'
            return Finding((evidence,), Remedy(words, remedies.with_initial))
    return None


@problem(
    "saturated units",
    "units start on the flat parts of their activation, where the gradient is almost 0.",
    frozenset({"unscaled inputs"}),
)
def saturated(run: RunFacts) -> Finding | None:
    """Hidden units on the flat parts of a bounded activation at the start."""
    layers, when = run.first_layers
    bounded = [layer.activity for layer in layers[:-1] if layer.activity.activation in BOUNDED]
    worst = max(bounded, key=lambda activity: activity.flat, default=None)
    if worst is None or worst.flat < thresholds.SATURATED:
        return None
    evidence = (
        f"{worst.flat:.0%} of the outputs of a {worst.activation} layer are {when} where its slope "
        "is below 10% of the steepest"
    )
    words = 'init="xavier", which keeps the inputs of units near 1'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


@problem(
    "exploding gradients",
    "the initial weights are so large that gradients grow from layer to layer.",
    frozenset({"unscaled inputs", "saturated units"}),
)
def exploding(run: RunFacts) -> Finding | None:
    """A gradient at the start far above that of the same network with usual initial weights."""
    if not run.config or len(run.before) < 2:
        return None
    mine, usual = run.gradient(run.start), run.gradient(remedies.with_initial(run.config).model)
    if not mine > thresholds.EXPLODED * usual > 0:
        return None
    first, last = (shown(run.before[k].error()) for k in (0, -1))
    init = remedies.usual_init(run.before[0].layer)
    evidence = (
        f"the gradient has the length {shown(mine)} before the first step; with "
        f'init="{init}" it would be {shown(usual)}'
    )
    errors = f"the error is {last} at the last layer and {first} at the first"
    words = f'init="{init}", with which signals neither grow nor shrink'
    return Finding((evidence, errors), Remedy(words, remedies.with_initial))


@problem(
    "vanishing gradients",
    "the gradient shrinks on its way back, so the first layers hardly learn.",
    AT_THE_START - {"unscaled target"},
)
def vanishing(run: RunFacts) -> Finding | None:
    """An error that shrinks on its way back to the first layer."""
    layers, when = run.first_layers
    # nothing comes back through dead units anyway
    if len(layers) < 3 or dead_units(layers)[0] > thresholds.DEAD:
        return None
    first, last = layers[0].error(), layers[-1].error()
    line = thresholds.VANISHED_BEHIND if run.behind > 1 else thresholds.VANISHED
    if not last > 0 or not isfinite(first) or first >= line * last:
        return None
    evidence = (
        f"{when} the error is {shown(last)} at the last of {len(layers)} layers and {shown(first)} "
        f"at the first: {shown(first / last)} of it arrives"
    )
    if layers[0].activity.activation == "sigmoid":
        why = "the slope of sigmoid is at most 1/4, and each layer multiplies by it"
        words = 'activation="relu" with init="he"'
        return Finding((evidence, why), Remedy(words, lambda c: remedies.with_initial(c, "relu")))
    words = f'init="{remedies.usual_init(layers[0].layer)}", which keeps the error from shrinking'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


@problem(
    "dead ReLUs",
    "units that output 0 for every row have no gradient and never learn again.",
    AT_THE_START | {"learning rate too large"},
)
def dead(run: RunFacts) -> Finding | None:
    """Hidden units of relu that output 0 for every row."""
    fraction, silent, units = dead_units(run.after)
    if fraction < thresholds.DEAD or silent < thresholds.DEAD_LEAST:
        return None
    evidence = (
        f"{silent} of {units} hidden units output 0 for each of {len(run.sample)} rows, so they "
        "no longer learn"
    )
    start = f"{dead_units(run.before)[1]} of them did so before the first step"
    words = 'activation="leaky_relu" with init="he" and biases at 0: its slope is never 0'
    remedy = Remedy(words, lambda c: remedies.with_initial(c, "leaky_relu"))
    return Finding((evidence, start) if run.before else (evidence,), remedy)


def dead_units(layers: Sequence[LayerFacts]) -> tuple[float, int, int]:
    """Of the hidden units of relu, the fraction that is dead, their number, and that of all."""
    relu = [layer for layer in layers[:-1] if layer.activity.activation == "relu"]
    dead = sum(layer.silent() for layer in relu)
    units = sum(len(layer.layer.neurons) for layer in relu)
    return dead / units if units else 0.0, dead, units
