"""What computes a batch: the eager engine row by row, or a recording, on all rows at once.

Both have ``first``, outputs of two rows as the model gave them, ``summed``, whether the loss of a
batch is the sum of those of its rows, and not their mean, and ``part``, which rows of a stream's
batches they are given."""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import isclose, isfinite
from random import Random
from typing import Any

from autograd import DomainError, Value, dot, no_grad, strict, withholding
from nn.checks import type_name, warn
from nn.data.arrays import as_array, in_rows
from nn.data.dataset import Dataset
from nn.data.stream import ALL, Stream
from nn.layers import Dropout, training_mode
from nn.losses import Loss, loss_kind
from nn.module import check_in_features, modules_in, numbers, plain
from nn.training.checks import Fallback
from nn.training.evaluation import UNFIT, is_sum, outputs_and_loss, unchanged

MOST_TRIED = 256  # rows that are run eagerly, each of a graph, to compare a recording with


class Eager:
    """The eager engine: a graph for each batch."""

    part = ALL

    def __init__(self, model: Any, loss: Loss) -> None:
        self.model, self.loss = model, loss
        self.parameters: list[Value] = list(dict.fromkeys(model.parameters()))
        self.first: list[Any] = []
        self.summed = False

    def ready(self, part: Any) -> Any:
        """A part of the data as batches of it are wanted."""
        return part

    def gradient(self, batch: Dataset) -> tuple[list[Any], float]:
        """The outputs for a batch and its loss, whose gradient, if finite, is then in the grads."""
        outputs, found = outputs_and_loss(self.model, self.loss, batch)
        loss = value_of("a loss", found, "the predictions")
        self._look(outputs, batch)
        for p in self.parameters:
            p.zero_grad()
        if isfinite(loss.data):
            loss.backward()
        return list(map(numbers, outputs)), loss.data

    def evaluate(self, data: Dataset) -> tuple[list[Any], float]:
        """The outputs for rows and their loss."""
        with no_grad():
            outputs, loss = outputs_and_loss(self.model, self.loss, data)
            self._look(outputs, data)
            return list(map(numbers, outputs)), float(loss)

    def _look(self, outputs: list[Any], data: Dataset) -> None:
        if len(self.first) < min(2, len(outputs)):
            self.first = outputs[:2]
            if len(self.first) == 2:
                self.summed = is_sum(self.loss, self.first, data.targets)


class CannotReplay(Exception):
    """Why a model or a loss has to be run row by row."""


class Expected(CannotReplay):
    """Why, where the user chose it so or cannot help it: worth a note, but no warning."""


