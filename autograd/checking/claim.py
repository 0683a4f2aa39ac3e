"""A derivative that somebody claims: numbers, or a function that gives them, in any of the usual
shapes.

>>> claim = Claim(Arguments(lambda a, b: a * b, (2.0, 3.0), {}), lambda a, b: (b, a), "gradient")
>>> claim.jacobian(1)
[[3.0, 2.0]]
"""

from collections.abc import Sequence
from typing import Any

from autograd.checking.inputs import Arguments, leaves
from autograd.checking.probe import real, type_of
from autograd.engine.notation import described
from autograd.engine.value import Value

__all__ = ["Claim"]


class Claim:
    """What is claimed to be the derivative of a function; name is what errors call it.

    steady turns False when it gives two answers to one question, pure when it changes its
    arguments."""

    def __init__(self, arguments: Arguments, claim: Any, name: str) -> None:
        self.arguments, self.claim, self.name = arguments, claim, name
        self.steady = self.pure = True

    def jacobian(self, m: int) -> list[list[float]]:
        """The claim at the point, a row for each of m outputs; refused if there are too few or too
        many numbers.
        """
        claim = self.claim
        if callable(claim):
            claim = self._called(self.arguments.numbers)
            self.steady = self._same(claim, self._called(self.arguments.numbers))
        numbers, n, groups = self._reals(claim), len(self.arguments.numbers), self.arguments.groups
        if len(numbers) == m * n:
            if m == 1 or len(groups) == 1:
                return [numbers[j * n : (j + 1) * n] for j in range(m)]
            return self._by_argument(numbers, m)
        if len(numbers) == m == n and len(groups) == 1:
            # Element by element: the Jacobian has nothing beside its diagonal.
            return [[g if i == j else 0.0 for i in range(n)] for j, g in enumerate(numbers)]
        needed = (
            f"{n} number{'s' * (n != 1)}"
            if m == 1
            else f"{m} x {n} numbers, one for each output and input"
        )
        raise TypeError(
            f"check needs {self.name} to hold {needed}, got {len(numbers)}: {described(claim)}"
        )

    def elsewhere(self, numbers: Sequence[float]) -> list[float]:
        """The claim at other numbers."""
        return self._reals(self._called(numbers))

    def _same(self, claim: Any, again: Any) -> bool:
        """Whether two answers agree but for rounding: parallel sums add up in another order each
        time.
        """
        first, second = self._reals(claim), self._reals(again)
        slack = (
            16 * self.arguments.epsilon * max((abs(g) for g in first if g - g == 0), default=0.0)
        )
        return len(first) == len(second) and all(
            a == b or (a != a and b != b) or abs(a - b) <= slack
            for a, b in zip(first, second, strict=True)
        )

    def _by_argument(self, numbers: list[float], m: int) -> list[list[float]]:
        """A Jacobian for each argument, side by side."""
        rows: list[list[float]] = [[] for _ in range(m)]
        start = 0
        for group in self.arguments.groups:
            for j, row in enumerate(rows):
                row += numbers[start + j * len(group) : start + (j + 1) * len(group)]
            start += m * len(group)
        return rows

    def _called(self, numbers: Sequence[float]) -> Any:
        try:
            claim, pure = self.arguments.call(numbers, self.claim)
        except Exception as error:
            where = self.arguments.at(range(len(numbers)))
            sentence = f"check needs a derivative that runs: {self.name} raised {type(error).__name__} at {where}: {error}"
            raise type_of(error)(sentence) from error
        self.pure &= pure
        return claim

    def _reals(self, claim: Any) -> list[float]:
        numbers = []
        for g in leaves(claim):
            if isinstance(g, (str, bytes, bool)) or not (
                hasattr(type(g), "__float__") or isinstance(g, Value)
            ):
                hint = ": is a return missing?" if g is None else ""
                raise TypeError(
                    f"check needs {self.name} to hold numbers, got {described(g)}{hint}"
                )
            numbers.append(real(g))
        return numbers
