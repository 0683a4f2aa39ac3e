"""DOT: a picture in the language of Graphviz, with whatever users put in their labels made
harmless.

Labels are HTML-like, because nothing but ``& < > "`` and the backslash is special there (in DOT's
strings, entities that a user has typed are too)."""

import html
import re
from collections.abc import Callable
from typing import Any

from autograd.drawing.modules import Scope, title
from autograd.drawing.palette import COLOURS, LEVELS, SHARES, WIDTHS, level
from autograd.drawing.scene import Edge, Node, Picture
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT

__all__ = ["dot", "frames", "grad_text", "number_text", "plain", "symbol"]

LIGHT = {role: pair[0] for role, pair in COLOURS.items()}
SIGNS = {"*": "×", "-": "−", "/": "÷"}  # as the blackboard has them
PARTIALS = 150  # edges at most that have their partial written beside them,
COUNTS = 30  # or how many contributions they stand for: more would push the layers apart
LONGEST = 48  # characters of a label; its tooltip has the rest

SHAPES = {
    **dict.fromkeys(("input", "leaf", "more"), 'shape=box style="filled"'),
    **dict.fromkeys(("parameter", "operation"), 'shape=box style="rounded,filled"'),
    "constant": 'shape=box style="filled,dashed,rounded"',
    "output": 'shape=box style="rounded,filled" peripheries=2',
    "module": 'shape=box style="filled,bold"',
}
KINDS = ("parameter", "input", "leaf", "constant", "operation", "output", "module", "more")
FOLDED = 'shape=box3d style="filled"'
FILLS = {"leaf": "input", "more": "constant"}
EXPLAINED = {"module": "module, collapsed", "more": "not shown"}


def plain(text: str, longest: int = LONGEST) -> str:
    """A label as characters that XML allows: control characters become their pictures, a long label
    is cut.

    >>> plain("a\\tb\\x00"), plain("x" * 60, 9)
    ('a␉b␀', 'xxxxxxxx…')
    """
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", _pictured, text)


