"""Pages, and a page in a cell of a notebook: the player in a frame of its own, and pictures where
that cannot run."""

import base64
import os
import re
import zlib
from html import escape
from string import Template

from autograd.debugging.display import Viewable, write_file
from autograd.drawing.render import lay_out
from autograd.engine.errors import LayoutError

# Pixels across the picture in cells of 730 and 1280 pixels, and of all that is above and below it.
SIZES = {"narrow": (728, 330), "wide": (920, 135)}
TALL = 480  # pixels of the picture at most, before it scrolls
LEGIBLE = 1.0  # pixels a point, with which the smallest text has 12 pixels; player.js has it too
HEAVY = 300_000  # characters at most of a PNG

# What is instead is seen where the frame was taken out, as a notebook does that is not trusted, and
# with it the style that hides the other. The page in the frame is as dark as that around it.
CELL = Template("""<div class="glassgrad-cell"><style>.glassgrad-cell{container-type:inline-size}
.glassgrad-cell>.instead{display:none}.glassgrad-cell>iframe{height:var(--narrow)}
@container (min-width:963px){.glassgrad-cell>iframe{height:var(--wide)}}</style>
<iframe srcdoc="$page" sandbox="allow-scripts" title="$title" style="display:block;width:100%;\
border:1px solid #8886;border-radius:6px;box-sizing:border-box;$heights"></iframe>
<div class="instead">$instead</div>
<script>for (const frame of document.querySelectorAll(".glassgrad-cell>iframe")) {
  let around = frame, paper = [];
  while ((around = around.parentElement) && !(paper[3] ?? paper.length))
    paper = getComputedStyle(around).backgroundColor.match(/[\\d.]+/g).map(Number);
  const light = !(paper[3] ?? paper.length) || paper[0] + paper[1] + paper[2] > 384;
  frame.style.colorScheme = light ? "light" : "dark";
}</script></div>""")

# The page is deflated: as it is, that of a large network has megabytes.
PACKED = Template("""<!DOCTYPE html><meta charset="utf-8" /><script>(async packed => {
  const bytes = Uint8Array.from(atob(packed), character => character.charCodeAt());
  const page = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  document.write(await new Response(page).text());
  document.close();
})("$packed")</script>""")


class Page(Viewable):
    """What is a page, which is opened and saved as it is."""

    @property
    def html(self) -> str:
        """The page. Raises LayoutError where its picture needs an engine that is not there."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page. Raises OSError, and LayoutError."""
        write_file(path, self.html)

    def _page(self) -> str:
        return self.html

    def _framed(self, title: str, height: int) -> str:
        """For Jupyter: the page in a frame; the text where frames, or layout engines, are not."""
        text = f"<pre>{escape(repr(self))}</pre>"
        try:
            return frame(self.html, title, f"--narrow:{height}px;--wide:{height}px;", text)
        except (LayoutError, ImportError):
            return text


def framed(page: str, svg: str, title: str) -> str:
    """A player as HTML for a cell, and its picture for where that cannot run."""
    width, height = _size(svg)
    heights = ""
    for name, (across, around) in SIZES.items():
        down = height * max(LEGIBLE, min(1.9, across / width))
        heights += f"--{name}:{round(min(down, TALL)) + around}px;"
    source = f"data:image/svg+xml;base64,{_in_letters(svg.encode())}"
    look = f"width:100%;max-width:{round(width)}pt"
    return frame(page, title, heights, f'<img src="{source}" alt="{escape(title)}" style="{look}">')


def frame(page: str, title: str, heights: str, instead: str) -> str:
    """A page in a frame, of these heights in narrow and wide cells, and what is there instead."""
    packed = PACKED.substitute(packed=_in_letters(zlib.compress(page.encode(), 9)))
    facts = {"page": escape(packed), "title": escape(title), "heights": heights}
    return CELL.substitute(facts, instead=instead)


def fitted(svg: str) -> str:
    """The picture as wide as its cell, if it is wider."""
    width, _ = _size(svg)
    sized = f'width="100%" style="max-width:{width:.0f}pt;height:auto"'
    svg = re.sub(r' style="[^"]*"', "", svg, count=1)
    return re.sub(r' width="[^"]*" height="[^"]*"', f" {sized}", svg, count=1)


def png(dot: str) -> str:
    """The picture for viewers of nothing else, in base64; nothing of a heavy one."""
    picture = _in_letters(lay_out(dot, "png", 96))
    return picture if len(picture) <= HEAVY else ""


def _in_letters(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _size(svg: str) -> tuple[float, float]:
    """How wide and how high a picture is, in points."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise LayoutError("a picture needs a viewBox, and the layout engine gave none")
    return float(found[1]), float(found[2])
