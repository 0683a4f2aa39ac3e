"""The contexts: ``no_grad`` records nothing, ``strict`` raises where others warn; and our own.

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
autograd.DomainError: log needs x > 0, got x = -1 in log(x - 4)
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ContextDecorator, contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from typing import Any, TypeVar, overload

from autograd.engine.guard import differentiated

__all__ = ["differentiating", "is_quiet", "is_strict", "no_grad", "not_recording", "paused"]
__all__ += ["quiet", "recording", "strict", "taken_down_by", "tracing", "variable", "watcher"]
__all__ += ["watching"]

# Each holds in its own thread or task alone.
_no_grad: ContextVar[bool] = ContextVar("no_grad", default=False)
_strict: ContextVar[bool] = ContextVar("strict", default=False)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_variables: ContextVar[list[Any]] = ContextVar("variables")
_watcher: ContextVar[Any] = ContextVar("watcher", default=None)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)

not_recording = _no_grad.get  # whether this thread or task is inside no_grad
is_strict = _strict.get
is_quiet = _quiet.get
watcher = _watcher.get  # who wants to hear of operations at their edges, and of reverse passes
tracing = _tracer.get  # the tracer that takes down what is computed (autograd.recording), or None

# A token for every no_grad block and every tracing that is open in any thread. Operations look here
# first, because asking whether a set is empty costs a tenth of asking the context.
paused: set[object] = set()

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@contextmanager
def _held(variable: ContextVar[T], value: T, *, pauses: bool = False) -> Iterator[None]:
    """The variable at that value; with pauses, operations look whether it concerns them."""
    block, before = object(), variable.set(value)
    if pauses:
        paused.add(block)
    try:
        yield
    finally:
        paused.discard(block)
        variable.reset(before)


class Block(AbstractContextManager[None], ContextDecorator):
    """What a mode gives when it is called: a context, and a decorator."""


class Mode:
    """A context with or without parentheses: ``with strict:``, ``with strict():``, ``@strict``."""

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


@Mode
def no_grad() -> Iterator[None]:
    """Compute numbers only: results made inside are leaves, and no graph grows.  Also a decorator."""
    with _held(_no_grad, True, pauses=True):
        yield


@Mode
def strict() -> Iterator[None]:
    """Raise DomainError where a DomainWarning would be given.  Also a decorator."""
    with _held(_strict, True):
        yield


def quiet() -> AbstractContextManager[None]:
    """Say nothing of domains: partials may be infinite where the row itself is defined."""
    return _held(_quiet, True)


def recording() -> AbstractContextManager[None]:
    """Record even inside ``no_grad``: a derivative taken there needs its own graph."""
    return _held(_no_grad, False)


def watching(who: Any) -> AbstractContextManager[None]:
    """Tell who of every operation at an edge, ``at_edge(op, operands, constants, y, partials,
    values)``, and of every reverse pass, ``passed(output)``; operations give no warnings then (but
    raise, if strict).
    """
    return _held(_watcher, who)


def taken_down_by(tracer: Any) -> AbstractContextManager[None]:
    """Show the tracer every result that is made inside; it answers comparisons and conversions."""
    return _held(_tracer, tracer, pauses=True)


@contextmanager
def differentiating() -> Iterator[None]:
    """Record, and let nothing that depends on a ``variable`` slip out of the graph as a float."""
    with recording(), _held(_variables, []):
        try:
            yield
        finally:
            differentiated.difference_update(_variables.get())


def variable(value: Any) -> None:
    """Make a value a variable of the derivative that this thread or task is taking."""
    _variables.get().append(value)
    differentiated.add(value)
