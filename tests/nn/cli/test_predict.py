"""python -m nn predict: a model and a CSV file of new rows to predictions."""

import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn import MLP, Standardizer, iris, load_predictor, save
from nn.io.json_file import digest
from nn.io.predictor import Predictor
from tests.cases import LETTERS, examples
from tests.nn.cli.commands import IRIS, QUICK, files, printed, python_m_nn, table, written


def test_columns_are_found_by_name_in_any_order_and_extra_ones_left_out(
    flowers: Path, here: Path
) -> None:
    data = iris()
    rows = [[*reversed(row), f"flower {i}"] for i, row in enumerate(data.features)]
    written(here / "new.csv", [*reversed(data.feature_names), "name"], rows)
    out, err = printed(["predict", str(flowers), "new.csv"])
    assert err == "note: name ignored, since the model was not trained on it\n"
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


def test_text_dates_and_holes_become_what_they_were_in_training(here: Path) -> None:
    colours, rng = ["green", "red", "blue"], random.Random(0)
    rows: list[list[Any]] = []
    for i in range(60):
        seen = f"2021-{i % 12 + 1:02}-{i % 28 + 1:02}"
        depth = "" if i % 9 == 0 else f"{i % 7 + rng.random():.2f}"
        rows.append(
            [f"p{i}", depth, colours[i % 3], seen, "yn"[i % 2], ["frog", "newt"][i % 3 > 0]]
        )
    names = ["name", "depth", "colour", "seen", "wet", "kind"]
    written(here / "pond.csv", names, rows)
    out, _ = printed(["train", "pond.csv", *QUICK, "--target", "kind"])
    assert "60 rows, 8 features of 4 columns; the target is kind\n" in out
    assert "left out: name (text, 60 different values)\n" in out
    predictor = load_predictor(here / "run" / "model.json")
    assert predictor.columns is not None
    mean = predictor.columns.used[0].fill[0]
    written(here / "new.csv", names[:0:-1], [row[:0:-1] for row in rows[:9]])
    answers, err = printed(["predict", "run", "new.csv"])
    assert err.startswith("note: missing cells: 1 of depth, filled by the training rows\n")
    whole = dict(zip(names, rows[0], strict=True)) | {"depth": mean}
    row = predictor.row({name: x for name, x in whole.items() if name != "name"})
    row[1] = 1.0  # as it was missing
    assert float(table(answers)[0]["probability of frog"]) == pytest.approx(
        predictor.probabilities(row)["frog"], rel=1e-5
    )
    assert (
        predictor.predict(dict(zip(names, rows[4], strict=True)))
        == (table(answers)[4]["predicted kind"])
    )


def test_what_is_unlike_the_rows_of_training_is_noted(flowers: Path, here: Path) -> None:
    lines = IRIS.read_text().splitlines()[:5]
    lines[2] = lines[2].replace("4.9", "490")
    lines[3] = lines[3].replace("4.7", "long")
    (here / "new.csv").write_text("\n".join(lines))
    out, err = printed(["predict", str(flowers), "new.csv"])
    assert [row["predicted species"] == "" for row in table(out)] == [False, False, True, False]
    first, second, third, _ = err.split("\n", 3)
    assert third.startswith("accuracy ") and "of 3 right" in third
    assert first == (
        'note: 1 of 4 rows cannot be used: sepal_length in line 4 is "long"; no prediction for it '
        "(--skip-bad leaves it out)"
    )
    assert second.startswith(
        'note: sepal_length: "490" in line 3 is far outside the training range, 4.'
    )
    out, err = printed(["predict", str(flowers), "new.csv", "--skip-bad", "--keep"])
    assert [row["sepal_length"] for row in table(out)] == ["5.1", "490", "4.6"]
    assert err.startswith(first.partition(";")[0] + "; left out\n") and "of 3 right" in err


def test_a_value_that_was_not_learned_has_no_feature(here: Path) -> None:
    written(here / "pond.csv", ["c", "k"], [["ab"[i % 2], i % 2] for i in range(40)])
    printed(["train", "pond.csv", *QUICK])
    (here / "new.csv").write_text("c\na\nc\nd\n")
    out, err = printed(["predict", "run", "new.csv"])
    assert err == 'note: c: "c" in line 3 and 1 more row did not occur in training: ' + (
        "all its features are 0\n"
    )
    assert len(table(out)) == 3


