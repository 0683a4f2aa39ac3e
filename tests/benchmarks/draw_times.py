"""How long drawing takes: graphs of 30 to 10,000 values, with the system's ``dot`` and without it.

Run ``python tests/benchmarks/draw_times.py``; each figure is the best of three, in seconds. "left alone" is draw(y, model)
as users call it, which collapses and folds what is large; "whole" draws every value as a box, in nested frames.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from autograd import Value, draw, layout
from nn import MLP

SIZES = {30: [5], 300: [16, 11], 3000: [50, 50], 10000: [96, 94]}
PATIENCE = 20  # seconds, after which a figure is not repeated; a whole graph of 10,000 in frames is not even tried


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


def main() -> None:
    found = list(layout.engines())
    print(f"{'engine':>14} {'values':>7} {'left alone':>11} {'no frames':>10} {'whole':>8} {'.html':>8} {'html MB':>8}")
    for engine in found:
        with patch.object(layout, "engines", lambda engine=engine: iter([engine])), TemporaryDirectory() as folder:
            for size, hidden in SIZES.items():
                loss, model = network(hidden)
                page = Path(folder) / "y.html"
                times = [
                    best(lambda: draw(loss, model).svg),
                    best(lambda: draw(loss, budget=20000).svg),
                    best(lambda: draw(loss, model, budget=20000).svg) if size < 10000 else float("nan"),
                    best(lambda: draw(loss, model).save(page)),
                ]
                figures = " ".join(f"{t:>{w}.2f}" for t, w in zip(times, (11, 10, 8, 8), strict=True))
                print(f"{Path(engine).name:>14} {size:>7} {figures} {page.stat().st_size / 1e6:>8.2f}", flush=True)
    if len(found) < 2:
        print("only one layout engine is here: install both to compare", file=sys.stderr)


if __name__ == "__main__":
    main()
