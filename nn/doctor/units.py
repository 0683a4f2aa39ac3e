"""What each unit of a model is given and gives back, and what error reaches it, row by row."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import hypot, sqrt
from typing import Any

from autograd import no_grad
from nn.activations import ACTIVATIONS, SLOPES
from nn.data.dataset import Dataset
from nn.layers import Layer, Neuron
from nn.module import Module

__all__ = ["Watched", "set_activation", "watched"]


@dataclass
class Watched:
    """The units of a layer: a list for each row that they saw of what they were given, answered,
    and sent back.
    """

    activation: str
    weights: list[tuple[float, ...]]  # of each unit, as they were when it was watched
    given: list[list[float]] = field(default_factory=list)
    answers: list[list[float]] = field(default_factory=list)
    errors: list[list[float]] = field(
        default_factory=list
    )  # of the first rows: the slope of their loss by ``given``

    def silent(self) -> int:
        """How many units answer 0 to every row."""
        return sum(all(y == 0 for y in unit) for unit in zip(*self.answers, strict=True))

    def flat(self, slope: float) -> float:
        """The share of answers at which the activation is flatter than this, as a share of its
        steepest slope.
        """
        of = SLOPES[self.activation]
        answers = [y for row in self.answers for y in row]
        return sum(of(y) < slope for y in answers) / len(answers)

    def error(self) -> float:
        """The root mean square of the error that reaches the layer."""
        errors = [e for row in self.errors for e in row]
        return hypot(*errors) / sqrt(len(errors)) if errors else 0.0

    def copies(self) -> float:
        """The share of units with the weights of another, that are given and sent the same; 0 if
        there is but one.
        """
        units = [*zip(self.weights, *self.given, *self.errors, strict=True)]
        return (len(units) - len(set(units))) / (len(units) - 1) if len(units) > 1 else 0.0


def watched(model: Any, data: Dataset, loss: Any, back: int) -> list[Watched]:
    """The layers of a model in the order in which rows meet them; the last is that of the outputs.

    back: of how many rows the loss is taken back. Of a model that has no layers of ours there is
    nothing to watch."""
    if not isinstance(model, Module):
        return []
    twin: Any = deepcopy(model)
    layers = [part for part in twin.modules() if isinstance(part, Layer)]
    spies: list[list[_Spy]] = []
    for layer in layers:
        spies.append([_Spy(neuron.activation) for neuron in layer.neurons])
        for neuron, spy in zip(layer.neurons, spies[-1], strict=True):
            set_activation(neuron, spy)
    met = _met(twin, data, spies)
    seen = [
        Watched(
            _name(layers[i].neurons[0]), [tuple(w.data for w in n.w) for n in layers[i].neurons]
        )
        for i in met
    ]
    for k, (row, target) in enumerate(data):
        if k < back:
            answer = twin(row)
            loss([answer], [target]).backward()
        else:
            with no_grad():
                twin(row)
        for layer_seen, i in zip(seen, met, strict=True):
            layer_seen.given.append([spy.given.data for spy in spies[i]])
            layer_seen.answers.append([spy.answer.data for spy in spies[i]])
            if k < back:
                layer_seen.errors.append([spy.given.grad for spy in spies[i]])
    return seen


def set_activation(neuron: Neuron, activation: Any) -> None:
    """Give a neuron another activation, a name or a function."""
    neuron.__setstate__(neuron.__getstate__() | {"activation": activation})


class _Spy:
    """An activation that remembers its last answer, and what it was given."""

    given: Any
    answer: Any
    order: list["_Spy"]

    def __init__(self, activation: Any) -> None:
        self.activation = activation
        self.function = activation if callable(activation) else ACTIVATIONS[activation]

    def __call__(self, x: Any) -> Any:
        self.given = +x  # a value of its own, whose grad is of this use alone
        self.answer = self.function(self.given)
        self.order.append(self)
        return self.answer


def _met(twin: Any, data: Dataset, spies: Sequence[Sequence[_Spy]]) -> list[int]:
    """Which layers the first row meets, in order."""
    order: list[_Spy] = []
    for spy in (spy for layer in spies for spy in layer):
        spy.order = order
    with no_grad():
        twin(data.features[0])
    place = {id(spy): i for i, layer in enumerate(spies) for spy in layer}
    met = list(dict.fromkeys(place[id(spy)] for spy in order))
    for spy in (spy for layer in spies for spy in layer):
        spy.order = _Forgetful()
    return met


class _Forgetful(list[_Spy]):
    def append(self, spy: _Spy) -> None:
        pass


def _name(neuron: Neuron) -> str:
    activation = neuron.activation
    while isinstance(activation, _Spy):
        activation = activation.activation
    return activation if isinstance(activation, str) else getattr(activation, "__name__", "")
