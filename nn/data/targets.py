"""The targets in a column of a table: classes, or numbers."""

from collections import Counter

from nn.data.cells import finite, is_code, missing, number
from nn.data.table import DataError, NoRows, Table, quoted

CLASSES = 20  # different whole numbers at most that are taken for classes
MANY = 20  # classes; more of them, with less than two rows each, are names or numbers


def with_target(table: Table, target: int) -> tuple[Table, str]:
    """The rows that have a target, and a note on those that have none."""
    labels = table.cells(target)
    kept = [i for i, label in enumerate(labels) if not missing(label)]
    if not kept:
        where, came = f"{table.path}, {table.place(target)}", f"none in {len(labels)} rows"
        raise NoRows.at(where, "targets", came, "choose another target")
    if len(kept) == len(labels):
        return table, ""
    gone = len(labels) - len(kept)
    rows = f"{gone} of {len(labels)} rows" if gone > 1 else f"1 of {len(labels)} rows"
    return table.take(kept), f"{rows} without a {table.columns[target]} left out"


def targets_of(
    table: Table, target: int, classification: bool | None
) -> tuple[list[float] | list[int], list[str]]:
    """The targets, as ``load_csv`` says, and the class names: none if they are numbers."""
    labels = table.cells(target)
    names = sorted({*labels})
    words = {label for label in names if number(label) is None}
    if words and not classification:
        _need_classes(table, target, labels, words, classification)
    if not words:
        numbers = [x for label in labels if (x := finite(label)) is not None]
        if len(numbers) < len(labels):
            row = next(i for i, label in enumerate(labels) if finite(label) is None)
            raise table.refusal(row, target, "a finite number")
        codes = any(map(is_code, names))
        if classification is None:
            whole = all(x.is_integer() for x in numbers)
            different = len(names if codes else {*numbers})
            classification = whole and different <= min(CLASSES, len(numbers) // 2)
        if not classification:
            return numbers, []
        # 2 and 2.0 are one class, and so are 0 and -0, which + 0.0 makes 0; codes stay, as 007
        if not codes:
            labels = [class_name(x) for x in numbers]
        names = sorted({*labels}, key=lambda label: (float(label), label))
    if len(names) < 2:
        where, came = f"{table.path}, {table.place(target)}", f"only {quoted(names)}"
        remedy = "choose another target" + ("" if words else ", or pass classification=False")
        raise DataError.at(where, "at least two classes", came, remedy)
    if len(names) > max(MANY, len(labels) / 2):
        need = "classes with two rows each, on average"
        came = f"{len(names)} different values of {table.columns[target]!r} in {len(labels)} rows"
        remedy = "choose another target" if words else "pass classification=False"
        raise DataError.at(table.path, need, came, remedy)
    index = {name: i for i, name in enumerate(names)}
    return [index[label] for label in labels], names


def class_name(x: float) -> str:
    """The name of a class that is a number."""
    return repr(x + 0.0).removesuffix(".0")


def _need_classes(
    table: Table, target: int, labels: list[str], words: set[str], classification: bool | None
) -> None:
    """Refuse words that may have been meant as numbers."""
    numbers = Counter(label not in words for label in labels)[True]
    if classification is None and not numbers:
        return
    need, remedy = "a number", "correct the cell or pass classification=True"
    if classification is None:
        need = "labels that are all numbers or all text"
        remedy = "correct the cell, or pass classification=True to take every label as text"
    row = next(row for row, label in enumerate(labels) if label in words)
    raise table.refusal(row, target, need, remedy)


def target_like(cell: str, class_names: list[str]) -> float | None:
    """The target in a cell, as the index of a known class or a number; None if it is neither."""
    x = finite(cell)
    if not class_names:
        return x
    spelt = (cell, cell if x is None else class_name(x))
    return next((float(class_names.index(name)) for name in spelt if name in class_names), None)
