"""python -m nn train: from a CSV file to a model, its scores, and what is said of them."""

import contextlib
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import L2, MLP, SGD, TrainConfig, Trainer, evaluate, find_rate, iris, load_csv, moons, train
from nn.cli.choices import Choices, suggestion
from nn.cli.options import in_options, train_parser, words_of
from nn.cli.parts import Parts
from nn.data.scaling import Standardizer
from nn.doctor import Remedy
from nn.io.predictor import load_predictor
from tests.nn.cli.commands import HOUSE, IRIS, PLOTS, QUICK, RESULTS, files, printed, table, written


@pytest.mark.full
@pytest.mark.usefixtures("with_plots", "with_the_doctor")
def test_wine_is_classified_and_all_of_it_lies_in_the_folder(wine: Path, here: Path) -> None:
    out, err = printed(["train", str(wine), "--target", "cultivar", "--epochs", "40"])
    assert err == ""
    assert "178 rows, 13 features; the target is cultivar" in out
    assert (
        "holds text: classification into class_0 (59 rows), class_1 (71 rows), class_2 (48 rows)"
        in out
    )
    assert "106 training rows, 36 validation rows, 36 held-out test rows" in out
    assert float(re.findall(r"accuracy ([\d.]+) % \(\d+ of 36 right\)", out)[0]) > 90
    assert re.search(r"class +precision +recall +F1 +rows\nclass_0", out)
    assert "● training   ○ validation" in out and "the doctor" in out
    assert files(here / "run") == RESULTS | PLOTS
    assert set(re.findall(r"written to run: (.*)", out)[0].split(", ")) == RESULTS | PLOTS
    for name in PLOTS:
        assert (here / "run" / name).read_bytes().startswith(b"\x89PNG")
    assert (here / "run" / "report.txt").read_text(encoding="utf-8") == out


@pytest.mark.full
def test_diabetes_is_a_regression_in_the_units_of_its_target(diabetes: Path, here: Path) -> None:
    out, _ = printed(["train", str(diabetes), "--epochs", "10"])
    assert (
        "holds numbers, 214 different ones: regression (--classification predicts each as a class)"
        in out
    )
    rmse, usual = map(
        float, re.search(r"RMSE ([\d.]+) and [^R]* has an RMSE of ([\d.]+)", out).groups()
    )  # type: ignore[union-attr]
    assert 40 < rmse < 0.85 * usual < 80
    assert "no plots, since matplotlib is not installed: pip install 'glassgrad[plots]'" in out
    assert files(here / "run") == RESULTS
    predictor = load_predictor(here / "run" / "model.json")
    assert 80 < predictor.target_mean < 200 and 50 < predictor.target_deviation < 100


@pytest.mark.usefixtures("with_the_doctor")
def test_the_score_printed_is_that_of_the_model_written_on_the_rows_held_out(here: Path) -> None:
    out, _ = printed(["train", str(IRIS), "--seed", "3", "--epochs", "20", "--quiet"])
    _, test = iris().split(0.2, seed=3)
    _, right = evaluate(load_predictor(here / "run" / "model.json"), test)
    assert out == f"accuracy {100 * right:.1f} % ({round(30 * right)} of 30 right)\n"


def test_scaling_is_fitted_on_the_rows_to_learn_from_alone(here: Path) -> None:
    printed(["train", str(IRIS), *QUICK, "--seed", "2"])
    learn, _ = iris().split(0.2, seed=2)[0].split(0.25, seed=2)
    assert load_predictor(here / "run" / "model.json").scaling == Standardizer.fit(learn)


def test_the_model_written_is_that_of_the_best_epoch(here: Path) -> None:
    printed(["train", str(IRIS), "--epochs", "30", "--rate", "0.3"])
    rows = table((here / "run" / "history.csv").read_text())
    assert [row["epoch"] for row in rows] == [str(k) for k in range(1, 31)]
    assert all(row["r_squared"] == "" for row in rows)
    _, validation = iris().split(0.2)[0].split(0.25)
    loss, _ = evaluate(load_predictor(here / "run" / "model.json"), validation)
    assert loss == pytest.approx(min(float(row["validation_loss"]) for row in rows), rel=1e-12)


def test_the_same_command_writes_the_same_model(here: Path) -> None:
    for out in ("a", "b"):
        printed(["train", str(IRIS), *QUICK, "--out", out, "--dropout", "0.2"])
    assert (here / "a" / "model.json").read_bytes() == (here / "b" / "model.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--classification"], "x: as you said, classification into 0 (20 rows), 1 (20 rows)"),
        (["--regression"], "x: as you said, regression"),
        ([], "(--regression predicts them as such): classification into 0 (20 rows), 1 (20 rows)"),
    ],
)
def test_the_guess_is_said_and_can_be_overridden(words: list[str], said: str, here: Path) -> None:
    written(here / "ab.csv", ["a", "b", "x"], [[i, i * i, i % 2] for i in range(40)])
    out, _ = printed(["train", "ab.csv", *QUICK, *words])
    assert said in out


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


