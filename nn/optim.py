"""Optimisers: how parameters move against their gradients.

Each states the update of a single number, ``update``, as the textbook has it; what they share is in
``Optimizer``."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from inspect import signature
from itertools import repeat
from math import hypot, inf, isfinite
from numbers import Real
from typing import Any, ClassVar, Self
from weakref import WeakKeyDictionary

from autograd import Value
from nn.checks import Cures, fraction, positive, type_name
from nn.schedules import Schedule

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSProp"]

CHECKS: dict[str, Callable[[str, str, float], float]] = {
    **dict.fromkeys(("learning_rate", "clip_norm", "clip_value", "epsilon"), positive),
    **dict.fromkeys(("momentum", "decay", "beta1", "beta2"), fraction),
    "weight_decay": partial(positive, zero=True),
}
State = WeakKeyDictionary[Value, Sequence[float]]  # what is kept of each parameter
OWN = ("steps", "_state", "columns")  # of an optimiser, but no settings


@dataclass(eq=False, repr=False)
class Optimizer(Cures):
    """What optimisers share: a rate or a schedule of it, clipping, and a state for each parameter
    they have moved.

    learning_rate: a number, or a function of the step such as ``Cosine(0.1, steps=500)``.
    clip_norm: longer gradients are scaled down to this length (Pascanu et al. 2013); PyTorch's
    clip_grad_norm_ adds 1e-6 to the length, we do not. clip_value: each grad is kept within ± this,
    before that. The parameters' own grads stay as they are.

    An optimiser of your own is one method, written with operators alone: from a parameter's number
    x, its grad, the rate and what the method returned after x the last time, to the new x and
    whatever it wants to keep. Training by a recording calls it with arrays of all parameters where
    it gives the same numbers with them as one by one, to the last bit, and else one by one."""

    update: ClassVar[Callable[..., tuple[float, ...]]]

    learning_rate: float | Schedule
    _: KW_ONLY
    clip_norm: float | None = None
    clip_value: float | None = None
    steps: int = field(default=0, init=False)
    _state: State = field(default_factory=WeakKeyDictionary, init=False)
    # Newer state of these parameters, for ``state`` to give out: of each thing that is kept an
    # array, or one number for all.
    columns: tuple[list[Value], list[Any]] | None = field(default=None, init=False)

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Refuses what other libraries' optimisers are given, with the way it is written here."""
        known = list(signature(cls.__init__).parameters)
        first = args[0] if known[1:2] == ["learning_rate"] and args else 0.1
        if {*options} - {*known} or (isinstance(first, Iterable) and not isinstance(first, str)):
            from nn.other_libraries import refuse_optimizer  # here, since few need it

            refuse_optimizer(cls.__name__, first, {*options} - {*known})
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, x in self.settings().items():
            if name in CHECKS and not (name == "learning_rate" and callable(x)):
                CHECKS[name](type_name(self), name, x)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_state": dict(self.state)}  # weak references cannot be copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _state=WeakKeyDictionary(state["_state"]))

    @property
    def state(self) -> State:
        """What ``update`` kept of each parameter that it has moved."""
        if self.columns:
            parameters, columns = self.columns
            for p, kept in zip(parameters, by_parameter(columns), strict=False):
                self._state[p] = [*kept]
            self.columns = None
        return self._state

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        given = self.learning_rate
        rate: Any = given(self.steps) if callable(given) else given
        if not isinstance(rate, Real) or not 0 <= float(rate) < inf:
            need, came = "a schedule of rates from 0 up", f"{rate!r} for step {self.steps}"
            raise ValueError(f"{type_name(self)} needs {need}, got {came}")
        return rate  # type: ignore[return-value]  # a Real is a float, in the tower of numbers

    def step(self, parameters: Iterable[Value] | None = None) -> None:
        """Move each parameter against its grad; all of them or, if there is an error, none.

        Raises ValueError, and changes nothing, if a grad is nan or infinite."""
        if not isinstance(parameters, Iterable):
            came = "none" if parameters is None else type_name(parameters)
            write = "write optimizer.step(model.parameters())"
            raise TypeError(f"step needs the parameters to move, got {came}: {write}")
        parameters = list(parameters)
        for p in parameters:
            if not isinstance(p, Value):
                raise TypeError(f"step needs Values to move, got {p!r}")
            if not isfinite(p.grad):
                came = f"{p.grad} for the parameter {p.label or p.data!r}, and moved nothing"
                do = "lower the learning rate, or find where the grad comes from"
                raise ValueError(f"{type_name(self)} needs finite grads, got {came}: {do}")
        rate, steps = self.rate, self.steps + 1
        grads = self.clipped([p.grad for p in parameters])
        kept = self.state  # which SGD without momentum has none of
        states = [kept.get(p, ()) for p in parameters] if kept else repeat(())
        moved = self.moved([p.data for p in parameters], grads, rate, states)

        def assign() -> None:
            for p, (x, *kept) in zip(parameters, moved, strict=True):
                p.data = x
                if kept:
                    self.state[p] = kept
            self.steps = steps

        unbroken(assign)

    def clipped(self, grads: Sequence[float]) -> Any:
        """The grads as ``clip_value`` and ``clip_norm`` leave them: a list of a list, an array of
        an array."""
        value, limit, is_array = self.clip_value, self.clip_norm, hasattr(grads, "tolist")
        found: Any = grads
        if value is not None and is_array:
            found = found.clip(-value, value)
        elif value is not None:
            found = [min(max(g, -value), value) for g in grads]
        if limit is not None and (norm := length(found)) > limit:
            scale = limit / norm
            found = found * scale if is_array else [g * scale for g in found]
        return found

    def moved(
        self, xs: Iterable[float], grads: Iterable[float], rate: float, states: Iterable[Any]
    ) -> list[tuple[float, ...]]:
        """What ``update`` returns for each parameter, one by one."""
        update = self.update
        numbers = zip(xs, grads, states, strict=False)
        moved = [update(x, grad, rate, *state) for x, grad, state in numbers]
        if moved and not isinstance(moved[0], (tuple, list)):
            need = "an update that returns a tuple, the new x and what it wants to keep"
            came = f"{type_name(moved[0])}: write (x,)"
            raise TypeError(f"{type_name(self)} needs {need}, got {came}")
        return moved

    def fresh(self, **changes: Any) -> "Optimizer":
        """One with the same settings, but for the changes, that has moved nothing yet."""
        new = deepcopy(self, {id(p): p for p in self.state})
        vars(new).update(changes, steps=0, _state=WeakKeyDictionary(), columns=None)
        return new

    def settings(self) -> dict[str, Any]:
        """What it was made with, and is not off."""
        kept = {name: x for name, x in vars(self).items() if name not in OWN}
        return {name: x for name, x in kept.items() if x is not None and x is not False}

    def __repr__(self) -> str:
        shown = {name: repr(x) if callable(x) else f"{x:g}" for name, x in self.settings().items()}
        return f"{type_name(self)}({', '.join(f'{name}={x}' for name, x in shown.items())})"


