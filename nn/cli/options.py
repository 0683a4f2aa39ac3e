"""Options of ``python -m nn train``, what each means, and the words that bring them back when a run
is resumed.
"""

import argparse
from typing import Any

from nn.cli.parser import Parser, Refused, mark, number, sizes, whole
from nn.init import INITIALIZERS
from nn.layers import ACTIVATIONS
from nn.losses import LOSSES, loss_kind

__all__ = ["RATES", "given", "train_parser"]

# The learning rate of each optimiser where none is given.
RATES = {
    "sgd": 0.1,
    "momentum": 0.05,
    "nesterov": 0.05,
    "rmsprop": 0.01,
    "adam": 0.01,
    "adamw": 0.01,
}

OF_CLASSES = [name for name, loss in LOSSES.items() if loss_kind(loss) != "value"]
OF_NUMBERS = [name for name, loss in LOSSES.items() if loss_kind(loss) == "value"]

DESCRIPTION = """\
Train a multi-layer perceptron on your own CSV file, look at how it went, and examine it on rows it never saw.

The target may be classes (text, or a few whole numbers) or numbers; which it is taken for is guessed, and said. The
rows are split at random into three parts: most to learn from, some to validate (after each epoch: they choose the best
one), and some held out (examined once, at the end). Features, and the target of a regression, are scaled to mean 0 and
deviation 1 over the rows to learn from. All that follows from --seed comes out the same in every run."""

EXAMPLES = """\
examples:
  python -m nn train flowers.csv --target species
      the recipe that does well on most small tables: one hidden layer of 32, tanh, Adam, a little L2
  python -m nn train flowers.csv --target species --hidden 16,16 --epochs 200 --seed 1 --out run/
      two hidden layers of 16; the folder run/ then holds model, history, report and plots
  python -m nn train houses.csv --target price --ignore id --ignore street --patience 30
      a regression without two of the columns, which stops when 30 epochs brought nothing
  python -m nn train rare.csv --target ill --class-weights balanced --folds 5
      every class counts the same; and five trainings more, to see how far the score depends on luck
  python -m nn train flowers.csv --out run/ --resume --epochs 400
      on from where run/ ended, with the options it was begun with, and bit for bit as if it had never stopped

what the numbers mean:
  loss            what training makes small: for classes -log of the probability of the true one (ln of the number of
                  classes is guessing, 0 is certainty), for numbers the squared error of the scaled target (1 is
                  always saying the mean). It does not count the penalties, so that both parts compare.
  validation      the same on rows that it does not learn from. Where it turns up while the training loss still
                  falls, overfitting begins; the model that is kept is the one before.
  accuracy        the share of rows with the right class; beside it, what always saying the most frequent would give
  precision       of the rows taken for a class, the share that is of it;  recall: of its rows, the share found;
                  F1: their harmonic mean
  R²              1 is perfect, 0 is no better than the mean, below 0 worse;  RMSE: the usual size of an error, in the
                  target's own units

what to try when the doctor complains (it says what it saw, and the options for it):
  learning rate too small          the --rate that it names, or --rate find; or more --epochs
  learning rate too large          the --rate that it names, or --rate find; a larger --batch-size
  overfitting                      more rows; --l2 0.05, --dropout 0.2, a smaller --hidden, --patience 20
  underfitting                     a larger --hidden, more --epochs, --l2 0
  dead ReLUs                       a smaller --rate; --activation leaky_relu
  saturated units                  --init xavier
  vanishing gradients              fewer layers in --hidden; --activation relu --init he
  exploding gradients              the usual initial weights, without --init
  symmetric initial weights        another --init than zeros and ones
  class imbalance                  --class-weights balanced, and look at recall rather than accuracy
  leaking validation rows          rows that come twice: drop them from the file, or the scores flatter
  labels that this loss cannot fit equal rows with different labels: correct the file; or another --loss
  unscaled inputs                  cannot be here, since features are always scaled
  unscaled target                  cannot be here, since a number to predict is always scaled too

Ctrl-C ends the training with the best model so far, and all files are still written (exit status 130).
exit status: 0 if all went well, 1 if it diverged and the model is no better than a guess, 2 if something given cannot
be used, 130 after Ctrl-C
"""


