"""What training demands of its arguments: each mistake that people make gets its sentence, and
nothing has moved.
"""

import warnings
from collections.abc import Callable
from functools import partial
from math import exp, log1p
from typing import Any

import numpy as np
import pytest

from nn import (
    L2,
    MLP,
    SGD,
    Adam,
    EarlyStopping,
    Mismatch,
    Module,
    Training,
    binary_cross_entropy,
    cross_entropy,
    evaluate,
    hinge,
    mean_squared_error,
    moons,
    train,
)


class Empty(Module):
    """A model that forgot to keep its parameters."""

    def __call__(self, row: list[float]) -> float:
        return row[0]

    def __repr__(self) -> str:
        return "Empty()"


MODEL = MLP(2, [2], seed=0)
LOSSES = "train needs a loss that is a function of predictions and targets, got "
ONES = ": pass nn.cross_entropy or nn.mean_squared_error itself, say"
STEPS = "train needs an optimizer with a method step(parameters), got "
WRITE = ": write SGD(0.1) or Adam(0.01), say"
MODELS = "train needs a model that can be called and has parameters(), got "
DERIVE = ": make an MLP, or derive yours from nn.Module"
ROWS = "train needs a whole number of at least 1 as batch_size, got "

MISTAKES: dict[str, Callable[[], Any]] = {
    LOSSES + "'mse'" + ONES: lambda: train(MODEL, moons(), "mse"),
    LOSSES + "SGD" + ONES: lambda: train(MODEL, moons(), SGD(0.1)),
    STEPS + "0.1" + WRITE: lambda: train(MODEL, moons(), optimizer=0.1),
    STEPS + "'adam'" + WRITE: lambda: train(MODEL, moons(), optimizer="adam"),
    STEPS + "the class Adam" + WRITE: lambda: train(MODEL, moons(), optimizer=Adam),
    MODELS + "None" + DERIVE: lambda: train(None, moons()),
    MODELS + "function" + DERIVE: lambda: train(lambda row: row[0], moons()),
    MODELS + "the class MLP" + DERIVE: lambda: train(MLP, moons()),
    "train needs a model with parameters, got Empty(), which has none": lambda: train(
        Empty(), moons()
    ),
    "train needs a whole number of at least 1 as epochs, got '10'": lambda: train(
        MODEL, moons(), epochs="10"
    ),
    "train needs a whole number of at least 1 as epochs, got True": lambda: train(
        MODEL, moons(), epochs=True
    ),
    ROWS + "1.5": lambda: train(MODEL, moons(), batch_size=1.5),
    ROWS + "None": lambda: train(MODEL, moons(), batch_size=None),
    ROWS + "True": lambda: train(MODEL, moons(), batch_size=True),
    "train needs a seed that is a whole number, got None": lambda: train(MODEL, moons(), seed=None),
    "train needs a seed that is a whole number, got 0.5": lambda: train(MODEL, moons(), seed=0.5),
    "train needs a penalty that is a function of the weights, got 0.01: write L2(0.01), say": lambda: (
        train(MODEL, moons(), penalty=0.01)
    ),
    "train needs a penalty that is a function of the weights, got the class L2: write L2(0.01), say": lambda: (
        train(MODEL, moons(), penalty=L2)
    ),
    "train needs a rule that is a function of the history as until, got 10: write EarlyStopping(patience=10), say": (
        lambda: train(MODEL, moons(), until=10)
    ),
    "engine needs to be 'auto' or 'eager', got 'fast'": lambda: train(
        MODEL, moons(), engine="fast"
    ),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_gets_its_sentence_and_nothing_has_moved(sentence: str) -> None:
    before = [p.data for p in MODEL.parameters()]
    with pytest.raises((TypeError, ValueError)) as caught:
        MISTAKES[sentence]()
    assert str(caught.value) == sentence
    assert [p.data for p in MODEL.parameters()] == before


def test_numpys_whole_numbers_are_whole_numbers() -> None:
    options = {
        "epochs": np.int64(2),
        "batch_size": np.int32(8),
        "seed": np.int64(3),
        "until": EarlyStopping(5),
    }
    plain = train(
        MLP(2, [2], seed=0), moons(40), epochs=2, batch_size=8, seed=3, until=EarlyStopping(5)
    )
    assert train(MLP(2, [2], seed=0), moons(40), **options) == plain


@pytest.mark.parametrize("output", ["sigmoid", "tanh", "softsign"])
@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize(
    "loss", [cross_entropy, partial(cross_entropy, label_smoothing=0.1), binary_cross_entropy]
)
def test_a_squashed_output_before_a_loss_on_logits_is_warned_of_once(
    output: str, width: int, loss: Any
) -> None:
    if width == 2 and loss is binary_cross_entropy:
        width = 1
    model = MLP(2, [4, width], output=output, seed=0)
    for run in (
        lambda: train(model, moons(20), loss, epochs=2),
        lambda: list(Training(model, moons(20), loss, epochs=2)),
    ):
        with pytest.warns(
            Mismatch, match=f"takes logits, got outputs of {output}, which keep it above"
        ) as caught:
            run()
        assert len(caught) == 1
        assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("output", "width"), [("sigmoid", 2), ("tanh", 2), ("sigmoid", 1), ("tanh", 1)]
)
def test_the_bound_that_the_warning_states_is_that_of_the_surest_answers(
    output: str, width: int
) -> None:
    """Weights so large that the outputs are at the ends of their range, on the easiest of data."""
    model = MLP(2, [width], output=output, seed=0)
    data = moons(40, noise=0.0)
    for neuron, sign in zip(model.layers[0].neurons, (-1, 1) if width == 2 else (1,), strict=True):
        neuron.b.data = 1000.0 * sign
    ones = [row for row, target in data if target == 1]
    with pytest.warns(Mismatch, match=r"above (\d\.\d\d)") as caught:
        train(model, data, epochs=1)
    stated = float(str(caught[0].message).partition("above ")[2][:4])
    for neuron, sign in zip(model.layers[0].neurons, (-1, 1) if width == 2 else (1,), strict=True):
        neuron.b.data = 1000.0 * sign
    least, _ = evaluate(model, type(data)(ones, [1] * len(ones), class_names=data.class_names))
    assert least == pytest.approx(stated, abs=0.005)
    low = 0.0 if output == "sigmoid" else -1.0
    assert least == pytest.approx(log1p(exp(low - 1)) if width == 2 else log1p(exp(-1)))


def test_where_model_and_loss_belong_together_nothing_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(MLP(2, [2], seed=0), moons(20), epochs=1)
        train(MLP(2, [1], output="tanh", seed=0), moons(20), hinge, epochs=1)
        train(MLP(2, [1], output="sigmoid", seed=0), moons(20), mean_squared_error, epochs=1)
