"""A canvas of characters: dots of braille with marks on them, in a frame with numbers; or ASCII."""

import sys
from collections.abc import Sequence
from math import log10

from nn.checks import printable, whole
from nn.plotting.ticks import short, ticks
from nn.training.loss_curves import Point

# With Unicode and without.
MARKS = ("●○◆◇▲△■□", "*o+#@%&=")
FRAMES = (("┤", "│", "└", "─", "┬"), ("|", "|", "+", "-", "+"))
UNICODE = "⣿●★░█┤│"  # what standard output has to encode
LEAST_WIDTH, LEAST_HEIGHT = 30, 4
BESIDE = 8  # the longest name that stands beside its axis
MOST_DOTS = 100_000  # of a line that leaves the canvas by far
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of braille's dots, row by row


def needs_ascii(ascii: bool | None) -> bool:
    """Whether to draw in ASCII: as asked, or if None, where standard output cannot encode more."""
    if ascii is None:
        try:
            UNICODE.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return True
    return bool(ascii)


def check_size(width: int, height: int = LEAST_HEIGHT) -> None:
    """Raise a ValueError if a sketch would have no room."""
    whole("a sketch", "width", width, LEAST_WIDTH)
    whole("a sketch", "height", height, LEAST_HEIGHT)


class Canvas:
    """Characters in rows and columns over a range of x and y, in a frame.

    width: with numbers and names, which leave ``columns`` for the drawing. The ticks of x are
    whole if ``counted``, or those of ``along``."""

    def __init__(
        self, x: Point, y: Point, width: int, rows: int, x_name: str = "", y_name: str = "", *,
        ascii: bool, log_x: bool = False, log_y: bool = False, counted: bool = False,
        along: Sequence[float] = (),
    ) -> None:  # fmt: skip
        check_size(width, rows)
        self.x, self.y, self.log_x, self.log_y = x, y, log_x, log_y
        self.width, self.rows, self.ascii = width, rows, ascii
        self.x_name, self.y_name = clipped(x_name, width), clipped(y_name, width)
        self.labels = [""] * rows
        for number in ticks(*y, max(2, rows // 3), log_y):
            self.labels[_cell(1 - _fraction(number, y, log_y), rows)] = short(number)
        self.indent = max(map(len, self.labels))
        beside = len(self.x_name) + 2 if 0 < len(self.x_name) <= BESIDE else 0
        self.columns = width - self.indent - 2 - beside
        self.dots = [[0] * self.columns for _ in range(rows)]
        self.marks: dict[tuple[int, int], str] = {}
        self.along = along or ticks(*x, max(2, self.columns // 10), log_x, int(counted))

    def place(self, x: float, y: float) -> Point:
        """The column and the row, from above and with fractions, of a point."""
        up = _fraction(y, self.y, self.log_y)
        return _fraction(x, self.x, self.log_x) * self.columns, (1 - up) * self.rows

    def line(self, points: Sequence[Point]) -> None:
        """Dots along the straight lines from point to point."""
        places = [self.place(*point) for point in points]
        for (a, b), (c, d) in zip(places, places[1:] or places, strict=False):
            steps = min(2 * int(max(abs(c - a) * 2, abs(d - b) * 4)) + 1, MOST_DOTS)
            for k in range(steps + 1):
                self._dot(a + (c - a) * k / steps, b + (d - b) * k / steps)

    def mark(self, x: float, y: float, letter: str) -> None:
        """A character at a point; of a point outside, on the edge."""
        across, up = _fraction(x, self.x, self.log_x), _fraction(y, self.y, self.log_y)
        self.marks[_cell(across, self.columns), _cell(1 - up, self.rows)] = letter

    def _dot(self, across: float, down: float) -> None:
        epsilon = 1e-9
        i, j = int(across * 2 - epsilon), int(down * 4 - epsilon)
        if -epsilon <= across <= self.columns + epsilon and -epsilon <= down <= self.rows + epsilon:
            self.dots[j // 4][i // 2] |= BITS[j % 4][i % 2]

    def _letter(self, dots: int) -> str:
        if not self.ascii:
            return chr(0x2800 + dots) if dots else " "
        upper, lower = dots & 0x1B, dots & 0xE4
        return ":" if upper and lower else "'" if upper else "." if lower else " "

    def framed(self) -> str:
        """The rows in a frame, with ticks and names of both axes."""
        tick, side, corner, floor, notch = FRAMES[self.ascii]
        cells = [[self._letter(dots) for dots in row] for row in self.dots]
        for (i, j), letter in self.marks.items():
            cells[j][i] = letter
        lines = [self.y_name] if self.y_name else []
        for label, row in zip(self.labels, cells, strict=True):
            lines.append(f"{label:>{self.indent}} {tick if label else side}{''.join(row)}")
        base, numbers = [floor] * self.columns, " " * self.columns
        for number in self.along:
            column = _cell(_fraction(number, self.x, self.log_x), self.columns)
            text = short(number)
            start = min(max(column - len(text) // 2, 0), self.columns - len(text))
            if not numbers[max(start - 1, 0) : start + len(text) + 1].strip():
                base[column] = notch
                numbers = numbers[:start] + text + numbers[start + len(text) :]
        lines.append(f"{'':{self.indent}} {corner}{''.join(base)}")
        beside = len(self.x_name) <= BESIDE
        lines.append(f"{'':{self.indent}}  {numbers}  {self.x_name if beside else ''}")
        lines += [] if beside else [f"{self.x_name:>{self.width}}"]
        return "\n".join(line.rstrip() for line in lines)


def clipped(text: object, width: int) -> str:
    """A text that is no wider, in one line, with control characters spelled out."""
    text = printable(text)
    return text if len(text) <= width else f"{text[: width - 1]}~"


def legend(entries: Sequence[str], width: int) -> str:
    """Entries side by side, in as many lines as they need."""
    lines: list[str] = []
    for entry in (clipped(entry, width) for entry in entries):
        if lines and len(lines[-1]) + 3 + len(entry) <= width:
            lines[-1] += f"   {entry}"
        else:
            lines.append(entry)
    return "\n".join(lines)


def _fraction(x: float, ends: Point, log: bool) -> float:
    """How far x is along the range."""
    low, high = ends
    if log and x <= 0:
        return -1.0
    if log:
        x, low, high = log10(x), log10(low), log10(high)
    return (x - low) / (high - low) if high > low else 0.5


def _cell(fraction: float, count: int) -> int:
    return min(max(int(fraction * count), 0), count - 1)
