"""The rows of an .xlsx workbook, by openpyxl."""

import io
import warnings

from nn.checks import printable
from nn.data.cells import text_of
from nn.data.packed import WORKBOOK
from nn.data.table import DataError, quoted


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a .zip that holds a workbook."""
    return content[:2] == b"PK" and WORKBOOK.encode() in content


def workbook_rows(name: str, content: bytes) -> tuple[list[tuple[int, list[str]]], str]:
    """The rows of the first sheet that has some, by their numbers, and a note on other sheets."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        remedy = "pip install 'glassgrad[files]', or save the sheet as CSV"
        need = "openpyxl to read a workbook"
        raise DataError.at(name, need, "none installed", remedy) from None
    try:
        # of styles and the like
        with warnings.catch_warnings(action="ignore"):
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets = {sheet.title: sheet.iter_rows(values_only=True) for sheet in book.worksheets}
            found = {title: [[*map(text_of, row)] for row in sheets[title]] for title in sheets}
    except Exception as error:  # whatever it is that openpyxl makes of a damaged file
        came = f"'{printable(error, 80)}'"
        raise DataError.at(name, "a whole workbook", came, "save the sheet as CSV") from None
    full = {title: rows for title, rows in found.items() if any(map(any, rows))}
    title, rows = next(iter(full.items()), ("", []))
    others = [other for other in full if other != title]
    note = f"sheet {quoted([title])} is read, and {quoted(others, 4)} left out" if others else ""
    return [(i, cells) for i, cells in enumerate(rows, 1) if any(cells)], note
