"""The loss along the way of gradient descent: L(w - t·g), for a step of t times the gradient g."""

import warnings
from dataclasses import dataclass
from math import hypot, isfinite, nan
from typing import Any

from autograd import DomainWarning
from nn.data.dataset import Dataset
from nn.losses import Loss
from nn.training.backends import replay_or_eager
from nn.training.checks import check_evaluation
from nn.training.evaluation import default_loss, unchanged

FIRST, FACTOR, TRIES = 1e-6, 2.0, 40  # rates from 1e-6 to a million, to find the last one shown
POINTS = 81


@dataclass(frozen=True)
class LineSearch:
    """Losses at learning rates along the negative gradient of all rows, from 0 up."""

    rates: list[float]
    losses: list[float]
    slope: float  # of the loss at 0: minus the squared length of the gradient

    @property
    def best(self) -> float:
        """The rate with the least loss."""
        return min(zip(self.losses, self.rates, strict=True))[1]


def line_search(
    model: Any, data: Dataset, loss: Loss | None = None, upto: float | None = None
) -> LineSearch:
    """The losses of all rows at steps along their gradient, from 0 to ``upto``: if None, to a rate
    at which the loss is as high again as it is at 0."""
    check_evaluation("line_search", model, data, loss)
    with unchanged(model), warnings.catch_warnings():
        # far out the loss may overflow, which the picture shows
        warnings.simplefilter("ignore", DomainWarning)
        backend = replay_or_eager(model, loss or default_loss(data), data)
        parameters = model.parameters()
        _, start = backend.gradient(data)
        begin, grads = [p.data for p in parameters], [p.grad for p in parameters]
        length = hypot(*grads)
        if not isfinite(start) or not isfinite(length) or not length:
            came = f"one of length {length:g} at the loss {start:g}"
            raise ValueError(f"line_search needs a gradient to go along, got {came}")

        def at(rate: float) -> float:
            for p, x, grad in zip(parameters, begin, grads, strict=True):
                p.data = x - rate * grad
            try:
                _, found = backend.evaluate(data)
            except (ArithmeticError, ValueError):
                return nan
            return found if isfinite(found) else nan

        end = upto or _end(at, start)
        rates = [end * k / (POINTS - 1) for k in range(POINTS)]
        found = [(start, 0.0), *((at(rate), rate) for rate in rates[1:])]
        for step in (rates[1] / 8, rates[1] / 64, rates[1] / 512):  # nearer to the least loss
            _, best = min(point for point in found if isfinite(point[0]))
            near = [best + k * step for k in range(-7, 8)]
            found += [(at(rate), rate) for rate in near if rate > 0 and rate != best]
    points = sorted((rate, loss) for loss, rate in found if isfinite(loss))
    return LineSearch([rate for rate, _ in points], [x for _, x in points], -length * length)


def _end(at: Any, start: float) -> float:
    """A rate at which the loss is as high as at 0; if there is none, 8 times that of the least."""
    rate, best, least = FIRST, FIRST, start
    for _ in range(TRIES):
        loss = at(rate)
        if loss < least:
            best, least = rate, loss
        elif not loss <= start and least < start:
            low = rate / FACTOR
            for _ in range(6):  # where it comes back to the height of its beginning
                middle = (low + rate) / 2
                low, rate = (middle, rate) if at(middle) <= start else (low, middle)
            return min(1.15 * rate, 8 * best)
        rate *= FACTOR
    return 8 * best
