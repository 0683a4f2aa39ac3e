"""The bytes of a file or pipe, and one sentence for whatever cannot be read."""

import io
import os
import stat

from nn.checks import Unusable, printable


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
