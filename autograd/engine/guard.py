"""Guards: the Values that keep their numbers to themselves at the moment, and who says why.

A recording that let the number of one sample out would freeze it for all. Whoever records puts the
Values concerned here; whatever gives a number away asks, in every thread. The engine itself reads
``_data`` and ``_grad``, and keeps what it reads.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NoReturn, Protocol

from autograd.engine.errors import GraphError, user_frame
from autograd.engine.reverse import topological

__all__ = ["Guard", "ask", "differentiated", "follows", "guarded", "guarding", "leaving"]
__all__ += ["withholding"]


class Guard(Protocol):
    """Who refuses to give a number away; with threads, also to operations of other threads."""

    threads: bool

    def refuse(self, what: str) -> NoReturn:
        """Raise, because of what was asked: ".data", "detach()", "a format"."""


# Of all threads: the guard of each guarded Value, and the variables of derivatives being taken.
guarded: dict[Any, Guard] = {}
differentiated: set[Any] = set()


def ask(value: Any, what: str) -> None:
    """Refuse what was asked of a value if it is guarded."""
    if (guard := guarded.get(value)) is not None:
        guard.refuse(what)


@contextmanager
def guarding(values: Iterable[Any], guard: Guard) -> Iterator[None]:
    """Inside, the guard refuses whatever asks one of the values for its number."""
    mine = [v for v in values if v not in guarded]
    guarded.update(dict.fromkeys(mine, guard))
    try:
        yield
    finally:
        for v in mine:
            del guarded[v]


def follows(value: Any) -> bool:
    """Whether a recording, or a derivative that is being taken, in any thread, follows a value."""
    if guarded and value in guarded:
        return True
    return bool(differentiated) and not differentiated.isdisjoint(topological(value))


def leaving(value: Any, what: str, remedy: str) -> float:
    """The number of a value that goes where no derivative follows: into a float, a program.

    Raises GraphError if it is guarded, and TypeError if a derivative that is being taken depends on
    it.
    """
    ask(value, what)
    if follows(value):
        raise TypeError(f"a derivative cannot follow {what}{remedy}")
    number: float = value._data
    return number


class _Withholding:
    """A guard that gives its reason and names the line."""

    threads = False

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, what: str) -> NoReturn:
        frame = user_frame(sys._getframe(1))
        place = f"{frame.f_code.co_filename.rpartition('/')[2]}, line {frame.f_lineno}"
        raise GraphError(f"{place}: {what} {self.reason}")


def withholding(values: Iterable[Any], reason: str) -> AbstractContextManager[None]:
    """Inside, whatever asks one of the values for its number raises a GraphError, which names the
    line and gives the reason.

    >>> from autograd import Value
    >>> w = Value(2.0)
    >>> with withholding([w], "of w is not for now"):
    ...     w.data  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.GraphError: ...: .data of w is not for now
    """
    return guarding(values, _Withholding(reason))
