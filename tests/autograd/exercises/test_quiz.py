"""What learners are asked, how answers are read, and what is said about wrong ones."""

import io
import math
from pathlib import Path

import pytest

from autograd import GraphError, Value, no_grad, quiz, relu, tanh, topological, walk
from autograd.__main__ import main
from autograd.debugging.names import Names
from autograd.exercises.exercise import LEVELS, exercise
from autograd.exercises.marking import read
from autograd.exercises.questions import questions
from autograd.exercises.session import Quiz
from autograd.exercises.sheet import sheet
from autograd.exercises.slips import slips
from tests.cases import each


def neuron() -> Value:
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    p = w * x
    q = p + b
    y = tanh(q)
    p.label, q.label, y.label = "p", "q", "y"
    return y


def asked(q: Quiz, name: str) -> Quiz:
    """The quiz, with all questions before this one shown."""
    while q.question.name != name:
        q.solve()
    return q


def verdict(q: Quiz, answer: object) -> str:
    return q.answer(answer).said[-1]


def test_answers_are_the_grads_that_backward_computes() -> None:
    y = neuron()
    found = {q.value: q.answer for q in questions(y, Names(y)) if q.kind != "partial"}
    y.backward()
    assert found == {v: v.grad for v in topological(y)}


def test_questions_come_in_the_order_of_the_walk() -> None:
    y = neuron()
    grads = [q.name for q in questions(y, Names(y), partials=False)]
    steps = [f"{step.names[step.operand]}.grad" for step in walk(y)]
    assert grads == ["y.grad", *dict.fromkeys(steps)]


def test_a_quiz_leaves_the_grads_of_the_graph_alone() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    q = quiz(y)
    while not q.done:
        q.answer(100).solve()
    assert (x.grad, y.grad) == (6.0, 1.0)


@each(
    ("question", "answer", "said"),
    [
        ("x.grad", 6, "forgot to add: that is the contribution by way of p alone"),
        ("x.grad", 1, "contribution by way of y alone"),
        ("x.grad", 3, "the outer factor is missing"),
        ("x.grad", -5, "the sign of the partial of p is wrong"),
        ("x.grad", 14, "twice the grad"),
        ("x.grad", 4, "x itself, not its grad"),
        ("dp/dx", 4, "the partial is the other factor, a"),
        ("dp/dx", 6, "that is the partial times p.grad"),
        ("dp/dx", -3, "the sign is wrong"),
        ("p.grad", 1, "the constant factor 2 is missing"),
        ("x.grad", 8.13, "I do not recognise this one"),
    ],
)
def test_a_wrong_answer_gets_the_slip_that_explains_it(
    question: str, answer: float, said: str
) -> None:
    x, a = Value(4.0, "x"), Value(3.0, "a")
    p = x * a
    p.label = "p"
    y = 2 * p + x
    y.label = "y"
    assert said in verdict(asked(quiz(y), question), answer)


def test_an_incomplete_grad_is_told_from_a_forgotten_sum() -> None:
    x = Value(2.0, "x")
    p = 3 * x
    y = p * 5 + p * p
    said = verdict(asked(quiz(y), "x.grad"), 3 * 5)
    assert "p.grad is not complete yet" in said or "only one of them is in it" in said


def test_two_slips_that_lead_to_the_same_number_are_both_named() -> None:
    x, a = Value(4.0, "x"), Value(3.0, "a")
    said = verdict(asked(quiz((x * a) * 3), "x.grad"), 3)
    assert "outer factor" in said and "; or " in said and "partial of mul" in said


def test_a_stale_grad_is_recognised_by_what_the_leaf_holds() -> None:
    x = Value(3.0, "x")
    (x * 7).backward()
    assert "that includes the 7 of an earlier pass" in verdict(asked(quiz(x * 2), "x.grad"), 9)


