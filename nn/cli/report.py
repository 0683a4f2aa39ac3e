"""What a command says: on the terminal as it happens, and a run's in report.txt in the end; and how
good predictions are, in words.
"""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, inf, isfinite, isnan, nan, sqrt
from statistics import fmean, stdev
from typing import Any
from unicodedata import category

from nn.metrics import accuracy, confusion_matrix, f1, precision, r_squared, recall

__all__ = [
    "QUOTED",
    "Evaluation",
    "Report",
    "close_output",
    "listed",
    "plain",
    "shown",
    "spread",
    "table",
]

WIDEST = 12  # classes, of which a whole confusion matrix is shown
QUOTED = '"{}"'
JOINERS = "\u200c\u200d"  # which Persian, Hindi and emoji are written with


def shown(text: str) -> str:
    r"""A text whose control characters are spelled out, so that no file's cell steers a terminal.

    >>> shown("\x1b[2Jfrog")
    '\\x1b[2Jfrog'
    """
    if text.isprintable():
        return text
    kept = (
        c == "\n" or c in JOINERS or category(c)[0] not in "CZ" or category(c) == "Zs" for c in text
    )
    pairs = zip(text, kept, strict=True)
    return "".join(c if keep else c.encode("unicode_escape").decode() for c, keep in pairs)


def listed(names: Sequence[str], most: int = 5, form: str = "{}", between: str = ", ") -> str:
    """The first few names in one line.

    >>> listed(["a", "b", "c"], 2, QUOTED)
    '"a", "b", ...'
    """
    flat = [form.format(" ".join(name.split())) for name in names[:most]]
    return between.join(flat + ["..."] * (len(names) > most))


class Report:
    """Prints what it is given, unless it is to be quiet, and keeps it.

    >>> report = Report(quiet=True)
    >>> report.say("trained")
    >>> report.say("accuracy 97 %", always=True)
    accuracy 97 %
    >>> report.text
    'trained\\naccuracy 97 %\\n'
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.text = ""

    def say(self, text: str = "", *, always: bool = False) -> None:
        """Keep a text, and print it."""
        self.text += f"{shown(text)}\n"
        if always or not self.quiet:
            self.show(text.lstrip("\n") if self.quiet else text)

    def note(self, sentence: str, word: str = "note") -> None:
        """Keep a sentence, and print it on stderr even if quiet."""
        line = shown(f"{word}: {' '.join(sentence.split())}")
        self.text += f"{line}\n"
        print(line, file=sys.stderr)

    def show(self, text: str) -> None:
        """Print a text without keeping it."""
        try:
            print(shown(text), flush=True)
        except OSError:  # of ... | head, or a full disk: the run is to be written all the same
            close_output()


def close_output() -> None:
    """Print what is left, and if that cannot be, nothing from now on."""
    try:
        print(end="", flush=True)
    except OSError:  # or Python would try once more at its end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass(frozen=True)
class Evaluation:
    """Outputs for rows beside their targets: classes if there are names of them, else numbers.

    >>> print(Evaluation([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], target="weight"))
    R² 0.500 (1 is perfect, 0 is always predicting the mean)
    RMSE 0.5774 and mean absolute error 0.3333, in the units of weight; always predicting the mean has an RMSE of 0.8165
    """

    outputs: Sequence[Any]
    targets: Sequence[float]
    class_names: Sequence[str] = ()
    target: str = "target"

    @property
    def score(self) -> float:
        """The accuracy, or R²; -inf for numbers so far off that their squares overflow."""
        try:
            return (accuracy if self.class_names else r_squared)(self.outputs, self.targets)
        except OverflowError:
            return -inf

    @property
    def rmse(self) -> float:
        """The root of the mean squared error, in the target's units; nan for classes."""
        if self.class_names:
            return nan
        # dist, as squares overflow
        return dist(self.targets, list(map(float, self.outputs))) / sqrt(len(self.targets))

    @property
    def guess(self) -> str:
        """What predicts without the features: the mean, or the most frequent class."""
        counts = Counter(self.targets)
        often = max(range(len(self.class_names)), key=lambda k: counts[k], default=0)
        return f"always predicting {self.class_names[often] if self.class_names else 'the mean'}"

    @property
    def worthless(self) -> bool:
        """Whether the guess is as good, or better.

        >>> Evaluation([9.0, 0.0], [1.0, 2.0]).worthless, Evaluation([1.0], [1], ["a", "b"]).worthless
        (True, True)
        """
        if not self.class_names:
            return self.score <= 0
        return self.score <= max(Counter(self.targets).values()) / len(self.targets)

    @property
    def line(self) -> str:
        """The score in one line.

        >>> Evaluation([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], ["frog", "newt"]).line
        'accuracy 75.0 % (3 of 4 right)'
        """
        if not self.class_names:
            return f"R² {plain(self.score)}, RMSE {self.rmse:.4g}"
        right, count = round(self.score * len(self.targets)), len(self.targets)
        return f"accuracy {100 * self.score:.1f} % ({right} of {count} right)"

    def __str__(self) -> str:
        if not self.class_names:
            errors = [abs(t - float(o)) for t, o in zip(self.targets, self.outputs, strict=True)]
            middle = fmean(self.targets)
            usual = dist(self.targets, [middle] * len(errors)) / sqrt(len(errors))
            return (
                f"R² {plain(self.score)} (1 is perfect, 0 is {self.guess})\n"
                f"RMSE {self.rmse:.4g} and mean absolute error {fmean(errors):.4g}, in the units "
                f"of {self.target}; {self.guess} has an RMSE of {usual:.4g}"
            )
        names, counts = self.class_names, Counter(self.targets)
        share = 100 * max(counts.values()) / len(self.targets)
        lines = [f"{self.line}; {self.guess} would give {share:.1f} %"]
        if len(names) <= WIDEST:
            matrix = confusion_matrix(self.outputs, self.targets, len(names))
            rows = [[name, *map(str, line)] for name, line in zip(names, matrix, strict=True)]
            lines += ["", *table([["true \\ predicted", *names], *rows])]
        rows = [["class", "precision", "recall", "F1", "rows"]]
        for k, name in enumerate(names):
            figures = [plain(of(self.outputs, self.targets, k)) for of in (precision, recall, f1)]
            rows.append([name, *figures, str(counts[k])])
        return "\n".join([*lines, "", *table(rows)])


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right.

    >>> table([["class", "rows"], ["frog", "3"]])
    ['class  rows', 'frog      3']
    """
    cells = [[shown(" ".join(cell.split()))[:24] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        right = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *right]).rstrip())
    return lines


def plain(x: float) -> str:
    """A score with three digits after the point, however large; nan is that there is none.

    >>> plain(0.5), plain(-1e30), plain(nan)
    ('0.500', '-1e+30', 'none')
    """
    return "none" if isnan(x) else f"{x:.3f}" if abs(x) < 1e4 else f"{x:.4g}"


def spread(numbers: Sequence[float], digits: str = "") -> str:
    """Mean ± standard deviation.

    >>> spread([0.25, 0.75]), spread([-inf, 0.5])
    ('0.500 ± 0.354', '-inf ± none')
    """
    found = fmean(numbers), stdev(numbers) if all(map(isfinite, numbers)) else nan
    return " ± ".join(f"{x:{digits}}" if digits else plain(x) for x in found)
