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
        if "\0" in path:
            raise FileNotFoundError
        with open(path, "rb", buffering=0, opener=lambda at, how: os.open(at, how | wait)) as raw:
            mode, first = os.fstat(raw.fileno()).st_mode, b""
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                raise error.at(name, "a file", "a device", "copy it into one")
            if stat.S_ISFIFO(mode):
                first = raw.read(1)  # None, if there is a writer that has not written yet
                if first == b"":
                    raise error.at(name, "a file", "a pipe that nobody writes to", "name a file")
                os.set_blocking(raw.fileno(), True)
            with io.BufferedReader(raw) as file:
                content = (first or b"") + file.read(limit + 1)
    except FileNotFoundError:
        raise error.at(name, "an existing file", "none", "check the path") from None
    except IsADirectoryError:
        raise error.at(name, "a file", "a folder", "name a file in it") from None
    except OSError as failed:
        came = f"'{failed.strerror}'"
        raise error.at(name, "a file that can be read", came, "check its permissions") from None
    if len(content) > limit:
        raise error.at(name, f"a file of at most {limit} bytes", "more", "pass a larger limit")
    return content
