"""A debugger for backprop: stop in the middle of the reverse pass, look around, go back."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.debugging.display import Viewable
from autograd.debugging.names import Names
from autograd.debugging.passes import forward_steps, reverse_steps
from autograd.debugging.step import Kind, Ledger, Taken
from autograd.engine.errors import GraphError
from autograd.engine.notation import described, legible
from autograd.engine.number import number
from autograd.engine.table import CONSTANT, OPS
from autograd.engine.value import Value

__all__ = ["Breakpoint", "Walk", "walk"]

Target = Value | str | Callable[[Any], object]
Grads = dict[Value, float]


def walk(output: Value, seed: float = 1.0, *, forward: bool = False) -> "Walk":
    """Go through the reverse pass of output one contribution at a time; or through its forward
    pass, result by result.

    The walk works on the grads of the graph itself, as ``output.backward(seed)`` does: those of
    intermediate values begin anew, leaves add to what they have, and the last step leaves exactly
    the numbers of ``backward``. A walk that is given up half way leaves partial sums: ``restart()``
    takes them back.

    Raises GraphError for a result of ``no_grad``, which has nothing to walk through.

    >>> x = Value(3.0, "x")
    >>> walk(x * x).finish()
    step 2 of 2, the end: x.grad += x * mul.grad = 3 * 1 = 3, now 6
    >>> walk(x * x + 1, forward=True).finish()
    step 2 of 2, the end: add = mul + 1 = 9 + 1 = 10
    """
    if not isinstance(output, Value):
        remedy = "give it the result of an expression of Values"
        raise TypeError(f"walk needs a Value, got {described(output)}: {remedy}")
    if output.op not in (None, CONSTANT) and not output.operands:
        remedy = "compute it outside to walk through it"
        raise GraphError(f"{output.op.name} recorded nothing under no_grad: {remedy}")
    if forward:
        return Walk(*forward_steps(output))
    return Walk(*reverse_steps(output, number(seed, "a seed needs a number")))


class Breakpoint(NamedTuple):
    """Where a walk stops: what it was set on, how that is called, whether a step is it, and the
    values that it was set on."""

    at: Target
    name: str
    stops: Callable[[Any], object]
    values: Collection[Value] = ()

    def __repr__(self) -> str:
        return legible(self.name)


class Walk(Viewable):
    """A cursor over the steps of a pass; ``walk`` makes one. Its repr is the step just taken, what
    is watched, and the formula of the step that comes next.

    Iterating takes the steps that are left and yields each; the movements return the walk itself.
    """

    def __init__(
        self, kind: Kind, steps: Sequence[Taken], start: str, names: Names, grads: Grads
    ) -> None:
        self.kind, self.facts = kind, kind.facts  # of its steps; what a condition can use of them
        self.names = names  # what the steps call its values
        self.output: Value = next(reversed(names))
        self.breakpoints: list[Breakpoint] = []
        self.watches: list[Value] = []
        self._stopped_at: list[Breakpoint] = []
        self.steps, self._start, self._grads = steps, start, grads
        # The numbers of the first and of the last step that change each value.
        self._first = {step.value: step.number for step in reversed(steps)}
        self._last = {step.value: step.number for step in steps}
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

    def __repr__(self) -> str:
        place = f"step {self.number} of {len(self)}{', the end' if self.done else ''}"
        if self._stopped_at:
            place += f", stopped at {' and '.join(map(repr, self._stopped_at))}"
        lines = [f"{place}: {self.where()}"]
        for v in self.watches:
            lines.append(f"  watching {self.kind.watched(self.names, v, self.complete(v))}")
        if ahead := self.peek():
            lines.append(f"  next: {ahead.formula}")
        return "\n".join(lines)

    def tui(self) -> None:
        """Step on in a view of the whole terminal; the walk stays where it is left. Raises
        ModuleNotFoundError without textual (the extra ``tui``), and ValueError without a terminal.
        """
        sys.modules["autograd"].Terminal(self).open()  # in a room above

    @property
    def value(self) -> Value:
        """The value that the step just taken has changed; before the first, the output."""
        return self.steps[self.number - 1].value if self.number else self.output

    def _drawing(self) -> Any:
        """The graph with a player; drawing is a room above, and so it is asked of the package."""
        return sys.modules["autograd"].draw(self)

    def _page(self) -> str:
        return str(self._drawing().html)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For Jupyter: the player at this place, below what the player does not know."""
        bundle: dict[str, str] = self._drawing()._repr_mimebundle_()
        fresh = all(grad == (v is self.output) for v, grad in self._grads.items())
        if self.watches or self._stopped_at or not fresh or "text/html" not in bundle:
            note = "<p>The player begins with the seed 1 and all other grads 0.</p>"
            html = bundle.get("text/html", "")
            bundle["text/html"] = self._repr_html_() + note * bool(html and not fresh) + html
        return bundle | {"text/plain": repr(self)}

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

    def step(self, times: int = 1) -> "Walk":
        """Take the next step, or several; a breakpoint ends this and other movements early."""
        return self._run(min(self.number + _count(times), len(self)))

    def next(self) -> "Walk":
        """Take all steps of the next operation; in the middle of one, those that are left of it."""
        end = self.number
        while end < len(self) and self.steps[end].result is self.steps[self.number].result:
            end += 1
        return self._run(end)

    def until(self, value: Value | str) -> "Walk":
        """Go on until value.grad is complete: no later step changes it. In a forward pass, until
        the value is computed. Raises ValueError if that is past.
        """
        return self._until(value, max, self._last, self.kind.last)

    def until_reached(self, value: Value | str) -> "Walk":
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
    ) -> "Walk":
        values = self.find(value)
        end = which([of.get(v, 0) for v in values])
        if end <= self.number:
            past = f"{self.names[values[0]]} {how} step {end}, and this is step {self.number}"
            raise ValueError(f"{past}: go there with at({end})")
        return self._run(end)

    def cont(self) -> "Walk":
        """Go on to the next breakpoint, or to the end where none stops."""
        return self._run(len(self))

    def finish(self) -> "Walk":
        """Go on to the end, past all breakpoints."""
        return self.at(len(self))

    def back(self, times: int = 1) -> "Walk":
        """Undo the last step, or several, exactly."""
        self._stopped_at = []
        for _ in range(min(_count(times), self.number)):
            self.steps[self.number - 1].undo()
            self.number -= 1
        return self

    def at(self, number: int) -> "Walk":
        """Go to where that many steps have been taken, past all breakpoints, or ValueError."""
        if not isinstance(number, int) or not 0 <= number <= len(self):
            raise ValueError(f"this walk has the places 0 to {len(self)}, got {number!r}")
        while self.number < number:
            self._advance()
        return self.back(self.number - number)

    def restart(self) -> "Walk":
        """Begin again from the numbers that the walk began with; breakpoints and watches stay."""
        self._stopped_at = []
        self.number = 0  # how many steps have been taken
        for v, grad in self._grads.items():
            v.grad = grad
        return self

    def __iter__(self) -> Iterator[Taken]:
        while not self.done:
            yield self._advance()

    def _run(self, end: int) -> "Walk":
        self._stopped_at = []
        while self.number < end and not self._stopped_at:
            self._stopped_at = self.stops(self._advance())
        return self

    def stops(self, step: Taken) -> list[Breakpoint]:
        """The breakpoints that a step is. Raises GraphError if a condition cannot be computed."""
        found = list[Breakpoint]()
        for each in self.breakpoints:
            try:
                found += [each] if each.stops(step) else []
            except Exception as error:
                came = f"{type(error).__name__} at step {step.number}: {error}"
                raise GraphError(f"your breakpoint, {each.name}, raised {came}") from error
        return found

    def _advance(self) -> Taken:
        self._stopped_at = []
        step = self.steps[self.number]
        step.take()
        self.number += 1
        return step

    def breakpoint(self, at: Target) -> "Walk":
        """Stop at each step that changes this value, that comes from this operation (its name or
        symbol), or that fulfils a condition (a function of the step).

        >>> from autograd import exp, walk
        >>> x = Value(2.0, "x")
        >>> walk(exp(x * x)).breakpoint(lambda step: abs(step.grad) > 100).cont()
        step 2 of 3, stopped at a condition: x.grad += x * mul.grad = 2 * 54.6 = 109.2, now 109.2
          next: x.grad += x * mul.grad
        """
        self.breakpoints.append(self._breakpoint(at))
        return self

    def _breakpoint(self, at: Target) -> Breakpoint:
        if not isinstance(at, (Value, str)):
            if not callable(at):
                needed = "a breakpoint needs a Value, a label, an operation or a condition"
                raise TypeError(f"{needed}, got {described(at)}")
            name = getattr(at, "__name__", "<lambda>")
            return Breakpoint(at, "a condition" if name == "<lambda>" else name, at)
        if isinstance(at, str) and not self.names.labelled(at):
            rows = {o.name for o in OPS.values() if at in (o.name, o.symbol, o.short)}
            if rows:
                return Breakpoint(at, at, lambda step: step.result.op.name in rows)
        values = set(self.find(at))
        name = at if isinstance(at, str) else self.names[at]
        return Breakpoint(at, name, lambda step: step.value in values, values)

    def clear(self, at: Target | None = None) -> "Walk":
        """Forget the breakpoints on this, or all of them."""
        name = at if isinstance(at, str) else None
        kept = [b for b in self.breakpoints if at is not None and at is not b.at and name != b.name]
        if len(kept) == len(self.breakpoints) and at is not None:
            raise ValueError(f"there is no such breakpoint; set are: {kept or 'none'}")
        self.breakpoints = kept
        return self

    def watch(self, value: Value | str) -> "Walk":
        """Show this value's number with every step from now on.

        >>> from autograd import walk
        >>> x, y = Value(3.0, "x"), Value(2.0, "y")
        >>> walk(x * x * y).watch(x).step()
        step 1 of 4: mul#1.grad += y * mul#2.grad = 2 * 1 = 2, now 2
          watching x.grad = 0 so far
          next: y.grad += mul#1 * mul#2.grad
        """
        self.watches = list(dict.fromkeys([*self.watches, *self.find(value)]))
        return self

    def unwatch(self, value: Value | str | None = None) -> "Walk":
        """Stop showing this value, or any."""
        gone = set(self.watches if value is None else self.find(value))
        self.watches = [v for v in self.watches if v not in gone]
        return self


def _count(times: int) -> int:
    if not isinstance(times, int) or times < 0:
        raise ValueError(f"a walk takes 0 or more steps at a time, got {times!r}")
    return times
