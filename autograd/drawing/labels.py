"""What is written in a picture, in Graphviz' HTML-like labels, whatever users put into theirs: the
text of boxes, and the legend."""

import html

from autograd.drawing.boxes import Node
from autograd.drawing.palette import COLOURS, LEVELS, SHARES, WIDTHS
from autograd.drawing.scene import Picture
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT

LIGHT = {role: pair[0] for role, pair in COLOURS.items()}
PARTIALS = 150  # arrows at most that have their partial written next to them
LONGEST = 48  # characters of a label; its tooltip has the rest
PLAIN = 'BORDER="0" CELLSPACING="0" CELLPADDING="2"'  # of a table

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


def rows(picture: Picture, node: Node, room: int) -> list[list[str]]:
    """What is written in a box: the operation at the left, then label and number, then the grad."""
    v, count = node.value, len(node.values)
    if node.kind == "more":
        return [[cell(ink(f"{count:,} more not shown", "grad"))]]
    name = picture.label(v)
    label, number = _bold(name), ink(number_text(node), "data")
    if node.module is not None:
        parameters = sum(v in picture.scopes.paths for v in node.values)
        holds = f"{count:,} values, {parameters:,} parameters"
        lines = [_bold(picture.scopes.titles(node.module)[-1]), ink(holds, "partial")]
    elif count > 1:
        shared = {picture.label(v) for v in node.values}
        first, *others = sorted(shared, key=lambda label: (len(label), label))  # w2 before w16
        called = f"{_bold(first + ' …' * bool(others))} " if first else ""
        lines = [called + ink(f"{count:,} values", "partial"), number]
    elif len(name) > 20:
        lines = [label, number]
    else:
        lines = [f"{label} = {number}" if name else number]
    if room and v.op is not CONSTANT:
        lines.append(ink("grad 0", "grad"))
    elif node.grad is not None:
        lines.append(ink(grad_text(node), "grad"))
    sign, recorded = [], picture.recorded(v)
    if node.module is None and recorded.operands:
        op, constants = recorded.op, ", ".join(map(short, v.constants))
        raised = f"**{constants}" if op.symbol == "**" else f"{op.symbol}({constants})"
        written = ink(escaped(raised if constants else op.sign), "symbol")
        look = f'ROWSPAN="{len(lines)}" SIDES="R" BORDER="1" COLOR="{LIGHT["rule"]}"'
        sign = [cell(f'<FONT POINT-SIZE="14">{written}</FONT> ', look)]
    # -1.234e-05 must have room beside the label, where a number changes.
    beside = len(name) if len(name) <= 20 else 0
    least = max(room, 7 * beside + 64) if count == 1 else room * 3 // 2
    width = f' WIDTH="{least}"' if room else ""
    rows = [[cell(line, f'ALIGN="LEFT"{width}')] for line in lines]
    return [[*sign, *rows[0]], *rows[1:]]


def number_text(node: Node) -> str:
    """The number of a box, or the range of its numbers."""
    low, high = (short(f(v.data for v in node.values)) for f in (min, max))
    return low if low == high else f"{low} … {high}"


def grad_text(node: Node) -> str:
    """The grad of a box, or the largest of its grads."""
    name = "grad" if len(node.values) == 1 else "largest grad"
    return "" if node.grad is None else f"{name} {short(node.grad)}"


def legend(picture: Picture, played: bool) -> list[list[str]]:
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
    if picture.reached and len(picture.edges) > PARTIALS and not played:  # it has no tooltips
        notes.append("partials: in the tooltips of the SVG")
    width = max(map(len, notes)) * 5
    keys = [(LIGHT[fill], name) for kind, (_, fill, name) in KINDS.items() if kind in present]
    cells = [part for colour, name in keys for part in (_swatch(colour), _words(name))]
    rows = [_line(cells, width - sum(16 + 6 * len(name) for _, name in keys))]
    if largest or played:
        bound = "largest" if played else short(largest)
        scale = [_swatch(LIGHT[name], 14, WIDTHS[name] * 2.5) for name in LEVELS]
        rows.append(_line([_words(f"−{bound}"), *scale, _words(f"+{bound}")], width - 180))
    return rows + [[cell(ink(note, "grad"))] for note in notes]


def _line(cells: list[str], rest: int) -> list[str]:
    """Cells side by side; an empty one takes the rest of the width, or they are spread."""
    row = [*cells, cell("", f'WIDTH="{max(1, rest)}"')]
    return [cell(table([row], 'BORDER="0" CELLSPACING="1" CELLPADDING="1"'))]


def table(rows: list[list[str]], look: str = PLAIN) -> str:
    lines = "".join(f"<TR>{''.join(cells)}</TR>" for cells in rows)
    return f'<TABLE CELLBORDER="0" {look}>{lines}</TABLE>'


def cell(content: str, look: str = 'ALIGN="LEFT"') -> str:
    return f"<TD {look}>{content}</TD>"


def _words(text: str) -> str:
    return cell(f"{ink(text, 'grad')} ")


def ink(text: str, role: str) -> str:
    return f'<FONT COLOR="{LIGHT[role]}">{text}</FONT>'


def _bold(label: str) -> str:
    return f"<B>{escaped(label)}</B>"


def _swatch(colour: str, width: int = 12, height: float = 9) -> str:
    border = f'BORDER="1" COLOR="{LIGHT["outline"]}"' if width == 12 else 'BORDER="0"'
    size = f'WIDTH="{width}" HEIGHT="{max(2, round(height))}" FIXEDSIZE="TRUE"'
    look = f'CELLSPACING="0" CELLPADDING="0" {border} BGCOLOR="{colour}" {size}'
    return cell(table([[cell("", "")]], look), "")


def escaped(label: str) -> str:
    """A label inside of an HTML-like one; r"\\N" alone would become the node's name."""
    return html.escape(plain(label)).replace("\\", r"\\")
