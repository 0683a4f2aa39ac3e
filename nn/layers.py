"""Neurons, layers of them, dropout, and the multi-layer perceptron (MLP)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from random import Random
from typing import Any

from autograd import Value, bundle, dot
from nn.activations import ACTIVATIONS, Activation, activation_function, activation_name
from nn.checks import fraction, whole
from nn.init import Initializer, initial_weights
from nn.module import Module, modules_in

__all__ = ["ACTIVATIONS", "MLP", "Dropout", "Layer", "Neuron", "training_mode"]


class Neuron(Module):
    """activation(Σ wᵢxᵢ + b), with small random weights and a zero bias.

    activation: a name in ``ACTIVATIONS``, or a function of a Value, such as an ``operation`` of
    your own. init: a name in ``INITIALIZERS`` or a function; by None the weights are uniform in
    ±√(3/nin), times √2 for relu and its kin. nout: the neurons in the layer, for initialisers that
    ask.

    >>> n = Neuron(2, "tanh", Random(0))
    >>> n.w[0].data, n.w[1].data = 0.5, -1.0
    >>> n([2.0, 1.0])
    tanh(0) = 0
    """

    def __init__(
        self,
        nin: int,
        activation: str | Activation = "relu",
        rng: Random | None = None,
        init: str | Initializer | None = None,
        nout: int = 1,
    ) -> None:
        self.in_features = whole(type(self).__name__, "nin", nin)
        activation_function(activation)  # refuses what is none
        weights = initial_weights(init, activation, nin, nout, rng or Random())
        self.w = bundle([Value(w, f"w{i}") for i, w in enumerate(weights, 1)])
        self.b = Value(0.0, "b")
        self.activation = activation

    def __call__(self, x: Sequence[Any]) -> Value:
        try:
            z = dot(self.w, x, self.b)
        except (TypeError, ValueError):
            if hasattr(x, "__len__") and len(x) == len(self.w):
                raise
            came = len(x) if hasattr(x, "__len__") else f"{x!r}, which is not a list"
            need = f"a list of inputs, one for each of its weights ({len(self.w)})"
            raise ValueError(f"a neuron needs {need}, got {came}") from None
        return activation_function(self.activation)(z)

    def __repr__(self) -> str:
        return f"Neuron({self.in_features}, {activation_name(self.activation)})"


class Layer(Module):
    """Neurons side by side, each over all inputs; it returns the list of their outputs.

    >>> len(Layer(2, 3)([1.0, -1.0]))
    3
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: str | Activation = "relu",
        rng: Random | None = None,
        init: str | Initializer | None = None,
    ) -> None:
        rng = rng or Random()
        count = whole("Layer", "nout", nout)
        self.neurons = [Neuron(nin, activation, rng, init, count) for _ in range(count)]
        self.in_features = self.neurons[0].in_features

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        if hasattr(x, "__len__"):
            if hasattr(next(iter(x), ""), "__len__") and not isinstance(next(iter(x), ""), str):
                came = f"a list of {self.in_features} numbers, got {len(x)} rows"
                write = "write [model(row) for row in rows], or predict(model, data)"
                raise TypeError(f"a model takes one row, {came}: {write}")
            x = bundle(x, read=True)  # once, for all neurons
        return [neuron(x) for neuron in self.neurons]

    def __repr__(self) -> str:
        kind = activation_name(self.neurons[0].activation)
        return f"Layer({self.in_features}, {len(self.neurons)}, {kind})"


class Dropout(Module):
    """Drops each output of a layer with a probability of ``rate``, and multiplies the others by
    1/(1 - rate).

    Only in ``training_mode``, which ``train`` sets. Source: Srivastava et al., Dropout (2014), in
    the inverted form.

    >>> drop = Dropout(0.5, Random(2))
    >>> drop([1.0, 2.0, 3.0])
    [1.0, 2.0, 3.0]
    >>> with training_mode(drop):
    ...     drop([1.0, 2.0, 3.0])
    [2.0, 4.0, 0.0]
    """

    def __init__(self, rate: float, rng: Random | None = None) -> None:
        self.rate = fraction("Dropout", "rate", rate)
        self.rng = rng or Random()
        self.training = False

    def __call__(self, x: Sequence[Any]) -> Sequence[Any]:
        if not self.training or not self.rate:
            return x
        scale = 1 / (1 - self.rate)
        return [xi * scale if self.rng.random() >= self.rate else 0.0 for xi in x]

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"


@contextmanager
def training_mode(model: Any) -> Iterator[None]:
    """Inside, the dropout of a model is on; ``train`` computes its batches in this, and its
    validation outside."""
    before = {m: m.training for m in modules_in(model) if isinstance(m, Dropout)}
    try:
        for dropout in before:
            dropout.training = True
        yield
    finally:
        for dropout, training in before.items():
            dropout.training = training


class MLP(Module):
    """Layers one after the other: nin inputs, then a layer for each of nouts; the last has the
    activation ``output``.

    An MLP of one output returns that Value, else the list of its outputs. The same seed gives the
    same weights. init: see ``Neuron``. dropout: the fraction of each hidden layer's outputs to drop
    in training.

    >>> model = MLP(3, [4, 4, 1], seed=1)
    >>> len(model.parameters())
    41
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str | Activation = "relu",
        output: str | Activation = "linear",
        seed: int | None = None,
        init: str | Initializer | None = None,
        dropout: float = 0.0,
    ) -> None:
        if not isinstance(nouts, (list, tuple)) or not nouts:
            need = "a list with the size of each layer, such as [16, 16, 1]"
            raise ValueError(f"MLP needs {need}, got {nouts!r}")
        if dropout and len(nouts) < 2:
            need = "a hidden layer whose outputs it drops"
            raise ValueError(f"dropout needs {need}, got the sizes {nouts!r}: leave it out")
        if seed is not None and (not isinstance(seed, Integral) or isinstance(seed, bool)):
            need = "a seed that is a whole number, or None for another each time"
            raise ValueError(f"MLP needs {need}, got {seed!r}")
        activation_function(activation)  # refuses what is none, also where no hidden layer uses it
        rng = Random(seed)
        activations = [*[activation] * (len(nouts) - 1), output]
        sizes = zip([nin, *nouts[:-1]], nouts, activations, strict=True)
        self.layers = [Layer(n, m, kind, rng, init) for n, m, kind in sizes]
        self.dropout = Dropout(dropout, Random(rng.random())) if dropout else None
        self.in_features = self.layers[0].in_features

    def __call__(self, x: Sequence[Any]) -> Any:
        for layer in self.layers[:-1]:
            x = layer(x) if self.dropout is None else self.dropout(layer(x))
        x = self.layers[-1](x)
        return x[0] if len(x) == 1 else x

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self.layers]
        first, last = (activation_name(self.layers[i].neurons[0].activation) for i in (0, -1))
        dropout = f", dropout={self.dropout.rate:g}" if self.dropout else ""
        made = f"MLP({self.in_features}, {sizes}, activation={first}, output={last}{dropout})"
        return f"{made}: {len(self.parameters())} parameters"
