"""Guards: the Values that keep their numbers to themselves at the moment, and who says why.

A recording that let the number of one sample out would freeze it for all. Whoever records puts the
Values concerned here; whatever gives a number away asks, in every thread. The engine itself reads
``_data`` and ``_grad``, and keeps what it reads."""

import sys
from _thread import allocate_lock
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from autograd.engine.errors import GraphError, user_frame
from autograd.engine.reverse import topological


class Guard:
    """Who refuses to give a number away, and says why and where."""

    threads = False  # whether also to operations of other threads
    results: Iterable[Any] = ()  # more that it guards

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, what: str) -> NoReturn:
        """Raise, because of what was asked: ".data", "detach()", "a format"."""
        frame = user_frame(sys._getframe(1))
        place = f"{frame.f_code.co_filename.rpartition('/')[2]}, line {frame.f_lineno}"
        raise GraphError(f"{place}: {what} {self.reason}")


# Of all threads: the guard of each guarded Value (but for results of tracers, which bear a mark in
# C), and the variables of derivatives being taken.
guarded: dict[Any, Guard] = {}
differentiated: set[Any] = set()


def guard_of(value: Any) -> Guard | None:
    """Who guards a value."""
    if getattr(value, "_is_taken", False):
        every = {*guarded.values()}
        return next((g for g in every if any(v is value for v in g.results)), None)
    return guarded.get(value)


def ask(value: Any, what: str) -> None:
    """Refuse what was asked of a value if it is guarded."""
    if (guard := guard_of(value)) is not None:
        guard.refuse(what)


_slots: list[tuple[type, str, Any, property]] = []
_open = [0]  # how many blocks guard something
_lock = allocate_lock()


def watch(cls: type, name: str) -> None:
    """Give a class an attribute for a slot (data for _data), which asks the guards while there are
    any: as a property it would cost a training a third of its time; in C they ask by themselves."""
    slot = getattr(cls, f"_{name}")

    def read(value: Any) -> Any:
        ask(value, f".{name}")
        return slot.__get__(value)

    def write(value: Any, x: Any) -> None:
        ask(value, f"assigning .{name}")
        slot.__set__(value, x)

    setattr(cls, name, slot)
    _slots.append((cls, name, slot, property(read, write)))


class asking:
    """Inside, whoever reads a number of a Value asks its guard."""

    def __enter__(self) -> None:
        if _slots:
            self._count(1)

    def __exit__(self, *error: object) -> None:
        if _slots:
            self._count(-1)

    def _count(self, more: int) -> None:
        with _lock:
            _open[0] += more
            if _open[0] == max(more, 0):  # the first one, or the last
                for cls, name, slot, asked in _slots:
                    setattr(cls, name, asked if _open[0] else slot)


def let_all_go() -> None:
    """Guard nothing any more, in any thread."""
    guarded.clear()
    differentiated.clear()
    asking()._count(-_open[0])


def is_traced(value: Any) -> bool:
    """Whether a recording, in any thread, follows a value."""
    return (guard := guard_of(value)) is not None and guard.threads


def follows(value: Any) -> bool:
    """Whether a recording, or a derivative that is being taken, in any thread, follows a value."""
    if guarded and guard_of(value) is not None:
        return True
    return bool(differentiated) and not differentiated.isdisjoint(topological(value))


def leaving(value: Any, what: str, remedy: str) -> float:
    """The number of a value that goes where no derivative follows: into a float, a program.

    Raises GraphError if it is guarded, TypeError if a derivative that is being taken follows it."""
    ask(value, what)
    if follows(value):
        raise TypeError(f"a derivative cannot follow {what}{remedy}")
    return float(value._data)


@contextmanager
def withholding(values: Iterable[Any], reason: str) -> Iterator[None]:
    """Inside, who asks a value for its number gets a GraphError with the line and the reason."""
    mine = [v for v in values if guard_of(v) is None]
    guarded.update(dict.fromkeys(mine, Guard(reason)))
    try:
        with asking():
            yield
    finally:
        for v in mine:
            del guarded[v]
