"""The commands of ``python -m autograd``, and the one parser that reads them."""

import argparse
import ast
import sys
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from math import isinf
from random import randrange
from typing import Any, NoReturn

from autograd.cli.prompt import Prompt
from autograd.debugging.grammar import Expression
from autograd.debugging.walk import walk
from autograd.debugging.why import why
from autograd.engine.errors import DomainWarning, GraphError, LayoutError
from autograd.engine.native import ENGINE
from autograd.engine.notation import exact, legible
from autograd.engine.table import OPS, Op
from autograd.engine.value import Value

__all__ = ["main"]

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


def _parser(name: str) -> _Parser:
    parser = _Parser(
        prog=f"python -m autograd {name}".strip(),
        description=COMMANDS[name].__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    what = "the expression, in quotes"
    if name == "check":
        what += ", or a function of a module of yours; or every row of the table"
        add("expression", metavar="EXPR | module:function", nargs="?", help=what)
        add("--at", metavar="NUMBERS", help="the arguments of the function: 1.5,2 or [1,2],3")
        add("--gradient", metavar="module:function", help="your own derivative of the function")
        add("--order", type=int, default=1, metavar="N", help="2: second derivatives too")
    else:
        add("expression", metavar="EXPR", nargs="?" if name == "quiz" else None, help=what)
    add("numbers", metavar="name=number", nargs="*", help="a number for each name: w=-1.2")
    if name == "":
        add("--version", action=_Version, nargs=0, help="the versions and the engine that runs")
        add("--draw", metavar="FILE", help="draw the graph too, as .svg, .png, .dot or .html")
    elif name == "step":
        add("--forward", action="store_true", help="the forward pass, one result after another")
        add("--tui", action="store_true", help="a view of the whole terminal instead of a prompt")
    elif name == "why":
        add("--by", metavar="NAME", help="explain the derivative by this name alone")
        add("--top", metavar="N", type=int, default=5, help="how many paths to show (5)")
    elif name == "quiz":
        add("--grads", action="store_true", help="ask for grads alone, not for partials")
        add("--seed", metavar="N", type=int, help="make an exercise; a seed makes the same again")
        add("--level", metavar="N", type=int, default=1, help="of the exercise: 1 to 4 (1)")
        add("--number", metavar="N", type=int, default=1, help="the exercise on the sheet (1)")
        add("--sheet", action="store_true", help="write exercises and a key as a page to print")
        add("--count", metavar="N", type=int, default=4, help="of exercises on the sheet (4)")
        add("--page", action="store_true", help="write the quiz as a page that marks itself")
        add("--out", metavar="FILE", default="exercises.html", help="the file (exercises.html)")
    return parser


def _evaluate(options: argparse.Namespace) -> None:
    """Compute an expression: its value, its derivative by each name, and the reverse pass."""
    y, inputs = _computed(options)
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
    y, _ = _computed(options)
    steps = walk(y, forward=options.forward)
    if not options.tui:
        return Prompt(steps).run()
    from autograd.cli.terminal import Terminal  # textual, an extra

    Terminal(steps, legible(options.expression.strip())).open()


def _why(options: argparse.Namespace) -> None:
    """Explain each derivative of an expression as the sum over the paths of its graph."""
    y, inputs = _computed(options)
    if options.by is not None and options.by not in inputs:
        names = ", ".join(inputs) or "none"
        raise ValueError(f"the expression has no {options.by}: its names are {names}")
    for name, v in inputs.items():
        if options.by in (None, name):
            print(why(y, v, options.top))


def _quiz(options: argparse.Namespace) -> None:
    """Ask for the partials and grads of an expression, or of an exercise; or write a sheet."""
    from autograd.exercises.exercise import exercise

    if options.expression is not None:
        if options.seed is not None or options.sheet:
            needed = "quiz asks about an expression, or makes exercises from a seed"
            raise ValueError(f"{needed}, got both: leave out one")
        return _asked(options, _computed(options)[0])
    seed = options.seed
    if seed is None:
        seed = randrange(1, 1000)
        print(f"exercises of seed {seed}: --seed {seed} makes them again")
    if not options.sheet:
        return _asked(options, exercise(seed, options.level, options.number))
    from autograd.exercises.sheet import sheet

    found = sheet(seed, options.level, options.count)
    _saved(found, options.out)
    print(f"{found}, with a key: {legible(options.out)}")
    if found.missing:
        print(f"without pictures: {found.missing}")


def _asked(options: argparse.Namespace, y: Value) -> None:
    """Ask about y at the terminal, or write the page that does."""
    from autograd.exercises.session import Quiz

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


def _check(options: argparse.Namespace) -> int:
    """Check derivatives against independent numbers, and say what is wrong with them and where."""
    reports = _reports(options)
    wrong = [report for report in reports if not report.ok]
    for report in reports if len(reports) == 1 else wrong:
        print(report)
    if len(reports) > 1:
        partials = f"{sum(len(report.entries) for report in reports)} partials, 12 points each"
        right = f"{len(reports) - len(wrong)} of {len(reports)} rows of the table are right"
        print(f"{right} ({partials})")
    return int(bool(wrong))


def _reports(options: argparse.Namespace) -> list[Any]:
    """The reports on an expression, on a function of a module, or on every row of the table."""
    from autograd.checking.checks import check, checked  # slow to import

    if options.expression is None:
        return [check(op) for op in OPS.values()]
    what = options.expression.strip()
    module, colon, name = what.partition(":")
    if not (colon and all(map(str.isidentifier, (*module.split("."), name)))):
        if options.at or options.gradient:
            refused = f"--at and --gradient belong to module:function, and {what} is an expression"
            raise ValueError(f"{refused}: write x=1.5 for it")
        expression, numbers = _given(options)
        if not numbers:
            raise ValueError("the expression has no names to differentiate it by")
        # Not check(**numbers): a name may be "order" or "seed".
        return [checked(expression, (), numbers, None, None, options.order, 0, None)]
    f = _found(what)
    if isinstance(f, Op):
        return [check(f)]
    if not callable(f):
        raise ValueError(f"{what} is no function, but {type(f).__name__}")
    if options.numbers:
        got = " ".join(options.numbers)
        raise ValueError(f"a function gets its numbers with --at, as in --at 1.5,2, got {got}")
    if options.at is None:
        raise ValueError(f"{what} needs a point to be checked at, as in --at 1.5,2")
    gradient = _found(options.gradient) if options.gradient else None
    try:
        point = ast.literal_eval(f"({options.at},)")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        needed = "--at needs numbers, as in 1.5,2 or [1,2],3"
        raise ValueError(f"{needed}, got {options.at[:40]}") from None
    return [check(f, *point, gradient=gradient, order=options.order)]


def _found(path: str) -> Any:
    """What module:function names, in a module of the user's."""
    module, _, name = path.partition(":")
    if not name:
        raise ValueError(f"a function is given as module:function, got {path}")
    if sys.path[:1] != [""]:
        sys.path.insert(0, "")  # the user's modules lie where the command is run
    try:
        found = import_module(module)
    except Exception as error:
        raise ValueError(f"cannot import {module}: {type(error).__name__}: {error}") from None
    if not hasattr(found, name):
        raise ValueError(f"{module} has no {name}")
    return getattr(found, name)


COMMANDS: dict[str, Callable[..., int | None]]
COMMANDS = {"": _evaluate, "step": _step, "why": _why, "check": _check, "quiz": _quiz}


def _computed(options: argparse.Namespace) -> tuple[Value, dict[str, Value]]:
    """The result of the expression, and its inputs by name."""
    expression, numbers = _given(options)
    inputs = {name: Value(numbers[name], name) for name in expression.names}
    return expression(**inputs), inputs


def _given(options: argparse.Namespace) -> tuple[Expression, dict[str, float]]:
    """The expression, and the number of each of its names."""
    numbers: dict[str, float] = {}
    for text in map(str.strip, options.numbers):
        name, sign, digits = text.partition("=")
        name = unicodedata.normalize("NFKC", name)  # as Python's parser reads names
        if not sign and (meant := get_close_matches(options.expression, COMMANDS, 1)):
            raise ValueError(f"there is no command {options.expression}: did you mean {meant[0]}?")
        if not sign or not name.isidentifier():
            raise ValueError(f"numbers are given as name=number, got {text}")
        if name in numbers:
            raise ValueError(f"{name} is given twice")
        try:
            numbers[name] = float(digits)
        except ValueError:
            got = digits or "nothing"
            raise ValueError(f"{name} needs a number, got {got}: write {name}=1.5, say") from None
        if isinf(numbers[name]) and "inf" not in digits.lower():
            needed = f"{name} needs a number within 1.8e308, got {digits}"
            raise ValueError(f"{needed}: write {name}=inf if you mean that")
    expression = Expression(options.expression)
    expression.expect(numbers)
    return expression, numbers
