"""Bars in the terminal: numbers by name, and how often numbers are in which range."""

from collections.abc import Mapping, Sequence
from math import isfinite

from nn.plotting.loss_curves import check_named
from nn.plotting.terminal.canvas import check_size, clipped, needs_ascii
from nn.plotting.ticks import short

__all__ = ["bars", "histogram"]

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars(
    numbers: Mapping[str, float], title: str = "", width: int = 72, ascii: bool | None = None
) -> str:
    """A bar for each number, by name; those below 0 go to the left.

    >>> print(bars({"zeros": 0.5, "he": 0.962, "xavier": 0.941}, title="accuracy", width=40))
    accuracy
    zeros  │█████████████▌ 0.5
    he     │██████████████████████████ 0.962
    xavier │█████████████████████████▍ 0.941
    """
    check_size(width)
    check_named("bars", numbers, '{"he": 0.96}')
    if not numbers:
        raise ValueError("bars needs at least one number, got none")
    plain = needs_ascii(ascii)
    words = {name: short(x) for name, x in numbers.items()}
    names = min(max(map(len, map(str, numbers))), width // 3)
    room = width - names - max(map(len, words.values())) - 3
    known = [x for x in numbers.values() if isfinite(x)] or [0.0]
    low, high = min(0.0, *known), max(0.0, *known)
    zero = round(room * -low / (high - low)) if high > low else 0
    scale = room / (high - low) if high > low else 0.0
    rows = [clipped(title, width)] if title else []
    for name, x in numbers.items():
        size = scale * x if isfinite(x) else 0.0
        if size >= 0:
            bar = " " * zero + _bar(size, plain)
        else:
            length = max(round(-size), 1)
            bar = (" " * (zero - length) + ("#" if plain else "█") * length).ljust(zero)
        rows.append(
            f"{clipped(str(name), names):<{names}} {'|' if plain else '│'}{bar} {words[name]}"
        )
    return "\n".join(rows)


def histogram(
    numbers: Sequence[float],
    bins: int = 12,
    title: str = "",
    width: int = 72,
    ascii: bool | None = None,
) -> str:
    """How many of the numbers are in each range, with a bar; what is not finite is counted at the
    end.

    >>> print(histogram([0.1, 0.2, 0.25, 0.3, 0.9], bins=2, width=40))
    0.1 to 0.5 │██████████████████████████ 4
    0.5 to 0.9 │██████▌ 1
    """
    check_size(width)
    if bins < 1:
        raise ValueError(f"histogram needs at least 1 bin, got {bins!r}")
    known = [float(x) for x in numbers if isfinite(x)]
    if not known:
        raise ValueError("histogram needs at least one finite number, got none")
    plain = needs_ascii(ascii)
    low, high = min(known), max(known)
    if high == low:
        low, high = low - 0.5, high + 0.5
    step = (high - low) / bins
    counts = [0] * bins
    for x in known:
        counts[min(int((x - low) / step), bins - 1)] += 1
    edges = [short(low + k * step) for k in range(bins + 1)]
    space = max(map(len, edges))
    room = width - 2 * space - len(str(max(counts))) - 7
    rows = [clipped(title, width)] if title else []
    for k, count in enumerate(counts):
        bar = _bar(room * count / max(counts), plain)
        rows.append(
            f"{edges[k]:>{space}} to {edges[k + 1]:>{space}} {'|' if plain else '│'}{bar} {count}"
        )
    if strange := len(numbers) - len(known):
        rows.append(f"and {strange} that are nan or infinite")
    return "\n".join(rows)


def _bar(size: float, plain: bool) -> str:
    """A bar of so many letters, to the eighth of one; what is more than nothing is seen."""
    if plain:
        return "#" * (round(size) or (size > 0))
    eighths = round(size * 8) or int(size > 0)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
