"""The debugger as a view of the whole terminal, ``pip install 'glassgrad[tui]'``: the values as
lines of code at the left, the steps at the right, and the prompt's commands on single keys."""

import os
import sys
from io import StringIO
from typing import Any, ClassVar

try:
    from textual.app import App, ComposeResult
except ModuleNotFoundError:
    cure = "pip install 'glassgrad[tui]', or step at the prompt"
    raise ModuleNotFoundError(f"the terminal view needs textual: {cure}") from None
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.theme import Theme
from textual.widgets import Footer, Input, Static

from autograd.cli.prompt import Prompt
from autograd.cli.terminal.panes import Lines, Steps, Values
from autograd.debugging.step import Computation
from autograd.debugging.walk import Walk
from autograd.drawing.palette import COLOURS
from autograd.engine.value import Value

__all__ = ["Terminal"]

ROLES = {"above": "p4", "below": "n4", "bad": "bad", "mark": "n3", "dimmed": "grad"}
ROLES |= {"cursor": "input", "chosen": "module", "edge": "outline"}
SCREEN = {"primary": "p3", "accent": "n3", "foreground": "ink", "background": "paper"}
SCREEN |= {"surface": "constant", "panel": "module"}


def _theme(dark: bool) -> Theme:
    """The colours of our drawings."""
    colour = {role: pair[dark] for role, pair in COLOURS.items()}
    screen: dict[str, Any] = {name: colour[role] for name, role in SCREEN.items()}
    variables = {name: colour[role] for name, role in ROLES.items()}
    return Theme("dark" if dark else "light", dark=dark, variables=variables, **screen)


class Keys(Footer):
    """The keys; in several lines where the terminal is narrow."""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        self.styles.grid_size_columns = 4


class Terminal(App[None]):
    """A session of the prompt, seen whole: each key is a command of the prompt, and ``:`` opens a
    line for the rest of them."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "Values"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]  # noqa: RUF012 (no ClassVar there)
    CSS = """
    Screen { background: $background; }
    #top { height: 1; background: $panel; padding: 0 1; }
    #what { width: 1fr; text-style: bold; text-overflow: ellipsis; text-wrap: nowrap; }
    #place { width: auto; }
    #panes { height: 1fr; }
    .-narrow #panes { layout: vertical; }
    Steps { border-left: vkey $edge; }
    .-narrow Steps { border-left: none; border-top: hkey $edge; }
    .-narrow Keys { layout: grid; height: 3; }
    .-few-colours Lines:focus > .cursor { text-style: reverse; }
    #saying { height: auto; max-height: 50%; min-height: 3; background: $surface; padding: 0 1;
        scrollbar-size: 1 1; scrollbar-color: $edge; scrollbar-background: $surface; }
    #line { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    #line.open { display: block; }
    """
    BINDINGS: ClassVar = [
        Binding("s,right", "type('step')", "step"),
        Binding("k,left", "type('back')", "back"),
        Binding("n", "type('next')", "next"),
        Binding("c", "type('continue')", "cont"),
        Binding("r", "type('finish')", "end"),
        Binding("b", "break", "break"),
        Binding("enter", "go", "go"),
        Binding("f", "turn", "pass"),
        Binding("colon", "open", "type", key_display=":"),
        Binding("h,question_mark", "type('help')", "help"),
        Binding("t", "light", "theme", show=False),
        Binding("q", "type('quit')", "quit"),
        Binding("escape", "close", show=False),
    ]

    def __init__(self, walk: Walk, title: str = "") -> None:
        super().__init__()
        self.session = Prompt(walk, StringIO(), StringIO())
        y, names = walk.output, walk.names
        self.heading = title or (Computation(0, names, y).formula if y.operands else names[y])
        self.shown: tuple[Walk | None, int] = None, 0  # the walk, and where it was
        for dark in (False, True):
            self.register_theme(_theme(dark))
        # Terminals that say what they look like say "foreground;background".
        light = os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
        self.theme = "light" if light else "dark"

    def open(self) -> None:
        """Run until the user quits. Raises ValueError where there is no terminal."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            remedy = "step by movements of the walk, or by commands that the prompt reads"
            raise ValueError(f"the terminal view needs a terminal to draw on: {remedy}")
        self.run()

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield Static(self.heading, id="what", markup=False)
            yield Static(id="place", markup=False)
        with Horizontal(id="panes"):
            yield Values(self.session.walk)
            yield Steps(self.session.walk)
        with VerticalScroll(id="saying", can_focus=False):
            yield Static(id="said", markup=False)
        hint = "b abs(grad) > 10, why w, ... (Enter: do it, Esc: close)"
        yield Input(placeholder=hint, id="line")
        yield Keys(compact=True)

    def on_mount(self) -> None:
        few = self.no_color or self.console.color_system in ("standard", "windows")
        self.screen.set_class(few, "-few-colours")
        self.action_type("where")

    def action_type(self, line: str) -> None:
        """Carry out a line of the prompt, and show what it says."""
        self.session.stdout = said = StringIO()
        if self.session.onecmd(line):
            return self.exit()
        walk = self.session.walk
        self.query_one("#said", Static).update(said.getvalue().rstrip("\n"))
        self.query_one("#saying").scroll_home(animate=False)
        kind = "forward" if walk.kind is Computation else "reverse"
        place = f"{kind} pass, step {walk.number} of {len(walk)}{', the end' if walk.done else ''}"
        if self.screen.has_class("-narrow"):
            place = f"{kind} {walk.number}/{len(walk)}"
        self.query_one("#place", Static).update(place)
        values, steps = self.query_one(Values), self.query_one(Steps)
        moved = (walk, walk.number) != self.shown
        self.shown = walk, walk.number
        for pane in (values, steps):
            pane.show(walk)
        if moved:
            steps.cursor = walk.number
            where = walk.where()
            changed = walk.output if isinstance(where, str) else where.value
            values.cursor = values.rows.get(changed, values.cursor)

    def _pane(self) -> Lines:
        return self.focused if isinstance(self.focused, Lines) else self.query_one(Values)

    def action_break(self) -> None:
        """Set a breakpoint on what the cursor is at, or take it away."""
        at, walk = self._pane().chosen(), self.session.walk
        if isinstance(at, Value):  # whose name may be that of its operation, too
            known = any(each.at is at for each in walk.breakpoints)
            (walk.clear if known else walk.breakpoint)(at)
            self.action_type("break")
        else:
            known = at in [each.name for each in walk.breakpoints]
            self.action_type(f"{'clear' if known else 'break'} {at}")

    def action_go(self) -> None:
        """Go to the step at the cursor, or until the value at the cursor is complete."""
        pane, names = self._pane(), self.session.walk.names
        at = pane.chosen()
        self.action_type(f"until {names[at]}" if isinstance(at, Value) else f"at {pane.cursor + 1}")

    def action_turn(self) -> None:
        """Go over to the other pass."""
        forward = self.session.walk.kind is Computation
        self.action_type("reverse" if forward else "forward")

    def action_light(self) -> None:
        """Change between the light and the dark theme."""
        self.theme = "dark" if self.theme == "light" else "light"

    def action_open(self) -> None:
        """Open a line for any command of the prompt."""
        line = self.query_one(Input)
        line.add_class("open")
        line.focus()

    def action_close(self) -> None:
        """Close the line."""
        line = self.query_one(Input)
        line.clear()
        line.remove_class("open")
        self.query_one(Values).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.action_close()
        self.action_type(event.value)
