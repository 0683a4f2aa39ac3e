"""A sheet of exercises to print, and its key on a page of its own, with what wrong answers mean."""

from functools import cached_property
from html import escape
from pathlib import Path

from autograd.debugging.display import page
from autograd.debugging.names import Names
from autograd.drawing import Drawing
from autograd.drawing.cell import Page
from autograd.drawing.palette import style
from autograd.engine.errors import LayoutError
from autograd.engine.notation import short
from autograd.engine.value import Value
from autograd.exercises.exercise import LEVELS, exercise
from autograd.exercises.marking import GENERAL
from autograd.exercises.questions import Question, forward_pass, questions
from autograd.exercises.slips import slips

MOST = 30  # exercises
TOLD = 3  # wrong answers of a question that the key explains
TASK = (
    "Fill in the partials and the grads, from y back. A partial says how fast a result changes "
    "with one operand. The grad of y is 1; the grad of any other value is the sum, over the "
    "results that use it, of partial × grad of the result. Three digits are enough."
)


def sheet(seed: int, level: int = 1, count: int = 4) -> "Sheet":
    """A page with so many exercises, and a page with their key; a seed gives the same ones on
    every machine. Raises ValueError for a level or a count that there is not.

    >>> sheet(7, level=2, count=3)
    Sheet of 3 exercises, seed 7, level 2
    """
    if type(count) is not int or not 1 <= count <= MOST:
        raise ValueError(f"a sheet has 1 to {MOST} exercises, got {count!r}")
    return Sheet(seed, level, [exercise(seed, level, i + 1) for i in range(count)])


class Sheet(Page):
    """Exercises and their key as one HTML page, ``.html``; ``.missing`` says why there are no
    pictures, where no layout engine is."""

    def __init__(self, seed: int, level: int, outputs: list[Value]) -> None:
        self.seed, self.level, self.outputs = seed, level, outputs
        self.missing = ""

    def __repr__(self) -> str:
        count = f"{len(self.outputs)} exercise{'s' * (len(self.outputs) > 1)}"
        return f"Sheet of {count}, seed {self.seed}, level {self.level}"

    @cached_property
    def html(self) -> str:
        """The page: light on paper, as the reader has it on a screen."""
        about = f"level {self.level}: {LEVELS[self.level].about}; seed {self.seed}"
        parts = [_blank(self._picture(y), y, i) for i, y in enumerate(self.outputs, 1)]
        for y in self.outputs:
            y.backward()
        keys = [_key(self._picture(y), y, i) for i, y in enumerate(self.outputs, 1)]
        sheet = (Path(__file__).parent / "web" / "sheet.css").read_text("utf-8")
        small = f"<small>{escape(about)}</small>"
        long = " long" if self.level > 2 else ""
        body = f"""<main class="blank{long}"><h1>Backpropagation {small}</h1>
<p class="line">Name <i></i> Date <i></i></p><p>{TASK}</p>{"".join(parts)}</main>
<main class="key{long}"><h1>Key {small}</h1>{"".join(keys)}</main>"""
        return page(about, f'<div class="glassgrad">{body}</div>', f"{style()}\n{sheet}")

    def _repr_html_(self) -> str:
        return self._framed(repr(self), 900)

    def _picture(self, y: Value) -> str:
        try:
            return Drawing(y, legend=False).svg
        except (LayoutError, ImportError) as error:
            self.missing = str(error)
            return ""


def _blank(picture: str, y: Value, number: int) -> str:
    names = Names(y)
    forward = "".join(f"<li>{escape(line)}</li>" for line in forward_pass(names))
    blanks = "".join(f"<li>{escape(q.name)} =</li>" for q in questions(y, names))
    shown = f'<div class="graph">{picture}<ul class="forward">{forward}</ul></div>'
    return f'<section><h2>{number}</h2>{shown}<ol class="blanks">{blanks}</ol></section>'


def _key(picture: str, y: Value, number: int) -> str:
    rows = "".join(_row(question, y) for question in questions(y, Names(y)))
    head = "<tr><th></th><th>is</th><th>from</th><th>what a wrong answer means</th></tr>"
    graph = f'<div class="graph">{picture}</div>'
    return f"<section><h2>{number}</h2>{graph}<table>{head}{rows}</table></section>"


def _row(question: Question, y: Value) -> str:
    """An answer, how it comes about, and what usual wrong answers mean."""
    wrong: dict[str, list[str]] = {}
    for slip in slips(question, y) if question.kind != "seed" else ():
        if slip.kind not in GENERAL:
            meanings = wrong.setdefault(short(slip.number), [])
            if (brief := slip.brief or slip.kind) not in meanings:
                meanings.append(brief)
    wrong.pop(short(question.answer), None)
    several = [f"<b>{x}</b> {escape(' or '.join(how[:2]))}" for x, how in wrong.items()][:TOLD]
    _, *origin, answer = question.solution.split(" = ")
    cells = [escape(question.name), f"<b>{answer}</b>", escape(" = ".join(origin))]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in [*cells, '; '.join(several)])}</tr>"
