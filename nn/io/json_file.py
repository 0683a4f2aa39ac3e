"""Documents: objects in files as JSON, written beside and moved into place, and read with
suspicion.

Each is headed by ``format``, ``version`` and ``digest``, the SHA-256 of the rest.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

__all__ = [
    "VERSION",
    "PathLike",
    "StoreError",
    "check_place",
    "damaged",
    "read_document",
    "short",
    "verified",
    "write_document",
    "write_text",
]

# What reads each of our formats.
READERS = {
    "glassgrad model": "load(path)",
    "glassgrad predictor": "load_predictor(path)",
    "glassgrad checkpoint": "train(..., checkpoint=path)",
}
LIMIT = 100_000_000  # bytes of a file that is read at all
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


def write_document(
    path: PathLike, kind: str, content: Mapping[str, Any], *, indent: int | None = None
) -> None:
    """Write an object as JSON, headed by its format and version: first into a new file beside, then
    into place.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_document(Path(folder, "it.json"), "example", {"numbers": [0.1]})
    ...     read_document(Path(folder, "it.json"), "example")["numbers"]
    [0.1]
    """
    head = {"format": f"glassgrad {kind}", "version": VERSION, "digest": _digest(content)}
    text = json.dumps({**head, **content}, allow_nan=False, indent=indent)
    write_text(path, text + "\n")


def write_text(path: PathLike, text: str) -> None:
    """Write a text as UTF-8, first into a new file beside, then into place; what was there stays
    until then.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text(Path(folder, "it.txt"), "a, b\\n")
    ...     os.listdir(folder)
    ['it.txt']
    """
    name = os.fspath(path)
    place, beside = _places(name)
    try:
        mode = stat.S_IMODE(os.stat(place).st_mode) if place.exists() else None
        with open(beside, "x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, place)
    except (OSError, ValueError) as error:
        raise _unwritable(name, error) from None
    finally:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)


def check_place(path: PathLike) -> None:
    """Raise a StoreError if no file could be written there; nothing is left behind.

    >>> check_place(os.curdir)
    Traceback (most recent call last):
    nn.io.models.StoreError: .: needs a file, got a folder; name a file in it
    """
    name = os.fspath(path)
    _, beside = _places(name)
    try:
        with open(beside, "x", encoding="utf-8"):
            pass
    except (OSError, ValueError) as error:
        raise _unwritable(name, error) from None
    finally:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)


def _places(name: str) -> tuple[Path, Path]:
    """The file that a name stands for, behind its links, and a new one beside it; anything but a
    file is refused.
    """
    try:
        place = Path(os.path.realpath(name))
        if (length := len(os.fsencode(place.name))) > 255:
            raise ValueError(f"a name of {length} bytes")
    except ValueError as error:  # or a NUL in the name, or what cannot be encoded
        raise _unwritable(name, error) from None
    _needs_file(name)
    return place, place.with_name(f".{place.name[:32]}.{secrets.token_hex(4)}.part")


def _needs_file(name: str) -> None:
    """Raise a StoreError if there is something that is no file."""
    if os.path.exists(name) and not os.path.isfile(name):
        kind_of_place = (
            "a folder; name a file in it"
            if os.path.isdir(name)
            else "a device or pipe; copy it into one"
        )
        raise StoreError(f"{name}: needs a file, got {kind_of_place}")


def _unwritable(name: str, error: Exception) -> StoreError:
    what = getattr(error, "strerror", None) or error
    return StoreError(
        f"{short(name, 300)}: needs a place that can be written, got '{what}'; check the folder and its permissions"
    )


def _digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of what a file holds beside its head."""
    rest = {name: x for name, x in content.items() if name not in ("format", "version", "digest")}
    return sha256(json.dumps(rest, allow_nan=False, sort_keys=True).encode()).hexdigest()


def read_document(path: PathLike, kind: str) -> dict[str, Any]:
    """The object that ``write_document`` wrote; anything else raises StoreError.

    >>> read_document(os.curdir, "model")
    Traceback (most recent call last):
    nn.io.models.StoreError: .: needs a file, got a folder; name a file in it
    """
    name = os.fspath(path)
    if "\0" in name or not os.path.exists(name):
        raise StoreError(f"{short(name, 300)}: needs an existing file, got none; check the path")
    _needs_file(name)
    try:
        with open(name, "rb") as file:
            text = file.read(LIMIT + 1)
    except OSError as error:
        raise StoreError(
            f"{name}: needs a file that can be read, got '{error.strerror}'; check its permissions"
        ) from None
    if len(text) > LIMIT:
        raise StoreError(
            f"{name}: needs a file of at most {LIMIT} bytes, got more; is it the right one?"
        )
    try:
        content = json.loads(
            text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and text.strip()[:1] not in (
            b"",
            b"{",
            b"[",
        ):  # it never was one
            raise StoreError(
                f'{name}: needs the format "glassgrad {kind}", got no JSON; check the path'
            ) from None
        raise damaged(name, str(error) or type(error).__name__) from None
    came = content.get("format") if isinstance(content, dict) else None
    if came != f"glassgrad {kind}":
        what = f'"{short(came)}"' if isinstance(came, str) else "JSON of another kind"
        remedy = (
            f"read it with {reader}" if (reader := READERS.get(str(came))) else "check the path"
        )
        raise StoreError(f'{name}: needs the format "glassgrad {kind}", got {what}; {remedy}')
    if content.get("version") != VERSION:
        raise StoreError(
            f"{name}: needs version {VERSION} of the format, got {short(content.get('version'))}; "
            "read it with the glassgrad that wrote it, or a newer one"
        )
    return content  # type: ignore[no-any-return]


def verified(name: str, content: Mapping[str, Any]) -> None:
    """Raise a StoreError if the digest in a file is not that of the rest; a file without one was
    changed by hand.

    >>> verified("model.json", {"format": "glassgrad model", "parameters": {"w": 1.5}})
    """
    if "digest" in content and content["digest"] != _digest(content):
        raise damaged(
            name, "its digest is that of another; who changes a file by hand leaves it out"
        )


def damaged(name: str, what: str) -> StoreError:
    """The StoreError for a file that is not as it was written.

    >>> print(damaged("moons.json", "no parameters"))
    moons.json: needs a whole file as it was written, got a damaged one (no parameters); save it again
    """
    return StoreError(
        f"{name}: needs a whole file as it was written, got a damaged one ({short(what, 100)}); save it again"
    )


def short(x: Any, length: int = 40) -> str:
    """One line of it, whatever a file holds.

    >>> short("one\\ntwo")
    'one two'
    """
    return " ".join(str(x).split())[:length]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
