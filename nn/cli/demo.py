"""``python -m nn demo``: the chapters on how a network learns, listed or run."""

import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from nn.cli.parser import Parser, Refused

__all__ = ["main"]

DESCRIPTION = """\
Run a demo: one chapter of how a network learns, in seconds, with a picture and one sentence at its end.

Without a name they are listed."""

EXAMPLES = """\
examples:
  python -m nn demo
      the list, in the order in which one would teach them
  python -m nn demo learning_rate --out pictures/
      five learning rates; with matplotlib (pip install 'glassgrad[plots]') the picture is a file in that folder too
"""


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    parser = Parser("demo", DESCRIPTION, EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?", help="the chapter to run")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        default=".",
        help="where a demo may write its pictures; made if need be (here)",
    )
    options = parser.parse_args(words)
    titles = chapters()
    if options.name is None:
        width = max(map(len, titles))
        for name, title in titles.items():
            print(f"{name:<{width}}  {title}")
        print("\none of them: python -m nn demo NAME")
        return 0
    if options.name not in titles:
        like = get_close_matches(options.name, titles, 1)
        meant = f"did you mean {like[0]}? " if like else ""
        raise Refused(f"there is no demo {options.name}: {meant}python -m nn demo lists them")
    try:
        Path(options.out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"--out {options.out} cannot be made: {error.strerror}; choose another place"
        ) from None
    # by its name, since nn must stand without the demos, which stand upon it
    run = import_module(f"demos.{options.name}").main
    # not KeyboardInterrupt: train would take that for the end of one training, and the demo go on
    # to the next
    before = signal.signal(signal.SIGINT, _end)
    try:
        run(folder=options.out)
    finally:
        signal.signal(signal.SIGINT, before)
    return 0


def chapters() -> dict[str, str]:
    """The demos in the order in which one would teach them, with what each shows.

    >>> chapters()["iris"]
    'A network learns a real data set: Iris'
    """
    _look_for_them()
    found: dict[str, str] = import_module("demos").CHAPTERS
    return found


def _end(*_: object) -> NoReturn:
    print("\ninterrupted", file=sys.stderr)
    raise SystemExit(130)


def _look_for_them() -> None:
    """They lie beside nn in the repository, and are not part of the wheel."""
    spec = find_spec("demos")
    # somebody else's package of that name is none of ours to run
    if (
        spec is None
        or spec.origin is None
        or Path(spec.origin).parents[1] != Path(__file__).parents[2]
    ):
        raise Refused(
            "the demos lie beside nn in the clone of glassgrad, and are not in what is installed here: "
            "run this in the clone's folder"
        )
