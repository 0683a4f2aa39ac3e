"""What is odd in rows to learn from, a sentence each: it can be used, but may not be meant."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from unicodedata import normalize

from nn.checks import printable
from nn.data.column import FEW
from nn.data.columns import Columns
from nn.data.numbers import faint
from nn.data.table import quoted

HUGE = 1e150  # a number whose square overflows
LEAST = 6  # rows of a value, a class or a line, below which chance alone may put them in order


def doubts(
    features: Sequence[Sequence[float]],
    targets: Sequence[float],
    class_names: Sequence[str],
    columns: Columns,
) -> list[str]:
    """A sentence on each kind of class or column that may be a mistake."""
    alike, said = defaultdict(list), list[str]()
    for name in class_names:
        seen = filter(str.isprintable, normalize("NFKC", name))  # what is seen of it
        bare = "".join(seen).replace(" ", "").casefold()
        alike[bare.lstrip("0") if bare.isdigit() else bare].append(quoted([name]))
    for names in alike.values():
        if len(names) > 1:
            classes = f"{' and '.join(names)} are {len(names)} classes"
            said.append(f"{classes}: write them alike if they are one")
    if len({*targets}) < 2:
        said.append(f"the target is {targets[0]:g} in all rows, so that there is nothing to learn")
    if not class_names and (stands := _sentinel(targets) or faint(targets)):
        said.append(f"the target is {stands}")
    telling, numbering, far = list[str](), list[str](), list[str]()
    across, spans = list(zip(*features, strict=True)), columns.spans
    for column in columns.used:
        span, name = spans[column.name], column.name
        values = across[span.start : span.stop]
        cells: Sequence[Any] = values[0] if len(span) == 1 else list(zip(*values, strict=True))
        sides = [cells, values[-1]] if column.marked and column.kind != "category" else [cells]
        tells = any(gives_away(side, targets, bool(class_names)) for side in sides)
        if tells and len(targets) > FEW:
            telling.append(name)
        elif len(span) == 1 and _in_order(cells):
            numbering.append(name)
        if len(span) == 1 and (most := max(map(abs, cells))) > HUGE:
            came = f"holds numbers of up to {most:.0e}, whose squares overflow"
            far.append(f'"{name}" {came}: divide them, or scores beside it may be off')
        if column.kind == "number" and (stands := _sentinel(values[0]) or faint(values[0])):
            far.append(f'"{name}" is {stands}')
    for those, one, several in (
        (numbering, "looks like a row number", "look like row numbers"),
        (telling, "gives the target away", "each give the target away"),
    ):
        if 0 < len(those) < len(columns.found):
            what, leaves = (one, "leaves it") if len(those) == 1 else (several, "leave them")
            ignore = ", ".join(f'"{printable(name)}"' for name in those)
            said.append(f"{quoted(those, 5)} {what}: ignore=[{ignore}] {leaves} out")
    return said + far


def one_to_one(column: Sequence[Any], targets: Sequence[float]) -> bool:
    """Whether each value goes with one target, and each target with one value."""
    return len({*column}) == len({*targets}) == len({*zip(column, targets, strict=True)})


def gives_away(column: Sequence[Any], targets: Sequence[float], classes: bool) -> bool:
    """Whether a column alone says the target: it rises with it from row to row, or each of its
    values has one target, or each class a stretch of its numbers."""
    pairs = {*zip(column, targets, strict=True)}
    values, different = {x for x, _ in pairs}, {target for _, target in pairs}
    if one_to_one(column, targets) and (classes or len(pairs) < len(targets)):
        return True
    if len(pairs) > len(values) or not column or isinstance(column[0], tuple):
        return len(pairs) == len(values) <= len(targets) / LEAST  # each value has one target
    ordered = [target for _, target in sorted(pairs)]
    if classes:
        blocks = 1 + sum(a != b for a, b in pairwise(ordered))
        fewest = min(Counter(targets).values())
        return blocks == len(different) and fewest >= LEAST and len(values) > len(different)
    rises = [b - a for a, b in pairwise(ordered)]
    return len(values) >= LEAST and (all(x > 0 for x in rises) or all(x < 0 for x in rises))


def _sentinel(numbers: Sequence[float]) -> str:
    """What is odd about a number of nines far from all others, as -999; "" if there is none."""
    for end in (min(numbers), max(numbers)):
        if {*f"{abs(end):.0f}"} != {"9"} or not (others := [x for x in numbers if x != end]):
            continue
        low, high, count = min(others), max(others), len(numbers) - len(others)
        if count > 1 and max(low - end, end - high) >= 2 * (high - low):
            do = "empty those cells if it stands for missing ones"
            return f"{end:g} in {count} rows, far from all others: {do}"
    return ""


def _in_order(column: Sequence[float]) -> bool:
    """Whether a column holds whole numbers that rise from row to row, and are no years."""
    if len(column) <= FEW or 1500 <= column[0] <= 2200:
        return False
    return all(x.is_integer() for x in column) and all(a < b for a, b in pairwise(column))
