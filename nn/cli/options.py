"""The options of ``python -m nn train`` in a table, from which parser, help, options.json come."""

import argparse
import re
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, NoReturn

from nn.data.cells import ORDERS, number
from nn.init import INITIALIZERS
from nn.layers import ACTIVATIONS
from nn.losses import LOSSES, loss_kind
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp


class Refused(Exception):
    """What was given cannot be used; the message is the sentence for stderr."""


class Parser(argparse.ArgumentParser):
    """argparse with one-sentence errors, no abbreviations, and help that keeps its lines."""

    def __init__(self, command: str, description: str, examples: str) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        about: Any = {"description": description, "epilog": examples, "formatter_class": layout}
        super().__init__(prog=f"python -m nn {command}".strip(), allow_abbrev=False, **about)

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message.removeprefix('argument ')}: {self.prog} --help shows more")


Read = Callable[[str], Any]


def checked(need: str, read: Read, accepts: Callable[[Any], bool]) -> Read:
    """The check of an option: reads its value, and says what it needs if that is not accepted."""

    def check(text: str) -> Any:
        value = read(text)
        if value is None or not accepts(value):
            raise argparse.ArgumentTypeError(f"needs {need}, got {text or 'nothing'}")
        return value

    return check


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _sizes(text: str) -> list[int]:
    return [] if text == "none" else [_whole(size.strip()) for size in text.split(",")]


def _rate(text: str) -> Any:
    return text if text == "find" else number(text)


def _from(least: int) -> Read:
    return checked(f"a whole number from {least} up", _whole, lambda x: x >= least)


def separator(text: str) -> str:
    """What stands between cells; a tab may be spelled as Python does."""
    return {"\\t": "\t", "tab": "\t"}.get(text, text)


FRACTION = checked("a fraction from 0 up to, but below, 1", number, lambda x: 0 <= x < 1)
STRENGTH = checked("a strength of 0 or more", number, lambda x: 0 <= x < inf)
RATE = checked("a rate above 0, or find", _rate, lambda x: x == "find" or 0 < x < inf)
THRESHOLD = checked("a probability, or find", _rate, lambda x: x == "find" or 0 < x < 1)
SIZES = checked("sizes of layers such as 16,16, or none", _sizes, lambda x: all(n > 0 for n in x))

CLASS_LOSSES = [name for name, loss in LOSSES.items() if loss_kind(loss) != "value"]
NUMBER_LOSSES = [name for name, loss in LOSSES.items() if loss_kind(loss) == "value"]

# Each optimiser with the learning rate that it has where none is given.
OPTIMIZERS: dict[str, tuple[float, Callable[[float], Optimizer]]] = {
    "sgd": (0.1, SGD),
    "momentum": (0.05, partial(SGD, momentum=0.9)),
    "nesterov": (0.05, partial(SGD, momentum=0.9, nesterov=True)),
    "rmsprop": (0.01, RMSProp),
    "adam": (0.01, Adam),
    "adamw": (0.01, AdamW),
}


DESCRIPTION = """\
Train a multi-layer perceptron on your own CSV file, diagnose the run, and evaluate it.

A target of text, or of a few whole numbers, is classified; other numbers are a regression. The rows
are split at random into training rows, validation rows (for early stopping: the epoch with the
lowest validation loss is kept) and a held-out test set (used once, at the end). Features, and the
target of a regression, are scaled to mean 0 and standard deviation 1 over the training rows. Text
with few different values, dates, yes and no are encoded as numbers, missing cells are filled, row
numbers, constants and unique texts are dropped; a few lines report all of it.
The same --seed gives the same run."""

