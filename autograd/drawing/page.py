"""A self-contained page around a picture; and the player, the page that replays both passes."""

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from autograd.debugging.formulas import wrapped
from autograd.debugging.names import Names
from autograd.debugging.step import Contribution
from autograd.debugging.walk import Walk
from autograd.drawing.dot import frames
from autograd.drawing.labels import plain
from autograd.drawing.live import live
from autograd.drawing.modules import title
from autograd.drawing.palette import dynamic, style
from autograd.drawing.render import described_picture, svg
from autograd.drawing.scene import Edge, Node, Picture, Term
from autograd.engine.value import Value
from autograd.export.computable import computable

__all__ = ["page", "player", "web_page"]

ROOM = 92  # points: the width of grad -1.234e-05


def page(
    picture: Picture, body: str, styles: str, script: str, data: Mapping[str, Any], heading: str
) -> str:
    """The page with this body; ``Drawing.page`` says what is filled in. Raises LayoutError."""
    described = html.escape(described_picture(picture))
    parts = {"described": described, "picture": svg(picture, ROOM)}
    return _framed(body, styles, script, data, heading, parts)


def web_page(
    body: str,
    styles: str,
    script: str,
    data: Mapping[str, Any],
    heading: str,
    graphs: Mapping[str, Value],
) -> str:
    """A self-contained page of your own, whose script computes these graphs by the rows of the
    table, and their grads by the chain rule.

    The script finds the data as ``data``, with ``data.graphs`` and ``data.kinds`` added, and has
    ``Tape(graph.values, data.kinds)``: set the leaves in its ``x``, then call ``forward()`` and
    ``reverse(graph.end)``, which fills ``grads``. ``$controls`` and ``$heading`` are filled in
    where the body has them. Raises GraphError where an operation is made of functions of Python.

    >>> y = Value(2.0, "x") ** 2
    >>> text = web_page("<p>$heading</p>", "", "", {}, "A square", {"y": y})
    >>> "function Tape(" in text, '"labels":["x",""]' in text
    (True, True)
    """
    added, rows = computable(graphs)
    return _framed(body, styles, f"{rows}\n{script}", {**data, **added}, heading, {})


def _framed(
    body: str,
    styles: str,
    script: str,
    data: Mapping[str, Any],
    heading: str,
    parts: dict[str, str],
) -> str:
    sheet = "\n".join([style(":root"), dynamic(), _read("player.css"), styles])
    sheet = f"/*<![CDATA[*/\n{sheet}\n/*]]>*/"
    script = f"//<![CDATA[\n{_read('page.js')}\n{script}\n//]]>"
    parts = parts | {"heading": html.escape(heading), "controls": _read("controls.html")}
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


def player(picture: Picture, depth: int | None = None, place: Walk | str = "beginning") -> str:
    """The page of a picture; modules at that depth are collapsed at first, and it begins where a
    walk is, at the "beginning", or "now", with all that is known. Raises LayoutError."""
    names, ids = Names(picture.output, found=picture.found), frames(picture)
    for term in [v for v in picture.order if isinstance(v, Term)]:
        factors = (wrapped(names[v]) for v in term.operands)
        names[term] = f"({' * '.join(factors)})"  # type: ignore[index]
    graph, rows = live(picture, names)
    places = {v: i for i, v in enumerate(picture.order)}
    collapsed = None if depth is None else max(depth, 1)
    data = {
        "graph": graph,
        "nodes": [_node(picture, node, names, ids, places) for node in picture.nodes],
        "edges": [_edge(edge) for edge in picture.edges.values()],
        "frames": [
            {"key": key, "outer": ids.get(scope[:-1], ""), "title": title(scope[-1])}
            | {"covered": len(scope) == collapsed}
            for scope, key in ids.items()
        ],
    }
    data["begin"] = _begin(place, picture)
    scripts = ("expression.js", "modules.js", "predict.js", "graph.js", "leaves.js", "player.js")
    script = "\n".join([rows, *map(_read, scripts)])
    heading = plain(f"Backprop through {names[picture.output]}")
    return page(picture, _read("player.html"), "", script, data, heading)


def _begin(at: Walk | str, picture: Picture) -> tuple[Any, ...]:
    """Where the page begins: in which pass, and after which box, or how many of how many steps;
    None is its end."""
    if not isinstance(at, Walk):
        return (
            ("forward", "") if at != "now" else ("reverse" if picture.reached else "forward", None)
        )
    if at.kind is Contribution:
        return "reverse", at.number, len(at)
    return "forward", picture.node_of[at.value].key if at.number else ""


def _node(
    picture: Picture, node: Node, names: Names, ids: dict[Any, str], places: dict[Any, int]
) -> dict[str, Any]:
    """What the page knows of a box."""
    v, count = node.value, len(node.values)
    op = picture.recorded(v).op
    name, path = names[v], picture.scopes.paths.get(v, "")
    if node.module is not None:
        name = picture.scopes.titles(node.module)[-1]
    elif count > 1:
        name = f"{count:,} values"
    facts = {"key": node.key, "kind": node.kind, "name": plain(name), "op": op.name if op else ""}
    facts |= {"frame": ids.get(node.scope, ""), "path": plain(path) if count == 1 else ""}
    return facts | {"values": [places[v] for v in node.values]}


def _edge(edge: Edge) -> list[Any]:
    """An arrow: its key and ends, and how many contributions it stands for, 0 for one alone."""
    alone = edge.count == 1 and len(edge.source.values) == len(edge.target.values) == 1
    return [edge.key, edge.source.key, edge.target.key, 0 if alone else edge.count]
