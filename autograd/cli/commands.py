"""The commands of ``python -m autograd``, and the one parser that reads them."""

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from random import randrange
from typing import Any, NoReturn

from autograd.cli.check import check
from autograd.cli.expressions import computed
from autograd.cli.prompt import Prompt
from autograd.debugging.walk import walk
from autograd.debugging.why import why
from autograd.engine.errors import DomainWarning, GraphError, LayoutError
from autograd.engine.native import ENGINE
from autograd.engine.notation import exact, legible

EXAMPLES = """\
examples:
  python -m autograd "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3        # value, gradients, reverse pass
  python -m autograd "log(x**2 + 1)" x=3 --draw y.svg          # the same, and a drawing
  python -m autograd step "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3   # a debugger for backprop
  python -m autograd why "x*x + x" x=3                         # the sum over the paths
  python -m autograd check "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3  # against independent numbers
  python -m autograd check model:loss --at 1.5,2 --gradient model:my_gradient
  python -m autograd check                                     # every row of the table
  python -m autograd quiz "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3   # fill in partials and grads
  python -m autograd quiz --seed 7 --level 2                   # the same of an exercise
  python -m autograd quiz --seed 7 --level 2 --sheet           # a page of them, with a key

An expression has numbers, names, + - * / // % **, parentheses, functions (exp, log, tanh, relu,
sqrt ...), where(x > 0, a, b) to choose, and total([a, b]), mean([...]), dot([...], [...]),
logsumexp([...]). Put it in quotes, or the shell takes * and ( for itself.

exit status: 0, or 2 if the input cannot be used; of check, 1 if a derivative is wrong
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line: status 0, 1 for a wrong derivative, 2 for what cannot be used."""
    given = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    name = given.pop(0) if given[0] and given[0] in COMMANDS else ""
    try:
        options = _parser(name).parse_intermixed_args(_safe(given))
        _refuse_slip(options)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DomainWarning)
            status = COMMANDS[name](options) or 0
    except SystemExit as done:  # --help
        return int(done.code or 0)
    except (ValueError, TypeError, GraphError, LayoutError, ImportError) as refused:
        print(legible(str(refused), keep="\n"), file=sys.stderr)
        return 2
    for sentence in dict.fromkeys(str(warning.message) for warning in caught):
        print(f"warning: {legible(sentence)}", file=sys.stderr)
    return status


def _safe(words: list[str]) -> list[str]:
    """The words as argparse can read them: it would take -x**2 and --at -1.5,2 for options."""
    safe: list[str] = []
    for word in words:
        if safe and safe[-1] == "--at":
            safe[-1] = f"--at={word}"
        else:
            short = word[:1] == "-" and word[:2] != "--" and word != "-h"
            safe.append(f" {word}" if short or not word else word)
    return safe


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}: {self.prog} --help shows how it is used")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version
        from platform import python_implementation, python_version

        try:
            ours = version("glassgrad")
        except PackageNotFoundError:
            ours = "(a clone, not installed)"
        print(f"glassgrad {ours}, engine {ENGINE}, {python_implementation()} {python_version()}")
        parser.exit()


# Of each command its options: the name, what comes after it, what it is left alone, and its help.
OPTIONS: dict[str, tuple[tuple[str, str, Any, str], ...]] = {
    "": (("--draw", "FILE", None, "draw the graph too, as .svg, .png, .dot or .html"),),
    "step": (
        ("--forward", "", False, "the forward pass, one result after another"),
        ("--tui", "", False, "full screen in the terminal instead of a prompt"),
    ),
    "why": (
        ("--by", "NAME", None, "explain the derivative by this name alone"),
        ("--top", "N", 5, "how many paths to show (5)"),
    ),
    "check": (
        ("--at", "NUMBERS", None, "the arguments of the function: 1.5,2 or [1,2],3"),
        ("--gradient", "module:function", None, "your own derivative of the function"),
        ("--order", "N", 1, "2: second derivatives too"),
    ),
    "quiz": (
        ("--grads", "", False, "ask for grads alone, not for partials"),
        ("--seed", "N", None, "make an exercise; a seed makes the same again"),
        ("--level", "N", 1, "of the exercise: 1 to 4 (1)"),
        ("--number", "N", 1, "the exercise on the sheet (1)"),
        ("--sheet", "", False, "write exercises and a key as a page to print"),
        ("--count", "N", 4, "of exercises on the sheet (4)"),
        ("--page", "", False, "write the quiz as a page that marks itself"),
        ("--out", "FILE", "exercises.html", "the file (exercises.html)"),
    ),
}


