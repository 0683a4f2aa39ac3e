"""ArraySteps: steps of a recording on arrays of all numbers of the parameters."""

from math import isfinite
from typing import Any

import numpy as np

import nn.training.recording.arrays as arrays
from autograd import Value, assign
from nn.data.dataset import Dataset
from nn.optim import Optimizer, length, unbroken
from nn.training.recording.arrays import Numbers, numbers
from nn.training.recording.replay import Replay
from nn.training.steps import facts, penalize


class ArraySteps:
    """Steps of a recording on arrays of all numbers of the parameters, their grads and what the
    optimiser keeps; at an epoch's end, however it ends, the parameters have their numbers again."""

    def __init__(self, trainer: Any) -> None:
        self.facts = facts(trainer)
        self.replay: Replay = trainer.backend
        self.optimizer: Optimizer = trainer.optimizer
        self.parameters: list[Value] = trainer.parameters
        self.weights: list[Value] = trainer.weights
        mine, weights = {*self.parameters}, {*self.weights}
        self.is_weight = np.array([p in weights for p in self.parameters])
        self.takes_arrays = weights <= mine and arrays.takes_arrays(self.optimizer)
        self.penalty = penalty = trainer.penalty
        self.kink: float = getattr(penalty, "kink", 0.0)
        # a class that states only one of the two may mean another penalty by it
        self.adds_grad = {"__call__", "add_grad"} <= vars(type(penalty)).keys()
        self.x: Any = None
        self.grads: Any = None
        self.kept: Any = None

    def serves(self, trainer: Any) -> bool:
        """Whether the steps of an epoch can be taken so; where nobody may have changed anything
        since the epoch before, they go on from its arrays."""
        if not self.takes_arrays:
            return False
        if trainer.watched or self.x is None:
            self.x = numbers([p.data for p in self.parameters])
            self.kept = arrays.state(self.optimizer, self.parameters)
        return self.kept is not None

    @property
    def numbers(self) -> Any:
        """Those of the parameters now."""
        return self.x

    @property
    def weight_norm(self) -> float:
        """The length of the weights now."""
        return length(self.x[self.is_weight])

    @property
    def are_finite(self) -> bool:
        """Whether all of them are."""
        return bool(np.isfinite(self.x).all())

    def __enter__(self) -> "ArraySteps":
        self.grads = None
        return self

    def __exit__(self, *_: object) -> None:
        unbroken(self._write)

    def _write(self) -> None:
        if self.grads is not None:
            assign(self.parameters, self.x, self.grads)

    def gradient(self, batch: Dataset) -> tuple[Any, float]:
        """The outputs for a batch and its loss."""
        outputs, loss, grads = self.replay.gradient_at(self.x, batch)
        self.grads = grads.view(Numbers)
        return outputs, loss

    def step(self) -> float:
        """Move the parameters, if the gradient is finite, and give the gradient's length."""
        optimizer, before, kink = self.optimizer, self.x, self.kink
        if self.penalty:
            self._penalize()
        if kink:  # see ``proximal``
            rested = self.is_weight & (before == 0)
            freed = self.grads - self.grads.clip(-kink, kink)
            self.grads = np.where(rested, freed, self.grads).view(Numbers)
        norm = length(self.grads)
        if not isfinite(norm):
            return norm
        given = before, optimizer.clipped(self.grads), optimizer.rate, self.kept
        try:
            x, kept = arrays.update(optimizer, *given)
        except Exception:  # a branch that numbers alone can take, or they raise what is theirs
            x, kept = arrays.update_one_by_one(optimizer, *given)
        if kink:
            held = (rested & (self.grads == 0)) | (self.is_weight & (before * x < 0))
            x = np.where(held, 0.0, x).view(Numbers)
        steps = optimizer.steps + 1

        def move() -> None:
            self.x, self.kept, optimizer.steps = x, kept, steps
            optimizer.columns = (self.parameters, kept) if kept else None

        unbroken(move)
        return norm

    def _penalize(self) -> None:
        """Add the penalty's gradient to that of the loss."""
        if self.adds_grad:
            found = self.penalty.add_grad(self.x, self.grads)
            self.grads = np.where(self.is_weight, found, self.grads).view(Numbers)
        else:
            self._write()
            penalize(self.penalty, self.weights)
            self.grads = numbers([p.grad for p in self.parameters])
