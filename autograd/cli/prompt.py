"""The debugger as a prompt, with the letters that pdb's users have in their fingers."""

import re
from collections.abc import Callable
from typing import Any, TextIO

from autograd.debugging.commands import Command, Session
from autograd.debugging.grammar import Condition
from autograd.debugging.step import Computation, Contribution, Kind
from autograd.debugging.syntax import ExpressionError
from autograd.debugging.walk import Walk, walk
from autograd.debugging.why import why

AROUND = 5  # steps before and after, in a list
SHOWN = 40  # values


class Prompt(Session):
    """Step through a walk by typing; from a file or a pipe, each command is shown as if it had been
    typed.

    >>> import io, sys
    >>> from autograd import Value, walk
    >>> x = Value(3.0, "x")
    >>> Prompt(walk(x * x), stdin=io.StringIO("s\\nuntil x\\n"), stdout=sys.stdout).run()
    step 0 of 2: mul.grad = 1, the seed
      next: x.grad += x * mul.grad
    (walk) s
    step 1 of 2: x.grad += x * mul.grad = 3 * 1 = 3, now 3
      next: x.grad += x * mul.grad
    (walk) until x
    step 2 of 2, the end: x.grad += x * mul.grad = 3 * 1 = 3, now 6
    """

    footer = "help COMMAND says more; an empty line repeats the last command."

    def __init__(self, walk: Walk, stdin: TextIO | None = None, stdout: TextIO | None = None):
        super().__init__(stdin, stdout)
        self.walk, self.walks = walk, {walk.kind: walk}  # of each pass, the one that goes on

    def asking(self) -> str:
        return "(walk) "

    def run(self) -> None:
        """Ask for commands until ``quit`` or the end of the input."""
        if self.typed:
            letters = "s steps, k goes back"
            self.say(f'A debugger with the letters of pdb: {letters}, "help" lists the rest.')
        self.say(self.walk)
        super().run()

    def default(self, line: str) -> None:
        if line in self.walk.names.called:
            self.say(self.values(line))
        else:
            self.say(f"there is no command {line.split()[0]}: help lists them")

    def completedefault(self, text: str, *_: Any) -> list[str]:
        return [name for name in self.walk.names.called if name.startswith(text)]

    def go_over(self, kind: Kind) -> Walk:
        """The walk of the other pass, where it is."""
        if kind not in self.walks:
            self.walks[kind] = walk(self.walk.output, forward=kind is Computation)
        self.walk = self.walks[kind]
        return self.walk

    def around(self, number: str) -> str:
        """The steps around here, or around a number."""
        steps, lines = self.walk.steps, []
        here = _count(number, self.walk.number + 1) - 1
        if (number and here >= len(steps)) or not steps:
            there = f"the steps 1 to {len(steps)}, got {number}" if steps else "no steps"
            raise ValueError(f"this walk has {there}")
        for step in steps[max(0, here - AROUND) : here + AROUND + 1]:
            mark = "->" if step is self.walk.peek() else "B" if self.walk.stops(step) else ""
            text = step if step.number <= self.walk.number else step.formula
            lines.append(f"{step.number:{len(str(len(steps)))}} {mark:2} {text}")
        return "\n".join(lines)

    def values(self, name: str) -> str:
        """A value, or all of them."""
        values = self.walk.find(name.removesuffix(".grad")) if name else list(self.walk.names)
        lines = [repr(v) if v.label else f"{self.walk.names[v]}: {v!r}" for v in values[:SHOWN]]
        if len(values) > SHOWN:
            lines.append(f"{len(values) - SHOWN} more not shown: print NAME shows one")
        return "\n".join(lines)

    def stop_at(self, at: str) -> str:
        """Set a breakpoint, if it is given; and say which there are."""
        if re.search("[<>=]", at) and at not in self.walk.names.called:
            self.walk.breakpoint(_condition(at, self.walk.facts))
        elif at:
            self.walk.breakpoint(at)
        return f"stopping at: {', '.join(map(repr, self.walk.breakpoints)) or 'nothing'}"

    def clear(self, at: str) -> str:
        """Forget a breakpoint, or all."""
        self.walk.clear(at or None)
        return self.stop_at("")

    def why(self, name: str) -> str:
        """Explain a gradient."""
        return "\n".join(str(why(self.walk.output, v)) for v in self.walk.find(name))


