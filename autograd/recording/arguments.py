"""Arguments: from what the caller passes to columns of samples, and gradients back to the caller's
shapes.

An example shows one sample. At replay a number of it may be a number or an array of samples; an
array of shape s may have any batch axes in front, (..., *s); a list, tuple or dict has one such
entry for each of its own, or is one array whose last axis runs over them. Batch axes broadcast as
NumPy's do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autograd.engine.notation import described
from autograd.engine.number import number

__all__ = [
    "Argument",
    "Array",
    "Batch",
    "answered",
    "batch_of",
    "built",
    "example_of",
    "flat",
    "number_or_array",
    "size",
    "structure",
    "summed_to",
]

Array = np.ndarray[Any, np.dtype[np.float64]]
Batch = tuple[int, ...]
# A number is (), an array its shape, a container its type, its keys and its entries.
Structure = Any


def structure(example: Any) -> Structure:
    """The structure of one sample.

    >>> structure([1.0, (2.0, 3.0)])[0], structure(np.zeros((2, 3)))
    (<class 'list'>, (2, 3))
    """
    if isinstance(example, dict):
        return dict, tuple(example), tuple(structure(x) for x in example.values())
    if isinstance(example, (list, tuple)):
        return type(example), tuple(range(len(example))), tuple(map(structure, example))
    return tuple(getattr(example, "shape", ()))


def example_of(x: Any, name: str = "x") -> Any:
    """The first sample of what a call passes: arrays lose their first axis, which runs over the
    samples.

    >>> example_of([np.array([[1.0, 2.0], [3.0, 4.0]]), 3.0])
    [array([1., 2.]), 3.0]
    """
    if isinstance(x, dict):
        return {key: example_of(item, f"{name}[{key!r}]") for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return _container(
            type(x), range(len(x)), iter([example_of(y, f"{name}[{i}]") for i, y in enumerate(x)])
        )
    if not getattr(x, "shape", ()):
        return x
    if not len(x):
        raise ValueError(f"{name} needs at least one sample, got {described(x)}")
    return x[0]


def _container(kind: type, keys: Sequence[Any], items: Iterator[Any]) -> Any:
    if kind is dict:
        return dict(zip(keys, items, strict=True))
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def size(tree: Structure) -> int:
    """How many numbers one sample has."""
    return prod(tree) if _is_leaf(tree) else sum(map(size, tree[2]))


def _is_leaf(tree: Structure) -> bool:
    return not tree or isinstance(tree[0], int)


def flat(x: Any) -> Iterator[Any]:
    """The numbers of one sample, in order."""
    if isinstance(x, dict):
        x = x.values()
    elif getattr(x, "shape", ()):
        x = x.ravel().tolist()
    elif not isinstance(x, (list, tuple)):
        yield x
        return
    for item in x:
        yield from flat(item)


def built(tree: Structure, numbers: Iterator[Any]) -> Any:
    """Numbers in a structure; arrays are arrays of objects."""
    if not _is_leaf(tree):
        kind, keys, entries = tree
        return _container(kind, keys, (built(entry, numbers) for entry in entries))
    if not tree:
        return next(numbers)
    array = np.empty(prod(tree), dtype=object)
    array[:] = [next(numbers) for _ in range(prod(tree))]
    return array.reshape(tree)


def answered(tree: Structure, columns: Iterator[Array]) -> Any:
    """What a replay computed, an array of the shape of the batch for each number, in the structure
    of the result.

    An array of shape s becomes one of shape (*batch, *s).

    >>> answered((list, (0, 1), ((), (2,))), iter(np.arange(6.0).reshape(3, 2)))[1].tolist()
    [[2.0, 4.0], [3.0, 5.0]]
    """
    if not _is_leaf(tree):
        kind, keys, entries = tree
        return _container(kind, keys, (answered(entry, columns) for entry in entries))
    if not tree:
        return number_or_array(next(columns))
    several = np.stack([next(columns) for _ in range(prod(tree))], axis=-1)
    return several.reshape(*several.shape[:-1], *tree)


@dataclass(frozen=True)
class Argument:
    """One argument of a program: its name and the structure of one sample."""

    name: str
    tree: Structure

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return size(self.tree)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of a sample that comes as one array; None if its numbers have a structure that
        arrays lack.
        """
        if _is_leaf(self.tree):
            return tuple(self.tree)
        return (len(self.tree[1]),) if all(entry == () for entry in self.tree[2]) else None

    @property
    def labels(self) -> list[str]:
        """The name of each of its numbers: ``x``, or ``x[0]``, ``x[1]`` ..."""
        return [self.name + place for place in self.places]

    @property
    def places(self) -> list[str]:
        """What stands after its name for each of its numbers: nothing, or ``[0]``, ``[1]`` ..."""
        return [""] if self.tree == () else list(_labels(self.tree, ""))

    def sample(self, x: Any) -> list[Any]:
        """The numbers of one sample, which may be Values."""
        if structure(x) != self.tree:
            raise TypeError(
                f"{self.name} needs one sample of the recorded structure beside Values, got {described(x)}: for "
                "batches record what takes the program's derivative, as in record(grad(program), *example)"
            )
        return list(flat(x))

    def columns(self, x: Any) -> tuple[Any, list[Array]]:
        """What the caller passed, as arrays of samples: how it was passed, and pieces of shape
        (*batch, numbers).
        """
        pieces: list[Array] = []
        return _read(self.tree, x, self.name, pieces), pieces


