"""Generators of runs whose rows are wrong: scales, classes, leaks, labels."""

from collections import Counter
from dataclasses import replace
from functools import partial
from math import log
from random import Random
from statistics import fmean
from typing import Any

import numpy as np

from nn import (
    MLP,
    Module,
    Standardizer,
    TrainConfig,
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    mean_squared_error,
    predict,
    predicted_class,
)
from tests.zoo.labelled_runs import (
    LabelledRun,
    attainable,
    bad_as,
    held_out,
    is_overfit,
    joined,
    picked,
    score,
)
from tests.zoo.plans import CLASSES, MADE, NUMBERS, REAL, Model, rows, sound, standardized


def unscaled(rng: Random) -> LabelledRun:
    source = rng.choice(
        [name for name in (*MADE, *REAL) if name not in ("iris", "digits", "diabetes")]
    )
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
    labelled = bad_as(replace(plan, rest=rest, test=test), plan, 1.1)
    config = labelled.history.config
    assert config is not None
    raw = config.data.features
    scaled = held_out(Standardizer.fit(config.data).transform(test), plan.loss)

    def measure(model: Model, config: TrainConfig) -> float:
        """On fresh rows, scaled as the rows were on which the model learned."""
        return (labelled.measure if config.data.features == raw else scaled)(model, config)

    return replace(labelled, measure=measure)


def unscaled_target(rng: Random) -> LabelledRun:
    """A target in units in which it is large: grams, cents, years."""
    plan = sound(rng, rng.choice(NUMBERS))
    factor = 10 ** rng.uniform(1.5, 5.5)
    shift = factor * rng.choice([0, 0, 1, 3])
    rest, test = (
        replace(part, targets=[t * factor + shift for t in part.targets])
        for part in (plan.rest, plan.test)
    )
    faulty = replace(plan, rest=rest, test=test)
    model, history = faulty.run()

    def shows() -> bool:
        other, _ = plan.run()
        return score(model, test) <= score(other, plan.test) - 0.1

    return LabelledRun(faulty, model, history, held_out(test, plan.loss), shows)


