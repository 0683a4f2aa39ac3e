"""What nn promises to those who come from PyTorch, scikit-learn or Keras: the name that they write
gets the way it is written here.
"""

import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Dataset,
    History,
    Module,
    Optimizer,
    evaluate,
    moons,
    predict,
    rerun,
    train,
)
from tests.cases import each

MODEL: Any = MLP(2, [3, 1], seed=0)
STEP: Any = SGD(0.1)
TRAIN: Any = train
LOSS: Any = nn.cross_entropy
VALUE: Any = Value(1.0)
VALUE_OF: Any = Value
MOVE = "write optimizer.step(model.parameters())"
PARAMETERS = MODEL.parameters()
FIRST = "needs its learning rate first: write SGD(0.1), and give the parameters to optimizer.step("
ONE_ROW = (
    "a model takes one row, a list of 2 numbers, got 3 rows: write [model(row) for row in rows]"
)

HABITS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: MODEL.fit, AttributeError, "MLP has no fit: write train(model, data)"),
    (lambda: MODEL.predict, AttributeError, "write model(row), or predict(model, data)"),
    (lambda: MODEL.forward([1.0, 2.0]), AttributeError, "MLP has no forward: write model(row)"),
    (lambda: MODEL.train(), AttributeError, "for dropout: with training_mode(model)"),
    (lambda: MODEL.eval(), AttributeError, "training_mode"),
    (lambda: MODEL.state_dict(), AttributeError, "write save(model, path)"),
    (lambda: MODEL.layers[0].fit, AttributeError, "Layer has no fit"),
    (lambda: MODEL.nothing, AttributeError, "MLP has no nothing"),
    (lambda: MODEL([[1.0, 2.0]] * 3), TypeError, ONE_ROW),
    (lambda: MODEL(np.ones((3, 2))), TypeError, ONE_ROW),
    (lambda: SGD(PARAMETERS, 0.1), TypeError, FIRST),
    (lambda: SGD(iter(PARAMETERS), 0.1), TypeError, "needs its learning rate first"),  # type: ignore[arg-type]
    (lambda: SGD(lr=0.1), TypeError, "SGD has no option lr: write learning_rate="),  # type: ignore[call-arg]
    (lambda: Adam(betas=(0.9, 0.99)), TypeError, "write beta1= and beta2="),  # type: ignore[call-arg]
    (lambda: Adam(weight_decay=0.1), TypeError, "write train(..., penalty=L2(0.01))"),  # type: ignore[call-arg]
    (lambda: STEP.zero_grad(), AttributeError, "SGD has no zero_grad: write model.zero_grad()"),
    (lambda: STEP.param_groups, AttributeError, "the rate is optimizer.learning_rate"),
    (lambda: STEP.step(), TypeError, f"step needs the parameters to move, got none: {MOVE}"),
    (lambda: STEP.step(MODEL), TypeError, f"step needs the parameters to move, got MLP: {MOVE}"),
    (lambda: STEP.step([1.0]), TypeError, "step needs Values to move, got 1.0"),
    (lambda: TRAIN(MODEL, moons(9), lr=0.1), TypeError, "no option lr: write optimizer=SGD(0.1)"),
    (lambda: TRAIN(MODEL, moons(9), n_epochs=1), TypeError, "no option n_epochs: write epochs="),
    (lambda: TRAIN(MODEL, moons(9), validation_split=0.1), TypeError, "write validation="),
    (lambda: TRAIN(MODEL, moons(9), colour=1), TypeError, "train has no option colour"),
    (lambda: VALUE.requires_grad, AttributeError, "Value has no requires_grad: every Value gets"),
    (lambda: setattr(VALUE, "requires_grad", False), AttributeError, "where a constant is meant"),
    (lambda: VALUE_OF(1.0, requires_grad=True), TypeError, "Value has no option requires_grad: e"),
    (lambda: VALUE.numpy(), AttributeError, "Value has no numpy: write v.data"),
    (lambda: VALUE_OF(1.0, (VALUE,), "tanh"), TypeError, "write the operation, a * b; operation("),
    (lambda: VALUE.backward(retain_graph=True), TypeError, "no option retain_graph: a graph stays"),
    (lambda: Optimizer(0.1).step([Value(1.0)]), AttributeError, "needs a method update"),
    (lambda: MODEL.to("cuda"), AttributeError, "MLP has no to: write train(..., engine="),
    (lambda: TRAIN(moons(9), MODEL), TypeError, "train needs a Dataset, got MLP: write the model"),
    (lambda: evaluate(moons(9), MODEL), TypeError, "evaluate needs a Dataset, got MLP: write the"),  # type: ignore[arg-type]
    (lambda: predict(MODEL, [[1.0, 2.0]]), TypeError, "[model(row) for row in rows]"),  # type: ignore[arg-type]
    (lambda: TRAIN(MODEL, moons(9), validation=([[1.0, 2.0]], [0])), TypeError, "got tuple: write"),
    (lambda: TRAIN(MODEL, moons(9), schedule=0.1), TypeError, "write optimizer=SGD(Cosine("),
    (lambda: History().history["loss"], AttributeError, "write [epoch.loss for epoch in history]"),
    (lambda: rerun(History()), TypeError, "needs the config of a run, got History: write rerun("),  # type: ignore[arg-type]
    (lambda: moons(9).shape, AttributeError, "Dataset has no shape: write len(data)"),
    (
        lambda: LOSS([0, 1], [[0.1, 0.2]] * 2),
        ValueError,
        "got [0.1, 0.2]: write loss(outputs,",
    ),
    (lambda: LOSS([0.1], ["a"]), ValueError, "targets from 0 to 1, got 'a': write loss(outputs"),
    (lambda: Dataset([[1.0]], [0], class_names=3), ValueError, "list of texts, got 3"),  # type: ignore[arg-type]
    (lambda: moons(9).split(0.2, stratify=np.ones(9)), ValueError, "a bool as stratify, got nda"),  # type: ignore[arg-type]
    (lambda: nn.export(MODEL, "c"), TypeError, "needs a Predictor, got MLP: write record(model, "),
    (lambda: nn.huber([0.1], ["a"]), ValueError, "huber needs a number as target, got 'a': write"),
    (lambda: nn.mean_squared_error([0, 1], [[0.1, 0.2]] * 2), ValueError, "got [0.1, 0.2]: wri"),
    (lambda: nn.Linear(2, 3), AttributeError, "has no attribute 'Linear': write Layer(nin, nout)"),
    (lambda: nn.nothing, AttributeError, "module 'nn' has no attribute 'nothing'"),
]