def test_folds_tell_mean_and_spread_of_scores_on_rows_left_out(here: Path) -> None:
    out, _ = printed(["train", str(IRIS), "--epochs", "10", "--folds", "3"])
    rows = table((here / "run" / "folds.csv").read_text())
    scores = [float(row["accuracy"]) for row in rows]
    assert [row["rows"] for row in rows] == ["50", "50", "50"]
    mean = sum(scores) / 3
    spread = (sum((score - mean) ** 2 for score in scores) / 2) ** 0.5
    assert f"3-fold cross-validation: accuracy {100 * mean:.1f} ± {100 * spread:.1f} %" in out


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
@pytest.mark.usefixtures("with_the_doctor")
def test_the_doctor_names_the_options_that_would_help(words: list[str], said: str) -> None:
    assert re.search(said, printed(["train", str(IRIS), "--epochs", "30", *words])[0])


@pytest.mark.full
@pytest.mark.usefixtures("with_the_doctor")
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


@pytest.mark.full
@pytest.mark.parametrize("rate", ["1", "1e5"])
@pytest.mark.usefixtures("with_the_doctor")
def test_predictions_too_far_off_to_be_squared_are_scored_all_the_same(
    rate: str, diabetes: Path, here: Path
) -> None:
    words = ["--optimizer", "sgd", "--rate", rate, "--epochs", "12", "--validation", "0"]
    out, _ = printed(["train", str(diabetes), *words, "--folds", "2"], status=1)
    assert (
        re.search(r"R² -(inf|\d\S+e\+\d\d)", out)
        and "2-fold" in out
        and files(here / "run") == RESULTS | {"folds.csv"}
    )


def test_a_class_without_a_row_to_learn_from_is_noted(here: Path) -> None:
    written(
        here / "rare.csv", ["x", "k"], [[i, "often" if i < 30 else f"rare{i}"] for i in range(34)]
    )
    _, err = printed(["train", "rare.csv", *QUICK])
    assert re.search(
        r"note: no row of rare\d+ is among the training rows, so that it cannot be learned", err
    )


@pytest.mark.full
@pytest.mark.usefixtures("with_the_doctor")
def test_a_run_that_came_to_nothing_says_so_even_when_quiet(here: Path) -> None:
    words = ["train", str(IRIS), "--optimizer", "sgd", "--epochs", "20"]
    out, err = printed([*words, "--rate", "1e3", "--quiet"], status=1)
    assert out.startswith("accuracy ") and out.count("\n") == 1
    assert re.fullmatch(
        r"failed: learning rate too large: .* no better than always .*; try --rate 0\.\d+\n", err
    )
    assert files(here / "run") == RESULTS and err in (here / "run" / "report.txt").read_text()
    rate = err.split()[-1]
    assert printed([*words, "--rate", rate, "--overwrite", "--quiet"])[1] == "", (
        "and what it says to try is a cure"
    )


def test_a_run_that_learned_little_at_a_fine_rate_has_not_failed(here: Path) -> None:
    rng = random.Random(3)
    written(here / "noise.csv", ["x", "y"], [[rng.random(), rng.random()] for _ in range(60)])
    out, _ = printed(["train", "noise.csv", *QUICK])
    assert re.search(r"R² -", out) and "next: python -m nn predict" in out


def test_what_is_odd_in_a_file_is_noted(here: Path) -> None:
    rows = [[i + 100, 7, i % 3, ["yes", "no", "Yes "][i % 3]] for i in range(30)]
    written(here / "odd.csv", ["id", "same", "x", "well"], rows)
    _, err = printed(["train", "odd.csv", *QUICK, "--quiet"])
    assert err == (
        'note: "Yes" and "yes" are 2 classes: write them alike if they are one\n'
        'note: "x" gives the target away: --ignore "x" leaves it out\n'
    )
    report = (here / "run" / "report.txt").read_text()
    assert "left out: id (numbers of rows); same (the same in all rows)\n" in report
    assert printed(["train", str(IRIS), *QUICK, "--overwrite", "--quiet"])[1] == ""


