"""The table of illnesses, causes before what they cause: the first that is found is the most
important.
"""

from nn.doctor.checks_data import imbalance, leak, unfit, unscaled, unscaled_target
from nn.doctor.checks_run import overfitting, too_fast, too_slow, underfitting
from nn.doctor.checks_start import dead, exploding, saturated, symmetric, vanishing
from nn.doctor.sign import Illness

__all__ = ["ILLNESSES"]

UNSCALED = frozenset({"unscaled inputs"})
TARGET = frozenset({"unscaled target"})
# What is wrong before the first step.
AT_THE_START = UNSCALED | {
    *("symmetric initial weights", "saturated units", "exploding gradients", "vanishing gradients")
}
# What keeps a run from learning, so that what it learned says nothing about the size of the model.
CAUSES = (
    AT_THE_START
    | TARGET
    | {
        *(
            "labels that this loss cannot fit",
            "learning rate too large",
            "dead ReLUs",
            "learning rate too small",
        ),
        "class imbalance",
    }
)

ILLNESSES: tuple[Illness, ...] = (
    Illness(
        "labels that this loss cannot fit",
        "what is asked for is beyond what the outputs can say, or contradicts itself.",
        "targets against the last activation and the loss; equal rows with unlike labels",
        unfit,
    ),
    Illness(
        "leaking validation rows",
        "rows that the model learned from also judge it, so it looks better than it is.",
        "rows that stand in both parts, beyond what rows repeat by themselves",
        leak,
    ),
    Illness(
        "unscaled inputs",
        "the features are of very unlike sizes, so no learning rate suits all directions.",
        "the root mean square of each feature, and its mean in deviations",
        unscaled,
    ),
    Illness(
        "unscaled target",
        "the number asked for is far from what a new net answers, so that it diverges or never gets there.",
        "the size of a regression's target, if the run did not fit it",
        unscaled_target,
    ),
    Illness(
        "symmetric initial weights",
        "units that begin as copies stay copies: the layer is as good as a single unit.",
        "what units are given and sent back before the first step",
        symmetric,
    ),
    Illness(
        "saturated units",
        "units begin on the flat parts of their activation, where hardly any gradient passes.",
        "the slopes of bounded activations before the first step",
        saturated,
        UNSCALED,
    ),
    Illness(
        "exploding gradients",
        "initial weights so large that gradients grow from layer to layer.",
        "the gradient before the first step, beside that of usual weights",
        exploding,
        UNSCALED | {"saturated units"},
    ),
    Illness(
        "vanishing gradients",
        "the error fades on its way back, so the first layers hardly learn.",
        "the error at the first layer over that at the last, before the first step",
        vanishing,
        AT_THE_START,
    ),
    Illness(
        "learning rate too large",
        "the steps overshoot the valley, and the loss swings or grows.",
        "divergence and rises of the loss, with the rate over its curvature bound",
        too_fast,
        (AT_THE_START | TARGET) - {"symmetric initial weights"},
    ),
    Illness(
        "dead ReLUs",
        "units that answer 0 to every row have no gradient and never learn again.",
        "answers of rectified units over the rows, now",
        dead,
        AT_THE_START | TARGET | {"learning rate too large"},
    ),
    Illness(
        "learning rate too small",
        "the steps are so short that the run ended before it arrived.",
        "rate x steps x curvature; for Adam and RMSProp rate x steps over the weights' size",
        too_slow,
        AT_THE_START | TARGET,
    ),
    Illness(
        "class imbalance",
        "one class is so rare that ignoring it costs the loss next to nothing.",
        "the rarest class's share, and how many of its rows are found",
        imbalance,
    ),
    Illness(
        "overfitting",
        "it learns its rows by heart: better on them, worse on others.",
        "the validation loss now over its best",
        overfitting,
        AT_THE_START | TARGET | {"learning rate too large"},
    ),
    Illness(
        "underfitting",
        "the model is too small, held too tight, or stopped too soon, for what the rows show.",
        "the score on the training part beside that of nearest neighbours",
        underfitting,
        CAUSES,
    ),
)