def _parser(name: str) -> _Parser:
    parser = _Parser(
        prog=f"python -m autograd {name}".strip(),
        description=COMMANDS[name].__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what, alone = "the expression, in quotes", name in ("check", "quiz")
    if name == "check":
        what += ", or a function of a module of yours; or every row of the table"
    metavar = "EXPR | module:function" if name == "check" else "EXPR"
    parser.add_argument("expression", metavar=metavar, nargs="?" if alone else None, help=what)
    numbers = "a number for each name: w=-1.2"
    parser.add_argument("numbers", metavar="name=number", nargs="*", help=numbers)
    if name == "":
        about = "the versions and the engine that runs"
        parser.add_argument("--version", action=_Version, nargs=0, help=about)
    for flag, metavar, default, about in OPTIONS[name]:
        kind: dict[str, Any] = {"action": "store_true"}
        if metavar:
            kind = {"metavar": metavar, "type": int if metavar == "N" else str, "default": default}
        parser.add_argument(flag, help=about, **kind)
    return parser


def _refuse_slip(options: argparse.Namespace) -> None:
    """Refuse a command that is misspelled, before its expression is read as one."""
    typed = options.expression or ""
    meant = get_close_matches(typed, COMMANDS, 1)
    if meant and any("=" not in text for text in options.numbers):
        raise ValueError(f"there is no command {typed}: did you mean {meant[0]}?")


def _evaluate(options: argparse.Namespace) -> None:
    """Compute an expression: its value, its derivative by each name, and the reverse pass."""
    y, inputs = computed(options)
    print(f"{legible(options.expression.strip())} = {exact(y.data)}")
    reverse = walk(y)
    seed, ledger = reverse.where(), reverse.finish().ledger()
    if inputs:
        rows = [("name", "number", "gradient")]
        rows += [(name, exact(v.data), exact(v.grad)) for name, v in inputs.items()]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        print()
        for name, given, gradient in rows:
            print(f"  {name:{widths[0]}}  {given:{widths[1]}}  {gradient}")
    if ledger:
        print(f"\nreverse pass, from {seed}:\n{ledger}")
    if options.draw is not None:
        from autograd.drawing import draw

        _saved(draw(y), options.draw)
        print(f"\ndrawn in {legible(options.draw)}")


def _step(options: argparse.Namespace) -> None:
    """Step through the reverse pass of an expression at a prompt (help lists its commands)."""
    y, _ = computed(options)
    steps = walk(y, forward=options.forward)
    if not options.tui:
        return Prompt(steps).run()
    from autograd.cli.terminal import Terminal  # textual, an extra

    Terminal(steps, legible(options.expression.strip())).open()


def _why(options: argparse.Namespace) -> None:
    """Explain each derivative of an expression as the sum over the paths of its graph."""
    y, inputs = computed(options)
    if not inputs or options.by not in (None, *inputs):
        names = ", ".join(inputs) or "none"
        raise ValueError(
            f"the expression has no {options.by or 'name to ask about'}: its names are {names}"
        )
    for name, v in inputs.items():
        if options.by in (None, name):
            print(why(y, v, options.top))


def _quiz(options: argparse.Namespace) -> None:
    """Ask for the partials and grads of an expression, or of an exercise; or write a sheet."""
    from autograd.exercises.exercise import exercise
    from autograd.exercises.session import Quiz
    from autograd.exercises.sheet import sheet

    seed, level = options.seed, options.level
    if options.expression is not None:
        if seed is not None or options.sheet:
            needed = "quiz asks about an expression, or with --seed or --sheet makes exercises"
            raise ValueError(f"{needed}, got both: leave out one")
        y, _ = computed(options)
    else:
        if seed is None:
            seed = randrange(1, 1000)
            print(f"exercises of seed {seed}: --seed {seed} makes them again")
        if options.sheet:
            found = sheet(seed, level, options.count)
            _saved(found, options.out)
            print(f"{found}, with a key: {legible(options.out)}")
            return print(f"without pictures: {found.missing}") if found.missing else None
        y = exercise(seed, level, options.number)
    quiz = Quiz(y, not options.grads)
    if not options.page:
        return quiz.run()
    _saved(quiz, options.out)
    print(f"a quiz that marks itself: {legible(options.out)}")


def _saved(what: Any, path: str) -> None:
    try:
        what.save(path)
    except OSError as error:
        raise ValueError(f"cannot write {path}: {error.strerror or error}") from None


COMMANDS: dict[str, Callable[..., int | None]]
COMMANDS = {"": _evaluate, "step": _step, "why": _why, "check": check, "quiz": _quiz}
