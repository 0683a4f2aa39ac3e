"""The table of problems, causes before their effects, the most important first."""

from collections.abc import Callable
from typing import NamedTuple

import nn.doctor.checks_data as checks_data
import nn.doctor.checks_run as checks_run
import nn.doctor.checks_start as checks_start
from nn.doctor.remedies import Finding
from nn.doctor.run_facts import RunFacts

__all__ = ["PROBLEMS", "Problem"]


class Problem(NamedTuple):
    """A row of the table: a name, a sentence that explains it, and the check, which gives evidence
    and a remedy. It is not reported beside a problem that causes it.
    """

    name: str
    sentence: str
    check: Callable[[RunFacts], Finding | None]
    causes: frozenset[str] = frozenset()


SCALES = frozenset({"unscaled inputs", "unscaled target"})
# What is wrong before the first step.
AT_THE_START = SCALES | {
    *("symmetric initial weights", "saturated units", "exploding gradients", "vanishing gradients")
}
# What keeps a run from learning, so that what it learned says nothing about rows or model.
NOT_LEARNED = AT_THE_START | {
    *("labels that this loss cannot fit", "learning rate too large", "learning rate too small"),
    *("dead ReLUs", "class imbalance"),
}

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "labels that this loss cannot fit",
        "the model cannot output the targets, or the targets contradict one another.",
        checks_data.unfit,
    ),
    Problem(
        "leaking validation rows",
        "rows that the model was trained on also evaluate it, so it looks better than it is.",
        checks_data.leak,
    ),
    Problem(
        "unscaled inputs",
        "the features differ widely in scale, so no learning rate suits all of them.",
        checks_data.unscaled,
    ),
    Problem(
        "unscaled target",
        "the target is far from what a new network outputs, so training diverges or falls short.",
        checks_data.unscaled_target,
    ),
    Problem(
        "symmetric initial weights",
        "units that start with equal weights stay equal: the layer works like a single unit.",
        checks_start.symmetric,
    ),
    Problem(
        "saturated units",
        "units start on the flat parts of their activation, where the gradient is almost 0.",
        checks_start.saturated,
        frozenset({"unscaled inputs"}),
    ),
    Problem(
        "exploding gradients",
        "the initial weights are so large that gradients grow from layer to layer.",
        checks_start.exploding,
        frozenset({"unscaled inputs", "saturated units"}),
    ),
    Problem(
        "vanishing gradients",
        "the gradient shrinks on its way back, so the first layers hardly learn.",
        checks_start.vanishing,
        AT_THE_START - {"unscaled target"},
    ),
    Problem(
        "learning rate too large",
        "the steps overshoot the minimum, so the loss oscillates or grows.",
        checks_run.too_fast,
        AT_THE_START - {"symmetric initial weights"},
    ),
    Problem(
        "dead ReLUs",
        "units that output 0 for every row have no gradient and never learn again.",
        checks_start.dead,
        AT_THE_START | {"learning rate too large"},
    ),
    Problem(
        "learning rate too small",
        "the steps are so small that training ended before it converged.",
        checks_run.too_slow,
        AT_THE_START,
    ),
    Problem(
        "class imbalance",
        "one class is so rare that ignoring it costs hardly any loss.",
        checks_data.imbalance,
    ),
    Problem(
        "features unrelated to the target",
        "the model predicts new rows no better than a constant would, and so do neighbours.",
        checks_data.unrelated,
        NOT_LEARNED,
    ),
    Problem(
        "overfitting",
        "the model memorises its training rows: better on them, worse on others.",
        checks_run.overfitting,
        AT_THE_START | {"learning rate too large", "features unrelated to the target"},
    ),
    Problem(
        "underfitting",
        "the model is too small, too strongly regularised, or stopped too early for these rows.",
        checks_run.underfitting,
        NOT_LEARNED | {"features unrelated to the target"},
    ),
)
