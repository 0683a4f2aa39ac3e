"""``python -m autograd check``: an expression, a function, or every row of the table."""

import argparse
import ast
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from autograd.checking.checks import check, checked
from autograd.checking.report import Report
from autograd.engine.table import OPS, Op

__all__ = ["printed", "reports"]


def reports(options: argparse.Namespace, given: Callable[[Any], Any]) -> list[Report]:
    """Check what the options name; given reads an expression and its numbers from them."""
    if options.expression is None:
        return [check(op) for op in OPS.values()]
    what = options.expression.strip()
    module, colon, name = what.partition(":")
    if colon and all(part.isidentifier() for part in module.split(".")) and name.isidentifier():
        return [_function(what, _found(what), options)]
    if options.at or options.gradient:
        refused = f"--at and --gradient belong to module:function, and {what} is an expression"
        raise ValueError(f"{refused}: write x=1.5 for it")
    expression, numbers = given(options)
    if not numbers:
        raise ValueError("the expression has no names to differentiate it by")
    # Not check(**numbers): a name may be "order" or "seed".
    return [checked(expression, (), numbers, None, None, options.order, 0, None)]


def printed(reports: list[Report]) -> int:
    """Print the one report, or of many those that are wrong and a summary; give the exit status."""
    wrong = [report for report in reports if not report.ok]
    for report in reports if len(reports) == 1 else wrong:
        print(report)
    if len(reports) > 1:
        partials = f"{sum(len(report.entries) for report in reports)} partials, 12 points each"
        right = f"{len(reports) - len(wrong)} of {len(reports)} rows of the table are right"
        print(f"{right} ({partials})")
    return int(bool(wrong))


def _function(what: str, f: Any, options: argparse.Namespace) -> Report:
    if isinstance(f, Op):
        return check(f)
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
    return check(f, *point, gradient=gradient, order=options.order)


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
