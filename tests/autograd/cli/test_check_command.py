"""python -m autograd check: what it prints, and its exit status."""

import shlex
import sys
from pathlib import Path

import pytest

from autograd.__main__ import main


def check_command(arguments: str) -> int:
    return main(["check", *shlex.split(arguments)])


MODULE = """
import math
from autograd import sin, operation

def chirp(x):
    return sin(x * x)

def weighted(v, x):
    return v[0] * x + v[1]

def plain(x):
    return math.sin(x)

def wrong(x):
    return -math.cos(x)

number = 3
"""


@pytest.fixture
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "homework.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.delitem(sys.modules, "homework", raising=False)


@pytest.mark.usefixtures("_module")
@pytest.mark.parametrize(
    ("arguments", "status", "printed"),
    [
        ("homework:chirp --at 0.7", 0, "OK: 1 derivative of chirp"),
        ("homework.py:chirp --at 0.7", 0, "OK: 1 derivative of chirp"),
        ("homework:chirp --at -0.7 --order 2", 0, "OK: 2 derivatives of chirp"),
        ("homework:weighted --at '[1,2],-3'", 0, "OK: 3 derivatives of weighted"),
        ("homework:plain --at 0.7", 1, "BUG: ours is 0"),
        ("homework:plain --at 0.7 --gradient math:cos", 0, "OK: 1 derivative of plain"),
        ("homework:plain --at 0.7 --gradient homework:wrong", 1, "ratio -1 (sign)"),
        ("'tanh(w*x + b)' w=-1.2 x=0.5 b=0.3", 0, "OK: 3 derivatives"),
        ("'-relu(x)' x=0", 0, "KINK: at relu(x = 0)"),
        ("'sqrt(x)' x=0", 1, "SINGULAR"),
        ("'order * seed' order=2 seed=3", 0, "OK: 2 derivatives"),
    ],
)
def test_the_exit_status_says_whether_the_derivatives_are_right(
    arguments: str, status: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_command(arguments) == status
    captured = capsys.readouterr()
    assert printed in captured.out
    assert not captured.err


@pytest.mark.usefixtures("_module")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            "nowhere:f --at 1",
            "cannot import nowhere: ModuleNotFoundError: No module named 'nowhere'",
        ),
        ("homework:nothing --at 1", "homework has no nothing"),
        ("homework:number --at 1", "homework:number is no function, but int"),
        ("homework:chirp", "homework:chirp needs a point to be checked at, as in --at 1.5,2"),
        ("homework:chirp --at x", "--at needs numbers, as in 1.5,2 or [1,2],3, got x"),
        ("homework:chirp x=1", "a function gets its numbers with --at, as in --at 1.5,2, got x=1"),
        ("homework:chirp --at 1 --gradient cos", "a function is given as module:function, got cos"),
        (
            "homework:chirp --at \"'a'\"",
            "check needs numbers to differentiate by, and x is the str 'a'",
        ),
        ("homework:chirp --at 1 --order 3", "check needs order 1 or 2, got the int 3"),
        ("--nonsense", "unrecognized arguments: --nonsense"),
        ("'tanh(x)'", "x needs a number: write x=1.5, say"),
        ("'1 + 2'", "the expression has no names to differentiate it by"),
        ("'tanh(x)' x=1 --at 1", "--at and --gradient belong to module:function"),
    ],
)
def test_input_that_cannot_be_used_is_refused_in_one_sentence(
    arguments: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_command(arguments) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err.startswith(sentence)


@pytest.mark.full
def test_without_arguments_every_row_of_the_table_is_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check_command("") == 0
    assert "of the table are right" in capsys.readouterr().out


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_command("--help") == 0
    assert "python -m autograd check model:loss --at 1.5,2" in capsys.readouterr().out


@pytest.mark.full
def test_the_tour_checks_itself_and_finds_what_is_planted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from demos.check import main

    main(str(tmp_path))
    printed = " ".join(capsys.readouterr().out.split())
    assert "OK: 5 derivatives of neuron" in printed
    assert "BUG: yours is 0.8823" in printed
    assert "ours lacks the factor 1.4, the derivative of x * x" in printed
