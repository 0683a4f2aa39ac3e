"""Batches: samples that a call passes, and gradients and values back in the caller's shapes."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import prod
from sys import maxsize
from typing import Any

import numpy as np

from autograd.tree import NUMBER, Tree

EVERYTHING, EACH = 4, 4  # in C, see calls.c and given.h
Array = np.ndarray[Any, np.dtype[np.float64]]
Batch = tuple[int, ...]


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
        return number_or_array(values.T.reshape((*batch, *tree.shape)))
    return assembled(tree, [number_or_array(row.reshape(batch)) for row in values])


def assembled(tree: Tree, rows: Sequence[Any]) -> Any:
    """A number or an array of samples for each number of the result, in its structure."""

    def stacked(items: list[Any], tree: Tree) -> Any:
        if not items:
            return np.empty((*np.shape(rows[0]), *tree.shape))
        several = np.stack([np.asarray(item) for item in items], axis=-1)
        return number_or_array(several.reshape((*several.shape[:-1], *tree.shape)))

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
    def alike(self) -> list[Array]:
        """The numbers that all samples share, of each shared argument."""
        return [array.ravel() for _, array in self.shared.values()]

    @property
    def numbers(self) -> Array:
        """Those of all of them."""
        return np.concatenate([*self.alike, np.empty(0)])

    @cached_property
    def columns(self) -> Array:
        """All as one array, a row a number and a column a sample."""
        columns, row = np.empty((sum(piece[3] for piece in self.pieces), self.count)), 0
        for _, array, mine, numbers in self.spread():
            columns[row : row + numbers] = np.reshape(array, (prod(mine), numbers)).T
            row += numbers
        return columns

    def at(self, some: Array) -> "Samples":
        """Those at some places of the batch."""
        part = Samples(self.labels)
        part.batch, part.count, part.shared = some.shape, len(some), self.shared
        part.pieces = [("", self.columns[:, some].T, some.shape, len(self.columns))]
        part.ends = [0] * len(self.ends)  # of one piece, which is no argument's
        return part

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

    def in_c(self, arguments: Sequence[int], in_rows: bool) -> tuple[tuple[Array, ...], memoryview]:
        """The pieces, and what C is to know of a call with them, see ``calls.c``."""
        given, facts, wanted = list[Array](), list[int](), [*self.places(arguments)]
        for _, x, mine, numbers in self.spread():
            own = np.array([x]) if type(x) is float else x
            own = own.reshape((self.count, numbers) if mine else numbers)
            given.append(own if own.flags.aligned else own.copy())
            facts += False, EACH, 1, numbers
        head = len(given), EVERYTHING, False, in_rows, maxsize, len(wanted)
        facts = [*head, *chain(*[(k, 0) for k in wanted]), *facts]
        return tuple(given), np.array(facts, np.intp).data

    def parts(self, arguments: Sequence[int], grads: Array) -> list[Any]:
        """Rows of the grads by these arguments, by pieces."""
        parts, row = list[Any]([None] * len(self.pieces)), 0
        for k in self.places(arguments):
            numbers = self.pieces[k][3]
            parts[k] = grads[row : row + numbers].T
            row += numbers
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
        batch, shape = self.batch, getattr(x, "shape", ())
        if mine != batch:  # summed over the axes along which it was repeated
            extra = len(batch) - len(mine)
            axes = tuple(i for i, n in enumerate(batch) if i < extra or mine[i - extra] != n)
            # In one order of adding up, however the engine has laid them.
            part = np.asfortranarray(part).reshape(*batch, numbers).sum(axis=axes)
        return number_or_array(part if part.shape == shape else part.reshape(shape))
