"""Steps of training: the gradient of a batch and of the penalty, its length, and the update.

Those of an epoch are taken on the parameters themselves, or on arrays that hold their numbers."""

from collections.abc import Sequence
from contextlib import nullcontext
from math import isfinite
from typing import Any

from autograd import Value
from nn.data.dataset import Dataset
from nn.optim import Optimizer, length
from nn.penalties import proximal
from nn.training.backends import value_of


class ValueSteps:
    """Steps on the parameters themselves, by whatever optimiser."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer

    @property
    def numbers(self) -> list[float]:
        """Those of the parameters now."""
        return [p.data for p in self.trainer.parameters]

    @property
    def weight_norm(self) -> float:
        """The length of the weights now."""
        return length([w.data for w in self.trainer.weights])

    @property
    def are_finite(self) -> bool:
        """Whether all of them are."""
        return all(map(isfinite, self.numbers))

    def gradient(self, batch: Dataset) -> tuple[Any, float]:
        """The outputs for a batch and its loss."""
        return self.trainer.backend.gradient(batch)  # type: ignore[no-any-return]

    def step(self) -> float:
        """Move the parameters, if the gradient is finite, and give the gradient's length."""
        trainer = self.trainer
        if trainer.penalty:
            penalize(trainer.penalty, trainer.weights)
        with proximal(trainer.penalty, trainer.weights):
            norm = length([p.grad for p in trainer.parameters])
            if isfinite(norm):
                trainer.optimizer.step(trainer.parameters)
        return norm


def penalize(penalty: Any, weights: Sequence[Value]) -> None:
    """Add the gradient of a penalty to the parameters' grads, since leaves accumulate."""
    value_of("a penalty", penalty(weights), "the weights").backward()


def steps_of(trainer: Any) -> Any:
    """How an epoch's steps are taken: on arrays where a recording runs, and where the optimiser's
    formula may have them."""
    is_own = getattr(type(trainer.optimizer), "step", None) is not Optimizer.step
    if is_own or trainer.engine == "eager" or trainer.backend.others:
        return nullcontext(ValueSteps(trainer))
    from nn.training.recording.steps import ArraySteps  # here, because it needs NumPy

    if trainer.steps is None or trainer.steps.facts != facts(trainer):
        trainer.steps = ArraySteps(trainer)
    return trainer.steps if trainer.steps.serves(trainer) else nullcontext(ValueSteps(trainer))


def facts(trainer: Any) -> Any:
    """What steps are made for."""
    optimizer = trainer.optimizer
    settings = {name: x for name, x in optimizer.settings().items() if name != "learning_rate"}
    return trainer.backend, optimizer, trainer.penalty, repr(settings)
