"""Batches: what a call passes, as columns of samples, and gradients back in the caller's shapes.

An example shows one sample. At replay a number of it may be a number or an array of samples; an
array of shape s may have any batch axes in front, (..., *s); a list, tuple or dict has one such
entry for each of its own, or is one array whose last axis runs over them. Batch axes broadcast as
NumPy's do."""

import inspect
from collections.abc import Iterable, Sequence
from inspect import Parameter
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.tree import Tree

__all__ = ["Array", "Batch", "Signature", "answer", "example_of", "given_back", "number_or_array"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Batch = tuple[int, ...]

NUMBER = Tree()


class Piece(NamedTuple):
    """An array that was passed, and how many numbers of a sample it holds."""

    name: str
    array: Array
    numbers: int
    batch: Batch


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


def number_or_array(x: Array) -> Any:
    """An array, or a float for one of no axes."""
    return x if x.shape else float(x)


def answer(tree: Tree, columns: Iterable[Array]) -> Any:
    """What a replay computed, an array of the shape of the batch for each number, in the structure
    of the result; an array of shape s becomes one of shape (*batch, *s).

    >>> tree = Tree.of([0.0, np.zeros(2)])
    >>> answer(tree, np.arange(6.0).reshape(3, 2))[1].tolist()
    [[2.0, 4.0], [3.0, 5.0]]
    """

    def stacked(items: list[Any], tree: Tree) -> Any:
        several = np.stack([np.asarray(item) for item in items], axis=-1)
        return number_or_array(several.reshape(*several.shape[:-1], *tree.shape))

    return tree.build(map(number_or_array, columns), stacked)


class Signature:
    """The arguments of a program: their names, and the structure of one sample of each."""

    def __init__(self, name: str, arguments: dict[str, Tree]) -> None:
        self.name, self.arguments = name, arguments
        self.sizes = [tree.size for tree in arguments.values()]
        self.shapes = [_shape(tree) for tree in arguments.values()]
        self.labels = [label for name, tree in arguments.items() for label in tree.labels(name)]

    def in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, some of which were given by name."""
        if not named and len(args) == len(self.arguments):
            return args
        try:
            parameters = [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in self.arguments]
            return inspect.Signature(parameters).bind(*args, **named).args
        except TypeError as error:
            raise TypeError(f"{self.name}({', '.join(self.arguments)}): {error}") from None

    def columns(self, args: tuple[Any, ...]) -> tuple[Array, Batch, Any]:
        """The arguments as one array of a row a number and a column a sample; their batch; and for
        ``given_back`` each argument's structure as it was passed, with its pieces."""
        if self._are_plain(args):
            samples, row = len(args[0]), 0
            columns = np.empty((len(self.labels), samples))
            for x, count in zip(args, self.sizes, strict=True):
                columns[row : row + count] = x.reshape(samples, count).T
                row += count
            return columns, (samples,), []
        given: list[tuple[Tree, list[Piece]]] = []
        for (name, tree), x in zip(self.arguments.items(), args, strict=True):
            mine: list[Piece] = []
            given.append((_read(tree, x, name, mine), mine))
        pieces = [piece for _, mine in given for piece in mine]
        batch = self._broadcast(pieces)
        samples, row = prod(batch), 0
        columns = np.empty((len(self.labels), samples))
        for piece in pieces:
            whole = piece.array.reshape(*piece.batch, piece.numbers)
            if piece.batch != batch:
                whole = np.broadcast_to(whole, (*batch, piece.numbers))
            columns[row : row + piece.numbers] = whole.reshape(samples, piece.numbers).T
            row += piece.numbers
        return columns, batch, given

    def _are_plain(self, args: tuple[Any, ...]) -> bool:
        """Whether all are arrays of floats with one axis of as many samples, as in training."""
        samples = -1
        for x, shape in zip(args, self.shapes, strict=True):
            if type(x) is not np.ndarray or x.dtype.char != "d" or not x.shape:
                return False
            if x.shape[1:] != shape or (len(x) != samples and samples >= 0):
                return False
            samples = len(x)
        return samples > 0

    def _broadcast(self, pieces: list[Piece]) -> Batch:
        try:
            batch = np.broadcast_shapes(*{piece.batch for piece in pieces})
        except ValueError:
            came = " and ".join(dict.fromkeys(f"{p.name} {p.batch}" for p in pieces if p.batch))
            raise ValueError(
                f"{self.name} needs samples that go together, got batches of shape {came}"
            ) from None
        if 0 in batch:
            raise ValueError(f"{self.name} needs at least one sample, got an empty batch")
        return batch

    def sample(self, args: tuple[Any, ...]) -> list[Any]:
        """The numbers of one sample, which may be Values."""
        found = [
            tree.match(x, f"beside Values {name} needs one sample")
            for (name, tree), x in zip(self.arguments.items(), args, strict=True)
        ]
        return [number for some in found for number in some]


def _shape(tree: Tree) -> tuple[int, ...] | None:
    """The shape of a sample as one array; None if arrays lack its structure."""
    if tree.kind is None:
        return tree.shape
    return (len(tree.keys),) if all(entry == NUMBER for entry in tree.entries) else None


def given_back(grads: Array, batch: Batch, given: list[tuple[Tree, list[Piece]]]) -> Any:
    """The gradients in the shapes in which the arguments came."""
    answers, row = [], 0
    for tree, pieces in given:
        parts = []
        for piece in pieces:
            part = grads[row : row + piece.numbers].T.reshape(*batch, piece.numbers)
            part = _summed_to(part, (*piece.batch, piece.numbers))
            parts.append(number_or_array(part.reshape(piece.array.shape)))
            row += piece.numbers
        answers.append(tree.build(parts))
    return tuple(answers)


def _summed_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of what was broadcast: summed over the axes along which it was repeated."""
    extra = gradient.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        extra + i for i, n in enumerate(shape) if n == 1 and gradient.shape[extra + i] != 1
    )
    return gradient.sum(axis=axes, keepdims=True).reshape(shape) if axes else gradient


def _read(tree: Tree, x: Any, name: str, pieces: list[Piece]) -> Tree:
    """Collect the arrays of samples of an argument; return the structure in which they came."""
    shape = _shape(tree)
    if tree.kind is not None and not getattr(x, "shape", ()):
        if isinstance(x, (list, tuple)) and (rows := _rows(shape, x, name)) is not None:
            return _read(tree, rows, name, pieces)
        count = len(tree.keys)
        if not isinstance(x, dict if tree.kind is dict else (list, tuple)) or len(x) != count:
            raise TypeError(
                f"{name} needs {count} entries, each a number or an array of samples, got "
                f"{described(x)}: pass samples as an array of shape (samples, {count})"
            )
        entries = zip(tree.keys, tree.entries, strict=True)
        try:
            read = [_read(entry, x[key], f"{name}[{key!r}]", pieces) for key, entry in entries]
        except KeyError as missing:
            raise TypeError(
                f"{name} needs the key {missing}, got {', '.join(map(repr, x))}"
            ) from None
        return Tree(tree.kind, tree.keys, tuple(read))
    if shape is None:
        raise TypeError(
            f"{name} needs entries of different structure, got {described(x)}: pass a list"
        )
    array = x if type(x) is np.ndarray and x.dtype == np.float64 else _floats(x, name)
    axes = array.ndim - len(shape)
    if shape and array.shape[axes:] != shape:
        whole = f"(samples, {', '.join(map(str, shape))})"
        raise ValueError(f"{name} needs samples as an array of shape {whole}, got {described(x)}")
    pieces.append(Piece(name, array, prod(shape), array.shape[:axes]))
    return NUMBER


def _rows(shape: tuple[int, ...] | None, x: Sequence[Any], name: str) -> Array | None:
    """A list of rows as an array. Lists among numbers and arrays might be meant as columns, and are
    refused."""
    lists = [isinstance(item, (list, tuple)) for item in x]
    if not any(lists) or shape is None:
        return None
    if all(lists):
        return _floats(x, name)
    place = f"{name}[{lists.index(True)}]"
    raise TypeError(f"{place} needs a number or an array of samples: write np.array(...) around it")


def _floats(x: Any, name: str) -> Array:
    """Real numbers of every kind as floats; everything else is refused."""
    if isinstance(x, (str, bytes)) or x is None or hasattr(x, "operands"):
        return np.asarray(number(x, f"{name} needs numbers"))
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} needs numbers, got {described(x)}: {error}") from None
    if np.ma.is_masked(x):
        raise TypeError(f"{name} needs numbers, got a masked array: write x.filled(0.0)")
    if array.dtype.kind == "O":
        numbers = [number(item, f"{name} needs numbers") for item in array.ravel().tolist()]
        return np.array(numbers).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} needs real numbers, got {described(x)} of dtype {array.dtype}: convert them"
        )
    return array.astype(np.float64, copy=False)
