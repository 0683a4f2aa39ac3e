"""The gradient of the loss of a recurrent network of l layers of b cells, whose weight matrices are
diagonal, that reads c characters of b bits and foretells each next one, by its weights."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import dot, exp, log, record, scan, sigmoid, tanh, total

SIZES = [
    {"layers": 2, "c": 5, "b": 3},
    {"layers": 2, "c": 1024, "b": 14},
    {"layers": 2, "c": 4096, "b": 14},
]


def cell(w: Any, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """One cell: w has the weights of its four gates and then their biases."""
    forget, admit = sigmoid(x * w[0] + w[4]), sigmoid(h * w[1] + w[5])
    put_out, change = sigmoid(x * w[2] + w[6]), tanh(h * w[3] + w[7])
    c = c * forget + admit * change
    return put_out * tanh(c), c


def foretold(main: Any, extra: Any, state: Any, character: Any) -> tuple[Any, list[Any]]:
    """The state after a character, and the logarithms of what each bit of the next one is."""
    signals, after = [x * w for x, w in zip(character, extra[0], strict=True)], []
    for layer, (hidden, inner) in zip(main, state, strict=True):
        gates = zip(*layer, strict=True)
        pairs = [cell(*args) for args in zip(gates, signals, hidden, inner, strict=True)]
        signals, inner = map(list, zip(*pairs, strict=True))
        after.append([signals, inner])
    guesses = [s * w + v for s, w, v in zip(signals, extra[1], extra[2], strict=True)]
    scale = log(total([exp(g) for g in guesses]) + 2)
    return after, [g - scale for g in guesses]


def loss(main: Any, extra: Any, state: Any, text: Any) -> Any:
    """main: l layers of 8 x b; extra: 3 x b; state: l layers of 2 x b; text: c x b."""

    def read(held: Any, pair: Any) -> Any:
        state, so_far = held
        state, logs = foretold(main, extra, state, pair[0])
        return state, so_far + dot(pair[1], logs)

    pairs, start = list(pairwise(text)), [[list(h), list(c)] for h, c in state]
    return -scan(read, (start, 0.0), pairs)[1] / (len(pairs) * len(text[0]))


def data(layers: int, c: int, b: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "main": rng.random((layers, 8, b)),
        "extra": rng.random((3, b)),
        "state": rng.random((layers, 2, b)),
        "text": rng.integers(0, 2, (c, b)).astype(float),
    }


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    """Of all weights in one list."""
    main, extra, *rest = (data[name] for name in ("main", "extra", "state", "text"))
    weights = np.concatenate([main.ravel(), extra.ravel()])

    def of_weights(weights: Any, *rest: Any) -> Any:
        own, more = weights[: main.size], weights[main.size :]
        return loss(own.reshape(main.shape), more.reshape(extra.shape), *rest)

    program = record(of_weights, weights, *rest)
    return lambda: program.value_and_grad(weights, *rest, argnums=0)[1]
