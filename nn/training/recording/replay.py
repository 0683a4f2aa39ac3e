"""Replay: a model and its loss, recorded on a row and run on whole batches as arrays."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from math import isclose, isfinite
from typing import Any

import numpy as np

from autograd import DomainError, Value, dot, no_grad, record, strict, withholding
from nn.checks import type_name
from nn.data.arrays import as_array, in_rows
from nn.data.dataset import Dataset
from nn.layers import Dropout
from nn.losses import Loss, loss_kind
from nn.module import modules_in, numbers, plain
from nn.training.backends import Backend, CannotReplay, Expected
from nn.training.evaluation import UNFIT, outputs_and_loss, unchanged


class Replay(Backend):
    """A model and its loss, recorded on a row and run on whole batches as arrays, or CannotReplay.

    first: rows to try it on. targets: all that there will be."""

    def __init__(self, model: Any, loss: Loss, first: Dataset, targets: Iterable[float]) -> None:
        super().__init__(model, loss)
        if any(isinstance(m, Dropout) and m.training and m.rate for m in modules_in(model)):
            raise Expected("dropout draws anew for every row")
        # losses of classes ask which one a target is: they are recorded for each target apart
        of_classes = first.classification or loss_kind(loss) in ("logits", "margin")
        kind: type[float] = int if first.classification else float
        self.classes = sorted({*map(kind, {*targets})}) if of_classes else []
        outputs, whole = outputs_and_loss(model, loss, first)
        self.first = outputs[:2]
        if not isinstance(whole, Value):
            raise Expected(f"the loss is {type_name(whole)}")  # the first step will say more

        def step(row: list[Any], target: Any) -> tuple[Any, Any]:
            output = plain(model(row))
            return self.of_row(output, target), output

        frozen = "of a parameter inside a recorded function would freeze its number for all steps"
        try:
            with withholding(self.parameters, f"{frozen}: keep computing with the Value itself"):
                self.program = record(step, first.features[0], self.columns(first)[1][0].tolist())
        except UNFIT as error:
            raise CannotReplay(str(error)) from error
        self.runs = self.program  # what computes it: the program, or it on another engine
        own = [p for p in self.program.parameters if not p.operands]
        place, mine = ({p: k for k, p in enumerate(of)} for of in (own, self.parameters))
        self.places = np.array([place.get(p, -1) for p in self.parameters])
        self.order = np.array([mine[p] for p in own if p in mine], dtype=int)
        self.is_whole = len(self.order) == len(self.places)
        self.others = len(self.program.parameters) - len(self.order)
        self.reduce = self._reduction(whole, first)
        self.summed = self.reduce == "sum"

    def begin(self, engine: str, first: Dataset) -> str:
        """Run on an engine, beginning with this batch; what its text is."""
        if engine != "auto":
            self.runs = self.program.on(engine)
        return self.runs.engine  # type: ignore[no-any-return]

    def follow(self, engine: str) -> str:
        """Go on with the engine that a run had, for its numbers to the last bit; what it is."""
        with suppress(ValueError):  # of one that no program has, such as the eager one
            self.program.follow(engine)
        return self.program.engine  # type: ignore[no-any-return]

    def of_row(self, output: Any, target: Any) -> Any:
        """The loss of a row, whose target is as ``columns`` gives it: a number, or for each class
        whether it is that."""
        if not self.classes:
            return self.loss([output], [target])
        return dot(target, [self.loss([output], [known]) for known in self.classes])

    def columns(self, data: Dataset) -> tuple[Any, Any]:
        """Features and targets as arrays, for the program."""
        if len(data.arrays) > 2:
            return data.arrays[0], data.arrays[2]
        x, y = data.arrays or (as_array(data.features), np.array(data.targets, float))
        return x, (y[:, None] == np.array(self.classes)).astype(float) if self.classes else y

    def ready(self, part: Any) -> Any:
        # as arrays, with the targets as the program takes them, which batches share
        if not isinstance(part, Dataset):
            return part
        x, targets = self.columns(part)
        return part.of_arrays((x, np.array(part.y, float), targets))

    def gradient_at(self, x: Any, batch: Dataset) -> tuple[Any, float, Any]:
        """The outputs for a batch, its loss, and the gradient, at these numbers of the parameters
        (which are all that it has)."""
        columns, options = self.columns(batch), {"reduce": self.reduce, "aux": True}
        at = np.asarray(x)[self.order]
        loss, grads, outputs = self.runs.parameter_grad(*columns, at=at, **options)
        found = grads if self.is_whole else np.append(grads, 0.0)
        return in_rows(outputs), loss, found[self.places] + 0.0  # 0.0 for -0.0, as of a sum

    def gradient(self, batch: Dataset) -> tuple[Any, float]:
        if self.others:  # Values beside the parameters: they add up, as they do eagerly
            for p in self.parameters:
                p.grad = 0.0
            loss, outputs = self.runs.backward(*self.columns(batch), reduce=self.reduce, aux=True)
            return in_rows(outputs), loss
        found, loss, grads = self.gradient_at([p.data for p in self.parameters], batch)
        for p, grad in zip(self.parameters, grads.tolist(), strict=True):
            p.grad = grad
        return found, loss

    def evaluate(self, data: Dataset) -> tuple[Any, float]:
        return self._evaluated(self.runs, data)

    def _evaluated(self, program: Any, data: Dataset) -> tuple[Any, float]:
        losses, outputs = program(*self.columns(data))
        return in_rows(outputs), float(losses.mean() if self.reduce == "mean" else losses.sum())

    def differs(self, data: Dataset) -> bool:
        """Whether model and loss by now give other numbers, all finite, than the recording does."""
        try:
            with strict(), no_grad():
                eager, loss = outputs_and_loss(self.model, self.loss, data)
                ours = [float(loss), *np.ravel([*map(numbers, eager)]).tolist()]
        except DomainError:
            return False
        replayed, number = self._evaluated(self.program, data)
        theirs = [number, *replayed.ravel().tolist()]
        if len(ours) != len(theirs):
            return True
        # far above rounding, and far below what anyone would see
        near = 1e-7 * max(1.0, *map(abs, ours))
        return all(map(isfinite, ours + theirs)) and not _close(ours, theirs, 1e-6, near)

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
                same = _close([p.grad for p in self.parameters], eager, 1e-7, near)
                if same and isclose(loss, whole.data, rel_tol=1e-9, abs_tol=1e-12):
                    return self.reduce
        needed = "the loss of a batch is neither the mean nor the sum of the losses of its rows"
        raise CannotReplay(needed)


def _close(xs: Sequence[float], ys: Sequence[float], relative: float, near: float) -> bool:
    return all(isclose(x, y, rel_tol=relative, abs_tol=near) for x, y in zip(xs, ys, strict=True))
