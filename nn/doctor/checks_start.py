"""Checks of the units: copies, flat spots, gradients that shrink or grow, dead units."""

from collections.abc import Sequence
from math import isfinite

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import SLOPES
from nn.doctor.remedies import Finding, Remedy
from nn.doctor.run_facts import LayerFacts, RunFacts, shown

__all__ = ["dead", "dead_units", "exploding", "saturated", "symmetric", "vanishing"]


def symmetric(run: RunFacts) -> Finding | None:
    """Units of a hidden layer with the same weights, which receive the same errors."""
    when = "before the first step" if run.before else "even now"
    for i, layer in enumerate((run.before or run.after)[:-1], 1):
        if layer.copies() > thresholds.COPIES:
            evidence = (
                f"in layer {i} the {len(layer.layer.neurons)} units have the same weights and "
                f"receive the same error for each of {len(layer.errors)} rows, {when}: they can "
                "only move together, as one unit"
            )
            words = f'init="{remedies.usual_init(run.model)}": random weights, which differ'
            return Finding((evidence,), Remedy(words, remedies.with_initial))
    return None


def saturated(run: RunFacts) -> Finding | None:
    """Hidden units on the flat parts of a bounded activation at the start."""
    layers = [layer for layer in (run.before or run.after)[:-1] if layer.activation in SLOPES]
    worst = max(layers, key=lambda layer: layer.activity.flat, default=None)
    if worst is None or worst.activity.flat < thresholds.SATURATED:
        return None
    evidence = (
        f"{worst.activity.flat:.0%} of the outputs of a {worst.activation} layer are "
        f"{'before the first step' if run.before else 'now'} where its slope is below 10% of the "
        "steepest"
    )
    words = 'init="xavier", which keeps the inputs of units near 1'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


def vanishing(run: RunFacts) -> Finding | None:
    """An error that shrinks on its way back to the first layer."""
    layers = run.before or run.after
    # nothing comes back through dead units anyway
    if len(layers) < 3 or dead_units(layers)[0] > thresholds.DEAD:
        return None
    first, last = layers[0].error(), layers[-1].error()
    line = thresholds.VANISHED_BEHIND if run.behind > 1 else thresholds.VANISHED
    if not last > 0 or not isfinite(first) or first >= line * last:
        return None
    when = "before the first step" if run.before else "now"
    evidence = (
        f"{when} the error is {shown(last)} at the last of {len(layers)} layers and {shown(first)} "
        f"at the first: {shown(first / last)} of it arrives"
    )
    if layers[0].activation == "sigmoid":
        return Finding(
            (evidence, "the slope of sigmoid is at most 1/4, and each layer multiplies by it"),
            Remedy('activation="relu" with init="he"', lambda c: remedies.with_initial(c, "relu")),
        )
    words = f'init="{remedies.usual_init(run.model)}", which keeps the error from shrinking'
    return Finding((evidence,), Remedy(words, remedies.with_initial))


def exploding(run: RunFacts) -> Finding | None:
    """A gradient at the start far above that of the same network with usual initial weights."""
    if not run.config or len(run.before) < 2:
        return None
    mine, usual = run.gradient(run.start), run.gradient(remedies.with_initial(run.config).model)
    if not mine > thresholds.EXPLODED * usual > 0:
        return None
    first, last = run.before[0].error(), run.before[-1].error()
    init = remedies.usual_init(run.model)
    return Finding(
        (
            f"the gradient has the length {shown(mine)} before the first step; with "
            f'init="{init}" it would be {shown(usual)}',
            f"the error is {shown(last)} at the last layer and {shown(first)} at the first",
        ),
        Remedy(f'init="{init}", with which signals neither grow nor shrink', remedies.with_initial),
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
    return Finding(
        (evidence, start) if run.before else (evidence,),
        Remedy(words, lambda c: remedies.with_initial(c, "leaky_relu")),
    )


def dead_units(layers: Sequence[LayerFacts]) -> tuple[float, int, int]:
    """Of the hidden units of relu, the fraction that is dead, their number, and that of all."""
    relu = [layer for layer in layers[:-1] if layer.activation == "relu"]
    dead = sum(layer.silent() for layer in relu)
    units = sum(len(layer.layer.neurons) for layer in relu)
    return dead / units if units else 0.0, dead, units
