"""check: a verdict on every case of the corpus, on every mutated row, and on a thousand random
graphs.
"""

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    OPS,
    GradientError,
    Op,
    Value,
    assert_gradients,
    check,
    dot,
    exp,
    grad,
    jacobian,
    sin,
    tanh,
    total,
)
from autograd.checking import digits as precise
from autograd.checking import partials as local
from autograd.checking.checks import checked
from autograd.checking.report import VERDICTS, Entry, Finding, Report
from autograd.engine.recorder import recorder
from autograd.engine.value import RECORD, Bundle
from tests import corpus
from tests.cases import each, some
from tests.corpus import CASES, Case, complaint, confusion, mutant

# The corpus


@each("case", some(CASES, 2, lambda case: (case.verdicts, case.operation)))
def test_a_case_gets_its_word(case: Case) -> None:
    report = case.run()
    assert not complaint(case, report)
    assert report.verdict == "OK" or report.finding.evidence


def test_the_corpus_is_large_and_of_every_kind() -> None:
    assert len(CASES) >= 60
    assert {word for case in CASES for word in case.verdicts} == set(VERDICTS)


def test_the_command_prints_the_confusion_matrix(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "CASES", CASES[::15])
    corpus.main()
    printed = capsys.readouterr().out
    assert printed.startswith(f"{len(CASES[::15])} cases")
    assert printed.endswith("\n0 wrong\n")


def test_the_matrix_shows_a_bug_that_is_called_ok() -> None:
    case = Case("a lie", ("BUG",), lambda: check(tanh, 1.0), False)
    reports = [(case, case.run())]
    assert confusion(reports) == {("BUG", "OK"): 1}
    assert complaint(*reports[0]).startswith("a lie: needed BUG, got\nOK")


ROUGHER = {"sin(1e12 x)": "ROUND-OFF"}  # what only sixty digits can tell


