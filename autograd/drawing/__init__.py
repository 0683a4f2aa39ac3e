"""draw: the graph of a value as a picture, to look at, to save, and to play.

>>> from autograd import Value, draw
>>> w, x = Value(-1.2, "w"), Value(0.5, "x")
>>> y = (w * x).tanh()
>>> draw(y)
Drawing of tanh(-0.6) = -0.537: 4 values in 4 boxes
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.engine.errors import LayoutError
from autograd.engine.notation import written
from autograd.engine.value import Value

__all__ = ["Drawing", "draw", "put"]

PLAYED = 3000  # boxes at most in a player


class Drawing:
    """A drawn graph: ``.svg``, ``.dot`` and ``.html`` are its text, ``save`` writes it, Jupyter
    shows it by itself.
    """

    def __init__(self, output: Value, **options: Any) -> None:
        from autograd.drawing.scene import Picture

        self.picture = Picture(output, **options)
        self._output, self._options = output, options

    def __repr__(self) -> str:
        picture = self.picture
        return f"Drawing of {written(picture.output)}: {len(picture.order):,} values in {len(picture.nodes):,} boxes"

    @cached_property
    def dot(self) -> str:
        """The drawing in the language of Graphviz."""
        from autograd.drawing.dot import dot

        return dot(self.picture)

    @cached_property
    def svg(self) -> str:
        """The drawing as one SVG element, for a light and a dark page. Raises LayoutError where no
        engine is there.
        """
        from autograd.drawing.svg import svg

        return svg(self.picture)

    @cached_property
    def html(self) -> str:
        """One self-contained page that plays the forward and the reverse pass. Raises LayoutError,
        as ``svg`` does.
        """
        from autograd.drawing.page import player
        from autograd.drawing.scene import Picture

        # A player collapses modules itself, so that a click can open them.
        budget = max(PLAYED, self._options.get("budget", 0))
        open_picture = Picture(self._output, **self._options | {"depth": None, "budget": budget})
        return player(open_picture, self.picture.depth)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing as .svg, .png, .dot or .html: what the name ends with.

        Raises ValueError for another ending, OSError if it cannot be written, and LayoutError where
        no layout engine is there; the .dot file, which needs none, is written instead."""
        target = Path(path)
        kind = target.suffix.lower()
        if kind not in (".svg", ".png", ".dot", ".html"):
            raise ValueError(
                f"a drawing is saved as .svg, .png, .dot or .html, got {target.name!r}"
            )
        from autograd.drawing import render as layout

        try:
            match kind:
                case ".svg":
                    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg}\n'.encode()
                case ".png":
                    content = layout.lay_out(
                        self.dot, "png", dpi=144 if len(self.picture.nodes) < 200 else 72
                    )
                case ".html":
                    content = self.html.encode()
                case _:
                    content = self.dot.encode()
        except LayoutError as error:
            text = target.with_suffix(".dot")
            put(self.dot.encode(), text)
            raise LayoutError(f"{error} (wrote {text} instead of {target.name})") from None
        put(content, target)

    def _repr_svg_(self) -> str | None:
        """For Jupyter, which falls back on the repr where there is no picture."""
        try:
            return self.svg
        except Exception:  # a traceback here would hide the value that the cell computed
            return None


def draw(
    output: Value,
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
    counted in the picture. (Beyond 100,000 values repeats are looked for only if you ask.)

    >>> from autograd import dot
    >>> w, x = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "x1"), Value(3.0, "x2")]
    >>> y = dot(w, x)
    >>> draw(y, {"neuron.w1": w[0], "neuron.w2": w[1]}, depth=1)
    Drawing of dot of 4 operands = -2: 5 values in 3 boxes
    """
    return Drawing(output, model=model, depth=depth, expand=expand, fold=fold, budget=budget)


def put(content: bytes, path: Path) -> None:
    """Write a file beside its place and move it there, so that nobody meets half of it."""
    import tempfile

    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(beside, 0o666 & ~_umask())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        said = f"{error.strerror}: name a place that can be written"
        raise type(error)(error.errno, said, str(path)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
