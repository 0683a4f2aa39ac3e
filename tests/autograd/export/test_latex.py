"""Formulas in LaTeX: textbook notation, and that it is the right derivative."""

import math
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import pytest

from autograd import (
    OPS,
    GraphError,
    Value,
    bundle,
    exp,
    grad,
    latex,
    log,
    logsumexp,
    maximum,
    operation,
    record,
    relu,
    sigmoid,
    sqrt,
    tanh,
    where,
)
from autograd.engine.formula import EDGE, result_formula
from autograd.export import algebra
from autograd.export.algebra import (
    Call,
    Expression,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Truth,
)
from autograd.export.latex import combined, written
from autograd.export.rows import derivative
from nn import MLP
from tests.cases import each
from tests.random_graphs import RECORDERS

w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
BOARD = [
    (tanh(w * x + b), None, r"\tanh(w x + b)"),
    (tanh(w * x + b), w, r"x \, \operatorname{sech}^{2}(w x + b)"),
    (relu(w * x) * 2 - x / b, x, r"2 w [w x > 0] - \frac{1}{b}"),
    ((1 - x) ** 2, x, r"-2 \left(1 - x\right)"),
    (logsumexp([w, x]), x, r"\frac{e^{x}}{e^{w} + e^{x}}"),
    (sqrt(x) * log(x), None, r"\sqrt{x} \, \log(x)"),
    (x**w, w, r"x^{w} \, \log(x)"),
    (exp(x) ** 2 * exp(x), None, r"e^{3 x}"),
    (sigmoid(x), x, r"\sigma(x) \left(1 - \sigma(x)\right)"),
    (x * 0.25 + x * 0.25, None, r"\frac{x}{2}"),
    (maximum(x, b), b, r"[b > x] + \frac{[x = b]}{2}"),
    (Value(2.0, "alpha") * Value(3.0, "w[0][1]") * Value(1.0, "rate_2"), None,
     r"\alpha w_{0,1} \mathrm{rate}_{2}"),
    (Value(2.0, "x*w + 1") * b, None, r"\left(\mathrm{x*w\ +\ 1}\right) b"),
    (b * b * (c := Value(3.0, "-c^2")), c, "b^{2}"),
    (b * b * c, None, r"b^{2} \left(\mathrm{-c{\wedge}2}\right)"),
    (c * c * c, None, r"\left(\mathrm{-c{\wedge}2}\right)^{3}"),
    (b - c, None, r"b - \left(\mathrm{-c{\wedge}2}\right)"),
]  # fmt: skip


@each(("y", "by", "text"), BOARD)
def test_formulas_are_written_as_on_a_blackboard(y: Value, by: Value | None, text: str) -> None:
    _, _, right = latex(y, by).partition(" = ")
    assert right == text
    assert y.latex(by) == latex(y, by)  # type: ignore[attr-defined]


def test_a_name_of_the_caller_is_on_the_left_and_a_derivative_may_be_asked_by_name() -> None:
    loss = (w * x - 1) ** 2
    assert loss.latex() == r"\mathrm{loss} = \left(w x - 1\right)^{2}"  # type: ignore[attr-defined]
    asked = latex(loss, "w")
    assert asked == r"\frac{\partial \mathrm{loss}}{\partial w} = 2 x \left(w x - 1\right)"
    assert asked._repr_latex_() == f"$$\\displaystyle {asked}$$"


def number(e: Expression, at: dict[str, float]) -> float:
    """What an expression comes to."""

    def of(e: Expression) -> float:
        match e:
            case Number(x):
                return x
            case Symbol(name):
                return math.pi if name == "pi" else at[name]
            case Sum(terms):
                return sum(map(of, terms))
            case Product(x, factors):
                return x * math.prod(map(of, factors))
            case Power(base, exponent):
                return float(of(base) ** of(exponent))
            case Truth(sign, a, b):
                return float(eval(f"a {sign} b", {"a": of(a), "b": of(b)}))
            case Call(name, operands):
                return float(result_formula(OPS[name], EDGE)(*map(of, operands)))
        raise AssertionError(e)

    return of(e)


NARY = 3


