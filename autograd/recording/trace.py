"""Tracing: run f once on numbers that are watched, and take down every operation that it does.

A traced Value computes like any other, but its number is one sample's. Whatever would freeze that
number, or a branch that was taken because of it, for all samples is refused with the line that did
it and the way out."""

import sys
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any, NoReturn

from autograd.engine.errors import GraphError, user_frame
from autograd.engine.formula import recorder
from autograd.engine.modes import quiet, taken_down_by
from autograd.engine.table import OPS, Op
from autograd.engine.value import RECORD, Value, constant
from autograd.recording.derivatives import partials

__all__ = ["COMPARISONS", "Place", "Traced", "Tracer", "line_of", "origin", "recorder_of"]

Place = tuple[CodeType, int]

KEEP = "keep computing with the Value itself"
REMEDIES = {
    "bool()": "write where(condition, a, b), maximum, minimum, abs, relu or clip, which choose anew for every sample",
    "float()": f"{KEEP}, by autograd's functions (autograd.sin for math.sin)",
    "int()": f"{KEEP} (floor, rint and trunc are operations)",
    "an index": "pass what counts or chooses as a number of its own, from outside the function",
    "round() to digits": "write rint(x * 10) / 10",
    "a format": "leave the text out, or print the Value itself",
    ".data": KEEP,
    "assigning .data": "make a new Value by an operation",
    ".grad": "write grad(g), whose result is recorded with the rest",
    ".partials": "write grad(g), whose result is recorded with the rest",
    "backward()": "write grad(g), whose result is recorded with the rest",
    "detach()": "pass that number to f as an argument of its own",
    "no_grad": "leave the block out, a program records nothing when it is replayed",
}

# Where a recording compares: 1 where it holds, else 0, as rows so that replays of every kind can do
# it.
COMPARISONS = {
    sign: Op(name, ("a", "b"), f"where(a {sign} b, 1, 0)", ("0", "0"), symbol=sign, smooth="a != b")
    for sign, name in {
        **{"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"},
        **{"==": "equal", "!=": "not_equal"},
    }.items()
}
# What joins their results, which are 1 or 0.
JOINS = {
    sign: Op(name, ("a", "b"), result, ("0", "0"), symbol=sign)
    for sign, name, result in (
        ("&", "logical_and", "a * b"),
        ("|", "logical_or", "where(a > b, a, b)"),
        ("^", "logical_xor", "where(a == b, 0, 1)"),
    )
}
TRUTHS = {*COMPARISONS.values(), *JOINS.values()}


@cache
def recorder_of(op: Op) -> Callable[..., Any]:
    """The function on Values of any row: of the table, a comparison, or an operation of the user's."""
    return RECORD[op.name] if OPS.get(op.name) is op else recorder(op)


DATA, GRAD = Value.__dict__["data"], Value.__dict__["grad"]


def _asked_by_engine() -> bool:
    """Whether the caller of the method that asks is the engine, which keeps the number to itself."""
    asker = sys._getframe(2).f_globals.get("__name__", "")
    return asker.partition(".")[0] == "autograd"  # type: ignore[no-any-return]


class Traced(Value):
    """A Value inside a recording, whose number is not given away."""

    __slots__ = ()

    @property
    def data(self) -> float:
        """The number, for the engine only."""
        if not _asked_by_engine():
            refuse(".data")
        return DATA.__get__(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, x: float) -> None:
        refuse("assigning .data")

    @property
    def grad(self) -> float:
        """The grad, for the engine only."""
        if not _asked_by_engine():
            refuse(".grad")
        return GRAD.__get__(self)  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, x: float) -> None:
        if not _asked_by_engine():
            refuse(".grad")
        GRAD.__set__(self, x)

    @property
    def partials(self) -> tuple[float, ...]:
        """The partials, for the engine only."""
        if not _asked_by_engine():
            refuse(".partials")
        return super().partials

    def backward(self, seed: float = 1.0) -> None:
        """Refused: grads are numbers of one sample."""
        refuse("backward()")

    def detach(self) -> Value:
        """Refused: it is a number of one sample."""
        refuse("detach()")

    # What Python would answer by the number, or by which object it is

    def __eq__(self, other: object) -> Any:
        return self._equal("==", other)

    def __ne__(self, other: object) -> Any:
        return self._equal("!=", other)

    def _equal(self, sign: str, other: object) -> Any:
        if not isinstance(other, Value):
            if getattr(other, "shape", ()) or not hasattr(type(other), "__float__"):
                return NotImplemented
            other = constant(other)
        return recorder_of(COMPARISONS[sign])(self, other)

    __hash__ = Value.__hash__

    def __index__(self) -> int:
        refuse("an index")

    def __format__(self, spec: str) -> str:
        if spec:
            refuse("a format")
        return repr(self)

    def __round__(self, digits: int | None = None) -> Value:
        if digits is not None:
            refuse("round() to digits")
        return self.rint()

    def __copy__(self) -> Value:
        return +self

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        copied: Value = memo.setdefault(id(self), +self)
        return copied

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        try:
            return super().__array_ufunc__(ufunc, method, *inputs, **options)
        except TypeError as error:
            raise GraphError(
                f"{_here()}: np.{ufunc.__name__} cannot be recorded: {KEEP}"
            ) from error

    # Comparisons may be joined, as Python's truth values are

    def __and__(self, other: Any) -> Any:
        return _joined(self, other, "&")

    def __or__(self, other: Any) -> Any:
        return _joined(self, other, "|")

    def __xor__(self, other: Any) -> Any:
        return _joined(self, other, "^")

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__


