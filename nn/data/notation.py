"""How the numbers of a file are written: decimal commas, marks of thousands, units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nn.data.cells import floats, missing, number
from nn.data.table import quoted

GROUPS = r"[1-9]\d{{0,2}}(?:(?P<sep>[{mark}' \xa0\u202f])\d{{3}}(?:(?P=sep)\d{{3}})*)"
NUMERAL = {
    decimal: re.compile(
        rf"[-+]?(?:{GROUPS.format(mark=re.escape(mark))}|\d*)(?:{re.escape(decimal)}\d*)?(?:e[-+]?\d+)?",
        re.IGNORECASE,
    )
    for decimal, mark in ((".", ","), (",", "."))
}
# signs before a number, or a unit behind it
UNIT = re.compile(
    r"([^\w\s.+\-<>=~#]{0,2}) ?([-+]?\d[\d.,'\xa0]*) ?([^\W\d_]{1,3}\S{0,3}|[%°‰€£$]\w?|)"
)


def spelt(cell: str, decimal: str) -> str | None:
    """A number that is written with that decimal mark, as Python writes it, or None.

    >>> spelt("1.234,5", ","), spelt("1,234.5", "."), spelt("1,5", ".")
    ('1234.5', '1234.5', None)
    """
    if not NUMERAL[decimal].fullmatch(cell):
        return None
    bare = re.sub(r"['\s]", "", cell.replace("." if decimal == "," else ",", ""))
    bare = bare.replace(",", ".")
    return bare if number(bare) is not None else None


def numeral(cell: str) -> bool:
    """Whether a cell is a number in either notation."""
    return number(cell) is not None or bool(spelt(cell, ".") or spelt(cell, ","))


@dataclass(frozen=True)
class Written:
    """The cells of a column as numbers, by the decimal marks that they may have, and their unit."""

    by: dict[str, list[str]]
    unit: str = ""
    plain: bool = False  # Python reads them as they are
    example: str = ""
    numbers: list[float] | None = None  # of all cells, where none is missing

    @classmethod
    def of(cls, cells: Sequence[str], decimals: str) -> "Written | None":
        """How the cells are written, of which some may be missing; None if they are no numbers."""
        if "." in decimals and (numbers := floats(cells)) is not None:
            return cls({".": list(cells)}, plain=True, numbers=numbers)
        there = {cell for cell in {*cells} if not missing(cell)}
        example = next((cell for cell in cells if cell in there), "")
        if not there or ("." in decimals and all(number(cell) is not None for cell in there)):
            return cls({".": list(cells)}, plain=True) if there else None
        if not any(c.isdigit() for c in example):
            return None
        numerals, unit = {cell: cell for cell in there}, ""
        by = _readings(cells, numerals, decimals)
        if not by and all(found := [UNIT.fullmatch(cell) for cell in there]):
            units = {match.group(1, 3) for match in found if match}
            if len(units) == 1:
                numerals = {match.group(): match.group(2) for match in found if match}
                by, unit = _readings(cells, numerals, decimals), "".join(units.pop())
        return cls(by, unit, example=example) if by else None


def _readings(
    cells: Sequence[str], numerals: dict[str, str], decimals: str
) -> dict[str, list[str]]:
    readings = {}
    for decimal in decimals:
        found = {cell: spelt(text, decimal) for cell, text in numerals.items()}
        if None not in found.values():
            readings[decimal] = [found.get(cell) or "" for cell in cells]
    return readings


def rewritten(
    columns: list[str], rows: list[list[str]], delimiter: str, decimal: str | None
) -> tuple[list[str], dict[int, list[float]]]:
    """Write the numbers in the rows as Python does, column by column; notes, and plain numbers.

    What can be read both ways, as 3,504, is read as the file's other numbers are, or as the
    delimiter suggests: beside ; the comma is a decimal one."""
    found = {}
    for i in range(len(columns)):
        if written := Written.of([row[i] for row in rows], decimal or ".,"):
            found[i] = written
    votes = [next(iter(w.by)) for w in found.values() if len(w.by) == 1 and not w.plain]
    votes += ["." for w in found.values() if w.plain and _decimals(w.by["."])]
    usual = decimal or max(".,", key=votes.count)
    if not decimal and votes.count(".") == votes.count(","):
        usual = "," if delimiter == ";" else "."
    notes: dict[str, list[str]] = {}
    for i, written in found.items():
        if written.plain:  # 1.234 beside 2,5 is 1234
            points = usual == "," and any("." in cell for cell in written.by["."])
            again = Written.of(written.by["."], ",") if points else None
            if again is None:
                continue
            found[i] = written = again
        mark = usual if usual in written.by else next(iter(written.by))
        cells = written.by[mark]
        for row, cell in zip(rows, cells, strict=True):
            row[i] = cell
        kind = f"numbers such as {written.example} are read as {next(filter(None, cells))}"
        if len(written.by) > 1:
            kind += f" (pass decimal='{'.' if mark == ',' else ','}' if that is wrong)"
        key = f"{mark}{written.unit}"
        notes.setdefault(key, [kind]).append(columns[i])
    said = [f"{quoted(names, 4)}: {kind}" for kind, *names in notes.values()]
    return said, {i: each.numbers for i, each in found.items() if each.numbers}


def _decimals(cells: Sequence[str]) -> bool:
    """Whether a point in some number is no mark of thousands."""
    return any("." in cell and spelt(cell, ",") is None for cell in cells)
