"""DOT: a picture in the language of Graphviz, whatever users put into their (HTML-like) labels."""

import html
from collections.abc import Callable
from typing import Any

from autograd.drawing.modules import Scope, common, title
from autograd.drawing.palette import COLOURS, LEVELS, SHARES, WIDTHS, level
from autograd.drawing.scene import Edge, Node, Picture
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT

__all__ = ["arrow_text", "dot", "frames", "grad_text", "number_text", "plain"]

LIGHT = {role: pair[0] for role, pair in COLOURS.items()}
PARTIALS = 150  # edges at most that have their partial written next to them,
COUNTS = 30  # or how many contributions they stand for: more would push the layers apart
LONGEST = 48  # characters of a label; its tooltip has the rest

# What stands for a character that XML does not allow, or that nobody sees.
PICTURES = dict.fromkeys([*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\ufffd")
PICTURES |= {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}

# Of each kind of box: its style, its colour, and what the legend calls it; in the legend's order.
KINDS = {
    "parameter": ("rounded,filled", "parameter", "parameter"),
    "input": ("filled", "input", "input"),
    "leaf": ("filled", "input", "leaf"),
    "constant": ("filled,dashed,rounded", "constant", "constant"),
    "operation": ("rounded,filled", "operation", "operation"),
    "output": ("rounded,filled", "output", "output"),
    "module": ("filled,bold", "module", "module, collapsed"),
    "more": ("filled", "constant", "not shown"),
}


def plain(text: str, longest: int = LONGEST) -> str:
    """A label, cut if it is long, in characters that XML allows: pictures of control characters.

    >>> plain("a\\tb\\x00"), plain("x" * 60, 9)
    ('a␉b␀', 'xxxxxxxx…')
    """
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return text.translate(PICTURES)


def dot(picture: Picture, room: int = 0) -> str:
    """The picture in DOT; room: the least width of a box in points, for numbers that change."""
    try:
        import graphviz  # type: ignore[import-untyped]
    except ImportError:
        needed = "drawing needs the graphviz package: pip install graphviz graphviz-pure"
        raise ImportError(needed) from None
    nodes, edges = len(picture.nodes), len(picture.edges)
    graph = graphviz.Digraph("graph")
    font = {"fontname": "Helvetica", "fontsize": "11"}
    apart = f"{0.4 + min(1.6, 0.1 * edges / nodes):.2f}"
    graph.attr(rankdir="LR", bgcolor=LIGHT["paper"], **font, nodesep="0.16", ranksep=apart)
    if picture.legend:
        graph.attr(label=f"<{_table(_legend(picture, bool(room)))}>", labelloc="b")
    graph.attr(fontcolor=LIGHT["ink"], compound="true", pad="0.15")
    if nodes > 500:  # a large picture needs an early end more than the last crossing removed
        splines = "polyline" if nodes > 2000 else "true"
        graph.attr(nslimit="2", nslimit1="2", mclimit="0.3", splines=splines)
    graph.attr("node", **font, fontcolor=LIGHT["ink"], margin="0.08,0.05", height="0.2")
    font["fontsize"] = "9"
    graph.attr("edge", **font, fontcolor=LIGHT["partial"], arrowsize="0.6")
    largest = picture.largest
    _framed(graph, picture, lambda node: graph.node(node.key, **_box(picture, node, largest, room)))
    for edge in picture.edges.values():
        graph.edge(edge.source.key, edge.target.key, **_arrow(edge, largest, edges, room))
    return str(graph.source)


def frames(picture: Picture) -> dict[Scope, str]:
    """The id of the frame of each scope that is drawn in; inner frames follow the outer."""
    scopes = {node.scope[:i] for node in picture.nodes for i in range(1, len(node.scope) + 1)}
    return {scope: f"m{i}" for i, scope in enumerate(sorted(scopes, key=_natural))}


def _natural(scope: Scope) -> list[list[tuple[int, str]]]:
    """Order 2 before 10."""
    words = [part.split(".") for part in scope]
    return [[(int(w), "") if w.isdecimal() else (-1, w) for w in part] for part in words]


def _framed(graph: Any, picture: Picture, draw: Callable[[Node], None]) -> None:
    """Draw the nodes of each scope, modules inside modules as nested frames."""
    inside: dict[Scope, list[Node]] = {}
    for node in picture.nodes:
        inside.setdefault(node.scope, []).append(node)
    look = f'style="rounded,filled" fillcolor="{LIGHT["frame"]}" color="{LIGHT["outline"]}"'
    current: Scope = ()
    for scope, key in {(): "", **frames(picture)}.items():
        ends = len(current) - len(common([current, scope]))
        graph.body += ["}\n"] * ends
        if scope:
            name = _ink(_text(title(scope[-1])), "grad")
            head = f"id={key} class=frame label=<{name}> labeljust=l labelloc=t"
            graph.body.append(f"subgraph cluster_{key} {{\n{head} {look} margin=8\n")
        for node in inside.get(scope, ()):
            draw(node)
        current = scope
    graph.body += ["}\n"] * len(current)


def _box(picture: Picture, node: Node, largest: float, room: int) -> dict[str, str]:
    """The attributes of a node."""
    shade = level(node.grad, largest)
    style, fill, _ = KINDS[node.kind]
    attributes = {"shape": "box", "style": style}
    if node.folded:
        attributes = {"shape": "box3d", "style": "filled"}
    elif node.kind == "output":
        attributes["peripheries"] = "2"
    return attributes | {
        "id": node.key,
        "class": node.kind,
        "label": f"<{_table(_rows(picture, node, room))}>",
        "fillcolor": LIGHT[fill],
        "color": LIGHT["outline" if shade == "none" else shade],
        "penwidth": f"{WIDTHS[shade]:.3g}",
    }


def _rows(picture: Picture, node: Node, room: int) -> list[list[str]]:
    """What is written in a box: the operation at the left, then label and number, then the grad."""
    v, count = node.value, len(node.values)
    if node.kind == "more":
        return [[_cell(_ink(f"{count:,} more not shown", "grad"))]]
    name = picture.label(v)
    label, number = _bold(name), _ink(number_text(node), "data")
    if node.module is not None:
        parameters = sum(v in picture.scopes.paths for v in node.values)
        holds = f"{count:,} values, {parameters:,} parameters"
        lines = [_bold(picture.scopes.titles(node.module)[-1]), _ink(holds, "partial")]
    elif count > 1:
        first, *others = dict.fromkeys(map(picture.label, node.values))
        shared = f"{_bold(first + ' …' * bool(others))} " if first else ""
        lines = [shared + _ink(f"{count:,} values", "partial"), number]
    elif len(name) > 20:
        lines = [label, number]
    else:
        lines = [f"{label} = {number}" if name else number]
    if room and v.op is not CONSTANT:
        lines.append(_ink("grad 0", "grad"))
    elif node.grad is not None:
        lines.append(_ink(grad_text(node), "grad"))
    sign, recorded = [], picture.recorded(v)
    if node.module is None and recorded.operands:
        op, constants = recorded.op, ", ".join(map(short, v.constants))
        raised = f"**{constants}" if op.symbol == "**" else f"{op.symbol}({constants})"
        written = _ink(_text(raised if constants else op.sign), "symbol")
        look = f'ROWSPAN="{len(lines)}" SIDES="R" BORDER="1" COLOR="{LIGHT["rule"]}"'
        sign = [_cell(f'<FONT POINT-SIZE="14">{written}</FONT> ', look)]
    # -1.234e-05 must have room beside the label, where a number changes.
    beside = len(name) if len(name) <= 20 else 0
    least = max(room, 7 * beside + 64) if count == 1 else room * 3 // 2
    width = f' WIDTH="{least}"' if room else ""
    rows = [[_cell(line, f'ALIGN="LEFT"{width}')] for line in lines]
    return [[*sign, *rows[0]], *rows[1:]]


def number_text(node: Node) -> str:
    """The number of a box, or the range of its numbers."""
    low, high = (short(f(v.data for v in node.values)) for f in (min, max))
    return low if low == high else f"{low} … {high}"


def grad_text(node: Node) -> str:
    """The grad of a box, or the largest of its grads."""
    name = "grad" if len(node.values) == 1 else "largest grad"
    return "" if node.grad is None else f"{name} {short(node.grad)}"


def arrow_text(edge: Edge) -> str:
    """The partial, once a reverse pass has used it; or how many contributions it stands for."""
    if edge.count > 1:
        return f"×{edge.count:,}"
    return "" if edge.contribution is None else short(edge.partial)


def _arrow(edge: Edge, largest: float, edges: int, room: int) -> dict[str, str]:
    """The attributes of an edge."""
    shade = level(edge.contribution, largest)
    width = f"{WIDTHS[shade]:.3g}"
    attributes = {"id": edge.key, "color": LIGHT[shade], "penwidth": width}
    if edge.source.kind == "more":
        attributes |= {"style": "dashed", "arrowhead": "none"}
    elif edges <= (PARTIALS if edge.count == 1 else COUNTS):
        attributes["label"] = short(edge.partial) if room and edge.count == 1 else arrow_text(edge)
    return attributes


def _legend(picture: Picture, played: bool) -> list[list[str]]:
    """Which kinds of box and which sizes of gradient there are, and what the picture leaves out."""
    present = {node.kind for node in picture.nodes}
    largest, notes = picture.largest, []
    if not played and not picture.reached:
        notes.append("no reverse pass yet: call backward() to see partials and grads")
    elif not played and not largest:
        notes.append("every grad is 0")
    else:
        notes.append("outline: grad; arrow: contribution (its number: the partial)")
        steps = ", ".join(short(share * largest) for share in SHARES[1:])
        notes += [] if played else [f"width and colour change at {steps}"]
    values = f"{len(picture.order):,} values"
    if picture.hidden:
        notes.append(f"{picture.hidden:,} of {values} not shown: raise budget= to see more")
    elif len(picture.order) > len(picture.nodes):
        how = ["repeats folded"] * picture.folded + ["modules collapsed"] * ("module" in present)
        notes.append(f"{values} in {len(picture.nodes):,} boxes: {' and '.join(how)}")
    if picture.changed:
        notes.append("the data have changed: partials and grads are those of the recording")
    if (
        picture.reached and len(picture.edges) > PARTIALS and not played
    ):  # a player has a ledger and no tooltips
        notes.append("partials: in the tooltips of the arrows")
    width = max(map(len, notes)) * 5
    keys = [(LIGHT[fill], name) for kind, (_, fill, name) in KINDS.items() if kind in present]
    cells = [cell for colour, name in keys for cell in (_swatch(colour), _words(name))]
    rows = [_line(cells, width - sum(16 + 6 * len(name) for _, name in keys))]
    if largest or played:
        bound = "largest" if played else short(largest)
        scale = [_swatch(LIGHT[name], 14, WIDTHS[name] * 2.5) for name in LEVELS]
        rows.append(_line([_words(f"−{bound}"), *scale, _words(f"+{bound}")], width - 180))
    return rows + [[_cell(_ink(note, "grad"))] for note in notes]


def _line(cells: list[str], rest: int) -> list[str]:
    """Cells side by side; an empty one takes the rest of the width, or they are spread."""
    row = [*cells, _cell("", f'WIDTH="{max(1, rest)}"')]
    return [_cell(_table([row], 'BORDER="0" CELLSPACING="1" CELLPADDING="1"'))]


def _table(rows: list[list[str]], look: str = 'BORDER="0" CELLSPACING="0" CELLPADDING="2"') -> str:
    lines = "".join(f"<TR>{''.join(cells)}</TR>" for cells in rows)
    return f'<TABLE CELLBORDER="0" {look}>{lines}</TABLE>'


def _cell(content: str, look: str = 'ALIGN="LEFT"') -> str:
    return f"<TD {look}>{content}</TD>"


def _words(text: str) -> str:
    return _cell(f"{_ink(text, 'grad')} ")


def _ink(text: str, role: str) -> str:
    return f'<FONT COLOR="{LIGHT[role]}">{text}</FONT>'


def _bold(label: str) -> str:
    return f"<B>{_text(label)}</B>"


def _swatch(colour: str, width: int = 12, height: float = 9) -> str:
    border = f'BORDER="1" COLOR="{LIGHT["outline"]}"' if width == 12 else 'BORDER="0"'
    size = f'WIDTH="{width}" HEIGHT="{max(2, round(height))}" FIXEDSIZE="TRUE"'
    look = f'CELLSPACING="0" CELLPADDING="0" {border} BGCOLOR="{colour}" {size}'
    return _cell(_table([[_cell("", "")]], look), "")


def _text(label: str) -> str:
    """A label inside of an HTML-like one; r"\\N" alone would become the node's name."""
    return html.escape(plain(label)).replace("\\", r"\\")
