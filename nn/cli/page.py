"""report.html: one self-contained page, in light and dark, that holds all that a run came to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from nn.analysis.importance import Importance
from nn.cli.report import plain, shown

LINE = "\n"
SHOWN = 20  # columns at most whose importance is a bar
# The colours of plots, which the style sheet has for light and for dark.
VARIABLES = {
    **{"#ffffff": "paper", "#1f2328": "ink", "#57606a": "faint", "#d8dee4": "rule"},
    **{"#2f7fc1": "c0", "#d9660f": "c1", "#0b6e4f": "c2", "#e78ac3": "c3", "#5e2a84": "c4"},
    **{"#e0b000": "c5", "#7a1f1f": "c6"},
}
# No scripts, and nothing from elsewhere.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="icon" href="data:,">
<style>
$style</style>
</head>
<body>
<main>
<h1>$title</h1>
$body
<details><summary>All of it as text (report.txt)</summary>
$text
</details>
</main>
</body>
</html>
""")


def page(title: str, sections: Mapping[str, Sequence[str]], everything: str) -> str:
    """The page: blocks of HTML by their heading, which may be none, and the whole as text."""
    blocks = list[str]()
    for heading, found in sections.items():
        if any(found):
            blocks += [f"<h2>{text(heading)}</h2>" * bool(heading), *found]
    style = (Path(__file__).parent / "web" / "report.css").read_text("utf-8")
    parts = {"title": text(title), "body": "\n".join(filter(None, blocks)), "style": style}
    return PAGE.substitute(parts, text=pre(everything), policy=POLICY)


def text(words: str) -> str:
    """A text in HTML."""
    return escape(shown(" ".join(words.split())))


def paragraphs(*sentences: str, faint: bool = False) -> str:
    """A paragraph for each text that is not empty."""
    mark = ' class="faint"' * faint
    return "\n".join(f"<p{mark}>{text(words)}</p>" for words in sentences if words)


def pre(words: str, wrap: bool = False) -> str:
    """A text in columns as it is."""
    mark = ' class="wrap"' * wrap
    return f"<pre{mark}>{escape(shown(words.strip(LINE)))}</pre>" if words else ""


def tiles(numbers: Mapping[str, str]) -> str:
    """Numbers in large type, each with what it is."""
    cells = (f"<div><b>{text(x)}</b><span>{text(name)}</span></div>" for name, x in numbers.items())
    return f'<div class="tiles">{"".join(cells)}</div>'


def table(rows: Sequence[Sequence[str]], caption: str = "", own: str = "") -> str:
    """Rows of cells under a header; the row of that name stands out."""
    if len(rows) < 2:
        return ""
    lines = (_row(row, ' class="own"' * (bool(own) and row[0] == own)) for row in rows[1:])
    return _table(_header(rows[0]), lines, caption)


def matrix(names: Sequence[str], counts: Sequence[Sequence[int]], caption: str) -> str:
    """A confusion matrix, whose cells are shaded by their part of the row."""
    lines = []
    for name, row in zip(names, counts, strict=bool(counts)):
        whole = sum(row) or 1
        cells = (f'<td style="--share:{0.75 * x / whole:.3f}">{x}</td>' for x in row)
        lines.append(f'<tr><th scope="row">{text(name)}</th>{"".join(cells)}</tr>')
    if not lines:
        return ""
    return _table(_header(["true ↓  predicted →", *names]), lines, caption, "matrix")


def bars(found: Sequence[Importance], caption: str) -> str:
    """The importance of each column as a bar."""
    most = max((one.drop for one in found), default=0.0) or 1.0
    lines = []
    for one in found[:SHOWN]:
        bar = f'<div class="bar" style="width:{max(0.0, 100 * one.drop / most):.1f}%"></div>'
        number = f"{plain(one.drop)} ± {plain(one.deviation)}"
        name = f'<th scope="row">{text(one.column)}</th>'
        lines.append(f"<tr>{name}<td>{bar}</td><td>{number}</td></tr>")
    return _table("", lines, caption, "bars") if lines else ""


def picture(svg: str, described: str, sketch: str = "") -> str:
    """A picture, or without one a sketch in text, and below what it is; nothing without both."""
    words = text(described)
    inner = f'<div role="img" aria-label="{words}">{svg}</div>' if svg else pre(sketch)
    return f"<figure>{inner}<figcaption>{words}</figcaption></figure>" if inner else ""


def vector(name: str, svg: str) -> str:
    """matplotlib's SVG as a part of a page: names of its own, and the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg ([^>]*?)height="[^"]*" ([^>]*?)width="[^"]*"', r"<svg \1\2", svg, count=1)
    stem = name.partition(".")[0]
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{stem}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    return svg


def _header(cells: Sequence[str]) -> str:
    columns = "".join(f'<th scope="col">{text(cell)}</th>' for cell in cells)
    return f"<thead><tr>{columns}</tr></thead>"


def _row(cells: Sequence[str], mark: str = "") -> str:
    first, *others = map(text, cells)
    inner = f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)
    return f"<tr{mark}>{inner}</tr>"


def _table(header: str, lines: Iterable[str], caption: str, kind: str = "") -> str:
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    mark = f' class="{kind}"' if kind else ""
    body = "\n".join(lines)
    return f'<div class="wide"><table{mark}>{title}{header}<tbody>\n{body}\n</tbody></table></div>'
