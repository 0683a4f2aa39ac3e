"""record: run f once on traced Values, and keep what it did as a program."""

import gc
import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.number import number
from autograd.program.arguments import Argument, built, example_of, flat, structure
from autograd.program.program import Program
from autograd.program.steps import Steps, agreed, steps_of
from autograd.program.trace import Tracer
from autograd.value import Value

__all__ = ["Recorded", "record"]


def record(f: Callable[..., Any], *example: Any, engine: str = "auto") -> Any:
    """Record f on one sample and return a Program, which computes it for whole batches of samples.

    example: the arguments of one sample, numbers or containers of numbers; their values do not matter, their structure
    does. Without it (as a decorator) f is recorded when it is first called, and again for each new structure of its
    arguments, whose arrays then have samples along their first axis. engine: "auto", "numpy", "numba" or "python".

    f is run a second time to see that it does the same: what differs, such as a random number, cannot be recorded.
    Raises GraphError, with the line, where f asks a traced Value for its number: bool, float, int or ``.data``.

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
    if not callable(f):
        raise TypeError(f"record needs a function, got {f!r}: write record(f, *example), not record(f(*example))")
    if not example:
        return Recorded(f, engine)
    return _recorded(f, example, engine)


class Recorded:
    """A function that is recorded when it is called: a Program for each structure of its arguments.

    >>> import numpy as np
    >>> @record
    ... def area(width, height):
    ...     return width * height
    >>> area(np.array([1.0, 2.0]), 3.0)
    array([3., 6.])
    """

    def __init__(self, f: Callable[..., Any], engine: str = "auto") -> None:
        self.f = f
        self.engine = engine
        self.programs: dict[Any, Program] = {}
        update_wrapper(self, f)

    def program(self, *args: Any) -> Program:
        """The program for arguments of this structure, recorded now if it is new."""
        example = tuple(map(example_of, args))
        key = tuple(map(structure, example))
        if key not in self.programs:
            self.programs[key] = _recorded(self.f, example, self.engine)
        return self.programs[key]

    def __call__(self, *args: Any) -> Any:
        return self.program(*args)(*args)

    def value_and_grad(self, *args: Any) -> Any:
        """See Program.value_and_grad."""
        return self.program(*args).value_and_grad(*args)

    def parameter_grad(self, *args: Any, reduce: str = "mean", at: Any = None, aux: bool = False) -> tuple[Any, ...]:
        """See Program.parameter_grad."""
        return self.program(*args).parameter_grad(*args, reduce=reduce, at=at, aux=aux)

    def backward(self, *args: Any, reduce: str = "mean", aux: bool = False) -> Any:
        """See Program.backward."""
        return self.program(*args).backward(*args, reduce=reduce, aux=aux)

    def __repr__(self) -> str:
        return f"<record of {_name(self.f)}: {len(self.programs)} programs>"


def _recorded(f: Callable[..., Any], example: Sequence[Any], engine: str) -> Program:
    """Run f twice, and build the program of what both runs did."""
    arguments = _arguments(f, example)
    before = _generators()
    with _no_collector():
        (first, result), (second, _) = [_run(f, arguments, example, places) for places in (True, False)]
        steps = agreed(first, second, _name(f))  # which names the line, where the two differ
        if _generators() != before:  # two draws may chance to take the same way
            raise GraphError(
                f"{_name(f)} draws random numbers, which would be frozen: draw them outside and pass them as arguments"
            )
        return Program(_name(f), arguments, steps, structure(result), engine)


def _generators() -> list[Any]:
    """The states of the generators that everyone shares."""
    numpys: Any = np.random.get_state(legacy=False)
    return [random.getstate(), {**numpys, "state": str(numpys["state"]["key"].tobytes()) + str(numpys["state"]["pos"])}]


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the garbage collector from walking, again and again, over what is only being built."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _name(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return "f" if name == "<lambda>" else name


def _arguments(f: Callable[..., Any], example: Sequence[Any]) -> list[Argument]:
    """Names for the arguments: those of the signature, made unlike one another and unlike the program's own words."""
    try:
        names = list(inspect.signature(f).bind(*example).arguments)
        parameters = inspect.signature(f).parameters
        if any(parameters[name].kind is inspect.Parameter.VAR_POSITIONAL for name in names):
            names = names[:-1] + [f"{names[-1]}{i}" for i in range(len(example) - len(names) + 1)]
    except ValueError:
        names = [f"x{i}" for i in range(len(example))]
    except TypeError as error:
        raise TypeError(f"record needs one example for each argument of {_name(f)}: {error}") from None
    return [Argument(name, structure(x)) for name, x in zip(names, example, strict=True)]


def _run(f: Callable[..., Any], arguments: list[Argument], example: Sequence[Any], places: bool) -> tuple[Steps, Any]:
    """One traced run of f."""
    tracer = Tracer(places)
    inputs: list[Value] = []
    for argument, x in zip(arguments, example, strict=True):
        for item, label in zip(flat(x), argument.labels, strict=True):
            inputs.append(
                Value(item.data if isinstance(item, Value) else number(item, f"{argument.name} needs numbers"), label)
            )
    for value in inputs:
        tracer.adopt(value)
    rest = iter(inputs)
    result = tracer.run(f, [built(argument.tree, rest) for argument in arguments])
    outputs = [
        y if isinstance(y, Value) else number(y, f"record needs {_name(f)} to return numbers") for y in flat(result)
    ]
    return steps_of(tracer, inputs, outputs), result
