"""A model on rows: its outputs, and how good they are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from math import fsum, isclose, nan
from statistics import fmean
from typing import Any

from autograd import GraphError, Value, Viewable, no_grad
from nn.checks import type_name
from nn.data.arrays import as_array, in_rows, joined
from nn.data.dataset import Dataset
from nn.losses import Loss, cross_entropy, loss_kind, mean_squared_error
from nn.metrics import ConfusionMatrix, confusion_matrix, logits, numbers, plain, scores, single
from nn.module import check_in_features, generators
from nn.training.checks import check_evaluation

__all__ = ["evaluate", "predict"]

Function = Callable[[Any], Any]
# What a function may raise that cannot be recorded, or takes whole batches alone.
UNFIT = (ArithmeticError, AttributeError, GraphError, LookupError, TypeError, ValueError)


class Evaluation(tuple[float, float], Viewable):
    """The loss and the accuracy of a model on rows, and of classes the ``confusion`` matrix."""

    confusion: ConfusionMatrix | None = None

    def _parts(self) -> list[Any]:
        loss, accuracy = self
        head = f"loss {loss:.4g}" + f", accuracy {accuracy:.4g}" * (accuracy == accuracy)
        return [head, *(self.confusion._parts() if self.confusion else [])]


def evaluate(model: Function, data: Dataset, loss: Loss | None = None) -> Evaluation:
    """The loss and the accuracy (nan for a regression) of a model on rows; in a notebook also the
    confusion matrix."""
    check_evaluation("evaluate", model, data, loss)
    loss = loss or default_loss(data)
    with no_grad():
        outputs, found = outputs_and_loss(model, loss, data)
        estimates = estimated(outputs[0], loss, len(data.class_names))
    outputs, names = list(map(numbers, outputs)), data.class_names
    accuracy, _ = scores(outputs, data.targets, data.classification, estimates)
    evaluation = Evaluation((float(found), accuracy))
    with suppress(ValueError):  # of an output of nan
        if data.classification:
            classes = logits(outputs, estimates)
            evaluation.confusion = confusion_matrix(classes, data.targets, len(names))
            evaluation.confusion.names = names
    return evaluation


def predict(model: Function, data: Dataset) -> list[Any]:
    """The model's output for each row, a float or a list of floats, for metrics."""
    if not isinstance(data, Dataset):
        came = f"{type_name(data)}: for one row, call the model itself, model(row)"
        raise TypeError(f"predict needs a Dataset, got {came}")
    check_in_features(model, len(data.feature_names))
    return _row_by_row(model, data.features)


def _row_by_row(model: Function, rows: Sequence[Sequence[float]]) -> list[Any]:
    with no_grad():
        return [numbers(model(row)) for row in rows]


def batch_outputs(model: Function, rows: Sequence[Sequence[float]]) -> list[Any]:
    """The outputs of ``predict`` up to rounding, at once where the model can be recorded."""
    # a recording takes as long as two rows
    return batch_model(model, rows[0])(rows) if len(rows) > 1 else _row_by_row(model, rows)


def batch_model(
    model: Function, first: Sequence[float]
) -> Callable[[Sequence[Sequence[float]]], list[Any]]:
    """The model as a function of many rows, recorded once on the first; row by row if it cannot."""
    program: Any = None
    with suppress(ImportError, *UNFIT):
        from autograd import record

        program = record(model, list(first))

    def outputs(rows: Sequence[Sequence[float]]) -> list[Any]:
        with suppress(ImportError, *UNFIT):
            found = program(as_array(rows))
            columns = found if isinstance(found, (list, tuple)) else [found]
            if all(getattr(column, "shape", ()) == (len(rows),) for column in columns):
                return list(in_rows(found).tolist())  # else nested, or the same for all rows
        return _row_by_row(model, rows)

    return outputs if program else partial(_row_by_row, model)


