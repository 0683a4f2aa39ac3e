"""What a long run says while it lasts, and when it ends by itself."""

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from nn import MLP, Trainer, moons
from nn.cli.progress import Progress, notice
from tests.nn.cli.commands import HOUSE, IRIS, Terminal, printed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets each step take so many seconds."""
    now = [0.0]

    def ticking(seconds: float) -> None:
        class Slow(Trainer):
            def __setattr__(self, name: str, value: object) -> None:
                if name == "on_step" and value is not None:
                    said = value

                    def value(done: int, steps: int) -> None:
                        now[0] += seconds
                        if self.on_step is not None:
                            said(done, steps)  # type: ignore[operator]

                super().__setattr__(name, value)

        monkeypatch.setattr("tests.nn.cli.test_progress.Trainer", Slow)

    monkeypatch.setattr("nn.cli.progress.SOON", 1.0)
    monkeypatch.setattr("nn.cli.progress.monotonic", lambda: now[0])
    return ticking


def trained(stream: io.StringIO, monkeypatch: Any, quiet: bool = False, part: float = 0.2) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    options: Any = {"epochs": 30, "callbacks": [Progress("fold 2 of 5", quiet)]}
    Trainer(MLP(2, [2], seed=0), moons(125), validation=part, **options).fit()
    return stream.getvalue()


def test_before_the_first_epoch_is_over_a_run_says_how_long_it_may_take(
    clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(0.5)  # seconds a step, of which an epoch has 7
    lines = trained(io.StringIO(), monkeypatch).splitlines()
    said = "fold 2 of 5: at most 2 min for 30 epochs of 4 s; Ctrl-C ends it with the best"
    assert lines[0] == f"{said} model so far"
    assert trained(io.StringIO(), monkeypatch, quiet=True) == ""


def test_the_validation_that_is_to_come_counts_in_the_estimate(
    clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(2.0)  # for 26 rows in two steps; then 99 rows to validate on, each for half as long
    lines = trained(io.StringIO(), monkeypatch, part=0.79).splitlines()
    assert lines[0].startswith("fold 2 of 5: at most 6 min for 30 epochs of 12 s; ")


def test_a_run_of_seconds_says_nothing(
    clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(0.01)
    assert trained(io.StringIO(), monkeypatch) == ""


def test_where_output_is_piped_there_is_a_line_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 100_000, 25))  # at each look at the clock
    monkeypatch.setattr("nn.cli.progress.monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr("nn.cli.progress.SOON", 0.0)
    monkeypatch.setattr("nn.cli.progress.LONG", 1e9)
    lines = trained(io.StringIO(), monkeypatch).splitlines()
    assert 8 <= len(lines) <= 15
    assert lines[1].startswith("fold 2 of 5: epoch 4 of 30, loss 0.")
    assert "validation loss 0." in lines[0] and lines[0].endswith(" left")


def test_on_a_terminal_the_bar_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm")
    assert "at most" not in trained(Terminal(), monkeypatch)


def test_what_takes_more_than_a_second_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nn.cli.progress.SOON", 0.01)
    for quiet in (False, True):
        with notice("reading a.csv", quiet):
            time.sleep(0.03)
    monkeypatch.setattr("nn.cli.progress.SOON", 60.0)
    with notice("drawing"):
        pass
    assert capsys.readouterr().err == "reading a.csv ...\n"


@pytest.mark.full
def test_a_run_ends_where_the_validation_loss_gets_no_better_unless_it_is_told_not_to() -> None:
    words = ["train", str(IRIS), "--rate", "0.3", "--epochs", "40", "--hidden", "4"]
    out, _ = printed(words)
    assert "40 epochs at most; ends after 20 without a lower validation loss (--pat" in out
    assert "the validation loss has not become better for 20 epochs" in out
    out, _ = printed([*words, "--patience", "0"])
    assert "\n40 epochs at most\n" in out and "trained 40 epochs" in out


@pytest.mark.full
@pytest.mark.parametrize("module", ["nn.layers", "nn.cli.options", "nn.cli.data"])
def test_ctrl_c_while_the_command_is_imported_ends_it_in_a_line(module: str) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "nn", "train", "--help"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=HOUSE, stderr=pipe, stdout=pipe, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.split()[-1] == module)
        process.send_signal(signal.SIGINT)
        said = [line for line in process.stderr if not line.startswith("import time:")]
    assert (process.wait(), said) == (130, ["interrupted\n"])
