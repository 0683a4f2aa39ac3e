"""Pictures: DOT in, SVG or PNG out, by Graphviz's own ``dot``, or its port ``graphviz-pure``, which
pip installs with us; an SVG gets tooltips, texts for screen readers, and the reader's theme."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.etree import ElementTree

from autograd.drawing.boxes import Edge, Node
from autograd.drawing.dot import RIM, arrow_texts, boxes_alone, dot
from autograd.drawing.labels import plain
from autograd.drawing.layout import arranged
from autograd.drawing.palette import COLOURS, WIDTHS, style
from autograd.drawing.scene import Picture
from autograd.engine.errors import LayoutError
from autograd.engine.notation import short

PATIENCE = 300  # seconds
MISSING = (
    "a picture needs a layout engine, and there is none: pip install graphviz-pure, or install "
    "Graphviz (apt install graphviz, brew install graphviz); the drawing as text is in .dot"
)
SVG = "http://www.w3.org/2000/svg"
TOOLTIP = 300  # characters at most
# Words that the player rewrites; the colour is the one mark on a text that every engine passes on.
ROLES = {COLOURS[role][0]: role for role in ("symbol", "data", "grad")}
LEVELS = {COLOURS[name][0] for name in WIDTHS}
USELESS = ("font-family", "{http://www.w3.org/XML/1998/namespace}space")
STYLED = {("text-anchor", "start"), ("font-size", "11.00")}  # as the player's own style has it


def engines() -> list[str]:
    """The programs that can lay out DOT here, best first; pip's folder need not be on the path."""
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return [e for e in (shutil.which("dot"), shutil.which("graphviz-pure", path=path)) if e]


def lay_out(text: str, kind: str, dpi: int = 144) -> bytes:
    """Draw DOT as svg, or as png with so many dots per inch. Raises LayoutError if it fails."""
    said = MISSING
    for engine in engines():
        command = [engine, f"-T{kind}", *([f"-Gdpi={dpi}"] if kind == "png" else [])]
        name = Path(engine).name
        try:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            said = f"no picture: {name} took more than {PATIENCE} s: lower budget= or depth="
            continue
        except OSError as error:
            said = f"no picture: {engine} did not start: {error}"
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = f"no picture: {name} failed: {[f'exit status {done.returncode}', *lines][-1]}"
    raise LayoutError(said)


def placed(picture: Picture, room: int = 0, opaque: bool = False) -> str:
    """The picture in DOT for ``lay_out``, with places for everything unless that takes too long.
    Raises LayoutError."""

    def measured() -> dict[str, tuple[float, float]]:
        said = lay_out(boxes_alone(picture, room), "plain").decode()
        found = re.findall(r"^node (\S+) \S+ \S+ (\S+) (\S+)", said, re.M)
        rims = {picture.node_of[picture.output].key: 2 * RIM}
        sizes = {key: (72 * float(x), 72 * float(y), rims.get(key, 0.0)) for key, x, y in found}
        return {key: (x + rim, y + rim) for key, (x, y, rim) in sizes.items()}

    layout = arranged(picture, measured, arrow_texts(picture, room))
    return dot(picture, room, layout, opaque)


