"""Parser: the words of a command line, each refused in one sentence if it cannot be used."""

import argparse
from collections.abc import Callable
from math import inf
from typing import NoReturn

__all__ = ["Parser", "Refused", "mark", "number", "sizes", "whole"]


class Refused(Exception):
    """What was given cannot be used; the message is the sentence for stderr.

    >>> raise Refused("--epochs needs a whole number from 1 up, got 0")
    Traceback (most recent call last):
    nn.cli.parser.Refused: --epochs needs a whole number from 1 up, got 0
    """


class Parser(argparse.ArgumentParser):
    """argparse with our sentences: no usage text above them, no abbreviations, and help that keeps
    its lines.

    >>> Parser("train", "Train a model.", "examples: none").parse_args(["--colour"])
    Traceback (most recent call last):
    nn.cli.parser.Refused: unrecognized arguments: --colour: python -m nn train --help shows how it is used
    """

    def __init__(
        self, name: str, description: str, examples: str, usage: str | None = None
    ) -> None:
        super().__init__(
            prog=f"python -m nn {name}".strip(),
            usage=usage,
            description=description,
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        raise Refused(
            f"{message.removeprefix('argument ')}: {self.prog} --help shows how it is used"
        )


def whole(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number, from the least up.

    >>> whole(1)("0")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: needs a whole number from 1 up, got 0
    """

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
            raise argparse.ArgumentTypeError(
                f"needs a whole number from {least} up, got {text or 'nothing'}"
            )
        return int(text)

    return read


def number(
    need: str, least: float = -inf, below: float = inf, *, above: bool = False
) -> Callable[[str], float]:
    """The type of an option that is a finite number from the least (or above it) up to, but
    without, the other.

    >>> number("a rate above 0", 0, above=True)("0")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: needs a rate above 0, got 0
    """

    def read(text: str) -> float:
        try:
            x = float(text)
        except ValueError:
            x = -inf
        if not least <= x < below or x == -inf or (above and x == least):
            raise argparse.ArgumentTypeError(f"needs {need}, got {text or 'nothing'}")
        return x

    return read


def sizes(text: str) -> list[int]:
    """The sizes of hidden layers; "none" for a model without any, which is linear.

    >>> sizes("16,8"), sizes("none")
    ([16, 8], [])
    """
    if text.strip() == "none":
        return []
    read = whole(1)
    try:
        return [read(part.strip()) for part in text.split(",")]
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"needs the sizes of the hidden layers, such as 16,16, or none, got {text or 'nothing'}"
        ) from None


def mark(text: str) -> str:
    """The mark between cells; a tab may be spelled as Python does.

    >>> mark(";"), mark("\\\\t") == "\\t"
    (';', True)
    """
    return {"\\t": "\t", "tab": "\t"}.get(text, text)