def _count(text: str, default: int) -> int:
    if text and not text.isdecimal():
        raise ValueError(f"a whole number is needed here, got {text}")
    return int(text) if text else default


def _condition(text: str, facts: tuple[str, ...]) -> Callable[[Any], bool]:
    condition = Condition(text)
    if unknown := [name for name in condition.names if name not in facts]:
        known = f"a condition can use {', '.join(facts)}"
        raise ExpressionError(f"a step has no {unknown[0]}: {known}")

    def holds(step: Any) -> bool:
        return condition(**{name: getattr(step, name) for name in condition.names})

    holds.__name__ = condition.text
    return holds


# The letters and words of pdb, and k, which it leaves free, for its way back.
STOP = (
    "stop at a value, an operation or a condition; that is, at each step that changes the value, "
    "that comes from the operation (tanh, *), or that fulfils the condition, as in "
    '"b abs(grad) > 10". Alone, it lists what is set'
)
LIST = "list the steps around here, or there; -> marks the one that comes next, B those that a "
LIST += "breakpoint stops at"
PRINT = "show a value: how it was made, its number, its grad; or all values"
END = "this is the end: no step comes next"
Prompt.commands = (
    Command("s step", "[TIMES]", "take the next step, or N steps",
            lambda self, times: self.walk.step(_count(times, 1))),
    Command("n next", "", "take all steps of the next operation", lambda self, _: self.walk.next()),
    Command("k back", "[TIMES]", "undo the last step, or N steps",
            lambda self, times: self.walk.back(_count(times, 1))),
    Command("unt until", "NAME",
            "continue until this value's grad is complete: no later step changes it",
            lambda self, name: self.walk.until(name)),
    Command("reach", "NAME", "continue to the first step that changes this grad",
            lambda self, name: self.walk.until_reached(name)),
    Command("c cont continue", "", "continue to the next breakpoint, or to the end",
            lambda self, _: self.walk.cont()),
    Command("r return finish", "", "continue to the end, past all breakpoints",
            lambda self, _: self.walk.finish()),
    Command("run restart", "", "go back to the start; breakpoints and watches stay",
            lambda self, _: self.walk.restart()),
    Command("forward", "", "switch to the forward pass; each pass keeps its place",
            lambda self, _: self.go_over(Computation)),
    Command("reverse", "", "switch to the reverse pass; each pass keeps its place",
            lambda self, _: self.go_over(Contribution)),
    Command("j jump at", "NUMBER", "go to where that many steps have been taken",
            lambda self, number: self.walk.at(_count(number, 0))),
    Command("w bt where", "", "show the step just taken, and what comes next",
            lambda self, _: self.walk),
    Command("peek", "", "show the next step with its numbers",
            lambda self, _: self.walk.peek() or END),
    Command("l list", "[NUMBER]", LIST, Prompt.around),
    Command("p print", "[NAME]", PRINT, Prompt.values),
    Command("ledger", "[NAME]", "list the steps so far; those that changed one value",
            lambda self, name: self.walk.ledger(name or None)),
    Command("b break", "[AT]", STOP, Prompt.stop_at),
    Command("cl clear", "[AT]", "forget a breakpoint, or all", Prompt.clear),
    Command("display watch", "NAME", "show this value's number with every step",
            lambda self, name: self.walk.watch(name)),
    Command("undisplay unwatch", "[NAME]", "stop showing it; or all",
            lambda self, name: self.walk.unwatch(name or None)),
    Command("why", "NAME", "explain the gradient by this value", Prompt.why),
    Command("h help", "[COMMAND]", "list the commands; explain one", Session.help),
    Command("q quit exit EOF", "", "leave", lambda *_: True),
)  # fmt: skip
