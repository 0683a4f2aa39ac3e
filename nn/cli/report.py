"""Account: what a run says of itself, on the terminal as it happens and in report.txt in the end."""

import os
import sys

__all__ = ["Account"]


class Account:
    """Prints what it is told, unless it is to be quiet, and keeps it.

    >>> account = Account(quiet=True)
    >>> account.say("trained")
    >>> account.say("accuracy 97 %", always=True)
    accuracy 97 %
    >>> account.text
    'trained\\naccuracy 97 %\\n'
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(f"{line}\n" for line in self.lines)

    def say(self, line: str = "", *, always: bool = False) -> None:
        """Keep a line, or several, and print it."""
        self.lines.append(line)
        if always or not self.quiet:
            self.show(line.lstrip("\n") if self.quiet else line)

    def show(self, line: str) -> None:
        """Print a line without keeping it."""
        try:
            print(line, flush=True)
        except (
            BrokenPipeError
        ):  # the reader has seen enough, as in ... | head: the run is to be written all the same
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
