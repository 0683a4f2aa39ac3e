"""Which rows are held out: at random, whole groups, or the latest."""

import random
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from math import floor, inf
from numbers import Real
from typing import Any

from nn.checks import counted, whole
from nn.data.cells import floats, moment
from nn.data.dates import order_of
from nn.data.table import DataError

Split = tuple[list[int], list[int]]


def split_rows(
    labels: Sequence[float], fraction: float, seed: int, groups: Any = None, times: Any = None
) -> Split:
    """(rest, part), the indices of rows, as ``Dataset.split`` says, with labels to stratify by."""
    if not isinstance(fraction, Real) or not 0 < float(fraction) < 1:
        need, remedy = "a fraction between 0 and 1", "for a fifth pass 0.2"
        raise DataError.of("split", need, repr(fraction), remedy)
    if groups is not None and times is not None:
        raise DataError.of("split", "groups or times", "groups and times", "leave one out")
    if groups is not None:
        return by_group(marks_of(groups, len(labels)), fraction, seed)
    if times is not None:
        return by_time(in_order(marks_of(times, len(labels))), fraction)
    return at_random(labels, fraction, seed)


def fold_rows(labels: Sequence[float], count: int, seed: int, groups: Any = None) -> list[Split]:
    """(rest, part) for each fold, the indices of rows, as ``Dataset.folds`` says."""
    if whole("folds", "count", count, least=2) > len(labels):
        need, came = f"a row for each of {count} parts", counted(len(labels), "row")
        raise DataError.of("folds", need, came, "ask for fewer parts")
    if groups is not None:
        return folds_by_group(marks_of(groups, len(labels)), count, seed)
    return folds_at_random(labels, count, seed)


def at_random(labels: Sequence[float], fraction: float, seed: int) -> Split:
    """(rest, part), the indices of rows in random order, with that fraction of each label."""
    count, counts = len(labels), Counter(labels)
    wanted = round(fraction * count)
    if wanted in (0, count):
        came = f"{counted(count, 'row')} and fraction {fraction}"
        remedy = "give more rows or a fraction nearer 0.5"
        raise DataError.of("split", "a row on either side", came, remedy)
    left = {label: floor(fraction * count) for label, count in counts.items()}
    # rounding down leaves some over, for the labels that lost most by it; but something of each is
    # left to learn from, as long as there is another that can give a row
    losers = sorted(counts, key=lambda of: (left[of] - fraction * counts[of], of))
    losers.sort(key=lambda label: len(counts) > 1 and left[label] + 1 >= counts[label])
    for label in losers[: wanted - sum(left.values())]:
        left[label] += 1
    rest, part = list[int](), list[int]()
    for i in shuffled(count, random.Random(seed)):
        (part if left[labels[i]] > 0 else rest).append(i)
        left[labels[i]] -= 1
    return rest, part


def folds_at_random(labels: Sequence[float], count: int, seed: int) -> list[Split]:
    """(rest, part) for each of several parts, with as many rows of each label, to within one."""
    order = shuffled(len(labels), random.Random(seed))
    # as cards are dealt, label after label
    dealt = {i: k % count for k, i in enumerate(sorted(order, key=labels.__getitem__))}
    return _folds(order, dealt, count)


def _folds(order: Sequence[int], part_of: Mapping[int, int], count: int) -> list[Split]:
    parts = [[i for i in order if part_of[i] == k] for k in range(count)]
    rests = [[i for i in order if part_of[i] != k] for k in range(count)]
    return list(zip(rests, parts, strict=True))


def shuffled(count: int, rng: random.Random) -> list[int]:
    """The numbers from 0 up to, but below, the count, in random order."""
    order = list(range(count))
    rng.shuffle(order)
    return order


def marks_of(marks: Sequence[Any], rows: int) -> list[Any]:
    """A group, or a time, for each row, in their order whatever the index of a frame."""
    found = list(marks)
    wrong = next((f"nan for row {i}" for i, mark in enumerate(found) if mark != mark), "")
    if wrong or len(found) != rows:
        came = wrong or f"{len(found)} for {rows}"
        raise DataError.of("split", "a group, or a time, for each row", came, "pass one a row")
    return found


