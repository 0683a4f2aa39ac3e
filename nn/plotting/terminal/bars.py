"""Bars in the terminal: numbers by name, and how many numbers are in each range."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import isfinite

from nn.checks import type_name, whole
from nn.plotting.inputs import as_number, named_numbers
from nn.plotting.terminal.canvas import check_size, clipped, needs_ascii
from nn.plotting.ticks import short

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars(
    numbers: Mapping[str, float], title: str = "", width: int = 72, ascii: bool | None = None
) -> str:
    """A bar for each number, by name; those below 0 go to the left."""
    check_size(width)
    rows = [(clipped(name, width // 3), x, short(x)) for name, x in named_numbers(numbers)]
    return _bars(rows, title, width, ascii)


def histogram(
    numbers: Iterable[float],
    bins: int = 12,
    title: str = "",
    width: int = 72,
    ascii: bool | None = None,
) -> str:
    """How many of the numbers are in each range, as bars; those not finite are counted at the end.

    >>> print(histogram([0.1, 0.2, 0.25, 0.3, 0.9], bins=2, width=40))
    0.1 to 0.5 │██████████████████████████ 4
    0.5 to 0.9 │██████▌ 1
    """
    check_size(width)
    whole("histogram", "bins", bins)
    if not isinstance(numbers, Iterable):
        raise TypeError(f"histogram needs numbers, got {type_name(numbers)}")
    everything = [as_number("histogram", x) for x in numbers]
    known = [x for x in everything if isfinite(x)]
    if not known:
        raise ValueError("histogram needs at least one finite number, got none")
    low, high = min(known), max(known)
    if high == low:
        low, high = low - 0.5, high + 0.5
    step = (high - low) / bins
    counts = Counter(min(int((x - low) / step), bins - 1) for x in known)
    edges = [short(low + k * step) for k in range(bins + 1)]
    space = max(map(len, edges))
    names = [f"{start:>{space}} to {end:>{space}}" for start, end in pairwise(edges)]
    rows = [(name, float(counts[k]), f"{counts[k]}") for k, name in enumerate(names)]
    text, missing = _bars(rows, title, width, ascii), len(everything) - len(known)
    return f"{text}\nand {missing} that are nan or infinite" if missing else text


def _bars(
    rows: Sequence[tuple[str, float, str]], title: str, width: int, ascii: bool | None
) -> str:
    """A bar for each (name, number, text of the number), in lines that are no wider."""
    plain = needs_ascii(ascii)
    indent = max(len(name) for name, _, _ in rows)
    room = width - indent - max(len(text) for _, _, text in rows) - 3
    known = [x for _, x, _ in rows if isfinite(x)]
    low, high = min([0.0, *known]), max([0.0, *known])
    scale = room / (high - low) if high > low else 0.0
    zero = round(scale * -low)
    lines = [clipped(title, width)] if title else []
    for name, x, text in rows:
        size = scale * x if isfinite(x) else 0.0
        bar = _bar(size, plain) if size >= 0 else _bar(max(round(-size), 1), plain)
        bar = " " * zero + bar if size >= 0 else bar.rjust(zero)
        lines.append(f"{name:<{indent}} {'|' if plain else '│'}{bar} {text}")
    return "\n".join(lines)


def _bar(size: float, plain: bool) -> str:
    """A bar of that many columns, to an eighth; anything above 0 is visible."""
    if plain:
        return "#" * (round(size) or (size > 0))
    eighths = round(size * 8) or int(size > 0)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