@pytest.mark.parametrize("hole", ["", "NA"])
def test_a_model_of_before_that_knows_no_columns_still_predicts(
    hole: str, flowers: Path, here: Path
) -> None:
    content = json.loads((flowers / "model.json").read_text())
    content.pop("columns")
    (here / "old.json").write_text(json.dumps(content | {"digest": digest(content)}))
    predictor = load_predictor(here / "old.json")
    assert predictor.columns is None
    lines = IRIS.read_text().splitlines()
    lines[1] = lines[1].replace("5.1", hole)
    (here / "new.csv").write_text("\n".join(lines))
    out, err = printed(["predict", "old.json", "new.csv"])
    assert "note: missing cells: 1 of sepal_length, filled by the training rows" in err
    row = [predictor.scaling.means[0], *iris().features[0][1:]]
    assert table(out)[0]["predicted species"] == predictor.predict(row)
    assert table(out)[1] == table(printed(["predict", str(flowers), "new.csv"])[0])[1]


@pytest.mark.full
@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="there is no such file here")
def test_rows_may_come_through_a_pipe(flowers: Path) -> None:
    run = python_m_nn("predict", str(flowers), "/dev/stdin", "--quiet", stdin=subprocess.PIPE)
    out, err = run.communicate(IRIS.read_text(), timeout=60)
    assert (run.returncode, err, len(table(out))) == (0, "", 150)


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
    change(content)
    path.write_text(json.dumps(content | {"digest": digest(content)}))


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
        (lambda c: c["columns"].pop(), "columns that are not those of its features"),
        (lambda c: c.update(columns=7), "got a damaged one"),
        (lambda c: c["columns"][0].update(kind="colour"), "a column 'sepal_length' of another"),
        (
            lambda c: c["feature_scaling"].update(means=[1e308] * 4, deviations=[1e-308] * 4),
            "needs a model whose predictions are finite, got [nan, nan, nan] for line 2 of ",
        ),
        (
            lambda c: c["parameters"].update(dict.fromkeys(c["parameters"], 1e308)),
            "needs a model whose predictions are finite, got [",
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
        (["no.json", "iris.csv"], "no.json: needs a file that can be read, got 'No such"),
        (
            ["iris.csv", "iris.csv"],
            'iris.csv: needs the format "glassgrad predictor", got no JSON; check the path',
        ),
        (
            ["huge.json", "iris.csv"],
            "huge.json: needs a file of at most 10000000 bytes, got more; pass a larger limit",
        ),
        (
            ["mlp.json", "iris.csv"],
            'mlp.json: needs the format "glassgrad predictor", got "glassgrad model"',
        ),
        ([".", "iris.csv"], ". holds no model.json: name the folder of a run that has ended"),
        (["flowers", "no.csv"], "no.csv: needs a file that can be read"),
        (["flowers", "empty.csv"], "empty.csv: needs rows of cells, got an empty file"),
        (["flowers", "header.csv"], "header.csv: needs rows of data, got only a header on line 1"),
        (
            ["flowers", "twice.csv"],
            'twice.csv line 1: needs a different name for each column, got "sepal_width" 2 times',
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
            "--out iris.csv is there already: choose another, or",
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


PRINTED = LETTERS.filter(lambda letter: category(letter) != "Cc")
NAMES = st.text(PRINTED, min_size=1).map(str.strip).filter(bool)
NUMBERS = st.floats(-1e6, 1e6)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_new_rows_are_read_in_the_notation_of_the_file_learned_from(here: Path) -> None:
    lines = [f"{1000 + 37 * i:,}".replace(",", ".") + f",5;{i}" for i in range(40)]
    (here / "old.csv").write_text("\n".join(["area;y", *lines]))
    printed(["train", "old.csv", *QUICK, "--quiet", "--out", "run"])
    found = []
    for cell in ("1.500", "1500", "1.500,0", "1500.00"):
        (here / "new.csv").write_text(f"area\n{cell}\n")
        found.append(printed(["predict", "run", "new.csv", "--quiet"])[0])
        assert float(table(found[-1])[0]["predicted y"]) == pytest.approx(
            load_predictor(here / "run" / "model.json").predict({"area": cell})
        )
    assert len({*found}) == 1
