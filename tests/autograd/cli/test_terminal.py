"""The terminal view, driven by keys without a terminal: what it does is what the prompt does."""

import asyncio
import contextvars
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd import Value, tanh, total, walk
from autograd.cli.commands import main
from autograd.cli.prompt import Prompt
from autograd.debugging.walk import Walk
from tests.random_graphs import built, drawn, grads

HOUSE = Path(__file__).parents[3]
KEYS = {"s": "s", "k": "k", "n": "n", "c": "c", "r": "r", "right": "s", "left": "k"}


def neuron() -> Value:
    return tanh(Value(-1.2, "w") * Value(0.5, "x") + Value(0.3, "b"))


class Seen:
    """A view that is open, and what is to be seen of it; press types keys."""

    def __init__(self, steps: Walk, *keys: str, size: tuple[int, int] = (80, 24)) -> None:
        from textual.widgets import Static

        from autograd.cli.terminal import Terminal
        from autograd.cli.terminal.panes import Steps, Values

        self.app = Terminal(steps, "an expression")
        # textual knows its app by a context variable, which each task must find.
        self._loop, self._context = asyncio.new_event_loop(), contextvars.copy_context()
        self._running = self.app.run_test(size=size)
        self.pilot = self._run(self._running.__aenter__())
        self.values, self.steps = self.app.query_one(Values), self.app.query_one(Steps)
        self._said, self._place = (self.app.query_one(f"#{x}", Static) for x in ("said", "place"))
        self.press(*keys)

    def _run(self, what: Any) -> Any:
        return self._loop.run_until_complete(self._loop.create_task(what, context=self._context))

    def press(self, *keys: str) -> "Seen":
        self._run(self.pilot.press(*("space" if key == " " else key for key in keys)))
        self._run(self.pilot.pause())
        return self

    def close(self) -> None:
        self._run(self._running.__aexit__(None, None, None))
        self._loop.close()

    @property
    def walk(self) -> Walk:
        return self.app.session.walk

    @property
    def said(self) -> str:
        return str(self._said.render())

    @property
    def place(self) -> str:
        return str(self._place.render())

    def strips(self, pane: Any) -> list[Any]:
        made = self._context.copy().run
        return [made(pane.render_line, y) for y in range(pane.size.height)]

    def lines(self, pane: Any) -> list[str]:
        strips = self.strips(pane)
        assert {strip.cell_length for strip in strips} <= {pane.scrollable_content_region.width}
        return [strip.text.rstrip() for strip in strips if strip.text.strip()]


@pytest.fixture
def see() -> Iterator[Callable[..., Seen]]:
    """Opens views, which are closed when the test ends."""
    opened: list[Seen] = []

    def opens(*args: Any, **options: Any) -> Seen:
        opened.append(Seen(*args, **options))
        return opened[-1]

    yield opens
    for seen in opened:
        seen.close()


See = Callable[..., Seen]


@pytest.mark.full
def test_the_view_shows_values_steps_and_what_the_prompt_says(see: See) -> None:
    seen = see(walk(neuron()), "s", "s", "s", "s")
    assert seen.lines(seen.values) == [
        "   value                data    grad",
        "   w                    -1.2  0.4576 ◀",
        "   x                     0.5",
        " ▶ mul = w * x          -0.6  0.9151",
        "   b                     0.3  0.9151",
        "   add = mul + b        -0.3  0.9151",
        "   tanh = tanh(add)  -0.2913       1",
    ]
    assert seen.lines(seen.steps) == [
        "   step                          adds",
        "   1 add.grad += sech(add)**…  0.9151",
        "   2 mul.grad += 1 * add.grad  0.9151",
        "   3 b.grad += 1 * add.grad    0.9151",
        "   4 w.grad += x * mul.grad    0.4576",
        " ▶ 5 x.grad += w * mul.grad",
    ]
    assert (seen.place, seen.said) == ("reverse pass, step 4 of 5", repr(walk(neuron()).at(4)))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(3))
