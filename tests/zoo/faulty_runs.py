"""Generators of healthy runs, and of those whose model, initial weights or pace are wrong."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np

from nn import L2, MLP, Cosine, Dataset, EarlyStopping, Standardizer
from tests.zoo.labelled_runs import (
    LabelledRun,
    attainable,
    bad_as,
    held_out,
    hidden_outputs,
    is_overfit,
    layer_errors,
    layer_gradients,
    picked,
    score,
)
from tests.zoo.plans import CURVED, Model, sound


def healthy(rng: Random) -> LabelledRun:
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
        parts = (
            (np.array(part.features) * factors + shifts).tolist() for part in (plan.rest, plan.test)
        )
        rest, test = (
            replace(p, features=x) for p, x in zip((plan.rest, plan.test), parts, strict=True)
        )
        plan = replace(plan, rest=rest, test=test)
    if rng.random() < 0.2 and plan.rest.classification:  # one class with a third of its rows
        few = [i for i, t in enumerate(plan.rest.targets) if t == 0]
        gone = set(few[len(few) // 3 :])
        plan = replace(
            plan, rest=picked(plan.rest, [i for i in range(len(plan.rest)) if i not in gone])
        )
    model, history = plan.run()
    slack = 0.03 if plan.rest.classification else 0.08

    def shows() -> bool:
        if is_overfit(history) and not plan.until:
            return False
        scale = Standardizer.fit(plan.rest)
        reach = attainable(scale.transform(plan.rest), scale.transform(plan.test))
        return score(model, plan.test) >= reach - slack

    return LabelledRun(plan, model, history, held_out(plan.test, plan.loss), shows)


def too_slow(rng: Random) -> LabelledRun:
    plan = sound(rng)
    return bad_as(replace(plan, rate=plan.rate / rng.choice([30, 100, 300, 1000])), plan, 1.3)


def too_fast(rng: Random) -> LabelledRun:
    plan = sound(rng, plain=rng.random() < 0.7)
    return bad_as(replace(plan, rate=plan.rate * rng.choice([10, 20, 50, 200])), plan, 1.5)


def overfitting(rng: Random) -> LabelledRun:
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
        assert its.config is not None
        now = measure(model, its.config)
        return now >= 1.3 * measure(earlier, its.config) and now >= 2 * history[-1].loss

    return LabelledRun(plan, model, history, measure, shows)


def underfitting(rng: Random) -> LabelledRun:
    wide = sound(
        rng, rng.choice(CURVED), rng.choice(["tanh", "relu", "elu"]), noise=rng.uniform(0.05, 0.15)
    )
    wide = replace(wide, hidden=(16,))
    if rng.random() < 0.3:
        plan = replace(wide, penalty=L2(rng.choice([0.1, 0.3, 1.0])))
    else:
        plan = replace(
            wide, hidden=rng.choice([(), (1,), (2,)] if wide.source != "waves" else [(), (1,)])
        )
    return bad_as(
        plan,
        wide,
        1.3,
        lambda labelled: not labelled.history.diverged and not is_overfit(labelled.history),
        lambda labelled: (
            score(labelled.model, plan.test) <= attainable(plan.rest, plan.test) - 0.08
        ),
    )


def dead(rng: Random) -> LabelledRun:
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

    faulty = replace(plan, prepare=negative_biases)
    if rng.random() < 0.4:  # inputs from 0 to 1, as of pictures, and weights below 0
        rest, test = (squeezed(part, plan.rest) for part in (plan.rest, plan.test))
        plan = replace(plan, rest=rest, test=test)
        faulty = replace(plan, prepare=negative_weights)

    def silent(labelled: LabelledRun) -> bool:
        assert labelled.history.config is not None
        answers = hidden_outputs(labelled.model, labelled.history.config.data)
        return bool(np.concatenate([(layer <= 0).all(axis=0) for layer in answers]).mean() >= 0.5)

    return bad_as(faulty, plan, 1.1, silent)


def squeezed(data: Dataset, by: Dataset) -> Dataset:
    """Features between 0 and 1."""
    low, high = np.min(by.features, axis=0), np.max(by.features, axis=0)
    return replace(
        data,
        features=((np.array(data.features) - low) / np.where(high > low, high - low, 1)).tolist(),
    )


def gaussian(spread: float) -> Callable[[int, int, Random], list[float]]:
    return lambda nin, nout, rng: [rng.gauss(0, spread) for _ in range(nin)]


def saturated(rng: Random) -> LabelledRun:
    plan = sound(rng, activation=rng.choice(["tanh", "sigmoid", "tanh", "softsign"]))
    spread = rng.choice([6, 10, 20]) * (10 if plan.activation == "softsign" else 1)
    faulty = replace(plan, init=gaussian(spread))

    def at_the_bounds(labelled: LabelledRun) -> bool:
        low = 0.0 if plan.activation == "sigmoid" else -1.0
        answers = hidden_outputs(faulty.model(), plan.rest)
        near = [np.minimum(1 - a, a - low) / (1 - low) < 0.02 for a in answers]
        return bool(np.mean([layer.mean() for layer in near]) > 0.6)

    return bad_as(faulty, plan, 1.1, at_the_bounds)


def vanishing(rng: Random) -> LabelledRun:
    plan = sound(rng, rng.choice(["moons", "xor", "iris", "wine", "waves", "three spirals"]))
    good = replace(plan, hidden=(12, 12), activation="tanh")
    depth, width = rng.choice([4, 5, 6]), rng.choice([8, 12])
    kind = rng.choice(
        [("sigmoid", None), ("sigmoid", "xavier"), ("tanh", "small"), ("relu", "small")]
    )
    faulty = replace(plan, hidden=(width,) * depth, activation=kind[0], init=kind[1])

    def fades(labelled: LabelledRun) -> bool:
        errors = layer_errors(faulty)
        return errors[0] < 1e-2 * errors[-1]

    return bad_as(faulty, good, 1.3, fades)


def exploding(rng: Random) -> LabelledRun:
    plan = sound(rng, activation=rng.choice(["relu", "leaky_relu", "elu", "gelu", "silu"]))
    plan = replace(plan, hidden=rng.choice([(16, 16), (16, 16, 16), (12, 12, 12, 12)]))
    faulty = replace(plan, init=gaussian(rng.choice([1.5, 2.5, 4.0])))

    def grows(labelled: LabelledRun) -> bool:
        return float(np.linalg.norm(layer_gradients(faulty))) > 100 * float(
            np.linalg.norm(layer_gradients(plan))
        )

    return bad_as(faulty, plan, 1.2, grows)


def symmetric(rng: Random) -> LabelledRun:
    plan = sound(rng)
    constants = [
        ("zeros", 3),
        ("ones", 1),
        (lambda nin, nout, rng: [0.3] * nin, 1),
        (lambda n, m, r: [0.05] * n, 1),
    ]
    faulty = replace(
        plan, init=rng.choices([c for c, _ in constants], [w for _, w in constants])[0]
    )

    def alike(labelled: LabelledRun) -> bool:
        hidden = faulty.model().layers[:-1]
        return all(
            len({tuple(w.data for w in neuron.w) for neuron in layer.neurons}) == 1
            for layer in hidden
        )

    return bad_as(faulty, plan, 1.1, alike)
