"""Graphs that a page computes: as data, and as a script with their rows."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from autograd.engine.changes import recomputed
from autograd.engine.reverse import topological
from autograd.engine.table import OPS, Op
from autograd.engine.value import Value
from autograd.export.javascript import rows


class Kinds:
    """The kinds of operations in graphs, which are rows with constants and counts of operands:
    ``facts`` is what a page knows of each, ``ops`` the rows in the order of its script."""

    def __init__(self, ops: Iterable[Op] = ()) -> None:
        self.ops = {op: i for i, op in enumerate(ops)}
        self.facts: list[dict[str, Any]] = []
        self._places: dict[Hashable, int] = {}

    def place(self, made: Any) -> int:
        """The number of the kind of what an operation made."""
        sizes = tuple(map(len, made.bundles))
        key = (made.op, made.constants, sizes, type(made))
        if key not in self._places:
            self._places[key] = len(self.facts)
            self.facts.append(self.described(made, sizes))
        return self._places[key]

    def described(self, made: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
        """What a page knows of a kind. Raises GraphError for a row with functions of Python."""
        row, operands = self.ops.setdefault(made.op, len(self.ops)), made.op.operands
        return {"row": row, "operands": operands, "constants": made.constants, "sizes": sizes}


def values(
    order: Sequence[Any], kinds: Kinds, recorded: Callable[[Any], Any] = lambda v: v
) -> list[list[Any]]:
    """Of each value its kind and its operands, as ``Tape`` needs them; [] of a leaf."""
    place = {v: i for i, v in enumerate(order)}
    made = map(recorded, order)
    return [[kinds.place(v), [place[o] for o in v.operands]] if v.operands else [] for v in made]


def computable(graphs: Mapping[str, Value]) -> tuple[dict[str, Any], str]:
    """Graphs by name as data, and the script that computes them: ``Tape(graph.values, kinds)``.

    Of each graph the data hold its values, the numbers of its leaves, its labels and where its
    ``end`` is; ``kinds`` is shared. The row of inner products is there in any case, for pages that
    draw networks. Raises GraphError where an operation is made of functions of Python.

    >>> from autograd import tanh
    >>> data, script = computable({"y": tanh(Value(0.5, "x"))})
    >>> data["graphs"]["y"]["values"], data["graphs"]["y"]["labels"]
    ([[], [0, [0]]], ['x', ''])
    """
    kinds, made = Kinds([OPS["dot"]]), dict[str, Any]()
    for name, output in graphs.items():
        order = topological(output)
        numbers = [0.0 if v.operands else v.data for v in order]
        facts = {"values": values(order, kinds), "numbers": numbers}
        made[name] = facts | {"labels": [v.label for v in order], "end": len(order) - 1}
    return {"graphs": made, "kinds": kinds.facts}, rows(kinds.ops)


def recompute(y: Value, leaves: Mapping[Value, float]) -> float:
    """What a graph gives with these numbers in some of its leaves; the graph stays as it is.

    Branches that the code took are not taken again. Raises ArithmeticError or ValueError where an
    operation of your own does.

    >>> x = Value(3.0, "x")
    >>> y = x * x if x > 0 else -x
    >>> recompute(y, {x: 2.0}), recompute(y, {x: -2.0}), y.data
    (4.0, 4.0, 9.0)
    """
    answer: float = recomputed(topological(y), leaves)[y]
    return answer
