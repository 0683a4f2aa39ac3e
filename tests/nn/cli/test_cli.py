"""python -m nn: from a CSV file to a model and predictions, what is refused in one sentence, and
what stays whole.
"""

import contextlib
import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import Value
from nn import (
    MLP,
    Standardizer,
    Trainer,
    evaluate,
    find_rate,
    iris,
    load_csv,
    load_predictor,
    moons,
    predict,
    save,
)
from nn.__main__ import main
from nn.cli.choices import Choices
from nn.cli.examination import Examination
from nn.cli.options import train_parser
from nn.cli.report import Account
from nn.cli.run_dir import Folder
from nn.doctor import PROBLEMS
from nn.io.predictor import Predictor
from nn.training.evaluation import batch_outputs

HOUSE = Path(__file__).parents[3]
IRIS = HOUSE / "nn" / "data" / "iris.csv"
QUICK = ["--epochs", "3", "--hidden", "4"]
RESULTS = {"model.json", "history.csv", "report.txt", "options.json", "checkpoint.json"}
PLOTS = {"losses.png", "weights.png", "activations.png"}


def written(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sklearn.datasets import load_wine

    bunch = load_wine()
    rows = [
        [*row, bunch.target_names[t]]
        for row, t in zip(bunch.data.tolist(), bunch.target, strict=True)
    ]
    return written(
        tmp_path_factory.mktemp("wine") / "wine.csv", [*bunch.feature_names, "cultivar"], rows
    )


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    rows = [[*row, t] for row, t in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True)]
    return written(
        tmp_path_factory.mktemp("diabetes") / "diabetes.csv",
        [*bunch.feature_names, "progression"],
        rows,
    )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests are not of plots, which take a second each."""
    monkeypatch.setattr("nn.cli.figures.find_spec", lambda name: None)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def printed(argv: list[str], status: int = 0) -> tuple[str, str]:
    """What a command prints on stdout and on stderr, once its status is as it should be."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        found = main(argv)
    assert found == status, err.getvalue()
    return out.getvalue(), err.getvalue()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# Training on real data


def test_wine_is_classified_and_all_of_it_lies_in_the_folder(wine: Path, here: Path) -> None:
    out, err = printed(["train", str(wine), "--target", "cultivar", "--epochs", "40"])
    assert err == ""
    assert "178 rows, 13 features; the target is cultivar" in out
    assert (
        "cultivar holds text: classification into class_0 (59 rows), class_1 (71 rows), class_2 (48 rows)"
        in out
    )
    assert "106 rows to learn from, 36 to validate, 36 held out" in out
    accuracy = float(re.search(r"accuracy ([\d.]+) % \(\d+ of 36 right\)", out)[1])  # type: ignore[index]
    assert accuracy > 90
    assert re.search(r"class +precision +recall +F1 +rows\nclass_0", out)
    assert "● training   ○ validation" in out and "the doctor" in out
    assert files(here / "run") == RESULTS | PLOTS
    assert set(re.search(r"written to run: (.*)", out)[1].split(", ")) == RESULTS | PLOTS  # type: ignore[index]
    for name in PLOTS:
        assert (here / "run" / name).read_bytes().startswith(b"\x89PNG")
    assert (here / "run" / "report.txt").read_text(encoding="utf-8") == out


@pytest.mark.usefixtures("no_matplotlib")
def test_diabetes_is_a_regression_in_the_units_of_its_target(diabetes: Path, here: Path) -> None:
    out, _ = printed(["train", str(diabetes), "--epochs", "10"])
    assert (
        "progression holds numbers, 214 different ones: regression (--classification takes each for a class)"
        in out
    )
    rmse, usual = map(
        float, re.search(r"RMSE ([\d.]+) and .* has an RMSE of ([\d.]+)", out).groups()
    )  # type: ignore[union-attr]
    assert 40 < rmse < 0.85 * usual < 80
    assert "no plots, since matplotlib is not installed: pip install 'glassgrad[plots]'" in out
    assert files(here / "run") == RESULTS
    predictor = load_predictor(here / "run" / "model.json")
    assert 80 < predictor.target_mean < 200 and 50 < predictor.target_deviation < 100


@pytest.mark.usefixtures("no_matplotlib")
def test_the_score_printed_is_that_of_the_model_written_on_the_rows_held_out(here: Path) -> None:
    out, _ = printed(["train", str(IRIS), "--seed", "3", "--epochs", "20", "--quiet"])
    _, test = iris().split(0.2, seed=3)
    _, right = evaluate(load_predictor(here / "run" / "model.json"), test)
    assert out == f"accuracy {100 * right:.1f} % ({round(30 * right)} of 30 right)\n"


@pytest.mark.usefixtures("no_matplotlib")
def test_scaling_is_fitted_on_the_rows_to_learn_from_alone(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK, "--seed", "2"])
    learn, _ = iris().split(0.2, seed=2)[0].split(0.25, seed=2)
    assert load_predictor(here / "run" / "model.json").scaling == Standardizer.fit(learn)


@pytest.mark.usefixtures("no_matplotlib")
def test_the_model_written_is_that_of_the_best_epoch(here: Path) -> None:
    printed(["train", str(IRIS), "--epochs", "30", "--rate", "0.3"])
    rows = table((here / "run" / "history.csv").read_text())
    assert [row["epoch"] for row in rows] == [str(k) for k in range(1, 31)]
    assert all(row["r_squared"] == "" for row in rows)
    _, validation = iris().split(0.2)[0].split(0.25)
    loss, _ = evaluate(load_predictor(here / "run" / "model.json"), validation)
    assert loss == pytest.approx(min(float(row["validation_loss"]) for row in rows), rel=1e-12)


