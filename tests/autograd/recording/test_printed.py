"""What a program prints: scalar code in which every name is one thing, and a module of NumPy that
runs alone.
"""

import ast
import math
from typing import Any

import numpy as np
import pytest

from autograd import (
    Program,
    Value,
    erf,
    gelu,
    logsumexp,
    maximum,
    operation,
    record,
    silu,
    tanh,
    where,
)
from nn import MLP
from tests.autograd.recording import ENGINES
from tests.cases import each


def ran(program: Program, suffix: str, *given: Any) -> Any:
    """The function of the printed module, in a namespace that holds nothing else."""
    words: dict[str, Any] = {}
    exec(program.source, words)
    return words[program.name + suffix](*given)


# The module


def test_the_module_defines_all_that_numpy_lacks() -> None:
    def f(x: Any, w: Any) -> Any:
        return logsumexp([x, w * 2, gelu(x) * erf(w)]) + silu(x)

    program = record(f, 1.0, 2.0, engine="numpy")
    x, w = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    values, grads = program.value_and_grad(x, w)
    ours = ran(program, "_and_grad", x[None], w[None], 1.0)
    assert ours[0][0].tolist() == values.tolist()
    assert [dx[0].tolist() for dx in ours[1:]] == [dx.tolist() for dx in grads]
    definitions = [
        node.name for node in ast.parse(program.source).body if isinstance(node, ast.FunctionDef)
    ]
    assert len(definitions) == len(set(definitions))


def test_indices_and_numbers_of_one_function_are_not_taken_by_another() -> None:
    weights = [Value(float(i)) for i in range(12)]

    def f(v: Any) -> Any:
        return sum(
            w * tanh(v[i] * v[(5 * i) % 7] + 0.1 * i)
            for i, w in zip((3, 1, 4, 0, 5, 2, 6), weights, strict=False)
        )

    program = record(f, [0.0] * 7, engine="numpy")
    x = np.random.default_rng(0).normal(size=(4, 7))
    p = np.array([[w.data] for w in program.parameters])
    assert ran(program, "", x.T, p)[0] == pytest.approx(program(x), rel=1e-15)
    _, (slopes,) = program.value_and_grad(x)
    assert ran(program, "_and_grad", x.T, p, 1.0)[1] == pytest.approx(slopes.T, rel=1e-14)
    assert ran(program, "_and_parameter_grad", x.T, p, 0.25)[1][:, 0] == pytest.approx(
        program.parameter_grad(x)[1]
    )


def test_infinite_numbers_among_others_are_spelled() -> None:
    program = record(lambda x: logsumexp([x, -math.inf, 2.0]) + maximum(x, 1.0, -math.inf), 1.0)
    assert ran(program, "", np.array([[0.5]])) == [[program(0.5)]]
    assert "[-jnp.inf]" in program.export("jax") and "[-torch.inf]" in program.export("torch")


def test_a_function_may_be_called_like_a_row_of_the_table() -> None:
    def sech(x: Any) -> Any:
        return tanh(x) ** 2 + x.sech()

    program = record(sech, 1.0, engine="numpy")
    words: dict[str, Any] = {}
    exec(program.source, words)
    assert words["sech_"](np.array([[0.5]]))[0, 0] == program(0.5)
    assert words["sech"](0.0) == 1.0


def test_the_module_says_what_it_takes_and_whether_it_is_what_runs() -> None:
    model = MLP(2, [4, 1])
    source = record(lambda row, scale: model(row) * scale, [0.0, 0.0], 1.0, engine="numpy").source
    assert source.startswith(
        "# Engine: numpy.\n# Arrays have a row a number and a column a sample:\n# row[0], row[1]\n"
        "# scale\n"
        "# p, one column: 17 parameters, w1, w2, w1, w2, w1, w2, w1, w2, b, b, b, b, w1, w2, w3, "
        "w4, b\n"
        "# seed: the grad of each value, 1.0, or 1.0 / samples for a mean.\nimport numpy as np\n"
    )
    assert (
        "# Engine: python; this is the same in NumPy.\n"
        in record(tanh, 1.0, engine="python").source
    )