def test_an_answer_that_goes_on_with_an_earlier_wrong_one_is_recognised() -> None:
    x = Value(3.0, "x")
    q = asked(quiz((x * 2) * 5, partials=False), "mul#1.grad")
    q.answer(4).skip()
    assert "your earlier answer" in verdict(q, 8)


@each("answer", [0.9151, "0.915", "0.9148", "1 - y**2", "1 - 0.2913**2"])
def test_three_digits_and_expressions_are_right(answer: object) -> None:
    assert verdict(asked(quiz(neuron()), "dy/dq"), answer).startswith("right: ")


def test_two_digits_are_not_wrong_but_too_few() -> None:
    q = asked(quiz(neuron()), "dy/dq")
    assert "three digits" in verdict(q, "0.92")
    assert not q.entries[1].wrong
    assert "not" in verdict(q, "0.93")


def test_what_cancels_is_right_to_the_digits_that_were_shown() -> None:
    x = Value(1.2345678, "x")
    q = asked(quiz(x * 8.001 - x * 8.0, partials=False), "x.grad")
    assert verdict(q, 0.0).startswith("right")  # 0.001 of 8: lost in the fourth digit


def test_zero_and_nan_are_answers() -> None:
    x = Value(-1.0, "x")
    assert verdict(asked(quiz(relu(x) * 3), "x.grad"), 0).startswith("right")
    y = Value(math.inf, "y")
    assert verdict(asked(quiz(y * y), "y.grad"), "inf").startswith("right")


def test_an_answer_may_mention_what_is_known_and_nothing_else() -> None:
    q = asked(quiz(neuron()), "w.grad")
    assert verdict(q, "dp/dw * p.grad").startswith("right")
    with pytest.raises(ValueError, match=r"there is no x\.grad|there is no z|has no meaning"):
        q.answer("x.grad")
    with pytest.raises(ValueError, match=r"a decimal point is needed, got 0,5: 0\.5"):
        q.answer("0,5")
    with pytest.raises(TypeError, match="an answer needs a number, or text, got None"):
        q.answer(None)
    assert not q.entries[q.number].wrong


def test_a_number_knows_how_it_was_rounded() -> None:
    assert read("0.460", {}).half_unit == pytest.approx(0.0005)
    assert read("−2", {}).number == -2


@pytest.mark.parametrize("answer", ["1e400", "-1e309", "1e400*0", 10**400])
def test_an_answer_beyond_all_floats_is_refused_and_does_not_count(answer: object) -> None:
    q = quiz(neuron())
    with pytest.raises((TypeError, ValueError), match=r"1\.8e308|too large"):
        q.answer(answer)
    assert not q.entries[0].wrong and q.answer("1").number == 1
    assert read("0e400", {}).number == 0.0


