"""Rows and targets that are given, as numbers."""

from collections.abc import Iterable, Sequence
from math import isfinite, ulp
from numbers import Integral
from typing import Any

from nn.checks import counted, type_name, warn
from nn.data.frames import is_frame
from nn.data.table import DataError

ROUNDING = 1e-12  # of the largest number of a column: what varies by less is constant


def rows_of_numbers(
    given: Any, of_rows: Any, names: Sequence[str], classes: Sequence[str]
) -> tuple[list[list[float]], list[float]]:
    """Rows of features and their targets; DataError of what is none, or not finite."""
    try:
        features = [row_of_numbers(row) for row in _sequence(given)]
        targets = row_of_numbers(of_rows)
    except (TypeError, ValueError) as error:
        remedy = "convert the data to numbers first"
        if any(f"{name!r}" in str(error) for name in classes):
            remedy = "write the index of a class for its name"
        if is_frame(given):
            remedy = 'pass the frame with the name of its target, Dataset(frame, "species")'
        need = "a list of numbers and a number as target for each row"
        raise DataError.of("Dataset", need, str(error), remedy) from None
    if len(features) != len(targets):
        came = f"{counted(len(features), 'row')} and {counted(len(targets), 'target')}"
        raise DataError.of("Dataset", "a target for each row", came, "add or drop some")
    width = len(names) or (len(features[0]) if features else 0)
    for i, (row, target) in enumerate(zip(features, targets, strict=True)):
        need = came = ""
        if len(row) != width:
            need, came = f"{counted(width, 'feature')} in each row", f"{len(row)}"
            remedy = "correct the row or the feature names"
        elif not isfinite(target) or not all(map(isfinite, row)):
            need, came = "finite numbers", f"{row} with target {target}"
            remedy = "drop the row"
        elif classes and target not in range(len(classes)):
            need, came = f"a class index from 0 to {len(classes) - 1} as target", f"{target:g}"
            remedy = "number the classes from 0, or leave out class_names for regression"
        if need:
            raise DataError.of("Dataset", need, f"{came} in row {i}", remedy)
    return features, targets


def row_of_numbers(row: Any, keep: tuple[type, ...] = ()) -> list[Any]:
    """A row as a list of floats (what is of a type to keep stays); else TypeError, ValueError."""
    row = _sequence(row)
    if not hasattr(row, "__iter__"):
        raise TypeError(f"the number {row!r} for a row of them: write [{row!r}]")
    numbers: list[Any] = list(row)
    if {*map(type, numbers)} <= {float}:
        return numbers
    if others := [x for x in numbers if x is None or isinstance(x, (str, bytes, list, tuple))]:
        kind = "the text " * isinstance(others[0], (str, bytes))
        raise TypeError(f"{kind}{others[0]!r}")
    found = [x if isinstance(x, keep) else float(x) for x in numbers]
    warn_of_rounding(zip(numbers, found, strict=True))
    return found


def warn_of_rounding(pairs: Iterable[tuple[Any, Any]]) -> None:
    """Warn of whole numbers that are not the floats that were made of them."""
    if any(type(x) is not float and isinstance(x, Integral) and int(x) != y for x, y in pairs):
        rounded = "whole numbers beyond 2**53 are rounded to floats, which may make them the same"
        warn(f"{rounded}: subtract the least of each such column from all of it before")


def faint(numbers: Sequence[float]) -> str:
    """What is odd about numbers that count as constant, though they differ by more than rounding
    explains; "" if nothing is."""
    low, high = min(numbers), max(numbers)
    far = max(abs(low), abs(high))
    if not 8 * ulp(far) < high - low <= ROUNDING * far:
        return ""
    what = f"between {low:.17g} and {high:.17g}, too near to each other to be scaled"
    return f"{what}, and counts as constant: subtract the least from all"


def _sequence(data: Any) -> Any:
    """What has an order and is no text, arrays and data frames as lists, without importing them."""
    data = data.to_numpy() if hasattr(data, "to_numpy") else data
    data = data.tolist() if hasattr(data, "tolist") else data
    # a dict, or what is like a frame of columns, would give its names for its rows
    if isinstance(data, (str, bytes, dict, set, frozenset)) or hasattr(data, "columns"):
        raise TypeError(type_name(data))
    return data
