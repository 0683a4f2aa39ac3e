"""The normal form: what C takes in is what Python would have."""

from random import Random
from typing import Any

import pytest

from autograd import OPS, Value, exp, record, scan, sin, total
from autograd.recording import reach, simplify
from autograd.recording.form import NormalForm
from autograd.recording.native import library
from autograd.recording.wish import Wish
from tests.random_graphs import Step, drawn, replay

native = pytest.mark.skipif(library is None, reason="the engine in C is not built")


def facts(form: NormalForm) -> list[Any]:
    """All that a form holds, with its bodies."""
    lists = form.rows, form.operands, form.constants, form.varies, form.depth, form.narrow
    more = form.wide, form.mixed, repr(form.numbers), form.outputs, [*form.parameters], form.outer
    return [*lists, *more, *map(facts, form.bodies.values())]


def function(seed: int) -> Any:
    """One that does the steps of a random graph, in a loop for every third seed."""
    rng = Random(seed)
    plan = drawn(rng, rng.choice((10, 40, 150)), [[0.3], [-0.4], [0.8]])
    used = {o for step in plan if isinstance(step, Step) for o in step.operands}
    ends = [i for i in range(3, len(plan)) if i not in used]
    weight = Value(0.5)

    def f(a: Any, b: Any, c: Any) -> Any:
        values = replay(plan, (a, b * weight, c - 0.5))[0]
        return total([values[i] for i in ends]) + weight * 2.0

    return f if seed % 3 else lambda a, b, c: scan(lambda s, e: f(s, b, e), a, [c, a * b, 0.25])


@pytest.mark.parametrize("steps", [2, 300])
def test_equal_subexpressions_before_and_after_a_loop_are_one(steps: int) -> None:
    """C keeps results by a hash of its own until Python has to take in a node."""

    def f(x: Any) -> Any:
        before = total([exp(sin(x) + k) for k in range(steps)])
        return before * scan(lambda s: s * s, x, 3) + total([exp(sin(x) + k) for k in range(steps)])

    rows = record(f, 0.5)._engines.form.rows
    assert rows.count(OPS["sin"]) == 1
    assert rows.count(OPS["exp"]) == steps


@native
def test_c_brings_a_recording_to_the_same_normal_form_as_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programs = [record(function(seed), 0.3, -0.4, 0.8) for seed in range(24)]
    forms = [simplify.simplify(program.graph) for program in programs]
    wish = Wish(inputs=(0, 2))
    reached = [(reach.graded(form), wish.leading(form)) for form in forms]
    monkeypatch.setattr(simplify, "library", None)
    monkeypatch.setattr(reach, "_back", reach._back_in_python)
    monkeypatch.setattr(reach, "_forth", reach._forth_in_python)
    for program, form, (graded, leads) in zip(programs, forms, reached, strict=True):
        expected = simplify.simplify(program.graph)
        assert facts(form) == facts(expected)
        assert reach.used_by(program.graph).count(0) < len(program.graph.rows)
        assert ([*map(bool, graded)], leads) == (
            [*map(bool, reach.graded(expected))],
            wish.leading(expected),
        )
