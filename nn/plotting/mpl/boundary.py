"""What a model says over the plane: its classes and their boundary, or its predictions, with the
rows on top.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nn.data.dataset import Dataset
from nn.plotting.decision_grid import check_plane, class_names, line, plane
from nn.plotting.mpl.figure import MARKERS, colour, drawn, figure, legend, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["boundary"]

CELLS = 120  # across and up


@drawn
def boundary(models: Any, data: Dataset, title: str = "") -> "Figure":
    """The classes that a model, or each of several by name, gives over data of 2 features, with the
    rows on top.

    Of a regression, its predictions: over 2 features as shades, over 1 as a curve. Data of other
    widths raise a ValueError.

    >>> from nn import MLP, moons
    >>> figure = boundary(MLP(2, [4, 2], seed=0), moons())
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['upper', 'lower']
    """
    check_plane(data)
    named: Mapping[str, Callable[[Any], Any]] = (
        models if isinstance(models, Mapping) else {title: models}
    )
    if not named:
        raise ValueError("boundary needs at least one model, got none")
    columns = min(len(named), 3)
    rows = -(-len(named) // columns)
    size = (5.2, 4.0) if len(named) == 1 else (3.3 * columns + 0.8, 3.0 * rows + 0.3)
    made, axes = figure(rows, columns, size, sharex=True, sharey=True)
    for ax in axes[len(named) :]:
        ax.set_visible(False)
    for ax, (name, model) in zip(axes, named.items(), strict=False):
        ax.set_title(str(name))
        if len(data.feature_names) == 1:
            _curve(ax, model, data)
        elif data.classification:
            _classes(ax, model, data)
        else:
            _shades(ax, model, data)
        ax.label_outer()
    if isinstance(models, Mapping) and title:
        made.suptitle(title)
    shown = axes[columns - 1] if len(named) > 1 else axes[0]
    legend(shown, beside=True)
    return made


def _classes(ax: "Axes", model: Callable[[Any], Any], data: Dataset) -> None:
    from matplotlib.colors import ListedColormap, to_rgb

    found = plane(model, data, CELLS, CELLS)
    names = class_names(data, found.outputs[0])
    tints = [tuple(1 - 0.3 * (1 - part) for part in to_rgb(colour(k))) for k in range(len(names))]
    extent = (*found.x_range, *found.y_range)
    ax.imshow(
        found.classes, origin="lower", extent=extent, aspect="auto", interpolation="none",
        cmap=ListedColormap(tints), vmin=-0.5, vmax=len(names) - 0.5,
    )  # fmt: skip
    for k in range(len(names) if len(names) > 2 else 1):  # two classes share their boundary
        margins = [[_margin(output, k) for output in row] for row in found.outputs]
        if min(map(min, margins)) < 0 < max(map(max, margins)):
            ax.contour(found.xs, found.ys, margins, levels=[0.0], colors="white", linewidths=2.0)
    for k, name in enumerate(names):
        points = [row for row, target in data if target == k]
        if points:
            ax.plot(
                *zip(*points, strict=True), linestyle="", marker=MARKERS[k % len(MARKERS)], markersize=5,
                color=colour(k), markeredgecolor="white", markeredgewidth=0.6, label=words(name),
            )  # fmt: skip
    _frame(ax, data, extent)


def _margin(output: Any, k: int) -> float:
    """How far an output is on the side of class k: its logit over the largest other one."""
    if isinstance(output, list):
        return float(output[k] - max(x for j, x in enumerate(output) if j != k))
    return float(output if k else -output)


def _shades(ax: "Axes", model: Callable[[Any], Any], data: Dataset) -> None:
    found = plane(model, data, CELLS, CELLS)
    extent = (*found.x_range, *found.y_range)
    numbers = [*data.targets, *(x for row in found.outputs for x in row)]
    scale = {"cmap": "cividis", "vmin": min(numbers), "vmax": max(numbers)}
    image = ax.imshow(
        found.outputs,
        origin="lower",
        extent=extent,
        aspect="auto",
        interpolation="bilinear",
        **scale,
    )
    xs, ys = zip(*data.features, strict=True)
    ax.scatter(xs, ys, c=data.targets, s=26, edgecolors="white", linewidths=0.8, **scale)
    bar = ax.figure.colorbar(image, ax=ax)
    bar.outline.set_visible(False)
    bar.set_label("target: predicted (ground) and true (points)")
    _frame(ax, data, extent)


def _curve(ax: "Axes", model: Callable[[Any], Any], data: Dataset) -> None:
    curve = line(model, data, CELLS)
    xs = [row[0] for row in data.features]
    ax.plot(
        xs,
        data.targets,
        linestyle="",
        marker="o",
        markersize=4.5,
        color=colour(0),
        alpha=0.75,
        label="rows",
    )
    ax.plot(*zip(*curve, strict=True), color=colour(1), linewidth=2.0, label="predictions")
    ax.set(xlabel=data.feature_names[0], ylabel="target")


def _frame(ax: "Axes", data: Dataset, extent: tuple[float, ...]) -> None:
    ax.grid(False)
    ax.set(
        xlabel=data.feature_names[0], ylabel=data.feature_names[1], xlim=extent[:2], ylim=extent[2:]
    )
