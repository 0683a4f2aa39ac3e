"""A figure in the style of all our plots, and its file."""

import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import partial, wraps
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from autograd import in_notebook, show_page
from nn.checks import file_name, printable, type_name
from nn.io.json_file import PathLike, write_text
from nn.plotting.ticks import short, ticks
from nn.training.loss_curves import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
else:
    Axes = Figure = Any

P = ParamSpec("P")
T = TypeVar("T")

# Blue and orange, which every kind of colour vision tells apart, and the colours of text are those
# of the drawings of graphs. Any two of the eight differ by 16 in CIELAB, for normal vision and for
# each of three kinds of colour blindness.
COLOURS = ("#2f7fc1", "#d9660f", "#0b6e4f", "#e78ac3", "#5e2a84", "#e0b000", "#7a1f1f", "#1f2328")
MARKERS = "os^Dv<>p"
INK, FAINT, RULE = "#1f2328", "#57606a", "#d8dee4"
STYLE = {
    **dict.fromkeys(["text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"], INK),
    **dict.fromkeys(["axes.edgecolor", "xtick.color", "ytick.color"], FAINT),
    **{"font.size": 10, "axes.titlesize": 11, "figure.titlesize": 11},
    **dict.fromkeys(["xtick.labelsize", "ytick.labelsize", "legend.fontsize"], 9),
    **{"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False},
    **{"axes.grid": True, "axes.axisbelow": True, "grid.color": RULE, "grid.linewidth": 0.6},
    **{"lines.linewidth": 1.8, "lines.markersize": 5},
    "text.parse_math": False,  # names are the user's, and $ is an ordinary character in them
    "svg.hashsalt": "glassgrad",  # the same figure, the same bytes
    "svg.fonttype": "path",  # or another machine's font would not fit
}
# Ticks of what is counted, for locator_params.
WHOLE: dict[str, Any] = {"integer": True, "steps": [1, 2, 5, 10]}
# What each format needs so that it has no date in it.
METADATA = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def drawn(draw: Callable[P, T]) -> Callable[P, T]:
    """The function, which draws in our style whatever the user's is, and leaves that as it was."""

    @wraps(draw)
    def in_style(*args: P.args, **named: P.kwargs) -> T:
        try:
            from matplotlib.style import context
        except ModuleNotFoundError:
            cure = "pip install 'glassgrad[plots]', or draw in the terminal with nn.sketch"
            need = f"nn.plot needs matplotlib, which is not installed: {cure}"
            raise ModuleNotFoundError(need, name="matplotlib") from None
        with context(["default", STYLE]):
            return draw(*args, **named)

    return in_style


def figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.4, 3.6), **share: Any
) -> tuple[Figure, list[Axes]]:
    """An empty figure of a size in inches, unknown to pyplot, and its axes, row by row."""
    import matplotlib.figure

    made = matplotlib.figure.Figure(figsize=size, layout="constrained")
    # for notebooks, which know only pyplot's figures by themselves
    made._repr_png_ = partial(_content, made, ".png")  # type: ignore[attr-defined]
    made.show = partial(_show, made)  # type: ignore[method-assign]
    return made, list(made.subplots(rows, columns, squeeze=False, **share).flat)


def colour(k: int) -> str:
    """The colour of the k-th thing; after eight they repeat."""
    return COLOURS[k % len(COLOURS)]


def legend(ax: Axes, beside: bool = False) -> None:
    """The names of what is drawn: where there is room, or beside the axes."""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(**({"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {}))


def label(name: Any) -> str:
    """A name as a legend takes it, which leaves out those that begin with _."""
    return f" {name}" if str(name).startswith("_") else str(name)


def mark(ax: Axes, x: float, y: float, k: int, kind: str = "o", label: str = "") -> None:
    """One point that matters: ``o``, a star for the best, or a cross where a run ends."""
    size = {"o": 8, "*": 13, "X": 9}[kind]
    style: dict[str, Any] = {"markeredgecolor": "white", "zorder": 5, "clip_on": False}
    ax.plot([x], [y], kind, color=colour(k), markersize=size, label=label, **style)


def logarithmic(ax: Axes, which: str, ends: Point, numbers: Sequence[float] = ()) -> None:
    """A logarithmic x or y axis, with these ticks, or those of ``ticks``."""
    # the limits first, or the scale would look for some, and those of 1e300 overflow
    ax.set(**{f"{which}lim": ends})
    ax.set(**{f"{which}scale": "log"})
    numbers = numbers or ticks(*ends, 7, log=True)
    ax.set(**{f"{which}ticks": numbers, f"{which}ticklabels": list(map(short, numbers))})
    getattr(ax, f"{which}axis").set_ticks([], minor=True)


def save(figure: Figure, path: PathLike) -> None:
    """Write a figure as .png, .svg or .pdf, by the ending of the path, whole or not at all.

    The same figure gives the same bytes, without a date. Raises ValueError for another ending, and
    StoreError, leaving what was there, if the file cannot be written.

    >>> from nn import plot
    >>> save(plot.bars({"he": 0.96}), "accuracy.txt")
    Traceback (most recent call last):
    ValueError: a picture is saved as .png, .svg or .pdf, got 'accuracy.txt': give it one of these
    endings
    """
    if not hasattr(figure, "savefig"):
        raise TypeError(f"save needs a Figure and then a path, got {type_name(figure)} first")
    name, kind = os.path.basename(file_name(path)), Path(file_name(path)).suffix.lower()
    if kind not in METADATA:
        need = "a picture is saved as .png, .svg or .pdf"
        raise ValueError(f"{need}, got {name!r}: give it one of these endings")
    write_text(path, _content(figure, kind))


def _show(figure: Figure) -> None:
    """Show it in the cell of a notebook, else in the window of matplotlib's backend if it has any,
    else in the browser; where there is no display, say which file was written."""
    from matplotlib import pyplot

    if in_notebook():
        from IPython.display import display

        display(figure)  # type: ignore[no-untyped-call]
        return
    window = pyplot.figure(figsize=tuple(figure.get_size_inches()))
    manager = window.canvas.manager
    if manager and type(window.canvas).required_interactive_framework:
        manager.canvas.figure = figure
        figure.set_canvas(manager.canvas)
        pyplot.show()
    else:
        pyplot.close(window)
        picture = b64encode(_content(figure, ".png")).decode()
        image = f'<img src="data:image/png;base64,{picture}" width="100%">'
        show_page(f"<!DOCTYPE html>{image}", "figure")


@drawn
def _content(figure: Figure, kind: str) -> bytes:
    from matplotlib.text import Text

    for text in figure.findobj(Text):  # no XML may hold control characters
        if not (words := text.get_text()).replace("\n", "").isprintable():
            text.set_text("\n".join(map(printable, words.split("\n"))))
    content = BytesIO()
    figure.savefig(content, format=kind[1:], dpi=144, metadata=METADATA[kind])
    return content.getvalue()
