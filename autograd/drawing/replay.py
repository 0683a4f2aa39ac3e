"""Replay: a training as one self-contained page, epoch by epoch, with the decision boundary beside
the graph.

It is fed with plain data, so that any loop of training can use it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from autograd.drawing import Drawing, put
from autograd.engine.notation import short

__all__ = ["Frame", "play_training"]


@dataclass(frozen=True)
class Frame:
    """One moment of a training.

    ``grid`` holds what the model answers over the plane, rows from bottom to top, columns from left
    to right; its sign is the class. ``drawing`` is the graph of the loss at that moment, after
    ``backward``."""

    epoch: int
    loss: float
    grid: Sequence[Sequence[float]]
    drawing: Drawing


def play_training(
    frames: Sequence[Frame],
    path: str | os.PathLike[str],
    points: Sequence[tuple[float, float, float]] = (),
    bounds: tuple[float, float, float, float] = (-1.0, 1.0, -1.0, 1.0),
    heading: str = "A network learns",
) -> None:
    """Write the page that plays a training; bounds are left, right, bottom and top of the plane.

    points are rows (x, y, class), where a class above 0 is the positive one. Raises ValueError if
    there is no frame or the graphs of two frames differ, OSError if the page cannot be written,
    LayoutError where no layout engine is there."""
    from autograd.drawing.dot import grad_text, number_text
    from autograd.drawing.page import ROOM, number, page
    from autograd.drawing.palette import level
    from autograd.drawing.svg import described_picture, svg

    if not frames:
        raise ValueError("play_training needs at least one frame, got none")
    pictures = [frame.drawing.picture for frame in frames]
    first = pictures[0]
    for frame, picture in zip(frames, pictures, strict=True):
        if [n.kind for n in picture.nodes] != [
            n.kind for n in first.nodes
        ] or picture.edges.keys() != first.edges.keys():
            raise ValueError(
                f"play_training needs the same graph in every frame, got another one in epoch {frame.epoch}: "
                "draw the loss of the same rows each time"
            )
        if len({len(row) for row in frame.grid}) != 1 or len(frame.grid) != len(frames[0].grid):
            raise ValueError(
                f"play_training needs a grid of equal rows, the same size in every frame: epoch {frame.epoch}"
            )
    largest = max(picture.largest for picture in pictures)
    data = {
        "keys": [[node.key for node in first.nodes], [edge.key for edge in first.edges.values()]],
        "points": [[number(x) for x in point] for point in points],
        "bounds": list(bounds),
        "frames": [
            {
                "epoch": frame.epoch,
                "loss": number(frame.loss),
                "shown": short(frame.loss),
                "grid": [[round(x, 3) if isfinite(x) else 0.0 for x in row] for row in frame.grid],
                "nodes": [
                    [number_text(n), grad_text(n), level(n.grad, largest)] for n in picture.nodes
                ],
                "edges": [level(edge.contribution, largest) for edge in picture.edges.values()],
            }
            for frame, picture in zip(frames, pictures, strict=True)
        ],
    }
    put(
        page("training", heading, data, svg(first, ROOM), described_picture(first)).encode(),
        Path(path),
    )
