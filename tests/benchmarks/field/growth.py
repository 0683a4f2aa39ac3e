"""A plot of how times grow with the problems."""

from math import prod
from typing import Any

from nn.plotting.mpl.figure import MARKERS, Figure, colour, drawn, figure, logarithmic


@drawn
def growth(everything: list[dict[str, Any]], names: list[str]) -> Figure:
    """A panel for each problem of several sizes; everything: what the command measured."""

    def extent(size: dict[str, float]) -> float:
        return float(size.get("observations") or prod(size.values()))

    problems: dict[str, list[dict[str, Any]]] = {}
    for one in everything:
        problems.setdefault(one["problem"], []).append(one)
    problems = {name: sizes for name, sizes in problems.items() if len(sizes) > 1}
    problems.pop("saddle", None)  # whose sizes are the first steps of a descent
    made, axes = figure(-(-len(problems) // 3), 3, size=(9, 2.3 * -(-len(problems) // 3) + 0.5))
    for ax in axes[len(problems) :]:
        ax.set_axis_off()
    lines = {}
    for ax, (name, sizes) in zip(axes, problems.items(), strict=False):
        low, high, most = float("inf"), 0.0, extent(sizes[-1]["size"])
        least = most
        for k, who in enumerate(names):
            points = [
                (extent(one["size"]), 1000 * one["rows"][who]["time"])
                for one in sizes
                if "time" in one["rows"].get(who, {})
            ]
            if not points:
                continue
            xs, ys = zip(*sorted(points), strict=True)
            look = (MARKERS[k] + "-", colour(k)) if k < 8 else ("o:", colour(7))
            (lines[who],) = ax.plot(xs, ys, look[0], color=look[1], zorder=9 - k)
            low, high = min(low, *ys), max(high, *ys)
            least, most = min(least, *xs), max(most, *xs)
        by = "observations" if name == "ba" else " x ".join(sizes[0]["size"])
        ax.set_title(f"{name} ({by})")
        logarithmic(ax, "x", (0.7 * least, 1.4 * most))
        logarithmic(ax, "y", (0.5 * low, 2 * high))
    for ax in axes[::3]:
        ax.set_ylabel("ms of CPU")
    made.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=5)
    return made
