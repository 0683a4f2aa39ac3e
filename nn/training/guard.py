"""While something is recorded, parameters do not give their numbers away: what reads one would
freeze it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from autograd import GraphError, Value

__all__ = ["untold"]

DATA = Value.__dict__["data"]


class Untold(Value):
    """A parameter whose number is for the engine only."""

    __slots__ = ()

    @property
    def data(self) -> float:
        """The number, as it is now."""
        frame = sys._getframe(1)
        if frame.f_globals.get("__name__", "").partition(".")[0] != "autograd":
            _refuse(".data", frame)
        return DATA.__get__(self)  # type: ignore[no-any-return]

    @data.setter
    def data(self, x: float) -> None:
        _refuse("assigning .data", sys._getframe(1))

    def detach(self) -> Value:
        """Refused: it is the number of one step."""
        _refuse("detach()", sys._getframe(1))


def _refuse(what: str, frame: FrameType) -> NoReturn:
    place = f"{frame.f_code.co_filename.rpartition('/')[2]}, line {frame.f_lineno}"
    raise GraphError(
        f"{place}: {what} of a parameter inside a recorded function would freeze its number for all steps to come: "
        "keep computing with the Value itself"
    )


@contextmanager
def untold(parameters: Sequence[Value]) -> Iterator[None]:
    """Inside, reading or assigning ``.data`` of one of the parameters raises a GraphError that
    names the line.

    >>> w = Value(2.0)
    >>> with untold([w]):
    ...     w.data
    Traceback (most recent call last):
    autograd.GraphError: <doctest nn.training.guard.untold[1]>, line 2: .data of a parameter inside a recorded function
    would freeze its number for all steps to come: keep computing with the Value itself
    """
    plain = [p for p in parameters if type(p) is Value]
    try:
        for p in plain:
            p.__class__ = Untold
        yield
    finally:
        for p in plain:
            p.__class__ = Value
