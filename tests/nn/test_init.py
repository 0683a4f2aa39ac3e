"""What nn.init promises: bounds by the formula, names for them, and neurons that stay twins if they
begin as twins.
"""

from collections.abc import Callable
from math import sqrt
from random import Random
from statistics import pvariance
from typing import Any

import pytest

from nn import MLP, SGD, constant, moons, train


def weights_of(model: MLP) -> list[list[float]]:
    """The weights of each layer."""
    return [[w.data for neuron in layer.neurons for w in neuron.w] for layer in model.layers]


@pytest.mark.parametrize(
    ("init", "bound"),
    [
        ("small", lambda nin, nout: 0.05),
        ("xavier", lambda nin, nout: sqrt(6 / (nin + nout))),
        ("glorot", lambda nin, nout: sqrt(6 / (nin + nout))),
        ("he", lambda nin, nout: sqrt(6 / nin)),
    ],
)
def test_weights_fill_the_interval_of_the_formula_in_every_layer(
    init: str, bound: Callable[[int, int], float]
) -> None:
    sizes = [(60, 40), (40, 50)]
    model = MLP(60, [40, 50], init=init, seed=0)
    for (nin, nout), drawn in zip(sizes, weights_of(model), strict=True):
        wanted = bound(nin, nout)
        assert 0.99 * wanted < max(map(abs, drawn)) <= wanted
        assert pvariance(drawn, 0.0) == pytest.approx(
            wanted**2 / 3, rel=0.1
        )  # of a uniform variable


def test_he_keeps_the_size_of_what_relu_passes_on_and_small_lets_it_fade() -> None:
    rng = Random(0)
    x = [rng.gauss(0, 1) for _ in range(64)]

    def size(init: str) -> float:
        return sqrt(sum(y.data**2 for y in MLP(64, [64] * 6, init=init, seed=1)(x)) / 64)

    assert 0.3 < size("he") < 3
    assert size("small") < 1e-3


def test_zeros_ones_and_a_constant_are_what_they_say() -> None:
    assert weights_of(MLP(2, [2, 1], init="zeros")) == [[0.0] * 4, [0.0] * 2]
    assert weights_of(MLP(2, [2, 1], init="ones")) == [[1.0] * 4, [1.0] * 2]
    assert weights_of(MLP(2, [2, 1], init=constant(0.25))) == [[0.25] * 4, [0.25] * 2]


@pytest.mark.parametrize("init", ["zeros", constant(0.5)], ids=["zeros", "constant"])
def test_neurons_that_begin_alike_stay_alike_and_zeros_never_move(init: Any) -> None:
    model = MLP(2, [3, 1], activation="tanh", init=init)
    train(model, moons(40), optimizer=SGD(0.5), epochs=5, validation=None)
    hidden = [[p.data for p in (*neuron.w, neuron.b)] for neuron in model.layers[0].neurons]
    assert hidden[0] == hidden[1] == hidden[2]
    assert (hidden[0] == [0.0, 0.0, 0.0]) == (init == "zeros")


def test_a_function_of_your_own_gets_the_sizes_and_the_generator() -> None:
    seen = []

    def mine(nin: int, nout: int, rng: Random) -> list[float]:
        seen.append((nin, nout))
        return [rng.random() for _ in range(nin)]

    model, again = MLP(3, [2, 1], init=mine, seed=4), MLP(3, [2, 1], init=mine, seed=4)
    assert seen[:3] == [(3, 2), (3, 2), (2, 1)]
    assert weights_of(model) == weights_of(again)


def test_without_init_the_weights_are_those_of_always() -> None:
    assert weights_of(MLP(3, [2, 1], seed=0)) == weights_of(MLP(3, [2, 1], seed=0, init=None))
