"""Lines in the terminal: the losses of runs, and any other curves."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from nn.analysis.lr_finder import RateSearch
from nn.plotting.loss_curves import Point, check_points, runs
from nn.plotting.terminal.canvas import MARKS, Canvas, clipped, legend, needs_ascii
from nn.plotting.ticks import measured, short

__all__ = ["lines", "losses", "rates"]

BEST = "★B"
END = "✗X"
DOT = "×x"


def losses(histories: Any, width: int = 72, height: int = 16, ascii: bool | None = None) -> str:
    """The losses of a run by epoch, with the best epoch; or those of several, by name, that each is
    judged by.

    A run that diverged ends with a mark, and is cut off where it would flatten the others.

    >>> from nn import Epoch, History
    >>> falls = [Epoch(k, 0.9 ** k, validation_loss=0.95 ** k + 0.002 * k * k) for k in range(1, 21)]
    >>> print(losses(History(falls), width=50, height=8))
    loss
        │                                 ⢀⡠⠴⠒⠉
      1 ┤●⣀○                        ⣀⣀⠤⠔⠒○⠁
        │⠙⠢⣈⠉⠑⠒⠒⠤⠤⠤⠤⣀○⣀★⣀⣀⣀⡠⠤⠤⠤○⠒⠒⠉⠉⠁
        │   ⠙⠢⢄⡀
        │      ⠈⠑⠢⢤●
    0.5 ┤          ⠈⠉⠒⠢⢤⣀⡀
        │                ⠉⠉⠒⠲●⢤⣀⣀⡀
        │                        ⠉⠉⠙⠒⠒⠲●⠤⠤⢄⣀⣀⣀⣀
        └──────────────────┬──────────────────┬
                          10                 20  epoch
    ● training   ○ validation
    ★ best epoch 8: validation loss 0.791
    """
    plain = needs_ascii(ascii)
    found = runs(histories)
    marks, best, end = MARKS[plain], BEST[plain], END[plain]
    alone = len(found.runs) == 1 and found.runs[0]
    series = {run.name: run.judged for run in found.runs}
    if alone:
        series = {"training": alone.training} | (
            {"validation": alone.validation} if alone.validation else {}
        )
    last = max(x for run in found.runs for x in [run.end or 0, *(x for x, _ in run.points)])
    title = "loss (log scale)" if found.log else "loss"
    canvas = Canvas(
        (1, max(last, 2)), _widened(found.low, found.high, found.log), width, height, "epoch", title,
        ascii=plain, log_y=found.log, counted=True,
    )  # fmt: skip
    _draw(canvas, list(series.values()), marks)
    notes = []
    for run in found.runs:
        if run.end is not None:
            canvas.mark(*found.end_of(run), end)
            notes.append(f"{end} diverged" if alone else f"{end} diverged: {run.name}")
        elif run.best:
            canvas.mark(run.best.number, run.best.validation_loss, best)
            if alone:
                notes.append(
                    f"{best} best epoch {run.best.number}: validation loss {short(run.best.validation_loss)}"
                )
    if not alone and any(run.best and run.end is None for run in found.runs):
        notes.append(f"{best} best epoch")
    return f"{canvas.framed()}\n{legend(_entries(series, marks) + notes, width)}"


def rates(search: RateSearch, width: int = 72, height: int = 12, ascii: bool | None = None) -> str:
    """The smoothed losses of a sweep over learning rates, with the rate that it suggests.

    >>> losses = [0.7, 0.69, 0.66, 0.55, 0.4, 0.32, 0.3, 0.5, 2.5]
    >>> print(rates(RateSearch([10.0 ** (k / 2 - 4) for k in range(9)], losses, losses, 0.01), width=50, height=8))
    loss
         │                                  ⡇
         │                                 ⢠⠃
    0.75 ┤⣀⣀⣀⣀⣀⡀                           ⢸
         │     ⠈⠉⠉⠙⠒⠦⣀                     ⢸
         │            ⠉⠲⢄⡀                 ⡇
     0.5 ┤               ⠉⠢⣄             ⢀⠔⠁
         │                  ⠑★⠤⣀⡀      ⢀⠔⠁
         │                      ⠉⠑⠒⠒⠒⠲⠔⠁
         └┬──────────────────┬─────────────────┬
          0.0001           0.01                1  rate
    ★ steepest fall: suggestion 0.01
    """
    plain = needs_ascii(ascii)
    points, low, high = list(zip(search.rates, search.smoothed, strict=True)), *search.shown
    across = search.rates[0], max(search.rates[-1], 2 * search.rates[0])
    canvas = Canvas(across, (low, high), width, height, "rate", "loss", ascii=plain, log_x=True)
    canvas.line(points)
    notes = ["no rate lowered the loss"]
    if isfinite(search.suggestion):
        canvas.mark(search.suggestion, dict(points)[search.suggestion], BEST[plain])
        notes = [f"{BEST[plain]} steepest fall: suggestion {search.suggestion:.2g}"]
    return f"{canvas.framed()}\n{legend(notes, width)}"


def lines(
    series: Mapping[str, Sequence[Point]],
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    width: int = 72,
    height: int = 16,
    ascii: bool | None = None,
    dots: Mapping[str, Sequence[Point]] | None = None,
) -> str:
    """Curves through points (x, y), by name; and dots, by name too, that no curve goes through,
    such as rows of data.

    >>> print(lines({"x²": [(k / 10, k * k / 100) for k in range(-10, 11)]}, width=40, height=6))
    1 ┤●⡄                                 ⢠⠞
      │ ⠈⠢⡀                             ⢀⠔⠁
      │   ⠙⠦⡀                         ⢀⠴⠋
      │     ⠈⠢⣄                     ⣠⠔⠁
      │       ⠈⠑●⣄               ⣠●⠊⠁
    0 ┤           ⠉⠒⠤⢤⣀⣀⣀●⣀⣀⣀⡤⠤⠒⠉
      └┬─────────────────┬─────────────────┬
       -1                0                 1
    ● x²
    """
    dots = dots or {}
    check_points(series)
    check_points(dots)
    plain = needs_ascii(ascii)
    known = [[p for p in points if isfinite(p[0]) and isfinite(p[1])] for points in series.values()]
    if not any(known):
        raise ValueError("lines needs at least one point whose numbers are finite, got none")
    loose = [p for points in dots.values() for p in points if isfinite(p[0]) and isfinite(p[1])]
    flat = [point for points in (*known, loose) for point in points]
    if log_x and min(p[0] for p in flat) <= 0:
        raise ValueError(
            f"lines needs x above 0 for a logarithmic scale, got {min(p[0] for p in flat):g}"
        )
    across = min(p[0] for p in flat), max(p[0] for p in flat)
    up = _widened(min(p[1] for p in flat), max(p[1] for p in flat), False)
    along = measured(p[0] for p in flat) if log_x else ()
    canvas = Canvas(across, up, width, height, x, y, ascii=plain, log_x=log_x, along=along)
    for point in loose:
        canvas.mark(*point, DOT[plain])
    _draw(canvas, known, MARKS[plain])
    entries = _entries(series, MARKS[plain]) + [f"{DOT[plain]} {name}" for name in dots]
    named = [legend(entries, width)] if list(series) != [""] or dots else []
    return "\n".join([*([clipped(title, width)] if title else []), canvas.framed(), *named])


def _entries(names: Iterable[str], marks: str) -> list[str]:
    return [f"{marks[k % len(marks)]} {name}" for k, name in enumerate(names)]


def _draw(canvas: Canvas, series: Sequence[Sequence[Point]], marks: str) -> None:
    """Lines of dots with a mark here and there, by which they are known apart; the first lies on
    top.
    """
    turns = max(
        3, min(len(series), 6)
    )  # each has its marks at other places, or lines that agree would hide all but one
    for k, points in reversed(list(enumerate(series))):
        canvas.line(points)
        seen = [p for p in points if canvas.y[0] <= p[1] <= canvas.y[1]]
        wanted = max(1, min(len(seen), canvas.columns // 9))
        every = len(seen) / wanted
        for i in range(wanted if seen else 0):
            canvas.mark(
                *seen[min(int((i + k % turns / turns) * every), len(seen) - 1)],
                marks[k % len(marks)],
            )


def _widened(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range, and where all is the same, one around it."""
    if high > low:
        return low, high
    return (low / 2, high * 2) if log else (low - abs(low or 1.0) / 2, high + abs(high or 1.0) / 2)
