"""``python -m autograd check``: derivatives against independent numbers, of an expression, of a
function of a module, or of every row of the table."""

import argparse
import ast
import sys
from importlib import import_module
from typing import Any

from autograd.cli.expressions import given
from autograd.engine.table import OPS, Op


def check(options: argparse.Namespace) -> int:
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
    from autograd.checking import checks  # slow to import

    if options.expression is None:
        return [checks.check(op) for op in OPS.values()]
    what = options.expression.strip()
    module, colon, name = what.partition(":")
    if not (colon and all(map(str.isidentifier, (*module.split("."), name)))):
        if options.at or options.gradient:
            refused = f"--at and --gradient belong to module:function, and {what} is an expression"
            raise ValueError(f"{refused}: write x=1.5 for it")
        expression, numbers = given(options)
        if not numbers:
            raise ValueError("the expression has no names to differentiate it by")
        # Not check(**numbers): a name may be "order" or "seed".
        return [checks.checked(expression, (), numbers, None, None, options.order, 0, None)]
    f = _found(what)
    if isinstance(f, Op):
        return [checks.check(f)]
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
    return [checks.check(f, *point, gradient=gradient, order=options.order)]


def _found(path: str) -> Any:
    """What module:function names, in a module of the user's."""
    module, _, name = path.partition(":")
    if not name:
        raise ValueError(f"a function is given as module:function, got {path}")
    if sys.path[:1] != [""]:
        sys.path.insert(0, "")  # the user's modules lie where the command is run
    try:
        found = import_module(module.removesuffix(".py"))
    except Exception as error:
        raise ValueError(f"cannot import {module}: {type(error).__name__}: {error}") from None
    if not hasattr(found, name):
        raise ValueError(f"{module} has no {name}")
    return getattr(found, name)
