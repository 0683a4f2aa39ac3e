"""What operation promises: a right row is taken, a wrong one refused at any scale, and what cannot
be read is said.
"""

import math
from typing import Any

import pytest

import autograd
import nn
from autograd import GraphError, Value, check, exp, grad, operation, record
from tests.cases import each

LEAKY = "where(x > 0, x, 0.1 * x)", "where(x > 0, 1, 0.1)"


@each("span", [(-4, 4), (-1, 1), (-3, 5), (-1e-6, 1e-6), (0, 7)])
@each("smooth", ["", "x != 0"])
def test_a_kink_in_the_span_is_no_reason_to_refuse(span: tuple[float, float], smooth: str) -> None:
    leaky = operation("leaky", *LEAKY, smooth=smooth, span=span)
    assert (leaky(-2.0), grad(leaky)(-2.0), grad(leaky)(3.0)) == (-0.2, 0.1, 1.0)


def test_a_kink_at_a_point_that_is_checked_is_passed_over() -> None:
    shift = (math.sqrt(2) - 1 + 3) / 7  # the fourth point of the span from 0 to 1, exactly
    kinked = operation("kinked", f"abs(x - {shift!r})", f"where(x > {shift!r}, 1, -1)", span=(0, 1))
    assert grad(kinked)(0.0) == -1.0


@each("size", ["1e-200", "1e-12", "1", "1e12", "1e200"])
def test_a_wrong_partial_is_refused_at_any_scale(size: str) -> None:
    assert operation("right", f"{size} * x**2", f"{size} * 2 * x")(1.0) == float(size)
    with pytest.raises(GraphError, match=r"wrong: dy/dx = .* but the result has the slope"):
        operation("wrong", f"{size} * x**2", f"{size} * 2.00001 * x")
    with pytest.raises(GraphError, match="wrong: dy/db = "):
        operation("wrong", f"{size} * a * b", f"{size} * b", f"{size} * a * 1.001")


def test_a_span_may_be_narrow() -> None:
    assert operation("root", "sqrt(x)", "0.5 / y", needs="x >= 0", span=(0, 1e-8))(4.0) == 2.0
    with pytest.raises(GraphError, match="but the result has the slope"):
        operation("root", "sqrt(x)", "0.6 / y", needs="x >= 0", span=(0, 1e-8))


def test_points_outside_needs_or_smooth_are_not_compared() -> None:
    operation("halved", "where(x > 0, x, 0)", "where(x > 0, 1, 7)", needs="x > 0")
    operation("halved", "where(x > 0, x, 0)", "where(x > 0, 1, 7)", smooth="x > 0")
    with pytest.raises(GraphError, match="halved: dy/dx = "):
        operation("halved", "where(x > 0, x, 0)", "where(x > 0, 1, 7)")


def test_a_partial_may_have_the_text_of_its_result() -> None:
    same = operation("same", "exp(x)", "exp(x)")
    assert grad(same)(1.0) == math.e
    assert grad(grad(grad(same)))(1.0) == math.e
    x = Value(800.0, "x")
    with pytest.warns(match="same overflows to inf at x = 800"):
        y = same(x)
    y.backward()
    assert x.grad == math.inf


def test_a_partial_may_be_a_function_made_of_operations() -> None:
    same = operation("same", math.exp, exp)
    assert grad(grad(same))(0.0) == 1.0


@each("word", ["new", "Value", "edge", "operand", "result", "peak", "EDGES"])
def test_a_vocabulary_may_use_any_name_but_those_of_formulas(word: str) -> None:
    mine = operation("f", f"{word}(x)", "2", vocabulary={word: lambda x: 2 * x})
    x = Value(3.0)
    y = mine(x)
    y.backward()
    assert (y.data, x.grad, mine(3.0), grad(mine)(3.0)) == (6.0, 2.0, 6.0, 2.0)
    assert record(mine, 1.0)([3.0, 4.0]).tolist() == [6.0, 8.0]
    for taken in ("x", "y", "where", "sin", "whole", "LN2"):
        with pytest.raises(GraphError, match=f"needs other names in its vocabulary: {taken} has"):
            operation("f", "x", "1", vocabulary={taken: lambda x: x})


