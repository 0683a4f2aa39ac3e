"""A model on rows that it does not learn from: what it answers, and how good that is."""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

from autograd import no_grad
from nn.dataset import Dataset
from nn.losses import cross_entropy, mean_squared_error
from nn.metrics import accuracy, r_squared

__all__ = ["Loss", "evaluate", "examined", "numbers", "predict", "scores", "usual_loss"]

Loss = Callable[[Any, Any], Any]
Function = Callable[[Any], Any]


def evaluate(model: Function, data: Dataset, loss: Loss | None = None) -> tuple[float, float]:
    """The loss and the accuracy (nan for a regression) of a model on rows, without learning from them.

    >>> from nn import MLP, moons
    >>> _, right = evaluate(MLP(2, [2], seed=0), moons(50))
    >>> 0 <= right <= 1
    True
    """
    outputs, found = examined(model, data, loss or usual_loss(data))
    return found, scores(outputs, data.targets, data.classification)[0]


def predict(model: Function, data: Dataset) -> list[Any]:
    """The model's output for each row, a float or a list of floats, for metrics.

    >>> from nn import MLP, moons
    >>> len(predict(MLP(2, [2], seed=0), moons(50)))
    50
    """
    with no_grad():
        return [numbers(model(row)) for row in data.features]


def examined(model: Function, data: Dataset, loss: Loss) -> tuple[list[Any], float]:
    """The outputs for rows, as plain numbers, and their loss.

    >>> examined(lambda row: 2 * row[0], Dataset([[1.0], [2.0]], [2.0, 5.0]), mean_squared_error)
    ([2.0, 4.0], 0.5)
    """
    with no_grad():
        outputs = [model(row) for row in data.features]
        return list(map(numbers, outputs)), float(loss(outputs, data.targets))


def scores(outputs: list[Any], targets: Sequence[float], classification: bool) -> tuple[float, float]:
    """Accuracy of classes, R² of numbers; the other one is nan.

    >>> scores([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], False)
    (nan, 0.5)
    """
    if classification:
        return accuracy(outputs, targets), nan
    return nan, nan if isinstance(outputs[0], list) else r_squared(outputs, targets)


def numbers(output: Any) -> Any:
    """An output as plain numbers: a float, or a list of them.

    >>> from autograd import Value
    >>> numbers([Value(1.0), Value(2.0)])
    [1.0, 2.0]
    """
    return [float(x) for x in output] if isinstance(output, (list, tuple)) else float(output)


def usual_loss(data: Dataset) -> Loss:
    """The loss where none is named: cross_entropy for classes, else mean_squared_error.

    >>> from nn import iris
    >>> usual_loss(iris()).__name__
    'cross_entropy'
    """
    return cross_entropy if data.classification else mean_squared_error
