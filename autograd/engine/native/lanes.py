"""The lanes of the native engine: what it leaves to Python, and how the two are joined.

The C does the plain case. A stranger as operand, a number outside of a domain, a comparison that a
recording follows: all these come here, where the row's own text is computed as the engine in Python
does it, with the same sentences."""

from collections.abc import Callable
from sys import _getframe
from typing import Any

from autograd.engine import guard, modes, storage
from autograd.engine.changes import look
from autograd.engine.errors import GraphError, refuse_options
from autograd.engine.native import library
from autograd.engine.number import number
from autograd.engine.storage import lifted, operand, other_number, second
from autograd.engine.table import CONSTANT, OPS, TRUTHS, Op

Lane = Callable[..., Any]
Rows: Any = getattr(library, "Storage", object)  # object where nothing was built
COMPARISONS = (*modes.SIGNS,)  # by their numbers in C


def _init(self: Any, data: Any, label: str = "", *operands: Any, **options: Any) -> None:
    if operands or options:
        refuse_options(type(self).__name__, options or {"_children": label})
    Rows.__init__(self, number(data), label)


_init.__qualname__ = "Value"  # as its errors name it


def _compare(sign: int, a: Any, b: Any) -> Any:
    text = COMPARISONS[sign]
    right = other_number(b) if text in ("==", "!=") else operand(b)
    return NotImplemented if right is NotImplemented else modes.compared(text, a, right)


def _recorder(op: Op) -> Lane:
    """How Python records a row; compiled when it is needed, which is seldom."""
    compiled: list[Lane] = []

    def record(*given: Any, **constants: Any) -> Any:
        if not compiled:
            from autograd.engine.recorder import recorder

            compiled.append(recorder(op))
        return compiled[0](*given, **constants)

    return record


def _binary(record: Lane) -> Lane:
    """The same for two operands, either of which may be a stranger."""

    def lane(a: Any, b: Any) -> Any:
        left = operand(a)
        return NotImplemented if left is NotImplemented else record(left, b)

    return lane


def _named(name: str, record: Lane) -> Lane:
    return lambda a, b: record(a, second(name, b))


def _power(base: Any, exponent: Any) -> Any:
    a, n = operand(base), operand(exponent)
    if a is NotImplemented or n is NotImplemented:
        return NotImplemented
    return LANES["pow"](a, n) if n is exponent else LANES["power"](a, n._data)


LANES = {op.name: _recorder(op) for op in OPS.values()}
RECORD: dict[str, Lane] = {}


def adopt(value: Any) -> None:
    """Make the results instances of this class, and uncover what C does itself."""
    RECORD.update(
        (op.name, getattr(library if op.nary else Rows, op.method)) for op in OPS.values()
    )
    lanes = {
        "CONSTANT": CONSTANT,
        "POSITIVE": OPS["positive"],
        "UNREACHED": storage.UNREACHED,
        "paused": modes.paused,
        "guarded": guard.guarded,
        "tracer": modes._tracer,
        "no_grad": modes._no_grad,
        "watcher": modes._watcher,
        "number": number,
        "ask": guard.ask,
        "label": storage.checked_label,
        "lifted": lifted,
        "init": _init,
        "compare": _compare,
        "power": _power,
        "backward": value.backward,
        "GraphError": GraphError,
        "compared": tuple([TRUTHS[sign] for sign in COMPARISONS]),
        "look": lambda results: look(results, _getframe(1)),
    }
    rows = {}
    for op in OPS.values():
        record = LANES[op.name]
        if op.operands == ("a", "b") and not op.constants:
            rows[op.name] = (op, _binary(record), _named(op.name, record))
        else:
            rows[op.name] = (op, record, record)
    library.adopt(value, lanes, rows)
    del value.backward