LGAMMA = (
    "log(x) - 0.5 / x - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6) + 1 / (240 * x**8)"
)
OF_C: dict[str, tuple[Any, Any]] = {
    "a result": (operation("lgam", math.lgamma, LGAMMA, span=(6, 9)), lambda f, x: f(x)),
    "of two": (operation("length", math.hypot, "a / y", "b / y"), lambda f, x: f(x, 2 * x)),
    "a result and a partial": (operation("power2", math.exp2, "y * log(2)"), lambda f, x: f(x / 4)),
}


@pytest.mark.parametrize("name", OF_C)
def test_a_formula_that_is_a_function_of_c_is_replayed_as_it_is_computed(name: str) -> None:
    op, call = OF_C[name]

    def f(x: Any) -> Any:
        return call(op, x) * x

    points = [6.5, 7.0, 8.0]
    for engine in ("auto", "numpy", "python"):
        program = record(f, 6.0, engine=engine)
        assert program(points).tolist() == [f(x) for x in points]
        slopes = record(grad(f), 6.0, engine=engine)(points)
        assert slopes.tolist() == pytest.approx([grad(f)(x) for x in points], rel=1e-14)
    assert check(f, 6.5).verdict == "OK"


def test_an_activation_that_is_a_function_of_c_trains() -> None:
    act = operation("arc", math.atan, "1 / (1 + x**2)")
    data = nn.Dataset([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], [1.0, 1.0, 0.0, 0.0])
    losses = []
    for activation in (act, autograd.atan):
        model = nn.MLP(2, [3, 1], activation=activation, seed=0)
        history = nn.train(model, data, epochs=3, validation=None)
        losses.append([epoch.loss for epoch in history])
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


@each(
    "word",
    [
        *("number", "operand", "edge", "new", "noticed", "paused", "Value", "UNREACHED", "EDGES"),
        *("mul", "peak_of", "peak", "count", "__name__", "__builtins__", "print", "result", "self"),
    ],
)
def test_formulas_do_not_see_the_words_of_the_engine(word: str) -> None:
    with pytest.raises(GraphError, match=f"has the name '{word}'"):
        operation("f", f"{word}(x)", "1")
    with pytest.raises(GraphError, match=f"has the name '{word}'"):
        operation("f", "x", f"where({word}, 1, 1)")


SPAN = "f needs its span as two numbers, the lower first, like (-4, 4); got"
FLAT = "f needs a span in which its result is defined and smooth, and changes by more than its "
FLAT += "rounding, got [-4, 4]: pass span=(low, high)"
REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    ((3, "x", "1"), {}, "an operation needs its name first, as text, got the int 3"),
    (("f", "x", "1"), {"span": 3}, f"{SPAN} 3"),
    (("f", "x", "1"), {"span": (1, 0)}, f"{SPAN} (1, 0)"),
    (("f", "1 + 1e-30 * x", "1e-30"), {}, FLAT),
]
# The formulas, and what is said of the operation f.
FORMULAS = [
    ("x ^ 2", "2 * x", "f: a formula has no ^, got 'x ^ 2': write **"),
    ("2 * x", 2, 'df_dx needs a formula as text, or a function, got the int 2: write "2"'),
    ("pi * x", "pi", "f: the formula 'pi * x' has the name 'pi': write 3.141592653589793"),
    ("max(x, 0)", "1", "f: the formula 'max(x, 0)' has the name 'max': write maximum(a, b)"),
]
REFUSED += [(("f", *formulas), {}, said) for *formulas, said in FORMULAS]
said = 'f needs its conditions as text, like "x > 0", got the int 3'
REFUSED.append((("f", "x", "1"), {"smooth": 3}, said))
said = (
    "f: the formula 'x * z' has the name 'x': with 2 partials, the two operands are called a and b"
)
REFUSED.append((("f", "x * z", "z", "x"), {}, said))
said = "f cannot be computed at -3.52661: math.sin() takes exactly one argument (2 given)"
REFUSED.append((("f", "sin(x, x)", "1"), {}, said))


@each(("arguments", "options", "said"), REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    arguments: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises((TypeError, GraphError)) as refused:
        operation(*arguments, **options)
    assert str(refused.value) == said