@pytest.mark.usefixtures("no_matplotlib")
def test_the_same_command_writes_the_same_model(here: Path) -> None:
    for out in ("a", "b"):
        printed(["train", str(IRIS), *QUICK, "--out", out, "--dropout", "0.2"])
    assert (here / "a" / "model.json").read_bytes() == (here / "b" / "model.json").read_bytes()


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--classification"], "x: as you said, classification into 0 (20 rows), 1 (20 rows)"),
        (["--regression"], "x: as you said, regression"),
        (
            [],
            "x holds a few whole numbers (--regression takes them as such): classification into 0 (20 rows), 1 ",
        ),
    ],
)
def test_the_guess_is_said_and_can_be_overridden(words: list[str], said: str, here: Path) -> None:
    written(here / "ab.csv", ["a", "b", "x"], [[i, i * i, i % 2] for i in range(40)])
    out, _ = printed(["train", "ab.csv", *QUICK, *words])
    assert said in out


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize(
    "words",
    [
        ["--optimizer", "sgd", "--rate", "0.2"],
        ["--optimizer", "momentum", "--l1", "0.01"],
        ["--optimizer", "nesterov", "--l2", "0"],
        ["--optimizer", "rmsprop", "--init", "he", "--activation", "relu"],
        ["--optimizer", "adamw", "--class-weights", "balanced"],
        ["--loss", "binary_cross_entropy", "--class-weights", "balanced"],
        ["--loss", "hinge"],
        ["--hidden", "none", "--batch-size", "1000"],
        ["--dropout", "0.5", "--patience", "1"],
        ["--validation", "0"],
        ["--test", "0"],
        ["--test", "0", "--validation", "0"],
        ["--rate", "find"],
        ["--ignore", "x", "--target", "3", "--delimiter", ","],
    ],
)
def test_every_option_trains_and_predicts(words: list[str], here: Path) -> None:
    data = moons(60, seed=1)
    written(
        here / "moons.csv",
        ["x", "y", "moon"],
        [[*row, data.class_names[int(t)]] for row, t in data],
    )
    out, _ = printed(["train", "moons.csv", *QUICK, *words])
    assert ("NOT HELD OUT" in out) == ("--test" in words)
    answers, said = printed(["predict", "run", "moons.csv"])
    first = table(answers)[0]
    assert first["predicted moon"] in data.class_names
    assert ("margin" in first) == ("hinge" in words)
    assert "accuracy" in said


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize("loss", ["mean_squared_error", "mean_absolute_error", "huber"])
def test_a_regression_on_one_feature_is_drawn_as_a_curve(loss: str, here: Path) -> None:
    written(here / "line.csv", ["x", "y"], [[i / 10, 1000 + 7.25 * i] for i in range(50)])
    out, _ = printed(["train", "line.csv", "--loss", loss, "--epochs", "60"])
    assert re.search(r"R² (0\.[89]|1\.0)", out)
    answers, _ = printed(["predict", "run", "line.csv", "--quiet"])
    assert all(
        abs(float(row["predicted y"]) - 1000 - 7.25 * i) < 60
        for i, row in enumerate(table(answers))
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_folds_tell_mean_and_spread_of_scores_on_rows_left_out(here: Path) -> None:
    out, _ = printed(["train", str(IRIS), "--epochs", "10", "--folds", "3"])
    rows = table((here / "run" / "folds.csv").read_text())
    scores = [float(row["accuracy"]) for row in rows]
    assert [row["rows"] for row in rows] == ["50", "50", "50"]
    mean = sum(scores) / 3
    spread = (sum((score - mean) ** 2 for score in scores) / 2) ** 0.5
    assert (
        f"3 folds, each of them left out once: accuracy {100 * mean:.1f} ± {100 * spread:.1f} %"
        in out
    )


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--optimizer", "sgd", "--rate", "0.0001"],
            r"learning rate too small(.*\n)+In options .*: --rate 0\.",
        ),
        (
            ["--init", "zeros"],
            r"symmetric initial weights: (.*\n)+In options of this command: .*--init xavier",
        ),
        (
            ["--hidden", "4,4,4,4,4", "--activation", "sigmoid"],
            r"vanishing(.*\n)+In options.* --activation relu",
        ),
    ],
)
def test_the_doctor_names_the_options_that_would_help(words: list[str], said: str) -> None:
    assert re.search(said, printed(["train", str(IRIS), "--epochs", "30", *words])[0])