def imbalance(rng: Random) -> LabelledRun:
    source = rng.choice(
        ["moons", "circles", "xor", "three spirals", "breast_cancer", "wine", "iris", "moons"]
    )
    plan = sound(rng, source, count=rng.choice([400, 600]), noise=rng.uniform(0.25, 0.4))
    rare = rng.randrange(len(plan.rest.class_names))
    if plan.loss is hinge:
        plan = replace(plan, loss=binary_cross_entropy)
    others = [i for i, t in enumerate(plan.rest.targets) if t != rare]
    few = [i for i, t in enumerate(plan.rest.targets) if t == rare]
    count = max(6, round(len(others) * rng.uniform(0.03, 0.1)))
    faulty = replace(
        plan, rest=picked(plan.rest, sorted(others + few[:count])), epochs=max(10, plan.epochs // 2)
    )
    model, history = faulty.run()

    def shows() -> bool:
        taken = [predicted_class(output) for output in predict(model, faulty.test)]
        found = [k == t for k, t in zip(taken, faulty.test.targets, strict=True)]
        recall = {
            k: fmean(f for f, t in zip(found, faulty.test.targets, strict=True) if t == k)
            for k in set(faulty.test.targets)
        }
        best = min(r for k, r in recall.items() if k != rare)
        return recall[rare] <= 0.75 and best >= recall[rare] + 0.15 and not is_overfit(history)

    balanced = partial(plan.loss, class_weights=faulty.test.class_weights())
    return LabelledRun(faulty, model, history, held_out(faulty.test, balanced), shows)


def leaking(rng: Random) -> LabelledRun:
    plan = sound(
        rng,
        rng.choice(CLASSES + NUMBERS),
        count=rng.choice([80, 120, 160]),
        noise=rng.uniform(0.3, 0.5),
    )
    rest, part = plan.rest.split(0.25, seed=plan.seed)
    share = rng.choice([0.4, 0.7, 1.0])
    count = max(4, round(share * len(part)))
    if rng.random() < 0.3:  # what was held out is learned from too
        rest = joined(rest, part[:count])
    else:
        part = joined(part[count:], rest.shuffled(plan.seed)[:count])
    faulty = replace(plan, rest=rest, validation=part, hidden=(24,), epochs=plan.epochs * 3 // 2)
    model, history = faulty.run()
    fresh = held_out(faulty.test, faulty.loss)

    def shows() -> bool:
        assert history.config is not None
        return not history.diverged and history[-1].validation_loss <= 0.8 * fresh(
            model, history.config
        )

    def measure(model: Model, config: TrainConfig) -> float:
        """How far the loss that the run reports is from that on fresh rows."""
        assert config.validation is not None
        reported = held_out(config.validation, faulty.loss)(model, config)
        return abs(log(max(reported, 1e-12) / max(fresh(model, config), 1e-12)))

    return LabelledRun(faulty, model, history, measure, shows)


class Squashed(Module):
    """A network whose outputs go through softmax before they are given to cross_entropy."""

    def __init__(self, inner: MLP) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> Any:
        from autograd import softmax

        return softmax(self.inner(x))


def unfit(rng: Random) -> LabelledRun:
    kind = rng.choice(
        [
            squashed,
            squashed,
            out_of_range,
            out_of_range,
            contradicting,
            contradicting,
            class_numbers,
        ]
    )
    return kind(rng)


def squashed(rng: Random) -> LabelledRun:
    """Outputs through sigmoid or softmax before they are given to a loss that takes logits."""
    plan = sound(rng, rng.choice(CLASSES))
    plan = replace(plan, epochs=max(20, plan.epochs // 2))
    if rng.random() < 0.5:
        faulty = replace(plan, loss=cross_entropy, prepare=Squashed)
    else:
        faulty = replace(
            plan, loss=cross_entropy if plan.loss is hinge else plan.loss, output="sigmoid"
        )
    model, history = faulty.run()
    plain = held_out(faulty.test, faulty.loss)

    def of_probabilities(outputs: Any, targets: Any) -> float:
        if isinstance(outputs[0], list):
            chances = [
                float(row[t].data / sum(x.data for x in row))
                for row, t in zip(outputs, targets, strict=True)
            ]
        else:
            chances = [
                float(p.data if t else 1 - p.data) for p, t in zip(outputs, targets, strict=True)
            ]
        return fmean(-log(max(1e-12, p)) for p in chances)

    def measure(model: Model, config: TrainConfig) -> float:
        """-log of the probability of the true class; of the squashed outputs, in the reading that
        flatters them.
        """
        if config is not history.config and not isinstance(model, Squashed):
            return plain(model, config)
        read = held_out(faulty.test, of_probabilities)(model, config)
        return read if config is not history.config else min(read, plain(model, config))

    return LabelledRun(faulty, model, history, measure, lambda: True)


def out_of_range(rng: Random) -> LabelledRun:
    """Targets of either sign and beyond 1, for a bounded activation."""
    plan = sound(rng, rng.choice(NUMBERS))
    faulty = replace(plan, output=rng.choice(["sigmoid", "tanh", "relu"]), loss=mean_squared_error)
    return bad_as(faulty, replace(faulty, output="linear"), 1.1)


def class_numbers(rng: Random) -> LabelledRun:
    """Class numbers fitted as quantities."""
    plan = sound(rng, rng.choice(["iris", "wine", "digits", "three spirals"]))
    faulty = replace(plan, loss=mean_squared_error, outputs=1, rate=plan.rate * 0.3)
    model, history = faulty.run()

    def wrong(model: Model, config: TrainConfig) -> float:
        """The share of fresh rows for which the class is wrong."""
        outputs = predict(model, faulty.test)
        if isinstance(outputs[0], list):
            return 1 - accuracy(outputs, faulty.test.targets)
        return fmean(abs(o - t) > 0.5 for o, t in zip(outputs, faulty.test.targets, strict=True))

    return LabelledRun(
        faulty,
        model,
        history,
        wrong,
        lambda: bool(history.config and wrong(model, history.config) > 0.02),
    )


def contradicting(rng: Random) -> LabelledRun:
    """Rows that occur with another label too."""
    plan = sound(rng, rng.choice(CLASSES), noise=0.1)
    doubtful = rng.sample(range(len(plan.rest)), round(rng.uniform(0.35, 0.6) * len(plan.rest)))
    classes, extra = len(plan.rest.class_names), []
    for i in doubtful:
        row, target = plan.rest[i]
        extra += [
            (row, (target + 1 + rng.randrange(classes - 1)) % classes),
            *[(row, target)] * rng.choice([0, 1]),
        ]
    more = replace(plan.rest, features=[x for x, _ in extra], targets=[t for _, t in extra])
    faulty = replace(
        plan,
        rest=joined(plan.rest, more).shuffled(plan.seed),
        loss=rng.choice([cross_entropy, plan.loss]),
    )
    return bad_as(faulty, replace(plan, loss=faulty.loss), 1.1)


def shuffled(rng: Random) -> LabelledRun:
    """Targets that were shuffled by themselves."""
    plan = sound(rng, rng.choice(CLASSES + NUMBERS), noise=0.1)
    parts = []
    for part in (plan.rest, plan.test):
        targets = list(part.targets)
        rng.shuffle(targets)
        parts.append(replace(part, targets=targets))
    faulty = replace(plan, rest=parts[0], test=parts[1])
    model, history = faulty.run()

    def shows() -> bool:
        targets = faulty.test.targets
        constant = Counter(targets).most_common(1)[0][1] / len(targets)
        line = constant + 0.08 if faulty.rest.classification else 0.05
        return attainable(faulty.rest, faulty.test) < line

    return LabelledRun(faulty, model, history, held_out(faulty.test, plan.loss), shows)
