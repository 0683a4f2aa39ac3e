"""A zoo of runs whose illness is known: what ``nn.doctor`` says of each, and what its remedy does.

    python -m tests.zoo [--only "dead ReLUs" ...]

prints the confusion matrix and the success of the remedies, for the even specimens (on which the thresholds were
chosen) and for the odd ones (which nobody looked at). What a specimen has follows from how it was made, and a
``breed`` keeps only those in which the illness shows, by a criterion of its own, not the doctor's.
"""

import argparse
import json
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from math import log, pi, sin
from pathlib import Path
from random import Random
from statistics import fmean, pstdev
from typing import Any

import numpy as np

from nn import (
    L2,
    MLP,
    SGD,
    Adam,
    AdamW,
    Cosine,
    Dataset,
    EarlyStopping,
    History,
    Module,
    Optimizer,
    Recipe,
    RMSProp,
    Standardizer,
    accuracy,
    binary_cross_entropy,
    circles,
    cross_entropy,
    evaluate,
    hinge,
    huber,
    iris,
    mean_absolute_error,
    mean_squared_error,
    moons,
    predict,
    predicted_class,
    r_squared,
    spirals,
    train,
    xor,
)

Model = Any
Measure = Callable[[Model, Recipe], float]

HEALTHY = "healthy"