def test_keys_do_what_the_letters_of_the_prompt_do(see: See, seed: int) -> None:
    at = [0.5, -1.2, 2.0]
    plan = drawn(Random(seed), 23, [[x] for x in at])
    (y, _), (other, _) = built((at, plan)), built((at, plan))
    keys = Random(seed).choices(sorted(KEYS), k=12)
    seen = see(walk(y), *keys)
    lines = "".join(f"{KEYS[key]}\n" for key in keys)
    session = Prompt(walk(other), io.StringIO(lines), io.StringIO())
    session.run()
    assert (seen.walk.number, grads(y)) == (session.walk.number, grads(other))
    assert seen.said == repr(seen.walk)


@pytest.mark.full
def test_the_cursor_is_where_breakpoints_are_set_and_where_enter_goes(see: See) -> None:
    seen = see(walk(neuron()), "home", "b", "c")  # w
    assert seen.walk.number == 4 and seen.said.startswith("step 4 of 5, stopped at w:")
    assert seen.lines(seen.values)[1].startswith("●")
    assert [line[0] for line in seen.lines(seen.steps)] == [*"    ● "]
    seen.press("b", "k", "tab", "home", "down", "down", "b", "home", "enter")
    assert [repr(each) for each in seen.walk.breakpoints] == ["number == 3"]
    assert seen.press("c").said.startswith("step 3 of 5, stopped at number == 3:")
    seen.press("up", "b", "tab", "home", "enter")
    assert not seen.walk.breakpoints and seen.walk.number == 4
    past = "w is complete from step 4, which is this one"
    assert seen.press("enter").said == past
    # The value add, not the operation of that name.
    assert seen.press("end", "up", "b", "colon", *"run", "enter", "c").walk.number == 1


@pytest.mark.full
def test_each_pass_keeps_its_place_and_the_forward_pass_shows_what_is_computed(see: See) -> None:
    seen = see(walk(neuron()), "s", "f", "s")
    assert seen.place == "forward pass, step 1 of 3"
    last = [line.split()[-1] for line in seen.lines(seen.values)]
    assert last == ["data", "-1.2", "0.5", "◀", "0.3", "b", "tanh(add)"]
    assert seen.press("f").place == "reverse pass, step 1 of 5"
    assert "grad" in seen.lines(seen.values)[0]


@pytest.mark.full
def test_a_colon_opens_a_line_for_any_command_of_the_prompt(see: See) -> None:
    seen = see(walk(neuron()), "colon", *"b grad < 0", "enter", "c")
    assert seen.said.startswith("step 5 of 5, the end, stopped at grad < 0:")
    assert seen.press("colon", "k", "k", "escape", "k").walk.number == 4
    assert seen.press("colon", *"up", "enter").said.startswith("there is no command up")
    assert not seen.press("colon", "q", "enter").app.is_running


@pytest.mark.full
def test_a_terminal_of_any_size_will_do_and_it_may_change(see: See) -> None:
    y = total([Value(k / 7) for k in range(200)]) * 2
    seen = see(walk(y), *"nkn", "end", "tab", "pagedown", "end", "h")
    for size, cursors in [((50, 30), (200, 201)), ((120, 40), (199, 201))]:
        seen._run(seen.pilot.resize_terminal(*size))
        seen.press("down", "tab", "up", "tab")
        assert (seen.values.cursor, seen.steps.cursor) == cursors
        assert seen.lines(seen.values) and seen.lines(seen.steps)
    seen._run(seen.pilot.resize_terminal(10, 5))
    assert seen.press("r").walk.done


