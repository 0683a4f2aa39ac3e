"""Moments: the mean and the standard deviation of a column."""

from collections.abc import Sequence
from math import dist, inf, isfinite, sqrt
from statistics import fmean

from nn.data.csv_reader import DataError

__all__ = ["moments"]


def moments(column: Sequence[float], name: str) -> tuple[float, float]:
    """The mean and the population standard deviation; of a constant column, 1.0 for the latter.

    Numbers so large that their sum overflows raise a DataError.

    >>> moments([1.0, 3.0], "width"), moments([5.0, 5.0], "height")
    ((2.0, 1.0), (5.0, 1.0))
    """
    try:
        # a constant's mean may be off by a rounding, and its deviation not quite 0
        mean = fmean(column) if min(column) < max(column) else column[0]
    except OverflowError:
        mean = inf
    deviation = (
        dist(column, [mean] * len(column)) / sqrt(len(column)) or 1.0
    )  # dist, since squares overflow
    if not isfinite(deviation):
        far = max(map(abs, column))
        raise DataError(
            f"scaling needs numbers that can be added up, got up to {far:g} in {name}; divide the column"
        )
    return mean, deviation
