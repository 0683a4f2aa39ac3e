"""Blocks: rows of numbers as parts of an answer, in the structures in which arguments came.

A row belongs to a number of an argument; it has the axes of the batch, unless that is shared."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from autograd.recording.batch import Array, Batch, Samples, number_or_array
from autograd.tree import NUMBER, Tree, entries_of, like


def repeated(x: Any, way: Any) -> Any:
    """An argument with all the axes of its direction, if the two go together."""
    if type(way) is float:
        return x
    try:
        if (entries := entries_of(x)) is not None:
            ways = np.moveaxis(way, -1, 0) if isinstance(way, np.ndarray) else way
            fits = len(ways) == len(entries)
            return like(x, [repeated(y, ways[k]) for k, y in entries.items()]) if fits else x
        shape = np.shape(x)
        axes = np.broadcast_shapes(shape, np.shape(way))
    except (TypeError, KeyError, ValueError):
        return x
    return x if axes == shape else np.array(np.broadcast_to(x, axes))


def nested(outside: Tree, at: Samples, i: int, rows: Array, name: str) -> Any:
    """What belongs to an argument for each output, in the structure of all outputs."""
    batch, (tree, pieces) = at.batch, pieces_of(at, i)
    if outside.kind is None and tree is NUMBER:  # an array in an array
        axes = batch + outside.shape + pieces[0][1]
        return number_or_array(np.moveaxis(rows, (0, 1), (-2, -1)).reshape(axes))
    if rows.ndim == 2 and not any(tail for _, tail, _ in pieces):  # numbers of one sample
        items = [tree.build(row) for row in rows.tolist()]
    else:
        items = [as_given(at, i, row, batch) for row in rows]
    return of_outputs(outside, items, axes_of(at, (i,)), name)


def ends(trees: Sequence[Tree], places: Sequence[int] | None = None) -> list[int]:
    """Where the numbers of each argument (or of those at some places) begin among those of all of
    them, and where these end."""
    some = trees if places is None else map(trees.__getitem__, places)
    return [*accumulate((tree.size for tree in some), initial=0)]


def inputs(trees: Sequence[Tree], places: Sequence[int]) -> list[int]:
    """The inputs of a recording that belong to arguments."""
    first = ends(trees)
    return [k for i in places for k in range(first[i], first[i + 1])]


def split(trees: Sequence[Tree], places: Sequence[int], rows: Array, axis: int = 0) -> list[Array]:
    """Rows, or columns, of several arguments, those of each."""
    return np.split(rows, ends(trees, places)[1:-1], axis) if places else []


def axes_of(at: Samples, places: Sequence[int]) -> int:
    """How many axes samples of these arguments have together."""
    return sum(len(tail) for i in places for _, tail, _ in pieces_of(at, i)[1][:1])


def of_outputs(outside: Tree, items: list[Any], tail: int, name: str) -> Any:
    """An item for each output in the structure of all; its last axes, so many, are those of
    arguments, and what comes before them those of the batch."""

    def stacked(some: list[Any], tree: Tree) -> Any:
        if not some or hasattr(some[0], "tocsr"):  # none, or sparse ones, which do not stack
            return some
        axes = np.ndim(some[0]) - tail
        if not all(isinstance(item, (float, np.ndarray)) for item in some):
            needed = "need arguments that are arrays or numbers, not containers"
            raise TypeError(f"derivatives of {name}, which returns an array, {needed}")
        several = np.stack(some, axis=axes)
        shape = *several.shape[:axes], *tree.shape, *several.shape[axes + 1 :]
        return number_or_array(several.reshape(shape))

    return outside.build(items, stacked)


def sparse_matrix(values: Array, rows: Any, columns: Any, shape: tuple[int, ...]) -> Any:
    """Numbers and where they are, as a matrix of SciPy's."""
    try:
        from scipy.sparse import coo_array
    except ModuleNotFoundError:
        needed = "sparse=True needs SciPy: pip install 'glassgrad[sparse]', or pip install scipy"
        raise ModuleNotFoundError(needed, name="scipy") from None
    where = np.array(rows, dtype=int), np.array(columns, dtype=int)
    return coo_array((values, where), shape=shape).tocsr()


def pieces_of(at: Samples, i: int) -> tuple[Tree, list[tuple[Batch, Batch, int]]]:
    """How an argument was passed: its structure, and of each piece the axes of the batch, those of
    a sample, and how many numbers that is."""
    if i in at.shared:
        tree, array = at.shared[i]
        whole = array.shape, array.size
        return tree, [((), *whole)] if tree is NUMBER else [((), (), 1)] * tree.size
    some = at.pieces[at.ends[i] : at.ends[i + 1]]
    return at.structures[i], [(axes, np.shape(x)[len(axes) :], n) for _, x, axes, n in some]


def built(at: Samples, i: int, part: Callable[[slice, Batch, Batch], Any]) -> Any:
    """What belongs to an argument in its structure: a part for each piece of its rows."""
    tree, pieces = pieces_of(at, i)
    parts, first = [], 0
    for axes, tail, numbers in pieces:
        parts.append(part(slice(first, first + numbers), axes, tail))
        first += numbers
    return tree.build(parts)


def as_given(at: Samples, i: int, rows: Array, *more: Batch) -> Any:
    """Rows of an argument in its structure, of its axes and of more."""

    def part(own: slice, axes: Batch, tail: Batch) -> Any:
        return summed(rows[own], np.broadcast_shapes(axes, *more), tail)

    return built(at, i, part)


def rows_of(at: Samples, i: int) -> Array:
    """The numbers of an argument."""
    if i in at.shared:
        return at.shared[i][1].ravel()
    first, end = (sum(n for *_, n in at.pieces[: at.ends[k]]) for k in (i, i + 1))
    return at.columns[first:end].reshape(end - first, *at.batch)


def spread(rows: Array, batch: Batch) -> Array:
    """Rows for a larger batch, as an array of samples."""
    rows = rows.reshape(len(rows), *[1] * (len(batch) + 1 - rows.ndim), *rows.shape[1:])
    whole = np.broadcast_to(rows, (len(rows), *batch))
    return np.ascontiguousarray(whole.reshape(len(rows), prod(batch)).T)


def block(at: Samples, places: tuple[int, int], given: tuple[Any, Any], rows: Array) -> Any:
    """Rows of rows, of two arguments, in the structure of the second in that of the first."""
    (i, j), (x, y) = places, given
    if rows.ndim == 2 and not pieces_of(at, i)[0] == pieces_of(at, j)[0] == NUMBER:
        inside = Tree.of(y)
        return Tree.of(x).build([inside.build(row) for row in rows.tolist()])

    def outer(own: slice, mine: Batch, tail: Batch) -> Any:
        def inner(others: slice, theirs: Batch, more: Batch) -> Any:
            some = rows[own, others].reshape(-1, *rows.shape[2:])
            return summed(some, np.broadcast_shapes(mine, theirs), tail + more)

        return built(at, j, inner)

    return built(at, i, outer)


def summed(rows: Array, axes: Batch, tail: Batch) -> Any:
    """Rows as an array of samples, summed over the axes along which these were repeated."""
    batch = rows.shape[1:]
    if not batch:
        return number_or_array(rows.reshape(tail))
    extra = len(batch) - len(axes)
    over = tuple(k for k, n in enumerate(batch) if k < extra or axes[k - extra] != n)
    if over:
        rows = rows.sum(axis=tuple(k + 1 for k in over))
    return number_or_array(np.moveaxis(rows, 0, -1).reshape(axes + tail))
