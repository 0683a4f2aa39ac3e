"""DOT: a picture in the language of Graphviz."""

from collections.abc import Iterator
from typing import Any

import autograd.drawing.labels as labels
from autograd.drawing.boxes import Edge, Node
from autograd.drawing.labels import LIGHT
from autograd.drawing.layout import HEAD, Layout
from autograd.drawing.modules import Scope, common, natural, title
from autograd.drawing.palette import WIDTHS, level
from autograd.drawing.scene import Picture
from autograd.engine.notation import short

COUNTS = 30  # arrows at most with a count: more would push the columns of Graphviz apart
RIM = 4.0  # points between the two outlines of the output
SIDE = 6.0  # points beside what is in a box


def dot(picture: Picture, room: int = 0, layout: Layout | None = None, opaque: bool = False) -> str:
    """The picture in DOT; room: the least width of a box in points, for numbers that change;
    layout: where everything is, if Graphviz is not asked; opaque: whether the numbers of arrows
    cover what is under them."""
    nodes, edges = len(picture.nodes), len(picture.edges)
    graph = _graph()
    if picture.legend:
        graph.attr(label=f"<{labels.table(labels.legend(picture, bool(room)))}>", labelloc="b")
    graph.attr(compound="true", pad="0.15")
    if layout is not None:
        graph.attr(layout="nop2", bb=_points((0, layout.size[1]), (layout.size[0], 0)))
    else:
        apart = f"{0.4 + min(1.6, 0.1 * edges / nodes):.2f}"
        graph.attr(rankdir="LR", nodesep="0.16", ranksep=apart)
    if nodes > 150 and layout is None:
        # A large picture needs an early end more than the last crossing removed: one number that
        # each step of a long chain uses took minutes.
        splines = "polyline" if nodes > 2000 else "true"
        graph.attr(nslimit="0.3", nslimit1="0.3", mclimit="0.3", splines=splines)
    largest = picture.largest
    for node in _framed(graph, picture, layout):
        place, width = {}, -2 * SIDE
        if layout is not None:  # Graphviz counts upwards
            (x, y), (width, _) = layout.boxes[node.key]
            width -= 2 * RIM if node.kind == "output" else 0
            place = {"pos": _points((x, layout.size[1] - y)), "width": f"{width / 72:.4f}"}
            width -= 2 * SIDE
        graph.node(node.key, **_box(picture, node, largest, room, width), **place)
    texts = arrow_texts(picture, room)
    for edge in picture.edges.values():
        text = texts.get(edge.key, "")
        if text and opaque and layout is not None:
            sheet = f'BORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="{LIGHT["paper"]}"'
            text = f"<{labels.table([[labels.cell(text)]], sheet)}>"
        look = _arrow(edge, largest, text)
        way = {} if layout is None else _way(layout, edge, float(look["penwidth"]))
        graph.edge(edge.source.key, edge.target.key, **look, **way)
    return str(graph.source)


def boxes_alone(picture: Picture, room: int = 0) -> str:
    """The boxes in DOT, one on the other, for an engine to say how large they are."""
    graph = _graph()
    graph.attr(layout="nop2")
    for node in picture.nodes:
        graph.node(node.key, **_box(picture, node, 0.0, room), pos="0,0")
    return str(graph.source)


def _graph() -> Any:
    try:
        import graphviz  # type: ignore[import-untyped]
    except ImportError:
        needed = "drawing needs the graphviz package: pip install graphviz graphviz-pure"
        raise ImportError(needed) from None
    graph, font = graphviz.Digraph("graph"), {"fontname": "Helvetica", "fontsize": "11"}
    ink = LIGHT["ink"]
    graph.attr(bgcolor=LIGHT["paper"], **font, fontcolor=ink)
    graph.attr("node", **font, fontcolor=ink, margin="0.08,0.05", height="0.2")
    graph.attr("edge", **font | {"fontsize": "9"}, fontcolor=LIGHT["partial"], arrowsize="0.6")
    return graph


def _points(*points: tuple[float, float]) -> str:
    return ",".join(f"{x:.2f},{y:.2f}" for x, y in points)


