"""Results as HTML: what a notebook shows in a cell, and what ``.show()`` opens elsewhere."""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from errno import EDQUOT, EFBIG, EINVAL, ENOSPC
from typing import Any, NamedTuple

from autograd.engine.notation import legible

__all__ = ["Code", "Table", "Viewable", "in_notebook", "show_page", "write_file"]

STYLE = """:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, Helvetica, Arial, sans-serif; max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; font-size: 14px }
th, td { padding: .3em .8em; border-bottom: 1px solid #8885 }
img, svg { max-width: 100% }"""
# Blue above 0 and orange below, as in drawings; see-through, for light pages and dark ones.
SHADES = {True: "47,127,193", False: "217,102,15"}
NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?( ?%)?|-?inf|nan|")
CODE = re.compile(
    r"(?P<comment>#.*)|(?P<number>\b\d[\w.]*)"
    r"|(?P<word>\b(?:def|return|for|in|while|if|else|and|or|not|lambda)\b)"
)
INKS = {"comment": "opacity:.65", "number": "color:#2f7fc1", "word": "font-weight:600"}
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "<br/>"})


class Table(NamedTuple):
    """Rows of cells under the names of their columns. shades: the colour of some cells by (row,
    column), from -1 for orange to 1 for blue."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    shades: Mapping[tuple[int, int], float] = {}

    @property
    def html(self) -> str:
        """The element; columns of numbers stand right, others left."""
        cells = [list(map(_escaped, row)) for row in self.rows]
        columns = zip(*cells, strict=True)
        sides = ["right" if all(map(NUMBER.fullmatch, column)) else "left" for column in columns]
        lines = [self._row("th", map(_escaped, self.columns), sides)] if any(self.columns) else []
        lines += [self._row("td", row, sides, i) for i, row in enumerate(cells)]
        return f'<table style="font-variant-numeric:tabular-nums">{"".join(lines)}</table>'

    def _row(self, tag: str, cells: Iterable[str], sides: Iterable[str], i: int = -1) -> str:
        row = ""
        for j, (cell, side) in enumerate(zip(cells, sides, strict=False)):
            look, share = f"vertical-align:top;text-align:{side}", self.shades.get((i, j), 0.0)
            look += ";white-space:nowrap" * (side == "right")
            if share:
                look += f";background:rgba({SHADES[share > 0]},{min(abs(share), 1.0):.2f})"
            row += f'<{tag} style="{look}">{cell}</{tag}>'
        return f"<tr>{row}</tr>"


class Code(NamedTuple):
    """Lines of Python."""

    text: str

    @property
    def html(self) -> str:
        """The element, with comments, numbers and words of the language set off."""
        lines = [CODE.sub(_inked, _escaped(line)) for line in self.text.split("\n")]
        return '<pre style="line-height:1.45;overflow-x:auto">{}</pre>'.format("\n".join(lines))


class Viewable:
    """What a notebook shows as HTML, and ``.show()`` opens in the browser."""

    def _parts(self) -> Iterable[Any]:
        """A heading, and then paragraphs, and what has ``.html``, such as a Table."""
        return str(self).split("\n")

    def _repr_html_(self) -> str:
        shown = list[str]()
        for part in self._parts():
            if not isinstance(part, str):
                shown.append(part.html)
                continue
            words = part.lstrip(" ")
            text, indent = _escaped(words), len(part) - len(words)
            text = text if shown else f"<b>{text}</b>"
            shown.append(f'<p style="margin:.3em 0 .3em {indent / 2}em">{text}</p>')
        return "".join(shown)

    def _page(self) -> str:
        """The page that ``show`` opens."""
        return page(type(self).__name__, self._repr_html_())

    def show(self) -> None:
        """Show it in the cell of a notebook, elsewhere in the browser; where there is no display,
        say which file was written."""
        if in_notebook():
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
        else:
            show_page(self._page(), type(self).__name__.lower())


def in_notebook() -> bool:
    """Whether this runs in a notebook, or in another front end that shows HTML."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


def page(title: str, body: str, style: str = STYLE) -> str:
    """A page around its content, for light and for dark screens."""
    head = f'<meta charset="utf-8"><title>{_escaped(title)}</title><style>{style}</style>'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def write_file(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file beside its place and move it there, so that no half of it is ever read. Raises
    OSError."""
    place = os.path.realpath(os.fsdecode(path))
    beside = os.path.join(os.path.dirname(place), f".{os.urandom(6).hex()}")
    try:
        try:
            if os.path.exists(place) and not os.path.isfile(place):
                raise OSError(EINVAL, "A folder, device or pipe")
            with open(beside, "xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            os.replace(beside, place)
        finally:
            with suppress(OSError):
                os.unlink(beside)
    except OSError as error:
        is_full = error.errno in (ENOSPC, EDQUOT, EFBIG)
        do = "make room there" if is_full else "name a place that can be written"
        raise type(error)(error.errno, f"{error.strerror}: {do}", os.fsdecode(path)) from None


def show_page(html: str, name: str) -> None:
    """Write a page and open it in the browser; where there is no display, say which file it is."""
    import webbrowser
    from pathlib import Path
    from tempfile import mkdtemp

    path = Path(mkdtemp(prefix="glassgrad-"), f"{name}.html")
    write_file(path, html)
    screens = map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    seen = sys.platform in ("win32", "darwin") or any(screens)
    if not (seen and webbrowser.open(path.as_uri())):
        print(f"there is no display to show it on: wrote {path}")


def _escaped(cell: Any) -> str:
    return legible(str(cell), keep="\n").translate(ESCAPES)


def _inked(match: re.Match[str]) -> str:
    return f'<span style="{INKS[str(match.lastgroup)]}">{match[0]}</span>'
