"""What nn's layers, losses, optimisers and metrics refuse: what each needs, and what came."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest

from autograd import Value
from nn import L1, L2, MLP, SGD, Adam, AdamW, ElasticNet, RMSProp, moons, train
from nn.init import INITIALIZERS
from nn.layers import ACTIVATIONS, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from nn.metrics import accuracy, confusion_matrix, f1, log_loss, r_squared
from nn.schedules import Cosine, StepDecay, WarmUp
from nn.training.callbacks import EarlyStopping
from tests.cases import each

SMOOTHING = "label_smoothing from 0 up to, but below, 1"
RULE = "a function (nin, nout, rng) of such weights"
LISTED = "which is not a list"
LOGITS = "pass a row of logits, one a class, not its number"

# By what is needed: what came, and a call that it comes from.
REFUSALS: dict[str, dict[str, Callable[[], Any]]] = {
    "MLP needs a list with the size of each layer, such as [16, 16, 1]": {
        "[]": lambda: MLP(3, []),
        "4": lambda: MLP(3, 4),  # type: ignore[arg-type]
    },
    "Neuron needs a whole number of at least 1 as nin": {
        "0": lambda: MLP(0, [1]),
        "2.0": lambda: MLP(2.0, [1]),  # type: ignore[arg-type]
        "-1": lambda: Neuron(-1),
    },
    "Layer needs a whole number of at least 1 as nout": {"0": lambda: MLP(2, [3, 0])},
    f"an activation needs to be a function or one of {', '.join(ACTIVATIONS)}": {
        "'softmax'": lambda: MLP(2, [1], output="softmax"),
    },
    "a neuron needs a list of inputs, one for each of its weights (2)": {
        "1": lambda: Neuron(2)([1.0]),
        "3": lambda: Layer(2, 2)([1.0, 2.0, 3.0]),
    },
    "a neuron needs a list of inputs, one for each of its weights (1)": {
        f"0.5, {LISTED}": lambda: MLP(1, [1])(0.5),  # type: ignore[arg-type]
        f"0.25, {LISTED}": lambda: Neuron(1)(0.25),  # type: ignore[arg-type]
    },
    "Dropout needs a rate from 0 up to, but below, 1": {"1": lambda: MLP(2, [2, 1], dropout=1)},
    f"init needs to be one of {', '.join(INITIALIZERS)}, or {RULE}": {
        "'kaiming'": lambda: Neuron(2, init="kaiming"),
    },
    "init needs to return 2 finite weights for a neuron of 2 inputs": {
        "[1.0]": lambda: Neuron(2, init=lambda nin, nout, rng: [1.0]),
        "[nan, nan]": lambda: Neuron(2, init=lambda nin, nout, rng: [nan] * nin),
    },
    "cross_entropy needs targets that are class indices 0 to 1": {
        "2": lambda: cross_entropy([[0.0, 1.0]], [2]),
        "-1": lambda: cross_entropy([0.0, 1.0], -1),
        "0.5": lambda: cross_entropy([0.0, 1.0], 0.5),
        "'a'": lambda: cross_entropy([[0.0, 1.0]], ["a"]),
    },
    "cross_entropy needs a target for each prediction": {
        "3 and 2": lambda: cross_entropy([0.0, 1.0, 2.0], [1, 0]),
    },
    "cross_entropy needs a class weight for each of 2 classes": {
        "3": lambda: cross_entropy([[0.0, 1.0]], [1], class_weights=[1, 2, 3]),
    },
    "cross_entropy needs class_weights above 0, and finite, one a class": {
        "[1, 0]": lambda: cross_entropy([[0.0, 1.0]], [1], class_weights=[1, 0]),
    },
    f"cross_entropy needs a {SMOOTHING}": {
        "1": lambda: cross_entropy([[0.0, 1.0]], [1], label_smoothing=1),
    },
    "binary_cross_entropy needs targets from 0 to 1": {
        "2: for more classes use cross_entropy, with a model that has an output for each": (
            lambda: cross_entropy([0.0], [2])
        ),
    },
    "binary_cross_entropy needs a target for each prediction": {
        "one number and 2": lambda: binary_cross_entropy(0.0, [1, 0]),
    },
    "binary_cross_entropy needs one output a row": {
        "a row of 2 outputs": lambda: binary_cross_entropy([[0, 1]], [1]),
    },
    "binary_cross_entropy needs a class weight for each of 2 classes": {
        "1": lambda: binary_cross_entropy([0.0], [1], class_weights=[1]),
    },
    f"binary_cross_entropy needs a {SMOOTHING}": {
        "-0.1": lambda: binary_cross_entropy([0.0], [1], label_smoothing=-0.1),
    },
    "hinge needs targets -1 or 1 (or 0 and 1)": {"2": lambda: hinge([0.0], [2])},
    "hinge needs one output a row": {
        "a row of 3 outputs": lambda: hinge([[Value(0.0)] * 3], [1]),
    },
    "hinge needs a target for each prediction": {"1 and one number": lambda: hinge([0.0], 1)},
    "hinge needs at least one prediction": {"an empty batch": lambda: hinge([], [])},
    "huber needs a delta above 0, and finite": {"0": lambda: huber([0.0], [1.0], delta=0)},
    "mean_absolute_error needs a target for each of a row's 2 outputs": {
        "the one number 1.0: for the index of a class use cross_entropy": (
            lambda: mean_absolute_error([[0.0, 1.0]], [1.0])
        ),
    },
    "mean_squared_error needs a target for each of a row's 2 outputs": {
        "the one number 1.0: for the index of a class use cross_entropy": (
            lambda: mean_squared_error([[0.0, 1.0]], [1.0])
        ),
        "1: give the model as many outputs": lambda: mean_squared_error([[0.0, 1.0]], [[1.0]]),
    },
    "mean_squared_error needs at least one prediction": {
        "an empty batch": lambda: mean_squared_error([], []),
    },
    "mean_squared_error needs a target for each prediction": {
        "2 and 1": lambda: mean_squared_error([0.0, 1.0], [1.0]),
    },
    "L1 needs a strength of 0 or more, and finite": {"-1": lambda: L1(-1)},
    "L2 needs a strength of 0 or more, and finite": {"nan": lambda: L2(nan)},
    "ElasticNet needs a strength of 0 or more, and finite": {
        "'a'": lambda: ElasticNet("a"),  # type: ignore[arg-type]
    },
    "ElasticNet needs a ratio from 0 (all L2) to 1 (all L1)": {"2": lambda: ElasticNet(1, 2)},
    "SGD needs a learning_rate above 0, and finite": {
        "0": lambda: SGD(0),
        "-0.1": lambda: SGD(-0.1),
        "nan": lambda: SGD(nan),
        "inf": lambda: SGD(inf),
    },
    "SGD needs a momentum from 0 up to, but below, 1": {
        "1.0": lambda: SGD(0.1, 1.0),
        "-0.5": lambda: SGD(0.1, -0.5),
        "nan": lambda: SGD(0.1, nan),
    },
    "SGD needs a momentum above 0 to look ahead with nesterov": {
        "0: try 0.9": lambda: SGD(0.1, nesterov=True),
    },
    "SGD needs a clip_norm above 0, and finite": {"0": lambda: SGD(0.1, clip_norm=0)},
    "SGD needs a schedule of rates from 0 up": {
        "-1 for step 0": lambda: SGD(lambda step: -1).step([]),
    },
    "RMSProp needs a decay from 0 up to, but below, 1": {"1": lambda: RMSProp(decay=1)},
    "RMSProp needs an epsilon above 0, and finite": {"0": lambda: RMSProp(epsilon=0)},
    "Adam needs a learning_rate above 0, and finite": {"0": lambda: Adam(0)},
    "Adam needs a clip_value above 0, and finite": {"-1": lambda: Adam(clip_value=-1)},
    "Adam needs a beta1 from 0 up to, but below, 1": {"1.0": lambda: Adam(beta1=1.0)},
    "AdamW needs a beta2 from 0 up to, but below, 1": {"-1": lambda: AdamW(beta2=-1)},
    "AdamW needs a weight_decay of 0 or more, and finite": {
        "-0.1": lambda: AdamW(weight_decay=-0.1),
    },
    "StepDecay needs a rate above 0, and finite": {"0": lambda: StepDecay(0, 10)},
    "StepDecay needs a whole number of at least 1 as every": {"0": lambda: StepDecay(0.1, 0)},
    "StepDecay needs a factor above 0, up to 1": {"2": lambda: StepDecay(0.1, 10, 2)},
    "Cosine needs a whole number of at least 1 as steps": {
        "1.5": lambda: Cosine(0.1, 1.5),  # type: ignore[arg-type]
    },
    "Cosine needs a final rate from 0 to the first, 0.1": {"0.2": lambda: Cosine(0.1, 10, 0.2)},
    "WarmUp needs a rate above 0, and finite": {"-1": lambda: WarmUp(10, -1)},
    "WarmUp needs a whole number of at least 1 as steps": {"0": lambda: WarmUp(0, 0.1)},
    "EarlyStopping needs a whole number of at least 1 as patience": {
        "0": lambda: EarlyStopping(0),
    },
    "EarlyStopping needs a min_delta of 0 or more, and finite": {
        "-1": lambda: EarlyStopping(1, -1),
    },
    "EarlyStopping needs a validation part": {
        "none: give train a validation of 0.2": (
            lambda: train(MLP(2, [2]), moons(20), until=EarlyStopping(), validation=None)
        ),
    },
    "a metric needs as many outputs as targets, and one at least": {
        "2 and 1": lambda: accuracy([0.1, 0.2], [1]),
        "0 and 0": lambda: accuracy([], []),
        "0 and 1": lambda: confusion_matrix([], [1], 2),
        "1 and 2": lambda: r_squared([1.0], [1.0, 2.0]),
        "3 and 0": lambda: f1([1.0] * 3, []),
    },
    "a single output stands for class 0 or 1": {
        f"the target 2: {LOGITS}": lambda: confusion_matrix([0.5], [2], 2),
    },
    "confusion_matrix needs classes from 0 to 1": {
        "class 2 predicted as class 1: pass the number of all classes": (
            lambda: confusion_matrix([[0.0, 1.0, 0.0]], [2], 2)
        ),
        "class 0 predicted as class 2: pass the number of all classes": (
            lambda: confusion_matrix([[0.0, 0.0, 1.0]], [0], 2)
        ),
    },
    "metrics of classes need targets that are classes, 0, 1, ..., after the outputs": {
        "0.5": lambda: confusion_matrix([0.5], [0.5], 2),
        "2": lambda: accuracy([[0.0, 1.0]] * 2, [1, 2]),
        "-2": lambda: log_loss([[0.0, 1.0]] * 2, [1, -2]),
    },
}


@each("need", REFUSALS)
def test_a_refusal_says_what_was_needed_and_what_came(need: str) -> None:
    for came, call in REFUSALS[need].items():
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == f"{need}, got {came}"
