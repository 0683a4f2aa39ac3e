"""Your own rows, from a file or a frame, as a Dataset."""

from collections.abc import Sequence
from typing import Any

from nn.data.csv_reader import LIMIT, Reading, read_table
from nn.data.dataset import Dataset
from nn.data.frames import frame_table, is_frame
from nn.data.prepared import prepared
from nn.data.table import DataError

__all__ = ["load_csv"]


def load_csv(
    path: Any,
    target: str | int = -1,
    header: bool | None = None,
    delimiter: str | None = None,
    classification: bool | None = None,
    *,
    ignore: Sequence[str] = (),
    keep: Sequence[str] = (),
    missing: str = "fill",
    skip_bad: bool = False,
    decimal: str | None = None,
    dates: str | None = None,
    encoding: str | None = None,
    limit: int = LIMIT,
) -> Dataset:
    r"""Your own CSV file, .xlsx workbook, or pandas or polars frame as a Dataset of numbers.

    `target` is a column's name, or its index from 0 (negative: from the end). How the file is
    written is found, see `nn.data.csv_reader.read_table`; what the columns are taken for, see
    `nn.data.columns`: text of few different values becomes a feature for each, a date its year,
    month and weekday; what cannot tell anything is left out, unless it is to `keep`. What was done
    is in `data.columns` and `data.notes`. `missing` cells are filled, by `data.split` again from
    the rows to learn from, or their rows dropped ("drop"). A `classification` of None takes text
    labels as classes, and numbers too if they are whole, at most 20 different ones, and two rows
    for each on average; other numbers are the targets of a regression. Classes are numbered in the
    sorted order of their labels: text by code point, numbers by size. What is unclear raises a
    DataError with the line, and so does a file of more than `limit` bytes.

    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pond.csv")
    ...     _ = path.write_text("width,height,kind\n3,4,newt\n1,2,frog\n")
    ...     pond = load_csv(path)
    >>> pond, pond.targets
    (Dataset(2 rows x 2 features, 2 classes: frog, newt), [1, 0])
    """
    header = True if header is None and isinstance(target, str) else header
    how = Reading(header, delimiter, decimal, encoding, skip_bad)
    if is_frame(path):
        how.check("the frame")
        table = frame_table(path, decimal, {})
    else:
        table = read_table(path, how, limit)
    if isinstance(target, str) and not table.header:
        need = f'a header to find the target "{target}" by name'
        raise DataError.at(table.path, need, "header=False", "pass its index")
    place = table.index(target)
    ignored = {table.index(name) for name in ignore}
    found = prepared(table, place, classification, ignored, keep, missing, skip_bad, dates)
    return Dataset(**found.fields)
