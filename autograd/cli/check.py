"""``python -m autograd check``: an expression, a function of a module, or every row of the table."""

import argparse
import ast
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from autograd.checking import check
from autograd.checking.checks import checked
from autograd.checking.report import Report
from autograd.cli.grammar import parse
from autograd.engine.errors import GraphError
from autograd.engine.table import OPS, Op

__all__ = ["main"]

EXAMPLES = """\
examples:
  python -m autograd check "tanh(w*x + b)" w=-1.2 x=0.5 b=0.3
      the gradient of an expression against independent numbers
  python -m autograd check model:loss --at 1.5,2
      the gradient of a function loss(a, b) in model.py at (1.5, 2); lists as in --at "[1,2],3"
  python -m autograd check model:loss --at 1.5,2 --gradient model:my_gradient
      the same, of a gradient that you derived yourself
  python -m autograd check
      every row of the table of operations

exit status: 0 if every derivative may be used, 1 if not, 2 if the input cannot be used
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command, print the report, and give the exit status: 0 ok, 1 wrong, 2 input that
    cannot be used.
    """
    try:
        options = _parser().parse_args(_joined(arguments))
        reports = _reports(options)
    except SystemExit as done:  # --help
        return int(done.code or 0)
    except (_Refused, TypeError, ValueError, GraphError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if len(reports) > 1:
        for report in reports:
            if not report.ok:
                print(report)
        right = sum(report.ok for report in reports)
        partials = sum(len(report.entries) for report in reports)
        print(
            f"{right} of {len(reports)} rows of the table are right ({partials} partials, 12 points each)"
        )
    else:
        print(reports[0])
    return 0 if all(report.ok for report in reports) else 1


class _Refused(Exception):
    """What was given cannot be used; the message is the sentence for stderr."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Refused(f"{message}: {self.prog} --help shows how it is used")


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m autograd check",
        description="Check derivatives against independent numbers, and say what is wrong with them and where.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        metavar="EXPR | module:function",
        nargs="?",
        help="what to check (the table, if nothing)",
    )
    parser.add_argument(
        "numbers", metavar="name=number", nargs="*", help="a number for each name of an expression"
    )
    parser.add_argument(
        "--at", metavar="NUMBERS", help="the arguments of the function: 1.5,2 or [1,2],3"
    )
    parser.add_argument(
        "--gradient", metavar="module:function", help="your own derivative of the function"
    )
    parser.add_argument(
        "--order", type=int, default=1, metavar="N", help="2 checks second derivatives too"
    )
    return parser


def _joined(arguments: Sequence[str]) -> list[str]:
    """The arguments as argparse can read them: it would take -1.5,2 and -x for options."""
    words: list[str] = []
    for word in arguments:
        if words and words[-1] == "--at":
            words[-1] = f"--at={word}"
        else:
            words.append(
                f" {word}" if word[:1] == "-" and word[:2] != "--" and word != "-h" else word
            )
    return words


def _reports(options: argparse.Namespace) -> list[Report]:
    if options.what is None:
        return [check(op) for op in OPS.values()]
    what = options.what.strip()
    module, colon, name = what.partition(":")
    if colon and all(part.isidentifier() for part in module.split(".")) and name.isidentifier():
        return [_function(_found(module, name), options)]
    if options.at or options.gradient:
        raise _Refused(
            f"--at and --gradient belong to module:function, and {what} is an expression: write x=1.5 for it"
        )
    return [_expression(what, options)]


def _function(f: Any, options: argparse.Namespace) -> Report:
    if isinstance(f, Op):
        return check(f)
    if not callable(f):
        raise _Refused(f"{options.what} is no function, but {type(f).__name__}")
    if options.numbers:
        raise _Refused(
            f"a function gets its numbers with --at, as in --at 1.5,2, got {' '.join(options.numbers)}"
        )
    if options.at is None:
        raise _Refused(f"{options.what} needs a point to be checked at, as in --at 1.5,2")
    gradient = _found(*options.gradient.split(":", 1)) if options.gradient else None
    return check(f, *_point(options.at), gradient=gradient, order=options.order)


def _found(module: str, name: str = "") -> Any:
    """The function of that name in a module of the user's."""
    if not name:
        raise _Refused(f"a function is given as module:function, got {module}")
    if sys.path[:1] != [""]:
        sys.path.insert(0, "")  # the user's modules lie where the command is run
    try:
        found = import_module(module)
    except Exception as error:
        raise _Refused(f"cannot import {module}: {type(error).__name__}: {error}") from None
    if not hasattr(found, name):
        raise _Refused(f"{module} has no {name}")
    return getattr(found, name)


def _point(text: str) -> tuple[Any, ...]:
    """``1.5,2`` and ``[1,2],3`` as arguments."""
    try:
        point = ast.literal_eval(f"({text},)")
    except (ValueError, SyntaxError):
        raise _Refused(f"--at needs numbers, as in 1.5,2 or [1,2],3, got {text}") from None
    return tuple(point)


def _expression(text: str, options: argparse.Namespace) -> Report:
    expression = parse(text)
    numbers: dict[str, float] = {}
    for given in options.numbers:
        name, _, digits = given.strip().partition("=")
        try:
            value = float(digits)
        except ValueError:
            raise _Refused(f"numbers are given as name=number, got {given.strip()}") from None
        if name in numbers:
            raise _Refused(f"{name} is given twice")
        numbers[name] = value
    missing = [name for name in expression.names if name not in numbers]
    unknown = [name for name in numbers if name not in expression.names]
    if missing:
        raise _Refused(f"{', '.join(missing)} needs a number, as in {missing[0]}=1.5")
    if unknown:
        raise _Refused(
            f"the expression has no {unknown[0]}: its names are {', '.join(expression.names) or 'none'}"
        )
    if not numbers:
        raise _Refused("the expression has no names to differentiate it by")
    return checked(
        expression, (), numbers, None, None, options.order, 0
    )  # a name may be "order" or "seed"
