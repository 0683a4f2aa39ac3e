"""A function under examination: each call is counted, and what it does besides is noticed."""

import math
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.checking.inputs import Arguments, epsilon, real, reals, same
from autograd.checking.line import Line, scales
from autograd.checking.report import Finding, Report
from autograd.engine.errors import DomainError
from autograd.engine.notation import called
from autograd.tree import Tree, numbers

COPY = "work on a copy: list(v), array.copy(), x + 0"


class Outside(Exception):
    """The function has no value at the point: outside its domain, or overflow."""


class Probe:
    """A function of floats, or of Values, as one of a flat list of numbers; nan where undefined."""

    def __init__(self, arguments: Arguments, *, on_values: bool = False) -> None:
        self.arguments, self.on_values = arguments, on_values
        self.calls = 0
        self.pure = self.steady = True  # no call changed its arguments; all gave the same numbers
        self.subject, self.centre = called(arguments.f), list[float]()
        self.outside = Tree()
        self.passed: list[Any] = []  # what the latest call got for each number
        self.epsilon = arguments.epsilon

    def result(self, at: Sequence[float]) -> Any:
        """What the function returns; Outside where it has no value, other errors in a sentence."""
        self.calls += 1
        try:
            result, self.passed, pure = self.arguments.call(at, as_values=self.on_values)
        except Exception as error:
            if _of_the_domain(error):
                came = f"{type(error).__name__}: {error}"
                raise Outside(f"the function is not defined ({came})") from error
            given, hint = self.arguments, ""
            whole = [name for name, x in given.given.items() if type(x) is int]
            if whole and isinstance(error, (TypeError, IndexError, KeyError)):
                hint = f" ({whole[0]} is an int; an index has no derivative: fix it, "
                hint += "check(lambda x: f(x, i), x))"
            needed = f"check needs a function that runs: {self.subject}"
            raise refused(error, needed, given.at(), hint) from error
        self.pure &= pure
        return result

    def __call__(self, at: Sequence[float]) -> list[float]:
        try:
            return [real(y) for y in numbers(self.result(at))]
        except Outside:
            return [math.nan] * max(1, len(self.centre))

    def start(self) -> Any:
        """The first result, at the point itself; refused if it is no number nor holds any."""
        result = self.result(self.arguments.numbers)
        self.centre = reals(result, "check needs a function that returns numbers")
        self.outside = Tree.of(result)
        self.epsilon = max(self.epsilon, epsilon(self.outside))
        return result

    def undefined(self, says: object) -> Report:
        """The report on a function that has no value at the point."""
        finding = Finding("DOMAIN", f"{says} at {self.arguments.at()}", "stay inside the domain")
        return Report(self.subject, (), (finding,), self.calls)

    def questioned(self, examine: Callable[[], Report]) -> Report:
        """A report on the function, unless it gives two answers to one question."""
        self._again()
        report = Report(self.subject, ())
        if self.steady and self.pure:
            found = examine()
            self._again(1 if found.ok else 8)  # randomness that is seldom shows in many calls
            report = found if self.steady else report
        findings = list(report.findings)
        if not self.steady:
            pairs = list(zip(self.centre, self(self.arguments.numbers), strict=False))
            first, then = next((p for p in pairs if p[0] != p[1]), pairs[0])
            evidence = f"f gave {first:.6g} and then {then:.6g} for the same input"
            remedy = "fix its seed, or pass the random numbers in as arguments"
            findings.append(Finding("NONDETERMINISTIC", evidence, remedy))
        elif not self.pure:
            evidence = "f changed its arguments, so that its next call starts from other numbers"
            findings.append(Finding("IMPURE", evidence, COPY))
        return replace(report, findings=tuple(findings), calls=self.calls)

    def _again(self, times: int = 1) -> None:
        for _ in range(times):
            self.steady &= alike(self(self.arguments.numbers), self.centre, self.epsilon)

    def along(self, direction: dict[int, float], point: Sequence[float] = ()) -> Line:
        """The line along the nonzero components of a direction, through the point or another."""
        point, (first, *others) = point or self.arguments.numbers, direction

        def outputs(t: float) -> tuple[float, Sequence[float]]:
            there = list(point)
            for i, d in direction.items():
                there[i] += t * d
            return t if others else self._step(point[first], t), self(there)

        if not others:
            reach, fine = scales(point[first], self.epsilon)
        else:
            largest = max(abs(point[i] / d) for i, d in direction.items() if d)
            reach, fine = 0.3, max(largest * self.epsilon * 16, 1e-20)
        return Line(outputs, reach, fine, self.epsilon)

    def _step(self, x: float, t: float) -> float:
        """The step as the argument holds it: one of float32 holds nothing finer."""
        if self.epsilon < 2.0**-23:
            return (x + t) - x
        there, here = struct.unpack("ff", struct.pack("ff", x + t, x))
        return float(there - here)


def alike(now: Sequence[float], before: Sequence[float], epsilon: float) -> bool:
    """Whether two answers agree but for rounding: parallel sums have another order each time."""
    largest = max((abs(y) for y in before if math.isfinite(y)), default=0.0)
    return same(now, before, 16 * epsilon * largest)


def _of_the_domain(error: Exception) -> bool:
    """Whether an exception means that the point is outside the domain, and no mistake."""
    outside = re.search(r"math domain|math range|expected a .*(got|input)", f"{error}")
    value = isinstance(error, ValueError) and bool(outside)
    return value or isinstance(error, (ArithmeticError, DomainError))


def refused(error: Exception, needed: str, where: str, hint: str = "") -> Exception:
    """One sentence about an exception in the user's code, as a TypeError or a ValueError."""
    first = f"{error}".partition("\n")[0]
    sentence = f"{needed} raised {type(error).__name__} at {where}: {first}{hint}"
    return TypeError(sentence) if isinstance(error, TypeError) else ValueError(sentence)
