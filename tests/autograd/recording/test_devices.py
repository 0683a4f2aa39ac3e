"""Programs on the devices of JAX: the numbers that they have here, and what is refused."""

from typing import Any

import numpy as np
import pytest

from autograd import Value, batch_mean, record, scan, tanh, while_loop
from autograd.recording import devices

full = pytest.mark.full


def test_a_program_goes_to_another_engine_with_its_parameters() -> None:
    w = Value(2.0)
    program = record(lambda x: w * x, 1.0)
    other = program.on("python")
    assert other.engine == "python" and other.parameters == program.parameters
    w.data = 3.0
    assert other([1.0, 2.0]).tolist() == [3.0, 6.0]
    with pytest.raises(ValueError, match="engine needs to be one of auto, native, numpy, python"):
        program.on("tensorflow")


def test_without_jax_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"needs JAX, .*: pip install 'glassgrad\[export\]'"):
        record(lambda x: x * x, 1.0).on("jax")


def cases() -> dict[str, tuple[Any, ...]]:
    """A function, an example, shared arguments and a batch for each."""
    w, b, draw = Value(-1.2), Value(0.3), np.random.default_rng(0)
    rows = draw.normal(size=(13, 2))
    return {
        "parameters": (lambda x: tanh(w * x[0] + b) - x[1] ** 2, [rows[0]], (), [rows]),
        "shared": (lambda t, x: (t @ x) ** 2, [rows[0], rows[0]], ("t",), [rows[1], rows]),
        "in pieces": (
            lambda x, y: x * y[0] + w * y[1] ** 2,
            [0.0, [0.0, 0.0]],
            (),
            [rows[:, 0], [2.0, rows[:, 1]]],
        ),
        "loops": (
            lambda x: scan(lambda s: while_loop(lambda t: t < 2, lambda t: t + w * w, s) - b, x, 3),
            [0.0],
            (),
            [rows[:, 0]],
        ),
        "an empty argument": (
            lambda none, x: [*none, w * x][0],
            [np.zeros(0), 0.0],
            (),
            [rows[:, :0], rows[:, 0]],
        ),
        "without arguments of its own": (lambda x: w * b, [0.0], (), [rows[:, 0]]),
    }


@full
@pytest.mark.parametrize("name", cases())
def test_values_gradients_and_hessians_on_devices_are_those_here(name: str) -> None:
    f, example, shared, batch = cases()[name]
    here = record(f, *example, shared=shared)
    there = here.on("jax")
    assert there.engine.startswith("jax on ")
    same(there(*batch), here(*batch))
    same(there.value_and_grad(*batch), here.value_and_grad(*batch))
    for reduce in ("mean", "sum") if here.parameters else ():
        same(
            there.parameter_grad(*batch, reduce=reduce), here.parameter_grad(*batch, reduce=reduce)
        )
    same(there.hessian(*batch, argnums=0), here.hessian(*batch, argnums=0))


def same(there: Any, here: Any) -> None:
    if isinstance(here, (tuple, list)):
        assert len(there) == len(here)
        for each in zip(there, here, strict=True):
            same(*each)
    else:
        assert np.shape(there) == np.shape(here)
        np.testing.assert_allclose(there, here, rtol=1e-12, atol=1e-13)


@full
def test_batches_longer_than_a_block_and_numbers_of_the_whole_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "MOST", 12)
    w, x = Value(0.5), np.arange(1.0, 12.0)
    program = record(lambda x: tanh(w * x) ** 2, 1.0)
    assert program.on("jax")._engines.built("jax").block < len(x)
    same(program.on("jax").parameter_grad(x), program.parameter_grad(x))
    same(program.on("jax").value_and_grad(x), program.value_and_grad(x))
    across = record(lambda x: (x - batch_mean(x)) ** 2, 1.0)
    same(across.on("jax").value_and_grad(x), across.value_and_grad(x))


@full
def test_where_a_number_became_infinite_the_operation_is_named() -> None:
    from autograd import DomainError, log, strict

    program = record(lambda x: log(x), 1.0).on("jax")
    with strict(), pytest.raises(DomainError, match="log needs x > 0, got x = -1"):
        program([1.0, -1.0])
