"""What walk promises: the steps of backward, one at a time and both ways, without a bit of
difference.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    OPS,
    Bundle,
    GraphError,
    Op,
    Value,
    blocked,
    bundle,
    dot,
    draw,
    exp,
    log,
    no_grad,
    operation,
    relu,
    tanh,
    topological,
    total,
    trace_nonfinite,
    walk,
    why,
)
from autograd.engine.formula import EDGE, result_formula
from autograd.engine.value import RECORD
from tests.cases import each
from tests.random_graphs import Program, bits, built, grads, programs

PRIOR = st.sampled_from([None, 0.0, -0.0, 1.5, -3.25])
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(0, 3)),
        st.tuples(st.just("back"), st.integers(0, 3)),
        st.tuples(st.just("at"), st.integers(0, 200)),
        st.tuples(st.sampled_from(["next", "restart", "finish", "until"]), st.integers(0, 99)),
    ),
    max_size=12,
)


def neuron() -> tuple[Value, Value, Value, Value]:
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    return tanh(w * x + b), w, x, b


def prepared(program: Program, prior: float | None) -> Value:
    """A graph whose leaves have grads from before, unless prior is None."""
    output, inputs = built(program)
    if prior is not None:
        for x in inputs:
            x.grad = prior
    return output


# The same pass as backward


@given(programs(20), PRIOR, st.sampled_from([1.0, -2.5, 0.0, -0.0]))
def test_a_finished_walk_leaves_the_grads_of_backward(
    program: Program, prior: float | None, seed: float
) -> None:
    walked, passed = prepared(program, prior), prepared(program, prior)
    walk(walked, seed).finish()
    passed.backward(seed)
    assert grads(walked) == grads(passed)
    assert [v.reached for v in topological(walked)] == [v.reached for v in topological(passed)]


@given(programs(20))
def test_a_walk_after_a_pass_is_a_second_pass(program: Program) -> None:
    walked, passed = built(program)[0], built(program)[0]
    walked.backward()
    walk(walked).finish()
    passed.backward()
    passed.backward()
    assert grads(walked) == grads(passed)


@given(programs(20))
def test_the_steps_are_the_contributions_in_the_order_of_the_reverse_pass(program: Program) -> None:
    output, _ = built(program)
    expected = [
        (result, operand, partial)
        for result in reversed(topological(output))
        for operand, partial in zip(result.operands, result.partials, strict=True)
    ]
    steps = list(walk(output))
    assert [(s.result, s.operand, s.partial) for s in steps] == expected
    assert [s.number for s in steps] == list(range(1, len(expected) + 1))
    for s in steps:
        assert bits([s.contribution, s.grad]) == bits(
            [s.partial * s.result_grad, s.before + s.contribution]
        )


@given(programs(20))
def test_no_grad_is_passed_on_before_it_is_complete(program: Program) -> None:
    output, _ = built(program)
    passed_on: set[Value] = set()
    for step in walk(output):
        assert step.operand not in passed_on
        passed_on.add(step.result)


@pytest.mark.parametrize(
    "maker", [lambda x: total([x]), lambda x: x * 1.0, lambda x: dot([x], [1.0], x)]
)
def test_a_leaf_of_minus_zero_stays_what_backward_makes_of_it(
    maker: Callable[[Value], Value],
) -> None:
    walked, passed = Value(1.0), Value(1.0)
    walked.grad = passed.grad = -0.0
    walk(maker(walked), -0.0).finish()
    maker(passed).backward(-0.0)
    assert bits([walked.grad]) == bits([passed.grad])


def test_a_walk_of_a_leaf_has_no_steps_and_adds_the_seed() -> None:
    x = Value(3.0, "x")
    x.grad = 2.0
    t = walk(x)
    assert (len(t), t.done, x.grad, repr(t)) == (
        0,
        True,
        3.0,
        "step 0 of 0, the end: x.grad += 1, the seed\n  left by earlier passes: x.grad = 2; "
        "this pass adds to it, zero_grad() before a walk clears it",
    )


def test_a_result_of_no_grad_cannot_be_walked() -> None:
    with no_grad():
        y = Value(2.0) * 3
    with pytest.raises(
        GraphError, match=r"^multiply recorded nothing under no_grad: compute it outside to walk"
    ):
        walk(y)


def test_an_operation_of_the_users_own_is_walked_too() -> None:
    cube = operation("cube", lambda x: x * x * x, lambda x: 3 * x * x)
    x = Value(2.0, "x")
    assert (
        repr(walk(cube(x)).step().where())
        == "x.grad += dcube_dx(x) * cube.grad = 12 * 1 = 12, now 12"
    )


# Both ways


@given(programs(20), PRIOR, st.data())
def test_any_steps_and_as_many_back_leave_the_same_bits(
    program: Program, prior: float | None, data: Any
) -> None:
    output = prepared(program, prior)
    t = walk(output)
    t.step(data.draw(st.integers(0, len(t))))
    place, before = t.number, grads(output)
    reached = [v.reached for v in topological(output)]
    k = data.draw(st.integers(0, len(t) - place))
    t.step(k).back(k)
    assert (t.number, grads(output)) == (place, before)
    assert [v.reached for v in topological(output)] == reached


@given(programs(20), PRIOR, MOVES)
def test_where_a_walk_is_depends_on_the_place_and_not_on_the_way(
    program: Program, prior: float | None, moves: list[tuple[str, int]]
) -> None:
    output, straight = prepared(program, prior), prepared(program, prior)
    output.label = straight.label = "y"
    t = walk(output)
    values = topological(output)
    for move, k in moves:
        if move in ("step", "back"):
            getattr(t, move)(k)
        elif move == "at":
            t.at(k % (len(t) + 1))
        elif move == "until":
            value = values[k % len(values)]
            try:
                t.until(value)
            except ValueError as refused:
                assert "is complete from step" in str(refused)
        else:
            getattr(t, move)()
    assert repr(walk(straight).at(t.number)) == repr(t)
    assert grads(straight) == grads(output)
    t.finish()
    passed = prepared(program, prior)
    passed.backward()
    assert grads(output) == grads(passed)


@given(programs(20), PRIOR)
def test_restart_begins_from_the_grads_of_the_start(program: Program, prior: float | None) -> None:
    output = prepared(program, prior)
    t = walk(output)
    before = grads(output)
    t.finish().restart()
    assert (grads(output), t.number) == (before, 0)


@given(programs(20), PRIOR)
def test_before_the_first_step_leaves_have_what_they_had(
    program: Program, prior: float | None
) -> None:
    output, inputs = built(program)
    for x in inputs:
        x.grad = 0.0 if prior is None else prior
    walk(output)
    if output not in inputs:
        assert [x.grad for x in inputs] == [prior or 0.0] * len(inputs)


def test_before_its_first_contribution_a_value_has_no_grad_to_show() -> None:
    y, w, *_ = neuron()
    y.backward()
    y.zero_grad()
    walk(y)
    assert [v.reached for v in topological(y)] == [False] * 5 + [True]
    assert repr(w) == "w = -1.2"


# Movements


def test_next_finishes_the_operation() -> None:
    y, *_ = neuron()
    t = walk(y)
    assert [t.next().number, t.next().number, t.next().number, t.done] == [1, 3, 5, True]
    t.at(2)
    assert t.next().number == 3
    assert t.finish().next().number == 5


def test_until_stops_where_the_value_is_complete() -> None:
    x = Value(3.0, "x")
    t = walk(x * x + x)
    assert t.until("x").done
    assert t.restart().until("mul").number == 1
    with pytest.raises(ValueError, match=r"^mul is complete from step 1, which is this one$"):
        t.until("mul")
    with pytest.raises(ValueError, match=r"step 1, and this is step 2: go there with at\(1\)$"):
        t.step().until("mul")


@given(programs(20), st.data())
def test_until_reached_stops_at_the_first_change_and_until_at_the_last(
    program: Program, data: Any
) -> None:
    output, _ = built(program)
    value = data.draw(st.sampled_from(topological(output)))
    numbers = [step.number for step in walk(output) if step.value is value]
    if numbers:
        assert walk(output).until_reached(value).number == numbers[0]
        assert walk(output).until(value).number == numbers[-1]
        past = walk(output).at(numbers[0])
        with pytest.raises(ValueError, match=r"is changed first at step \d+, which is this"):
            past.until_reached(value)


@given(programs(20), st.booleans())
def test_peek_shows_the_step_that_is_taken_next_and_changes_nothing(
    program: Program, forward: bool
) -> None:
    output, _ = built(program)
    t = walk(output, forward=forward)
    while not t.done:
        before, ahead, shown = grads(output), t.peek(), repr(t)
        assert ahead is not None and grads(output) == before
        assert shown.endswith(f"\n  next: {ahead.formula}")
        assert repr(ahead).startswith(ahead.formula)
        assert t.step().where() is ahead
    assert t.peek() is None and "next:" not in repr(t)


def test_a_walk_after_a_pass_says_what_its_leaves_hold() -> None:
    y, *_ = neuron()
    y.backward()
    held = (
        "  left by earlier passes: w.grad = 0.4576, x.grad = -1.098, b.grad = 0.9151; "
        "this pass adds to them, zero_grad() before a walk clears them"
    )
    t = walk(y)
    assert repr(t).splitlines()[1] == held
    assert held not in repr(t.step()) and held in repr(t.back())
    y.zero_grad()
    assert "earlier" not in repr(walk(y))
    many = total([Value(1.0) for _ in range(20)]) * 2
    many.backward()
    assert "leaf#7.grad = 2, 13 more; this pass" in repr(walk(many))


def test_a_walk_says_where_it_is() -> None:
    y, w, *_ = neuron()
    t = walk(y)
    assert repr(t).splitlines() == [
        "step 0 of 5: y.grad = 1, the seed",
        "  next: add.grad += sech(add)**2 * y.grad",
    ]
    assert repr(t.until(w)).splitlines() == [
        "step 4 of 5: w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576",
        "  next: x.grad += w * mul.grad",
    ]
    assert repr(t.where()) == "w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576"
    assert repr(t.step()).startswith("step 5 of 5, the end: x.grad += w * mul.grad = -1.2 * 0.9151")
    assert repr(t.step()) == repr(t)


@given(programs(20), st.data())
def test_the_ledger_holds_what_made_each_grad(program: Program, data: Any) -> None:
    output, inputs = built(program)
    t = walk(output)
    t.at(data.draw(st.integers(0, len(t))))
    assert len(t.ledger()) == t.number
    for x in inputs:
        if x in t.names:
            contributions = [step.contribution for step in t.ledger(x)]
            running = 0.0
            for c in contributions:
                running += c
            assert x is output or bits([running]) == bits([x.grad])


def test_a_long_ledger_shows_its_ends_and_says_what_is_left_out() -> None:
    xs = [Value(1.0) for _ in range(100)]
    lines = repr(walk(total(xs)).finish().ledger()).splitlines()
    assert len(lines) == 41
    assert lines[20].split() == ["...", "60", "more", "not", "shown", "..."]
    assert lines[0].split()[:2] == ["1", "xs[0].grad"] and lines[-1].split()[:2] == [
        "100",
        "xs[99].grad",
    ]
    assert repr(walk(total(xs)).ledger()) == "no steps yet"


# Breakpoints and watches


@given(programs(20), st.data())
def test_a_breakpoint_on_a_value_stops_at_each_of_its_contributions(
    program: Program, data: Any
) -> None:
    output, _ = built(program)
    value = data.draw(st.sampled_from(topological(output)))
    t = walk(output).breakpoint(value)
    stops = []
    while not t.done:
        t.cont()
        stops.append(t.where())
    expected = [s.number for s in t.ledger() if s.operand is value]
    assert [s.number for s in stops if s.operand is value] == expected
    assert all(s.operand is value or s.number == len(t) for s in stops)


@pytest.mark.parametrize("operation", ["multiply", "mul", "*"])
def test_a_breakpoint_on_an_operation_stops_where_it_passes_its_grad_on(operation: str) -> None:
    y, *_ = neuron()
    t = walk(y).breakpoint(operation)
    assert repr(t.cont()).startswith(f"step 4 of 5, stopped at {operation}: w.grad")
    assert t.cont().number == 5


def test_a_breakpoint_goes_by_label_before_it_goes_by_operation() -> None:
    tanh_ = Value(2.0, "tanh")
    t = walk(tanh(tanh_ * 3)).breakpoint("tanh")
    assert t.cont().where().operand is tanh_


def test_a_breakpoint_on_a_condition_stops_where_it_holds() -> None:
    y, *_ = neuron()

    def large(step: Any) -> bool:
        return abs(step.grad) > 1

    assert repr(walk(y).breakpoint(large).cont()).startswith(
        "step 5 of 5, the end, stopped at large: x.grad"
    )


def test_breakpoints_end_every_movement_of_many_steps_and_can_be_cleared() -> None:
    y, _, x, b = neuron()
    t = walk(y).breakpoint(b).breakpoint("w")
    assert [t.step(5).number, t.next().number, t.restart().until(x).number] == [3, 4, 3]
    assert t.clear(b).restart().cont().number == 4
    assert t.clear().restart().cont().number == 5
    with pytest.raises(ValueError, match=r"^there is no such breakpoint; set are: none$"):
        t.clear("w")


def test_at_and_finish_pass_breakpoints() -> None:
    y, w, *_ = neuron()
    t = walk(y).breakpoint(w)
    assert repr(t.at(4)).startswith("step 4 of 5: w.grad")
    assert repr(t.restart().finish()).startswith("step 5 of 5, the end: x.grad")


def test_an_error_in_a_condition_leaves_the_walk_in_order() -> None:
    y, *_ = neuron()
    t = walk(y).breakpoint(lambda step: step.nonsense)
    with pytest.raises(
        GraphError, match=r"^your breakpoint, a condition, raised AttributeError at step 1: "
    ):
        t.cont()
    t.clear().finish()
    other, *_ = neuron()
    other.backward()
    assert grads(y) == grads(other)


def test_a_watched_value_is_shown_with_every_step() -> None:
    y, w, _, _ = neuron()
    t = walk(y).watch(w).watch("x")
    assert repr(t.until(w)).splitlines()[1:-1] == [
        "  watching w.grad = 0.4576",
        "  watching x.grad = 0 so far",
    ]
    assert repr(t.unwatch(w)).splitlines()[1:-1] == ["  watching x.grad = 0 so far"]
    assert len(repr(t.unwatch()).splitlines()) == 2


# Formulas


@each(
    ("expression", "said"),
    [
        (lambda x: x - 3, "x.grad += 1 * sub.grad = 1 * 1 = 1, now 1"),
        (lambda x: 3 - x, "(3).grad += 1 * sub.grad = 1 * 1 = 1, now 1"),
        (lambda x: x * -3, "x.grad += (-3) * mul.grad = -3 * 1 = -3, now -3"),
        (lambda x: x**3, "x.grad += 3 * x**2 * power.grad = 12 * 1 = 12, now 12"),
        (lambda x: x**2, "x.grad += 2 * x * power.grad = 4 * 1 = 4, now 4"),
        (lambda x: 1 / x, "(1).grad += 1 / x * div.grad = 0.5 * 1 = 0.5, now 0.5"),
        (relu, "x.grad += 1 * relu.grad = 1 * 1 = 1, now 1"),
        (lambda x: relu(-x), "neg.grad += 0 * relu.grad = 0 * 1 = 0, now 0"),
        (exp, "x.grad += exp * exp.grad = 7.389 * 1 = 7.389, now 7.389"),
        (lambda x: x.tan(), "x.grad += (1 + tan**2) * tan.grad = 5.774 * 1 = 5.774, now 5.774"),
        (lambda x: dot([x, 1.0], [-5.0, 2.0]), "x.grad += (-5) * dot.grad = -5 * 1 = -5, now -5"),
        (lambda x: x.clip(0.0, 1.0), "x.grad += 0 * clip.grad = 0 * 1 = 0, now 0"),
    ],
)
def test_a_step_is_written_as_its_formula_with_the_numbers_put_in(
    expression: Callable[[Value], Value], said: str
) -> None:
    assert repr(walk(expression(Value(2.0, "x"))).step().where()) == said


def test_of_an_inner_product_each_step_names_the_partner() -> None:
    a, b = [Value(1.0, "a1"), Value(2.0, "a2")], [Value(3.0, "b1"), Value(-4.0, "b2")]
    said = [str(step).partition(" =")[0] for step in walk(dot(a, b, Value(0.5, "c")))]
    assert said == [
        *("a1.grad += b1 * dot.grad", "a2.grad += b2 * dot.grad"),
        *("b1.grad += a1 * dot.grad", "b2.grad += a2 * dot.grad", "c.grad += 1 * dot.grad"),
    ]


def test_a_step_says_if_the_data_have_changed_since_the_recording() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 5.0
    remark = "(recorded before the data changed)"
    assert str(walk(y).step().where()) == f"x.grad += x * y.grad = 2 * 1 = 2, now 2 {remark}"
    assert str(walk(y, forward=True).step().where()) == f"y = x * x = 5 * 5 = 4 {remark}"
    z = x + 1
    x.data = 7.0
    assert str(walk(z).step().where()) == f"x.grad += 1 * z.grad = 1 * 1 = 1, now 3 {remark}"


def test_numbers_at_the_edges_are_written_without_complaint() -> None:
    x = Value(0.0, "x")
    with pytest.warns(RuntimeWarning, match="log needs x > 0"):
        y = log(x)
    assert (
        repr(walk(y).finish())
        == "step 1 of 1, the end: x.grad += 1 / x * y.grad = inf * 1 = inf, now inf"
    )


@given(programs(20))
def test_every_step_of_every_graph_can_be_written(program: Program) -> None:
    output, _ = built(program)
    for step in [*walk(output), *walk(output, forward=True)]:
        assert "recorded" not in repr(step) and "\n" not in repr(step)


@each("op", OPS.values(), ids=list(OPS))
def test_the_formula_of_a_forward_step_comes_to_its_number(op: Op) -> None:
    from autograd.engine import functions

    words = functions.FUNCTIONS | {
        "total": lambda *xs: functions.FUNCTIONS["total"](xs),
        "logsumexp": lambda *xs: functions.FUNCTIONS["logsumexp"](xs),
        "largest": lambda *xs: functions.FUNCTIONS["largest"](xs),
        "smallest": lambda *xs: functions.FUNCTIONS["smallest"](xs),
    }
    counts = [2 if name[0] == "*" else 1 for name in op.operands]
    operands = [
        [Value(low + (high - low) * (k + 1) / 8, f"x{k}") for k in range(count)]
        for count, (low, high) in zip(counts, op.span, strict=True)
    ]
    y = RECORD[op.name](*(Bundle(many) if len(many) > 1 else many[0] for many in operands))
    *_, formula, number = str(next(iter(walk(y, forward=True)))).split(" = ")
    if "..." not in formula and " of " not in formula:
        assert eval(formula, dict(words)) == pytest.approx(float(number), rel=1e-2)


# Forward


@given(programs(20))
def test_a_forward_walk_computes_each_result_after_its_operands(program: Program) -> None:
    output, _ = built(program)
    before = bits([v.data for v in topological(output)])
    computed: set[Value] = {v for v in topological(output) if not v.operands}
    for step in walk(output, forward=True):
        assert computed.issuperset(step.result.operands)
        computed.add(step.result)
        numbers = [[v.data for v in many] for many in step.result.bundles]
        given = [
            many if name.startswith("*") else (many or [0.0])[0]
            for name, many in zip(step.result.op.operands, numbers, strict=True)
        ]
        assert bits([result_formula(step.result.op, EDGE)(*given, *step.result.constants)]) == bits(
            [step.data]
        )
    assert output in computed and bits([v.data for v in topological(output)]) == before


def test_a_forward_walk_reads_like_the_blackboard() -> None:
    y, w, *_ = neuron()
    t = walk(y, forward=True)
    assert repr(t) == "step 0 of 3: w = -1.2, x = 0.5, b = 0.3\n  next: mul = w * x"
    assert [str(step) for step in t] == [
        "mul = w * x = (-1.2) * 0.5 = -0.6",
        "add = mul + b = (-0.6) + 0.3 = -0.3",
        "y = tanh(add) = tanh(-0.3) = -0.2913",
    ]
    assert repr(t.back().watch(y)).splitlines()[1] == "  watching y = not computed yet"
    assert repr(t.step()).splitlines()[1] == "  watching y = -0.2913"
    assert t.restart().breakpoint(lambda step: step.data > -0.5).cont().number == 2
    assert not w.reached


# Numbers that others change, and bad input


@pytest.mark.parametrize("move", ["step", "back"])
def test_a_grad_that_others_have_set_stops_the_walk(move: str) -> None:
    y, w, *_ = neuron()
    t = walk(y).until(w)
    w.grad = 7.0
    y.operands[0].operands[0].grad = 7.0
    with pytest.raises(
        GraphError,
        match=r"^(w|mul).grad was \S+ at step 4 of this walk and was set to 7 since by some",
    ):
        getattr(t, move)()
    t.restart().finish()
    other, *_ = neuron()
    other.backward()
    assert grads(y) == grads(other)


Z, OF_BREAKS = Value(1.0, "z"), "a Value, a label, an operation or a condition"
GIVE = "give it the result of an expression of Values"


@each(
    ("wrong", "said"),
    [
        (lambda t: t.at(6), "this walk has the places 0 to 5, got 6"),
        (lambda t: t.at(-1), "this walk has the places 0 to 5, got -1"),
        (lambda t: t.step(-1), "a walk takes 0 or more steps at a time, got -1"),
        (lambda t: t.back(0.5), "a walk takes 0 or more steps at a time, got 0.5"),
        (lambda t: t.until("wx"), "no value here is called 'wx': did you mean x or w?"),
        (lambda t: t.breakpoint("tahn"), "no value here is called 'tahn': did you mean tanh?"),
        (lambda t: t.watch(Z), "z = 1 takes no part in this walk: tanh was not made from it"),
        (lambda t: t.watch(3), "a walk needs a Value or its label here, got the int 3"),
        (lambda t: t.breakpoint(3), f"a breakpoint needs {OF_BREAKS}, got the int 3"),
        (lambda t: walk(3.0), f"walk needs a Value, got the float 3.0: {GIVE}"),
        (lambda t: walk(t.output, "1"), "a seed needs a number, got the str '1': write float('1')"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    wrong: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        wrong(walk(neuron()[0]))
    assert str(refused.value) == said


# Names


def test_values_that_would_share_a_name_are_numbered() -> None:
    x, other = Value(1.0, "x"), Value(2.0, "x")
    assert [step.names[step.operand] for step in walk(x * other)] == ["x#1", "x#2"]
    assert walk(x * other).find("x") == [x, other]


def test_breakpoints_and_watches_on_values_of_one_number_are_told_apart() -> None:
    x, other = Value(1.0, "x"), Value(1.0, "other")
    t = walk(x * other).breakpoint(x).breakpoint(other).watch(x).watch(other)
    t.clear(other).unwatch(other)
    assert [b.name for b in t.breakpoints] == ["x"]
    assert [v.label for v in t.watches] == ["x"]
    with pytest.raises(ValueError, match="takes no part in this walk"):
        t.find(Value(1.0))


LABELS = ["a\x1b[2J\nb", "\x07\r\x00", "\x9b31m", "\u202eabc\u2028", "\ud800", "\x1b]0;title\x07"]
DOORS: list[Callable[[Value], object]] = [
    *(lambda x: x, lambda x: x * 2, lambda x: (x * 2, x), lambda x: draw(x * 2)),
    *(lambda x: walk(x * 2), lambda x: walk(x * x).finish().ledger(), lambda x: walk(x).watch(x)),
    *(lambda x: walk(x * 2, forward=True), lambda x: [*walk(x * 2, forward=True)]),
    *(lambda x: why(x * 2 + x, x), lambda x: blocked(relu(x) * 3, x), lambda x: blocked(x, x * 2)),
    *(lambda x: walk(x * 2).breakpoint(x).cont(), lambda x: blocked(x.detach() * 2, x)),
    *(lambda x: walk(x * 2).breakpoint(x.label).cont(), lambda x: walk(x * 2).watch(x.label)),
]


@each("label", LABELS)
def test_whatever_is_in_a_label_no_terminal_obeys_it(label: str) -> None:
    for door in DOORS:
        assert all(line.isprintable() for line in repr(door(Value(-1.0, label))).split("\n"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with trace_nonfinite() as trace:
            (log(Value(-1.0, label)) * 2).backward()
            Value(0.0, label).sqrt().backward()
    assert trace and f"{trace!r}".replace("\n", "").isprintable()
    with pytest.raises(ValueError, match="no value here is called") as refused:
        walk(Value(1.0, label) * 2).find("?")
    assert str(refused.value).isprintable()


def test_labels_that_are_formulas_stand_in_parentheses_where_they_are_parts_of_one() -> None:
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    xw = x * w
    xw.label = "x*w"
    n = xw + 1.0
    n.label = "x*w + 1"
    o = tanh(n) / n
    o.label = "o"
    said = [repr(step).partition(" = ")[0] for step in walk(o).finish().ledger()]
    assert said == [
        "tanh.grad += 1 / (x*w + 1) * o.grad",
        "(x*w + 1).grad += -o / (x*w + 1) * o.grad",
        "(x*w + 1).grad += sech(x*w + 1)**2 * tanh.grad",
        "(x*w).grad += 1 * (x*w + 1).grad",
        "(1).grad += 1 * (x*w + 1).grad",
        "x.grad += w * (x*w).grad",
        "w.grad += x * (x*w).grad",
    ]


def test_labels_that_would_disturb_a_terminal_are_written_out() -> None:
    x = Value(1.0, "a\x1b[2J\nb")
    assert str(walk(x * 1).step().where()).startswith(r"(a\x1b[2J\nb).grad += 1 * mul.grad")
    assert str(walk(Value(1.0, "n" * 500) * 1).step().where()).startswith("n" * 37 + "....grad")


@each("label", [*LABELS, "n" * 500, "tanh", "two words"])
def test_a_value_is_found_by_whatever_label_it_has(label: str) -> None:
    x = Value(1.0, label)
    assert walk(x * 2).find(label)[0] is x


def test_a_large_graph_is_walked_and_its_n_ary_results_too() -> None:
    xs = bundle([Value(math.sin(i)) for i in range(3_000)])
    y = dot(xs, xs) * 2
    t = walk(y)
    t.at(5_000).back(2_000).finish()
    other = bundle([Value(math.sin(i)) for i in range(3_000)])
    (dot(other, other) * 2).backward()
    assert bits([v.grad for v in xs]) == bits([v.grad for v in other])
