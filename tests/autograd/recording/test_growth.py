"""What a recording takes grows with its work: how often something is done is counted here, and no
clock is read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import record, sin, tanh, total, while_loop
from autograd.recording import blocks, interpret, tangents
from autograd.recording.graph import Loop
from autograd.recording.native import interpreter
from autograd.recording.tangents import derivatives, tangent
from tests.autograd.recording import NATIVE

ENGINES = {"python": interpret, "native": interpreter}


def counted(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one whenever a function of a module is called."""
    calls, f = list[int](), getattr(module, name)

    def counting(*args: Any) -> Any:
        calls.append(1)
        return f(*args)

    monkeypatch.setattr(module, name, counting)
    return calls


@pytest.mark.parametrize("engine", ["python", pytest.param("native", marks=NATIVE)])
def test_the_way_back_of_a_function_is_found_once_however_often_it_is_called(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def longer(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def g(x: Any) -> Any:
            x = f(f(x))
            for _ in range(25):
                x = sin(x) + 0.1
            return x

        return record(g, 1.0)

    f: Callable[[Any], Any] = sin
    for _ in range(6):
        f = longer(f)
    program = record(lambda x: f(x) * x, 1.0, engine=engine)
    ways = counted(ENGINES[engine], "leading_in", monkeypatch)
    program.value_and_grad(0.5)
    assert len(ways) == 6  # of bodies, the innermost of which is called 32 times


def test_a_jacobian_of_sums_has_a_node_for_each_slope_and_none_for_its_products() -> None:
    def size(n: int) -> int:
        w = np.random.default_rng(0).normal(size=(n, n)) / n

        def f(x: Any) -> Any:  # n**2 products a step, and n**3 of slopes
            return while_loop(lambda s: s[0] < 10, lambda s: tanh(w @ s) + s + 1, x)

        made, _ = derivatives(record(f, np.zeros(n)).graph, range(n))
        (loop,) = [row for row in made.rows if isinstance(row, Loop)]
        return len(loop.body.rows)

    assert size(16) < 5 * size(8)


def test_calls_of_one_function_share_what_takes_their_slopes_along() -> None:
    @record
    def step(x: Any, w: Any) -> Any:
        for _ in range(25):
            x = sin(x) * w
        return x

    def f(v: Any) -> Any:
        return [step(x, v[0]) for x in v]

    made, _ = derivatives(record(f, np.ones(20)).graph, range(20))
    bodies = {id(row.body) for row in made.rows if isinstance(row, Loop)}
    assert len(bodies) == 2  # of the first, both of whose numbers are one, and of the others
    made = record(lambda v: total(f(v)), np.ones(20))
    slope = tangent(made.graph, range(20))
    assert len({id(row.body) for row in slope.rows if isinstance(row, Loop)}) == 1


def test_a_jacobian_of_a_long_sum_is_made_in_the_time_of_its_terms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def terms(n: int) -> int:
        added = counted(tangents, "products_of", monkeypatch)
        derivatives(record(lambda v: [sum(v[1:], v[0])] * n, np.ones(n)).graph, range(n))
        return len(added)

    assert terms(40) < 3 * terms(20) + 20


def test_a_jacobian_of_numbers_in_a_list_is_not_put_together_number_by_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = record(lambda v: [sin(x) for x in v], [0.5] * 30)
    parts = counted(blocks, "summed", monkeypatch)
    assert program.jacobian([0.0] * 30)[0][3] == [0.0] * 3 + [1.0] + [0.0] * 26
    assert len(parts) <= 30
