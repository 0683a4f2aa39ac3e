"""Optimisers: how parameters move against their gradients.

Each states the move of a single number, ``move``, as the textbook has it; what they share is in
``Optimizer``."""

from collections.abc import Callable, Iterable, Sequence
from math import hypot, inf, isfinite
from numbers import Real
from typing import Any
from weakref import WeakKeyDictionary

from autograd import Value
from nn.checks import type_name
from nn.schedules import Schedule

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSProp"]


class Optimizer:
    """What optimisers share: a rate or a schedule of it, clipping, and a state for each parameter
    they have moved.

    learning_rate: a number, or a function of the step such as ``Cosine(0.1, steps=500)``.
    clip_norm: longer gradients are scaled down to this length (Pascanu et al. 2013); PyTorch's
    clip_grad_norm_ adds 1e-6 to the length, we do not. clip_value: each grad is kept within ± this,
    before that. The parameters' own grads stay as they are.

    An optimiser of your own is one method, written with operators alone: from a parameter's number
    x, its grad, the rate and what the method returned after x the last time, to the new x and
    whatever it wants to keep.

    >>> class SignDescent(Optimizer):
    ...     def move(self, x, grad, rate):
    ...         return (x - rate * ((grad > 0) - (grad < 0)),)
    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> SignDescent(learning_rate=0.25).step([w])
    >>> w.data
    0.75
    """

    move: Callable[..., tuple[float, ...]]

    def __init__(
        self,
        learning_rate: float | Schedule,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        if not callable(learning_rate) and not _above(learning_rate):
            raise ValueError(
                f"{self._name} needs a learning_rate above 0, and finite, got {learning_rate!r}"
            )
        for option, bound in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if bound is not None and not _above(bound):
                raise ValueError(
                    f"{self._name} needs a {option} above 0, and finite, or None, got {bound!r}"
                )
        self.learning_rate = learning_rate
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.steps = 0
        self.state: WeakKeyDictionary[Value, Sequence[float]] = WeakKeyDictionary()
        self._left_behind = (
            0  # how many parameters a copy had a state for, whose model was not copied with it
        )

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"state": dict(self.state)}  # weak references cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(
            state, state=WeakKeyDictionary(state["state"]), _left_behind=len(state["state"])
        )

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def rate(self) -> float:
        """The learning rate of the next step.

        >>> SGD(lambda step: 0.1 / (1 + step)).rate
        0.1
        """
        rate = (
            self.learning_rate(self.steps) if callable(self.learning_rate) else self.learning_rate
        )
        if not _real(rate) or not 0 <= rate < inf:
            raise ValueError(
                f"{self._name} needs a schedule of rates from 0 up, got {rate!r} for step {self.steps}"
            )
        return rate

    def step(self, parameters: Iterable[Value]) -> None:
        """Move each parameter against its grad; all of them or, if there is an error, none.

        Raises ValueError, and changes nothing, if a grad is nan or infinite.
        """
        parameters = list(parameters)
        for p in parameters:
            if not isfinite(p.grad):
                raise ValueError(
                    f"{self._name} needs finite grads, got {p.grad} for the parameter {p.label or p.data!r}, and moved "
                    "nothing: lower the learning rate, or look where the grad comes from"
                )
        if self._left_behind:
            self._found(parameters)
        rate, grads, state = self.rate, self._clipped([p.grad for p in parameters]), self.state
        moved = [
            self.move(p.data, g, rate, *state.get(p, ()))
            for p, g in zip(parameters, grads, strict=True)
        ]
        if moved and not isinstance(moved[0], (tuple, list)):
            raise TypeError(
                f"{self._name} needs a move that returns a tuple, the new x and what it wants to keep, "
                f"got {type_name(moved[0])}: write (x,)"
            )
        steps = self.steps + 1
        try:
            self._assign(parameters, moved, steps)
        except BaseException:  # Ctrl-C between two parameters: finish, then stop
            self._assign(parameters, moved, steps)
            raise

    def _found(self, parameters: list[Value]) -> None:
        """Refuse to go on as if nothing had been: a copy of an optimiser alone has lost what it
        knew of each weight.
        """
        if not any(p in self.state for p in parameters):
            raise ValueError(
                f"{self._name} needs the parameters that it moved before, {self._left_behind} of them, got others: "
                "copy the model and its optimiser in one, deepcopy((model, optimizer)), or make a new optimiser"
            )
        self._left_behind = 0

    def _clipped(self, grads: list[float]) -> list[float]:
        if self.clip_value is not None:
            grads = [min(max(g, -self.clip_value), self.clip_value) for g in grads]
        if self.clip_norm is not None and (norm := hypot(*grads)) > self.clip_norm:
            grads = [g * (self.clip_norm / norm) for g in grads]
        return grads

    def _assign(self, parameters: list[Value], moved: list[tuple[float, ...]], steps: int) -> None:
        for p, (x, *kept) in zip(parameters, moved, strict=True):
            p.data = x
            if kept:
                self.state[p] = kept
        self.steps = steps

    def settings(self) -> dict[str, Any]:
        """What it was made with, and is not off.

        >>> RMSProp(0.01, clip_norm=1.0).settings()
        {'learning_rate': 0.01, 'clip_norm': 1.0, 'decay': 0.99, 'epsilon': 1e-08}
        """
        kept = {
            name: x
            for name, x in vars(self).items()
            if name not in ("steps", "state", "_left_behind")
        }
        return {name: x for name, x in kept.items() if x is not None and x is not False}

    def __repr__(self) -> str:
        shown = {name: repr(x) if callable(x) else f"{x:g}" for name, x in self.settings().items()}
        return f"{self._name}({', '.join(f'{name}={x}' for name, x in shown.items())})"


