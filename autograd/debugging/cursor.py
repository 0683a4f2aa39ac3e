"""A cursor over the steps of a pass: it moves both ways, stops at breakpoints, and shows the step
it has just taken.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from autograd.debugging.names import KINDS, Names
from autograd.debugging.step import Ledger, Start, Taken
from autograd.engine.errors import GraphError
from autograd.engine.notation import described
from autograd.engine.table import OPS
from autograd.engine.value import Value

__all__ = ["Breakpoint", "Walk"]

Target = Value | str | Callable[[Any], object]


class Breakpoint(NamedTuple):
    """Where a walk stops: what it was set on, how that is called, and whether a step is it."""

    at: Target
    name: str
    stops: Callable[[Any], object]

    def __repr__(self) -> str:
        return self.name


class Walk(ABC):
    """A cursor over the steps of a pass; ``walk`` makes one. Its repr is the step that it has just
    taken.

    Iterating takes the steps that are left and yields each; the movements return the walk itself.
    """

    facts: tuple[str, ...]  # the numbers of a step, of which a condition can speak
    verb: str  # what has happened to a value that no later step changes

    def __init__(self, output: Value, results: list[Value], counts: list[int]) -> None:
        self.output = output
        self.names = Names(output)  # what the steps call its values
        self.breakpoints: list[Breakpoint] = []
        self.watches: list[Value] = []
        self._order = results  # as the pass comes to them
        self._starts = [0, *accumulate(counts)]  # how many steps there are before each of them
        self._past: list[Taken] = []
        self._stopped_at: list[Breakpoint] = []
        self._just_set: list[Breakpoint] = []

    # Where it is

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def number(self) -> int:
        """How many steps have been taken."""
        return len(self._past)

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.number == len(self)

    def __bool__(self) -> bool:
        return True  # even a walk of no steps is one

    def where(self) -> Start | Taken:
        """The step just taken, as a formula with the numbers put in."""
        return self._past[-1] if self._past else self._start

    def ledger(self, of: Value | str | None = None) -> Ledger:
        """All steps so far; or those that changed one value.

        >>> from autograd import walk
        >>> x = Value(3.0, "x")
        >>> walk(x * x + x).finish().ledger(x)
        2  x.grad += 1 * add.grad = 1 * 1 = 1, now 1
        3  x.grad += x * mul.grad = 3 * 1 = 3, now 4
        4  x.grad += x * mul.grad = 3 * 1 = 3, now 7
        """
        wanted = None if of is None else set(self.find(of))
        return Ledger(step for step in self._past if wanted is None or step.value in wanted)

    def __repr__(self) -> str:
        place = f"step {self.number} of {len(self)}{', the end' if self.done else ''}"
        if self._stopped_at:
            place += f", stopped at {' and '.join(map(repr, self._stopped_at))}"
        lines = [f"{place}: {self.where()!r}"]
        if self._just_set:
            lines.append(f"  stopping at {', '.join(map(repr, self._just_set))} from now on")
        return "\n".join(lines + [f"  watching {self._state(v)}" for v in self.watches])

    def find(self, value: Value | str) -> list[Value]:
        """The values of this graph that are meant by a Value, a label, or a name that the steps
        show.

        Raises ValueError if there is none.
        """
        if isinstance(value, str):
            return self.names.find(value)
        if not isinstance(value, Value):
            raise TypeError(f"a walk needs a Value or its label here, got {described(value)}")
        if value not in self.names:
            raise ValueError(
                f"{value!r} takes no part in this walk: {self.names[self.output]} was not made from it"
            )
        return [value]

    # Moving

    def step(self, times: int = 1) -> "Walk":
        """Take the next step, or several; a breakpoint ends the movement early, as it does with
        those below.
        """
        return self._run(min(self.number + _count(times), len(self)))

    def next(self) -> "Walk":
        """Take all steps of the next operation; in the middle of one, those that are left of it."""
        return self._run(
            len(self) if self.done else self._starts[bisect_right(self._starts, self.number)]
        )

    def until(self, value: Value | str) -> "Walk":
        """Go on until no later step changes the value. Raises ValueError if that place lies behind."""
        values = self.find(value)
        end = max(self._last.get(v, 0) for v in values)
        if end <= self.number:
            raise ValueError(
                f"{self.names[values[0]]} {self.verb} from step {end} on, and this is step {self.number}: "
                f"go there with at({end})"
            )
        return self._run(end)

    def finish(self) -> "Walk":
        """Go on to the end."""
        return self._run(len(self))

    def back(self, times: int = 1) -> "Walk":
        """Undo the last step, or several, to the bit."""
        self._stopped_at, self._just_set = [], []
        for _ in range(min(_count(times), self.number)):
            self._undo(self._past[-1])
            self._past.pop()
        return self

    def at(self, number: int) -> "Walk":
        """Go to where that many steps have been taken, whichever way it lies, past all breakpoints.

        Raises ValueError for a place that the walk does not have.
        """
        if not isinstance(number, int) or not 0 <= number <= len(self):
            raise ValueError(f"this walk has the places 0 to {len(self)}, got {number!r}")
        while self.number < number:
            self._advance()
        return self.back(self.number - number)

    def restart(self) -> "Walk":
        """Begin again from the very numbers that the walk began with; breakpoints and watches stay."""
        self._stopped_at, self._just_set = [], []
        self._past.clear()
        self._restore()
        return self

    def __iter__(self) -> Iterator[Taken]:
        while not self.done:
            yield self._advance()

    def _run(self, end: int) -> "Walk":
        self._stopped_at, self._just_set = [], []
        while self.number < end and not self._stopped_at:
            step = self._advance()
            self._stopped_at = [b for b in self.breakpoints if self._stops(b, step)]
        return self

    def _stops(self, breakpoint: Breakpoint, step: Taken) -> bool:
        try:
            return bool(breakpoint.stops(step))
        except Exception as error:
            came = f"{type(error).__name__} at step {step.number}: {error}"
            raise GraphError(f"your breakpoint, {breakpoint.name}, raised {came}") from error

    def _advance(self) -> Taken:
        self._stopped_at, self._just_set = [], []
        i = bisect_right(self._starts, self.number) - 1
        step = self._take(self._order[i], self.number - self._starts[i])
        self._past.append(step)
        return step

    # Stopping and watching

    def breakpoint(self, at: Target) -> "Walk":
        """Stop at each step that changes this value, or that comes from this operation, or that
        fulfils a condition.

        Values go by themselves or by label, operations by name or symbol; a condition is a function
        of the step. If it raises, the movement ends there with a GraphError.

        >>> from autograd import exp, walk
        >>> x = Value(2.0, "x")
        >>> walk(exp(x * x)).breakpoint(lambda step: abs(step.grad) > 100).finish()
        step 2 of 3, stopped at a condition: x.grad += x * mul.grad = 2 * 54.6 = 109.2, now 109.2
        """
        self._just_set.append(self._breakpoint(at))
        self.breakpoints.append(self._just_set[-1])
        return self

    def _breakpoint(self, at: Target) -> Breakpoint:
        if not isinstance(at, (Value, str)):
            if not callable(at):
                raise TypeError(
                    f"a breakpoint needs a Value, a label, an operation or a condition, got {described(at)}"
                )
            name = getattr(at, "__name__", "<lambda>")
            return Breakpoint(at, "a condition" if name == "<lambda>" else name, at)
        if isinstance(at, str) and not any(v.label == at for v in self.names.called.get(at, ())):
            rows = {
                name for name, op in OPS.items() if at in (op.name, op.symbol, KINDS.get(op.name))
            }
            if rows:
                return Breakpoint(at, at, lambda step: step.result.op.name in rows)
        values = set(self.find(at))
        return Breakpoint(
            at, at if isinstance(at, str) else self.names[at], lambda step: step.value in values
        )

    def clear(self, at: Target | None = None) -> "Walk":
        """Forget the breakpoints on this, or all of them."""
        gone = [b for b in self.breakpoints if at is None or at is b.at or at == b.name]
        if not gone and at is not None:
            raise ValueError(f"there is no such breakpoint; set are: {self.breakpoints or 'none'}")
        self.breakpoints = [b for b in self.breakpoints if b not in gone]
        self._just_set = [b for b in self._just_set if b not in gone]
        return self

    def watch(self, value: Value | str) -> "Walk":
        """Show this value's number with every step from now on.

        >>> from autograd import walk
        >>> x, y = Value(3.0, "x"), Value(2.0, "y")
        >>> walk(x * x * y).watch(x).step()
        step 1 of 4: mul#1.grad += y * mul#2.grad = 2 * 1 = 2, now 2
          watching x.grad = 0 so far
        """
        self.watches += [v for v in self.find(value) if v not in self.watches]
        return self

    def unwatch(self, value: Value | str | None = None) -> "Walk":
        """Stop showing this value, or any."""
        gone = self.watches if value is None else self.find(value)
        self.watches = [v for v in self.watches if v not in gone]
        return self

    # What the two passes do differently

    @abstractmethod
    def _take(self, result: Value, place: int) -> Taken: ...

    @abstractmethod
    def _undo(self, step: Taken) -> None: ...

    @abstractmethod
    def _restore(self) -> None: ...

    @abstractmethod
    def _state(self, v: Value) -> str:
        """A watched value in a few words."""

    @property
    @abstractmethod
    def _start(self) -> Start: ...

    @property
    @abstractmethod
    def _last(self) -> dict[Value, int]:
        """The number of the last step that changes each value."""


def _count(times: int) -> int:
    if not isinstance(times, int) or times < 0:
        raise ValueError(f"a walk takes 0 or more steps at a time, got {times!r}")
    return times
