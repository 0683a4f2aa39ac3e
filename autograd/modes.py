"""The contexts of the engine: ``no_grad`` records nothing, ``strict`` raises where others warn; and some of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = [
    "differentiating",
    "is_differentiating",
    "is_quiet",
    "is_strict",
    "no_grad",
    "not_recording",
    "paused",
    "quiet",
    "recording",
    "strict",
    "taken_down_by",
    "tracing",
    "watcher",
    "watching",
]

_no_grad: ContextVar[bool] = ContextVar("no_grad", default=False)
_strict: ContextVar[bool] = ContextVar("strict", default=False)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_differentiating: ContextVar[bool] = ContextVar("differentiating", default=False)
_watcher: ContextVar[Any] = ContextVar("watcher", default=None)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)

# A token for every no_grad block and every tracing that is open in any thread. Operations look here first, because
# asking whether a set is empty costs a tenth of asking the context; which threads are meant, only the context knows.
paused: set[object] = set()


def not_recording() -> bool:
    """Whether this thread or task is inside ``no_grad``."""
    return _no_grad.get()


def tracing() -> Any:
    """The tracer that takes down what this thread or task computes (``autograd.program``), or None."""
    return _tracer.get()


def is_strict() -> bool:
    """Whether this thread or task is inside ``strict``."""
    return _strict.get()


def is_quiet() -> bool:
    """Whether this thread or task is inside ``quiet``."""
    return _quiet.get()


def watcher() -> Any:
    """Who in this thread or task wants to hear of operations at their edges, and of each reverse pass."""
    return _watcher.get()


@contextmanager
def watching(who: Any) -> Iterator[None]:
    """Tell who of every operation at an edge, ``at_edge(op, operands, constants, y, partials)``, and of every reverse
    pass, ``passed(output)``; operations give no warnings then (but raise, if strict).
    """
    before = _watcher.set(who)
    try:
        yield
    finally:
        _watcher.reset(before)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute numbers only: results made inside are leaves, and no graph grows.  Also a decorator.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0, "x")
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.operands
    (9.0, ())
    """
    block, before = object(), _no_grad.set(True)
    paused.add(block)
    try:
        yield
    finally:
        paused.discard(block)
        _no_grad.reset(before)


def is_differentiating() -> bool:
    """Whether this thread or task is inside ``differentiating``."""
    return _differentiating.get()


@contextmanager
def recording() -> Iterator[None]:
    """Record even inside ``no_grad``: a derivative taken there needs its own graph."""
    before = _no_grad.set(False)
    try:
        yield
    finally:
        _no_grad.reset(before)


@contextmanager
def differentiating() -> Iterator[None]:
    """Record, and let no Value slip out of the graph as a float."""
    before = _differentiating.set(True)
    try:
        with recording():
            yield
    finally:
        _differentiating.reset(before)


@contextmanager
def taken_down_by(tracer: Any) -> Iterator[None]:
    """Show every result that is made inside to the tracer, and let it answer for comparisons and conversions."""
    block, before = object(), _tracer.set(tracer)
    paused.add(block)
    try:
        yield
    finally:
        paused.discard(block)
        _tracer.reset(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Say nothing of domains: the partials of a row may be infinite where the row itself is defined."""
    before = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(before)


@contextmanager
def strict() -> Iterator[None]:
    """Raise DomainError where a DomainWarning would be given.  Also a decorator.

    >>> from autograd import Value, log, strict
    >>> with strict():
    ...     log(Value(-1.0))
    Traceback (most recent call last):
        ...
    autograd.errors.DomainError: log needs x > 0, got x = -1
    """
    before = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(before)