EXAMPLES = """\
examples:
  python -m nn train flowers.csv --target species --hidden 16,16 --epochs 200 --seed 1 --out run/
      two hidden layers of 16; the folder run/ then holds model, history, report and plots
  python -m nn train houses.csv --target price --ignore id --ignore street --patience 30
      a regression without two of the columns, which stops after 30 epochs without improvement
  python -m nn train rare.csv --target ill --class-weights balanced --folds 5
      all classes have the same weight; five more training runs show how much the score varies
  python -m nn train flowers.csv --out run/ --resume --epochs 400
      continues the run, with its options, exactly as if it had never stopped

what the numbers mean:
  loss         what training minimises: for classes -log of the probability of the true class (ln
               of the number of classes is guessing, 0 is certainty), for numbers the squared error
               of the scaled target (1 is always predicting the mean), without penalties
  validation   the same on rows that are not trained on. When it rises while the training loss still
               falls, overfitting begins; the model of the epoch before is kept.
  accuracy     the fraction of rows classified correctly; beside it, that of the largest class
  balanced     the mean recall of all classes: of two classes 50 % is guessing, even if one of them
               is rare.  ROC AUC: how often a row of a class has a higher probability of it than
               a row of another (0.5 is guessing).  log loss: the loss, without penalties
  precision    of the rows predicted as a class, the fraction that is;  recall: of the rows of a
               class, the fraction found;  F1: their harmonic mean
  R²           1 is perfect, 0 no better than the mean;  RMSE: the typical size of an error

Ctrl-C ends the training with the best model so far, and all files are still written.
exit status: 0 on success, 1 if it diverged and the model is no better than a constant prediction,
2 for invalid arguments or data, 130 after Ctrl-C
"""
LOSSES_HELP = f"of classes: {', '.join(CLASS_LOSSES)}; of numbers: {', '.join(NUMBER_LOSSES)}"


# How both commands read a file, if that is not to be found.
READING: list[tuple[str, str, Any, Any, str]] = [
    ("delimiter", "MARK", separator, None, "what separates cells (detected)"),
    ("decimal", "MARK", (".", ","), None, "the decimal mark of its numbers (detected)"),
    ("encoding", "NAME", str, None, "of a file that is not UTF-8 (detected)"),
]

# Each option: name, what stands for its value, check (or the values that there are), default, help.
TABLE: dict[str, list[tuple[str, str, Read | tuple[str, ...], Any, str]]] = {
    "the data": [
        ("target", "NAME", str, None, "the column to predict, or its number from 1 (the last one)"),
        ("ignore", "NAME", str, [], "a column to drop; may be repeated"),
        ("keep", "NAME", str, [], "a column to use that would be dropped; may be repeated"),
        ("missing", "HOW", ("fill", "drop"), "fill", "fill or drop rows that lack a cell (fill)"),
        *READING,
        ("dates", "ORDER", ORDERS, None, "order of day, month and year, as dmy (detected)"),
        ("validation", "PART", FRACTION, 0.2, "fraction of the rows to validate on (0.2)"),
        ("test", "PART", FRACTION, 0.2, "fraction of the rows to hold out (0.2)"),
        ("test-file", "FILE", str, None, "more rows, held out, in place of a part of data.csv"),
        ("group", "COLUMN", str, None, "keep rows with equal values together in a split"),
        ("time", "COLUMN", str, None, "hold out the rows that are latest by that column"),
        ("folds", "K", _from(2), None, "also cross-validate: K more training runs"),
    ],
    "the model": [
        ("hidden", "SIZES", SIZES, [32], "neurons in each hidden layer: 16,16, or none (32)"),
        ("activation", "NAME", (*ACTIVATIONS,), "tanh", f"(tanh) {', '.join(ACTIVATIONS)}"),
        ("init", "NAME", (*INITIALIZERS,), None, f"(by activation) {', '.join(INITIALIZERS)}"),
        ("dropout", "PART", FRACTION, 0.0, "fraction of hidden outputs to drop (0)"),
    ],
    "training": [
        ("epochs", "N", _from(1), 200, "passes over the training rows (200)"),
        ("patience", "N", _from(0), None, "stop after N epochs without improvement (20); 0: never"),
        ("optimizer", "NAME", (*OPTIMIZERS,), "adam", f"(adam) {', '.join(OPTIMIZERS)}"),
        ("rate", "RATE", RATE, None, "the learning rate, or find (adam: 0.01)"),
        ("batch-size", "ROWS", _from(1), None, "rows a step (32; of over 32,000 rows a 1000th)"),
        ("loss", "NAME", (*LOSSES,), None, LOSSES_HELP),
        ("l1", "X", STRENGTH, 0.0, "strength of X·Σ|w| (0)"),
        ("l2", "X", STRENGTH, None, "strength of X·Σw²/2 (50 / rows, at most 0.005; adamw: 0)"),
        ("class-weights", "balanced", ("balanced",), None, "the same total weight for every class"),
        ("threshold", "P", THRESHOLD, 0.5, "of two classes: predict the second above P, or find"),
        ("engine", "NAME", ("auto", "eager", "jax"), "auto", "(auto) eager; jax: all devices"),
        ("seed", "N", _from(0), 0, "of split, initial weights and batches (0)"),
    ],
    "the run folder": [("out", "FOLDER", str, "run", "where to write it (run, run-2, ...)")],
}

