"""Graphs of micrograd's, and of engines that a learner wrote after its lecture, as graphs of ours.

Their nodes have ``data``, ``grad``, ``_op`` and ``_prev``, most often a set, which forgets the
order of the operands: that in which they give the node's number is taken."""

import operator
from collections.abc import Callable, Iterable, Iterator
from math import isclose
from typing import Any

from autograd.engine import elementwise
from autograd.engine.errors import GraphError
from autograd.engine.notation import short
from autograd.engine.table import OPS
from autograd.engine.value import Value

BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
BINARY["**"] = operator.pow
UNARY = {"neg": "negative"} | {
    name: op.name
    for op in OPS.values()
    if len(op.operands) == 1 and not op.nary
    for name in (op.name, *op.aliases)
    if hasattr(elementwise, op.name)
}


Step = tuple[Callable[..., Any], list[int]]  # what a node does, and with which nodes before it


def is_micrograd(x: Any) -> bool:
    """Whether x is a node as micrograd has them, and none of ours."""
    facts = ("data", "grad", "_prev", "_op")
    return not isinstance(x, (Value, type)) and all(hasattr(x, name) for name in facts)


def from_micrograd(output: Any) -> Value:
    """The same graph of our Values, with the labels that there are: to step through, draw, check.

    Knows + - * / ** and the operations of one operand by their names in the table. Raises TypeError
    for what is no node of micrograd's, GraphError for an operation that is not known, or that gave
    another number than ours.

    >>> class Node:  # as in the lecture
    ...     def __init__(self, data, children=(), op=""):
    ...         self.data, self.grad, self._prev, self._op = data, 0.0, set(children), op
    >>> x, y = Node(3.0), Node(2.0)
    >>> from_micrograd(Node(1.5, (x, y), "/"))
    3 / 2 = 1.5
    """
    if not is_micrograd(output):
        needed = "from_micrograd needs a Value of micrograd's, with data, grad, _prev and _op"
        raise TypeError(f"{needed}, got {type(output).__name__}")
    reading = Reading(output)
    made: list[Value] = reading.computed([Value(leaf.data) for leaf in reading.leaves])
    for node, value in zip(reading.order, made, strict=True):
        value.label = getattr(node, "label", "")
    return made[-1]


class Reading:
    """A graph of micrograd's: its nodes in order, and what each does with those before it."""

    def __init__(self, output: Any) -> None:
        self.order = list(_topological(output))
        self.leaves = [node for node in self.order if not node._prev]
        place = {id(node): i for i, node in enumerate(self.order)}
        self.steps = [self._step(node, place) for node in self.order]

    def computed(self, leaves: Iterable[Any]) -> list[Any]:
        """Every node, from other leaves: Values or numbers."""
        rest, known = iter(leaves), list[Any]()
        for step in self.steps:
            known.append(next(rest) if step is None else step[0](*[known[i] for i in step[1]]))
        return known

    def _step(self, node: Any, place: dict[int, int]) -> Step | None:
        if not node._prev:
            return None
        given = _operands(node)
        came = list[str]()
        for f, operands in _candidates(node._op, given):
            numbers = [float(operand.data) for operand in operands]
            y = float(f(*numbers))
            if isclose(y, node.data, rel_tol=1e-9, abs_tol=1e-12) or y != y != node.data:
                return f, [place[id(operand)] for operand in operands]
            came.append(f"{short(y)} of {', '.join(map(short, numbers))}")
        label = f" {node.label}" if getattr(node, "label", "") else ""
        what = f"from_micrograd came to the node{label} of the operation {node._op!r}"
        if not came:
            raise GraphError(f"{what} with {len(given)} operands, which the table does not have")
        raise GraphError(f"{what}, which makes {came[0]}, but the node has {short(node.data)}")


def _candidates(op: str, given: list[Any]) -> Iterator[tuple[Callable[..., Any], list[Any]]]:
    """What an operation may be: a function, and its operands in order."""
    name, twice = op.strip().lower(), given * 2 if len(given) == 1 else given
    if name in BINARY and len(twice) == 2:
        yield BINARY[name], twice
        yield BINARY[name], twice[::-1]
    if len(given) > 1:
        return
    if name == "-":
        yield operator.neg, given
    if name in UNARY:
        yield getattr(elementwise, UNARY[name]), given
    if name[:2] == "**" or name[:1] == "^":
        try:
            exponent = float(name.lstrip("*^").strip(" ()"))
        except ValueError:
            return
        yield lambda x: x**exponent, given


def _topological(output: Any) -> Iterator[Any]:
    """All nodes, operands before results."""
    seen, stack = set[int](), [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in reversed(_operands(node))]


def _operands(node: Any) -> list[Any]:
    """Those of a node; of a set in an order that the next run has too."""
    if isinstance(node._prev, (set, frozenset)):
        return sorted(node._prev, key=lambda child: (getattr(child, "label", ""), child.data))
    return [*node._prev]
