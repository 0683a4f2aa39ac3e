"""Histograms a layer: of the weights, and of what the units answer."""

from collections.abc import Mapping, Sequence
from math import isfinite
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from nn.analysis.layer_stats import activity, layer_weights
from nn.data.dataset import Dataset
from nn.module import Module
from nn.plotting.mpl.figure import FAINT, colour, drawn, figure, legend, whole_numbers, words
from nn.plotting.ticks import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["activations", "weights"]


@drawn
def weights(models: Module | Mapping[str, Module], title: str = "") -> "Figure":
    """A histogram of the weights (not the biases) of each layer, of a model or of several by name.

    >>> from nn import MLP
    >>> [ax.get_title() for ax in weights(MLP(2, [4, 3], seed=0)).axes]
    ['layer 1: 4 relu', 'layer 2: 3 linear']
    """
    named = dict(models) if isinstance(models, Mapping) else {"": models}
    if not named:
        raise ValueError("weights needs at least one model, got none")
    found = {name: layer_weights(model) for name, model in named.items()}
    columns = max(map(len, found.values()))
    made, axes = figure(1, columns, (max(6.4, 2.6 * columns), 2.8))
    for place, ax in enumerate(axes):
        parts = {
            name: list(table.items())[place] for name, table in found.items() if place < len(table)
        }
        titles = {layer for layer, _ in parts.values()}
        ax.set_title(titles.pop() if len(titles) == 1 else f"layer {place + 1}")
        _histogram(ax, {name: numbers for name, (_, numbers) in parts.items()})
        ax.set_xlabel("weight")
        if len(named) == 1:
            (numbers,) = (numbers for _, numbers in parts.values())
            _note(ax, f"mean {short(fmean(numbers))}\ndeviation {short(pstdev(numbers))}")
    axes[0].set_ylabel("weights")
    if len(named) > 1:
        legend(axes[-1], beside=True)
    if title:
        made.suptitle(title)
    return made


@drawn
def activations(model: Module, data: Dataset, title: str = "") -> "Figure":
    """A histogram of what the units of each layer answer to the rows, with the share of units that
    are dead (relu) or saturated (tanh, sigmoid, softsign), and of outputs where the activation is
    flat; see ``nn.analysis.layer_stats.Activity``.

    >>> from nn import MLP, moons
    >>> figure = activations(MLP(2, [4, 3], seed=0), moons(20))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0% of units dead\\n45% of outputs flat']
    """
    if not isinstance(data, Dataset) or not len(data):
        raise ValueError(f"activations needs a Dataset with at least one row, got {data!r}")
    found = activity(model, data.features)
    made, axes = figure(1, len(found), (max(6.4, 2.6 * len(found)), 2.8))
    for ax, (name, layer) in zip(axes, found.items(), strict=True):
        ax.set_title(name)
        _histogram(ax, {"": [y for row in layer.outputs for y in row]})
        ax.set_xlabel("output")
        shares = {
            "units dead": layer.dead,
            "units saturated": layer.saturated,
            "outputs flat": layer.flat,
        }
        _note(
            ax,
            "\n".join(
                f"{share:.0%} of {what}" for what, share in shares.items() if isfinite(share)
            ),
        )
    axes[0].set_ylabel("outputs (units x rows)")
    if title:
        made.suptitle(title)
    return made


def _histogram(ax: "Axes", parts: Mapping[str, Sequence[float]]) -> None:
    flat = [x for numbers in parts.values() for x in numbers if isfinite(x)]
    low, high = (min(flat), max(flat)) if flat else (0.0, 0.0)
    if high == low:
        low, high = low - 0.5, high + 0.5
    count = max(8, min(30, round(len(flat) ** 0.5)))
    edges = [
        *(low + k * (high - low) / count for k in range(count)),
        high,
    ]  # that of the formula may round below
    for k, (name, numbers) in enumerate(parts.items()):
        known = [x for x in numbers if isfinite(x)]
        several = len(parts) > 1
        ax.hist(
            known, bins=edges, color=colour(k), label=words(name), histtype="step" if several else "bar",
            **({"linewidth": 1.6} if several else {"edgecolor": "white", "linewidth": 0.4}),
        )  # fmt: skip
    whole_numbers(ax.yaxis, 5)
    if low < 0 < high:
        ax.axvline(0.0, color=FAINT, linewidth=0.8)


def _note(ax: "Axes", text: str) -> None:
    """A few words over the bars, in a strip that is kept free for them."""
    if not text:
        return
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ax.text(
        0.98, 0.98, text, transform=ax.transAxes, ha="right", va="top", fontsize=8.5, bbox=paper
    )
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (1.14 + 0.11 * text.count("\n")))
