"""Files, written beside and then moved into place; and JSON in them, read with suspicion.

A JSON file is headed by ``format``, ``version`` and ``digest``, the SHA-256 of the rest. Nothing in
a file is ever executed."""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from errno import EDQUOT, EFBIG, ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

from nn.checks import Unusable, file_name, printable
from nn.data.files import read_bytes

READERS = {
    "glassgrad model": "load(path)",
    "glassgrad predictor": "load_predictor(path)",
    "glassgrad checkpoint": "train(..., checkpoint=path)",
}
LIMIT = 10_000_000  # bytes of a file that is read, unless the caller says more
VERSION = 1

PathLike = str | os.PathLike[str]


class StoreError(Unusable):
    """A file that cannot be written, or read as what it should be."""

    __module__ = "nn.io.models"  # where users find it


def damaged(name: str, what: str) -> StoreError:
    """The StoreError for a file that is not as it was written."""
    need, came = "a whole file as it was written", f"a damaged one ({printable(what, 100)})"
    return StoreError.at(printable(name), need, came, "save it again")


def unwritten(name: str, error: Exception) -> StoreError:
    """The StoreError for a file that the system did not write."""
    if isinstance(error, StoreError):  # which says it already
        return error
    came = getattr(error, "strerror", None) or error
    is_full = getattr(error, "errno", None) in (ENOSPC, EDQUOT, EFBIG)
    do = "make room there" if is_full else "check the path and its permissions"
    return StoreError.at(printable(name, 300), "a place that can be written", f"'{came}'", do)


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of what a file holds beside its head."""
    rest = {name: x for name, x in content.items() if name not in ("format", "version", "digest")}
    return sha256(json.dumps(rest, allow_nan=False, sort_keys=True).encode()).hexdigest()


def write_json(
    path: PathLike, kind: str, content: Mapping[str, Any], *, indent: int | None = None
) -> None:
    """Write an object as JSON under its head; see ``write_text``."""
    head = {"format": f"glassgrad {kind}", "version": VERSION, "digest": digest(content)}
    write_text(path, json.dumps(head | dict(content), allow_nan=False, indent=indent) + "\n")


def write_text(path: PathLike, text: str | bytes, *, dry_run: bool = False) -> None:
    """Write a text or bytes, first beside, then into place. dry_run: only raise the StoreError."""
    name, beside, mode = file_name(path), None, 0
    try:
        place = Path(os.path.realpath(name))  # of a link, what it leads to
        with suppress(FileNotFoundError):
            mode = os.stat(place).st_mode
        if mode and not stat.S_ISREG(mode):
            raise ValueError("a folder, device or pipe")
        beside = place.with_name(f".{place.name[:32]}.{secrets.token_hex(4)}.part")
        with open(beside, "xb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        if mode:
            os.chmod(beside, stat.S_IMODE(mode))
        if not dry_run:
            os.replace(beside, place)
    except (OSError, ValueError) as error:  # a ValueError of a NUL, too
        raise unwritten(name, error) from None
    finally:
        if beside:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def read_json(path: PathLike, kind: str, limit: int = LIMIT) -> dict[str, Any]:
    """The object that ``write_json`` wrote; anything else, or more than ``limit`` bytes, raises."""
    name, need = file_name(path), f'the format "glassgrad {kind}"'
    text, shown = read_bytes(name, limit, StoreError), printable(name, 300)
    if text.strip()[:1] not in (b"", b"{", b"["):  # it never was one
        raise StoreError.at(shown, need, "no JSON", "check the path")
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        found = digest(content) if isinstance(content, dict) else ""
    except (ValueError, RecursionError) as error:  # a ValueError of text that is not UTF-8, too
        raise damaged(name, str(error)) from None
    came = content.get("format") if isinstance(content, dict) else None
    if came != f"glassgrad {kind}":
        what = f'"{printable(came, 40)}"' if isinstance(came, str) else "JSON of another kind"
        reader = READERS.get(str(came))
        remedy = f"read it with {reader}" if reader else "check the path"
        raise StoreError.at(shown, need, what, remedy)
    if content.get("version") != VERSION:
        need, came = f"version {VERSION} of the format", printable(content.get("version"), 40)
        remedy = "read it with the glassgrad that wrote it, or a newer one"
        raise StoreError.at(shown, need, came, remedy)
    if content.get("digest") != found:
        raise damaged(name, "its digest is that of another content")
    return content  # type: ignore[no-any-return]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
