"""What a run of training needs of its arguments, in one sentence for each, and its warnings."""

from collections.abc import Sequence
from inspect import signature
from math import exp, inf, isclose, log1p
from numbers import Real
from typing import Any

from autograd import Value
from nn.activations import RANGES
from nn.checks import counted, type_name, whole
from nn.data.dataset import Dataset
from nn.data.stream import Stream
from nn.losses import loss_kind, loss_name
from nn.module import Module, check_in_features, numbers
from nn.optim import Optimizer
from nn.training.config import TrainConfig

__all__ = ["Divergence", "Fallback", "Mismatch"]


class Mismatch(UserWarning):
    """Model, loss and optimiser do not belong together: training cannot get where it should."""


class Fallback(RuntimeWarning):
    """Model or loss cannot be recorded, or have changed since: training goes row by row."""


class Divergence(RuntimeWarning):
    """The loss, a gradient or a parameter became nan or infinite, and training stopped."""


def check(config: TrainConfig) -> None:
    """Raise a TypeError or a ValueError for the first option of ``train`` that cannot be used."""
    model, data, optimizer = config.model, config.data, config.optimizer
    if not isinstance(data, Stream):
        check_rows("train", data)
    if not _has(model, "__call__", "parameters"):
        remedy = "make an MLP, or derive yours from nn.Module"
        raise _wrong("train needs a model that can be called and has parameters()", model, remedy)
    check_loss("train", config.loss)
    for x, method, need, example in (
        (optimizer, "step", "an optimizer with step(parameters)", "SGD(0.1) or Adam(0.01)"),
        (config.penalty, "__call__", "a function of the weights as penalty", "L2(0.01)"),
        (config.until, "__call__", "a function of the history as until", "EarlyStopping(10)"),
    ):
        if x is not None and not _has(x, method):
            raise _wrong(f"train needs {need}", x, f"write {example}, say")
    for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
        whole("train", name, getattr(config, name), least)
    if not list(model.parameters()):
        raise ValueError(f"train needs a model with parameters, got {model!r}, which has none")
    if config.penalty:
        check_penalty(model)
    check_in_features(model, len(data.feature_names))
    if isinstance(config.validation, Dataset):
        _check_alike(data, config.validation)
    elif not isinstance(config.validation, (Real, str, type(None))):
        need = "train needs validation to be a fraction, a Dataset or None"
        raise _wrong(need, config.validation, "write Dataset(features, targets)")
    if isinstance(data, Stream):
        _check_stream(data, config)
    if config.engine not in ("auto", "eager", "jax"):
        raise ValueError(f"engine needs to be 'auto', 'eager' or 'jax', got {config.engine!r}")


def _check_stream(data: Stream, config: TrainConfig) -> None:
    """Raise a ValueError for what batches that come one after the other cannot do."""
    if not isinstance(config.validation, (Dataset, type(None))):
        need = "train needs a Dataset to validate on beside a stream of batches, or validation=None"
        cure = "write rest, part = stream.split(10) and train on the rest with validation=part"
        raise ValueError(f"{need}, got {config.validation!r}: {cure}")
    if data.is_once and not data.steps and config.epochs > 1:
        need = f"train needs batches for each of {config.epochs} epochs"
        came = "an iterator, which gives them once"
        cure = "pass a function that returns one, epochs=1, or Stream(iterator, steps=...)"
        raise ValueError(f"{need}, got {came}: {cure}")


def check_evaluation(who: str, model: Any, data: Any, loss: Any) -> None:
    """Raise a TypeError or a ValueError if a loss of the model on rows cannot be had."""
    check_rows(who, data)
    check_loss(who, loss)
    check_in_features(model, len(data.feature_names))


def check_penalty(model: Any) -> list[Value]:
    """The weights that a penalty acts on; a TypeError where nothing tells them from the biases."""
    if not isinstance(model, Module):
        need = "a penalty needs a Module, which tells weights from biases by their names"
        raise TypeError(f"{need}, got {type_name(model)}: derive it from nn.Module")
    return model.weights()


def check_rows(who: str, data: Any) -> None:
    """Raise a TypeError or a ValueError for what is no dataset, or an empty one."""
    if not isinstance(data, Dataset):
        swapped = isinstance(data, Module)
        remedy = "write the model first" if swapped else "write Dataset(features, targets)"
        raise _wrong(f"{who} needs a Dataset", data, remedy)
    if not len(data):
        raise ValueError(f"{who} needs at least one row, got an empty dataset")


