"""A zoo of runs whose illness is known: what ``nn.doctor`` says of each, and what its remedy does.

    python -m tests.zoo [--only "dead ReLUs" ...]

prints the confusion matrix and the success of the remedies, for the even specimens (on which the thresholds were
chosen) and for the odd ones (which nobody looked at). What a specimen has follows from how it was made, and a
``breed`` keeps only those in which the illness shows, by a criterion of its own, not the doctor's.
"""

import argparse
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from math import log, pi, sin
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


@dataclass(frozen=True)
class Specimen:
    """A run whose illness is known, with rows that it never saw."""

    number: int
    illness: str
    plan: Plan
    model: Model
    history: History
    measure: Measure  # of a model and its recipe: the held-out loss, on fresh rows

    @property
    def name(self) -> str:
        plan = self.plan
        return f"{self.number} {plan.source} {plan.hidden} {plan.activation} {plan.optimizer(plan.rate)!r}"


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
        noise, count = noise or rng.uniform(0.1, 0.2), count or rng.choice([120, 160, 240])
        parts = MADE[name](count, noise, seed), MADE[name](600, noise, seed + 1)
    else:
        data = (iris() if name == "iris" else real(name)).shuffled(seed)
        parts = data[: min(count or 400, len(data) * 2 // 3)], data[max(-300, -(len(data) // 3)) :]
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
        -(-rng.choice([1000, 1400]) // (len(rest) * 3 // 4 // 16 + 1)),
        16,
        rng.randrange(10**6),
    )


# How an illness is made. A breed returns a plan and how its held-out loss is measured, or None: not a good one.

Bred = tuple[Plan, Model, History, Measure] | None
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


def numbers_of(model: Model, data: Dataset) -> tuple[list[Any], list[Any]]:
    """Of each layer of an MLP: what its units are given, and what they answer, by NumPy alone."""
    shapes: dict[str, Callable[[Any], Any]] = {
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "softsign": lambda z: z / (1 + np.abs(z)),
        "relu": lambda z: np.maximum(z, 0),
        "linear": lambda z: z,
    }
    x, before, after = np.array(data.features), [], []
    with np.errstate(all="ignore"):
        for layer in model.layers:
            w = np.array([[v.data for v in neuron.w] for neuron in layer.neurons])
            z = x @ w.T + np.array([neuron.b.data for neuron in layer.neurons])
            x = shapes.get(layer.neurons[0].activation, shapes["linear"])(z)
            before.append(z)
            after.append(x)
    return before, after


def layer_gradients(plan: Plan) -> list[float]:
    """The root mean square of the gradient of each layer's weights before the run, over all rows."""
    model = plan.model()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = plan.rest[:100]
        plan.loss([model(row) for row in part.features], part.targets).backward()
    return [
        float(np.sqrt(np.mean([w.grad**2 for neuron in layer.neurons for w in neuron.w]))) for layer in model.layers
    ]


def bad_as(plan: Plan, better: Plan, times: float) -> Bred:
    """The run of a plan, if its held-out loss is so many times that of a better one."""
    measure = held_out(plan.test, plan.loss)
    model, history = plan.run()
    other, its = better.run()
    assert history.recipe is not None
    assert its.recipe is not None
    if measure(model, history.recipe) < times * measure(other, its.recipe) or is_overfit(its):
        return None
    return plan, model, history, measure


def is_overfit(history: History, times: float = 1.15) -> bool:
    best = history.best
    return best is None or history[-1].validation_loss > times * best.validation_loss + 0.01


@breed(HEALTHY)
def healthy(rng: Random) -> Bred:
    plan = sound(rng)
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
    model, history = plan.run()
    slack = 0.03 if plan.rest.classification else 0.08
    if is_overfit(history) and not plan.until:
        return None
    if score(model, plan.test) < attainable(plan.rest, plan.test) - slack:
        return None
    return plan, model, history, held_out(plan.test, plan.loss)


@breed("learning rate too small")
def too_slow(rng: Random) -> Bred:
    plan = sound(rng)
    return bad_as(replace(plan, rate=plan.rate / rng.choice([50, 100, 300, 1000])), plan, 1.3)


@breed("learning rate too large")
def too_fast(rng: Random) -> Bred:
    plan = sound(rng, plain=rng.random() < 0.7)
    return bad_as(replace(plan, rate=plan.rate * rng.choice([15, 30, 60, 200])), plan, 1.5)


@breed("overfitting")
def overfitting(rng: Random) -> Bred:
    source = rng.choice(["moons", "circles", "ridge", "diabetes", "xor", "waves"])
    plan = sound(rng, source, count=rng.choice([40, 60, 80]), noise=rng.uniform(0.35, 0.6))
    plan = replace(plan, hidden=rng.choice([(32,), (24, 24)]), epochs=plan.epochs * 2)
    model, history = plan.run()
    best = history.best
    if history.diverged or best is None or best.number >= len(history) * 0.7:
        return None
    measure = held_out(plan.test, plan.loss)
    earlier, its = replace(plan, epochs=best.number).run()
    assert its.recipe is not None
    now = measure(model, its.recipe)
    if now < 1.3 * measure(earlier, its.recipe) or now < 2 * history[-1].loss:
        return None
    return plan, model, history, measure


@breed("underfitting")
def underfitting(rng: Random) -> Bred:
    wide = sound(rng, rng.choice(CURVED), rng.choice(["tanh", "relu", "elu"]), noise=rng.uniform(0.05, 0.15))
    wide = replace(wide, hidden=(16,))
    if rng.random() < 0.3:
        plan = replace(wide, penalty=L2(rng.choice([0.1, 0.3, 1.0])))
    else:
        plan = replace(wide, hidden=rng.choice([(), (1,), (2,)] if wide.source != "waves" else [(), (1,)]))
    bred = bad_as(plan, wide, 1.3)
    if bred is None or score(bred[1], plan.test) > attainable(plan.rest, plan.test) - 0.08:
        return None
    return None if bred[2].diverged or is_overfit(bred[2]) else bred


@breed("dead ReLUs")
def dead(rng: Random) -> Bred:
    plan = sound(rng, activation="relu")
    share, depth = rng.uniform(0.6, 1.0), rng.uniform(3, 8)

    def negative_biases(model: MLP) -> Model:
        for layer in model.layers[:-1]:
            for neuron in layer.neurons:
                if rng_of.random() < share:
                    neuron.b.data = -depth
        return model

    def negative_weights(model: MLP) -> Model:
        for neuron in model.layers[0].neurons:
            if rng_of.random() < share:
                for w in neuron.w:
                    w.data = -abs(w.data)
        return model

    rng_of = Random(plan.seed)
    if rng.random() < 0.4:  # inputs from 0 to 1, as of pictures, and weights below 0
        rest, test = (squeezed(part, plan.rest) for part in (plan.rest, plan.test))
        plan = replace(plan, rest=rest, test=test)
        ill = replace(plan, prepare=lambda model: (rng_of.seed(plan.seed), negative_weights(model))[1])
    else:
        ill = replace(plan, prepare=lambda model: (rng_of.seed(plan.seed), negative_biases(model))[1])
    bred = bad_as(ill, plan, 1.1)
    if bred is None:
        return None
    answers = numbers_of(bred[1], bred[2].recipe.data)[1][:-1]  # type: ignore[union-attr]
    silent = np.concatenate([(layer <= 0).all(axis=0) for layer in answers])
    return bred if silent.mean() >= 0.5 else None


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
    bred = bad_as(ill, plan, 1.1)
    given, answers = numbers_of(ill.model(), plan.rest)
    low = {"tanh": -1.0, "sigmoid": 0.0, "softsign": -1.0}[plan.activation]
    flat = [np.minimum(1 - a, a - low) / (1 - low) < 0.02 for a in answers[:-1]]
    return bred if np.mean([layer.mean() for layer in flat]) > 0.6 else None


@breed("vanishing gradients")
def vanishing(rng: Random) -> Bred:
    plan = sound(rng, rng.choice(["moons", "xor", "iris", "wine", "waves", "three spirals"]))
    good = replace(plan, hidden=(12, 12), activation="tanh")
    depth, width = rng.choice([4, 5, 6]), rng.choice([8, 12])
    kind = rng.choice([("sigmoid", None), ("sigmoid", "xavier"), ("tanh", "small"), ("relu", "small")])
    ill = replace(plan, hidden=(width,) * depth, activation=kind[0], init=kind[1])
    sizes = layer_gradients(ill)
    if not sizes[0] < 1e-3 * sizes[-1]:
        return None
    return bad_as(ill, good, 1.3)


@breed("exploding gradients")
def exploding(rng: Random) -> Bred:
    plan = sound(rng, activation=rng.choice(["relu", "leaky_relu", "elu", "gelu", "silu"]))
    plan = replace(plan, hidden=rng.choice([(16, 16), (16, 16, 16), (12, 12, 12, 12)]))
    ill = replace(plan, init=gaussian(rng.choice([1.5, 2.5, 4.0])))
    mine, usual = layer_gradients(ill), layer_gradients(plan)
    if not np.linalg.norm(mine) > 100 * np.linalg.norm(usual):
        return None
    return bad_as(ill, plan, 1.2)


@breed("symmetric initial weights")
def symmetric(rng: Random) -> Bred:
    plan = sound(rng)
    constants = [("zeros", 3), ("ones", 1), (lambda nin, nout, rng: [0.3] * nin, 1), (lambda n, m, r: [0.05] * n, 1)]
    ill = replace(plan, init=rng.choices([c for c, _ in constants], [w for _, w in constants])[0])
    layers = ill.model().layers[:-1]
    assert all(len({tuple(w.data for w in neuron.w) for neuron in layer.neurons}) == 1 for layer in layers)
    return bad_as(ill, plan, 1.1)


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
            factors[i] *= rng.choice([100, 300, 1000])
        shifts = [rng.choice([0, 0, 3]) * factor for factor in factors]
        rest, test = (
            replace(part, features=(np.array(part.features) * factors + shifts).tolist())
            for part in (plan.rest, plan.test)
        )
    ill = replace(plan, rest=rest, test=test)
    bred = bad_as(ill, plan, 1.1)
    if bred is None:
        return None
    scale = Standardizer.fit(bred[2].recipe.data)  # type: ignore[union-attr]
    raw, scaled = held_out(test, plan.loss), held_out(scale.transform(test), plan.loss)

    def measure(model: Model, recipe: Recipe) -> float:
        """On fresh rows, scaled as the rows were on which the model learned."""
        return (raw if recipe.data.features == bred[2].recipe.data.features else scaled)(model, recipe)  # type: ignore[union-attr]

    return ill, bred[1], bred[2], measure


@breed("class imbalance")
def imbalance(rng: Random) -> Bred:
    source = rng.choice(["moons", "circles", "xor", "three spirals", "breast_cancer", "wine", "iris", "moons"])
    plan = sound(rng, source, count=rng.choice([400, 600]), noise=rng.uniform(0.25, 0.4))
    rare = rng.randrange(len(plan.rest.class_names))
    if plan.loss is hinge:
        plan = replace(plan, loss=binary_cross_entropy)
    others = [i for i, t in enumerate(plan.rest.targets) if t != rare]
    few = [i for i, t in enumerate(plan.rest.targets) if t == rare][
        : max(6, round(len(others) * rng.uniform(0.03, 0.08)))
    ]
    picked = sorted(others + few)
    rest = replace(
        plan.rest,
        features=[plan.rest.features[i] for i in picked],
        targets=[plan.rest.targets[i] for i in picked],
    )
    ill = replace(plan, rest=rest, epochs=max(10, plan.epochs // 2))
    model, history = ill.run()
    taken = [predicted_class(output) for output in predict(model, ill.test)]
    found = [k == t for k, t in zip(taken, ill.test.targets, strict=True)]
    recall = {
        k: fmean(f for f, t in zip(found, ill.test.targets, strict=True) if t == k) for k in set(ill.test.targets)
    }
    if (
        recall[rare] > 0.75
        or min(r for k, r in recall.items() if k != rare) < recall[rare] + 0.15
        or is_overfit(history)
    ):
        return None
    balanced = partial(plan.loss, class_weights=ill.test.class_weights())
    return ill, model, history, held_out(ill.test, balanced)


@breed("leaking validation rows")
def leaking(rng: Random) -> Bred:
    plan = sound(rng, rng.choice(CLASSES + NUMBERS), count=rng.choice([60, 80, 120]), noise=rng.uniform(0.3, 0.5))
    rest, part = plan.rest.split(0.25, seed=plan.seed)
    share = rng.choice([0.3, 0.6, 1.0])
    count = max(4, round(share * len(part)))
    if rng.random() < 0.3:  # what was held out is learned from too
        rest = joined(rest, part[:count])
    else:
        part = joined(part[count:], rest.shuffled(plan.seed)[:count])
    ill = replace(plan, rest=rest, validation=part, hidden=(24,), epochs=plan.epochs * 3 // 2)
    model, history = ill.run()
    fresh = held_out(ill.test, ill.loss)
    assert history.recipe is not None
    if history.diverged or history[-1].validation_loss > 0.8 * fresh(model, history.recipe):
        return None

    def measure(model: Model, recipe: Recipe) -> float:
        """How far the loss that the run reports is from that on fresh rows."""
        return abs(log(held_out(recipe.validation, ill.loss)(model, recipe) / fresh(model, recipe)))  # type: ignore[arg-type]

    return ill, model, history, measure


def joined(a: Dataset, b: Dataset) -> Dataset:
    return replace(a, features=a.features + b.features, targets=[*a.targets, *b.targets])


class Squashed(Module):
    """A network whose outputs go through softmax before they are given to cross_entropy."""

    def __init__(self, inner: MLP) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> Any:
        from autograd import softmax

        return softmax(self.inner(x))


@breed("labels that this loss cannot fit")
def unfit(rng: Random) -> Bred:
    kind = rng.choice(["squashed", "softmax", "range", "range", "contradicting", "contradicting", "index"])
    if kind in ("squashed", "softmax"):
        source = rng.choice(CLASSES)
        plan = sound(rng, source)
        if kind == "softmax":
            ill = replace(plan, loss=cross_entropy, prepare=Squashed)
        else:
            loss = (
                rng.choice([cross_entropy, binary_cross_entropy]) if len(plan.rest.class_names) == 2 else cross_entropy
            )
            ill = replace(plan, loss=loss, output="sigmoid")
        ill = replace(ill, epochs=max(20, ill.epochs // 2))
        model, history = ill.run()
        plain = held_out(ill.test, ill.loss)

        def probable(outputs: Any, targets: Any) -> Any:
            """-log of the probability, by the model's outputs as they are."""
            if isinstance(outputs[0], list):
                return fmean(
                    -log(max(1e-12, o[t].data / sum(x.data for x in o))) for o, t in zip(outputs, targets, strict=True)
                )
            return fmean(-log(max(1e-12, o.data if t else 1 - o.data)) for o, t in zip(outputs, targets, strict=True))

        def measure(model: Model, recipe: Recipe) -> float:
            """-log of the probability of the true class; of squashed outputs, in the reading that flatters them."""
            outputs = np.array(predict(model, ill.test))
            if outputs.min() < 0 or outputs.max() > 1:
                return plain(model, recipe)
            if isinstance(model, Squashed) and recipe.loss is not ill.loss:
                return held_out(ill.test, probable)(model, recipe)
            return min(plain(model, recipe), held_out(ill.test, probable)(model, recipe))

        return ill, model, history, measure
    if kind == "range":
        plan = sound(rng, rng.choice(NUMBERS))
        ill = replace(plan, output=rng.choice(["sigmoid", "tanh", "relu"]), loss=mean_squared_error)
        return bad_as(ill, replace(ill, output="linear"), 1.1)
    if kind == "index":
        plan = sound(rng, rng.choice(["iris", "wine", "digits", "three spirals"]))
        ill = replace(plan, loss=mean_squared_error, outputs=1, rate=plan.rate * 0.3)
        model, history = ill.run()

        def wrong(model: Model, recipe: Recipe) -> float:
            """The share of fresh rows for which the class is wrong."""
            outputs = predict(model, ill.test)
            if isinstance(outputs[0], list):
                return 1 - accuracy(outputs, ill.test.targets)
            return fmean(round(o) != t for o, t in zip(outputs, ill.test.targets, strict=True))

        return (ill, model, history, wrong) if history.recipe and wrong(model, history.recipe) > 0.02 else None
    plan = sound(rng, rng.choice(CLASSES), noise=0.1)
    doubtful = rng.sample(range(len(plan.rest)), round(rng.uniform(0.35, 0.6) * len(plan.rest)))
    classes, extra = len(plan.rest.class_names), []
    for i in doubtful:
        row, target = plan.rest[i]
        extra += [(row, (target + 1 + rng.randrange(classes - 1)) % classes)] + [(row, target)] * rng.choice([0, 1])
    more = replace(plan.rest, features=[x for x, _ in extra], targets=[t for _, t in extra])
    ill = replace(plan, rest=joined(plan.rest, more).shuffled(plan.seed), loss=rng.choice([cross_entropy, plan.loss]))
    return bad_as(ill, replace(plan, loss=ill.loss), 1.1)


# All of them

COUNTS = {HEALTHY: 60}
EACH = 16


@cache
def specimen(illness: str, number: int) -> Specimen:
    """The specimen of that number: the first try, by seeds in order, that the breed keeps."""
    for attempt in range(60):
        bred = BREEDS[illness](Random(f"{illness} {number} {attempt}"))
        if bred is not None:
            return Specimen(number, illness, *bred)
    raise ValueError(f"no specimen of {illness} with the number {number}")


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

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = diagnose(specimen.history, specimen.model, specimen.plan.rest)
        said = report[0].illness if report else HEALTHY
        recipe = specimen.history.recipe
        if not remedy or said != specimen.illness or said == HEALTHY or recipe is None:
            return Verdict(specimen, said, report=report)
        again = report[0].remedy.apply(recipe)
        model, _ = again.run()
        before, after = specimen.measure(specimen.model, recipe), specimen.measure(model, again)
    return Verdict(specimen, said, before, after, report)
