"""How values and operations are written: one line, four digits, whatever lies beneath."""

import pytest

from autograd import OPS, Value, dot, total
from autograd.engine.notation import described, exact, expression, short


def test_numbers_have_four_digits_or_all() -> None:
    assert (short(2.0), short(1 / 3), short(1e-7), short(123456.0)) == (
        "2",
        "0.3333",
        "1e-07",
        "1.235e+05",
    )
    assert (exact(-1.0), exact(0.1), exact(1e200)) == ("-1", "0.1", "1e+200")


def test_leaves_are_written_with_label_number_and_grad() -> None:
    x = Value(2.0, "x")
    assert (
        repr(x) == "x = 2" and repr(Value(2.0)) == "Value(2)" and repr((x + 3).operands[1]) == "3"
    )
    (x * 3).backward()
    assert repr(x) == "x = 2 | grad 3"


def test_results_are_written_as_on_the_blackboard() -> None:
    a, b = Value(2.0, "a"), Value(-3.0)
    for value, text in (
        (a * b, "a * (-3) = -6"),
        (a + 1, "a + 1 = 3"),
        (1 - a, "1 - a = -1"),
        (-a, "-a = -2"),
        (a / b, "a / (-3) = -0.6667"),
        (a**2, "a**2 = 4"),
        (a**-1, "a**(-1) = 0.5"),
        (a % 3, "a % 3 = 2"),
        (a.tanh(), "tanh(a) = 0.964"),
        (a.maximum(b), "maximum(a, -3) = 2"),
        (a.clip(0, 1), "clip(a, 0, 1) = 1"),
        (total([a, b, 4.0]), "total(a, -3, 4) = 3"),
        (total([a] * 9), "total of 9 operands = 18"),
        (dot([a], [b], a), "dot(a, -3, a) = -4"),
    ):
        assert repr(value) == text


def test_a_labelled_result_starts_with_its_label() -> None:
    y = Value(2.0, "a") * 3
    y.label = "y"
    y.backward()
    assert repr(y) == "y = a * 3 = 6 | grad 1"


def test_every_row_can_be_written() -> None:
    for op in OPS.values():
        names = [name.lstrip("*") for name in op.operands]
        text = expression(op, names, [name for name, _ in op.constants])
        assert all(name in text for name in names)


@pytest.mark.parametrize("depth", [10, 50_000])
def test_a_repr_has_one_line_whatever_the_depth(depth: int) -> None:
    y = Value(1.0)
    for _ in range(depth):
        y = y + 1.0
    assert repr(y) == ("10 + 1 = 11" if depth == 10 else "(5e+04) + 1 = 5e+04")


def test_formats_apply_to_the_number() -> None:
    x = Value(2.0, "x")
    assert (
        f"{x}" == "x = 2"
        and f"{x:.3f}" == "2.000"
        and f"{x:8.1e}" == " 2.0e+00"
        and str(x) == "x = 2"
    )


def test_what_came_instead_is_described_shortly() -> None:
    assert described(None) == "None"
    assert described([1, 2]) == "a list of 2"
    assert described("abc") == "the str 'abc'"
    assert len(described("x" * 1000)) < 60


def test_rows_are_written_with_their_partials_and_needs() -> None:
    assert repr(OPS["divide"]) == "divide: y = a / b, dy/da = 1 / b, dy/db = -y / b, needs b != 0"
