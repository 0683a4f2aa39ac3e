"""``python -m nn``: train a network on your own CSV file, and predict with it."""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from nn.checks import Unusable
from nn.cli.options import Parser, Refused, in_options
from nn.cli.report import close_output, shown

__all__ = ["main"]

COMMANDS = ("train", "predict", "export")

EXAMPLES = """\
commands:
  train    a CSV file to a model: guesses the task, splits, scales, trains, diagnoses, evaluates
  predict  a model and a CSV file of new rows to predictions
  export   a model to JAX, PyTorch, ONNX, C, JavaScript or LaTeX

examples:
  python -m nn train flowers.csv --target species --hidden 16,16 --epochs 200 --seed 1 --out run/
  python -m nn predict run/ new.csv
  python -m nn export run/ --to onnx --out flowers.onnx
  python -m nn train --help
      every option, and what the numbers mean
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status: 0; 1 of a training that diverged; 2, with one
    sentence on stderr; or 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if nul := next((word for word in words if "\0" in word), ""):
            raise Refused(f"{nul!r} holds a NUL, which no path or name can: leave it out")
        if words and words[0] in COMMANDS:
            # here, so that each command loads its own rooms alone
            command = import_module(f"nn.cli.{words[0]}")
            if getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "nn":
                signal.signal(signal.SIGINT, signal.default_int_handler)
            status: int = command.main(words[1:])
            return status
        if words and words[0] not in ("-h", "--help"):
            use = f"use {' or '.join(COMMANDS)}; python -m nn --help shows how"
            raise Refused(f"there is no command {words[0]}: {use}")
        about = "Train a network on your own CSV file, and predict with it."
        Parser("", about, EXAMPLES).print_help()
        return 0
    except SystemExit as done:  # --help
        return int(done.code or 0)
    except BrokenPipeError:
        raise
    except (Refused, Unusable) as refusal:
        sentence = in_options(refusal)
    except OSError as error:
        sentence = f"{error.filename or 'the output'} cannot be used: {error.strerror or error}"
    except KeyboardInterrupt as pressed:
        print(str(pressed) or "interrupted", file=sys.stderr)
        return 130
    print(shown(" ".join(sentence.split())), file=sys.stderr)
    return 2


if __name__ == "__main__":
    for stream in filter(None, (sys.stdout, sys.stderr)):  # names may be in any script
        stream.reconfigure(errors="backslashreplace")
    try:
        status = main()
    except BrokenPipeError:  # the reader has seen enough, as in ... | head
        status = 0
    close_output()
    sys.exit(status)
