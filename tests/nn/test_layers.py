"""What nn.layers and nn.init promise: outputs by the formula, honest shapes, weights that fit their
fan-in.
"""

import operator
import pickle
import random
from math import inf, sqrt, tanh
from random import Random
from statistics import fmean

import numpy as np
import pytest

import autograd
from autograd import Value, operation
from nn import ACTIVATIONS, MLP, SGD, Layer, Neuron
from nn.activations import BOUNDED, GAINS, RANGES
from nn.init import initial_weights
from tests.cases import each


def weights(model: MLP | Layer | Neuron) -> list[float]:
    return [p.data for name, p in model.named_parameters() if not name.endswith("b")]


def biases(model: MLP | Layer | Neuron) -> list[float]:
    return [p.data for name, p in model.named_parameters() if name.endswith("b")]


# Outputs


@each("activation", ACTIVATIONS)
def test_a_neuron_is_its_activation_of_the_weighted_sum(activation: str) -> None:
    neuron = Neuron(3, activation, Random(1))
    neuron.b.data = 0.25
    x = [0.5, -2.0, 1.5]
    z = sum(w.data * xi for w, xi in zip(neuron.w, x, strict=True)) + 0.25
    wanted = z if activation == "linear" else getattr(autograd, activation)(z)
    assert neuron(x).data == pytest.approx(wanted, rel=1e-15)


def test_a_layer_returns_a_list_even_of_one() -> None:
    for nout in (1, 3):
        outputs = Layer(2, nout)([1.0, -1.0])
        assert type(outputs) is list
        assert len(outputs) == nout
        assert all(isinstance(y, Value) for y in outputs)


def test_an_mlp_of_one_output_returns_that_value_and_of_several_a_list() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, -1.0]), Value)
    outputs = MLP(2, [3, 2])([1.0, -1.0])
    assert type(outputs) is list
    assert len(outputs) == 2


def test_the_last_layer_has_the_output_activation_and_the_others_the_other() -> None:
    model = MLP(2, [3, 4, 1], activation="tanh", output="sigmoid")
    assert [layer.neurons[-1].activation for layer in model.layers] == ["tanh", "tanh", "sigmoid"]
    assert 0 < model([5.0, -3.0]).data < 1
    assert [layer.neurons[0].activation for layer in MLP(2, [3, 1]).layers] == ["relu", "linear"]


def test_an_mlp_is_its_layers_one_after_the_other() -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=4)
    x = [0.7, -0.3]
    hidden = [
        tanh(n.w[0].data * x[0] + n.w[1].data * x[1] + n.b.data) for n in model.layers[0].neurons
    ]
    last = model.layers[1].neurons[0]
    assert model(x).data == pytest.approx(
        sum(w.data * h for w, h in zip(last.w, hidden, strict=True)), rel=1e-14
    )


def test_inputs_may_be_values_tuples_and_arrays() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    wanted = model([1.0, -2.0]).data
    x = [Value(1.0), Value(-2.0)]
    y = model(x)
    y.backward()
    assert y.data == wanted
    assert all(v.grad for v in x)
    assert model((1, -2)).data == wanted
    assert model(np.array([1.0, -2.0])).data == wanted


def test_all_neurons_of_a_layer_share_one_bundle_of_inputs() -> None:
    outputs = Layer(2, 3, "linear")([1.0, -1.0])
    assert len({id(y.bundles[1]) for y in outputs}) == 1


def test_a_gradient_reaches_every_parameter() -> None:
    model = MLP(3, [4, 4, 2], activation="tanh", seed=0)
    autograd.total(model([2.0, 3.0, -1.0])).backward()
    assert all(p.reached for p in model.parameters())
    assert sum(p.grad != 0 for p in model.parameters()) == len(model.parameters())


# Initial weights


