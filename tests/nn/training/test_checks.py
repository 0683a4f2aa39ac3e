"""What training demands of its arguments: each mistake that people make gets its sentence, and
nothing has moved.
"""

import re
import warnings
from functools import partial
from math import exp, log1p
from typing import Any

import numpy as np
import pytest

from nn import L2, MLP, Dataset, EarlyStopping, Mismatch, Module, Training, evaluate, moons, train
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mean_squared_error
from nn.optim import SGD, Adam
from tests.cases import each
from tests.nn.training.examples import numbers


class Empty(Module):
    """A model that forgot to keep its parameters."""

    def __call__(self, row: list[float]) -> float:
        return row[0]

    def __repr__(self) -> str:
        return "Empty()"


MODEL = MLP(2, [2], seed=0)
ROWS = moons(20)
LOSS = "train needs a loss that is a function of predictions and targets, got"
OPTIMIZER = "train needs an optimizer with step(parameters), got"
WHOLE = "train needs a whole number of at least 1 as"
SPLIT = "split needs a fraction between 0 and 1, got"

# What is given to train beside a model and rows, and how its sentence begins or ends.
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"loss": "mse"}, f"{LOSS} 'mse': pass nn.cross_entropy or nn.mean_squared_error itself, say"),
    ({"loss": SGD(0.1)}, f"{LOSS} SGD: write optimizer=SGD(learning_rate=0.1, momentum=0)"),
    ({"loss": lambda outputs, targets: outputs[0][0].data}, "compute it from the predictions"),
    ({"loss": lambda output, target: (output[0] - target) ** 2}, "got one written for a row"),
    ({"optimizer": 0.1}, f"{OPTIMIZER} 0.1: write SGD(0.1) or Adam(0.01), say"),
    ({"optimizer": "adam"}, f"{OPTIMIZER} 'adam': write"),
    ({"optimizer": Adam}, f"{OPTIMIZER} the class Adam: write"),
    (
        {"model": None},
        "train needs a model that can be called and has parameters(), got None: make",
    ),
    ({"model": lambda row: row[0]}, "got function: make an MLP, or derive yours from nn.Module"),
    ({"model": MLP}, "got the class MLP: make an MLP, or derive yours from nn.Module"),
    ({"model": Empty()}, "train needs a model with parameters, got Empty(), which has none"),
    ({"data": [[1.0, 2.0]]}, "train needs a Dataset, got list: write Dataset(features, targets)"),
    ({"data": ROWS[:0]}, "train needs at least one row, got an empty dataset"),
    ({"data": Dataset([[1.0] * 3] * 5, [0.0] * 5)}, "the model takes 2 features, the data have 3"),
    ({"epochs": "10"}, f"{WHOLE} epochs, got '10'"),
    ({"epochs": True}, f"{WHOLE} epochs, got True"),
    ({"epochs": 0}, f"{WHOLE} epochs, got 0"),
    ({"batch_size": 1.5}, f"{WHOLE} batch_size, got 1.5"),
    ({"batch_size": None}, f"{WHOLE} batch_size, got None"),
    ({"seed": None}, "train needs a whole number of at least 0 as seed, got None"),
    ({"seed": 0.5}, "train needs a whole number of at least 0 as seed, got 0.5"),
    ({"validation": "a"}, f"{SPLIT} 'a'; for a fifth pass 0.2, or validation=None"),
    ({"validation": 0}, f"{SPLIT} 0; for a fifth pass 0.2, or validation=None to hold none out"),
    ({"validation": 1.5}, f"{SPLIT} 1.5; for a fifth pass 0.2, or validation=None"),
    ({"penalty": 0.01}, "train needs a function of the weights as penalty, got 0.01: write"),
    ({"penalty": L2}, "as penalty, got the class L2: write L2(0.01), say"),
    ({"until": 10}, "as until, got 10: write EarlyStopping(10), say"),
    ({"on_epoch": 10}, "train needs a function of an Epoch as on_epoch, got 10"),
    ({"engine": "fast"}, "engine needs to be 'auto', 'eager' or 'jax', got 'fast'"),
]


@each(("given", "sentence"), MISTAKES, ids=[text for _, text in MISTAKES])
def test_a_mistake_gets_its_sentence_and_nothing_has_moved(
    given: dict[str, Any], sentence: str
) -> None:
    before = numbers(MODEL)
    with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
        train(**{"model": MODEL, "data": ROWS, **given})
    assert numbers(MODEL) == before


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_a_loss_for_one_row_gets_its_cure_and_other_errors_come_through(engine: str) -> None:
    def of_a_row(output: Any, target: float) -> Any:
        return (output[0] - target) ** 2

    def broken(outputs: Any, targets: Any) -> Any:
        return outputs + 1

    for ask in (
        lambda loss: train(MODEL, ROWS, loss, engine=engine),
        lambda loss: evaluate(MODEL, ROWS, loss),
    ):
        with pytest.raises(TypeError, match=r"return mean\(\[loss\(y, t\) for y, t in zip"):
            ask(of_a_row)
        with pytest.raises(TypeError, match="can only concatenate list"):
            ask(broken)


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


@each("output", ["sigmoid", "tanh", "softsign"])
@each("width", [1, 2])
@each("loss", [cross_entropy, partial(cross_entropy, label_smoothing=0.1), binary_cross_entropy])
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
