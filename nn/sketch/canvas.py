"""A canvas of letters: dots of braille with marks on them, in a frame with numbers; or ASCII."""

import sys
from collections.abc import Sequence
from math import log10

from nn.ticks import short, ticks

__all__ = ["MARKS", "Canvas", "legend", "needs_ascii"]

MARKS = ("●○◆◇▲△■□", "*o+#@%&=")  # of series and classes, with Unicode and without
FRAMES = (("┤", "│", "└", "─", "┬"), ("|", "|", "+", "-", "+"))
CARRIED = "⣿●★░█┤│"  # what a terminal has to carry
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of the dots of a braille letter, row by row

Range = tuple[float, float]


def needs_ascii(ascii: bool | None) -> bool:
    """Whether to do with ASCII: as asked, and if nobody asked, where standard output cannot carry more.

    >>> needs_ascii(True), needs_ascii(False)
    (True, False)
    """
    if ascii is not None:
        return ascii
    try:
        CARRIED.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


class Canvas:
    """Letters in columns and rows over a range of x and y; what lies outside is cut off.

    >>> canvas = Canvas((0.0, 1.0), (0.0, 1.0), 20, 3, ascii=False)
    >>> canvas.line([(0.0, 0.0), (1.0, 1.0)])
    >>> canvas.mark(1.0, 1.0, "★")
    >>> print(canvas.framed())
    1 ┤             ⣀⣠⠤⠔⠒⠋★
      │      ⢀⣀⡤⠴⠒⠊⠉⠁
    0 ┤⣀⡠⠤⠖⠚⠉⠁
      └┬──────────────────┬
       0                  1
    """

    def __init__(
        self, x: Range, y: Range, columns: int, rows: int, *, ascii: bool, log_x: bool = False, log_y: bool = False
    ) -> None:
        self.x, self.y, self.log_x, self.log_y = x, y, log_x, log_y
        self.columns, self.rows, self.ascii = columns, rows, ascii
        self.dots = [[0] * columns for _ in range(rows)]
        self.marks: dict[tuple[int, int], str] = {}

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The column and the row, from above and with fractions, of a point."""
        across = _share(x, self.x, self.log_x) * self.columns if self.columns > 1 else 0.5
        down = (1 - _share(y, self.y, self.log_y)) * self.rows
        return across, down

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """Dots along the straight lines from point to point."""
        places = [self.place(*point) for point in points]
        for (a, b), (c, d) in zip(places, places[1:] or places, strict=False):
            steps = max(1, int(max(abs(c - a) * 2, abs(d - b) * 4)) * 2)
            if steps > 100_000:
                steps = 100_000  # a jump beyond all bounds
            for k in range(steps + 1):
                self._dot(a + (c - a) * k / steps, b + (d - b) * k / steps)

    def mark(self, x: float, y: float, letter: str) -> None:
        """A letter at a point; outside it is put on the edge."""
        across, down = self.place(x, y)
        column, row = (min(max(int(place), 0), n - 1) for place, n in ((across, self.columns), (down, self.rows)))
        self.marks[column, row] = letter

    def _dot(self, across: float, down: float) -> None:
        epsilon = 1e-9
        i, j = int(across * 2 - epsilon), int(down * 4 - epsilon)
        if -epsilon <= across <= self.columns + epsilon and -epsilon <= down <= self.rows + epsilon:
            self.dots[j // 4][i // 2] |= BITS[j % 4][i % 2]

    def lines(self) -> list[str]:
        """The rows of letters, without the frame."""
        return [
            "".join(self.marks.get((i, j)) or self._letter(self.dots[j][i]) for i in range(self.columns)).rstrip()
            for j in range(self.rows)
        ]

    def _letter(self, dots: int) -> str:
        if not self.ascii:
            return chr(0x2800 + dots) if dots else " "
        upper, lower = dots & 0x1B, dots & 0xE4
        return ":" if upper and lower else "'" if upper else "." if lower else " "

    def framed(self, x: str = "", y: str = "") -> str:
        """The rows in a frame, with round numbers along both axes and their names."""
        tick, side, corner, floor, notch = FRAMES[self.ascii]
        labels = {
            min(int(self.place(self.x[0], number)[1]), self.rows - 1): short(number)
            for number in ticks(*self.y, max(2, self.rows // 3), self.log_y)
        }
        width = max(map(len, labels.values()), default=0)
        lines = [f"{y}"] if y else []
        for j, row in enumerate(self.lines()):
            lines.append(f"{labels.get(j, ''):>{width}} {tick if j in labels else side}{row}")
        base, numbers = [floor] * self.columns, " " * self.columns
        for number in ticks(*self.x, max(2, self.columns // 10), self.log_x):
            column = min(int(self.place(number, self.y[0])[0]), self.columns - 1)
            word = short(number)
            start = min(max(column - len(word) // 2, 0), self.columns - len(word))
            if start >= 0 and not numbers[max(start - 1, 0) : start + len(word) + 1].strip():
                base[column] = notch
                numbers = numbers[:start] + word + numbers[start + len(word) :]
        if x:
            numbers = f"{numbers.rstrip()}  {x}"
        lines += [f"{'':>{width}} {corner}{''.join(base)}", f"{'':>{width}}  {numbers}".rstrip()]
        return "\n".join(line.rstrip() for line in lines)


def legend(entries: Sequence[str], width: int) -> str:
    """Entries side by side, in as many lines as they need.

    >>> print(legend(["● training", "○ validation", "★ best: epoch 7"], 30))
    ● training   ○ validation
    ★ best: epoch 7
    """
    lines: list[str] = []
    for entry in entries:
        entry = entry if len(entry) <= width else f"{entry[: width - 1]}…"
        if lines and len(lines[-1]) + 3 + len(entry) <= width:
            lines[-1] += f"   {entry}"
        else:
            lines.append(entry)
    return "\n".join(lines)


def _share(x: float, reach: Range, log: bool) -> float:
    """How far x is on its way through the range."""
    low, high = reach
    if log:
        if x <= 0:
            return -1.0
        x, low, high = log10(x), log10(low), log10(high)
    return (x - low) / (high - low) if high > low else 0.5
