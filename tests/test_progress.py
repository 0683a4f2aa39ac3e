"""What nn.progress promises: items pass through untouched, and a bar where somebody can see it."""

import io
import re
from types import SimpleNamespace

import pytest

from nn import MLP, moons, train
from nn.progress import Progress


class Clock:
    """Seconds that pass only when a test lets them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def stderr_is(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The stream that progress is written on; sys.stderr itself pytest takes back before each test."""
    monkeypatch.setattr("nn.progress.sys", SimpleNamespace(stderr=stream))
    return stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("nn.progress.time.monotonic", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setenv("COLUMNS", "120")
    return stderr_is(Terminal(), monkeypatch)


def run(clock: Clock, seconds: float, count: int = 10, **options: bool) -> list[int]:
    seen = []
    for i in Progress(range(count), count, "epoch", **options):
        seen.append(i)
        clock.now += seconds
    return seen


def test_items_pass_through_in_order(clock: Clock) -> None:
    assert run(clock, 1.0) == list(range(10))


def test_nothing_is_written_where_there_is_no_terminal(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    run(clock, 1.0)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_fills_and_a_line_of_its_own(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 1.0, count=4)
    text = terminal.getvalue()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    frames = text.rstrip("\n").split("\r")[1:]
    assert all(frame.endswith("\x1b[K") for frame in frames)
    assert [re.match(r"epoch (\d)/4 (█*)(░*) (\d) s left", frame).groups() for frame in frames] == [
        (str(k), "█" * 6 * k, "░" * (24 - 6 * k), str(4 - k)) for k in (1, 2, 3, 4)
    ]


def test_short_work_shows_no_bar(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 0.04)
    assert terminal.getvalue() == ""


def test_quick_items_are_not_each_drawn(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 0.01, count=1000)
    assert 50 <= terminal.getvalue().count("\r") <= 100  # ten a second, in ten seconds


def test_the_last_item_is_always_drawn(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 0.03, count=31)
    assert "epoch 31/31 " + "█" * 24 in terminal.getvalue()


def test_show_overrules_the_terminal(clock: Clock, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    run(clock, 1.0, show=False)
    assert terminal.getvalue() == ""
    file = stderr_is(io.StringIO(), monkeypatch)
    run(clock, 1.0, show=True)
    assert "epoch 10/10" in file.getvalue()


@pytest.mark.parametrize("columns", [20, 60, 80])
def test_a_line_is_cut_at_the_width_of_the_terminal(
    clock: Clock, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    bar = Progress(range(3), 3, "epoch")
    for _ in bar:
        bar.note = "loss " * 50
        clock.now += 1.0
    frames = terminal.getvalue().rstrip("\n").replace("\x1b[K", "").split("\r")[1:]
    assert max(map(len, frames)) == columns - 1


def test_an_interruption_leaves_the_cursor_on_a_line_of_its_own(clock: Clock, terminal: io.StringIO) -> None:
    def work() -> None:
        for i in Progress(range(10), 10, "epoch"):
            clock.now += 1.0
            if i == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.getvalue().endswith("\x1b[K\n")


def test_train_shows_its_epochs_on_a_terminal_with_their_losses(clock: Clock, terminal: io.StringIO) -> None:
    def tick(epoch: object) -> None:
        clock.now += 1.0

    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick)
    assert re.search(r"epoch 3/3 █{24} 0 s left epoch 3: loss 0\.\d+, accuracy 0\.\d+", terminal.getvalue())


def test_train_is_silent_where_there_is_no_terminal_or_where_told(
    clock: Clock, terminal: io.StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tick(epoch: object) -> None:
        clock.now += 1.0

    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick, progress=False)
    assert terminal.getvalue() == ""
    file = stderr_is(io.StringIO(), monkeypatch)
    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick)
    assert file.getvalue() == ""
    assert capsys.readouterr().out == ""
