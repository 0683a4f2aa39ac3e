"""SVG: what the layout engine drew, with tooltips, a text for screen readers, and the reader's
light or dark theme.
"""

import re
from xml.etree import ElementTree

from autograd.drawing.dot import dot, plain
from autograd.drawing.modules import title
from autograd.drawing.palette import COLOURS, style
from autograd.drawing.render import lay_out
from autograd.drawing.scene import Edge, Node, Picture
from autograd.engine.notation import short, written

__all__ = ["described_picture", "svg"]

SVG = "http://www.w3.org/2000/svg"
TOOLTIP = 300  # characters at most
# Words that the player rewrites; the colour is the one mark on a text that every engine passes on.
ROLES = {COLOURS[role][0]: role for role in ("symbol", "data", "grad")}


def svg(picture: Picture, room: int = 0) -> str:
    """The picture as one SVG element; with room in its boxes, it is the stage of a player. Raises
    LayoutError.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(lay_out(dot(picture, room), "svg"))
    root.attrib |= {"class": "glassgrad", "role": "group" if room else "img"}
    root.set("aria-label", described_picture(picture))
    texts = {node.key: _node_text(picture, node) for node in picture.nodes}
    texts |= {edge.key: _edge_text(edge) for edge in picture.edges.values()}
    for element in list(root.iter()):
        for attribute in ("font-family", "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(attribute, None)
        element.tail = None
        if element.get("stroke") == "transparent":
            element.set("stroke", "none")
        if element.text and not element.text.strip() and len(element):
            element.text = None
        if element.tag != f"{{{SVG}}}g":
            continue
        key, heading = element.get("id", ""), element.find(f"{{{SVG}}}title")
        if heading is not None and not room and key in texts:
            heading.text = texts[key]
        elif heading is not None:  # a player tells more, and frames have their name
            element.remove(heading)
        if key.startswith("n"):
            _join(element)
        if room and key in texts:
            _slim(element)
    if not room:
        root.set("style", "max-width:100%;height:auto")
        sheet = ElementTree.Element(f"{{{SVG}}}style")
        sheet.text = style()
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
    if node.kind == "more":
        return f"{count:,} more values are not shown"
    if node.kind == "module":
        name = " of ".join(map(title, reversed(node.module))) or picture.scopes.name
        return plain(f"{name}: {count:,} values{grad}", TOOLTIP)
    if node.folded:
        example = plain(written(v), TOOLTIP)
        return f"{count:,} values that play the same part, such as {example}{grad}"
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
    """Let the words of one line follow one another, whatever widths the layout engine took letters
    to have.
    """
    line: ElementTree.Element | None = None
    for text in group.findall(f"{{{SVG}}}text"):
        if ROLES.get(text.get("fill", "")) == "symbol":
            line = None
        elif line is None or text.get("y") != line.get("y"):
            line = text
        else:
            if len(line) == 0:
                line.append(_span(line))
                line.text = None
                kept = ("text-anchor", "x", "y", "font-size")
                line.attrib = {name: line.attrib[name] for name in kept}
            line.append(_span(text))
            group.remove(text)


def _span(text: ElementTree.Element) -> ElementTree.Element:
    span = ElementTree.Element(
        f"{{{SVG}}}tspan", {k: v for k, v in text.attrib.items() if k in ("fill", "font-weight")}
    )
    span.text = text.text
    return span


def _slim(group: ElementTree.Element) -> None:
    """Drop what the player's own style says, and digits that no screen shows; mark the texts that
    it changes.
    """
    words = group.get("class", "").split()
    edge = words[:1] == ["edge"]
    group.set("class", " ".join(words[: 1 if edge else 2]))
    for element in list(group):
        if element.tag == f"{{{SVG}}}path" and not edge:
            element = _rectangle(group, element)
        for part in element.iter():
            for name in {"d", "points", "x", "y"} & part.attrib.keys():
                part.set(name, re.sub(r"(\.\d)\d+", r"\1", part.attrib[name]))
            if part.get("fill") in ROLES and part.tag != f"{{{SVG}}}g":
                part.set("class", ROLES[part.attrib["fill"]])
            dropped = {"text-anchor": "start", "font-size": "11.00"}
            dropped["stroke-width"] = part.get("stroke-width", "")
            if edge and part.tag != f"{{{SVG}}}text":
                dropped |= {name: part.get(name, "") for name in ("fill", "stroke")}
            for name, usual in dropped.items():
                if part.get(name) == usual:
                    del part.attrib[name]


def _rectangle(group: ElementTree.Element, path: ElementTree.Element) -> ElementTree.Element:
    """A rounded box as what it is, in a tenth of the letters."""
    numbers = [float(word) for word in re.findall(r"-?[\d.]+", path.attrib["d"])]
    left, right, top, bottom = (f(numbers[i::2]) for i in (0, 1) for f in (min, max))
    size = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rx": 10}
    kept = path.attrib.keys() & {"fill", "stroke", "stroke-dasharray"}
    attributes = {name: f"{x:.1f}" for name, x in size.items()}
    attributes |= {name: path.attrib[name] for name in sorted(kept)}
    rectangle = ElementTree.Element(f"{{{SVG}}}rect", attributes)
    group[list(group).index(path)] = rectangle
    return rectangle