@pytest.mark.usefixtures("no_matplotlib")
def test_a_run_that_diverges_keeps_the_model_of_its_best_epoch(diabetes: Path, here: Path) -> None:
    out, err = printed(
        ["train", str(diabetes), "--optimizer", "sgd", "--rate", "2", "--epochs", "60"], status=1
    )
    assert re.search(
        r"became .* in epoch \d+, .*\nthe model is that of the lowest validation loss", out
    )
    assert err.startswith("failed: learning rate too large: ") and "learning rate too large" in out
    assert "next: python -m nn predict" not in out
    best = min(
        float(row["validation_loss"]) for row in table((here / "run" / "history.csv").read_text())
    )
    _, validation = load_csv(diabetes).split(0.2)[0].split(0.25)
    predictor = load_predictor(here / "run" / "model.json")
    loss = evaluate(predictor, validation)[0] / predictor.target_deviation**2
    assert loss == pytest.approx(best, rel=1e-9)


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize("rate", ["1", "1e5"])
def test_predictions_too_far_off_to_be_squared_are_scored_all_the_same(
    rate: str, diabetes: Path, here: Path
) -> None:
    words = ["--optimizer", "sgd", "--rate", rate, "--epochs", "12", "--validation", "0"]
    out, _ = printed(["train", str(diabetes), *words, "--folds", "2"], status=1)
    assert (
        re.search(r"R² -(inf|\d\S+e\+\d\d)", out)
        and "2 folds" in out
        and files(here / "run") == RESULTS | {"folds.csv"}
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_a_class_without_a_row_to_learn_from_is_noted(here: Path) -> None:
    written(
        here / "rare.csv", ["x", "k"], [[i, "often" if i < 30 else f"rare{i}"] for i in range(34)]
    )
    _, err = printed(["train", "rare.csv", *QUICK])
    assert re.search(
        r"note: no row of rare\d+ is among those to learn from, so that it cannot be learned", err
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_a_run_that_came_to_nothing_says_so_even_when_quiet(here: Path) -> None:
    words = ["train", str(IRIS), "--optimizer", "sgd", "--epochs", "20"]
    out, err = printed([*words, "--rate", "1e3", "--quiet"], status=1)
    assert out.startswith("accuracy ") and out.count("\n") == 1
    assert re.fullmatch(
        r"failed: learning rate too large: .* no better than always saying \w+; try --rate 0\.\d+\n",
        err,
    )
    assert files(here / "run") == RESULTS and err in (here / "run" / "report.txt").read_text()
    rate = err.split()[-1]
    assert printed([*words, "--rate", rate, "--overwrite", "--quiet"])[1] == "", (
        "and what it says to try is a cure"
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_a_run_that_learned_little_at_a_fine_rate_has_not_failed(here: Path) -> None:
    rng = random.Random(3)
    written(here / "noise.csv", ["x", "y"], [[rng.random(), rng.random()] for _ in range(60)])
    out, _ = printed(["train", "noise.csv", *QUICK])
    assert re.search(r"R² -", out) and "next: python -m nn predict" in out


@pytest.mark.usefixtures("no_matplotlib")
def test_what_is_odd_in_a_file_is_noted(here: Path) -> None:
    rows = [[i + 100, 7, i % 3, ["yes", "no", "Yes "][i % 3]] for i in range(30)]
    written(here / "odd.csv", ["id", "same", "x", "well"], rows)
    _, err = printed(["train", "odd.csv", *QUICK, "--quiet"])
    assert err == (
        'note: "Yes" and "yes" are taken for 2 classes: write them alike if they are one\n'
        'note: same is the same in all rows, and tells nothing: --ignore "same" leaves it out\n'
        'note: id is a number given to the rows, by the look of it: --ignore "id" leaves it out if so\n'
    )
    words = ["--ignore", "id", "--ignore", "same", "--overwrite", "--quiet"]
    assert printed(["train", "odd.csv", *QUICK, *words])[1].count("note") == 1
    assert printed(["train", str(IRIS), *QUICK, "--overwrite", "--quiet"])[1] == ""


@pytest.mark.usefixtures("no_matplotlib")
def test_classes_without_a_row_to_learn_from_are_one_note(here: Path) -> None:
    rows = [[i % 17, f"n{i if i < 20 else 50}"] for i in range(60)]
    written(here / "rare.csv", ["x", "name"], rows)
    _, err = printed(["train", "rare.csv", *QUICK, "--quiet"])
    assert err.count("\n") == 1 and ", ... is among those to learn from" in err


# What the options become


def chosen(*words: str) -> Choices:
    return Choices(train_parser().parse_args(["iris.csv", *words]), iris(), "species")


def test_each_strength_weighs_the_penalty_that_it_is_named_for() -> None:
    weights = [Value(2.0), Value(-1.0)]
    for l1, l2 in ((0.3, 0.1), (0.3, 0.0), (0.0, 0.1)):
        penalty = chosen("--l1", str(l1), "--l2", str(l2)).penalty
        assert penalty is not None
        assert float(penalty(weights)) == pytest.approx(l1 * 3.0 + l2 * 5.0 / 2)
    assert chosen("--l2", "0").penalty is None


def test_each_optimizer_is_the_one_that_it_is_named_for() -> None:
    assert [
        repr(chosen("--optimizer", name).optimizer(0.5)) for name in ("sgd", "momentum", "nesterov")
    ] == [
        "SGD(learning_rate=0.5, momentum=0)",
        "SGD(learning_rate=0.5, momentum=0.9)",
        "SGD(learning_rate=0.5, momentum=0.9, nesterov=1)",
    ]
    kinds = [
        type(chosen("--optimizer", name).optimizer()).__name__
        for name in ("rmsprop", "adam", "adamw")
    ]
    assert kinds == ["RMSProp", "Adam", "AdamW"]


@pytest.mark.usefixtures("no_matplotlib")
def test_each_fold_is_scaled_by_the_rows_that_it_learns_from(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = []

    class Watched(Trainer):
        def __init__(self, model: Any, data: Any, *others: Any, **options: Any) -> None:
            learnt.append(data)
            super().__init__(model, data, *others, **options)

    monkeypatch.setattr("nn.cli.run.Trainer", Watched)
    printed(["train", str(IRIS), *QUICK, "--folds", "3", "--quiet"])
    assert len(learnt) == 4
    for data in learnt:
        scaling = Standardizer.fit(data)
        assert scaling.means == pytest.approx([0.0] * 4, abs=1e-12)
        assert scaling.deviations == pytest.approx([1.0] * 4)


@pytest.mark.usefixtures("no_matplotlib")
def test_the_rate_is_sought_with_the_batches_and_the_seed_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {}

    def found(*others: Any, **options: Any) -> Any:
        asked.update(options)
        return find_rate(*others, **options)

    monkeypatch.setattr("nn.cli.run.find_rate", found)
    printed(
        [
            "train",
            str(IRIS),
            *QUICK,
            "--rate",
            "find",
            "--batch-size",
            "7",
            "--seed",
            "11",
            "--quiet",
        ]
    )
    assert asked == {"batch_size": 7, "seed": 11}


@pytest.mark.usefixtures("no_matplotlib")
def test_warnings_of_a_training_come_as_one_line() -> None:
    words = ["--optimizer", "sgd", "--rate", "1e6", "--epochs", "20", "--quiet"]
    _, err = printed(["train", str(IRIS), *words], status=1)
    assert re.fullmatch(r"warning: .* overflows .* \(and \d+ more\)\nfailed: .*\n", err)


def test_the_guess_beside_an_accuracy_is_the_most_frequent_class() -> None:
    found = Examination([1.0, -1.0, 1.0, 1.0], [1, 1, 0, 1], ["frog", "newt"])
    assert str(found).startswith(
        "accuracy 50.0 % (2 of 4 right); always saying newt would give 75.0 %\n"
    )
    assert found.worthless


# The run folder


@pytest.mark.usefixtures("no_matplotlib")
def test_a_folder_that_holds_a_run_is_only_overwritten_when_asked(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    (here / "run" / "losses.png").write_text("of a run with plots")
    (here / "run" / "notes.txt").write_text("mine")
    before = (here / "run" / "model.json").read_bytes()
    out, err = printed(["train", str(IRIS), *QUICK, "--seed", "5"], status=2)
    assert (
        err
        == "run holds a run already (history.csv): choose another --out, --overwrite it, or --resume it\n"
    )
    assert (out, (here / "run" / "model.json").read_bytes()) == ("", before)
    printed(["train", str(IRIS), *QUICK, "--seed", "5", "--overwrite"])
    assert (here / "run" / "model.json").read_bytes() != before
    assert files(here / "run") == RESULTS | {"notes.txt"}, (
        "a plot of the former run would lie about this one"
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_a_resumed_run_ends_as_one_that_never_stopped(here: Path) -> None:
    words = ["--hidden", "5", "--optimizer", "momentum", "--seed", "4"]
    printed(["train", str(IRIS), *words, "--epochs", "12", "--out", "whole"])
    printed(["train", str(IRIS), *words, "--epochs", "5", "--out", "halves"])
    printed(["train", str(IRIS), "--out", "halves", "--resume", "--epochs", "12"])
    for name in ("model.json", "history.csv", "options.json", "checkpoint.json"):
        assert (here / "halves" / name).read_bytes() == (here / "whole" / name).read_bytes(), name


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--seed", "9"],
            "checkpoint.json: needs a checkpoint of this run, whose training part is ",
        ),
        (
            ["--hidden", "6"],
            "checkpoint.json: needs a checkpoint of this run, whose model is MLP(4, [6, 3]",
        ),
        (
            ["--init", "zeros"],
            "resume it with the same --seed and --init, or begin anew with --overwrite or another",
        ),
        (
            ["--epochs", "2"],
            "at most 2 epochs, as many as were asked for, got one of 3; ask for more with --epochs,",
        ),
    ],
)
def test_another_run_is_not_resumed_and_nothing_changes(
    words: list[str], said: str, here: Path
) -> None:
    printed(["train", str(IRIS), *QUICK])
    before = {name: (here / "run" / name).read_bytes() for name in files(here / "run")}
    out, err = printed(["train", str(IRIS), "--resume", *words], status=2)
    assert (
        said in err
        and err.endswith("begin anew with --overwrite or another --out\n")
        and err.count("\n") == 1
    )
    assert out == "", "it is known before a word is said of the run"
    assert {name: (here / "run" / name).read_bytes() for name in files(here / "run")} == before


@pytest.mark.usefixtures("no_matplotlib")
def test_a_file_that_cannot_be_written_leaves_none_of_the_others(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Predictor, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Predictor, "save", full)
    _, err = printed(["train", str(IRIS), *QUICK], status=2)
    assert err == "run cannot be written: No space left on device; make room, and --resume\n"
    assert files(here / "run") == {"checkpoint.json", "options.json"}
    monkeypatch.undo()
    monkeypatch.chdir(here)
    printed(["train", str(IRIS), "--resume"])
    assert files(here / "run") >= RESULTS


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize("moved", [0, 1, 3])
def test_files_that_cannot_all_be_moved_into_place_leave_the_former_run(
    moved: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(["train", str(IRIS), *QUICK])
    (here / "run" / "losses.png").write_text("of a run with plots")
    (here / "run" / "report.txt").unlink()
    results = {
        name: (here / "run" / name).read_bytes()
        for name in files(here / "run") - {"checkpoint.json"}
    }
    replace, count = os.replace, 0

    def full(source: Path, target: Path) -> None:
        nonlocal count
        if (
            str(source).count(".part")
            and "former" not in str(source)
            and Path(target).parent.name == "run"
        ):
            count += Path(source).parent.name.endswith(".part")
            if count == moved + 1:
                raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr("nn.cli.run_dir.os.replace", full)
    _, err = printed(["train", str(IRIS), *QUICK, "--seed", "5", "--overwrite"], status=2)
    assert err == "run cannot be written: No space left on device; make room, and --resume\n"
    monkeypatch.undo()
    monkeypatch.chdir(here)
    del results["options.json"]  # of the new run from its first epoch on, with its checkpoint
    assert {name: (here / "run" / name).read_bytes() for name in results} == results
    assert files(here / "run") == {*results, "options.json", "checkpoint.json"}


def test_a_folder_in_the_place_of_a_result_is_refused_before_any_work(here: Path) -> None:
    (here / "run" / "weights.png").mkdir(parents=True)
    out, err = printed(["train", str(IRIS), *QUICK, "--overwrite"], status=2)
    assert (out, err) == (
        "",
        "--out run holds a folder weights.png, where a file is to be: choose another place\n",
    )
    assert files(here / "run") == {"weights.png"}


def test_what_matplotlib_cannot_draw_does_not_cost_the_model(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("nn.plotting.mpl.weights", broken)
    out, _ = printed(["train", str(IRIS), *QUICK])
    assert "no more plots, since matplotlib failed: RuntimeError: no fonts" in out
    assert files(here / "run") == RESULTS


@pytest.mark.usefixtures("no_matplotlib")
def test_an_overwrite_that_fails_leaves_the_former_run_as_it_was(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK])
    before = {name: (here / "run" / name).read_bytes() for name in files(here / "run")}
    words = ["--optimizer", "sgd", "--rate", "1e300", "--overwrite"]
    _, err = printed(["train", str(IRIS), *QUICK, *words], status=2)
    assert re.fullmatch(
        r"the loss became (nan|inf) in epoch 1, .*: try a smaller learning rate\n", err
    )
    assert {name: (here / "run" / name).read_bytes() for name in files(here / "run")} == before


# Ctrl-C and head


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


@pytest.mark.usefixtures("no_matplotlib")
def test_ctrl_c_ends_training_and_everything_is_written(
    interrupted_after: Callable[[int], None], here: Path
) -> None:
    interrupted_after(6)
    out, _ = printed(["train", str(IRIS), "--epochs", "50", "--folds", "2"], status=130)
    assert (
        "interrupted after 6 of 50 epochs" in out and "held out: 30 rows that it never saw" in out
    )
    assert files(here / "run") == RESULTS, "and no folds.csv, since nobody would wait for the folds"
    assert len(table((here / "run" / "history.csv").read_text())) == 6


def test_ctrl_c_in_the_first_epoch_leaves_nothing(
    interrupted_after: Callable[[int], None], here: Path
) -> None:
    interrupted_after(0)
    _, err = printed(["train", str(IRIS)], status=130)
    assert err == "interrupted after 0 of 200 epochs, and nothing is written\n"
    assert files(here) == set()


def python_m_nn(*argv: str, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "nn", *argv]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", **options
    )


def test_a_real_ctrl_c_ends_a_real_run_with_its_files(here: Path) -> None:
    run = python_m_nn("train", str(IRIS), "--epochs", "1000000", "--hidden", "4")
    until = time.monotonic() + 60
    while (
        not (here / "run" / "checkpoint.json").exists()
        and run.poll() is None
        and time.monotonic() < until
    ):
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (130, "")
    assert "interrupted after" in out and files(here / "run") >= RESULTS


def test_a_reader_that_has_seen_enough_gets_no_traceback_and_the_run_is_written(here: Path) -> None:
    run = python_m_nn("train", str(IRIS), "--epochs", "20", "--hidden", "4")
    assert run.stdout and run.stderr
    assert run.stdout.readline().startswith(str(IRIS))
    run.stdout.close()
    assert run.stderr.read() == ""
    run.stderr.close()
    assert run.wait(timeout=60) == 0
    assert files(here / "run") >= RESULTS


# What cannot be used

BAD_ROWS = {
    "empty.csv": "",
    "header.csv": "a,b,k\n",
    "word.csv": "a,b,k\n1,2,x\n3,frog,y\n",
    "nan.csv": "a,b,k\n1,2,x\n3,nan,y\n",
    "hole.csv": "a,b,k\n1,2,x\n3,,y\n",
    "one.csv": "a,b,k\n1,2,x\n3,4,x\n",
    "same.csv": "a,b\n1,3.5\n3,3.5\n",
    "short.csv": "a,b,k\n1,2,x\n3,4\n",
    "two.csv": "a,b,k\n1,2,x\n3,4,y\n",
    "mixed.csv": "a,b,k\n1,2,x\n3,4,7\n",
    "comma.csv": "a;b;k\n1,5;2;x\n3;4;y\n",
    "messy.csv": "town,b,c,k\nBonn,1,1,x\nUlm,NaN,2,y\nKiel,,n/a,x\nJena,inf,4,y\n",
    "names.csv": "x,name\n" + "".join(f"{i},n{i:02}\n" for i in range(30)),
    "prices.csv": "x,price\n" + "".join(f"{i},{i * 7}\n" for i in range(30)),
    "decimals.csv": "0,711;1,2;x\n0,5;1,1;y\n",
    "decimal_target.csv": "x;y\n1;1,5\n2;2,5\n3;3,5\n",
    "huge.csv": "x,y\n" + "".join(f"{i}e306,{i % 7}.5\n" for i in range(40)),
    "huge_target.csv": "x,y\n" + "".join(f"{i},{i}.5e306\n" for i in range(40)),
    "line.csv": "x,y\n" + "".join(f"{i},{i * 1.5}\n" for i in range(30)),
}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no.csv"], r'no\.csv: needs an existing file, got none at ".*"; check the path'),
        (["."], r"\.: needs a CSV file, got a folder"),
        (["empty.csv"], "empty.csv: needs rows of cells, got an empty file"),
        (["header.csv"], "header.csv: needs rows of data, got only a header on line 1"),
        (
            ["word.csv"],
            'word.csv line 3, column "b": needs a number, got "frog"; .* with --ignore "b"',
        ),
        (["nan.csv"], 'nan.csv line 3, column "b": needs a finite number, got "nan"'),
        (["hole.csv"], 'hole.csv line 3, column "b": needs a number, got an empty cell'),
        (
            ["one.csv"],
            'one.csv, column "k": needs at least two classes, got only "x"; choose another --target',
        ),
        (
            ["same.csv", "--regression"],
            "same.csv: needs a target that differs between rows, got 3.5 in all",
        ),
        (["short.csv"], "short.csv line 3: needs 3 cells like line 1, got 2"),
        (
            ["two.csv"],
            "two.csv: 2 rows cannot be split by --test 0.2 and --validation 0.2 so that each part has one; ",
        ),
        (
            ["two.csv", "--test", "0"],
            "two.csv: 2 rows cannot be split by --test 0 and --validation 0.2 so that each",
        ),
        (
            ["messy.csv"],
            'messy.csv line 2, column "town": needs a number, got "Bonn"; leave the column out with --ignore "town"; '
            'cells that cannot be used, in 4 rows: 4 of "town", 3 of "b", 1 of "c"\n',
        ),
        (
            ["messy.csv", "--ignore", "town"],
            r'messy.csv line 3, column "b": .*, in 4 rows: 3 of "b", 1 of "c"\n',
        ),
        (
            ["names.csv"],
            "names.csv: needs classes with two rows each, .* 30 different values of 'name' in 30 rows; choose",
        ),
        (
            ["prices.csv", "--classification"],
            "prices.csv: needs classes with two rows each, on average, got 30 different values of 'price' in 30 rows; "
            "use --regression",
        ),
        (
            ["decimals.csv"],
            'decimals.csv line 1, column 1: needs a number, got "0,711"; write decimals with a point',
        ),
        (
            ["decimal_target.csv"],
            'decimal_target.csv line 2, column "y": needs a number, got "1,5"; write decimals with',
        ),
        (
            ["mixed.csv"],
            'mixed.csv line 2, column "k": needs labels that are all .*, or pass --classification to take',
        ),
        (
            ["comma.csv"],
            'comma.csv line 2, column "a": needs a number, got "1,5"; write decimals with a point',
        ),
        (
            ["huge.csv"],
            "huge.csv: scaling needs numbers that can be added up, got up to 3.9e.307 in x; divide the column",
        ),
        (
            ["huge_target.csv"],
            r"huge_target.csv: scaling needs .*, got up to 3.\d+e\+307 in the target; divide",
        ),
        (
            ["iris.csv", "--target", "Specis"],
            "iris.csv has no column 'Specis' for --target: did you mean \"species\"?",
        ),
        (["iris.csv", "--target", "0"], "iris.csv has no column '0' for --target: its columns are"),
        (["iris.csv", "--target", "6"], "iris.csv has no column '6' for --target: its columns are"),
        (
            ["iris.csv", "--ignore", "width"],
            "iris.csv has no column 'width' for --ignore: did you mean",
        ),
        (["iris.csv", "--ignore", "species"], '"species" is the target and cannot be ignored'),
        (
            ["line.csv", "--ignore", "x"],
            "line.csv: needs a column to learn from, got none but the target",
        ),
        (
            ["iris.csv", "--regression"],
            'iris.csv line 2, column "species": needs a number, got "setosa"',
        ),
        (
            ["iris.csv", "--folds", "151"],
            "iris.csv: folds needs a row for each of 151 parts, got 150 rows",
        ),
        (["iris.csv", "--folds", "1"], "--folds: needs a whole number from 2 up, got 1"),
        (
            ["iris.csv", "--hidden", "16,x"],
            "--hidden: needs the sizes of the hidden layers, such as 16,16, or none",
        ),
        (
            ["iris.csv", "--hidden", "-4"],
            "--hidden: needs the sizes of the hidden layers, .*, got -4",
        ),
        (
            ["iris.csv", "--hidden", "99999,99999"],
            "--hidden needs a model of at most 1000000 parameters, got 1000",
        ),
        (["iris.csv", "--epochs", "0"], "--epochs: needs a whole number from 1 up, got 0"),
        (["iris.csv", "--rate", "0"], "--rate: needs a learning rate above 0, or find, got 0"),
        (["iris.csv", "--rate", "nan"], "--rate: needs a learning rate above 0, or find, got nan"),
        (
            ["iris.csv", "--rate", "1e300", "--optimizer", "sgd"],
            "the loss became .*: try a smaller learning rate",
        ),
        (
            ["iris.csv", "--test", "0.7", "--validation", "0.4"],
            "--test and --validation leave no rows to learn from",
        ),
        (
            ["iris.csv", "--test", "0.001"],
            "iris.csv: 150 rows cannot be split by --test 0.001 and --validation 0.2",
        ),
        (
            ["iris.csv", "--dropout", "1"],
            "--dropout: needs a fraction from 0 up to, but below, 1, got 1",
        ),
        (
            ["iris.csv", "--loss", "huber"],
            "--loss huber does not fit species, taken for classes: use cross_entropy",
        ),
        (["iris.csv", "--loss", "hinge"], "--loss hinge needs two classes, and species has 3"),
        (
            ["line.csv", "--loss", "hinge"],
            "--loss hinge does not fit y, taken for numbers: use mean_squared_error",
        ),
        (
            ["line.csv", "--class-weights", "balanced"],
            "--class-weights needs a cross-entropy for its loss",
        ),
        (["iris.csv", "--activation", "rely"], "--activation: invalid choice: 'rely'"),
        (
            ["iris.csv", "--patience", "5", "--validation", "0"],
            "--patience needs validation rows to watch",
        ),
        (["iris.csv", "--out", "iris.csv"], "--out iris.csv needs a folder, got a file"),
        (
            ["iris.csv", "--out", "iris.csv/run"],
            "--out iris.csv/run needs a place that can be written",
        ),
        (
            ["iris.csv", "--out", "/proc/run"],
            "--out /proc/run (cannot be made|needs a place that can be written)",
        ),
        (["iris.csv", "--resume"], "--resume needs a run that was begun, and run holds none"),
        (
            ["iris.csv", "--resume", "--overwrite"],
            "--overwrite: not allowed with argument --resume",
        ),
        (["iris.csv", "--epoch", "3"], "unrecognized arguments: --epoch 3"),
        (
            [],
            r"the following arguments are required: data\.csv: python -m nn train --help shows how it is used",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_leaves_nothing(
    words: list[str], said: str, here: Path
) -> None:
    for name, text in BAD_ROWS.items():
        (here / name).write_text(text)
    (here / "iris.csv").write_bytes(IRIS.read_bytes())
    before = files(here)
    _, err = printed(["train", *words], status=2)
    assert re.match(said, err) and err.count("\n") == 1, err
    assert files(here) == before


def test_an_unwritable_folder_is_refused_before_any_work(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "locked").mkdir(mode=0o500)
    if os.access(here / "locked", os.W_OK):  # root may write everywhere
        monkeypatch.setattr("nn.cli.run_dir.os.access", lambda path, mode: False)
    out, err = printed(["train", str(IRIS), "--out", "locked/run"], status=2)
    assert (out, err.count("\n")) == ("", 1) and "needs a place that can be written" in err


def test_an_unknown_command_is_refused_and_none_at_all_teaches() -> None:
    assert printed(["trian"], status=2)[1].startswith(
        "there is no command trian: use train, predict, demo"
    )
    out, _ = printed([])
    assert "python -m nn train flowers.csv --target species --hidden 16,16" in out


@pytest.mark.parametrize("command", ["train", "predict", "demo"])
def test_help_teaches_by_example(command: str) -> None:
    assert "``" not in printed(["--help"])[0]
    out, _ = printed([command, "--help"])
    assert f"examples:\n  python -m nn {command}" in out
    if command == "train":
        assert "what the numbers mean:" in out
        assert all(f"\n  {problem.name} " in out for problem in PROBLEMS), (
            "a remedy for whatever the doctor may say"
        )


# Predicting


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of irises, trained in full."""
    out = tmp_path_factory.mktemp("flowers") / "run"
    printed(["train", str(IRIS), "--epochs", "40", "--out", str(out), "--quiet"])
    return out


def test_columns_are_found_by_name_in_any_order_and_extra_ones_left_out(
    flowers: Path, here: Path
) -> None:
    data = iris()
    rows = [[*reversed(row), f"flower {i}"] for i, row in enumerate(data.features)]
    written(here / "new.csv", [*reversed(data.feature_names), "name"], rows)
    out, err = printed(["predict", str(flowers), "new.csv"])
    assert err == "note: name left out, since the model did not learn from it\n"
    assert [row["predicted species"] for row in table(out)] == load_predictor(
        flowers / "model.json"
    ).predict(data)
    first = {
        name: float(x) for name, x in table(out)[0].items() if name.startswith("probability of ")
    }
    assert list(first) == [f"probability of {name}" for name in data.class_names]
    assert (
        sum(first.values()) == pytest.approx(1, abs=1e-5) and first["probability of setosa"] > 0.9
    )


def test_where_the_target_is_there_too_the_metrics_go_to_stderr(flowers: Path, here: Path) -> None:
    out, err = printed(["predict", str(flowers / "model.json"), str(IRIS), "--keep"])
    right = sum(row["species"] == row["predicted species"] for row in table(out))
    assert right > 140 and err.startswith(
        f"accuracy {100 * right / 150:.1f} % ({right} of 150 right)"
    )
    assert printed(["predict", str(flowers), str(IRIS), "--quiet", "--out", "a.csv"]) == ("", "")
    assert [row["predicted species"] for row in table((here / "a.csv").read_text())] == [
        row["predicted species"] for row in table(out)
    ]


def test_rows_without_a_known_target_are_left_out_of_the_metrics(flowers: Path, here: Path) -> None:
    lines = IRIS.read_text().splitlines()
    lines[1] = lines[1].replace("setosa", "")
    lines[2] = lines[2].replace("setosa", "tulip")
    (here / "new.csv").write_text("\n".join(lines))
    _, err = printed(["predict", str(flowers), "new.csv"])
    assert err.startswith(
        "note: 2 of 150 rows have no species that is a class it knows: the metrics leave them out\n"
    )
    assert "of 148 right" in err


@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="there is no such file here")
def test_rows_may_come_through_a_pipe(flowers: Path) -> None:
    run = python_m_nn("predict", str(flowers), "/dev/stdin", "--quiet", stdin=subprocess.PIPE)
    out, err = run.communicate(IRIS.read_text(), timeout=60)
    assert (run.returncode, err, len(table(out))) == (0, "", 150)


@pytest.mark.usefixtures("no_matplotlib")
def test_a_file_without_a_header_serves_for_training_and_predicting(here: Path) -> None:
    bare = "\n".join(IRIS.read_text().splitlines()[1:])
    (here / "bare.csv").write_text(
        bare.replace("setosa", "0").replace("versicolor", "1").replace("virginica", "2")
    )
    printed(["train", "bare.csv", *QUICK])
    out, err = printed(["predict", "run", "bare.csv"])
    assert len(table(out)) == 150 and "of 150 right" in err
    (here / "features.csv").write_text("5.1,3.5,1.4,0.2\n")
    assert len(table(printed(["predict", "run", "features.csv"])[0])) == 1


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize("target", ["3", "column 3", "-3"])
def test_a_column_of_a_file_without_a_header_is_named_as_it_is_shown(
    target: str, here: Path
) -> None:
    bare = "\n".join(line.rpartition(",")[0] for line in IRIS.read_text().splitlines()[1:])
    (here / "bare.csv").write_text(
        "\n".join(f"{line},{i % 7}" for i, line in enumerate(bare.splitlines()))
    )
    out, _ = printed(["train", "bare.csv", *QUICK, "--target", target])
    assert "bare.csv: 150 rows, 4 features; the target is column 3" in out
    assert load_predictor(here / "run" / "model.json").feature_names == [
        f"column {k}" for k in (1, 2, 4, 5)
    ]


def test_numbers_are_not_taken_for_the_names_that_a_model_needs(flowers: Path, here: Path) -> None:
    (here / "bare.csv").write_text("-0.144,3.5,1.4,0.2\n5.1,3.5,1.4,0.2\n")
    _, err = printed(["predict", str(flowers), "bare.csv"], status=2)
    assert re.fullmatch(
        r"bare.csv line 1: needs the names of the columns, .* sepal_length, .*; write them above\n",
        err,
    )


def damaged(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    del content["digest"]  # as one does who changes a file by hand
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(version=2), "needs version 1 of the format, got 2"),
        (
            lambda c: c.update(format="glassgrad model"),
            'needs the format "glassgrad predictor", got "glassgrad model"',
        ),
        (
            lambda c: c.pop("feature_names"),
            "needs a whole file as it was written, got a damaged one",
        ),
        (
            lambda c: c["feature_names"].append("petal_length"),
            "names that are not a list of different texts",
        ),
        (lambda c: c["feature_names"].append("height"), "got a damaged one"),
        (lambda c: c["class_names"].pop(), "got a damaged one"),
        (lambda c: c["class_names"].clear(), "got a damaged one"),
        (lambda c: c.update(outputs="number"), "got a damaged one"),
        (lambda c: c.update(outputs="margin"), "Predictor needs a model with one output, got 3"),
        (lambda c: c["feature_scaling"].update(deviations=[1, 2, 3, -4]), "got a damaged one"),
        (lambda c: c["target_scaling"].update(deviation=-1), "got a damaged one"),
        (
            lambda c: c["feature_scaling"].update(means=[1e308] * 4, deviations=[1e-308] * 4),
            "needs a model whose answers are finite, got [nan, nan, nan] for line 2 of ",
        ),
        (
            lambda c: c["parameters"].update(dict.fromkeys(c["parameters"], 1e308)),
            "needs a model whose answers are finite, got [",
        ),
        (
            lambda c: c["feature_scaling"].update(means=[1, 2, 3, "x"]),
            "a scaling that is not of finite numbers",
        ),
        (lambda c: c["feature_scaling"].update(deviations=[1, 2, 3, 0]), "got a damaged one"),
        (lambda c: c["target_scaling"].update(mean=None), "got a damaged one"),
        (lambda c: c.update(target_scaling=3), "got a damaged one"),
        (lambda c: c.update(target=7), "got a damaged one"),
        (
            lambda c: c["settings"].update(nouts=[10**9, 3]),
            "settings that are not those of its parameters",
        ),
        (lambda c: c["parameters"].popitem(), "settings that are not those of its parameters"),
    ],
)
def test_a_damaged_or_foreign_model_is_one_sentence(
    change: Callable[[dict[str, Any]], None], said: str, flowers: Path, here: Path
) -> None:
    (here / "model.json").write_bytes((flowers / "model.json").read_bytes())
    damaged(here / "model.json", change)
    out, err = printed(["predict", "model.json", str(IRIS), "--out", "answers.csv"], status=2)
    assert out == "" and err.startswith("model.json: ") and said in err and err.count("\n") == 1
    assert files(here) == {"model.json"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no.json", "iris.csv"], "no.json: needs an existing file, got none"),
        (
            ["iris.csv", "iris.csv"],
            'iris.csv: needs the format "glassgrad predictor", got no JSON; check the path',
        ),
        (["huge.json", "iris.csv"], "huge.json: needs a file of at most 100000000 bytes, got more"),
        (
            ["mlp.json", "iris.csv"],
            'mlp.json: needs the format "glassgrad predictor", got "glassgrad model"',
        ),
        ([".", "iris.csv"], ". holds no model.json: name the folder of a run that has ended"),
        (["flowers", "no.csv"], "no.csv: needs an existing file"),
        (["flowers", "empty.csv"], "empty.csv: needs rows of cells, got an empty file"),
        (["flowers", "header.csv"], "header.csv: needs rows of data, got only a header on line 1"),
        (
            ["flowers", "twice.csv"],
            'twice.csv: needs one column of each name, got "sepal_width" 2 times',
        ),
        (
            ["flowers", "word.csv"],
            'word.csv line 2, column "petal_length": needs a number, got "long"',
        ),
        (
            ["flowers", "less.csv"],
            'less.csv lacks "petal_width", which the model learned from: did you mean "Petal_W',
        ),
        (
            ["flowers", "iris.csv", "--out", "iris.csv"],
            "--out iris.csv is there already: choose another file",
        ),
        (
            ["flowers", "iris.csv", "--out", "no/answers.csv"],
            "no/answers.csv: needs a place that can be written",
        ),
        (
            ["flowers"],
            "the following arguments are required: data.csv: python -m nn predict --help shows",
        ),
    ],
)
def test_what_cannot_be_predicted_is_one_sentence(
    words: list[str], said: str, flowers: Path, here: Path
) -> None:
    (here / "iris.csv").write_bytes(IRIS.read_bytes())
    (here / "empty.csv").write_text("")
    (here / "header.csv").write_text("petal_width,petal_length,sepal_length,sepal_width\n")
    (here / "twice.csv").write_text(
        "sepal_width,petal_length,sepal_length,sepal_width,petal_width\n1,2,3,4,5\n"
    )
    (here / "word.csv").write_text(
        "petal_width,petal_length,sepal_length,sepal_width\n1,long,2,3\n"
    )
    (here / "less.csv").write_text("Petal_Width,petal_length,sepal_length,sepal_width\n1,1,2,3\n")
    save(MLP(4, [3]), here / "mlp.json")
    with (here / "huge.json").open("wb") as file:
        file.truncate(100_000_001)
    before = files(here)
    out, err = printed(
        ["predict", *(str(flowers) if word == "flowers" else word for word in words)], status=2
    )
    assert out == "" and err.startswith(said) and err.count("\n") == 1, err
    assert files(here) == before


NAMES = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)
)
NUMBERS = st.floats(-1e6, 1e6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_columns_of_any_name_and_order_give_the_same_answers(
    data: st.DataObject, names: list[str], here: Path
) -> None:
    """Whatever the names hold: quotes, commas, numbers, other scripts."""
    count = len(names)
    rows = data.draw(
        st.lists(st.lists(NUMBERS, min_size=count, max_size=count), min_size=1, max_size=4)
    )
    order = data.draw(st.permutations(range(count)))
    predictor = Predictor(
        MLP(count, [3, 1], seed=1), Standardizer([1.0] * count, [2.0] * count), names
    )
    predictor.save(here / "model.json")
    written(here / "new.csv", [names[i] for i in order], [[row[i] for i in order] for row in rows])
    out, _ = printed(["predict", "model.json", "new.csv", "--delimiter", ",", "--quiet"])
    found = [float(row["predicted target"]) for row in table(out)]
    assert found == pytest.approx([predictor.predict(row) for row in rows], rel=1e-9, abs=1e-9)


# The predictor in Python


def test_a_predictor_answers_to_names_to_lists_and_to_datasets(flowers: Path) -> None:
    predictor = load_predictor(flowers / "model.json")
    data = load_csv(IRIS)
    names = dict(zip(data.feature_names, data.features[0], strict=True))
    assert (
        predictor.predict(names | {"colour": 1}) == predictor.predict(data.features[0]) == "setosa"
    )
    assert predictor.predict(data)[:3] == ["setosa"] * 3
    assert predictor.probabilities(names) == predictor.probabilities(data.features[0])
    with pytest.raises(ValueError, match="got none for petal_width"):
        predictor.predict({name: x for name, x in names.items() if name != "petal_width"})
    with pytest.raises(ValueError, match="a row needs finite numbers"):
        predictor.predict([1.0, 2.0, 3.0, float("nan")])


def test_a_loaded_predictor_is_the_saved_one_bit_for_bit(here: Path) -> None:
    data = moons(30)
    first = Predictor(
        MLP(2, [5, 1], seed=3),
        Standardizer.fit(data),
        ["x", "y"],
        target_mean=1e9 + 0.1,
        target_deviation=1 / 3,
    )
    first.save(here / "p.json")
    assert load_predictor(here / "p.json").predict(data) == first.predict(data)


@pytest.mark.parametrize("classes", [["frog", "newt"], []])
def test_a_predictor_is_recorded_once_and_replayed_for_all_rows(
    classes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = moons(40)
    mlp = MLP(2, [6, 2 if classes else 1], seed=1)
    predictor = Predictor(
        mlp,
        Standardizer.fit(data),
        ["x", "y"],
        classes,
        target_mean=3.0,
        target_deviation=1.0 if classes else 7.0,
    )
    one_by_one = predict(predictor, data)
    asked = 0
    call = MLP.__call__

    def counted(self: MLP, row: Any, /) -> Any:
        nonlocal asked
        asked += 1
        return call(self, row)

    monkeypatch.setattr(MLP, "__call__", counted)
    found = batch_outputs(predictor, data.features)
    assert asked <= 2, (
        "a boundary over thousands of points must not go through the engine point by point"
    )
    for replayed, alone in zip(found, one_by_one, strict=True):
        assert replayed == pytest.approx(alone, rel=1e-12, abs=1e-12)


def test_a_predictor_is_differentiated_in_the_units_of_its_file() -> None:
    predictor = Predictor(
        MLP(1, [1], init="ones"),
        Standardizer([1.0], [2.0]),
        ["width"],
        target_mean=5.0,
        target_deviation=10.0,
    )
    width = Value(3.0)
    predictor([width]).backward()
    assert width.grad == 10.0 / 2.0


# Demos


class Chapter(ModuleType):
    """Stands in for a demo: writes into its folder."""

    @staticmethod
    def main(folder: str = ".") -> None:
        Path(folder, "picture.txt").write_text("seen")


def test_demos_are_listed_with_a_line_each() -> None:
    out, _ = printed(["demo"])
    names = [line.split("  ")[0] for line in out.splitlines()[:-2]]
    assert names == list(import_module("demos").CHAPTERS)


def test_a_demo_is_run_by_its_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "demos.iris", Chapter("demos.iris"))
    printed(["demo", "iris", "--out", "new/pictures"])  # made, as train makes its folder
    assert (here / "new" / "pictures" / "picture.txt").read_text() == "seen"
    assert printed(["demo", "irs"], status=2)[1].startswith(
        "there is no demo irs: did you mean iris?"
    )
    (here / "file").write_text("mine")
    assert printed(["demo", "iris", "--out", "file"], status=2)[1].startswith(
        "--out file cannot be made: File exists"
    )


def test_ctrl_c_ends_a_demo_and_not_only_one_of_its_trainings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Pressed(Chapter):
        @staticmethod
        def main(folder: str = ".") -> None:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            print("went on")

    monkeypatch.setitem(sys.modules, "demos.iris", Pressed("demos.iris"))
    assert printed(["demo", "iris"], status=130) == ("", "\ninterrupted\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_the_demos_one_sentence_says_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nn.cli.demo.find_spec", lambda name: None)
    _, err = printed(["demo"], status=2)
    assert (
        err.startswith("the demos lie beside nn in the clone of glassgrad") and err.count("\n") == 1
    )


# README and small parts


def test_the_commands_of_the_readme_run(here: Path) -> None:
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    section = text.partition("### From the command line")[2].partition("\n## ")[0]
    commands = re.findall(r"^python -m nn (.+?)(?: +#.*)?$", section, re.MULTILINE)
    assert len(commands) >= 4
    (here / "nn").symlink_to(
        HOUSE / "nn"
    )  # as in the repository, where the section says they are run
    for command in commands:
        printed(command.split())
    code = section.partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code, found)
    assert found["kind"] == "setosa" and found["shares"]["setosa"] > 0.9


def test_an_account_that_is_quiet_keeps_all_and_prints_what_it_must(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account(quiet=True)
    account.say("a")
    account.say("\nb", always=True)
    assert (account.text, capsys.readouterr().out) == ("a\n\nb\n", "b\n")


def test_options_of_a_run_that_were_tampered_with_are_refused(here: Path) -> None:
    folder = Folder("run")
    folder.begin(["--seed=1"])
    (here / "run" / "options.json").write_text(
        '{"format": "glassgrad options", "version": 1, "arguments": ["x", 3]}'
    )
    (here / "run" / "checkpoint.json").write_text("{}")
    _, err = printed(["train", str(IRIS), "--resume"], status=2)
    assert err == "run/options.json: needs a list of options, got none; begin with --overwrite\n"
