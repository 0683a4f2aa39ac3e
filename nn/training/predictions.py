"""What a model answers to many rows: replayed as a whole where it can be recorded, else row by row."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import GraphError, no_grad
from nn.metrics import numbers

__all__ = ["answers"]


def answers(model: Callable[[Any], Any], rows: Sequence[Sequence[float]]) -> list[Any]:
    """The model's output for each row, a float or a list of floats: those of ``predict``, up to
    rounding.

    >>> from nn import MLP
    >>> model = MLP(2, [8, 1], seed=0)
    >>> answers(model, [[1.0, 2.0]]) == [model([1.0, 2.0]).data]
    True
    """
    replayed = _replayed(model, rows)
    if replayed is not None:
        return replayed
    with no_grad():
        return [numbers(model(row)) for row in rows]


def _replayed(model: Callable[[Any], Any], rows: Sequence[Sequence[float]]) -> list[Any] | None:
    """The outputs by replay, or None where the model cannot be recorded."""
    if len(rows) < 2:  # a recording is two rows
        return None
    try:
        import numpy as np

        from autograd import record  # here, because it needs NumPy

        columns = record(model, list(rows[0]), engine="numpy")(np.array(rows, dtype=float))
    except (
        GraphError,
        ImportError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):
        return None
    several = isinstance(columns, (list, tuple))
    if not all(np.shape(column) == (len(rows),) for column in (columns if several else [columns])):
        return None  # nested, or the same for all rows
    if not several:
        return columns.tolist()  # type: ignore[no-any-return]
    return list(map(list, zip(*(column.tolist() for column in columns), strict=True)))
