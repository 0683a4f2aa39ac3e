"""``python -m autograd "EXPR" name=number ...``: compute an expression and its gradients, and step
through both.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from math import isinf
from typing import Any, NoReturn

from autograd.cli.grammar import ExpressionError, parse
from autograd.cli.prompt import Prompt
from autograd.debugging.walk import walk
from autograd.debugging.why import why
from autograd.engine.errors import DomainWarning, GraphError
from autograd.engine.notation import exact
from autograd.engine.value import Value

__all__ = ["main"]

EXAMPLES = """\
examples:
  python -m autograd "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3
      the value, its derivative by w, x and b, and the reverse pass that found them
  python -m autograd "log(x**2 + 1)" x=3 --draw y.svg
      the same, and a drawing of the graph
  python -m autograd step "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3
      step through the reverse pass, forwards and backwards: a debugger for backprop
  python -m autograd why "x*x + x" x=3
      each derivative as the sum over the paths of the graph
  python -m autograd check
      try the derivatives against other ways to compute them (check --help)

An expression has numbers, names, + - * / // % **, parentheses, functions (exp, log, tanh, relu, sqrt ...),
where(x > 0, a, b) to choose, and total([a, b]), mean([...]), dot([...], [...]), logsumexp([...]).
Every name needs its number. Put the expression in quotes, or the shell takes * and ( for itself.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status: 0, or 2 with one sentence on stderr for what
    cannot be used.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if not given:
        _parser("", _evaluate).print_help()
        return 0
    if given[0] == "check":
        from autograd.cli.check import main as check_command

        return check_command(given[1:])
    command = COMMANDS.get(given[0], _evaluate)
    words = given[1:] if given[0] in COMMANDS else given
    # An expression may begin with a minus, which argparse would take for an option; a space in it
    # prevents that.
    words = [
        f" {word}" if word[:1] == "-" and word[:2] != "--" and word != "-h" else word
        for word in words
    ]
    try:
        options = _parser(given[0] if given[0] in COMMANDS else "", command).parse_intermixed_args(
            words
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DomainWarning)
            command(options)
        for warning in caught:
            print(f"warning: {warning.message}", file=sys.stderr)
    except _Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


class _Refused(Exception):
    """What was given cannot be used; the message is the sentence for stderr."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Refused(f"{message}: {self.prog} --help shows how it is used")


def _parser(name: str, command: Callable[[Any], None]) -> _Parser:
    parser = _Parser(
        prog=f"python -m autograd {name}".strip(),
        description=command.__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "expression", metavar="EXPR", help='the expression, in quotes: "tanh(w*x + b)"'
    )
    parser.add_argument(
        "numbers", metavar="name=number", nargs="*", help="a number for each name: w=-1.2"
    )
    if command is _evaluate:
        parser.add_argument(
            "--draw",
            metavar="FILE",
            help="draw the graph too: FILE ends in .svg, .png, .dot or .html",
        )
    if command is _step:
        parser.add_argument(
            "--forward",
            action="store_true",
            help="the forward pass instead: one result after another",
        )
    if command is _why:
        parser.add_argument(
            "--by", metavar="NAME", help="explain the derivative by this name alone"
        )
        parser.add_argument(
            "--top", metavar="N", type=int, default=5, help="how many paths to show (5)"
        )
    return parser


def _evaluate(options: argparse.Namespace) -> None:
    """Compute an expression: its value, its derivative by each name, and the reverse pass."""
    y, inputs = _computed(options)
    print(f"{options.expression} = {exact(y.data)}")
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
    if options.draw:
        from autograd.drawing import draw

        try:
            draw(y).save(options.draw)
        except OSError as error:
            raise _Refused(f"cannot write {options.draw}: {error.strerror or error}") from None
        except (ValueError, TypeError, RuntimeError, ImportError) as error:
            raise _Refused(str(error)) from None
        print(f"\ndrawn in {options.draw}")


def _step(options: argparse.Namespace) -> None:
    """Step through the reverse pass of an expression at a prompt (help lists its commands)."""
    y, _ = _computed(options)
    Prompt(walk(y, forward=options.forward)).run()


def _why(options: argparse.Namespace) -> None:
    """Explain each derivative of an expression as the sum over the paths of its graph."""
    y, inputs = _computed(options)
    if options.by is not None and options.by not in inputs:
        raise _Refused(
            f"the expression has no {options.by}: its names are {', '.join(inputs) or 'none'}"
        )
    if options.top < 0:
        raise _Refused(f"--top needs 0 or more paths, got {options.top}")
    for name, v in inputs.items():
        if options.by in (None, name):
            print(why(y, v, options.top))


COMMANDS: dict[str, Callable[[Any], None]] = {"step": _step, "why": _why}


def _computed(options: argparse.Namespace) -> tuple[Value, dict[str, Value]]:
    """The result of the expression, and its inputs by name."""
    options.expression = options.expression.strip()
    numbers: dict[str, float] = {}
    for text in options.numbers:
        name, sign, digits = text.strip().partition("=")
        if not sign or not name.isidentifier():
            raise _Refused(f"numbers are given as name=number, got {text.strip()}")
        if name in numbers:
            raise _Refused(f"{name} is given twice")
        try:
            numbers[name] = float(digits)
        except ValueError:
            raise _Refused(
                f"{name} needs a number, got {digits or 'nothing'}: write {name}=1.5, say"
            ) from None
        if isinf(numbers[name]) and "inf" not in digits.lower():
            raise _Refused(
                f"{name} needs a number within 1.8e308, got {digits}: write {name}=inf if you mean that"
            )
    try:
        expression = parse(options.expression)
        inputs = {name: Value(x, name) for name, x in numbers.items()}
        return expression(**inputs), {name: inputs[name] for name in expression.names}
    except (ExpressionError, GraphError) as error:
        raise _Refused(str(error)) from None


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # names may be in any script
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as in ... | head
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or Python would flush once more at its end
        status = 0
    sys.exit(status)
