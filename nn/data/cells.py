"""What a cell says: a number, yes or no, a date, or nothing at all."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

MISSING = {"", "na", "n/a", "#n/a", "nan", "nat", "<na>", "null", "none", "?", "-", "--", "."}
MISSING |= {"#div/0!", "#num!", "#value!", "#ref!", "#name?", "#null!"}  # a spreadsheet's errors
PAIRS = [("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on")]
TRUTHS = {word: float(i) for pair in PAIRS for i, word in enumerate(pair)}
CODE = re.compile(r"0\d+|\d+[eE]\d+|\+\d{7,}|(-?[1-9]\d{15,299})")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ORDERS = ("ymd", "mdy", "dmy")
DATE = re.compile(
    r"(\d{1,4}|[a-z]{3,9})[-/. ,]+(\d{1,2}|[a-z]{3,9})[-/. ,]+(\d{4}|\d\d?)"
    r"(?:[t ,]+(\d{1,2}):\d\d(?::\d\d(?:\.\d+)?)?(?: ?([ap])m)?)? ?(?:z|utc|[-+]\d\d:?\d\d)?",
    re.IGNORECASE,
)


def number(cell: str) -> float | None:
    """The number that a cell spells, nan and inf included, or None."""
    try:  # Python reads 1_000 as a number; in a file it is a name
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def floats(cells: Sequence[str]) -> list[float] | None:
    """The numbers, if all cells spell finite ones."""
    try:
        found = list(map(float, cells))
    except ValueError:
        return None
    whole = isfinite(sum(found)) or all(map(isfinite, found))
    return found if whole and "_" not in "".join(cells) else None


def finite(cell: str) -> float | None:
    """The finite number that a cell spells, or None."""
    x = number(cell)
    return x if x is not None and isfinite(x) else None


def is_code(cell: str) -> bool:
    """Whether digits may be no number: they begin with a 0, have an E within, are a telephone's, or
    so many that a float has not all of them.

    >>> [cell for cell in ("007", "2E3", "+4930901820", "0", "0.5", "2e-3", "+1") if is_code(cell)]
    ['007', '2E3', '+4930901820']
    """
    if found := CODE.fullmatch(cell):
        return not found[1] or int(cell) != float(cell)
    return False


def missing(cell: str) -> bool:
    """Whether a cell is empty, or says so, as NA, null, NaT, ?, - and #DIV/0! do."""
    return cell.lower() in MISSING


def truth(cell: str) -> float | None:
    """1 of yes, true and on, 0 of their contraries, of 1 and 0 too, or None."""
    x = number(cell)
    return x if x in (0.0, 1.0) else TRUTHS.get(cell.lower())


@lru_cache(maxsize=100_000)
def moment(cell: str, order: str = "ymd") -> datetime | None:
    """The day and the hour that a cell names, its numbers in that order, or None.

    >>> moment("3/4/2021 2:30 pm", "mdy"), moment("Jan 1 2000"), moment("20211231")
    (datetime.datetime(2021, 3, 4, 14, 0), datetime.datetime(2000, 1, 1, 0, 0), \
datetime.datetime(2021, 12, 31, 0, 0))
    """
    if re.fullmatch(r"(1[89]|2[01])\d{6}", cell):
        cell = f"{cell[:4]}-{cell[4:6]}-{cell[6:]}"
    if not (found := DATE.fullmatch(cell)):
        return None
    *parts, hour, half = found.groups()
    if words := [part for part in parts if part.isalpha()]:
        if len(words) > 1 or words[0][:3].lower() not in MONTHS:
            return None
        month = str(MONTHS.index(words[0][:3].lower()) + 1)
        day, year = (part for part in parts if not part.isalpha())
        day, year = (year, day) if len(day) > 2 else (day, year)
    else:
        order = "ymd" if len(parts[0]) == 4 else order  # whatever the others are
        year, month, day = (parts[order.index(part)] for part in "ymd")
    if len(year) not in (2, 4) or len(day) > 2 or len(month) > 2:
        return None
    century = 0 if len(year) == 4 else 2000 if int(year) < 69 else 1900
    clock = int(hour or 0) % 12 + 12 * (half in ("p", "P")) if half else int(hour or 0)
    try:
        return datetime(century + int(year), int(month), int(day), clock)
    except ValueError:
        return None


def text_of(x: Any) -> str:
    """What a cell of a frame or workbook would say in a CSV file; "" of what is missing."""
    if x is None or type(x).__name__ in ("NaTType", "NAType") or x != x:
        return ""
    if isinstance(x, (date, datetime)):
        text = x.isoformat(" ") if isinstance(x, datetime) else x.isoformat()
        return text.removesuffix(" 00:00:00")
    if isinstance(x, str):
        return " ".join(x.split())
    text = str(x.item() if hasattr(x, "item") else x)
    if text[-4:-3] == "." or "e" in text:  # beside 2,5 the text 1.234 would be a thousand
        text = re.sub(r"\.\d{3}(?!\d)", r"\g<0>0", text)
    return " ".join(text.split())
