"""The learning-rate range test as a curve."""

from math import isfinite
from typing import TYPE_CHECKING

from nn.analysis.lr_finder import RateSearch
from nn.checks import a_kind
from nn.plotting.mpl.figure import colour, drawn, figure, legend, logarithmic, mark

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["rates"]


@drawn
def rates(search: RateSearch, title: str = "") -> "Figure":
    """The losses of a sweep over learning rates, raw and smoothed, with the suggestion marked.

    >>> figure = rates(RateSearch([0.01, 0.1, 1.0], [0.7, 0.5, 0.6], [0.7, 0.5, 0.6], 0.1))
    >>> figure.axes[0].lines[1].get_xdata().tolist()
    [0.01, 0.1, 1.0]
    """
    if not isinstance(search, RateSearch):
        raise TypeError(f"rates needs the RateSearch that find_rate returns, got {a_kind(search)}")
    made, (ax,) = figure()
    ax.plot(
        search.rates,
        search.losses,
        color=colour(0),
        linewidth=0.9,
        alpha=0.4,
        label="loss after a step",
    )
    ax.plot(search.rates, search.smoothed, color=colour(0), linewidth=2.0, label="smoothed")
    if isfinite(search.suggestion):
        at = search.smoothed[search.rates.index(search.suggestion)]
        ax.axvline(search.suggestion, color=colour(1), linewidth=1.0)
        mark(
            ax, search.suggestion, at, 1, label=f"steepest fall: suggestion {search.suggestion:.2g}"
        )
    ax.set_ylim(search.shown)
    logarithmic(ax, "x", search.rates[0], search.rates[-1])
    ax.set(xlabel="learning rate (log scale)", ylabel="loss", title=title)
    legend(ax)
    return made
