"""Signatures: how what a call passes is read, as a batch of samples.

An example shows one sample. At replay a number of it may be a number or an array of samples; an
array of shape s may have any batch axes in front, (..., *s); a list, tuple or dict has one such
entry for each of its own, or is one array whose last axis runs over them. Batch axes broadcast as
NumPy's do."""

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from inspect import BoundArguments, Parameter
from inspect import Signature as Arguments
from math import prod
from typing import Any

import numpy as np

from autograd.engine.notation import described
from autograd.engine.value import Value
from autograd.recording.batch import Batch, Piece, Samples
from autograd.recording.reading import FLOATS, once, read, shape_of
from autograd.tree import NUMBER, Tree, entries_of, like

EMPTY = Tree(tuple)
CONTAINERS: dict[Any, int] = {None: 0, list: 1, tuple: 2}  # as given.h numbers them


def bound(
    name: str, signature: Arguments, args: Sequence[Any], named: Mapping[str, Any] = {}
) -> BoundArguments:
    """Arguments by the names of a signature, as Python would bind them."""
    try:
        return signature.bind(*args, **named)
    except TypeError as error:
        raise TypeError(f"{name}({', '.join(signature.parameters)}): {error}") from None


def example_of(x: Any, name: str = "x") -> Any:
    """The first sample of what a call passes: arrays lose their first axis, which runs over the
    samples.

    >>> example_of([np.array([[1.0, 2.0], [3.0, 4.0]]), 3.0])
    [array([1., 2.]), 3.0]
    """
    if (entries := entries_of(x)) is not None:
        return like(x, [example_of(y, f"{name}[{key!r}]") for key, y in entries.items()])
    if not (shape := getattr(x, "shape", ())):
        return x
    if not shape[0]:
        raise ValueError(f"{name} needs at least one sample, got {described(x)}")
    return np.asarray(x)[0]  # a series or a frame goes by labels


def form_of(x: Any, is_shared: bool = False) -> Any:
    """The structure of one sample of what a call passes, to look a program up by."""
    if type(x) is float:
        return ()
    if isinstance(x, dict):
        return dict, *((key, form_of(item, is_shared)) for key, item in x.items())
    if isinstance(x, (list, tuple)):
        return type(x), *(form_of(item, is_shared) for item in x)
    shape = getattr(x, "shape", ())
    return shape if is_shared else shape[1:]


def has_values(x: Any) -> bool:
    """Whether a Value is in what a call passes."""
    if type(x) is float or (type(x) is np.ndarray and x.dtype is FLOATS):
        return False
    if isinstance(x, dict):
        x = list(x.values())
    elif getattr(getattr(x, "dtype", None), "kind", "") == "O":
        x = np.ravel(x).tolist()
    return any(map(has_values, x)) if isinstance(x, (list, tuple)) else isinstance(x, Value)


