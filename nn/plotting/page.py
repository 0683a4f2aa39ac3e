"""A training run as a self-contained page: the graph of the loss beside the decision boundary."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from autograd import Drawing
from nn.io.json_file import PathLike, write_text

__all__ = ["Frame", "play_training"]

WEB = Path(__file__).parent / "web"


@dataclass(frozen=True)
class Frame:
    """One moment of a training run.

    ``grid`` holds the model's output over the two inputs, rows from bottom to top, columns from
    left to right; its sign is the class. ``drawing`` is the graph of the loss at that moment, after
    ``backward``."""

    epoch: int
    loss: float
    grid: Sequence[Sequence[float]]
    drawing: Drawing


def play_training(
    frames: Sequence[Frame],
    path: PathLike,
    points: Sequence[tuple[float, float, float]] = (),
    bounds: tuple[float, float, float, float] = (-1.0, 1.0, -1.0, 1.0),
    heading: str = "A network learns",
) -> None:
    """Write the page that replays a run; bounds are left, right, bottom and top of the grid.

    points are rows (x, y, class), where a class above 0 is the positive one. Raises ValueError if
    frames do not fit together, StoreError, or LayoutError where no layout engine is there."""
    if not frames:
        raise ValueError("play_training needs at least one frame, got none")
    first, shown = frames[0], []
    largest = max(frame.drawing.largest for frame in frames)
    for frame in frames:
        if frame.drawing.shape != first.drawing.shape:
            need = "play_training needs the same graph in every frame, got another one"
            do = "draw the loss of the same rows each time"
            raise ValueError(f"{need} in epoch {frame.epoch}: {do}")
        if list(map(len, frame.grid)) != [len(first.grid[0])] * len(first.grid):
            need = "play_training needs a grid of equal rows, the same size in every frame"
            raise ValueError(f"{need}: epoch {frame.epoch}")
        grid = [[round(x, 3) if isfinite(x) else 0.0 for x in row] for row in frame.grid]
        figures = {"epoch": frame.epoch, "loss": float(frame.loss), "shown": f"{frame.loss:.4g}"}
        shown.append(figures | {"grid": grid} | frame.drawing.numbers(largest))
    data = {"points": points, "bounds": bounds, "frames": shown}
    body, style, script = ((WEB / f"training.{kind}").read_text() for kind in ("html", "css", "js"))
    write_text(path, first.drawing.page(body, style, script, data, heading))
