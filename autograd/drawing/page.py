"""A self-contained page around a picture; and the player, the page that replays both passes."""

import base64
import hashlib
import html
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

from autograd.debugging.formulas import partial_text, wrapped
from autograd.debugging.names import Names
from autograd.debugging.step import Computation, Contribution
from autograd.drawing.dot import frames, plain
from autograd.drawing.modules import title
from autograd.drawing.palette import dynamic, largest_of, level, style
from autograd.drawing.render import described_picture, svg
from autograd.drawing.scene import Node, Picture, Term, size
from autograd.engine.notation import short
from autograd.engine.reverse import sweep

__all__ = ["page", "player"]

ROOM = 92  # points: the width of grad -1.234e-05
LONGEST = 400  # characters of a step

# Of a contribution: partial, grad of the result, contribution, the operand's grad before and after.
Numbers = tuple[float | None, float | None, float, float | None, float]


def page(
    picture: Picture, body: str, styles: str, script: str, data: Mapping[str, Any], heading: str
) -> str:
    """The page with this body; ``Drawing.page`` says what is filled in. Raises LayoutError."""
    sheet = "\n".join([style(":root"), dynamic(), _read("player.css"), styles])
    sheet = f"/*<![CDATA[*/\n{sheet}\n/*]]>*/"
    script = f"//<![CDATA[\n{_read('page.js')}\n{script}\n//]]>"
    parts = {"heading": html.escape(heading), "described": html.escape(described_picture(picture))}
    parts |= {"picture": svg(picture, ROOM), "controls": _read("controls.html")}
    parts |= {"style": sheet, "style_hash": _hash(sheet), "script_hash": _hash(script)}
    parts |= {"script": script, "data": _json(data)}
    return Template(_read("page.html").replace("$body", body)).substitute(parts)


def _read(name: str) -> str:
    return (Path(__file__).parent / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b64encode(digest).decode()


def _json(data: Any) -> str:
    """JSON that can stand inside of a script element, of HTML and of XML."""
    named = json.loads(json.dumps(data), parse_constant=str)  # JSON has no nan, and no inf
    text = json.dumps(named, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def player(picture: Picture, depth: int | None = None) -> str:
    """The page of a picture; modules at that depth are collapsed at first. Raises LayoutError."""
    names, ids = Names(picture.output, found=picture.found), frames(picture)
    for term in [v for v in picture.order if isinstance(v, Term)]:
        factors = (wrapped(names[v]) for v in term.operands)
        names[term] = f"({' * '.join(factors)})"  # type: ignore[index]
    steps = list(_reverse(picture, names))
    largest = largest_of([1.0, *(x for _, numbers, _ in steps for x in numbers[2::2])])
    seed = ("", (1.0, 1.0, 1.0, 0.0, 1.0), f"{names.grad(picture.output)} = 1, the seed")
    collapsed = None if depth is None else max(depth, 1)
    data = {
        "nodes": [_node(picture, node, names, ids) for node in picture.nodes],
        "edges": [[e.key, e.source.key, e.target.key] for e in picture.edges.values()],
        "frames": [
            {"key": key, "outer": ids.get(scope[:-1], ""), "title": title(scope[-1])}
            | {"covered": len(scope) == collapsed}
            for scope, key in ids.items()
        ],
        "forward": list(_forward(picture, names)),
        "output": picture.node_of[picture.output].key,
        "seed": _step(*seed, largest),
        "reverse": [_step(*step, largest) for step in steps],
    }
    script = "\n".join(map(_read, ("modules.js", "predict.js", "player.js")))
    heading = plain(f"Backprop through {names[picture.output]}")
    return page(picture, _read("player.html"), "", script, data, heading)


def _node(picture: Picture, node: Node, names: Names, ids: dict[Any, str]) -> dict[str, Any]:
    """What the page knows of a box."""
    v, count = node.value, len(node.values)
    op = picture.recorded(v).op
    name, path = names[v], picture.scopes.paths.get(v, "")
    if node.module is not None:
        name = picture.scopes.titles(node.module)[-1]
    elif count > 1:
        name = f"{count:,} values"
    facts = {"key": node.key, "kind": node.kind, "name": plain(name), "value": short(v.data)}
    facts |= {"frame": ids.get(node.scope, ""), "op": op.name if op else ""}
    facts |= {"path": plain(path) if count == 1 else ""}
    return facts | {"prefix": "grad" if count == 1 else "largest grad"}


def _forward(picture: Picture, names: Names) -> Iterator[tuple[str, str]]:
    """The forward pass: the key of each box that is computed, and how."""
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
        yield node.key, text


def _reverse(picture: Picture, names: Names) -> Iterator[tuple[str, Numbers, str]]:
    """The steps of a fresh reverse pass, in its order; those of a merged edge are one."""
    grads: dict[Any, float] = dict.fromkeys(picture.order, 0.0)
    grads[picture.output] = 1.0
    sums, met = defaultdict[str, float](float), Counter[str]()  # of merged edges
    for result, i, operand, partial, before, added in sweep(picture.order, grads, picture.uses):
        edge = picture.edge_of.get((result, i))
        if edge is None or edge.source.kind == "more":
            continue
        source, target = edge.source, edge.target
        numbers: Numbers = (partial, grads[result], added, before, grads[operand])
        if edge.count == 1 and len(source.values) == len(target.values) == 1:
            recorded = picture.recorded(result)
            step = Contribution(0, names, recorded, operand, i, *numbers)  # type: ignore[arg-type]
            expanded = isinstance(recorded, Term)
            factor = partial_text(recorded, i, names) if expanded else ""
            text = step.written(factor, names.grad(result)) if expanded else repr(step)
        else:
            sums[edge.key] += added
            met[edge.key] += 1
            if met[edge.key] < edge.count:
                continue
            grad = max((grads[v] for v in source.values), key=size)
            numbers = (None, None, sums[edge.key], None, grad)
            name = names.grad(operand) if len(source.values) == 1 else "the largest grad"
            text = f"{edge.count:,} contributions, together {short(sums[edge.key])}"
            text += f": {name} is now {short(grad)}"
        yield edge.key, numbers, text


def _step(edge: str, numbers: Numbers, text: str, largest: float) -> list[Any]:
    """A step as the page shows it: its arrow, its numbers, the colours of arrow and box, a text."""
    shown = [None if x is None else short(x) for x in numbers]
    colours = [level(numbers[i], largest) for i in (2, 4)]
    return [edge, *shown, *colours, plain(text, LONGEST)]
