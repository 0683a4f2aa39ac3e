"""SVG: what the layout engine drew, with tooltips, a text for screen readers, and the reader's light or dark theme."""

import re
from xml.etree import ElementTree

from autograd.diagram import dot, plain
from autograd.layout import lay_out
from autograd.notation import short, written
from autograd.palette import COLOURS, style
from autograd.picture import Edge, Node, Picture
from autograd.scopes import title

__all__ = ["described_picture", "svg"]

SVG = "http://www.w3.org/2000/svg"
TOOLTIP = 300  # characters at most
# Words that the player rewrites; the colour is the one mark on a text that every engine passes on.
ROLES = {COLOURS[role][0]: role for role in ("symbol", "data", "grad")}


def svg(picture: Picture, room: int = 0) -> str:
    """The picture as one SVG element; with room in its boxes, it is the stage of a player. Raises LayoutError."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(lay_out(dot(picture, room), "svg"))
    root.set("class", "glassgrad")
    root.set("role", "group" if room else "img")
    root.set("aria-label", described_picture(picture))
    if not room:
        root.set("style", "max-width:100%;height:auto")
    texts = {node.key: _node_text(picture, node) for node in picture.nodes}
    texts |= {edge.key: _edge_text(edge) for edge in picture.edges.values()}
    for group in root.iter(f"{{{SVG}}}g"):
        heading = group.find(f"{{{SVG}}}title")
        if heading is not None:
            key = group.get("id", "")
            if room or key not in texts:  # a player tells more, and frames have their name
                group.remove(heading)
            else:
                heading.text = texts[key]
        if group.get("id", "").startswith("n"):
            _join(group)
    for element in root.iter():
        for attribute in ("font-family", "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(attribute, None)
        element.tail = None
        if element.get("stroke") == "transparent":
            element.set("stroke", "none")
        if room:
            _slim(element)
    sheet = ElementTree.Element(f"{{{SVG}}}style")
    sheet.text = style()
    if not room:
        root.insert(0, sheet)
    return ElementTree.tostring(root, encoding="unicode")


def described_picture(picture: Picture) -> str:
    """The picture in a sentence: ``Graph of y = 0.5: 5 values, 3 of them made by operations``."""
    made = sum(bool(v.operands) for v in picture.order)
    output = plain(written(picture.output), TOOLTIP)
    return f"Graph of {output}: {len(picture.order):,} values, {made:,} made by operations"


def _node_text(picture: Picture, node: Node) -> str:
    """What a node is, in words."""
    v, count = node.value, len(node.values)
    grad = "" if node.grad is None else f", largest grad {short(node.grad)}"
    match node.kind:
        case "more":
            return f"{count:,} more values are not shown"
        case "module":
            name = " of ".join(map(title, reversed(node.module))) or picture.scopes.name
            return f"{name}: {count:,} values{grad}"
    if node.folded:
        return f"{count:,} values that play the same part, such as {plain(written(v), TOOLTIP)}{grad}"
    path = picture.scopes.paths.get(v, "")
    return plain(f"{node.kind}{f' {path}' if path else ''}: {written(v)}", TOOLTIP)


def _edge_text(edge: Edge) -> str:
    if edge.source.kind == "more":
        return "from values that are not shown"
    largest = "" if edge.contribution is None else f"contribution {short(edge.contribution)}"
    if edge.count > 1:
        return f"{edge.count:,} uses{f', largest {largest}' if largest else ''}"
    return f"partial {short(edge.partial)}{f', {largest}' if largest else ''}"


def _join(group: ElementTree.Element) -> None:
    """Let the words of one line follow one another, whatever widths the layout engine took letters to have."""
    line: ElementTree.Element | None = None
    for text in group.findall(f"{{{SVG}}}text"):
        fill = text.get("fill")
        if line is not None and ROLES.get(fill or "") != "symbol" and text.get("y") == line.get("y"):
            if len(line) == 0:
                line.append(_span(line))
                line.text = None
                line.attrib = {name: line.attrib[name] for name in ("text-anchor", "x", "y", "font-size")}
            line.append(_span(text))
            group.remove(text)
        else:
            line = None if ROLES.get(fill or "") == "symbol" else text


def _span(text: ElementTree.Element) -> ElementTree.Element:
    span = ElementTree.Element(
        f"{{{SVG}}}tspan", {k: v for k, v in text.attrib.items() if k in ("fill", "font-weight")}
    )
    span.text = text.text
    return span


def _slim(element: ElementTree.Element) -> None:
    """Drop digits that no screen shows, and mark the texts that a player changes."""
    for name in ("d", "points", "x", "y"):
        if name in element.attrib:
            element.set(name, re.sub(r"(\.\d)\d+", r"\1", element.attrib[name]))
    if element.tag in (f"{{{SVG}}}text", f"{{{SVG}}}tspan") and element.get("fill") in ROLES:
        element.set("class", ROLES[element.attrib["fill"]])
