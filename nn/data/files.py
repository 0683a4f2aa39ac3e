"""The bytes of a file or pipe, unpacked; their text, or the rows of a workbook."""

import codecs
import gzip
import io
import os
import stat
import warnings
import zipfile
import zlib

from nn.checks import Unusable, counted, printable
from nn.data.cells import text_of
from nn.data.table import DataError, quoted

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
BOMS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # after those of 32
OTHERS = {b"BZh91AY": "a .bz2", b"\xfd7zXZ": "an .xz", b"\x28\xb5\x2f\xfd": "a .zst"}
OTHERS |= {b"7z\xbc\xaf": "a .7z", b"\xd0\xcf\x11\xe0": "an old .xls", b"%PDF-": "a PDF"}
OTHERS |= {b"PAR1\x15": "a Parquet file", b"SQLite format": "a database"}
OTHERS |= {b"\x89HDF": "an HDF5 file"}
WORKBOOK = "xl/workbook.xml"  # what each .xlsx holds, which is a .zip


def read_bytes(path: str, limit: int, error: type[Unusable]) -> bytes:
    """All that is in a file or pipe, up to ``limit``; what cannot be read raises such an error."""
    name = printable(path, 300)
    wait = getattr(os, "O_NONBLOCK", 0)  # or a pipe without a writer would be waited for
    try:
        with open(path, "rb", buffering=0, opener=lambda at, how: os.open(at, how | wait)) as raw:
            mode, first = os.fstat(raw.fileno()).st_mode, b""
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                raise ValueError("a device: copy it into a file")
            if stat.S_ISFIFO(mode):
                first = raw.read(1)  # None, if there is a writer that has not written yet
                if first == b"":
                    raise ValueError("a pipe that nobody writes to")
                os.set_blocking(raw.fileno(), True)
            with io.BufferedReader(raw) as file:
                content = (first or b"") + file.read(limit + 1)
    except (OSError, ValueError) as failed:  # the latter of a NUL, too
        need, came = "a file that can be read", getattr(failed, "strerror", None) or failed
        raise error.at(name, need, f"'{came}'", "check the path and its permissions") from None
    if len(content) > limit:
        raise error.at(name, f"a file of at most {limit} bytes", "more", "pass a larger limit")
    return content


def unpacked(name: str, content: bytes, limit: int) -> bytes:
    """What a .gz, or a .zip of one file, holds; other bytes, and workbooks, as they are."""
    if content[:2] not in (b"\x1f\x8b", b"PK"):
        return content
    packed, found = io.BytesIO(content), b""
    try:
        if content[:2] == b"PK":
            with zipfile.ZipFile(packed) as folder:
                files = [file for file in folder.infolist() if not file.is_dir()]
                names = [file.filename for file in files]
                if WORKBOOK in names and sum(file.file_size for file in files) <= limit:
                    return content
                own = [each for each in names if not each.startswith("__MACOSX/")]
                if WORKBOOK not in names and len(own) != 1:
                    came = f"{counted(len(own), 'file')} {quoted(own, 4)}".strip()
                    raise DataError.at(name, "a .zip of one file", came, "unpack the one to read")
                with folder.open(own[0]) as file:
                    found = file.read(limit + 1)
        else:
            with gzip.GzipFile(fileobj=packed) as whole:
                found = whole.read(limit + 1)
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        need, came = "a packed file that is whole", f"'{printable(error, 80)}'"
        raise DataError.at(name, need, came, "unpack it by hand") from None
    if len(found) > limit or (content[:2] == b"PK" and WORKBOOK in names):
        raise DataError.at(name, f"a file of at most {limit} bytes", "more", "pass a larger limit")
    return found


def decoded(name: str, content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text of bytes, and a note on the encoding if it was a guess.

    Without an `encoding`: that of a byte order mark, UTF-16 where every other byte is zero, UTF-8,
    and cp1252, the one of Western Windows, if they are no UTF-8."""
    if kind := next((kind for mark, kind in OTHERS.items() if content.startswith(mark)), ""):
        need = "CSV text, packed as .gz or .zip or not, or an .xlsx"
        raise DataError.at(name, need, kind, "save it as CSV")
    codec = encoding or next((BOMS[bom] for bom in BOMS if content.startswith(bom)), "")
    if not codec and (head := content[:400]) and 2 * max(zeros(head)) > 0.4 * len(head):
        codec = "utf-16-be" if zeros(head)[0] > zeros(head)[1] else "utf-16-le"
    try:
        return content.decode(codec or "utf-8"), ""
    except LookupError:
        remedy = "pass encoding='utf-8' or encoding='cp1252'"
        raise DataError.of("encoding", "a name that Python knows", repr(encoding), remedy) from None
    except UnicodeDecodeError as error:
        # the dot stands for the byte, which may begin a line
        line = len((error.object[: error.start] + b".").splitlines())
        byte, where = f"0x{error.object[error.start]:02x}", f"{name} line {line}"
        if not codec:
            try:
                note = f"line {line} is not UTF-8: read as cp1252 (pass encoding='...' for another)"
                return content.decode("cp1252"), note
            except UnicodeDecodeError:
                pass
        need = f"{'UTF-8' if codec in ('', 'utf-8-sig') else codec} text"
        raise DataError.at(where, need, f"the byte {byte}", "save the file as UTF-8") from None


def zeros(head: bytes) -> tuple[int, int]:
    """How many bytes are zero at even and at odd places."""
    return head[::2].count(0), head[1::2].count(0)


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a .zip that holds a workbook."""
    return content[:2] == b"PK" and WORKBOOK.encode() in content


def workbook_rows(name: str, content: bytes) -> tuple[list[tuple[int, list[str]]], str]:
    """The rows of the first sheet that has some, by their numbers, and a note on other sheets."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        remedy = "pip install 'glassgrad[files]', or save the sheet as CSV"
        raise DataError.at(name, "openpyxl to read a workbook", "none installed", remedy) from None
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
