"""Surroundings: what a function reads besides its arguments, and whether that is still the same.

A program holds the numbers and the Values that its function met. Where the function would meet
others by now, it has to be recorded again: so all is watched that its code names, and what that
names in turn, and the numbers in small arrays. Unseen are what code finds without a name in it
(``getattr``), and what installed packages and large arrays hold."""

import dis
import gc
import operator
import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import copy
from functools import lru_cache
from itertools import repeat
from types import CellType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.engine.value import Value
from autograd.recording.native import library
from autograd.recording.program import Program

# What has nothing inside that code might read by name.
LEAVES = {Value, Program, str, bytes, int, float, bool, complex, CodeType}
LEAVES |= {type(None), type(...), type(len)}
# What holds numbers, which are compared with a copy at each call: of no more than so many bytes.
ARRAYS, MOST_BYTES = (np.ndarray, array, bytearray), 1 << 17
# Whose own globals nobody changes.
OTHERS = {*sys.stdlib_module_names, "autograd", "nn", "numpy"}
# Where kinds live whose contents have no names: partial, property, method, deque ...
NAMELESS = {"builtins", "collections", "functools"}
# Methods that Python calls by itself: in expressions, and to make an object.
OPERATORS = [name for name, f in vars(operator).items() if name[:2] == "__" and callable(f)]
CALLED = {*OPERATORS, *(f"__r{name[2:]}" for name in OPERATORS)}
CALLED |= {"__getattr__", "__iter__", "__next__", "__len__", "__bool__", "__enter__", "__exit__"}
CALLED |= {"__getattribute__", "__get__", "__missing__", "__reversed__", "__float__", "__array__"}
COMPARED = "__eq__", "__lt__", "__le__", "__gt__", "__ge__"
MAKERS = "__init__", "__new__"
GLOBAL = "LOAD_GLOBAL", "LOAD_NAME"
NAMED = *GLOBAL, "LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"
# With these, names are texts in the code.
BY_TEXT = {"getattr", "hasattr", "vars", "globals", "__dict__", "attrgetter", "methodcaller"}
MOST = 100_000  # things that are looked at
IN_HEAP = 1 << 9  # of flags: a class that can be changed
ABSENT = ...


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
        self.again, self.leads_back = 0, False  # to the object whose method f is
        owner = f.__self__ if type(f) is MethodType else None
        self.own: dict[tuple[int, Any], Any] = before.own if before else {}
        self.names: set[str] = before.names if before else {*CALLED}
        self.texts: set[str] = before.texts if before else set()
        names = -1
        while names < len(self.names):  # of attributes that were passed over before
            names = len(self.names)
            # What holds things, the names of those in it (None: all), and what they were: a list,
            # or a copy of an array.
            self.watched: list[tuple[Any, Any, Any]] = []
            # Of classes: names that objects may have instead, and those of slots.
            self.kinds = dict[int, tuple[set[str], set[str]]]()
            seen, todo = dict[int, Any](), [f]
            while todo and len(seen) < MOST:
                x = todo.pop()
                self.leads_back |= id(x) in seen and x is owner
                if id(x) not in seen:
                    seen[id(x)] = x
                    with suppress(Exception):  # of objects that refuse to be asked
                        todo += [y for y in self._inside(x) if type(y) not in LEAVES]
            self.is_whole = not todo
            self.leads_back |= owner is not None and any(x[0] is owner for x in self.watched)

    def changed(self) -> str | None:
        """The name of something that is another by now."""
        if library is not None and library.same(self.watched):
            return None
        key: Any
        for held, key in self._differing():
            is_array = isinstance(held, ARRAYS)
            return key or ("a number in an array" if is_array else "an item of a container")
        return None

    def disown(self) -> None:
        """Watch no longer what has changed since."""
        self.own |= {(id(held), key): held for held, key in self._differing()}

    def _differing(self) -> Iterator[tuple[Any, Any]]:
        """What holds something else by now, and its name there if it has one."""
        for held, keys, known in self.watched:
            found = _found(held, keys)
            if isinstance(held, ARRAYS):
                yield from [(held, None)] * (found != _found(known, keys))
            elif len(found) != len(known):
                yield held, None
            elif not all(map(operator.is_, found, known)):
                for key, now, before in zip(keys or repeat(None), found, known, strict=False):
                    same = type(now) is type(before) and isinstance(now, (int, float, str))
                    if now is not before and not (same and repr(now) == repr(before)):
                        yield held, key
                known[:] = found  # an equal number

    def _inside(self, x: Any) -> list[Any]:
        """What x holds that code may reach by name; it is watched from now on."""
        kind, inside = type(x), list[Any]()
        if kind is FunctionType:
            return self._named(x)
        if issubclass(kind, ARRAYS):
            if memoryview(x).nbytes <= MOST_BYTES and (id(x), None) not in self.own:
                self.watched.append((x, None, copy(x)))
            return []
        if issubclass(kind, ModuleType):
            space = {} if (home := _root(x)) in OTHERS or _is_foreign(home) else vars(x)
            return self._watch(space, self.names & space.keys())
        if issubclass(kind, type):  # it may be called
            makers = [maker for name in MAKERS if type(maker := getattr(x, name)) is FunctionType]
            return makers + self._of_kind(x) + self._of_kind(kind)
        held, home = getattr(x, "__dict__", None), _root(kind)
        if held and "__wrapped__" in held and home in ("autograd", "functools"):
            return [held["__wrapped__"]]  # which has a cache, or programs
        if issubclass(kind, (tuple, MethodType)):  # which stay as they are
            inside = gc.get_referents(x)
        elif home in NAMELESS or issubclass(kind, (list, dict, set, deque)):
            inside = self._watch(x)
        inside += self._of_kind(kind)
        instead, slots = self.kinds[id(kind)]
        if type(held) is dict:
            inside += self._watch(held, self.names & held.keys() | instead | self.texts)
        return inside + self._watch(x, slots)

    def _of_kind(self, kind: type) -> list[Any]:
        """What a class and its bases have by these names."""
        if id(kind) in self.kinds:
            return []
        bases = [base for base in kind.__mro__ if base.__flags__ & IN_HEAP]
        bases = [base for base in bases if not _is_foreign(_root(base))]
        found = {n: v for base in reversed(bases) for n, v in vars(base).items() if n in self.names}
        slots = {name for name, x in found.items() if type(x) is MemberDescriptorType}
        methods = {name for name, x in found.items() if name[:2] == "__" or type(x) is property}
        self.kinds[id(kind)] = found.keys() - slots - methods, slots
        inside = [x for base in bases if base is not kind for x in self._of_kind(base)]
        return inside + (self._watch(kind, found) if kind in bases else [])

    def _named(self, f: FunctionType) -> list[Any]:
        """What a function's code names."""
        inside, home = list[Any](), _root(f.__globals__.get("__name__"))
        if f.__code__.co_filename == "<string>" and f.__name__ in COMPARED:
            return []  # a data class made it, of all its fields
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            inside += self._watch(cell, (name,))
        if _is_foreign(home):
            return [*inside, f.__defaults__, f.__kwdefaults__]
        names, of_globals, texts, modules = _names(f.__code__)
        self.names |= names
        self.texts |= texts
        inside += [sys.modules[name] for name in modules if name in sys.modules]
        if home in OTHERS:
            return [*inside, f.__defaults__, f.__kwdefaults__]
        inside += self._watch(f, ("__code__", "__defaults__", "__kwdefaults__"))
        inside += self._watch(f.__dict__, self.names & f.__dict__.keys())
        return inside + self._watch(f.__globals__, of_globals | texts & f.__globals__.keys())

    def _watch(self, held: Any, keys: Iterable[str] | None = None) -> list[Any]:
        """What something holds, by these names or all of it."""
        if keys is not None:
            keys = tuple([key for key in keys if (id(held), key) not in self.own])
        known = _found(held, keys)
        if keys or (keys is None and (id(held), None) not in self.own):
            self.watched.append((held, keys, known))
        return [*known]


