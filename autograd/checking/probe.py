"""A function under examination: numbers in, numbers out, each call counted, and what it does
besides noticed.

>>> probe = Probe(Arguments(math.exp, (1.0,), {}))
>>> probe([0.0]), probe.calls
([1.0], 1)
"""

import math
import re
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from autograd.checking.inputs import Arguments, epsilon, same
from autograd.checking.report import Finding
from autograd.checking.slopes import Line, scales
from autograd.engine.errors import DomainError
from autograd.engine.notation import called, described
from autograd.engine.value import Value
from autograd.tree import Tree, numbers

__all__ = ["Outside", "Probe", "shown"]

T = TypeVar("T")


class Outside(Exception):
    """The function has no value at the point: outside its domain, or overflow."""


class Probe:
    """A function of floats (or of Values, if those are what it wants) as a function of a flat list
    of numbers.

    Outside its domain it is nan. pure turns False when a call changes its arguments, steady when
    the same numbers give another result."""

    def __init__(
        self, arguments: Arguments, *, on_values: bool = False, f: Callable[..., Any] | None = None
    ) -> None:
        self.arguments, self.on_values, self.f = arguments, on_values, f or arguments.f
        self.calls = 0
        self.pure = self.steady = True
        self.centre: list[float] = []
        self.epsilon = arguments.epsilon

    def result(self, at: Sequence[float]) -> Any:
        """What the function returns there; Outside where it has no value, one sentence for any
        other exception.
        """
        self.calls += 1
        try:
            result, pure = self.arguments.call(at, self.f, as_values=self.on_values)
        except Exception as error:
            if undefined(error):
                raise Outside(f"{type(error).__name__}: {error}") from error
            raise type_of(error)(self.complaint(error)) from error
        self.pure &= pure
        return result

    def complaint(self, error: Exception) -> str:
        """One sentence about an exception that the function raised."""
        given = self.arguments
        where = given.at(range(len(given.numbers)))
        first = f"{error}".partition("\n")[0]
        text = f"check needs a function that runs: {called(self.f)} raised {type(error).__name__} at {where}: {first}"
        whole = [name for name, x in given.given.items() if type(x) is int]
        if whole and isinstance(error, (TypeError, IndexError, KeyError)):
            text += f" ({whole[0]} is an int; an index has no derivative: fix it, check(lambda x: f(x, i), x))"
        return text

    def __call__(self, at: Sequence[float]) -> list[float]:
        try:
            outputs = numbers(self.result(at))
        except Outside:
            return [math.nan] * max(1, len(self.centre))
        return [real(y) for y in outputs]

    def start(self) -> Any:
        """The first result, at the point itself; refused if it is no number nor holds any."""
        result = self.result(self.arguments.numbers)
        self.centre = reals(result, "check needs a function that returns numbers")
        self.epsilon = max(self.epsilon, epsilon(Tree.of(result)))
        return result

    def again(self, times: int = 1) -> None:
        """Ask at the point once more: a steady function gives the same numbers."""
        for _ in range(times):
            self.steady &= alike(self(self.arguments.numbers), self.centre, self.epsilon)

    def trouble(self, name: str = "f") -> Finding | None:
        """What the function does that no function should, if it was caught at it."""
        if not self.steady:
            now = self(self.arguments.numbers)
            pairs = list(zip(self.centre, now, strict=False))
            first, then = next((p for p in pairs if p[0] != p[1]), pairs[0])
            evidence = f"{name} gave {first:.6g} and then {then:.6g} for the same input"
            remedy = "fix its seed, or pass the random numbers in as arguments"
            return Finding("NONDETERMINISTIC", evidence, remedy)
        if not self.pure:
            evidence = f"{name} changed the arguments that it was given, so its next call starts from other numbers"
            return Finding("IMPURE", evidence, "work on a copy: list(v), array.copy(), x + 0")
        return None

    def line(self, i: int) -> Line:
        """The line through the point along one input."""
        numbers = self.arguments.numbers
        x = numbers[i]
        fits = self.epsilon >= 2.0**-23

        def outputs(t: float) -> tuple[float, Sequence[float]]:
            there = list(numbers)
            there[i] = x + t
            return (_rounded(x + t) - _rounded(x) if fits else there[i] - x), self(there)

        return Line(outputs, *scales(x, self.epsilon), self.epsilon)

    def along(self, direction: dict[int, float]) -> Line:
        """The line through the point along a direction, given by its nonzero components."""
        numbers = self.arguments.numbers

        def outputs(t: float) -> tuple[float, Sequence[float]]:
            there = list(numbers)
            for i, d in direction.items():
                there[i] += t * d
            return t, self(there)

        fine = max((abs(numbers[i] / d) for i, d in direction.items() if d), default=0.0)
        return Line(outputs, 0.3, max(fine * self.epsilon * 16, 1e-20), self.epsilon)


def _rounded(x: float) -> float:
    """The nearest float32: an argument of that kind holds nothing finer."""
    rounded: float = struct.unpack("f", struct.pack("f", x))[0]
    return rounded


def alike(now: Sequence[float], before: Sequence[float], epsilon: float) -> bool:
    """Whether two answers agree but for rounding: parallel sums add up in another order each time."""
    slack = 16 * epsilon * max((abs(y) for y in before if math.isfinite(y)), default=0.0)
    return len(now) == len(before) and all(
        same([a], [b]) or abs(a - b) <= slack for a, b in zip(now, before, strict=True)
    )


def reals(result: Any, needed: str) -> list[float]:
    """The numbers in a result as floats; refused in one sentence if there are others than numbers."""
    found = []
    for y in numbers(result):
        if isinstance(y, (str, bytes)) or not (
            hasattr(type(y), "__float__") or isinstance(y, complex)
        ):
            hint = ": is a return missing?" if y is None else ""
            raise TypeError(f"{needed}, got {described(y)}{hint}")
        found.append(real(y))
    return found


def real(y: Any) -> float:
    """A number as a float; nan if it is complex, as a negative number to a broken power is."""
    if isinstance(y, complex):
        return y.real if y.imag == 0 else math.nan
    return y.data if isinstance(y, Value) else float(y)


def undefined(error: Exception) -> bool:
    """Whether an exception means that the point is outside the domain, and no mistake in the
    program.
    """
    if isinstance(error, (ArithmeticError, DomainError)):
        return True
    return isinstance(error, ValueError) and bool(
        re.search(r"math domain|math range|expected a .*(got|input)", f"{error}")
    )


def type_of(error: Exception) -> type[Exception]:
    """What a refusal is raised as: a TypeError stays one, all else is a ValueError."""
    return TypeError if isinstance(error, TypeError) else ValueError


def shown(items: Iterable[T], count: int, unit: str) -> Iterator[T]:
    """Pass items on; after half a second, on a terminal, draw a bar of how many are done."""
    began, drawn = time.monotonic(), False
    for done, item in enumerate(items):
        if sys.stderr.isatty() and time.monotonic() - began > 0.5:
            full, drawn = round(24 * done / count), True
            bar = f"checking {unit} {done}/{count} {'█' * full}{'░' * (24 - full)}"
            print(f"\r{bar}\x1b[K", end="", file=sys.stderr, flush=True)
        yield item
    if drawn:
        print("\r\x1b[K", end="", file=sys.stderr)
