"""How good predictions are, as pictures: a confusion matrix; predictions beside true numbers."""

from collections.abc import Sequence
from typing import Any

from nn.checks import printable
from nn.metrics import confusion_matrix
from nn.module import numbers
from nn.plotting.inputs import as_number
from nn.plotting.mpl.figure import FAINT, INK, Axes, Figure, colour, drawn, figure

MANY = 500  # points, which are drawn as an image from there on
NUMBERED = 20  # classes up to which each cell shows its number


@drawn
def confusion(
    outputs: Sequence[Any],
    targets: Sequence[float],
    class_names: Sequence[str],
    threshold: float = 0.0,
    title: str = "",
) -> Figure:
    """How many rows of each true class (down) were predicted as each class (across), as shades of
    the fraction of the class's rows.

    >>> shown = confusion([[2.0, 0.0], [0.0, 1.0], [0.5, 0.0]], [0, 1, 1], ["frog", "newt"])
    >>> [text.get_text() for text in shown.axes[0].texts]
    ['1', '0', '1', '1']
    """
    names = [printable(name, 24) for name in class_names]
    counts = confusion_matrix(outputs, targets, len(names), threshold)
    side = min(8.0, 1.6 + 0.62 * len(names))
    made, (ax,) = figure(size=(side + 0.9, side))
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("shades", [(0.18, 0.5, 0.76, a) for a in (0.0, 0.9)])
    ax.imshow(shares, cmap=shades, vmin=0.0, vmax=1.0)
    for i, row in enumerate(counts if len(names) <= NUMBERED else []):
        for j, count in enumerate(row):
            ink = "white" if shares[i][j] > 0.6 else INK if count else FAINT
            ax.text(j, i, str(count), ha="center", va="center", color=ink)
    long = max(map(len, names)) > 8 or len(names) > 8
    turned: dict[str, Any] = {"rotation": 30, "ha": "right"} if long else {}
    ax.set_xticks(range(len(names)), names, **turned)
    ax.set_yticks(range(len(names)), names)
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="predicted", ylabel="true", title=title)
    return made


@drawn
def predictions(
    outputs: Sequence[Any], targets: Sequence[float], target: str = "target", title: str = ""
) -> Figure:
    """Predictions beside true numbers, where a perfect model has all points on the line; and the
    residuals, which show where a model is off on the whole, or off more than elsewhere.

    >>> shown = predictions([1.1, 1.9, 3.2], [1.0, 2.0, 3.0], target="weight")
    >>> [ax.get_ylabel() for ax in shown.axes]
    ['predicted weight', 'true - predicted']
    """
    found = [as_number("predictions", numbers(output)) for output in outputs]
    if len(found) != len(targets) or not found:
        need = "predictions needs as many outputs as targets, and one at least"
        raise ValueError(f"{need}, got {len(found)} and {len(targets)}")
    name = printable(target, 30)
    made, (beside, residuals) = figure(1, 2, (8.4, 3.7))
    ends = [min(*found, *targets), max(*found, *targets)]
    beside.plot(ends, ends, color=FAINT, linewidth=1.2, zorder=1)
    _points(beside, targets, found)
    beside.set(xlabel=f"true {name}", ylabel=f"predicted {name}")
    residuals.axhline(0.0, color=FAINT, linewidth=1.2, zorder=1)
    _points(residuals, found, [t - x for t, x in zip(targets, found, strict=True)])
    residuals.set(xlabel=f"predicted {name}", ylabel="true - predicted")
    for ax in (beside, residuals):
        ax.locator_params(axis="x", nbins=4)  # of large numbers the labels are wide
    if title:
        made.suptitle(title)
    return made


def _points(ax: Axes, xs: Sequence[float], ys: Sequence[float]) -> None:
    many = len(xs) > MANY
    style: dict[str, Any] = {"alpha": max(0.15, min(0.75, 150 / len(xs) ** 0.8 + 0.1))}
    style |= {"s": 8 if many else 22, "linewidths": 0, "rasterized": many}
    ax.scatter(xs, ys, color=colour(0), **style)
