"""What a model says over the plane, in the terminal: a shade for each class, and the rows as
letters on it.
"""

from collections.abc import Callable
from typing import Any

from nn.data.dataset import Dataset
from nn.plotting.decision_grid import check_plane, class_names, line, plane, ranges
from nn.plotting.terminal.canvas import MARKS, Canvas, legend, needs_ascii
from nn.plotting.ticks import short

__all__ = ["boundary"]

SHADES = (" ░▒▓", " .:-")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEVELS = (" ░▒▓█", " .:=#")


def boundary(
    model: Callable[[Any], Any],
    data: Dataset,
    width: int = 72,
    height: int = 20,
    ascii: bool | None = None,
) -> str:
    """The classes that a model gives over data of 2 features, as shades, with the rows on top; of a
    regression, its predictions: over 2 features as shades, over 1 as a curve.

    >>> from nn import xor
    >>> print(boundary(lambda row: (row[0] - 0.5) * (0.5 - row[1]), xor(12), width=40, height=8))
    y
    1 ┤░░░○░░░░░░░░░░░░░
      │░░░░░░░○░░░░░░░░░          ● ● ●
      │░░░░░░░░░░░░░░░░░
      │░░░░░░░░░░░░░░░░░
      │                 ░░░░░░░░░░░░░░░░░
      │                 ░░░░░░░░░░○○░░░░░
    0 ┤  ●              ░░░░░░░░░○░░░░░░░
      │       ●   ●     ░░░░░░░░░░░░░░░░░
      └─────┬───────────┬──────────┬─────
            0          0.5         1       x
    ● 0 ( )   ○ 1 (░)
    """
    check_plane(data)
    plain = needs_ascii(ascii)
    if len(data.feature_names) == 1:
        return _curve(model, data, width, height, plain)
    canvas = Canvas(*ranges(data), width, height, *data.feature_names, ascii=plain)
    found = plane(model, data, canvas.columns, height)
    if data.classification:
        names = class_names(data, found.outputs[0])
        several = len(names) > 4
        shades = LETTERS.lower() if several else SHADES[plain]
        marks = LETTERS if several else MARKS[plain]
        inside = [[shades[k % len(shades)] for k in row] for row in found.classes]
        letters = [marks[int(k) % len(marks)] for k in data.targets]
        entries = [
            f"{marks[k % len(marks)]} {name} ({shades[k % len(shades)]})"
            for k, name in enumerate(names)
        ]
    else:
        flat = [float(x) for row in found.outputs for x in row]
        low, high = min(flat), max(flat)
        shades = LEVELS[plain]
        step = (high - low) / len(shades) or 1.0
        inside = [
            [shades[min(int((x - low) / step), len(shades) - 1)] for x in row]
            for row in found.outputs
        ]
        letters = [MARKS[plain][0]] * len(data)
        entries = [f"{MARKS[plain][0]} a row"]
        entries += [f"({shade}) from {short(low + k * step)}" for k, shade in enumerate(shades)]
    for j, row in enumerate(inside):
        for i, shade in enumerate(row):
            canvas.marks[i, height - 1 - j] = shade
    for (x, y), letter in zip(data.features, letters, strict=True):
        canvas.mark(x, y, letter)
    return f"{canvas.framed()}\n{legend(entries, width)}"


def _curve(model: Callable[[Any], Any], data: Dataset, width: int, height: int, plain: bool) -> str:
    curve = line(model, data, 2 * width)
    ys = [y for _, y in curve] + [float(y) for y in data.targets]
    canvas = Canvas(
        (curve[0][0], curve[-1][0]),
        (min(ys), max(ys)),
        width,
        height,
        data.feature_names[0],
        "target",
        ascii=plain,
    )
    canvas.line(curve)
    for (x,), y in zip(data.features, data.targets, strict=True):
        canvas.mark(x, y, MARKS[plain][1])
    entries = [f"{MARKS[plain][1]} a row", f"{'...' if plain else '⠒⠒'} predictions"]
    return f"{canvas.framed()}\n{legend(entries, width)}"
