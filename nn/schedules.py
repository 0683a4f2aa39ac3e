"""Schedules: a learning rate as a function of the step, counted from 0.

An epoch has ⌈rows / batch_size⌉ steps. Give one to an optimiser in place of a number:
``SGD(Cosine(0.1, steps=500))``. Any function of the step will do."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

from nn.checks import number, positive, whole

__all__ = ["Cosine", "StepDecay", "WarmUp"]

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class StepDecay:
    """The rate times ``factor`` after every so many steps.

    >>> rate = StepDecay(0.1, every=100, factor=0.5)
    >>> rate(0), rate(99), rate(100), rate(250)
    (0.1, 0.1, 0.05, 0.025)
    """

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        positive("StepDecay", "rate", self.rate)
        whole("StepDecay", "every", self.every)
        number("StepDecay", "factor", self.factor, "above 0, up to 1", lambda x: 0 < x <= 1)

    def __call__(self, step: int) -> float:
        return float(self.rate * self.factor ** (step // self.every))


@dataclass(frozen=True)
class Cosine:
    """From the rate down to ``final`` along half a wave, and then constant.

    Source: Loshchilov and Hutter, SGDR (2017), without its restarts.

    >>> rate = Cosine(0.1, steps=200)
    >>> rate(0), round(rate(100), 12), rate(200), rate(1000)
    (0.1, 0.05, 0.0, 0.0)
    """

    rate: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        positive("Cosine", "rate", self.rate)
        whole("Cosine", "steps", self.steps)
        need = f"from 0 to the first, {self.rate}"
        number("Cosine", "final rate", self.final, need, lambda x: 0 <= x <= self.rate)

    def __call__(self, step: int) -> float:
        return self.final + (self.rate - self.final) * (1 + cos(pi * min(step / self.steps, 1))) / 2


@dataclass(frozen=True)
class WarmUp:
    """In a straight line up to a rate, while gradients are wild; then that rate, or a schedule.

    Source: Goyal et al., Accurate, Large Minibatch SGD (2017).

    >>> rate = WarmUp(4, then=0.1)
    >>> [rate(step) for step in range(6)]
    [0.025, 0.05, 0.07500000000000001, 0.1, 0.1, 0.1]
    """

    steps: int
    then: float | Schedule

    def __post_init__(self) -> None:
        whole("WarmUp", "steps", self.steps)
        if not callable(self.then):
            positive("WarmUp", "rate", self.then)

    def __call__(self, step: int) -> float:
        rate = self.then(max(step - self.steps, 0)) if callable(self.then) else self.then
        return rate * min((step + 1) / self.steps, 1)
