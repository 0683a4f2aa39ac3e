"""A model on rows that it does not learn from: what it answers, and how good that is."""

from collections.abc import Callable, Sequence
from math import isclose
from typing import Any

from autograd import Value, no_grad
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.losses import cross_entropy, loss_kind, mean_squared_error
from nn.metrics import numbers, plain, scores, single
from nn.module import check_in_features
from nn.training.checks import demand

__all__ = [
    "Loss",
    "estimated",
    "evaluate",
    "examined",
    "predict",
    "summed",
    "usual_loss",
]

Loss = Callable[[Any, Any], Any]
Function = Callable[[Any], Any]


def evaluate(model: Function, data: Dataset, loss: Loss | None = None) -> tuple[float, float]:
    """The loss and the accuracy (nan for a regression) of a model on rows, without learning from
    them.

    >>> from nn import MLP, moons
    >>> _, right = evaluate(MLP(2, [2], seed=0), moons(50))
    >>> 0 <= right <= 1
    True
    """
    if not isinstance(data, Dataset) or not len(data):
        came = "an empty one" if isinstance(data, Dataset) else type_name(data)
        raise TypeError(
            f"evaluate needs a Dataset with at least one row, got {came}: write Dataset(features, targets)"
        )
    demand("evaluate", "loss", loss)
    check_in_features(model, len(data.feature_names))
    loss = loss or usual_loss(data)
    with no_grad():
        outputs = [plain(model(row)) for row in data.features]
        found = float(loss(outputs, data.targets))
    estimates = estimated(outputs[0], loss, len(data.class_names))
    return found, scores(list(map(numbers, outputs)), data.targets, data.classification, estimates)[
        0
    ]


def predict(model: Function, data: Dataset) -> list[Any]:
    """The model's output for each row, a float or a list of floats, for metrics.

    >>> from nn import MLP, moons
    >>> len(predict(MLP(2, [2], seed=0), moons(50)))
    50
    """
    if not isinstance(data, Dataset):
        raise TypeError(
            f"predict needs a Dataset, got {type_name(data)}: for one row, call the model itself, model(row)"
        )
    check_in_features(model, len(data.feature_names))
    with no_grad():
        return [numbers(model(row)) for row in data.features]


def examined(model: Function, data: Dataset, loss: Loss) -> tuple[list[Any], float]:
    """The outputs for rows, as plain numbers, and their loss.

    >>> examined(lambda row: 2 * row[0], Dataset([[1.0], [2.0]], [2.0, 5.0]), mean_squared_error)
    ([2.0, 4.0], 0.5)
    """
    with no_grad():
        outputs = [plain(model(row)) for row in data.features]
        return list(map(numbers, outputs)), float(loss(outputs, data.targets))


def usual_loss(data: Dataset) -> Loss:
    """The loss where none is named: cross_entropy for classes, else mean_squared_error.

    >>> from nn import iris
    >>> usual_loss(iris()).__name__
    'cross_entropy'
    """
    return cross_entropy if data.classification else mean_squared_error


def estimated(output: Any, loss: Loss, classes: int) -> int:
    """The number of classes, if an output stands for the nearest class (as a probability does),
    else 0: for logits.

    So it is of a single output that a sigmoid made, or that a loss of errors brings near the number
    of the class, or where there are more than two classes.

    >>> estimated(0.25, mean_squared_error, 2), estimated(0.25, cross_entropy, 2)
    (2, 0)
    """
    output = single(output)
    if isinstance(output, (list, tuple)) or not classes:
        return 0
    made = output.op.name if isinstance(output, Value) and output.op else ""
    return classes if classes > 2 or made == "sigmoid" or loss_kind(loss) == "value" else 0


def summed(loss: Loss, outputs: Sequence[Any], targets: Sequence[float]) -> bool:
    """Whether the loss of rows is the sum of those of each, found out with the first two; our own
    are all means.

    >>> summed(lambda outputs, targets: sum(outputs), [1.0, 2.0], [0.0, 0.0]), summed(cross_entropy, [1.0, 2.0], [0, 1])
    (True, False)
    """
    if len(outputs) < 2:
        return False
    try:
        with no_grad():
            one, two = (
                float(loss([output], [t]))
                for output, t in zip(outputs[:2], targets[:2], strict=True)
            )
            both = float(loss(list(outputs[:2]), list(targets[:2])))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):  # a loss of whole batches alone
        return False
    return isclose(both, one + two, rel_tol=1e-9) and not isclose(
        both, (one + two) / 2, rel_tol=1e-9
    )
