"""The player: one self-contained page that plays the forward and the reverse pass of a graph, or a
training.

A page asks for nothing from outside: its policy allows the one script and the one style sheet that
it carries, by their hashes. The steps are those of ``walk``, in the same words."""

import base64
import hashlib
import html
import json
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any

from autograd.debugging.names import Names
from autograd.debugging.step import Computation, Contribution
from autograd.drawing.dot import frames, plain
from autograd.drawing.modules import title
from autograd.drawing.palette import SHARES, dynamic, style
from autograd.drawing.scene import Edge, Node, Picture, Term
from autograd.drawing.svg import described_picture, svg
from autograd.engine.notation import short
from autograd.engine.reverse import sweep

__all__ = ["page", "player"]

HERE = Path(__file__).parent
SCRIPTS = {"player": ("modules.js", "predict.js", "player.js"), "training": ("training.js",)}
ROOM = 92  # points: the width of grad -1.234e-05


def player(picture: Picture, depth: int | None = None) -> str:
    """The page of a picture; the modules at that depth are collapsed at first. Raises LayoutError."""
    names = Names(picture.output)
    for term in [v for v in picture.order if isinstance(v, Term)]:
        names[term] = f"({' * '.join(map(names.factor, term.operands))})"  # type: ignore[index]
    ids = frames(picture)
    place = {node.key: i for i, node in enumerate(picture.nodes)}
    data = {
        "nodes": [_node(picture, node, names, ids) for node in picture.nodes],
        "edges": [
            [e.key, place[e.source.key], place[e.target.key]] for e in picture.edges.values()
        ],
        "frames": [[key, ids.get(scope[:-1], ""), title(scope[-1])] for scope, key in ids.items()],
        "collapsed": [
            key
            for scope, key in ids.items()
            if len(scope) == max(depth or 0, 1) and depth is not None
        ],
        "forward": [[place[node.key], text] for node, text in _forward(picture, names)],
        "seed": [
            place[picture.node_of[picture.output].key],
            f"{names.grad(picture.output)} = 1, the seed",
        ],
        "reverse": _reverse(picture, names),
        "shares": SHARES,
    }
    return page(
        "player",
        plain(f"Backprop through {names[picture.output]}"),
        data,
        svg(picture, ROOM),
        described_picture(picture),
    )


def page(name: str, heading: str, data: dict[str, Any], picture: str, described: str) -> str:
    """Fill the page of that name: player or training."""
    sheet = f"/*<![CDATA[*/\n{style(':root')}\n{dynamic()}\n{_read('player.css')}\n/*]]>*/"
    script = "//<![CDATA[\n" + "\n".join(map(_read, SCRIPTS[name])) + "\n//]]>"
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(sheet)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(_read(f"{name}.html")).substitute(
        policy=html.escape(policy),
        heading=html.escape(heading),
        described=html.escape(described),
        style=sheet,
        script=script,
        data=_json(data),
        picture=picture,
    )