class Signature:
    """The arguments of a program: their names, and the structure of one sample of each."""

    def __init__(self, name: str, arguments: dict[str, Tree], shared: tuple[str, ...]) -> None:
        self.name, self.arguments, self.shared, self.names = name, arguments, shared, [*arguments]

    @cached_property
    def plan(self) -> list[Any]:
        """Of each argument its name, its structure, the shape of a sample, and how many numbers."""
        return [(n, tree, shape_of(tree), tree.size) for n, tree in self.arguments.items()]

    @cached_property
    def labels(self) -> list[str]:
        """The names of all numbers, those of shared arguments last."""
        names = sorted(self.arguments, key=self.shared.__contains__)
        return [label for name in names for label in self.arguments[name].labels(name)]

    @cached_property
    def signature(self) -> Arguments:
        """That which Python's own tools show."""
        return Arguments([Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in self.arguments])

    def in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, some of which were given by name."""
        if not named and len(args) == len(self.names):
            return args
        if named and named.keys() == {*(rest := self.names[len(args) :])}:
            return (*args, *[named[name] for name in rest])
        return bound(self.name, self.signature, args, named).args

    def facts(self, wanted: tuple[int, ...], *more: int) -> tuple[memoryview, Any, Any] | None:
        """What C is to know of calls, and more, see ``calls.c``, with the structures of arguments,
        and what makes those of grads by these arguments; None if it does not read such arguments.

        It takes the entries of a dict, or of a list or tuple of arrays, as parts of their own."""
        if [*self.arguments.values()].count(NUMBER) == len(self.names):
            facts = [len(self.names), *more, len(wanted), *[x for i in wanted for x in (i, 0)]]
            facts += [x for name in self.names for x in (name in self.shared, 0, 0)]
            nothing = (None,) * len(self.names), (False,) * len(wanted)
            return memoryview(array("q", facts)), *nothing
        parts, own, ends = list[tuple[str, Tree]](), list[Tree](), [0]
        for name, tree in self.arguments.items():
            own.append(_of_parts(tree, name, parts))
            ends.append(len(parts))
        if len({*ends}) < len(ends):
            return None
        facts = [len(parts), *more, len(wanted)]
        facts += [
            n for i in wanted for n in (ends[i], (own[i] != NUMBER) * (ends[i + 1] - ends[i]))
        ]
        for name, part in parts:
            shape, container = shape_of(part) or (), CONTAINERS.get(part.kind, len(CONTAINERS))
            facts += [name in self.shared, container, len(shape), *shape]
        like = tuple([None if t is NUMBER else t.build([None] * t.size) for t in own])
        trees = [own[i] for i in wanted]
        makers = [t != NUMBER and (t.made if {*t.entries} == {NUMBER} else t.build) for t in trees]
        return memoryview(array("q", facts)), like, tuple(makers)

    def samples(self, args: tuple[Any, ...]) -> Samples:
        """What a call passes."""
        samples = Samples(self.labels)
        pieces, structures = samples.pieces, samples.structures
        for (name, tree, shape, size), x in zip(self.plan, args, strict=True):
            if name in self.shared:
                samples.shared[len(structures)] = once(tree, x, name)
                structures.append(EMPTY)
            elif type(x) is np.ndarray and x.dtype is FLOATS and x.shape[1:] == shape:
                pieces.append((name, x, x.shape[:1], size))
                structures.append(NUMBER)
            else:
                structures.append(read(tree, x, name, pieces))
            samples.ends.append(len(pieces))
        batches = {piece[2] for piece in pieces}
        samples.batch = batches.pop() if len(batches) == 1 else self._broadcast(pieces)
        samples.count = prod(samples.batch)
        if not samples.count:
            raise ValueError(f"{self.name} needs at least one sample, got an empty batch")
        return samples

    def _broadcast(self, pieces: list[Piece]) -> Batch:
        try:
            return np.broadcast_shapes(*{batch for _, _, batch, _ in pieces})
        except ValueError:
            batches = dict.fromkeys(f"{name} {batch}" for name, _, batch, _ in pieces if batch)
            needed = f"{self.name} needs samples that go together, got batches of shape"
            raise ValueError(f"{needed} {' and '.join(batches)}") from None

    def sample(self, args: tuple[Any, ...]) -> list[Any]:
        """The numbers of one sample, which may be Values."""
        arguments = zip(self.arguments.items(), args, strict=True)
        needed = "beside Values {} needs one sample"
        return [n for (name, tree), x in arguments for n in tree.match(x, needed.format(name))]


def _of_parts(tree: Tree, name: str, parts: list[tuple[str, Tree]]) -> Tree:
    """The structure of the parts of an argument, which are collected."""
    if tree.kind is None or (tree.kind is not dict and shape_of(tree)):
        parts.append((name, tree))
        return NUMBER
    return Tree(tree.kind, tree.keys, tuple([_of_parts(e, name, parts) for e in tree.entries]))


class Shown:
    """The signature of a program, made when somebody asks: a tenth of a small recording."""

    def __get__(self, program: Any, kind: Any) -> Arguments | None:
        return program and program._signature.signature  # type: ignore[no-any-return]
