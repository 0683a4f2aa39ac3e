"""The gradient of a determinant, expanded by minors along the first row.

A minor of the last rows is determined by its columns. Those that several minors need are computed
once where the definition remembers them, or where the tool finds out."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd import record, total

SIZES = [{"n": n} for n in (4, 5, 7, 9, 11, 13)]


def determinant(matrix: Any) -> Any:
    @cache
    def minor(columns: tuple[int, ...]) -> Any:
        row = matrix[-len(columns)]
        if len(columns) == 1:
            return row[columns[0]]
        terms = [
            (-row[j] if i % 2 else row[j]) * minor((*columns[:i], *columns[i + 1 :]))
            for i, j in enumerate(columns)
        ]
        return total(terms)

    return minor(tuple(range(len(matrix))))


def data(n: int) -> dict[str, Any]:
    return {"matrix": np.random.default_rng(0).random((n, n))}


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    matrix = data["matrix"]
    program = record(determinant, matrix)
    return lambda: program.value_and_grad(matrix)[1][0]


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    """The cofactors."""
    matrix = data["matrix"]
    return lambda: np.linalg.det(matrix) * np.linalg.inv(matrix).T
