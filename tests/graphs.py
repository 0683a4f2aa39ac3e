"""Random graphs for the tests that hold for every graph: drawn by hypothesis as a program of a few
operations.
"""

import struct
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from autograd import (
    Value,
    bundle,
    dot,
    logsumexp,
    maximum,
    mean,
    relu,
    tanh,
    topological,
    total,
    where,
)

# Each makes a result from three values that are there already.
MAKERS: list[Callable[[Value, Value, Value], Value]] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a - b,
    lambda a, b, c: a * b,
    lambda a, b, c: a * 0.5 + 1,
    lambda a, b, c: a / (b * b + 1),
    lambda a, b, c: a * a,
    lambda a, b, c: -a,
    lambda a, b, c: tanh(a),
    lambda a, b, c: relu(a),
    lambda a, b, c: a**2,
    lambda a, b, c: maximum(a, b),
    lambda a, b, c: where(a > b, a, c),
    lambda a, b, c: total([a, b, a, c]),
    lambda a, b, c: mean([a, b, c]),
    lambda a, b, c: logsumexp([tanh(a), tanh(b)]),
    lambda a, b, c: dot([a, b], [c, a], c),
    lambda a, b, c: dot([a, b, 0.5], [b, 1.0, c]),
    lambda a, b, c: _shared(a, b, c),
]


def _shared(a: Value, b: Value, c: Value) -> Value:
    """Two inner products of one bundle, as the neurons of a layer have it."""
    inputs = bundle([a, b])
    return dot(inputs, [b, c], a) - tanh(dot(inputs, inputs))


Program = tuple[list[float], list[tuple[int, int, int, int]]]

programs = st.tuples(
    st.lists(st.floats(-2, 2), min_size=1, max_size=4),
    st.lists(
        st.tuples(
            st.integers(0, len(MAKERS) - 1),
            st.integers(0, 99),
            st.integers(0, 99),
            st.integers(0, 99),
        ),
        min_size=1,
        max_size=12,
    ),
)


def built(program: Program) -> tuple[Value, list[Value]]:
    """The output of a program, and its inputs. Built twice, it gives two graphs of the same shape
    and numbers.
    """
    numbers, lines = program
    inputs = [Value(x, f"x{i}") for i, x in enumerate(numbers)]
    values: list[Value] = list(inputs)
    for maker, *places in lines:
        # The newest values are likely, so that graphs become deep.
        values.append(
            MAKERS[maker](*(values[-1 - place % min(len(values), 4)] for place in places))
        )
    return values[-1], inputs


def bits(numbers: Sequence[float]) -> list[bytes]:
    """Floats to the bit: -0.0 is not 0.0, and nan is itself."""
    return [struct.pack("<d", x) for x in numbers]


def grads(output: Value) -> list[bytes]:
    """The grads of a whole graph, to the bit."""
    return bits([v.grad for v in topological(output)])
