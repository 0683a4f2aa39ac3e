"""What nn promises of its parts together: the losses of 200 steps are PyTorch's, to the ninth
decimal and beyond.

The numbers are in trajectories.json, which ``tests/benchmarks/trajectories.py`` wrote with PyTorch
in float64."""

import json
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from nn import (
    L2,
    MLP,
    SGD,
    Adam,
    AdamW,
    Cosine,
    Dataset,
    RMSProp,
    StepDecay,
    Training,
    WarmUp,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    losses,
    mean_absolute_error,
    mean_squared_error,
    optim,
    schedules,
)
from tests.cases import THOROUGH

STORED = json.loads((Path(__file__).with_name("trajectories.json")).read_text())
PROBLEM = STORED["problem"]
WEIGHTS = [0.5, 1.0, 2.5]

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.05, momentum=0.9),
    "Nesterov": lambda: SGD(0.05, momentum=0.9, nesterov=True),
    "RMSProp": lambda: RMSProp(0.01, decay=0.95),
    "Adam": lambda: Adam(0.02),
    "AdamW": lambda: AdamW(0.02, weight_decay=0.1),
    "L2": lambda: SGD(0.1),
    "step": lambda: SGD(StepDecay(0.2, every=60, factor=0.5)),
    "cosine": lambda: SGD(Cosine(0.2, steps=200, final=0.01)),
    "warm-up": lambda: SGD(WarmUp(20, then=0.2)),
    "clip value": lambda: SGD(0.2, clip_value=0.05),
    "clip norm": lambda: SGD(0.2, clip_norm=0.1),
}
LOSSES: dict[str, tuple[str, Callable[..., Any]]] = {
    "cross-entropy": ("classes", cross_entropy),
    "weighted cross-entropy": ("classes", partial(cross_entropy, class_weights=WEIGHTS)),
    "smoothed cross-entropy": ("classes", partial(cross_entropy, label_smoothing=0.2)),
    "weighted smoothed cross-entropy": (
        "classes",
        partial(cross_entropy, class_weights=WEIGHTS, label_smoothing=0.2),
    ),
    "binary cross-entropy": ("halves", binary_cross_entropy),
    "weighted binary cross-entropy": (
        "halves",
        partial(binary_cross_entropy, class_weights=[0.5, 2.0]),
    ),
    "hinge": ("halves", hinge),
    "mean squared error": ("numbers", mean_squared_error),
    "mean absolute error": ("numbers", mean_absolute_error),
    "Huber": ("numbers", partial(huber, delta=0.7)),
}


def network(outputs: int) -> MLP:
    """The network with the initial weights of the file."""
    model = MLP(3, [4, outputs], activation="tanh")
    for layer, rows in zip(model.layers, (PROBLEM["hidden"], PROBLEM["output"]), strict=True):
        for neuron, numbers in zip(layer.neurons, rows, strict=False):
            for parameter, x in zip([*neuron.w, neuron.b], numbers, strict=True):
                parameter.data = x
    return model


@pytest.mark.parametrize("engine", ["auto", pytest.param("eager", marks=pytest.mark.full)])
@pytest.mark.parametrize("name", STORED["runs"])
def test_the_losses_of_200_steps_and_the_parameters_after_them_are_those_of_pytorch(
    name: str, engine: str
) -> None:
    loss_name, optimizer_name = name.split(", ")
    kind, loss = LOSSES[loss_name]
    if weights := getattr(loss, "keywords", {}).get("class_weights"):
        # PyTorch divides by the weights of a batch's rows, here all rows: ours have mean 1 instead
        mean = fmean(weights[target] for target in PROBLEM[kind])
        loss = partial(loss, class_weights=[weight / mean for weight in weights])
    data = Dataset(
        PROBLEM["rows"], PROBLEM[kind], class_names=["a", "b", "c"] if kind == "classes" else []
    )
    model = network(3 if kind == "classes" else 1)
    options: dict[str, Any] = {
        "epochs": 200,
        "batch_size": len(data),
        "validation": None,
        "engine": engine,
    }
    penalty = L2(0.01) if optimizer_name == "L2" else None
    run = Training(model, data, loss, OPTIMIZERS[optimizer_name](), penalty=penalty, **options)
    wanted = STORED["runs"][name]
    assert len(wanted["losses"]) == 200
    steps = 200 if THOROUGH else 65  # beyond the warm-up, and the first of the steps of a rate
    found_losses = [epoch.loss for epoch in islice(run, steps)]
    assert found_losses == pytest.approx(wanted["losses"][:steps], rel=1e-9, abs=1e-12)
    assert run.history.engine.startswith("eager") == (engine == "eager")
    if steps < 200:
        return
    # Wide, since along a flat direction 1e-16 in one weight has become 1e-8 at the end of a run.
    found = [
        [p.data for p in (*neuron.w, neuron.b)]
        for layer in model.layers
        for neuron in layer.neurons
    ]
    assert [x for row in found for x in row] == pytest.approx(
        [x for row in wanted["parameters"] for x in row], abs=1e-7
    )


def test_there_is_a_run_for_every_optimiser_schedule_and_loss() -> None:
    runs = [name.split(", ") for name in STORED["runs"]]
    assert {loss for loss, _ in runs} == set(LOSSES)
    assert {optimizer for _, optimizer in runs} == set(OPTIMIZERS)
    functions = {getattr(loss, "func", loss).__name__ for _, loss in LOSSES.values()}
    assert functions == set(losses.LOSSES)
    made = [make() for make in OPTIMIZERS.values()]
    assert {type(optimizer).__name__ for optimizer in made} == set(optim.__all__) - {"Optimizer"}
    rates = {
        type(optimizer.learning_rate).__name__
        for optimizer in made
        if callable(optimizer.learning_rate)
    }
    assert rates == set(schedules.__all__) - {"Schedule"}
    assert STORED["torch"].startswith("2.")
