"""A place among the steps of a pass, and the movements from there."""

from collections.abc import Callable, Iterator
from typing import Any, Self

from autograd.debugging.step import Ledger, Pass, Taken
from autograd.engine.notation import described
from autograd.engine.value import Value


class Cursor:
    """The steps of a pass, of which some have been taken. Iterating takes those that are left and
    yields each; the movements return the cursor itself, and end early where a step ``stops``."""

    def __init__(self, through: Pass) -> None:
        self.kind, self.steps, self._start, self.names, self._grads = through
        self.facts = self.kind.facts  # what a condition can use of a step
        self.output: Value = next(reversed(self.names))
        self._stopped_at: list[Any] = []
        # The numbers of the first and of the last step that change each value.
        self._first = {step.value: step.number for step in reversed(self.steps)}
        self._last = {step.value: step.number for step in self.steps}
        self.restart()

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.number == len(self)

    def __bool__(self) -> bool:
        return True  # even a walk of no steps is one

    def where(self) -> Taken | str:
        """The step just taken; before the first, what the walk began with, in words."""
        return self.steps[self.number - 1] if self.number else self._start

    def peek(self) -> Taken | None:
        """The step that comes next, with all its numbers, without taking it; None at the end.

        >>> from autograd import walk
        >>> x = Value(3.0, "x")
        >>> walk(x * x).peek()
        x.grad += x * mul.grad = 3 * 1 = 3, now 3
        >>> x.grad
        0.0
        """
        return None if self.done else self.steps[self.number]

    def complete(self, value: Value) -> bool:
        """Whether no later step changes this value of the graph."""
        return self._last.get(value, 0) <= self.number

    def ledger(self, of: Value | str | None = None) -> Ledger:
        """All steps so far; or those that changed one value.

        >>> from autograd import walk
        >>> x = Value(3.0, "x")
        >>> walk(x * x + x).finish().ledger(x)
        2  x.grad += 1 * add.grad = 1 * 1 = 1, now 1
        3  x.grad += x * mul.grad = 3 * 1 = 3, now 4
        4  x.grad += x * mul.grad = 3 * 1 = 3, now 7
        """
        taken = self.steps[: self.number]
        wanted = {step.value for step in taken} if of is None else set(self.find(of))
        return Ledger(step for step in taken if step.value in wanted)

    @property
    def value(self) -> Value:
        """The value that the step just taken has changed; before the first, the output."""
        return self.steps[self.number - 1].value if self.number else self.output

    def find(self, value: Value | str) -> list[Value]:
        """The values meant by a Value, a label, or a name that the steps show, or ValueError."""
        if isinstance(value, str):
            return self.names.find(value)
        if not isinstance(value, Value):
            raise TypeError(f"a walk needs a Value or its label here, got {described(value)}")
        if value not in self.names:
            missing = f"{self.names[self.output]} was not made from it"
            raise ValueError(f"{value!r} takes no part in this walk: {missing}")
        return [value]

    def step(self, times: int = 1) -> Self:
        """Take the next step, or several; a breakpoint ends this and other movements early."""
        return self._run(min(self.number + _count(times), len(self)))

    def next(self) -> Self:
        """Take all steps of the next operation; in the middle of one, those that are left of it."""
        end = self.number
        while end < len(self) and self.steps[end].result is self.steps[self.number].result:
            end += 1
        return self._run(end)

    def until(self, value: Value | str) -> Self:
        """Go on until value.grad is complete: no later step changes it. In a forward pass, until
        the value is computed. Raises ValueError if that is past."""
        return self._until(value, max, self._last, self.kind.last)

    def until_reached(self, value: Value | str) -> Self:
        """Go on until the pass reaches the value: to the first step that changes its grad. In a
        forward pass, until the value is computed. Raises ValueError if that is past.

        >>> from autograd import walk
        >>> x = Value(3.0, "x")
        >>> walk(x * x + x).until_reached(x)
        step 2 of 4: x.grad += 1 * add.grad = 1 * 1 = 1, now 1
          next: x.grad += x * mul.grad
        """
        return self._until(value, min, self._first, self.kind.first)

    def _until(
        self, value: Value | str, which: Callable[..., int], of: dict[Value, int], how: str
    ) -> Self:
        values = self.find(value)
        end = which([of.get(v, 0) for v in values])
        if end <= self.number:
            here = "which is this one" if end == self.number else f"and this is step {self.number}"
            remedy = f": go there with at({end})" * (end < self.number)
            raise ValueError(f"{self.names[values[0]]} {how} step {end}, {here}{remedy}")
        return self._run(end)

    def cont(self) -> Self:
        """Go on to the next breakpoint, or to the end where none stops."""
        return self._run(len(self))

    def finish(self) -> Self:
        """Go on to the end, past all breakpoints."""
        return self.at(len(self))

    def back(self, times: int = 1) -> Self:
        """Undo the last step, or several, exactly."""
        self._stopped_at = []
        for _ in range(min(_count(times), self.number)):
            self.steps[self.number - 1].undo()
            self.number -= 1
        return self

    def at(self, number: int) -> Self:
        """Go to where that many steps have been taken, past all breakpoints, or ValueError."""
        if not isinstance(number, int) or not 0 <= number <= len(self):
            raise ValueError(f"this walk has the places 0 to {len(self)}, got {number!r}")
        while self.number < number:
            self._advance()
        return self.back(self.number - number)

    def restart(self) -> Self:
        """Begin again from the numbers that the walk began with; breakpoints and watches stay."""
        self._stopped_at = []
        self.number = 0  # how many steps have been taken
        for v, grad in self._grads.items():
            v.grad = grad
        return self

    def __iter__(self) -> Iterator[Taken]:
        while not self.done:
            yield self._advance()

    def _run(self, end: int) -> Self:
        self._stopped_at = []
        while self.number < end and not self._stopped_at:
            self._stopped_at = self.stops(self._advance())
        return self

    def stops(self, step: Taken) -> list[Any]:
        """Why a movement ends with this step, if it does."""
        return []

    def _advance(self) -> Taken:
        self._stopped_at = []
        step = self.steps[self.number]
        step.take()
        self.number += 1
        return step


def _count(times: int) -> int:
    if not isinstance(times, int) or times < 0:
        raise ValueError(f"a walk takes 0 or more steps at a time, got {times!r}")
    return times
