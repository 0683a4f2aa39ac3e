"""The folder of a run: whole or not at all, resumed, interrupted."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nn import Trainer
from nn.io.json_file import write_json
from nn.io.predictor import Predictor
from tests.nn.cli.commands import (
    IRIS,
    QUICK,
    RESULTS,
    files,
    printed,
    python_m_nn,
    table,
    unhurried,
)


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def options(folder: Path) -> str:
    return (folder / "options.json").read_text()


def wait(run: "subprocess.Popen[str]", until: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not until() and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)


def test_a_folder_that_holds_a_run_is_only_overwritten_when_asked(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    (here / "run" / "losses.png").write_text("of a run with plots")
    (here / "run" / "notes.txt").write_text("mine")
    (here / "run-2").write_text("not a folder")
    before = contents(here)
    out, err = printed(["train", str(IRIS), *QUICK, "--seed", "5"])
    assert err == (
        "note: run holds a run, so this goes to run-3; --overwrite replaces what is there, "
        "--resume continues it\n"
    )
    assert "\nwritten to run-3: " in out and "python -m nn predict run-3 new.csv" in out
    assert {name: contents(here)[name] for name in before} == before
    printed(["train", str(IRIS), *QUICK, "--seed", "5", "--out", "run/", "--quiet"])
    assert files(here) == {"run", "run-2", "run-3", "run-4"} and files(here / "run-4") == RESULTS
    before = (here / "run" / "model.json").read_bytes()  # type: ignore[assignment]
    printed(["train", str(IRIS), *QUICK, "--seed", "5", "--overwrite"])
    assert (here / "run" / "model.json").read_bytes() != before
    assert files(here / "run") == RESULTS | {"notes.txt"}, (
        "a plot of the former run would lie about this one"
    )


def test_a_resumed_run_ends_as_one_that_never_stopped(here: Path) -> None:
    words = ["--hidden", "5", "--optimizer", "momentum", "--seed", "4"]
    printed(["train", str(IRIS), *words, "--epochs", "12", "--out", "whole"])
    printed(["train", str(IRIS), *words, "--epochs", "5", "--out", "halves"])
    out, _ = printed(["train", str(IRIS), "--out", "halves", "--resume", "--epochs", "12"])
    assert re.search(r"trained 7 epochs in [\d.]+ s, after 5 before; engine", out)
    for name in ("model.json", "history.csv", "options.json", "checkpoint.json"):
        assert (here / "halves" / name).read_bytes() == (here / "whole" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "9"], "needs a checkpoint of this run, whose training part is "),
        (["--hidden", "6"], "needs a checkpoint of this run, whose model is MLP(4, [6, 3]"),
        (["--init", "zeros"], "needs a checkpoint of this run, whose "),
        (["--epochs", "2"], "at most 2 epochs, as asked for, got one of 3; "),
    ],
)
def test_another_run_is_not_resumed_and_nothing_changes(
    words: list[str], said: str, here: Path
) -> None:
    printed(["train", str(IRIS), *QUICK])
    before = contents(here)
    out, err = printed(["train", str(IRIS), "--resume", *words], status=2)
    assert said in err and err.count("\n") == 1
    assert err.endswith("or start again with --overwrite or another --out\n")
    assert out == "", "it is known before a word is said of the run"
    assert contents(here) == before


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


FULL = "needs a place that can be written, got 'No space left on device'; make room there, and {}\n"


def test_a_file_that_cannot_be_written_leaves_none_of_the_others(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert f"--out run cannot be made: {here}" in printed(["train", str(IRIS)], status=2)[1]
        assert files(here) == set()
    with monkeypatch.context() as patched:
        patched.setattr(Predictor, "save", lambda *_: patched.setattr(os, "fsync", full))
        out, err = printed(["train", str(IRIS), *QUICK], status=2)
    assert err.endswith(FULL.format("--resume")) and "held-out" in out and "written to" not in out
    assert files(here) == {".run.part"}
    printed(["train", str(IRIS), "--resume"])
    assert files(here) == {"run"} and files(here / "run") == RESULTS


@pytest.mark.parametrize("moves", [0, 1])
def test_a_run_that_cannot_be_moved_into_place_leaves_the_former_one(
    moves: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(["train", str(IRIS), *QUICK])
    before, rename, left = contents(here / "run"), Path.rename, iter([True] * moves)

    def moved(self: Path, target: Path) -> Path:
        return rename(self, target) if self.suffix == ".former" or next(left, False) else full()

    words = [*QUICK, "--seed", "5", "--overwrite"]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", moved)
        assert printed(["train", str(IRIS), *words], status=2)[1].endswith(FULL.format("--resume"))
    assert contents(here / "run") == before
    assert files(here) == {"run", ".run.part"}
    printed(["train", str(IRIS), "--resume"])
    assert contents(here / "run")["model.json"] != before["model.json"]
    assert files(here) == {"run"}


@pytest.mark.parametrize("others", [(), ("notes.txt",)])
def test_a_run_killed_between_its_two_moves_is_repaired_by_the_next_command(
    others: tuple[str, ...], here: Path
) -> None:
    printed(["train", str(IRIS), *QUICK])
    for name in others:
        (here / "run" / name).write_text("mine")
    before = contents(here / "run")
    (here / "run").rename(here / ".run.former")
    printed(["predict", "run", str(IRIS), "--quiet"])
    assert contents(here / "run") == before and files(here) == {"run"}
    shutil.copytree(here / "run", here / ".run.former")
    for name in others:  # killed after both moves, before the user's own files were brought over
        (here / "run" / name).unlink()
    printed(["predict", "run", str(IRIS), "--quiet"])
    assert contents(here / "run") == before and files(here) == {"run"}


@pytest.mark.full
def test_kill_leaves_the_former_run_and_a_part_to_resume_or_to_remove(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    before, part = contents(here / "run"), here / ".run.part"
    for words in (["--resume", "--epochs=1000000"], ["--overwrite", "--epochs=2000000"]):
        run = python_m_nn("train", str(IRIS), "--hidden", "4", "--patience", "0", *words)
        wait(run, lambda end=words[1]: (part / "checkpoint.json").exists() and end in options(part))
        _, err = printed(["train", str(IRIS), *QUICK, "--overwrite"], status=2)
        assert err == "--out run is being written by another training: choose another\n"
        assert "goes to run-2" in printed(["train", str(IRIS), *QUICK, "--quiet"])[1]
        shutil.rmtree(here / "run-2")
        run.kill()
        run.communicate()
        assert contents(here / "run") == before
        printed(["predict", "run", str(IRIS), "--quiet"])
    printed(["train", str(IRIS), *QUICK, "--overwrite"])
    assert files(here) == {"run"} and contents(here / "run")["model.json"] == before["model.json"]


@pytest.mark.full
def test_a_training_that_was_killed_goes_on_where_it_was(here: Path) -> None:
    words = ["--epochs", "1000000", "--patience", "0", "--hidden", "4", "--seed", "3"]
    run = python_m_nn("train", str(IRIS), *words)
    wait(run, (here / ".run.part" / "checkpoint.json").exists)
    run.kill()
    run.communicate()
    assert files(here) == {".run.part"}
    printed(["train", str(IRIS), "--resume", "--epochs", "1000000", "--patience", "1"])
    assert "--seed=3" in options(here / "run") and files(here) == {"run"}


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_a_folder_that_others_stand_in_is_not_replaced(out: str) -> None:
    _, err = printed(["train", str(IRIS), *QUICK, "--out", out, "--overwrite"], status=2)
    assert err == f"--out {out} needs a folder of its own: name a new one, such as run\n"


def test_a_folder_in_the_place_of_a_result_is_refused_before_any_work(here: Path) -> None:
    (here / "run" / "weights.png").mkdir(parents=True)
    out, err = printed(["train", str(IRIS), *QUICK, "--overwrite"], status=2)
    assert (out, err) == ("", "--out run holds a folder weights.png, where a file is to be\n")
    assert files(here / "run") == {"weights.png"}


@pytest.mark.full
@pytest.mark.usefixtures("with_plots")
def test_what_matplotlib_cannot_draw_does_not_cost_the_model(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("nn.plotting.mpl.weights", broken)
    out, _ = printed(["train", str(IRIS), *QUICK])
    assert "no more plots, since matplotlib failed: RuntimeError: no fonts" in out
    assert files(here / "run") == RESULTS


def test_an_overwrite_that_fails_leaves_the_former_run_as_it_was(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    before = contents(here)
    words = ["--optimizer", "sgd", "--rate", "1e300", "--overwrite"]
    _, err = printed(["train", str(IRIS), *QUICK, *words], status=2)
    assert re.fullmatch(
        r"the loss became (nan|inf) in epoch 1, .*: try a smaller learning rate\n", err
    )
    assert contents(here) == before


@pytest.fixture
def interrupted_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Ctrl-C, pressed while an epoch of that number is under way."""

    def press(number: int) -> None:
        epoch = Trainer._train_epoch

        def pressed(self: Trainer) -> Any:
            if len(self.history) == number:
                raise KeyboardInterrupt
            return epoch(self)

        monkeypatch.setattr(Trainer, "_train_epoch", pressed)

    return press


