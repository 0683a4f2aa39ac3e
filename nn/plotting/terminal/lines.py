"""Lines in the terminal: the losses of runs, a sweep over learning rates, and any other curves."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from nn.analysis.lr_finder import RateSearch
from nn.plotting.inputs import Series, named_points, rate_curve
from nn.plotting.terminal.canvas import MARKS, Canvas, clipped, legend, needs_ascii
from nn.plotting.ticks import data_ticks, short
from nn.training.loss_curves import Point, loss_curves

SIGNS = {"best epoch": "★B", "diverged": "✗X", "row": "×x"}  # with Unicode and without


def losses(histories: Any, width: int = 72, height: int = 16, ascii: bool | None = None) -> str:
    """The losses of a run by epoch, with the best epoch; or of several by name.

    A run that diverged ends with a mark, and is cut off where it would flatten the others.

    >>> from nn import Epoch, History
    >>> falls = [Epoch(k, 0.9**k, validation_loss=0.95**k) for k in range(1, 21)]
    >>> print(losses(History(falls)).splitlines()[-1])
    ● training   ○ validation   ★ best epoch 20: validation loss 0.358
    """
    plain = needs_ascii(ascii)
    found = loss_curves(histories)
    names, curves = zip(*found.curves, strict=True)
    last = max(x for run in found.runs for x in [run.diverged or 2, *(x for x, _ in run.points)])
    losses, name = _widened(found.low, found.high), f"loss{' (log scale)' * found.log}"
    canvas = Canvas((1, max(last, 2)), losses, width, height, "epoch", name,
                    ascii=plain, log_y=found.log, counted=True)  # fmt: skip
    _draw(canvas, curves, MARKS[plain])
    entries = _entries(names, MARKS[plain])
    for kind, (x, y), _, name in found.ends:
        canvas.mark(x, y, SIGNS[kind][plain])
        best = kind == "best epoch" and not found.several
        entries.append(f"{SIGNS[kind][plain]} {name}{f': validation loss {short(y)}' * best}")
    return f"{canvas.framed()}\n{legend(list(dict.fromkeys(entries)), width)}"


def rates(search: RateSearch, width: int = 72, height: int = 12, ascii: bool | None = None) -> str:
    """The smoothed losses of a sweep over learning rates, with the rate that it suggests."""
    points, suggested = rate_curve(search)
    plain = needs_ascii(ascii)
    across = search.rates[0], max(search.rates[-1], 2 * search.rates[0])
    canvas = Canvas(across, search.shown, width, height, "rate", "loss", ascii=plain, log_x=True)
    canvas.line(points)
    note = "no rate lowered the loss"
    if suggested:
        canvas.mark(*suggested, star := SIGNS["best epoch"][plain])
        note = f"{star} steepest fall: suggestion {search.suggestion:.2g}"
    return f"{canvas.framed()}\n{legend([note], width)}"


def lines(
    series: Series,
    x: str = "",
    y: str = "",
    title: str = "",
    log_x: bool = False,
    width: int = 72,
    height: int = 16,
    ascii: bool | None = None,
    dots: Series | None = None,
) -> str:
    """Curves through points (x, y), by name; and dots, by name, such as rows of data."""
    curves, loose = (
        {name: [p for p in points if all(map(isfinite, p))] for name, points in named.items()}
        for named in (named_points(series, log_x), named_points(dots, log_x) if dots else {})
    )
    plain = needs_ascii(ascii)
    marked = [point for points in loose.values() for point in points]
    xs, ys = zip(*marked, *(point for points in curves.values() for point in points), strict=True)
    canvas = Canvas((min(xs), max(xs)), _widened(min(ys), max(ys)), width, height, x, y,
                    ascii=plain, log_x=log_x, along=data_ticks(xs) if log_x else ())  # fmt: skip
    for point in marked:
        canvas.mark(*point, SIGNS["row"][plain])
    _draw(canvas, list(curves.values()), MARKS[plain])
    entries = _entries(curves, MARKS[plain]) + [f"{SIGNS['row'][plain]} {name}" for name in loose]
    parts = [clipped(title, width)] if title else []
    parts += [canvas.framed(), *([legend(entries, width)] if [*curves, *loose] != [""] else [])]
    return "\n".join(parts)


def _entries(names: Iterable[str], marks: str) -> list[str]:
    return [f"{marks[k % len(marks)]} {name}" for k, name in enumerate(names)]


def _draw(canvas: Canvas, series: Sequence[Sequence[Point]], marks: str) -> None:
    """Lines of dots, each with its mark here and there; the first lies on top."""
    # each has its marks at other places, or lines that agree would hide all but one
    turns = max(3, min(len(series), 6))
    for k, points in reversed(list(enumerate(series))):
        canvas.line(points)
        seen = [p for p in points if canvas.y[0] <= p[1] <= canvas.y[1]]
        count = min(len(seen), max(1, canvas.columns // 9))
        for i in range(count):
            place = min(int((i + k % turns / turns) * len(seen) / count), len(seen) - 1)
            canvas.mark(*seen[place], marks[k % len(marks)])


def _widened(low: float, high: float) -> tuple[float, float]:
    """The range; where all is the same, one around it."""
    return (low, high) if high > low else (low - abs(low or 1.0) / 2, high + abs(high or 1.0) / 2)
