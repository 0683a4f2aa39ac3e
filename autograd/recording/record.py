"""record: run f once on traced Values, and keep what it did as a program."""

import inspect
import random
import weakref
from _random import Random
from collections.abc import Callable, Sequence
from ctypes import string_at
from functools import partial, update_wrapper, wraps
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from autograd.engine.errors import GraphError, GraphWarning, warn
from autograd.engine.guard import asking, differentiated, guarded
from autograd.engine.modes import is_differentiating, tracing
from autograd.engine.native import library
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.value import Value
from autograd.recording.backends import checked, uncollected
from autograd.recording.bodies import Recorder
from autograd.recording.graph import Graph, agreed, facts, graph_of
from autograd.recording.merge import merged
from autograd.recording.program import Program
from autograd.recording.signature import bound, example_of, form_of, has_values
from autograd.recording.surroundings import MOST, Surroundings
from autograd.tree import Tree, numbers

__all__ = ["Recorded", "record"]

# f is run twice, and again while each run meets other random numbers.
MOST_RUNS = 6
MOST_OWNERS = 100  # of a method, before those are forgotten that cannot be freed
MANY = 8  # recordings of one function, because of what it reads, that deserve a warning
STATE = 625 * 4  # bytes: 624 numbers, and how many of them were drawn
HEAD = object.__basicsize__  # bytes that CPython's objects begin with; then a generator's state
SIZE = Random.__basicsize__ - HEAD
UNKNOWN = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS  # how many arguments such functions take
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
    if not callable(f):
        raise TypeError(f"record needs a function, got {described(f)}: write record(f, *example)")
    engine = checked(engine)
    if not isinstance(shared, (str, list, tuple)):
        raise TypeError(f"shared needs names of arguments, got {described(shared)}: write 'theta'")
    shared = (shared,) if isinstance(shared, str) else tuple(shared)
    return _recorded(f, example, engine, shared) if example else Recorded(f, engine, shared)


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
        if owner is None:
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
        method = Recorded(MethodType(self.f, owner), self.wish, self.shared)
        method.programs = self.of_owners[key][1]
        return method

    def _in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, with the defaults of those that were passed over."""
        if not named:
            return args
        signature, name = inspect.signature(self.f), _name(self.f)
        given = bound(name, signature, args, named)
        last = max(list(signature.parameters).index(name) for name in given.arguments)
        given.apply_defaults()
        if given.kwargs:
            by_name = ", ".join(given.kwargs)
            raise TypeError(f"{name} needs arguments that have a place, got {by_name} by name")
        return given.args[: max(last + 1, len(args))]

    def _example(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The first sample of what a call passes."""
        named = zip(args, _names(self.f, args), strict=True)
        return tuple([x if name in self.shared else example_of(x, name) for x, name in named])

    def _program(self, args: tuple[Any, ...]) -> Program:
        """The program for a call."""
        if (are_shared := self.are_shared.get(len(args))) is None:
            names = _names(self.f, args)
            _check(self.shared, self.f, names)
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
                told = f"{_name(self.f)} was recorded again {MANY} times, at last since {changed}"
                remedy = "pass it as an argument, or change the .data of a Value"
                warn(f"{told} is another: {remedy}", f"{id(self)} again", GraphWarning)
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
            program = _recorded(self.f, example, self.wish, self.shared, run_once)
        except (AttributeError, TypeError, ValueError) as error:
            kind = type(error)
            shared = self.are_shared[len(args)]
            how = _how_taken([x for x, is_one in zip(args, shared, strict=True) if not is_one])
            if not how or kind not in (AttributeError, TypeError, ValueError):
                raise
            told = f"{_name(self.f)} takes {how[0]}, and that gave: {error}"
            raise kind(f"{told}; pass {how[1]}") from error
        if not before:
            return program, None
        # Its own list of calls, say: two runs of it have told that this matters not.
        before[0].disown()
        after = Surroundings(self.f, before[0])
        if not after.is_whole:
            told = (
                f"{_name(self.f)} reads more than {MOST:,} lists, objects ... besides its arguments"
            )
            remedy = "changes of the others are not seen: pass what changes as an argument"
            warn(f"{told}, and {remedy}", f"{id(self)} whole", GraphWarning)
        after.again = known.again + 1 if known else 0
        return program, after

    def __call__(self, *args: Any, **named: Any) -> Any:
        args = self._in_order(args, named)
        is_followed = (guarded or differentiated) and any(map(has_values, args))
        if is_followed and [*map(Tree.of, args)] == [*map(Tree.of, self._example(args))]:
            # On one sample, without arrays.
            if (tracer := tracing()) is None or is_differentiating() is not None:
                return self.f(*args)
            return tracer.kept(self.f, _name(self.f), id(self.programs), args)
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
        name = _name(self.f)
        if self.programs:
            program, known = next(reversed(self.programs.values()))
            if known and (changed := known.changed()):
                told = (
                    f"{name} ran last when {changed} was another, and this is its program of then"
                )
                warn(f"{told}: call it before", f"{id(self)} latest", GraphWarning)
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
        return f"<record of {_name(self.f)}: {count} program{'s' * (count != 1)}>"

    def __str__(self) -> str:
        return str(self.latest) if self.programs else repr(self)


