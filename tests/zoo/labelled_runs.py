"""Labelled runs: faulty by how they were made, with criteria, none of them the doctor's, by
which it shows.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import numpy as np

from nn import Dataset, History, TrainConfig, accuracy, evaluate, predict, r_squared
from tests.zoo.plans import Model, Plan

Measure = Callable[[Model, TrainConfig], float]

HEALTHY = "healthy"


@dataclass(frozen=True)
class LabelledRun:
    """A run that was made to be faulty, how its held-out loss is measured, and whether the problem
    shows.
    """

    plan: Plan
    model: Model
    history: History
    measure: Measure
    shows: Callable[[], bool]


def held_out(test: Dataset, loss: Any) -> Measure:
    """The loss on fresh rows; of an answer that overflows, a large one."""

    def measure(model: Model, config: TrainConfig) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = evaluate(model, test, loss)[0]
            except OverflowError:
                return 1e300
        return found if found < 1e300 else 1e300

    return measure


def score(model: Model, data: Dataset) -> float:
    """Accuracy or R²."""
    outputs = predict(model, data)
    return (
        accuracy(outputs, data.targets)
        if data.classification
        else max(-1.0, r_squared(outputs, data.targets))
    )


def attainable(rest: Dataset, test: Dataset) -> float:
    """What a support vector machine gets on the fresh rows."""
    from sklearn.svm import SVC, SVR

    machine = (SVC if rest.classification else SVR)(C=3.0).fit(rest.features, rest.targets)
    return float(machine.score(test.features, test.targets))


def hidden_outputs(model: Model, data: Dataset) -> list[Any]:
    """The outputs of the hidden units of an MLP, an array for each layer, by NumPy alone."""
    shapes: dict[str, Callable[[Any], Any]] = {
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "softsign": lambda z: z / (1 + np.abs(z)),
        "relu": lambda z: np.maximum(z, 0),
    }
    x, answers = np.array(data.features), []
    with np.errstate(all="ignore"):
        for layer in model.layers[:-1]:
            w = np.array([[v.data for v in neuron.w] for neuron in layer.neurons])
            x = shapes[layer.neurons[0].activation](
                x @ w.T + np.array([neuron.b.data for neuron in layer.neurons])
            )
            answers.append(x)
    return answers


def layer_gradients(plan: Plan) -> list[float]:
    """The root mean square of the gradient of each layer's weights before the run."""
    model, part = plan.model(), plan.rest[:100]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan.loss([model(row) for row in part.features], part.targets).backward()
    return [
        float(np.sqrt(np.mean([w.grad**2 for neuron in layer.neurons for w in neuron.w])))
        for layer in model.layers
    ]


def layer_errors(plan: Plan) -> list[float]:
    """The root mean square, over rows and units, of the gradient of a row's loss by each layer's
    biases.
    """
    model, squares = plan.model(), [0.0] * (len(plan.hidden) + 1)
    for row, target in plan.rest[:40]:
        model.zero_grad()
        plan.loss([model(row)], [target]).backward()
        for i, layer in enumerate(model.layers):
            squares[i] += fmean(neuron.b.grad**2 for neuron in layer.neurons)
    return [float(np.sqrt(square)) for square in squares]


def bad_as(
    plan: Plan, better: Plan, times: float, *also: Callable[[LabelledRun], bool]
) -> LabelledRun:
    """The run of a plan, which shows the problem if its held-out loss is so many times that of a
    better plan.
    """
    measure = held_out(plan.test, plan.loss)
    model, history = plan.run()

    def shows() -> bool:
        if not all(condition(labelled) for condition in also):
            return False
        other, its = better.run()
        assert its.config is not None
        assert history.config is not None
        return measure(model, history.config) >= times * measure(
            other, its.config
        ) and not is_overfit(its)

    labelled = LabelledRun(plan, model, history, measure, shows)
    return labelled


def is_overfit(history: History, times: float = 1.15) -> bool:
    best = history.best
    return best is None or history[-1].validation_loss > times * best.validation_loss + 0.01


def picked(data: Dataset, rows: list[int]) -> Dataset:
    return replace(
        data, features=[data.features[i] for i in rows], targets=[data.targets[i] for i in rows]
    )


def joined(a: Dataset, b: Dataset) -> Dataset:
    return replace(a, features=a.features + b.features, targets=[*a.targets, *b.targets])
