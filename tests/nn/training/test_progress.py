"""What nn.progress promises: items pass through untouched, and a bar where somebody can see it."""

import io
import re
import sys
from itertools import pairwise
from types import SimpleNamespace

import pytest

from nn import MLP, moons, train
from nn.training.progress import Progress


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
    monkeypatch.setattr("nn.training.progress.sys", SimpleNamespace(stderr=stream))
    return stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("tqdm.std.time", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    return stderr_is(Terminal(), monkeypatch)


def run(clock: Clock, seconds: float, count: int = 10, **options: bool) -> list[int]:
    seen = []
    for i in Progress(range(count), count, "epoch", **options):
        seen.append(i)
        clock.now += seconds
    return seen


def counts(stream: io.StringIO) -> list[int]:
    """How far the bar said it was, each time that it was drawn."""
    return [int(done) for done in re.findall(r"epoch (\d+)/\d+ ", stream.getvalue())]


def test_items_pass_through_in_order(clock: Clock, terminal: io.StringIO) -> None:
    assert run(clock, 1.0) == run(clock, 1.0, show=False) == list(range(10))


def test_nothing_is_written_where_there_is_no_terminal(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    run(clock, 1.0)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_fills_and_a_line_of_its_own(
    clock: Clock, terminal: io.StringIO
) -> None:
    run(clock, 1.0, count=4)
    assert terminal.getvalue().endswith("\n")
    assert terminal.getvalue().count("\n") == 1
    drawn = counts(terminal)
    assert drawn[-1] == 4 and {1, 2, 3, 4} <= set(drawn)
    assert all(a <= b for a, b in pairwise(drawn))


def test_short_work_shows_no_bar(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 0.04)
    assert counts(terminal) == []


def test_quick_items_are_not_each_drawn(clock: Clock, terminal: io.StringIO) -> None:
    run(clock, 0.01, count=1000)
    assert 10 <= len(counts(terminal)) <= 110  # ten a second at most, in ten seconds


def test_show_overrules_the_terminal(
    clock: Clock, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(clock, 1.0, show=False)
    assert terminal.getvalue() == ""
    file = stderr_is(io.StringIO(), monkeypatch)
    run(clock, 1.0, show=True)
    assert counts(file)[-1] == 10


def test_an_interruption_leaves_the_cursor_on_a_line_of_its_own(
    clock: Clock, terminal: io.StringIO
) -> None:
    def work() -> None:
        for i in Progress(range(10), 10, "epoch"):
            clock.now += 1.0
            if i == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.getvalue().endswith("\n")


def test_without_tqdm_there_is_a_line_for_each_tenth(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    bar = Progress(range(40), 40, "epoch")
    for i in bar:
        bar.note = f"loss {i + 1}"
    assert terminal.getvalue().splitlines() == [f"epoch {k}/40 loss {k}" for k in range(4, 41, 4)]


def test_train_shows_its_epochs_on_a_terminal_with_their_losses(
    clock: Clock, terminal: io.StringIO
) -> None:
    def tick(epoch: object) -> None:
        clock.now += 1.0

    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick)
    assert re.search(
        r"epoch 3/3 [█#]+ 00:00 left, loss 0\.\d+, accuracy 0\.\d+", terminal.getvalue()
    )


def test_train_is_silent_where_there_is_no_terminal_or_where_told(
    clock: Clock,
    terminal: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tick(epoch: object) -> None:
        clock.now += 1.0

    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick, progress=False)
    assert terminal.getvalue() == ""
    file = stderr_is(io.StringIO(), monkeypatch)
    train(MLP(2, [2, 2], seed=0), moons(20), epochs=3, on_epoch=tick)
    assert file.getvalue() == ""
    assert capsys.readouterr().out == ""
