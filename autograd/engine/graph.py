"""Walks over a graph of values; they need only ``.operands``, and no recursion, so any depth will
do.
"""

from typing import Any, Protocol, TypeVar

__all__ = ["as_written", "topological"]


class Node(Protocol):
    """Anything made from operands of its own kind and compared by identity."""

    @property
    def operands(self) -> tuple["Node", ...]: ...


N = TypeVar("N", bound=Node)


def topological(output: N) -> list[N]:
    """List every value that output was made from, and output itself, operands before results.

    Reversed, this is the order of the reverse pass: a result comes up once all its users have
    passed their contributions (Kahn's algorithm, first in, first out; operands in the order of the
    operation, so it never varies).

    >>> from autograd import Value
    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> c = a + b
    >>> c.label = "c"
    >>> [v.label for v in topological(c)]
    ['a', 'b', 'c']
    """
    uses: dict[Any, int] = {output: 0}
    met: list[Any] = [output]
    for result in met:
        for operand in result.operands:
            if operand in uses:
                uses[operand] += 1
            else:
                uses[operand] = 1
                met.append(operand)
    order: list[Any] = [output]
    for result in order:
        for operand in result.operands:
            uses[operand] -= 1
            if not uses[operand]:
                order.append(operand)
    order.reverse()
    return order


def as_written(output: N) -> list[N]:
    """The same values, operands before results too, but in the order in which an expression is
    read: w, x, w * x, b ...

    >>> from autograd import Value
    >>> w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(1.0, "b")
    >>> as_written(w * x + b)
    [w = 2, x = 3, w * x = 6, b = 1, 6 + b = 7]
    """
    met: set[Any] = set()
    order: list[Any] = []
    ahead: list[tuple[Any, bool]] = [(output, False)]
    while ahead:
        value, its_operands_are_in = ahead.pop()
        if its_operands_are_in:
            order.append(value)
        elif value not in met:
            met.add(value)
            ahead.append((value, True))
            ahead += [
                (operand, False) for operand in reversed(value.operands) if operand not in met
            ]
    return order