def train_parser() -> Parser:
    """The parser of ``python -m nn train``.

    >>> options = train_parser().parse_args(["flowers.csv", "--hidden", "16,16"])
    >>> options.csv, options.hidden, options.epochs
    ('flowers.csv', [16, 16], 200)
    """
    parser = Parser(
        "train",
        DESCRIPTION,
        EXAMPLES,
        "python -m nn train data.csv [--target NAME] [--out FOLDER] [options]",
    )
    parser.add_argument(
        "csv", metavar="data.csv", help="UTF-8; a header, or none; commas, semicolons or tabs"
    )
    data = parser.add_argument_group("the data")
    data.add_argument(
        "--target",
        metavar="NAME",
        help="the column to predict, or its number from 1 (the last one)",
    )
    kind = data.add_mutually_exclusive_group()
    flag: dict[str, Any] = {"action": "store_const", "dest": "classification"}
    kind.add_argument(
        "--classification",
        const=True,
        help="the target holds classes, even if it is numbers",
        **flag,
    )
    kind.add_argument(
        "--regression", const=False, help="the target holds numbers, even if they are few", **flag
    )
    data.add_argument(
        "--ignore", metavar="NAME", action="append", help="a column to leave out; may come again"
    )
    data.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="the first row is names (or is data)",
    )
    data.add_argument(
        "--delimiter", metavar="MARK", type=mark, help="what stands between cells (if not found)"
    )
    part = number("a fraction from 0 up to, but below, 1", 0, 1)
    data.add_argument(
        "--validation",
        metavar="PART",
        type=part,
        default=0.2,
        help="of the rows, to validate (0.2)",
    )
    data.add_argument(
        "--test", metavar="PART", type=part, default=0.2, help="of the rows, to hold out (0.2)"
    )
    data.add_argument(
        "--folds", metavar="K", type=whole(2), help="also cross-validate: K trainings more"
    )

    model = parser.add_argument_group("the model")
    model.add_argument(
        "--hidden",
        metavar="SIZES",
        type=sizes,
        default=[32],
        help="neurons a layer, 16,16, or none (32)",
    )
    model.add_argument(
        "--activation",
        metavar="NAME",
        choices=[*ACTIVATIONS],
        default="tanh",
        help=f"(tanh) {', '.join(ACTIVATIONS)}",
    )
    model.add_argument(
        "--init",
        metavar="NAME",
        choices=[*INITIALIZERS],
        help=f"(as the activation needs) {', '.join(INITIALIZERS)}",
    )
    model.add_argument(
        "--dropout", metavar="PART", type=part, default=0.0, help="of hidden outputs to drop (0)"
    )

    learning = parser.add_argument_group("learning")
    learning.add_argument(
        "--epochs", metavar="N", type=whole(1), default=200, help="times through all rows (200)"
    )
    learning.add_argument(
        "--patience", metavar="N", type=whole(1), help="stop when N epochs brought nothing better"
    )
    learning.add_argument(
        "--optimizer",
        metavar="NAME",
        choices=[*RATES],
        default="adam",
        help=f"(adam) {', '.join(RATES)}",
    )
    learning.add_argument(
        "--rate", metavar="RATE", type=_rate, help="the learning rate, or find (adam: 0.01)"
    )
    learning.add_argument(
        "--batch-size", metavar="ROWS", type=whole(1), default=32, help="rows a step (32)"
    )
    fitting = f"of classes: {', '.join(OF_CLASSES)}; of numbers: {', '.join(OF_NUMBERS)} (the first of either)"
    learning.add_argument("--loss", metavar="NAME", choices=LOSSES, help=fitting)
    strength = number("a strength of 0 or more", 0)
    learning.add_argument(
        "--l1", metavar="X", type=strength, default=0.0, help="strength of X·Σ|w| (0)"
    )
    learning.add_argument(
        "--l2", metavar="X", type=strength, default=0.005, help="strength of X·Σw²/2 (0.005)"
    )
    learning.add_argument(
        "--class-weights", choices=["balanced"], help="every class counts the same, rare ones too"
    )
    learning.add_argument(
        "--seed", metavar="N", type=whole(0), default=0, help="of split, weights and batches (0)"
    )

    files = parser.add_argument_group("the run folder")
    files.add_argument(
        "--out", metavar="FOLDER", default="run", help="where to write the results (run)"
    )
    again = files.add_mutually_exclusive_group()
    again.add_argument(
        "--overwrite", action="store_true", help="replace the run that the folder holds"
    )
    again.add_argument(
        "--resume", action="store_true", help="go on with the run that the folder holds"
    )
    files.add_argument("--quiet", action="store_true", help="print the held-out score alone")
    return parser


def given(options: argparse.Namespace) -> list[str]:
    """The words that choose these options again, but for those that belong to the moment.

    >>> given(train_parser().parse_args(["flowers.csv", "--regression", "--hidden", "8", "--out", "run"]))
    ['--regression', '--hidden=8']
    """
    parser, words = train_parser(), []
    negations = {"classification": "--regression", "header": "--no-header"}
    for name, value in vars(options).items():
        option = "--" + name.replace("_", "-")
        if name in ("csv", "out", "overwrite", "resume", "quiet") or value == parser.get_default(
            name
        ):
            continue
        if isinstance(value, bool):
            words.append(option if value else negations[name])
        elif name == "hidden":
            words.append(f"{option}={','.join(map(str, value)) or 'none'}")
        else:
            words += [
                f"{option}={each}" for each in (value if isinstance(value, list) else [value])
            ]
    return words


def checked(options: argparse.Namespace) -> None:
    """Refuse what can be seen to be wrong before any file is read.

    >>> checked(train_parser().parse_args(["flowers.csv", "--test", "0.6", "--validation", "0.5"]))
    Traceback (most recent call last):
    nn.cli.parser.Refused: --test and --validation leave no rows to learn from: 0.6 + 0.5 needs to be below 1
    """
    if options.test + options.validation >= 1:
        sum_of_parts = f"{options.test:g} + {options.validation:g}"
        raise Refused(
            f"--test and --validation leave no rows to learn from: {sum_of_parts} needs to be below 1"
        )
    if options.patience and not options.validation:
        raise Refused(
            "--patience needs validation rows to watch, got --validation 0: leave one of them out"
        )


def _rate(text: str) -> float | str:
    return (
        text if text == "find" else number("a learning rate above 0, or find", 0, above=True)(text)
    )
