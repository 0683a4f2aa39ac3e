"""A quiz at the terminal: a line is an answer, or a command."""

from typing import Any, TextIO

from autograd.debugging.commands import Command, Session


class Terminal(Session):
    """Ask the questions of a quiz."""

    footer = "  An expression may mention values (x) and known derivatives (y.grad, dy/dx)."
    commands = (
        Command("? hint", "", "what helps with this question; again for more",
                lambda self, _: self.said(self.quiz.hint())),
        Command("solve", "", "the answer, and how it comes about; then the next question",
                lambda self, _: self.said(self.quiz.solve())),
        Command("skip", "", "skip this question", lambda self, _: self.said(self.quiz.skip())),
        Command("back", "", "return to the question before",
                lambda self, _: self.said(self.quiz.back())),
        Command("list", "", "what is filled in so far", lambda self, _: self.quiz.filled),
        Command("help", "[COMMAND]", "list the commands; explain one", Session.help),
        Command("q quit EOF", "", "leave, with the score", lambda *_: True),
    )  # fmt: skip

    def __init__(self, quiz: Any, stdin: TextIO | None = None, stdout: TextIO | None = None):
        super().__init__(stdin, stdout)
        self.quiz = quiz
        # A letter that is the name of a value is an answer.
        self.known = {a: each for a, each in self.known.items() if a not in quiz.names.called}

    def asking(self) -> str:
        return f"{self.quiz.question.name} = "

    def run(self) -> None:
        """Ask until the last question is answered, until "quit", or to the end of the input."""
        for line in self.quiz.forward:
            self.say(f"  {line}")
        words = "hint, solve, skip, back, list, help, quit"
        count = len(self.quiz.entries)
        self.say(f"{count} questions; a line is a number, an expression, or {words}")
        super().run()
        self.say(self.quiz.score)

    def said(self, quiz: Any) -> str | None:
        """What the quiz says, if it does."""
        return "\n".join(quiz.said) or None

    def postcmd(self, stop: bool, line: str) -> bool:
        return stop or self.quiz.done

    def emptyline(self) -> bool:
        return False  # and not the last answer again

    def default(self, line: str) -> None:
        self.say(self.said(self.quiz.answer(line)))
