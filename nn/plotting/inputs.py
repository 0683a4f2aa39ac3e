"""What plots are given: numbers, or points (x, y), by name; or a sweep over learning rates."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from autograd import Value
from nn.analysis.lr_finder import RateSearch
from nn.checks import type_name
from nn.training.loss_curves import Point

Series = Mapping[str, Sequence[Point]]


def as_number(what: str, x: Any, where: str = "") -> float:
    """x as a float; a TypeError if it is no number, or one too large for a float."""
    try:
        if not isinstance(x, (str, bytes)):
            return x.data if isinstance(x, Value) else float(x)
    except (OverflowError, TypeError, ValueError):
        pass
    raise TypeError(f"{what} needs numbers, got {x!r:.40}{where}")


def named_numbers(numbers: Any) -> list[tuple[str, float]]:
    """The number of each bar as a float; an error unless they are numbers by name."""
    _check_named("bars", "number", numbers, '{"he": 0.96}')
    return [(name, as_number("bars", x, f" of {name!r}")) for name, x in numbers.items()]


def named_points(series: Any, log_x: bool) -> dict[str, list[Point]]:
    """The points of each curve as floats; an error unless they are points by name, one finite."""
    _check_named("lines", "point", series, '{"tanh": [(0.0, 0.0), (1.0, 0.76)]}')
    found: dict[str, list[Point]] = {str(name): [] for name in series}
    for name, points in series.items():
        for point in points if isinstance(points, Iterable) else [points]:
            if isinstance(point, str) or not hasattr(point, "__len__") or len(point) != 2:
                came = f"{point!r} in {name!r}: write [(x, y), ...]"
                raise TypeError(f"lines needs points (x, y), got {came}")
            x, y = (as_number("lines", number, f" in {name!r}") for number in point)
            found[str(name)].append((x, y))
    xs = [x for points in found.values() for x, y in points if isfinite(x) and isfinite(y)]
    if not xs:
        raise ValueError("lines needs at least one point whose numbers are finite, got none")
    if log_x and min(xs) <= 0:
        raise ValueError(f"lines needs x above 0 for a logarithmic scale, got {min(xs):g}")
    return found


def _check_named(what: str, kind: str, things: Any, example: str) -> None:
    if not isinstance(things, Mapping):
        raise TypeError(f"{what} needs {kind}s by name, such as {example}, got {type_name(things)}")
    if not things:
        raise ValueError(f"{what} needs at least one {kind}, got none")


def rate_curve(search: Any) -> tuple[list[Point], Point | None]:
    """The smoothed losses of a sweep by rate, and the point of its suggestion, if it has one."""
    if not isinstance(search, RateSearch):
        need = "rates needs the RateSearch that find_rate returns"
        raise TypeError(f"{need}, got {type_name(search)}")
    points = list(zip(search.rates, search.smoothed, strict=True))
    return points, next((point for point in points if point[0] == search.suggestion), None)
