"""Models of PyTorch's as ours: the same numbers, the same gradients.

With PyTorch itself these run where it is installed: pip install torch, then
python -m pytest -m full tests/nn/io/test_from_torch.py
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd import draw
from nn import MLP, from_torch, load, save
from tests.cases import each


class Linear:
    """What from_torch reads of torch.nn.Linear."""

    def __init__(self, rows: list[list[float]], bias: list[float] | None) -> None:
        self.weight = np.array(rows)
        self.out_features, self.in_features = self.weight.shape
        self.bias = None if bias is None else np.array(bias)


class Sequential(list[Any]):
    pass


def layer(name: str, **facts: Any) -> Any:
    return type(name, (SimpleNamespace,), {})(**facts)


def test_a_network_computes_what_it_computed_there() -> None:
    first = Linear([[0.5, -1.0], [2.0, 0.25]], [0.125, -0.5])
    second = Linear([[1.0, -3.0]], None)
    model = from_torch(Sequential([first, layer("Tanh"), Sequential([second])]))
    hidden = np.tanh(first.weight @ [0.3, 0.7] + first.bias)
    assert model([0.3, 0.7]).data == pytest.approx(float(second.weight[0] @ hidden), rel=1e-15)
    assert [name for name, _ in model.named_parameters()] == [
        *(f"layers.0.neurons.{i}.{name}" for i in (0, 1) for name in ("w.0", "w.1", "b")),
        *("layers.1.neurons.0.w.0", "layers.1.neurons.0.w.1"),
    ]


def test_constants_of_activations_come_along(tmp_path: Any) -> None:
    slopes = [layer("LeakyReLU", negative_slope=0.2), layer("ELU", alpha=0.5), layer("ReLU")]
    outputs = [from_torch(Sequential([Linear([[1.0]], [0.0]), a]))([-1.0]).data for a in slopes]
    assert outputs == [-0.2, 0.5 * np.expm1(-1.0), 0.0]
    usual = from_torch(
        Sequential([Linear([[1.0]], [0.0]), layer("LeakyReLU", negative_slope=0.01)])
    )
    assert usual.layers[0].neurons[0].activation == "leaky_relu"
    save(usual, tmp_path / "model.json")
    assert load(tmp_path / "model.json")([-3.0]).data == usual([-3.0]).data


def test_dropout_after_each_hidden_layer_is_that_of_the_network() -> None:
    drop, relu = layer("Dropout", p=0.25), layer("ReLU")
    model = from_torch(Sequential([Linear([[1.0]], [0.0]), relu, drop, Linear([[2.0]], [1.0])]))
    assert isinstance(model, MLP) and model.dropout is not None and model.dropout.rate == 0.25
    assert draw(model([1.0]))


ONE = Linear([[1.0]], [0.0])
REFUSED = [
    ("net", "needs a torch.nn.Sequential or Linear, got str"),
    (Sequential(), "at least one Linear layer"),
    (Sequential([layer("ReLU"), ONE]), "after a Linear layer, and before its Dropout, got ReLU at"),
    (
        Sequential([ONE, layer("Softmax")]),
        r"got Softmax at module\[1\]: leave it out, cross_entropy",
    ),
    (Sequential([ONE, layer("GELU", approximate="tanh")]), "approximate='none', got 'tanh'"),
    (
        Sequential([ONE, Linear([[1.0, 2.0]], [0.0])]),
        "1 inputs after as many outputs, got a Linear",
    ),
    (Sequential([ONE, ONE, layer("Dropout", p=0.5)]), "same Dropout after each hidden layer"),
]


@each(("module", "sentence"), REFUSED)
def test_what_no_mlp_computes_is_refused_by_name(module: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        from_torch(module)


@pytest.mark.full
def test_values_and_gradients_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    t, rng = torch.nn, torch.manual_seed(3)
    kinds = [t.ReLU(), t.LeakyReLU(0.2), t.ELU(0.7), t.GELU(), t.SiLU(), t.Sigmoid(), t.Softplus()]
    for kind in [*kinds, t.Softsign(), t.Tanh(), t.LogSigmoid()]:
        net = t.Sequential(t.Linear(3, 4), kind, t.Linear(4, 2, bias=False)).double()
        x = torch.randn(3, generator=rng, dtype=torch.float64)
        (theirs := net(x)).prod().backward()
        model = from_torch(net)
        ours = model(x.tolist())
        (ours[0] * ours[1]).backward()
        assert [y.data for y in ours] == pytest.approx(theirs.tolist(), rel=1e-12, abs=1e-15)
        grads = [g for p in net.parameters() for g in p.grad.ravel().tolist()]
        mine = [w.grad for n in model.layers[0].neurons for w in n.w]
        mine += [n.b.grad for n in model.layers[0].neurons]
        mine += [w.grad for n in model.layers[1].neurons for w in n.w]
        assert mine == pytest.approx(grads, rel=1e-11, abs=1e-14)
