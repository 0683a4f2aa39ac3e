"""Tracing: run f once on numbers that are watched, and take down every operation that it does.

A traced Value computes like any other, but its number is one sample's. Whatever would freeze that number, or a branch
that was taken because of it, for all samples is refused with the line that did it and the way out.
"""

import sys
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any, NoReturn

from autograd.errors import GraphError, user_frame
from autograd.modes import quiet, taken_down_by
from autograd.ops import OPS, Op
from autograd.rules import recorder
from autograd.value import RECORD, Value, constant

__all__ = ["COMPARISONS", "Place", "Traced", "Tracer", "line_of", "origin", "recorder_of"]

Place = tuple[CodeType, int]

REMEDIES = {
    "bool()": "write where(condition, a, b), maximum, minimum, abs, relu or clip, which choose anew for every sample",
    "float()": "keep computing with the Value itself",
    "int()": "keep computing with the Value itself (floor, rint and trunc are operations)",
    ".data": "keep computing with the Value itself",
    "assigning .data": "make a new Value by an operation",
    "backward()": "write grad(g), whose result is recorded with the rest",
    "detach()": "pass that number to f as an argument of its own",
    "no_grad": "leave the block out, a program records nothing when it is replayed",
}

# Where a recording compares: 1 where it holds, else 0, as rows so that replays of every kind can do it.
COMPARISONS = {
    sign: Op(name, ("a", "b"), f"where(a {sign} b, 1, 0)", ("0", "0"), symbol=sign, smooth="a != b")
    for sign, name in {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}.items()
}


@cache
def recorder_of(op: Op) -> Callable[..., Any]:
    """The function on Values of any row: of the table, a comparison, or an operation of the user's."""
    return RECORD[op.name] if OPS.get(op.name) is op else recorder(op)


DATA = Value.__dict__["data"]


class Traced(Value):
    """A Value inside a recording, whose number is not given away."""

    __slots__ = ()

    @property
    def data(self) -> float:
        """The number, for the engine only."""
        if not sys._getframe(1).f_globals.get("__name__", "").startswith("autograd."):
            refuse(".data")
        return DATA.__get__(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, x: float) -> None:
        refuse("assigning .data")

    def backward(self, seed: float = 1.0) -> None:
        """Refused: grads are numbers of one sample."""
        refuse("backward()")

    def detach(self) -> Value:
        """Refused: it is a number of one sample."""
        refuse("detach()")


def refuse(what: str) -> NoReturn:
    """Say which line would freeze the number of one sample, and what to write instead."""
    frame = user_frame(sys._getframe(1))
    raise GraphError(
        f"{line_of((frame.f_code, frame.f_lasti))}: {what} inside a recorded function would freeze one sample's number "
        f"for all: {REMEDIES[what]}"
    )


def line_of(place: Place) -> str:
    """``model.py, line 12``."""
    code, instruction = place
    line = list(code.co_positions())[instruction // 2][0]
    return f"{code.co_filename.rpartition('/')[2]}, line {line}"


class Tracer:
    """What a run of f did: its results in the order in which they were made, and the user's line of each."""

    def __init__(self, places: bool = True) -> None:
        self.keeps_places = places
        self.results: list[Value] = []
        self.places: list[Place] = []
        self.users: set[str] = set()  # the modules of the user's that did operations
        self.live: dict[Value, Value] = {}  # the conditions of where, which each replay decides anew

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

    def constants(self, result: Value) -> tuple[Any, ...]:
        """The constants of a result, as far as they are constant."""
        return (self.live[result],) if result in self.live else result.constants


POSITIVE = OPS["positive"]


def origin(value: Value) -> Value:
    """The value that a variable of a derivative stands for."""
    while value.op is POSITIVE and isinstance(value, Traced) and value._a is not None:
        value = value._a
    return value
