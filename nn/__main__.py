"""``python -m nn``: train a network on your own CSV file, predict with it, and run the demos."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from nn.cli.parser import Parser, Refused
from nn.data.csv_reader import DataError
from nn.io.models import StoreError

__all__ = ["main"]

COMMANDS = ("train", "predict", "demo")

DESCRIPTION = "Train a network on your own CSV file, predict with it, and run the demos."

EXAMPLES = """\
commands:
  train    a CSV file to a model: guesses the task, splits, scales, trains, diagnoses, and examines on held-out rows
  predict  a model and a CSV file of new rows to predictions
  demo     the chapters: how a network learns, each in a few seconds and with a picture

examples:
  python -m nn train flowers.csv --target species --hidden 16,16 --epochs 200 --seed 1 --out run/
  python -m nn predict run/ new.csv
  python -m nn demo
  python -m nn train --help
      every option, what the numbers mean, and what to try when the doctor complains
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status: 0; 1 of a training that diverged; 2, with one
    sentence on stderr; or 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words and words[0] in COMMANDS:
            # here, so that each command loads its own rooms alone
            status: int = import_module(f"nn.cli.{words[0]}").main(words[1:])
            return status
        parser = Parser("", DESCRIPTION, EXAMPLES)
        if words and words[0] not in ("-h", "--help"):
            raise Refused(
                f"there is no command {words[0]}: use {', '.join(COMMANDS)}; python -m nn --help shows how"
            )
        parser.print_help()
        return 0
    except SystemExit as done:  # --help
        return int(done.code or 0)
    except BrokenPipeError:
        raise
    except (Refused, DataError, StoreError) as refusal:
        print(" ".join(str(refusal).split()), file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"{error.filename or 'a file'} cannot be used: {error.strerror or error}",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt as pressed:
        print(pressed or "interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # names may be in any script
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as in ... | head
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or Python would flush once more at its end
        status = 0
    sys.exit(status)
