"""The same function on Values: what a plain Python function computes, recorded, so that it can be
replayed.

Many functions run on Values as they are (``lambda x: x**3``). Where the recorded twin gives the
same numbers as the function, its slopes at sixty digits are the function's, and its paths say what
a wrong gradient left out."""

import math
from collections.abc import Sequence

from autograd.checking.digits import exact_slope, in_floats
from autograd.checking.inputs import Arguments, leaves
from autograd.checking.replay import Replay
from autograd.checking.slopes import Line, Slope
from autograd.checking.words import close, lost_paths
from autograd.engine.notation import expression, short
from autograd.engine.reverse import sweep
from autograd.engine.value import Value

__all__ = ["Twin"]


def part(result: Value) -> str:
    """``x * x``: an operation on its operands, as the blackboard has it."""
    assert result.op is not None
    return expression(
        result.op, [v.label or short(v.data) for v in result.operands], map(short, result.constants)
    )


# Replayed at sixty digits up to this many operations, for up to so many inputs.
OPERATIONS, INPUTS = 400, 40


class Twin:
    """A function's graph, with a leaf for each input.

    >>> twin = Twin.of(Arguments(lambda x: x * x + x, (3.0,), {}), [12.0])
    >>> twin.lost(0, 7.0), twin.lost(0, 6.0)
    ('', 'it is the sum of 2 of 3 contributions: = in place of +=')
    """

    def __init__(self, output: Value, inputs: list[Value]) -> None:
        self.replay, self.inputs = Replay(output), inputs

    @classmethod
    def of(cls, arguments: Arguments, centre: Sequence[float]) -> "Twin | None":
        """The twin of a function with one output, whose number at the point is known; None where it
        has none.
        """
        if len(centre) != 1 or len(arguments.numbers) > INPUTS:
            return None
        try:
            inputs, built = arguments.values()
            y = leaves(arguments.pass_to(arguments.f, built))[0]
        except Exception:  # a function of floats may do with a Value what it likes
            return None
        if not isinstance(y, Value) or not y.operands or not close(y.data, centre[0], 1e-13):
            return None
        return cls(y, inputs)

    def slope(self, line: Line, i: int) -> Slope | None:
        """The slope along one input at sixty digits, if the graph is the function at the points
        asked so far.
        """
        order, leaf = self.replay.order, self.inputs[i]
        if len(order) > OPERATIONS or any(v.op and v.op.vocabulary for v in order):
            return None
        scale = abs(leaf.data) or 1.0
        near = [t for t in line.known if 1e-9 * scale < abs(t) <= 1e-2 * scale]
        if not near or not all(
            close(line.at(t)[1], self.replay.at({leaf: leaf.data + t}), 1e-13) for t in near
        ):
            return None
        truth = exact_slope(lambda x, a: self.replay.at({leaf: x}, a, a.lift), leaf.data)
        return None if truth is None else in_floats(truth)

    def lost(self, i: int, ours: float) -> str:
        """Which contributions of the paths to an input ours is the sum of, if it is not all of
        them.
        """
        return lost_paths(ours, self._paths(self.inputs[i])[1])

    def inner(self, i: int, ratio: float) -> tuple[str, float] | None:
        """The part of the function whose own derivative is what ours lacks (ratio * slope is 1),
        and that slope.
        """
        slopes: dict[Value, float] = {self.inputs[i]: 1.0}
        for result in self.replay.order:
            pairs = zip(result.operands, result.partials, strict=True)
            parts = [p * slopes[v] for v, p in pairs if v in slopes]
            if parts:
                slopes[result] = math.fsum(parts)
                if result is not self.replay.output and close(ratio * slopes[result], 1):
                    return part(result), slopes[result]
        return None

    def true(self, i: int) -> float:
        """The derivative by an input, summed over the paths."""
        return math.fsum(self._paths(self.inputs[i])[1])

    def _paths(self, leaf: Value) -> tuple[dict[Value, float], list[float]]:
        grads: dict[Value, float] = {self.replay.output: 1.0}
        parts: list[float] = []
        for _, _, operand, _, _, contribution in sweep(self.replay.order, grads):
            if operand is leaf:
                parts.append(contribution)
        return grads, parts
