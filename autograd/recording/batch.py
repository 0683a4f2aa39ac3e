"""Batches: what a call passes, as samples, and gradients back in the caller's shapes.

An example shows one sample. At replay a number of it may be a number or an array of samples; an
array of shape s may have any batch axes in front, (..., *s); a list, tuple or dict has one such
entry for each of its own, or is one array whose last axis runs over them. Batch axes broadcast as
NumPy's do."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from inspect import BoundArguments, Parameter
from inspect import Signature as Arguments
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.value import Value
from autograd.tree import NUMBER, Tree

__all__ = ["Array", "Batch", "Samples", "Signature", "answer", "assembled", "bound"]
__all__ += ["example_of", "has_values"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Batch = tuple[int, ...]
NONE, EMPTY, FLOATS = np.empty(0), Tree(tuple), np.dtype(float)


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
    if isinstance(x, dict):
        return {key: example_of(item, f"{name}[{key!r}]") for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [example_of(item, f"{name}[{i}]") for i, item in enumerate(x)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if not getattr(x, "shape", ()):
        return x
    if not len(x):
        raise ValueError(f"{name} needs at least one sample, got {described(x)}")
    return x[0]


def has_values(x: Any) -> bool:
    """Whether a Value is in what a call passes."""
    if type(x) is float or (type(x) is np.ndarray and x.dtype is FLOATS):
        return False
    if isinstance(x, dict):
        x = list(x.values())
    elif getattr(getattr(x, "dtype", None), "kind", "") == "O":
        x = x.ravel().tolist()
    return any(map(has_values, x)) if isinstance(x, (list, tuple)) else isinstance(x, Value)


def number_or_array(x: Array) -> Any:
    """An array, or a float for one of no axes."""
    return x if x.shape else float(x)


def answer(tree: Tree, values: Array, batch: Batch) -> Any:
    """What a replay computed, a row for each number, in the structure of the result; an array of
    shape s becomes one of shape (*batch, *s).

    >>> tree = Tree.of([0.0, np.zeros(2)])
    >>> answer(tree, np.arange(6.0).reshape(3, 2), (2,))[1].tolist()
    [[2.0, 4.0], [3.0, 5.0]]
    """
    if tree is NUMBER:
        return values[0] if len(batch) == 1 else number_or_array(values[0].reshape(batch))
    if tree.kind is None:
        return number_or_array(values.T.reshape(*batch, *tree.shape))
    return assembled(tree, [number_or_array(row.reshape(batch)) for row in values])


def assembled(tree: Tree, rows: Sequence[Any]) -> Any:
    """A number or an array of samples for each number of the result, in its structure."""

    def stacked(items: list[Any], tree: Tree) -> Any:
        several = np.stack([np.asarray(item) for item in items], axis=-1)
        return number_or_array(several.reshape(*several.shape[:-1], *tree.shape))

    return tree.build(rows, stacked)


# What was passed: its name, itself, its batch axes, how many numbers of a sample it holds. A float
# that is one number stays one, all else is an array.
Piece = tuple[str, Any, Batch, int]


class Samples:
    """The arguments of a call, and how they were passed: the structure of each argument, and its
    pieces."""

    def __init__(self, labels: list[str]) -> None:
        self.labels, self.structures = labels, list[Tree]()
        self.batch: Batch = ()
        self.count = 1
        self.pieces, self.ends = list[Piece](), [0]  # of all arguments, and where those of each end
        # Shared arguments by place: the structure, and the numbers.
        self.shared: dict[int, tuple[Tree, Array]] = {}

    @property
    def numbers(self) -> Array:
        """Those that all samples share."""
        return np.concatenate([array.ravel() for _, array in self.shared.values()] or [NONE])

    @cached_property
    def columns(self) -> Array:
        """All as one array, a row a number and a column a sample."""
        columns, row = np.empty((sum(piece[3] for piece in self.pieces), self.count)), 0
        for _, array, mine, numbers in self.spread():
            columns[row : row + numbers] = np.reshape(array, (prod(mine), numbers)).T
            row += numbers
        return columns

    def spread(self) -> list[Piece]:
        """The pieces with as many samples as the batch, or with one for all."""
        batch, spread = self.batch, self.pieces
        for k, (name, array, mine, numbers) in enumerate(self.pieces):
            if mine and mine != batch:
                array = np.broadcast_to(array.reshape(*mine, numbers), (*batch, numbers))
                spread = [*spread[:k], (name, array, batch, numbers), *spread[k + 1 :]]
        return spread

    def places(self, arguments: Sequence[int]) -> Iterator[int]:
        """The places of the pieces of these arguments."""
        return chain(*[range(self.ends[i], self.ends[i + 1]) for i in arguments])

    def parts(self, arguments: Sequence[int], grads: Array) -> list[Any]:
        """Rows of the grads by these arguments, by pieces."""
        parts, row = list[Any]([None] * len(self.pieces)), 0
        for k in self.places(arguments):
            numbers = self.pieces[k][3]
            parts[k] = grads[row : row + numbers].T
            row += numbers
        return parts

    def empty_parts(self, arguments: Sequence[int]) -> list[Any]:
        """Places for the grads by these arguments, by pieces; rows, if they are to be summed up."""
        parts: list[Any] = [None] * len(self.pieces)
        for k in self.places(arguments):
            _, x, mine, numbers = self.pieces[k]
            whole = mine == self.batch
            parts[k] = np.empty(_shape_of(x)) if whole else np.empty((numbers, self.count)).T
        return parts

    def given_back(self, wanted: Sequence[int], grads: list[Any], sums: Array) -> tuple[Any, ...]:
        """The gradients by the arguments that are wanted, in the shapes in which they came."""
        at, built = 0, list[Any]()
        for i in wanted:
            if i in self.shared:
                tree, array = self.shared[i]
                own = sums[at : at + array.size].reshape(array.shape)
                at += array.size
                built.append(number_or_array(own) if tree is NUMBER else tree.parted(own))
                continue
            parts = [self._given_back(self.pieces[k], grads[k]) for k in self.places((i,))]
            tree = self.structures[i]
            built.append(parts[0] if tree is NUMBER else tree.build(parts))
        return tuple(built)

    def _given_back(self, piece: Piece, part: Array) -> Any:
        _, x, mine, numbers = piece
        batch, shape = self.batch, _shape_of(x)
        if mine != batch:  # summed over the axes along which it was repeated
            extra = len(batch) - len(mine)
            axes = tuple(i for i, n in enumerate(batch) if i < extra or mine[i - extra] != n)
            part = part.reshape(*batch, numbers).sum(axis=axes)
        return number_or_array(part if part.shape == shape else part.reshape(shape))


def _shape_of(x: Any) -> Batch:
    return () if type(x) is float else x.shape


class Signature:
    """The arguments of a program: their names, and the structure of one sample of each."""

    def __init__(self, name: str, arguments: dict[str, Tree], shared: tuple[str, ...]) -> None:
        self.name, self.arguments, self.shared = name, arguments, shared
        self.plan = [(n, tree, _shape(tree), tree.size) for n, tree in arguments.items()]
        names = sorted(arguments, key=shared.__contains__)
        self.labels = [label for name in names for label in arguments[name].labels(name)]
        # Of a sample of each argument, if all are numbers, flat lists or arrays; and who is shared.
        self.shapes: tuple[Any, ...] | None = tuple([shape for _, _, shape, _ in self.plan])
        if None in self.shapes or any(tree.kind is dict for _, tree, *_ in self.plan):
            self.shapes = None
        self.are_shared = tuple([name in shared for name in arguments])
        self.signature = Arguments(
            [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in arguments]
        )

    def in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, some of which were given by name."""
        if not named and len(args) == len(self.arguments):
            return args
        return bound(self.name, self.signature, args, named).args

    def samples(self, args: tuple[Any, ...]) -> Samples:
        """What a call passes."""
        samples = Samples(self.labels)
        pieces, structures = samples.pieces, samples.structures
        for (name, tree, shape, size), x in zip(self.plan, args, strict=True):
            if name in self.shared:
                samples.shared[len(structures)] = _once(tree, x, name)
                structures.append(EMPTY)
            elif type(x) is np.ndarray and x.dtype is FLOATS and x.shape[1:] == shape:
                pieces.append((name, x, x.shape[:1], size))
                structures.append(NUMBER)
            else:
                structures.append(_read(tree, x, name, pieces))
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
            needed = f"{self.name} needs samples that go together"
            came = f"got batches of shape {' and '.join(batches)}"
            raise ValueError(f"{needed}, {came}") from None

    def sample(self, args: tuple[Any, ...]) -> list[Any]:
        """The numbers of one sample, which may be Values."""
        arguments = zip(self.arguments.items(), args, strict=True)
        needed = "beside Values {} needs one sample"
        return [n for (name, tree), x in arguments for n in tree.match(x, needed.format(name))]


