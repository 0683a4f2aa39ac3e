"""Notes on rows that can be used, but may not be what was meant."""

from collections import defaultdict
from itertools import pairwise

from nn.cli.report import listed
from nn.data.dataset import Dataset

__all__ = ["data_warnings"]

FEW = 5  # rows, of which numbers in sequence are no wonder


def data_warnings(data: Dataset, training: Dataset) -> list[str]:
    """A sentence for each kind: classes that differ in capitals alone, columns that are constant or
    number the rows, classes without a training row.

    >>> rows = Dataset([[1, 7], [2, 7], [3, 7]], [0, 1, 1], ["length", "width"], ["Frog", "frog"])
    >>> data_warnings(rows, rows)[1]
    'width is the same in all rows, and tells nothing: --ignore "width" leaves it out'
    """
    found = []
    alike = defaultdict(list)
    for name in data.class_names:
        alike["".join(name.split()).casefold()].append(name)
    for names in alike.values():
        if len(names) > 1:
            quoted = " and ".join(f'"{name}"' for name in names)
            found.append(f"{quoted} are {len(names)} classes: write them alike if they are one")
    columns = dict(zip(data.feature_names, zip(*data.features, strict=True), strict=True))
    if constant := [name for name, column in columns.items() if len(set(column)) == 1]:
        are, tell, them = _agreeing(constant)
        found.append(
            f"{listed(constant)} {are} the same in all rows, and {tell} nothing: "
            f"{_ignore(constant)} {them} out"
        )
    numbering = [name for name, column in columns.items() if _numbers_rows(column)]
    if numbering and len(columns) > len(numbering):
        are, _, them = _agreeing(numbering)
        found.append(
            f"{listed(numbering)} {are} by the look of it what numbers the rows: "
            f"{_ignore(numbering)} {them} out if so"
        )
    known = set(training.targets)
    if missing := [name for k, name in enumerate(data.class_names) if k not in known]:
        found.append(
            f"no row of {listed(missing)} is among the training rows, so that it cannot be "
            "learned: add rows of it"
        )
    return found


def _numbers_rows(column: tuple[float, ...]) -> bool:
    """Whether the numbers are those from some whole number on, each once."""
    steps = (b - a for a, b in pairwise(sorted(column)))
    return len(column) > FEW and column[0].is_integer() and all(step == 1 for step in steps)


def _agreeing(names: list[str]) -> tuple[str, str, str]:
    return ("is", "tells", "leaves it") if len(names) == 1 else ("are", "tell", "leave them")


def _ignore(names: list[str]) -> str:
    return " ".join(f'--ignore "{name}"' for name in names[:5]) + " ..." * (len(names) > 5)
