"""What a command says, on the terminal and in report.txt."""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import isfinite, isnan, nan
from statistics import fmean, stdev

# A new line, wide spaces, and the joiners that Persian, Hindi and emoji are written with.
KEPT = "\n\xa0\u3000\u200c\u200d"


def shown(text: str) -> str:
    """A text whose control characters are spelled out, so that no file's cell steers a terminal."""
    spelt = {c: c.encode("unicode_escape").decode() for c in {*text} if not c.isprintable()}
    return "".join(spelt.get(c, c) if c not in KEPT else c for c in text)


class Report:
    """Prints what it is given, unless it is to be quiet, and keeps it in ``text``.

    ``sections`` holds the same by what it is about, as ``section`` says at the time."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet, self.text = quiet, ""
        self.section, self.sections = "data", defaultdict[str, str](str)

    def say(self, text: str, *, always: bool = False) -> None:
        """Keep a text, and print it."""
        self.keep(shown(text))
        if always or not self.quiet:
            self.show(text.lstrip("\n") if self.quiet else text)

    def note(self, sentence: str, word: str = "note") -> None:
        """Keep a sentence, and print it on stderr even if quiet."""
        line = shown(f"{word}: {' '.join(sentence.split())}")
        self.keep(line)
        print(line, file=sys.stderr)

    def keep(self, text: str) -> None:
        """Keep a text without printing it."""
        self.text += f"{text}\n"
        self.sections[self.section] += f"{text}\n"

    def show(self, text: str) -> None:
        """Print a text without keeping it."""
        try:
            print(shown(text), flush=True)
        except OSError:  # of ... | head, or a full disk: the run is to be written all the same
            close_output()


def close_output() -> None:
    """Print what is left, and if that cannot be, nothing from now on."""
    try:
        print(end="", flush=True)
    except OSError:  # or Python would try once more at its end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the others to the right."""
    cells = [[shown(" ".join(cell.split()))[:24] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in cells)
    return ["  ".join(line).rstrip() for line in lines]


def plain(x: float) -> str:
    """A score with three digits after the point, however large; nan is that there is none."""
    return "none" if isnan(x) else f"{x:z.3f}" if abs(x) < 1e4 else f"{x:.4g}"


def percent(share: float) -> str:
    """A fraction as people read it."""
    return f"{100 * share:.1f} %"


def spread(numbers: Sequence[float], form: Callable[[float], str] = plain) -> str:
    """Mean ± standard deviation, with the unit behind both."""
    found = fmean(numbers), stdev(numbers) if all(map(isfinite, numbers)) else nan
    mean, deviation = map(form, found)
    return f"{mean.removesuffix(' %')} ± {deviation}"
