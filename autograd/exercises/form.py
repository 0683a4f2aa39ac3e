"""A quiz as a page that marks itself, in the browser or in a cell of a notebook, offline."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.drawing import Drawing
from autograd.drawing.live import MARKING
from autograd.drawing.page import web_file
from autograd.drawing.palette import level
from autograd.engine.notation import short
from autograd.exercises.marking import GENERAL, UNKNOWN
from autograd.exercises.questions import Question
from autograd.exercises.slips import neighbours, slips

WEB = Path(__file__).parent / "web"


def form(
    questions: Sequence[Question], filled: Sequence[dict[str, Any]], forward: Sequence[str]
) -> str:
    """The page; filled says what has become of each question. Raises LayoutError."""
    y, names = questions[0].value, questions[0].names
    drawing, uses = Drawing(y, legend=False), [use for q in questions for use in q.uses]
    largest = max([1.0, *(abs(use.contribution) for use in uses)])
    near = [neighbours(questions, i) for i in range(len(questions))]
    asked = [_asked(q, others, drawing, largest) for q, others in zip(questions, near, strict=True)]
    data = {
        "values": {name: v.data for v, name in names.items() if v.label or v.operands},
        "forward": forward,
        "questions": asked,
        "filled": filled,
        "marking": MARKING | {"unknown": UNKNOWN},
    }
    files = [WEB / f"form.{kind}" for kind in ("html", "css", "js")]
    body, style, script = (file.read_text("utf-8") for file in files)
    script = web_file("expression.js") + web_file("judge.js") + script
    return drawing.page(body, style, script, data, f"Backprop through {names[y]}")


def _asked(
    question: Question, near: Sequence[Question], drawing: Drawing, largest: float
) -> dict[str, Any]:
    """What the page knows of a question; what it is in the picture, and its colour there."""
    node, number = drawing.node_of[question.value], question.answer
    key = node.key
    if question.kind == "partial":
        (use,) = question.uses
        edge, number = drawing.edge_of.get((use.result, use.place)), use.contribution
        key = edge.key if edge else ""
    found = slips(question, drawing.output, None, near)
    return {
        "key": key if len(node.values) == 1 else "",
        "level": level(number, largest),
        **{name: getattr(question, name) for name in ("kind", "name", "size", "solution", "hints")},
        "right": question.answer,
        "shown": short(question.answer),
        "slips": [[slip.number, slip.why, slip.kind in GENERAL] for slip in found],
    }
