"""Oddities: what is strange about rows, though they can be used."""

from collections import defaultdict
from itertools import pairwise

from nn.data.dataset import Dataset

__all__ = ["oddities"]

FEW = 5  # rows, of which numbers in sequence are no wonder
SHOWN = 5  # names


def oddities(data: Dataset) -> list[str]:
    """A sentence for each kind: classes that differ in capitals alone, columns that are constant or
    number the rows.

    >>> oddities(Dataset([[1, 7], [2, 7], [3, 7]], [0, 1, 1], ["length", "width"], ["Frog", "frog"]))[1]
    'width is the same in all rows, and tells nothing: --ignore "width" leaves it out'
    """
    found = []
    alike = defaultdict(list)
    for name in data.class_names:
        alike["".join(name.split()).casefold()].append(name)
    for names in alike.values():
        if len(names) > 1:
            quoted = " and ".join(f'"{name}"' for name in names)
            found.append(
                f"{quoted} are taken for {len(names)} classes: write them alike if they are one"
            )
    columns = dict(zip(data.feature_names, zip(*data.features, strict=True), strict=True))
    if constant := [name for name, column in columns.items() if len(set(column)) == 1]:
        are, tell, them = _agreeing(constant)
        found.append(
            f"{_listed(constant)} {are} the same in all rows, and {tell} nothing: {_ignore(constant)} {them} out"
        )
    counting = [name for name, column in columns.items() if _counts(column)]
    if counting and len(columns) > len(counting):
        are, _, them = _agreeing(counting)
        them = f"{them} out if so"
        one = "a number" if len(counting) == 1 else "numbers"
        found.append(
            f"{_listed(counting)} {are} {one} given to the rows, by the look of it: {_ignore(counting)} {them}"
        )
    return found


def _counts(column: tuple[float, ...]) -> bool:
    """Whether the numbers are those from some whole number on, each once."""
    return (
        len(column) > FEW
        and column[0].is_integer()
        and all(b - a == 1 for a, b in pairwise(sorted(column)))
    )


def _agreeing(names: list[str]) -> tuple[str, str, str]:
    return ("is", "tells", "leaves it") if len(names) == 1 else ("are", "tell", "leave them")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + ", ..." * (len(names) > SHOWN)


def _ignore(names: list[str]) -> str:
    return " ".join(f'--ignore "{name}"' for name in names[:SHOWN]) + " ..." * (len(names) > SHOWN)
