"""What a command says, on the terminal and in report.txt; how good predictions are, in words."""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, isfinite, isnan, nan, sqrt
from statistics import fmean, stdev
from typing import Any

from nn.metrics import accuracy, confusion_matrix, f1, precision, r_squared, recall

WIDEST = 12  # classes, of which a whole confusion matrix is shown
QUOTED = '"{}"'
# A new line, wide spaces, and the joiners that Persian, Hindi and emoji are written with.
KEPT = "\n\xa0\u3000\u200c\u200d"


def shown(text: str) -> str:
    """A text whose control characters are spelled out, so that no file's cell steers a terminal."""
    spelt = {c: c.encode("unicode_escape").decode() for c in {*text} if not c.isprintable()}
    return "".join(spelt.get(c, c) if c not in KEPT else c for c in text)


def listed(names: Sequence[str], most: int = 5, form: str = "{}", between: str = ", ") -> str:
    """The first few names in one line."""
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
    """Accuracy or R², in one line and in full, beside the score of a guess without the features."""

    score: float
    guess: str
    guess_score: float
    line: str
    text: str
    rmse: float = nan


def evaluated(outputs: Any, targets: Sequence[float], names: list[str], target: str) -> Evaluation:
    """How good outputs for rows are beside their targets: classes if there are names of them."""
    if names:
        return _of_classes(outputs, targets, names)
    guess, mean, score = "always predicting the mean", fmean(targets), r_squared(outputs, targets)
    # dist, as squares overflow
    rmse, usual = (dist(targets, x) / sqrt(len(targets)) for x in (outputs, [mean] * len(targets)))
    error = fmean(abs(t - x) for t, x in zip(targets, outputs, strict=True))
    text = f"R² {plain(score)} (1 is perfect, 0 is {guess})\n"
    text += f"RMSE {rmse:.4g} and mean absolute error {error:.4g}, in the units of {target};\n"
    text += f"{guess} has an RMSE of {usual:.4g}"
    return Evaluation(score, guess, 0.0, f"R² {plain(score)}, RMSE {rmse:.4g}", text, rmse)


def _of_classes(outputs: list[Any], targets: Sequence[float], names: list[str]) -> Evaluation:
    score, counts, count = accuracy(outputs, targets), Counter(targets), len(targets)
    most = max(range(len(names)), key=lambda k: counts[k])
    guess, guess_score = f"always predicting {names[most]}", counts[most] / count
    line = f"accuracy {100 * score:.1f} % ({round(score * count)} of {count} right)"
    lines = [f"{line}; {guess} would give {100 * guess_score:.1f} %"]
    if len(names) <= WIDEST:
        matrix = confusion_matrix(outputs, targets, len(names))
        rows = [[name, *map(str, cells)] for name, cells in zip(names, matrix, strict=True)]
        lines += ["", *table([["true \\ predicted", *names], *rows])]
    rows = [["class", "precision", "recall", "F1", "rows"]]
    for k, name in enumerate(names):
        figures = [plain(of(outputs, targets, k)) for of in (precision, recall, f1)]
        rows.append([name, *figures, str(counts[k])])
    return Evaluation(score, guess, guess_score, line, "\n".join([*lines, "", *table(rows)]))


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right."""
    cells = [[shown(" ".join(cell.split()))[:24] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in cells)
    return ["  ".join(line).rstrip() for line in lines]


def plain(x: float) -> str:
    """A score with three digits after the point, however large; nan is that there is none."""
    return "none" if isnan(x) else f"{x:.3f}" if abs(x) < 1e4 else f"{x:.4g}"


def spread(numbers: Sequence[float], digits: str = "") -> str:
    """Mean ± standard deviation."""
    found = fmean(numbers), stdev(numbers) if all(map(isfinite, numbers)) else nan
    return " ± ".join(f"{x:{digits}}" if digits else plain(x) for x in found)