def svg(picture: Picture, room: int = 0) -> str:
    """The picture as one SVG element; with room in its boxes, as a player needs it."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(lay_out(placed(picture, room), "svg"))
    root.attrib |= {"class": "glassgrad", "role": "group" if room else "img"}
    root.set("aria-label", described_picture(picture))
    texts = {node.key: _node_text(picture, node) for node in picture.nodes}
    texts |= {edge.key: _edge_text(edge) for edge in picture.edges.values()}
    for element in root.iter():
        element.tail = None
        if len(element) and element.text and not element.text.strip():
            element.text = None
        for name, value in list(element.attrib.items()):
            if name in USELESS or (room and (name, value) in STYLED):
                del element.attrib[name]
            elif value == "transparent":
                element.set(name, "none")
            elif room and name in ("d", "points", "x", "y"):  # digits that no screen shows
                element.set(name, re.sub(r"(?<=\.\d)\d+", "", value))
        if room and element.get("fill") in ROLES:
            element.set("class", ROLES[element.attrib["fill"]])
    for group in list(root.iter(f"{{{SVG}}}g")):
        key, heading = group.get("id", ""), group.find(f"{{{SVG}}}title")
        if heading is not None and not room and key in texts:
            heading.text = texts[key]
        elif heading is not None:  # a player tells more, and frames have their name
            group.remove(heading)
        if key.startswith("n"):
            _join(group)
        for part in group.iter() if room and key in texts else ():
            for name in ("fill", "stroke"):  # which the player gives by data-level
                if part.get(name) in LEVELS:
                    del part.attrib[name]
    if not room:
        _raise_numbers(root)
        root.set("style", "max-width:100%;height:auto")
        sheet = ElementTree.Element(f"{{{SVG}}}style")
        sheet.text = style()
        root.insert(0, sheet)
    return ElementTree.tostring(root, encoding="unicode")


def described_picture(picture: Picture) -> str:
    """The picture in a sentence: ``Graph of y = 0.5: 5 values, 3 of them made by operations``."""
    made = sum(bool(v.operands) for v in picture.order)
    output = plain(picture.written(picture.output), TOOLTIP)
    return f"Graph of {output}: {len(picture.order):,} values, {made:,} made by operations"


def _node_text(picture: Picture, node: Node) -> str:
    """What a node is, in words."""
    v, count = node.value, len(node.values)
    grad = "" if node.grad is None else f", largest grad {short(node.grad)}"
    if node.kind == "more":
        return f"{count:,} more values are not shown"
    if node.module is not None:
        name = " of ".join(reversed(picture.scopes.titles(node.module)))
        return plain(f"{name}: {count:,} values{grad}", TOOLTIP)
    if node.folded:
        example = plain(picture.written(v), TOOLTIP)
        return f"{count:,} values that play the same part, such as {example}{grad}"
    path = picture.scopes.paths.get(v, "")
    return plain(f"{node.kind}{f' {path}' if path else ''}: {picture.written(v)}", TOOLTIP)


def _edge_text(edge: Edge) -> str:
    if edge.source.kind == "more":
        return "from values that are not shown"
    largest = "" if edge.contribution is None else f"contribution {short(edge.contribution)}"
    if edge.count > 1:
        return f"{edge.count:,} uses{f', largest {largest}' if largest else ''}"
    return f"partial {short(edge.partial)}, {largest}" if largest else "no reverse pass yet"


def _join(group: ElementTree.Element) -> None:
    """Let the words of a line follow one another, however wide the layout engine took them."""
    line: ElementTree.Element | None = None
    for text in group.findall(f"{{{SVG}}}text"):
        if ROLES.get(text.get("fill", "")) == "symbol":
            line = None
        elif line is None or text.get("y") != line.get("y"):
            line = text
        else:
            if not len(line):
                line.append(_span(line))
            line.append(_span(text))
            group.remove(text)


def _raise_numbers(root: ElementTree.Element) -> None:
    """Draw the numbers of arrows after all arrows, so that no line runs over one."""
    graph = root.find(f"{{{SVG}}}g")
    assert graph is not None
    numbers = ElementTree.SubElement(graph, f"{{{SVG}}}g", {"class": "edge numbers"})
    for arrow in graph.findall(f"{{{SVG}}}g[@class='edge']"):
        for number in arrow.findall(f"{{{SVG}}}text"):
            arrow.remove(number)
            numbers.append(number)


def _span(text: ElementTree.Element) -> ElementTree.Element:
    """The words of a text with their look, taken out of it."""
    look = [name for name in text.attrib if name in ("fill", "font-weight", "class")]
    span = ElementTree.Element(f"{{{SVG}}}tspan", {name: text.attrib.pop(name) for name in look})
    span.text, text.text = text.text, None
    return span
