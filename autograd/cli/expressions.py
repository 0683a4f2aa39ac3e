"""The expression of a command line, and the numbers of its names."""

import argparse
import unicodedata
from math import isinf

from autograd.debugging.grammar import Expression
from autograd.engine.value import Value


def computed(options: argparse.Namespace) -> tuple[Value, dict[str, Value]]:
    """The result of the expression, and its inputs by name."""
    expression, numbers = given(options)
    inputs = {name: Value(numbers[name], name) for name in expression.names}
    return expression(**inputs), inputs


def given(options: argparse.Namespace) -> tuple[Expression, dict[str, float]]:
    """The expression, and the number of each of its names. Raises ValueError."""
    numbers: dict[str, float] = {}
    for text in map(str.strip, options.numbers):
        name, sign, digits = text.partition("=")
        name = unicodedata.normalize("NFKC", name)  # as Python's parser reads names
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