def _root(x: Any) -> str:
    """The package of a class, a module, or a name of one."""
    if not isinstance(x, str):
        x = getattr(x, "__module__" if isinstance(x, type) else "__name__", None)
    return x.partition(".")[0] if isinstance(x, str) else ""


@lru_cache(1_000)
def _is_foreign(package: str) -> bool:
    """Whether a package was installed, so that its names mean nothing here."""
    place = getattr(sys.modules.get(package), "__file__", None) or ""
    return package == "autograd" or ("-packages" in place and package != "nn")


def _found(held: Any, keys: tuple[str, ...] | None) -> list[Any]:
    """What an object, a dict, a class or a cell holds."""
    kind: Any = type(held)
    if issubclass(kind, ARRAYS):
        return [memoryview(held).tobytes()]
    if keys is None or kind is CellType:
        return gc.get_referents(held)
    if issubclass(kind, (dict, type)):
        space = vars(held) if issubclass(kind, type) else held
        return [space.get(key, ABSENT) for key in keys]
    return [getattr(held, key, ABSENT) for key in keys]


@lru_cache(1_000)
def _names(code: CodeType) -> tuple[frozenset[str], ...]:
    """The names that code loads: all of them, those of globals, those in texts, and modules."""
    steps = [(step.opname, step.argval) for step in dis.get_instructions(code)]

    def loaded(*by: str) -> set[str]:
        return {name for instruction, name in steps if instruction.startswith(by)}

    names, words = loaded(*NAMED), set[str]()
    if names & BY_TEXT:
        consts = [x for c in code.co_consts for x in (c if isinstance(c, tuple) else (c,))]
        words = {x for x in consts if isinstance(x, str) and x.isidentifier()}
    own = names | words, loaded(*GLOBAL), words, loaded("IMPORT_NAME")
    inner = [_names(c) for c in code.co_consts if isinstance(c, CodeType)]
    return tuple([frozenset().union(*parts) for parts in zip(own, *inner, strict=True)])
