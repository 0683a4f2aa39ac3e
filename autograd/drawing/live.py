"""What a page needs to compute a graph by itself: its values as numbers, and its rows as script."""

import re
from collections.abc import Hashable
from typing import Any

from autograd.debugging.formulas import choices, put_in, result_text
from autograd.debugging.names import Names
from autograd.drawing.palette import SHARES
from autograd.drawing.scene import Picture
from autograd.engine.changes import changed
from autograd.engine.errors import GraphError
from autograd.engine.notation import expression, legible, short
from autograd.engine.table import CONSTANT, Op
from autograd.export.javascript import javascript, row, rows, tape

__all__ = ["live"]

CHANGED = "their data have changed since they were recorded: compute the output again"
WORD = re.compile("ꙮ(-?[0-9]+)ꙮ")  # where a page puts a name or a number; letters need no ()
SUMS = ("total", "mean", "dot")


class _Kinds:
    """The kinds of operations in a graph: a row with its constants and counts of operands."""

    def __init__(self) -> None:
        self.places: dict[Hashable, int] = {}
        self.facts: list[dict[str, Any]] = []
        self.ops: dict[Op, int] = {}  # rows that a page can run,
        self.refused: dict[Op, str] = {}  # and why it cannot run the others
        self.choosing: list[str] = []

    def place(self, recorded: Any, expanded: bool) -> int:
        """The number of the kind of a value."""
        sizes = tuple(map(len, recorded.bundles))
        key = (recorded.op, recorded.constants, sizes, expanded)
        if key not in self.places:
            self.places[key] = len(self.facts)
            self.facts.append(self._facts(recorded.op, recorded.constants, sizes, expanded))
        return self.places[key]

    def _facts(self, op: Op, constants: Any, sizes: tuple[int, ...], expanded: bool) -> Any:
        if op not in self.ops and op not in self.refused:
            try:
                row(op)
                self.choosing.append(f"[{', '.join(_choosing(op, text) for text in op.partials)}]")
                self.ops[op] = len(self.ops)
            except GraphError as error:
                self.refused[op] = str(error)
        every = iter(range(sum(sizes)))
        shape = _Shape(op, tuple(tuple(next(every) for _ in range(n)) for n in sizes), constants)
        names = [_word(i) for i in range(sum(sizes))]
        text = "" if expanded else result_text(shape, _word)  # type: ignore[arg-type]
        brief = expression(
            op, names if sum(sizes) <= 3 else [""] * sum(sizes), map(short, constants)
        )
        spelled = {name.lstrip("*"): _word(i) for i, name in enumerate(op.operands)} | {
            "y": _word(-1)
        }
        words = {"y": 0.0} | dict.fromkeys((name.lstrip("*") for name in op.operands), 0.0)
        words |= zip((name for name, _ in op.constants), constants, strict=True)
        if op.nary:
            words["count"] = float(sizes[0])
        spelled |= {name: short(x) for name, x in words.items() if name not in spelled}
        partials = [[put_in(op, t, spelled, words) for t in choices(p)[1]] for p in op.partials]
        return {
            "row": self.ops.get(op, -1),
            "name": op.name,
            "operands": op.operands,
            "constants": constants,
            "sizes": sizes,
            "text": _template(text),
            "brief": _template(brief),
            # How an operand is put into parentheses: not, if negative, or unless it is a word.
            "wrap": 1 if op.name in SUMS else 2 * (op.symbol != op.name and not op.nary),
            "partials": [[_template(text) for text in texts] for texts in partials],
        }


class _Shape:
    """As much of a value as its formula shows, with numbers for operands."""

    def __init__(self, op: Op, bundles: tuple[tuple[int, ...], ...], constants: Any) -> None:
        self.op, self.bundles, self.constants = op, bundles, constants
        self.operands = sum(bundles, ())


def _word(place: int) -> str:
    return f"ꙮ{place}ꙮ"


def _template(text: str) -> list[str | int]:
    """Text and, in between, the places of the operands whose names or numbers come there."""
    parts = WORD.split(text)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]


def _choosing(op: Op, text: str) -> str:
    """Which of its texts a partial has, as a function of JavaScript of its words."""
    decision, texts = choices(text)
    names = [*(name.lstrip("*") for name in op.operands), "y", *(name for name, _ in op.constants)]
    one = Op(op.name, tuple(names), "", (), vocabulary=op.vocabulary)  # of an n-ary row
    return f"({', '.join(names)}) => {javascript(one, decision)}" if len(texts) > 1 else "null"


def live(picture: Picture, names: Names) -> tuple[dict[str, Any], str]:
    """The graph as data, and a script with its rows.

    Values whose row is computed by functions of Python are fixed, and so are the leaves that they
    depend on; ``why`` says so.
    """
    kinds, place = _Kinds(), {v: i for i, v in enumerate(picture.order)}
    values: list[list[Any]] = []
    fixed: dict[int, list[float]] = {}
    stale = []
    for i, v in enumerate(picture.order):
        recorded = picture.recorded(v)
        if not recorded.operands:
            values.append([])
            continue
        edges = [picture.edge_of.get((v, k)) for k in range(len(recorded.operands))]
        shown = [int(e.key[1:]) if e is not None and e.source.kind != "more" else -1 for e in edges]
        kind = kinds.place(recorded, recorded is not v)
        values.append([kind, [place[operand] for operand in recorded.operands], shown])
        if picture.changed or kinds.facts[kind]["row"] < 0:
            fixed[i] = [v.data, *recorded.partials]
            stale += [i] * (recorded is v and picture.changed and changed([v]) is not None)
    frozen = set(fixed)
    for i in range(len(values) - 1, -1, -1):
        if i in frozen and values[i]:
            frozen |= {*values[i][1]}
    data = {
        "values": values,
        "numbers": [0.0 if values[i] else v.data for i, v in enumerate(picture.order)],
        "names": ["" if v.op is CONSTANT else names[v] for v in picture.order],
        "labels": [legible(picture.label(v)) for v in picture.order],
        "kinds": kinds.facts,
        "fixed": fixed,
        "stale": stale,
        "frozen": [i for i in sorted(frozen) if not values[i]],
        "why": CHANGED if picture.changed else next(iter(kinds.refused.values()), ""),
        "end": place[picture.output],
        "shares": SHARES,
    }
    script = f"{rows(kinds.ops)}\n{tape()}\nconst choosing = [{', '.join(kinds.choosing)}];"
    return data, script