@pytest.mark.full
def test_colours_follow_the_terminal_and_without_them_the_marks_remain(
    see: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    def background(seen: Seen) -> str:
        return seen.app.theme_variables["background"].lower()

    monkeypatch.setenv("COLORTERM", "truecolor")
    dark = see(walk(neuron()), "s")
    assert (background(dark), background(dark.press("t"))) == ("#0d1117", "#ffffff")
    monkeypatch.setenv("COLORFGBG", "0;15")
    monkeypatch.setenv("NO_COLOR", "1")
    grey = see(walk(neuron()), "s")
    assert background(grey) == "#ffffff"
    picture = grey._context.run(grey.app.export_screenshot)
    colours = set(re.findall(r"-r\d+ { fill: #(\w\w)(\w\w)(\w\w)", picture))
    colours -= {("c5", "c8", "c6")}  # what rich's pictures have for no colour
    assert len(colours) > 3 and {red == green == blue for red, green, blue in colours} == {True}
    for pane in ("values", "steps"):
        assert grey.lines(getattr(grey, pane)) == dark.lines(getattr(dark, pane))
    inverted = [i for i, strip in enumerate(grey.strips(grey.values)) if _inverted(strip)]
    assert inverted == [1 + grey.values.cursor]
    assert not any(map(_inverted, dark.strips(dark.values)))


def _inverted(strip: Any) -> bool:
    return any(segment.style and segment.style.reverse for segment in strip)


@pytest.mark.full
def test_labels_and_numbers_of_any_kind_are_shown_and_not_obeyed(see: See) -> None:
    labels = ["[red]x[/]", "a\x1b[2J\nb", "名前" * 20, "x=1", "]"]
    numbers = [1.0, -0.0, 1e300, 1e-300, 5.0]
    y = total([Value(x, label) for x, label in zip(numbers, labels, strict=True)])
    seen = see(walk(y * float("inf")), "b", "s", "r", "home", *["b", "down"] * 4, "k", "c")
    lines = [*seen.lines(seen.values), *seen.lines(seen.steps), *seen.said.split("\n")]
    assert any("[red]x[/]" in line for line in lines)
    assert all(line.isprintable() for line in lines)
    assert len(seen.walk.breakpoints) == 5


@pytest.mark.full
def test_of_a_large_graph_only_the_lines_that_are_shown_are_made(see: See) -> None:
    y = Value(0.5, "x")
    for _ in range(20_000):
        y = y + 1e-3
    seen = see(walk(y), *"snr", "pageup", "tab", "home")
    assert seen.walk.done and len(seen.lines(seen.steps)) < 30


def test_without_textual_or_a_terminal_the_command_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "autograd.cli.terminal", raising=False)
    monkeypatch.setitem(sys.modules, "textual.app", None)  # type: ignore[arg-type]
    assert main(["step", "--tui", "x * x", "x=2"]) == 2
    cure = "pip install 'glassgrad[tui]', or step at the prompt"
    needed = f"the terminal view needs textual: {cure}\n"
    assert capsys.readouterr().err == needed


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_the_command_opens_it_in_a_real_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", "--tui", "x * x", "x=2"]) == 2
    assert capsys.readouterr().err.startswith("the terminal view needs a terminal to draw on")
    with pytest.raises(ValueError, match="needs a terminal to draw on"):
        walk(neuron()).tui()
    import pty

    child, terminal = pty.fork()
    if not child:
        os.environ |= {"TERM": "xterm-256color", "PYTHONPATH": str(HOUSE)}
        command = [sys.executable, "-m", "autograd", "step", "--tui", "x * x", "x=2"]
        os.execv(sys.executable, command)
    written = b""
    for key, awaited in [(b"s", b"step 1 of 2"), (b"q", b"\x1b[?1049l")]:
        while b"step 0 of 2" not in written:
            written += os.read(terminal, 4096)
        os.write(terminal, key)
        while awaited not in written:
            written += os.read(terminal, 4096)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.full
def test_forty_columns_show_the_place_and_all_keys(see: See) -> None:
    seen = see(walk(neuron()), "c", size=(40, 24))
    assert seen.place == "reverse 5/5"
    render = seen._context.copy().run
    lines = [strip.text for strip in render(seen.app.screen._compositor.render_strips)]
    assert "an expression" in lines[0] and "reverse 5/5" in lines[0]
    keys = " ".join(lines[-3:])
    assert all(key in keys for key in ("s step", "b break", "f pass", ": type", "q quit"))