def test_an_index_with_gaps_is_left_out_unless_it_is_to_be_kept(here: Path) -> None:
    rows = [[i * i, i % 7 / 2, "ab"[i > 15]] for i in range(30)]
    for name, column in (("", "column 1"), ("obs_id", "obs_id"), ("caseID", "caseID")):
        written(here / "gaps.csv", [name, "x", "k"], rows[::-2] + rows[::2])
        out, err = printed(["train", "gaps.csv", *QUICK, "--overwrite"])
        assert f"left out: {column} (numbers of rows)" in out and err == ""
        out, err = printed(["train", "gaps.csv", *QUICK, "--overwrite", "--keep", column])
        assert "left out" not in out
        assert err == f'note: "{column}" gives the target away: --ignore "{column}" leaves it out\n'


def test_whole_numbers_that_rise_from_row_to_row_are_noted(here: Path) -> None:
    rows = [[i * i, 1900 + i, i % 7 / 2, "ab"[i % 2]] for i in range(30)]
    written(here / "ordered.csv", ["client", "year", "x", "k"], rows)
    _, err = printed(["train", "ordered.csv", *QUICK, "--quiet"])
    assert err == 'note: "client" looks like a row number: --ignore "client" leaves it out\n'


def test_a_number_that_is_the_target_in_another_unit_is_noted(here: Path) -> None:
    rows = [[i * 3.7 % 1, i * 2.9 % 1, 20 + 1.8 * (i * 3.7 % 1)] for i in range(20)]
    written(here / "units.csv", ["celsius", "x", "fahrenheit"], rows)
    _, err = printed(["train", "units.csv", *QUICK, "--quiet"])
    assert err == 'note: "celsius" gives the target away: --ignore "celsius" leaves it out\n'


def test_classes_without_a_row_to_learn_from_are_one_note(here: Path) -> None:
    rows = [[i % 17, f"n{i if i < 20 else 50}"] for i in range(60)]
    written(here / "rare.csv", ["x", "name"], rows)
    _, err = printed(["train", "rare.csv", *QUICK, "--quiet"])
    assert err.count("\n") == 1 and " more is among the training rows" in err


def test_options_are_said_in_words_that_choose_them_again() -> None:
    words = ["--target=kind", "--ignore=a", "--ignore=b", "--hidden=none", "--regression"]
    parsed = train_parser().parse_args(["flowers.csv", *words, "--out", "run", "--quiet"])
    assert words_of(parsed) == [
        "--target=kind",
        "--ignore=a",
        "--ignore=b",
        *words[4:],
        *words[3:4],
    ]
    again = train_parser().parse_args(["flowers.csv", *words_of(parsed)])
    assert words_of(again) == words_of(parsed)


def test_arguments_and_remedies_are_said_as_the_options_that_do_the_same() -> None:
    error = ValueError("rain.csv: needs labels, got 3; pass classification=True")
    assert in_options(error) == "rain.csv: needs labels, got 3; pass --classification"
    run = train(MLP(2, [8, 2], seed=0), moons(50), optimizer=SGD(0.001), epochs=1).config
    faster = Remedy("more", lambda run: replace(run, optimizer=SGD(0.5), penalty=L2(0.01)))
    assert suggestion(run, faster) == "--rate 0.5 --l1 0 --l2 0.01"
    wider = Remedy("wider", lambda run: run.with_model(MLP(2, [4, 4, 2], "tanh")))
    assert suggestion(run, wider) == "--hidden 4,4 --activation tanh"
    other = Remedy("other", lambda run: run.with_model(MLP(2, [8, 2], seed=1)))
    assert suggestion(run, other) == "--init he"


def chosen(*words: str) -> TrainConfig:
    options = train_parser().parse_args(["iris.csv", *words])
    rest, test = iris().split(0.2)
    parts = Parts.of(*rest.split(0.25), test)
    return Choices(options, iris(), "species").config(parts)


def test_each_strength_weighs_the_penalty_that_it_is_named_for() -> None:
    weights = [Value(2.0), Value(-1.0)]
    for l1, l2 in ((0.3, 0.1), (0.3, 0.0), (0.0, 0.1)):
        penalty = chosen("--l1", str(l1), "--l2", str(l2)).penalty
        assert penalty is not None
        assert penalty(weights).data == pytest.approx(l1 * 3.0 + l2 * 5.0 / 2)
    assert chosen("--l2", "0").penalty is None


def test_adamw_has_no_l2_beside_its_own_weight_decay_unless_it_is_asked_for() -> None:
    assert chosen("--optimizer", "adamw").penalty is None
    assert chosen("--optimizer", "adamw", "--l2", "0.01").penalty == L2(0.01)
    assert chosen("--optimizer", "adam").penalty == L2(0.005)


def test_of_many_rows_the_penalty_is_smaller() -> None:
    options, rows = train_parser().parse_args(["iris.csv"]), iris()
    parts = Parts.of(rows.take([*range(150)] * 200), rows, rows)
    assert Choices(options, rows, "species").config(parts).penalty == L2(0.002)


