"""record: run f once on traced Values, and keep what it did as a program."""

import inspect
import weakref
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper, wraps
from types import FunctionType, MethodType
from typing import Any

from autograd.engine.errors import GraphError, GraphWarning, warn
from autograd.engine.guard import differentiated, guarded
from autograd.engine.modes import is_differentiating, tracing
from autograd.engine.notation import described
from autograd.recording.backends import checked
from autograd.recording.building import check_shared, name_of, names_of, program_of
from autograd.recording.graph import facts
from autograd.recording.program import Program
from autograd.recording.signature import bound, example_of, form_of, has_values
from autograd.recording.surroundings import MOST, Surroundings
from autograd.tree import Tree

__all__ = ["Recorded", "record"]

MOST_OWNERS = 100  # of a method, before those are forgotten that cannot be freed
MANY = 8  # recordings of one function, because of what it reads, that deserve a warning
OPTIONS = "argnums", "direction", "reduce", "at", "aux", "sparse"  # of the methods of programs


def record(
    f: Callable[..., Any] | None = None,
    *example: Any,
    engine: str = "auto",
    shared: str | Sequence[str] = (),
) -> Any:
    """Record f on one sample and return a Program, which computes it for whole batches of samples.

    example: the arguments of one sample, numbers or containers of numbers; their values do not
    matter, their structure does. Without it (as a decorator) f is recorded when it is first called,
    and again for each new structure of its arguments, whose arrays then have samples along their
    first axis; ``@record(engine="numpy")`` is one too. engine: "auto", "native", "numpy"
    or "python". shared: the names of arguments that are the same for all samples, and come at each
    call as in the example, without axes for samples.

    Values that f closes over are parameters, plain numbers are constants. f is run a second time to
    see that it does the same: what differs, such as a random number, cannot be recorded. Raises
    GraphError, with the line, where f asks a traced Value for its number: bool, float, int or
    ``.data``.

    >>> import numpy as np
    >>> from autograd import Value, record
    >>> w = Value(3.0, "w")
    >>> program = record(lambda x: w * x + 1, 0.0)
    >>> program(np.array([1.0, 2.0]))
    array([4., 7.])
    >>> w.data = 5.0  # parameters are read at each call
    >>> program.value_and_grad(np.array([1.0, 2.0]))
    (array([ 6., 11.]), (array([5., 5.]),))
    """
    if f is None and not example:
        return partial(record, engine=engine, shared=shared)
    if not (callable(f) or isinstance(f, classmethod)):
        raise TypeError(f"record needs a function, got {described(f)}: write record(f, *example)")
    engine = checked(engine)
    if not isinstance(shared, (str, list, tuple)):
        raise TypeError(f"shared needs names of arguments, got {described(shared)}: write 'theta'")
    shared = (shared,) if isinstance(shared, str) else tuple(shared)
    return program_of(f, example, engine, shared) if example else Recorded(f, engine, shared)


