"""``python -m nn demo``: the chapters on how a network learns, listed or run."""

import ast
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

import nn
from nn.command.parser import Parser, Refused

__all__ = ["main"]

DESCRIPTION = """\
Run a demo: one chapter of how a network learns, in seconds, with a picture and one sentence at its end.

Without a name they are listed."""

EXAMPLES = """\
examples:
  python -m nn demo
  python -m nn demo iris
"""


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    parser = Parser("demo", DESCRIPTION, EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?", help="the chapter to run")
    parser.add_argument("--out", metavar="FOLDER", default=".", help="where a demo may write its pictures (here)")
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
    if not Path(options.out).is_dir():
        raise Refused(f"--out {options.out} needs a folder that is there, got none: make it first")
    # by its name, since nn must stand without the demos, which stand upon it
    run = import_module(f"demos.{options.name}").main
    if "folder" in signature(run).parameters:
        run(folder=options.out)
    else:
        run()
    sys.stdout.flush()
    return 0


def chapters() -> dict[str, str]:
    """The demos by name, with the first line of what each says of itself, read without running any.

    >>> "iris" in chapters()
    True
    """
    found: dict[str, str] = {}
    for file in sorted(_house().glob("[a-z]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[file.stem] = (ast.get_docstring(tree) or "").partition("\n")[0].partition(":  ")[0]
    return found


def _house() -> Path:
    """The folder of the demos, which lies beside nn's in the repository, and is not part of the wheel."""
    house = Path(nn.__file__).parents[1]
    spec = find_spec("demos")
    # somebody else's package of that name is none of ours to run
    if spec is None or spec.origin is None or Path(spec.origin).parents[1] != house:
        raise Refused(
            "the demos lie beside nn in the source of glassgrad, and are not in what is installed here: "
            "get it with pip download glassgrad --no-deps --no-binary :all:, unpack it, and run this in its folder"
        )
    return house / "demos"