def test_what_cannot_be_asked_about_is_refused() -> None:
    with no_grad():
        y = Value(2.0) * 3
    with pytest.raises(GraphError, match="no_grad"):
        quiz(y)
    with pytest.raises(TypeError, match=r"quiz needs a Value, got the float 2\.0"):
        quiz(2.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a level from 1 to 4, got 5"):
        quiz(level=5)


def test_the_score_counts_what_was_right_at_once_and_which_slips_there_were() -> None:
    x = Value(3.0, "x")
    q = quiz(x * x + x, partials=False)
    q.answer(1).hint().answer(1).answer(6).answer(7)
    assert q.done
    assert q.score == "3 of 3 right, 1 at the first try; slips: forgot to add"
    q.back().skip()
    assert q.score.startswith("2 of 3 right, 1 at the first try, 1 skipped")


def test_the_terminal_takes_answers_and_commands() -> None:
    out = io.StringIO()
    quiz(neuron()).run(io.StringIO("1\n?\nnonsense(\n1-y**2\nsolve\nlist\nquit\n"), out)
    text = out.getvalue()
    assert "hint: for Y = tanh(X), dY/dX = 1 - Y**2" in text
    assert "does not parse" in text
    assert "q.grad = (1 - y**2) * y.grad = 0.9151 * 1 = 0.9151" in text
    assert text.endswith("2 of 11 right, 1 at the first try, 1 solved\n")


def test_a_letter_that_is_a_value_is_an_answer_and_not_a_command() -> None:
    out = io.StringIO()
    h, q = Value(2.0, "h"), Value(3.0, "q")
    quiz(h * q).run(io.StringIO("1\nq\nquit\n"), out)
    assert "right: d(mul)/dh = 3" in out.getvalue()


@pytest.mark.parametrize("level", LEVELS)
def test_exercises_have_numbers_for_the_blackboard(level: int) -> None:
    for number in range(1, 4):
        y = exercise(1, level, number)
        found = questions(y, Names(y))[1:]
        assert all(question.answer for question in found)
        if level <= 2:
            assert all(round(question.answer, 2) == question.answer for question in found)
        assert sum(len(slips(question, y)) > 2 for question in found) == len(found)


def test_a_seed_gives_the_same_exercises_on_every_machine() -> None:
    told = [
        f"{level}: " + "; ".join(f"{q.name} {q.answer:.4g}" for q in questions(y, Names(y), False))
        for level in LEVELS
        for y in [exercise(2026, level, 3)]
    ]
    assert told == [
        "1: y.grad 1; p.grad -3; c.grad -5; a.grad -3; b.grad 3",
        "2: y.grad 1; s.grad 1; r.grad 2; p.grad 3; b.grad -2; a.grad 9",
        "3: y.grad 1; t.grad 1; b.grad -1; s.grad 0.7071; r.grad 0.8262; p.grad 0.4131; "
        "a.grad 0.146",
        "4: y.grad 1; v.grad -0.5; b.grad -2.507; u.grad -5.015; t.grad -5.015; s.grad -16.03; "
        "r.grad -5.345; p.grad -5.345; a.grad -10.69",
    ]


@pytest.mark.full
def test_the_blank_page_of_a_sheet_gives_nothing_away() -> None:
    page = sheet(7, 2, 2)
    blank, key = page.html.split('<main class="key')
    assert "grad 0.5" not in blank and ">0.5<" not in blank
    assert "p.grad =" in blank and "forgot to add" not in blank
    assert "forgot to add" in key and "grad 0.5" in key and not page.missing
    assert page.html == sheet(7, 2, 2).html


def test_a_sheet_without_a_layout_engine_has_no_pictures_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("autograd.drawing.render.engines", list)
    page = sheet(7, 1, 1)
    assert "<svg" not in page.html and "layout engine" in page.missing
    with pytest.raises(ValueError, match="1 to 30 exercises, got 0"):
        sheet(7, 1, 0)
    old = tmp_path / "sheet.html"
    old.write_text("old")
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(full))
    with pytest.raises(OSError, match="No space left on device: make room there"):
        page.save(old)
    assert old.read_text() == "old" and [*tmp_path.iterdir()] == [old]
    with pytest.raises(OSError, match="A folder, device or pipe: name a place that can be written"):
        page.save("/dev/null")


@pytest.mark.full
def test_the_command_makes_exercises_and_sheets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\nquit\n"))
    assert main(["quiz", "--seed", "7", "--level", "2", "--number", "3", "--grads"]) == 0
    assert "right: y.grad = 1" in capsys.readouterr().out
    out = tmp_path / "sheet.html"
    assert main(["quiz", "--seed", "7", "--sheet", "--count", "1", "--out", str(out)]) == 0
    assert "<h1>Key" in out.read_text("utf-8")
    assert main(["quiz", "x*x", "x=3", "--page", "--out", str(out)]) == 0
    assert "marks itself: " in capsys.readouterr().out and "sha256-" in out.read_text("utf-8")
    assert main(["quiz", "x*x", "x=3", "--seed", "7"]) == 2
    assert main(["quiz", "--sheet", "--seed", "7", "--out", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err
