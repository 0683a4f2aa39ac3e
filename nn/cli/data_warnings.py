"""Notes on rows that can be used, but may not be what was meant."""

from collections import defaultdict
from itertools import pairwise

from nn.cli.report import QUOTED, listed
from nn.data.dataset import Dataset
from nn.doctor.data_stats import determines_target

__all__ = ["data_warnings"]

FEW = 5  # rows, of which numbers in sequence are no wonder
INDEX = ("id", "index", "no", "nr", "row", "column 1")  # of which the last has no name


def data_warnings(data: Dataset, training: Dataset) -> list[str]:
    """A sentence for each kind: classes that differ in capitals alone, columns that are constant,
    number the rows or give the target away, classes without a training row.

    >>> rows = Dataset([[1, 7], [2, 7], [3, 7]], [0, 1, 1], ["length", "width"], ["Frog", "frog"])
    >>> data_warnings(rows, rows)[1]
    '"width" is the same in all rows: --ignore "width" leaves it out'
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
    kinds = {
        ("is the same in all rows", "are the same in all rows"): [
            name for name, column in columns.items() if len({*column}) == 1
        ],
        ("looks like a row number", "look like row numbers"): [
            name for name, column in columns.items() if _numbers_rows(name, column)
        ],
        ("is the target in other numbers", "are the target in other numbers"): [
            name for name, column in columns.items() if determines_target(column, data)
        ],
    }
    for (one, several), names in kinds.items():
        if 0 < len(names) < len(columns):
            what, leaves = (one, "leaves it") if len(names) == 1 else (several, "leave them")
            ignore = listed(names, form='--ignore "{}"', between=" ")
            found.append(f"{listed(names, form=QUOTED)} {what}: {ignore} {leaves} out")
    known = set(training.targets)
    if missing := [name for k, name in enumerate(data.class_names) if k not in known]:
        found.append(
            f"no row of {listed(missing)} is among the training rows, so that it cannot be "
            "learned: add rows of it"
        )
    return found


def _numbers_rows(name: str, column: tuple[float, ...]) -> bool:
    """Whether they are different whole numbers, in sequence, in order, or called an index."""
    ordered = sorted(column)
    if len(column) <= FEW or not all(x.is_integer() for x in column):
        return False
    in_sequence = all(b - a == 1 for a, b in pairwise(ordered))
    named = name.casefold() in INDEX or name.startswith("Unnamed")
    different = len({*column}) == len(column)
    return in_sequence or (different and (named or column == (*ordered,)))