# Each switch: group, name, the option that it sets, and to what; those that set one exclude others.
SWITCHES = [
    ("the data", "classification", "classification", True, "the target holds classes"),
    ("the data", "regression", "classification", False, "the target holds numbers"),
    ("the data", "header", "header", True, "the first row holds names"),
    ("the data", "no-header", "header", False, "the first row holds data"),
    ("the data", "skip-bad", "skip_bad", True, "drop rows that cannot be read"),
    ("the run folder", "overwrite", "overwrite", True, "replace the run in the folder"),
    ("the run folder", "resume", "resume", True, "continue the run in the folder"),
    ("the run folder", "quiet", "quiet", True, "print the held-out score alone"),
]
OPTION_OF = {(dest, value): name for _, name, dest, value, _ in SWITCHES}
MOMENT = ("csv", "out", "overwrite", "resume", "quiet")  # which belong to a command, not to a run


def train_parser() -> Parser:
    """The parser of ``python -m nn train``."""
    parser = Parser("train", DESCRIPTION, EXAMPLES)
    parser.usage = "python -m nn train data.csv [--target NAME] [--out FOLDER] [options]"
    file = "a CSV file, with or without a header, or an .xlsx; also as .gz or .zip"
    parser.add_argument("csv", metavar="data.csv", help=file)
    for title, rows in TABLE.items():
        group = parser.add_argument_group(title)
        for name, metavar, check, default, text in rows:
            kind: Any = {"choices" if isinstance(check, tuple) else "type": check}
            kind["action"] = "append" if default == [] else "store"
            group.add_argument(f"--{name}", metavar=metavar, default=default, help=text, **kind)
        either = defaultdict[str, Any](group.add_mutually_exclusive_group)
        for name, dest, value, text in (row[1:] for row in SWITCHES if row[0] == title):
            kind = {"action": "store_const", "const": value, "dest": dest}
            either[dest].add_argument(f"--{name}", help=text, **kind)
    return parser


def words_of(options: argparse.Namespace) -> list[str]:
    """The words that choose these options again, when a run is resumed."""
    parser, words = train_parser(), []
    for name, value in vars(options).items():
        if name in MOMENT or value == parser.get_default(name):
            continue
        if isinstance(value, bool):
            words.append(f"--{OPTION_OF[name, value]}")
        elif name == "hidden":
            words.append(f"--hidden={','.join(map(str, value)) or 'none'}")
        else:
            several = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}={each}" for each in several]
    return words


def in_options(sentence: object) -> str:
    """A sentence whose arguments, behind its last semicolon or in brackets, are said as options."""
    problem, semicolon, remedy = str(sentence).rpartition("; ")
    for (name, value), option in OPTION_OF.items():
        remedy = remedy.replace(f"{name}={value}", f"--{option}")
    remedy = re.sub(r"\bignore=\[(.*)\] leave", _ignored, remedy)
    return problem + semicolon + re.sub(r"\b([a-z]+)='(\S+)'", r"--\1 \2", remedy)


def _ignored(names: re.Match[str]) -> str:
    """A list of columns, as options that leave them out."""
    return " ".join(f"--ignore {name}" for name in re.findall('"[^"]*"', names[1])) + " leave"
