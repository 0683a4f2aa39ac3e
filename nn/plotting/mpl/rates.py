"""Losses by learning rate: of the learning-rate range test, and of one step along the gradient."""

from math import isfinite
from numbers import Real
from typing import Any

from nn.analysis.line_search import line_search
from nn.analysis.lr_finder import RateSearch
from nn.checks import positive, type_name
from nn.data.dataset import Dataset
from nn.losses import Loss
from nn.plotting.inputs import check_search
from nn.plotting.mpl.figure import FAINT, Figure, colour, drawn, figure, legend, logarithmic, mark
from nn.plotting.ticks import short

__all__ = ["along_gradient", "rates"]

SHOWN = 6.0  # times the usual end of the axis: a rate up to there is shown, one beyond at the edge


@drawn
def rates(search: RateSearch, title: str = "") -> Figure:
    """The losses of a sweep over learning rates, raw and smoothed, with the suggestion marked.

    >>> figure = rates(RateSearch([0.01, 0.1, 1.0], [0.7, 0.5, 0.6], [0.7, 0.5, 0.6], 0.1))
    >>> figure.axes[0].lines[1].get_xdata().tolist()
    [0.01, 0.1, 1.0]
    """
    check_search(search)
    made, (ax,) = figure()
    thin: dict[str, Any] = {"linewidth": 0.9, "alpha": 0.4}
    ax.plot(search.rates, search.losses, color=colour(0), label="loss after a step", **thin)
    ax.plot(search.rates, search.smoothed, color=colour(0), linewidth=2.0, label="smoothed")
    if isfinite(best := search.suggestion):
        ax.axvline(best, color=colour(1), linewidth=1.0)
        at = search.smoothed[search.rates.index(best)]
        mark(ax, best, at, 1, label=f"steepest fall: suggestion {best:.2g}")
    ax.set_ylim(search.shown)
    logarithmic(ax, "x", search.rates[0], search.rates[-1])
    ax.set(xlabel="learning rate (log scale)", ylabel="loss", title=title)
    legend(ax)
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
    """The loss of all rows after one step along their gradient, by the rate of that step, with the
    lowest loss marked.

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
    end, start = found.rates[-1], found.losses[0]
    fall = start - found.least or abs(start)
    foot = min(end, 1.3 * fall / -found.slope)
    made, (ax,) = figure()
    ax.plot(found.rates, found.losses, color=colour(0), linewidth=2.0, label="loss")
    slope = [start, start + found.slope * foot]
    ax.plot([0, foot], slope, "--", color=FAINT, linewidth=1.0, label="slope at 0")
    mark(ax, found.best, found.least, 0, label=f"least at {short(found.best)}")
    for x, name, k in ((present, "rate", 1), (bound, "2 / curvature", 2)):
        if x is not None:
            far = x > end  # then it is at the edge, with an arrow
            style: dict[str, Any] = {"linewidth": 1.6, "linestyle": ":" if far else "-"}
            text = f"{name} {short(x)}{' →' * far}"
            ax.axvline(min(x, end), color=colour(k), label=text, **style)
    ax.set(xlim=(0, 1.01 * end), ylim=(found.least - 0.25 * fall, start + 0.6 * fall))
    ax.set(xlabel="learning rate of one step", ylabel="loss after it", title=title)
    legend(ax)
    return made


def _rate(rate: Any) -> float | None:
    """The rate of an optimiser, of a history's last epoch, or the number; None if unknown."""
    if isinstance(rate, list):
        rate = rate[-1].learning_rate if rate else None
    found = rate if isinstance(rate, type) else getattr(rate, "rate", rate)
    if found is None or (isinstance(found, float) and not isfinite(found)):
        return None
    if isinstance(found, bool) or not isinstance(found, Real):
        raise TypeError(
            "along_gradient needs a rate that is a number, an optimizer or a history, "
            f"got {type_name(rate)}"
        )
    return positive("along_gradient", "rate", float(found))
