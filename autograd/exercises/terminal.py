"""A quiz at the terminal: a line is an answer, or a command."""

import cmd
import sys
from typing import Any, TextIO

from autograd.engine.notation import legible

__all__ = ["Terminal"]

WORDS = "hint solve skip back list help quit"
LETTERS = {"?": "hint", "q": "quit", "EOF": "quit"}


class Terminal(cmd.Cmd):
    """Ask the questions of a quiz; from a file or a pipe, each line is shown as if it had been
    typed."""

    def __init__(self, quiz: Any, stdin: TextIO | None = None, stdout: TextIO | None = None):
        super().__init__(stdin=stdin, stdout=stdout)
        self.quiz = quiz
        self.typed = self.stdin is sys.stdin and sys.stdin.isatty()
        self.use_rawinput = self.typed
        # A letter that is the name of a value is an answer.
        self.letters = {a: word for a, word in LETTERS.items() if a not in quiz.names.called}

    @property
    def prompt(self) -> str:  # type: ignore[override]
        """The question."""
        return f"{legible(self.quiz.question.name)} = " if self.typed else ""

    def run(self) -> None:
        """Ask until the last question is answered, until "quit", or to the end of the input."""
        for line in self.quiz.forward:
            self.say(f"  {line}")
        count, words = len(self.quiz.entries), WORDS.replace(" ", ", ")
        self.say(f"{count} questions; a line is a number, an expression, or {words}")
        try:
            self.cmdloop()
        except KeyboardInterrupt:
            self.say("")
            self.do_quit("")

    def say(self, text: str) -> None:
        self.stdout.write(f"{legible(text, keep=chr(10))}\n")

    def precmd(self, line: str) -> str:
        word = line.strip()
        if word == "EOF":
            self.say("")
        elif not self.typed and word:
            self.say(f"{self.quiz.question.name} = {word}")
        return self.letters.get(word, word)

    def postcmd(self, stop: bool, line: str) -> bool:
        if self.quiz.done and not stop:
            self.say(self.quiz.score)
        return stop or self.quiz.done

    def emptyline(self) -> bool:
        return False  # and not the last answer again

    def default(self, line: str) -> None:
        try:
            self.say("\n".join(self.quiz.answer(line).said))
        except (ValueError, TypeError) as error:
            self.say(str(error))

    def do_hint(self, _: str) -> None:
        """?, hint: what helps with this question; again for more."""
        self.say("\n".join(self.quiz.hint().said))

    def do_solve(self, _: str) -> None:
        """solve: the answer, and how it comes about; then the next question."""
        self.say("\n".join(self.quiz.solve().said))

    def do_skip(self, _: str) -> None:
        """skip: go on without an answer."""
        self.quiz.skip()

    def do_back(self, _: str) -> None:
        """back: return to the question before."""
        self.quiz.back()

    def do_list(self, _: str) -> None:
        """list: what is filled in so far."""
        self.say(self.quiz.filled)

    def do_help(self, arg: str) -> None:
        """help: these lines."""
        for word in WORDS.split():
            usage, _, meaning = getattr(self, f"do_{word}").__doc__.partition(": ")
            self.say(f"  {usage:8} {meaning}")
        self.say(
            "  An expression may mention values (x) and derivatives that are known (y.grad, dy/dx)."
        )

    def do_quit(self, _: str) -> bool:
        """q, quit: leave, with the score."""
        self.say(self.quiz.score)
        return True