def length(numbers: Any) -> float:
    """The length of a vector, a list or an array, exactly as ``math.hypot`` has it."""
    return hypot(*(numbers.tolist() if hasattr(numbers, "tolist") else numbers))


def unbroken(assign: Callable[[], None]) -> None:
    """Call what assigns several things; where Ctrl-C comes between two of them, end it first."""
    try:
        assign()
    except BaseException:
        assign()
        raise


def by_parameter(columns: Sequence[Any]) -> Iterator[tuple[float, ...]]:
    """Numbers of each parameter, from arrays of all or one number for all."""
    return zip(*(x.tolist() if hasattr(x, "tolist") else repeat(x) for x in columns), strict=False)


@dataclass(eq=False, repr=False)
class SGD(Optimizer):
    """Stochastic gradient descent: velocity = momentum·velocity + grad, then data -=
    learning_rate·velocity.

    With nesterov, the step looks ahead: data -= learning_rate·(grad + momentum·velocity). Source:
    Polyak (1964); Nesterov (1983) and Sutskever et al. (2013), in the form of PyTorch.

    >>> SGD(learning_rate=0.1).update(1.0, grad=2.0, rate=0.1)
    (0.8,)
    """

    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nesterov and not self.momentum:
            need = "a momentum above 0 to look ahead with nesterov"
            raise ValueError(f"{type_name(self)} needs {need}, got 0: try 0.9")

    def update(
        self, x: float, grad: float, rate: float, velocity: float = 0.0
    ) -> tuple[float, ...]:
        if not self.momentum:
            return (x - rate * grad,)
        velocity = self.momentum * velocity + grad
        return x - rate * (grad + self.momentum * velocity if self.nesterov else velocity), velocity


@dataclass(eq=False, repr=False)
class RMSProp(Optimizer):
    """Grads divided by the root of their mean square: mean = decay·mean + (1 - decay)·grad².

    Then data -= learning_rate·grad / (√mean + epsilon). Source: Hinton, Tieleman and Swersky,
    lecture 6e (2012).

    >>> RMSProp(learning_rate=0.01, decay=0.75).update(1.0, grad=2.0, rate=0.01)
    (0.9800000002, 1.0)
    """

    learning_rate: float | Schedule = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8

    def update(self, x: float, grad: float, rate: float, mean: float = 0.0) -> tuple[float, ...]:
        mean = self.decay * mean + (1 - self.decay) * (grad * grad)
        return x - rate * grad / (mean**0.5 + self.epsilon), mean


@dataclass(eq=False, repr=False)
class Adam(Optimizer):
    """Momentum over root mean square, both corrected for having begun at 0.

    m = beta1·m + (1 - beta1)·grad and v = beta2·v + (1 - beta2)·grad²; after k steps data -=
    learning_rate·m̂ / (√v̂ + epsilon), with m̂ = m / (1 - beta1ᵏ) and v̂ = v / (1 - beta2ᵏ).
    Source: Kingma and Ba, Adam (2015).

    >>> x, k, m, v = Adam(learning_rate=0.25).update(1.0, grad=2.0, rate=0.25)
    >>> round(x, 6)
    0.75
    """

    learning_rate: float | Schedule = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def update(
        self, x: float, grad: float, rate: float, k: float = 0, m: float = 0.0, v: float = 0.0
    ) -> tuple[float, ...]:
        k += 1
        m = self.beta1 * m + (1 - self.beta1) * grad
        v = self.beta2 * v + (1 - self.beta2) * (grad * grad)
        mean, square = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        return x - rate * mean / (square**0.5 + self.epsilon), k, m, v


@dataclass(eq=False, repr=False)
class AdamW(Adam):
    """Adam with the decay of weights beside the gradient: first data -=
    learning_rate·weight_decay·data.

    Like PyTorch's, it decays every parameter that it is given; a penalty such as ``L2`` leaves the
    biases alone. Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).

    >>> x, *kept = AdamW(learning_rate=0.25, weight_decay=0.2).update(1.0, grad=2.0, rate=0.25)
    >>> round(x, 6)
    0.7
    """

    weight_decay: float = 0.01

    def update(self, x: float, grad: float, rate: float, *state: float) -> tuple[float, ...]:
        return super().update(x - rate * self.weight_decay * x, grad, rate, *state)