def _labels(tree: Structure, name: str) -> Iterator[str]:
    if _is_leaf(tree):
        places: Any = np.ndindex(tree)
        yield from (name + (f"[{', '.join(map(str, i))}]" if i else "") for i in places)
    else:
        for key, entry in zip(tree[1], tree[2], strict=True):
            yield from _labels(entry, f"{name}[{key!r}]")


def _read(tree: Structure, x: Any, name: str, pieces: list[Array]) -> Any:
    """Collect the arrays of samples of an argument; return how to give its gradient back, given the
    pieces' gradients.

    The way back is a function of the iterator over the gradients, in the order of the pieces.
    """
    if not _is_leaf(tree) and not getattr(x, "shape", ()):
        kind, keys, entries = tree
        if isinstance(x, (list, tuple)) and (rows := _rows(entries, x, name)) is not None:
            return _read(tree, rows, name, pieces)
        if not isinstance(x, dict if kind is dict else (list, tuple)) or len(x) != len(keys):
            raise TypeError(
                f"{name} needs {len(keys)} entries, each a number or an array of samples, got {described(x)}: "
                f"pass samples as an array of shape (samples, {len(keys)})"
            )
        if kind is dict and set(x) != set(keys):
            raise TypeError(
                f"{name} needs the keys {', '.join(map(repr, keys))}, got {', '.join(map(repr, x))}"
            )
        ways = [
            _read(entry, x[key], f"{name}[{key!r}]", pieces)
            for key, entry in zip(keys, entries, strict=True)
        ]
        return lambda gradients: _container(kind, keys, (way(gradients) for way in ways))
    shape = tree if _is_leaf(tree) else (len(tree[1]),)
    if not _is_leaf(tree) and any(entry != () for entry in tree[2]):
        raise TypeError(
            f"{name} needs {len(tree[1])} entries of different structure, got {described(x)}: pass a list"
        )
    array = x if type(x) is np.ndarray and x.dtype == np.float64 else _floats(x, name)
    if shape and array.shape[array.ndim - len(shape) :] != shape:
        raise ValueError(
            f"{name} needs samples of shape {shape}, so an array of shape (samples, {', '.join(map(str, shape))}), "
            f"got {described(x)}"
        )
    pieces.append(
        array.reshape((*array.shape[: array.ndim - len(shape)], prod(shape)))
        if shape != ()
        else array[..., None]
    )
    return lambda gradients: number_or_array(next(gradients).reshape(array.shape))


def _rows(entries: tuple[Structure, ...], x: Sequence[Any], name: str) -> Array | None:
    """A list of rows as an array. Lists among numbers and arrays might be meant as columns, and are
    refused.
    """
    lists = [isinstance(item, (list, tuple)) for item in x]
    if not any(lists) or not all(entry == () for entry in entries):
        return None
    if all(lists):
        return _floats(x, name)
    raise TypeError(
        f"{name}[{lists.index(True)}] needs a number or an array of samples, got "
        f"{described(x[lists.index(True)])}: write np.array(...) around it"
    )


def number_or_array(gradient: Array) -> Any:
    return gradient if gradient.shape else float(gradient)


def _floats(x: Any, name: str) -> Array:
    """Real numbers of every kind as floats; everything else is refused."""
    if isinstance(x, (str, bytes)) or x is None or hasattr(x, "operands"):
        return np.float64(number(x, f"{name} needs numbers"))  # type: ignore[return-value]
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} needs numbers or arrays of numbers, got {described(x)}: {error}"
        ) from None
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise TypeError(
            f"{name} needs numbers, got a masked array: write x.compressed(), or x.filled(0.0)"
        )
    if array.dtype.kind == "O":
        numbers = [number(item, f"{name} needs numbers") for item in array.ravel().tolist()]
        return np.array(numbers).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} needs real numbers, got {described(x)} of dtype {array.dtype}: {_remedy(array)}"
        )
    return array.astype(np.float64, copy=False)


def _remedy(array: Any) -> str:
    if array.dtype.kind == "c":
        return "write .real or abs(...)"
    return (
        "write .astype(float)"
        if array.dtype.kind in "US"
        else "say in which unit, as x / np.timedelta64(1, 's')"
    )


def batch_of(shapes: list[tuple[str, Batch]], name: str) -> Batch:
    """The batch that the arguments' batches broadcast to; one sentence if they do not, or if it is
    empty.

    >>> batch_of([("x", (3, 1)), ("y", (4,))], "f")
    (3, 4)
    """
    try:
        batch = np.broadcast_shapes(*(shape for _, shape in shapes))
    except ValueError:
        told = " and ".join(
            dict.fromkeys(f"{argument} {shape}" for argument, shape in shapes if shape)
        )
        raise ValueError(
            f"{name} needs arguments whose samples go together, got batches of shape {told}"
        ) from None
    if 0 in batch:
        empty = next(argument for argument, shape in shapes if 0 in shape)
        raise ValueError(f"{name} needs at least one sample, got an empty batch: {empty} has none")
    return batch


def summed_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of something that was broadcast: summed over the axes along which it was
    repeated.
    """
    extra = gradient.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        extra + i for i, n in enumerate(shape) if n == 1 and gradient.shape[extra + i] != 1
    )
    return gradient.sum(axis=axes, keepdims=True).reshape(shape) if axes else gradient
