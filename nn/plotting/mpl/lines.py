"""Lines: losses of runs, of a sweep over rates and along the gradient, and any other curves."""

from collections.abc import Sequence
from math import isnan
from typing import Any

import nn.plotting.mpl.figure as style
from nn.analysis.line_search import line_search
from nn.analysis.lr_finder import RateSearch
from nn.checks import positive
from nn.data.dataset import Dataset
from nn.losses import Loss
from nn.plotting.inputs import Series, named_points, rate_curve
from nn.plotting.mpl.figure import FAINT, MARKERS, Axes, Figure, drawn, figure, label
from nn.plotting.ticks import data_ticks, short
from nn.training.loss_curves import Point, loss_curves

# Of runs among others: the training part, and what stands for it and for marks in the legend.
DASHED: dict[str, Any] = {"linewidth": 1.0, "linestyle": (0, (4, 2)), "alpha": 0.7}
SIGNS: dict[str, dict[str, Any]] = {
    "best epoch": {"marker": "*", "markersize": 11, "linestyle": ""},
    "diverged": {"marker": "X", "markersize": 8, "linestyle": ""},
}
FEW = 20  # points at most that have marks of their own
SHOWN = 6.0  # times the usual end of the axis: a rate up to there is shown, one beyond at the edge


@drawn
def losses(histories: Any, title: str = "") -> Figure:
    """The losses of a run by epoch, with the best epoch marked; or of several by name.

    A run that diverged ends with a cross, and is cut off where it would flatten the others. The
    scale is logarithmic where that shows more.

    >>> from nn import Epoch, History
    >>> falls = [Epoch(1, 0.9, validation_loss=0.8), Epoch(2, 0.5, validation_loss=0.7)]
    >>> [text.get_text() for text in losses(History(falls)).axes[0].get_legend().get_texts()]
    ['training', 'validation', 'best epoch 2: 0.7']
    """
    found = loss_curves(histories)
    made, (ax,) = figure()
    for k, (name, points) in enumerate(found.curves):
        _curve(ax, points, k, label(name))
    for kind, (x, y), k, name in found.ends:
        name = f"{name}: {short(y)}" if kind == "best epoch" else name
        style.mark(ax, x, y, k, SIGNS[kind]["marker"], "" if found.several else name)
    if found.several:  # what lines and marks mean, where colours stand for runs
        signs: dict[str, dict[str, Any]] = {}
        for k, run in enumerate(found.runs):
            if run.validation:
                signs |= {"validation": {}, "training": DASHED}
                _curve(ax, run.training, k, "", **DASHED)
        kinds = {kind for kind, *_ in found.ends}
        signs |= {kind: sign for kind, sign in SIGNS.items() if kind in kinds}
        for name, sign in signs.items():
            ax.plot([], [], color=FAINT, label=name, **sign)
    title = title or ("" if found.several else found.runs[0].name)
    ax.set(xlabel="epoch", ylabel=f"loss{' (log scale)' * found.log}", title=title)
    if found.log:
        room = (found.high / found.low) ** 0.05
        style.logarithmic(ax, "y", (found.low / room, found.high * room))
    else:
        space = 0.05 * (found.high - found.low or abs(found.high) or 1.0)
        ax.set_ylim(found.low - space, found.high + space)
    ax.locator_params("x", nbins=8, **style.WHOLE)
    style.legend(ax, beside=found.several)
    return made


@drawn
def rates(search: RateSearch, title: str = "") -> Figure:
    """The losses of a sweep over learning rates, raw and smoothed, with the suggestion marked.

    >>> figure = rates(RateSearch([0.01, 0.1, 1.0], [0.7, 0.5, 0.6], [0.7, 0.5, 0.6], 0.1))
    >>> figure.axes[0].lines[1].get_xdata().tolist()
    [0.01, 0.1, 1.0]
    """
    points, suggested = rate_curve(search)
    made, (ax,) = figure()
    thin: dict[str, Any] = {"linewidth": 0.9, "alpha": 0.4}
    ax.plot(search.rates, search.losses, color=style.colour(0), label="loss after a step", **thin)
    ax.plot(*zip(*points, strict=True), color=style.colour(0), linewidth=2.0, label="smoothed")
    if suggested:
        ax.axvline(search.suggestion, color=style.colour(1), linewidth=1.0)
        style.mark(ax, *suggested, 1, label=f"steepest fall: suggestion {search.suggestion:.2g}")
    ax.set_ylim(search.shown)
    style.logarithmic(ax, "x", (search.rates[0], search.rates[-1]))
    ax.set(xlabel="learning rate (log scale)", ylabel="loss", title=title)
    style.legend(ax)
    return made


