"""Checks of arguments: each returns what is right, and refuses the rest in one sentence."""

import os
from collections.abc import Mapping
from math import inf
from numbers import Integral, Real
from typing import Any


def type_name(x: Any) -> str:
    """The name of the class of x, or that x is one itself.

    >>> type_name([3]), type_name(int)
    ('list', 'the class int')
    """
    return f"the class {x.__name__}" if isinstance(x, type) else type(x).__name__


def counted(count: int, noun: str) -> str:
    """How many there are of something.

    >>> counted(1, "row"), counted(2, "class")
    ('1 row', '2 classes')
    """
    return f"{count} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"


def no_attribute(x: Any, name: str, cures: Mapping[str, str]) -> AttributeError:
    """The AttributeError for a name that x lacks, with the cure if other libraries have it.

    >>> print(no_attribute([], "fit", {"fit": "write train(model, data)"}))
    list has no fit: write train(model, data)
    """
    cure = f": {cures[name]}" if name in cures else ""
    return AttributeError(f"{type_name(x)} has no {name}{cure}", name=name, obj=x)


def file_name(path: Any) -> str:
    """The text of a path; a TypeError of what is none.

    >>> file_name(0)
    Traceback (most recent call last):
    TypeError: a path needs a str or a pathlib.Path, got int: write a file's name
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        came = f"{type_name(path)}: write a file's name"
        raise TypeError(f"a path needs a str or a pathlib.Path, got {came}")
    return os.fsdecode(path)


def positive(who: str, name: str, x: float, *, zero: bool = False) -> float:
    """x, if it is a finite number above 0 (or 0, if ``zero``); else a ValueError.

    >>> positive("SGD", "learning_rate", -1)
    Traceback (most recent call last):
    ValueError: SGD needs a learning_rate above 0, and finite, got -1
    """
    if not isinstance(x, Real) or not (0 <= x < inf if zero else 0 < x < inf):
        least = "of 0 or more" if zero else "above 0"
        raise ValueError(f"{who} needs {_a(name)} {least}, and finite, got {x!r}")
    return x


def fraction(who: str, name: str, x: float) -> float:
    """x, if it is a number from 0 up to, but below, 1; else a ValueError.

    >>> fraction("SGD", "momentum", 1)
    Traceback (most recent call last):
    ValueError: SGD needs a momentum from 0 up to, but below, 1, got 1
    """
    if not isinstance(x, Real) or not 0 <= x < 1:
        raise ValueError(f"{who} needs {_a(name)} from 0 up to, but below, 1, got {x!r}")
    return x


def whole(who: str, name: str, x: float, least: int = 1) -> int:
    """x, if it is a whole number from ``least`` up; else a ValueError.

    >>> whole("Layer", "nout", 0)
    Traceback (most recent call last):
    ValueError: Layer needs a whole number of at least 1 as nout, got 0
    """
    if not isinstance(x, Integral) or isinstance(x, bool) or x < least:
        raise ValueError(f"{who} needs a whole number of at least {least} as {name}, got {x!r}")
    return int(x)


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def printable(x: Any, length: int | None = None) -> str:
    """The text of x as one line that a terminal only prints: control characters are shown as their
    escapes, and what is longer than ``length`` is cut.

    >>> print(printable("one\\ntwo \\x1b[31mred"))
    one two \\x1b[31mred
    """
    text = " ".join(str(x).split())[:length]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