class SGD(Optimizer):
    """Stochastic gradient descent: velocity = momentum·velocity + grad, then data -=
    learning_rate·velocity.

    With nesterov, the step looks ahead: data -= learning_rate·(grad + momentum·velocity). Source:
    Polyak (1964); Nesterov (1983) and Sutskever et al. (2013), in the form of PyTorch.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> SGD(learning_rate=0.1).step([w])
    >>> w.data
    0.8
    """

    def __init__(
        self,
        learning_rate: float | Schedule,
        momentum: float = 0.0,
        nesterov: bool = False,
        **clip: float | None,
    ) -> None:
        super().__init__(learning_rate, **clip)
        self.momentum = _share("SGD", "momentum", momentum)
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError(
                "SGD needs a momentum above 0 to look ahead with nesterov, got 0: try 0.9"
            )

    def move(self, x: float, grad: float, rate: float, velocity: float = 0.0) -> tuple[float, ...]:
        if not self.momentum:
            return (x - rate * grad,)
        velocity = self.momentum * velocity + grad
        return x - rate * (grad + self.momentum * velocity if self.nesterov else velocity), velocity


class RMSProp(Optimizer):
    """Grads divided by the root of their mean square: mean = decay·mean + (1 - decay)·grad².

    Then data -= learning_rate·grad / (√mean + epsilon). Source: Hinton, Tieleman and Swersky,
    lecture 6e (2012).

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> RMSProp(learning_rate=0.01).step([w])
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        **clip: float | None,
    ) -> None:
        super().__init__(learning_rate, **clip)
        self.decay = _share("RMSProp", "decay", decay)
        self.epsilon = _above_zero("RMSProp", "epsilon", epsilon)

    def move(self, x: float, grad: float, rate: float, mean: float = 0.0) -> tuple[float, ...]:
        mean = self.decay * mean + (1 - self.decay) * (grad * grad)
        return x - rate * grad / (mean**0.5 + self.epsilon), mean


class Adam(Optimizer):
    """Momentum over root mean square, both corrected for having begun at 0.

    m = beta1·m + (1 - beta1)·grad and v = beta2·v + (1 - beta2)·grad²; after k steps data -=
    learning_rate·m̂ / (√v̂ + epsilon), with m̂ = m / (1 - beta1ᵏ) and v̂ = v / (1 - beta2ᵏ).
    Source: Kingma and Ba, Adam (2015).

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> Adam(learning_rate=0.25).step([w])
    >>> round(w.data, 6)
    0.75
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        **clip: float | None,
    ) -> None:
        super().__init__(learning_rate, **clip)
        self.beta1 = _share(self._name, "beta1", beta1)
        self.beta2 = _share(self._name, "beta2", beta2)
        self.epsilon = _above_zero(self._name, "epsilon", epsilon)

    def move(
        self, x: float, grad: float, rate: float, k: float = 0, m: float = 0.0, v: float = 0.0
    ) -> tuple[float, ...]:
        k += 1
        m = self.beta1 * m + (1 - self.beta1) * grad
        v = self.beta2 * v + (1 - self.beta2) * (grad * grad)
        mean, square = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        return x - rate * mean / (square**0.5 + self.epsilon), k, m, v


class AdamW(Adam):
    """Adam with the decay of weights beside the gradient: first data -=
    learning_rate·weight_decay·data.

    Like PyTorch's, it decays every parameter that it is given; a penalty such as ``L2`` leaves the
    biases alone. Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> AdamW(learning_rate=0.25, weight_decay=0.2).step([w])
    >>> round(w.data, 6)
    0.7
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        **clip: float | None,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, **clip)
        if not _real(weight_decay) or not 0 <= weight_decay < inf:
            raise ValueError(
                f"AdamW needs a weight_decay of 0 or more, and finite, got {weight_decay!r}"
            )
        self.weight_decay = weight_decay

    def move(self, x: float, grad: float, rate: float, *state: float) -> tuple[float, ...]:
        return super().move(x - rate * self.weight_decay * x, grad, rate, *state)


def _above(x: Any) -> bool:
    return _real(x) and 0 < x < inf


def _real(x: Any) -> bool:
    return isinstance(x, Real)


def _share(name: str, what: str, x: float) -> float:
    if not _real(x) or not 0 <= x < 1:
        raise ValueError(f"{name} needs a {what} from 0 up to, but below, 1, got {x!r}")
    return x


def _above_zero(name: str, what: str, x: float) -> float:
    if not _above(x):
        raise ValueError(f"{name} needs an {what} above 0, and finite, got {x!r}")
    return x
