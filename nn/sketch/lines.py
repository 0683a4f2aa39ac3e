"""Lines in the terminal: the losses of runs, and any other curves."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from nn.curves import Point, runs
from nn.sketch.canvas import MARKS, Canvas, legend, needs_ascii
from nn.ticks import short

__all__ = ["lines", "losses"]

BEST = "★B"
END = "✗X"


def losses(histories: Any, width: int = 72, height: int = 16, ascii: bool | None = None) -> str:
    """The losses of a run by epoch, with the best epoch; or those of several, by name, that each is judged by.

    A run that diverged ends with a mark, and is cut off where it would flatten the others.

    >>> from nn import Epoch, History
    >>> falls = [Epoch(k, 0.9 ** k, validation_loss=0.95 ** k + 0.002 * k * k) for k in range(1, 21)]
    >>> print(losses(History(falls), width=50, height=8))
    loss
        │                                     ⣀⡤⠴⠚⠉
      1 ┤●⣀○                           ⣀⣀⠤⠴⠒○⠉
        │⠙⠢⣄⡉⠉⠒⠒⠒⠤⠤⠤⠤⣀○⣀★⣀⣀⣀⣀⡠⠤⠤⠤○⠒⠒⠚⠉⠉
        │   ⠉⠓⠤⣄
        │       ⠉⠓⠢⢄●
    0.5 ┤            ⠉⠑⠲⠤⢄⣀
        │                  ⠉⠉⠒⠒●⠤⣄⣀⣀
        │                          ⠈⠉⠉⠙⠒⠒⠒●⠤⠤⠤⣄⣀⣀⣀⣀
        └────────┬──────────┬──────────┬──────────┬
                 5         10         15         20  epoch
    ● training   ○ validation
    ★ best epoch 8: validation loss 0.791
    """
    plain = needs_ascii(ascii)
    found = runs(histories)
    marks = MARKS[plain]
    series: list[tuple[str, list[Point]]] = []
    notes = []
    if len(found.runs) == 1 and not found.runs[0].name:
        run = found.runs[0]
        series = [
            (name, points) for name, points in (("training", run.training), ("validation", run.validation)) if points
        ]
    else:
        series = [(run.name, run.judged) for run in found.runs]
    last = max(x for run in found.runs for x in [run.end or 0, *(x for x, _ in run.points)])
    room = width - 8
    canvas = Canvas(
        (1, max(last, 2)), _padded(found.low, found.high, found.log), room, height, ascii=plain, log_y=found.log
    )
    _draw(canvas, [points for _, points in series], marks)
    for run in found.runs:
        if run.end is not None:
            x, y = run.seen_last(canvas.y[1]) or (run.end, canvas.y[1])
            canvas.mark(x, y, END[plain])
            notes.append(f"{END[plain]} {run.name + ' ' if run.name else ''}diverged")
        elif run.best:
            canvas.mark(run.best.number, run.best.validation_loss, BEST[plain])
    best = [(run, run.best) for run in found.runs if run.best and run.end is None]
    if len(found.runs) == 1 and best:
        notes.append(
            f"{BEST[plain]} best epoch {best[0][1].number}: validation loss {short(best[0][1].validation_loss)}"
        )
    elif best:
        notes.append(f"{BEST[plain]} best epoch")
    entries = [f"{marks[k % len(marks)]} {name}" for k, (name, _) in enumerate(series)]
    title = "loss (log scale)" if found.log else "loss"
    return f"{canvas.framed('epoch', title)}\n{legend(entries + notes, width)}"


def lines(
    series: Mapping[str, Sequence[Point]],
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    width: int = 72,
    height: int = 16,
    ascii: bool | None = None,
) -> str:
    """Curves through points (x, y), by name.

    >>> print(lines({"x²": [(k / 10, k * k / 100) for k in range(-10, 11)]}, width=40, height=6))
    1 ┤●⡀                            ⢠⠞
      │ ⠘⢄                          ⡰⠃
      │  ⠈⠳⣀                      ⣠⠚
      │    ⠈⠳⣄                  ⣠⠞⠁
      │      ⠈⠓⢤⡀            ⢀⡴⠚⠁
    0 ┤         ⠈⠑●⢤⣀⣀⣀⣀⣀⣀⡤⠴⠊●
      └┬───────────────┬──────────────┬
       -1              0              1
    ● x²
    """
    plain = needs_ascii(ascii)
    known = [[p for p in points if isfinite(p[0]) and isfinite(p[1])] for points in series.values()]
    if not any(known):
        raise ValueError("lines needs at least one point whose numbers are finite, got none")
    flat = [point for points in known for point in points]
    if log_x and min(p[0] for p in flat) <= 0:
        raise ValueError(f"lines needs x above 0 for a logarithmic scale, got {min(p[0] for p in flat):g}")
    across = min(p[0] for p in flat), max(p[0] for p in flat)
    up = _padded(min(p[1] for p in flat), max(p[1] for p in flat), False)
    canvas = Canvas(across, up, width - 8, height, ascii=plain, log_x=log_x)
    _draw(canvas, known, MARKS[plain])
    entries = [f"{MARKS[plain][k % len(MARKS[plain])]} {name}" for k, name in enumerate(series)]
    drawn = [title] if title else []
    drawn.append(canvas.framed(x, y))
    if entries != [f"{MARKS[plain][0]} "]:
        drawn.append(legend(entries, width))
    return "\n".join(drawn)


def _draw(canvas: Canvas, series: Sequence[Sequence[Point]], marks: str) -> None:
    """Lines of dots with a mark here and there, by which they are known apart; the first lies on top."""
    for k, points in reversed(list(enumerate(series))):
        canvas.line(points)
        seen = [p for p in points if canvas.y[0] <= p[1] <= canvas.y[1]]
        wanted = max(1, min(len(seen), canvas.columns // 9))
        every = len(seen) / wanted
        for i in range(wanted if seen else 0):
            canvas.mark(*seen[min(int((i + (k % 3) / 3) * every), len(seen) - 1)], marks[k % len(marks)])


def _padded(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range, a little wider, so that marks at its ends can be seen."""
    if high <= low:
        return (low / 2, high * 2) if log else (low - abs(low or 1.0) / 2, high + abs(high or 1.0) / 2)
    return low, high
