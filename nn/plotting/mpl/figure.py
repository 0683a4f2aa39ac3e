"""A figure in the one style of all our pictures, and its way into a file."""

import os
import secrets
from collections.abc import Callable, Sequence
from functools import partial, wraps
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from nn.checks import a_kind
from nn.plotting.ticks import short, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FAINT", "INK", "MARKERS", "colour", "drawn", "figure", "legend", "logarithmic"]
__all__ += ["mark", "save", "whole_numbers", "words"]

P = ParamSpec("P")
T = TypeVar("T")

# Blue and orange, by which every kind of colour vision tells two things apart, and the colours of
# text are those of the drawings of graphs; they are written again because autograd's palette is its
# own. The six others are chosen so that any two of the eight are apart by 16 in CIELAB, for normal
# vision and for each of three kinds of colour blindness.
COLOURS = ("#2f7fc1", "#d9660f", "#0b6e4f", "#e78ac3", "#5e2a84", "#e0b000", "#7a1f1f", "#1f2328")
MARKERS = "os^Dv<>p"
INK, FAINT, RULE = "#1f2328", "#57606a", "#d8dee4"
SIZE = (6.4, 3.6)  # inches
STYLE = {
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "figure.titlesize": 11,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "text.parse_math": False,  # names are the user's, and $ is an ordinary letter in them
    "svg.hashsalt": "glassgrad",  # the same figure, the same bytes
    "svg.fonttype": "path",  # or another machine's letters would not fit
}
UNDATED: dict[str, dict[str, None]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


def drawn(draw: Callable[P, T]) -> Callable[P, T]:
    """The function, drawing in our style whatever the user's is; afterwards that is the user's
    again.
    """

    @wraps(draw)
    def in_style(*args: P.args, **named: P.kwargs) -> T:
        try:
            from matplotlib.style import context
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "nn.plot needs matplotlib, which is not installed: pip install 'glassgrad[plots]', "
                "or draw in the terminal with nn.sketch",
                name="matplotlib",
            ) from None
        with context(["default", STYLE]):
            return draw(*args, **named)

    return in_style


def figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = SIZE, **share: Any
) -> "tuple[Figure, list[Axes]]":
    """An empty figure, which no window knows of, and its axes, row by row."""
    from matplotlib.figure import Figure

    made = Figure(figsize=size, layout="constrained")
    # for notebooks, which know only pyplot's figures by themselves
    made._repr_png_ = partial(_content, made, ".png")  # type: ignore[attr-defined]
    return made, list(made.subplots(rows, columns, squeeze=False, **share).flat)


def colour(k: int) -> str:
    """The colour of the k-th thing; after eight they come again."""
    return COLOURS[k % len(COLOURS)]


def legend(ax: "Axes", beside: bool = False) -> None:
    """The names of what is drawn: where there is room, or beside the axes."""
    if ax.get_legend_handles_labels()[1]:
        place: dict[str, Any] = (
            {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {}
        )
        ax.legend(**place)


def mark(ax: "Axes", x: float, y: float, k: int, kind: str = "o", label: str = "") -> None:
    """One point that matters: ``o``, a star for the best, or a cross where a run ends."""
    size = {"o": 8, "*": 13, "X": 9}[kind]
    ax.plot(
        [x], [y], kind, color=colour(k), markersize=size, markeredgecolor="white", zorder=5, clip_on=False, label=label
    )  # fmt: skip


def words(name: Any) -> str:
    """A name as a legend takes it: those that begin with _ it would leave out."""
    return f" {name}" if str(name).startswith("_") else str(name)


def logarithmic(
    ax: "Axes", which: str, low: float, high: float, numbers: Sequence[float] = ()
) -> None:
    """A logarithmic x or y axis from low to high, with these numbers along it, or those of
    ``ticks``.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ax.set(
        **{f"{which}lim": (low, high)}
    )  # first, or the scale would look for limits, and those of 1e300 overflow
    ax.set(**{f"{which}scale": "log"})
    axis = getattr(ax, f"{which}axis")
    axis.set_major_locator(FixedLocator(numbers or ticks(low, high, 7, log=True)))
    axis.set_major_formatter(FuncFormatter(_label))
    axis.set_minor_locator(NullLocator())


def _label(x: float, _: int | None = None) -> str:
    return short(x)


def whole_numbers(axis: Any, count: int = 8) -> None:
    """Ticks at round whole numbers, for what is counted."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=count, integer=True, steps=[1, 2, 5, 10]))


def save(figure: "Figure", path: str | os.PathLike[str]) -> None:
    """Write a figure as .png, .svg or .pdf, what the name ends with: first beside, and then into
    place.

    The same figure gives the same bytes, without a date. Raises ValueError for another ending, and
    OSError, leaving what was there, if the place cannot be written.

    >>> from nn import plot
    >>> save(plot.bars({"he": 0.96}), "accuracy.txt")
    Traceback (most recent call last):
    ValueError: a picture is saved as .png, .svg or .pdf, got 'accuracy.txt': give it one of these endings
    """
    if not hasattr(figure, "savefig"):
        raise TypeError(f"save needs a Figure and then a path, got {a_kind(figure)} first")
    name = os.fspath(path)
    kind = Path(name).suffix.lower()
    if kind not in UNDATED:
        raise ValueError(
            f"a picture is saved as .png, .svg or .pdf, got {Path(name).name!r}: give it one of these endings"
        )
    content = _content(figure, kind)
    place = Path(os.path.realpath(name))  # of a link, the file that it stands for
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            beside.write_bytes(content)
            os.replace(beside, place)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        said = f"{error.strerror}: name a place that can be written"
        raise type(error)(error.errno, said, name) from None


@drawn
def _content(figure: "Figure", kind: str) -> bytes:
    content = BytesIO()
    figure.savefig(content, format=kind[1:], dpi=144, metadata=UNDATED[kind])
    return content.getvalue()
