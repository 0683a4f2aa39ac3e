"""Gathered: rows of an array by index, as an argument of a program."""

from typing import Any

import numpy as np

from autograd.engine.notation import described
from autograd.recording.reading import floats


class Gathered:
    """What ``array[indices]`` is, as an argument of a program, which in C reads the rows where they
    lie, at each call, instead of a copy of them.

    indices: whole numbers, an axis of samples first. Raises TypeError for others, and for what is
    no array of numbers; a call raises IndexError for rows that are not there.

    >>> from autograd import Gathered, record
    >>> program = record(lambda pair: pair[0] * pair[1], np.zeros(2))
    >>> program(Gathered(np.array([1.0, 2.0, 5.0]), [[0, 1], [2, 2]]))
    array([ 2., 25.])
    """

    def __init__(self, array: Any, indices: Any) -> None:
        self._array, at = np.require(floats(array, "Gathered"), None, "A"), np.asarray(indices)
        if not self._array.ndim:
            raise TypeError(f"Gathered needs an array of rows, got {described(array)}")
        if not at.ndim or at.dtype.kind not in "iu":
            needed = "Gathered needs an array of whole numbers as indices, samples first, got"
            raise TypeError(f"{needed} {described(indices)}")
        self._indices = np.require(at, np.intp, ["C", "ALIGNED"])
        self.shape = self._indices.shape + self._array.shape[1:]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        try:
            found = self._array[self._indices]
        except IndexError:
            least, most, rows = self._indices.min(), self._indices.max(), len(self._array)
            bad = most if most >= rows else least
            raise IndexError(f"Gathered needs indices of its {rows} rows, got {bad}") from None
        return found.astype(dtype or float, copy=False)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, place: Any) -> Any:
        return np.asarray(self)[place]

    def __repr__(self) -> str:
        return f"<Gathered from {described(self._array)} by {described(self._indices)}>"