@dataclass(frozen=True)
class Plan:
    """A run to make: rows, model and options, of which a breed changes some."""

    source: str
    rest: Dataset
    test: Dataset
    loss: Any
    hidden: tuple[int, ...]
    activation: str
    rate: float
    optimizer: Callable[[float], Optimizer]
    epochs: int
    batch_size: int
    seed: int
    output: str = "linear"
    init: Any = None
    penalty: Any = None
    until: Any = None
    validation: Any = 0.25
    outputs: int = 0
    prepare: Callable[[MLP], Model] = field(default=lambda model: model)

    def model(self) -> Model:
        """The model before the run."""
        last = self.outputs or (len(self.rest.class_names) if of_classes(self.loss) else 1)
        sizes = [*self.hidden, last]
        width = len(self.rest.feature_names)
        return self.prepare(MLP(width, sizes, self.activation, self.output, self.seed, self.init))

    def run(self) -> tuple[Model, History]:
        """Make the run."""
        model = self.model()
        options: dict[str, Any] = {"penalty": self.penalty, "until": self.until, "validation": self.validation}
        options |= {"epochs": self.epochs, "batch_size": self.batch_size, "seed": self.seed, "progress": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = train(model, self.rest, self.loss, self.optimizer(self.rate), **options)
        return model, history


def of_classes(loss: Any) -> bool:
    return getattr(loss, "func", loss) is cross_entropy


# Where the rows come from


@cache
def real(name: str) -> Dataset:
    """One of scikit-learn's data sets."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    return Dataset(bunch.data, bunch.target, class_names=[str(c) for c in getattr(bunch, "target_names", [])])


def waves(rows: int, noise: float, seed: int) -> Dataset:
    """A regression: two features, a wave along one and a slope along the other."""
    rng = Random(seed)
    features = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return Dataset(features, [sin(pi * x) + 0.5 * z + rng.gauss(0, noise) for x, z in features])


def ridge(rows: int, noise: float, seed: int) -> Dataset:
    """A regression: five features, of which a product and two slopes matter."""
    rng = Random(seed)
    features = [[rng.gauss(0, 1) for _ in range(5)] for _ in range(rows)]
    return Dataset(features, [x[0] * x[1] + x[2] - 0.5 * x[3] + rng.gauss(0, noise) for x in features])


def standardized(rest: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
    scale = Standardizer.fit(rest)
    rest, test = scale.transform(rest), scale.transform(test)
    if rest.classification:
        return rest, test
    middle, spread = fmean(rest.targets), pstdev(rest.targets)
    scaled = ([(t - middle) / spread for t in part.targets] for part in (rest, test))
    return replace(rest, targets=next(scaled)), replace(test, targets=next(scaled))


MADE: dict[str, Callable[[int, float, int], Dataset]] = {
    "moons": lambda rows, noise, seed: moons(rows, noise, seed),
    "circles": lambda rows, noise, seed: circles(rows, noise / 2, seed=seed),
    "spirals": lambda rows, noise, seed: spirals(rows, noise / 3, turns=0.6, seed=seed),
    "three spirals": lambda rows, noise, seed: spirals(rows, noise / 3, turns=0.5, classes=3, seed=seed),
    "xor": lambda rows, noise, seed: xor(rows, noise, seed),
    "waves": waves,
    "ridge": ridge,
}
REAL = ("iris", "wine", "breast_cancer", "digits", "diabetes")
NUMBERS = ("waves", "ridge", "diabetes")
CURVED = ("moons", "circles", "spirals", "three spirals", "xor", "waves")
CLASSES = tuple(name for name in (*MADE, *REAL) if name not in NUMBERS)


def rows(name: str, rng: Random, count: int = 0, noise: float = 0.0, raw: bool = False) -> tuple[Dataset, Dataset]:
    """Rows to learn from and fresh ones, standardized by the former."""
    seed = rng.randrange(10**6)
    if name in MADE:
        noise, count = noise or rng.uniform(0.1, 0.2), count or rng.choice([120, 160, 200])
        parts = MADE[name](count, noise, seed), MADE[name](400, noise, seed + 1)
    else:
        data = (iris() if name == "iris" else real(name)).shuffled(seed)
        parts = data[: min(count or 300, len(data) * 2 // 3)], data[max(-300, -(len(data) // 3)) :]
    return parts if raw else standardized(*parts)


# A plan that is sound

RATES: list[tuple[Callable[[float], Optimizer], float]] = [
    (lambda rate: SGD(rate), 0.2),
    (lambda rate: SGD(rate, momentum=0.9), 0.05),
    (lambda rate: SGD(rate, momentum=0.9, nesterov=True), 0.05),
    (lambda rate: Adam(rate), 0.01),
    (lambda rate: AdamW(rate, weight_decay=0.01), 0.01),
    (lambda rate: RMSProp(rate), 0.005),
]


def sound(rng: Random, source: str = "", activation: str = "", plain: bool = False, **options: Any) -> Plan:
    """What somebody would do who knows how; plain: by SGD, with or without momentum."""
    source = source or rng.choice([*MADE, *REAL])
    rest, test = rows(source, rng, **options)
    optimizer, rate = rng.choice(RATES[:3] if plain else RATES)
    if rest.classification:
        two = len(rest.class_names) == 2
        loss = rng.choice([cross_entropy, cross_entropy, binary_cross_entropy, hinge] if two else [cross_entropy])
    else:
        loss = rng.choice([mean_squared_error, mean_squared_error, huber, mean_absolute_error])
        rate *= 0.5  # a number's loss is more curved than a class's
    return Plan(
        source,
        rest,
        test,
        loss,
        rng.choice([(16,), (24,), (12, 8)]),
        activation or rng.choice(["tanh", "relu", "leaky_relu", "gelu", "silu", "elu"]),
        rate * rng.uniform(0.7, 1.4),
        optimizer,
        -(-rng.choice([450, 600]) // (len(rest) * 3 // 4 // 16 + 1)),
        16,
        rng.randrange(10**6),
    )


# How an illness is made


@dataclass(frozen=True)
class Bred:
    """A run that was made to be ill, how its held-out loss is measured, and whether the illness shows."""

    plan: Plan
    model: Model
    history: History
    measure: Measure
    shows: Callable[[], bool]


BREEDS: dict[str, Callable[[Random], Bred]] = {}


def breed(illness: str) -> Callable[[Callable[[Random], Bred]], Callable[[Random], Bred]]:
    def kept(make: Callable[[Random], Bred]) -> Callable[[Random], Bred]:
        BREEDS[illness] = make
        return make

    return kept


def held_out(test: Dataset, loss: Any) -> Measure:
    """The loss on fresh rows; of an answer that overflows, a large one."""

    def measure(model: Model, recipe: Recipe) -> float:
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
    return accuracy(outputs, data.targets) if data.classification else max(-1.0, r_squared(outputs, data.targets))


def attainable(rest: Dataset, test: Dataset) -> float:
    """What a support vector machine gets on the fresh rows."""
    from sklearn.svm import SVC, SVR

    machine = (SVC if rest.classification else SVR)(C=3.0).fit(rest.features, rest.targets)
    return float(machine.score(test.features, test.targets))


def answers_of(model: Model, data: Dataset) -> list[Any]:
    """What the hidden units of an MLP answer, an array for each layer, by NumPy alone."""
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
            x = shapes[layer.neurons[0].activation](x @ w.T + np.array([neuron.b.data for neuron in layer.neurons]))
            answers.append(x)
    return answers


def layer_gradients(plan: Plan) -> list[float]:
    """The root mean square of the gradient of each layer's weights before the run."""
    model, part = plan.model(), plan.rest[:100]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan.loss([model(row) for row in part.features], part.targets).backward()
    return [
        float(np.sqrt(np.mean([w.grad**2 for neuron in layer.neurons for w in neuron.w]))) for layer in model.layers
    ]


def bad_as(plan: Plan, better: Plan, times: float, *also: Callable[[Bred], bool]) -> Bred:
    """The run of a plan, which shows the illness if its held-out loss is so many times that of a better plan."""
    measure = held_out(plan.test, plan.loss)
    model, history = plan.run()

    def shows() -> bool:
        if not all(condition(bred) for condition in also):
            return False
        other, its = better.run()
        assert its.recipe is not None
        assert history.recipe is not None
        return measure(model, history.recipe) >= times * measure(other, its.recipe) and not is_overfit(its)

    bred = Bred(plan, model, history, measure, shows)
    return bred


def is_overfit(history: History, times: float = 1.15) -> bool:
    best = history.best
    return best is None or history[-1].validation_loss > times * best.validation_loss + 0.01


@breed(HEALTHY)
def healthy(rng: Random) -> Bred:
    plan = sound(rng)
    plan = replace(
        plan,
        rate=plan.rate * rng.uniform(0.5, 1.6),
        hidden=rng.choice([plan.hidden, plan.hidden, (8,), (32,), (10, 10, 10)]),
        batch_size=rng.choice([8, 16, 16, 32]),
        validation=rng.choice([0.2, 0.25, 0.3]),
        activation=rng.choice([plan.activation] * 5 + ["sigmoid", "softsign"]),
    )
    if rng.random() < 0.3:
        plan = replace(plan, penalty=L2(0.001))
    if rng.random() < 0.3:
        plan = replace(plan, until=EarlyStopping(patience=15))
    if rng.random() < 0.3:
        steps = plan.epochs * (len(plan.rest) * 3 // 4 // 16 + 1)
        make = plan.optimizer
        plan = replace(plan, optimizer=lambda rate: make(Cosine(rate * 1.5, steps)))  # type: ignore[arg-type]
    if rng.random() < 0.25:
        plan = replace(plan, init=rng.choice(["xavier", "he"]))
    if rng.random() < 0.3:  # not quite what the books say, and no harm done
        factors = [rng.uniform(0.4, 3) for _ in plan.rest.feature_names]
        shifts = [rng.uniform(-1, 1) for _ in factors]
        parts = ((np.array(part.features) * factors + shifts).tolist() for part in (plan.rest, plan.test))
        rest, test = (replace(p, features=x) for p, x in zip((plan.rest, plan.test), parts, strict=True))
        plan = replace(plan, rest=rest, test=test)
    if rng.random() < 0.2 and plan.rest.classification:  # one class with a third of its rows
        few = [i for i, t in enumerate(plan.rest.targets) if t == 0]
        gone = set(few[len(few) // 3 :])
        plan = replace(plan, rest=picked(plan.rest, [i for i in range(len(plan.rest)) if i not in gone]))
    model, history = plan.run()
    slack = 0.03 if plan.rest.classification else 0.08

    def shows() -> bool:
        if is_overfit(history) and not plan.until:
            return False
        scale = Standardizer.fit(plan.rest)
        reach = attainable(scale.transform(plan.rest), scale.transform(plan.test))
        return score(model, plan.test) >= reach - slack

    return Bred(plan, model, history, held_out(plan.test, plan.loss), shows)


def picked(data: Dataset, rows: list[int]) -> Dataset:
    return replace(data, features=[data.features[i] for i in rows], targets=[data.targets[i] for i in rows])


def joined(a: Dataset, b: Dataset) -> Dataset:
    return replace(a, features=a.features + b.features, targets=[*a.targets, *b.targets])


@breed("learning rate too small")
def too_slow(rng: Random) -> Bred:
    plan = sound(rng)
    return bad_as(replace(plan, rate=plan.rate / rng.choice([30, 100, 300, 1000])), plan, 1.3)


@breed("learning rate too large")
def too_fast(rng: Random) -> Bred:
    plan = sound(rng, plain=rng.random() < 0.7)
    return bad_as(replace(plan, rate=plan.rate * rng.choice([10, 20, 50, 200])), plan, 1.5)


@breed("overfitting")
def overfitting(rng: Random) -> Bred:
    source = rng.choice(["moons", "circles", "ridge", "diabetes", "xor", "waves"])
    plan = sound(rng, source, count=rng.choice([40, 60, 80]), noise=rng.uniform(0.35, 0.6))
    plan = replace(plan, hidden=rng.choice([(32,), (24, 24)]), epochs=plan.epochs * 3 // 2)
    model, history = plan.run()
    measure = held_out(plan.test, plan.loss)

    def shows() -> bool:
        best = history.best
        if history.diverged or best is None or best.number >= len(history) * 0.7:
            return False
        earlier, its = replace(plan, epochs=best.number).run()
        assert its.recipe is not None
        now = measure(model, its.recipe)
        return now >= 1.3 * measure(earlier, its.recipe) and now >= 2 * history[-1].loss

    return Bred(plan, model, history, measure, shows)


@breed("underfitting")
def underfitting(rng: Random) -> Bred:
    wide = sound(rng, rng.choice(CURVED), rng.choice(["tanh", "relu", "elu"]), noise=rng.uniform(0.05, 0.15))
    wide = replace(wide, hidden=(16,))
    if rng.random() < 0.3:
        plan = replace(wide, penalty=L2(rng.choice([0.1, 0.3, 1.0])))
    else:
        plan = replace(wide, hidden=rng.choice([(), (1,), (2,)] if wide.source != "waves" else [(), (1,)]))
    return bad_as(
        plan,
        wide,
        1.3,
        lambda bred: not bred.history.diverged and not is_overfit(bred.history),
        lambda bred: score(bred.model, plan.test) <= attainable(plan.rest, plan.test) - 0.08,
    )


@breed("dead ReLUs")
def dead(rng: Random) -> Bred:
    plan = sound(rng, activation="relu")
    share, depth = rng.uniform(0.5, 1.0), rng.uniform(3, 8)

    def negative_biases(model: MLP) -> Model:
        draw = Random(plan.seed)
        for layer in model.layers[:-1]:
            for neuron in layer.neurons:
                if draw.random() < share:
                    neuron.b.data = -depth
        return model

    def negative_weights(model: MLP) -> Model:
        draw = Random(plan.seed)
        for neuron in model.layers[0].neurons:
            if draw.random() < share:
                for w in neuron.w:
                    w.data = -abs(w.data)
        return model

    ill = replace(plan, prepare=negative_biases)
    if rng.random() < 0.4:  # inputs from 0 to 1, as of pictures, and weights below 0
        rest, test = (squeezed(part, plan.rest) for part in (plan.rest, plan.test))
        plan = replace(plan, rest=rest, test=test)
        ill = replace(plan, prepare=negative_weights)

    def silent(bred: Bred) -> bool:
        assert bred.history.recipe is not None
        answers = answers_of(bred.model, bred.history.recipe.data)
        return bool(np.concatenate([(layer <= 0).all(axis=0) for layer in answers]).mean() >= 0.5)

    return bad_as(ill, plan, 1.1, silent)


def squeezed(data: Dataset, by: Dataset) -> Dataset:
    """Features between 0 and 1."""
    low, high = np.min(by.features, axis=0), np.max(by.features, axis=0)
    return replace(data, features=((np.array(data.features) - low) / np.where(high > low, high - low, 1)).tolist())


def gaussian(spread: float) -> Callable[[int, int, Random], list[float]]:
    return lambda nin, nout, rng: [rng.gauss(0, spread) for _ in range(nin)]


@breed("saturated units")
def saturated(rng: Random) -> Bred:
    plan = sound(rng, activation=rng.choice(["tanh", "sigmoid", "tanh", "softsign"]))
    spread = rng.choice([6, 10, 20]) * (10 if plan.activation == "softsign" else 1)
    ill = replace(plan, init=gaussian(spread))

    def at_the_bounds(bred: Bred) -> bool:
        low = 0.0 if plan.activation == "sigmoid" else -1.0
        answers = answers_of(ill.model(), plan.rest)
        near = [np.minimum(1 - a, a - low) / (1 - low) < 0.02 for a in answers]
        return bool(np.mean([layer.mean() for layer in near]) > 0.6)

    return bad_as(ill, plan, 1.1, at_the_bounds)


@breed("vanishing gradients")
def vanishing(rng: Random) -> Bred:
    plan = sound(rng, rng.choice(["moons", "xor", "iris", "wine", "waves", "three spirals"]))
    good = replace(plan, hidden=(12, 12), activation="tanh")
    depth, width = rng.choice([4, 5, 6]), rng.choice([8, 12])
    kind = rng.choice([("sigmoid", None), ("sigmoid", "xavier"), ("tanh", "small"), ("relu", "small")])
    ill = replace(plan, hidden=(width,) * depth, activation=kind[0], init=kind[1])

    def fades(bred: Bred) -> bool:
        found = layer_gradients(ill)
        return found[0] < 1e-3 * found[-1]

    return bad_as(ill, good, 1.3, fades)


@breed("exploding gradients")
def exploding(rng: Random) -> Bred:
    plan = sound(rng, activation=rng.choice(["relu", "leaky_relu", "elu", "gelu", "silu"]))
    plan = replace(plan, hidden=rng.choice([(16, 16), (16, 16, 16), (12, 12, 12, 12)]))
    ill = replace(plan, init=gaussian(rng.choice([1.5, 2.5, 4.0])))

    def grows(bred: Bred) -> bool:
        return float(np.linalg.norm(layer_gradients(ill))) > 100 * float(np.linalg.norm(layer_gradients(plan)))

    return bad_as(ill, plan, 1.2, grows)


@breed("symmetric initial weights")
def symmetric(rng: Random) -> Bred:
    plan = sound(rng)
    constants = [("zeros", 3), ("ones", 1), (lambda nin, nout, rng: [0.3] * nin, 1), (lambda n, m, r: [0.05] * n, 1)]
    ill = replace(plan, init=rng.choices([c for c, _ in constants], [w for _, w in constants])[0])

    def alike(bred: Bred) -> bool:
        hidden = ill.model().layers[:-1]
        return all(len({tuple(w.data for w in neuron.w) for neuron in layer.neurons}) == 1 for layer in hidden)

    return bad_as(ill, plan, 1.1, alike)


@breed("unscaled inputs")
def unscaled(rng: Random) -> Bred:
    source = rng.choice([name for name in (*MADE, *REAL) if name not in ("iris", "digits", "diabetes")])
    plan = sound(rng, source)
    if source in ("wine", "breast_cancer") and rng.random() < 0.6:
        rest, test = rows(source, rng, raw=True)
        plan = replace(plan, **dict(zip(("rest", "test"), standardized(rest, test), strict=True)))
    else:
        factors = [10 ** rng.uniform(-0.5, 0.5) for _ in plan.rest.feature_names]
        for i in rng.sample(range(len(factors)), max(1, len(factors) // 3)):
            factors[i] *= rng.choice([50, 200, 1000])
        shifts = [rng.choice([0, 0, 3]) * factor for factor in factors]
        rest, test = (
            replace(part, features=(np.array(part.features) * factors + shifts).tolist())
            for part in (plan.rest, plan.test)
        )
    bred = bad_as(replace(plan, rest=rest, test=test), plan, 1.1)
    recipe = bred.history.recipe
    assert recipe is not None
    raw = recipe.data.features
    scaled = held_out(Standardizer.fit(recipe.data).transform(test), plan.loss)

    def measure(model: Model, recipe: Recipe) -> float:
        """On fresh rows, scaled as the rows were on which the model learned."""
        return (bred.measure if recipe.data.features == raw else scaled)(model, recipe)

    return replace(bred, measure=measure)


@breed("class imbalance")
def imbalance(rng: Random) -> Bred:
    source = rng.choice(["moons", "circles", "xor", "three spirals", "breast_cancer", "wine", "iris", "moons"])
    plan = sound(rng, source, count=rng.choice([400, 600]), noise=rng.uniform(0.25, 0.4))
    rare = rng.randrange(len(plan.rest.class_names))
    if plan.loss is hinge:
        plan = replace(plan, loss=binary_cross_entropy)
    others = [i for i, t in enumerate(plan.rest.targets) if t != rare]
    few = [i for i, t in enumerate(plan.rest.targets) if t == rare]
    count = max(6, round(len(others) * rng.uniform(0.03, 0.1)))
    ill = replace(plan, rest=picked(plan.rest, sorted(others + few[:count])), epochs=max(10, plan.epochs // 2))
    model, history = ill.run()

    def shows() -> bool:
        taken = [predicted_class(output) for output in predict(model, ill.test)]
        found = [k == t for k, t in zip(taken, ill.test.targets, strict=True)]
        recall = {
            k: fmean(f for f, t in zip(found, ill.test.targets, strict=True) if t == k) for k in set(ill.test.targets)
        }
        best = min(r for k, r in recall.items() if k != rare)
        return recall[rare] <= 0.75 and best >= recall[rare] + 0.15 and not is_overfit(history)

    balanced = partial(plan.loss, class_weights=ill.test.class_weights())
    return Bred(ill, model, history, held_out(ill.test, balanced), shows)


@breed("leaking validation rows")
def leaking(rng: Random) -> Bred:
    plan = sound(rng, rng.choice(CLASSES + NUMBERS), count=rng.choice([80, 120, 160]), noise=rng.uniform(0.3, 0.5))
    rest, part = plan.rest.split(0.25, seed=plan.seed)
    share = rng.choice([0.4, 0.7, 1.0])
    count = max(4, round(share * len(part)))
    if rng.random() < 0.3:  # what was held out is learned from too
        rest = joined(rest, part[:count])
    else:
        part = joined(part[count:], rest.shuffled(plan.seed)[:count])
    ill = replace(plan, rest=rest, validation=part, hidden=(24,), epochs=plan.epochs * 3 // 2)
    model, history = ill.run()
    fresh = held_out(ill.test, ill.loss)

    def shows() -> bool:
        assert history.recipe is not None
        return not history.diverged and history[-1].validation_loss <= 0.8 * fresh(model, history.recipe)

    def measure(model: Model, recipe: Recipe) -> float:
        """How far the loss that the run reports is from that on fresh rows."""
        assert recipe.validation is not None
        reported = held_out(recipe.validation, ill.loss)(model, recipe)
        return abs(log(max(reported, 1e-12) / max(fresh(model, recipe), 1e-12)))

    return Bred(ill, model, history, measure, shows)


class Squashed(Module):
    """A network whose outputs go through softmax before they are given to cross_entropy."""

    def __init__(self, inner: MLP) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> Any:
        from autograd import softmax

        return softmax(self.inner(x))


@breed("labels that this loss cannot fit")
def unfit(rng: Random) -> Bred:
    kind = rng.choice([squashed, squashed, out_of_range, out_of_range, contradicting, contradicting, as_amounts])
    return kind(rng)


def squashed(rng: Random) -> Bred:
    """Outputs through sigmoid or softmax before they are given to a loss that takes logits."""
    plan = sound(rng, rng.choice(CLASSES))
    plan = replace(plan, epochs=max(20, plan.epochs // 2))
    if rng.random() < 0.5:
        ill = replace(plan, loss=cross_entropy, prepare=Squashed)
    else:
        ill = replace(plan, loss=cross_entropy if plan.loss is hinge else plan.loss, output="sigmoid")
    model, history = ill.run()
    plain = held_out(ill.test, ill.loss)

    def of_probabilities(outputs: Any, targets: Any) -> float:
        if isinstance(outputs[0], list):
            chances = [float(row[t].data / sum(x.data for x in row)) for row, t in zip(outputs, targets, strict=True)]
        else:
            chances = [float(p.data if t else 1 - p.data) for p, t in zip(outputs, targets, strict=True)]
        return fmean(-log(max(1e-12, p)) for p in chances)

    def measure(model: Model, recipe: Recipe) -> float:
        """-log of the probability of the true class; of the squashed outputs, in the reading that flatters them."""
        if recipe is not history.recipe and not isinstance(model, Squashed):
            return plain(model, recipe)
        read = held_out(ill.test, of_probabilities)(model, recipe)
        return read if recipe is not history.recipe else min(read, plain(model, recipe))

    return Bred(ill, model, history, measure, lambda: True)


def out_of_range(rng: Random) -> Bred:
    """Targets of either sign and beyond 1, asked of a bounded activation."""
    plan = sound(rng, rng.choice(NUMBERS))
    ill = replace(plan, output=rng.choice(["sigmoid", "tanh", "relu"]), loss=mean_squared_error)
    return bad_as(ill, replace(ill, output="linear"), 1.1)


def as_amounts(rng: Random) -> Bred:
    """The numbers of classes taken for amounts."""
    plan = sound(rng, rng.choice(["iris", "wine", "digits", "three spirals"]))
    ill = replace(plan, loss=mean_squared_error, outputs=1, rate=plan.rate * 0.3)
    model, history = ill.run()

    def wrong(model: Model, recipe: Recipe) -> float:
        """The share of fresh rows for which the class is wrong."""
        outputs = predict(model, ill.test)
        if isinstance(outputs[0], list):
            return 1 - accuracy(outputs, ill.test.targets)
        return fmean(abs(o - t) > 0.5 for o, t in zip(outputs, ill.test.targets, strict=True))

    return Bred(ill, model, history, wrong, lambda: bool(history.recipe and wrong(model, history.recipe) > 0.02))


def contradicting(rng: Random) -> Bred:
    """Rows that stand there with another label too."""
    plan = sound(rng, rng.choice(CLASSES), noise=0.1)
    doubtful = rng.sample(range(len(plan.rest)), round(rng.uniform(0.35, 0.6) * len(plan.rest)))
    classes, extra = len(plan.rest.class_names), []
    for i in doubtful:
        row, target = plan.rest[i]
        extra += [(row, (target + 1 + rng.randrange(classes - 1)) % classes), *[(row, target)] * rng.choice([0, 1])]
    more = replace(plan.rest, features=[x for x, _ in extra], targets=[t for _, t in extra])
    ill = replace(plan, rest=joined(plan.rest, more).shuffled(plan.seed), loss=rng.choice([cross_entropy, plan.loss]))
    return bad_as(ill, replace(plan, loss=ill.loss), 1.1)


# All of them


@dataclass(frozen=True)
class Specimen:
    """A run whose illness is known, with rows that it never saw."""

    number: int
    illness: str
    bred: Bred

    def __str__(self) -> str:
        plan = self.bred.plan
        optimizer = f"{type(plan.optimizer(plan.rate)).__name__}({plan.rate:.2g})"
        return f"{self.illness} {self.number}: {plan.source} {list(plan.hidden)} {plan.activation} {optimizer}"


COUNTS = {HEALTHY: 72}
EACH = 16
TRIES = Path(__file__).with_name("zoo.json")  # for each specimen the first try in which its illness shows


def tries() -> dict[str, list[int]]:
    return json.loads(TRIES.read_text()) if TRIES.exists() else {}  # type: ignore[no-any-return]


def made(illness: str, number: int, attempt: int) -> Bred:
    return BREEDS[illness](Random(f"{illness} {number} {attempt}"))


def found_anew(illness: str, number: int) -> int:
    """The first try, by seeds in order, in which the illness shows."""
    for attempt in range(60):
        if made(illness, number, attempt).shows():
            return attempt
    raise ValueError(f"no specimen of {illness} with the number {number}")


def specimen(illness: str, number: int) -> Specimen:
    """The specimen of that number, made again from its seed."""
    bred = made(illness, number, tries()[illness][number])
    return Specimen(number, illness, bred)


def numbers(illness: str) -> range:
    return range(COUNTS.get(illness, EACH))


@dataclass(frozen=True)
class Verdict:
    """What the doctor said of a specimen, and what its first remedy did."""

    specimen: Specimen
    said: str
    before: float = 0.0
    after: float = 0.0
    report: Any = None

    @property
    def right(self) -> bool:
        return self.said == self.specimen.illness

    @property
    def better(self) -> bool:
        return self.after < self.before


def examined(specimen: Specimen, remedy: bool = True) -> Verdict:
    """Ask the doctor, and try what it says."""
    from nn.doctor import diagnose

    bred = specimen.bred
    recipe = bred.history.recipe
    assert recipe is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = diagnose(bred.history, bred.model, bred.plan.rest)
        said = report[0].illness if report else HEALTHY
        if not remedy or said != specimen.illness or said == HEALTHY:
            return Verdict(specimen, said, report=report)
        again = report[0].remedy.apply(recipe)
        model, _ = again.run()
        before, after = bred.measure(bred.model, recipe), bred.measure(model, again)
    return Verdict(specimen, said, before, after, report)


def printed(verdicts: list[Verdict]) -> None:
    """The confusion matrix and the success of the remedies."""
    names = [HEALTHY, *(name for name in BREEDS if name != HEALTHY)]
    counts = Counter((v.specimen.illness, v.said) for v in verdicts)
    print(" " * 34 + "".join(f"{i:>4}" for i in range(len(names))) + "   remedy helps")
    for i, name in enumerate(names):
        of = [v for v in verdicts if v.specimen.illness == name and v.right and name != HEALTHY]
        helped = f"   {sum(v.better for v in of)} of {len(of)}" if of else ""
        print(f"{i:>2} {name:<31}" + "".join(f"{counts[name, other] or '.':>4}" for other in names) + helped)
    ill = [v for v in verdicts if v.specimen.illness != HEALTHY]
    well = [v for v in verdicts if v.specimen.illness == HEALTHY]
    if ill and well:
        right, wrong = sum(v.right for v in ill), sum(not v.right for v in well)
        print(
            f"right illness {right} of {len(ill)} = {right / len(ill):.1%}; healthy called ill {wrong} of {len(well)}"
        )


def main() -> None:
    """Print both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help="illnesses; all if left out")
    parser.add_argument("--half", choices=["even", "odd"], help="both if left out")
    parser.add_argument("--breed", action="store_true", help="look anew for tries in which each illness shows")
    parser.add_argument("--wrong", action="store_true", help="show the report of each that is wrong, or not helped")
    given = parser.parse_args()
    names = [name for name in BREEDS if not given.only or name in given.only]
    began = time.process_time()
    if given.breed:
        for name in names:
            found = tries() | {name: [found_anew(name, number) for number in numbers(name)]}
            TRIES.write_text(json.dumps(found, indent=1) + "\n")
            print(f"{name}: {sum(found[name])} tries did not show it, {time.process_time() - began:.0f} s", flush=True)
        return
    for half in ("even", "odd"):
        if given.half not in (None, half):
            continue
        chosen = [(name, n) for name in names for n in numbers(name) if n % 2 == (half == "odd")]
        verdicts = [examined(specimen(*each)) for each in chosen]
        print(f"the {half} half: {len(verdicts)} runs; rows: what it is, columns: what the doctor said first")
        printed(verdicts)
        for v in verdicts if given.wrong else ():
            if not v.right or (v.said != HEALTHY and not v.better):
                print(f"--- {v.specimen}: {v.before:.4g} -> {v.after:.4g}\n{v.report}")
    print(f"{time.process_time() - began:.0f} s of CPU time")


if __name__ == "__main__":
    main()
