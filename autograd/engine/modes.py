"""The contexts of the engine. Each holds in its own thread or task alone.

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

import gc
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ContextDecorator, contextmanager
from contextvars import ContextVar, copy_context
from functools import wraps
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeVar, overload

from autograd.engine.guard import ask, differentiated, guard_of, guarded, let_all_go

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R", bound=Any)
_no_grad: ContextVar[int] = ContextVar("no_grad", default=0)  # blocks that are open
_strict: ContextVar[int] = ContextVar("strict", default=0)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_variables: ContextVar[Any] = ContextVar("variables", default=None)
_watcher: ContextVar[Any] = ContextVar("watcher", default=None)
_tracer: ContextVar[Any] = ContextVar("tracer", default=None)

not_recording, is_strict, is_quiet = _no_grad.get, _strict.get, _quiet.get
watcher = _watcher.get  # who wants to hear of operations at their edges, and of reverse passes
is_differentiating = _variables.get
tracing = _tracer.get  # the tracer that takes down what is computed (autograd.recording), or None

# Not empty while a no_grad block or a tracing is open in any thread. Operations look here first,
# because that costs a tenth of asking the context.
paused: list[object] = []


class Mode(ContextDecorator):
    """A context with or without parentheses: ``with strict:``, ``with strict():``, ``@strict``."""

    def __init__(self, variable: ContextVar[int], pauses: bool, text: str) -> None:
        self.variable, self.pauses, self.__doc__ = variable, pauses, text
        self.__name__ = variable.name

    @overload
    def __call__(self) -> "Mode": ...
    @overload
    def __call__(self, function: F) -> F: ...
    def __call__(self, function: Any = None) -> Any:
        return self if function is None else super().__call__(function)

    def __enter__(self) -> None:
        self.variable.set(self.variable.get() + 1)
        if self.pauses:
            paused.append(self)

    def __exit__(self, *error: object) -> None:
        if self.pauses:
            paused.remove(self)
        self.variable.set(self.variable.get() - 1)

    def __repr__(self) -> str:
        return f"the context {self.__name__}: with {self.__name__}(): ..."


NO_GRAD = "Compute numbers only: results made inside are leaves. Also a decorator."
STRICT = "Raise DomainError where a DomainWarning would be given. Also a decorator."
no_grad, strict = Mode(_no_grad, True, NO_GRAD), Mode(_strict, False, STRICT)


class _held:
    """A context variable with another value inside: as a class, because derivatives that are nested
    in others enter it often."""

    __slots__ = ("token", "value", "variable")

    def __init__(self, variable: ContextVar[Any], value: Any) -> None:
        self.variable, self.value = variable, value

    def __enter__(self) -> None:
        self.token = self.variable.set(self.value)

    def __exit__(self, *error: object) -> None:
        self.variable.reset(self.token)


def quiet() -> AbstractContextManager[None]:
    """Say nothing of domains: a partial may be infinite where its row is defined."""
    return _held(_quiet, True)


def recording() -> AbstractContextManager[None]:
    """Record even inside ``no_grad``: a derivative taken there needs its own graph."""
    return _held(_no_grad, 0)


def watching(who: Any) -> AbstractContextManager[None]:
    """Tell who of every operation at an edge (``at_edge``), instead of a warning, and of every
    reverse pass (``passed``)."""
    return _held(_watcher, who)


class taken_down_by:
    """Show every result that is made inside to the tracer, and let it answer for comparisons; say
    nothing of domains, as quiet."""

    __slots__ = ("tokens", "tracer")

    def __init__(self, tracer: Any) -> None:
        self.tracer = tracer

    def __enter__(self) -> None:
        self.tokens: Any = _tracer.set(self.tracer), _quiet.set(True)
        paused.append(self)

    def __exit__(self, *error: object) -> None:
        paused.remove(self)
        _tracer.reset(self.tokens[0])
        _quiet.reset(self.tokens[1])


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


_contexts: list[ContextVar[Any]] = [_no_grad, _strict, _quiet, _variables, _watcher, _tracer]
_at_work = set[int]()  # threads


def unbroken(f: F) -> F:
    """f, of which Ctrl-C at the edge of a block in it, where Python forgets to leave what it had
    entered, leaves nothing behind."""

    @wraps(f)
    def whole(*args: Any, **kwargs: Any) -> Any:
        if (me := get_ident()) in _at_work:
            return f(*args, **kwargs)
        before, blocks = copy_context(), paused[:]
        collects, is_first = gc.isenabled(), not (_at_work or guarded or differentiated)
        try:
            _at_work.add(me)
            return f(*args, **kwargs)
        except KeyboardInterrupt:
            for variable in _contexts:
                variable.set(before.run(variable.get))
            if collects:
                gc.enable()
            if is_first and len(_at_work) == 1:  # or what another thread needs would go too
                let_all_go()
                paused[:] = [b for b in paused if b in blocks or isinstance(b, Mode)]
            raise
        finally:
            _at_work.discard(me)

    return whole  # type: ignore[return-value]


def noticed(result: R) -> R:
    """A result that is made while a context is open: a tracer is shown it; under no_grad it becomes
    a leaf, whose operation tells ``backward`` why it has no operands."""
    tracer, is_cut = tracing(), not_recording()
    if tracer is not None:
        if is_cut:
            tracer.refuse("no_grad")
        tracer.take(result)
    else:  # a thread beside one that records would compute with the number of one sample
        for guard in map(guard_of, result.operands) if guarded else ():
            if guard is not None and guard.threads:
                guard.refuse("no_grad" if is_cut else "a thread")
    if is_cut:
        result._cut()
    return result


SIGNS = {"<": lt, "<=": le, "==": eq, "!=": ne, ">": gt, ">=": ge}  # in the order of C


def compared(sign: str, a: Any, b: Any) -> Any:
    """A comparison while a context is open: a recording makes it part of the program."""
    if (tracer := tracing()) is not None:
        return tracer.compare(sign, a, b)
    for value in (a, b):
        ask(value, "bool()")
    return SIGNS[sign](a._data, b._data)