def test_each_optimizer_is_the_one_that_it_is_named_for() -> None:
    assert [
        repr(chosen("--optimizer", name, "--rate", "0.5").optimizer)
        for name in ("sgd", "momentum", "nesterov")
    ] == [
        "SGD(learning_rate=0.5, momentum=0)",
        "SGD(learning_rate=0.5, momentum=0.9)",
        "SGD(learning_rate=0.5, momentum=0.9, nesterov=1)",
    ]
    kinds = [
        type(chosen("--optimizer", name).optimizer).__name__
        for name in ("rmsprop", "adam", "adamw")
    ]
    assert kinds == ["RMSProp", "Adam", "AdamW"]


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


def test_batches_are_larger_where_an_epoch_had_very_many_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nn.cli.run.MOST_STEPS", 2)
    assert "batches of 45" in printed(["train", str(IRIS), *QUICK])[0]  # of 90 training rows


@pytest.mark.usefixtures("with_the_doctor")
def test_warnings_of_a_training_come_as_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # then the penalty itself is computed at each step, as that of a user's own is, and overflows
    monkeypatch.delattr(L2, "add_grad")
    words = ["--optimizer", "sgd", "--rate", "1e6", "--epochs", "20", "--quiet"]
    _, err = printed(["train", str(IRIS), *words], status=1)
    assert re.fullmatch(r"warning: .* overflows .* \(and \d+ more\)\nfailed: .*\n", err)


@pytest.mark.full
@pytest.mark.usefixtures("with_the_doctor")
def test_the_commands_of_the_readme_run(here: Path) -> None:
    for page in ("README.md", "nn/cli/README.md"):
        text = (HOUSE / page).read_text(encoding="utf-8")
        block = next(b for b in re.findall(r"```sh\n(.*?)```", text, re.S) if "-m nn train" in b)
        commands = re.findall(r"^python -m nn (.+?)(?: +#.*)?$", block, re.MULTILINE)
        assert len(commands) >= 2
        folder = here / page.replace("/", "-")
        folder.mkdir()
        (folder / "nn").symlink_to(HOUSE / "nn")  # as in the repository, where they are run
        with contextlib.chdir(folder):
            for command in commands:
                printed(command.split())


def test_test_rows_that_were_trained_on_and_a_telling_gap_are_noted(here: Path) -> None:
    head = ["size", "cancel date", "left"]
    rows = [
        [i % 17 + i / 64, f"2024-01-{i % 28 + 1:02}" * (i % 3 == 0), "ny"[i % 3 == 0]]
        for i in range(90)
    ]
    written(here / "all.csv", head, rows)
    written(here / "test.csv", head, [*rows[:7], [99.5, "", "n"], [99.6, "", "n"]])
    _, err = printed(["train", "all.csv", "--test-file", "test.csv", *QUICK, "--quiet"])
    assert "note: 7 of 9 rows of test.csv are in all.csv too" in err
    assert '"cancel date" gives the target away: --ignore "cancel date" leaves it out' in err


def test_a_report_has_one_baseline_of_the_mean_and_plain_amounts(here: Path) -> None:
    rows = [[i % 13, 50_000 + 7_000 * (i % 13) + i] for i in range(60)]
    written(here / "money.csv", ["size", "price"], rows)
    out, _ = printed(["train", "money.csv", *QUICK, "--folds", "2"])
    base = next(line for line in out.splitlines() if line.startswith("always the mean"))
    r2, rmse = base.split()[3:5]
    assert f"always predicting the mean of the training rows has {r2})" in out
    assert f"always predicting the mean of the training rows has an RMSE of {rmse}" in out
    assert "e+04" not in out


def test_a_file_is_read_before_its_run_is_given_a_folder(here: Path) -> None:
    written(here / "few.csv", ["size", "kind"], [[i, "ab"[i % 2]] for i in range(40)])
    printed(["train", "few.csv", *QUICK, "--quiet"])
    _, err = printed(["train", "nope.csv"], 2)
    assert err.count("\n") == 1 and "run-2" not in err and "nope.csv" in err


@pytest.mark.filterwarnings("error")
def test_numbers_whose_squares_overflow_are_one_sentence(here: Path) -> None:
    written(here / "big.csv", ["size", "y"], [[i * 1e300, i % 2] for i in range(1, 30)])
    _, err = printed(["train", "big.csv", *QUICK, "--quiet"])
    assert err.splitlines() == [
        'note: "size" holds numbers of up to 3e+301, whose squares overflow: divide them, or '
        "scores beside it may be off"
    ]
