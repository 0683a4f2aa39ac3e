"""The page that marks itself, in a real browser: it says what Python says."""

from pathlib import Path

import pytest

from autograd import quiz
from autograd.debugging.syntax import ExpressionError
from autograd.exercises.marking import judged, read
from autograd.exercises.session import Quiz
from autograd.exercises.slips import neighbours, slips
from tests.browser import chromium, opened, requests

ANSWERS = ["0", "1", "-1", "0.5", "2", "1.29", "3.00", ".5", "1e-3", "−2", "1/3", "2**3", "-2**2"]
ANSWERS += ["a", "-b", "p*a + 1", "1 - y**2", "tanh(a)", "exp(a) / (1 + exp(a))", "1,5", "2 +", "^"]
ANSWERS += ["nonsense", "nan", "inf", "2 ^ 2", "(1", "0.5*(1 - 0.2**2)", "1e400", "-1e309*2"]
MARKED = """
const marks = [];
for (const question of data.questions) for (const text of arguments[0]) {
  try { const said = judged(question, answered(text, known)); marks.push([said.mark, said.text]); }
  catch (sentence) { marks.push([typeof sentence === "string" ? "refused" : "broken", ""]); }
}
return marks;
"""


def marked(q: Quiz, answers: list[str]) -> list[list[str]]:
    """What Python says to all answers to all questions, as the page says it."""
    marks, known = [], q.known
    for i, question in enumerate(q.questions):
        found = slips(question, q.output, None, neighbours(q.questions, i))
        for text in answers:
            try:
                verdict = judged(question, read(text, known), found)
            except ExpressionError:
                marks.append(["refused", ""])
                continue
            mark = "right" if verdict.right else "" if verdict.close else "wrong"
            marks.append([mark, "right" if verdict.right else verdict.text])
    return marks


@pytest.mark.full
def test_the_page_marks_as_python_does_and_fills_in_the_picture(tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    path = tmp_path / "quiz.html"
    with chromium() as browser:
        for level in (2, 4):
            q = quiz(seed=7, level=level)
            q.save(path)
            opened(browser, path)
            # The wrong answers that key and sheet foresee, and the right ones, rounded.
            likely = [f"{x.number:.4g}" for e in q.questions for x in slips(e, q.output)][::7]
            answers = ANSWERS + likely + [f"{e.answer:.3g}" for e in q.questions]
            assert browser.execute_script(MARKED, answers) == marked(q, answers)
        q = quiz(seed=7, level=2)
        q.answer(1, -0.5).save(path)
        opened(browser, path)
        assert browser.find_element("id", "s1").text == "not yet: the sign is wrong"

        def answer(i: int, text: str) -> str:
            field = browser.find_element("id", f"q{i}")
            field.clear()
            field.send_keys(text + Keys.ENTER)
            return str(browser.find_element("id", f"s{i}").text)

        assert "the division by a is missing" in answer(1, "1")
        assert answer(1, "1 / a") == "right"
        assert answer(2, "dy/dr * y.grad") == "right"
        boxes = [box.text for box in browser.find_elements("css selector", ".node")]
        assert sum("grad ?" in box for box in boxes) == len(boxes) - 2  # y and r are filled in
        buttons = browser.find_elements("css selector", "#questions button")
        assert {button.get_attribute("aria-label") for button in buttons[:2]} == {
            "Hint: y.grad",
            "Solve: y.grad",
        }
        buttons[2 * 3].click()
        assert "dY/dB" in browser.find_element("id", "s3").text
        buttons[2 * 3 + 1].click()
        assert browser.find_element("id", "q3").get_attribute("value") == "5"
        assert browser.find_element("id", "score").text == "3 of 12 right, 2 at the first try"
        assert browser.get_log("browser") == []
        assert not [url for url in requests(browser) if not url.startswith(("file:", "data:"))]


def test_where_no_layout_engine_is_a_notebook_shows_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograd.drawing.render.engines", list)
    shown = quiz(seed=7)._repr_html_()
    assert "<iframe" not in shown and "question 1 of" in shown
