"""A data frame of pandas or polars as a table, whose texts are read as those of a file."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from nn.data.cells import text_of
from nn.data.notation import Marks, rewritten
from nn.data.table import DataError, Table, quoted


def is_frame(data: Any) -> bool:
    """Whether something is a table of columns by name, as pandas and polars have them."""
    return hasattr(data, "columns") and hasattr(data, "shape") and not isinstance(data, type)


def frame_table(frame: Any, decimal: str | None, learned: Mapping[str, Marks]) -> Table:
    """The cells of a frame, which is not imported for it; decimal, learned: as ``Reading`` has
    them."""
    columns = [text_of(name) for name in frame.columns]
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        need, came = "a different name for each column", f"{quoted(twice[:1])} more than once"
        raise DataError.at("the frame", need, came, "rename all but one")
    series = [frame[name] for name in frame.columns]
    cells = [map(text_of, x.to_list() if hasattr(x, "to_list") else x) for x in series]
    rows = [list(row) for row in zip(*cells, strict=True)]
    if not rows:
        raise DataError.at("the frame", "rows of data", "none")
    found = rewritten(columns, rows, "\t", decimal, learned)
    facts: Any = {"notes": found.notes, "marks": found.marks, "known": found.numbers}
    return Table("the frame", columns, rows, list(range(len(rows))), line="row", **facts)
