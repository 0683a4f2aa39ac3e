"""``python -m autograd "EXPR" name=number ...``: an expression, its gradients, both passes."""

import os
import sys

from autograd.cli.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # names may be in any script
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = main()
        sys.stdout.flush()
    except OSError as error:  # of a pipe, the reader has seen enough, as in ... | head
        # Python would flush once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0 if isinstance(error, BrokenPipeError) else 2
        if status:
            print(f"cannot write the output: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
