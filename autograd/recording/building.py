"""Building a program: f is run twice on traced Values, what the runs did is compared, and kept."""

import inspect
import random
from collections.abc import Callable, Sequence
from ctypes import c_char, sizeof
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
from numpy.random.mtrand import get_bit_generator

from autograd.engine.errors import GraphError
from autograd.engine.modes import unbroken
from autograd.engine.native import library
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.value import Value
from autograd.recording.backends import uncollected
from autograd.recording.bodies import Recorder
from autograd.recording.graph import Graph, agreed, graph_of
from autograd.recording.merge import merged
from autograd.recording.program import Program
from autograd.recording.signature import bound
from autograd.tree import NUMBER, Tree, numbers

# f is run twice, and again while each run meets other random numbers.
MOST_RUNS = 6
# Of a generator's state, how many of its numbers were drawn, and some of them, which are drawn anew
# all at once: they lie behind the head of an object of CPython's, and at the end of NumPy's state.
STATE, PART = 625 * 4, c_char * 64
OWN: Any = random.getstate.__self__  # type: ignore[attr-defined]
OWN_STATE = PART.from_address(id(OWN) + object.__basicsize__)
UNKNOWN = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS  # how many arguments such functions take


@unbroken
def program_of(
    f: Callable[..., Any],
    example: Sequence[Any],
    engine: str,
    shared: tuple[str, ...],
    run_once: Callable[[], None] = lambda: None,
) -> Program:
    """Run f at least twice, and build the program of what the runs did; run_once: what is done
    after the first."""
    name, names = name_of(f), names_of(f, example)
    if shared:
        check_shared(shared, f, names)
    trees: list[Tree] = []
    if {*map(type, example)} == {float}:
        arguments, sample = dict.fromkeys(names, NUMBER), [[*example], names]
    else:
        trees = [*map(Tree.of, example)]
        arguments = dict(zip(names, trees, strict=True))
        given = [y for word, x in zip(names, example, strict=True) for y in _floats(word, x)]
        sample = [given, [label for word, tree in arguments.items() for label in tree.labels(word)]]
    with uncollected():
        first, result = _agreed_runs(f, name, trees, sample, run_once)
        if shared:
            owners = [word for word, tree in arguments.items() for _ in range(tree.size)]
            first.shared = [node for node, word in enumerate(owners) if word in shared]
        return Program(name, arguments, first, result, engine, shared)


def _agreed_runs(
    f: Callable[..., Any],
    name: str,
    trees: list[Tree],
    sample: list[list[Any]],
    run_once: Callable[[], None],
) -> tuple[Graph, Tree]:
    """What f did in two runs alike, and the structure of its result."""
    states = [_generators()]
    first, y = _run(f, name, trees, sample)
    result = Tree.of(y)
    if result is not NUMBER:
        # Its own arrays would hold on to all that f computed.
        sizes = range(result.size)
        result = Tree.of(result.build(sizes, lambda _, leaf: np.empty(leaf.shape)))
    del y
    run_once()
    for count in range(2, MOST_RUNS + 1):
        states.append(_generators())
        graph = _run(f, name, trees, sample, first)[0]
        if count == 2:
            # Which names the line, where the two differ.
            first = merged(agreed(first, graph, name))
        # They may chance to take the same way; or another thread drew the random numbers.
        if states[-2] == states[-1] or states[-1] == _generators():
            return first, result
    remedy = "draw random numbers outside and pass them in as arguments"
    raise GraphError(f"{name} draws random numbers, which would be frozen: {remedy}")


def _generators() -> list[Any]:
    """The states of the generators that everyone shares, read where they lie: it takes 0.1 ms to be
    told them."""
    own = OWN.getstate()[1] if library is None else OWN_STATE.raw
    numpys = get_bit_generator()
    theirs = _state_of(numpys)
    return [own, OWN.gauss_next, theirs.raw if theirs else repr(numpys.state)]


@lru_cache(1)
def _state_of(generator: Any) -> Any:
    """That of NumPy's usual generator."""
    if not isinstance(generator, np.random.MT19937):
        return None
    return PART.from_address(generator.ctypes.state_address + STATE - sizeof(PART))


def check_shared(shared: tuple[str, ...], f: Callable[..., Any], names: list[str]) -> None:
    if unknown := [repr(word) for word in shared if word not in names]:
        needed = f"shared needs names of arguments of {name_of(f)}({', '.join(names)})"
        raise ValueError(f"{needed}, got {', '.join(unknown)}")


def name_of(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return "f" if name == "<lambda>" else name


def names_of(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """The names of the arguments in the signature."""
    if type(f) is FunctionType and not f.__dict__:
        code, count = f.__code__, len(args)
        if (code.co_argcount, code.co_kwonlyargcount, code.co_flags & UNKNOWN) == (count, 0, 0):
            # Not co_varnames, which is made of all that f assigns at each look.
            return [*map(code._varname_from_oparg, range(count))]  # type: ignore[attr-defined]
    try:
        signature = inspect.signature(f)
    except ValueError:  # a function in C, which keeps them to itself
        return [f"x{i}" for i in range(len(args))]
    names = []
    for name, given in bound(name_of(f), signature, args).arguments.items():
        many = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}{i}" for i in range(len(given))] if many else [name]
    return names


def _floats(name: str, x: Any) -> list[float]:
    needed = f"{name} needs numbers"
    return [x._data if isinstance(x, Value) else number(x, needed) for x in numbers(x)]


def _run(
    f: Callable[..., Any], name: str, trees: list[Tree], sample: Any, before: Graph | None = None
) -> tuple[Graph, Any]:
    """One traced run of f on arguments of this structure (or none, if all are plain numbers), with
    these numbers and labels, and its result; of the run before it the lines are known."""
    tracer, inputs = Recorder(places=before is None), list(map(Value, *sample))
    tracer.adopt(*inputs)
    items = iter(inputs)
    result = tracer.run(f, [tree.build(items) for tree in trees] or inputs)
    needed = f"record needs {name} to return numbers"
    outputs = numbers(result)
    if not outputs:
        raise TypeError(f"{needed}, got {described(result)}")
    outputs = [y if isinstance(y, Value) else number(y, needed) for y in outputs]
    return graph_of(tracer, inputs, outputs, before), result
