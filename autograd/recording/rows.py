"""Rows: how printed code gets at nodes, as slices of the arrays that hold them wherever that will
do.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.recording.layout import Layout

__all__ = ["Rows"]

Run = tuple[
    str, int, int, int
]  # an array, its rows from and to, and at which of the nodes asked for they begin


class Rows:
    """Code as it is written, line by line, with expressions for the rows of nodes."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.folded = layout, layout.folded
        self.lines: list[str] = []
        self.tables: dict[str, Any] = {}
        self.bound: dict[str, str] = {}
        self.sized = False  # whether the code needs n, the number of samples

    def runs(self, nodes: Sequence[int]) -> list[Run]:
        """The nodes as stretches of consecutive rows."""
        runs: list[Run] = []
        place = self.layout.place
        for at, node in enumerate(nodes):
            array, row = place[node]
            if runs and runs[-1][0] == array and runs[-1][2] == row:
                runs[-1] = array, runs[-1][1], row + 1, runs[-1][3]
            else:
                runs.append((array, row, row + 1, at))
        return runs

    def segments(self, nodes: Sequence[int]) -> list[tuple[str, list[int], int]]:
        """The nodes as stretches of rows of one array: the array, the rows, and where they begin."""
        segments: list[tuple[str, list[int], int]] = []
        for array, start, stop, at in self.runs(nodes):
            if segments and segments[-1][0] == array:
                segments[-1][1].extend(range(start, stop))
            else:
                segments.append((array, list(range(start, stop)), at))
        return segments

    def slice(self, array: str, rows: list[int]) -> str:
        """Rows of an array."""
        if rows == list(range(rows[0], rows[-1] + 1)):
            whole = len(rows) == self.layout.height[array]
            return array if whole else f"{array}[{rows[0]}:{rows[-1] + 1}]"
        return f"{array}[{self.table(rows)}]"

    def table(self, rows: list[int]) -> str:
        """The name of an array of indices."""
        for name, array in self.tables.items():
            if name != "c" and array.tolist() == rows:
                return name
        name = f"i{len(self.tables)}"
        self.tables[name] = np.array(rows)
        return name

    def rows(self, nodes: Sequence[int]) -> str:
        """An expression for the nodes, one below the other; a number is itself."""
        numbers = self.folded.numbers
        if len(set(nodes)) == 1:
            if nodes[0] in numbers:
                return self.literal(numbers[nodes[0]])
            nodes = nodes[:1]
        segments = self.segments(nodes)
        if len(segments) == 1:
            return self.slice(segments[0][0], segments[0][1])
        mixed = len({self.layout.wide[array] for array, _, _ in segments}) > 1
        parts = []
        for array, rows, _ in segments:
            part = self.slice(array, rows)
            narrow = mixed and not self.layout.wide[array]
            self.sized |= narrow
            parts.append(f"np.broadcast_to({part}, ({len(rows)}, n))" if narrow else part)
        return f"np.concatenate([{', '.join(parts)}])"

    def literal(self, x: float) -> str:
        return (
            repr(x)
            if x - x == 0
            else f"np.{x!r}"
            if x == x and x > 0
            else f"-np.{-x!r}"
            if x == x
            else "np.nan"
        )

    def bind(self, expression: str, prefix: str) -> str:
        """A name for what takes time to gather, because the reverse pass needs it again."""
        if "i" not in expression and "(" not in expression:
            return expression
        if expression not in self.bound:
            self.bound[expression] = f"{prefix}{len(self.bound) + 1}"
            self.lines.append(f"{self.bound[expression]} = {expression}")
        return self.bound[expression]

    def gathered(self, nodes: Sequence[int]) -> str:
        """The nodes' rows, every one of them even if they are all the same (but a number is
        itself).
        """
        text = self.rows(nodes)
        if len(nodes) > 1 and len(set(nodes)) == 1 and nodes[0] not in self.folded.numbers:
            return f"np.repeat({text}, {len(nodes)}, axis=0)"
        return text
