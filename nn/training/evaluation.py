"""A model on rows: its outputs, and how good they are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from math import isclose
from typing import Any

from autograd import GraphError, Viewable, no_grad
from nn.checks import type_name
from nn.data.arrays import as_array, in_rows
from nn.data.dataset import Dataset
from nn.losses import Loss, cross_entropy, mean_squared_error
from nn.metrics import ConfusionMatrix, confusion_matrix
from nn.module import check_in_features, generators, numbers, plain
from nn.training.checks import check_evaluation
from nn.training.scores import logits, numbered_classes, scores

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
        numbered = numbered_classes(outputs[0], loss, len(data.class_names))
    outputs, names = list(map(numbers, outputs)), data.class_names
    accuracy, _ = scores(outputs, data.targets, data.classification, numbered)
    evaluation = Evaluation((float(found), accuracy))
    with suppress(ValueError):  # of an output of nan
        if data.classification:
            classes = logits(outputs, numbered)
            evaluation.confusion = confusion_matrix(classes, data.targets, len(names))
            evaluation.confusion.names = names
    return evaluation


def predict(model: Function, data: Dataset) -> list[Any]:
    """The model's output for each row, a float or a list of floats, for metrics."""
    if not isinstance(data, Dataset):
        came = f"{type_name(data)}: write predict(model, data), or [model(row) for row in rows]"
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