def _by_its_program(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of programs as one of recorded functions."""

    @wraps(method)
    def called(self: "Recorded", *args: Any, **named: Any) -> Any:
        options = {name: named.pop(name) for name in OPTIONS if name in named}
        args = self._in_order(args, named)
        return method(self._program(args), *args, **options)

    return called


class Recorded:
    """A function or a method that is recorded when it is called: a Program for each structure of
    its arguments, and another where what its code names has changed (``surroundings.py``).

    ``parameters``, ``source``, ``engine``, ``export`` and the printed code are those of the program
    that ran last. Inside a derivative or another recording f itself is called on Values, and
    recorded at each call on numbers, because what it closes over may be followed by then.

    >>> import numpy as np
    >>> @record
    ... def area(width, height):
    ...     return width * height
    >>> area(np.array([1.0, 2.0]), height=3.0)
    array([3., 6.])
    >>> area.parameters
    ()
    """

    def __init__(
        self, f: Callable[..., Any], engine: str = "auto", shared: tuple[str, ...] = ()
    ) -> None:
        update_wrapper(self, f)  # first: an object may have attributes of these names
        self.f, self.wish, self.shared = f, engine, shared
        # By the structure of the arguments; the one that ran last is the last.
        self.programs: dict[Any, tuple[Program, Surroundings | None]] = {}
        self.of_owners: dict[int, tuple[Any, dict[Any, tuple[Program, Surroundings | None]]]] = {}
        self.most_owners = MOST_OWNERS
        self.are_shared: dict[int, list[bool]] = {}  # by how many arguments there are

    def __get__(self, owner: Any, kind: Any = None) -> "Recorded":
        """As a method: each object has programs of its own, since they read its parameters."""
        f: Any = self.f
        if isinstance(f, classmethod):
            f, owner = f.__func__, kind
        if owner is None or isinstance(f, staticmethod):
            return self
        key = id(owner)
        if key not in self.of_owners:
            try:
                held: Any = weakref.ref(owner, lambda _: self.of_owners.pop(key, None))
            except TypeError:  # __slots__: kept, or its id might come to mean another object
                held = owner
            if len(self.of_owners) >= self.most_owners:
                # Those that what is watched leads back to would never be freed.
                for old, (_, programs) in [*self.of_owners.items()]:
                    if any(known and known.leads_back for _, known in programs.values()):
                        self.of_owners.pop(old, None)
                self.most_owners = max(MOST_OWNERS, 2 * len(self.of_owners))
            self.of_owners[key] = held, {}
        method = Recorded(MethodType(f, owner), self.wish, self.shared)
        method.programs = self.of_owners[key][1]
        return method

    def _in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, with the defaults of those that were passed over."""
        if not named:
            return args
        signature, name = inspect.signature(self.f), name_of(self.f)
        given = bound(name, signature, args, named)
        last = max(list(signature.parameters).index(name) for name in given.arguments)
        given.apply_defaults()
        if given.kwargs:
            by_name = ", ".join(given.kwargs)
            raise TypeError(f"{name} needs arguments that have a place, got {by_name} by name")
        return given.args[: max(last + 1, len(args))]

    def _example(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The first sample of what a call passes."""
        named = zip(args, names_of(self.f, args), strict=True)
        return tuple([x if name in self.shared else example_of(x, name) for x, name in named])

    def _program(self, args: tuple[Any, ...]) -> Program:
        """The program for a call."""
        if (are_shared := self.are_shared.get(len(args))) is None:
            names = names_of(self.f, args)
            check_shared(self.shared, self.f, names)
            are_shared = [name in self.shared for name in names]
            self.are_shared[len(args)] = are_shared
        key = tuple(map(form_of, args, are_shared))
        program, known = self.programs.pop(key, (None, None))
        if program is None or program.is_over or guarded or differentiated:
            program, known = self._recorded(args, None)
        elif changed := known is None or known.changed():
            made, now = self._recorded(args, known)
            program, known = program if _is_as(program, made) else made, now
            if known and known.again == MANY:
                told = f"{name_of(self.f)} was recorded again {MANY} times, now because {changed}"
                remedy = "pass it as an argument, or change the .data of a Value"
                warn(f"{told} was replaced: {remedy}", f"{id(self)} again", GraphWarning)
        self.programs[key] = program, known
        return program

    def _recorded(
        self, args: tuple[Any, ...], known: Surroundings | None
    ) -> tuple[Program, Surroundings | None]:
        """A program, and what it depends on; inside a derivative none is used again."""
        before: list[Surroundings] = []  # the second run

        def run_once() -> None:
            if not is_once:
                before.append(Surroundings(self.f, known))

        is_once = guarded or differentiated
        example = self._example(args)
        try:
            program = program_of(self.f, example, self.wish, self.shared, run_once)
        except (AttributeError, TypeError, ValueError) as error:
            kind = type(error)
            shared = self.are_shared[len(args)]
            how = _how_taken([x for x, is_one in zip(args, shared, strict=True) if not is_one])
            if not how or kind not in (AttributeError, TypeError, ValueError):
                raise
            told = f"{name_of(self.f)} takes {how[0]}, and that gave: {error}"
            raise kind(f"{told}; pass {how[1]}") from error
        if not before:
            return program, None
        # Its own list of calls, say: two runs of it have told that this matters not.
        before[0].disown()
        after = Surroundings(self.f, before[0])
        if not after.is_whole:
            told = f"{name_of(self.f)} reads more than {MOST:,} things besides its arguments"
            remedy = "changes of the others are not seen: pass what changes as an argument"
            warn(f"{told}, and {remedy}", f"{id(self)} whole", GraphWarning)
        after.again = known.again + 1 if known else 0
        return program, after

    def __call__(self, *args: Any, **named: Any) -> Any:
        if args and isinstance(args[0], type):  # from a classmethod around it
            return self.__get__(args[0])(*args[1:], **named)
        args = self._in_order(args, named)
        is_followed = (guarded or differentiated) and any(map(has_values, args))
        if is_followed and [*map(Tree.of, args)] == [*map(Tree.of, self._example(args))]:
            # On one sample, without arrays.
            if (tracer := tracing()) is None or is_differentiating() is not None:
                return self.f(*args)
            return tracer.kept(self.f, name_of(self.f), id(self.programs), args)
        return self._program(args)(*args)

    value_and_grad = _by_its_program(Program.value_and_grad)
    jvp = _by_its_program(Program.jvp)
    hvp = _by_its_program(Program.hvp)
    jacobian = _by_its_program(Program.jacobian)
    hessian = _by_its_program(Program.hessian)
    hessian_diagonal = _by_its_program(Program.hessian_diagonal)
    parameter_grad = _by_its_program(Program.parameter_grad)
    backward = _by_its_program(Program.backward)

    @property
    def latest(self) -> Program:
        """The program that ran last."""
        name = name_of(self.f)
        if self.programs:
            program, known = next(reversed(self.programs.values()))
            if known and (changed := known.changed()):
                told = f"{changed} was replaced since {name} ran: this is its program of before"
                warn(f"{told}, call {name} for another", f"{id(self)} latest", GraphWarning)
            return program
        remedy = f"call it, or write record({name}, *example)"
        raise GraphError(f"{name} is recorded when it is first called: {remedy}")

    parameters = property(lambda self: self.latest.parameters, doc="See Program.")
    source = property(lambda self: self.latest.source, doc="See Program.")
    engine = property(lambda self: self.latest.engine, doc="See Program.")
    export = property(lambda self: self.latest.export, doc="See Program.")

    def __reduce__(self) -> Any:
        """Copied and pickled as its function is: by its name, but a method with its object."""
        if isinstance(self.f, FunctionType):
            return self.f.__qualname__
        return Recorded, (self.f, self.wish, self.shared)

    def __repr__(self) -> str:
        count = len(self.programs)
        return f"<record of {name_of(self.f)}: {count} program{'s' * (count != 1)}>"

    def __str__(self) -> str:
        return str(self.latest) if self.programs else repr(self)


def _is_as(program: Program, other: Program) -> bool:
    """Whether two programs of a function do the same with the same parameters."""
    alike = program.result == other.result and facts(program.graph) == facts(other.graph)
    return alike and [*map(id, program.parameters)] == [*map(id, other.parameters)]


def _how_taken(args: Sequence[Any]) -> tuple[str, str] | None:
    """What samples were taken to be, where something else may have been meant, and what to do."""
    parts, shapes = [*args], []
    for x in parts:
        if isinstance(x, dict):
            parts += x.values()
        elif isinstance(x, (list, tuple)):
            return "a list as one sample", "samples as an array, np.array(...)"
        elif shape := getattr(x, "shape", ()):
            shapes.append(shape)
        elif not isinstance(x, (int, float)):
            return None
    rows = [shape for shape in shapes if len(shape) == 1]
    if not rows or (len(rows) < len(shapes) and len({shape[0] for shape in shapes}) == 1):
        return None  # rows, and a number for each
    remedy = f"one sample as an array of shape (1, {rows[0][0]}), or name it in shared="
    return f"an array of shape {rows[0]} as samples of one number", remedy