def _way(layout: Layout, edge: Edge, width: float) -> dict[str, str]:
    """Where an edge is, and its number."""
    height = layout.size[1]
    points = [_points((x, height - y)) for x, y in layout.arrows[edge.key]]
    x, y = layout.arrows[edge.key][-1]
    x += HEAD - 0.8 * width  # the line around the head ends in a point: some engines add its length
    tip = [] if edge.source.kind == "more" else [f"e,{_points((x, height - y))}"]
    way = {"pos": " ".join([*tip, *points])}
    if edge.key in layout.numbers:
        x, y = layout.numbers[edge.key]
        way["lp"] = _points((x, height - y))
    return way


def frames(picture: Picture) -> dict[Scope, str]:
    """The id of the frame of each scope that is drawn in; inner frames follow the outer."""
    scopes = {node.scope[:i] for node in picture.nodes for i in range(1, len(node.scope) + 1)}
    return {scope: f"m{i}" for i, scope in enumerate(sorted(scopes, key=natural))}


def _framed(graph: Any, picture: Picture, layout: Layout | None) -> Iterator[Node]:
    """Yield the nodes of each scope inside of its frame, modules inside modules."""
    inside: dict[Scope, list[Node]] = {}
    for node in picture.nodes:
        inside.setdefault(node.scope, []).append(node)
    look = f'style="rounded,filled" fillcolor="{LIGHT["frame"]}" color="{LIGHT["outline"]}"'
    current: Scope = ()
    for scope, key in {(): "", **frames(picture)}.items():
        ends = len(current) - len(common([current, scope]))
        graph.body += ["}\n"] * ends
        if scope:
            name = labels.ink(labels.escaped(title(scope[-1])), "grad")
            head = f"id={key} class=frame label=<{name}> labeljust=l labelloc=t"
            if layout is not None:
                (left, top), (right, bottom) = layout.frames[scope]
                top, bottom = layout.size[1] - top, layout.size[1] - bottom
                middle = left + 8 + 2.9 * len(title(scope[-1])), top - 10
                head += f' bb="{_points((left, bottom), (right, top))}" lp="{_points(middle)}"'
            graph.body.append(f"subgraph cluster_{key} {{\n{head} {look} margin=8\n")
        yield from inside.get(scope, ())
        current = scope
    graph.body += ["}\n"] * len(current)


def _box(
    picture: Picture, node: Node, largest: float, room: int, width: float = 0.0
) -> dict[str, str]:
    """The attributes of a node; what is written in it begins at the left of this width."""
    shade = level(node.grad, largest)
    style, fill, _ = labels.KINDS[node.kind]
    attributes = {"shape": "box", "style": style}
    filled = width > 0 and not node.value.operands
    look = f'{labels.PLAIN} WIDTH="{width:.0f}"' if filled else labels.PLAIN
    if node.folded:
        attributes = {"shape": "box3d", "style": "filled", "margin": "0.08,0.1"}
    elif node.kind == "output":
        attributes["peripheries"] = "2"
    return attributes | {
        "id": node.key,
        "class": node.kind,
        "label": f"<{labels.table(labels.rows(picture, node, room), look)}>",
        "fillcolor": LIGHT[fill],
        "color": LIGHT["outline" if shade == "none" else shade],
        "penwidth": f"{WIDTHS[shade]:.3g}",
    }


def arrow_text(edge: Edge) -> str:
    """The partial, once a reverse pass has used it; or how many contributions it stands for."""
    if edge.count > 1:
        return f"×{edge.count:,}"
    return "" if edge.contribution is None else short(edge.partial)


def arrow_texts(picture: Picture, room: int = 0) -> dict[str, str]:
    """What is written at arrows, of each that has something; a player has all, and hides them."""
    texts = {}
    for edge in picture.edges.values():
        most = labels.PARTIALS if edge.count == 1 else COUNTS
        if edge.source.kind != "more" and len(picture.edges) <= most:
            hidden = room and edge.count == 1
            texts[edge.key] = short(edge.partial) if hidden else arrow_text(edge)
    return {key: text for key, text in texts.items() if text}


def _arrow(edge: Edge, largest: float, text: str) -> dict[str, str]:
    """The attributes of an edge."""
    shade = level(edge.contribution, largest)
    width = f"{WIDTHS[shade]:.3g}"
    attributes = {"id": edge.key, "color": LIGHT[shade], "penwidth": width}
    if edge.source.kind == "more":
        attributes |= {"style": "dashed", "arrowhead": "none"}
    return attributes | ({"label": text} if text else {})
