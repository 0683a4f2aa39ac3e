"""Replay: a model and its loss, recorded on one row and run on whole batches as arrays."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isclose, isfinite
from typing import Any

from autograd import DomainError, GraphError, Value, dot, no_grad, strict, withholding
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import Dropout
from nn.losses import Loss, loss_kind
from nn.metrics import numbers, plain
from nn.module import generators, modules_in
from nn.training.evaluation import outputs_and_loss

__all__ = ["CannotReplay", "Expected", "Replay", "batch_outputs", "unchanged"]

# What a function may raise that cannot be recorded, or takes whole batches alone.
UNFIT = (ArithmeticError, AttributeError, GraphError, LookupError, TypeError, ValueError)

KEPT = (
    "of a parameter inside a recorded function would freeze its number for all steps to come: "
    "keep computing with the Value itself"
)


class CannotReplay(Exception):
    """Why a model or a loss has to be run row by row."""


class Expected(CannotReplay):
    """Why, where the user chose it so or cannot help it: worth a note, but no warning."""


class Replay:
    """A model with its loss, whose gradients and values are those of the eager engine up to
    rounding.

    first: rows to try it on. targets: all that there will be. Raises CannotReplay if the model or
    the loss cannot be recorded, or if the loss of a batch is neither the mean nor the sum of the
    losses of its rows, which is tried on the first ones."""

    def __init__(self, model: Any, loss: Loss, first: Dataset, targets: Sequence[float]) -> None:
        try:
            from autograd import record  # here, because it needs NumPy
        except ModuleNotFoundError as missing:
            raise Expected(f"{missing.name} is not installed") from None
        if any(isinstance(m, Dropout) and m.training and m.rate for m in modules_in(model)):
            raise Expected("dropout draws anew for every row")
        self.parameters: list[Value] = list(model.parameters())
        # losses of classes ask which one a target is: they are recorded for each target apart
        of_classes = first.classification or loss_kind(loss) in ("logits", "margin")
        self.classes = sorted(set(targets)) if of_classes else []
        outputs, whole = outputs_and_loss(model, loss, first)
        self.first = outputs[:2]
        if not isinstance(whole, Value):
            raise Expected(f"the loss is {type_name(whole)}")  # the first step will say more
        self.model, self.loss = model, loss

        def step(row: list[Any], target: Any) -> tuple[Any, Any]:
            output = plain(model(row))
            return self.of_row(output, target), output

        try:
            with withholding(self.parameters, KEPT):
                self.program = record(step, first.features[0], self.targets(first)[0])
        except UNFIT as error:
            raise CannotReplay(str(error)) from error
        place = {id(p): k for k, p in enumerate(self.program.parameters) if not p.operands}
        self.places = [place.pop(id(p), -1) for p in self.parameters]
        self.others = len(self.program.parameters) - sum(k >= 0 for k in self.places)
        self.reduce = self._reduction(whole, first)
        self.summed = self.reduce == "sum"

    def of_row(self, output: Any, target: Any) -> Any:
        """The loss of a row, whose target is as ``targets`` gives it."""
        if not self.classes:
            return self.loss([output], [target])
        return dot(target, [self.loss([output], [known]) for known in self.classes])

    def targets(self, data: Dataset) -> list[Any]:
        """The targets as the program takes them: numbers, or for each class whether it is that."""
        if not self.classes:
            return list(map(float, data.targets))
        return [[float(target == known) for known in self.classes] for target in data.targets]

    def columns(self, data: Dataset) -> tuple[Any, Any]:
        """Features and targets as arrays, for the program."""
        import numpy as np

        return np.array(data.features), np.array(self.targets(data))

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads."""
        columns, options = self.columns(batch), {"reduce": self.reduce, "aux": True}
        if self.others:  # Values beside the parameters: they add up, as they do eagerly
            for p in self.parameters:
                p.grad = 0.0
            loss, outputs = self.program.backward(*columns, **options)
        else:
            loss, grads, outputs = self.program.parameter_grad(*columns, **options)
            found = [*grads.tolist(), 0.0]
            for p, place in zip(self.parameters, self.places, strict=True):
                p.grad = found[place] + 0.0  # 0.0 for -0.0, as of a sum
        return _rows(outputs), loss

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        """The outputs for rows and their loss."""
        losses, columns = self.program(*self.columns(data))
        return _rows(columns), float(losses.mean() if self.reduce == "mean" else losses.sum())

    def differs(self, data: Dataset) -> bool:
        """Whether model and loss by now give other numbers for these rows than the recording does.

        Where a number is not finite nothing is known."""
        try:
            with strict(), no_grad():
                eager, loss = outputs_and_loss(self.model, self.loss, data)
                ours = [float(loss), *_flat(map(numbers, eager))]
        except DomainError:
            return False
        replayed, number = self.evaluate(data)
        theirs = [number, *_flat(replayed)]
        if len(ours) != len(theirs):
            return True
        if not all(map(isfinite, ours + theirs)):
            return False
        # far above rounding, and far below what anyone would see
        near = 1e-7 * max(1.0, *map(abs, ours))
        pairs = zip(ours, theirs, strict=True)
        return not all(isclose(a, b, rel_tol=1e-6, abs_tol=near) for a, b in pairs)

    def _reduction(self, whole: Value, rows: Dataset) -> str:
        """Whether the loss of a batch is the mean or the sum of those of its rows; grads stay."""
        with unchanged(self.model):
            for p in self.parameters:
                p.grad = 0.0
            whole.backward()
            eager = [p.grad for p in self.parameters]
            if not isfinite(whole.data) or not all(map(isfinite, eager)):
                return "mean"  # the first step will say so
            # where classes balance, or weights are zero, grads are a rounding away from 0
            near = max(1e-12, 1e-7 * max(map(abs, eager), default=0.0))
            for self.reduce in ("mean", "sum"):
                _, loss = self.gradient(rows)
                pairs = zip(self.parameters, eager, strict=True)
                same = all(isclose(p.grad, grad, rel_tol=1e-7, abs_tol=near) for p, grad in pairs)
                if same and isclose(loss, whole.data, rel_tol=1e-9, abs_tol=1e-12):
                    return self.reduce
        needed = "the loss of a batch is neither the mean nor the sum of the losses of its rows"
        raise CannotReplay(needed)


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


def batch_outputs(model: Callable[[Any], Any], rows: Sequence[Sequence[float]]) -> list[Any]:
    """The outputs of ``predict`` up to rounding, at once where the model can be recorded."""
    if len(rows) > 1:  # a recording takes as long as two rows
        try:
            import numpy as np

            from autograd import record

            found = record(model, list(rows[0]), engine="numpy")(np.array(rows, dtype=float))
            columns = found if isinstance(found, (list, tuple)) else [found]
            if all(np.shape(column) == (len(rows),) for column in columns):
                return _rows(found)  # else nested, or the same for all rows
        except (ImportError, *UNFIT):
            pass
    with no_grad():
        return [numbers(model(row)) for row in rows]


def _flat(rows: Iterable[Any]) -> list[float]:
    return [x for row in rows for x in (row if isinstance(row, list) else [row])]


def _rows(columns: Any) -> list[Any]:
    """The outputs row by row, as the model gives them."""
    if not isinstance(columns, (list, tuple)):
        return columns.tolist()  # type: ignore[no-any-return]
    return list(map(list, zip(*(column.tolist() for column in columns), strict=True)))
