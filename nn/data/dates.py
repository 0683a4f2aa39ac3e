"""In which order the numbers of a column's dates stand: all of its cells decide."""

import re
from collections.abc import Mapping

from nn.data.cells import moment

WORDS = {"y": "year", "m": "month", "d": "day"}
ENOUGH = 0.9  # of the cells, that the others are taken for dates that are written wrongly


def order_of(counts: Mapping[str, int], given: str | None = None) -> tuple[str, str] | None:
    """The order in cells that are dates, and what to say where another would do; or None.

    A part above 12 or 31 decides. Else dots and hyphens mean that the day comes first, and slashes
    the month, which is said. Of dates alone, at most a tenth may be none.

    >>> order_of({"10.06.22": 1}), order_of({"10/06/22": 1, "10/16/22": 1})
    (('dmy', ''), ('mdy', ''))
    """
    first = next(iter(counts))
    orders = ["mdy", "dmy", "ymd"] if "/" in first else ["dmy", "mdy", "ymd"]
    orders = ["ymd"] if re.match(r"\d{4}", first) else [given] if given else orders
    sample = [cell for cell, _ in zip(counts, range(20), strict=False)]
    orders = [order for order in orders if any(moment(cell, order) for cell in sample)]
    shares = {o: sum(n for cell, n in counts.items() if moment(cell, o)) for o in orders}
    there = sum(counts.values())
    fitting = [order for order in orders if shares[order] == there]
    years = _begin_with_years(counts) and "-" in first
    if fitting in ([], ["ymd"]):  # a year of two digits is last, if that is so in most
        lasts = orders if not fitting else [o for o in orders if o != "ymd" and not years]
        best = max(lasts, key=shares.__getitem__, default="ymd")
        if len(counts) > 10 and shares.get(best, 0) >= ENOUGH * there:
            return best, ""
        if not fitting:
            return None
    order = "ymd" if years and "ymd" in fitting else fitting[0]
    if "/" in first and order != "ymd":
        fitting = [each for each in fitting if each != "ymd"]  # few write 22/06/10
    others = [o for o in fitting if any(moment(cell, o) != moment(cell, order) for cell in counts)]
    if not others and "ymd" in fitting:
        order = "ymd"  # where a month is a word, all are the same
    if not others or "." in first:
        return order, ""
    other = others[0]
    example = next(cell for cell in counts if moment(cell, order) != moment(cell, other))
    how = "/".join(WORDS[part] for part in order)
    return order, f"{example} is read as {how} (pass dates='{other}' if that is wrong)"


def _begin_with_years(cells: Mapping[str, int]) -> bool:
    """Whether the first of two-digit numbers is above 12 in all, and differs less than the last."""
    parts = [re.findall(r"\d+", cell)[:3] for cell in cells]
    if not all(parts):
        return False
    firsts, lasts = {each[0] for each in parts}, {each[-1] for each in parts}
    return all(int(x) > 12 for x in firsts) and len(firsts) < len(lasts)
