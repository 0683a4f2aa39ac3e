"""Programs inside eager derivatives, where each of their results is one node."""

from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import DomainWarning, Value, grad, hessian, hvp, jacfwd, jvp, log, record, sin
from autograd.recording import node
from tests.autograd.recording.test_loops import drawn

AT = 0.3, -0.4
DERIVATIVES = {
    "grad": lambda f: grad(f, (0, 1))(*AT),
    "hessian": lambda f: hessian(f, (0, 1))(*AT),
    "hvp": lambda f: hvp(f, AT, (1.0, 2.0)),
    "jvp": lambda f: jvp(f, AT, (1.0, -2.0))[1],
    "jacfwd": lambda f: jacfwd(f)(*AT),
    "grad of grad": lambda f: grad(lambda x: grad(f)(x, x * 0.5))(0.7),
    "third": lambda f: grad(grad(grad(f)))(*AT),
}


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 40), marks=pytest.mark.full)])
def test_derivatives_of_programs_in_functions_are_those_of_what_they_recorded(
    seeds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in seeds:
        monkeypatch.setattr(node, "FROM", 1 if seed % 2 else 24)
        f = drawn(Random(seed), seed % 3)
        program = record(lambda x, y, f=f: f(x, y, 0.7), 0.5, 0.25)

        def around(of: Any) -> Any:
            return lambda x, y: sin(of(x, y)[0]) * of(y, x * x)[1] + x * y

        direct = around(lambda x, y, f=f: f(x, y, 0.7))
        for name, derivative in DERIVATIVES.items():
            ours, theirs = derivative(around(program)), derivative(direct)
            assert np.allclose(ours, theirs, rtol=1e-8, atol=1e-8), (seed, name)


def long(x: Any) -> Any:
    for _ in range(30):
        x = log(x + 1.5) * 0.9
    return x


def test_a_program_is_not_done_again_on_values(monkeypatch: pytest.MonkeyPatch) -> None:
    program, expected = record(long, 1.0), hessian(lambda x: long(x) ** 2)(0.5)
    monkeypatch.delattr(node, "called")
    assert np.isclose(hessian(lambda x: program(x) ** 2)(0.5), expected, rtol=1e-12)


def test_what_leaves_its_domain_in_a_program_inside_a_derivative_is_named() -> None:
    program = record(long, 1.0)
    with pytest.warns(DomainWarning, match="log needs x > 0, got x = -0.5"):
        grad(lambda x: program(x) ** 2)(-2.0)


def test_parameters_of_a_program_stay_linked() -> None:
    w = Value(0.5)
    program = record(lambda x: long(x) * w, 1.0)
    slope = grad(lambda x: program(x) ** 2)(0.5)
    slope.backward()
    assert np.isclose(w.grad * 0.5, 2 * slope.data)
