"""A function along a line: what finite differences ask for, and at which steps."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Outputs = tuple[float, Sequence[float]]

EPSILON = 2.0**-52
# No power of two: a function of that period would look flat at every step.
RATIO = 3.1
RUNGS = 34


@dataclass(eq=False)
class Line:
    """A function along a line through the point: t, how far from it, to the step as rounding left
    it and the outputs there; each asked once."""

    outputs: Callable[[float], Outputs]
    reach: float  # the largest step,
    fine: float  # and the smallest
    epsilon: float = EPSILON  # the rounding unit of the outputs
    known: dict[float, Outputs] = field(default_factory=dict)

    @classmethod
    def of(cls, f: Callable[[float], float], x: float, epsilon: float = EPSILON) -> "Line":
        """The line of a function of one number."""

        def outputs(t: float) -> Outputs:
            try:
                return (x + t) - x, [f(x + t)]
            except (ArithmeticError, ValueError):
                return t, [math.nan]

        return cls(outputs, *scales(x, epsilon), epsilon)

    def at(self, t: float, output: int = 0) -> tuple[float, float]:
        """The step as rounding left it, and that output there."""
        if t not in self.known:
            self.known[t] = self.outputs(t)
        step, numbers = self.known[t]
        return step, numbers[output]


def scales(x: float, epsilon: float = EPSILON) -> tuple[float, float]:
    """The largest and the smallest step that make sense at x."""
    return 0.3 * max(1.0, abs(x)), abs(x) * epsilon * 6 or 1e-20


def ladder(line: Line) -> list[float]:
    """The steps, from the largest to the smallest."""
    count = math.ceil((math.log(line.reach) - math.log(line.fine)) / math.log(RATIO)) + 1
    steps = [line.reach * RATIO**-k for k in range(count)]
    # At 1e-300 the steps that matter are those of the size of x, and those of the size of 1.
    return steps if count <= 2 * RUNGS else steps[:RUNGS] + steps[-RUNGS:]
