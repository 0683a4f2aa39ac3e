"""Signs in the units: copies, flat spots, gradients that fade or grow on their way, and units that
are silent.
"""

import warnings
from collections.abc import Sequence
from math import hypot, inf, isfinite
from typing import Any

import nn.doctor.remedies as remedy
import nn.doctor.thresholds as thresholds
from nn.activations import SLOPES
from nn.doctor.remedies import Remedy
from nn.doctor.run_facts import Chart, shown
from nn.doctor.sign import Sign
from nn.doctor.units import Watched

__all__ = ["dead", "exploding", "saturated", "silent_units", "symmetric", "vanishing"]


def symmetric(chart: Chart) -> Sign | None:
    """Units of a hidden layer with the same weights, that are given, and sent back, the same."""
    layers = chart.before or chart.after
    for i, layer in enumerate(layers[:-1], 1):
        units = len(layer.given[0])
        if units > 1 and layer.copies() > thresholds.COPIES:
            init = remedy.usual_init(chart.model)
            return Sign(
                (
                    f"in layer {i} the {units} units are given the same and sent the same error for each of "
                    f"{len(layer.errors)} rows, {'before the first step' if chart.before else 'even now'}: they can "
                    "only move together, as one unit",
                ),
                Remedy(
                    f'init="{init}": random weights, which make units differ', remedy.with_initial
                ),
            )
    return None


def saturated(chart: Chart) -> Sign | None:
    """Hidden units on the flat parts of their activation from the start."""
    layers = [layer for layer in (chart.before or chart.after)[:-1] if layer.activation in SLOPES]
    if not layers:
        return None
    shares = [layer.flat(thresholds.FLAT_SLOPE) for layer in layers]
    worst = max(range(len(layers)), key=shares.__getitem__)
    if shares[worst] < thresholds.SATURATED:
        return None
    layer = layers[worst]
    given = sorted(abs(x) for row in layer.given for x in row)
    when = "before the first step" if chart.before else "now"
    return Sign(
        (
            f"{shares[worst]:.0%} of the answers of a {layer.activation} layer lie {when} where its slope is below "
            f"{thresholds.FLAT_SLOPE:.0%} of the steepest",
            f"its units are given numbers of {shown(given[len(given) // 2])} in size, where about 1 would do",
        ),
        Remedy('init="xavier", which keeps what units are given near 1', remedy.with_initial),
    )


def vanishing(chart: Chart) -> Sign | None:
    """An error that fades on its way back to the first layer."""
    layers = chart.before or chart.after
    if (
        len(layers) < 3 or silent_units(layers)[0] > thresholds.DEAD
    ):  # of units that are dead nothing comes back anyway
        return None
    first, last = layers[0].error(), layers[-1].error()
    line = thresholds.VANISHED_BEHIND if chart.behind > 1 else thresholds.VANISHED
    if not last > 0 or not isfinite(first) or first >= line * last:
        return None
    hidden = layers[0].activation
    evidence = (
        f"{'before the first step' if chart.before else 'now'} the error is {shown(last)} at the last of {len(layers)} "
        f"layers and {shown(first)} at the first: {shown(first / last)} of it arrives",
    )
    if hidden == "sigmoid":
        return Sign(
            (*evidence, "the slope of sigmoid is at most 1/4, and each layer multiplies by it"),
            Remedy('activation="relu" with init="he"', lambda r: remedy.with_initial(r, "relu")),
        )
    init = remedy.usual_init(chart.model)
    return Sign(
        evidence, Remedy(f'init="{init}", which keeps the error from fading', remedy.with_initial)
    )


def exploding(chart: Chart) -> Sign | None:
    """A gradient at the start far above that of the same net with usual weights."""
    if not chart.recipe or not chart.before or len(chart.before) < 2:
        return None
    usual = remedy.with_initial(chart.recipe)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mine, theirs = _gradient(chart, chart.start), _gradient(chart, usual.model)
    if not mine > thresholds.EXPLODED * theirs > 0:
        return None
    first, last = chart.before[0].error(), chart.before[-1].error()
    init = remedy.usual_init(chart.model)
    return Sign(
        (
            f'the gradient is {shown(mine)} long before the first step; with init="{init}" it would be {shown(theirs)}',
            f"the error is {shown(last)} at the last layer and {shown(first)} at the first",
        ),
        Remedy(
            f'init="{init}", for weights that neither grow nor shrink what passes',
            remedy.with_initial,
        ),
    )


def _gradient(chart: Chart, model: Any) -> float:
    """The length of the gradient of the loss on some rows."""
    rows = chart.sample[: thresholds.ROWS_BACK]
    parameters = model.parameters()
    for p in parameters:
        p.zero_grad()
    try:
        chart.loss([model(row) for row in rows.features], rows.targets).backward()
    except OverflowError:
        return inf
    length = hypot(*(p.grad for p in parameters))
    for p in parameters:
        p.zero_grad()
    return length if isfinite(length) else inf


def dead(chart: Chart) -> Sign | None:
    """Rectified units that answer 0 to every row."""
    share, silent, units = silent_units(chart.after)
    if share < thresholds.DEAD or silent < thresholds.DEAD_LEAST:
        return None
    _, born, _ = silent_units(chart.before)
    evidence = [
        f"{silent} of {units} hidden units answer 0 to each of {len(chart.sample)} rows, so they learn no more"
    ]
    if chart.before:
        evidence.append(f"{born} of them were so before the first step")
    return Sign(
        tuple(evidence),
        Remedy(
            'activation="leaky_relu" with init="he" and biases at 0: its slope is never 0',
            lambda r: remedy.with_initial(r, "leaky_relu"),
        ),
    )


def silent_units(layers: Sequence[Watched]) -> tuple[float, int, int]:
    """Of the rectified hidden units the share that is silent, their number, and that of all."""
    rectified = [layer for layer in layers[:-1] if layer.activation == "relu"]
    units, silent = (
        sum(len(layer.answers[0]) for layer in rectified),
        sum(layer.silent() for layer in rectified),
    )
    return (silent / units if units else 0.0), silent, units