@each("name", [n for n in OPS if n not in ("largest", "smallest")])
def test_every_row_and_its_derivatives_are_right_and_readable(name: str) -> None:
    op, draw = OPS[name], Random(name)
    spans = op.span or ((0.1, 2.0),) * len(op.operands)
    sizes = [NARY if operand[0] == "*" else 1 for operand in op.operands]
    names = [f"x{i}" for i in range(sum(sizes))]
    ends = [*accumulate(sizes, initial=0)]
    groups = [names[a:b] for a, b in pairwise(ends)]
    pairs = [(n, s) for group, s in zip(groups, spans, strict=True) for n in group]
    at = {n: draw.uniform(*span) for n, span in pairs}
    bundles = [[Symbol(n) for n in group] for group in groups]
    y = combined(op, bundles, [Number(default) for _, default in op.constants])

    def f(*numbers: Any) -> Any:
        known = dict(zip(names, numbers, strict=True))
        given: list[Any] = [
            bundle([known[n] for n in group]) if star[0] == "*" else known[group[0]]
            for group, star in zip(groups, op.operands, strict=True)
        ]
        return RECORDERS[name](*given, *(default for _, default in op.constants))

    assert number(y, at) == pytest.approx(float(f(*map(Value, at.values())).data), rel=1e-12)
    slopes = grad(f, argnums=tuple(range(len(names))))(*at.values())
    for symbol, slope in zip(names, slopes, strict=True):
        d = derivative(y, Symbol(symbol))
        assert number(d, at) == pytest.approx(slope, rel=1e-11, abs=1e-14), written(d)
        assert written(d)


@pytest.mark.full
def test_matplotlib_shows_every_formula() -> None:
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    texts = [latex(y, by) for y, by, _ in BOARD]
    for op in OPS.values():
        bundles = [[Symbol(f"{n[1:]}{i}") for i in range(3)] if n[0] == "*" else [Symbol(n)]
                   for n in op.operands]  # fmt: skip
        y = combined(op, bundles, [Number(default) for _, default in op.constants])
        if op.name not in ("largest", "smallest"):
            texts += [written(derivative(y, s)) for many in bundles for s in many]  # type: ignore[arg-type]
        texts.append(written(y))
    for text in texts:
        parser.parse(f"${text}$")


def test_conditions_of_a_program_are_iversons_brackets() -> None:
    program = record(lambda x: where(x > 1, x**2, -x), 2.0)
    value, slope = program.export("latex").split("\\\\\n")
    assert value == r"f = x^{2} [x > 1] - x [x \leq 1]"
    assert slope.endswith(r"= 2 x [x > 1] - [x \leq 1]")


def test_a_program_has_a_line_for_its_value_and_for_each_derivative() -> None:
    program = record(lambda v, s: tanh(v[0] * s) - v[1], [1.0, 2.0], 3.0)
    assert program.export("latex").split("\\\\\n") == [
        r"f = \tanh(v_{0} s) - v_{1}",
        r"\frac{\partial f}{\partial v_{0}} = s \, \operatorname{sech}^{2}(v_{0} s)",
        r"\frac{\partial f}{\partial v_{1}} = -1",
        r"\frac{\partial f}{\partial s} = v_{0} \, \operatorname{sech}^{2}(v_{0} s)",
    ]
    assert record(lambda x: [x, x * x], 1.0).export("latex") == "f_{0} = x\\\\\nf_{1} = x^{2}"


def half(x: float) -> float:
    return x / 2


def test_what_no_blackboard_holds_is_refused() -> None:
    with pytest.raises(GraphError, match="at most 1,000 terms once it is written out, got"):
        latex(sum(MLP(8, [30, 8, 1], seed=1)([1.0] * 8) * k for k in range(1, 9)))  # type: ignore[arg-type]
    deep = x
    for _ in range(320):
        deep = tanh(deep) * 1.5
    with pytest.raises(GraphError, match="fewer operations in one another: take a part of it"):
        latex(deep)
    with pytest.raises(GraphError, match="a value that y is made of to differentiate by, got"):
        latex(x * 2, Value(3.0, "stranger"))
    with pytest.raises(TypeError, match="latex needs a recorded Value, got the float"):
        latex(2.0)  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="no word for half, which calls a function of Python"):
        latex(operation("half", half, "0.5")(x))


def test_equal_parts_of_a_deep_formula_are_found_without_going_through_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compared(n: int) -> int:
        y: Any = Symbol("x")
        for _ in range(n):
            y = algebra.mul(Call("sin", (y,)), Symbol("x"))
        calls, found = [0], algebra.Expression.__hash__

        def counted(self: Expression) -> int:
            calls[0] += 1
            return found(self)

        monkeypatch.setattr(algebra.Expression, "__hash__", counted)
        derivative(y, Symbol("x"))
        monkeypatch.setattr(algebra.Expression, "__hash__", found)
        return calls[0]

    assert compared(80) < 5 * compared(20)
