"""Rows in JavaScript, in a real browser: the numbers and sentences that Python has."""

import itertools
import json
import math
import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from autograd import OPS, GraphError, Op, Value, operation
from autograd.engine.domain import complaint
from autograd.engine.formula import EDGE, partial_formulas, result_formula
from autograd.engine.notation import exact, short
from autograd.engine.table import TRUTHS
from autograd.export.javascript import javascript, row, rows, words
from tests.browser import chromium

inf, nan = math.inf, math.nan
EDGES = (0.0, -0.0, 0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, -7.3, 30.0, 1e-9, 709.9, -1e5, 1e200)
EDGES += (1e-200, 2.0**52 + 1, inf, -inf, nan)
CONSTANTS: dict[str, list[tuple[float, ...]]] = {
    "power": [(n,) for n in (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 7.3)],
    "where": [(0.0,), (1.0,), (nan,)],
    "clip": [(-inf, 0.5)],
}
# Numbers that JSON lacks go through it as text.
SHOWN = """
    const named = { nan: NaN, inf: Infinity, "-inf": -Infinity };
    const plain = x => Array.isArray(x) ? x.map(plain) : named[x] ?? x;
    const isPlain = x => Number.isFinite(+x) && !Object.is(x, -0);
    const shown = x => Array.isArray(x) ? x.map(shown) : isPlain(x) ? +x : exact(x);
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


def points(op: Op) -> Iterator[tuple[list[Any], tuple[float, ...]]]:
    """Operands as the formulas take them, and constants: from the span of the row, and edges."""
    draw = random.Random(op.name)
    inside = [[draw.uniform(*span) for span in op.span] for _ in range(20)]
    if op.nary:
        many = [draw.choices(EDGES[:-6], k=n) for n in (1, 2, 5)] + [[1.0, inf], [nan, 2.0, 1.0]]
        many += [[draw.uniform(-4, 4) for _ in range(6)], [2.0, 2.0, 1.0], [-inf, -inf]]
        shuffled = [[draw.sample(x, len(x)) for _ in op.operands] for x in many]
        starred = [name[0] == "*" for name in op.operands]
        operands: list[list[Any]] = [
            [x if star else x[0] for x, star in zip(xs, starred, strict=True)] for xs in shuffled
        ]
    else:
        operands = inside + [list(p) for p in itertools.product(EDGES, repeat=len(op.operands))]
    sets = [*CONSTANTS.get(op.name, []), tuple(default for _, default in op.constants)]
    return ((x, constants) for x in operands for constants in sets)


def plain(x: Any) -> Any:
    """Numbers for JSON."""
    if isinstance(x, (list, tuple)):
        return [plain(each) for each in x]
    return x if x - x == 0 else str(x)


def same(ours: Any, theirs: Any) -> bool:
    """Whether numbers agree to 1e-12, zeros with their sign."""
    if isinstance(ours, (list, tuple)):
        pairs = zip(ours, theirs, strict=True)
        return len(ours) == len(theirs) and all(itertools.starmap(same, pairs))
    ours, theirs = float(ours), float(theirs)
    if ours != ours or math.isinf(ours) or ours == 0:
        return ours == theirs if ours == ours else theirs != theirs
    return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-300)


def answers(browser: Any, ops: list[Op], asked: list[Any]) -> list[list[Any]]:
    script = f"""{rows(ops)}{SHOWN}
        return JSON.stringify(plain(JSON.parse(arguments[0])).map((cases, i) => cases.map(
            ([operands, constants, y]) => {{
                const at = [...operands, y, ...constants];
                return [shown(rows[i].result(...operands, ...constants)),
                    rows[i].partials.map(partial => shown(partial(...at))),
                    Number.isFinite(y) ? "" : complaint(rows[i], operands, constants, y)];
            }})));"""
    found: list[list[Any]] = json.loads(browser.execute_script(script, json.dumps(asked)))
    return found


def row_of(function: Any) -> Op:
    made: Op = function(Value(1.0)).op
    return made


@pytest.mark.full
def test_every_row_has_pythons_numbers_and_sentences(browser: Any) -> None:
    condition = "0 < x < 2 or x == 3"
    slope = f"3 * x**2 if {condition} else 3 * sech(x)**2"
    own = operation("new", f"where({condition}, x**3, 3 * tanh(x))", slope, needs="x != 3")
    ops = [*OPS.values(), *TRUTHS.values(), row_of(own)]
    cases = [list(points(op)) for op in ops]
    results = [
        [float(result_formula(op, EDGE)(*x, *c)) for x, c in at]
        for op, at in zip(ops, cases, strict=True)
    ]
    asked = [
        [plain([x, c, y]) for (x, c), y in zip(at, ys, strict=True)]
        for at, ys in zip(cases, results, strict=True)
    ]
    wrong = []
    for op, at, ys, given in zip(ops, cases, results, answers(browser, ops, asked), strict=True):
        for (x, constants), y, (result, partials, sentence) in zip(at, ys, given, strict=True):
            ours = [f(*x, y, *constants) for f in partial_formulas(op, EDGE)]
            said = "" if math.isfinite(y) else complaint(op, x, constants, y)
            if not (same(y, result) and same(ours, partials) and said == sentence):
                wrong.append((op.name, x, constants, y, result, ours, partials, said, sentence))
    assert not wrong, (len(wrong), wrong[:9])
    assert sum(map(len, cases)) > 5_000


@pytest.mark.full
def test_numbers_are_written_as_python_writes_them(browser: Any) -> None:
    draw = random.Random(0)
    numbers = [*EDGES, 1.0625, 2.0625, 10.125, 9.9995, 99995.0, 1e16, 123456789.0, 1e-5, 0.0001]
    numbers += [struct.unpack("d", draw.randbytes(8))[0] for _ in range(2000)]
    numbers += [draw.randrange(-9999, 9999) / 2**k for k in range(12) for _ in range(200)]
    script = f"{words()}{SHOWN} return plain(arguments[0]).map(x => [short(x), exact(x)]);"
    written = browser.execute_script(script, plain(numbers))
    for x, theirs in zip(numbers, written, strict=True):
        assert [short(x), exact(x)] == theirs


def test_what_is_made_of_python_functions_is_refused() -> None:
    known = operation("known", lambda x: math.sin(x), "cos(x)")
    with pytest.raises(GraphError, match="known is computed by a function of Python, known, which"):
        row(row_of(known))
    odd = Op("odd", ("x",), "x if x else [x][0]", ("1",))
    with pytest.raises(GraphError, match=r"odd has no JavaScript for \[x\]\[0\]"):
        rows([odd])
    with pytest.raises(GraphError, match="total takes many operands"):
        javascript(OPS["total"], "sum(x)")
