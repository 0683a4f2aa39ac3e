"""Examination: how good a predictor is on rows, in the words and units that a person reads."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import dist, inf, isfinite, isnan, nan, sqrt
from statistics import fmean, stdev
from typing import Any

from nn.metrics import accuracy, confusion_matrix, f1, precision, r_squared, recall

__all__ = ["Examination", "plain", "spread", "table"]

WIDEST = 12  # classes, of which a whole confusion matrix is shown


@dataclass(frozen=True)
class Examination:
    """Outputs for rows beside their targets: classes if there are names of them, else numbers.

    >>> print(Examination([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], target="weight"))
    R² 0.500 (1 is perfect, 0 is always saying the mean)
    RMSE 0.5774 and mean absolute error 0.3333, in the units of weight; always saying the mean has an RMSE of 0.8165
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
    def guess(self) -> str:
        """What one says who knows nothing of the features: the mean, or the most frequent class."""
        return f"always saying {self._often}" if self.class_names else "always saying the mean"

    @property
    def worthless(self) -> bool:
        """Whether the guess is as good, or better.

        >>> Examination([9.0, 0.0], [1.0, 2.0]).worthless, Examination([-1.0, 1.0], [0, 1], ["frog", "newt"]).worthless
        (True, False)
        """
        if not self.class_names:
            return self.score <= 0
        return self.score <= max(Counter(self.targets).values()) / len(self.targets)

    @property
    def _often(self) -> str:
        counts = Counter(self.targets)
        return self.class_names[max(range(len(self.class_names)), key=lambda k: counts[k])]

    @property
    def rmse(self) -> float:
        """The root of the mean squared error, in the target's units."""
        return dist(self.targets, list(map(float, self.outputs))) / sqrt(
            len(self.targets)
        )  # dist, as squares overflow

    @property
    def line(self) -> str:
        """The score in one line.

        >>> Examination([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], ["frog", "newt"]).line
        'accuracy 75.0 % (3 of 4 right)'
        """
        if self.class_names:
            right, count = round(self.score * len(self.targets)), len(self.targets)
            return f"accuracy {self.score:.1%} ({right} of {count} right)".replace("%", " %")
        return f"R² {plain(self.score)}, RMSE {self.rmse:.4g}"

    def __str__(self) -> str:
        return "\n".join(self._of_classes() if self.class_names else self._of_numbers())

    def _of_numbers(self) -> list[str]:
        errors = [abs(t - float(o)) for t, o in zip(self.targets, self.outputs, strict=True)]
        middle = fmean(self.targets)
        usual = dist(self.targets, [middle] * len(self.targets)) / sqrt(len(self.targets))
        return [
            f"R² {plain(self.score)} (1 is perfect, 0 is always saying the mean)",
            f"RMSE {self.rmse:.4g} and mean absolute error {fmean(errors):.4g}, in the units of {self.target}; "
            f"always saying the mean has an RMSE of {usual:.4g}",
        ]

    def _of_classes(self) -> list[str]:
        names, classes = self.class_names, range(len(self.class_names))
        counts = Counter(self.targets)
        guessed = f"{max(counts.values()) / len(self.targets):.1%}".replace("%", " %")
        lines = [f"{self.line}; {self.guess} would give {guessed}"]
        if len(names) <= WIDEST:
            matrix = confusion_matrix(self.outputs, self.targets, len(names))
            rows = [["true \\ taken for", *names]]
            rows += [[name, *map(str, line)] for name, line in zip(names, matrix, strict=True)]
            lines += ["", *table(rows)]
        rows = [["class", "precision", "recall", "F1", "rows"]]
        for k in classes:
            figures = [plain(of(self.outputs, self.targets, k)) for of in (precision, recall, f1)]
            rows.append([names[k], *figures, str(counts[k])])
        return [*lines, "", *table(rows)]


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right.

    >>> table([["class", "rows"], ["frog", "3"]])
    ['class  rows', 'frog      3']
    """
    cells = [[" ".join(cell.split())[:24] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        others = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *others]).rstrip())
    return lines


def plain(x: float) -> str:
    """A score with three digits after the point, however large; nan is that there is none.

    >>> plain(0.5), plain(-1e30), plain(nan)
    ('0.500', '-1e+30', 'none')
    """
    return "none" if isnan(x) else f"{x:.3f}" if abs(x) < 1e4 else f"{x:.4g}"


def spread(numbers: Sequence[float], digits: Callable[[float], str] = plain) -> str:
    """Mean ± standard deviation.

    >>> spread([0.25, 0.75]), spread([-inf, 0.5])
    ('0.500 ± 0.354', '-inf ± none')
    """
    deviation = stdev(numbers) if all(map(isfinite, numbers)) else nan
    return f"{digits(fmean(numbers))} ± {digits(deviation)}"
