"""A self-contained page around a picture; and the player, the page that replays both passes."""

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from autograd.debugging.names import Names, wrapped
from autograd.debugging.step import Contribution
from autograd.debugging.walk import Walk
from autograd.drawing.boxes import Node, Term
from autograd.drawing.dot import frames
from autograd.drawing.labels import plain
from autograd.drawing.live import MARKING, live
from autograd.drawing.modules import title
from autograd.drawing.palette import dynamic, style
from autograd.drawing.render import described_picture, svg
from autograd.drawing.scene import Picture
from autograd.engine.value import Value
from autograd.export.computable import computable

ROOM = 92  # points: the width of grad -1.234e-05
SCRIPTS = ("expression", "judge", "modules", "view", "predict", "graph", "leaves", "player")


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
    return page(None, body, styles, f"{rows}\n{script}", {**data, **added}, heading)


def page(
    picture: Picture | None,
    body: str,
    styles: str,
    script: str,
    data: Mapping[str, Any],
    heading: str,
) -> str:
    """A self-contained page of your own around a drawing, whose boxes the script may rewrite.

    ``$picture``, ``$controls``, ``$heading`` and ``$described`` are filled in where the body has
    them; the script finds the data as ``data``. Raises LayoutError."""
    sheet = "\n".join([style(":root"), dynamic(), web_file("player.css"), styles])
    sheet = f"/*<![CDATA[*/\n{sheet}\n/*]]>*/"
    script = f"//<![CDATA[\n{web_file('page.js')}\n{script}\n//]]>"
    parts = {"heading": html.escape(heading), "controls": web_file("controls.html")}
    parts |= {"style": sheet, "style_hash": _hash(sheet), "script_hash": _hash(script)}
    parts |= {"script": script, "data": _json(data)}
    if picture is not None:
        parts["described"] = html.escape(described_picture(picture))
        parts["picture"] = svg(picture, ROOM)
    return Template(web_file("page.html").replace("$body", body)).substitute(parts)


def web_file(name: str) -> str:
    """What a page is made of, by its name."""
    return (Path(__file__).parent / "web" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """JSON that can stand inside of a script element, of HTML and of XML."""
    named = json.loads(json.dumps(data), parse_constant=str)  # JSON has no nan, and no inf
    text = json.dumps(named, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def player(picture: Picture, depth: int | None = None, place: Walk | str = "beginning") -> str:
    """The page of a picture; modules at that depth are collapsed at first, or as many as it takes
    to read the rest, and it begins where a walk is, at the "beginning", or "now", with all that is
    known. Raises LayoutError."""
    names, ids = Names(picture.output, found=picture.found), frames(picture)
    for term in [v for v in picture.order if isinstance(v, Term)]:
        factors = (wrapped(names[v]) for v in term.operands)
        names[term] = f"({' * '.join(factors)})"  # type: ignore[index]
    graph, rows = live(picture, names)
    places = {v: i for i, v in enumerate(picture.order)}
    data = {
        "graph": graph,
        "nodes": [_node(picture, node, names, ids, places) for node in picture.nodes],
        # An arrow, its ends, and how many contributions it stands for, 0 for one alone
        "edges": [
            [e.key, e.source.key, e.target.key, 0 if e.alone else e.count]
            for e in picture.edges.values()
        ],
        "frames": [
            {"key": key, "outer": ids.get(scope[:-1], ""), "title": title(scope[-1])}
            for scope, key in ids.items()
        ],
        "depth": depth if depth is None else max(depth, 1),
        "begin": _begin(place, picture),
        "marking": MARKING,
    }
    script = "\n".join([rows, *(web_file(f"{name}.js") for name in SCRIPTS)])
    heading = plain(f"Backprop through {names[picture.output]}")
    return page(picture, web_file("player.html"), "", script, data, heading)


def _begin(at: Walk | str, picture: Picture) -> tuple[Any, ...]:
    """Where the page begins: in which pass, and after which box, or how many of how many steps;
    None is its end."""
    if at == "now":
        return ("reverse" if picture.reached else "forward"), None
    if isinstance(at, Walk) and at.kind is Contribution:
        return "reverse", at.number, len(at)
    return "forward", picture.node_of[at.value].key if isinstance(at, Walk) and at.number else ""


def _node(
    picture: Picture, node: Node, names: Names, ids: dict[Any, str], places: dict[Any, int]
) -> dict[str, Any]:
    """What the page knows of a box."""
    v, count = node.value, len(node.values)
    name = names[v] if count == 1 else f"{count:,} values"
    if node.module is not None:
        name = picture.scopes.titles(node.module)[-1]
    path = picture.scopes.paths.get(v, "") if count == 1 else ""
    facts = {"key": node.key, "kind": node.kind, "name": plain(name), "path": plain(path)}
    return facts | {"frame": ids.get(node.scope, ""), "values": [places[v] for v in node.values]}
