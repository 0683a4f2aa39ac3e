"""The panes of the terminal view: the values of a graph as lines of code, and a walk's steps."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text
from textual.events import Click
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from autograd.debugging.step import Computation
from autograd.debugging.walk import Walk
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value

BREAKPOINT, NEXT, CHANGED, SO_FAR = "●", "▶", "◀", "…"


class Column(NamedTuple):
    """A column of numbers at the right of a pane."""

    heading: str
    width: int
    coloured: bool = True  # by the sign
    least: int = 0  # it is left out where the pane is narrower


class Line(NamedTuple):
    """Marks, a text that is cut where it must be, and a number for each column."""

    marks: str
    text: str
    numbers: Sequence[str]
    ahead: bool = False  # not taken yet


class Lines(ScrollView, can_focus=True):
    """Lines under a heading, one of them the cursor's. A line is made when it is shown, so that
    there may be very many."""

    COMPONENT_CLASSES: ClassVar = {"heading", "cursor", "ahead", "above", "below", "bad", "mark"}
    DEFAULT_CSS = """
    Lines { width: 1fr; height: 1fr; overflow-x: hidden; padding: 0 1; scrollbar-size: 1 1;
        scrollbar-color: $edge; scrollbar-background: $background; }
    Lines > .heading { color: $dimmed; text-style: underline; }
    Lines:focus > .heading { color: $foreground; text-style: bold underline; }
    Lines > .cursor { background: $chosen; }
    Lines:focus > .cursor { background: $cursor; text-style: bold; }
    Lines > .ahead { color: $dimmed; }
    Lines > .above { color: $above; }
    Lines > .below { color: $below; }
    Lines > .bad { color: $bad; }
    Lines > .mark { color: $mark; text-style: bold; }
    """
    FAR = 10**9
    BINDINGS: ClassVar = [
        *(("up", "move(-1)"), ("down", "move(1)"), ("pageup", "page(-1)"), ("pagedown", "page(1)")),
        *(("home", f"move(-{FAR})"), ("end", f"move({FAR})")),
    ]

    cursor = reactive(0)
    walk: Walk
    heading: str
    columns: Sequence[Column]

    def __init__(self, walk: Walk) -> None:
        super().__init__()
        self.walk = walk
        self.read()

    def read(self) -> None:
        """Note what is the same all along the walk: the heading and the columns."""

    def show(self, walk: Walk) -> None:
        """Show this walk, where it is now."""
        if walk is not self.walk:
            self.walk = walk
            self.read()
            self.on_resize()
        self.refresh()

    count = 0

    def line(self, index: int) -> Line:
        """One of the lines."""
        raise NotImplementedError

    def chosen(self) -> Value | str:
        """What a breakpoint at the cursor is set on."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, index = self.scrollable_content_region.width, y - 1 + self.scroll_offset.y
        if y and index >= self.count:
            return Strip.blank(width, self.rich_style)
        columns = [column for column in self.columns if width >= column.least]
        line = self.line(index) if y else Line("", self.heading, [c.heading for c in columns])
        room = width - 3 - sum(column.width for column in columns[: len(line.numbers)])
        text = Text(end="", no_wrap=True).append(f"{line.marks:3}", self._style("mark"))
        words = line.text
        if cell_len(words) > room:
            words = set_cell_size(words, max(room - 1, 0)) + SO_FAR
        words = set_cell_size(words, max(room, 0))
        text.append(words, self._style("ahead" if line.ahead else ""))
        for number, column in zip(line.numbers, columns, strict=False):  # none of a step ahead
            tone = _tone(number) if y and column.coloured else ""
            text.append(f"{number:>{column.width}}", self._style(tone))
        if not y:
            text.stylize(self._style("heading"))
        strip = Strip(text.render(self.app.console)).adjust_cell_length(width)
        cursor = self._style("cursor" if y and index == self.cursor else "")
        return strip.apply_style(self.rich_style + cursor)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True) if name else Style.null()

    def on_resize(self) -> None:
        self.virtual_size = Size(0, self.count + 1)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.count - 1))

    def watch_cursor(self, cursor: int) -> None:
        top, height = self.scroll_offset.y, max(self.size.height - 1, 1)
        if not top <= cursor < top + height:
            self.scroll_to(y=cursor if cursor < top else cursor - height + 1, animate=False)
        self.refresh()

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many lines."""
        self.cursor += lines

    def action_page(self, pages: int) -> None:
        """Move the cursor by a page."""
        self.cursor += pages * max(self.size.height - 2, 1)

    def on_click(self, event: Click) -> None:
        if event.y:
            self.cursor = event.y - 1 + self.scroll_offset.y


class Values(Lines):
    """The values of the graph as lines of code, with their numbers and grads of now."""

    def read(self) -> None:
        walk = self.walk
        self.values = [v for v in walk.names if v.op is not CONSTANT] or [walk.output]
        self.rows, self.count = {v: row for row, v in enumerate(self.values)}, len(self.values)
        self.heading, data = "value", [v.data for v in self.values]
        if walk.kind is Computation:
            self.columns = [_column("data  ", data, coloured=False)]
        else:
            grads = [step.grad for step in walk.steps if not isinstance(step, Computation)]
            grad = _column("grad  ", [v.grad for v in self.values] + grads)
            self.columns = [_column("data", data, coloured=False), grad]

    def line(self, index: int) -> Line:
        v, walk = self.values[index], self.walk
        ahead, taken = walk.peek(), walk.steps[walk.number - 1] if walk.number else None
        on = any(v in each.values for each in walk.breakpoints)
        marks = f"{BREAKPOINT if on else ' '}{NEXT if ahead and ahead.result is v else ' '}"
        text = Computation(0, walk.names, v).formula if v.operands else walk.names[v]
        mark = CHANGED if taken and taken.value is v else " " if walk.complete(v) else SO_FAR
        if walk.kind is Computation:
            known = walk.complete(v)
            return Line(marks, text, [f"{short(v.data)} {mark}" if known else ""], not known)
        grad = f"{short(v.grad)} {mark}" if v.reached or v.grad else ""
        return Line(marks, text, [short(v.data), grad])

    def chosen(self) -> Value:
        return self.values[self.cursor]


class Steps(Lines):
    """The steps, with the numbers of those that have been taken."""

    def read(self) -> None:
        self.heading, steps, self.count = "step", self.walk.steps, len(self.walk)
        if self.walk.kind is Computation:
            self.columns = [_column("data", [step.value.data for step in steps], coloured=False)]
        else:
            taken = [step for step in steps if not isinstance(step, Computation)]
            adds = _column("adds", [step.contribution for step in taken])
            now = _column("now", [step.grad for step in taken])
            self.columns = [adds, now._replace(least=50)]

    def line(self, index: int) -> Line:
        step, walk = self.walk.steps[index], self.walk
        marks = f"{BREAKPOINT if walk.stops(step) else ' '}{NEXT if step is walk.peek() else ' '}"
        text = f"{step.number:{len(str(len(walk)))}} {step.formula}"
        if ahead := step.number > walk.number:
            return Line(marks, text, [], ahead)
        if isinstance(step, Computation):
            return Line(marks, text, [short(step.data)])
        return Line(marks, text, [short(step.contribution), short(step.grad)])

    def chosen(self) -> str:
        return f"number == {self.cursor + 1}"


def _column(heading: str, numbers: Iterable[float], *, coloured: bool = True) -> Column:
    marks = len(heading) - len(heading.rstrip())
    widths = [len(heading), *(len(short(x)) + marks for x in numbers)]
    return Column(heading, max(widths) + 2, coloured)


def _tone(number: str) -> str:
    """The style of a number: by its sign."""
    x = float(number.strip(f" {SO_FAR}{CHANGED}") or 0)
    return "bad" if not isfinite(x) else "above" if x > 0 else "below" if x < 0 else ""
