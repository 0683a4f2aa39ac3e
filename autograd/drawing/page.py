"""A self-contained page around a picture; and the player, the page that replays both passes.

A page loads nothing: its policy allows, by their hashes, the one script and the one style sheet
that it carries. The steps are those of ``walk``, in the same words."""

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from string import Template
from typing import Any

from autograd.debugging.names import Names
from autograd.debugging.step import Computation, Contribution
from autograd.drawing.dot import frames, plain
from autograd.drawing.modules import title
from autograd.drawing.palette import SHARES, dynamic, style
from autograd.drawing.scene import Edge, Node, Picture, Term, size
from autograd.drawing.svg import described_picture, svg
from autograd.engine.notation import short
from autograd.engine.reverse import sweep

__all__ = ["page", "player"]

ROOM = 92  # points: the width of grad -1.234e-05
LONGEST = 400  # characters of a step


def page(
    picture: Picture, body: str, styles: str, script: str, data: Mapping[str, Any], heading: str
) -> str:
    """The page with this body, in which ``$picture``, ``$heading`` and ``$described`` are filled
    in; the script finds the data as ``data``. Raises LayoutError.
    """
    texts = {"heading": html.escape(heading), "described": html.escape(described_picture(picture))}
    sheet = "\n".join([style(":root"), dynamic(), _read("player.css"), styles])
    sheet = f"/*<![CDATA[*/\n{sheet}\n/*]]>*/"
    script = f"//<![CDATA[\n{_read('page.js')}\n{script}\n//]]>"
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(sheet)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    filled = Template(body).substitute(texts, picture=svg(picture, ROOM))
    return Template(_read("page.html")).substitute(
        texts, policy=html.escape(policy), style=sheet, body=filled, data=_json(data), script=script
    )


def _read(name: str) -> str:
    return (Path(__file__).parent / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _json(data: Any) -> str:
    """JSON that can stand inside of a script element, of HTML and of XML."""
    text = json.dumps(_finite(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _finite(data: Any) -> Any:
    """The same with nan and inf as texts, which JSON lacks; ``number`` in page.js reads them."""
    if isinstance(data, Mapping):
        return {key: _finite(x) for key, x in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(x) for x in data]
    return str(data) if isinstance(data, float) and not isfinite(data) else data


def player(picture: Picture, depth: int | None = None) -> str:
    """The page of a picture; modules at that depth are collapsed at first. Raises LayoutError."""
    names, ids = Names(picture.output), frames(picture)
    for term in [v for v in picture.order if isinstance(v, Term)]:
        names[term] = f"({' * '.join(map(names.factor, term.operands))})"  # type: ignore[index]
    place = {node.key: i for i, node in enumerate(picture.nodes)}
    output = place[picture.node_of[picture.output].key]
    data = {
        "nodes": [_node(picture, node, names, ids) for node in picture.nodes],
        "edges": [
            [e.key, place[e.source.key], place[e.target.key]] for e in picture.edges.values()
        ],
        "frames": [[key, ids.get(scope[:-1], ""), title(scope[-1])] for scope, key in ids.items()],
        "collapsed": [
            key for scope, key in ids.items() if depth is not None and len(scope) == max(depth, 1)
        ],
        "forward": [[place[node.key], text] for node, text in _forward(picture, names)],
        "seed": [output, f"{names.grad(picture.output)} = 1, the seed"],
        "reverse": _reverse(picture, names),
        "shares": SHARES,
    }
    script = "\n".join(map(_read, ("modules.js", "predict.js", "player.js")))
    heading = plain(f"Backprop through {names[picture.output]}")
    return page(picture, _read("player.html"), "", script, data, heading)


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
    place = [node.key, node.kind, plain(name), v.data, ids.get(node.scope, "")]
    return [*place, op.name if op else "", plain(path), len(node.values) > 1]


def _forward(picture: Picture, names: Names) -> list[tuple[Node, str]]:
    """The forward pass: each node that is computed, and how."""
    steps = []
    for node in picture.nodes:
        v = picture.recorded(node.value)
        if node.kind == "more" or not any(picture.recorded(x).operands for x in node.values):
            continue
        if len(node.values) > 1:
            text = f"{len(node.values):,} values at once"
        elif v is not node.value:  # expanded
            text = f"{names[node.value]} = {short(v.data)}, the sum of {len(v.operands)} terms"
        else:
            text = plain(repr(Computation(0, names, v)), LONGEST)
        steps.append((node, text))
    return steps


def _reverse(picture: Picture, names: Names) -> list[list[Any]]:
    """The contributions of a fresh reverse pass, in the order of ``backward``; those of a merged
    edge are one step.

    Each is [edge, partial, grad of the result, contribution, the operand's grad before and after,
    the latter as shown, text]; a merged one has None for what differs among its contributions."""
    grads: dict[Any, float] = dict.fromkeys(picture.order, 0.0)
    grads[picture.output] = 1.0
    where = {edge.key: i for i, edge in enumerate(picture.edges.values())}
    left = {edge.key: edge.count for edge in picture.edges.values()}
    sums: dict[str, float] = dict.fromkeys(where, 0.0)
    steps: list[list[Any]] = []
    for result, i, operand, partial, before, contribution in sweep(
        picture.order, grads, picture.uses
    ):
        source, target = picture.node_of[operand], picture.node_of[result]
        if target is source or source.kind == "more":
            continue
        edge, after = picture.edges[picture.edge_key(operand, result, i)], grads[operand]
        if edge.count == 1 and len(source.values) == len(target.values) == 1:
            numbers = (partial, grads[result], contribution, before, after)
            step = Contribution(0, names, picture.recorded(result), operand, i, *numbers)
            text = plain(_text(step, result), LONGEST)
            steps.append([where[edge.key], *numbers, short(after), text])
            continue
        sums[edge.key] += contribution
        left[edge.key] -= 1
        if not left[edge.key]:
            steps.append([where[edge.key], *_merged(edge, names, grads, sums[edge.key])])
    return steps


def _text(step: Contribution, result: Any) -> str:
    """The step in the words of ``walk``, which knows nothing of terms."""
    term, names = step.result, step.names
    if not isinstance(term, Term):
        return repr(step)
    partial = "1" if term.op.nary else names.factor(term.operands[1 - step.place])
    return step.written(partial, names.grad(result))


def _merged(edge: Edge, names: Names, grads: dict[Any, float], total: float) -> list[Any]:
    """What a step of many contributions shows: their sum, and the largest grad of the values that
    got them.
    """
    values = edge.source.values
    grad = max((grads[v] for v in values), key=size)
    name = names.grad(values[0]) if len(values) == 1 else "the largest grad"
    text = f"{edge.count:,} contributions, together {short(total)}: {name} is now {short(grad)}"
    return [None, None, total, None, grad, short(grad), plain(text, LONGEST)]
