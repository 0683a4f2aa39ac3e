"""What a file holds that is packed, and the text of its bytes."""

import codecs
import gzip
import io
import zipfile
import zlib

from nn.checks import counted, printable
from nn.data.table import DataError, quoted

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
BOMS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # after those of 32
WORKBOOK = "xl/workbook.xml"  # what each .xlsx holds, which is a .zip


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
