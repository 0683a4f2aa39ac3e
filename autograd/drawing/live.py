"""What the player computes with: its values as numbers, and its rows, texts and slips as script."""

import json
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from autograd.debugging.formulas import choices, put_in, result_text
from autograd.debugging.names import Names
from autograd.drawing.mistakes import EDITS, ROUNDING, SAID, SHARE, mistakes
from autograd.drawing.palette import SHARES
from autograd.drawing.scene import Picture
from autograd.engine.changes import changed
from autograd.engine.errors import GraphError
from autograd.engine.notation import expression, legible, short
from autograd.engine.table import CONSTANT, Op
from autograd.engine.value import Value
from autograd.export.computable import Kinds, values
from autograd.export.javascript import javascript, row, rows

# How a page judges answers, and what it says of them.
MARKING = {"share": SHARE, "rounding": ROUNDING, **SAID}
CHANGED = "their data have changed since they were recorded: compute the output again"
WORD = re.compile("ꙮ(-?[0-9]+)ꙮ")  # where a page puts a name or a number; letters need no ()
SUMS = ("total", "mean", "dot")


class Spelled(Kinds):
    """Kinds with their texts, in which a page puts names and numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[Op, str] = {}  # why a page cannot run some rows
        self.choosing: list[str] = []  # of each row it can: which text a partial has,
        self.mistaken: list[str] = []  # and wrong partials

    def _run(self, op: Op) -> int:
        if op not in self.ops and op not in self.refused:
            try:
                row(op)
                decisions = [choices(text) for text in op.partials]
                of_partials = [_function(op, d) if t[1:] else "null" for d, t in decisions]
                wrong = [_listed(_function(op, m.text) for m in mistakes(op, i))
                         for i in range(len(op.operands))]  # fmt: skip
                self.choosing.append(_listed(of_partials))
                self.mistaken.append(_listed(wrong))
                self.ops[op] = len(self.ops)
            except GraphError as error:
                self.refused[op] = str(error)
        return self.ops.get(op, -1)

    def described(self, made: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
        op, constants, count = made.op, made.constants, sum(sizes)
        every, names = iter(range(count)), [*map(_word, range(count))]
        bundles = tuple(tuple(next(every) for _ in range(n)) for n in sizes)
        shape: Any = SimpleNamespace(
            op=op, bundles=bundles, operands=tuple(range(count)), constants=constants
        )
        by_place: Any = _word
        text = result_text(shape, by_place) if isinstance(made, Value) else ""
        brief = expression(op, names if count <= 3 else [""] * count, map(short, constants))
        operands = [name.lstrip("*") for name in op.operands]
        words = {"y": 0.0} | dict.fromkeys(operands, 0.0)
        words |= zip((name for name, _ in op.constants), constants, strict=True)
        if op.nary:
            words["count"] = float(sizes[0])
        spelled = {name: short(x) for name, x in words.items()}
        spelled |= {name: _word(i) for i, name in enumerate(operands)} | {"y": _word(-1)}

        def put(text: str) -> str:
            return put_in(op, text, spelled, words)

        wrong = [[m.why.format(*map(put, m.pieces)) for m in mistakes(op, i)]
                 for i in range(len(operands))]  # fmt: skip
        return {
            "row": self._run(op),
            "operands": op.operands,
            "constants": constants,
            "sizes": sizes,
            "text": _template(text),
            "brief": _template(brief),
            # How an operand is put into parentheses: not, if negative, or unless it is a word.
            "wrap": 1 if op.name in SUMS else 2 * (op.symbol != op.name and not op.nary),
            "partials": [[_template(put(t)) for t in choices(p)[1]] for p in op.partials],
            "mistakes": [[*map(_template, texts)] for texts in wrong],
        }


def _word(place: int) -> str:
    return f"ꙮ{place + 1}ꙮ"


def _template(text: str) -> list[str | int]:
    """Text and, in between, the places of the operands whose names or numbers come there."""
    return [int(part) - 1 if i % 2 else part for i, part in enumerate(WORD.split(text))]


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _function(op: Op, text: str) -> str:
    """A formula as a function of JavaScript of its words, one of many operands at a time."""
    names = op.words()
    one = Op(op.name, tuple(names), "", (), vocabulary=op.vocabulary)
    return f"({', '.join(names)}) => {javascript(one, text)}"


def live(picture: Picture, names: Names) -> tuple[dict[str, Any], str]:
    """The graph as data, and a script with its rows.

    Values whose row is computed by functions of Python are fixed, and so are the leaves that they
    depend on; ``why`` says so."""
    kinds, order = Spelled(), picture.order
    found = values(order, kinds, picture.recorded)
    fixed: dict[int, list[float]] = {}
    stale, frozen = list[int](), set[int]()
    for i, v in reversed([*enumerate(order)]):
        if not found[i]:
            continue
        recorded, (kind, operands) = picture.recorded(v), found[i]
        edges = [picture.edge_of.get((v, k)) for k in range(len(operands))]
        found[i].append([int(e.key[1:]) if e and e.source.kind != "more" else -1 for e in edges])
        if picture.changed or kinds.facts[kind]["row"] < 0:
            fixed[i] = [v.data, *recorded.partials]
            frozen.add(i)
            stale += [i] * (recorded is v and picture.changed and changed([v]) is not None)
        if i in frozen:
            frozen |= {*operands}
    data = {
        "values": found,
        "numbers": [0.0 if found[i] else v.data for i, v in enumerate(order)],
        "names": ["" if v.op is CONSTANT else names[v] for v in order],
        "labels": [legible(picture.label(v)) for v in order],
        "kinds": kinds.facts,
        "fixed": fixed,
        "stale": stale,
        "frozen": [i for i in sorted(frozen) if not found[i]],
        "why": CHANGED if picture.changed else next(iter(kinds.refused.values()), ""),
        "end": len(order) - 1,
        "shares": SHARES,
    }
    edits = _listed(f"[(p, g, y) => [{p}, {g}], {json.dumps(why)}]" for _, p, g, why in EDITS)
    script = f"const choosing = {_listed(kinds.choosing)}, mistaken = {_listed(kinds.mistaken)};"
    return data, f"{rows(kinds.ops)}\n{script}\nconst edits = {edits};"
