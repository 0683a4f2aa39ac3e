"""Ticks: round numbers along an axis, and short text for them."""

from collections.abc import Iterable
from itertools import pairwise
from math import ceil, floor, isfinite, log10

LEAST, MOST, APART = 4, 8, 0.045  # of numbers that are all ticks: how many, and how far apart


def ticks(low: float, high: float, count: int, log: bool = False, least: int = 0) -> list[float]:
    """Up to ``count`` round numbers, ``least`` or more apart; or, if log, apart by even factors."""
    if not high > low:
        return [low]
    if log:
        powers = range(floor(log10(low) + 1e-9), floor(log10(high) + 1e-9) + 1)
        every = ceil(len(powers) / count)
        for digits in ("125", "13", "1") if every == 1 else ("1",):
            found = [float(f"{digit}e{k}") for k in powers for digit in digits if k % every == 0]
            found = [x for x in found if low * (1 - 1e-9) <= x <= high * (1 + 1e-9)]
            if len(found) <= count:
                break
        if len(found) > 1:
            return found
    power = floor(log10((high - low) / count))
    for step in (m * 10.0**p for p in range(power, max(power, 0) + 3) for m in (1, 2, 2.5, 5)):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if step >= least and last - first < count:
            break
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def data_ticks(numbers: Iterable[float]) -> list[float]:
    """The numbers themselves, in order, if they are few enough to be ticks of a log axis."""
    found = sorted(set(numbers))
    if not LEAST <= len(found) <= MOST:
        return []
    logs = [log10(x) for x in found]
    return found if min(b - a for a, b in pairwise(logs)) >= APART * (logs[-1] - logs[0]) else []


def short(x: float) -> str:
    """A number in few characters."""
    if not isfinite(x):
        return f"{x:g}"
    text = f"{x or 0.0:.3g}" if abs(x) < 1000 else f"{x:.4g}"
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e else mantissa
