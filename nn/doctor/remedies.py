"""What remedies change in the config of a run: its optimiser, model, rows or loss."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from statistics import fmean, pstdev
from typing import Any

from autograd import log
from nn.activations import GAINS
from nn.data.scaling import Standardizer
from nn.doctor.data_stats import majority, rows_of, shared
from nn.init import initial_weights
from nn.layers import MLP, Layer
from nn.losses import cross_entropy
from nn.module import Module
from nn.training.config import TrainConfig


@dataclass(frozen=True)
class Rescheduled:
    """A schedule of so many times the rates, over so many times the steps."""

    schedule: Callable[[int], float]
    factor: float
    stretch: float

    def __call__(self, step: int) -> float:
        return self.factor * self.schedule(int(step / self.stretch))


def with_rate(config: TrainConfig, factor: float, stretch: float = 1.0) -> TrainConfig:
    """So many times the learning rate; a schedule takes so many times as long."""
    rate = config.optimizer.learning_rate
    rate = Rescheduled(rate, factor, stretch) if callable(rate) else rate * factor
    return replace(config, optimizer=config.optimizer.fresh(learning_rate=rate))


def with_epochs(config: TrainConfig, epochs: int) -> TrainConfig:
    """More epochs, all of which a schedule of rates then covers."""
    if callable(getattr(config.optimizer, "learning_rate", None)):
        config = with_rate(config, 1.0, epochs / config.epochs)
    return replace(config, epochs=epochs)


def layers_of(model: Module) -> list[Layer]:
    """The Layers of a model."""
    return [part for part in model.modules() if isinstance(part, Layer)]


def usual_init(layer: Layer) -> str:
    """The name of the usual initialiser for a layer's activation."""
    return "he" if str(layer.neurons[0].activation) in GAINS else "xavier"


def with_initial(config: TrainConfig, activation: str | None = None) -> TrainConfig:
    """Usual initial weights for the units, whose hidden ones get the activation; biases at 0."""
    model, rng = deepcopy(config.model), Random(config.seed)
    layers = layers_of(model)
    for layer in layers:
        for neuron in layer.neurons:
            if activation and layer is not layers[-1]:
                neuron.activation = activation
            init, nin, nout = usual_init(layer), len(neuron.w), len(layer.neurons)
            weights = initial_weights(init, neuron.activation, nin, nout, rng)
            for w, x in zip(neuron.w, weights, strict=True):
                w.data = x
            neuron.b.data = 0.0
    return config.with_model(model)


def with_linear_output(config: TrainConfig) -> TrainConfig:
    """No activation in the last layer, the same initial parameters."""
    model = config.fresh()
    for neuron in layers_of(model)[-1].neurons:
        neuron.activation = "linear"
    return config.with_model(model)


def hidden_layers(model: MLP) -> tuple[list[int], str]:
    """The sizes of the hidden layers, and their activation; tanh if there are none."""
    hidden = model.layers[:-1]
    sizes = [len(layer.neurons) for layer in hidden]
    return sizes, str(hidden[0].neurons[0].activation) if hidden else "tanh"


def with_hidden(
    config: TrainConfig, hidden: Sequence[int], activation: str, outputs: int = 0
) -> TrainConfig:
    """An MLP with other sizes; outputs: that many logits instead of the outputs it has."""
    old, last = config.model, config.model.layers[-1].neurons
    output = "linear" if outputs else last[0].activation
    dropout = old.dropout.rate if old.dropout else 0.0
    sizes = [*hidden, outputs or len(last)]
    new = MLP(old.in_features, sizes, activation, output, config.seed, dropout=dropout)
    return config.with_model(new)


def as_classes(config: TrainConfig, classes: int) -> TrainConfig:
    """An output for each class, and cross-entropy."""
    return replace(with_hidden(config, *hidden_layers(config.model), classes), loss=cross_entropy)


class Rescaled(Module):
    """A model whose outputs are multiplied by a deviation, and then a mean is added."""

    def __init__(self, inner: Any, mean: float, deviation: float) -> None:
        self.inner, self.mean, self.deviation = inner, mean, deviation

    def __call__(self, row: Any) -> Any:
        return _each(self.inner(row), lambda y: y * self.deviation + self.mean)


def scaled_loss(outputs: Any, targets: Any, *, loss: Any, mean: float, deviation: float) -> Any:
    """The loss of standardized outputs and targets."""
    return loss(*(_each(x, lambda y: (y - mean) / deviation) for x in (outputs, targets)))


def _each(x: Any, function: Callable[[Any], Any]) -> Any:
    return [_each(y, function) for y in x] if isinstance(x, (list, tuple)) else function(x)


def with_standardized_target(config: TrainConfig) -> TrainConfig:
    """Model and loss in standard deviations of the target; targets and outputs keep their units."""
    mean, deviation = fmean(config.data.targets), pstdev(config.data.targets)
    loss = partial(scaled_loss, loss=config.loss, mean=mean, deviation=deviation)
    return replace(config.with_model(Rescaled(config.fresh(), mean, deviation)), loss=loss)


def in_units(loss: Any) -> Any:
    """The loss that ``scaled_loss`` applies; any other as it is."""
    standardized = isinstance(loss, partial) and loss.func is scaled_loss
    return loss.keywords["loss"] if standardized else loss


def with_standardized(config: TrainConfig) -> TrainConfig:
    """Features standardized by the training part."""
    scale = Standardizer.fit(config.data)
    validation = config.validation and scale.transform(config.validation)
    return replace(config, data=scale.transform(config.data), validation=validation)


def with_majority(config: TrainConfig) -> TrainConfig:
    """Of rows that contradict one another those with the most frequent target, in both parts."""
    parts = (config.data, config.validation)
    data, validation = (part and part.take(majority(part)) for part in parts)
    return replace(config, data=data, validation=validation or None)


def without_leak(config: TrainConfig) -> TrainConfig:
    """No row in both parts: out of the validation part, or of the training part if more is left."""
    parts: dict[str, Any] = {"data": config.data, "validation": config.validation}
    for name, other in (("validation", "data"), ("data", "validation")):
        part, gone = parts[name], {*shared(parts[name], parts[other])}
        rest = [i for i in range(len(part)) if i not in gone]
        if 2 * len(rest) >= len(part):
            return replace(config, **(parts | {name: part.take(rest)}))
    first = {row: i for i, row in reversed([*enumerate(rows_of(config.data))])}
    training, validation = config.data.take(sorted(first.values())).split(0.2, seed=config.seed)
    return replace(config, data=training, validation=validation)


def with_repeated(config: TrainConfig) -> TrainConfig:
    """Each class as often as the most frequent one, its rows repeated."""
    data = config.data
    rows = [[i for i, t in enumerate(data.targets) if t == k] for k in set(data.targets)]
    most = max(map(len, rows))
    return replace(config, data=data.take([of[i % len(of)] for of in rows for i in range(most)]))


def with_class_weights(config: TrainConfig) -> TrainConfig:
    """The loss with each class counting the same, by the training part."""
    return replace(config, loss=partial(config.loss, class_weights=config.data.class_weights()))


def cross_entropy_of_probabilities(outputs: Any, targets: Any, **options: Any) -> Any:
    """Cross-entropy of outputs that are probabilities already: that of their logarithms."""
    return cross_entropy([[log(p + 1e-12) for p in row] for row in outputs], targets, **options)


def of_probabilities(config: TrainConfig) -> TrainConfig:
    """The loss for outputs that are probabilities."""
    options = config.loss.keywords if isinstance(config.loss, partial) else {}
    return replace(config, loss=partial(cross_entropy_of_probabilities, **options))
