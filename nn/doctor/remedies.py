"""Remedies: what to change about a run, in words and as a change of its recipe."""

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

from autograd import log
from nn.data.dataset import Dataset, Standardizer
from nn.doctor.data_stats import majority, shared
from nn.doctor.units import set_activation
from nn.init import GAINS, initializer
from nn.layers import MLP, Layer
from nn.losses import cross_entropy
from nn.module import Module
from nn.optim import Optimizer
from nn.penalties import L2
from nn.training.callbacks import EarlyStopping
from nn.training.config import Recipe

__all__ = ["Remedy"]


@dataclass(frozen=True)
class Remedy:
    """What to try, in words, and ``change``: from the recipe of the run to that of the run to try;
    None if by hand.

    >>> Remedy("rest").apply(None)
    Traceback (most recent call last):
    ValueError: a remedy needs the recipe of the run, got none: train anew, and diagnose that history
    """

    words: str
    change: Callable[[Recipe], Recipe] | None = None

    def apply(self, recipe: Recipe | None) -> Recipe:
        """The recipe of the run to try."""
        if recipe is None:
            raise ValueError(
                "a remedy needs the recipe of the run, got none: train anew, and diagnose that history"
            )
        if self.change is None:
            raise ValueError(
                f"this remedy needs your own hand, as the model is none of ours: {self.words}"
            )
        return self.change(recipe)

    def __str__(self) -> str:
        return self.words


# The optimiser


@dataclass(frozen=True)
class Scaled:
    """A schedule, times a factor."""

    schedule: Callable[[int], float]
    factor: float

    def __call__(self, step: int) -> float:
        return self.factor * self.schedule(step)


def with_rate(recipe: Recipe, factor: float) -> Recipe:
    """The same optimiser before its first step, with so many times the rate."""
    optimizer = copy(recipe.optimizer)
    optimizer.state = type(optimizer.state)()
    optimizer.steps = 0
    rate = optimizer.learning_rate
    optimizer.learning_rate = Scaled(rate, factor) if callable(rate) else rate * factor
    return replace(recipe, optimizer=optimizer)


@dataclass(frozen=True)
class Stretched:
    """A schedule that takes so many times as long."""

    schedule: Callable[[int], float]
    factor: float

    def __call__(self, step: int) -> float:
        return self.schedule(int(step / self.factor))


def with_epochs(recipe: Recipe, epochs: int) -> Recipe:
    """More epochs, over all of which a schedule of rates then goes."""
    rate = getattr(recipe.optimizer, "learning_rate", None)
    if callable(rate):
        recipe = with_rate(recipe, 1.0)
        recipe.optimizer.learning_rate = Stretched(rate, epochs / recipe.epochs)
    return replace(recipe, epochs=epochs)


# The model


def layers_of(model: Any) -> list[Layer]:
    return (
        [part for part in model.modules() if isinstance(part, Layer)]
        if isinstance(model, Module)
        else []
    )


def with_initial(recipe: Recipe, activation: str | None = None) -> Recipe:
    """Usual initial weights for what the units are, biases at 0; activation: another for the hidden
    layers first.
    """
    model, rng = deepcopy(recipe.model), Random(recipe.seed)
    layers = layers_of(model)
    for layer in layers:
        for neuron in layer.neurons:
            if activation and layer is not layers[-1]:
                set_activation(neuron, activation)
            init = initializer("he" if str(neuron.activation) in GAINS else "xavier")
            for w, x in zip(neuron.w, init(len(neuron.w), len(layer.neurons), rng), strict=True):
                w.data = x
            neuron.b.data = 0.0
    return recipe.with_model(model)


def usual_init(model: Any) -> str:
    """The name of the initialiser for the hidden layers of a model."""
    first = next(iter(layers_of(model)[0].neurons))
    return "he" if str(first.activation) in GAINS else "xavier"


def with_output(recipe: Recipe, activation: str) -> Recipe:
    """Another activation for the last layer, the same parameters at the start."""
    model = recipe.fresh()
    for neuron in layers_of(model)[-1].neurons:
        set_activation(neuron, activation)
    return recipe.with_model(model)


def is_plain(model: Any) -> bool:
    """Whether it is an MLP whose layers one could build anew with other sizes."""
    return type(model) is MLP


def with_hidden(recipe: Recipe, hidden: Sequence[int], activation: str, outputs: int = 0) -> Recipe:
    """An MLP of other sizes."""
    layers = recipe.model.layers
    last = layers[-1].neurons
    nin = len(layers[0].neurons[0].w)
    dropout = recipe.model.dropout.rate if recipe.model.dropout else 0.0
    sizes = [*hidden, outputs or len(last)]
    model = MLP(
        nin,
        sizes,
        activation,
        "linear" if outputs else last[0].activation,
        recipe.seed,
        dropout=dropout,
    )
    return recipe.with_model(model)


