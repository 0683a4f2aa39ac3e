"""Bars: of numbers by name, and histograms by layer: of the weights, and of what units return."""

from collections.abc import Mapping, Sequence
from math import isfinite
from statistics import fmean, pstdev
from typing import Any

import nn.plotting.mpl.figure as style
from nn.analysis.hessian import MOST_ROWS, at_most
from nn.analysis.layer_stats import activity, layer_weights
from nn.checks import printable
from nn.data.dataset import Dataset
from nn.module import Module
from nn.plotting.inputs import named_numbers
from nn.plotting.mpl.figure import Axes, Figure, drawn, figure
from nn.plotting.ticks import short
from nn.training.checks import check_rows


@drawn
def bars(numbers: Mapping[str, float], x: str = "", title: str = "") -> Figure:
    """A bar for each number, by name, from the top down.

    >>> figure = bars({"zeros": 0.5, "he": 0.96}, x="accuracy")
    >>> [float(bar.get_width()) for bar in figure.axes[0].patches]
    [0.5, 0.96]
    """
    names, sizes = zip(*named_numbers(numbers), strict=True)
    made, (ax,) = figure(size=(6.4, 1.0 + 0.34 * len(sizes)))
    rows = ax.barh(range(len(sizes)), sizes, color=style.colour(0), height=0.62)
    ax.bar_label(rows, labels=list(map(short, sizes)), padding=3, fontsize=9)
    ax.set_yticks(range(len(sizes)), list(map(printable, names)))
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.margins(x=0.14)
    ax.set(xlabel=x, title=title)
    return made


@drawn
def weights(models: Module | Mapping[str, Module], title: str = "") -> Figure:
    """A histogram of the weights (not the biases) of each layer, of a model or of several by name.

    >>> from nn import MLP
    >>> [ax.get_title() for ax in weights(MLP(2, [4, 3], seed=0)).axes]
    ['layer 1: 4 relu', 'layer 2: 3 linear']
    """
    named = dict(models) if isinstance(models, Mapping) else {"": models}
    if not named:
        raise ValueError("weights needs at least one model, got none")
    tables = {name: list(layer_weights(model).items()) for name, model in named.items()}
    made, axes = _axes(max(map(len, tables.values())), "weights", title)
    for k, ax in enumerate(axes):
        parts = {name: table[k] for name, table in tables.items() if k < len(table)}
        titles = {layer for layer, _ in parts.values()}
        ax.set_title(titles.pop() if len(titles) == 1 else f"layer {k + 1}")
        _histogram(ax, {name: numbers for name, (_, numbers) in parts.items()}, "weight")
        if len(named) == 1:
            ((_, numbers),) = parts.values()
            _note(ax, f"mean {short(fmean(numbers))}\ndeviation {short(pstdev(numbers))}")
    if len(named) > 1:
        style.legend(axes[-1], beside=True)
    return made


@drawn
def activations(model: Module, data: Dataset, title: str = "") -> Figure:
    """A histogram of the outputs of each layer's units for the rows, with the percentage of units
    that are dead or saturated, and of outputs where the activation is flat; of more than a thousand
    rows, those of a thousand at random.

    >>> from nn import MLP, moons
    >>> figure = activations(MLP(2, [4, 3], seed=0), moons(20))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0% of units dead\\n45% of outputs flat']
    """
    check_rows("activations", data)
    some = at_most(MOST_ROWS, data)
    found = activity(model, some.features)
    counted = "rows" if some is data else f"{len(some)} of {len(data)} rows"
    made, axes = _axes(len(found), f"outputs (units x {counted})", title)
    for ax, (name, layer) in zip(axes, found.items(), strict=True):
        ax.set_title(name)
        _histogram(ax, {"": [y for row in layer.outputs for y in row]}, "output")
        shares = {"units dead": layer.dead, "units saturated": layer.saturated}
        shares["outputs flat"] = layer.flat
        _note(ax, "\n".join(f"{x:.0%} of {what}" for what, x in shares.items() if isfinite(x)))
    return made


def _axes(count: int, counted: str, title: str) -> tuple[Figure, list[Axes]]:
    made, axes = figure(1, count, (max(6.4, 2.6 * count), 2.8))
    axes[0].set_ylabel(counted)
    if title:
        made.suptitle(title)
    return made, axes


def _histogram(ax: Axes, parts: Mapping[str, Sequence[float]], what: str) -> None:
    known = {name: list(filter(isfinite, numbers)) for name, numbers in parts.items()}
    flat = [x for numbers in known.values() for x in numbers]
    low, high = min(flat, default=0.0), max(flat, default=0.0)
    count = max(8, min(30, round(len(flat) ** 0.5)))
    shape: dict[str, Any] = {"histtype": "bar", "edgecolor": "white", "linewidth": 0.4}
    if len(parts) > 1:
        shape = {"histtype": "step", "linewidth": 1.6}
    for k, (name, numbers) in enumerate(known.items()):
        shape |= {"color": style.colour(k), "label": style.label(name)}
        ax.hist(numbers, bins=count, range=(low, high), **shape)
    ax.set_xlabel(what)
    ax.locator_params("y", nbins=5, **style.WHOLE)
    if low < 0 < high:
        ax.axvline(0.0, color=style.FAINT, linewidth=0.8)


def _note(ax: Axes, text: str) -> None:
    """A few words over the bars, in a strip that is kept free for them."""
    if text:
        place: dict[str, Any] = {"ha": "right", "va": "top", "transform": ax.transAxes}
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        ax.text(0.98, 0.98, text, fontsize=8.5, bbox=paper, **place)
        low, high = ax.get_ylim()
        ax.set_ylim(low, high * (1.14 + 0.11 * text.count("\n")))
