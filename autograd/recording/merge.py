"""Loops that take slopes along compute what the plain loop beside them does: one of the two is
enough."""

from collections.abc import Iterable
from typing import Any

from autograd.recording.graph import Graph, Loop, Part, flat
from autograd.recording.reach import used_by

__all__ = ["merged"]


def merged(graph: Graph) -> Graph:
    """The graph with each loop that takes slopes along in the place of the plain one, whose results
    are among its own; not where a slope that it begins with needs these, nor where nobody uses the
    slopes."""
    if not graph.has_loops:
        return graph
    loops = [(node, row) for node, row in enumerate(graph.rows) if isinstance(row, Loop)]
    if all(row.plain is None for _, row in loops):
        return graph
    used, plain = used_by(graph), dict[Any, int]()
    moved, early = dict[int, int](), dict[int, list[int]]()  # by the node of the plain loop
    for node, row in loops:
        own = graph.operands[node][0]
        plain[id(row), own] = node
        first = plain.get((id(row.plain), tuple([own[i] for i in row.places])))
        if first is None or first in moved or not used[node]:
            continue
        later = _later(graph, own, first)
        if all(not isinstance(graph.rows[o], (Loop, Part)) for o in later):
            moved[first], early[first] = node, later
    return _moved(graph, moved, early) if moved else graph


def _later(graph: Graph, nodes: Iterable[int], first: int) -> list[int]:
    """What these are made from, and they, as far as it comes after the first one, or is it."""
    found, waiting = set[int](), {o for o in nodes if o >= first}
    while waiting:
        found.add(node := waiting.pop())
        before = {*flat(graph.operands[node]), *graph.constants[node]} - found
        waiting |= {o for o in before if o >= first}
    return sorted(found)


def _moved(graph: Graph, moved: dict[int, int], early: dict[int, list[int]]) -> Graph:
    """The graph with each loop that is moved in the place of another, what it needs before it."""
    new, parts = Graph(graph.inputs, shared=graph.shared), dict[Any, int]()
    nodes = {node: node for node in range(graph.inputs)}

    def add(node: int) -> None:
        row, facts = graph.rows[node], (graph.operands[node], graph.constants[node])
        nodes[node] = new.again(row, *facts, graph.places[node], nodes) if row else new.add()

    for node, row in enumerate(graph.rows):
        for leaf in early.get(node, ()):
            if leaf not in nodes:
                add(leaf)
        if node in nodes:
            continue
        if isinstance(row, Part):
            loop = nodes[graph.operands[node][0][0]]
            key = loop, row.index
            if key not in parts:
                same: Any = new.rows[loop]
                parts[key] = new.add(same.parts[row.index], ((loop,),), (), graph.places[node])
            nodes[node] = parts[key]
        else:
            add(moved.get(node, node))
            nodes[node] = nodes[moved.get(node, node)]
    new.numbers = {nodes[node]: x for node, x in graph.numbers.items()}
    new.parameters = {nodes[node]: value for node, value in graph.parameters.items()}
    new.node_of = {key: nodes[node] for key, node in graph.node_of.items()}
    new.outputs = [nodes[o] for o in graph.outputs]
    return new