def _joined(a: Value, b: Any, sign: str) -> Any:
    """Two truth values as one: 1 where it holds, else 0."""
    if type(b).__name__ in ("bool", "bool_"):  # NumPy's too
        b = constant(float(b))
    elif not (isinstance(b, Value) and b.op in TRUTHS):
        return NotImplemented
    return recorder_of(JOINS[sign])(a, b) if a.op in TRUTHS else NotImplemented


def refuse(what: str) -> NoReturn:
    """Say which line would freeze the number of one sample, and what to write instead."""
    raise GraphError(
        f"{_here()}: {what} inside a recorded function would freeze one sample's number for all: {REMEDIES[what]}"
    )


def _here() -> str:
    frame = user_frame(sys._getframe(1))
    return line_of((frame.f_code, frame.f_lasti))


def line_of(place: Place) -> str:
    """``model.py, line 12``."""
    code, instruction = place
    line = list(code.co_positions())[instruction // 2][0]
    return f"{code.co_filename.rpartition('/')[2]}, line {line}"


class Tracer:
    """What a run of f did: its results in the order in which they were made, and the user's line of
    each."""

    def __init__(self, places: bool = True) -> None:
        self.keeps_places = places
        self.results: list[Value] = []
        self.places: list[Place] = []
        self.users: set[str] = set()  # the modules of the user's that did operations
        self.live: dict[
            Value, Value
        ] = {}  # the conditions of where, which each replay decides anew

    def run(self, f: Callable[..., Any], arguments: list[Any]) -> Any:
        """f of the arguments, taken down."""
        with taken_down_by(self), quiet():
            return f(*arguments)

    def take(self, result: Value) -> None:
        """Called by the engine with every result that is made."""
        if result._uses is None:
            refuse("no_grad")
        result.__class__ = Traced
        self.results.append(result)
        if not self.keeps_places:
            return
        frame = sys._getframe(3)
        module = frame.f_globals.get("__name__", "")
        if module not in self.users:  # the engine's frame, or the first of the user's that comes
            frame = user_frame(frame)
            self.users.add(frame.f_globals.get("__name__", ""))
        self.places.append((frame.f_code, frame.f_lasti))

    def adopt(self, variable: Value) -> None:
        """Watch a leaf too: an argument of f, or a variable of a derivative that is taken inside f."""
        variable.__class__ = Traced

    def refuse(self, conversion: str) -> NoReturn:
        """Called by the engine where a Value is asked for its number."""
        refuse(conversion)

    def compare(self, sign: str, a: Value, b: Value) -> Value:
        """Called by the engine where Values are compared."""
        return recorder_of(COMPARISONS[sign])(a, b)  # type: ignore[no-any-return]

    def choose(self, condition: Value, a: Any, b: Any) -> Value:
        """Called by ``where``: the row of that name, with a condition that is computed."""
        a, b = (x if isinstance(x, Value) else constant(x) for x in (a, b))
        result: Value = RECORD["where"](a, b, DATA.__get__(condition))
        self.live[result] = condition
        return result

    def partials(self, op: Op) -> tuple[Callable[..., Any], ...]:
        """Called where a derivative is taken: a row's partials as functions that are traced."""
        return partials(op)

    def constants(self, result: Value) -> tuple[Any, ...]:
        """The constants of a result, as far as they are constant."""
        return (self.live[result],) if result in self.live else result.constants


POSITIVE = OPS["positive"]


def origin(value: Value) -> Value:
    """The value that a variable of a derivative stands for."""
    while value.op is POSITIVE and isinstance(value, Traced) and value._a is not None:
        value = value._a
    return value
