"""draw: the graph of a value as a picture, to look at, to save, and to play."""

import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.debugging.display import write_file
from autograd.debugging.walk import Walk
from autograd.drawing.cell import Page, fitted, framed, png
from autograd.drawing.dot import dot as in_dot
from autograd.drawing.page import page as page_around
from autograd.drawing.page import player
from autograd.drawing.render import described_picture, lay_out, placed, svg
from autograd.drawing.scene import Picture
from autograd.engine.errors import LayoutError
from autograd.engine.value import Value

__all__ = ["Drawing", "draw"]

PLAYED = 3000  # boxes at most in a player


class Drawing(Picture, Page):
    """A drawn graph: ``.svg``, ``.dot`` and ``.html`` are its text; Jupyter shows it by itself."""

    walk: Walk | None = None  # where the player begins, if not before the forward pass

    def __repr__(self) -> str:
        values, boxes = len(self.order), len(self.nodes)
        what = f"{values:,} value{'s' * (values != 1)} in {boxes:,} box{'es' * (boxes != 1)}"
        return f"Drawing of {self.written(self.output)}: {what}"

    @cached_property
    def dot(self) -> str:
        """The drawing in the language of Graphviz."""
        return in_dot(self)

    @cached_property
    def svg(self) -> str:
        """The drawing as one SVG element, for light and dark pages. Raises LayoutError."""
        return svg(self)

    @cached_property
    def html(self) -> str:
        """A self-contained page that plays the forward and the reverse pass. Raises LayoutError."""
        return self._player(self.walk or "beginning")

    def _player(self, place: Walk | str) -> str:
        # A player collapses modules itself, so that a click can open them.
        whole = replace(self, depth=None, budget=max(PLAYED, self.budget), names=self.found)
        return player(whole, self.depth, place)

    page = page_around

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing as .svg, .png, .dot or .html: what the name ends with. Raises
        ValueError, OSError, and LayoutError where no layout engine is there, having written .dot.
        """
        target = Path(os.fsdecode(path))
        kind = target.suffix.lower()
        if kind not in (".svg", ".png", ".dot", ".html") or "\0" in target.name:
            needed = "a drawing is saved as .svg, .png, .dot or .html"
            raise ValueError(f"{needed}, got {target.name!r}")
        try:
            if kind == ".png":
                dots = 144 if len(self.nodes) < 200 else 72
                return write_file(target, lay_out(placed(self, opaque=True), "png", dots))
            text = getattr(self, kind[1:])
        except LayoutError as error:
            beside = target.with_suffix(".dot")
            write_file(beside, self.dot)
            raise LayoutError(f"{error} (wrote {beside} instead of {target.name})") from None
        head = '<?xml version="1.0" encoding="UTF-8"?>\n' if kind == ".svg" else ""
        write_file(target, f"{head}{text}\n")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For Jupyter: the player, pictures where it cannot run, and where there is no layout
        engine the repr."""
        bundle = {"text/plain": repr(self)}
        try:
            bundle["image/svg+xml"] = fitted(self.svg)
            page = self._player(self.walk or "now")
            bundle["text/html"] = framed(page, self.svg, described_picture(self))
            if picture := png(placed(self, opaque=True)):
                bundle["image/png"] = picture
        except Exception:  # a traceback here would hide the value that the cell computed
            pass
        return bundle


def draw(
    output: Value | Walk,
    model: Any = None,
    *,
    depth: int | None = None,
    expand: bool = False,
    fold: bool | None = None,
    budget: int = 400,
) -> Drawing:
    """Draw the graph of a value: numbers, partials, and grads once a reverse pass has run.

    model, which has ``named_parameters()`` (or is a dict of names to Values), tells parameters from
    inputs, and its modules are drawn as nested frames, collapsed from depth on: 0 for one box, 1
    for one box a layer, 2 for one a neuron. expand draws inner products as products and their sum.
    fold=True makes one box of the values that play the same part, and of sister modules. Left
    alone, depth and fold are chosen so that at most budget boxes are drawn; what is beyond that is
    counted in the picture. (Beyond 100,000 values repeats are looked for only if you ask.) Of a
    walk the player begins where the walk is.

    >>> from autograd import dot
    >>> w, x = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "x1"), Value(3.0, "x2")]
    >>> y = dot(w, x)
    >>> draw(y, {"neuron.w1": w[0], "neuron.w2": w[1]}, depth=1)
    Drawing of y = dot of 4 operands = -2: 5 values in 3 boxes
    """
    if not isinstance(output, Walk):
        return Drawing(output, model, depth, expand, fold, budget)
    drawing = Drawing(output.output, model, depth, expand, fold, budget, output.names.found)
    drawing.walk = output
    return drawing
