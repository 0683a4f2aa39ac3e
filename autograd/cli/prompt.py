"""The debugger as a prompt, with the letters that pdb's users have in their fingers."""

import cmd
import re
import sys
from collections.abc import Callable
from typing import Any, TextIO

from autograd.debugging.grammar import Condition, ExpressionError
from autograd.debugging.step import Computation, Contribution, Kind
from autograd.debugging.walk import Walk, walk
from autograd.debugging.why import why
from autograd.engine.errors import GraphError
from autograd.engine.notation import legible

__all__ = ["Prompt"]

# What may be typed for a command: the letters and words of pdb, and k, which it leaves free, for
# its way back.
ALIASES = {"s": "step", "n": "next", "k": "back", "unt": "until", "c": "continue"}
ALIASES |= {"cont": "continue", "r": "finish", "return": "finish", "run": "restart"}
ALIASES |= {"j": "at", "jump": "at", "w": "where", "bt": "where", "l": "list", "p": "print"}
ALIASES |= {"b": "break", "cl": "clear", "display": "watch", "undisplay": "unwatch"}
ALIASES |= {"h": "help", "q": "quit", "exit": "quit", "EOF": "quit"}

# Commands that take nothing, and those that need something.
ALONE = {"where", "peek", "next", "continue", "finish", "restart", "forward", "reverse"}
NEEDY = {"until": "w", "reach": "w", "at": "3", "watch": "w", "why": "w"}
AROUND = 5  # steps before and after, in a list