@each("activation", ACTIVATIONS)
@each("nin", [2, 50, 1000])
def test_the_variance_of_weights_is_gain_squared_over_fan_in(activation: str, nin: int) -> None:
    gain = sqrt(2) if activation in GAINS else 1.0
    drawn = [
        w for seed in range(4_000 // nin) for w in weights(Neuron(nin, activation, Random(seed)))
    ]
    # A uniform variable's sample variance of n has the relative deviation sqrt(0.8 / n): these are
    # 5 of them.
    variance = fmean(w * w for w in drawn)
    assert variance * nin == pytest.approx(gain**2, rel=5 * sqrt(0.8 / len(drawn)))
    assert abs(fmean(drawn)) < 5 * gain / sqrt(nin * len(drawn))
    assert max(map(abs, drawn)) <= gain * sqrt(3 / nin)


def test_the_gain_of_relu_and_its_kin_is_root_two() -> None:
    assert {
        name: GAINS.get(name, 1.0) ** 2 for name in ("relu", "gelu", "tanh", "sigmoid", "linear")
    } == pytest.approx({"relu": 2.0, "gelu": 2.0, "tanh": 1.0, "sigmoid": 1.0, "linear": 1.0})


def test_a_signal_keeps_its_size_through_many_layers() -> None:
    rng = Random(0)
    deep = MLP(32, [32] * 8, activation="relu", output="linear", seed=3)
    x = [rng.gauss(0, 1) for _ in range(32)]
    with autograd.no_grad():
        size = sqrt(fmean(y.data**2 for y in deep(x)))
    assert 0.2 < size < 5


def test_a_draw_stays_in_its_bounds_and_follows_its_generator() -> None:
    drawn = initial_weights(None, "relu", 1000, 1, Random(7))
    assert drawn == initial_weights(None, "relu", 1000, 1, Random(7))
    assert max(map(abs, drawn)) <= sqrt(2) * sqrt(3 / 1000)


def test_biases_begin_at_zero() -> None:
    assert biases(MLP(3, [4, 4, 2], seed=1)) == [0.0] * 10


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    first, again, other = (weights(MLP(3, [4, 2], seed=seed)) for seed in (5, 5, 6))
    assert first == again
    assert not set(first) & set(other)


def test_without_a_seed_every_model_is_new() -> None:
    assert weights(MLP(3, [4, 2])) != weights(MLP(3, [4, 2]))
    assert weights(Layer(3, 2)) != weights(Layer(3, 2))
    assert weights(Neuron(3)) != weights(Neuron(3))


def test_the_global_generators_are_neither_read_nor_moved() -> None:
    random.seed(1)
    np.random.seed(1)
    before, before_of_numpy = random.getstate(), np.random.get_state()[1].tolist()
    first = weights(MLP(3, [4, 2], seed=5))
    MLP(3, [4, 2])
    assert random.getstate() == before
    assert np.random.get_state()[1].tolist() == before_of_numpy
    random.seed(2)
    assert weights(MLP(3, [4, 2], seed=5)) == first


# Words


def test_modules_write_themselves_as_they_are_made() -> None:
    assert repr(Neuron(2, "tanh")) == "Neuron(2, 'tanh')"
    assert repr(Layer(2, 3)) == "Layer(2, 3, 'relu')"
    wanted = "MLP(3, [4, 1], activation='relu', output='linear'): 21 parameters"
    assert repr(MLP(3, [4, 1])) == wanted


def test_an_input_that_is_no_number_is_refused_in_the_engine_s_words() -> None:
    with pytest.raises(TypeError) as caught:
        MLP(2, [1])([1.0, "2"])
    assert (
        str(caught.value)
        == "arithmetic with a Value needs numbers, got the str '2': write float('2')"
    )


@each("activation", ACTIVATIONS)
def test_a_model_and_its_optimizer_survive_pickling_together(activation: str) -> None:
    model = MLP(2, [3, 1], activation=activation, seed=0)
    optimizer = SGD(0.1, momentum=0.9)
    model([1.0, -2.0]).backward()
    optimizer.step(model.parameters())
    twin, other = pickle.loads(pickle.dumps((model, optimizer)))
    assert twin([0.5, 0.25]).data == model([0.5, 0.25]).data
    for m, o in ((model, optimizer), (twin, other)):
        m.zero_grad()
        m([1.0, 1.0]).backward()
        o.step(m.parameters())
    assert [p.data for p in twin.parameters()] == [p.data for p in model.parameters()]


def test_an_activation_may_be_an_operation_of_ones_own() -> None:
    model = MLP(
        2, [3, 1], activation=operation("cube", "x**3", "3 * x**2"), output=autograd.tanh, seed=0
    )
    assert repr(model) == "MLP(2, [3, 1], activation=cube, output=tanh): 13 parameters"
    model([1.0, 2.0]).backward()
    assert all(p.reached for p in model.parameters())


def test_micrograds_way_of_joining_weights_and_bias_works() -> None:
    n = Neuron(2)
    assert operator.add(n.w, [n.b]) == [*n.w, n.b]


def test_ranges_of_activations_follow_from_their_rows() -> None:
    assert BOUNDED == {"tanh": (-1, 1), "softsign": (-1, 1), "sigmoid": (0, 1)}
    assert BOUNDED | {"relu": (0, inf), "softplus": (0, inf), "elu": (-1, inf)} == RANGES
