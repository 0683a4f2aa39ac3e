"""Every number that a check compares with, and why it is this one.

They were chosen on the even half of ``tests/zoo``, on runs that users reported, and on a few that
were generated; README says what is known of the odd half, and how often it was looked at."""

from typing import NamedTuple

# Of the validation rows, those also in the training part, beyond what rows repeat there anyway: by
# chance a split of real data shares one or two.
LEAK = 0.1
# Values of every feature up to which repeated rows are to be expected, as of counts and answers.
FEW_VALUES = 10
# Features far from 1 make one direction of the loss so much steeper than another (its curvature
# goes with their square) that no single rate suits both. Centimetres of irises (1.4 to 5.9) are
# fine, grams of wine (0.1 to 800) are not. The last two hold for a regression's target and its
# deviation too, if the run did not fit it.
SCALE_RATIO, SCALE_LARGEST, SCALE_SMALLEST = 20.0, 20.0, 0.05
# The mean in standard deviations beyond which a feature is nearly a constant, like the bias.
OFFSET = 30.0
# The size of the rarest class as a fraction of an even one, and how far its recall is below the
# best class's: a class that is found is no problem.
RARE, RARE_RECALL = 0.25, 0.15
# Rows that also occur with another label, of all: a few are noise, which a model is to smooth over.
CONTRADICTED = 0.1
# Targets outside the range of the last activation, of all.
OUT_OF_RANGE = 0.02
# Rows below which it says little that nothing was found: of all, and of the validation part.
FEW_ROWS, FEW_VALIDATION_ROWS = 40, 20
# An R² below which the features say nothing about the target; for classes the line is the frequency
# of the most frequent one and so many standard errors, unless that is too frequent to tell.
NO_USE_R2, CHANCE, TOO_FREQUENT = 0.05, 2.0, 0.75
# Standard errors of a correlation that hundreds of unrelated features do not reach.
RELATED = 4.5

# Units of a layer with the weights and errors of another; outputs at which an activation is flat.
COPIES, SATURATED = 0.9, 0.5
# The error that reaches the first layer over that at the last: the cause below the first if too
# little was learned, below the second anyway. Three layers of sigmoid are at 0.01, and may learn.
VANISHED_BEHIND, VANISHED = 0.01, 0.001
# The gradient at the start over that of the same network with usual weights.
EXPLODED = 20.0
# Hidden units of relu that output 0 for every row, as a fraction (a fifth or so is usual and
# harmless) and in number (of two or three units, a dead one says more about their number).
DEAD, DEAD_LEAST = 0.35, 3


class RateLines(NamedTuple):
    """Lines for the rate over its unit (for SGD the bound by the curvature; for Adam and RMSProp,
    which move each weight by about the rate, the size of the first weights), and for rate x steps
    over that, or x curvature, which says how often a slope can have been used up."""

    fast: float  # above it the rate is the cause if the run went badly,
    fast_jump: float  # above this if the loss also jumped at the first steps
    slow_way: float  # below it nothing can have been learned,
    slow_way_behind: float  # and below this that is the cause if too little was


SGD_LINES, ADAPTIVE_LINES = RateLines(1.0, 0.3, 3.0, 50.0), RateLines(0.2, 0.1, 0.3, 1.5)
# Of SGD's bound, below which the rate may be too small: if the better one is so many times as
# large; else there were too few epochs.
SLOW_RATE, RAISED = 0.03, 2.0
# The largest rate that is recommended (with momentum, times 1 - β): where the loss is almost flat
# at the start, 2/λ says nothing of the slopes that follow.
LARGEST_RATE = 1.0
# The training loss at the end over its lowest, and the least difference that counts, as a fraction
# of the first epoch's.
GROWN, GROWN_LEAST = 1.5, 0.05
# The loss of the first epoch over that before the first step, below 1 in a sound run; beyond the
# second the initial weights no longer count, so that it is a problem even if all went well after.
JUMP, JUMP_FAR = 1.3, 10.0
# The mean rise of the training loss over the second half, as a fraction of its mean: batches make
# it rough, but not so rough.
ROUGH = 0.5

# The validation loss at the end over its lowest, and the least difference that counts, as a
# fraction of that before the first step; a smaller rise will do if it is also so many times the
# training loss.
OVERFIT, OVERFIT_LEAST, OVERFIT_GAP, OVERFIT_RISE = 1.2, 0.02, 30.0, 1.08
# Behind what so many neighbours get right: accuracy, and R².
BEHIND_ACCURACY, BEHIND_R2, NEIGHBOURS = 0.05, 0.1, 5
# A penalty is tried without if it is so large beside the training loss; for so many epochs, or a
# tenth of the run's. It is too strong if without it the validation loss ends below this fraction
# of that with it, and the accuracy or R² above it by this much.
PENALTY, TRIAL_EPOCHS, FREED_LOSS, FREED_SCORE = 0.2, 5, 0.9, 0.01
# A training loss that still falls by this fraction from the third quarter to the last wants more
# epochs, not more units; so does a network that was given fewer steps than this.
FALLING, FEW_STEPS = 0.02, 300

# How many rows are looked at: for units (a fraction is then known to a few hundredths), of these
# for errors and gradients, for predictions, and for neighbours (the cost goes with the square); and
# how many more epochs are tried on, with a penalty and without it.
ROWS, ROWS_BACK, ROWS_JUDGED, ROWS_NEAR, ROWS_TRIED = 200, 40, 2000, 400, 5000
