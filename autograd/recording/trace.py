"""Tracing: run f once on numbers that are watched, and take down every operation that it does.

A traced Value computes like any other, but its number is one sample's. Whatever would freeze that
number, or a branch that was taken because of it, for all samples is refused with the line that did
it and the way out."""

import sys
from collections.abc import Callable
from functools import cache
from types import CodeType, FrameType
from typing import Any, NoReturn

from autograd.engine.errors import GraphError, user_frame
from autograd.engine.guard import Guard, asking, guarded
from autograd.engine.modes import taken_down_by
from autograd.engine.native import library
from autograd.engine.recorder import recorder
from autograd.engine.table import OPS, TRUTHS, Op
from autograd.engine.value import RECORD, Value, constant, lifted
from autograd.recording.derivatives import partials

__all__ = ["Place", "Tracer", "line_of", "recorder_of"]

Place = tuple[CodeType, int]

LATEST = 256  # places that C knows again
KEEP = "keep computing with the Value itself"
DIFFERENTIATE = "write grad(g), whose result is recorded with the rest"
IN_LOOP = "a number of the whole batch in a loop"
REMEDIES = {
    IN_LOOP: "compute it before the loop, or after it",
    "bool()": "write where(condition, a, b), maximum, minimum, abs, relu or clip, which choose "
    "anew for every sample",
    "float()": f"{KEEP}, by autograd's functions (autograd.sin for math.sin)",
    "int()": f"{KEEP} (floor, rint and trunc are operations)",
    "an index": "pass what counts or chooses as a number of its own, from outside the function",
    "round() to digits": "write rint(x * 10) / 10",
    "a format": "leave the text out, or print the Value itself",
    "assigning .data": "make a new Value by an operation",
    **dict.fromkeys((".grad", ".partials", "backward()"), DIFFERENTIATE),
    "the gradient of a program": "write grad(program), which is recorded with the rest",
    "a thread": "compute it in the thread that records",
    "detach()": "pass that number to f as an argument of its own",
    "no_grad": "leave the block out, a program records nothing when it is replayed",
}


@cache
def recorder_of(op: Op) -> Callable[..., Any]:
    """The function on Values of any row: the table's, a comparison's or a user's."""
    return RECORD[op.name] if OPS.get(op.name) is op else recorder(op)


def line_of(place: Place) -> str:
    """``model.py, line 12``."""
    code, instruction = place
    line = list(code.co_positions())[instruction // 2][0]
    return f"{code.co_filename.rpartition('/')[2]}, line {line}"


class Tracer(Guard):
    """A guard, and what a run of f did: its results in order, and the user's line of each."""

    threads = True
    is_repeated = False  # in the body of a loop
    depth = 0  # how many bodies it is in
    count: Any = ()  # the values that the derivative being taken inside f depends on

    def __init__(self, places: bool = True) -> None:
        self.keeps_places = places
        self.results: list[Value] = []
        self.places: list[Place] | None = [] if places else None  # of the results
        self.variables: dict[Value, None] = {}  # the inputs, and those of derivatives inside f
        # The modules of the user's that did operations, and those that did them for these.
        self.users: set[str] = set()
        self.others: set[str] = set()
        self.place_at: dict[int, Place] = {}  # by the address of the instruction
        self.live: dict[Value, Value] = {}  # the condition of each where, which replays decide anew
        self.undecided: set[Value] = set()  # what their operands alone do not decide
        latest = [None] * LATEST if places else None
        self.notes = self.results, self.places, self.users, latest, self.live, self.undecided
        self.refused: list[GraphError] = []  # in whatever thread
        # Of loops that a derivative inside f goes through; the functions that are kept once.
        self.slopes: dict[Any, Any] = {}
        self.bodies: dict[Any, Any] = {}

    def run(self, f: Callable[..., Any], arguments: list[Any]) -> Any:
        """f of the arguments, taken down; until then no traced Value gives its number away."""
        for value in self.variables:
            value._is_input = True
        guarded[self] = self
        try:
            with asking(), taken_down_by(self):
                result = f(*arguments)
        finally:
            pop = guarded.pop
            for value in (self, *self.variables, *(self.results if library is None else ())):
                pop(value, None)
            if library is not None:
                library.let_out(self.results)
        if self.refused:  # and f caught it, or it ended a thread: what came of that is no result
            raise self.refused[0]
        return result

    # Called by the engine

    def take(self, result: Value) -> None:
        """With every result that is made in Python; C does the same."""
        if library is None:
            guarded[result] = self
        else:
            result._is_taken = True
        self.results.append(result)
        if self.places is not None:
            self.places.append(self.place(sys._getframe(3)))

    def place(self, frame: FrameType) -> Place:
        """Where the user is, who did an operation in this frame or let others do it."""
        while (module := frame.f_globals.get("__name__", "")) in self.others and frame.f_back:
            frame = frame.f_back
        if module not in self.users:
            user = user_frame(frame)
            while frame is not user and frame.f_back:
                self.others.add(frame.f_globals.get("__name__", ""))
                frame = frame.f_back
            self.users.add(user.f_globals.get("__name__", ""))
            self.others -= self.users
        code, instruction = frame.f_code, frame.f_lasti
        return self.place_at.setdefault(id(code) + instruction, (code, instruction))

    def adopt(self, *variables: Value) -> None:
        """With leaves to watch too: arguments of f, or variables of a derivative inside f."""
        for value in variables:
            guarded[value] = self
            self.variables[value] = None

    def refuse(self, what: str, cause: Exception | None = None) -> NoReturn:
        """Where a Value is asked for its number: say the line, and what to write instead."""
        frame = user_frame(sys._getframe(1))
        place = line_of((frame.f_code, frame.f_lasti))
        freezes = "inside a recorded function would freeze one sample's number for all"
        reason = "cannot be recorded" if cause or what == IN_LOOP else freezes
        self.refused.append(GraphError(f"{place}: {what} {reason}: {REMEDIES.get(what, KEEP)}"))
        raise self.refused[-1] from cause

    def compare(self, sign: str, a: Value, b: Value) -> Value:
        """Where Values are compared."""
        return recorder_of(TRUTHS[sign])(a, b)  # type: ignore[no-any-return]

    def join(self, sign: str, a: Value, b: Any) -> Any:
        """Where comparisons are joined, or one with a truth value of Python's or NumPy's."""
        if type(b).__name__ in ("bool", "bool_"):
            b = constant(float(b))
        elif not (isinstance(b, Value) and b.op in TRUTHS.values()):
            return NotImplemented
        return recorder_of(TRUTHS[sign])(a, b) if a.op in TRUTHS.values() else NotImplemented

    def partials(self, op: Op) -> tuple[Callable[..., Any], ...]:
        """Where a derivative is taken: a row's, as functions on traced Values."""
        return partials(op)

    def choose(self, condition: Value, a: Any, b: Any) -> Value:
        """By ``where``: the row of that name, with a condition that is computed."""
        result: Value = RECORD["where"](lifted(a), lifted(b), condition._data)
        self.live[result] = condition
        self.undecided.add(result)
        return result

    def gather(self, row: Op, x: Value) -> Value:
        """By ``batch_total`` and the like: a row over all samples."""
        if self.is_repeated:
            self.refuse(IN_LOOP)
        result: Value = recorder_of(row)(x)
        self.undecided.add(result)
        return result

    def constants(self, result: Value) -> tuple[Any, ...]:
        """The constants of a result, as far as they are constant."""
        return (self.live[result],) if result in self.live else result.constants
