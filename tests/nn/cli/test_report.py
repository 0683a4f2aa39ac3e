"""What reaches the terminal, and how predictions are scored in words."""

import os
import subprocess
import sys
from math import inf
from pathlib import Path

import pytest

from nn import MLP, Predictor, Standardizer
from nn.checks import amount, listed
from nn.cli.evaluation import Rule, evaluated
from nn.cli.report import Report, shown, spread, table
from tests.nn.cli.commands import HOUSE, IRIS, QUICK, RESULTS, files, printed, unhurried, written


def test_the_guess_beside_an_accuracy_is_the_most_frequent_class() -> None:
    scaling = Standardizer([0.0], [1.0])
    predictor = Predictor(MLP(1, [1]), scaling, ["x"], ["frog", "newt"], target="kind")
    found = evaluated([1.0, -1.0, 1.0, 1.0], [1, 1, 0, 1], Rule(predictor))
    said = "accuracy 50.0 % (2 of 4 right)"
    assert found.text.startswith(f"{said}; always predicting newt would give 75.0 %\n")
    assert (found.line, found.score) == (said, 0.5)
    assert (found.guess, found.guess_score) == ("always predicting newt", 0.75)


def test_texts_are_shown_listed_set_in_columns_and_numbers_summed_up() -> None:
    assert shown("\x1b[2Jfrog\u3000\n") == "\\x1b[2Jfrog\u3000\n"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
    assert table([["class", "rows"], ["frog", "3"]]) == ["class  rows", "frog      3"]
    assert spread([0.25, 0.75]) == "0.500 ± 0.354"
    assert spread([-inf, 0.5]) == "-inf ± none"
    found = [amount(x) for x in (0.012345, 67.8, 36707.4, -1234567.0, 1e12, inf)]
    assert found == ["0.01235", "67.8", "36707", "-1234567", "1e+12", "inf"]


def test_a_report_that_is_quiet_keeps_all_and_prints_what_it_must(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report(quiet=True)
    report.say("a")
    report.say("\nb", always=True)
    assert (report.text, capsys.readouterr().out) == ("a\n\nb\n", "b\n")


ESCAPE = "\x1b[31mred\x1b[0m\x07\x9b2J\u202e"


@pytest.mark.parametrize("name", ["plain", ESCAPE])
def test_what_a_cell_would_make_of_the_terminal_is_shown_and_not_done(
    name: str, here: Path
) -> None:
    rows = [[i % 5, i * 3 % 7, 4, f"{name}{i % 2}"] for i in range(30)]
    written(here / "new.csv", [f"{name} x", f"{name} y", f"{name} same", f"{name} kind"], rows)
    said = printed(["train", "new.csv", *QUICK])
    said += printed(["predict", "run", "new.csv", "--keep", "--out", "kept.csv"])
    said += printed(["train", "new.csv", "--target", "none", "--out", "other"], status=2)
    written(here / "bad.csv", ["x", "k"], [[name, 1.5], [2, 2.5]])
    said += printed(["train", "bad.csv", "--header", "--out", "other"], status=2)
    said += printed(["predict", "run", "new.csv", "--keep"], terminal=True)
    for text in (*said, (here / "run" / "report.txt").read_text(encoding="utf-8")):
        assert not set(text) & set("\x1b\x07\x9b\u202e"), repr(text)
        assert name == "plain" or not text or r"\x1b[31mred" in text or "training" in text
    assert (here / "kept.csv").read_text(encoding="utf-8").count(name) > 60, "a file is exact"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such file here")
def test_an_output_that_is_full_costs_no_run_and_makes_no_noise(flowers: Path, here: Path) -> None:
    for words in (["train", str(IRIS), *QUICK], ["predict", str(flowers), str(IRIS)]):
        with open("/dev/full", "w") as full:
            run = subprocess.run(
                [sys.executable, "-m", "nn", *words],
                env={**os.environ, "PYTHONPATH": str(HOUSE)},
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
            )
        said = "the output cannot be used: No space left on device\n"
        assert (run.returncode, unhurried(run.stderr)) == (
            (0, "") if words[0] == "train" else (2, said)
        )
    assert files(here / "run") >= RESULTS
