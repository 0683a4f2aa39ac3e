"""What lines and bars are given: numbers, or points (x, y), by name."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from nn.checks import type_name

__all__ = ["Point", "Series", "check_named", "finite_points"]

Point = tuple[float, float]
Series = Mapping[str, Sequence[Point]]


def check_named(what: str, things: Any, example: str) -> None:
    """Raise a TypeError unless the things have names, a ValueError if there are none.

    >>> check_named("bars", [1, 2], '{"he": 0.96}')
    Traceback (most recent call last):
    TypeError: bars needs numbers by name, such as {"he": 0.96}, got list
    """
    kind = "number" if what == "bars" else "point"
    if not isinstance(things, Mapping):
        raise TypeError(f"{what} needs {kind}s by name, such as {example}, got {type_name(things)}")
    if not things:
        raise ValueError(f"{what} needs at least one {kind}, got none")


def finite_points(series: Any, log_x: bool) -> dict[str, list[Point]]:
    """The points of each curve whose numbers are finite; an error unless they are points by name.

    >>> finite_points({"tanh": [(0.0, 0.0), (1.0, float("nan"))]}, log_x=False)
    {'tanh': [(0.0, 0.0)]}
    >>> finite_points({"tanh": [1, 2, 3]}, log_x=False)
    Traceback (most recent call last):
    TypeError: lines needs points (x, y), got 1 in 'tanh': write [(x, y), ...]
    """
    check_named("lines", series, '{"tanh": [(0.0, 0.0), (1.0, 0.76)]}')
    found: dict[str, list[Point]] = {}
    for name, points in series.items():
        for point in points if isinstance(points, Iterable) else [points]:
            if not isinstance(point, Sequence) or isinstance(point, str) or len(point) != 2:
                raise TypeError(
                    f"lines needs points (x, y), got {point!r} in {name!r}: write [(x, y), ...]"
                )
        found[name] = [(x, y) for x, y in points if isfinite(x) and isfinite(y)]
    xs = [x for points in found.values() for x, _ in points]
    if not xs:
        raise ValueError("lines needs at least one point whose numbers are finite, got none")
    if log_x and min(xs) <= 0:
        raise ValueError(f"lines needs x above 0 for a logarithmic scale, got {min(xs):g}")
    return found
