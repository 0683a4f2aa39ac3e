"""What a model predicts over two features, on a grid; or over a single one, on a line."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd import no_grad
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.losses import cross_entropy
from nn.metrics import predicted_class
from nn.module import check_in_features, plain
from nn.plotting.inputs import as_number
from nn.training.checks import check_rows
from nn.training.evaluation import batch_outputs
from nn.training.loss_curves import Point
from nn.training.scores import numbered_classes

Model = Callable[[Any], Any]

MARGIN = 0.08  # of a feature's range, left free on either side


@dataclass(frozen=True)
class DecisionGrid:
    """The outputs of a model over a grid: ``outputs[j][i]`` is that at (xs[i], ys[j])."""

    xs: list[float]
    ys: list[float]
    outputs: list[list[Any]]
    threshold: float  # above which a single output means class 1: 0.5 for probabilities, else 0
    class_names: list[str]  # those of the data, and ``class k`` for each further output

    @property
    def classes(self) -> list[list[int]]:
        """The predicted class at each point."""
        return [[predicted_class(output, self.threshold) for output in row] for row in self.outputs]


def decision_grid(model: Model, data: Dataset, columns: int, rows: int) -> DecisionGrid:
    """The model's outputs at the centre of each cell of a grid over data with 2 features."""
    (left, right), (low, high) = ranges(data)
    xs = [left + (i + 0.5) / columns * (right - left) for i in range(columns)]
    ys = [low + (j + 0.5) / rows * (high - low) for j in range(rows)]
    outputs, first = _predictions(model, [[x, y] for y in ys for x in xs], data)
    table = [outputs[start : start + columns] for start in range(0, len(outputs), columns)]
    probability = numbered_classes(first, cross_entropy, 2)
    known, count = data.class_names, len(outputs[0]) if isinstance(outputs[0], list) else 2
    names = known + [f"class {k}" for k in range(len(known), count)]
    return DecisionGrid(xs, ys, table, 0.5 if probability else 0.0, names)


def prediction_line(model: Model, data: Dataset, count: int) -> list[Point]:
    """The model's predictions at points along data with 1 feature."""
    ((low, high),) = ranges(data)
    xs = [low + i / (count - 1) * (high - low) for i in range(count)]
    return list(zip(xs, _predictions(model, [[x] for x in xs], data)[0], strict=True))


def _predictions(model: Model, points: list[list[float]], data: Dataset) -> tuple[list[Any], Any]:
    """The outputs of a model for points, and the first as it gave it; else an error."""
    check_in_features(model, len(data.feature_names))
    if not callable(model) or isinstance(model, type):
        need = "boundary needs a model, which can be called with a row"
        raise TypeError(f"{need}, got {type_name(model)}")
    with no_grad():
        first = plain(model(points[0]))
    several = isinstance(first, (list, tuple))
    for x in first if several else [first]:
        as_number("boundary", x, " from the model")
    if several and not data.classification:
        came = f"{len(first)}: give the data class_names if they are classes"
        raise ValueError(f"boundary needs a model with one output for a regression, got {came}")
    outputs = batch_outputs(model, points)
    for point, output in zip(points, outputs, strict=True):
        if not all(map(isfinite, output if several else [output])):
            came = f"{output} at {point}: train it again with a smaller learning rate"
            raise ValueError(f"boundary needs a model whose outputs are finite, got {came}")
    return outputs, first


def ranges(data: Dataset) -> list[tuple[float, float]]:
    """The range of each feature, with a margin."""
    ends = [(min(column), max(column)) for column in zip(*data.features, strict=True)]
    margins = [MARGIN * (high - low) or 1.0 for low, high in ends]
    return [(low - m, high + m) for (low, high), m in zip(ends, margins, strict=True)]


def drawable(data: Dataset) -> bool:
    """Whether predictions can be drawn: over two features, or numbers over one."""
    return len(data.feature_names) in ((2,) if data.classification else (1, 2))


def check_features(data: Dataset) -> None:
    """Raise a TypeError or a ValueError if a boundary cannot be drawn over these data."""
    check_rows("boundary", data)
    if not drawable(data):
        kind = "classes" if data.classification else "a regression"
        came = f"{len(data.feature_names)} and {kind}: make a Dataset of two of its columns"
        raise ValueError(f"boundary needs data of 2 features (or a regression on 1), got {came}")
