"""What the chapters teach is what their numbers show; and what a reader may do to one at the
command line.
"""

import importlib
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from math import tanh
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from demos import CHAPTERS
from demos.picture import say
from nn import plot
from tests.demos.test_demos import CLONE, one_sentence

pytestmark = pytest.mark.full

PNG = b"\x89PNG\r\n\x1a\n"


def forward(result: Any) -> str:
    by_hand, by_network = result
    hidden = [tanh(0.8 * 0.5 - 0.5 * 2 + 0.1), tanh(-0.5 + 0.6 * 2 + 0.2)]
    assert by_hand == pytest.approx(1.2 * hidden[0] - 0.7 * hidden[1] - 0.3, abs=1e-15)
    assert by_network == pytest.approx(by_hand, abs=1e-15)
    return "agree to the last digit: y = -1.356"


def stepping(grads: Any) -> str:
    slope = 1 - tanh(-0.3) ** 2
    wanted = {
        "w": 0.5 * slope,
        "x": -1.2 * slope,
        "b": slope,
        "product": slope,
        "sum": slope,
        "y": 1.0,
    }
    assert grads == pytest.approx(wanted)
    return "x moves y most, by -1.1"


def initial_weights(ends: Any) -> str:
    losses, neurons = ({name: end[k] for name, end in ends.items()} for k in (0, 2))
    assert neurons == {"zeros": 1, "equal": 1, "small random": 8, "large random": 8}
    assert losses["zeros"] == pytest.approx(
        0.6931, abs=1e-4
    )  # ln 2: it cannot tell one class from the other
    assert losses["small random"] < 0.1 < 0.2 < losses["equal"] < losses["zeros"]
    assert losses["small random"] < 0.25 * losses["large random"]
    return "the lowest loss was reached from small random weights"


def learning_rate(verdicts: Any) -> str:
    assert list(verdicts.values()) == [
        "is too slow",
        "arrives",
        "arrives",
        "overshoots",
        "diverges",
    ]
    return "predicted which rates diverge"


def losses(result: Any) -> str:
    off, right = result
    assert off["squared"] > 1.0 > 0.6 > max(off["absolute"], off["Huber"])
    assert right["cross-entropy"] >= 0.99 > 0.85 > right["squared error"]
    moved = f"squared error by {off['squared']:.2f}, of absolute error by {off['absolute']:.2f}"
    ends = f"{right['cross-entropy']:.0%} right by cross-entropy, "
    ends += f"{right['squared error']:.0%} by squared error"
    huber = f"of Huber's by {off['Huber']:.2f}"
    return f"{moved} and {huber}; and from its wrong certainty the neuron came to {ends}."


def optimizers(ends: Any) -> str:
    steps = {name: there for name, (_, _, there) in ends.items()}
    assert all(steps[name] < 40 for name in ("momentum", "Nesterov", "Adam", "AdamW"))
    assert steps["SGD"] is None
    assert ends["SGD"][1] > 4 * max(
        ends[name][1] for name in ("momentum", "Nesterov", "Adam", "AdamW")
    )
    return "SGD did not get there" if steps["RMSProp"] else "SGD and RMSProp did not get there"


def capacity(found: Any) -> str:
    training, validation = ([pair[k] for pair in found.values()] for k in (0, 1))
    assert training[-1] < 0.05 < 0.5 < training[0]
    assert min(validation) < 0.95 * min(validation[0], validation[-1])
    return ": a U."


def penalties(found: Any) -> str:
    zeros = {name: sum(w == 0 for w in weights[3:]) for name, weights in found.items()}
    assert zeros["L1"] >= 5 and zeros["L2"] == zeros["none"] == 0
    assert all(abs(w) > 0.5 for w in found["L1"][:3])
    return f"L1(0.3) made {zeros['L1']} zero, L2(0.3) {zeros['L2']}"


def early_stopping(ends: Any) -> str:
    (epochs, late, _), (stopped, early, _) = ends["to the end"], ends["stopped early"]
    assert stopped < epochs == 300
    assert early < 0.9 * late
    return f"test loss of {early:.3f} is lower than the {late:.3f} of the last one"


def moons(right: Any) -> str:
    assert right == 1.0  # as in the lecture
    return "100% of the 100 points right"


LESSONS: dict[str, Callable[[Any], str]] = {
    lesson.__name__: lesson
    for lesson in (
        *(forward, stepping, initial_weights, learning_rate, losses),
        *(optimizers, capacity, penalties, early_stopping, moons),
    )
}