def as_classes(recipe: Recipe, classes: int) -> Recipe:
    """An output for each class, and cross-entropy."""
    hidden = recipe.model.layers[:-1]
    sizes, activation = (
        [len(layer.neurons) for layer in hidden],
        hidden[0].neurons[0].activation if hidden else "tanh",
    )
    return replace(with_hidden(recipe, sizes, activation, classes), loss=cross_entropy)


# The rows


def with_standardized(recipe: Recipe) -> Recipe:
    """Features standardized by the training part."""
    scale = Standardizer.fit(recipe.data)
    validation = scale.transform(recipe.validation) if recipe.validation else None
    return replace(recipe, data=scale.transform(recipe.data), validation=validation)


def picked(data: Dataset, rows: Sequence[int]) -> Dataset:
    """Some rows of a dataset."""
    return replace(
        data, features=[data.features[i] for i in rows], targets=[data.targets[i] for i in rows]
    )


def without(data: Dataset, rows: Sequence[int]) -> Dataset:
    """A dataset without some rows."""
    gone = set(rows)
    return picked(data, [i for i in range(len(data)) if i not in gone])


def with_majority(recipe: Recipe) -> Recipe:
    """Of rows that contradict one another those with the most frequent target, in both parts."""
    validation = recipe.validation and picked(recipe.validation, majority(recipe.validation))
    return replace(
        recipe, data=picked(recipe.data, majority(recipe.data)), validation=validation or None
    )


def without_leak(recipe: Recipe) -> Recipe:
    """No row in both parts: out of the validation part, or, if too little would be left of it, out
    of the training.
    """
    training, validation = recipe.data, recipe.validation
    if validation is None:
        return recipe
    rest = without(validation, shared(validation, training))
    if 2 * len(rest) >= len(validation):
        return replace(recipe, validation=rest)
    rest = without(training, shared(training, validation))
    if 2 * len(rest) >= len(training):
        return replace(recipe, data=rest)
    training, validation = without(training, _again(training)).split(0.2, seed=recipe.seed)
    return replace(recipe, data=training, validation=validation)


def _again(data: Dataset) -> list[int]:
    """Which rows stand there for a second time."""
    seen: set[tuple[tuple[float, ...], float]] = set()
    found = []
    for i, (row, target) in enumerate(data):
        if (tuple(row), target) in seen:
            found.append(i)
        seen.add((tuple(row), target))
    return found


# The loss


def with_class_weights(recipe: Recipe) -> Recipe:
    """The loss with each class counting the same, by the training part."""
    return replace(
        recipe, loss=_with_options(recipe.loss, class_weights=recipe.data.class_weights())
    )


def _with_options(loss: Any, **options: Any) -> Any:
    if isinstance(loss, partial):
        return partial(loss.func, *loss.args, **loss.keywords | options)
    return partial(loss, **options)


def with_repeated(recipe: Recipe) -> Recipe:
    """Each class as often as the most frequent one, its rows repeated."""
    data = recipe.data
    of = {k: [i for i, t in enumerate(data.targets) if t == k] for k in set(data.targets)}
    most = max(map(len, of.values()))
    return replace(
        recipe,
        data=picked(data, [rows[i % len(rows)] for rows in of.values() for i in range(most)]),
    )


def cross_entropy_of_probabilities(outputs: Any, targets: Any, **options: Any) -> Any:
    """Cross-entropy of outputs that are probabilities already: that of their logarithms.

    >>> round(cross_entropy_of_probabilities([[0.25, 0.75]], [0]), 9) == round(-log(0.25), 9)
    True
    """
    return cross_entropy([[log(p + 1e-12) for p in row] for row in outputs], targets, **options)


def of_probabilities(recipe: Recipe) -> Recipe:
    """The loss for outputs that are probabilities."""
    options = recipe.loss.keywords if isinstance(recipe.loss, partial) else {}
    return replace(recipe, loss=partial(cross_entropy_of_probabilities, **options))


# The fit


def stopped_early(recipe: Recipe, patience: int, strength: float) -> Recipe:
    """An end at the best epoch, and weights that are kept small."""
    penalty = recipe.penalty or L2(strength)
    return replace(recipe, until=EarlyStopping(patience), penalty=penalty)


def has_rate(optimizer: Any) -> bool:
    """Whether it is an optimiser of which the rate can be changed."""
    return isinstance(optimizer, Optimizer)


def replaced(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with some options changed."""
    return replace(recipe, **changes)