def in_order(times: list[Any]) -> list[Any]:
    """Times that can be sorted, text as the numbers or dates that it says."""
    found: Any = times_of(times) if {*map(type, times)} == {str} else times
    with suppress(TypeError):  # None cannot be sorted either
        return found if sorted(found) else []
    need, came = "times that are numbers or dates, all written alike", repr(times[0])
    raise DataError.of("split", need, came, "convert them")


def by_group(groups: Sequence[Hashable], fraction: float, seed: int) -> Split:
    """(rest, part), the indices of rows, where no group has rows on both sides.

    Groups join the part in random order, first those that fit, then what brings it nearer."""
    sizes, wanted = Counter(groups), fraction * len(groups)
    if len(sizes) < 2:
        came = f"{counted(len(sizes), 'group')} in {counted(len(groups), 'row')}"
        raise DataError.of("split", "two groups at least", came, "choose another column")
    rng, names = random.Random(seed), list(sizes)
    rng.shuffle(names)
    part, held = set[Hashable](), 0
    for most in (wanted, inf):  # those that fit first
        for name in names:
            size = sizes[name]
            nearer = held + size <= most and abs(held + size - wanted) < abs(held - wanted)
            if nearer and name not in part and len(part) < len(sizes) - 1:
                part.add(name)
                held += size
    part = part or {min(names, key=sizes.__getitem__)}
    order = rng.sample(range(len(groups)), len(groups))
    return [i for i in order if groups[i] not in part], [i for i in order if groups[i] in part]


def folds_by_group(groups: Sequence[Hashable], count: int, seed: int) -> list[Split]:
    """(rest, part) for each of several parts: the largest groups first, into the smallest part."""
    sizes = Counter(groups)
    if len(sizes) < count:
        need, came = f"a group for each of {count} parts", counted(len(sizes), "group")
        raise DataError.of("folds", need, came, "ask for fewer parts")
    rng, names = random.Random(seed), list(sizes)
    rng.shuffle(names)
    held, part_of = [0] * count, dict[Hashable, int]()
    for name in sorted(names, key=sizes.__getitem__, reverse=True):
        part_of[name] = k = held.index(min(held))
        held[k] += sizes[name]
    order = rng.sample(range(len(groups)), len(groups))
    return _folds(order, {i: part_of[groups[i]] for i in order}, count)


def by_time(times: Sequence[Any], fraction: float) -> Split:
    """(rest, part), the indices of rows from early to late, where the part is later than the rest.

    Rows of one time stay together: the part is as near to the fraction as that allows."""
    order = sorted(range(len(times)), key=times.__getitem__)
    cuts = [k + 1 for k, (i, j) in enumerate(pairwise(order)) if times[i] < times[j]]
    if not cuts:
        came = f"one in {counted(len(times), 'row')}"
        raise DataError.of("split", "two times at least", came, "choose another column")
    cut = min(cuts, key=lambda k: abs(len(times) - k - fraction * len(times)))
    return order[:cut], order[cut:]


def times_of(cells: Sequence[str]) -> list[Any] | None:
    """What cells say as numbers, or as dates in one notation, to be sorted; None of others.

    >>> times_of(["3/4/2021", "12/24/2020"])
    [datetime.datetime(2021, 3, 4, 0, 0), datetime.datetime(2020, 12, 24, 0, 0)]
    """
    if numbers := floats(cells):
        return list(numbers)
    with suppress(ValueError):
        times = [datetime.fromisoformat(cell) for cell in cells]
        if len({time.utcoffset() is None for time in times}) == 1:
            return times
    if found := order_of(dict.fromkeys(cells, 1)):
        moments = [moment(cell, found[0]) for cell in cells]
        return None if None in moments else list(moments)
    return None
