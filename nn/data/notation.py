"""How the numbers of a file are written: decimal commas, marks of thousands, units."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
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
# words among numbers that say that there is none
NOT_GIVEN = {"k.a.", "k. a.", "ka", "keine angabe", "unbekannt", "fehlt", "entfällt", "unknown"}
NOT_GIVEN |= {"not available", "not given", "not applicable", "missing", "tbd", "n.a.", "n. a."}
NOT_GIVEN |= {"n.d.", "nd", "n/d", "n.b.", "n.v.", "n.v.t.", "s/d", "s.d.", "s.o.", "inconnu"}
NOT_GIVEN |= {"non disponible", "desconocido", "sconosciuto", "desconhecido", "onbekend", "okänd"}
NOT_GIVEN |= {"ukjent", "ukendt", "brak", "neznámé", "неизвестно", "н/д", "不明"}
NOT_GIVEN |= {"...", "…", "–", "—"}
Marks = tuple[str, str]  # the decimal mark and the unit of a column's numbers


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


def as_python(cell: str, decimal: str, unit: str = "") -> str:
    """A number as Python writes it, read as its column was; "" of none, and else the cell.

    >>> as_python("1.500", ","), as_python("1.500,0 €", ",", "€"), as_python("800.5", ",")
    ('1500', '1500.0', '800.5')
    """
    if cell.lower() in NOT_GIVEN:
        return ""
    if not decimal:
        return cell
    if found := spelt(cell, decimal):
        return found
    if number(cell) is not None:
        return cell
    match = UNIT.fullmatch(cell)
    bare = match[2] if match and match[1] + match[3] == unit else cell
    return spelt(bare, decimal) or spelt(bare, "." if decimal == "," else ",") or cell


@dataclass(frozen=True)
class Written:
    """The cells of a column as numbers, by the decimal marks that they may have, and their unit."""

    by: dict[str, list[str]]
    unit: str = ""
    plain: bool = False  # Python reads them as they are
    numbers: list[float] | None = None  # of all cells, where none is missing
    words: tuple[str, ...] = ()  # those that say that there is no number

    @classmethod
    def of(cls, cells: Sequence[str], decimals: str, sure: bool = False) -> "Written | None":
        """How the cells are written, of which some may be missing; None if they are no numbers.

        A few that are no numbers stay. sure: whether the column is known to be one of numbers."""
        if "." in decimals and (numbers := floats(cells)) is not None:
            return cls({".": list(cells)}, plain=True, numbers=numbers)
        counts = Counter(cells)
        there = {cell: n for cell, n in counts.items() if not missing(cell)}
        words = tuple(cell for cell in there if cell.lower() in NOT_GIVEN)
        said = {cell: n for cell, n in there.items() if cell not in words}
        odd = {cell for cell in said if not (numeral(cell) or UNIT.fullmatch(cell))}
        numerals = [cell for cell in said if cell not in odd]
        if odd and not (sure or _few(odd, numerals, said)):
            return None
        if not numerals:
            return cls({".": list(cells)}, plain=True, words=words) if sure and words else None
        if words and not sure and 2 * sum(map(said.__getitem__, numerals)) < sum(there.values()):
            return None
        if "." in decimals and all(number(cell) is not None for cell in numerals):
            return cls({".": list(cells)}, plain=True, words=words)
        as_they_are = {cell: cell for cell in odd}
        texts, unit = {cell: cell for cell in numerals}, ""
        by = _readings(cells, texts, decimals, as_they_are)
        if not by and all(found := [UNIT.fullmatch(cell) for cell in numerals]):
            units = {match.group(1, 3) for match in found if match}
            if len(units) == 1:
                texts = {match.group(): match.group(2) for match in found if match}
                by, unit = _readings(cells, texts, decimals, as_they_are), "".join(units.pop())
        return cls(by, unit, words=words) if by else None


def _few(odd: set[str], numerals: Sequence[str], counts: Mapping[str, int]) -> bool:
    """Whether cells are so few that they are mistakes among the numbers; else they are text."""
    there = sum(counts.values())
    share = 1 - sum(map(counts.__getitem__, odd)) / there
    return (share >= 0.9 and len(numerals) > 10) or (share >= 0.5 and 2 * len(numerals) > there)


def _readings(
    cells: Sequence[str], numerals: dict[str, str], decimals: str, others: dict[str, str]
) -> dict[str, list[str]]:
    readings = {}
    for decimal in decimals:
        found = {cell: spelt(text, decimal) for cell, text in numerals.items()}
        if None not in found.values():
            readings[decimal] = [found.get(cell) or others.get(cell, "") for cell in cells]
    return readings


@dataclass(frozen=True)
class Rewritten:
    """What was said of numbers, those that Python reads as they are, and how each was written."""

    notes: list[str]
    numbers: dict[int, list[float]]
    marks: dict[int, Marks]


def rewritten(
    columns: list[str],
    rows: list[list[str]],
    delimiter: str,
    decimal: str | None,
    learned: Mapping[str, Marks],
) -> Rewritten:
    """Write the numbers in the rows as Python does, column by column.

    What can be read both ways, as 3,504, is read as was learned of the column, as the file's other
    numbers are, or as the delimiter suggests: beside ; the comma is a decimal one."""
    found = dict[int, Written]()
    for i, name in enumerate(columns):
        cells, (own, _) = [row[i] for row in rows], learned.get(name, ("", ""))
        written = Written.of(cells, own, True) if own and not decimal else None
        if written := written or Written.of(cells, decimal or ".,", name in learned):
            found[i] = written
        elif own and not decimal:  # some in one notation, some in the other
            known = {cell: as_python(cell, own, learned[name][1]) for cell in {*cells}}
            found[i] = Written({own: [known[cell] for cell in cells]})
    votes = [next(iter(w.by)) for w in found.values() if len(w.by) == 1 and not w.plain]
    votes += ["." for w in found.values() if w.plain and _decimals(w.by["."])]
    usual = sure = decimal or max(".,", key=votes.count)
    if not decimal and votes.count(".") == votes.count(","):
        usual, sure = "," if delimiter == ";" else ".", ""
    notes, said, marks = dict[str, list[str]](), list[str](), dict[int, Marks]()
    for i, written in found.items():
        own, unit = learned.get(columns[i], ("", ""))
        if own and written.unit != unit:
            now, then = (f"in {x}" if x else "without a unit" for x in (written.unit, unit))
            said.append(f"{quoted([columns[i]])}: {now}, but learned {then}")
        if written.words:
            gone = [row for row in rows if row[i] in written.words]
            said.append(f"{quoted([columns[i]])}: {quoted([gone[0][i]])} is read as missing")
            for row in gone:
                row[i] = ""
        if written.plain:  # 1.234 beside 2,5 is 1234
            points = usual == "," and not own and any("." in cell for cell in written.by["."])
            again = Written.of([row[i] for row in rows], ",") if points else None
            if again is None:
                clear = _decimals(written.by["."])
                marks[i] = "." if clear else sure, ""
                if not clear and not own and (odd := _mixed(written.by["."])):
                    kind = f"numbers such as {odd} are read as {odd}"
                    notes.setdefault(odd, [f"{kind} (pass decimal=',' if that is wrong)"])
                    notes[odd].append(columns[i])
                continue
            found[i] = written = again
        mark = next(each for each in (decimal or own, usual, *written.by) if each in written.by)
        cells, marks[i] = written.by[mark], (mark, written.unit)
        if (before := [row[i] for row in rows]) == cells:
            continue
        for row, cell in zip(rows, cells, strict=True):
            row[i] = cell
        pairs = [(old, x) for old, x in zip(before, cells, strict=True) if x]
        shown = next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
        kind = "numbers such as {} are read as {}".format(*shown)
        differ = len({*map(tuple, written.by.values())}) > 1
        if differ and not own:
            kind += f" (pass decimal='{'.' if mark == ',' else ','}' if that is wrong)"
        notes.setdefault(f"{mark}{written.unit}", [kind]).append(columns[i])
    said += [f"{quoted(names, 4)}: {kind}" for kind, *names in notes.values()]
    return Rewritten(said, {i: each.numbers for i, each in found.items() if each.numbers}, marks)


def _decimals(cells: Sequence[str]) -> bool:
    """Whether a point in some number is no mark of thousands."""
    return any("." in cell and spelt(cell, ",") is None for cell in cells)


def _mixed(cells: Sequence[str]) -> str:
    """A number with three digits behind its point, if others of three digits or more have none."""
    bare = any(len(cell) > 2 and cell.isdigit() for cell in cells)
    return next((cell for cell in cells if bare and "." in cell), "")