class Prompt(cmd.Cmd):
    """Step through a walk by typing; from a file or a pipe, each command is shown as if it had been
    typed.

    >>> import io
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

    prompt = "(walk) "
    doc_header = "help COMMAND says more; an empty line repeats the last command."

    def __init__(self, walk: Walk, stdin: TextIO | None = None, stdout: TextIO | None = None):
        super().__init__(stdin=stdin, stdout=stdout)
        self.walk, self.walks = walk, {walk.kind: walk}  # of each pass, the one that goes on
        self.typed = self.stdin is sys.stdin and sys.stdin.isatty()
        self.interrupted = False  # since the last command
        if not self.typed:
            self.use_rawinput, self.prompt = False, ""

    def run(self) -> None:
        """Ask for commands until ``quit`` or the end of the input."""
        if self.typed:
            self.say(
                'A debugger with the letters of pdb: s steps, k goes back, "help" lists the rest.'
            )
        self.say(self.walk)
        while True:
            try:
                return self.cmdloop()
            except KeyboardInterrupt:
                if self.interrupted:
                    return self.say("")
                self.interrupted = True
                self.say("\ninterrupted: q quits, and so does Ctrl-C again")

    def say(self, what: object) -> None:
        self.stdout.write(f"{legible(str(what), keep=chr(10))}\n")

    def precmd(self, line: str) -> str:
        self.interrupted = False
        if not self.typed and line.strip() and line != "EOF":
            self.say(f"{Prompt.prompt}{line.strip()}")
        if self.typed and line == "EOF":
            self.say("")  # the shell's prompt needs a line of its own
        return line

    def onecmd(self, line: str) -> bool:
        word, _, rest = line.strip().partition(" ")
        word, rest = ALIASES.get(word, word), rest.strip()
        try:
            if rest and word in ALONE:
                refused = f"{word} takes nothing after it, got {rest}"
                raise ValueError(f"{refused}: help lists what does")
            if not rest and word in NEEDY:
                needed = "this command needs something to work on"
                raise ValueError(f"{needed}: {word} {NEEDY[word]}, say")
            return bool(super().onecmd(f"{word} {rest}".strip()))
        except (ValueError, TypeError, GraphError) as error:
            self.say(error)
            return False

    def default(self, line: str) -> None:
        if line in self.walk.names.called:
            self.do_print(line)
        else:
            self.say(f"there is no command {line.split()[0]}: help lists them")

    # The commands: their docstrings are the help

    def do_step(self, times: str) -> None:
        """s, step [TIMES]: take the next step, or so many."""
        self.say(self.walk.step(_count(times, 1)))

    def do_next(self, _: str) -> None:
        """n, next: take all steps of the next operation."""
        self.say(self.walk.next())

    def do_back(self, times: str) -> None:
        """k, back [TIMES]: undo the last step, or so many."""
        self.say(self.walk.back(_count(times, 1)))

    def do_until(self, name: str) -> None:
        """unt, until NAME: go on until this value's grad is complete: no later
        step changes it."""
        self.say(self.walk.until(name))

    def do_reach(self, name: str) -> None:
        """reach NAME: go on to the first step that changes this grad."""
        self.say(self.walk.until_reached(name))

    def do_continue(self, _: str) -> None:
        """c, cont, continue: go on to the next breakpoint, or to the end."""
        self.say(self.walk.cont())

    def do_finish(self, _: str) -> None:
        """r, return, finish: go on to the end, past all breakpoints."""
        self.say(self.walk.finish())

    def do_restart(self, _: str) -> None:
        """run, restart: go back to the start; breakpoints and watches stay."""
        self.say(self.walk.restart())

    def do_forward(self, _: str) -> None:
        """forward: go over to the forward pass; each pass keeps its place."""
        self._go_over(Computation)

    def do_reverse(self, _: str) -> None:
        """reverse: go over to the reverse pass; each pass keeps its place."""
        self._go_over(Contribution)

    def _go_over(self, kind: Kind) -> None:
        if kind not in self.walks:
            self.walks[kind] = walk(self.walk.output, forward=kind is Computation)
        self.walk = self.walks[kind]
        self.say(self.walk)

    def do_at(self, number: str) -> None:
        """j, jump, at NUMBER: go to where that many steps have been taken."""
        self.say(self.walk.at(_count(number, 0)))

    def do_where(self, _: str) -> None:
        """w, bt, where: show the step just taken, and what comes next."""
        self.say(self.walk)

    def do_peek(self, _: str) -> None:
        """peek: show the next step with its numbers."""
        self.say(self.walk.peek() or "this is the end: no step comes next")

    def do_list(self, number: str) -> None:
        """l, list [NUMBER]: list the steps around here, or there; -> marks the one that
        comes next, B those that a breakpoint stops at."""
        steps = self.walk.steps
        here = _count(number, self.walk.number + 1) - 1
        for step in steps[max(0, here - AROUND) : here + AROUND + 1]:
            mark = "->" if step is self.walk.peek() else "B" if self.walk.stops(step) else ""
            text = step if step.number <= self.walk.number else step.formula
            self.say(f"{step.number:{len(str(len(steps)))}} {mark:2} {text}")

    def do_print(self, name: str) -> None:
        """p, print [NAME]: show a value: how it was made, its number, its grad; or all values."""
        values = self.walk.find(name.removesuffix(".grad")) if name else list(self.walk.names)
        for v in values[:40]:
            self.say(v if v.label else f"{self.walk.names[v]}: {v!r}")
        if len(values) > 40:
            self.say(f"{len(values) - 40} more not shown: print NAME shows one")

    def do_ledger(self, name: str) -> None:
        """ledger [NAME]: list the steps so far; those that changed one value."""
        self.say(self.walk.ledger(name or None))

    def do_break(self, at: str) -> None:
        """b, break [AT]: stop at a value, an operation or a condition;
        that is, at each step that changes the value, that comes from the operation (tanh, *), or
        that fulfils the condition, as in "b abs(grad) > 10". Alone, it lists what is set."""
        if re.search("[<>=]", at) and at not in self.walk.names.called:
            self.walk.breakpoint(_condition(at, self.walk.facts))
        elif at:
            self.walk.breakpoint(at)
        self.say(f"stopping at: {', '.join(map(repr, self.walk.breakpoints)) or 'nothing'}")

    def do_clear(self, at: str) -> None:
        """cl, clear [AT]: forget a breakpoint, or all."""
        self.walk.clear(at or None)
        self.do_break("")

    def do_watch(self, name: str) -> None:
        """display, watch NAME: show this value's number with every step."""
        self.say(self.walk.watch(name))

    def do_unwatch(self, name: str) -> None:
        """undisplay, unwatch [NAME]: stop showing it; or all."""
        self.say(self.walk.unwatch(name or None))

    def do_why(self, name: str) -> None:
        """why NAME: explain the gradient by this value."""
        for v in self.walk.find(name):
            self.say(why(self.walk.output, v))

    def do_help(self, arg: str) -> None:
        """h, help [COMMAND]: list the commands; explain one."""
        names = [name[3:] for name in vars(Prompt) if name.startswith("do_")]
        texts = {name: " ".join(getattr(self, f"do_{name}").__doc__.split()) for name in names}
        if arg:
            unknown = f"there is no command {arg}: help lists them"
            return self.say(texts.get(ALIASES.get(arg, arg), unknown))
        for text in texts.values():
            usage, _, meaning = text.partition(": ")
            self.say(f"  {usage:26} {re.split('[:;.]', meaning)[0]}")
        self.say(self.doc_header)

    def do_quit(self, _: str) -> bool:
        """q, quit: leave."""
        return True

    # Completion: every command that takes a name takes it from the graph

    def completedefault(self, text: str, *_: Any) -> list[str]:
        return [name for name in self.walk.names.called if name.startswith(text)]


def _count(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdecimal():
        raise ValueError(f"a whole number is needed here, got {text}")
    return int(text)


def _condition(text: str, facts: tuple[str, ...]) -> Callable[[Any], bool]:
    condition = Condition(text)
    if unknown := [name for name in condition.names if name not in facts]:
        known = f"a condition can use {', '.join(facts)}"
        raise ExpressionError(f"a step has no {unknown[0]}: {known}")

    def holds(step: Any) -> bool:
        return condition(**{name: getattr(step, name) for name in condition.names})

    holds.__name__ = condition.text
    return holds
