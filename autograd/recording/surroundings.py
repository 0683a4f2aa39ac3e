"""Surroundings: what a function reads besides its arguments, and whether that is still the same.

A program holds the numbers and the Values that its function met. Where the function would meet
others by now, it has to be recorded again: so all is watched that its code names, and what that
names in turn. Unseen are what code finds without a name in it (``getattr``, ``__slots__``), and
what modules and arrays hold."""

import dis
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import repeat
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.engine.value import Value
from autograd.recording.native import library
from autograd.recording.program import Program

# What has nothing inside that code might read by name.
LEAVES = Value, Program, ModuleType, BuiltinFunctionType, np.ndarray, str, bytes, int, float
# Whose own globals nobody changes.
OTHERS = {*sys.stdlib_module_names, "autograd", "nn", "numpy"}
# Methods that Python calls by itself in expressions.
OPERATORS = [name for name, f in vars(operator).items() if name[:2] == "__" and callable(f)]
CALLED = {*OPERATORS, *(f"__r{name[2:]}" for name in OPERATORS)}
CALLED |= {"__getattr__", "__iter__", "__next__", "__len__", "__bool__", "__enter__", "__exit__"}
NAMED = "LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"
MOST = 100_000  # things that are looked at
ABSENT = object()


class Surroundings:
    """What the names in the code of a function stand for, but for what it changes itself (own);
    and how often it was recorded again, because that had changed.

    >>> rates = [0.5]
    >>> surroundings = Surroundings(lambda x, rates=rates: rates[0] * x)
    >>> surroundings.changed()
    >>> rates[0] = 0.25
    >>> surroundings.changed()
    'an item of a container'
    """

    def __init__(self, f: Callable[..., Any], before: "Surroundings | None" = None) -> None:
        self.again = 0
        self.own: dict[tuple[int, Any], Any] = before.own if before else {}
        self.names: set[str] = before.names if before else {*CALLED}
        names = -1
        while names < len(self.names):  # of attributes that were passed over before
            names = len(self.names)
            # What holds things, the names of those in it (None: all), and what they were.
            self.watched: list[tuple[Any, Any, list[Any]]] = []
            seen, todo = dict[int, Any](), [f]
            while todo and len(seen) < MOST:
                x = todo.pop()
                if id(x) not in seen and not isinstance(x, LEAVES):
                    seen[id(x)] = x
                    todo += self._inside(x)

    def changed(self) -> str | None:
        """The name of something that is another by now."""
        if library is not None and library.same(self.watched):
            return None
        key: Any
        for _, key in self._differing():
            return "an item of a container" if key is None else key
        return None

    def disown(self) -> None:
        """Watch no longer what has changed since."""
        self.own |= {(id(held), key): held for held, key in self._differing()}

    def _differing(self) -> Iterator[tuple[Any, Any]]:
        """What holds something else by now, and its name there if it has one."""
        for held, keys, known in self.watched:
            found = _found(held, keys)
            if len(found) != len(known):
                yield held, None
            elif not all(map(operator.is_, found, known)):
                for key, now, before in zip(keys or repeat(None), found, known, strict=False):
                    same = type(now) is type(before) and isinstance(now, (int, float, str))
                    if now is not before and not (same and repr(now) == repr(before)):
                        yield held, key

    def _inside(self, x: Any) -> list[Any]:
        """What x holds that code may reach by name; it is watched from now on."""
        if isinstance(x, FunctionType):
            return self._named(x)
        if isinstance(x, MethodType):
            return [x.__func__, x.__self__]
        if isinstance(x, partial):
            return [x.func, x.args, x.keywords]
        if isinstance(x, property):
            return [x.fget]
        if isinstance(x, (staticmethod, classmethod)):
            return [x.__func__]
        if isinstance(x, tuple):
            return [*x]
        if isinstance(x, (list, dict)):
            return self._watch(x)
        if isinstance(x, type):
            bases = [kind for kind in x.__bases__ if kind.__module__ != "builtins"]
            return bases + self._of(x, vars(x), self.names)
        space = getattr(x, "__dict__", {})
        if "__wrapped__" in space:  # another recorded function, say
            return [space["__wrapped__"]]
        return [type(x), *self._of(space, space, self.names)]

    def _named(self, f: FunctionType) -> list[Any]:
        """What a function's code names."""
        names = _names(f.__code__)
        self.names |= names
        inside = [*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()]
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            inside += self._watch(cell, (name,))
        if (f.__module__ or "").partition(".")[0] not in OTHERS:
            inside += self._of(f.__globals__, f.__globals__, names)
        return inside

    def _of(self, held: Any, space: Mapping[str, Any], names: Any) -> list[Any]:
        """What a class, an object or a module has by these names."""
        found = [name for name in names.intersection(space) if (id(held), name) not in self.own]
        return self._watch(held, tuple(found)) if found else []

    def _watch(self, held: Any, keys: tuple[str, ...] | None = None) -> list[Any]:
        known = _found(held, keys)
        if (id(held), None) not in self.own:
            self.watched.append((held, keys, known))
        return known


def _found(held: Any, keys: tuple[str, ...] | None) -> list[Any]:
    """What a list, a dict, a class or a cell holds."""
    if isinstance(held, CellType):
        try:
            return [held.cell_contents]
        except ValueError:  # not assigned to
            return [ABSENT]
    if keys is not None:
        held = vars(held) if isinstance(held, type) else held
        return [held.get(key, ABSENT) for key in keys]
    return [*(held.values() if isinstance(held, dict) else held)]


@lru_cache(1_000)
def _names(code: CodeType) -> frozenset[str]:
    """The names that code loads."""
    steps = dis.get_instructions(code)
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    own = frozenset(step.argval for step in steps if step.opname.startswith(NAMED))
    return own.union(*map(_names, inner))
