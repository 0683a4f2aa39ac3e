"""Signatures: the arguments of a call, by place or by name, read as one array of samples, and
gradients given back.
"""

from math import prod
from typing import Any

import numpy as np

from autograd.recording.arguments import Argument, Array, Batch, batch_of, summed_to

__all__ = ["Signature", "given_back"]


class Signature:
    """The arguments of a program."""

    def __init__(self, name: str, arguments: list[Argument]) -> None:
        self.name, self.arguments = name, arguments
        self.sizes = [argument.size for argument in arguments]
        self.shapes = [argument.shape for argument in arguments]
        self.labels = [label for argument in arguments for label in argument.labels]

    def in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments by place, some of which were given by name; one sentence if one is missing,
        or too many.
        """
        if not named and len(args) == len(self.arguments):
            return args
        rest = [argument.name for argument in self.arguments[len(args) :]]
        strangers = [name for name in named if name not in rest]
        missing = [name for name in rest if name not in named]
        if strangers or missing or len(args) > len(self.arguments):
            what = f": {', '.join(missing)} missing" if missing else ""
            what = f": {strangers[0]} is not one of those that are left" if strangers else what
            raise TypeError(f"{self._needs()}, got {len(args) + len(named)}{what}")
        return (*args, *(named[name] for name in rest))

    def _needs(self) -> str:
        names = [argument.name for argument in self.arguments]
        return (
            f"{self.name} needs {len(names)} argument{'s' * (len(names) != 1)} ({', '.join(names)})"
        )

    def columns(self, args: tuple[Any, ...]) -> tuple[Array, Batch, list[Any]]:
        """The arguments as one array of a row a number and a column a sample; their batch; and the
        ways back.
        """
        if self._are_plain(args):
            samples = len(args[0])
            columns, row = np.empty((len(self.labels), samples)), 0
            for x, count in zip(args, self.sizes, strict=True):
                columns[row : row + count] = x.reshape(samples, count).T
                row += count
            return columns, (samples,), []
        ways: list[Any] = []
        pieces: list[Array] = []
        for argument, x in zip(self.arguments, args, strict=True):
            way, arrays = argument.columns(x)
            ways.append((way, [array.shape for array in arrays]))
            pieces += arrays
        batch = pieces[0].shape[:-1] if pieces else ()
        if any(array.shape[:-1] != batch for array in pieces) or 0 in batch:
            batch = batch_of(
                [
                    (argument.name, shape[:-1])
                    for argument, (_, shapes) in zip(self.arguments, ways, strict=True)
                    for shape in shapes
                ],
                self.name,
            )
        samples = prod(batch)
        columns, row = np.empty((len(self.labels), samples)), 0
        for array in pieces:
            count = array.shape[-1]
            whole = array if array.shape[:-1] == batch else np.broadcast_to(array, (*batch, count))
            columns[row : row + count] = whole.reshape(samples, count).T
            row += count
        return columns, batch, ways

    def _are_plain(self, args: tuple[Any, ...]) -> bool:
        """Whether all are arrays of floats with one axis of as many samples, as in training: no
        need to ask further.
        """
        samples = -1
        for x, shape in zip(args, self.shapes, strict=True):
            if (
                type(x) is not np.ndarray
                or x.dtype.char != "d"
                or x.shape[1:] != shape
                or not x.shape
            ):
                return False
            if len(x) != samples:
                if samples >= 0 or not len(x):
                    return False
                samples = len(x)
        return samples > 0


def given_back(grads: Array, batch: Batch, ways: list[Any]) -> tuple[Any, ...]:
    """The gradients in the shapes in which the arguments came."""
    answers, row = [], 0
    for way, shapes in ways:
        pieces = []
        for shape in shapes:
            piece = grads[row : row + shape[-1]].T.reshape(*batch, shape[-1])
            pieces.append(summed_to(piece, shape))
            row += shape[-1]
        answers.append(way(iter(pieces)))
    return tuple(answers)