@drawn
def lines(
    series: Series,
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    dots: Series | None = None,
) -> Figure:
    """Curves through points (x, y), by name; and dots, by name, such as rows of data.

    >>> figure = lines({"tanh": [(0.0, 0.0), (1.0, 0.76)]}, x="x", y="y")
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[0.0, 0.0], [1.0, 0.76]]
    """
    curves, loose = named_points(series, log_x), named_points(dots, log_x) if dots else {}
    made, (ax,) = figure()
    for k, (name, points) in enumerate(curves.items()):
        # marks in turns, as the sketch has them, or of lines that agree only the last would be seen
        every, options = max(1, len(points) // 8), dict[str, Any]()
        if len(curves) > 1 and len(points) > FEW:
            options["marker"] = MARKERS[k % len(MARKERS)]
            options["markevery"] = (k * every // len(curves), every)
        _curve(ax, points, k, label(name), **options)
    for name, points in loose.items():
        across, up = zip(*points, strict=True)
        ax.plot(across, up, "x", color=FAINT, markersize=4.5, zorder=1.5, label=label(name))
    if log_x:  # with room, or a mark at either end would be cut in half
        xs = [x for points in (*curves.values(), *loose.values()) for x, _ in points]
        room = (max(xs) / min(xs)) ** 0.04 if max(xs) > min(xs) else 1.5
        style.logarithmic(ax, "x", (min(xs) / room, max(xs) * room), data_ticks(xs))
    ax.set(xlabel=x, ylabel=y, title=title)
    style.legend(ax)
    return made


@drawn
def along_gradient(
    model: Any,
    data: Dataset,
    loss: Loss | None = None,
    rate: Any = None,
    bound: float | None = None,
    title: str = "",
) -> Figure:
    """The loss of all rows after one step along their gradient, by the rate of that step.

    rate: the one that you train with, to be marked: a number, an optimiser, or a history. bound: 2
    over the largest curvature, beyond which gradient descent diverges on a parabola.

    >>> from nn import MLP
    >>> data = Dataset([[1.0], [2.0]], [0.0, 0.0])
    >>> figure = along_gradient(MLP(1, [1], init="ones"), data, rate=0.05)
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['loss', 'slope at 0', 'least at 0.146', 'rate 0.05']
    """
    present = _rate(rate)
    bound = None if bound is None else positive("along_gradient", "bound", bound)
    found = line_search(model, data, loss)
    wanted = [x for x in (present, bound) if x is not None and x <= SHOWN * found.rates[-1]]
    if max(wanted, default=0.0) > found.rates[-1]:
        found = line_search(model, data, loss, upto=1.1 * max(wanted))
    end, start, least = found.rates[-1], found.losses[0], min(found.losses)
    fall = start - least or abs(start)
    foot = min(end, 1.3 * fall / -found.slope)
    made, (ax,) = figure()
    ax.plot(found.rates, found.losses, color=style.colour(0), linewidth=2.0, label="loss")
    slope = [start, start + found.slope * foot]
    ax.plot([0, foot], slope, "--", color=FAINT, linewidth=1.0, label="slope at 0")
    style.mark(ax, found.best, least, 0, label=f"least at {short(found.best)}")
    for x, name, k in ((present, "rate", 1), (bound, "2 / curvature", 2)):
        if x is not None:
            far = x > end  # then it is at the edge, with an arrow
            shape: dict[str, Any] = {"linewidth": 1.6, "linestyle": ":" if far else "-"}
            text = f"{name} {short(x)}{' →' * far}"
            ax.axvline(min(x, end), color=style.colour(k), label=text, **shape)
    ax.set(xlim=(0, 1.01 * end), ylim=(least - 0.25 * fall, start + 0.6 * fall))
    ax.set(xlabel="learning rate of one step", ylabel="loss after it", title=title)
    style.legend(ax)
    return made


def _curve(ax: Axes, points: Sequence[Point], k: int, name: str, **options: Any) -> None:
    options = {"marker": "o"} | options if len(points) <= FEW else options
    xs, ys = [x for x, _ in points], [y for _, y in points]
    ax.plot(xs, ys, color=style.colour(k), label=name, **options)


def _rate(rate: Any) -> float | None:
    """The rate of an optimiser, of a history's last epoch, or the number; None if unknown."""
    if isinstance(rate, list):
        rate = rate[-1].learning_rate if rate else None
    found: Any = rate if isinstance(rate, type) else getattr(rate, "rate", rate)
    if found is None or (isinstance(found, float) and isnan(found)):
        return None
    return positive("along_gradient", "rate", found)
