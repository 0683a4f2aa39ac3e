"""Outside of its domain, or too large for a float: the IEEE answer, and the one sentence about it.

Recorded rows come here where Python's math raises, or the result is not finite."""

import math
from collections.abc import Sequence
from typing import Any

from autograd.engine.errors import DomainError, warn
from autograd.engine.formula import EDGE, formula, partial_formulas, result_formula, words_in
from autograd.engine.modes import is_quiet, is_strict, watcher
from autograd.engine.notation import NAMELESS, Names, described, exact, expression, short, spelled
from autograd.engine.table import Op

Many = Sequence[Any]


def edge(op: Op, operands: Many, constants: Many, values: Many = ()) -> tuple[Any, ...]:
    """The result and the partials in IEEE arithmetic, with a warning if the operation leaves its
    domain or overflows. values are the Values (or bundles) whose numbers the operands are."""
    for x in flat(operands):
        if not isinstance(x, (float, int)) and not hasattr(type(x), "__array__"):
            came = f"{op.name} needs numbers, but the .data of an operand is {described(x)}"
            raise TypeError(f"{came}: assign a float, as in p.data = p.data - 0.1 * p.grad")
    y = result_formula(op, EDGE)(*operands, *constants)
    partials = [partial(*operands, y, *constants) for partial in partial_formulas(op, EDGE)]
    if (listener := watcher()) is not None:
        listener.at_edge(op, operands, constants, y, partials, values)
    is_heard = not is_quiet() and (listener is None or is_strict())
    if y - y != 0 and is_heard and (sentence := complaint(op, operands, constants, y, values)):
        say(sentence, op.name)
    return y, *partials


def flat(operands: Many) -> list[Any]:
    """Operands as the formulas take them, one after the other."""
    return [x for many in operands for x in (many if isinstance(many, (list, tuple)) else [many])]


def say(sentence: str, subject: str) -> None:
    """Give a DomainWarning, or under ``strict`` raise a DomainError."""
    if is_strict():
        raise DomainError(sentence) from None  # what Python's math said of it is the same news
    warn(sentence, subject)


def complaint(
    op: Op, operands: Many, constants: Many, y: float, values: Many = (), names: Names = NAMELESS
) -> str:
    """What a row has to say of a result that is nan or infinite: nothing if an operand was so
    already. Of values it says which are meant: ``log needs x > 0, got x = 0 in log(w - 1)``."""
    numbers = flat(operands)
    if any(x != x for x in numbers) or (math.isinf(y) and not all(map(math.isfinite, numbers))):
        return ""
    given, where = dict(zip(op.names, (*operands, *constants), strict=True)), ""
    if values and not op.nary:
        plain = expression(op, op.operands, map(short, constants))
        texts = [spelled(v, names=names) for v in values]
        where = expression(op, texts, map(short, constants))
        known = where == plain or not any(v.label or v in names or v.operands for v in values)
        where = "" if known else f" in {where}"
    for need in op.needs:
        if not formula(op, need, EDGE)(*operands, y, *constants):
            return f"{op.name} needs {need}, got {_got(given, need)}{where}"
    verb = "overflows to" if math.isinf(y) else "gives"
    return f"{op.name} {verb} {exact(y)} at {_got(given, op.result)}{where}"


def _got(values: dict[str, Any], mentioned: str) -> str:
    """``x = -1``, ``a = 1, b = 0``: the operands and constants that a text mentions."""
    words = words_in(mentioned)
    return ", ".join(f"{name} = {_shown(x)}" for name, x in values.items() if name in words)


def _shown(x: Any) -> str:
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(exact, x[:4]))}{', ...' if len(x) > 4 else ''}]"
    return exact(x)