def _recorded(
    f: Callable[..., Any],
    example: Sequence[Any],
    engine: str,
    shared: tuple[str, ...],
    run_once: Callable[[], None] = lambda: None,
) -> Program:
    """Run f at least twice, and build the program of what the runs did; run_once: what is done
    after the first."""
    name, arguments = _name(f), dict(zip(_names(f, example), map(Tree.of, example), strict=True))
    _check(shared, f, [*arguments])
    owners = [word for word, tree in arguments.items() for _ in range(tree.size)]
    sample = [
        (tree, _floats(word, x), tree.labels(word))
        for (word, tree), x in zip(arguments.items(), example, strict=True)
    ]
    with uncollected():
        first, result = _agreed_runs(f, name, sample, run_once)
        first.shared = [node for node, word in enumerate(owners) if word in shared]
        return Program(name, arguments, first, result, engine, shared)


def _agreed_runs(
    f: Callable[..., Any], name: str, sample: list[Any], run_once: Callable[[], None]
) -> tuple[Graph, Tree]:
    """What f did in two runs alike, and the structure of its result."""
    states = [_generators()]
    with asking():
        first, result = _run(f, sample)
        run_once()
        for count in range(2, MOST_RUNS + 1):
            states.append(_generators())
            graph, _ = _run(f, sample, first)
            if count == 2:
                # Which names the line, where the two differ.
                first = merged(agreed(first, graph, name))
            # They may chance to take the same way; or another thread drew the random numbers.
            if states[-2] == states[-1] or states[-1] == _generators():
                return first, result
    remedy = "draw random numbers outside and pass them in as arguments"
    raise GraphError(f"{name} draws random numbers, which would be frozen: {remedy}")


def _is_as(program: Program, other: Program) -> bool:
    """Whether two programs of a function do the same with the same parameters."""
    alike = program.result == other.result and facts(program.graph) == facts(other.graph)
    return alike and [*map(id, program.parameters)] == [*map(id, other.parameters)]


def _generators() -> list[Any]:
    """The states of the generators that everyone shares, read where they lie: it takes 0.1 ms to be
    told them."""
    own: Any = random.getstate.__self__  # type: ignore[attr-defined]
    state = own.getstate()[1] if library is None else string_at(id(own) + HEAD, SIZE)
    numpys: Any = np.random.mtrand.get_bit_generator()
    usual = isinstance(numpys, np.random.MT19937)
    theirs = string_at(numpys.ctypes.state_address, STATE) if usual else repr(numpys.state)
    return [state, own.gauss_next, theirs]


def _check(shared: tuple[str, ...], f: Callable[..., Any], names: list[str]) -> None:
    if unknown := [repr(word) for word in shared if word not in names]:
        needed = f"shared needs names of arguments of {_name(f)}({', '.join(names)})"
        raise ValueError(f"{needed}, got {', '.join(unknown)}")


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


def _name(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return "f" if name == "<lambda>" else name


def _names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """The names of the arguments in the signature."""
    if type(f) is FunctionType and not f.__dict__:
        code, count = f.__code__, len(args)
        if (code.co_argcount, code.co_kwonlyargcount, code.co_flags & UNKNOWN) == (count, 0, 0):
            return [*code.co_varnames[:count]]
    try:
        signature = inspect.signature(f)
    except ValueError:  # a function in C, which keeps them to itself
        return [f"x{i}" for i in range(len(args))]
    names = []
    for name, given in bound(_name(f), signature, args).arguments.items():
        many = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}{i}" for i in range(len(given))] if many else [name]
    return names


def _floats(name: str, x: Any) -> list[float]:
    needed = f"{name} needs numbers"
    return [x._data if isinstance(x, Value) else number(x, needed) for x in numbers(x)]


def _run(
    f: Callable[..., Any],
    sample: list[tuple[Tree, list[float], list[str]]],
    before: Graph | None = None,
) -> tuple[Graph, Tree]:
    """One traced run of f on arguments of this structure, with these numbers and labels, and the
    structure of its result; of the run before it the lines are known."""
    tracer, given = Recorder(places=before is None), []
    for tree, found, labels in sample:
        items = list(map(Value, found, labels))
        given.append(tree.build(items))
        tracer.adopt(*items)
    inputs = list(tracer.variables)
    result = tracer.run(f, given)
    structure, needed = Tree.of(result), f"record needs {_name(f)} to return numbers"
    outputs = [y if isinstance(y, Value) else number(y, needed) for y in numbers(result)]
    if not outputs:
        raise TypeError(f"{needed}, got {described(result)}")
    # Its own arrays would hold on to all that f computed.
    empty = structure.build(range(structure.size), lambda _, leaf: np.empty(leaf.shape))
    return graph_of(tracer, inputs, outputs, before), Tree.of(empty)
