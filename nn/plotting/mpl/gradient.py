"""The loss along the direction of the gradient: how far a step may go."""

from math import isfinite
from typing import TYPE_CHECKING, Any

from nn.analysis.line_search import line_search
from nn.data.dataset import Dataset
from nn.plotting.mpl.figure import FAINT, colour, drawn, figure, legend, mark
from nn.plotting.ticks import short
from nn.training.evaluation import Loss

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
    """The loss of all rows after one step along their gradient, by the rate of that step, with the
    least loss marked.

    rate: the one that you train with, to be marked too: a number, an optimiser, or a history.
    bound: 2 over the largest curvature, beyond which gradient descent diverges on a parabola.

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
    start, fall = found.losses[0], found.losses[0] - found.least or abs(found.losses[0])
    foot = min(end, 1.3 * fall / -found.slope)
    ax.plot(
        [0, foot],
        [start, start + found.slope * foot],
        "--",
        color=FAINT,
        linewidth=1.0,
        label="slope at 0",
    )
    mark(ax, found.best, found.least, 0, label=f"least at {short(found.best)}")
    for x, name, k in ((present, "rate", 1), (bound, "2 / curvature", 2)):
        if x is not None:
            far = x > end  # then it is on the edge, with an arrow
            style: dict[str, Any] = {
                "color": colour(k),
                "linewidth": 1.6,
                "linestyle": ":" if far else "-",
            }
            ax.axvline(min(x, end), label=f"{name} {short(x)}{' →' * far}", **style)
    ax.set(xlim=(0, 1.01 * end), ylim=(found.least - 0.25 * fall, start + 0.6 * fall))
    ax.set(xlabel="learning rate of one step", ylabel="loss after it", title=title)
    legend(ax)
    return made


def _number(rate: Any) -> float | None:
    """The rate itself, that of an optimiser, or that of a history's last epoch; None where it is
    not known.
    """
    if isinstance(rate, list):
        rate = rate[-1].learning_rate if rate else None
    found = getattr(rate, "rate", rate)
    return None if found is None or not isfinite(found) else float(found)
