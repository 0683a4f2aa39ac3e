"""The loss along the direction of the gradient: how far a step may go."""

from typing import TYPE_CHECKING, Any

from nn.dataset import Dataset
from nn.evaluate import Loss
from nn.line_search import line_search
from nn.plot.figure import FAINT, colour, drawn, figure, legend
from nn.ticks import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["along_gradient"]


@drawn
def along_gradient(
    model: Any,
    data: Dataset,
    loss: Loss | None = None,
    rate: Any = None,
    bound: float | None = None,
    title: str = "",
) -> "Figure":
    """The loss of all rows after one step along their gradient, by the rate of that step, with the least loss marked.

    rate: the one that you train with, to be marked too: a number, an optimiser, or a history. bound: 2 over the largest
    curvature, beyond which gradient descent diverges on a parabola.

    >>> from nn import MLP
    >>> figure = along_gradient(MLP(1, [1], init="ones"), Dataset([[1.0], [2.0]], [0.0, 0.0]), rate=0.05)
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['loss', 'slope at 0', 'least at 0.146', 'rate 0.05']
    """
    present = _number(rate)
    found = line_search(model, data, loss)
    end = found.rates[-1]
    wanted = [x for x in (present, bound) if x is not None]
    if any(end < x <= 6 * end for x in wanted):
        found = line_search(model, data, loss, upto=1.1 * max(x for x in wanted if x <= 6 * end))
        end = found.rates[-1]
    made, (ax,) = figure()
    ax.plot(found.rates, found.losses, color=colour(0), linewidth=2.0, label="loss")
    start, low = found.losses[0], found.least
    foot = min(end, 1.3 * (start - low or abs(start)) / -found.slope)
    ax.plot(
        [0, foot], [start, start + found.slope * foot], color=FAINT, linewidth=1.0, linestyle="--", label="slope at 0"
    )
    ax.plot(
        [found.best], [found.least], color=colour(0), marker="o", markersize=8, markeredgecolor="white", linestyle="",
        label=f"least at {short(found.best)}",
    )  # fmt: skip
    for x, name, k in ((present, "rate", 1), (bound, "2 / curvature", 3)):
        if x is not None:
            beyond = " →" if x > end else ""
            ax.axvline(
                min(x, end),
                color=colour(k),
                linewidth=1.6,
                linestyle="-" if not beyond else ":",
                label=f"{name} {short(x)}{beyond}",
            )
    room = start - low or abs(start) or 1.0
    ax.set_ylim(low - 0.25 * room, start + 0.6 * room)
    ax.set_xlim(0, end * 1.01)
    ax.set(xlabel="learning rate of one step", ylabel="loss after it", title=title)
    legend(ax)
    return made


def _number(rate: Any) -> float | None:
    """The rate itself, that of an optimiser, or that of a history's last epoch."""
    if isinstance(rate, list):
        return rate[-1].learning_rate if rate else None
    found = getattr(rate, "rate", rate)
    return None if found is None else float(found)