def _pictured(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def symbol(value: Any, op: Any = None) -> str:
    """The operation by its symbol, with its constants: ``×``, ``**3``, ``tanh``, ``clip(0, 1)``."""
    op = op or value.op
    constants = ", ".join(map(short, value.constants))
    if not constants:
        return str(SIGNS.get(op.symbol, op.symbol))
    return f"**{constants}" if op.symbol == "**" else f"{op.symbol}({constants})"


def dot(picture: Picture, room: int = 0) -> str:
    """The picture in DOT; room is the least width of a box in points, for numbers that will change.

    Raises ImportError, with what to install, where the graphviz package is not.
    """
    try:
        import graphviz  # type: ignore[import-untyped]
    except ImportError:
        raise ImportError(
            "drawing needs the graphviz package: pip install graphviz graphviz-pure"
        ) from None
    graph = graphviz.Digraph("graph")
    apart = 0.4 + min(1.6, 0.1 * len(picture.edges) / len(picture.nodes))
    graph.attr(
        rankdir="LR",
        bgcolor=LIGHT["paper"],
        fontname="Helvetica",
        fontsize="11",
        nodesep="0.16",
        ranksep=f"{apart:.2f}",
    )
    graph.attr(
        label=_table(_legend(picture, bool(room))),
        labelloc="b",
        fontcolor=LIGHT["ink"],
        compound="true",
        pad="0.15",
    )
    if (
        len(picture.nodes) > 500
    ):  # a large picture needs an early end more than the last crossing removed
        graph.attr(
            nslimit="2",
            nslimit1="2",
            mclimit="0.3",
            splines="polyline" if len(picture.nodes) > 2000 else "true",
        )
    graph.attr(
        "node",
        fontname="Helvetica",
        fontsize="11",
        fontcolor=LIGHT["ink"],
        margin="0.08,0.05",
        height="0.2",
    )
    graph.attr(
        "edge", fontname="Helvetica", fontsize="9", fontcolor=LIGHT["partial"], arrowsize="0.6"
    )
    largest = picture.largest
    _framed(graph, picture, lambda node: graph.node(node.key, **_box(picture, node, largest, room)))
    for edge in picture.edges.values():
        graph.edge(edge.source.key, edge.target.key, **_arrow(edge, largest, len(picture.edges)))
    return str(graph.source)


def frames(picture: Picture) -> dict[Scope, str]:
    """The id of the frame of each scope that something is drawn in; outer frames come before inner
    ones.
    """
    scopes = {node.scope[:i] for node in picture.nodes for i in range(1, len(node.scope) + 1)}
    return {scope: f"m{i}" for i, scope in enumerate(sorted(scopes, key=_natural))}


def _framed(graph: Any, picture: Picture, draw: Callable[[Node], None]) -> None:
    """Draw the nodes of each scope, modules inside modules as nested frames."""
    inside: dict[Scope, list[Node]] = {}
    for node in picture.nodes:
        inside.setdefault(node.scope, []).append(node)
    ids = frames(picture)
    parts: dict[Scope, list[Scope]] = {scope: [] for scope in [(), *ids]}
    for inner in ids:
        parts[inner[:-1]].append(inner)
    stack: list[Scope | None] = [()]
    while stack:
        scope = stack.pop()
        if scope is None:  # the end of a frame
            graph.body.append("}\n")
            continue
        if scope:
            name = f'<FONT COLOR="{LIGHT["grad"]}">{_text(title(scope[-1]))}</FONT>'
            graph.body.append(
                f"subgraph cluster_{ids[scope]} {{\nid={ids[scope]} class=frame label=<{name}> labeljust=l labelloc=t "
                f'style="rounded,filled" fillcolor="{LIGHT["frame"]}" color="{LIGHT["outline"]}" margin=8\n'
            )
            stack.append(None)
        for node in inside.get(scope, ()):
            draw(node)
        stack.extend(reversed(parts[scope]))


def _natural(scope: Scope) -> list[tuple[int, str]]:
    """Order 2 before 10."""
    return [
        (int(word), "") if word.isdigit() else (-1, word)
        for part in scope
        for word in part.split(".")
    ]


def _box(picture: Picture, node: Node, largest: float, room: int) -> dict[str, str]:
    """The attributes of a node."""
    shade = level(node.grad, largest)
    attributes = {
        key: text.strip('"')
        for key, text in re.findall(
            r'(\w+)=("[^"]*"|\w+)', FOLDED if node.folded else SHAPES[node.kind]
        )
    }
    return attributes | {
        "id": node.key,
        "class": f"{node.kind} {shade}",
        "label": _table(_rows(picture, node, room)),
        "fillcolor": LIGHT[FILLS.get(node.kind, node.kind)],
        "color": LIGHT["outline" if shade == "none" else shade],
        "penwidth": f"{WIDTHS[shade]:.3g}",
    }


def _rows(picture: Picture, node: Node, room: int) -> list[str]:
    """What is written in a box: the operation at the left, then label and number, then the grad."""
    if node.kind == "more":
        return [_row(_ink(f"{len(node.values):,} more not shown", "grad"))]
    v, count = node.value, len(node.values)
    lines = []
    if node.kind == "module":
        lines.append(
            f"<B>{_text(title(node.module[-1]) if node.module else picture.scopes.name)}</B>"
        )
        parameters = sum(v in picture.scopes.paths for v in node.values)
        lines.append(_ink(f"{count:,} values, {parameters:,} parameters", "partial"))
    elif count > 1:
        labels = list(dict.fromkeys(v.label for v in node.values))
        name = labels[0] + " …" * (len(labels) > 1) if labels[0] else ""
        lines.append(f"<B>{_text(name)}</B> " * bool(name) + _ink(f"{count:,} values", "partial"))
        lines.append(_ink(number_text(node), "data"))
    else:
        name = f"<B>{_text(v.label)}</B>"
        number = _ink(number_text(node), "data")
        lines += (
            [name, number] if len(v.label) > 20 else [f"{name} = {number}" if v.label else number]
        )
    if room and v.op is not CONSTANT:
        lines.append(_ink("grad 0", "grad"))
    elif node.grad is not None:
        lines.append(_ink(grad_text(node), "grad"))
    left = ""
    if node.kind != "module" and picture.recorded(v).operands:
        sign = f'<FONT POINT-SIZE="14">{_ink(_text(symbol(v, picture.recorded(v).op)), "symbol")}</FONT>'
        left = (
            f'<TD ROWSPAN="{len(lines)}" SIDES="R" BORDER="1" COLOR="{LIGHT["rule"]}">{sign} </TD>'
        )
    width = f' WIDTH="{room if count == 1 else room * 3 // 2}"' if room else ""
    return [_row(line, left * (i == 0), width) for i, line in enumerate(lines)]


def number_text(node: Node) -> str:
    """The number of a box, or the range of its numbers."""
    low, high = (short(f(v.data for v in node.values)) for f in (min, max))
    return low if low == high else f"{low} … {high}"


def grad_text(node: Node) -> str:
    """The grad of a box, or the largest of its grads."""
    return (
        ""
        if node.grad is None
        else f"{'grad' if len(node.values) == 1 else 'largest grad'} {short(node.grad)}"
    )


def _arrow(edge: Edge, largest: float, edges: int) -> dict[str, str]:
    """The attributes of an edge."""
    shade = level(edge.contribution, largest)
    attributes = {
        "id": edge.key,
        "class": shade,
        "color": LIGHT[shade],
        "penwidth": f"{WIDTHS[shade]:.3g}",
    }
    if edge.source.kind == "more":
        attributes |= {"style": "dashed", "arrowhead": "none"}
    if edge.source.kind != "more" and edges <= (PARTIALS if edge.count == 1 else COUNTS):
        attributes["label"] = short(edge.partial) if edge.count == 1 else f"×{edge.count:,}"
    return attributes


def _legend(picture: Picture, played: bool) -> list[str]:
    """Which kinds of box and which sizes of gradient there are, and what the picture leaves out."""
    kinds = {node.kind for node in picture.nodes}
    keys = [
        (LIGHT[FILLS.get(kind, kind)], EXPLAINED.get(kind, kind)) for kind in KINDS if kind in kinds
    ]
    largest, notes = picture.largest, []
    if played:
        notes.append("outline: grad; arrow: contribution (its number: the partial)")
    elif not picture.reached:
        notes.append("no reverse pass yet: call backward() to see grads")
    elif not largest:
        notes.append("every grad is 0")
    else:
        steps = ", ".join(short(share * largest) for share in SHARES[1:])
        notes += [
            "outline: grad; arrow: contribution (its number: the partial)",
            f"width and colour change at {steps}",
        ]
    if picture.hidden:
        notes.append(
            f"{picture.hidden:,} of {len(picture.order):,} values not shown: raise budget= to see more"
        )
    elif len(picture.order) > len(picture.nodes):
        how = " and ".join(
            ["repeats folded"] * picture.folded + ["modules collapsed"] * ("module" in kinds)
        )
        notes.append(f"{len(picture.order):,} values in {len(picture.nodes):,} boxes: {how}")
    if len(picture.edges) > PARTIALS:
        notes.append("partials: in the tooltips of the arrows")
    width = max(map(len, notes)) * 5
    rows = [
        _line(
            [cell for colour, name in keys for cell in (_swatch(colour), _words(name))], width, keys
        )
    ]
    if largest or played:
        bound = "largest" if played else short(largest)
        scale = [_swatch(LIGHT[name], 14, WIDTHS[name] * 2.5) for name in LEVELS]
        rows.append(_line([_words(f"−{bound}"), *scale, _words(f"+{bound}")], width, []))
    return rows + [_row(_ink(note, "grad")) for note in notes]


def _line(cells: list[str], width: int, keys: list[tuple[str, str]]) -> str:
    """Cells side by side at the left; an empty one takes the rest of the width, so that the others
    are not spread.
    """
    used = sum(16 + 6 * len(name) for _, name in keys) or 180
    rest = f'<TD WIDTH="{max(1, width - used)}"></TD>'
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">'
    return f'<TR><TD ALIGN="LEFT">{table}<TR>{"".join(cells)}{rest}</TR></TABLE></TD></TR>'


def _words(text: str) -> str:
    return f'<TD ALIGN="LEFT">{_ink(text, "grad")} </TD>'


def _table(rows: list[str]) -> str:
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{"".join(rows)}</TABLE>>'


def _row(content: str, left: str = "", width: str = "") -> str:
    return f'<TR>{left}<TD ALIGN="LEFT"{width}>{content}</TD></TR>'


def _ink(text: str, role: str) -> str:
    return f'<FONT COLOR="{LIGHT[role]}">{text}</FONT>'


def _swatch(colour: str, width: int = 12, height: float = 9) -> str:
    border = f'BORDER="1" COLOR="{LIGHT["outline"]}"' if width == 12 else 'BORDER="0"'
    size = f'WIDTH="{width}" HEIGHT="{max(2, round(height))}" FIXEDSIZE="TRUE"'
    inner = (
        f'<TABLE CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" {border} BGCOLOR="{colour}" {size}>'
    )
    return f"<TD>{inner}<TR><TD></TD></TR></TABLE></TD>"


def _text(label: str) -> str:
    """A label inside of an HTML-like one."""
    return html.escape(plain(label)).replace(
        "\\", r"\\"
    )  # r"\N" alone would become the node's name
