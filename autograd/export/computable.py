"""Graphs that a page computes: as data, and as a script with their rows."""

from collections.abc import Hashable, Mapping
from typing import Any

from autograd.engine.formula import EDGE, result_formula
from autograd.engine.reverse import topological
from autograd.engine.table import OPS, Op
from autograd.engine.value import Value
from autograd.export.javascript import rows, tape

__all__ = ["computable", "recompute"]


def computable(graphs: Mapping[str, Value], dots: bool = True) -> tuple[dict[str, Any], str]:
    """Graphs by name as data, and the script that computes them: ``Tape(graph.values, kinds)``.

    Of each graph the data hold its values, the numbers of its leaves, its labels and where its
    ``end`` is; ``kinds`` is shared. dots: whether the row of inner products is there in any case.
    Raises GraphError where an operation is made of functions of Python.

    >>> from autograd import tanh
    >>> data, script = computable({"y": tanh(Value(0.5, "x"))}, dots=False)
    >>> data["graphs"]["y"]["values"], data["graphs"]["y"]["labels"]
    ([[], [0, [0]]], ['x', ''])
    """
    ops: dict[Op, int] = {OPS["dot"]: 0} if dots else {}
    kinds: dict[Hashable, int] = {}
    facts: list[dict[str, Any]] = []
    made: dict[str, Any] = {}
    for name, output in graphs.items():
        order = topological(output)
        place = {v: i for i, v in enumerate(order)}
        values: list[list[Any]] = []
        for v in order:
            if v.op is None or not v.operands:
                values.append([])
                continue
            sizes = tuple(map(len, v.bundles))
            if (key := (v.op, v.constants, sizes)) not in kinds:
                kinds[key] = len(facts)
                row = {"row": ops.setdefault(v.op, len(ops)), "operands": v.op.operands}
                facts.append(row | {"constants": v.constants, "sizes": sizes})
            values.append([kinds[key], [place[operand] for operand in v.operands]])
        numbers = [0.0 if values[i] else v.data for i, v in enumerate(order)]
        labels = [v.label for v in order]
        made[name] = {"values": values, "numbers": numbers, "labels": labels, "end": place[output]}
    return {"graphs": made, "kinds": facts}, f"{rows(ops)}\n{tape()}"


def recompute(y: Value, leaves: Mapping[Value, float]) -> float:
    """What a graph gives with these numbers in some of its leaves; the graph stays as it is.

    Branches that the code took are not taken again. Raises ArithmeticError or ValueError where an
    operation of your own does.

    >>> x = Value(3.0, "x")
    >>> y = x * x if x > 0 else -x
    >>> recompute(y, {x: 2.0}), recompute(y, {x: -2.0}), y.data
    (4.0, 4.0, 9.0)
    """
    known: dict[Value, float] = {}
    for v in topological(y):
        if v.op is None or not v.operands:
            known[v] = leaves.get(v, v.data)
        else:
            given = v.op.grouped([[known[operand] for operand in many] for many in v.bundles])
            known[v] = result_formula(v.op, EDGE)(*given, *v.constants)
    return known[y]