class Replay:
    """A model and its loss, recorded on a row and run on whole batches as arrays, or CannotReplay.

    first: rows to try it on. targets: all that there will be."""

    part = ALL

    def __init__(self, model: Any, loss: Loss, first: Dataset, targets: Iterable[float]) -> None:
        try:
            import numpy as np  # here, because few need it

            from autograd import record
        except ModuleNotFoundError as missing:
            raise Expected(f"{missing.name} is not installed") from None
        if any(isinstance(m, Dropout) and m.training and m.rate for m in modules_in(model)):
            raise Expected("dropout draws anew for every row")
        self.parameters: list[Value] = list(dict.fromkeys(model.parameters()))
        # losses of classes ask which one a target is: they are recorded for each target apart
        of_classes = first.classification or loss_kind(loss) in ("logits", "margin")
        kind: type[float] = int if first.classification else float
        self.classes = sorted({*map(kind, {*targets})}) if of_classes else []
        outputs, whole = outputs_and_loss(model, loss, first)
        self.first = outputs[:2]
        if not isinstance(whole, Value):
            raise Expected(f"the loss is {type_name(whole)}")  # the first step will say more
        self.model, self.loss = model, loss

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
        import numpy as np

        x, y = data.arrays or (as_array(data.features), np.array(data.targets, float))
        return x, (y[:, None] == np.array(self.classes)).astype(float) if self.classes else y

    def ready(self, part: Any) -> Any:
        """A Dataset as arrays, with the targets as the program takes them, which batches share."""
        if not isinstance(part, Dataset):
            return part
        import numpy as np

        x, targets = self.columns(part)
        return part.of_arrays((x, np.array(part.y, float), targets))

    def gradient_at(self, x: Any, batch: Dataset) -> tuple[Any, float, Any]:
        """The outputs for a batch, its loss, and the gradient, at these numbers of the parameters
        (which are all that it has)."""
        import numpy as np

        columns, options = self.columns(batch), {"reduce": self.reduce, "aux": True}
        at = np.asarray(x)[self.order]
        loss, grads, outputs = self.runs.parameter_grad(*columns, at=at, **options)
        found = grads if self.is_whole else np.append(grads, 0.0)
        return in_rows(outputs), loss, found[self.places] + 0.0  # 0.0 for -0.0, as of a sum

    def gradient(self, batch: Dataset) -> tuple[Any, float]:
        """The outputs for a batch and its loss, whose gradient is then in the parameters' grads."""
        if self.others:  # Values beside the parameters: they add up, as they do eagerly
            for p in self.parameters:
                p.grad = 0.0
            columns = self.columns(batch)
            loss, outputs = self.runs.backward(*columns, reduce=self.reduce, aux=True)
            return in_rows(outputs), loss
        found, loss, grads = self.gradient_at([p.data for p in self.parameters], batch)
        for p, grad in zip(self.parameters, grads.tolist(), strict=True):
            p.grad = grad
        return found, loss

    def evaluate(self, data: Dataset) -> tuple[Any, float]:
        """The outputs for rows and their loss."""
        return self._evaluated(self.runs, data)

    def _evaluated(self, program: Any, data: Dataset) -> tuple[Any, float]:
        losses, outputs = program(*self.columns(data))
        return in_rows(outputs), float(losses.mean() if self.reduce == "mean" else losses.sum())

    def differs(self, data: Dataset) -> bool:
        """Whether model and loss by now give other numbers, all finite, than the recording does."""
        import numpy as np

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
    pairs = zip(xs, ys, strict=True)
    return all(isclose(x, y, rel_tol=relative, abs_tol=near) for x, y in pairs)


def choose_backend(trainer: Any) -> Eager | Replay:
    """A recording if there can be one, in the engine that suits the run, else the eager engine."""
    data, validation = trainer.data, trainer.validation
    if trainer.engine != "eager":
        # of a batch of one row the mean is the sum
        targets = [validation.y] if validation else []
        if isinstance(data, Stream):
            first = data.first
            targets.append(range(len(data.class_names)) or first.y)
        else:
            first = next(data.batches(max(trainer.batch_size, 2), Random(trainer.seed)))
            targets.append(data.y)
        try:
            with training_mode(trainer.model):
                known, kind = chain.from_iterable(targets), Replay
                if isinstance(data, Stream) and trainer.engine == "jax":
                    from autograd import Processes
                    from nn.training.recording.own_rows import OwnRows

                    kind = OwnRows if Processes().count > 1 else Replay
                replay = kind(trainer.model, trainer.loss, first[:MOST_TRIED], known)
        except CannotReplay as reason:
            if trainer.engine != "auto":
                need = f"engine={trainer.engine!r} needs a model and a loss that can be recorded"
                raise ValueError(f"{need}, but {reason}: write engine='eager'") from reason
            return eager_because(reason, trainer)
        trainer.history.engine = replay.begin(trainer.engine, first)
        return replay
    return Eager(trainer.model, trainer.loss)


def eager_because(reason: object, trainer: Any) -> Eager:
    """The eager engine for the rest of a run, with a warning, unless it was to be expected."""
    trainer.engine, trainer.history.engine = "eager", f"eager, because {reason}"
    trainer.rows = ()
    if not isinstance(reason, Expected):
        warn(f"training runs {trainer.history.engine}", Fallback)
    return Eager(trainer.model, trainer.loss)


def replay_or_eager(model: Any, loss: Loss, data: Dataset) -> Replay | Eager:
    """The loss of a model and its gradient, outside of a run: by replay where that can be."""
    check_in_features(model, len(data.feature_names))
    try:
        return Replay(model, loss, data[:16], data.y)
    except CannotReplay:
        return Eager(model, loss)


def value_of(what: str, x: Any, source: str) -> Value:
    """What a loss or a penalty returned, if it is a Value; else a TypeError."""
    if not isinstance(x, Value):
        cure = f"compute it from {source} themselves, not from their data"
        raise TypeError(f"train needs {what} that returns a Value, got {type_name(x)}: {cure}")
    return x