def test_ctrl_c_ends_training_and_everything_is_written(
    interrupted_after: Callable[[int], None], here: Path
) -> None:
    interrupted_after(6)
    out, _ = printed(["train", str(IRIS), "--epochs", "50", "--folds", "2"], status=130)
    assert "interrupted after 6 of 50 epochs" in out and "held-out test set: 30 rows" in out
    assert files(here / "run") == RESULTS, "and no folds.csv, since nobody would wait for the folds"
    assert len(table((here / "run" / "history.csv").read_text())) == 6


def test_ctrl_c_in_the_first_epoch_leaves_nothing(
    interrupted_after: Callable[[int], None], here: Path
) -> None:
    interrupted_after(0)
    _, err = printed(["train", str(IRIS)], status=130)
    assert err == "interrupted after 0 of 200 epochs, and nothing is written\n"
    assert files(here) == set()


@pytest.mark.full
def test_a_real_ctrl_c_ends_a_real_run_with_its_files(here: Path) -> None:
    run = python_m_nn("train", str(IRIS), "--epochs=1000000", "--patience=0", "--hidden=4")
    wait(run, (here / ".run.part" / "checkpoint.json").exists)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, unhurried(err)) == (130, "")
    assert "interrupted after" in out and files(here / "run") >= RESULTS


@pytest.mark.full
def test_a_reader_that_has_seen_enough_gets_no_traceback_and_the_run_is_written(here: Path) -> None:
    run = python_m_nn("train", str(IRIS), "--epochs", "20", "--hidden", "4")
    assert run.stdout and run.stderr
    assert run.stdout.readline().startswith(str(IRIS))
    run.stdout.close()
    assert unhurried(run.stderr.read()) == ""
    run.stderr.close()
    assert run.wait(timeout=60) == 0
    assert files(here / "run") >= RESULTS


def test_options_of_a_run_that_were_tampered_with_are_refused(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    write_json(here / "run" / "options.json", "options", {"arguments": ["x", 3]})
    _, err = printed(["train", str(IRIS), "--resume"], status=2)
    assert re.match(r"/.*/run/options.json: needs a list of options, got none; resume", err)


def test_options_that_are_not_those_that_were_written_are_refused(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK, "--seed", "1"])
    path = here / "run" / "options.json"
    path.write_text(path.read_text().replace("--seed=1", "--seed=2"))
    before = contents(here)
    out, err = printed(["train", str(IRIS), "--resume"], status=2)
    assert (out, err.count("\n"), contents(here)) == ("", 1, before)
    assert "options.json: needs a whole file as it was written" in err
