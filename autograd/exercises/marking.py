"""Answers as people write them, and what they are worth: right, right so far, or which slip."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from math import isfinite, isinf
from typing import Any, NamedTuple

from autograd.debugging.grammar import Expression
from autograd.debugging.syntax import ExpressionError
from autograd.drawing.mistakes import ROUNDING, SAID, SHARE
from autograd.engine.functions import FUNCTIONS
from autograd.engine.notation import short
from autograd.engine.number import number
from autograd.exercises.questions import Question
from autograd.exercises.slips import Slip

UNKNOWN = f"{SAID['unknown']}: hint helps, solve gives the answer"
# Slips that say what the number is, and not how one came to it: named where nothing else is.
GENERAL = {"value for partial", "other operand", "upside down", "zero", "other question"}


class Answer(NamedTuple):
    """A number that somebody wrote, and half a unit of its last digit (0 for an expression)."""

    number: float
    half_unit: float = 0.0

    def fits(self, x: float, size: float = 0.0) -> bool:
        """Whether it is x: within 0.5 % of it, or 0.05 % of the largest number that is added."""
        if not (isfinite(x) and isfinite(self.number)):
            return repr(self.number) == repr(x)
        return abs(self.number - x) <= max(SHARE * abs(x), ROUNDING * size)

    def rounds(self, x: float) -> bool:
        """Whether x, rounded to as many digits, is the answer; of two digits or more."""
        enough = abs(self.number) >= 20 * self.half_unit
        return enough and 0 < abs(self.number - x) <= self.half_unit * (1 + 1e-9)


class Verdict(NamedTuple):
    """What an answer is: right or not, in a sentence, and the slips that lead to its number."""

    right: bool
    text: str
    slips: tuple[Slip, ...] = ()
    close: bool = False  # right as far as it goes, with too few digits


def read(given: Any, known: Mapping[str, float]) -> Answer:
    """The answer, from a number or from text: digits or an expression, in which known names and
    derivatives stand for their numbers.

    Raises ExpressionError (a ValueError) for what is neither, TypeError for what is no number.

    >>> read("0.46", {}), read("0.5*(1 - tanh**2)", {"tanh": 0.6}).number
    (Answer(number=0.46, half_unit=0.005), 0.32)
    """
    if not isinstance(given, str):
        x = number(given, "an answer needs a number, or text")
        return Answer(x, _half_unit(repr(x).removesuffix(".0")))
    text = given.strip().replace("−", "-")
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        raise ExpressionError(f"a decimal point is needed, got {text}: {text.replace(',', '.')}")
    try:
        x = float(text)
    except ValueError:
        pass
    else:
        if isinf(x) and "inf" not in text.lower():
            raise ExpressionError(f"a number below 1.8e308 is needed, got {text}: write inf")
        return Answer(x, _half_unit(text))
    # w.grad, mul#1 and dy/dx are no names of the grammar, and tanh is a function of it.
    odd = [name for name in known if not name.isidentifier() or name in FUNCTIONS]
    if odd:
        name = "|".join(map(re.escape, sorted(odd, key=len, reverse=True)))
        text = re.sub(rf"(?<![\w.#])(?:{name})(?![\w.#(])", lambda m: f"({known[m[0]]!r})", text)
    expression = Expression(text)
    if unknown := [name for name in expression.names if name not in known]:
        names = ", ".join(known) or "numbers"
        raise ExpressionError(f"there is no {unknown[0]} to answer with, only {names}")
    return Answer(expression(**{name: known[name] for name in expression.names}).data)


def _half_unit(text: str) -> float:
    try:
        exponent = Decimal(text).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    return float(f"5e{exponent - 1}") if isinstance(exponent, int) else 0.0


def judged(question: Question, answer: Answer, slips: list[Slip]) -> Verdict:
    """Whether an answer is right; else the slips whose number it is, nearest first.

    Of slips that lead to (nearly) the same number all are named."""
    right = question.answer
    if answer.fits(right, question.size):
        return Verdict(True, f"right: {question.name} = {short(right)}")
    if answer.rounds(right):
        return Verdict(False, SAID["few"], close=True)
    fitting = [slip for slip in slips if answer.fits(slip.number) or answer.rounds(slip.number)]
    if not fitting:
        return Verdict(False, UNKNOWN)
    away = [abs(slip.number - answer.number) for slip in fitting]
    near = min(away) + max(answer.half_unit, 0.001 * abs(answer.number))
    nearest = [slip for slip, d in zip(fitting, away, strict=True) if not d > near]
    special = [slip for slip in nearest if slip.kind not in GENERAL]
    named = {slip.why: slip for slip in special or nearest}
    return Verdict(False, f"not yet: {'; or '.join(named)}", tuple(named.values()))
