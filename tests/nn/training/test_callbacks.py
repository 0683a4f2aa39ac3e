"""What callbacks promise: each is called at its moments, stops where it should, and shows a bar
where somebody can see it.
"""

import io
import re
import sys
from itertools import pairwise
from math import nan
from types import SimpleNamespace
from typing import Any

import pytest

from nn import MLP, SGD, Epoch, History, cross_entropy, evaluate, moons, train
from nn.training.callbacks import Callback, EarlyStopping, ProgressBar
from tests.nn.training.examples import blurred, numbers

# The four moments


class Diary(Callback):
    """Writes down when it was called."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_train_begin(self, trainer: Any) -> None:
        self.lines.append(f"begin {len(trainer.history)}")

    def on_epoch_begin(self, trainer: Any) -> None:
        self.lines.append(f"to {len(trainer.history) + 1}")

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        assert trainer.history[-1] is epoch
        self.lines.append(f"after {epoch.number}")

    def on_train_end(self, trainer: Any) -> None:
        self.lines.append(trainer.history.stopped or "end")


class Enough(Callback):
    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        if epoch.number == 2:
            trainer.stop("two are enough")


def test_callbacks_are_called_at_four_moments() -> None:
    diary = Diary()
    train(MLP(2, [2], seed=0), moons(20), epochs=2, callbacks=[diary])
    assert diary.lines == ["begin 0", "to 1", "after 1", "to 2", "after 2", "end"]


def test_a_callback_may_stop_the_run_and_another_is_told() -> None:
    diary = Diary()
    history = train(
        MLP(2, [2], seed=0), moons(20), epochs=9, validation=None, callbacks=[Enough(), diary]
    )
    assert history.stopped == "two are enough" == diary.lines[-1]
    assert len(history) == 2


def test_early_stopping_among_the_callbacks_is_early_stopping() -> None:
    rest, part = blurred()
    runs = []
    for options in ({"until": EarlyStopping(8)}, {"callbacks": [EarlyStopping(8)]}):
        model = MLP(2, [16, 2], seed=0)
        history = train(model, rest, None, SGD(0.5, 0.9), validation=part, epochs=99, **options)
        runs.append((history, history.stopped, numbers(model)))
    assert runs[0] == runs[1]


def test_what_is_no_callback_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a list of nn.Callback, got .*: write on_epoch=f"):
        train(MLP(2, [2]), moons(20), callbacks=[print])  # type: ignore[list-item]


# Early stopping


def history(*losses: float) -> History:
    return History(Epoch(k, 0.1, validation_loss=x) for k, x in enumerate(losses, 1))


def test_patience_counts_from_the_last_epoch_that_was_better() -> None:
    rule = EarlyStopping(patience=3)
    assert [rule(history(*[3, 2, 2.5, 2, 1.9, 2, 1.9, 1.95][:n])) for n in range(9)] == [""] * 8 + [
        "the validation loss has not become better for 3 epochs"
    ]
    assert (
        EarlyStopping(patience=1)(history(1, 1))
        == "the validation loss has not become better for 1 epoch"
    )


def test_improvements_that_are_too_small_do_not_count() -> None:
    falling = history(1.0, 0.99, 0.98, 0.97)
    assert EarlyStopping(patience=3)(falling) == ""
    assert EarlyStopping(patience=3, min_delta=0.1)(falling)


def test_a_run_stops_when_the_rule_says_so_and_goes_back_to_the_best_epoch() -> None:
    rest, part = blurred()
    model, kept = MLP(2, [16, 2], seed=0), {}

    def keep(epoch: Epoch) -> None:
        kept[epoch.number] = numbers(model)

    options: dict[str, Any] = {"epochs": 300, "validation": part, "on_epoch": keep}
    found = train(model, rest, optimizer=SGD(0.5, 0.9), until=EarlyStopping(patience=8), **options)
    best = min(found, key=lambda epoch: epoch.validation_loss)
    assert found.best is best
    assert len(found) == best.number + 8 < 300
    assert numbers(model) == kept[best.number] != kept[len(found)]
    assert evaluate(model, part)[0] == pytest.approx(best.validation_loss, rel=1e-12)
    assert found.stopped == (
        f"stopped after {len(found)} of 300 epochs: the validation loss has not become better for "
        f"8 epochs; the parameters are those of epoch {best.number}, "
        "which had the lowest validation loss"
    )


def test_a_run_with_a_rule_that_never_speaks_ends_with_the_best_epoch_too() -> None:
    rest, part = blurred()
    model = MLP(2, [16, 2], seed=0)
    found = train(
        model, rest, optimizer=SGD(0.5, 0.9), epochs=30, validation=part, until=lambda history: ""
    )
    assert found.best is not None
    assert found.best is not found[-1]
    assert evaluate(model, part)[0] == pytest.approx(found.best.validation_loss, rel=1e-12)
    assert found.stopped == ""


def test_a_validation_loss_of_nan_ends_the_run_with_the_best_epoch() -> None:
    """Finite to learn from, and nan on the other part from the fourth epoch on."""
    data, model, kept = moons(30), MLP(2, [3, 2], seed=0), {}

    def loss(outputs: Any, targets: Any) -> Any:
        found = cross_entropy(outputs, targets)
        return found * nan if len(kept) >= 3 and len(targets) == 5 else found

    history = train(
        model, data, loss, epochs=9, batch_size=8, validation=moons(5), engine="eager",
        until=EarlyStopping(), on_epoch=lambda epoch: kept.update({epoch.number: numbers(model)}),
    )  # fmt: skip
    assert history.stopped == (
        "stopped after 4 of 9 epochs: the validation loss became nan; the parameters are those of "
        "epoch 3, which had the lowest validation loss"
    )
    assert numbers(model) == kept[3] != kept[4]


def test_a_rule_may_be_any_function_of_the_history() -> None:
    found = train(
        MLP(2, [8, 2], seed=0),
        moons(40),
        epochs=50,
        until=lambda h: "enough" if len(h) == 4 else "",
    )
    assert len(found) == 4
    assert found.stopped.startswith("stopped after 4 of 50 epochs: enough")


# The bar


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
    """Where progress is written; pytest takes sys.stderr itself back before each test."""
    monkeypatch.setattr("nn.training.callbacks.sys", SimpleNamespace(stderr=stream))
    return stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("tqdm.std.time", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    return stderr_is(Terminal(), monkeypatch)


def run(clock: Clock, seconds: float, count: int = 10, **options: bool) -> None:
    bar, trainer = ProgressBar(**options), SimpleNamespace(epochs=count, history=[])
    bar.on_train_begin(trainer)
    for number in range(count):
        clock.now += seconds
        bar.on_epoch_end(trainer, Epoch(number + 1, 0.5))
    bar.on_train_end(trainer)


def counts(stream: io.StringIO) -> list[int]:
    """How far the bar said it was, each time that it was drawn."""
    return [int(done) for done in re.findall(r"epoch (\d+)/\d+ ", stream.getvalue())]


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
    def press(epoch: Epoch) -> None:
        clock.now += 1.0
        if epoch.number == 4:
            raise KeyboardInterrupt

    assert len(train(MLP(2, [2], seed=0), moons(20), epochs=10, on_epoch=press)) == 4
    assert "epoch 3/10" in terminal.getvalue() and terminal.getvalue().endswith("\n")


def test_without_tqdm_there_is_no_bar(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    assert len(train(MLP(2, [2], seed=0), moons(20), epochs=2)) == 2
    assert terminal.getvalue() == ""


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
