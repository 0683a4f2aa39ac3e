"""A model on rows that it does not learn from: what it answers, and how good that is."""

from collections.abc import Callable, Sequence
from math import hypot, isclose, nan
from typing import Any

from autograd import GraphError, Value, no_grad
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.losses import cross_entropy, loss_kind, mean_squared_error
from nn.metrics import numbers, plain, scores, single
from nn.module import check_in_features
from nn.training.checks import demand
from nn.training.history import Epoch

__all__ = [
    "Loss",
    "RunningMetrics",
    "batch_outputs",
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


def batch_outputs(model: Function, rows: Sequence[Sequence[float]]) -> list[Any]:
    """The model's output for each row: those of ``predict``, up to rounding, computed for all rows
    at once where the model can be recorded.

    >>> from nn import MLP
    >>> model = MLP(2, [8, 1], seed=0)
    >>> batch_outputs(model, [[1.0, 2.0]]) == [model([1.0, 2.0]).data]
    True
    """
    replayed = _replayed(model, rows)
    if replayed is not None:
        return replayed
    with no_grad():
        return [numbers(model(row)) for row in rows]


def _replayed(model: Function, rows: Sequence[Sequence[float]]) -> list[Any] | None:
    """The outputs by replay, or None where the model cannot be recorded."""
    if len(rows) < 2:  # a recording takes longer than two rows
        return None
    try:
        import numpy as np

        from autograd import record  # here, because it needs NumPy

        columns = record(model, list(rows[0]), engine="numpy")(np.array(rows, dtype=float))
    except (
        ArithmeticError,
        AttributeError,
        GraphError,
        ImportError,
        LookupError,
        TypeError,
        ValueError,
    ):
        return None
    several = isinstance(columns, (list, tuple))
    if not all(np.shape(column) == (len(rows),) for column in (columns if several else [columns])):
        return None  # nested, or the same for all rows
    if not several:
        return columns.tolist()  # type: ignore[no-any-return]
    return list(map(list, zip(*(column.tolist() for column in columns), strict=True)))


class RunningMetrics:
    """The figures of the batches of one epoch, as they go by.

    rate: that of the first step. summed: whether the loss of a batch is the sum over its rows; then
    it is given per row. estimates: see ``estimated``.

    >>> metrics = RunningMetrics(rate=0.1)
    >>> metrics.add([1.0, 2.0], 0.5, Dataset([[0.0], [1.0]], [1.0, 3.0]), 2.0)
    >>> metrics.epoch(1, (nan, nan, nan), [Value(3.0), Value(4.0)])
    epoch 1: loss 0.5, R² 0.5
    """

    summed: bool | None = False
    estimates: int | None = 0

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.losses: list[tuple[float, int]] = []
        self.norms: list[float] = []
        self.outputs: list[Any] = []
        self.targets: list[float] = []
        self.classification = False

    def add(self, outputs: list[Any], loss: float, batch: Dataset, norm: float) -> None:
        """Count a batch in: its outputs, its loss, and the length of the gradient."""
        self.losses.append((loss, len(batch)))
        self.norms.append(norm)
        self.outputs += outputs
        self.targets += batch.targets
        self.classification = batch.classification

    def of_rows(self, outputs: list[Any], loss: float, data: Dataset) -> tuple[float, float, float]:
        """Loss, accuracy and R² of rows."""
        loss = loss / len(data) if self.summed else loss
        return loss, *scores(outputs, data.targets, data.classification, self.estimates or 0)

    def epoch(
        self, number: int, validation: tuple[float, float, float], weights: Sequence[Value]
    ) -> Epoch:
        """The epoch of that number, with the validation part's loss, accuracy and R²; weights: none
        if nothing tells them from the biases.
        """
        losses = [loss if self.summed else loss * rows for loss, rows in self.losses]
        loss = sum(losses) / len(self.targets)
        share, fit = scores(self.outputs, self.targets, self.classification, self.estimates or 0)
        norm = sum(self.norms) / len(self.norms)
        size = hypot(*(w.data for w in weights)) if weights else nan
        return Epoch(
            number, loss, share, *validation[:2], fit, validation[2], self.rate, norm, size
        )


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