def test_functions_that_are_no_text_are_named_as_left_out() -> None:
    cube = operation("cubed_here", lambda x: x**3, lambda x: 3 * x**2)
    source = record(cube, 1.0, engine="numpy").source
    assert "left out: cubed_here, dcubed_here_dx." in source
    words: dict[str, Any] = {"cubed_here": lambda x: x**3, "dcubed_here_dx": lambda x: 3 * x**2}
    exec(source, words)
    assert [y.tolist() for y in words["cubed_here_and_grad"](np.array([[2.0]]), 1.0)] == [
        [[8.0]],
        [[12.0]],
    ]


PAIRS = [
    ("n", "n_"),
    ("x1", "x1_"),
    ("c", "c_"),
    ("seed", "seed_"),
    ("p", "p_"),
    ("np", "math"),
    ("x", "dx"),
    ("dv1", "v1"),
]


@each("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("engine", ENGINES)
def test_no_two_arguments_get_one_name(pair: tuple[str, str], engine: str) -> None:
    w = Value(3.0, "w")
    f = eval(f"lambda {pair[0]}, {pair[1]}: ({pair[0]} * w - {pair[1]}) * w", {"w": w})
    program = record(f, 1.0, 2.0, engine=engine)
    assert program.value_and_grad(5.0, 7.0) == (24.0, (9.0, -3.0))
    assert scalar(program, 5.0, 7.0, w=3.0) == {"value": 24.0, "grads": [9.0, -3.0], "dw": 23.0}


# The scalar code


def scalar(program: Program, *numbers: float, w: float) -> dict[str, Any]:
    """What the printed code computes when it is read as Python: the value, and the grads of the
    arguments and of w.
    """
    text = str(program)
    names = text[text.index("(") + 1 : text.index(")")].split(", ")
    lines = [line.strip() for line in text.splitlines()[1:] if not line.startswith("#")]
    answer = next(line for line in lines if line.startswith("return ")).removeprefix("return ")
    words = {
        "w": w,
        "where": lambda c, a, b: a if c else b,
        **dict(zip(names, numbers, strict=True)),
    }
    for line in lines:
        target, _, expression = line.partition(" = ")
        if expression:
            assert target not in words, f"{target} is assigned twice"
            words[target] = eval(expression, {}, words)
    return {
        "value": words[answer],
        "grads": [words[f"d{name}"] for name in names],
        "dw": words.get("dw"),
    }


def test_where_is_printed_with_its_condition_first() -> None:
    w = Value(3.0, "w")
    program = record(lambda a, b: where(a > 0, w * a, b), 1.0, 2.0)
    assert "v3 = where(v1, v2, b)" in str(program)
    assert scalar(program, 2.0, 5.0, w=3.0) == {"value": 6.0, "grads": [3.0, 0.0], "dw": 2.0}
    assert scalar(program, -2.0, 5.0, w=3.0) == {"value": 5.0, "grads": [0.0, 1.0], "dw": 0.0}


def test_labels_that_are_no_names_or_not_their_own_are_given_others() -> None:
    labelled = [Value(2.0, label) for label in ("lambda", "dx", "v1", "w", "w", "b", "tanh")]
    program = record(lambda x: sum(p * x for p in labelled), 1.0)
    text = str(program)
    tree = ast.parse(text.partition("# the reverse")[0])
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert {"b", "p3", "p4"} <= names
    assert not {"lambda", "dx", "tanh", "w"} & names
    assert text.count("\n    v1 = ") + text.count("\n    v1_ = ") == 1


def test_the_parameters_of_a_network_are_numbered_where_its_neurons_share_their_labels() -> None:
    model = MLP(2, [2, 1])
    assert "dot([p0, p1], [x[0], x[1]], [p2])" in str(record(lambda x: model(x), [0.0, 0.0]))


def test_a_constant_has_no_reverse_pass() -> None:
    text = (
        "def f(x):\n    return 3\n# the reverse pass\n    # nothing: it does not depend on anything"
    )
    assert str(record(lambda x: 3.0, 1.0)) == text


def test_a_constant_decides_what_is_printed_of_a_partial() -> None:
    text = str(record(lambda x: x**2 + x**-1.5 + where(True, x, 0.0), 1.0))
    assert set(text.splitlines()[-1].split(" + ")[1:]) == {
        "dv2 * ((-1.5) * x**(-2.5))",
        "dv1 * (2 * x)",
    }
