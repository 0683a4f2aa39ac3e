"""Checks of arguments: each returns what is right, and refuses the rest in one sentence."""

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from math import inf
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

HERE = os.path.dirname(__file__)


class Cures:
    """Of an attribute that other libraries have, and this has not, says how it is written here."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from nn.other_libraries import ATTRIBUTES  # here, since few need it

            known = (ATTRIBUTES.get(kind.__name__, {}) for kind in type(self).__mro__)
            cure = next((f": {cures[name]}" for cures in known if name in cures), "")
            raise AttributeError(f"{type_name(self)} has no {name}{cure}", name=name, obj=self)


class Unusable(ValueError):
    """Data or a file that cannot be used as given, in one sentence."""

    @classmethod
    def of(cls, who: str, need: str, came: object, remedy: str = "") -> Self:
        """The error that says what was needed, what came and what to do."""
        return cls(f"{who} needs {need}, got {came}{'; ' if remedy else ''}{remedy}")

    @classmethod
    def at(cls, place: str, need: str, came: object, remedy: str = "") -> Self:
        """The same of a file, or a place in one."""
        return cls.of(f"{place}:", need, came, remedy)


def type_name(x: Any) -> str:
    """The name of the class of x, or that x is one itself."""
    return f"the class {x.__name__}" if isinstance(x, type) else type(x).__name__


def counted(count: int, noun: str) -> str:
    """How many there are of something: ``1 row``, ``2 classes``."""
    return f"{count} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """The first few names in one line, and how many there are beside."""
    flat = [" ".join(name.split()) for name in names]
    return ", ".join(flat[:most]) + (f" and {len(flat) - most} more" if len(flat) > most else "")


def amount(x: float) -> str:
    """A number in the target's unit, with four digits that matter, as people write it."""
    return f"{x:.0f}" if 1e4 <= abs(x) < 1e9 else f"{x:.4g}"


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside of ``nn`` that called into it, however deep this is."""
    # The constructor of a dataclass is in the file "<string>".
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((HERE, "<string>")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def printable(x: Any, length: int | None = None) -> str:
    """The text of x in one line, control characters as their escapes, at most ``length`` long."""
    text = " ".join(str(x).split())[:length]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def file_name(path: Any) -> str:
    """The text of a path; a TypeError of what is none."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        came = f"{type_name(path)}: write a file's name"
        raise TypeError(f"a path needs a str or a pathlib.Path, got {came}")
    return os.fsdecode(path)


def number(who: str, name: str, x: float, need: str, fits: Callable[[float], bool]) -> float:
    """x, if it is a number that fits; else a ValueError that says what it needs."""
    if not isinstance(x, Real) or not fits(x):
        article = "an" if name[0] in "aeiou" else "a"
        raise ValueError(f"{who} needs {article} {name} {need}, got {x!r}")
    return x


def positive(who: str, name: str, x: float, *, zero: bool = False) -> float:
    """x, if it is a finite number above 0 (or 0, if ``zero``)."""
    if zero:
        return number(who, name, x, "of 0 or more, and finite", lambda x: 0 <= x < inf)
    return number(who, name, x, "above 0, and finite", lambda x: 0 < x < inf)


def fraction(who: str, name: str, x: float) -> float:
    """x, if it is a number from 0 up to, but below, 1."""
    return number(who, name, x, "from 0 up to, but below, 1", lambda x: 0 <= x < 1)


def whole(who: str, name: str, x: float, least: int = 1) -> int:
    """x, if it is a whole number from ``least`` up."""
    if not isinstance(x, Integral) or isinstance(x, bool) or x < least:
        raise ValueError(f"{who} needs a whole number of at least {least} as {name}, got {x!r}")
    return int(x)
