"""Lines and bars: the losses of runs, and any other curves and numbers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nn.curves import Curves, Point, Run, runs
from nn.plot.figure import FAINT, colour, drawn, figure, legend, whole_numbers
from nn.ticks import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bars", "lines", "losses"]


@drawn
def losses(histories: Any, title: str = "") -> "Figure":
    """The losses of a run by epoch, training and validation, with the best epoch marked; or those of several by name.

    A run that diverged ends with a cross, and is cut off where it would flatten the others. The scale is logarithmic
    where that shows more.

    >>> from nn import Epoch, History
    >>> figure = losses(History([Epoch(1, 0.9, validation_loss=0.8), Epoch(2, 0.5, validation_loss=0.7)]))
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['training', 'validation', 'best epoch 2: 0.7']
    """
    found = runs(histories)
    made, (ax,) = figure()
    alone = len(found.runs) == 1
    for k, run in enumerate(found.runs):
        _one(ax, run, found, (colour(0), colour(1)) if alone else (colour(k), colour(k)), alone)
    if not alone:
        _styles(ax, found)
    if found.log:
        ax.set_yscale("log")
    _limits(ax, found)
    ax.set(
        xlabel="epoch", ylabel="loss (log scale)" if found.log else "loss", title=title or found.runs[0].name * alone
    )
    whole_numbers(ax.xaxis)
    legend(ax, beside=not alone)
    return made


def _one(ax: "Axes", run: Run, found: Curves, colours: tuple[str, str], alone: bool) -> None:
    """Both parts of a run."""
    name = "" if alone else run.name
    dots: dict[str, Any] = {"marker": "o", "markersize": 4} if len(run.training) < 3 else {}
    both = bool(run.validation)
    if run.training:
        style: dict[str, Any] = (
            {"linewidth": 1.6} if alone or not both else {"linewidth": 1.0, "linestyle": (0, (4, 2)), "alpha": 0.7}
        )
        label = "training" if alone else ("_training of " if both else "") + run.name
        ax.plot(*zip(*run.training, strict=True), color=colours[0], label=label, **style, **dots)
    if both:
        ax.plot(*zip(*run.validation, strict=True), color=colours[1], label=name or "validation", linewidth=1.8, **dots)
    if run.end is not None:
        x, y = run.seen_last(found.high) or (run.end, found.high)
        label = "diverged" if alone else f"_{run.name} diverged"
        ax.plot(
            [x], [y], color=colours[1], marker="X", markersize=9, linestyle="", clip_on=False, zorder=5, label=label
        )
    elif run.best:
        at = run.best.number, run.best.validation_loss
        label = f"best epoch {at[0]}: {short(at[1])}" if alone else f"_best of {run.name}"
        ax.plot(
            *([x] for x in at),
            color=colours[1],
            marker="*",
            markersize=13,
            markeredgecolor="white",
            linestyle="",
            zorder=5,
            label=label,
        )


def _styles(ax: "Axes", found: Curves) -> None:
    """What lines and marks mean, where colours stand for runs."""
    if any(run.validation for run in found.runs):
        ax.plot([], [], color=FAINT, linewidth=1.8, label="validation")
        ax.plot([], [], color=FAINT, linewidth=1.0, linestyle=(0, (4, 2)), label="training")
    if any(run.best and run.end is None for run in found.runs):
        ax.plot([], [], color=FAINT, marker="*", markersize=11, linestyle="", label="best epoch")
    if any(run.end is not None for run in found.runs):
        ax.plot([], [], color=FAINT, marker="X", markersize=8, linestyle="", label="diverged")


def _limits(ax: "Axes", found: Curves) -> None:
    low, high = found.low, found.high
    if found.log:
        ax.set_ylim(low / (high / low) ** 0.05, high * (high / low) ** 0.05)
    else:
        room = (high - low or abs(high) or 1.0) * 0.05
        ax.set_ylim(low - room, high + room)


@drawn
def lines(
    series: Mapping[str, Sequence[Point]], x: str = "", y: str = "", title: str = "", log_x: bool = False
) -> "Figure":
    """Curves through points (x, y), by name.

    >>> figure = lines({"tanh": [(0.0, 0.0), (1.0, 0.76)]}, x="x", y="y")
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[0.0, 0.0], [1.0, 0.76]]
    """
    if not any(series.values()):
        raise ValueError("lines needs at least one point, got none")
    made, (ax,) = figure()
    for k, (name, points) in enumerate(series.items()):
        marker: dict[str, Any] = {"marker": "o", "markersize": 4} if len(points) <= 20 else {}
        ax.plot([p[0] for p in points], [p[1] for p in points], color=colour(k), linewidth=1.8, label=name, **marker)
    if log_x:
        ax.set_xscale("log")
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
    if not numbers:
        raise ValueError("bars needs at least one number, got none")
    made, (ax,) = figure(size=(6.4, 1.0 + 0.34 * len(numbers)))
    drawn = ax.barh(list(map(str, numbers)), list(numbers.values()), color=colour(0), height=0.62)
    ax.bar_label(drawn, labels=list(map(short, numbers.values())), padding=3, fontsize=9)
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.margins(x=0.12)
    ax.set(xlabel=x, title=title)
    return made
