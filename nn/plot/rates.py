"""The learning-rate range test as a curve."""

from math import isfinite
from typing import TYPE_CHECKING

from nn.plot.figure import colour, drawn, figure, legend
from nn.rates import RateSearch
from nn.ticks import short

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
        raise TypeError(f"rates needs the RateSearch that find_rate returns, got a {type(search).__name__}")
    made, (ax,) = figure()
    ax.plot(search.rates, search.losses, color=colour(0), linewidth=0.9, alpha=0.4, label="loss after a step")
    ax.plot(search.rates, search.smoothed, color=colour(0), linewidth=2.0, label="smoothed")
    if isfinite(search.suggestion):
        at = search.smoothed[search.rates.index(search.suggestion)]
        ax.axvline(search.suggestion, color=colour(1), linewidth=1.0)
        ax.plot(
            [search.suggestion], [at], color=colour(1), marker="o", markersize=8, markeredgecolor="white", linestyle="",
            label=f"steepest fall: suggestion {short(float(f'{search.suggestion:.2g}'))}",
        )  # fmt: skip
    top, low = search.smoothed[0], min(search.smoothed)
    ax.set_xscale("log")
    room = top - low or abs(top) or 1.0
    ax.set_ylim(min(0.0, low) if low < 0.3 * top else low - 0.5 * room, top + 0.6 * room)
    ax.set(xlabel="learning rate (log scale)", ylabel="loss", title=title)
    legend(ax)
    return made
