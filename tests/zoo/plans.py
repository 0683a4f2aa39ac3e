"""Plans: runs to make, and the rows that they learn from."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from math import pi, sin
from random import Random
from statistics import fmean, pstdev
from typing import Any

from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Dataset,
    History,
    Optimizer,
    RMSProp,
    Standardizer,
    binary_cross_entropy,
    circles,
    cross_entropy,
    hinge,
    huber,
    iris,
    mean_absolute_error,
    mean_squared_error,
    moons,
    spirals,
    train,
    xor,
)

Model = Any


@dataclass(frozen=True)
class Plan:
    """A run to make: rows, model and options, of which a generator changes some."""

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
        options: dict[str, Any] = {
            "penalty": self.penalty,
            "until": self.until,
            "validation": self.validation,
        }
        options |= {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "progress": False,
        }
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
    return Dataset(
        bunch.data, bunch.target, class_names=[str(c) for c in getattr(bunch, "target_names", [])]
    )


def waves(rows: int, noise: float, seed: int) -> Dataset:
    """A regression: two features, a wave along one and a slope along the other."""
    rng = Random(seed)
    features = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return Dataset(features, [sin(pi * x) + 0.5 * z + rng.gauss(0, noise) for x, z in features])


def ridge(rows: int, noise: float, seed: int) -> Dataset:
    """A regression: five features, of which a product and two slopes matter."""
    rng = Random(seed)
    features = [[rng.gauss(0, 1) for _ in range(5)] for _ in range(rows)]
    return Dataset(
        features, [x[0] * x[1] + x[2] - 0.5 * x[3] + rng.gauss(0, noise) for x in features]
    )


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
    "three spirals": lambda rows, noise, seed: spirals(
        rows, noise / 3, turns=0.5, classes=3, seed=seed
    ),
    "xor": lambda rows, noise, seed: xor(rows, noise, seed),
    "waves": waves,
    "ridge": ridge,
}
REAL = ("iris", "wine", "breast_cancer", "digits", "diabetes")
NUMBERS = ("waves", "ridge", "diabetes")
CURVED = ("moons", "circles", "spirals", "three spirals", "xor", "waves")
CLASSES = tuple(name for name in (*MADE, *REAL) if name not in NUMBERS)


def rows(
    name: str, rng: Random, count: int = 0, noise: float = 0.0, raw: bool = False
) -> tuple[Dataset, Dataset]:
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


def sound(
    rng: Random, source: str = "", activation: str = "", plain: bool = False, **options: Any
) -> Plan:
    """What somebody would do who knows how; plain: by SGD, with or without momentum."""
    source = source or rng.choice([*MADE, *REAL])
    rest, test = rows(source, rng, **options)
    optimizer, rate = rng.choice(RATES[:3] if plain else RATES)
    if rest.classification:
        two = len(rest.class_names) == 2
        loss = rng.choice(
            [cross_entropy, cross_entropy, binary_cross_entropy, hinge] if two else [cross_entropy]
        )
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
