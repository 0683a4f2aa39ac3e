"""A debugger for backprop: stop in the middle of the reverse pass, look around, go back."""

import sys
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from autograd.debugging.cursor import Cursor
from autograd.debugging.display import Viewable
from autograd.debugging.names import asked
from autograd.debugging.step import Pass, Taken, forward_steps, reverse_steps
from autograd.engine.errors import GraphError
from autograd.engine.notation import described, legible
from autograd.engine.number import number
from autograd.engine.table import OPS
from autograd.engine.value import Value

Target = Value | str | Callable[[Any], object]


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
    output = asked("walk", output, "walk through it")
    if forward:
        return Walk(forward_steps(output))
    return Walk(reverse_steps(output, number(seed, "a seed needs a number")))


class Breakpoint(NamedTuple):
    """Where a walk stops: what it was set on, how that is called, whether a step is it, and the
    values that it was set on."""

    at: Target
    name: str
    stops: Callable[[Any], object]
    values: Collection[Value] = ()

    def __repr__(self) -> str:
        return legible(self.name)


class Walk(Cursor, Viewable):
    """A cursor over the steps of a pass; ``walk`` makes one. Its repr is the step just taken, what
    is watched, and the formula of the step that comes next."""

    def __init__(self, through: Pass) -> None:
        self.breakpoints: list[Breakpoint] = []
        self.watches: list[Value] = []
        super().__init__(through)

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
