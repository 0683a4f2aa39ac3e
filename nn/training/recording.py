"""Replay: the model and its loss, recorded on one row and run on whole batches as NumPy or native
code.
"""

from collections.abc import Callable, Sequence
from math import isclose, isfinite
from typing import Any

from autograd import DomainError, GraphError, Value, dot, strict
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import Dropout
from nn.losses import loss_kind
from nn.metrics import plain
from nn.module import modules_in
from nn.training.evaluation import examined
from nn.training.guard import untold

__all__ = ["CannotReplay", "Expected", "Replay"]

Loss = Callable[[Any, Any], Any]


class CannotReplay(Exception):
    """Why a model or a loss has to be run row by row."""


class Expected(CannotReplay):
    """Why, where the user chose it so or cannot help it: worth a note, but no warning."""


class Replay:
    """A model with its loss, whose gradients and values are those of the eager engine up to
    rounding.

    Raises CannotReplay if the model or the loss cannot be recorded, or if the loss of a batch is
    neither the mean nor the sum of the losses of its rows, which is tried out on the first batch.
    """

    def __init__(
        self, model: Any, loss: Loss, first: Dataset, targets: Sequence[float], classes: bool
    ) -> None:
        """first: rows to try it out on. targets: all that will be met; classes: whether they are
        class indices.
        """
        try:
            from autograd import record  # here, because it needs NumPy
        except ModuleNotFoundError as missing:
            raise Expected(f"{missing.name} is not installed") from None
        if any(
            isinstance(part, Dropout) and part.training and part.rate for part in modules_in(model)
        ):
            raise Expected("dropout draws anew for every row")
        self.weights = getattr(loss, "keywords", {}).get("class_weights")
        self.parameters: list[Value] = list(model.parameters())
        # losses of classes ask which one a target is: they are recorded for each target apart
        of_classes = classes or loss_kind(loss) in ("logits", "margin")
        self.classes = sorted(set(targets)) if of_classes else []
        if self.weights is not None and not all(
            target in range(len(self.weights)) for target in self.classes
        ):
            raise Expected(
                "class weights of targets that are no classes make another mean for each batch"
            )
        outputs = [plain(model(row)) for row in first.features]
        whole = loss(outputs, first.targets)
        if not isinstance(whole, Value):
            raise Expected(f"the loss is {type_name(whole)}")  # the first step will say more
        self.width = len(outputs[0]) if isinstance(outputs[0], (list, tuple)) else 0
        self.model, self.loss, self.first = model, loss, outputs

        def step(row: list[Any], target: Any) -> tuple[Any, Any]:
            output = plain(model(row))
            return self.of_row(output, target), output

        try:
            with untold(self.parameters):
                self.program = record(step, first.features[0], self.targets(first)[0])
        except (
            GraphError,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise CannotReplay(str(error)) from error
        self.reduce = self._reduction(whole, first)

    def of_row(self, output: Any, target: Any) -> Any:
        """The loss of a row, whose target is as ``targets`` gives it."""
        if not self.classes:
            return self.loss([output], [target])
        return dot(target, [self.loss([output], [known]) for known in self.classes])

    def targets(self, data: Dataset) -> list[Any]:
        """The targets as the program takes them: numbers, or a row that says which of the classes
        it is.
        """
        if self.classes:
            shares = self._shares(data.targets)
            rows = zip(data.targets, shares, strict=True)
            return [[share * (target == known) for known in self.classes] for target, share in rows]
        return list(map(float, data.targets))

    def _shares(self, targets: Sequence[float]) -> list[float]:
        """How much each row counts in the mean of its batch: the weight of its class, over the mean
        of the weights.
        """
        if self.weights is None:
            return [1.0] * len(targets)
        weights = [float(self.weights[int(target)]) for target in targets]
        return [weight * len(targets) / sum(weights) for weight in weights]

    def columns(self, data: Dataset) -> tuple[Any, Any]:
        """Features and targets as arrays, for the program."""
        import numpy as np

        return np.array(data.features), np.array(self.targets(data))

    def _outputs(self, columns: Any) -> list[Any]:
        """The outputs row by row, as the model gives them."""
        if not self.width:
            return columns.tolist()  # type: ignore[no-any-return]
        return list(map(list, zip(*(column.tolist() for column in columns), strict=True)))

    def _reduction(self, whole: Value, rows: Dataset) -> str:
        """Whether the loss of a batch is the mean or the sum of those of its rows; grads that there
        were are kept.
        """
        before = [p.grad if p.reached else None for p in self.parameters]
        try:
            for p in self.parameters:
                p.grad = 0.0
            whole.backward()
            eager = [p.grad for p in self.parameters]
            if not isfinite(whole.data) or not all(map(isfinite, eager)):
                return "mean"  # the first step will say so
            # where classes balance, or weights are zero, grads are a rounding away from 0: not an
            # error of replay
            near = max(1e-12, 1e-7 * max(map(abs, eager), default=0.0))
            for self.reduce in ("mean", "sum"):
                _, loss = self.gradient(rows)
                pairs = zip(self.parameters, eager, strict=True)
                same = all(isclose(p.grad, grad, rel_tol=1e-7, abs_tol=near) for p, grad in pairs)
                if same and isclose(loss, whole.data, rel_tol=1e-9, abs_tol=1e-12):
                    return self.reduce
        finally:
            for p, grad in zip(self.parameters, before, strict=True):
                p.zero_grad()
                if grad is not None:
                    p.grad = grad
        raise CannotReplay(
            "the loss of a batch is neither the mean nor the sum of the losses of its rows"
        )

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads."""
        for p in self.parameters:
            p.grad = 0.0
        loss, columns = self.program.backward(*self.columns(batch), reduce=self.reduce, aux=True)
        return self._outputs(columns), loss

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        """The outputs for rows and their loss."""
        losses, columns = self.program(*self.columns(data))
        return self._outputs(columns), float(
            losses.mean() if self.reduce == "mean" else losses.sum()
        )

    def differs(self, data: Dataset) -> bool:
        """Whether model and loss by now give other numbers for these rows than the recording does.

        So it is if they depend on anything but the row, its target and the parameters: a
        temperature that is annealed, say, or weights that were put in the place of others. Where a
        number is not finite nothing is known."""
        try:
            with strict():
                outputs, loss = examined(self.model, data, self.loss)
        except DomainError:
            return False
        answers, number = self.evaluate(data)
        pairs = [(loss, number)]
        for output, answer in zip(outputs, answers, strict=True):
            row, same = (x if isinstance(x, list) else [x] for x in (output, answer))
            if len(row) != len(same):
                return True
            pairs += zip(row, same, strict=True)
        if not all(isfinite(a) and isfinite(b) for a, b in pairs):
            return False
        near = 1e-7 * max(
            1.0, *(abs(a) for a, _ in pairs)
        )  # far above rounding, and far below what anyone would see
        return not all(isclose(a, b, rel_tol=1e-6, abs_tol=near) for a, b in pairs)
