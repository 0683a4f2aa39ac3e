"""Where the doctor draws its lines: every number that a sign is compared with, and why it is this
one.

They were chosen on the even specimens of ``tests/zoo`` and on runs that users told of; README says
what is known of the odd ones, and how often they were looked at."""

__all__ = []

# Rows

# Shared by both parts, of the validation rows, beyond what rows repeat within the training part
# anyway: by chance a split of real data shares one or two.
LEAK = 0.1
# Features far from 1 make one direction of the loss so much steeper than another (its curvature
# goes with their square) that no single rate suits both. Centimetres of irises (1.4 to 5.9) are
# fine, grams of wine (0.1 to 800) not.
SCALE_RATIO = 20.0
SCALE_LARGEST, SCALE_SMALLEST = 20.0, 0.05
# The mean in standard deviations: beyond it a feature is nearly a constant, which competes with the
# bias.
OFFSET = 30.0
# The same two lines hold for the target of a regression, of which the second is for its deviation:
# a new net answers numbers of about 1. But only of a run that did not fit it, since one can learn
# prices in tens, given time. The rarest class in shares of an even one: with a tenth of the rows of
# others its loss hardly counts.
RARE = 0.25
# and how much worse it is found than the best class, or it is no illness
RARE_RECALL = 0.15
# Rows that also stand with another label, of all: a few are noise of measuring, which a model is to
# smooth over.
CONTRADICTED = 0.1
# Rows below which a report says no more than that nothing was found: of all, and of the validation
# part.
FEW_ROWS, FEW_VALIDATION_ROWS = 40, 20
# An R² of the validation part below which the features told nothing of it; for classes the line is
# the share of the most frequent one and a standard error.
NO_USE_R2 = 0.05
# Values of every feature up to which rows repeat by themselves, as of counts and answers; beyond it
# they are copies.
FEW_VALUES = 10
# Targets that lie outside what the last activation can answer, of all.
OUT_OF_RANGE = 0.02

# Units and gradients, before the first step

# Units of a layer that are given and give back the same: one is as good as all.
COPIES = 0.9
# An activation's slope below this share of its steepest is as good as none; so many (unit, row)
# pairs at the start.
FLAT_SLOPE, SATURATED = 0.1, 0.5
# The error that reaches the first layer over that at the last, root mean square: the cause below
# the first if too little was learned, below the second anyway. Three layers of sigmoid are at 0.01,
# and may learn.
VANISHED_BEHIND, VANISHED = 0.01, 0.001
# The gradient at the start over that of the same net with usual weights.
EXPLODED = 20.0

# Units after the run

# Units that answer 0 for every row, of all hidden ones. A fifth or so is usual and harmless.
DEAD = 0.35
DEAD_LEAST = 3  # of two or three units in all, one that is silent says more about their number

# Pace. 'Rate' stands for the rate over its bound, 'way' for rate · steps · curvature: how often a
# slope of the sharpest direction can have been used up. For Adam and RMSProp, which move each
# weight by about the rate: the rate, and the rate · steps, over the root mean square of the initial
# weights.
SLOW_RATE = 0.03
# The way below which nothing can have been learned, and the one below which it is the cause if too
# little was.
SLOW_WAY, SLOW_WAY_BEHIND = 3.0, 50.0
SLOW_ADAPTIVE_WAY, SLOW_ADAPTIVE_WAY_BEHIND = 0.3, 1.5
# Above the first it is the cause if the run went badly; above the second if the loss also jumped at
# the first steps. Of a run that went well it is not too large, wherever the bound was at the start:
# the net has found a flatter place.
FAST_RATE, FAST_JUMP = 1.0, 0.3
FAST_ADAPTIVE_RATE, FAST_ADAPTIVE_JUMP = 0.2, 0.1
# The training loss at the end over its lowest, and the least difference that counts, in shares of
# the first epoch's.
GROWN, GROWN_LEAST = 1.5, 0.05
# A rate is too small if what is recommended is so many times as large; else what was too small is
# the number of epochs.
RAISED = 2.0
# Fewer steps than these are few: a net that still learned in their second half is given more before
# it is made wider.
FEW_STEPS = 300
# The largest rate that is recommended (with momentum, times 1 - β): where the loss is all but flat
# at the start, 2/λ says nothing of the slopes that follow.
LARGEST_RATE = 1.0
# The loss of the first epoch over that before the first step: of a sound run it is below 1.
JUMP = 1.3
# and beyond which the initial weights count for nothing any more, so that it is an illness even if
# all went well after.
JUMP_FAR = 10.0
# Rises of the training loss over the second half, in shares of its mean: batches alone make it
# rough, not so rough.
ROUGH = 0.5

# Fit

# The validation loss of the parameters at the end over that of the best epoch, and the least
# difference that counts, as a share of the validation loss before the first step: what trembles at
# the bottom is no illness.
OVERFIT, OVERFIT_LEAST = 1.2, 0.02
# If it is also so many times the training loss, a smaller rise will do.
OVERFIT_GAP, OVERFIT_RISE = 30.0, 1.08
# Behind what five neighbours get right: accuracy, and R².
BEHIND_ACCURACY, BEHIND_R2 = 0.05, 0.1
NEIGHBOURS = 5

# A training loss that still falls so much from the third quarter to the last wants more epochs, not
# more units.
FALLING = 0.02

# How much is looked at

ROWS = 200  # rows on which units are watched: a share is then known to a few hundredths
ROWS_BACK = 40  # of these, rows whose loss is taken back through the net, one by one
ROWS_JUDGED = 2000  # rows that the model answers
ROWS_NEAR = 400  # rows among which neighbours are sought: the cost goes with the square
