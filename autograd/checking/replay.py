"""A recorded graph, computed again at other numbers and in other arithmetics.

>>> x = Value(0.0, "x")
>>> again = Replay(x.exp() + x)
>>> again.at({x: 1.0})
3.718281828459045
"""

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.engine.formula import EDGE, Arithmetic, result_formula
from autograd.engine.reverse import topological
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = ["Replay", "grouped", "numbers_of"]


class Replay:
    """The operations beneath an output, in order, ready to be computed with other numbers in the
    leaves.
    """

    def __init__(self, output: Value) -> None:
        self.output = output
        self.order = topological(output)

    def at(
        self, leaves: Mapping[Value, Any], arithmetic: Arithmetic = EDGE, lift: Any = float
    ) -> Any:
        """The output with these numbers in some leaves; the other leaves keep theirs."""
        known: dict[Value, Any] = {}
        for value in self.order:
            op = value.op
            if value in leaves:
                known[value] = leaves[value]
            elif op is None or not value.operands:
                known[value] = lift(value.data)
            else:
                given = [[known[v] for v in many] for many in value.bundles]
                known[value] = result_formula(op, arithmetic)(*grouped(op, given), *value.constants)
        return known[self.output]

    def depending(self, inputs: Sequence[Value]) -> set[Value]:
        """The inputs, and every result that is made from one of them."""
        depends = set(inputs)
        for value in self.order:
            if any(v in depends for v in value.operands):
                depends.add(value)
        return depends

    def stale(self) -> Value | None:
        """The first result whose operands have other numbers now than when it was recorded."""
        for value in self.order:
            if value.operands:
                assert value.op is not None
                given = grouped(value.op, [[v.data for v in many] for many in value.bundles])
                now = result_formula(value.op, EDGE)(*given, *value.constants)
                if abs(now - value.data) > 1e-9 * abs(value.data) or (now != now) != (
                    value.data != value.data
                ):
                    return value
        return None


def grouped(op: Op, bundles: Sequence[list[Any]]) -> list[Any]:
    """Numbers as the formulas of a row take them: a list for a starred operand, else the one, or 0
    where none is.
    """
    return [
        numbers if name.startswith("*") else (numbers[0] if numbers else 0.0)
        for name, numbers in zip(op.operands, bundles, strict=True)
    ]


def numbers_of(value: Value) -> list[list[float]]:
    """The numbers of a result's operands, grouped as its row names them."""
    return [[v.data for v in many] for many in value.bundles]
