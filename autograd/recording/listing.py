"""Listings: a recording as the scalar code that it is, with its reverse pass."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from autograd.debugging.formulas import put_in
from autograd.engine.notation import exact
from autograd.engine.table import TRUTHS
from autograd.recording.across import MAX, MEAN, TOTAL
from autograd.recording.arrays import is_word, times
from autograd.recording.graph import Graph, Loop, Part, flat
from autograd.tree import Tree

# The partials of rows over the batch, which pass the grads of all samples on to each.
SHARES = {TOTAL: "1", MEAN: "1 / batch_total(1)", MAX: "(x == y) / batch_total(x == y)"}
LOOPS = ("scan", "while_loop")  # other loops are calls, by the name of what is called


def listing(name: str, arguments: dict[str, Tree], graph: Graph) -> str:
    """The steps as assignments, and below them how the grads come about; of many steps the first
    and the last."""
    signature = [f"{n}_" if n[0] == "d" and n[1:] in arguments else n for n in arguments]
    trees = zip(signature, arguments.values(), strict=True)
    labels = [label for n, tree in trees for label in tree.labels(n)]
    taken = {*signature, *(f"d{name}" for name in signature)}
    names = _names(labels, graph, taken)
    head, *body = _function(name, signature, graph, names, {})
    text = "\n".join([head, *body])
    if len(graph.outputs) > 1:
        return text
    reverse = _reverse(graph, names)
    if any(isinstance(row, Loop) for row in graph.rows):
        reverse = ["# through each loop from its last step to the first"]
    return "\n    ".join([f"{text}\n# the reverse pass", *reverse])


def _function(
    name: str, signature: list[str], graph: Graph, names: list[str], known: dict[int, str]
) -> list[str]:
    """A graph as a function, and in it the bodies of its loops, but for those that are known."""
    lines, bodies = list[str](), list[str]()
    for node, row, operands, _ in graph.results():
        if isinstance(row, Part):
            continue
        if not isinstance(row, Loop):
            lines.append(f"{names[node]} = {_expression(graph, node, names)}")
            continue
        given = [names[o] for o in operands[0]]
        if id(row.body) not in known:
            known[id(row.body)] = row.name if row.name not in LOOPS else f"step{len(known) + 1}"
            bodies += _body(row, known[id(row.body)], given, {*names, *known.values()}, known)
        lines.append(f"{names[node]} = {_call(row, known[id(row.body)], given)}")
    answer = ", ".join(names[o] for o in graph.outputs)
    body = [*bodies, *few(lines, 40, "# "), f"return {answer}"]
    return [f"def {name}({', '.join(signature)}):", *(f"    {line}" for line in body)]


def _body(
    loop: Loop, name: str, given: list[str], taken: set[str], known: dict[int, str]
) -> list[str]:
    k, m = loop.states, loop.elements
    signature = [*(f"s{i}" for i in range(1, k + 1)), *(f"x{i}" for i in range(1, m + 1))]
    while not taken.isdisjoint(signature):
        signature = [f"{n}_" for n in signature]
    closed = dict(zip(loop.body.parameters, given[k + m * (loop.steps or 0) :], strict=False))
    names = _names(signature, loop.body, taken | {*signature}, closed, "u")
    return _function(name, signature, loop.body, names, known)


def _call(loop: Loop, body: str, given: list[str]) -> str:
    """A loop as its call: the state, and the entries or how many steps."""
    k, m, steps = loop.states, loop.elements, loop.steps
    state, entries = few(given[:k]), given[k : k + m * (steps or 0)]
    if loop.name not in LOOPS:
        return f"{body}({', '.join(few(entries))})"
    if steps is None:  # of the outputs of a step the last one says whether there is another
        return f"while_loop({body}, {', '.join(state)})"
    rows = [", ".join(entries[i : i + m]) for i in range(0, len(entries), m or 1)]
    rows = [f"({row})" if m > 1 else row for row in rows]
    over = f"[{', '.join(few(rows))}]" if m else str(steps)
    return f"scan({', '.join([body, *state, over])})"


def few(texts: list[str], most: int = 6, mark: str = "") -> list[str]:
    """Texts, but only the first and the last if there are more than so many."""
    if len(texts) <= most:
        return texts
    first = texts[: most // 2]
    return [*first, f"{mark}... {len(texts) - len(first) - 1} more", texts[-1]]


def _names(
    labels: list[str], graph: Graph, taken: set[str], closed: Mapping[int, str] = {}, v: str = "v"
) -> list[str]:
    """A name for each node: that of the argument, the parameter's label if it is one of its own
    (in a body the name that it has outside), or a number; of a loop those of its results. No two
    are alike, with the d of a grad before them neither."""
    names, taken = labels + [""] * (len(graph.rows) - len(labels)), {*taken}

    def give(node: int, name: str) -> None:
        while {name, f"d{name}"} & taken or is_word(name) or (name[0] == "d" and name[1:] in taken):
            name += "_"
        names[node] = name
        taken.update((name, f"d{name}"))

    once = Counter(parameter.label for parameter in graph.parameters.values())
    for i, (node, parameter) in enumerate(graph.parameters.items()):
        label = parameter.label
        if node in closed:
            names[node] = closed[node]
        else:
            give(node, label if label.isidentifier() and once[label] == 1 else f"p{i}")
    for node, number in graph.numbers.items():
        names[node] = exact(number)
    results = (node for node, row, *_ in graph.results() if not isinstance(row, Loop))
    for i, node in enumerate(results, 1):
        give(node, f"{v}{i}")
    for node, row, operands, _ in graph.results():
        if isinstance(row, Part):
            loop = operands[0][0]
            names[loop] += f"{', ' * bool(names[loop])}{names[node]}"
    return names


def _reverse(graph: Graph, names: list[str]) -> list[str]:
    """How the grad of each node is made of its contributions, results before operands."""
    output, rows = graph.outputs[0], graph.rows
    active = [node < graph.inputs or node in graph.parameters for node in range(len(rows))]
    for node, _, operands, _ in graph.results():
        active[node] = any(active[o] for o in flat(operands))
    if not active[output]:
        return ["# nothing: it does not depend on anything"]
    terms: dict[int, list[str]] = {output: []}
    for node, row, operands, constants in graph.results(range(len(rows) - 1, -1, -1)):
        if not active[node] or node not in terms:
            continue
        grad, partials = f"d{names[node]}", row.partials
        if row in SHARES:
            grad, partials = f"batch_total({grad})", (SHARES[row],)
        fixed = [graph.numbers[c] for c in constants if c in graph.numbers]
        if constants and len(fixed) == len(constants):
            words = dict(
                zip(("y", *(name for name, _ in row.constants)), (0.0, *fixed), strict=True)
            )
            partials = tuple(put_in(row, text, {}, words) for text in partials)
        for many, text in zip(operands, partials, strict=True):
            for place, o in enumerate(many if row.nary else (many,)):
                if active[o]:
                    partial = _named(text, _words(graph, node, names, place))
                    terms.setdefault(o, []).append(times(grad, partial))
    del terms[output]
    results = sorted((node for node in terms if rows[node]), reverse=True)
    leaves = sorted(node for node in terms if not rows[node])
    lines = [f"d{names[node]} = {' + '.join(few(terms[node]))}" for node in (*results, *leaves)]
    return [f"d{names[output]} = 1", *few(lines, 40, "# ")]


def _words(graph: Graph, node: int, names: list[str], place: int = 0) -> dict[str, str]:
    """What the words of a row's formulas are called; in n-ary rows the operands at a place."""
    row: Any = graph.rows[node]
    words = {}
    for name, many in zip(row.operands, graph.operands[node], strict=True):
        if name.startswith("*"):
            words[name[1:]] = names[many[place if place < len(many) else 0]]
            words["count"] = str(len(many))
        else:
            words[name] = names[many] if not row.nary else names[many[0]] if many else "0"
    constants = zip(row.constants, graph.constants[node], strict=True)
    return words | {name: names[c] for (name, _), c in constants} | {"y": names[node]}


def _named(text: str, words: dict[str, str]) -> str:
    def safe(match: re.Match[str]) -> str:
        name = words.get(match[0], match[0])
        alone = match[0] == text or re.fullmatch(r"[\w.\[\]']+", name)
        return name if alone else f"({name})"

    return re.sub(r"[A-Za-z_]\w*", safe, text)


def _expression(graph: Graph, node: int, names: list[str]) -> str:
    """The result of a row with names for its operands."""
    row, operands, words = graph.rows[node], graph.operands[node], _words(graph, node, names)
    assert row is not None
    if row.nary:
        lists = [", ".join(few([names[o] for o in many])) for many in operands if many]
        starred = [f"[{text}]" for text in lists] if len(lists) > 1 else lists
        return f"{row.name}({', '.join(starred)})"
    # As where(condition, a, b), which has no other way of being written.
    if row.symbol == row.name and not row.result.startswith(f"{row.name}("):
        return f"{row.name}({', '.join(list(words.values())[:-1])})"
    if row in TRUTHS.values():
        return f"{words['a']} {row.symbol} {words['b']}"
    return _named(row.result, words)
