"""A figure in the one style of all our pictures, and its way into a file."""

import os
import secrets
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "FAINT", "INK", "MARKERS", "RULE", "colour", "figure", "legend", "save"]

# Blue and orange, by which every kind of colour vision tells two things apart, and the colours of text are those of the
# drawings of graphs; they are written again because autograd's palette is its own. The others are as far from these,
# and from one another, as three kinds of colour vision let them be.
COLOURS = ("#2f7fc1", "#d9660f", "#1b9e77", "#bf3989", "#7d6bd0", "#a6761d", "#57606a", "#56b4e9")
MARKERS = "os^Dv<>p"
INK, FAINT, RULE = "#1f2328", "#57606a", "#d8dee4"
SIZE = (6.4, 3.6)  # inches
KINDS = (".png", ".svg", ".pdf")


def colour(k: int) -> str:
    """The colour of the k-th thing; beyond the eighth they come again."""
    return COLOURS[k % len(COLOURS)]


def figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = SIZE, **share: Any
) -> "tuple[Figure, list[Axes]]":
    """An empty figure with so many axes, row by row, none of them with more lines than it needs."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            f"nn.plot needs {missing.name}, which is not installed: pip install 'glassgrad[plots]', "
            "or see nn.sketch for pictures in the terminal",
            name=missing.name,
        ) from None
    made = Figure(figsize=size, dpi=100, layout="constrained", facecolor="white")
    FigureCanvasAgg(made)
    # for notebooks, which know by themselves only the figures of pyplot
    made._repr_png_ = lambda: _drawn(made, ".png")  # type: ignore[attr-defined]
    axes = list(made.subplots(rows, columns, squeeze=False, **share).flat)
    for ax in axes:
        _dress(ax)
    return made, axes


def legend(ax: "Axes", **options: Any) -> None:
    """The names of what is drawn, in a place that is free."""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(frameon=False, fontsize=9, labelcolor=INK, **options)


def save(figure: "Figure", path: str | os.PathLike[str]) -> None:
    """Write a figure as .png, .svg or .pdf, what the name ends with: first beside, and then into place.

    The same figure gives the same bytes, without the date. Raises ValueError for another ending, and OSError, leaving
    what was there, if the place cannot be written.
    """
    name = os.fspath(path)
    kind = Path(name).suffix.lower()
    if kind not in KINDS:
        raise ValueError(
            f"a picture is saved as .png, .svg or .pdf, got {Path(name).name!r}: give it one of these endings"
        )
    content = _drawn(figure, kind)
    place = Path(os.path.realpath(name))  # of a link, the file that it stands for
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, place)
    except OSError as error:
        said = f"{error.strerror}: name a place that can be written"
        raise type(error)(error.errno, said, name) from None
    finally:
        beside.unlink(missing_ok=True)


def _drawn(figure: "Figure", kind: str) -> bytes:
    import matplotlib

    dated = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    content = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "glassgrad", "svg.fonttype": "path"}):
        figure.savefig(content, format=kind[1:], dpi=144, metadata=dated[kind])
    return content.getvalue()


def _dress(ax: "Axes") -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(FAINT)
    ax.tick_params(colors=FAINT, labelcolor=INK, labelsize=9)
    ax.xaxis.label.set(color=INK, fontsize=10)
    ax.yaxis.label.set(color=INK, fontsize=10)
    ax.title.set(color=INK, fontsize=11)
    ax.grid(True, color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)
