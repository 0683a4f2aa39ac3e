"""Every row of the table against mpmath: results, derivatives up to third order, domains and their
sentences.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import (
    OPS,
    DomainError,
    DomainWarning,
    Op,
    Value,
    bundle,
    grad,
    hessian,
    jacobian,
    logsumexp,
    softsign,
    strict,
)
from autograd.engine.value import RECORD
from tests.cases import each, examples
from tests.oracle import (
    DIGITS,
    EXACT,
    TEXTBOOK,
    arities,
    defaults,
    disagreement,
    exact,
    first_disagreement,
    grouped,
    holds,
    recorded,
)

every_row = each("name", OPS)

# Besides their defaults. The conditions of the row say at which points they apply.
CONSTANTS: dict[str, list[tuple[float, ...]]] = {
    "power": [(0.0,), (1.0,), (2.0,), (4.0,), (-1.0,), (-2.0,), (0.5,), (-0.5,), (2.5,), (7.3,)],
    "clip": [(-math.inf, 0.5), (0.0, math.inf), (-3.0, -2.0)],
    "where": [(0.0,)],
    "leaky_relu": [(0.3,), (0.0,), (1.0,)],
    "elu": [(0.25,), (2.0,)],
}
with_constants = each(
    ("name", "constants"),
    [(name, constants) for name, sets in CONSTANTS.items() for constants in sets],
)


def points(op: Op, smallest: float = 0.0) -> st.SearchStrategy[tuple[float, ...]]:
    """Operands from the span of a row, none nearer to 0 than smallest unless it is 0."""
    numbers = [
        st.floats(*span).filter(lambda x: x == 0 or abs(x) >= smallest)
        for span, count in zip(op.span, arities(op), strict=True)
        for _ in range(count)
    ]
    return st.tuples(*numbers)


def test_every_row_has_an_oracle() -> None:
    assert set(TEXTBOOK) == set(OPS)


@every_row
def test_the_textbook_partials_are_derivatives_of_the_textbook_results(name: str) -> None:
    op = OPS[name]

    @settings(max_examples=examples(5))
    @given(points(op, 1e-8))
    def check(flat: tuple[float, ...]) -> None:
        assume(holds(op, op.smooth, flat, defaults(op)))
        with mp.workdps(DIGITS):
            given_ = grouped(op, list(map(mpf, flat)))
            partials = [p(EXACT, *given_, *map(mpf, defaults(op))) for p in TEXTBOOK[name].partials]
            spread = [one for p in partials for one in (p if isinstance(p, list) else [p])]
            for i, partial in enumerate(spread):
                want = exact(name, flat, defaults(op), tuple(int(i == j) for j in range(len(flat))))
                assert abs(partial - want) <= mpf(10) ** -38 * (1 + abs(want))

    check()


@every_row
def test_results_agree_with_mpmath_everywhere_in_the_span(name: str) -> None:
    op = OPS[name]

    @settings(max_examples=examples(40))
    @given(points(op))
    def check(flat: tuple[float, ...]) -> None:
        assert not first_disagreement(name, op, RECORD[name], flat, defaults(op), order=0)

    check()


@every_row
def test_first_and_second_derivatives_agree_with_mpmath(name: str) -> None:
    op = OPS[name]

    @settings(max_examples=examples(25 if len(op.span) < 3 and not op.nary else 8))
    @given(points(op, 1e-8))
    def check(flat: tuple[float, ...]) -> None:
        assert not first_disagreement(name, op, RECORD[name], flat, defaults(op), order=2)

    check()


@with_constants
def test_rows_agree_with_mpmath_for_other_constants_too(
    name: str, constants: tuple[float, ...]
) -> None:
    op = OPS[name]

    @settings(max_examples=examples(10))
    @given(points(op, 1e-3))
    def check(flat: tuple[float, ...]) -> None:
        flat = (
            flat
            if all(holds(op, need, flat, constants) for need in op.needs)
            else tuple(map(abs, flat))
        )
        assume(all(holds(op, need, flat, constants) for need in op.needs))
        assert not first_disagreement(name, op, RECORD[name], flat, constants, order=2)

    check()


THRICE = ["tanh", "exp", "sin", "log", "sqrt", "sigmoid", "softplus", "gelu", "erf", "power"]


@each("name", [*THRICE, "multiply", "divide"])
def test_third_derivatives_agree_with_mpmath(name: str) -> None:
    op = OPS[name]
    f = recorded(op, RECORD[name], defaults(op))

    @settings(max_examples=examples(6))
    @given(points(op, 1e-3))
    def check(flat: tuple[float, ...]) -> None:
        cube = jacobian(hessian(f))(list(flat))
        n = range(len(flat))
        for by in ((i, j, k) for i in n for j in n for k in n):
            got = cube[by[0]][by[1]][by[2]]
            assert not disagreement(got, name, flat, defaults(op), by)

    check()


def on_floats(op: Op, groups: list[Any], constants: tuple[float, ...]) -> Any:
    """The row by its public function, on plain floats."""
    if op.name == "pow":  # on floats it is the same function as with a constant exponent
        return autograd.power(*groups)
    if op.name == "where":
        return autograd.where(*constants, *groups)
    return getattr(autograd, op.name)(*groups, *constants)


@every_row
def test_functions_of_floats_give_the_same_bits_as_of_values(name: str) -> None:
    op = OPS[name]

    @settings(max_examples=examples(20))
    @given(points(op))
    def check(flat: tuple[float, ...]) -> None:
        number = on_floats(op, grouped(op, flat), defaults(op))
        value = recorded(op, RECORD[name], defaults(op))(list(map(Value, flat)))
        assert type(number) is float and type(value.data) is float
        assert number.hex() == value.data.hex()

    check()


@every_row
def test_spans_lie_inside_the_domain(name: str) -> None:
    op = OPS[name]

    @settings(max_examples=examples(30))
    @given(points(op))
    def check(flat: tuple[float, ...]) -> None:
        assert all(holds(op, need, flat, defaults(op)) for need in op.needs)

    check()


# For each need of each row: operands and constants that violate it, the result, and what is said.
VIOLATIONS: dict[tuple[str, str], tuple[tuple[float, ...], tuple[float, ...], float, str]] = {
    ("divide", "b != 0"): ((1.0, 0.0), (), math.inf, "got b = 0"),
    ("reciprocal", "x != 0"): ((0.0,), (), math.inf, "got x = 0"),
    ("power", "x >= 0 or whole(n)"): ((-2.0,), (0.5,), math.nan, "got x = -2, n = 0.5"),
    ("power", "x != 0 or n >= 0"): ((0.0,), (-1.0,), math.inf, "got x = 0, n = -1"),
    ("pow", "a >= 0 or whole(b)"): ((-2.0, 0.5), (), math.nan, "got a = -2, b = 0.5"),
    ("pow", "a != 0 or b >= 0"): ((0.0, -1.0), (), math.inf, "got a = 0, b = -1"),
    ("sqrt", "x >= 0"): ((-1.0,), (), math.nan, "got x = -1"),
    ("log", "x > 0"): ((-0.25,), (), math.nan, "got x = -0.25"),
    ("log2", "x > 0"): ((0.0,), (), -math.inf, "got x = 0"),
    ("log10", "x > 0"): ((-1e-300,), (), math.nan, "got x = -1e-300"),
    ("log1p", "x > -1"): ((-1.0,), (), -math.inf, "got x = -1"),
    ("sin", "abs(x) < inf"): ((math.inf,), (), math.nan, "got x = inf"),
    ("cos", "abs(x) < inf"): ((-math.inf,), (), math.nan, "got x = -inf"),
    ("tan", "abs(x) < inf"): ((math.inf,), (), math.nan, "got x = inf"),
    ("asin", "abs(x) <= 1"): ((2.0,), (), math.nan, "got x = 2"),
    ("acos", "abs(x) <= 1"): ((-1.5,), (), math.nan, "got x = -1.5"),
    ("acosh", "x >= 1"): ((0.5,), (), math.nan, "got x = 0.5"),
    ("atanh", "abs(x) < 1"): ((1.0,), (), math.inf, "got x = 1"),
    ("floor_divide", "b != 0"): ((1.0, 0.0), (), math.inf, "got b = 0"),
    ("mod", "b != 0"): ((1.0, 0.0), (), math.nan, "got b = 0"),
    ("xlogy", "b > 0 or a == 0 and b == 0"): ((1.0, -2.0), (), math.nan, "got a = 1, b = -2"),
}


def test_every_need_is_violated_once() -> None:
    assert set(VIOLATIONS) == {(op.name, need) for op in OPS.values() for need in op.needs}


@each(("name", "need"), VIOLATIONS)
def test_leaving_the_domain_gives_the_ieee_result_and_says_what_was_needed_and_came(
    name: str, need: str
) -> None:
    flat, constants, want, got = VIOLATIONS[name, need]
    values = list(map(Value, flat))
    on_values = recorded(OPS[name], RECORD[name], constants)
    sentences = {name: f"{name} needs {need}, {got}"}
    if name == "pow":  # on floats it is the row with a constant exponent
        letters = str.maketrans("ab", "xn")
        sentences["power"] = (
            f"power needs {need.translate(letters)}, got {got[4:].translate(letters)}"
        )
    for compute, sentence in (
        (lambda: on_values(values).data, sentences[name]),
        (
            lambda: on_floats(OPS[name], list(flat), constants),
            sentences.get("power", sentences[name]),
        ),
    ):
        with pytest.warns(DomainWarning) as caught:
            y = compute()
        assert [str(warning.message) for warning in caught] == [sentence]
        assert y == want or (math.isnan(y) and math.isnan(want))
        with strict(), pytest.raises(DomainError) as refused:
            compute()
        assert str(refused.value) == sentence


def test_a_warning_points_to_the_line_of_the_user() -> None:
    with pytest.warns(DomainWarning) as caught:
        autograd.grad(lambda x: autograd.log(x - 1))(0.5)
    assert caught[0].filename == __file__
    with open(__file__) as lines:
        assert "lambda x: autograd.log(x - 1)" in list(lines)[caught[0].lineno - 1]


OVER, HUGE = "overflows to", Value(1e308)
MANY = "a = [1e+308, 1e+308, 1e+308, 1e+308, ...], b = [1e+308, 1e+308, 1e+308, 1e+308, ...]"
OVERFLOWS: list[tuple[Callable[[], Value], float, str]] = [
    (lambda: Value(710.5).exp(), math.inf, "exp overflows to inf at x = 710.5"),
    (lambda: Value(-1e3).sinh(), -math.inf, "sinh overflows to -inf at x = -1000"),
    (lambda: Value(1e200) * -1e200, -math.inf, f"multiply {OVER} -inf at a = 1e+200, b = -1e+200"),
    (lambda: Value(1.5e308) + 1.5e308, math.inf, f"add {OVER} inf at a = 1.5e+308, b = 1.5e+308"),
    (lambda: Value(10.0) ** 400, math.inf, "power overflows to inf at x = 10, n = 400"),
    (lambda: Value(-10.0) ** 401, -math.inf, "power overflows to -inf at x = -10, n = 401"),
    (lambda: Value(10.0) ** Value(400.0), math.inf, "pow overflows to inf at a = 10, b = 400"),
    (lambda: 1 / Value(5e-324), math.inf, "divide overflows to inf at a = 1, b = 5e-324"),
    (lambda: autograd.total([HUGE] * 2), math.inf, f"total {OVER} inf at x = [1e+308, 1e+308]"),
    (lambda: autograd.dot([HUGE] * 6, [1e308] * 6), math.inf, f"dot {OVER} inf at {MANY}, c = 0"),
    (lambda: Value(math.inf) - math.inf, math.nan, "subtract gives nan at a = inf, b = inf"),
    (lambda: Value(0.0) * math.inf, math.nan, "multiply gives nan at a = 0, b = inf"),
]


@each(("compute", "want", "sentence"), OVERFLOWS, ids=[case[2][:30] for case in OVERFLOWS])
def test_overflow_gives_the_ieee_result_and_says_where(
    compute: Callable[[], Value], want: float, sentence: str
) -> None:
    with pytest.warns(DomainWarning) as caught:
        y = compute().data
    assert [str(warning.message) for warning in caught] == [sentence]
    assert y == want or (math.isnan(y) and math.isnan(want))
    with strict(), pytest.raises(DomainError) as refused:
        compute()
    assert str(refused.value) == sentence


def test_nan_and_inf_that_only_pass_through_are_no_news() -> None:
    for x in (math.nan, math.inf, -math.inf):
        assert not math.isfinite((Value(x) + 1).data)
        assert not math.isfinite((Value(x) * 2).data)
        assert not math.isfinite(autograd.total([Value(x), Value(1.0)]).data)
    assert Value(math.inf).exp().data == math.inf
    assert math.isnan(Value(math.nan).log().data)


def test_an_infinite_partial_of_a_defined_result_is_no_news() -> None:
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf


def caught_from(compute: Callable[[], object], action: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        compute()
    return [str(warning.message) for warning in caught]


def test_a_line_warns_once_about_an_operation_whatever_the_numbers() -> None:
    def many() -> None:
        for x in range(5):
            Value(-1.0 - x).log()

    assert caught_from(many, "default") == ["log needs x > 0, got x = -1"]


def test_a_line_warns_about_each_operation() -> None:
    def many() -> None:
        for x in range(5):
            Value(-1.0 - x).log(), Value(-2.0 - x).sqrt()

    assert caught_from(many, "default") == [
        "log needs x > 0, got x = -1",
        "sqrt needs x >= 0, got x = -2",
    ]


def test_each_line_warns_for_itself() -> None:
    def many() -> None:
        Value(-1.0).log()
        Value(-1.0).log()

    assert caught_from(many, "default") == ["log needs x > 0, got x = -1"] * 2


def test_every_violation_warns_where_all_warnings_are_wanted() -> None:
    def many() -> None:
        for x in range(3):
            Value(-1.0 - x).log()

    assert caught_from(many, "always") == [f"log needs x > 0, got x = {x}" for x in (-1, -2, -3)]


def test_logsumexp_and_dot_take_operands_of_any_number() -> None:
    one = RECORD["logsumexp"](bundle([Value(2.5)]))
    assert one.data == 2.5 and one.partials == (1.0,)
    without_bias = RECORD["dot"](bundle([Value(2.0)]), bundle([Value(3.0)]), None)
    assert without_bias.data == 6.0 and without_bias.partials == (3.0, 2.0)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        OPS["tanh"] = OPS["sin"]  # type: ignore[index]
    with pytest.raises(TypeError, match="does not support item deletion"):
        del OPS["tanh"]  # type: ignore[attr-defined]


def test_logsumexp_keeps_small_weights_and_has_weights_that_add_up_at_any_size() -> None:
    assert (
        logsumexp([0.0, -40.0])
        == logsumexp([Value(0.0), Value(-40.0)]).data
        == 4.248354255291589e-18
    )
    for size in (1.0, 1e15, 1e50, 1e300):
        assert grad(lambda x: logsumexp([x, x]))(size) == 1.0
    assert logsumexp([-math.inf, -math.inf]) == -math.inf and logsumexp([math.inf, 0.0]) == math.inf


def test_conventions_at_nan_and_infinity() -> None:
    dx, dy = grad(lambda x, y: x**y, (0, 1))(0.0, math.nan)
    assert math.isnan(dx) and math.isnan(dy)
    assert (
        softsign(math.inf) == 1.0 and softsign(-math.inf) == -1.0 and math.isnan(softsign(math.nan))
    )
    assert grad(softsign)(math.inf) == grad(softsign)(-math.inf) == 0.0


def test_the_sentence_says_which_value_is_meant() -> None:
    x = Value(1.0, "x")
    for compute, sentence in (
        (lambda: (x - 1).sqrt().log(), "log needs x > 0, got x = 0 in log(sqrt(x - 1))"),
        (lambda: (x - 2).log(), "log needs x > 0, got x = -1 in log(x - 2)"),
        (lambda: x / (x - x), "divide needs b != 0, got b = 0 in x / (x - x)"),
        (lambda: Value(-1.0, "w").log(), "log needs x > 0, got x = -1 in log(w)"),
        (lambda: Value(-1.0, "x").log(), "log needs x > 0, got x = -1"),
        (lambda: Value(-1.0).log(), "log needs x > 0, got x = -1"),
    ):
        with pytest.warns(DomainWarning) as said:
            compute()
        assert str(said[0].message) == sentence


def test_each_prompt_warns_for_itself() -> None:
    session: dict[str, object] = {"log": autograd.log}
    typed = "for x in (-1.0, -2.0): log(x)"

    def thrice() -> None:
        for _ in range(3):
            exec(compile(typed, "<stdin>", "exec"), session)

    assert caught_from(thrice, "default") == ["log needs x > 0, got x = -1"] * 3