def _shape(tree: Tree) -> tuple[int, ...] | None:
    """The shape of a sample as one array; None if none has its structure."""
    if tree.kind is None:
        return tree.shape
    return (len(tree.keys),) if tree.entries.count(NUMBER) == len(tree.keys) else None


def _once(tree: Tree, x: Any, name: str) -> tuple[Tree, Array]:
    """A shared argument: the structure in which it came, and its numbers."""
    shape = getattr(x, "shape", None)
    if shape is not None and shape == _shape(tree):
        return NUMBER, _floats(x, name)
    keys = x if isinstance(x, dict) else range(len(x)) if isinstance(x, (list, tuple)) else ()
    if any(entry.size > 1 for entry in tree.entries) and set(keys) == {*tree.keys}:
        entries = zip(tree.keys, tree.entries, strict=True)
        parts = [_once(entry, x[key], f"{name}[{key!r}]") for key, entry in entries]
        return tree, np.concatenate([array.ravel() for _, array in parts])
    needed = f"a shared argument is given once, for all samples: {name}"
    found = [number(item, f"{name} needs numbers") for item in tree.match(x, needed)]
    return (NUMBER, np.array(found[0])) if tree == NUMBER else (tree, np.array(found))


def _read(tree: Tree, x: Any, name: str, pieces: list[Piece]) -> Tree:
    """Collect the arrays of samples of an argument; return the structure in which they came."""
    shape = _shape(tree)
    if type(x) is float and shape == ():
        pieces.append((name, x, (), 1))
        return NUMBER
    is_container = tree.kind is not None and not getattr(x, "shape", ())
    if is_container and (shape is None or not _are_rows(x, name)):
        return _read_entries(tree, x, name, pieces)
    if shape is None:
        needed = f"{name} needs entries of different structure"
        raise TypeError(f"{needed}, got {described(x)}: pass a list")
    array = x if type(x) is np.ndarray and x.dtype is FLOATS else _floats(x, name)
    axes = array.ndim - len(shape)
    if shape and array.shape[axes:] != shape:
        whole = f"(samples, {', '.join(map(str, shape))})"
        raise ValueError(f"{name} needs samples as an array of shape {whole}, got {described(x)}")
    pieces.append((name, array, array.shape[:axes], prod(shape)))
    return NUMBER


