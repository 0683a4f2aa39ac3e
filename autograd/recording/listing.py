"""Listings: a recording as the scalar code that it is, with its reverse pass."""

import re
from collections import Counter
from typing import Any

from autograd.engine.notation import exact
from autograd.recording.arrays import is_word
from autograd.recording.graph import Graph, flat
from autograd.recording.trace import TRUTHS
from autograd.tree import Tree

__all__ = ["few", "listing"]

# A listing of more steps than this shows its beginning and its end.
MOST = 40


def listing(name: str, arguments: dict[str, Tree], graph: Graph) -> str:
    """The steps as assignments, and below them how the grads come about."""
    names, results = _names(arguments, graph), [node for node, *_ in graph.results()]
    forward = [f"{names[node]} = {_expression(graph, node, names)}" for node in _some(results)]
    lines = [
        f"def {name}({', '.join(_signature(arguments))}):",
        *(f"    {line}" for line in _elided(forward, len(results))),
        f"    return {', '.join(names[o] for o in graph.outputs)}",
    ]
    if len(graph.outputs) == 1:
        lines += ["# the reverse pass", *(f"    {line}" for line in _reverse(graph, names))]
    return "\n".join(lines)


def few(texts: list[str], most: int = 6) -> list[str]:
    """Texts, but only the first and the last if there are more than so many."""
    if len(texts) <= most:
        return texts
    first = texts[: most // 2]
    return [*first, f"... {len(texts) - len(first) - 1} more", texts[-1]]


def _signature(arguments: dict[str, Tree]) -> list[str]:
    """The arguments' names, none of which is the grad of another."""
    return [f"{n}_" if n[0] == "d" and n[1:] in arguments else n for n in arguments]


def _names(arguments: dict[str, Tree], graph: Graph) -> list[str]:
    """A name for each node: that of the argument, the parameter's label if it is one of its own, or
    a number.

    No two are alike, with the d of a grad before them neither.
    """
    signature = _signature(arguments)
    trees = zip(signature, arguments.values(), strict=True)
    names = [label for name, tree in trees for label in tree.labels(name)]
    names += [""] * (len(graph.rows) - len(names))
    labels = Counter(parameter.label for parameter in graph.parameters.values())
    taken = {*signature, *(f"d{name}" for name in signature)}

    def give(node: int, name: str) -> None:
        while {name, f"d{name}"} & taken or is_word(name) or (name[0] == "d" and name[1:] in taken):
            name += "_"
        names[node] = name
        taken.update((name, f"d{name}"))

    for i, (node, parameter) in enumerate(graph.parameters.items()):
        label = parameter.label
        give(node, label if label.isidentifier() and labels[label] == 1 else f"p{i}")
    for node, number in graph.numbers.items():
        names[node] = exact(number)
    for i, (node, *_) in enumerate(graph.results(), 1):
        give(node, f"v{i}")
    return names


def _some(nodes: list[int]) -> list[int]:
    return nodes if len(nodes) <= MOST else nodes[: MOST // 2] + nodes[-MOST // 2 :]


def _elided(lines: list[str], count: int) -> list[str]:
    if count <= MOST:
        return lines
    return [*lines[: MOST // 2], f"# ... {count - MOST} more operations ...", *lines[MOST // 2 :]]


def _reverse(graph: Graph, names: list[str]) -> list[str]:
    """How the grad of each node is made of its contributions, results before operands."""
    output = graph.outputs[0]
    active = [node < graph.inputs or node in graph.parameters for node in range(len(graph.rows))]
    for node, _, operands, _ in graph.results():
        active[node] = any(active[o] for o in flat(operands))
    if not active[output]:
        return ["# nothing: it does not depend on anything"]
    contributions: dict[int, list[str]] = {}
    for node, row, operands, _ in graph.results(range(len(graph.rows) - 1, -1, -1)):
        if not active[node] or (node not in contributions and node != output):
            continue
        for many, text in zip(operands, row.partials, strict=True):
            for place, o in enumerate(many if row.nary else (many,)):
                if active[o]:
                    partial = _named(text, _words(graph, node, names, place))
                    contributions.setdefault(o, []).append(_product(f"d{names[node]}", partial))
    wanted = sorted(contributions.keys() - {output}, reverse=True)
    wanted = [
        *(node for node in wanted if graph.rows[node]),
        *(node for node in reversed(wanted) if not graph.rows[node]),
    ]
    lines = [f"d{names[node]} = {' + '.join(few(contributions[node]))}" for node in _some(wanted)]
    return [f"d{names[output]} = 1", *_elided(lines, len(wanted))]


def _product(grad: str, partial: str) -> str:
    if partial == "1":
        return grad
    if partial == "-1":
        return f"-{grad}"
    simple = re.fullmatch(r"[\w.\[\]]+", partial)
    return f"{grad} * {partial}" if simple else f"{grad} * ({partial})"


def _words(graph: Graph, node: int, names: list[str], place: int = 0) -> dict[str, str]:
    """What the words of a row's formulas are called; in n-ary rows the operands at a place."""
    row: Any = graph.rows[node]
    words = {"y": names[node]}
    for name, many in zip(row.operands, graph.operands[node], strict=True):
        if name.startswith("*"):
            words[name[1:]] = names[many[place if place < len(many) else 0]]
            words["count"] = str(len(many))
        else:
            words[name] = names[many] if not row.nary else names[many[0]] if many else "0"
    constants = zip(row.constants, graph.constants[node], strict=True)
    return words | {name: names[c] for (name, _), c in constants}


def _named(text: str, words: dict[str, str]) -> str:
    def safe(match: re.Match[str]) -> str:
        name = words.get(match[0], match[0])
        alone = match[0] == text or re.fullmatch(r"[\w.\[\]']+", name)
        return name if alone else f"({name})"

    return re.sub(r"[A-Za-z_]\w*", safe, text)


def _expression(graph: Graph, node: int, names: list[str]) -> str:
    """The result of a row with names for its operands."""
    row, operands = graph.rows[node], graph.operands[node]
    assert row is not None
    if row.nary:
        lists = [", ".join(few([names[o] for o in many])) for many in operands if many]
        starred = [f"[{text}]" for text in lists] if len(lists) > 1 else lists
        return f"{row.name}({', '.join(starred)})"
    words = _words(graph, node, names)
    del words["y"]
    # As where(condition, a, b), which has no other way of being written.
    if row.symbol == row.name and not row.result.startswith(f"{row.name}("):
        return f"{row.name}({', '.join(words.values())})"
    if row in TRUTHS:
        return f"{words['a']} {row.symbol} {words['b']}"
    return _named(row.result, words)
