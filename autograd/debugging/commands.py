"""Commands that are typed, at the debugger's prompt and at a quiz."""

import cmd
import re
import sys
from collections.abc import Callable, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any, ClassVar, NamedTuple, TextIO

from autograd.engine.errors import GraphError
from autograd.engine.notation import legible

SUCH = {"NAME": "w", "NUMBER": "3"}


class Command(NamedTuple):
    """Its names; what comes after them, in brackets if it may be missing; its help; and what it
    does, which gives what is said, or True to leave."""

    names: str
    argument: str
    help: str
    act: Callable[[Any, str], object]

    def __str__(self) -> str:
        return f"{', '.join(self.names.split())} {self.argument}".strip()


class Session(cmd.Cmd):
    """What is typed and said; from a file or a pipe, each line is shown as if it had been typed."""

    commands: ClassVar[Sequence[Command]]
    footer: ClassVar[str]

    def __init__(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self.typed = self.use_rawinput = self.stdin is sys.stdin and sys.stdin.isatty()
        self.interrupted = False  # since the last command
        self.known = {name: each for each in self.commands for name in each.names.split()}

    def asking(self) -> str:
        """What stands before the line."""
        raise NotImplementedError

    @property
    def prompt(self) -> str:  # type: ignore[override]
        """The same, where somebody types."""
        return self.asking() if self.typed else ""

    def run(self) -> None:
        """Ask until a command leaves, or to the end of the input."""
        while True:
            try:
                return self.cmdloop()
            except KeyboardInterrupt:
                if self.interrupted:
                    return self.say("")
                self.interrupted = True
                self.say("\ninterrupted: q quits, and so does Ctrl-C again")

    def say(self, what: object) -> None:
        """Write it, whatever control characters are in it, as wide as the terminal."""
        for line in legible(str(what), keep="\n").split("\n"):
            lines = wrap(line, get_terminal_size().columns, subsequent_indent="    ")
            self.stdout.write("\n".join(lines if self.typed else [line]) + "\n")

    def precmd(self, line: str) -> str:
        self.interrupted = False
        if not self.typed and line.strip() and line != "EOF":
            self.say(f"{self.asking()}{line.strip()}")
        if self.typed and line == "EOF":
            self.say("")  # the shell's prompt needs a line of its own
        return line

    def onecmd(self, line: str) -> bool:
        if not line.strip():
            return bool(self.emptyline())
        self.lastcmd = line = line.strip()
        word, _, rest = line.partition(" ")
        command, rest = self.known.get(word), rest.strip()
        try:
            if command is None:
                self.default(line)
                return False
            name = command.names.split()[-1]
            if rest and not command.argument:
                refused = f"{name} takes nothing after it, got {rest}"
                raise ValueError(f"{refused}: help lists what does")
            if not rest and command.argument in SUCH:
                needed = "this command needs something to work on"
                raise ValueError(f"{needed}: {name} {SUCH[command.argument]}, say")
            said = command.act(self, rest)
        except (ValueError, TypeError, GraphError) as error:
            said = error
        if said is not None and said is not True:
            self.say(said)
        return said is True

    def completenames(self, text: str, *_: Any) -> list[str]:
        return [name for name in self.known if name.startswith(text) and name != "EOF"]

    def help(self, name: str) -> str:
        """All commands, or what one does."""
        if name:
            found = self.known.get(name)
            unknown = f"there is no command {name}: help lists them"
            return f"{found}: {found.help}." if found else unknown
        lines = [f"  {each!s:26} {re.split('[:;.]', each.help)[0]}" for each in self.commands]
        return "\n".join([*lines, self.footer])
