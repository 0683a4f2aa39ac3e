"""How long drawing takes: graphs of 30 to 10,000 values, with the system's ``dot`` and without it.

Run ``python tests/benchmarks/draw_times.py``; each figure is the best of three, in seconds. "left
alone" is draw(y, model) as users call it, which collapses and folds what is large; "whole" draws
every value as a box, in nested frames. Whole graphs of 10,000 values are not tried: they take every
engine minutes."""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from autograd import Value, draw
from autograd.drawing import render
from nn import MLP

SIZES = {30: [5], 300: [16, 11], 3000: [50, 50], 10000: [96, 94]}
PATIENCE = 20  # seconds, after which a figure is not repeated


def network(hidden: list[int]) -> tuple[Value, MLP]:
    model = MLP(2, [*hidden, 1], activation="tanh", seed=1)
    loss = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss, model


def best(action: Callable[[], object]) -> float:
    times: list[float] = []
    while len(times) < 3 and sum(times) < PATIENCE:
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def figures(hidden: list[int], page: Path) -> list[float]:
    """Left alone, whole without frames, whole with frames, and as a page; nan for what takes
    minutes.
    """
    loss, model = network(hidden)
    large = sum(hidden) > 150
    return [
        best(lambda: draw(loss, model).svg),
        math.nan if large else best(lambda: draw(loss, budget=20000).svg),
        math.nan if large else best(lambda: draw(loss, model, budget=20000).svg),
        best(lambda: draw(loss, model).save(page)),
    ]


def main() -> None:
    found = list(render.engines())
    head = f"{'engine':>14} {'values':>7} {'left alone':>11} {'no frames':>10} {'whole':>8}"
    print(f"{head} {'.html':>8} {'html MB':>8}")
    for engine in found:
        with (
            patch.object(render, "engines", lambda engine=engine: iter([engine])),
            TemporaryDirectory() as folder,
        ):
            for size, hidden in SIZES.items():
                page = Path(folder) / "y.html"
                row = zip(figures(hidden, page), (11, 10, 8, 8), strict=True)
                times = " ".join(f"{t:>{width}.2f}" for t, width in row)
                print(
                    f"{Path(engine).name:>14} {size:>7} {times} {page.stat().st_size / 1e6:>8.2f}",
                    flush=True,
                )
    if len(found) < 2:
        print("only one layout engine is here: install both to compare", file=sys.stderr)


if __name__ == "__main__":
    main()
