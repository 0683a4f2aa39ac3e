"""Lines and bars: the losses of runs, and any other curves and numbers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nn.plotting.loss_curves import Curves, Point, Run, check_named, check_points, runs
from nn.plotting.mpl.figure import (
    FAINT,
    MARKERS,
    colour,
    drawn,
    figure,
    legend,
    logarithmic,
    mark,
    whole_numbers,
    words,
)
from nn.plotting.ticks import measured, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bars", "lines", "losses"]

DASHED: dict[str, Any] = {"linewidth": 1.0, "linestyle": (0, (4, 2)), "alpha": 0.7}
FEW = 20  # points at most that are shown as such


@drawn
def losses(histories: Any, title: str = "") -> "Figure":
    """The losses of a run by epoch, training and validation, with the best epoch marked; or those
    of several by name.

    A run that diverged ends with a cross, and is cut off where it would flatten the others. The
    scale is logarithmic where that shows more.

    >>> from nn import Epoch, History
    >>> figure = losses(History([Epoch(1, 0.9, validation_loss=0.8), Epoch(2, 0.5, validation_loss=0.7)]))
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['training', 'validation', 'best epoch 2: 0.7']
    """
    found = runs(histories)
    made, (ax,) = figure()
    if len(found.runs) == 1:
        (run,) = found.runs
        _parts(ax, run, found)
        title = title or run.name
    else:
        for k, run in enumerate(found.runs):
            _run(ax, run, k, found)
        _meanings(ax, found)
    ax.set(xlabel="epoch", ylabel="loss (log scale)" if found.log else "loss", title=title)
    if found.log:
        room = (found.high / found.low) ** 0.05
        logarithmic(ax, "y", found.low / room, found.high * room)
    else:
        space = 0.05 * (found.high - found.low or abs(found.high) or 1.0)
        ax.set_ylim(found.low - space, found.high + space)
    whole_numbers(ax.xaxis)
    legend(ax, beside=len(found.runs) > 1)
    return made


def _parts(ax: "Axes", run: Run, found: Curves) -> None:
    """The two parts of the only run, each in its colour."""
    for k, (name, points) in enumerate(
        (("training", run.training), ("validation", run.validation))
    ):
        _curve(ax, points, k, name)
    if run.end is not None:
        mark(ax, *found.end_of(run), 1 if run.validation else 0, "X", "diverged")
    elif run.best:
        best = run.best.number, run.best.validation_loss
        mark(ax, *best, 1, "*", f"best epoch {best[0]}: {short(best[1])}")


def _run(ax: "Axes", run: Run, k: int, found: Curves) -> None:
    """One run of several, in its colour: the part that it is judged by, and training, if that is
    another, dashed.
    """
    _curve(ax, run.judged, k, words(run.name))
    if run.validation:
        _curve(ax, run.training, k, "", **DASHED)
    if run.end is not None:
        mark(ax, *found.end_of(run), k, "X", "" if run.judged else words(run.name))
    elif run.best:
        mark(ax, run.best.number, run.best.validation_loss, k, "*")


def _curve(ax: "Axes", points: Sequence[Point], k: int, label: str, **style: Any) -> None:
    if points:
        if len(points) <= FEW:
            style |= {"marker": "o"}
        ax.plot(
            [x for x, _ in points], [y for _, y in points], color=colour(k), label=label, **style
        )


def _meanings(ax: "Axes", found: Curves) -> None:
    """What lines and marks mean, where colours stand for runs."""
    kinds: dict[str, dict[str, Any]] = {}
    if any(run.validation for run in found.runs):
        kinds |= {"validation": {}, "training": DASHED}
    if any(run.best and run.end is None for run in found.runs):
        kinds["best epoch"] = {"marker": "*", "markersize": 11, "linestyle": ""}
    if any(run.end is not None for run in found.runs):
        kinds["diverged"] = {"marker": "X", "markersize": 8, "linestyle": ""}
    for name, style in kinds.items():
        ax.plot([], [], color=FAINT, label=name, **style)


@drawn
def lines(
    series: Mapping[str, Sequence[Point]],
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    dots: Mapping[str, Sequence[Point]] | None = None,
) -> "Figure":
    """Curves through points (x, y), by name; and dots, by name too, that no curve goes through,
    such as rows of data.

    >>> figure = lines({"tanh": [(0.0, 0.0), (1.0, 0.76)]}, x="x", y="y")
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[0.0, 0.0], [1.0, 0.76]]
    """
    dots = dots or {}
    check_points(series)
    check_points(dots)
    if not any(series.values()):
        raise ValueError("lines needs at least one point, got none")
    xs = [point[0] for points in (*series.values(), *dots.values()) for point in points]
    if log_x and not min(xs) > 0:
        raise ValueError(f"lines needs x above 0 for a logarithmic scale, got {min(xs):g}")
    made, (ax,) = figure()
    for k, (name, points) in enumerate(series.items()):
        # marks in turns, as the sketch has them, or of lines that agree only the last would be seen
        every = max(1, len(points) // 8)
        style = {
            "marker": MARKERS[k % len(MARKERS)],
            "markevery": (k * every // len(series), every),
        }
        _curve(
            ax, points, k, words(name), **(style if len(series) > 1 and len(points) > FEW else {})
        )
    for name, points in dots.items():
        ax.plot(
            *zip(*points, strict=True),
            "x",
            color=FAINT,
            markersize=4.5,
            zorder=1.5,
            label=words(name),
        )
    if log_x:
        room = (
            (max(xs) / min(xs)) ** 0.04 if max(xs) > min(xs) else 1.5
        )  # or a mark at either end would be cut in half
        logarithmic(ax, "x", min(xs) / room, max(xs) * room, measured(xs))
    ax.set(xlabel=x, ylabel=y, title=title)
    legend(ax)
    return made


@drawn
def bars(numbers: Mapping[str, float], x: str = "", title: str = "") -> "Figure":
    """A bar for each number, by name, from above down.

    >>> figure = bars({"zeros": 0.5, "he": 0.96}, x="accuracy")
    >>> [float(bar.get_width()) for bar in figure.axes[0].patches]
    [0.5, 0.96]
    """
    check_named("bars", numbers, '{"he": 0.96}')
    if not numbers:
        raise ValueError("bars needs at least one number, got none")
    made, (ax,) = figure(size=(6.4, 1.0 + 0.34 * len(numbers)))
    sizes = [float(number) for number in numbers.values()]
    rows = ax.barh(range(len(sizes)), sizes, color=colour(0), height=0.62)
    ax.bar_label(rows, labels=list(map(short, sizes)), padding=3, fontsize=9)
    ax.set_yticks(range(len(sizes)), list(map(str, numbers)))
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.margins(x=0.14)
    ax.set(xlabel=x, title=title)
    return made