def _without_pictures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for function in ("show", "show_both"):
        monkeypatch.setattr(f"demos.{name}.{function}", lambda *_, **__: None, raising=False)


def told(name: str, folder: Path, capsys: pytest.CaptureFixture[str], *run: Any) -> tuple[Any, str]:
    result = importlib.import_module(f"demos.{name}").main(str(folder), *run)
    return result, capsys.readouterr().out


@pytest.mark.parametrize("name", LESSONS)
def test_a_chapter_teaches_what_its_numbers_show_in_80_columns(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("COLUMNS", "80")
    result, text = told(name, tmp_path, capsys)
    assert LESSONS[name](result) in one_sentence(text)
    pictures = list(tmp_path.glob(f"{name}*.png"))
    assert pictures and list(tmp_path.iterdir()) == pictures
    assert all(path.read_bytes().startswith(PNG) and str(path) in text for path in pictures)
    assert any(letter in text for letter in "│┤")
    assert all(len(line) <= 80 for line in text.splitlines() if "as a picture)" not in line)


@pytest.mark.parametrize("name", [name for name in LESSONS if name not in ("forward", "stepping")])
def test_and_does_so_from_another_seed_and_some_by_the_other_engine(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_pictures(name, monkeypatch)
    engine = "eager" if name in ("learning_rate", "losses", "moons") else "auto"
    result, text = told(name, tmp_path, capsys, 7, engine)
    assert LESSONS[name](result) in one_sentence(text)


def test_the_run_that_a_reader_sees_gets_more_rows_right_by_stopping_early(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_pictures("early_stopping", monkeypatch)
    ends, text = told("early_stopping", tmp_path, capsys)
    late, early = ends["to the end"][2], ends["stopped early"][2]
    assert early > late + 0.02
    assert f"{early:.1%} of the test rows right against {late:.1%}" in one_sentence(text)


@pytest.mark.parametrize("name", ["expression", "topological_order", "check"])
def test_nor_is_a_line_of_the_others_wider_than_that(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("demos.picture.plot.save", lambda *_: None)
    _, text = told(name, Path(), capsys)
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(("columns", "widest"), [("40", 40), ("95", 95), ("200", 100)])
def test_a_sentence_is_as_wide_as_the_terminal_and_never_wider_than_can_be_read(
    columns: str, widest: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    say("a b " * 100)
    assert max(map(len, capsys.readouterr().out.splitlines())) in (widest - 1, widest)


# Nothing is said that was not measured


@pytest.mark.parametrize(
    ("name", "constant", "value", "said"),
    [
        ("capacity", "NEURONS", [1, 2], "was lowest with 2, 0.62: and no U this time"),
        ("early_stopping", "EPOCHS", 5, "is not lower than"),
        ("learning_rate", "curvature", lambda *_: 2.0, "did not predict which rates diverge"),
        (
            "optimizers",
            "EPOCHS",
            2,
            "reached by none; SGD and momentum and Nesterov and RMSProp and Adam and AdamW did",
        ),
        (
            "initial_weights",
            "STARTS",
            {"zeros": "zeros"},
            "lowest loss was reached from zeros weights",
        ),
        ("penalties", "SHOWN", 3.0, "of the 3 useful ones L1 lost 2"),
        (
            "penalties",
            "zeros",
            lambda weights, useful: 5,
            "L2(0.3) 5 and no penalty 5, and of the 3 useful ones L1 lost",
        ),
        ("moons", "STEPS", 1, "After 1 steps the network has 73% of the 100 points right"),
        ("losses", "OUTLIERS", 0, "0 wild rows moved the line of squared error by 0.0"),
        (
            "stepping",
            "INPUTS",
            {"w": 0.2, "x": 3.0, "b": 0.3},
            "Of the three inputs w moves y most, by 1.46",
        ),
        (
            "forward",
            "network",
            lambda: lambda row: type("", (), {"data": 0.0}),
            "differ by 1: y = 0",
        ),
        ("check", "planted", lambda x: x + 0.0 * x, "is off by the factor"),
    ],
)
def test_the_sentence_says_otherwise_where_the_run_showed_otherwise(
    name: str, constant: str, value: Any, said: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(f"demos.{name}.{constant}", value)
    _without_pictures(name, monkeypatch)
    _, text = told(name, tmp_path, capsys)
    assert said in one_sentence(text)


def test_digits_are_read_from_the_clone_and_drawn_with_what_they_were_taken_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from demos import digits

    few = digits.digits()[:400]
    monkeypatch.setattr(digits, "digits", lambda: few)
    right, text = told("digits", tmp_path, capsys)
    matrix = [
        list(map(int, row.replace(".", "0").split()))
        for row in re.findall(r"^ {15}\d((?: +[\d.]+){10})$", text, re.M)
    ]
    assert len(matrix) == 10 and sum(map(sum, matrix)) == 80
    assert right == pytest.approx(sum(matrix[k][k] for k in range(10)) / 80) and right > 0.8
    assert f"Of 80 held-out digits the network classified {right:.1%} correctly" in one_sentence(
        text
    )
    wrong = 80 - sum(matrix[k][k] for k in range(10))
    assert len(re.findall(r"\d read as \d  |\d read as \d$", text, re.M)) == min(wrong, 8)
    assert (tmp_path / "digits.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("name", ["learning_rate", "moons"])
def test_the_picture_in_the_readme_is_what_the_chapter_draws(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same marks, lines and letters; not the same bytes, which another matplotlib or processor
    may change.
    """
    pytest.importorskip("matplotlib")
    chapter, fresh = importlib.import_module(f"demos.{name}"), tmp_path / "fresh.svg"

    def save(drawing: str, *what: Any, file: Path, **options: Any) -> None:
        plot.save(getattr(plot, drawing)(*what, **options), fresh)

    monkeypatch.setattr(chapter, "show", save)
    chapter.main()
    kept = CLONE / "demos" / f"{name}.svg"
    tags, wanted = (
        Counter(element.tag for element in ElementTree.parse(file).iter()) for file in (kept, fresh)
    )
    assert tags == wanted
    assert kept.stat().st_size == pytest.approx(fresh.stat().st_size, rel=0.02)


# At the command line


def chapter(*arguments: str, folder: Path, **options: Any) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"PYTHONPATH": str(CLONE), **options}
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture
def ended() -> Iterator[Callable[["subprocess.Popen[bytes]"], tuple[int, str, str]]]:
    def finish(process: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
        out, err = process.communicate(timeout=100)
        return process.returncode, out.decode(), err.decode()

    yield finish


@pytest.mark.parametrize("name", ["demos.moons", "demos"])
def test_a_reader_who_has_seen_enough_gets_no_traceback(name: str, tmp_path: Path) -> None:
    with chapter(name, folder=tmp_path) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(100) == 0


def test_ctrl_c_ends_the_chapter_with_one_line_and_not_the_training_alone(tmp_path: Path) -> None:
    with chapter("demos.optimizers", folder=tmp_path, PYTHONUNBUFFERED="1") as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline()  # the race has begun
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().decode().split("\n") == ["", "interrupted", ""]
        assert process.wait(100) == 130
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_made(tmp_path: Path, ended: Any) -> None:
    status, _, err = ended(chapter("demos.stepping", "new/pictures", folder=tmp_path))
    assert (status, err) == (0, "")
    assert (tmp_path / "new" / "pictures").is_dir()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["file"],
            "a chapter needs a folder for its files, got file, which cannot be made: File exists\n",
        ),
        (
            ["--out", "here"],
            "a chapter needs a folder for its files, or nothing for this one, got --out here\n",
        ),
        (
            ["--fast"],
            "a chapter needs a folder for its files, or nothing for this one, got --fast\n",
        ),
    ],
)
def test_what_cannot_be_a_folder_gets_one_sentence(
    words: list[str], said: str, tmp_path: Path, ended: Any
) -> None:
    (tmp_path / "file").write_text("mine")
    assert ended(chapter("demos.forward", *words, folder=tmp_path)) == (2, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_picture_that_cannot_be_written_gets_one_sentence(tmp_path: Path, ended: Any) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "stepping.png").mkdir()
    status, _, err = ended(chapter("demos.stepping", folder=tmp_path))
    assert status == 2
    assert err.startswith("nothing was written: ") and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["stepping.png"]


def test_a_terminal_of_few_letters_gets_others_that_look_like_them(
    tmp_path: Path, ended: Any
) -> None:
    status, out, err = ended(
        chapter("demos.topological_order", folder=tmp_path, PYTHONIOENCODING="ascii")
    )
    assert (status, err) == (0, "")
    assert out.isascii() and "?" not in out and "###" in out


def test_help_says_what_a_chapter_is_about_and_runs_nothing(tmp_path: Path, ended: Any) -> None:
    status, out, err = ended(chapter("demos.capacity", "--help", folder=tmp_path))
    assert (status, err) == (0, "")
    assert out.startswith("Underfitting and overfitting: ") and "FOLDER" in out
    assert len(out.splitlines()) < 6 and CHAPTERS["capacity"] not in out
