"""What a model predicts over its features, in the terminal, with the rows on top."""

from nn.data.dataset import Dataset
from nn.plotting.decision_grid import Model, check_features, decision_grid, prediction_line, ranges
from nn.plotting.terminal.canvas import MARKS, Canvas, legend, needs_ascii
from nn.plotting.ticks import short

SHADES = (" ░▒▓", " .:-")
LEVELS = (" ░▒▓█", " .:=#")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def boundary(
    model: Model, data: Dataset, width: int = 72, height: int = 20, ascii: bool | None = None
) -> str:
    """The classes that a model predicts over data with 2 features, as shades, with the rows on top.

    Of a regression, its predictions: over 2 features as shades, over 1 as a curve."""
    check_features(data)
    plain = needs_ascii(ascii)
    marks = MARKS[plain]
    if len(data.feature_names) == 1:
        curve = prediction_line(model, data, 2 * width)
        ys = [y for _, y in curve] + [float(y) for y in data.targets]
        (across,), up, (name,) = ranges(data), (min(ys), max(ys)), data.feature_names
        canvas = Canvas(across, up, width, height, name, "target", ascii=plain)
        canvas.line(curve)
        for (x,), y in zip(data.features, data.targets, strict=True):
            canvas.mark(x, y, marks[1])
        entries = [f"{marks[1]} a row", f"{'...' if plain else '⠒⠒'} predictions"]
        return f"{canvas.framed()}\n{legend(entries, width)}"
    across, up = ranges(data)
    canvas = Canvas(across, up, width, height, *data.feature_names, ascii=plain)
    found = decision_grid(model, data, canvas.columns, height)
    if data.classification:
        names, shades, levels = found.class_names, SHADES[plain], found.classes
        if len(names) > 4:
            marks, shades = LETTERS, LETTERS.lower()
        pairs = [(marks[k % len(marks)], shades[k % len(shades)]) for k in range(len(names))]
        entries = [f"{m} {name} ({s})" for (m, s), name in zip(pairs, names, strict=True)]
    else:
        shades, last = LEVELS[plain], len(LEVELS[plain]) - 1
        low, high = min(map(min, found.outputs)), max(map(max, found.outputs))
        step = (high - low) / len(shades) or 1.0
        levels = [[min(int((x - low) / step), last) for x in row] for row in found.outputs]
        entries = [f"{marks[0]} a row"]
        entries += [f"({shade}) from {short(low + k * step)}" for k, shade in enumerate(shades)]
    for j, row in enumerate(levels):
        for i, level in enumerate(row):
            canvas.marks[i, height - 1 - j] = shades[level % len(shades)]
    for (x, y), target in data:
        canvas.mark(x, y, marks[int(target) % len(marks) if data.classification else 0])
    return f"{canvas.framed()}\n{legend(entries, width)}"
