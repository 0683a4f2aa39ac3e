"""A chapter at the command line: ``python -m demos NAME [FOLDER]``, and what may go wrong there, in
one line each."""

import codecs
import os
import signal
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from demos import CHAPTERS
from nn import StoreError

__all__ = ["run"]

LOOKALIKES = dict(zip("█░▒▓·∂", "#.:**d", strict=True)) | {"²": "^2", "→": "->", "Σ": "sum "}


def run(main: Callable[..., Any], *, tour: bool = False) -> None:
    """Call main, with the folder for its files, made if it is not there, if one is given; of the
    tour a new one needs a slash, or it might be meant as a chapter.

    A terminal of few letters gets others for those it lacks; Ctrl-C and a reader that has seen
    enough (``| head``) end it without a traceback."""
    codecs.register_error("lookalike", _lookalike)
    sys.stdout.reconfigure(errors="lookalike")  # type: ignore[union-attr]
    if {"-h", "--help"} & set(sys.argv[1:]):
        about = sys.modules[main.__module__].__doc__
        print(f"{about}\n\npython -m demos NAME [FOLDER]   FOLDER is where its files go; else here")
        return
    words = sys.argv[1:]
    if len(words) > 1 or any(word.startswith("-") for word in words):
        need = "a chapter needs a folder for its files, or nothing for this one"
        _end(f"{need}, got {' '.join(words)}", 2)
    near = get_close_matches(words[0], CHAPTERS, n=1) if words else []
    if near and not os.path.exists(words[0]):
        _end(f"there is no chapter {words[0]!r}: did you mean python -m demos {near[0]}?", 2)
    if tour and words and not (os.path.exists(words[0]) or {*words[0]} & {"/", os.sep, "."}):
        why = f"there is no chapter and no folder {words[0]!r}: python -m demos lists the chapters"
        _end(f"{why}, and a new folder is written as ./{words[0]}", 2)
    for folder in words:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            came = f"{folder}, which cannot be made: {error.strerror}"
            _end(f"a chapter needs a folder for its files, got {came}", 2)
    # not KeyboardInterrupt: train would take that for the end of one training, and the chapter go
    # on to the next
    signal.signal(signal.SIGINT, lambda *_: _end("interrupted", 130))
    try:
        main(*sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # Python would flush once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, StoreError) as error:  # a folder that cannot be written to
        _end(f"nothing was written: {error}", 2)


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    """For letters that the terminal has not, some that look like them, or ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(LOOKALIKES.get(letter, "?") for letter in letters), error.end


def _end(why: str, status: int) -> None:
    print(f"\n{why}" if status == 130 else why, file=sys.stderr)
    sys.exit(status)