class Scores:
    """Accuracy and R² of the batches of an epoch."""

    def __init__(self, classes: bool) -> None:
        self.classes, self.outputs, self.targets, self.rows = classes, list[Any](), list[Any](), 0

    def add(self, outputs: Any, targets: Any, estimates: int) -> None:
        """Take a batch into account; estimates: see ``estimated``."""
        self.outputs.append(outputs)
        self.targets.append(targets)
        self.rows += len(targets)

    def result(self, estimates: int) -> tuple[float, float]:
        """Accuracy or R², and nan for the other."""
        return scores(joined(self.outputs), joined(self.targets), self.classes, estimates)


class RunningScores(Scores):
    """The same of batches of which nothing is kept, up to rounding.

    Source: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance (1983)."""

    right = missed = mean = spread = 0.0

    def add(self, outputs: Any, targets: Any, estimates: int) -> None:
        before, new = self.rows, len(targets)
        if not new:
            return
        self.rows += new
        if self.classes:
            self.right += scores(outputs, targets, True, estimates)[0] * new
            return
        found, targets = plain(outputs), plain(targets)
        if isinstance(found[0], list):  # several numbers
            self.missed = nan
            return
        middle = fmean(targets)
        off = middle - self.mean
        self.missed += fsum((t - y) * (t - y) for t, y in zip(targets, found, strict=True))
        self.spread += fsum((t - middle) ** 2 for t in targets)
        self.spread += off * off * before * new / self.rows
        self.mean += off * new / self.rows

    def add_up(self, over: Callable[[list[float]], Any]) -> None:
        """Those of all processes, whose numbers are added up so."""
        mean, rows = self.mean, self.rows
        found = [rows, self.right, self.missed, rows * mean]
        self.rows, self.right, self.missed, total = over(found)
        self.mean = total / self.rows
        self.spread = over([self.spread + rows * (mean - self.mean) ** 2])[0]

    def result(self, estimates: int) -> tuple[float, float]:
        if self.classes:
            return self.right / self.rows, nan
        return nan, 1 - self.missed / self.spread if self.spread else nan


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Afterwards the model's parameters, grads and random generators are what they were before."""
    before = [(p, p.data, p.grad if p.reached else None) for p in model.parameters()]
    draws = [(rng, rng.getstate()) for rng in generators(model)]
    try:
        yield
    finally:
        for p, data, grad in before:
            p.data = data
            p.zero_grad()
            if grad is not None:
                p.grad = grad
        for rng, state in draws:
            rng.setstate(state)


def outputs_and_loss(model: Function, loss: Loss, data: Dataset) -> tuple[list[Any], Any]:
    """What the model gives for rows, and their loss; one written for a single row is told so."""
    outputs = [plain(model(row)) for row in data.features]
    try:
        return outputs, loss(outputs, data.targets)
    except (AttributeError, TypeError) as error:
        try:
            loss(outputs[0], data.targets[0])
        except Exception:
            raise error from None
        need = "a loss needs to take the outputs and the targets of a batch, two lists"
        write = "return mean([loss(y, t) for y, t in zip(outputs, targets)])"
        raise TypeError(f"{need}, got one written for a row: {write}") from error


def default_loss(data: Dataset) -> Loss:
    """The loss where none is named: cross_entropy for classes, else mean_squared_error."""
    return cross_entropy if data.classification else mean_squared_error


def estimated(output: Any, loss: Loss, classes: int) -> int:
    """How many classes, if a single output stands for the nearest of them; else 0, for logits."""
    output = single(output)
    if isinstance(output, (list, tuple)) or not classes:
        return 0
    made = output.op.name if isinstance(output, Value) and output.op else ""
    return classes if classes > 2 or made == "sigmoid" or loss_kind(loss) == "value" else 0


def is_sum(loss: Loss, outputs: Sequence[Any], targets: Sequence[float]) -> bool:
    """Whether the loss of rows is the sum of those of each, not their mean: tried on two."""
    parts = (slice(1), slice(1, 2), slice(2))
    try:
        with no_grad():
            one, two, both = (float(loss(list(outputs[k]), list(targets[k]))) for k in parts)
    except UNFIT:
        return False  # a loss of whole batches alone
    mean = (one + two) / 2
    return isclose(both, one + two, rel_tol=1e-9) and not isclose(both, mean, rel_tol=1e-9)
