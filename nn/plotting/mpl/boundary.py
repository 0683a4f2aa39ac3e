"""What a model predicts over its features: classes and their boundary, or a curve, and the rows."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nn.data.dataset import Dataset
from nn.plotting.decision_grid import Model, check_features, decision_grid, prediction_line, ranges
from nn.plotting.mpl.figure import INK, MARKERS, Axes, Figure, colour, drawn, figure, label, legend

CELLS = 120  # of the grid, across and up


@drawn
def boundary(
    models: Model | Mapping[str, Model],
    data: Dataset,
    title: str = "",
    held_out: Dataset | None = None,
) -> Figure:
    """The classes that a model, or each of several by name, predicts over data with 2 features.

    Of a regression, its predictions: over 2 features as shades, over 1 as a curve. held_out: more
    rows, which are marked by rings.

    >>> from nn import MLP, moons
    >>> figure = boundary(MLP(2, [4, 2], seed=0), moons())
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['upper', 'lower']
    """
    check_features(data)
    named = models if isinstance(models, Mapping) else {title: models}
    if not named:
        raise ValueError("boundary needs at least one model, got none")
    if held_out is not None:
        check_features(held_out)
        everything = [*data.features, *held_out.features], [*data.targets, *held_out.targets]
        data = Dataset(*everything, data.feature_names, data.class_names)
    columns = min(len(named), 3)
    rows = -(-len(named) // columns)
    size = (5.2, 4.0) if len(named) == 1 else (3.3 * columns + 0.8, 3.0 * rows + 0.3)
    made, axes = figure(rows, columns, size, sharex=True, sharey=True)
    for ax in axes[len(named) :]:
        ax.set_visible(False)
    for ax, (name, model) in zip(axes, named.items(), strict=False):
        ax.set_title(str(name))
        (_curve if len(data.feature_names) == 1 else _plane)(ax, model, data)
        if held_out is not None:
            _rings(ax, held_out)
        ax.label_outer()
    if isinstance(models, Mapping) and title:
        made.suptitle(title)
    if data.classification or len(data.feature_names) == 1:
        legend(axes[columns - 1], beside=True)
    elif held_out is not None:  # beside it are the shades
        axes[0].legend(loc="lower left", bbox_to_anchor=(0.0, 1.0))
    return made


def _plane(ax: Axes, model: Model, data: Dataset) -> None:
    found, (across, up) = decision_grid(model, data, CELLS, CELLS), ranges(data)
    image = partial(ax.imshow, origin="lower", extent=(*across, *up), aspect="auto")
    (_classes if data.classification else _shades)(ax, found, data, image)
    ax.grid(False)
    ax.set(xlim=across, ylim=up, xlabel=data.feature_names[0], ylabel=data.feature_names[1])


def _classes(ax: Axes, found: Any, data: Dataset, image: Any) -> None:
    from matplotlib.colors import ListedColormap, to_rgb

    names = found.class_names
    tints = [(*to_rgb(colour(k)), 0.3) for k in range(len(names))]
    scale = {"cmap": ListedColormap(tints), "vmin": -0.5, "vmax": len(names) - 0.5}
    image(found.classes, interpolation="none", **scale)
    for k in range(len(names) if len(names) > 2 else 1):  # two classes share their boundary
        margins = [[_margin(x, k, found.threshold) for x in row] for row in found.outputs]
        if min(map(min, margins)) < 0 < max(map(max, margins)):
            ax.contour(found.xs, found.ys, margins, levels=[0.0], colors="white", linewidths=2.0)
    for k, name in enumerate(names):
        if points := [row for row, target in data if target == k]:
            style: dict[str, Any] = {"marker": MARKERS[k % len(MARKERS)], "linestyle": ""}
            style |= {"markersize": 5, "markeredgecolor": "white", "markeredgewidth": 0.6}
            xs, ys = zip(*points, strict=True)
            ax.plot(xs, ys, color=colour(k), label=label(name), **style)


def _margin(output: Any, k: int, threshold: float) -> float:
    """How far an output is on the side of class k: its logit less the largest other one."""
    if isinstance(output, list):
        return float(output[k] - max(x for j, x in enumerate(output) if j != k))
    return float(output - threshold if k else threshold - output)


def _rings(ax: Axes, held_out: Dataset) -> None:
    """A ring around each row that the model did not learn from."""
    has_two = len(held_out.feature_names) == 2
    xs = [row[0] for row in held_out.features]
    ys = [row[1] for row in held_out.features] if has_two else held_out.targets
    style: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": 9}
    style |= {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 0.9}
    ax.plot(xs, ys, label="held out", **style)


def _shades(ax: Axes, found: Any, data: Dataset, image: Any) -> None:
    numbers = [*data.targets, *(x for row in found.outputs for x in row)]
    scale = {"cmap": "cividis", "vmin": min(numbers), "vmax": max(numbers)}
    shades = image(found.outputs, interpolation="bilinear", **scale)
    xs, ys = zip(*data.features, strict=True)
    ax.scatter(xs, ys, c=data.targets, s=26, edgecolors="white", linewidths=0.8, **scale)
    bar = ax.figure.colorbar(shades, ax=ax)
    bar.outline.set_visible(False)
    bar.set_label("target: predicted (ground) and true (points)")


def _curve(ax: Axes, model: Model, data: Dataset) -> None:
    style: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.5, "alpha": 0.75}
    ax.plot(data.features, data.targets, color=colour(0), label="rows", **style)
    xs, ys = zip(*prediction_line(model, data, CELLS), strict=True)
    ax.plot(xs, ys, color=colour(1), linewidth=2.0, label="predictions")
    ax.set(xlabel=data.feature_names[0], ylabel="target")
