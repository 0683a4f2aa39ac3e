"""What a command says, on the terminal and in report.txt; how good predictions are, in words."""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, inf, isfinite, isnan, nan, sqrt
from statistics import fmean, stdev
from typing import Any

from nn.metrics import accuracy, confusion_matrix, f1, precision, r_squared, recall

__all__ = ["QUOTED", "Evaluation", "Report", "close_output", "listed", "shown", "spread"]

WIDEST = 12  # classes, of which a whole confusion matrix is shown
QUOTED = '"{}"'
# A new line, wide spaces, and the joiners that Persian, Hindi and emoji are written with.
KEPT = "\n\xa0\u3000\u200c\u200d"


def shown(text: str) -> str:
    r"""A text whose control characters are spelled out, so that no file's cell steers a terminal.

    >>> shown("\x1b[2Jfrog")
    '\\x1b[2Jfrog'
    """
    spelt = {c: c.encode("unicode_escape").decode() for c in {*text} if not c.isprintable()}
    return "".join(spelt.get(c, c) if c not in KEPT else c for c in text)


def listed(names: Sequence[str], most: int = 5, form: str = "{}", between: str = ", ") -> str:
    """The first few names in one line.

    >>> listed(["a", "b", "c"], 2, QUOTED)
    '"a", "b", ...'
    """
    flat = [form.format(" ".join(name.split())) for name in names[:most]]
    return between.join(flat + ["..."] * (len(names) > most))


class Report:
    """Prints what it is given, unless it is to be quiet, and keeps it in ``text``."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet, self.text = quiet, ""

    def say(self, text: str, *, always: bool = False) -> None:
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
    RMSE 0.5774 and mean absolute error 0.3333, in the units of weight;
    always predicting the mean has an RMSE of 0.8165
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
    def guess(self) -> tuple[str, float]:
        """What predicts without the features, the largest class or the mean, and its score."""
        if not self.class_names:
            return "always predicting the mean", 0.0
        counts = Counter(self.targets)
        most = max(range(len(self.class_names)), key=lambda k: counts[k])
        return f"always predicting {self.class_names[most]}", counts[most] / len(self.targets)

    @property
    def rmse(self) -> float:
        """The root of the mean squared error, in the target's units; nan for classes."""
        return nan if self.class_names else _rms(self.targets, [float(x) for x in self.outputs])

    @property
    def line(self) -> str:
        """The score in one line."""
        if not self.class_names:
            return f"R² {plain(self.score)}, RMSE {self.rmse:.4g}"
        right, count = round(self.score * len(self.targets)), len(self.targets)
        return f"accuracy {100 * self.score:.1f} % ({right} of {count} right)"

    def __str__(self) -> str:
        guess, share = self.guess
        if not self.class_names:
            errors = [abs(t - float(o)) for t, o in zip(self.targets, self.outputs, strict=True)]
            usual = _rms(self.targets, [fmean(self.targets)] * len(errors))
            return (
                f"R² {plain(self.score)} (1 is perfect, 0 is {guess})\n"
                f"RMSE {self.rmse:.4g} and mean absolute error {fmean(errors):.4g}, in the units "
                f"of {self.target};\n{guess} has an RMSE of {usual:.4g}"
            )
        names, counts = self.class_names, Counter(self.targets)
        lines = [f"{self.line}; {guess} would give {100 * share:.1f} %"]
        if len(names) <= WIDEST:
            matrix = confusion_matrix(self.outputs, self.targets, len(names))
            rows = [[name, *map(str, line)] for name, line in zip(names, matrix, strict=True)]
            lines += ["", *table([["true \\ predicted", *names], *rows])]
        rows = [["class", "precision", "recall", "F1", "rows"]]
        for k, name in enumerate(names):
            figures = [plain(of(self.outputs, self.targets, k)) for of in (precision, recall, f1)]
            rows.append([name, *figures, str(counts[k])])
        return "\n".join([*lines, "", *table(rows)])


def _rms(one: Sequence[float], other: Sequence[float]) -> float:
    return dist(one, other) / sqrt(len(one))  # dist, as squares overflow


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right.

    >>> table([["class", "rows"], ["frog", "3"]])
    ['class  rows', 'frog      3']
    """
    cells = [[shown(" ".join(cell.split()))[:24] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in cells)
    return ["  ".join(line).rstrip() for line in lines]


def plain(x: float) -> str:
    """A score with three digits after the point, however large; nan is that there is none."""
    return "none" if isnan(x) else f"{x:.3f}" if abs(x) < 1e4 else f"{x:.4g}"


def spread(numbers: Sequence[float], digits: str = "") -> str:
    """Mean ± standard deviation.

    >>> spread([0.25, 0.75]), spread([-inf, 0.5])
    ('0.500 ± 0.354', '-inf ± none')
    """
    found = fmean(numbers), stdev(numbers) if all(map(isfinite, numbers)) else nan
    return " ± ".join(f"{x:{digits}}" if digits else plain(x) for x in found)
