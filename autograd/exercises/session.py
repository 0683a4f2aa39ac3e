"""A quiz: one question after another, with hints, verdicts, and a score at the end."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TextIO

from autograd.debugging.names import Names, asked
from autograd.drawing.cell import Page
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value
from autograd.exercises.exercise import exercise
from autograd.exercises.form import form
from autograd.exercises.marking import Verdict, judged, read
from autograd.exercises.questions import Question, forward_pass, questions
from autograd.exercises.slips import neighbours, slips
from autograd.exercises.terminal import Terminal

__all__ = ["Quiz", "quiz"]

TALL = 720  # pixels of the form in a cell, before it scrolls


def quiz(y: Value | None = None, *, seed: int = 0, level: int = 1, partials: bool = True) -> "Quiz":
    """Ask for the partials and grads of y's graph, in the order of the reverse pass; without y, of
    an exercise, which the seed and the level (1 to 4) choose. partials=False asks for grads alone.

    It reads the graph and leaves all grads alone. Raises TypeError, ValueError, or GraphError for a
    result of ``no_grad``.

    >>> x = Value(3.0, "x")
    >>> q = quiz(x * 2 + x, partials=False)
    >>> q.answer(1, 1, 6)
    right: add.grad = 1
    right: mul.grad = 1
    not yet: that is twice the grad, as after two passes without zero_grad()
    question 3 of 3: x.grad = ?
      x = 3
    >>> q.answer(3)
    right: x.grad = 3
    3 of 3 right, 2 at the first try; slips: stale grad
    """
    y = exercise(seed, level) if y is None else asked("quiz", y, "be asked about it")
    return Quiz(y, partials)


@dataclass(eq=False)
class Entry:
    """What has become of a question: the wrong answers, the hints taken, and how it ended."""

    question: Question
    wrong: list[tuple[float, Verdict]] = field(default_factory=list)
    hints: int = 0
    end: str = ""  # right, solved or skipped

    @property
    def known(self) -> bool:
        """Whether the answer is known."""
        return self.end in ("right", "solved")


class Quiz(Page):
    """The questions about a graph; the repr is what was said last, and the question that is next.

    ``answer``, ``hint``, ``solve``, ``skip`` and ``back`` return the quiz itself; ``run`` asks at
    the terminal, ``show`` in the browser; ``entries`` hold what was answered, ``verdict`` is the
    last one."""

    def __init__(self, output: Value, partials: bool = True) -> None:
        self.output, self.names = output, Names(output)
        self.questions = questions(output, self.names, partials)
        self.forward = forward_pass(self.names)
        self.entries = [Entry(question) for question in self.questions]
        self.number = 0  # of questions that are behind
        self.verdict: Verdict | None = None
        self.said: list[str] = []

    @property
    def done(self) -> bool:
        """Whether no question is left."""
        return self.number == len(self.entries)

    @property
    def question(self) -> Question:
        """The question that is next. Raises ValueError at the end."""
        return self._entry.question

    @property
    def _entry(self) -> Entry:
        if self.done:
            raise ValueError("all questions have been asked: back() returns to the last one")
        return self.entries[self.number]

    def answer(self, *answers: Any) -> "Quiz":
        """Answer the next question, or several: with a number, or with text, as "0.5*(1-0.6**2)".

        Names stand for their numbers, and so do partials and grads that are known already. Raises
        ValueError or TypeError for what is no number; that does not count as an answer."""
        self.said = []
        for given in answers:
            entry = self._entry
            found = read(given, self.known)
            near = neighbours(self.questions, self.number)
            known_slips = slips(entry.question, self.output, self._earlier(), near)
            self.verdict = verdict = judged(entry.question, found, known_slips)
            self.said.append(verdict.text)
            if not verdict.right:
                entry.wrong += [] if verdict.close else [(found.number, verdict)]
                break
            self._end("right", *self.said)
        return self

    @property
    def known(self) -> dict[str, float]:
        """The numbers that an answer may mention: all values, and derivatives that are known."""
        known = {name: v.data for v, name in self.names.items() if v.op is not CONSTANT}
        answers = [entry.question for entry in self.entries if entry.known]
        return known | {question.name: question.answer for question in answers}

    def _earlier(self) -> dict[Any, float]:
        """The wrong answers that a learner may go on with, to questions that were skipped."""
        earlier: dict[Any, float] = {}
        for entry in self.entries[: self.number]:
            if entry.wrong and entry.end == "skipped":
                question, (number, _) = entry.question, entry.wrong[-1]
                use = question.uses[0] if question.kind == "partial" else None
                earlier[(use.result, use.place) if use else question.value] = number
        return earlier

    def _end(self, how: str, *said: str) -> "Quiz":
        self._entry.end, self.said = how, [*said]
        self.number += 1
        return self

    def hint(self) -> "Quiz":
        """A hint; asked again, a better one."""
        entry, hints = self._entry, self.question.hints
        self.said = [f"hint: {hints[min(entry.hints, len(hints) - 1)]}"]
        entry.hints += 1
        return self

    def solve(self) -> "Quiz":
        """Give the answer, and say how it comes about."""
        return self._end("solved", self.question.solution)

    def skip(self) -> "Quiz":
        """Leave the question open."""
        return self._end("skipped")

    def back(self) -> "Quiz":
        """Return to the question before."""
        self.number = max(0, self.number - 1)
        self.said, self._entry.end = [], ""
        return self

    @property
    def score(self) -> str:
        """How many answers were right, how many of them at once, and which slips there were."""
        ends = Counter(entry.end for entry in self.entries)
        at_once = sum(e.end == "right" and not (e.wrong or e.hints) for e in self.entries)
        text = f"{ends['right']} of {len(self.entries)} right, {at_once} at the first try"
        text += "".join(f", {ends[end]} {end}" for end in ("solved", "skipped") if ends[end])
        met = Counter(
            " or ".join(dict.fromkeys(slip.kind for slip in verdict.slips)) or "not recognised"
            for entry in self.entries
            for _, verdict in entry.wrong
        )
        slips = [kind + (f" ({n} times)" if n > 1 else "") for kind, n in met.most_common()]
        return text + (f"; slips: {', '.join(slips)}" if slips else "")

    def __repr__(self) -> str:
        lines = [f"  {line}" for line in ([] if self.number or self.said else self.forward)]
        if self.done:
            return "\n".join([*self.said, self.score])
        place = f"question {self.number + 1} of {len(self.entries)}"
        ask = f"{place}: {self.question.name} = ?\n  {self.question.about}"
        return "\n".join([*lines, *self.said, ask])

    @property
    def html(self) -> str:
        """The quiz as a page that marks itself, offline. Raises LayoutError."""
        filled = []
        for entry in self.entries:
            number, verdict = entry.wrong[-1] if entry.wrong else ("", Verdict(False, ""))
            facts = {"end": entry.end, "hints": entry.hints, "tries": len(entry.wrong)}
            filled.append(facts | {"tried": number, "said": verdict.text})
        return form(self.questions, filled, self.forward)

    def _repr_html_(self) -> str:
        return self._framed("Quiz", min(300 + 40 * len(self.entries), TALL))

    @property
    def filled(self) -> str:
        """Of each question up to the next one: its name, what is filled in, and what was tried."""
        rows = []
        for i, entry in enumerate(self.entries[: self.number + 1]):
            number = short(entry.question.answer) if entry.known else "?"
            tried = ", ".join(short(x) for x, _ in entry.wrong)
            remark = entry.end if i < self.number else "next"
            remark += f", tried {tried}" if tried else ""
            rows.append(f"{entry.question.name}  {number}  {remark}")
        return "\n".join(rows)

    def run(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        """Ask at the terminal until the last question is answered, or until "quit".

        >>> import io, sys
        >>> x = Value(3.0, "x")
        >>> quiz(x * 2, partials=False).run(io.StringIO("1\\n-2\\nquit\\n"), sys.stdout)
          x = 3
          mul = x * 2 = 3 * 2 = 6
        2 questions; a line is a number, an expression, or hint, solve, skip, back, list, help, quit
        mul.grad = 1
        right: mul.grad = 1
        x.grad = -2
        not yet: the sign of the partial of mul is wrong
        x.grad = quit
        1 of 2 right, 1 at the first try; slips: sign
        """
        Terminal(self, stdin, stdout).run()
