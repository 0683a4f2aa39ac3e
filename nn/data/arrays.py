"""Rows as arrays of NumPy, which is imported where they are asked for."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from nn.data.numbers import warn_of_rounding


def arrays_of(features: Any, targets: Any, width: int, classes: int) -> tuple[Any, ...]:
    """Copies of rows that came as an array of numbers, and of their targets; () if something else
    came, or if they are not what a Dataset of so many features and classes needs (0: any)."""
    if not _is_array(features, 2) or not features.size:
        return ()
    if not _is_array(targets, 1) and not (
        isinstance(targets, list) and {*map(type, targets)} <= {float, int}
    ):
        return ()
    import numpy as np

    x, y = np.array(features, float, order="C"), np.array(targets, float)
    fits = len(y) == len(x) and x.shape[1] == (width or x.shape[1])
    is_known = not classes or np.isin(y, np.arange(classes)).all()
    for given, found in ((features, x), (targets, y)):
        far = np.abs(found) > 2**53
        if far.any():
            pairs = np.asarray(given)[far].tolist(), found[far].tolist()
            warn_of_rounding(zip(*pairs, strict=True))
    return (x, y) if fits and is_known and np.isfinite(x).all() and np.isfinite(y).all() else ()


def _is_array(x: Any, axes: int) -> bool:
    # by name, since a masked array, a matrix or a tensor is something else
    known = f"{type(x).__module__}.{type(x).__name__}" in ("numpy.ndarray", "numpy.memmap")
    return known and x.dtype.kind in "fiub" and x.ndim == axes


def taken(arrays: Sequence[Any], rows: Sequence[int]) -> tuple[Any, ...]:
    """These rows of each."""
    import numpy as np

    if isinstance(rows, range):  # at once
        at = np.arange(rows.start, rows.stop, rows.step)
    else:
        at = np.array(rows, int)
    return tuple(array[at] for array in arrays)


def as_array(rows: Sequence[Sequence[float]]) -> Any:
    """Rows of features as an array."""
    import numpy as np

    shape = len(rows), len(rows[0])
    return np.fromiter(chain.from_iterable(rows), float, shape[0] * shape[1]).reshape(shape)


def joined(parts: Sequence[Any]) -> Any:
    """Several lists or arrays as one: an array if all are."""
    if not all(hasattr(part, "shape") for part in parts):
        return [*chain(*parts)]
    import numpy as np

    return np.concatenate(parts)


def in_rows(outputs: Any) -> Any:
    """The outputs of a program as an array, a row for each of the model's if it gives several."""
    if not isinstance(outputs, (list, tuple)):
        return outputs
    import numpy as np

    found = np.empty((len(outputs[0]), len(outputs)))
    for k, column in enumerate(outputs):  # a third of what np.stack takes
        found[:, k] = column
    return found
