"""Penalties on the weights, which keep a model from learning its rows by heart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd import Value, bundle, dot, total
from nn.checks import number, positive

__all__ = ["L1", "L2", "ElasticNet"]


@dataclass(frozen=True)
class Penalty:
    """What penalties share: a function of the weights with a strength of 0 or more."""

    strength: float

    def __post_init__(self) -> None:
        positive(type(self).__name__, "strength", self.strength, zero=True)


class L1(Penalty):
    """strength·Σ|w|: pulls every weight to 0 with the same force, so that some end there.

    A penalty is a function of the weights (not of the biases, which only shift), and ``train`` adds
    its gradient to that of the loss; the steps are ``proximal``. Source: Tibshirani (1996).

    >>> L1(0.1)([Value(2.0), Value(-3.0)]).data
    0.5
    """

    def __call__(self, weights: Sequence[Value]) -> Value:
        size: Value = total([abs(w) for w in weights])
        return self.strength * size

    def add_grad(self, weights: Any, grads: Any) -> Any:
        """The grads with those of the penalty, as ``backward`` adds them; of arrays."""
        return grads + ((weights > 0) * 1.0 - (weights < 0)) * self.strength

    kink = property(lambda self: self.strength, doc="How steep the kink at 0 is: see ``proximal``.")


class L2(Penalty):
    """strength·Σw²/2: pulls every weight to 0 with a force of strength·w.

    Under plain SGD this is PyTorch's ``weight_decay=strength``, on weights alone. Source: Hoerl and
    Kennard (1970); Krogh and Hertz, A simple weight decay can improve generalization (1991).

    >>> L2(0.1)([Value(2.0), Value(-4.0)]).data
    1.0
    """

    def __call__(self, weights: Sequence[Value]) -> Value:
        weights = bundle(weights)
        square: Value = dot(weights, weights)
        return 0.5 * self.strength * square

    def add_grad(self, weights: Any, grads: Any) -> Any:
        """The grads with those of the penalty, as ``backward`` adds them; of arrays."""
        pull = weights * (0.5 * self.strength)  # by either factor of w·w
        return grads + pull + pull


@dataclass(frozen=True)
class ElasticNet(Penalty):
    """strength·(ratio·Σ|w| + (1 - ratio)·Σw²/2): L1 and L2 together. Source: Zou and Hastie (2005).

    >>> ElasticNet(0.1, ratio=0.5)([Value(2.0), Value(-4.0)]).data
    0.8
    """

    ratio: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        need = "from 0 (all L2) to 1 (all L1)"
        number("ElasticNet", "ratio", self.ratio, need, lambda x: 0 <= x <= 1)

    def __call__(self, weights: Sequence[Value]) -> Value:
        l1, l2 = L1(self.strength * self.ratio), L2(self.strength * (1 - self.ratio))
        return l1(weights) + l2(weights)

    def add_grad(self, weights: Any, grads: Any) -> Any:
        """The grads with those of the penalty, as ``backward`` adds them; of arrays."""
        l1, l2 = L1(self.strength * self.ratio), L2(self.strength * (1 - self.ratio))
        return l1.add_grad(weights, l2.add_grad(weights, grads))

    kink = property(lambda self: self.strength * self.ratio, doc=L1.kink.__doc__)


@contextmanager
def proximal(penalty: Any, weights: Sequence[Value]) -> Iterator[None]:
    """Inside, a step brings weights to rest at 0, if the penalty has a ``kink`` there, as L1 has.

    Steps of any length would jump to and fro over the kink for ever. So a weight at 0 feels only
    what its grad has beyond the kink, and one that would cross 0 stops there. Source: Andrew and
    Gao, Scalable training of L1-regularized log-linear models (2007)."""
    kink = getattr(penalty, "kink", 0.0)
    if not kink:
        yield
        return
    before = [w.data for w in weights]
    for w in weights:
        if w.data == 0:  # where abs has the slope 0, so that the grad is that of the loss alone
            w.grad -= min(max(w.grad, -kink), kink)
    yield
    for w, x in zip(weights, before, strict=True):
        if x * w.data < 0 or (x == 0 and w.grad == 0):  # what is held has no momentum, either
            w.data = 0.0
