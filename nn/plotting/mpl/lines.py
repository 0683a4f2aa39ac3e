"""Lines and bars: the losses of runs, and any other curves and numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import nn.plotting.mpl.figure as style
from nn.checks import printable
from nn.plotting.inputs import Point, Series, as_number, check_named, named_points
from nn.plotting.loss_curves import Curves, Run, loss_curves
from nn.plotting.mpl.figure import FAINT, MARKERS, Axes, Figure, drawn, figure, label
from nn.plotting.ticks import data_ticks, short

__all__ = ["bars", "lines", "losses"]

DASHED: dict[str, Any] = {"linewidth": 1.0, "linestyle": (0, (4, 2)), "alpha": 0.7}
FEW = 20  # points at most that have marks of their own


@drawn
def losses(histories: Any, title: str = "") -> Figure:
    """The losses of a run by epoch, training and validation, with the best epoch marked; or of
    several by name.

    A run that diverged ends with a cross, and is cut off where it would flatten the others. The
    scale is logarithmic where that shows more.

    >>> from nn import Epoch, History
    >>> falls = [Epoch(1, 0.9, validation_loss=0.8), Epoch(2, 0.5, validation_loss=0.7)]
    >>> [text.get_text() for text in losses(History(falls)).axes[0].get_legend().get_texts()]
    ['training', 'validation', 'best epoch 2: 0.7']
    """
    found = loss_curves(histories)
    made, (ax,) = figure()
    if alone := len(found.runs) == 1:
        (run,) = found.runs
        _curve(ax, run.training, 0, "training")
        _curve(ax, run.validation, 1, "validation")
        title = title or run.name
        _end(ax, run, 1 if run.validation else 0, found, "diverged")
    for k, run in enumerate(() if alone else found.runs):
        _curve(ax, run.judged, k, label(run.name))
        if run.validation:
            _curve(ax, run.training, k, "", **DASHED)
        _end(ax, run, k, found, "" if run.judged else label(run.name))
    if not alone:
        _meanings(ax, found)
    ax.set(xlabel="epoch", ylabel="loss (log scale)" if found.log else "loss", title=title)
    if found.log:
        room = (found.high / found.low) ** 0.05
        style.logarithmic(ax, "y", found.low / room, found.high * room)
    else:
        space = 0.05 * (found.high - found.low or abs(found.high) or 1.0)
        ax.set_ylim(found.low - space, found.high + space)
    style.whole_numbers(ax.xaxis)
    style.legend(ax, beside=not alone)
    return made


def _end(ax: Axes, run: Run, k: int, found: Curves, diverged: str) -> None:
    """The best epoch of a run, or where it diverged."""
    if run.diverged is not None:
        style.mark(ax, *found.end_of(run), k, "X", diverged)
    elif run.best:
        number, loss = run.best.number, run.best.validation_loss
        text = f"best epoch {number}: {short(loss)}" if len(found.runs) == 1 else ""
        style.mark(ax, number, loss, k, "*", text)


def _curve(ax: Axes, points: Sequence[Point], k: int, name: str, **options: Any) -> None:
    if points:
        options = {"marker": "o"} | options if len(points) <= FEW else options
        xs, ys = zip(*points, strict=True)
        ax.plot(xs, ys, color=style.colour(k), label=name, **options)


def _meanings(ax: Axes, found: Curves) -> None:
    """What lines and marks mean, where colours stand for runs."""
    kinds: dict[str, dict[str, Any]] = {}
    if any(run.validation for run in found.runs):
        kinds |= {"validation": {}, "training": DASHED}
    if any(run.best and run.diverged is None for run in found.runs):
        kinds["best epoch"] = {"marker": "*", "markersize": 11, "linestyle": ""}
    if any(run.diverged is not None for run in found.runs):
        kinds["diverged"] = {"marker": "X", "markersize": 8, "linestyle": ""}
    for name, options in kinds.items():
        ax.plot([], [], color=FAINT, label=name, **options)


@drawn
def lines(
    series: Series,
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    dots: Series | None = None,
) -> Figure:
    """Curves through points (x, y), by name; and dots, by name, that no curve goes through, such as
    rows of data.

    >>> figure = lines({"tanh": [(0.0, 0.0), (1.0, 0.76)]}, x="x", y="y")
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[0.0, 0.0], [1.0, 0.76]]
    """
    curves, loose = named_points(series, log_x), named_points(dots, log_x) if dots else {}
    xs = [x for named in (curves, loose) for points in named.values() for x, _ in points]
    made, (ax,) = figure()
    for k, (name, points) in enumerate(curves.items()):
        # marks in turns, as the sketch has them, or of lines that agree only the last would be seen
        every, options = max(1, len(points) // 8), dict[str, Any]()
        if len(series) > 1 and len(points) > FEW:
            options["marker"] = MARKERS[k % len(MARKERS)]
            options["markevery"] = (k * every // len(series), every)
        _curve(ax, points, k, label(name), **options)
    for name, points in loose.items():
        across, up = zip(*points, strict=True)
        ax.plot(across, up, "x", color=FAINT, markersize=4.5, zorder=1.5, label=label(name))
    if log_x:  # with room, or a mark at either end would be cut in half
        room = (max(xs) / min(xs)) ** 0.04 if max(xs) > min(xs) else 1.5
        style.logarithmic(ax, "x", min(xs) / room, max(xs) * room, data_ticks(xs))
    ax.set(xlabel=x, ylabel=y, title=title)
    style.legend(ax)
    return made


@drawn
def bars(numbers: Mapping[str, float], x: str = "", title: str = "") -> Figure:
    """A bar for each number, by name, from the top down.

    >>> figure = bars({"zeros": 0.5, "he": 0.96}, x="accuracy")
    >>> [float(bar.get_width()) for bar in figure.axes[0].patches]
    [0.5, 0.96]
    """
    check_named("bars", numbers, '{"he": 0.96}')
    made, (ax,) = figure(size=(6.4, 1.0 + 0.34 * len(numbers)))
    sizes = [as_number("bars", x, f" of {name!r}") for name, x in numbers.items()]
    rows = ax.barh(range(len(sizes)), sizes, color=style.colour(0), height=0.62)
    ax.bar_label(rows, labels=list(map(short, sizes)), padding=3, fontsize=9)
    ax.set_yticks(range(len(sizes)), list(map(printable, numbers)))
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.margins(x=0.14)
    ax.set(xlabel=x, title=title)
    return made
