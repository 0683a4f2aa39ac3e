"""Optimisers: how parameters move against their gradients."""

from collections.abc import Iterable
from math import isfinite
from weakref import WeakKeyDictionary

from autograd import Value

__all__ = ["SGD"]


class SGD:
    """Stochastic gradient descent: velocity = momentum·velocity + grad, then data -= learning_rate·velocity.

    Source: Polyak (1964), in the form of PyTorch. A step changes all parameters or none.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> SGD(learning_rate=0.1).step([w])
    >>> w.data
    0.8
    """

    def __init__(self, learning_rate: float, momentum: float = 0.0) -> None:
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"SGD needs a learning_rate above 0, and finite, got {learning_rate!r}")
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD needs a momentum from 0 up to, but below, 1, got {momentum!r}")
        self.learning_rate = learning_rate
        self.momentum = momentum
        self._velocity: WeakKeyDictionary[Value, float] = WeakKeyDictionary()

    def step(self, parameters: Iterable[Value]) -> None:
        """Move each parameter against its grad.

        Raises ValueError, and changes nothing, if a grad is nan or infinite.
        """
        parameters = list(parameters)
        for p in parameters:
            if not isfinite(p.grad):
                raise ValueError(
                    f"SGD needs finite grads, got {p.grad} for the parameter {p.label or p.data!r}, and moved nothing: "
                    "lower the learning rate, or look where the grad comes from"
                )
        moves = [p.grad for p in parameters]
        if self.momentum:
            moves = [self.momentum * self._velocity.get(p, 0.0) + g for p, g in zip(parameters, moves, strict=True)]
        data = [p.data - self.learning_rate * move for p, move in zip(parameters, moves, strict=True)]
        try:
            _assign(parameters, data)
        except BaseException:  # Ctrl-C between two parameters: finish, then stop
            _assign(parameters, data)
            raise
        finally:
            if self.momentum:
                self._velocity.update(zip(parameters, moves, strict=True))

    def __repr__(self) -> str:
        return f"SGD(learning_rate={self.learning_rate:g}, momentum={self.momentum:g})"


def _assign(parameters: list[Value], data: list[float]) -> None:
    for p, x in zip(parameters, data, strict=True):
        p.data = x
