"""Regularisation: what keeps a model from learning its rows by heart. Penalties, dropout and early
stopping.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from autograd import Value, bundle, dot, total
from nn.module import Module, modules_in
from nn.training.history import History

__all__ = [
    "L1",
    "L2",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "learning",
    "settling",
    "without_idle_dropout",
]


@dataclass(frozen=True)
class L1:
    """strength·Σ|w|: pulls every weight to 0 with the same force, so that those of little use end
    there.

    A penalty is a function of the weights (not of the biases, which only shift), and ``train`` adds
    its gradient to that of the loss; the steps are ``settling``. Source: Tibshirani (1996).

    >>> L1(0.1)([Value(2.0), Value(-3.0)]).data
    0.5
    """

    strength: float

    def __post_init__(self) -> None:
        _not_negative("L1", "strength", self.strength)

    def __call__(self, weights: Sequence[Value]) -> Value:
        size: Value = total([abs(w) for w in weights])
        return self.strength * size

    @property
    def kink(self) -> float:
        """How steep the kink at a weight of 0 is: see ``settling``."""
        return self.strength


@dataclass(frozen=True)
class L2:
    """strength·Σw²/2: pulls every weight to 0 with a force of strength·w, so that none grows large.

    Under plain SGD this is PyTorch's ``weight_decay=strength``, on weights alone. Source: Hoerl and
    Kennard (1970); Krogh and Hertz, A simple weight decay can improve generalization (1991).

    >>> L2(0.1)([Value(2.0), Value(-4.0)]).data
    1.0
    """

    strength: float

    def __post_init__(self) -> None:
        _not_negative("L2", "strength", self.strength)

    def __call__(self, weights: Sequence[Value]) -> Value:
        weights = bundle(weights)
        square: Value = dot(weights, weights)
        return 0.5 * self.strength * square


@dataclass(frozen=True)
class ElasticNet:
    """strength·(ratio·Σ|w| + (1 - ratio)·Σw²/2): L1 and L2 together. Source: Zou and Hastie (2005).

    >>> ElasticNet(0.1, ratio=0.5)([Value(2.0), Value(-4.0)]).data
    0.8
    """

    strength: float
    ratio: float = 0.5

    def __post_init__(self) -> None:
        _not_negative("ElasticNet", "strength", self.strength)
        if not 0 <= self.ratio <= 1:
            raise ValueError(
                f"ElasticNet needs a ratio from 0 (all L2) to 1 (all L1), got {self.ratio!r}"
            )

    def __call__(self, weights: Sequence[Value]) -> Value:
        return L1(self.strength * self.ratio)(weights) + L2(self.strength * (1 - self.ratio))(
            weights
        )

    @property
    def kink(self) -> float:
        """How steep the kink at a weight of 0 is: see ``settling``."""
        return self.strength * self.ratio


@contextmanager
def settling(penalty: Any, weights: Sequence[Value]) -> Iterator[None]:
    """Inside, an optimiser's step brings weights to rest at 0, if the penalty has a ``kink`` there,
    as L1 has.

    Steps of any length would jump to and fro over the kink for ever. So a weight at 0 feels only
    what its grad has beyond the kink, and one that would cross 0 stops there. Source: Andrew and
    Gao, Scalable training of L1-regularized log-linear models (2007).

    >>> w = Value(0.02, "w")
    >>> with settling(L1(0.1), [w]):
    ...     w.data -= 0.05
    >>> w
    w = 0
    """
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


class Dropout(Module):
    """Drops each output of a layer with a probability of rate, and scales up the others by 1/(1 -
    rate).

    Only while the model is ``learning``, as it is in ``train``; else all pass as they are. Source:
    Srivastava et al., Dropout (2014), in the inverted form that needs no scaling afterwards.

    >>> drop = Dropout(0.5, Random(2))
    >>> drop([1.0, 2.0, 3.0])
    [1.0, 2.0, 3.0]
    >>> with learning(drop):
    ...     drop([1.0, 2.0, 3.0])
    [2.0, 4.0, 0.0]
    """

    def __init__(self, rate: float, rng: Random | None = None) -> None:
        if not isinstance(rate, (int, float)) or not 0 <= rate < 1:
            raise ValueError(f"dropout needs a rate from 0 up to, but below, 1, got {rate!r}")
        self.rate = rate
        self.rng = rng or Random()
        self.learning = False

    def __call__(self, x: Sequence[Any]) -> Sequence[Any]:
        if not self.learning or not self.rate:
            return x
        scale = 1 / (1 - self.rate)
        return [xi * scale if self.rng.random() >= self.rate else 0.0 for xi in x]

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"


@contextmanager
def learning(model: Any) -> Iterator[None]:
    """Inside, the dropout of a model is on; ``train`` computes its batches in this, and its
    validation outside.

    >>> from nn import MLP
    >>> model = MLP(2, [16, 1], seed=0, dropout=0.5)
    >>> plain = model([1.0, 2.0]).data
    >>> with learning(model):
    ...     model([1.0, 2.0]).data == plain
    False
    """
    dropouts = [m for m in modules_in(model) if isinstance(m, Dropout)]
    try:
        for dropout in dropouts:
            dropout.learning = True
        yield
    finally:
        for dropout in dropouts:
            dropout.learning = False


@contextmanager
def without_idle_dropout(model: Any) -> Iterator[None]:
    """Inside, dropout that is off is not there at all: it passes everything on, which a recording
    can do as well.

    >>> from nn import MLP
    >>> model = MLP(2, [4, 1], dropout=0.5)
    >>> with without_idle_dropout(model):
    ...     model.dropout
    Dropout(0)
    """
    idle = [(m, m.rate) for m in modules_in(model) if isinstance(m, Dropout) and not m.learning]
    try:
        for dropout, _ in idle:
            dropout.rate = 0.0
        yield
    finally:
        for dropout, rate in idle:
            dropout.rate = rate


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation loss has not become better by more than ``least`` for ``patience``
    epochs.

    A rule for ``train(..., until=...)``: a function of the history so far that returns why to stop,
    or nothing. ``train`` then goes back to the best epoch. Source: Prechelt, Early Stopping — But
    When? (1998).

    >>> from nn import Epoch
    >>> losses = [0.9, 0.5, 0.6, 0.7]
    >>> EarlyStopping(patience=2)(History(Epoch(k, 0.1, validation_loss=x) for k, x in enumerate(losses, 1)))
    'the validation loss has not become better for 2 epochs'
    """

    patience: int = 10
    least: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.patience, int) or self.patience < 1:
            raise ValueError(
                f"EarlyStopping needs a patience of at least 1 epoch, got {self.patience!r}"
            )
        _not_negative("EarlyStopping", "least", self.least)

    def __call__(self, history: History) -> str:
        best, since = float("inf"), 0
        for epoch in history:
            if epoch.validation_loss != epoch.validation_loss:
                raise ValueError(
                    "EarlyStopping needs a validation part, got none: give train a validation of 0.2, say"
                )
            if epoch.validation_loss < best - self.least:
                best, since = epoch.validation_loss, 0
            else:
                since += 1
        if since < self.patience:
            return ""
        return (
            f"the validation loss has not become better for {since} epoch{'s' if since > 1 else ''}"
        )


def _not_negative(name: str, what: str, x: float) -> None:
    if not isinstance(x, (int, float)) or not 0 <= x < float("inf"):
        raise ValueError(f"{name} needs a {what} of 0 or more, and finite, got {x!r}")
