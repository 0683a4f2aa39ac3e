"""What the grammar promises: expressions as Python would compute them, and nothing else, however
hostile the text.
"""

import io
import math
import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import OPS, DomainWarning, Value
from autograd.__main__ import main
from autograd.debugging.grammar import FUNCTIONS, Condition, Expression
from autograd.debugging.syntax import ExpressionError
from tests.cases import LETTERS, each

# Expressions that mean the same to Python, with the functions of autograd in scope, as to the
# grammar.
leaves = st.sampled_from(["x", "y", "z", "2", "0.5", "1e-3", "3"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(st.sampled_from(["-", "+"]), inner).map(lambda t: f"({t[0]}{t[1]})"),
        st.tuples(st.sampled_from(["tanh", "sigmoid", "relu", "softplus", "square"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
        st.tuples(inner, st.sampled_from(["2", "3", "1"])).map(lambda t: f"tanh({t[0]})**{t[1]}"),
        st.tuples(inner, inner).map(
            lambda t: f"where({t[0]} < {t[1]}, {t[1]}, maximum({t[0]}, 1))"
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"mean([{', '.join(items)}])"),
        st.tuples(inner, inner).map(lambda t: f"dot([{t[0]}, 2], [{t[1]}, x], 0.5)"),
        inner.map(lambda t: f"clip({t}, -1, high=2)"),
    ),
    max_leaves=8,
)


@given(expressions)
def test_an_expression_computes_what_python_computes(text: str) -> None:
    numbers = {"x": 0.7, "y": -1.3, "z": 2.1}
    ours, theirs = ({name: Value(n) for name, n in numbers.items()} for _ in range(2))
    expression = Expression(text)
    y = expression(**{name: ours[name] for name in expression.names})
    python = eval(text, {name: getattr(autograd, name) for name in FUNCTIONS} | theirs)
    y.backward()
    if isinstance(python, Value):
        python.backward()
    assert y.data == (python.data if isinstance(python, Value) else python)
    for name in expression.names:
        assert ours[name].grad == pytest.approx(theirs[name].grad, rel=1e-12, abs=1e-12)


def test_names_come_in_order_of_appearance_and_label_the_inputs() -> None:
    expression = Expression(" tanh(w*x\n + b) * w ")
    assert expression.names == ("w", "x", "b")
    assert repr(expression) == "tanh(w*x + b) * w"
    y = expression(w=1, x=2.5, b=Value(0.5, "bias"))
    assert {v.label: v.data for v in autograd.topological(y) if v.label} == {
        "w": 1.0,
        "x": 2.5,
        "bias": 0.5,
    }


def test_an_expression_of_numbers_alone_is_a_value() -> None:
    assert Expression("2**-1 + 7 // 2 - 7 % 4")().data == 0.5
    assert Expression("-2**2")().data == -4.0


@each("name", sorted(OPS))
def test_every_row_of_the_table_can_be_written(name: str) -> None:
    row = OPS[name]
    if name == "pow":
        text = "a ** b"
    elif name == "where":
        text = "where(a > b, a, b)"
    elif name == "dot":
        text = "dot([a, a], [b, 2], 1)"
    elif row.nary:
        text = f"{name}([a, b, 0.5])"
    else:
        text = f"{name}({', '.join(['a', 'b'][: len(row.operands)] + ['2'] * len(row.constants))})"
    inside = row.span[0][0] + 0.7 * (row.span[0][1] - row.span[0][0])
    numbers = {"a": inside, "b": row.span[-1][1] * 0.6}
    expression = Expression(text)
    y = expression(**{n: numbers[n] for n in expression.names})
    assert y.op is row and math.isfinite(y.data)


@pytest.mark.parametrize(("text", "y"), [("clip(x, high=2)", 2.0), ("clip(-x, high=2)", -5.0)])
def test_an_option_that_is_left_out_leaves_the_others_in_their_place(text: str, y: float) -> None:
    assert Expression(text)(x=5).data == y


def test_edges_are_those_of_the_functions() -> None:
    with pytest.warns(DomainWarning, match="divide needs b != 0"):
        assert Expression("1/0 + x")(x=1).data == math.inf
    with pytest.warns(DomainWarning, match="power overflows"):
        assert Expression("9**9**9**9")().data == math.inf
    with pytest.warns(DomainWarning, match="power needs x >= 0"):
        assert math.isnan(Expression("(-8)**(1/3)")().data)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("x > 1", True),
        ("1 < x < 1.5", False),
        ("x == 2 and not x >= 3", True),
        ("x != 2 or abs(-x) <= 1", False),
    ],
)
def test_a_condition_holds_as_in_python(text: str, holds: bool) -> None:
    assert Condition(text)(x=2.0) is holds


NOT_THIS = "the grammar has numbers, names, operators and functions, not this"


@each(
    ("text", "said", "column"),
    [
        ("tanh(w*x", "the expression does not parse: '(' was never closed", 4),
        ("2 * * x", "the expression does not parse", 4),
        ("x = 3", "the expression does not parse", 2),
        ("x y", "the expression does not parse", 2),
        ("x^2", "^ is not a power: write **", 1),
        ("x² + 1", "² is no power: write **2", 1),
        (
            "lambda*x",
            "the expression does not parse: "
            "lambda is a word of Python's, call a number lambda_, say",
            0,
        ),
        ("x.data", "a dot after a name has no meaning here", 1),
        ("(x).__class__", "a dot after a name has no meaning here", 3),
        ("x[0]", "brackets after a name have no meaning here", 1),
        ("a, b", "this is several expressions, and only one can be computed", 0),
        ("[x]", "a list stands only in total, mean, logsumexp, softmax, log_softmax, dot", 0),
        ("x > 0", "a comparison stands only in where(condition, a, b)", 2),
        ("x and y", "and, or and not stand only in the condition of where(condition, a, b)", 2),
        ("x if y else z", "write where(condition, a, b) for a choice", 0),
        ("where(x, 1, 2)", "a condition is a comparison, as x > 0", 6),
        ("where(x is y, 1, 2)", "a condition is a comparison, as x > 0", 8),
        ("2 * exp", "exp is a function: write exp(...)", 4),
        ("1 + ln(x)", "there is no function ln: did you mean log?", 4),
        ("tahn(x)", "there is no function tahn: did you mean tanh?", 0),
        ("sigmod(x)", "there is no function sigmod: did you mean sigmoid?", 0),
        ("__import__('os')", "there is no function __import__", 0),
        ("maximum(x)", "maximum needs a list here: write maximum([...])", 8),
        ("hypot(x)", "hypot takes a, b, each once, got 1 of them", 0),
        ("exp(x, y)", "exp takes x, each once, got 2 of them", 0),
        ("clip(x, top=1)", "clip takes x, low, high, each once, got 2 of them", 0),
        ("clip(x, 1, low=1)", "clip takes x, low, high, each once, got 3 of them", 0),
        ("x + leaky_relu(x, slope=x)", "leaky_relu needs a plain number for slope", 24),
        ("leaky_relu(x, slope=y)", "leaky_relu needs a plain number for slope", 20),
        ("total(x)", "total needs a list here: write total([...])", 6),
        ("total([x] * 1000000000)", "total needs a list here: write total([...])", 10),
        (
            "1 + softmax([x, y])",
            "softmax gives a list, which stands only in total, mean, logsumexp, softmax, ",
            4,
        ),
        ("x + 'text'", NOT_THIS, 4),
        ("x + True", NOT_THIS, 4),
        ("x + 2j", NOT_THIS, 4),
        ("(lambda: x)()", NOT_THIS, 0),
        ("[y for y in x]", NOT_THIS, 0),
        ("total([*x])", NOT_THIS, 7),
        ("é + ü.x", "a dot after a name has no meaning here", 5),
        ("x + 1e999", "this number is too large for a float", 4),
        ("x # y", "the character '#' has no meaning here", 2),
        ("x + \x1b[2Jy", r"the character '\x1b' has no meaning here", 4),
    ],
)
def test_what_the_grammar_does_not_have_is_refused_with_a_caret_under_the_place(
    text: str, said: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as refused:
        Expression(text)
    sentence, shown, caret = str(refused.value).splitlines()
    assert sentence.startswith(said)
    assert shown == "  " + text.replace("\x1b", " ")
    assert caret == " " * (column + 2) + "^"


def test_the_caret_of_a_long_text_is_in_sight() -> None:
    with pytest.raises(ExpressionError) as refused:
        Expression("x + " * 90 + "x.y")
    _, shown, caret = str(refused.value).splitlines()
    assert len(shown) < 80 and shown[len(caret) - 1] == "."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dot([x], [1, 2])", "dot needs sequences of one length, got 1 and 2"),
        ("mean([])", "mean needs at least one value, got an empty sequence"),
    ],
)
def test_what_a_function_refuses_has_its_place_too(text: str, said: str) -> None:
    expression = Expression(text)
    with pytest.raises(ExpressionError, match="^" + said.replace("(", r"\(")) as refused:
        expression(**dict.fromkeys(expression.names, 1.0))
    assert str(refused.value).endswith("^")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"w": 1}, "x, b need numbers: write x=1.5 b=1.5, say"),
        ({"w": 1, "x": 1}, "b needs a number: write b=1.5, say"),
        ({"w": 1, "x": 1, "b": 1, "c": 1}, "the expression has no c: its names are w, x, b"),
    ],
)
def test_numbers_must_fit_the_names(numbers: dict[str, float], said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        Expression("w * x + b")(**numbers)
    assert str(refused.value) == said


HOSTILE = ["", "   ", "(" * 300 + "x" + ")" * 300, "(" * 90 + "x" + ")" * 90 + ".y", "[" * 300]
HOSTILE += ["-" * 1900 + "x", "x" + "+x" * 900, "x" + "**x" * 600]
HOSTILE += ["total([" * 150 + "x" + "])" * 150, "where(" + "not " * 400 + "x > 1, 1, 2)"]
HOSTILE += ["where(" + "(" * 150 + "x > 1" + ")" * 150 + " or x" + " > x" * 300 + ", 1, 2, 3)"]
HOSTILE += ["exp(" * 190 + "x" + ")" * 190, "9" * 1990, "1e" + "9" * 1000, "x" * 5000, "a.b" * 600]
HOSTILE += ["{" * 100, "f'{x}'", "b'x'", "...", "x := 1", "x; y", "import os", "yield x", "await x"]
HOSTILE += ["x\x00y", "\ud800", "\u202ex", "exp(**{'x': 1})", "exp(x=1, x=2)", "print('x')"]
HOSTILE += ["exec('1')", "open('/etc/passwd')", "().__class__.__bases__[0].__subclasses__()"]


@each("text", HOSTILE)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(text)


@given(st.text(LETTERS, max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    with suppress(ExpressionError):
        Expression(text)


PIECES = [*"xy()[],.+-*/%<>=!:'\"#^&|~@{} ", "**", "//", "tanh", "where", "dot", "lambda", "not"]
PIECES += ["1e9", "if", "for"]


def test_a_thousand_scrambled_expressions_do_no_harm() -> None:
    rng = random.Random(1)
    read = 0
    for _ in range(1000):
        text = "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        try:
            Expression(text)
            read += 1
        except ExpressionError as refused:
            assert str(refused)
    assert read > 10


def edge_expression(rng: random.Random, depth: int) -> str:
    """An expression of any functions, with numbers where their domains end."""
    if not depth or rng.random() < 0.2:
        return rng.choice(["x", "y", "0", "-1", "0.5", "1e308", "5e-324", "1000"])
    a, b = edge_expression(rng, depth - 1), edge_expression(rng, depth - 1)
    forms = [f"({a} {sign} {b})" for sign in ("+", "-", "*", "/", "//", "%", "**")]
    forms += [f"where({a} {sign} {b}, {b}, {a})" for sign in (">", "==", "!=")]
    forms += [f"{name}([{a}, {b}])" for name in ("total", "mean", "logsumexp")]
    forms += [f"dot([{a}, 2], softmax([{b}, x]))", f"clip({a}, high={b})"]
    for name in rng.sample(sorted(FUNCTIONS), 20):
        if name in OPS and not OPS[name].constants and not OPS[name].nary and name != "where":
            forms.append(f"{name}({', '.join([a, b][: len(OPS[name].operands)])})")
    return rng.choice(forms)


def test_expressions_at_the_edges_are_computed_explained_and_stepped_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1)
    numbers = ["0", "-1", "nan", "inf", "-inf", "1e308", "5e-324", "0.5", "-0.0"]
    for _ in range(40):
        expression = f"0 * x + 0 * y + {edge_expression(rng, 3)}"
        given = [f"x={rng.choice(numbers)}", f"y={rng.choice(numbers)}"]
        for command in ([], ["why"], ["step"]):
            monkeypatch.setattr("sys.stdin", io.StringIO("c\nr\ns\nl\nwhy x\nq\n"))
            assert main([*command, expression, *given]) == 0, (expression, given)
        assert "changed" not in capsys.readouterr().out, (expression, given)


def test_a_product_without_its_sign_is_told_how_to_write_it() -> None:
    with pytest.raises(ExpressionError, match=r"write a product with \*, as in 2\*x"):
        Expression("2x")
