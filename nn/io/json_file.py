"""Files, written beside and then moved into place; and objects in them as JSON, read with
suspicion.

A JSON file is headed by ``format``, ``version`` and ``digest``, the SHA-256 of the rest. Nothing in
a file is ever executed."""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from nn.checks import file_name, printable

__all__ = [
    "LIMIT",
    "PathLike",
    "StoreError",
    "damaged",
    "digest",
    "read_json",
    "write_json",
    "write_text",
]

# What reads each of our formats.
READERS = {
    "glassgrad model": "load(path)",
    "glassgrad predictor": "load_predictor(path)",
    "glassgrad checkpoint": "train(..., checkpoint=path)",
}
LIMIT = 10_000_000  # bytes of a file that is read, unless the caller says more
VERSION = 1

PathLike = str | os.PathLike[str]


class StoreError(ValueError):
    """A file that cannot be written, or read as what it should be: the sentence says what was
    needed and what came.

    >>> raise StoreError("moons.json: needs JSON, got a damaged file; save it again")
    Traceback (most recent call last):
    nn.io.models.StoreError: moons.json: needs JSON, got a damaged file; save it again
    """

    __module__ = "nn.io.models"  # where users find it


def damaged(name: str, what: str) -> StoreError:
    """The StoreError for a file that is not as it was written.

    >>> print(damaged("it.json", "no parameters"))
    it.json: needs a whole file as it was written, got a damaged one (no parameters); save it again
    """
    return StoreError(
        f"{printable(name)}: needs a whole file as it was written, got a damaged one "
        f"({printable(what, 100)}); save it again"
    )


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of what a file holds beside its head."""
    rest = {name: x for name, x in content.items() if name not in ("format", "version", "digest")}
    return sha256(json.dumps(rest, allow_nan=False, sort_keys=True).encode()).hexdigest()


def write_json(
    path: PathLike, kind: str, content: Mapping[str, Any], *, indent: int | None = None
) -> None:
    """Write an object as JSON under its head, first into a new file beside, then into place.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_json(Path(folder, "it.json"), "example", {"numbers": [0.1]})
    ...     read_json(Path(folder, "it.json"), "example")["numbers"]
    [0.1]
    """
    head = {"format": f"glassgrad {kind}", "version": VERSION, "digest": digest(content)}
    write_text(path, json.dumps(head | dict(content), allow_nan=False, indent=indent) + "\n")


def write_text(path: PathLike, text: str | bytes, *, dry_run: bool = False) -> None:
    """Write a text as UTF-8, or bytes, first into a new file beside, then into place; what was
    there stays until then. dry_run: only raise the StoreError if it could not be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text(Path(folder, "it.txt"), "a, b\\n")
    ...     os.listdir(folder)
    ['it.txt']
    """
    name, beside = file_name(path), None
    if "\0" in name:
        raise StoreError(
            f"{printable(name, 300)}: needs a place that can be written, got a NUL in its name; "
            "take the NUL out"
        )
    try:
        place = Path(os.path.realpath(name))  # of a link, what it leads to
        if (length := len(os.fsencode(place.name))) > 255:
            raise ValueError(f"a name of {length} bytes")
        _needs_file(name)
        beside = place.with_name(f".{place.name[:32]}.{secrets.token_hex(4)}.part")
        with open(beside, "xb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        if not dry_run:
            if place.exists():
                os.chmod(beside, stat.S_IMODE(os.stat(place).st_mode))
            os.replace(beside, place)
    except StoreError:
        raise
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise StoreError(
            f"{printable(name, 300)}: needs a place that can be written, got '{what}'; "
            "check the folder and its permissions"
        ) from None
    finally:
        if beside:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def read_json(path: PathLike, kind: str, limit: int = LIMIT) -> dict[str, Any]:
    """The object that ``write_json`` wrote, if its digest is right; anything else raises
    StoreError. limit: how many bytes are read at most.

    >>> read_json(os.curdir, "model")
    Traceback (most recent call last):
    nn.io.models.StoreError: .: needs a file, got a folder; name a file in it
    """
    name = file_name(path)
    shown = printable(name, 300)
    if "\0" in name or not os.path.exists(name):
        raise StoreError(f"{shown}: needs an existing file, got none; check the path")
    _needs_file(name)
    try:
        with open(name, "rb") as file:
            text = file.read(limit + 1)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise StoreError(
            f"{shown}: needs a file that can be read, got '{error.strerror}'; check its permissions"
        ) from None
    if len(text) > limit:
        raise StoreError(
            f"{shown}: needs a file of at most {limit} bytes, got {size}; "
            f"if it is the right one, pass limit={size}"
        )
    wanted = f'needs the format "glassgrad {kind}"'
    if text.strip()[:1] not in (b"", b"{", b"["):  # it never was one
        raise StoreError(f"{shown}: {wanted}, got no JSON; check the path")
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
        raise StoreError(f"{shown}: {wanted}, got {what}; {remedy}")
    if content.get("version") != VERSION:
        raise StoreError(
            f"{shown}: needs version {VERSION} of the format, got "
            f"{printable(content.get('version'), 40)}; "
            "read it with the glassgrad that wrote it, or a newer one"
        )
    if content.get("digest") != found:
        raise damaged(name, "its digest is that of another content")
    return content  # type: ignore[no-any-return]


def _needs_file(name: str) -> None:
    """Raise a StoreError if there is something that is no file."""
    if os.path.exists(name) and not os.path.isfile(name):
        folder = "a folder; name a file in it"
        came = folder if os.path.isdir(name) else "a device or pipe; copy it into one"
        raise StoreError(f"{printable(name)}: needs a file, got {came}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