@each("case", some(CASES, 5, lambda case: case.verdicts))
def test_a_case_gets_its_word_without_mpmath_too(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (precise, local):
        monkeypatch.setattr(room, "precise", lambda digits: None)
    assert case.run().verdict in (*case.verdicts, ROUGHER.get(case.name))


# Every row of the table, mutated


def swapped(text: str) -> str:
    return re.sub(r"\b[ab]\b", lambda name: {"a": "b", "b": "a"}[name[0]], text)


def mutants() -> Iterator[tuple[str, int, Op]]:
    """Each row with one partial wrong: its sign, a factor, its operands swapped, a constant in its
    place.
    """
    for name, op in OPS.items():
        for i, right in enumerate(op.partials):
            wrongs = {"constant": "0.125" if right == "0" else f"0.125 + 0 * ({right})"}
            if right != "0":
                wrongs |= {
                    "sign": f"-({right})",
                    "factor": f"1.01 * ({right})",
                    "double": f"2 * ({right})",
                }
            if (
                op.operands == ("a", "b")
                and swapped(right) != right
                and swapped(right) not in op.partials
            ):
                wrongs["operands"] = swapped(right)
            if op.operands == ("a", "b") and op.partials[1 - i] != right:
                wrongs["swapped"] = op.partials[1 - i]
            for what, wrong in wrongs.items():
                yield (
                    f"{name} {what} {i}",
                    i,
                    replace(op, partials=(*op.partials[:i], wrong, *op.partials[i + 1 :])),
                )


MUTANTS = list(mutants())


def row(mutant: tuple[str, int, Op]) -> str:
    return mutant[2].name


def drawn(op: Op, rng: random.Random) -> list[list[float]]:
    spans = zip(op.operands, op.span, strict=True)
    return [
        [rng.uniform(*span) for _ in range(3 if name.startswith("*") else 1)]
        for name, span in spans
    ]


def recorded(
    record: Callable[..., Any], op: Op, numbers: list[list[Any]], constants: tuple[float, ...]
) -> Any:
    if not op.nary:
        return record(*(many[0] for many in numbers), *constants)
    bundles = [
        Bundle(many)
        for name, many in zip(op.operands, numbers, strict=True)
        if name.startswith("*")
    ]
    return record(
        *bundles,
        *(many[0] for name, many in zip(op.operands, numbers, strict=True) if name[0] != "*"),
    )


@each(("name", "i", "op"), some(MUTANTS, 5, row))
def test_a_mutated_row_is_named_with_its_operand(name: str, i: int, op: Op) -> None:
    rng, record = random.Random(name), recorder(op)
    for point in range(20):
        numbers = drawn(op, rng)
        # A condition that does not hold, too: only then has where a partial by b.
        constants = (
            (0.0,)
            if op.name == "where" and point % 2
            else tuple(default for _, default in op.constants)
        )
        values = [[Value(x) for x in many] for many in numbers]
        ours = recorded(record, op, values, constants).partials
        right = recorded(RECORD[op.name], op, values, constants).partials
        if any(abs(a - b) > 1e-6 * abs(b) for a, b in zip(ours, right, strict=True)):
            break
    else:
        raise AssertionError("the mutant is no mutant")

    def f(v: Any) -> Any:
        return sin(0.3 * recorded(record, op, v, constants)) + total(
            [x for many in v for x in many]
        )

    report = check(f, numbers)
    assert (report.verdict, report.ok) == ("BUG", False), report
    assert report.culprit is not None
    assert report.culprit.operation == op.name
    named = {f.operand.partition("[")[0] for f in report.findings if f.word == "BUG"}
    assert op.operands[i].lstrip("*") in named, report


@each(("name", "i", "op"), some(MUTANTS, 3, row))
def test_a_mutated_row_is_found_by_itself(name: str, i: int, op: Op) -> None:
    report = check(op)
    assert report.verdict == "BUG", report
    assert report.culprit is not None
    assert (report.culprit.operation, report.culprit.operand.partition("[")[0]) == (
        op.name,
        op.operands[i].lstrip("*"),
    )


@each("op", OPS.values(), ids=list(OPS))
def test_the_rows_themselves_are_right(op: Op) -> None:
    report = check(op)
    assert report.ok, report
    assert len(report.entries) == len(op.operands)


# Random graphs

SMOOTH = ["sin", "cos", "tanh", "sigmoid", "softplus", "atan", "asinh", "erf", "silu", "gelu"]
SMOOTH += ["square", "softsign", "log_sigmoid", "sech"]
OTHERS = ["exp", "add", "subtract", "multiply", "divide", "logaddexp", "mean"]


def program(rng: random.Random, steps: int, inputs: int) -> Callable[[list[Any]], Any]:
    """A smooth function made of random rows; exp and division are kept within reason."""
    made: list[tuple[str, tuple[int, ...]]] = []
    for count in range(inputs, inputs + steps):
        name = rng.choice([rng.choice(SMOOTH), *OTHERS])
        made.append((name, tuple(rng.randrange(count) for _ in range(3))))

    def run(v: list[Any]) -> Any:
        known = list(v)
        for name, places in made:
            a, b, c = (known[i] for i in places)
            if name == "exp":
                y = exp(tanh(a))
            elif name == "divide":
                y = a / (b * b + 1)
            elif name == "square":
                y = autograd.square(tanh(a))
            elif name == "mean":
                y = autograd.mean([a, b, c])
            elif name in SMOOTH:
                y = getattr(autograd, name)(a)
            else:
                y = getattr(autograd, name)(a, b)
            known.append(y)
        return known[-1] + known[-2]

    return run


@pytest.mark.parametrize(
    "seeds", [range(100), pytest.param(range(100, 1000), marks=pytest.mark.full)]
)
def test_a_thousand_smooth_graphs_are_never_called_a_bug(seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        inputs = rng.randrange(1, 4)
        f = program(rng, rng.randrange(2, 10), inputs)
        point = [rng.uniform(-2, 2) for _ in range(inputs)]
        report = check(f, point)
        assert report.verdict == "OK", (seed, report)
        assert report.digits > 9, (seed, report)


@each("seed", range(60))
def test_a_derivative_by_hand_is_told_from_one_that_is_a_thousandth_off(seed: int) -> None:
    rng = random.Random(seed)
    inputs = rng.randrange(1, 4)
    f = program(rng, rng.randrange(2, 10), inputs)
    point = [rng.uniform(-2, 2) for _ in range(inputs)]
    right = grad(f)(point)
    i = max(range(inputs), key=lambda k: abs(right[k]))
    assert check(f, point, gradient=lambda v: grad(f)(v)).verdict == "OK"
    if right[i]:
        wrong = [g * (1.001 if k == i else 1) for k, g in enumerate(right)]
        report = check(f, point, gradient=wrong)
        assert report.verdict == "BUG"
        assert [entry.ok for entry in report.entries] == [k != i for k in range(inputs)]


# The report


def test_a_report_reads_like_the_blackboard() -> None:
    report = check(lambda n: mutant("tanh", "1.01 * sech(x)**2")(n), 0.5)
    assert f"{report!r}".splitlines() == [
        "BUG: tanh: its partial by x (n) is 0.7943, the slope of its result 0.7864, ratio 1.01",
        "  -> correct the row tanh, where dy/dx = 1.01 * sech(x)**2",
        "  n  ours 0.7943  true 0.7864  BUG",
    ]
    finding = report.finding
    assert (finding.operation, finding.operand, finding.label, round(finding.ratio, 6)) == (
        "tanh",
        "x",
        "n",
        1.01,
    )


def test_an_entry_holds_ours_the_number_its_error_and_the_digits() -> None:
    (entry,) = check(math.sin, 1.0, gradient=math.cos).entries
    assert entry.name == "x1" or entry.name == "x"
    assert entry.ours == math.cos(1.0)
    assert abs(entry.numeric - entry.ours) <= entry.error < 1e-8
    assert 7 < entry.digits <= 16


def test_the_verdict_is_the_worst_of_the_arguments() -> None:
    report = check(lambda a, b: autograd.relu(a) + tanh(b), 0.0, 1.0)
    assert [entry.verdict for entry in report.entries] == ["KINK", "OK"]
    assert report.verdict == "KINK"


def test_an_invalid_subgradient_is_worse_than_randomness() -> None:
    kink = Finding("KINK", "", valid=False)
    entries = tuple(Entry(w, 0, 0, 0, Finding(w, "")) for w in ("OK", "DOMAIN", "NONDETERMINISTIC"))
    assert Report("f", entries, (kink,)).finding is kink


def test_raise_if_wrong_raises_the_report() -> None:
    check(tanh, 1.0).raise_if_wrong()
    check(autograd.relu, 0.0).raise_if_wrong()
    with pytest.raises(GradientError, match="BUG: yours is -1, the derivative 1"):
        check(lambda x: x + 0.0, 2.0, gradient=-1.0).raise_if_wrong()


def test_assert_gradients_is_for_test_suites() -> None:
    assert_gradients(lambda w, x: tanh(w * x), 0.3, -2.0)
    with pytest.raises(AssertionError, match="SINGULAR") as caught:
        assert_gradients(autograd.sqrt, 0.0)
    assert "true 0" not in str(caught.value)  # an infinite slope has no number


def test_many_entries_are_cut_and_the_worst_are_shown_first() -> None:
    report = check(lambda v: total(v), [0.1] * 30, gradient=[1.0] * 29 + [2.0])
    lines = f"{report!r}".splitlines()
    assert lines[0].startswith("BUG: v[29]: yours is 2, the derivative 1")
    assert lines[1].startswith("  v[29]")
    assert lines[-1] == "  20 more not shown"


def test_control_characters_of_labels_are_shown_not_sent() -> None:
    report = check(tanh(Value(0.5, "\x1b[31mred")))
    assert "\x1b" not in f"{report!r}" and "red" in f"{report!r}"


def test_two_reports_add_up() -> None:
    both = check(tanh, 1.0) + check(autograd.relu, 0.0)
    assert len(both.entries) == 2
    assert both.verdict == "KINK"


# What it looks at


def test_a_graph_with_an_operation_of_the_users_is_checked() -> None:
    right = autograd.operation("cubed_here", "x**3", "3 * x**2")
    assert check(lambda x: right(x) + x, 2.0).verdict == "OK"
    words = {"fourth": lambda x: x**4}
    wrong = recorder(Op("fourth_power", ("x",), "fourth(x)", ("3.9 * x**3",), vocabulary=words))
    report = check(lambda x: sin(wrong(x)), 1.3)
    assert report.culprit is not None
    assert (report.verdict, report.culprit.operation) == ("BUG", "fourth_power")
    assert round(report.culprit.ratio, 4) == 0.975


def test_a_recorded_output_is_replayed() -> None:
    w, x, y = Value(0.5, "w"), Value(-2.0), Value(3.0, "x")
    report = check(tanh(w * x) + w * y * Value(1.0))
    assert {entry.name for entry in report.entries} == {"w", "x", "leaf 4"}
    assert report.verdict == "OK"


def test_a_recorded_output_whose_leaf_has_changed_is_undecided() -> None:
    x = Value(0.5, "x")
    y = sin(x) * 2
    x.data = 1.0
    report = check(y)
    assert report.verdict == "UNDECIDED"
    assert "its operands have other numbers now" in report.finding.evidence


def test_a_check_leaves_nothing_behind() -> None:
    w = Value(0.5, "w")
    w.grad = 3.0
    y = tanh(w * 2)
    y.backward()
    grads = w.grad, y.grad
    check(y)
    check(lambda x: w * x, 2.0)
    check(lambda a: a * a, w)
    assert (w.grad, y.grad) == grads
    assert w.data == 0.5
    assert not w.operands


def test_numbers_in_every_shape_are_named() -> None:
    report = check(
        lambda p, m: p["w"][1] * m[0, 1] + p["b"],
        {"w": [1.0, 2.0], "b": 3.0},
        np.array([[1.0, 4.0]]),
    )
    assert [entry.name for entry in report.entries] == [
        "p['w'][0]",
        "p['w'][1]",
        "p['b']",
        "m[0, 0]",
        "m[0, 1]",
    ]
    assert [entry.ours for entry in report.entries] == [0.0, 4.0, 1.0, 0.0, 2.0]


def test_keywords_are_checked_if_there_is_nothing_else() -> None:
    assert [entry.name for entry in check(lambda x, y: x * y, x=1.0, y=2.0).entries] == ["x", "y"]
    assert [entry.name for entry in check(lambda v, i: v[i] ** 2, [1.0, 2.0], i=1).entries] == [
        "v[0]",
        "v[1]",
    ]


@each(
    ("wrt", "names"),
    [
        ("x", ["x"]),
        (1, ["x"]),
        (-3, ["w"]),
        (("w", "x"), ["w", "x"]),
        (["x", 0], ["x", "w"]),
        ("scale", ["scale"]),
        (("x", "scale"), ["x", "scale"]),
    ],
)
def test_wrt_picks_the_arguments_by_name_or_by_place(wrt: Any, names: list[str]) -> None:
    def f(w: Any, x: Any, mode: str, *, scale: Any = 1.0) -> Any:
        return w * x**2 * scale if mode == "fast" else math.nan

    slopes = {"w": 9.0 * 5, "x": 12.0 * 5, "scale": 18.0}
    report = check(f, 2.0, 3.0, "fast", scale=5.0, wrt=wrt)
    assert [(e.name, e.ours) for e in report.entries] == [(n, slopes[n]) for n in names]
    assert report.verdict == "OK"

    def gradient(w: Any, x: Any, mode: str, *, scale: Any = 1.0) -> Any:
        every = {"w": x**2 * scale, "x": 2 * w * x * scale, "scale": w * x**2}
        return tuple(every[name] for name in names)

    assert check(f, 2.0, 3.0, "fast", scale=5.0, wrt=wrt, gradient=gradient).verdict == "OK"
    assert check(f, 2.0, 3.0, "fast", scale=5.0, wrt=wrt, order=2).ok


def test_wrt_refuses_what_was_not_given() -> None:
    sentence = "check has no argument 'z' to differentiate by: f was given x, y"
    refuses(TypeError, sentence, lambda x, y: x * y, 1.0, 2.0, wrt="z")
    sentence = "check has no argument 2 to differentiate by: f was given x, y"
    refuses(TypeError, sentence, lambda x, y: x * y, 1.0, 2.0, wrt=(0, 2))


def test_a_jacobian_of_several_arguments() -> None:
    def f(a: Any, v: Any) -> Any:
        return [a * v[0], v[1] ** 2]

    report = check(f, 2.0, [3.0, 4.0], gradient=jacobian(f, argnums=(0, 1)))
    assert report.verdict == "OK"
    by_hand = check(
        f, 2.0, [3.0, 4.0], gradient=lambda a, v: ([v[0], 0.0], [[a, 0.0], [0.0, 2 * v[1]]])
    )
    assert by_hand.verdict == "OK", by_hand
    assert by_hand.entries[0].name == "f[0] by a"


@pytest.mark.full
def test_ten_thousand_parameters_take_a_few_directions_and_a_wrong_one_is_found() -> None:
    rng = np.random.default_rng(0)
    w = rng.normal(size=10_000)

    def f(v: Any) -> float:
        return float(np.sum(np.tanh(v)))

    report = check(f, w, gradient=lambda v: 1 - np.tanh(v) ** 2)
    assert report.verdict == "OK"
    assert report.calls < 100
    wrong = check(
        f, w, gradient=lambda v: (1 - np.tanh(v) ** 2) * np.where(np.arange(10_000) == 4321, -1, 1)
    )
    assert wrong.verdict == "BUG"
    assert wrong.entries[0].name == "v[4321]"
    assert wrong.entries[0].finding.hint == "sign"


def test_few_evaluations_where_all_is_well() -> None:
    assert check(lambda v: sin(dot(v, v)), [0.1 * i for i in range(20)]).calls < 6 * 20


def test_a_thousand_parameters_of_ours_take_a_few_directions() -> None:
    report = check(
        lambda v: tanh(dot(v, [math.sin(i) for i in range(1000)])),
        [1e-2 * math.cos(i) for i in range(1000)],
    )
    assert report.verdict == "OK"
    assert report.calls < 60
    assert "checked along random directions" in report.notes[0]


def test_second_derivatives_of_ours_are_checked_too() -> None:
    report = check(lambda v: v[0] ** 3 * v[1], [2.0, 3.0], order=2)
    assert [entry.name for entry in report.entries[2:]] == [
        f"d²/dv[{i}] dv[{j}]" for i in (0, 1) for j in (0, 1)
    ]
    assert report.verdict == "OK"


def test_a_partial_that_is_right_but_not_a_formula_of_the_second_order_is_found() -> None:
    # The first derivative is a number here; differentiated again it is a constant.
    rough = recorder(
        Op(
            "rough",
            ("x",),
            "x**3",
            ("slope(x)",),
            vocabulary={"slope": lambda x: 3.0 * getattr(x, "data", x) ** 2},
        )
    )
    assert check(rough, 2.0).verdict == "OK"
    assert check(rough, 2.0, order=2).verdict == "BUG"


def test_sixty_digits_leave_the_callers_mpmath_alone() -> None:
    import mpmath

    before = mpmath.mp.dps
    assert precise.precise(60) is not None
    check(tanh, 1.0)
    assert mpmath.mp.dps == before


# Bad input: one sentence each


def refuses(kind: type[Exception], sentence: str, f: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(kind) as caught:
        check(f, *args, **kwargs)
    assert str(caught.value) == sentence


def test_a_list_where_a_number_is_needed() -> None:
    refuses(
        TypeError,
        "check needs f to return one number, got a list of 2: "
        "check(lambda x: f(x)[0], x), or all of them with gradient=jacobian(f)",
        lambda x: [x, x],
        1.0,
    )


def test_an_argument_without_a_derivative() -> None:
    refuses(
        TypeError,
        "check needs numbers to differentiate by, and mode is the str 'fast': "
        "fix it inside, check(lambda x: f(x, ...), x), or pick the others, wrt=...",
        lambda x, mode: x,
        1.0,
        "fast",
    )
    refuses(
        TypeError,
        "check needs a function that runs: f raised TypeError at v[0] = 1, v[1] = 2, i = 0: an "
        "index needs an int, not the Value i = 0: write int(v.data) (i is an int; an index has no "
        "derivative: fix it, check(lambda x: f(x, i), x))",
        lambda v, i: v[i],
        [1.0, 2.0],
        0,
    )


def test_a_function_that_raises() -> None:
    def f(x: Any) -> Any:
        raise KeyError("weights")

    refuses(
        ValueError,
        "check needs a function that runs: f raised KeyError at x = 1: 'weights'",
        f,
        1.0,
    )
    refuses(
        ValueError,
        "check needs a function that runs: f raised KeyError at x = 1: 'weights'",
        f,
        1.0,
        gradient=1.0,
    )
    refuses(
        ValueError,
        "check needs a derivative that runs: gradient raised ZeroDivisionError at x = 1: division "
        "by zero",
        lambda x: x * 2,
        1.0,
        gradient=lambda x: 1 / 0,
    )


def test_a_missing_return() -> None:
    sentence = "check needs f to return one number, got None: is a return missing?"
    refuses(TypeError, sentence, lambda x: None, 1.0)
    sentence = "check needs a function that returns numbers, got None: is a return missing?"
    refuses(TypeError, sentence, lambda x: None, 1.0, gradient=1.0)
    sentence = "check needs gradient to hold numbers, got None: is a return missing?"
    refuses(TypeError, sentence, lambda x: x, 1.0, gradient=lambda x: None)


def test_a_derivative_of_another_shape() -> None:
    sentence = "check needs gradient to hold 1 number, got 2: a list of 2"
    refuses(TypeError, sentence, lambda x: x, 1.0, gradient=lambda x: [1.0, 2.0])
    sentence = "check needs hessian to hold 2 x 2 numbers, one for each output and input, got 3: "
    sentence += "a list of 3"
    refuses(TypeError, sentence, lambda v: v[0] * v[1], [1.0, 2.0], hessian=[1.0, 2.0, 3.0])


def test_a_hessian_needs_one_number_and_a_point_inside_the_domain() -> None:
    report = check(math.acosh, 0.5, hessian=0.0)
    assert report.verdict == "DOMAIN"
    sentence = "check needs f to return one number for a hessian, got a list of 2"
    for gradient in (None, [[1.0, 0.0], [0.0, 1.0]], lambda v: [[1.0, 0.0], [0.0, 1.0]]):
        given = {"gradient": gradient, "hessian": [[0.0, 0.0], [0.0, 0.0]]}
        refuses(TypeError, sentence, lambda v: [v[0], v[1]], [1.0, 2.0], **given)


def test_a_derivative_is_matched_by_key_and_by_shape() -> None:
    def f(p: Any) -> Any:
        return p["a"] ** 2 + 10 * p["b"]

    at = {"a": 3.0, "b": 2.0}
    assert check(f, at, gradient={"b": 10.0, "a": 6.0}).verdict == "OK"
    assert check(f, at, gradient=lambda p: {"b": 10.0, "a": 2 * p["a"]}).verdict == "OK"
    assert check(f, at, gradient=lambda p: ({"b": 10.0, "a": 2 * p["a"]},)).verdict == "OK"
    assert check(f, at, gradient={"b": 6.0, "a": 10.0}).verdict == "BUG"
    curved = {"b": {"b": 0.0, "a": 0.0}, "a": {"b": 0.0, "a": 2.0}}
    assert check(f, at, hessian=curved).verdict == "OK"
    assert check(f, at, gradient=grad(f), hessian=curved).verdict == "OK"
    assert check(lambda a, b: a * a + 10 * b, a=3.0, b=2.0, gradient={"b": 10, "a": 6}).ok
    parts = [{"b": 0.0, "a": 6.0}, {"b": 10.0, "a": 0.0}]
    assert check(lambda p: [p["a"] ** 2, 10 * p["b"]], at, gradient=parts).verdict == "OK"
    swapped = {"y": {"b": 10.0, "a": 0.0}, "x": {"b": 0.0, "a": 6.0}}
    outside = check(lambda p: {"x": p["a"] ** 2, "y": 10 * p["b"]}, at, gradient=swapped)
    assert outside.verdict == "OK"
    needed = "check needs gradient"
    refuses(
        ValueError,
        f"{needed} with the keys 'a', 'b', got 'a', 'c'",
        f,
        at,
        gradient={"a": 6.0, "c": 10.0},
    )
    refuses(
        ValueError, f"{needed} with the keys 'a', 'b', got a list of 2", f, at, gradient=[6.0, 10.0]
    )
    wide = np.zeros((2, 3))
    refuses(
        ValueError,
        f"{needed} of shape (2, 3), got an array of shape (3, 2)",
        lambda x: x.sum(),
        wide,
        gradient=np.ones((3, 2)),
    )
    two = [[1.0, 2.0], [3.0, 4.0]]  # by each argument, or by each output
    assert check(lambda a, b: [a + 2 * b, 3 * a + 4 * b], 1.0, 1.0, gradient=two).verdict == "OK"
    assert check(
        lambda v: np.outer(v, v), np.ones(2), gradient=jacobian(lambda v: np.outer(v, v))
    ).ok


def test_what_is_no_function_and_no_point() -> None:
    refuses(
        TypeError,
        "check needs a function, a recorded output or a row of the table, got the int 3",
        3,
        1.0,
    )
    refuses(
        TypeError, "check needs a point to check at: give tanh numbers, as in check(f, 1.5)", tanh
    )
    refuses(ValueError, "check needs order 1 or 2, got the int 3", tanh, 1.0, order=3)
    sentence = "a recorded output is checked as it is, check(y): for other numbers or derivatives "
    sentence += "give the function"
    refuses(TypeError, sentence, Value(1.0) * 2, 3.0)


def test_a_name_may_be_one_of_our_own_keywords() -> None:
    given = {"order": 2.0, "seed": 3.0}
    report = checked(lambda order, seed: order * seed, (), given, None, None, 1, 0, None)
    assert [entry.ours for entry in report.entries] == [3.0, 2.0]


def test_a_misspelt_option_of_check_is_not_blamed_on_the_function() -> None:
    with pytest.raises(TypeError, match="check has no option gradiant: did you mean gradient"):
        check(lambda x: x**2, 3.0, gradiant=6.0)
    with pytest.raises(TypeError, match="check has no option grad: did you mean gradient"):
        check(lambda x: x**2, 3.0, grad=6.0)
    assert check(lambda x, **more: x**2, 3.0, gradiant=6.0).ok
    assert check(lambda seeds: seeds**2, seeds=3.0).ok


def test_a_graph_that_floats_have_cut_explains_no_gradient_by_hand() -> None:
    def f(x: Any) -> Any:
        return math.sin(x) * x + x * x

    double = check(f, 0.7, gradient=lambda x: 2 * (math.sin(x) + x * math.cos(x) + 2 * x))
    assert double.entries[0].finding.hint == "factor 2"
    assert (
        check(f, 0.7, gradient=math.sin).verdict == "BUG"
    )  # one path of three, but no ACCUMULATION


@pytest.mark.parametrize("claim", [12.00002, 24.0])
def test_numbers_that_differ_are_printed_so(claim: float) -> None:
    said = repr(check(lambda x: 12 * x, 1.0, gradient=claim))
    assert f"yours is {claim:.10g}, the derivative 12, ratio {claim / 12:.7g}" in said
    assert f"yours {claim:.10g}  true 12  BUG" in said


def test_a_slope_of_1e_300_is_no_zero() -> None:
    assert "true 1e-300  16.0 digits" in repr(check(lambda x: x * 1e-300, 1.0))
    assert not check(lambda x: x * 1e-300, 1.0, gradient=2e-300).ok
