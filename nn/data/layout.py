"""Where the header and the rows of a file are: titles above them, totals below, other widths."""

from collections import Counter
from itertools import pairwise

from nn.data.cells import missing, moment, number
from nn.data.notation import numeral
from nn.data.table import DataError, quoted

TOTALS = {"total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt"}
TOTALS |= {"somme", "suma", "somma", "totale", "totaal", "average", "mean", "mittelwert"}

Rows = list[tuple[int, list[str]]]  # the line and the cells of each


def without_sizes(found: Rows) -> tuple[Rows, dict[str, str]]:
    """The rows below scikit-learn's line of sizes, and its class names by their numbers."""
    first, below = found[0][1], found[1:]
    sizes = [str(len(below)), str(len(below[0][1]) - 1)] if below else []
    classes = {str(k): name for k, name in enumerate(cell for cell in first[2:] if cell)}
    numbered = len(classes) > 1 and {cells[-1] for _, cells in below} <= classes.keys()
    return (below, classes) if first[:2] == sizes and numbered else (found, {})


def body(found: Rows, name: str, line: str, skip_bad: bool, known: int) -> tuple[Rows, Rows, int]:
    """The rows of the known or usual width, the others, and how many titles stood above them."""
    widths = Counter(len(cells) for _, cells in found)
    width = known or widths.most_common(1)[0][0]
    on_the_right = [cells[-1] for _, cells in found if len(cells) == width]
    if not known and not any(on_the_right):
        width = max((_end(cells) for _, cells in found if len(cells) <= width), default=width)
    begin = 0
    while begin < len(found) - 2 and _is_title(found[begin][1], width):
        begin += 1
    begin = _below_titles(found, begin, width)
    rows, wrong, first = found[begin:], list[tuple[int, list[str]]](), found[begin][1]
    narrow = len(first) == width - 1 and not any(map(numeral, first))
    if narrow and begin + 1 < len(found) and all(len(c) >= width for _, c in found[begin + 1 :]):
        first.insert(0, "")  # R leaves the name of the rows' names out
    if len(widths) > 1 or width not in widths:
        rows = [(at, cells[:width]) for at, cells in found[begin:] if _fits(cells, width)]
        wrong = [row for row in found[begin:] if not _fits(row[1], width) and row[1][0][:1] != "#"]
    if wrong and not skip_bad:
        like = rows[0][0] if rows else found[begin][0]
        where, need = f"{name} {line} {wrong[0][0]}", f"{width} cells like {line} {like}"
        remedy = "correct the row, quote a cell that holds the delimiter, or pass skip_bad=True"
        raise DataError.at(where, need, len(wrong[0][1]), remedy)
    return rows, wrong, begin


def _end(cells: list[str]) -> int:
    """The number of cells up to the last that is not empty."""
    return next((end for end in range(len(cells), 0, -1) if cells[end - 1]), 0)


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) == width or (len(cells) > width and _end(cells) <= width)


def _is_title(cells: list[str], width: int) -> bool:
    """Whether a row above the others is a comment, or has at most half of their cells."""
    if len(cells) < width and _end(cells) <= max(1, width // 2):
        return True
    return cells[0].startswith("#") and not _fits(cells, width)


def _below_titles(found: Rows, begin: int, width: int) -> int:
    """The row below titles that a spreadsheet has padded to the width of all, if names are there.

    These are words above a number or date in most rows."""
    end = begin
    while end < len(found) - 2 and len(found[end][1]) == width >= 2 * _end(found[end][1]):
        end += 1
    names, below = found[end][1], [cells for _, cells in found[end + 1 : end + 101]]
    if end == begin or len(names) != width or any(map(numeral, filter(None, names))):
        return begin
    for column in zip(*(cells for cells in below if len(cells) >= width), strict=False):
        there = [cell for cell in column if not missing(cell)]
        if 2 * sum(numeral(cell) or moment(cell) is not None for cell in there) > len(there):
            return end
    return begin


def is_total(cells: list[str]) -> bool:
    """Whether a last row is a sum or mean of those above: called so, and half of it empty."""
    first = next(filter(None, cells), "").casefold().strip(" :.∑Σ")
    return first in TOTALS and 2 * cells.count("") >= len(cells) > 2


def starts_with_header(here: str, rows: Rows) -> bool:
    """Whether the first row holds names: words above numbers, and no numbers above numbers."""
    first, below = rows[0][1], [cells for _, cells in rows[1:1001]]
    names, data, words = list[str](), list[str](), True
    for i, cell in enumerate(first):
        later = [cells[i] for cells in below if not missing(cells[i])]
        if missing(cell):
            continue
        if later and sum(map(numeral, later)) >= 0.7 * len(later):
            (data if numeral(cell) else names).append(cell)
        elif cell in later or numeral(cell):
            words = False
    if not data:
        return bool(names) or words
    if _counted_up(data) and (names or (words and len(data) < len(first))):
        return True  # years, or places, that are names of columns
    if names:
        remedy = "correct the cell, or pass header=True or header=False to say which it is"
        came = f"{quoted(names[:1])} beside numbers"
        raise DataError.at(here, "a header of names or a row of numbers", came, remedy)
    return False


def _counted_up(cells: list[str]) -> bool:
    """Whether the cells count from 0 or 1, or the years."""
    numbers = [number(cell) or 0.0 for cell in cells]
    counting = (numbers[0] in (0, 1) and len(numbers) > 2) or 1500 < numbers[0] < 2200
    return counting and len(numbers) > 1 and all(b - a == 1 for a, b in pairwise(numbers))