def _read(name: str) -> str:
    return (HERE / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _json(data: Any) -> str:
    """JSON that can stand inside of a script element, of HTML and of XML."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def number(x: float) -> float | str:
    """A float for JSON, which has no nan or inf."""
    return float(x) if isfinite(x) else str(float(x))


def _node(picture: Picture, node: Node, names: Names, ids: dict[Any, str]) -> list[Any]:
    """Key, kind, name, number, frame, operation, the model's name for it, and whether it stands for
    several.
    """
    v = node.value
    op = picture.recorded(v).op
    if node.kind == "module":
        name = title(node.module[-1]) if node.module else picture.scopes.name
    else:
        name = f"{len(node.values):,} values" if len(node.values) > 1 else names[v]
    path = picture.scopes.paths.get(v, "") if len(node.values) == 1 else ""
    place = [node.key, node.kind, plain(name), number(v.data), ids.get(node.scope, "")]
    return [*place, op.name if op else "", plain(path), len(node.values) > 1]


def _forward(picture: Picture, names: Names) -> list[tuple[Node, str]]:
    """The forward pass: each node that is computed, and how."""
    steps = []
    for node in picture.nodes:
        v = picture.recorded(node.value)
        if node.kind == "more" or not any(picture.recorded(x).operands for x in node.values):
            continue
        if len(node.values) > 1:
            steps.append((node, f"{len(node.values):,} values at once"))
        elif v is not node.value:  # expanded
            steps.append(
                (node, f"{names[node.value]} = {short(v.data)}, the sum of {len(v.operands)} terms")
            )
        else:
            steps.append((node, plain(repr(Computation(0, names, v)), 400)))
    return steps


def _reverse(picture: Picture, names: Names) -> list[list[Any]]:
    """The contributions of a fresh reverse pass, in the order of ``backward``; those of a merged
    edge are one step.

    Each is [edge, partial, grad as shown, text], from which the page computes the rest as a pass
    does; or, where values share boxes and it cannot, with four numbers more: the grad of the
    result, the contribution, the operand's grad before and after."""
    grads: dict[Any, float] = dict.fromkeys(picture.order, 0.0)
    grads[picture.output] = 1.0
    known = {picture.node_of[picture.output].key: 1.0}  # what the page has in each box
    where = {edge.key: i for i, edge in enumerate(picture.edges.values())}
    left = {edge.key: edge.count for edge in picture.edges.values()}
    sums: dict[str, float] = {}
    steps: list[list[Any]] = []

    def uses(result: Any) -> Iterable[tuple[Any, float]]:
        recorded = picture.recorded(result)
        return zip(recorded.operands, recorded.partials, strict=True)

    for result, i, operand, partial, before, contribution in sweep(picture.order, grads, uses):
        outer, after = grads[result], grads[operand]
        source, target = picture.node_of[result], picture.node_of[operand]
        if target is source or target.kind == "more":
            continue
        edge = picture.edges[picture.edge_key(operand, result, i)]
        if edge.count == 1 and len(target.values) == len(source.values) == 1:
            recorded = picture.recorded(result)
            step = Contribution(
                0, names, recorded, operand, i, partial, outer, contribution, before, after
            )
            entry = [
                where[edge.key],
                number(partial),
                short(after),
                plain(_text(step, result), 400),
            ]
            if known.get(source.key) != outer or known.get(target.key, 0.0) != before:
                entry += [number(x) for x in (outer, contribution, before, after)]
            steps.append(entry)
            known[target.key] = after
            continue
        sums[edge.key] = sums.get(edge.key, 0.0) + contribution
        left[edge.key] -= 1
        if not left[edge.key]:
            steps.append([where[edge.key], *_merged(edge, names, grads, sums[edge.key])])
            known[target.key] = steps[-1][-1]
    return steps


def _text(step: Contribution, result: Any) -> str:
    """The step in the words of ``walk``, which knows nothing of terms."""
    term = step.result
    if not isinstance(term, Term):
        return repr(step)
    names = step.names
    partial = "1" if term.op.nary else names.factor(term.operands[1 - step.place])
    numbers = f"{short(step.partial)} * {short(step.result_grad)} = {short(step.contribution)}, now {short(step.grad)}"
    return f"{names.grad(step.operand)} += {partial} * {names.grad(result)} = {numbers}"


def _merged(edge: Edge, names: Names, grads: dict[Any, float], total: float) -> list[Any]:
    """What a step of many contributions shows: their sum, and the largest grad of the values that
    got them.
    """
    node = edge.source
    grad = max((grads[v] for v in node.values), key=lambda g: abs(g) if g == g else float("inf"))
    name = names.grad(node.value) if len(node.values) == 1 else "the largest grad"
    text = f"{edge.count:,} contributions, together {short(total)}: {name} is now {short(grad)}"
    return [None, short(grad), plain(text, 400), None, number(total), None, number(grad)]