def _read_entries(tree: Tree, x: Any, name: str, pieces: list[Piece]) -> Tree:
    keys = x if isinstance(x, dict) else range(len(x)) if isinstance(x, (list, tuple)) else ()
    if set(keys) != {*tree.keys}:
        count = len(tree.keys)
        known = f" with the keys {', '.join(map(repr, tree.keys))}" if tree.kind is dict else ""
        needed = f"{name} needs {count} entries{known}, each a number or an array of samples"
        remedy = f"pass samples as an array of shape (samples, {count})"
        raise TypeError(f"{needed}, got {described(x)}: {remedy}")
    entries = zip(tree.keys, tree.entries, strict=True)
    read = [_read(entry, x[key], f"{name}[{key!r}]", pieces) for key, entry in entries]
    return Tree(tree.kind, tree.keys, tuple(read))


def _are_rows(x: Any, name: str) -> bool:
    """Whether x is a list of rows. Lists among numbers and arrays might be meant as columns, and
    are refused."""
    lists = [isinstance(item, (list, tuple)) for item in x] if isinstance(x, (list, tuple)) else []
    if any(lists) and not all(lists):
        needed = f"{name}[{lists.index(True)}] needs a number or an array of samples"
        raise TypeError(f"{needed}: write np.array(...) around it")
    return any(lists)


def _floats(x: Any, name: str) -> Array:
    """Real numbers of every kind as floats; everything else is refused."""
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} needs numbers, got {described(x)}: {error}") from None
    if np.ma.is_masked(x):
        raise TypeError(f"{name} needs numbers, got a masked array: write x.filled(0.0)")
    if array.dtype.kind in "OSU":
        found = [number(item, f"{name} needs numbers") for item in array.ravel().tolist()]
        return np.array(found).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        came = f"{described(x)} of dtype {array.dtype}"
        raise TypeError(f"{name} needs real numbers, got {came}: convert them")
    return array.astype(np.float64, copy=False)