def check_loss(who: str, loss: Any) -> None:
    """Raise a TypeError or a ValueError if it cannot be called with predictions and targets."""
    try:
        right = loss is None or (_has(loss, "__call__") and bool(signature(loss).bind(None, None)))
    except ValueError:  # some that are written in C do not tell
        right = True
    except TypeError:
        right = False
    if not right:
        need = f"{who} needs a loss that is a function of predictions and targets"
        losses = "pass nn.cross_entropy or nn.mean_squared_error itself, say"
        takes_it = who in ("train", "find_rate") and _has(loss, "step")
        raise _wrong(need, loss, f"write optimizer={loss!r}" if takes_it else losses)


def _check_alike(data: Dataset, validation: Dataset) -> None:
    """Raise a ValueError if the columns or the classes of two datasets do not mean the same."""
    if not len(validation):
        need = "train needs at least one row to validate on"
        raise ValueError(f"{need}, got an empty dataset: write validation=None")
    for what, name in (("features", "feature_names"), ("classes", "class_names")):
        mine, theirs = getattr(data, name), getattr(validation, name)
        if mine != theirs:
            need, came = (", ".join(map(str, names)) or "none" for names in (mine, theirs))
            need = f"train needs a validation part with the {what} of the data, {need}"
            raise ValueError(f"{need}, got {came}: give both the same names in the same order")


def _has(x: Any, *methods: str) -> bool:
    return not isinstance(x, type) and all(callable(getattr(x, name, None)) for name in methods)


def _wrong(need: str, x: Any, remedy: str) -> TypeError | ValueError:
    came = repr(x) if isinstance(x, (int, float, str, type(None))) else type_name(x)
    came = f"a function of {signature(x)}" if "a loss" in need and _has(x, "__call__") else came
    kind = ValueError if isinstance(x, (int, float)) else TypeError
    return kind(f"{need}, got {came}: {remedy}")


def squashed(loss: Any, activation: str, count: int) -> str:
    """What is wrong with outputs of an activation for a loss on logits; "" if nothing is."""
    low, high = RANGES.get(activation, (-inf, inf))
    if loss_kind(loss) != "logits" or high == inf:
        return ""
    # Between the bounds the loss cannot come near 0. The surest that it can be of a row: the true
    # class at the top, all others at the bottom.
    least = log1p((count - 1) * exp(low - high)) if count > 1 else log1p(exp(-high))
    takes = f"{loss_name(loss)} takes logits, got outputs of {activation}"
    return f"{takes}, which keep it above {least:.2f}"


def mismatch(outputs: Sequence[Any], loss: Any, data: Dataset) -> str:
    """What is wrong with the first outputs of a model, in a warning's words; "" if nothing is."""
    if loss_kind(loss) != "logits":
        return ""
    rows = [row if isinstance(row, (list, tuple)) else [row] for row in outputs]
    count, classes = len(rows[0]), len(data.class_names)
    if count > max(2, classes) and data.classification:
        need = f"{loss_name(loss)} needs an output for each of {classes} classes"
        return f"{need}, got {count}: leave out the others, which no row can ask for"
    made = {y.op.name if isinstance(y, Value) and y.op else "" for y in rows[0]}
    if len(made) == 1 and (wrong := squashed(loss, activation := made.pop(), count)):
        return f"{wrong}: leave out the {activation}"
    sizes = [numbers(row) for row in rows] if count > 1 else []
    if sizes and all(min(row) >= 0 and isclose(sum(row), 1, rel_tol=1e-9) for row in sizes):
        return f"{loss_name(loss)} takes logits, got rows that sum to 1: leave out the softmax"
    return ""


def used_schedule(optimizer: Any, parameters: Sequence[Value], steps: int) -> str:
    """What is wrong with an optimiser's schedule at the start of a run; "" if nothing is."""
    if not isinstance(optimizer, Optimizer) or not callable(optimizer.learning_rate):
        return ""
    schedule, done = f"the schedule of {type(optimizer).__name__}", optimizer.steps
    if done and not any(p in optimizer.state for p in parameters):
        used = f"{schedule} continues after {counted(done, 'step')} of another run"
        return f"{used}: give each run an optimiser of its own"
    if not any(optimizer.learning_rate(done + k) for k in range(steps)):
        return f"{schedule} has a rate of 0 for all of the first epoch: nothing will move"
    return ""
