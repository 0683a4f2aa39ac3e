"""The contexts of the engine: ``no_grad`` records nothing, ``strict`` raises where others warn; and
some of its own.

>>> from autograd import Value, log, no_grad, strict
>>> x = Value(3.0, "x")
>>> with no_grad():
...     y = x * x
>>> y.data, y.operands
(9.0, ())
>>> with strict():
...     log(x - 4)
Traceback (most recent call last):
    ...
autograd.DomainError: log needs x > 0, got x = -1
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ContextDecorator, contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from typing import Any, TypeVar, overload

__all__ = [
    "differentiating",
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
    "variables",
    "watcher",
    "watching",
]

_no_grad: ContextVar[bool] = ContextVar("no_grad", default=False)
_strict: ContextVar[bool] = ContextVar("strict", default=False)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_variables: ContextVar[Any] = ContextVar("variables", default=frozenset())
_watcher: ContextVar[Any] = ContextVar("watcher", default=None)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)

# A token for every no_grad block and every tracing that is open in any thread. Operations look here
# first, because asking whether a set is empty costs a tenth of asking the context; which threads
# are meant, only the context knows.
paused: set[object] = set()


F = TypeVar("F", bound=Callable[..., Any])


class Block(AbstractContextManager[None], ContextDecorator):
    """What a mode gives when it is called: a context, and a decorator."""


class Mode:
    """A context that may be written with or without parentheses: ``with strict:``, ``with
    strict():``, ``@strict``.
    """

    def __init__(self, opened: Callable[[], Iterator[None]]) -> None:
        update_wrapper(self, opened)
        self._block: Any = contextmanager(opened)
        # Of each thread or task its own, the innermost last.
        self._open: ContextVar[tuple[Any, ...]] = ContextVar(f"open {opened.__name__}", default=())

    @overload
    def __call__(self) -> Block: ...
    @overload
    def __call__(self, function: F) -> F: ...
    def __call__(self, function: Any = None) -> Any:
        return self._block() if function is None else self._block()(function)

    def __enter__(self) -> None:
        block = self._block()
        block.__enter__()
        self._open.set((*self._open.get(), block))

    def __exit__(self, *error: Any) -> bool | None:
        *others, block = self._open.get()
        self._open.set(tuple(others))
        return block.__exit__(*error)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"the context {self.__name__}: with {self.__name__}(): ..."  # type: ignore[attr-defined]


def not_recording() -> bool:
    """Whether this thread or task is inside ``no_grad``."""
    return _no_grad.get()


def tracing() -> Any:
    """The tracer that takes down what this thread or task computes (``autograd.recording``), or
    None.
    """
    return _tracer.get()


def is_strict() -> bool:
    """Whether this thread or task is inside ``strict``."""
    return _strict.get()


def is_quiet() -> bool:
    """Whether this thread or task is inside ``quiet``."""
    return _quiet.get()


def watcher() -> Any:
    """Who in this thread or task wants to hear of operations at their edges, and of each reverse
    pass.
    """
    return _watcher.get()


@contextmanager
def watching(who: Any) -> Iterator[None]:
    """Tell who of every operation at an edge, ``at_edge(op, operands, constants, y, partials)``,
    and of every reverse pass, ``passed(output)``; operations give no warnings then (but raise, if
    strict)."""
    before = _watcher.set(who)
    try:
        yield
    finally:
        _watcher.reset(before)


@Mode
def no_grad() -> Iterator[None]:
    """Compute numbers only: results made inside are leaves, and no graph grows.  Also a decorator."""
    block, before = object(), _no_grad.set(True)
    paused.add(block)
    try:
        yield
    finally:
        paused.discard(block)
        _no_grad.reset(before)


def variables() -> set[Any]:
    """The variables of the derivatives that this thread or task is taking; none outside
    ``differentiating``.
    """
    found: set[Any] = _variables.get()
    return found


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
    """Record, and let nothing that depends on one of the ``variables`` slip out of the graph as a
    float.
    """
    before = _variables.set(set(_variables.get()))
    try:
        with recording():
            yield
    finally:
        _variables.reset(before)


@contextmanager
def taken_down_by(tracer: Any) -> Iterator[None]:
    """Show every result that is made inside to the tracer, and let it answer for comparisons and
    conversions.
    """
    block, before = object(), _tracer.set(tracer)
    paused.add(block)
    try:
        yield
    finally:
        paused.discard(block)
        _tracer.reset(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Say nothing of domains: the partials of a row may be infinite where the row itself is
    defined.
    """
    before = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(before)


@Mode
def strict() -> Iterator[None]:
    """Raise DomainError where a DomainWarning would be given.  Also a decorator."""
    before = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(before)
