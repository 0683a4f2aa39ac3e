"""Operations of your own: one call states a row, checks its partials, and gives the function."""

import ast
import keyword
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd.checking.line import Line
from autograd.checking.slopes import Slope, quick, slope
from autograd.engine.broadcast import function_of
from autograd.engine.errors import GraphError
from autograd.engine.floats import EDGES, MATH
from autograd.engine.formula import FLOATS, NUMBERS, formula, partial_formulas, result_formula
from autograd.engine.notation import described, exact
from autograd.engine.table import OPS, Op, Span

Formula = str | Callable[..., Any]

POINTS = 7  # of the span, at which a new row is checked
NOT_PYTHON: dict[type, tuple[str, str]] = {ast.BitXor: ("^", "**"), ast.BitAnd: ("&", "and")}
NOT_PYTHON |= {ast.BitOr: ("|", "or"), ast.MatMult: ("@", "*")}
REMEDY = {"max": "write maximum(a, b)", "min": "write minimum(a, b)"}
REMEDY |= {"pi": f"write {math.pi}", "e": f"write {math.e}"}


def operation(
    name: str,
    result: Formula,
    *partials: Formula,
    needs: str | Sequence[str] = (),
    smooth: str = "",
    span: Sequence[Any] = (-4.0, 4.0),
    vocabulary: dict[str, Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """Define an operation of one operand (x) or two (a, b) by its result and its partial by each,
    and return it.

    A formula is text in the operands, the result y (in partials) and the functions of the table, as
    rows are, or a function of the operands; a partial that is a function must itself be made of
    operations, if derivatives of it are wanted. ``where(x > 0, p, q)`` chooses.

    needs is where the result is defined, as text (``"x > 0"``) or several: outside, a call gives a
    DomainWarning. smooth is where every derivative exists (``"x != 0"``); neither is checked
    elsewhere. span is the interval from which the points of the check are drawn (for two operands,
    a pair of intervals, or one for both): choose one inside needs, of the size that the operands
    will have. vocabulary names functions of your own that the text may call: ``operation("f", "x *
    g(x)", ..., vocabulary={"g": g})``.

    Raises GraphError if a formula cannot be read, or a partial is not the derivative of the result.

    >>> swish = operation("swish", "x * sigmoid(x)", "sigmoid(x) * (1 + x * sigmoid(-x))")
    >>> swish(1.0)
    0.7310585786300049
    >>> leaky = operation("leaky", "where(x > 0, x, 0.1 * x)", "where(x > 0, 1, 0.1)")
    >>> leaky(-2.0)
    -0.2
    >>> operation("cube", "x**3", "2 * x**2")
    Traceback (most recent call last):
        ...
    autograd.GraphError: cube: dy/dx = 2 * x**2 is 24.874 at x = -3.52661,
    but the result has the slope 37.311
    """
    if not isinstance(name, str):
        raise TypeError(f"an operation needs its name first, as text, got {described(name)}")
    if not name.isidentifier() or keyword.iskeyword(name) or name in OPS:
        reason = "which is in the table already" if name in OPS else "which is no name"
        raise GraphError(f"an operation needs a name of its own, got {name!r}, {reason}")
    if len(partials) not in (1, 2):
        needed = f"{name} needs one partial for each of its operands, x or a and b"
        raise GraphError(f"{needed}, got {len(partials)}")
    operands = ("x",) if len(partials) == 1 else ("a", "b")
    words, known = dict(vocabulary or {}), {*operands, "y", *OPS, *MATH, *NUMBERS}
    given = {name: result} | {f"d{name}_d{o}": p for o, p in zip(operands, partials, strict=True)}
    y, *texts = (_text(formula, called, operands, words) for called, formula in given.items())
    if taken := known & {*words}:
        needed = f"{name} needs other names in its vocabulary"
        raise GraphError(f"{needed}: {min(taken)} has a meaning in formulas")
    conditions = (needs,) if isinstance(needs, str) else tuple(needs)
    for text in (*conditions, smooth):
        if not isinstance(text, str):
            needed = f'{name} needs its conditions as text, like "x > 0"'
            raise TypeError(f"{needed}, got {described(text)}")
    _check_names(name, y, operands, {*known, *words} - {"y"})
    for text in filter(None, (*texts, *conditions, smooth)):
        _check_names(name, text, operands, {*known, *words})
    spans = _spans(name, span, operands)
    op = Op(name, operands, y, tuple(texts), name, conditions, smooth, span=spans, vocabulary=words)
    _check(op)
    from autograd.engine.recorder import recorder  # compiles, which few programs need

    return function_of(op, recorder(op))


def _spans(name: str, span: Any, operands: tuple[str, ...]) -> tuple[Span, ...]:
    """An interval for each operand; a single one serves both."""
    try:
        several = len(operands) == 2 and not isinstance(span[0], (int, float))
        intervals = span if several else [span] * len(operands)
        spans = tuple((float(low), float(high)) for low, high in intervals)
        if len(spans) == len(operands) and all(-math.inf < a < b < math.inf for a, b in spans):
            return spans
    except (TypeError, ValueError, IndexError, KeyError):
        pass
    pair = "" if len(operands) == 1 else ", or one for each operand, ((-4, 4), (0.2, 4))"
    needed = f"{name} needs its span as two numbers, the lower first, like (-4, 4){pair}"
    raise TypeError(f"{needed}; got {span!r}")


def _text(formula: Any, name: str, operands: tuple[str, ...], words: dict[str, Any]) -> str:
    """A formula as text; a function gets a name, and the text calls it."""
    if isinstance(formula, str):
        return formula
    if not callable(formula):
        remedy = f': write "{formula}"' if isinstance(formula, (int, float)) else ""
        needed = f"{name} needs a formula as text, or a function"
        raise TypeError(f"{needed}, got {described(formula)}{remedy}")
    words[name] = formula
    return f"{name}({', '.join(operands)})"


def _check_names(name: str, text: str, operands: tuple[str, ...], known: set[str]) -> None:
    """Refuse a formula that Python cannot read, or that mentions what no formula knows."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        needed = f"{name} needs a formula that Python can read"
        raise GraphError(f"{needed}, got {text!r}: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and type(node.op) in NOT_PYTHON:
            came, remedy = NOT_PYTHON[type(node.op)]
            raise GraphError(f"{name}: a formula has no {came}, got {text!r}: write {remedy}")
        if isinstance(node, ast.Name) and node.id not in known:
            remedy = REMEDY.get(node.id, "define it in vocabulary")
            if node.id in ("x", "a", "b", "z"):
                one = "with 1 partial, the one operand is called x"
                two = "with 2 partials, the two operands are called a and b"
                remedy = one if len(operands) == 1 else two
            raise GraphError(f"{name}: the formula {text!r} has the name {node.id!r}: {remedy}")


def _check(op: Op) -> None:
    """Compare each partial with the slope of the result, at points of the span."""
    from statistics import median

    # Irrational steps: the operands do not move together, nor meet the middle, where kinks are.
    steps = [[(i + 2**0.5 - 1) / POINTS, (i * 5**0.5 / 2 + 0.3) % 1] for i in range(POINTS)]
    pairs = [zip(op.span, shares, strict=False) for shares in steps]
    points = [[low + (high - low) * share for (low, high), share in each] for each in pairs]
    for k, (operand, text) in enumerate(zip(op.operands, op.partials, strict=True)):
        trials = [(p, *trial) for p in points if (trial := _tried(op, p, k)) is not None]
        # Small numbers are held to the middle size, for near a pole there are huge ones.
        scale = median(abs(found.value) for *_, found in trials) if trials else 0.0
        compared = any(ours == found.value == 0 for _, ours, found in trials)
        for point, ours, found in trials:
            if not found.error < 1e-3 * max(scale, abs(found.value), abs(ours - found.value)):
                continue
            compared = True
            slack = 1e-6 * max(scale, abs(found.value)) + 10 * found.error + sys.float_info.min
            if not abs(ours - found.value) <= slack:
                where = ", ".join(f"{o} = {x:.6g}" for o, x in zip(op.operands, point, strict=True))
                claim = f"{op.name}: dy/d{operand} = {text} is {ours:.6g} at {where}"
                raise GraphError(f"{claim}, but the result has the slope {found.value:.6g}")
        if not compared:
            needed = f"{op.name} needs a span in which its result is defined and smooth"
            got = ", ".join(f"[{exact(low)}, {exact(high)}]" for low, high in op.span)
            remedy = "and changes by more than its rounding"
            raise GraphError(f"{needed}, {remedy}, got {got}: pass span=(low, high)")


def _tried(op: Op, point: list[float], k: int) -> tuple[float, Slope] | None:
    """The partial by operand k and the slope of the result; None if there is nothing to compare."""
    result, x = result_formula(op, FLOATS), point[k]
    conditions = [formula(op, text, FLOATS) for text in (*op.needs, op.smooth) if text]
    try:
        y = result(*point)
        if not all(holds(*point, y) for holds in conditions):
            return None
        ours = float(partial_formulas(op, FLOATS)[k](*point, y))
        line = Line.of(lambda z: float(result(*point[:k], z, *point[k + 1 :])), x)
        found = quick(line, ours, x) or slope(line)
    except EDGES:
        return None  # outside the domain
    except (TypeError, AttributeError, NameError) as error:
        raise GraphError(f"{op.name} cannot be computed at {point[0]:.6g}: {error}") from None
    return (ours, found) if math.isfinite(found.value) and found.kind != "kink" else None
