"""The plane, or the line, of the features: what a model answers at each point of a grid over the
data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd import no_grad
from nn.checks import a_kind
from nn.data.dataset import Dataset
from nn.losses import cross_entropy
from nn.metrics import predicted_class
from nn.training.evaluation import estimated
from nn.training.predictions import answers
from nn.width import check_width

__all__ = ["Plane", "check_plane", "class_names", "line", "plane", "ranges", "reach"]

MARGIN = 0.08  # of the data's width, left free on either side


@dataclass(frozen=True)
class Plane:
    """The outputs of a model over a grid: ``outputs[j][i]`` is that at the point (xs[i], ys[j]),
    from below up.

    threshold: above which a single output means class 1; 0 for logits, 0.5 where it is a
    probability."""

    xs: list[float]
    ys: list[float]
    outputs: list[list[Any]]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    threshold: float = 0.0

    @property
    def classes(self) -> list[list[int]]:
        """The predicted class at each point."""
        return [[predicted_class(output, self.threshold) for output in row] for row in self.outputs]


def plane(model: Callable[[Any], Any], data: Dataset, columns: int, rows: int) -> Plane:
    """The model's outputs in the middle of each cell of a grid over data of 2 features, with a
    margin around them.

    >>> from nn import moons
    >>> found = plane(lambda row: row[1] - 0.25, moons(), columns=3, rows=2)
    >>> found.classes
    [[0, 0, 0], [1, 1, 1]]
    """
    (left, right), (low, high) = ranges(data)
    xs = [left + (i + 0.5) / columns * (right - left) for i in range(columns)]
    ys = [low + (j + 0.5) / rows * (high - low) for j in range(rows)]
    outputs = _asked(model, [[x, y] for y in ys for x in xs], data)
    table = [outputs[start : start + columns] for start in range(0, len(outputs), columns)]
    with no_grad():
        is_share = estimated(model([xs[0], ys[0]]), cross_entropy, 2)
    return Plane(xs, ys, table, (left, right), (low, high), 0.5 if is_share else 0.0)


def line(model: Callable[[Any], Any], data: Dataset, count: int) -> list[tuple[float, float]]:
    """The model's predictions at points along data of 1 feature, with a margin on either side.

    >>> line(lambda row: 2 * row[0], Dataset([[0.0], [1.0]], [0.1, 1.9]), count=2)
    [(-0.08, -0.16), (1.08, 2.16)]
    """
    low, high = reach([row[0] for row in data.features])
    xs = [low + i / (count - 1) * (high - low) for i in range(count)]
    outputs = _asked(model, [[x] for x in xs], data)
    return list(zip(xs, outputs, strict=True))


def _asked(model: Callable[[Any], Any], points: list[list[float]], data: Dataset) -> list[Any]:
    """The outputs of a model for points; one sentence if they cannot be drawn."""
    check_width(model, len(data.feature_names))
    outputs = answers(model, points)
    for point, output in zip(points, outputs, strict=True):
        several = isinstance(output, list)
        if several and not data.classification:
            raise ValueError(
                f"boundary needs a model with one output for a regression, got {len(output)}: give the data "
                "class_names if they are classes"
            )
        if not all(map(isfinite, output if several else [output])):
            raise ValueError(
                f"boundary needs a model whose outputs are finite, got {output} at {point}: train it again with a "
                "smaller learning rate"
            )
    return outputs


def class_names(data: Dataset, outputs: Sequence[Any]) -> list[str]:
    """A name for each class that the data have or the model can answer.

    >>> from nn import moons
    >>> class_names(moons(), [[0.1, 0.2, 0.3]])
    ['upper', 'lower', 'class 2']
    """
    width = len(outputs[0]) if isinstance(outputs[0], list) else 2
    return data.class_names + [f"class {k}" for k in range(len(data.class_names), width)]


def ranges(data: Dataset) -> tuple[tuple[float, float], tuple[float, float]]:
    """From where to where the two features are looked at.

    >>> from nn import xor
    >>> ranges(xor(4, noise=0))
    ((-0.08, 1.08), (-0.08, 1.08))
    """
    return reach([row[0] for row in data.features]), reach([row[1] for row in data.features])


def reach(numbers: Sequence[float]) -> tuple[float, float]:
    """From the least to the largest number, with a margin.

    >>> reach([0.0, 1.0]), reach([3.0])
    ((-0.08, 1.08), (2.0, 4.0))
    """
    low, high = min(numbers), max(numbers)
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def check_plane(data: Dataset) -> None:
    """One sentence if a boundary cannot be drawn over these data."""
    if not isinstance(data, Dataset):
        raise TypeError(
            f"boundary needs a Dataset, got {a_kind(data)}: write Dataset(features, targets)"
        )
    if not len(data):
        raise ValueError("boundary needs at least one row, got an empty dataset")
    width = len(data.feature_names)
    if width != 2 and not (width == 1 and not data.classification):
        kind = "classes" if data.classification else "a regression"
        raise ValueError(
            f"boundary needs data of 2 features (or a regression on 1), got {width} and {kind}: "
            "make a Dataset of two of its columns"
        )