@each(("habit", "kind", "cure"), HABITS, ids=[cure for *_, cure in HABITS])
def test_a_habit_gets_its_cure_by_name(
    habit: Callable[[], Any], kind: type[Exception], cure: str
) -> None:
    with pytest.raises(kind) as caught:
        habit()
    assert cure in str(caught.value)


def test_what_has_a_name_of_its_own_keeps_it_and_copies_and_pickles_as_before() -> None:
    class Mine(Module):
        def fit(self) -> str:
            return "fitted"

    assert Mine().fit() == "fitted"
    assert not hasattr(MODEL, "fit")
    assert AdamW(0.1, weight_decay=0.5).weight_decay == 0.5
    for twin in (copy.deepcopy(MODEL), pickle.loads(pickle.dumps(MODEL))):
        assert twin([1.0, 2.0]).data == MODEL([1.0, 2.0]).data
    assert list(inspect.signature(SGD).parameters)[:3] == ["learning_rate", "momentum", "nesterov"]


def test_an_absent_attribute_is_absent_and_a_subclass_may_have_it() -> None:
    class Mine(Value):
        pass

    mine: Any = Mine(2.0)
    assert not any(hasattr(x, name) for x in (Value, VALUE, mine) for name in ("numpy", "shape"))
    assert getattr(VALUE, "requires_grad", 7) == 7
    mine.requires_grad = True
    assert mine.requires_grad and copy.copy(mine).requires_grad
    assert pickle.loads(pickle.dumps(VALUE)).data == copy.deepcopy(VALUE).data == 1.0
    assert VALUE.detach().data == VALUE.item() == 1.0


@pytest.mark.parametrize("line", ["from nn import MLP", "import nn"])
def test_a_script_named_autograd_is_told_to_be_renamed(line: str, tmp_path: Path) -> None:
    (tmp_path / "autograd.py").write_text(line)
    house = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "autograd.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": house},
        capture_output=True,
        text=True,
    )
    assert done.stderr.rstrip().endswith(
        f"finds another at {tmp_path / 'autograd.py'}: rename that file"
    )


def test_an_activation_that_is_none_is_refused_also_where_no_hidden_layer_uses_it() -> None:
    with pytest.raises((ValueError, TypeError), match="rleu"):
        MLP(2, [3], activation="rleu")


def test_parameters_first_are_told_whatever_the_rate_is_called() -> None:
    model = MLP(2, [3])
    for options in ({"lr": 0.1}, {"learning_rate": 0.1}, {}):
        with pytest.raises(TypeError, match=r"write SGD\(0.1\), and give the parameters to"):
            SGD(model.parameters(), **options)
